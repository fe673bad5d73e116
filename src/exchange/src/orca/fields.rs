//! Building records, in the order in which the receipt computer's own documents list the fields.

use jiff::civil::{Date, Time};

use super::node::{Message, Node};

/// No end: how the receipt computer writes an open validity.
pub(crate) const NO_END: &str = "9999-12-31";

/// A record under construction.
#[derive(Debug, Default, Clone)]
pub struct Fields(Vec<(String, Node)>);

impl Fields {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text field, even if empty.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), Node::string(value)));
        self
    }

    /// A text field, left out when blank.
    #[must_use]
    pub fn filled(self, name: &str, value: &str) -> Self {
        if value.trim().is_empty() { self } else { self.text(name, value) }
    }

    /// A date field, left out when there is none.
    #[must_use]
    pub fn date(self, name: &str, value: Option<Date>) -> Self {
        match value {
            Some(date) => self.text(name, &date.to_string()),
            None => self,
        }
    }

    /// The last day of a validity; none is written as the receipt computer does, far in the future.
    #[must_use]
    pub fn last_day(self, name: &str, value: Option<Date>) -> Self {
        self.text(name, &value.map_or_else(|| NO_END.to_owned(), |date| date.to_string()))
    }

    /// A time field, left out when there is none.
    #[must_use]
    pub fn time(self, name: &str, value: Option<Time>) -> Self {
        match value {
            Some(time) => self.text(name, &clock(time)),
            None => self,
        }
    }

    /// A record field, left out when empty.
    #[must_use]
    pub fn record(mut self, name: &str, value: Fields) -> Self {
        if !value.0.is_empty() {
            self.0.push((name.to_owned(), value.node()));
        }
        self
    }

    /// An array field, left out when empty.
    #[must_use]
    pub fn array(mut self, name: &str, rows: impl IntoIterator<Item = Fields>) -> Self {
        let rows: Vec<Node> = rows.into_iter().map(Fields::node).collect();
        if !rows.is_empty() {
            self.0.push((name.to_owned(), Node::Array(rows)));
        }
        self
    }

    /// All fields of another record after these.
    #[must_use]
    pub fn and(mut self, other: Fields) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Done.
    pub fn node(self) -> Node {
        Node::Record(self.0)
    }

    /// Done, as a whole message.
    pub fn message(self, record: &str) -> Message {
        Message { record: record.to_owned(), body: self.node() }
    }
}

/// `08:44:05`; parts of a second are not carried.
pub(crate) fn clock(time: Time) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}
