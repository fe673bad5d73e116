//! Why a message cannot be read or written.

/// Why a message cannot be read or written. No variant holds a value out of the message, so that the text may be
/// logged; segment names are given only when they look like one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hl7Error {
    /// Nothing, or nothing but blanks.
    #[error("empty message")]
    Empty,
    /// It does not begin as a message does.
    #[error("not an HL7 v2 message: {found}")]
    NotHl7 {
        /// What it looks like.
        found: &'static str,
    },
    /// Another kind of message than asked for, or none that is known here.
    #[error("MSH-9: {expected} expected, found {found}")]
    WrongType {
        /// What is read here.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// A field or segment that is needed is missing or has a value that cannot be.
    #[error("{place}: {reason}")]
    Field {
        /// Segment, which one of its name, and field: `SPM[2]-2`.
        place: String,
        /// What is wrong.
        reason: &'static str,
    },
}

impl Hl7Error {
    pub(crate) fn field(place: impl Into<String>, reason: &'static str) -> Self {
        Self::Field { place: place.into(), reason }
    }
}
