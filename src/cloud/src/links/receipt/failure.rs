//! Why an exchange with the receipt computer failed, and what that says about the link. No text here holds
//! anything out of a message.

pub(super) use crate::links::line::{Failure, refused_certificate};

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

/// `Api_Result` as it may stand in a log: a few letters and digits, or nothing.
pub(super) fn code(text: &str) -> String {
    let plain = text.len() <= 6 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { text.to_owned() } else { "?".to_owned() }
}

#[cfg(test)]
mod tests {
    use api::receptions::LinkState;

    use super::*;

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
