//! Fetches what a provider says lies elsewhere: by a signed URL, on a host that nobody configured.
//!
//! The URL comes from an answer, so it is as little to be trusted as the rest of it:
//!
//! - the token never goes there: this client has none and can't be given one;
//! - `https` only; `http` and this machine only where the API itself is on this machine;
//! - no address inside a network, neither written in the URL nor found by name, so that a provider's answer can't make this
//!   machine ask what only this machine may ask. Behind a proxy it is the proxy that finds addresses by name;
//! - no redirect is followed, and no more is taken in than was announced.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT_ENCODING, HeaderValue};
use tokio::time::timeout_at;

use super::answer::Intake;
use super::config::{self, Origin, TransportConfig, TransportError};
use super::{Counted, IDLE, Perform, send, tls};
use crate::http::{AnswerMode, Failure, HttpRequest, HttpResponse, Target};

/// Fetches signed URLs. Cheap to clone.
#[derive(Clone)]
pub struct Downloads {
    inner: Arc<Inner>,
}

struct Inner {
    config: TransportConfig,
    /// For everywhere else.
    public: reqwest::Client,
    /// For this machine, where the API is on it.
    local: Option<reqwest::Client>,
}

impl Downloads {
    /// Downloads beside the API of `config`. Connects to nothing.
    ///
    /// # Errors
    /// A setting that can't be used.
    pub fn new(config: TransportConfig) -> Result<Downloads, TransportError> {
        let origin = Origin::parse(&config.origin)?;
        let public = tls::config(&config.extra_ca_pem, false);
        let public = match (public, origin.is_local()) {
            (Ok(tls), _) => client(&config, tls, false)?,
            // A machine without any root certificate can still run the simulator.
            (Err(_), true) => client(&config, tls::config(&config.extra_ca_pem, true)?, false)?,
            (Err(error), false) => return Err(error),
        };
        let local = match origin.is_local() {
            true => Some(client(&config, tls::config(&config.extra_ca_pem, true)?, true)?),
            false => None,
        };
        Ok(Downloads {
            inner: Arc::new(Inner {
                config,
                public,
                local,
            }),
        })
    }

    /// Performs the request of a signed URL. A redirect is an answer like any other.
    ///
    /// # Errors
    /// Why there is no answer; [`Failure::AddressRefused`] for an address that must not be asked.
    pub async fn perform(
        &self,
        request: &HttpRequest,
        options: Perform<'_>,
    ) -> Result<HttpResponse, Failure> {
        let started = Instant::now();
        let counted = Counted::default();
        let result = self.within_limits(request, &options, &counted).await;
        let outcome: &dyn std::fmt::Debug = match &result {
            Ok(response) => &response.status,
            Err(failure) => failure,
        };
        // Neither host nor path: a signed URL is a permission, and its path may name a person's document.
        tracing::debug!(
            target: "sportello::transport",
            call = request.call.as_str(),
            outcome = ?outcome,
            millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            received = counted.received.load(std::sync::atomic::Ordering::Relaxed),
        );
        result
    }

    async fn within_limits(
        &self,
        request: &HttpRequest,
        options: &Perform<'_>,
        counted: &Counted,
    ) -> Result<HttpResponse, Failure> {
        let Target::Signed(url) = &request.target else {
            return Err(Failure::AddressRefused);
        };
        let (client, url) = self.admit(url).ok_or(Failure::AddressRefused)?;
        let AnswerMode::File { max_bytes, .. } = request.answer else {
            return Err(Failure::SinkFailed);
        };
        if options.sink.is_none() {
            return Err(Failure::SinkFailed);
        }
        let config = &self.inner.config;
        let silence = config::bounded(config.attempt_timeout);
        let whole = silence.saturating_add(config.time_for(max_bytes.min(config.max_file_bytes)));
        let deadline = tokio::time::Instant::now() + options.timeout.map_or(whole, config::bounded);
        let built = client
            .get(url)
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let intake = Intake {
            mode: request.answer,
            sink: options.sink,
            max_inline: config.max_inline,
            max_file: config.max_file_bytes,
            silence,
            received: &counted.received,
        };
        let exchange = async {
            let response = send(built, None, silence, &|_| ()).await?;
            intake.read(response).await
        };
        timeout_at(deadline, exchange)
            .await
            .unwrap_or(Err(Failure::Timeout))
    }

