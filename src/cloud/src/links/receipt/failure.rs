//! Why an exchange with the receipt computer failed, and what that says about the link. No text here holds
//! anything out of a message.

use std::error::Error;

use api::receptions::LinkState;
use rustls::AlertDescription;

/// Why a call gave no answer to go by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// The link as such does not work.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Another terminal held the patient all the time. The link works.
    #[error("another terminal holds the patient")]
    Locked,
    /// The receipt computer refused this one request. The link works.
    #[error("refused with Api_Result {code}")]
    Rejected {
        /// Its `Api_Result`.
        code: String,
    },
}

impl CallError {
    /// For a call without which the link is of no use: a rejection of it is a refusal.
    pub(super) fn without_rejection(self) -> Self {
        match self {
            Self::Rejected { code } => Failure::refused(&format!("Api_Result {code}")).into(),
            other => other,
        }
    }

    /// What it says about the link, if anything.
    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Locked | Self::Rejected { .. } => None,
        }
    }
}

/// Why the link does not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(super) struct Failure {
    state: LinkState,
    what: String,
    timed_out: bool,
}

impl Failure {
    fn new(state: LinkState, what: &str) -> Self {
        Self { state, what: what.to_owned(), timed_out: false }
    }

    pub(super) fn refused(what: &str) -> Self {
        Self::new(LinkState::Refused, what)
    }

    pub(super) fn garbled(what: &str) -> Self {
        Self::new(LinkState::Garbled, what)
    }

    /// From an error of the HTTP client. The address, which may hold a patient's number, is left out.
    pub(super) fn of_transport(error: &reqwest::Error) -> Self {
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

    pub(super) fn state(&self) -> LinkState {
        self.state
    }

    /// Whether trying again soon may help. A refusal stays one.
    pub(super) fn passing(&self) -> bool {
        self.state != LinkState::Refused
    }

    /// Whether the whole limit went by: one more try is enough then.
    pub(super) fn took_all_the_time(&self) -> bool {
        self.timed_out
    }
}

/// `Api_Result` as it may stand in a log: a few letters and digits, or nothing.
pub(super) fn code(text: &str) -> String {
    let plain = text.len() <= 6 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { text.to_owned() } else { "?".to_owned() }
}

/// Whether somewhere below a certificate was refused, ours or theirs.
pub(super) fn refused_certificate(error: &(dyn Error + 'static)) -> Option<String> {
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

    #[test]
    fn only_plain_codes_are_repeated() {
        assert_eq!(code("E90"), "E90");
        assert_eq!(code("標準花子"), "?");
        assert_eq!(code("1948-04-05"), "?");
    }

    #[test]
    fn a_rejected_list_is_a_link_of_no_use() {
        let rejected = CallError::Rejected { code: "89".to_owned() };
        assert_eq!(rejected.failure(), None);
        let refused = rejected.without_rejection();
        assert_eq!(refused.failure().unwrap().state(), LinkState::Refused);
        assert_eq!(CallError::Locked.without_rejection(), CallError::Locked);
    }
}
