//! A server that follows a script.

use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server has seen, for all connections together.
#[derive(Default)]
pub(crate) struct Seen {
    accepted: AtomicUsize,
    bytes: Mutex<Vec<u8>>,
}

impl Seen {
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.lock().unwrap().len()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.text().matches(what).count()
    }
}

/// One accepted connection.
pub(crate) struct Conn<S> {
    /// Its number, from 0.
    pub(crate) number: usize,
    pub(crate) stream: S,
    pub(crate) seen: Arc<Seen>,
}

pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conn<S> {
    /// Reads something; 0 is the end.
    pub(crate) async fn read(&mut self, into: &mut Vec<u8>) -> usize {
        let mut buffer = vec![0; 64 * 1024];
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        into.extend_from_slice(&buffer[..read]);
        self.seen.bytes.lock().unwrap().extend_from_slice(&buffer[..read]);
        read
    }

    /// Reads and forgets until the other side ends; how much it was.
    pub(crate) async fn drain(&mut self) -> usize {
        let mut all = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match self.stream.read(&mut buffer).await {
                Ok(read) if read > 0 => all += read,
                Ok(_) | Err(_) => return all,
            }
        }
    }

    /// A whole request by its `Content-Length`; `None` when the connection ends first.
    pub(crate) async fn request(&mut self) -> Option<Request> {
        let mut got = Vec::new();
        let head_len = loop {
            if let Some(at) = got.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if self.read(&mut got).await == 0 {
                return None;
            }
        };
        let head = String::from_utf8(got[..head_len].to_vec()).unwrap();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        while got.len() < head_len + length {
            if self.read(&mut got).await == 0 {
                return None;
            }
        }
        Some(Request {
            head,
            body: got.split_off(head_len),
        })
    }

    /// Sends; false when the other side has gone.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok() && self.stream.flush().await.is_ok()
    }

    pub(crate) async fn answer(&mut self, status: &str, body: &str) -> bool {
        self.send(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await
    }

    /// Ends the stream in an orderly way.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Says nothing more, and keeps the connection.
    pub(crate) async fn hang(self) {
        tokio::time::sleep(Duration::from_secs(600)).await;
        drop(self);
    }
}

impl Conn<TcpStream> {
    /// Breaks the connection with a reset.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

pub(crate) struct Server {
    pub(crate) origin: String,
    pub(crate) port: u16,
    pub(crate) seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves every connection by the script.
pub(crate) async fn serve<F, Fut>(script: F) -> Server
where
    F: Fn(Conn<TcpStream>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    let task = tokio::spawn(async move {
        let mut open = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
            open.spawn(script(Conn {
                number,
                stream,
                seen: Arc::clone(&shared),
            }));
        }
    });
    Server {
        origin: format!("http://127.0.0.1:{port}"),
        port,
        seen,
        task,
    }
}

/// Answers every request with 200 and this body, on kept connections.
pub(crate) async fn polite(body: &'static str) -> Server {
    serve(move |mut conn| async move {
        while conn.request().await.is_some() {
            conn.answer("200 OK", body).await;
        }
    })
    .await
}

/// A port of this machine where nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The value of a header in a request's head.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim()))
}
