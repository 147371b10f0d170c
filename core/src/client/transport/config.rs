use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;

use crate::error::SportelloError;
use crate::http::MAX_INLINE_BYTES;
use crate::http::origin::BadOrigin;

/// What no setting may exceed, so that adding it to the clock can't overflow.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Settings of a [`Transport`](super::Transport).
#[derive(Clone)]
pub struct TransportConfig {
    /// `https://host[:port]`. `http` is for this machine only: 127.0.0.0/8, `::1`, `localhost`.
    pub origin: String,
    /// An HTTP proxy, `http[s]://[user:password@]host[:port]`, that tunnels to the origin; `None` takes the system's. An origin on
    /// this machine is always reached directly: a proxy would read the token.
    pub proxy: Option<String>,
    /// Certificates in PEM that are trusted besides the platform's, one or several in each.
    pub extra_ca_pem: Vec<Vec<u8>>,
    /// The `User-Agent`; `None` is `sportello/` with the version.
    pub user_agent: Option<String>,
    /// How long a connection may take to stand, its TLS included.
    pub connect_timeout: Duration,
    /// How long a free call may take, and how long a file may not move; a file's own time comes on top.
    pub attempt_timeout: Duration,
    /// How long a paid call may take when it does not say so itself.
    pub commit_timeout: Duration,
    /// The slowest line that files still have to get through: their time limit is their size by this rate.
    pub min_bytes_per_second: u64,
    /// How many calls may be under way at once, free and paid counted apart: uploads never delay what is paid.
    pub max_connections: usize,
    /// The longest answer that is kept in memory.
    pub max_inline: usize,
    /// The longest file that is written into a sink.
    pub max_file_bytes: u64,
}

impl Default for TransportConfig {
    fn default() -> TransportConfig {
        TransportConfig {
            origin: String::new(),
            proxy: None,
            extra_ca_pem: Vec::new(),
            user_agent: None,
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(30),
            commit_timeout: Duration::from_secs(60),
            min_bytes_per_second: 32 * 1024,
            max_connections: 8,
            max_inline: MAX_INLINE_BYTES,
            max_file_bytes: 512 * 1024 * 1024,
        }
    }
}

/// Never shows the proxy, which may hold a password.
impl fmt::Debug for TransportConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportConfig")
            .field("proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

impl TransportConfig {
    /// How long `bytes` may take on the slowest line.
    pub(super) fn time_for(&self, bytes: u64) -> Duration {
        bounded(Duration::from_secs(
            bytes.div_ceil(self.min_bytes_per_second.max(1)),
        ))
    }
}

/// The same time limit, or the longest that makes sense.
pub(super) fn bounded(limit: Duration) -> Duration {
    limit.min(LONGEST)
}

/// Why a transport can't be made of its settings. Never shows a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// `http` to another machine.
    #[error("{}", BadOrigin::Insecure.text())]
    InsecureUrl,
    /// Not an origin.
    #[error("{}", BadOrigin::Invalid.text())]
    InvalidUrl,
    /// Not a proxy that can be used.
    #[error("the proxy must be `http[s]://[user:password@]host[:port]`")]
    InvalidProxy,
    /// Not certificates in PEM.
    #[error("an extra certificate can't be read; it must be PEM")]
    InvalidCertificate,
    /// No root certificates on this machine.
    #[error("this machine has no root certificates; install them, or give the ones to trust")]
    NoTls,
    /// A `User-Agent` that can't stand in a header.
    #[error("the `User-Agent` can't stand in a header")]
    InvalidUserAgent,
}

impl TransportError {
    /// Every code, for the list of all errors.
    pub const ALL_CODES: &'static [&'static str] = &[
        "config.insecure_url",
        "config.invalid_url",
        "config.invalid_proxy",
        "config.invalid_certificate",
        "config.no_tls",
        "config.invalid_user_agent",
    ];

    /// The stable dotted code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            TransportError::InsecureUrl => "config.insecure_url",
            TransportError::InvalidUrl => "config.invalid_url",
            TransportError::InvalidProxy => "config.invalid_proxy",
            TransportError::InvalidCertificate => "config.invalid_certificate",
            TransportError::NoTls => "config.no_tls",
            TransportError::InvalidUserAgent => "config.invalid_user_agent",
        }
    }
}

impl From<TransportError> for SportelloError {
    fn from(error: TransportError) -> SportelloError {
        SportelloError::foreign(error.code(), false, error.to_string())
    }
}

/// Where requests go: the only place that ever sees the token.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    text: String,
    pub(super) loopback: bool,
}

