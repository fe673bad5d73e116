//! The JSON face of the same messages: the level `X_child` is gone, arrays are padded with empty objects.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::OrcaError;
use super::node::{self, Message, Node};

/// Reads a JSON answer. A single named object is the record; an answer without one keeps an empty name.
pub fn read(bytes: &[u8]) -> Result<Message, OrcaError> {
    read_text(node::text(bytes)?)
}

pub(crate) fn read_text(text: &str) -> Result<Message, OrcaError> {
    let Tree(body) = serde_json::from_str(text).map_err(|error| OrcaError::Malformed {
        line: error.line(),
        column: error.column(),
        reason: match error.classify() {
            serde_json::error::Category::Eof => "JSON ends too early",
            _ => "JSON syntax error",
        },
    })?;
    Ok(match body {
        Node::Record(mut fields)
            if fields.len() == 1 && matches!(fields.first(), Some((_, Node::Record(_)))) =>
        {
            let (record, body) = fields.swap_remove(0);
            Message { record, body }
        }
        body => Message { record: String::new(), body },
    })
}

/// Deserializes into a [`Node`] and keeps the order of the fields, which `serde_json::Value` does not.
struct Tree(Node);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Self)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::string(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::string(if value { "True" } else { "False" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::string(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::string(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::string(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::string(""))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut rows = Vec::new();
        while let Some(Tree(row)) = seq.next_element()? {
            rows.push(row);
        }
        let filled = rows.iter().rposition(|row| !row.is_blank()).map_or(0, |last| last + 1);
        rows.truncate(filled);
        Ok(Node::Array(rows))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, Tree(node))) = map.next_entry::<String, Tree>()? {
            fields.push((name, node));
        }
        Ok(Node::Record(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_trimmed_and_order_kept() {
        let json = r#"{"r":{"Z":"1","A":[{"x":"1"},{},{"x":"　"}],"N":3,"E":null}}"#;
        let message = read(json.as_bytes()).unwrap();
        assert_eq!(message.record, "r");
        let Node::Record(fields) = &message.body else { panic!("no record") };
        let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Z", "A", "N", "E"]);
        let row = Node::Record(vec![("x".into(), Node::string("1"))]);
        assert_eq!(fields[1].1, Node::Array(vec![row]));
        assert_eq!(fields[2].1, Node::string("3"));
    }

    #[test]
    fn an_answer_without_a_record_keeps_its_fields() {
        let message = read(br#"{"Api_Result":"0000","Form_ID":"shohosen"}"#).unwrap();
        assert_eq!((message.record.as_str(), message.body.text("Form_ID")), ("", "shohosen"));
    }

    #[test]
    fn broken_json_names_the_place() {
        let error = read(b"{\n\"a\": }").unwrap_err();
        assert!(matches!(error, OrcaError::Malformed { line: 2, .. }), "{error:?}");
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes()).is_err());
    }
}
