//! From the network library's errors to what the person can do something about.

use std::error::Error;
use std::io;

use super::message::{Failure, FailureKind};

impl Failure {
    pub(super) fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    pub(super) fn timed_out(what: &str) -> Self {
        Self::new(FailureKind::TimedOut, what)
    }

    /// An answer that cannot be read. The library's text may quote the answer, hence a patient: only the
    /// place is taken from it.
    pub(super) fn not_the_contract(what: &str, error: &serde_json::Error) -> Self {
        let place =
            format!("{what}: {:?} at {}:{}", error.classify(), error.line(), error.column());
        Self::new(FailureKind::Garbled, place)
    }

    /// The session is over in the cloud.
    pub(crate) fn is_expired(&self) -> bool {
        matches!(self.kind, FailureKind::Refused { code: api::ErrorCode::SessionExpired, .. })
    }

    /// The line broke, rather than the cloud saying no.
    pub(crate) fn is_of_the_line(&self) -> bool {
        matches!(self.kind, FailureKind::Unreachable | FailureKind::TimedOut)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let kind = kind_of(&error);
        // Addresses may hold a patient's number or a search.
        Self { kind, detail: chain(&error.without_url()) }
    }
}

fn kind_of(error: &reqwest::Error) -> FailureKind {
    let causes = causes(error);
    for cause in &causes {
        if let Some(tls) = tls_error(*cause) {
            return match tls {
                rustls::Error::InvalidCertificate(_)
                | rustls::Error::NoCertificatesPresented
                | rustls::Error::UnsupportedNameType
                | rustls::Error::InvalidCertRevocationList(_) => FailureKind::Untrusted,
                rustls::Error::AlertReceived(_) => FailureKind::Unreachable,
                _ => FailureKind::Garbled,
            };
        }
    }
    if error.is_timeout() {
        return FailureKind::TimedOut;
    }
    // A line that breaks within an answer is a decoding error to the library as well; only what JSON itself
    // refuses is the answer's fault.
    if error.is_redirect() || causes.iter().any(|cause| cause.is::<serde_json::Error>()) {
        return FailureKind::Garbled;
    }
    // hyper's and h2's errors are not ours to name as types; their debug forms are `Parse(…)` for bytes that
    // are not HTTP and `Error { kind: GoAway(…)/Reset(…)/… }` for protocol faults.
    let talk = causes.iter().any(|cause| {
        let text = format!("{cause:?}");
        text.starts_with("hyper::Error(Parse") || text.contains("PROTOCOL_ERROR, Library")
    });
    if talk { FailureKind::Garbled } else { FailureKind::Unreachable }
}

fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = cause.downcast_ref() {
        return Some(tls);
    }
    // An `io::Error` hides what it wraps from `source`, and may wrap another one.
    tls_error(cause.downcast_ref::<io::Error>()?.get_ref()?)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source()).collect()
}

fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = causes(error).iter().map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}
