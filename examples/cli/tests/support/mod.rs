//! The command as a process, and the simulator as another.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn sportello(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sportello"));
    command
        .args(arguments)
        .current_dir(repository())
        .stdin(Stdio::null());
    command.env_remove("SPORTELLO_TOKEN").env("LC_ALL", "C");
    command
}

pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    shown(sportello(arguments).output().unwrap())
}

pub(crate) fn shown(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The simulator as a process of its own.
pub(crate) struct Running {
    child: std::process::Child,
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Running {
    pub(crate) fn start() -> Running {
        let mut child = sportello(&["--json", "simulator", "--stage-ms", "50"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(child.stdout.as_mut().unwrap()),
            &mut line,
        )
        .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| said[key].as_str().unwrap().to_owned();
        Running {
            child,
            url: text("baseUrl"),
            token: text("token"),
        }
    }

    pub(crate) fn charges(&self) -> usize {
        self.ledger()["charges"].as_array().unwrap().len()
    }

    /// The ledger, asked for with a plain request.
    pub(crate) fn ledger(&self) -> Value {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /_simulator/ledger HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let json = body
            .get(body.find('{').unwrap()..=body.rfind('}').unwrap())
            .unwrap();
        serde_json::from_str(json).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
