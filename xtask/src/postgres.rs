//! A PostgreSQL server for tests: found or installed, made in a folder of its own, stopped and removed afterwards.
//!
//! It listens on a free port of this machine only and asks for a password that nobody else knows; `fsync` is on, because what is
//! tested is whether writes last. A run that was interrupted leaves its server behind; the next one removes it.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::Project;
use crate::setup::{is_root, missing, quiet, text, which};
use crate::shell::Shell;

/// The variable by which tests find the server: a URL with user and password.
pub(crate) const URL: &str = "SPORTELLO_TEST_POSTGRES";

/// The variable that names a program which stops the server as a crash would, and starts it again.
const RESTART: &str = "SPORTELLO_TEST_POSTGRES_RESTART";

/// How often another free port is tried: somebody else may be faster.
const ATTEMPTS: u32 = 3;

/// A running server. It ends with this value, however the tests ended.
pub(crate) struct Postgres {
    cluster: Cluster,
    url: String,
    /// Says in the cache that the folder is ours.
    record: PathBuf,
}

/// The files of a server, and how to run PostgreSQL's programs on them.
struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// What stands before a program, to run it as a user that PostgreSQL accepts.
    prefix: Vec<String>,
}

impl Postgres {
    /// Makes a server and starts it. A machine without PostgreSQL on which nothing may be installed gives
    /// [`Missing`](crate::setup::Missing).
    pub(crate) fn start(project: &Project, shell: &mut Shell) -> Result<Postgres> {
        let programs = prepare(project, shell)?;
        let user = server_user()?;
        let records = project.cache.path("postgres");
        fs::create_dir_all(&records)?;
        remove_left_behind(&records, &programs, user.as_deref());
        let folder = std::env::temp_dir().join(format!("sportello-postgres-{}", std::process::id()));
        let record = records.join(std::process::id().to_string());
        make_private(&folder)?;
        fs::write(&record, text(&folder)?)?;
        let mut server = Postgres {
            cluster: Cluster {
                folder,
                programs,
                prefix: prefix(user.as_deref())?,
            },
            url: String::new(),
            record,
        };
        // From here on the folder goes when this function fails.
        server.url = server.cluster.make(shell, user.as_deref())?;
        Ok(server)
    }

    /// `postgres://user:password@127.0.0.1:port/postgres`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Tells a test's command where the server is, and how to make it crash.
    pub(crate) fn announce(&self, command: &mut Command) {
        command
            .env(URL, self.url())
            .env(RESTART, self.cluster.folder.join("restart"));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.cluster.remove() {
            eprintln!("{error:#}");
        } else {
            let _ = fs::remove_file(&self.record);
        }
    }
}

/// Makes sure that PostgreSQL is here; gives the folder of its programs.
pub(crate) fn prepare(project: &Project, shell: &mut Shell) -> Result<PathBuf> {
    if !cfg!(unix) {
        return Err(missing(
            "a PostgreSQL server for tests is started on Unix only".to_owned(),
        ));
    }
    project
        .setup
        .apt(shell, "PostgreSQL", &["postgresql"], || programs().is_some())?;
    programs().context("PostgreSQL's programs")
}

/// The folder of PostgreSQL's programs. Debian keeps the server's out of the `PATH`.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for (base, inner) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        let mut found: Vec<(u32, PathBuf)> = fs::read_dir(base)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let version = name.trim_start_matches("postgresql@").parse().ok()?;
                Some((version, entry.path().join(inner)))
            })
            .collect();
        found.sort();
        folders.extend(found.into_iter().rev().map(|(_, folder)| folder));
    }
    folders.extend(which("initdb").and_then(|path| Some(path.canonicalize().ok()?.parent()?.to_owned())));
    folders.push("/usr/local/pgsql/bin".into());
    let complete = |folder: &PathBuf| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    folders.into_iter().find(complete)
}

/// The user that the server runs as, where it can't be ours: PostgreSQL refuses root.
fn server_user() -> Result<Option<String>> {
    if !is_root() {
        return Ok(None);
    }
    let known = |user: &&str| quiet(Command::new("id").args(["-u", user]));
    match ["postgres", "nobody"].iter().find(|user| known(user)) {
        Some(user) => Ok(Some((*user).to_owned())),
        None => Err(missing(
            "PostgreSQL refuses root, and there is neither a user `postgres` nor `nobody`".to_owned(),
        )),
    }
}

fn prefix(user: Option<&str>) -> Result<Vec<String>> {
    let Some(user) = user else {
        return Ok(Vec::new());
    };
    let words = if which("runuser").is_some() {
        vec!["runuser", "-u", user, "--"]
    } else if which("setpriv").is_some() {
        vec![
            "setpriv",
            "--reuid",
            user,
            "--regid",
            user,
            "--clear-groups",
            "--",
        ]
    } else {
        return Err(missing(
            "PostgreSQL refuses root, and there is neither `runuser` nor `setpriv`".to_owned(),
        ));
    };
    Ok(words.into_iter().map(str::to_owned).collect())
}

/// A folder that nobody else may look into, and that was not there before.
fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("creating {}", folder.display()))
}

