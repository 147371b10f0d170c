//! Whom a connection trusts.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::journal::JournalError;

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

/// TLS 1.2 or later with ring, verified against the file of roots, else against the platform's.
pub(super) fn connector(roots: Option<&Path>, place: &str) -> Result<MakeRustlsConnect, JournalError> {
    let unavailable = |detail: &str| JournalError::Unavailable {
        place: place.to_owned(),
        detail: detail.to_owned(),
    };
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| unavailable("TLS can't be set up"))?;
    let config = match roots {
        Some(file) => builder.with_root_certificates(read(file)?).with_no_client_auth(),
        None => platform(builder, provider).ok_or_else(|| {
            unavailable("this system names no root certificates; give some with `sslrootcert`")
        })?,
    };
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(not(target_os = "android"))]
fn platform(builder: Builder, provider: Arc<CryptoProvider>) -> Option<ClientConfig> {
    let verifier = rustls_platform_verifier::Verifier::new(provider).ok()?;
    Some(
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
    )
}

/// On Android the platform's verifier has to be set up by an app: Mozilla's roots instead.
#[cfg(target_os = "android")]
#[allow(clippy::unnecessary_wraps, reason = "the platform's verifier can fail")]
fn platform(builder: Builder, _provider: Arc<CryptoProvider>) -> Option<ClientConfig> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    Some(builder.with_root_certificates(roots).with_no_client_auth())
}

fn read(file: &Path) -> Result<RootCertStore, JournalError> {
    let bad = || JournalError::BadUrl {
        detail: "the file of `sslrootcert` can't be read, or is no PEM file with a certificate".to_owned(),
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|_| bad())? {
        let certificate = certificate.map_err(|_| bad())?;
        roots.add(certificate).map_err(|_| bad())?;
    }
    match roots.is_empty() {
        true => Err(bad()),
        false => Ok(roots),
    }
}
