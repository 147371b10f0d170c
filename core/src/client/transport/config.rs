use std::net::IpAddr;
use std::time::Duration;

use crate::error::SportelloError;
use crate::http::Failure;

/// Settings of a [`Transport`](super::Transport).
#[derive(Clone)]
pub struct TransportConfig {
    /// Scheme, host and port of the API; a client's builder sets it.
    pub origin: String,
    /// A proxy for all requests: `http://proxy.example.org:3128`. By default the system's.
    pub proxy: Option<String>,
    /// Certificates to trust beside the system's, in PEM.
    pub extra_ca_pem: Vec<Vec<u8>>,
    /// `User-Agent`; by default `sportello/VERSION`.
    pub user_agent: Option<String>,
    /// How long making a connection may take. Default 10 s.
    pub connect_timeout: Duration,
    /// How long one attempt of a free call may take, beside its uploads. Default 30 s.
    pub attempt_timeout: Duration,
    /// The longest pause between two pieces of an answer. Default 30 s.
    pub read_timeout: Duration,
    /// How many requests may be under way at once. Default 32.
    pub max_connections: usize,
    /// The largest document taken in, in bytes. Default 512 MiB.
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
            read_timeout: Duration::from_secs(30),
            max_connections: 32,
            max_file_bytes: 512 * 1024 * 1024,
        }
    }
}

/// The settings can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Not an address of the form `https://host[:port]`.
    #[error("`{0}` is not an address like `https://host` or `https://host:port`, without path, user or query")]
    InvalidUrl(String),
    /// A token would go over the network in the clear.
    #[error("`{0}` is not https; only an address on this machine (127.0.0.1, localhost, ::1) may be http")]
    InsecureUrl(String),
    /// The proxy's address can't be read.
    #[error("the proxy's address can't be read; write it like `http://proxy.example.org:3128`")]
    InvalidProxy,
    /// A certificate can't be read.
    #[error("an extra certificate can't be read; it must be PEM")]
    InvalidCertificate,
    /// TLS can't be set up on this machine.
    #[error("TLS can't be set up on this machine")]
    NoTls,
}

impl TransportError {
    /// Every code, for the list of all errors.
    pub const ALL_CODES: &'static [&'static str] =
        &["config.invalid_url", "config.insecure_url", "config.invalid_proxy", "config.invalid_certificate", "config.no_tls"];

    /// The stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            TransportError::InvalidUrl(_) => "config.invalid_url",
            TransportError::InsecureUrl(_) => "config.insecure_url",
            TransportError::InvalidProxy => "config.invalid_proxy",
            TransportError::InvalidCertificate => "config.invalid_certificate",
            TransportError::NoTls => "config.no_tls",
        }
    }
}

impl From<TransportError> for SportelloError {
    fn from(error: TransportError) -> SportelloError {
        SportelloError::foreign(error.code(), false, error.to_string())
    }
}

impl TransportConfig {
    /// The origin in its one spelling.
    pub(super) fn checked_origin(&self) -> Result<String, TransportError> {
        // What is not an address may hold anything, even a token put in the wrong place: only its beginning is shown.
        let shown = || self.origin.chars().filter(|c| !c.is_control()).take(40).collect::<String>();
        let invalid = || TransportError::InvalidUrl(shown());
        let url = reqwest::Url::parse(self.origin.trim()).map_err(|_| TransportError::InvalidUrl("…".to_owned()))?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !bare {
            return Err(TransportError::InvalidUrl(url.host_str().unwrap_or("…").to_owned()));
        }
        if url.path() != "/" {
            return Err(invalid());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(invalid)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(host) => {}
            _ => return Err(TransportError::InsecureUrl(shown())),
        }
        Ok(url.origin().ascii_serialization())
    }

    pub(super) fn client(
        &self,
        and: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<reqwest::Client, TransportError> {
        // A process has one default provider; where the program has chosen another one already, that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = self.user_agent.clone().unwrap_or_else(|| format!("sportello/{}", env!("CARGO_PKG_VERSION")));
        let mut builder = reqwest::Client::builder()
            .user_agent(agent)
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.read_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .tcp_nodelay(true);
        for pem in &self.extra_ca_pem {
            let bundle = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| TransportError::InvalidCertificate)?;
            if bundle.is_empty() {
                return Err(TransportError::InvalidCertificate);
            }
            builder = builder.tls_certs_merge(bundle);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| TransportError::InvalidProxy)?);
        } else if self.checked_origin().is_ok_and(|origin| origin.starts_with("http://")) {
            // A proxy of the system's can't reach this machine's own loopback.
            builder = builder.no_proxy();
        }
        and(builder).build().map_err(|_| TransportError::NoTls)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Why a request brought no answer. "Nothing was sent" is said only where that is certain.
pub(super) fn classify(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        return if caused_by_tls(error) { Failure::Tls } else { Failure::Unreachable };
    }
    if error.is_timeout() {
        return Failure::Timeout;
    }
    if error.is_builder() {
        return Failure::Unreachable;
    }
    if error.is_decode() {
        return Failure::Unreadable;
    }
    Failure::Interrupted
}

fn caused_by_tls(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if inner.is::<rustls::Error>() || io.is_some_and(|io| io.is::<rustls::Error>()) {
            return true;
        }
        cause = inner.source();
    }
    false
}