impl Cluster {
    /// Makes the server's files and starts it; gives the URL.
    fn make(&self, shell: &mut Shell, user: Option<&str>) -> Result<String> {
        let password = password()?;
        let password_file = self.folder.join("password");
        fs::write(&password_file, &password)?;
        self.hand_over(user)?;
        let mut initdb = self.program(shell, "initdb");
        initdb
            .args(["--username=sportello", "--encoding=UTF8", "--locale=C"])
            .args(["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"])
            .arg(format!("--pwfile={}", text(&password_file)?))
            .arg("--pgdata")
            .arg(self.data());
        shell.run("make a PostgreSQL server", &mut initdb)?.require()?;
        fs::remove_file(&password_file)?;
        self.write_restart()?;
        for attempt in 1..=ATTEMPTS {
            let port = self.configure()?;
            let mut start = self.program(shell, "pg_ctl");
            start
                .args(["start", "--wait", "--pgdata"])
                .arg(self.data())
                .arg("--log")
                .arg(self.folder.join("log"));
            let mut done = shell.run(&format!("start it on port {port}"), &mut start)?;
            if done.ok() {
                return Ok(format!(
                    "postgres://sportello:{password}@127.0.0.1:{port}/postgres"
                ));
            }
            if attempt == ATTEMPTS {
                done.refuse(&fs::read_to_string(self.folder.join("log")).unwrap_or_default());
                return Err(done.error());
            }
        }
        bail!("the server was never started")
    }

    /// Gives the folder to the server's user.
    fn hand_over(&self, user: Option<&str>) -> Result<()> {
        let Some(user) = user else {
            return Ok(());
        };
        let mut chown = Command::new("chown");
        if quiet(chown.args(["-R", user]).arg(&self.folder)) {
            Ok(())
        } else {
            bail!("{} can't be given to the user {user}", self.folder.display())
        }
    }

    /// Adds a port that is free now, and what a test needs besides.
    fn configure(&self) -> Result<u16> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = text(&self.folder)?.replace('\'', "''");
        let mut settings = fs::OpenOptions::new()
            .append(true)
            .open(self.data().join("postgresql.conf"))?;
        // Later lines count.
        write!(
            settings,
            "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{folder}'\n\
             fsync = on\nfull_page_writes = on\nsynchronous_commit = on\nmax_connections = 200\nshared_buffers = 32MB\n"
        )?;
        Ok(port)
    }

    /// The program by which a test makes the server crash: without a last word, as in a power cut, and back again.
    fn write_restart(&self) -> Result<()> {
        let path = self.folder.join("restart");
        let mut words: Vec<String> = self.prefix.clone();
        words.push(text(&self.programs.join("pg_ctl"))?.to_owned());
        words.extend(["restart", "--mode=immediate", "--wait", "--pgdata"].map(str::to_owned));
        words.push(text(&self.data())?.to_owned());
        words.push("--log".to_owned());
        words.push(text(&self.folder.join("log"))?.to_owned());
        let quoted: Vec<String> = words
            .iter()
            .map(|word| format!("'{}'", word.replace('\'', r"'\''")))
            .collect();
        fs::write(&path, format!("#!/bin/sh\ncd / && exec {}\n", quoted.join(" ")))?;
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// One of PostgreSQL's programs, as the server's user, in a folder that this user may enter.
    fn program(&self, shell: &Shell, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match self.prefix.split_first() {
            None => shell.command(program),
            Some((first, rest)) => {
                let mut command = shell.command(first);
                command.args(rest).arg(program);
                command
            }
        };
        command.current_dir("/").env("LC_ALL", "C");
        command
    }

    /// Stops the server, if it runs, and removes its files.
    fn remove(&self) -> Result<()> {
        if self.data().join("postmaster.pid").exists() {
            let mut words = self.prefix.iter().map(PathBuf::from).collect::<Vec<_>>();
            words.push(self.programs.join("pg_ctl"));
            let mut words = words.into_iter();
            let mut stop = Command::new(words.next().context("a program")?);
            stop.args(words)
                .args(["stop", "--mode=immediate", "--wait", "--pgdata"])
                .arg(self.data())
                .current_dir("/")
                .stdin(Stdio::null());
            if !quiet(&mut stop) && self.data().join("postmaster.pid").exists() {
                bail!(
                    "the PostgreSQL server in {} can't be stopped",
                    self.folder.display()
                );
            }
        }
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing {}", self.folder.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Ends the servers of runs that were interrupted, by what they wrote down in the cache.
fn remove_left_behind(records: &Path, programs: &Path, user: Option<&str>) {
    for record in fs::read_dir(records).into_iter().flatten().flatten() {
        let name = record.file_name();
        let alive = quiet(Command::new("kill").arg("-0").arg(&name));
        let (Ok(folder), Ok(prefix), false) = (fs::read_to_string(record.path()), prefix(user), alive) else {
            continue;
        };
        let cluster = Cluster {
            folder: PathBuf::from(folder),
            programs: programs.to_owned(),
            prefix,
        };
        match cluster.remove() {
            Ok(()) => drop(fs::remove_file(record.path())),
            Err(error) => eprintln!("{error:#}"),
        }
    }
}

/// 128 bits in hexadecimal.
fn password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("reading /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_another_each_time() {
        let (one, two) = (password().unwrap(), password().unwrap());
        assert!(one.len() == 32 && one != two);
    }

    #[test]
    fn a_folder_that_is_there_already_is_not_ours() {
        let folder = std::env::temp_dir().join(format!("sportello-xtask-private-{}", std::process::id()));
        make_private(&folder).unwrap();
        assert!(make_private(&folder).is_err());
        fs::remove_dir(&folder).unwrap();
    }
}
