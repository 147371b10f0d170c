//! Callbacks, really sent: one HTTP/1.1 `POST`, to this machine only.

use std::{io, time::Duration};

use serde_json::{Map, Value};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::CallbackCall;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Sends one, and returns the status it was answered with.
pub(super) async fn send(call: &CallbackCall) -> io::Result<u16> {
    let (host, path) =
        target(&call.url).ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "not on this machine"))?;
    let (media_type, body) = encode(call);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
         Connection: close\r\n{}\r\n",
        body.len(),
        headers(call)
    );
    let exchange = async {
        let mut stream = TcpStream::connect(host).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut line = [0; 12];
        stream.read_exact(&mut line).await?;
        let status = line
            .get(9..)
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    };
    timeout(PATIENCE, exchange).await?
}

/// Host with port, and path, of an `http` URL of this machine. Others are not called: a simulator must not
/// send an applicant's data anywhere.
fn target(url: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("http://")?;
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    let printable = url.bytes().all(|byte| byte.is_ascii_graphic());
    let host = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    (printable && matches!(name, "127.0.0.1" | "localhost")).then_some((host, path))
}

/// The headers the caller asked for, one per line. Those that would change what the call is, and those that
/// are no headers, are left out.
fn headers(call: &CallbackCall) -> String {
    let own = [
        "host",
        "content-type",
        "content-length",
        "transfer-encoding",
        "connection",
        "expect",
    ];
    let token = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let mut lines = String::new();
    for (name, value) in &call.headers {
        let printable = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if token(name) && printable && !own.contains(&name.to_ascii_lowercase().as_str()) {
            lines.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    lines
}

fn encode(call: &CallbackCall) -> (&'static str, String) {
    if call.as_json {
        let object = Map::from_iter([(call.field.clone(), call.payload.clone())]);
        return ("application/json", Value::Object(object).to_string());
    }
    let body = format!("{}={}", percent(&call.field), percent(&call.payload.to_string()));
    ("application/x-www-form-urlencoded", body)
}

fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        let to = |url| target(url);
        assert_eq!(
            to("http://127.0.0.1:8080/a?b=c"),
            Some(("127.0.0.1:8080".to_owned(), "/a?b=c".to_owned()))
        );
        assert_eq!(
            to("http://localhost"),
            Some(("localhost:80".to_owned(), "/".to_owned()))
        );
        for other in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://127.0.0.1/\r\nX: y",
            "http://169.254.169.254/",
        ] {
            assert_eq!(to(other), None, "{other}");
        }
    }

    #[test]
    fn headers_are_the_callers_but_not_all_of_them() {
        let asked = [
            ("X-Pratica", "7 bis"),
            ("Host", "evil.example"),
            ("content-length", "0"),
            ("x y", "1"),
            ("X-Split", "a\r\nb: c"),
        ];
        let call = CallbackCall {
            id: String::new(),
            api: crate::Api::Docuengine,
            url: String::new(),
            field: String::new(),
            as_json: true,
            headers: asked
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            custom: Value::Null,
            payload: Value::Null,
        };
        assert_eq!(headers(&call), "X-Pratica: 7 bis\r\n");
    }

    #[test]
    fn a_form_is_escaped() {
        assert_eq!(percent("a b&c=è"), "a%20b%26c%3D%C3%A8");
    }
}
