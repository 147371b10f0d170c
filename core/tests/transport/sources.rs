//! Files that are not what they were: the server never gets a whole request.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use sportello::http::{Failure, HttpRequest, Segment};
use sportello::model::{Source, SourceReader};

use super::server::{header, serve};
use super::uploads::{file, fill, noise, sha256, text};
use super::{transport, within};

/// Performs a request that can't be completed; says why, after checking that the server can't take it for complete.
async fn broken(request: HttpRequest) -> Failure {
    // Whether a request arrived whole, once its connection is over.
    let whole = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&whole);
    let server = serve(move |mut conn| {
        let seen = Arc::clone(&seen);
        async move {
            let arrived = conn.request().await.is_some();
            *seen.lock().unwrap() = Some(arrived);
        }
    })
    .await;
    let length = request.body.as_ref().unwrap().content_length();
    let failure = transport(&server.origin)
        .perform(&request, within(20_000))
        .await
        .unwrap_err();
    assert!(failure.never_arrived(), "{failure:?}");
    let mut arrived = None;
    for _ in 0..500 {
        arrived = *whole.lock().unwrap();
        if arrived.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(arrived, Some(false));
    assert_eq!(server.seen.accepted(), 1);
    // An exact length was announced, so that less is never enough; or not even the head has left.
    let seen = server.seen.text();
    if !seen.is_empty() {
        assert_eq!(header(&seen, "content-length"), Some(length.to_string().as_str()));
        assert_eq!(header(&seen, "transfer-encoding"), None);
    }
    failure
}

fn around(segment: Segment) -> HttpRequest {
    fill(vec![text("{\"a\":\""), segment, text("\"}")])
}

const SIZES: [usize; 6] = [1, 2, 3, 48 * 1024, 48 * 1024 + 1, 1_000_000];

#[tokio::test]
async fn another_content_of_the_same_size() {
    for size in SIZES {
        let content = noise(size);
        for at in [0, size / 2, size - 1] {
            let mut other = content.clone();
            other[at] ^= 1;
            let segment = file(Source::Bytes(other.into()), size, Some(sha256(&content)));
            assert_eq!(
                broken(around(segment.clone())).await,
                Failure::SourceChanged,
                "{size} {at}"
            );
            // Also when nothing at all follows the file.
            assert_eq!(
                broken(fill(vec![segment])).await,
                Failure::SourceChanged,
                "{size} {at}"
            );
        }
    }
}

#[tokio::test]
async fn a_file_that_shrank_or_grew() {
    for size in SIZES {
        for now in [size - 1, size + 1, size + 100_000, 0] {
            let segment = file(Source::Bytes(noise(now).into()), size, None);
            assert_eq!(
                broken(around(segment.clone())).await,
                Failure::SourceChanged,
                "{size} {now}"
            );
            assert_eq!(
                broken(fill(vec![segment])).await,
                Failure::SourceChanged,
                "{size} {now}"
            );
        }
    }
    // An empty file that is empty no longer has nothing to hold back but the rest of the body.
    let segment = file(Source::Bytes(noise(1).into()), 0, None);
    assert_eq!(broken(around(segment)).await, Failure::SourceChanged);
}

#[tokio::test]
async fn a_file_that_changes_on_disk_while_it_is_sent() {
    let size = 40 * 1024 * 1024;
    for shrink in [true, false] {
        let path = tempfile::NamedTempFile::new().unwrap();
        let content = noise(size);
        std::fs::write(path.path(), &content).unwrap();
        let digest = sha256(&content);
        let (changing, done) = (path.path().to_owned(), Arc::new(tokio::sync::Notify::new()));
        let server = serve(move |mut conn| {
            let (changing, done) = (changing.clone(), Arc::clone(&done));
            async move {
                // Something has arrived, and the rest waits for this side to read.
                conn.read(&mut Vec::new()).await;
                let file = std::fs::File::options().write(true).open(&changing).unwrap();
                if shrink {
                    file.set_len(size as u64 - 7).unwrap();
                } else {
                    use std::io::{Seek as _, Write as _};
                    (&file).seek(io::SeekFrom::End(-3)).unwrap();
                    (&file).write_all(b"abc").unwrap();
                }
                done.notify_one();
                assert!(conn.drain().await < size / 3 * 4);
            }
        })
        .await;
        let request = around(file(Source::Path(path.path().to_owned()), size, Some(digest)));
        let failure = transport(&server.origin)
            .perform(&request, within(120_000))
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::SourceChanged, "{shrink}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let sources = [
        Source::Path(folder.path().join("missing.pdf")),
        Source::Path(folder.path().to_owned()),
        Source::Reader(Arc::new(Failing::ToOpen)),
        Source::Reader(Arc::new(Failing::ToRead)),
        Source::Reader(Arc::new(Failing::ToSayThatItEnds)),
        Source::Reader(Arc::new(Failing::Panicking)),
    ];
    for source in sources {
        let failure = broken(around(file(source, 200_000, None))).await;
        assert_eq!(failure, Failure::SourceUnreadable);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let failure = broken(around(file(Source::Path(pipe), 10, None))).await;
    assert_eq!(failure, Failure::SourceUnreadable);
}

#[tokio::test]
async fn the_second_file_spoils_the_request_as_well() {
    let first = file(Source::Bytes(noise(100_000).into()), 100_000, None);
    let second = file(
        Source::Bytes(noise(100_000).into()),
        100_000,
        Some(sha256(b"other")),
    );
    let request = fill(vec![first, text("|"), second, text("}")]);
    assert_eq!(broken(request).await, Failure::SourceChanged);
}

enum Failing {
    ToOpen,
    ToRead,
    ToSayThatItEnds,
    Panicking,
}

impl SourceReader for Failing {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        match self {
            Failing::ToOpen => Err(denied()),
            Failing::ToRead => Ok(Box::new(io::repeat(1).take(150_000).chain(Bad { panics: false }))),
            Failing::ToSayThatItEnds => {
                Ok(Box::new(io::repeat(1).take(200_000).chain(Bad { panics: false })))
            }
            Failing::Panicking => Ok(Box::new(io::repeat(1).take(150_000).chain(Bad { panics: true }))),
        }
    }
}

struct Bad {
    panics: bool,
}

impl Read for Bad {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        assert!(!self.panics, "a source of the caller's that panics");
        Err(io::ErrorKind::PermissionDenied.into())
    }
}
