//! The line to an outside service: our HTTP client, why an exchange failed, and what that says about the link. No text
//! here holds anything out of a message.

use std::error::Error;
use std::time::Duration;

use api::receptions::LinkState;
use base64::Engine as _;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect;
use rustls::{AlertDescription, ClientConfig};
use settings::Secret;
use zeroize::Zeroizing;

/// A client for one service: HTTPS alone, straight to where the settings say. An error is in words.
pub(in crate::links) fn client(
    tls: &ClientConfig,
    timeout: Duration,
    user: Option<(&str, &Secret)>,
) -> Result<reqwest::Client, String> {
    let mut headers = HeaderMap::new();
    if let Some((user, password)) = user {
        let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
        let basic = Zeroizing::new(format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair.as_bytes())
        ));
        let mut basic = HeaderValue::from_str(&basic).map_err(|e| e.to_string())?;
        basic.set_sensitive(true);
        headers.insert(AUTHORIZATION, basic);
    }
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .default_headers(headers)
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .https_only(true)
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_mins(1))
        .build()
        .map_err(|e| e.to_string())
}

/// The body, as far as it is of a size that an answer can have.
pub(in crate::links) async fn body(
    mut response: reqwest::Response,
    largest: usize,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| Failure::of_transport(&e))? {
        if bytes.len() + chunk.len() > largest {
            return Err(Failure::garbled("an answer that does not end"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Why the link does not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(in crate::links) struct Failure {
    state: LinkState,
    what: String,
    timed_out: bool,
}

impl Failure {
    fn new(state: LinkState, what: &str) -> Self {
        Self { state, what: what.to_owned(), timed_out: false }
    }

    pub(in crate::links) fn refused(what: &str) -> Self {
        Self::new(LinkState::Refused, what)
    }

    pub(in crate::links) fn unreachable(what: &str) -> Self {
        Self::new(LinkState::Unreachable, what)
    }

    pub(in crate::links) fn garbled(what: &str) -> Self {
        Self::new(LinkState::Garbled, what)
    }

    /// From an error of the HTTP client. The address, which may hold a patient's number, is left out.
    pub(in crate::links) fn of_transport(error: &reqwest::Error) -> Self {
        if let Some(why) = refused_certificate(error) {
            return Self::refused(&why);
        }
        let what = if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the line broke"
        };
        Self { timed_out: error.is_timeout(), ..Self::new(LinkState::Unreachable, what) }
    }

    pub(in crate::links) fn state(&self) -> LinkState {
        self.state
    }

    /// Whether trying again soon may help. A refusal stays one.
    pub(in crate::links) fn passing(&self) -> bool {
        self.state != LinkState::Refused
    }

    /// Whether the whole limit went by: one more try is enough then.
    pub(in crate::links) fn took_all_the_time(&self) -> bool {
        self.timed_out
    }
}

/// Whether somewhere below a certificate was refused, ours or theirs.
pub(in crate::links) fn refused_certificate(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return of_tls(tls);
    }
    // An I/O error hides what it wraps from `source`.
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner
        .and_then(|inner| refused_certificate(inner))
        .or_else(|| error.source().and_then(refused_certificate))
}

fn of_tls(error: &rustls::Error) -> Option<String> {
    match error {
        rustls::Error::InvalidCertificate(why) => {
            Some(format!("its certificate is not trusted ({why:?})"))
        }
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied),
        ) => Some(format!("it refuses our certificate ({alert:?})")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_certificate_is_found_below_other_errors() {
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        let io = std::io::Error::new(std::io::ErrorKind::InvalidData, alert);
        let outer = std::io::Error::other(io);
        assert!(refused_certificate(&outer).unwrap().contains("our certificate"));
        let other = rustls::Error::AlertReceived(AlertDescription::InternalError);
        assert_eq!(refused_certificate(&std::io::Error::other(other)), None);
    }
}
