//! Why a message could not be read.

/// The three kinds of element that xml2 knows, as its `type` attribute names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `record`: named fields.
    Record,
    /// `array`: repeated children named after the array.
    Array,
    /// `string`: text.
    Text,
}

impl Kind {
    /// The word in the `type` attribute.
    pub fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Array => "array",
            Self::Text => "string",
        }
    }

    /// The kind behind the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Record, Self::Array, Self::Text].into_iter().find(|kind| kind.word() == word)
    }
}

/// Why a message could not be read. No variant holds a value out of the message, so that the text may be
/// logged; element names are given only when they look like the receipt computer's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrcaError {
    /// Nothing, or nothing but blanks. The receipt computer's answer to a request without type attributes.
    #[error("empty body")]
    Empty,
    /// The bytes are no UTF-8 text.
    #[error("byte {at}: not UTF-8")]
    NotUtf8 {
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// Something else answered: a proxy's error page, another service.
    #[error("not the receipt computer's protocol: {found}")]
    NotTheProtocol {
        /// What it looks like.
        found: &'static str,
    },
    /// Broken XML or JSON.
    #[error("line {line}, column {column}: {reason}")]
    Malformed {
        /// From one.
        line: usize,
        /// In characters, from one.
        column: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// Strict reading: a `type` attribute is missing or wrong.
    #[error("line {line}, column {column}: {element}: {reason}")]
    WrongType {
        /// From one.
        line: usize,
        /// In characters, from one.
        column: usize,
        /// Name of the element.
        element: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Another record than the endpoint's own.
    #[error("record {expected} expected, found {found}")]
    WrongRecord {
        /// The endpoint's record.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// A field that is needed is missing or has a value that cannot be.
    #[error("{place}: {reason}")]
    BadValue {
        /// Name of the element.
        place: String,
        /// What is wrong.
        reason: &'static str,
    },
}

impl OrcaError {
    pub(crate) fn bad(place: &str, reason: &'static str) -> Self {
        Self::BadValue { place: place.to_owned(), reason }
    }

    /// The error at a byte offset of `text`.
    pub(crate) fn at(text: &str, offset: usize, reason: &'static str) -> Self {
        let (line, column) = position(text, offset);
        Self::Malformed { line, column, reason }
    }
}

/// Line and column (in characters, both from one) of a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// A name as it may stand in an error text: anything unlike an element of the protocol is not repeated.
pub(crate) fn loggable(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if !name.is_empty() && name.len() <= 80 && name.bytes().all(plain) {
        name.to_owned()
    } else {
        "an unknown name".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_counts_characters_not_bytes() {
        let text = "一行目\n二<x>";
        assert_eq!(position(text, text.find('<').unwrap()), (2, 2));
        assert_eq!(position(text, 1), (1, 1), "an offset inside a character is moved to its start");
        assert_eq!(position(text, 999), (2, 5));
    }

    #[test]
    fn names_of_other_origin_are_not_repeated() {
        assert_eq!(loggable("Patient_ID"), "Patient_ID");
        assert_eq!(loggable("標準花子"), "an unknown name");
    }
}
