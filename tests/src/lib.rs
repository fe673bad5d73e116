//! What the end-to-end tests and the cloud's bench share.

pub mod faults;
pub mod postgres;
pub mod proxy;

use std::sync::Once;

/// Makes ring the process's cryptography, once.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// An HTTPS client that trusts one authority alone and may show a certificate of its own (PEM, certificate and key).
pub fn https_client(ca_pem: &str, identity_pem: Option<&str>) -> reqwest::Result<reqwest::Client> {
    install_crypto();
    let ca = reqwest::Certificate::from_pem(ca_pem.as_bytes())?;
    let mut builder = reqwest::Client::builder().tls_certs_only([ca]);
    if let Some(pem) = identity_pem {
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes())?);
    }
    builder.build()
}
