//! The command, as the README tells of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sportello-relay");
const KEY: &str = "a-session-key-of-the-tests-0123456789";

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command() -> Command {
    let mut command = Command::new(PROGRAM);
    for name in [
        "SPORTELLO_TOKEN",
        "SPORTELLO_RELAY_CONFIG",
        "SPORTELLO_RELAY_SESSION_KEY",
        "SPORTELLO_API_KEY",
        "SPORTELLO_DATABASE_URL",
    ] {
        command.env_remove(name);
    }
    command
}

fn refusal(command: &mut Command) -> String {
    let done = command.output().unwrap();
    assert!(!done.status.success() && done.stdout.is_empty());
    String::from_utf8(done.stderr).unwrap()
}

/// The README's own session of shell commands, run by a shell against the served simulator.
#[cfg(unix)]
#[test]
fn the_readmes_session_works() {
    let mut served = command();
    served
        .args(["serve", "--simulator", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut served = Served(served.spawn().unwrap());
    let mut lines = BufReader::new(served.0.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().replace("listening on ", "");
    let session = lines
        .next()
        .unwrap()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .to_owned();
    let readme = include_str!("../README.md");
    let script = readme
        .split("```sh curl\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(folder.path())
        .env("RELAY", &url)
        .env("SESSION", &session)
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{out}\n{err}");
    assert!(
        out.contains(r#""phase":"committed""#) && out.contains("event: end"),
        "{out}\n{err}"
    );
    let delivered = std::fs::read(folder.path().join("delivery.zip")).unwrap();
    assert!(delivered.starts_with(b"PK"), "{out}");
}

#[test]
fn sessions_are_made_for_other_programs() {
    let session = |user: &str| {
        let mut made = command();
        made.args(["session", "--user", user, "--ttl", "60", "--cap", "57.00"])
            .env("SPORTELLO_RELAY_SESSION_KEY", KEY);
        made
    };
    let made = session("u-17").output().unwrap();
    assert!(made.status.success());
    let made = String::from_utf8(made.stdout).unwrap();
    let keys = sportello_relay::SessionKeys::parse(KEY).unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let checked = keys.check(made.trim(), now).unwrap();
    assert_eq!(
        (checked.user.as_str(), checked.cap),
        ("u-17", "57.00".parse().ok())
    );
    assert!(keys.check(made.trim(), now + 61).is_none());
    assert!(refusal(&mut session("")).contains("1 to 256"));
    assert!(refusal(command().args(["session", "--user", "u"])).contains("no session key"));
    let mut short = command();
    short
        .args(["session", "--user", "u"])
        .env("SPORTELLO_RELAY_SESSION_KEY", "short");
    assert!(refusal(&mut short).contains("fewer than 32"));
}

#[test]
fn nothing_is_served_that_was_not_decided() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |more: &[&str]| {
        let mut serve = command();
        serve
            .args(["serve", "--folder"])
            .arg(folder.path().join("relay"))
            .args(more);
        serve.env("SPORTELLO_RELAY_SESSION_KEY", KEY);
        serve
    };
    assert!(refusal(&mut serve(&[])).contains("say where"));
    assert!(refusal(&mut serve(&["--environment", "sandbox"])).contains("no token"));
    let mut nothing = serve(&["--environment", "sandbox"]);
    nothing.env("SPORTELLO_TOKEN", "TOKEN-CANARY");
    let told = refusal(&mut nothing);
    assert!(
        told.contains("nothing is offered") && !told.contains("CANARY"),
        "{told}"
    );
    let file = folder.path().join("relay.toml");
    std::fs::write(&file, "servces = []\n").unwrap();
    assert!(refusal(serve(&["--config"]).arg(&file)).contains("servces"));
    std::fs::write(
        &file,
        "environment = \"sandbox\"\nservices = [\"assegno-unico\"]\norigins = [\"*\"]\n",
    )
    .unwrap();
    let mut wide = serve(&["--config"]);
    wide.arg(&file).env("SPORTELLO_TOKEN", "TOKEN-CANARY");
    assert!(refusal(&mut wide).contains("not the origin"));
    let mut database = serve(&["--environment", "sandbox", "--service", "assegno-unico"]);
    database.env("SPORTELLO_TOKEN", "TOKEN-CANARY");
    database.env(
        "SPORTELLO_DATABASE_URL",
        "postgres://u:PASSWORD-CANARY@127.0.0.1:9/db",
    );
    let told = refusal(&mut database);
    assert!(!told.contains("CANARY"), "{told}");
    let keyless = refusal(serve(&["--environment", "sandbox"]).env_remove("SPORTELLO_RELAY_SESSION_KEY"));
    assert!(keyless.contains("no session key"));
}
