//! HTTP/1.1 as bytes: the server has to be able to break what a library would keep whole.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest message that is taken in: a form's largest files, in base64.
const MOST: usize = 96 * 1024 * 1024;
/// The longest head.
const MOST_HEAD: usize = 64 * 1024;
/// The most headers.
const HEADERS: usize = 64;

/// A request or an answer: its first line in parts, its headers, its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// The method; of an answer, nothing.
    pub(crate) method: String,
    /// Path and query; of an answer, nothing.
    pub(crate) target: String,
    /// The status; of a request, 0.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        (self.headers.iter())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The first member of the query by this name.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .next()
    }

    /// True when the other side wants the connection closed after it.
    pub(crate) fn closes(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.to_ascii_lowercase().contains("close"))
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Reads one more part; 0 at the end.
async fn more<S: AsyncRead + Unpin>(stream: &mut S, got: &mut Vec<u8>) -> io::Result<usize> {
    if got.len() > MOST {
        return Err(bad("longer than any form"));
    }
    got.reserve(16 * 1024);
    stream.read_buf(got).await
}

/// Where the head ends.
async fn head_end<S: AsyncRead + Unpin>(stream: &mut S, got: &mut Vec<u8>) -> io::Result<Option<usize>> {
    loop {
        if let Some(at) = got.windows(4).position(|window| window == b"\r\n\r\n") {
            return Ok(Some(at + 4));
        }
        if got.len() > MOST_HEAD {
            return Err(bad("the head is too long"));
        }
        if more(stream, got).await? == 0 {
            return Ok(None);
        }
    }
}

fn headers(parsed: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    (parsed.iter())
        .map(|header| (header.name.to_ascii_lowercase(), text(header.value)))
        .collect()
}

/// A whole request; `None` when the connection ends before one began. What was read beyond it stays in `got`.
pub(crate) async fn request(stream: &mut TcpStream, got: &mut Vec<u8>) -> io::Result<Option<Message>> {
    let Some(end) = head_end(stream, got).await? else {
        return Ok(None);
    };
    let mut fields = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut fields);
    let head: Vec<u8> = got.drain(..end).collect();
    parsed.parse(&head).map_err(|error| bad(&error.to_string()))?;
    let mut message = Message {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        headers: headers(parsed.headers),
        ..Message::default()
    };
    if message.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    message.body = body(stream, got, &message, false).await?;
    Ok(Some(message))
}

/// The body, by whichever means its length is told.
async fn body<S: AsyncRead + Unpin>(
    stream: &mut S,
    got: &mut Vec<u8>,
    message: &Message,
    to_the_end: bool,
) -> io::Result<Vec<u8>> {
    if message
        .header("transfer-encoding")
        .is_some_and(|value| value.to_ascii_lowercase().contains("chunked"))
    {
        return chunked(stream, got).await;
    }
    match message.header("content-length") {
        Some(length) => {
            let length: usize = length.trim().parse().map_err(|_| bad("content-length"))?;
            take(stream, got, length).await
        }
        None if to_the_end => {
            while more(stream, got).await? > 0 {}
            Ok(std::mem::take(got))
        }
        None => Ok(Vec::new()),
    }
}

async fn take<S: AsyncRead + Unpin>(stream: &mut S, got: &mut Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    while got.len() < length {
        if more(stream, got).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(got.drain(..length).collect())
}

async fn chunked<S: AsyncRead + Unpin>(stream: &mut S, got: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let size = match httparse::parse_chunk_size(got).map_err(|_| bad("a chunk's size"))? {
            httparse::Status::Complete((head, size)) => {
                got.drain(..head);
                usize::try_from(size).map_err(|_| bad("a chunk's size"))?
            }
            httparse::Status::Partial => {
                if more(stream, got).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                continue;
            }
        };
        if size == 0 {
            // No trailers are sent by anybody here: the empty line ends it.
            take(stream, got, 2).await?;
            return Ok(whole);
        }
        whole.extend(take(stream, got, size).await?);
        take(stream, got, 2).await?;
        if whole.len() > MOST {
            return Err(bad("longer than any form"));
        }
    }
}

/// Names that belong to one connection, not to what it carries.
fn of_the_hop(name: &str) -> bool {
    matches!(
        name,
        "connection" | "content-length" | "transfer-encoding" | "expect" | "keep-alive" | "host"
    )
}

/// Sends a request on, without its query, and brings the answer back whole.
pub(crate) async fn forward(to: SocketAddr, request: &Message, keep_query: bool) -> io::Result<Message> {
    let mut stream = TcpStream::connect(to).await?;
    let target = if keep_query {
        request.target.as_str()
    } else {
        request.path()
    };
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n",
        request.method
    );
    for (name, value) in request.headers.iter().filter(|(name, _)| !of_the_hop(name)) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&request.body).await?;
    let mut got = Vec::new();
    let end = head_end(&mut stream, &mut got).await?;
    let end = end.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    let head: Vec<u8> = got.drain(..end).collect();
    let mut fields = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Response::new(&mut fields);
    parsed.parse(&head).map_err(|error| bad(&error.to_string()))?;
    let mut answer = Message {
        status: parsed.code.unwrap_or_default(),
        headers: headers(parsed.headers),
        ..Message::default()
    };
    answer.body = body(&mut stream, &mut got, &answer, true).await?;
    Ok(answer)
}

/// An answer's head, with whatever it says about its body and its connection.
pub(crate) fn head(answer: &Message, about_the_body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Told\r\n", answer.status);
    for (name, value) in answer.headers.iter().filter(|(name, _)| !of_the_hop(name)) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(about_the_body);
    head.push_str("\r\n");
    head.into_bytes()
}

/// A whole answer.
pub(crate) fn whole(answer: &Message, keep: bool) -> Vec<u8> {
    let connection = if keep { "" } else { "connection: close\r\n" };
    let mut bytes = head(
        answer,
        &format!("content-length: {}\r\n{connection}", answer.body.len()),
    );
    bytes.extend_from_slice(&answer.body);
    bytes
}
