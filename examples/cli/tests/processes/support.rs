//! Processes of one's own: the command, the simulator, and plain calls to their controls.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// How often, as the environment says it, or as often as a quick run does.
pub(crate) fn rounds(name: &str, quick: u64) -> u64 {
    let given = std::env::var(format!("SPORTELLO_PROVE_{name}")).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(quick)
}

/// The seed of this run, printed so that it can be given again.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("SPORTELLO_PROVE_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u64::try_from(now.unwrap().as_millis() % 1_000_000_007).unwrap()
    });
    println!("SPORTELLO_PROVE_SEED={seed}");
    seed
}

/// SplitMix64: chance that can be had again.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % most.max(1)
    }
}

pub(crate) fn sportello(arguments: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sportello"));
    command
        .args(arguments)
        .current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .env_remove("SPORTELLO_TOKEN");
    command
}

/// The simulator as a process of its own.
pub(crate) struct Counter {
    child: Child,
    pub(crate) url: String,
}

impl Counter {
    pub(crate) fn open(stage_ms: u64) -> Counter {
        let stage_ms = stage_ms.to_string();
        let words = [
            "--json",
            "simulator",
            "--wallet",
            "1000000.00",
            "--stage-ms",
            &stage_ms,
        ];
        let mut child = sportello(&words.map(str::to_owned))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = said["baseUrl"].as_str().unwrap().to_owned();
        Counter { child, url }
    }

    pub(crate) fn control(&self, method: &str, command: &str, body: &str) -> Value {
        http(method, &format!("{}/_simulator/{command}", self.url), body)
    }

    /// The submissions that were charged, in order, one for each charge.
    pub(crate) fn charged(&self) -> Vec<String> {
        let ledger = self.control("GET", "ledger", "");
        let charges = ledger["charges"].as_array().unwrap();
        (charges.iter())
            .map(|charge| charge["submission"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A plain call to an address on this machine, answered in JSON.
pub(crate) fn http(method: &str, url: &str, body: &str) -> Value {
    let rest = url.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{url}: {head} {body}");
    serde_json::from_str(body).unwrap_or_default()
}

/// What is handed in, and where the pieces of it lie.
pub(crate) struct Errand {
    pub(crate) url: String,
    pub(crate) journal: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) docuengine: bool,
    pub(crate) reference: String,
    /// Bring the documents back as well.
    pub(crate) apply: bool,
}

impl Errand {
    pub(crate) fn out(&self) -> PathBuf {
        self.folder.join(&self.reference)
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let mut words: Vec<String> = vec!["--simulator".into(), "--base-url".into(), self.url.clone()];
        words.extend(["--journal".into(), path(&self.journal)]);
        words.extend(["--commit-timeout", "1", "--quiet-margin", "1"].map(str::to_owned));
        let (service, answers, price) = if self.docuengine {
            words.extend(["--provider", "docuengine"].map(str::to_owned));
            let answers = self.folder.join("statute.json");
            if !answers.exists() {
                // Renamed into place, because several threads may write it.
                let own = self.folder.join(format!("statute-{}", self.reference));
                std::fs::write(&own, r#"{"taxCode":"12485671007"}"#).unwrap();
                std::fs::rename(&own, &answers).unwrap();
            }
            ("Statuto", path(&answers), "4.90")
        } else {
            (
                "assegno-unico",
                "examples/data/assegno-unico.json".to_owned(),
                "19.00",
            )
        };
        words.push(if self.apply { "apply" } else { "submit" }.to_owned());
        words.extend([service, "--answers", &answers, "--confirm-price", price].map(str::to_owned));
        words.extend(["--allow-duplicate", "--reference", &self.reference].map(str::to_owned));
        if self.apply {
            words.extend(["--out".to_owned(), path(&self.out())]);
        }
        words
    }

    pub(crate) fn start(&self) -> Child {
        let mut command = sportello(&self.arguments());
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub(crate) fn run(&self) -> Output {
        sportello(&self.arguments()).output().unwrap()
    }

    /// The same command until it ends well; how often it took.
    #[track_caller]
    pub(crate) fn to_the_end(&self, most: u32) -> u32 {
        let mut last = String::new();
        for time in 1..=most {
            let output = self.run();
            if output.status.success() {
                return time;
            }
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            last = format!(
                "{:?} {} {}",
                output.status,
                text(&output.stdout),
                text(&output.stderr)
            );
        }
        panic!("{} did not end well in {most} times: {last}", self.reference);
    }

    /// The provider's id of it, as the journal knows it, and its stage.
    pub(crate) fn entry(&self) -> Value {
        let mut words: Vec<String> = vec!["--simulator".into(), "--base-url".into(), self.url.clone()];
        words.extend(["--journal".into(), self.journal.to_str().unwrap().to_owned()]);
        if self.docuengine {
            words.extend(["--provider", "docuengine"].map(str::to_owned));
        }
        words.extend(["--json".into(), "journal".into(), self.reference.clone()]);
        let output = sportello(&words).output().unwrap();
        let entries: Value = serde_json::from_slice(&output.stdout).unwrap();
        entries[0].clone()
    }
}

/// Every errand is journalled with an id that the ledger charged exactly once, and nothing else was charged.
#[track_caller]
pub(crate) fn each_charged_once(counter: &Counter, errands: &[Errand]) {
    let charged = counter.charged();
    for errand in errands {
        let entry = errand.entry();
        let id = entry["id"].as_str().unwrap_or_default();
        let times = charged.iter().filter(|charge| *charge == id).count();
        assert_eq!(
            times, 1,
            "{} ({id}) was charged {times} times: {entry}",
            errand.reference
        );
        if errand.apply {
            assert_eq!(entry["stage"], "delivered", "{entry}");
            let documents = std::fs::read_dir(errand.out()).unwrap().count();
            assert!(documents > 0, "{} has no documents", errand.reference);
        }
    }
    assert_eq!(
        charged.len(),
        errands.len(),
        "charges beside those of the references"
    );
}
