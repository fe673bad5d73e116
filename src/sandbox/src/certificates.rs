//! Certificates for loopback: an authority that lives as long as the process, and what it signs.
//!
//! The receipt computer of a clinic is reached with a client certificate; the sandbox asks for one too, so
//! the demo and the tests walk the same way as the real connection. Keys are ECDSA P-256: an RSA key would
//! take longer to make than the whole sandbox takes to start.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
#[error("a certificate for {subject} could not be made: {source}")]
pub struct CertificateError {
    subject: String,
    source: rcgen::Error,
}

/// A certificate with its private key, both as PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate alone; its issuer is [`Authority::ca_pem`].
    pub cert_pem: String,
    /// PKCS#8.
    pub key_pem: String,
}

impl Identity {
    /// Certificate and key in one text, as most clients want it.
    pub fn to_pem(&self) -> String {
        format!("{}{}", self.cert_pem, self.key_pem)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("cert_pem", &self.cert_pem).finish_non_exhaustive()
    }
}

/// A certificate authority in memory.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A fresh authority named `name`.
    pub fn new(name: &str) -> Result<Self, CertificateError> {
        let failed = |source| CertificateError { subject: name.to_owned(), source };
        let mut params = params(name, &[]).map_err(failed)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(failed)?;
        Ok(Self { issuer })
    }

    /// The authority's own certificate.
    pub fn ca_pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server certificate for `names`: host names or addresses, `localhost`, `127.0.0.1`.
    pub fn server(&self, names: &[&str]) -> Result<Identity, CertificateError> {
        let subject = names.first().copied().unwrap_or("localhost");
        self.sign(subject, names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A client certificate; `name` becomes its common name.
    pub fn client(&self, name: &str) -> Result<Identity, CertificateError> {
        self.sign(name, &[], ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn sign(
        &self,
        subject: &str,
        names: &[&str],
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<Identity, CertificateError> {
        let failed = |source| CertificateError { subject: subject.to_owned(), source };
        let mut params = params(subject, names).map_err(failed)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok(Identity { cert_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }
}

/// A fixed and wide span of validity: the clinic's clock in a demo may be set to another year.
fn params(subject: &str, names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Soegaki sandbox");
    params.distinguished_name.push(DnType::CommonName, subject);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::server::WebPkiClientVerifier;
    use rustls::{RootCertStore, client::danger::ServerCertVerifier};

    use super::*;

    fn roots(authority: &Authority) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(der(&authority.ca_pem())).unwrap();
        Arc::new(roots)
    }

    fn der(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }

    fn provider() -> Arc<rustls::crypto::CryptoProvider> {
        Arc::new(rustls::crypto::ring::default_provider())
    }

    /// 2026-11-22.
    fn then() -> UnixTime {
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_795_305_607))
    }

    fn server_is_good(authority: &Authority, pem: &str, name: &str) -> bool {
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(
            roots(authority),
            provider(),
        )
        .build()
        .unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier.verify_server_cert(&der(pem), &[], &name, &[], then()).is_ok()
    }

    fn client_is_good(authority: &Authority, pem: &str) -> bool {
        let verifier = WebPkiClientVerifier::builder_with_provider(roots(authority), provider())
            .build()
            .unwrap();
        verifier.verify_client_cert(&der(pem), &[], then()).is_ok()
    }

    #[test]
    fn a_server_certificate_holds_for_its_names_alone() {
        let authority = Authority::new("test").unwrap();
        let server = authority.server(&["localhost", "127.0.0.1"]).unwrap();
        assert!(server_is_good(&authority, &server.cert_pem, "localhost"));
        assert!(server_is_good(&authority, &server.cert_pem, "127.0.0.1"));
        assert!(!server_is_good(&authority, &server.cert_pem, "127.0.0.2"));
        assert!(!server_is_good(&authority, &server.cert_pem, "example.test"));
    }

    #[test]
    fn a_certificate_is_good_for_one_side_of_the_line() {
        let authority = Authority::new("test").unwrap();
        let client = authority.client("clinic").unwrap();
        let server = authority.server(&["localhost"]).unwrap();
        assert!(client_is_good(&authority, &client.cert_pem));
        assert!(!client_is_good(&authority, &server.cert_pem));
        assert!(!server_is_good(&authority, &client.cert_pem, "localhost"));
    }

    #[test]
    fn another_authority_of_the_same_name_is_not_trusted() {
        let ours = Authority::new("test").unwrap();
        let theirs = Authority::new("test").unwrap();
        assert!(!client_is_good(&ours, &theirs.client("clinic").unwrap().cert_pem));
        let server = theirs.server(&["localhost"]).unwrap();
        assert!(!server_is_good(&ours, &server.cert_pem, "localhost"));
    }

    #[test]
    fn the_private_key_does_not_show_in_debug() {
        let identity = Authority::new("test").unwrap().client("clinic").unwrap();
        assert!(!format!("{identity:?}").contains("PRIVATE"));
        assert!(identity.to_pem().contains("PRIVATE KEY"));
    }
}
