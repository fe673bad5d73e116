//! The tree that every message of the receipt computer is: records of named fields, arrays, text.

use super::error::{OrcaError, loggable};
use super::{json, xml};

/// One value of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Text exactly as sent, padding included; the accessors below trim.
    Text(String),
    /// Named fields in their order. A name may stand twice; the first counts.
    Record(Vec<(String, Node)>),
    /// Repeated values. May be padded with blank ones; [`Node::rows`] leaves them out.
    Array(Vec<Node>),
}

/// A whole message: one record with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Name of the record, such as `patientinfores`. Empty for the JSON answers that have none.
    pub record: String,
    /// What it holds.
    pub body: Node,
}

impl Message {
    /// Reads an answer, XML or JSON, tolerantly.
    pub fn read(bytes: &[u8]) -> Result<Self, OrcaError> {
        let text = text(bytes)?;
        if text.trim_start().starts_with(['{', '[']) {
            json::read_text(text)
        } else {
            xml::read_text(text, false)
        }
    }

    /// The body if the record is one of `names`.
    pub(crate) fn expect(self, names: &[&'static str]) -> Result<Node, OrcaError> {
        if names.contains(&self.record.as_str()) {
            Ok(self.body)
        } else {
            let expected = names.first().copied().unwrap_or_default();
            Err(OrcaError::WrongRecord { expected, found: loggable(&self.record) })
        }
    }
}

/// The bytes as text without a byte order mark; refuses what is plainly not a message.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, OrcaError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|e| OrcaError::NotUtf8 { at: e.valid_up_to() })?;
    let start = text.trim_start();
    if start.is_empty() {
        return Err(OrcaError::Empty);
    }
    let head: String = start.chars().take(14).flat_map(char::to_lowercase).collect();
    if head.starts_with("<!doctype html") || head.starts_with("<html") {
        return Err(OrcaError::NotTheProtocol { found: "an HTML page" });
    }
    if !start.starts_with(['<', '{', '[']) {
        return Err(OrcaError::NotTheProtocol { found: "plain text" });
    }
    Ok(text)
}

impl Node {
    /// A text value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The first field of that name, if this is a record.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Self::Record(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, node)| node),
            Self::Text(_) | Self::Array(_) => None,
        }
    }

    /// The text of this node as sent; empty if it is no text.
    pub fn raw(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Record(_) | Self::Array(_) => "",
        }
    }

    /// The text of a field without the blanks around it, half or full width; empty if absent.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", |node| node.raw().trim())
    }

    /// Like [`Node::text`], `None` when blank.
    pub fn filled(&self, name: &str) -> Option<String> {
        let text = self.text(name);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The rows of an array field that hold anything. A lone record where an array belongs is one row.
    pub fn rows(&self, name: &str) -> impl Iterator<Item = &Node> {
        let rows = match self.get(name) {
            Some(Self::Array(rows)) => rows.as_slice(),
            Some(row @ Self::Record(_)) => std::slice::from_ref(row),
            Some(Self::Text(_)) | None => &[],
        };
        rows.iter().filter(|row| !row.is_blank())
    }

    /// Whether nothing but blanks is in here, however deep.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Record(fields) => fields.iter().all(|(_, node)| node.is_blank()),
            Self::Array(rows) => rows.iter().all(Self::is_blank),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_both_widths_are_nothing() {
        let node = Node::Record(vec![
            ("A".into(), Node::string("     0")),
            ("B".into(), Node::string("　")),
            ("C".into(), Node::Array(vec![Node::string(" x "), Node::Record(vec![])])),
        ]);
        assert_eq!(node.text("A"), "0");
        assert_eq!(node.filled("B"), None);
        assert_eq!(node.rows("C").count(), 1);
        assert_eq!(node.text("missing"), "");
        assert_eq!(node.rows("A").count(), 0);
    }

    #[test]
    fn other_services_are_told_apart() {
        let html = b"\n<!DOCTYPE HTML PUBLIC \"x\"><html></html>";
        assert_eq!(text(html), Err(OrcaError::NotTheProtocol { found: "an HTML page" }));
        assert_eq!(text(b"Bad Gateway"), Err(OrcaError::NotTheProtocol { found: "plain text" }));
        assert_eq!(text(b"\xEF\xBB\xBF \r\n"), Err(OrcaError::Empty));
        assert_eq!(text(b"<a>\x8e"), Err(OrcaError::NotUtf8 { at: 3 }));
    }
}
