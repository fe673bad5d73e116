//! Our side of TLS towards an outside service: whom we trust and who we are.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use super::LinkError;
use crate::config::Pem;

/// Trusts `ca`, or whom the operating system trusts; shows `client_identity` where there is one. `institution` is for
/// the words of an error.
pub(super) fn client(
    institution: &str,
    ca: Option<&Pem>,
    client_identity: Option<&Pem>,
) -> Result<Arc<ClientConfig>, LinkError> {
    let cannot = |what: &str, why: &dyn std::fmt::Display| LinkError::Setup {
        institution: institution.to_owned(),
        what: format!("{what}: {why}"),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| cannot("TLS", &e))?;
    let builder = match ca {
        None => builder
            .with_platform_verifier()
            .map_err(|e| cannot("the operating system's certificates", &e))?,
        Some(ca) => {
            let pem = ca.read()?;
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|e| cannot("ca", &e))?;
                roots.add(certificate).map_err(|e| cannot("ca", &e))?;
            }
            if roots.is_empty() {
                return Err(cannot("ca", &"there is no certificate in it"));
            }
            builder.with_root_certificates(roots)
        }
    };
    let Some(identity) = client_identity else {
        return Ok(Arc::new(builder.with_no_client_auth()));
    };
    let pem = identity.read()?;
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| cannot("client_identity", &e))?;
    if chain.is_empty() {
        return Err(cannot("client_identity", &"there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|e| cannot("client_identity: private key", &e))?;
    let config =
        builder.with_client_auth_cert(chain, key).map_err(|e| cannot("client_identity", &e))?;
    Ok(Arc::new(config))
}
