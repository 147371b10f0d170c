use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::config::TransportError;

/// The TLS of both clients: ring, TLS 1.2 or later, the platform's trust and the extra certificates.
///
/// The provider is handed over, not installed: another one that the process has chosen is left alone.
pub(super) fn config(extra_ca_pem: &[Vec<u8>], loopback: bool) -> Result<ClientConfig, TransportError> {
    let extra = certificates(extra_ca_pem)?;
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| TransportError::NoTls)?;
    let mut config = if loopback {
        // Plain HTTP to this machine. A machine without any root certificate can still run the simulator.
        builder
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth()
    } else {
        trusting(builder, extra, provider)?
    };
    // HTTP/1.1 only: one request on a connection at a time, so that what was sent is known when it breaks.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

#[cfg(not(target_os = "android"))]
fn trusting(
    builder: Builder,
    extra: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, TransportError> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider)
        .map_err(|_| TransportError::NoTls)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// On Android the platform's verifier lives behind JNI and panics before an app has initialised it, which a library can't
/// do: Mozilla's roots instead.
#[cfg(target_os = "android")]
fn trusting(
    builder: Builder,
    extra: Vec<CertificateDer<'static>>,
    _provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, TransportError> {
    let mut roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for certificate in extra {
        roots
            .add(certificate)
            .map_err(|_| TransportError::InvalidCertificate)?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn certificates(pems: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let mut certificates = Vec::new();
    for pem in pems {
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificates.push(certificate.map_err(|_| TransportError::InvalidCertificate)?);
        }
        if certificates.len() == before {
            return Err(TransportError::InvalidCertificate);
        }
    }
    // The stores differ by platform in when they look at a root; here it is always now.
    let mut store = rustls::RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|_| TransportError::InvalidCertificate)?;
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        for pem in [
            b"".to_vec(),
            b"not a certificate".to_vec(),
            b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n".to_vec(),
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(),
        ] {
            // Whatever the origin: a wrong setting is never passed over.
            for loopback in [true, false] {
                let error = config(std::slice::from_ref(&pem), loopback).unwrap_err();
                assert_eq!(error, TransportError::InvalidCertificate);
            }
        }
    }

    #[test]
    fn only_http_1_1_is_offered() {
        assert_eq!(config(&[], true).unwrap().alpn_protocols, [b"http/1.1"]);
    }
}