impl Origin {
    pub(super) fn parse(text: &str) -> Result<Origin, TransportError> {
        // The parser drops tabs and line ends, takes `\` for `/` and forgets an empty user: what reads differently to a
        // person is refused before it is parsed.
        if text
            .chars()
            .any(|c| matches!(c, '@' | '?' | '#' | '\\') || c.is_whitespace() || c.is_control())
        {
            return Err(TransportError::InvalidUrl);
        }
        let url = Url::parse(text).map_err(|_| TransportError::InvalidUrl)?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(TransportError::InvalidUrl)?;
        if url.path() != "/" {
            return Err(TransportError::InvalidUrl);
        }
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(TransportError::InvalidUrl),
        };
        if plain && !is_loopback(host) {
            return Err(TransportError::InsecureUrl);
        }
        Ok(Origin {
            text: url.origin().ascii_serialization(),
            loopback: plain,
        })
    }

    /// True when it is on this machine, by whatever scheme.
    pub(super) fn is_local(&self) -> bool {
        Url::parse(&self.text).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of a path; `None` when it would lead anywhere but to this origin.
    pub(super) fn url(&self, path: &str) -> Option<Url> {
        if !path.starts_with('/')
            || path
                .chars()
                .any(|c| c == '#' || c.is_whitespace() || c.is_control())
        {
            return None;
        }
        let url = Url::parse(&format!("{}{path}", self.text)).ok()?;
        (url.origin().ascii_serialization() == self.text
            && url.username().is_empty()
            && url.password().is_none())
        .then_some(url)
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The proxy's URL, checked: reqwest would take a scheme that it can't serve.
pub(super) fn proxy(text: &str) -> Result<reqwest::Proxy, TransportError> {
    let url = Url::parse(text).map_err(|_| TransportError::InvalidProxy)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !bare {
        return Err(TransportError::InvalidProxy);
    }
    reqwest::Proxy::https(url).map_err(|_| TransportError::InvalidProxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine() {
        for (text, origin) in [
            ("https://api.example.it", "https://api.example.it"),
            ("https://API.example.it:443/", "https://api.example.it"),
            ("https://api.example.it:8443", "https://api.example.it:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.9.8.7", "http://127.9.8.7"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("http://localhost:1", "http://localhost:1"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), origin, "{text}");
        }
    }

    #[test]
    fn http_to_another_machine_is_refused() {
        for text in [
            "http://api.example.it",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://128.0.0.1",
            "http://[::]",
            "http://[::2]",
            "http://[::ffff:10.0.0.1]",
            "http://localhost.example.it",
            "http://127.0.0.1.example.it",
        ] {
            assert_eq!(
                Origin::parse(text).unwrap_err(),
                TransportError::InsecureUrl,
                "{text}"
            );
        }
        assert_eq!(TransportError::InsecureUrl.code(), "config.insecure_url");
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
            "https://@api.example.it",
            "https://api.example.it?x=1",
            "https://api.example.it/?",
            "https://api.example.it/#top",
            "https://api.example.it/v1",
            "https://api.example.it\\@evil.example",
            "https://api.exa\tmple.it",
            " https://api.example.it",
            "http://localhost@evil.example",
            "https://api.example.it:99999",
        ] {
            let error = Origin::parse(text).unwrap_err();
            assert_eq!(error, TransportError::InvalidUrl, "{text}");
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }

    #[test]
    fn a_path_never_leaves_the_origin() {
        let origin = Origin::parse("https://api.example.it").unwrap();
        assert_eq!(
            origin.url("/richiesta/5f2?a=b%20c").unwrap().as_str(),
            "https://api.example.it/richiesta/5f2?a=b%20c"
        );
        // It stays a path there, whatever it looks like.
        assert_eq!(
            origin.url("//evil.example/x").unwrap().host_str(),
            Some("api.example.it")
        );
        assert_eq!(
            origin.url("/\\evil.example/x").unwrap().host_str(),
            Some("api.example.it")
        );
        for path in [
            "",
            "richiesta",
            "@evil.example/",
            ".evil.example/",
            ":8443/",
            "/a#b",
            "/a\r\nb",
            "/a b",
        ] {
            assert!(origin.url(path).is_none(), "{path}");
        }
    }

    #[test]
    fn proxies_that_cannot_be_served_are_refused() {
        for text in ["http://proxy:3128", "https://user:secret@proxy.example.it"] {
            assert!(proxy(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "proxy:3128",
            "socks5://proxy",
            "ftp://proxy",
            "http://",
            "http://proxy/x",
            "http://proxy?x",
        ] {
            assert_eq!(proxy(text).unwrap_err(), TransportError::InvalidProxy, "{text}");
        }
    }

    #[test]
    fn every_error_has_its_code() {
        let codes = [
            TransportError::InsecureUrl,
            TransportError::InvalidUrl,
            TransportError::InvalidProxy,
            TransportError::InvalidCertificate,
            TransportError::NoTls,
            TransportError::InvalidUserAgent,
        ]
        .map(TransportError::code);
        assert_eq!(codes, TransportError::ALL_CODES);
    }

    #[test]
    fn debug_shows_no_password() {
        let config = TransportConfig {
            proxy: Some("http://user:secret@proxy".to_owned()),
            ..TransportConfig::default()
        };
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn time_limits_do_not_overflow() {
        let config = TransportConfig {
            min_bytes_per_second: 0,
            ..TransportConfig::default()
        };
        assert_eq!(config.time_for(u64::MAX), LONGEST);
        assert_eq!(bounded(Duration::MAX), LONGEST);
        assert_eq!(
            TransportConfig::default().time_for(64 * 1024),
            Duration::from_secs(2)
        );
    }
}
