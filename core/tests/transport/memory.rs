//! Memory does not grow with what is sent or received. Each case runs in a process of its own, whose peak is read at the end.
#![cfg(target_os = "linux")]

use std::process::Command;

use sportello::client::transport::{Perform, Transport, TransportConfig};
use sportello::http::Failure;
use sportello::model::Source;

use super::limits::flood;
use super::server::serve;
use super::uploads::{Endless, file, fill, text};
use super::{commit, config, document, transport, within};

const CHILD: &str = "SPORTELLO_TRANSPORT_MEMORY_CHILD";

/// What a call may take above an idle process, its server in the same process included.
const ALLOWED_KIB: u64 = 24 * 1024;

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':')
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .unwrap()
}

/// Runs `work` in a process that does nothing else.
fn alone(test: &str, work: impl AsyncFnOnce()) {
    if std::env::var_os(CHILD).is_none() {
        let exe = std::env::current_exe().unwrap();
        let name = format!("memory::{test}");
        let child = Command::new(exe)
            .args(["--exact", &name, "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            .output();
        let child = child.unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(
            child.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&child.stderr)
        );
        // It did run, and not merely succeed in running nothing.
        assert!(
            said.contains("1 passed") && said.contains("peak above idle"),
            "{said}"
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let idle = status("VmRSS");
    runtime.block_on(work());
    let peak = status("VmHWM").saturating_sub(idle);
    println!("peak above idle: {peak} KiB");
    assert!(peak < ALLOWED_KIB, "{peak} KiB");
}

#[test]
fn three_files_up() {
    alone("three_files_up", async || {
        let server = serve(|mut conn| async move {
            conn.drain().await;
        })
        .await;
        let size = 20 * 1024 * 1024;
        let files = || file(Source::Reader(std::sync::Arc::new(Zeros(size))), size, None);
        let request = fill(vec![
            text("{\"a\":\""),
            files(),
            text("\",\"b\":\""),
            files(),
            files(),
            text("\"}"),
        ]);
        let sent = std::sync::atomic::AtomicU64::new(0);
        let tell = |now, _| sent.store(now, std::sync::atomic::Ordering::Relaxed);
        // The server takes everything and says nothing.
        let call = Perform {
            on_progress: Some(&tell),
            ..within(600_000)
        };
        let call = tokio::time::timeout(std::time::Duration::from_secs(300), async {
            let transport = transport(&server.origin);
            let sending = transport.perform(&request, call);
            let all = request.body.as_ref().unwrap().content_length();
            let done = async {
                while sent.load(std::sync::atomic::Ordering::Relaxed) < all {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            };
            tokio::select! { failed = sending => panic!("{failed:?}"), () = done => () }
        });
        call.await.unwrap();
    });
}

/// So many zeros.
struct Zeros(usize);

impl sportello::model::SourceReader for Zeros {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        use std::io::Read as _;
        Ok(Box::new(Endless.open()?.take(self.0 as u64)))
    }
}

#[test]
fn ten_gigabytes_down() {
    alone("ten_gigabytes_down", async || {
        for (head, chunked) in [
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", false),
        ] {
            let server = flood(head, chunked, "", 0).await;
            let failure = transport(&server.origin)
                .perform(&commit(), within(60_000))
                .await
                .unwrap_err();
            assert_eq!(failure, Failure::Unreadable);
        }
    });
}

#[test]
fn a_long_document_down() {
    alone("a_long_document_down", async || {
        let server = flood(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            true,
            r#"{"data":{"file":""#,
            b'A',
        )
        .await;
        let config = TransportConfig {
            max_file_bytes: 60 * 1024 * 1024,
            ..config(&server.origin)
        };
        let sink = tempfile::NamedTempFile::new().unwrap();
        let options = Perform {
            sink: Some(sink.path()),
            ..within(300_000)
        };
        let failure = Transport::new(config)
            .unwrap()
            .perform(&document(), options)
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::Unreadable);
        // All of it went to the disk; by the path, because the file is made anew.
        assert!(std::fs::metadata(sink.path()).unwrap().len() > 59 * 1024 * 1024);
    });
}