    /// The client for a URL that may be asked.
    fn admit(&self, text: &str) -> Option<(&reqwest::Client, Url)> {
        let url = Url::parse(text).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let scheme = url.scheme();
        if config::is_loopback(host) {
            let local = self.inner.local.as_ref()?;
            return matches!(scheme, "http" | "https").then_some((local, url));
        }
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        let may = scheme == "https" && address.map_or(true, is_public);
        may.then_some((&self.inner.public, url))
    }
}

impl std::fmt::Debug for Downloads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Downloads")
    }
}

fn client(
    config: &TransportConfig,
    tls: rustls::ClientConfig,
    local: bool,
) -> Result<reqwest::Client, TransportError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(!local)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(super::agent(config)?)
        .connect_timeout(config::bounded(config.connect_timeout))
        .pool_idle_timeout(Duration::min(IDLE, Duration::from_secs(5)));
    if local {
        let here = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
    } else {
        if let Some(proxy) = &config.proxy {
            builder = builder.proxy(config::proxy(proxy)?);
        }
        builder = builder.dns_resolver(Arc::new(PublicOnly {
            proxies: proxies(config),
        }));
    }
    builder.build().map_err(|_| TransportError::NoTls)
}

/// Finds addresses by name, and gives back only those that may be asked.
struct PublicOnly {
    /// Hosts that the user chose as proxies; they may well be inside the network.
    proxies: Vec<String>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let anywhere = self.proxies.contains(&host.to_ascii_lowercase());
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let may: Vec<SocketAddr> = found.filter(|found| anywhere || is_public(found.ip())).collect();
            if may.is_empty() {
                return Err(Box::<dyn std::error::Error + Send + Sync>::from(
                    "no address that may be asked",
                ));
            }
            let addresses: Addrs = Box::new(may.into_iter());
            Ok(addresses)
        })
    }
}

/// The hosts of the proxies that may be used: the configured one, or the system's.
fn proxies(config: &TransportConfig) -> Vec<String> {
    let from_system = || {
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .collect()
    };
    let urls: Vec<String> = config.proxy.clone().map_or_else(from_system, |proxy| vec![proxy]);
    urls.iter()
        .filter_map(|url| Url::parse(url).ok()?.host_str().map(str::to_ascii_lowercase))
        .collect()
}

/// True for an address that anybody on the internet has: not one of a network's own, nor of this machine.
///
/// Source: the IANA registries of special-purpose IPv4 and IPv6 addresses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, ..)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4 written as IPv6, and IPv4 behind a translator.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo and other protocol assignments; documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // What is handed out to the internet begins with 2 or 3.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_networks_are_not_public() {
        for text in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::7f00:1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.1.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2a00:1450:4002::1",
            "::ffff:8.8.8.8",
            "2002:808:808::",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    fn downloads(origin: &str) -> Downloads {
        Downloads::new(TransportConfig {
            origin: origin.to_owned(),
            ..TransportConfig::default()
        })
        .unwrap()
    }

    #[test]
    fn only_addresses_of_the_internet_are_admitted() {
        let beside_https = downloads("https://docuengine.openapi.com");
        for url in [
            "https://storage.googleapis.com/x?X-Goog-Signature=1",
            "https://8.8.8.8/x",
            "https://[2606:4700::1111]/x",
        ] {
            assert!(beside_https.admit(url).is_some(), "{url}");
        }
        for url in [
            "http://storage.googleapis.com/x",
            "https://127.0.0.1/x",
            "https://localhost/x",
            "https://10.0.0.1/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://0x7f.1/x",
            "https://2130706433/x",
            "https://user@storage.googleapis.com/x",
            "https://user:secret@storage.googleapis.com/x",
            "ftp://storage.googleapis.com/x",
            "file:///etc/passwd",
            "not a url",
        ] {
            assert!(beside_https.admit(url).is_none(), "{url}");
        }
    }

    #[test]
    fn this_machine_only_beside_an_api_on_it() {
        let beside_local = downloads("http://127.0.0.1:8080");
        for url in [
            "http://127.0.0.1:9/x",
            "http://localhost:9/x",
            "https://[::1]:9/x",
        ] {
            assert!(beside_local.admit(url).is_some(), "{url}");
        }
        for url in [
            "http://10.0.0.1/x",
            "https://192.168.0.1/x",
            "http://storage.googleapis.com/x",
        ] {
            assert!(beside_local.admit(url).is_none(), "{url}");
        }
    }
}
