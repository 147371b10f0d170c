//! Where requests go, read without a URL parser: only what no two parsers read differently is accepted.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `https://host[:port]`, in lower case, a default port left out. `http` is for this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebOrigin(String);

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadOrigin {
    /// `http` to another machine.
    Insecure,
    /// Not an origin.
    Invalid,
}

impl BadOrigin {
    /// The stable dotted code, as the client under reqwest says it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            BadOrigin::Insecure => "config.insecure_url",
            BadOrigin::Invalid => "config.invalid_url",
        }
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            BadOrigin::Insecure => "the base URL must begin with `https`; `http` is for this machine only",
            BadOrigin::Invalid => {
                "the base URL must be `https://host[:port]`, without user, path, query or fragment"
            }
        }
    }
}

impl WebOrigin {
    pub(crate) fn parse(text: &str) -> Result<WebOrigin, BadOrigin> {
        let (scheme, rest) = text.split_once("://").ok_or(BadOrigin::Invalid)?;
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => ("https", 443),
            "http" => ("http", 80),
            _ => return Err(BadOrigin::Invalid),
        };
        let (host, port) = authority(rest.strip_suffix('/').unwrap_or(rest)).ok_or(BadOrigin::Invalid)?;
        if scheme == "http" && !is_here(&host) {
            return Err(BadOrigin::Insecure);
        }
        Ok(WebOrigin(match port.filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a path; `None` for what a parser could take for more than a path.
    pub(crate) fn url(&self, path: &str) -> Option<String> {
        let odd = |c: char| matches!(c, '#' | '\\') || c.is_whitespace() || c.is_control();
        (path.starts_with('/') && !path.contains(odd)).then(|| format!("{}{path}", self.0))
    }
}

/// True for an address that a provider may call: what it calls with is personal data.
pub(crate) fn may_call(url: &str) -> bool {
    let odd = |c: char| c == '\\' || c.is_whitespace() || c.is_control();
    let after = url.split_once("://").map_or("", |(_, rest)| rest);
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let origin = url.get(..url.len() - (after.len() - end)).unwrap_or_default();
    !url.contains(odd) && WebOrigin::parse(origin).is_ok()
}

/// The host in lower case, and the port.
fn authority(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            let port = match rest {
                "" => None,
                rest => Some(rest.strip_prefix(':')?),
            };
            (format!("[{address}]"), port)
        }
        None => {
            let (host, port) = match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            };
            (host_name(host)?, port)
        }
    };
    let port = match port {
        None => None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
    };
    Some((host, port))
}

/// A name of letters, digits, hyphens and points, or an IPv4 address of four numbers.
fn host_name(text: &str) -> Option<String> {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !text.split('.').all(label) {
        return None;
    }
    // What ends in a number is an address to a browser, in whatever notation.
    let last = text.rsplit('.').next().unwrap_or_default();
    let numeric =
        last.bytes().all(|byte| byte.is_ascii_digit()) || last.to_ascii_lowercase().starts_with("0x");
    if numeric && text.parse::<Ipv4Addr>().is_err() {
        return None;
    }
    Some(text.to_ascii_lowercase())
}

/// True for this machine.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || bare
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine() {
        for (text, origin) in [
            ("https://api.example.it", "https://api.example.it"),
            ("https://API.example.it:443/", "https://api.example.it"),
            ("HTTPS://api.example.it:8443", "https://api.example.it:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.9.8.7", "http://127.9.8.7"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("http://localhost:1", "http://localhost:1"),
        ] {
            assert_eq!(WebOrigin::parse(text).unwrap().as_str(), origin, "{text}");
        }
        for text in [
            "http://api.example.it",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:10.0.0.1]",
            "http://localhost.example.it",
            "http://127.0.0.1.example.it",
        ] {
            assert_eq!(WebOrigin::parse(text), Err(BadOrigin::Insecure), "{text}");
        }
    }

    #[test]
    fn only_a_bare_origin_is_one() {
        for text in [
            "",
            "api.example.it",
            "/",
            "ftp://api.example.it",
            "https://",
            "https://user@api.example.it",
            "https://user:secret@api.example.it",
            "https://api.example.it?x=1",
            "https://api.example.it/#top",
            "https://api.example.it/v1",
            "https://api.example.it//",
            "https://api.example.it\\@evil.example",
            "https://api.exa\tmple.it",
            " https://api.example.it",
            "https://api..example.it",
            "https://api.example.it:99999",
            "https://api.example.it:+443",
            "https://città.example",
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://[::1",
            "https://[::1]x",
        ] {
            assert_eq!(WebOrigin::parse(text), Err(BadOrigin::Invalid), "{text}");
        }
    }

    #[test]
    fn a_path_stays_behind_the_origin() {
        let origin = WebOrigin::parse("https://api.example.it").unwrap();
        let whole = "https://api.example.it/submissions/5f2?a=b%20c";
        assert_eq!(origin.url("/submissions/5f2?a=b%20c").unwrap(), whole);
        for path in [
            "",
            "x",
            "@evil.example/",
            ".evil.example/",
            ":8443/",
            "/a#b",
            "/a\r\nb",
            "/a b",
            "/\\x",
        ] {
            assert_eq!(origin.url(path), None, "{path}");
        }
    }

    #[test]
    fn what_a_provider_may_call() {
        for good in [
            "https://api.example.it/hook",
            "https://api.example.it:8443/hook?x=1",
            "https://api.example.it",
            "http://127.0.0.1:9/hook",
        ] {
            assert!(may_call(good), "{good}");
        }
        for bad in [
            "http://api.example.it/hook",
            "https://user@api.example.it/hook",
            "https:///hook",
            "ftp://api.example.it",
            "https://api.example.it/a b",
            "hook",
        ] {
            assert!(!may_call(bad), "{bad}");
        }
    }
}
