//! The server's side of TLS: 1.3 only, with ring.

use std::sync::Arc;

use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{ConfigError, Listen};

/// Why the certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no certificate in the PEM text.
    #[error("listen.certificate holds no certificate that can be read ({0})")]
    Certificate(String),
    /// There is no private key in the PEM text.
    #[error("listen.private_key holds no private key that can be read ({0})")]
    Key(String),
    /// Certificate and key do not belong together, or the kind of key is unknown.
    #[error("listen.certificate and listen.private_key cannot be used together: {0}")]
    Pair(#[from] rustls::Error),
}

/// Takes connections over TLS.
pub(crate) type Acceptor = RustlsAcceptor<NoDelayAcceptor>;

/// Takes connections without Nagle's delay, since answers are small and waited for.
pub(crate) fn acceptor(listen: &Listen) -> Result<Acceptor, TlsError> {
    let certificate = listen.certificate.read()?;
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| TlsError::Certificate(e.to_string()))?;
    if chain.is_empty() {
        return Err(TlsError::Certificate("no CERTIFICATE block".to_owned()));
    }
    let key = listen.private_key.read()?;
    let key =
        PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|e| TlsError::Key(e.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let config = RustlsConfig::from_config(Arc::new(config));
    Ok(RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new()))
}
