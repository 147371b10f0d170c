//! Bodies on their way up.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sportello::client::transport::{Perform, Transport, TransportConfig};
use sportello::http::{Body, Call, Failure, HttpRequest, Method, Segment};
use sportello::model::{Source, SourceReader};

use super::server::{Conn, header, nobody, serve};
use super::{config, transport, within};

/// Bytes that never repeat in a convenient way.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

pub(crate) fn fill(segments: Vec<Segment>) -> HttpRequest {
    HttpRequest::new(Call::Fill, Method::Put, "/richiesta/5f22").with_body(Body::from_segments(segments))
}

pub(crate) fn file(source: Source, size: usize, sha256: Option<String>) -> Segment {
    Segment::Base64 {
        source,
        size: size as u64,
        sha256,
    }
}

pub(crate) fn text(text: &str) -> Segment {
    Segment::Text(text.to_owned())
}

fn bytes(bytes: &[u8]) -> Source {
    Source::Bytes(bytes.into())
}

/// Heads and bodies of the requests a server took.
type Taken = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Takes one request and answers 200.
async fn taking(into: Taken) -> super::server::Server {
    serve(move |mut conn| {
        let into = Arc::clone(&into);
        async move {
            while let Some(request) = conn.request().await {
                into.lock().unwrap().push((request.head, request.body));
                conn.answer("200 OK", "{}").await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn the_same_bytes_as_encoding_it_whole() {
    let taken = Arc::default();
    let server = taking(Arc::clone(&taken)).await;
    let transport = transport(&server.origin);
    for size in [
        0,
        1,
        2,
        3,
        4,
        48 * 1024 - 1,
        48 * 1024,
        48 * 1024 + 1,
        3 * 48 * 1024,
        1_000_003,
    ] {
        let content = noise(size);
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), &content).unwrap();
        let digest = sha256(&content);
        let request = fill(vec![
            text("{\"a\":\""),
            file(bytes(&content), size, Some(digest.clone())),
            Segment::Bytes(b"\",\"b\":\"".to_vec()),
            file(
                Source::Path(path.path().to_owned()),
                size,
                Some(digest.to_ascii_uppercase()),
            ),
            text(""),
            file(Source::Reader(Arc::new(Slow(content.clone()))), size, None),
            text("\"}"),
        ]);
        let told = Mutex::new(Vec::new());
        let tell = |sent, total| told.lock().unwrap().push((sent, total));
        let options = Perform {
            on_progress: Some(&tell),
            ..within(20_000)
        };
        assert_eq!(transport.perform(&request, options).await.unwrap().status, 200);
        let encoded = STANDARD.encode(&content);
        let expected = format!("{{\"a\":\"{encoded}\",\"b\":\"{encoded}{encoded}\"}}");
        let (head, body): (String, Vec<u8>) = taken.lock().unwrap().pop().unwrap();
        assert!(body == expected.as_bytes(), "{size}");
        assert_eq!(
            header(&head, "content-length"),
            Some(expected.len().to_string().as_str())
        );
        assert_eq!(header(&head, "transfer-encoding"), None);
        let told = told.into_inner().unwrap();
        assert!(told.is_sorted() && told.iter().all(|(_, total)| *total == expected.len() as u64));
        assert_eq!(told.last(), Some(&(expected.len() as u64, expected.len() as u64)));
    }
}

#[tokio::test]
async fn progress_is_told_while_it_happens() {
    let go = Arc::new(tokio::sync::Notify::new());
    let wait = Arc::clone(&go);
    let server = serve(move |mut conn| {
        let wait = Arc::clone(&wait);
        async move {
            conn.read(&mut Vec::new()).await;
            wait.notified().await;
            conn.drain_and_answer().await;
        }
    })
    .await;
    // More than what two sockets can hold, so that it can't all have been sent before the first word of it.
    let content = noise(24 * 1024 * 1024);
    let total = Body::from_segments(vec![file(bytes(&content), content.len(), None)]).content_length();
    let tell = |sent: u64, of: u64| {
        assert_eq!(of, total);
        if sent > 0 && sent < total {
            go.notify_one();
        }
    };
    let options = Perform {
        on_progress: Some(&tell),
        ..within(60_000)
    };
    let request = fill(vec![file(bytes(&content), content.len(), None)]);
    let response = transport(&server.origin)
        .perform(&request, options)
        .await
        .unwrap();
    assert_eq!(response.status, 200);
}

impl Conn<tokio::net::TcpStream> {
    /// Takes whatever is still coming, and answers when nothing more comes for a while.
    async fn drain_and_answer(mut self) {
        let mut piece = Vec::new();
        while let Ok(read) = tokio::time::timeout(Duration::from_secs(2), self.read(&mut piece)).await {
            piece.clear();
            if read == 0 {
                return;
            }
        }
        self.answer("200 OK", "{}").await;
    }
}

#[tokio::test]
async fn files_are_not_opened_for_nothing() {
    let opened = Arc::new(AtomicUsize::new(0));
    let source = Source::Reader(Arc::new(Counted {
        opened: Arc::clone(&opened),
        dropped: Arc::default(),
    }));
    let request = fill(vec![file(source, 10, None)]);
    let failure = transport(&nobody().await)
        .perform(&request, within(2000))
        .await
        .unwrap_err();
    assert_eq!(
        (failure, opened.load(Ordering::SeqCst)),
        (Failure::Unreachable, 0)
    );
}

#[tokio::test]
async fn an_answer_before_the_upload_is_taken_and_the_rest_is_not_sent() {
    // It says no at the first words, reads nothing more and keeps the connection.
    let server = serve(|mut conn| async move {
        conn.read(&mut Vec::new()).await;
        conn.answer("413 Content Too Large", "{\"error\":413}").await;
        conn.hang().await;
    })
    .await;
    let (opened, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let source = Source::Reader(Arc::new(Counted {
        opened: Arc::clone(&opened),
        dropped: Arc::clone(&dropped),
    }));
    let request = fill(vec![file(source, 1 << 30, None)]);
    let response = transport(&server.origin)
        .perform(&request, within(5000))
        .await
        .unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (413, b"{\"error\":413}".as_slice())
    );
    // Whoever was reading the file has stopped, although the connection still stands.
    for _ in 0..200 {
        if opened.load(Ordering::SeqCst) == dropped.load(Ordering::SeqCst) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the file is still being read");
}

#[tokio::test]
async fn an_answer_that_its_own_connection_may_swallow() {
    // Closing while something is unread resets, which may overtake the answer: both are true, a third thing is not.
    for _ in 0..10 {
        let server = serve(|mut conn| async move {
            conn.read(&mut Vec::new()).await;
            conn.answer("413 Content Too Large", "{}").await;
        })
        .await;
        let request = fill(vec![file(
            Source::Reader(Arc::new(Endless)),
            64 * 1024 * 1024,
            None,
        )]);
        let outcome = transport(&server.origin).perform(&request, within(20_000)).await;
        let outcome = outcome.map(|response| response.status);
        assert!(
            matches!(outcome, Ok(413) | Err(Failure::Interrupted)),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_stops_reading_is_given_up_in_silence() {
    let server = serve(Conn::hang).await;
    let config = TransportConfig {
        attempt_timeout: Duration::from_millis(500),
        ..config(&server.origin)
    };
    let request = fill(vec![file(Source::Reader(Arc::new(Endless)), 1 << 30, None)]);
    // By its size this upload might take nine hours.
    let transport = Transport::new(config).unwrap();
    let failure = transport.perform(&request, Perform::default());
    let failure = tokio::time::timeout(Duration::from_secs(20), failure)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(failure, Failure::Timeout);
}

#[tokio::test]
async fn a_slow_upload_that_moves_is_not_given_up() {
    let server = taking(Arc::default()).await;
    let config = TransportConfig {
        attempt_timeout: Duration::from_millis(600),
        ..config(&server.origin)
    };
    // Two megabytes take longer than the silence that is allowed, but every piece comes in time.
    let request = fill(vec![file(
        Source::Reader(Arc::new(Dawdling)),
        2 * 1024 * 1024,
        None,
    )]);
    let response = Transport::new(config)
        .unwrap()
        .perform(&request, Perform::default())
        .await;
    assert_eq!(response.unwrap().status, 200);
}

#[tokio::test]
async fn dropping_the_call_ends_the_upload_before_its_end() {
    let end = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&end);
    let server = serve(move |mut conn| {
        let seen = Arc::clone(&seen);
        async move {
            let all = conn.drain().await;
            *seen.lock().unwrap() = Some(all);
        }
    })
    .await;
    let size = 256 * 1024 * 1024;
    let request = fill(vec![file(Source::Reader(Arc::new(Endless)), size, None)]);
    let transport = transport(&server.origin);
    let call = transport.perform(&request, within(60_000));
    assert!(
        tokio::time::timeout(Duration::from_millis(300), call)
            .await
            .is_err()
    );
    let mut got = None;
    for _ in 0..500 {
        got = *end.lock().unwrap();
        if got.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let got = got.expect("the connection is closed");
    assert!(got > 0 && got < size / 3 * 4, "{got}");
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Gives at most seven bytes at a time.
struct Slow(Vec<u8>);

impl SourceReader for Slow {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(SlowRead(io::Cursor::new(self.0.clone()))))
    }
}

struct SlowRead(io::Cursor<Vec<u8>>);

impl Read for SlowRead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(7);
        self.0.read(&mut into[..most])
    }
}

/// Zeros without end.
pub(crate) struct Endless;

impl SourceReader for Endless {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::repeat(0)))
    }
}

/// Two megabytes of zeros, 128 kB at a time with a pause.
struct Dawdling;

impl SourceReader for Dawdling {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(DawdlingRead(io::repeat(0).take(2 * 1024 * 1024), 0)))
    }
}

struct DawdlingRead(io::Take<io::Repeat>, usize);

impl Read for DawdlingRead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into)?;
        self.1 += read;
        if self.1 >= 128 * 1024 {
            self.1 = 0;
            std::thread::sleep(Duration::from_millis(60));
        }
        Ok(read)
    }
}

/// Zeros, and a count of readers that were opened and given back.
struct Counted {
    opened: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl SourceReader for Counted {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(CountedRead(Arc::clone(&self.dropped))))
    }
}

struct CountedRead(Arc<AtomicUsize>);

impl Read for CountedRead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        into.fill(0);
        Ok(into.len())
    }
}

impl Drop for CountedRead {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
