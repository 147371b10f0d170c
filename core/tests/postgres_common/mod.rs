//! A PostgreSQL server for tests: the one that `SPORTELLO_TEST_POSTGRES` names, a schema of its own for each test.

#![allow(dead_code, reason = "each test program uses a part")]

use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

const URL: &str = "SPORTELLO_TEST_POSTGRES";
/// A program that stops the server as a crash would, and starts it again.
const RESTART: &str = "SPORTELLO_TEST_POSTGRES_RESTART";

/// A restart ends everybody's connections, so it waits for the other tests, and they for it.
static GATE: RwLock<()> = RwLock::new(());

/// The server, for as long as a test uses it.
pub(crate) struct Server {
    url: String,
    _gate: RwLockReadGuard<'static, ()>,
}

/// Says that something was left out: past the test harness, which keeps to itself what a test that passes prints.
pub(crate) fn skipped(what: &str) {
    let line = format!("SKIPPED postgres: {what}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The server's URL; without one, says that a test is left out.
fn url(test: &str) -> Option<String> {
    let url = std::env::var(URL).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        skipped(&format!(
            "{test}: {URL} names no server; `cargo xtask test rust` starts one"
        ));
    }
    url
}

/// The server, shared with the other tests.
pub(crate) fn server(test: &str) -> Option<Server> {
    let url = url(test)?;
    let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
    Some(Server { url, _gate })
}

/// The server for a test that stops it, and what starts it again.
pub(crate) fn server_alone(test: &str) -> Option<(Alone, impl Fn())> {
    let url = url(test)?;
    let Ok(program) = std::env::var(RESTART) else {
        skipped(&format!("{test}: {RESTART} names no program"));
        return None;
    };
    let _gate = GATE.write().unwrap_or_else(PoisonError::into_inner);
    let restart = move || {
        let output = Command::new(&program).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    Some((Alone { url, _gate }, restart))
}

/// The server, with nobody else on it.
pub(crate) struct Alone {
    url: String,
    _gate: RwLockWriteGuard<'static, ()>,
}

impl Server {
    /// An empty schema.
    pub(crate) fn schema(&self) -> Schema {
        Schema::new(&self.url)
    }
}

impl Alone {
    /// An empty schema.
    pub(crate) fn schema(&self) -> Schema {
        Schema::new(&self.url)
    }
}

/// A schema that is removed when it is dropped.
pub(crate) struct Schema {
    admin: Config,
    name: String,
}

impl Schema {
    fn new(url: &str) -> Schema {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "test_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let schema = Schema {
            admin: url.parse().unwrap(),
            name,
        };
        schema.sql(&format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    /// Its name, which is the name of its connections too.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A URL whose tables are this schema's.
    pub(crate) fn url(&self) -> String {
        self.url_at(&self.host(), self.port(), "")
    }

    /// The same by another way, with more options: `&sslmode=require`.
    pub(crate) fn url_at(&self, host: &str, port: u16, options: &str) -> String {
        self.url_as(self.admin.get_password().unwrap_or_default(), host, port, options)
    }

    /// The same with another password.
    pub(crate) fn url_as(&self, password: &[u8], host: &str, port: u16, options: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let user = encoded(self.admin.get_user().unwrap_or("postgres"));
        let password = encoded(std::str::from_utf8(password).unwrap());
        let database = encoded(self.admin.get_dbname().unwrap_or("postgres"));
        let name = &self.name;
        let host = if host.starts_with('/') {
            encoded(host)
        } else {
            host.to_owned()
        };
        format!(
            "postgres://{user}:{password}@{host}:{port}/{database}?options=-csearch_path%3D{name}&application_name={name}{options}"
        )
    }

    pub(crate) fn host(&self) -> String {
        match &self.admin.get_hosts()[0] {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.to_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.admin.get_ports().first().copied().unwrap_or(5432)
    }

    /// Runs statements in this schema on a connection of their own; gives the first column of what they select.
    pub(crate) fn sql(&self, statements: &str) -> Vec<String> {
        self.session().run(statements)
    }

    /// A connection that stays until it is dropped.
    pub(crate) fn session(&self) -> Session {
        let mut config = self.admin.clone();
        config.options(format!("-csearch_path={}", self.name));
        config.application_name("sportello test");
        Session::new(config)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.sql(&format!(
            "SET client_min_messages = warning; DROP SCHEMA {} CASCADE",
            self.name
        ));
    }
}

/// A connection of a test's own, on a thread of its own: tests may stand in an async runtime.
pub(crate) struct Session {
    statements: std::sync::mpsc::Sender<String>,
    answers: std::sync::mpsc::Receiver<Result<Vec<String>, tokio_postgres::Error>>,
}

impl Session {
    fn new(config: Config) -> Session {
        let (statements, asked) = std::sync::mpsc::channel::<String>();
        let (answer, answers) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let client = runtime.block_on(async {
                let (client, connection) = config.connect(NoTls).await.unwrap();
                tokio::spawn(connection);
                client
            });
            while let Ok(statements) = asked.recv() {
                let messages = runtime.block_on(client.simple_query(&statements));
                let values = |messages: Vec<SimpleQueryMessage>| {
                    let value = |message: SimpleQueryMessage| match message {
                        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
                        _ => None,
                    };
                    messages.into_iter().filter_map(value).collect()
                };
                answer.send(messages.map(values)).unwrap();
            }
        });
        Session { statements, answers }
    }

    pub(crate) fn run(&self, statements: &str) -> Vec<String> {
        self.try_run(statements)
            .unwrap_or_else(|error| panic!("{error:?}: {statements}"))
    }

    pub(crate) fn try_run(&self, statements: &str) -> Result<Vec<String>, tokio_postgres::Error> {
        self.statements.send(statements.to_owned()).unwrap();
        self.answers.recv().unwrap()
    }
}
