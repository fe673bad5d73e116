//! xml2: reading over quick-xml, writing by hand.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::error::{Kind, OrcaError, loggable, position};
use super::node::{self, Message, Node};

/// Deeper than any message of the receipt computer (7), shallow enough for every stack.
const MAX_DEPTH: usize = 64;

/// Reads an answer: unknown elements, missing type attributes and any order are taken as they come.
pub fn read_tolerant(bytes: &[u8]) -> Result<Message, OrcaError> {
    read_text(node::text(bytes)?, false)
}

/// Reads a request as the receipt computer does: every element needs its right `type` attribute.
pub fn read_strict(bytes: &[u8]) -> Result<Message, OrcaError> {
    read_text(node::text(bytes)?, true)
}

/// Writes a request (`<data>`).
pub fn write_request(message: &Message) -> String {
    write("data", message)
}

/// Writes an answer (`<xmlio2>`).
pub fn write_reply(message: &Message) -> String {
    write("xmlio2", message)
}

/// What of a text XML 1.0 can carry: control characters other than tab, line feed and carriage return, and
/// the two non-characters U+FFFE and U+FFFF, are left out on writing.
pub fn carried(text: &str) -> String {
    text.chars().filter(|c| is_xml_char(*c)).collect()
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// An element that is not closed yet.
struct Open {
    name: String,
    kind: Option<Kind>,
    text: String,
    children: Vec<(String, Node)>,
    offset: usize,
}

struct Parse<'a> {
    source: &'a str,
    strict: bool,
    stack: Vec<Open>,
    root: Option<Vec<(String, Node)>>,
}

pub(crate) fn read_text(source: &str, strict: bool) -> Result<Message, OrcaError> {
    let mut reader = Reader::from_str(source);
    reader.config_mut().expand_empty_elements = true;
    let mut parse = Parse { source, strict, stack: Vec::new(), root: None };
    loop {
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            OrcaError::at(source, at, reason_of(&error))
        })?;
        match event {
            Event::Start(tag) => parse.open(&tag, offset)?,
            Event::End(_) => parse.close()?,
            Event::Text(text) => parse.text(&text.xml10_content(), offset)?,
            Event::CData(text) => parse.text(&text.xml10_content(), offset)?,
            Event::GeneralRef(reference) => {
                let text = resolve(&reference)
                    .ok_or_else(|| OrcaError::at(source, offset, "unknown entity"))?;
                parse.text(&text, offset)?;
            }
            Event::DocType(_) => {
                return Err(OrcaError::at(source, offset, "document types are not accepted"));
            }
            Event::Eof => return parse.finish(),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

impl Parse<'_> {
    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Result<(), OrcaError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(OrcaError::at(self.source, offset, "nested too deeply"));
        }
        let name = tag.name().as_ref().to_owned();
        if self.stack.is_empty() {
            if self.root.is_some() {
                return Err(OrcaError::at(self.source, offset, "a second root element"));
            }
            if name != "xmlio2" && name != "data" {
                return Err(OrcaError::NotTheProtocol { found: "another XML document" });
            }
        }
        let kind = self.kind_of(tag, &name, offset)?;
        self.stack.push(Open { name, kind, text: String::new(), children: Vec::new(), offset });
        Ok(())
    }

    fn kind_of(
        &self,
        tag: &BytesStart<'_>,
        name: &str,
        offset: usize,
    ) -> Result<Option<Kind>, OrcaError> {
        let mut word = None;
        for attribute in tag.attributes() {
            let attribute =
                attribute.map_err(|_| OrcaError::at(self.source, offset, "broken attribute"))?;
            if attribute.key.as_ref() == "type" {
                word = Some(attribute.value.into_owned());
            }
        }
        let kind = word.as_deref().and_then(|word| Kind::parse(word.trim()));
        if self.strict && !self.stack.is_empty() && kind.is_none() {
            let reason =
                if word.is_some() { "unknown type attribute" } else { "type attribute is missing" };
            return Err(self.wrong_type(name, offset, reason));
        }
        Ok(kind)
    }

    fn wrong_type(&self, name: &str, offset: usize, reason: &'static str) -> OrcaError {
        let (line, column) = position(self.source, offset);
        OrcaError::WrongType { line, column, element: loggable(name), reason }
    }

    fn text(&mut self, text: &str, offset: usize) -> Result<(), OrcaError> {
        match self.stack.last_mut() {
            Some(open) => open.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(OrcaError::at(self.source, offset, "text outside the message")),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), OrcaError> {
        // quick-xml has checked that the end tag fits, so there is an open element.
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let Some(parent) = self.stack.len().checked_sub(1) else {
            self.root = Some(open.children);
            return Ok(());
        };
        if self.strict {
            self.check_shape(&open)?;
        }
        let (name, node) = open.into_node();
        self.stack[parent].children.push((name, node));
        Ok(())
    }

    /// Strict reading: the declared kind must fit what the element holds.
    fn check_shape(&self, open: &Open) -> Result<(), OrcaError> {
        let reason = match open.kind {
            Some(Kind::Text) if !open.children.is_empty() => Some("a string that holds elements"),
            Some(Kind::Record | Kind::Array) if !open.text.trim().is_empty() => {
                Some("text directly inside a record or array")
            }
            Some(Kind::Array) if !open.holds_own_children() => {
                Some("an array whose elements are not named after it")
            }
            _ => None,
        };
        reason.map_or(Ok(()), |reason| Err(self.wrong_type(&open.name, open.offset, reason)))
    }

    fn finish(self) -> Result<Message, OrcaError> {
        if let Some(open) = self.stack.last() {
            return Err(OrcaError::at(self.source, open.offset, "element is never closed"));
        }
        let Some(mut children) = self.root else {
            return Err(OrcaError::at(self.source, self.source.len(), "no message"));
        };
        if children.is_empty() {
            return Err(OrcaError::Empty);
        }
        if self.strict && children.len() > 1 {
            return Err(OrcaError::at(self.source, 0, "more than one record"));
        }
        let (record, body) = children.swap_remove(0);
        Ok(Message { record, body })
    }
}

impl Open {
    fn holds_own_children(&self) -> bool {
        self.children
            .iter()
            .all(|(name, _)| name.strip_suffix("_child").is_some_and(|parent| parent == self.name))
    }

    /// Where the declared kind and the content disagree, the content wins.
    fn into_node(self) -> (String, Node) {
        let own_children = self.holds_own_children();
        let node = match (self.kind, self.children.is_empty()) {
            (Some(Kind::Array), false) => array(self.children),
            (Some(Kind::Text) | None, false) if own_children => array(self.children),
            (_, false) => Node::Record(self.children),
            (Some(Kind::Array), true) if self.text.trim().is_empty() => Node::Array(Vec::new()),
            (Some(Kind::Record), true) if self.text.trim().is_empty() => Node::Record(Vec::new()),
            (_, true) => Node::Text(self.text),
        };
        (self.name, node)
    }
}

fn array(children: Vec<(String, Node)>) -> Node {
    Node::Array(children.into_iter().map(|(_, node)| node).collect())
}

fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().map(String::from);
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

fn reason_of(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "XML syntax error",
        quick_xml::Error::IllFormed(_) => "start and end tags do not match",
        quick_xml::Error::InvalidAttr(_) => "broken attribute",
        quick_xml::Error::Escape(_) => "broken entity",
        _ => "unreadable XML",
    }
}

fn write(root: &str, message: &Message) -> String {
    let mut out = String::with_capacity(4096);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
    out.push_str(root);
    out.push_str(">\n");
    element(&mut out, &tag_name(&message.record), &message.body, 1);
    out.push_str("</");
    out.push_str(root);
    out.push_str(">\n");
    out
}

fn element(out: &mut String, name: &str, node: &Node, depth: usize) {
    let kind = match node {
        Node::Text(_) => Kind::Text,
        Node::Record(_) => Kind::Record,
        Node::Array(_) => Kind::Array,
    };
    indent(out, depth);
    out.push('<');
    out.push_str(name);
    out.push_str(" type=\"");
    out.push_str(kind.word());
    out.push_str("\">");
    match node {
        Node::Text(text) => escape(out, text),
        Node::Record(fields) => {
            out.push('\n');
            for (field, node) in fields {
                element(out, &tag_name(field), node, depth + 1);
            }
            indent(out, depth);
        }
        Node::Array(rows) => {
            out.push('\n');
            let child = format!("{name}_child");
            for row in rows {
                element(out, &child, row, depth + 1);
            }
            indent(out, depth);
        }
    }
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n(' ', depth));
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars().filter(|c| is_xml_char(*c)) {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // A reader turns a bare carriage return into a line feed.
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}

/// All our own names are right already; a name taken over from JSON may not be.
fn tag_name(name: &str) -> String {
    let ok = |(at, c): (usize, char)| {
        let fits = c == '_' || c.is_ascii_alphabetic();
        if fits || (at > 0 && (c.is_ascii_digit() || matches!(c, '-' | '.'))) { c } else { '_' }
    };
    let name: String = name.chars().enumerate().map(ok).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orca::Fields;

    #[test]
    fn only_what_xml_forbids_is_left_out() {
        let text = "a\u{0}\u{1}\t\n\r\u{1f}\u{7f}\u{fffd}\u{fffe}\u{ffff}𠮷<&>\"']]>\u{10ffff}";
        assert_eq!(carried(text), "a\t\n\r\u{7f}\u{fffd}𠮷<&>\"']]>\u{10ffff}");
    }

    #[test]
    fn the_form_on_the_wire() {
        let row = || Fields::new().text("B", "     0");
        let message = Fields::new()
            .text("A", "<1> & \"2\"\r")
            .filled("None", "　")
            .array("L", [row(), row()])
            .message("testreq");
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data>\n \
            <testreq type=\"record\">\n  \
            <A type=\"string\">&lt;1&gt; &amp; &quot;2&quot;&#13;</A>\n  \
            <L type=\"array\">\n   \
            <L_child type=\"record\">\n    <B type=\"string\">     0</B>\n   </L_child>\n   \
            <L_child type=\"record\">\n    <B type=\"string\">     0</B>\n   </L_child>\n  \
            </L>\n </testreq>\n</data>\n";
        assert_eq!(write_request(&message), expected);
    }

    #[test]
    fn names_that_xml_cannot_have_are_mended() {
        assert_eq!(tag_name("sub.id"), "sub.id");
        assert_eq!(tag_name("1 b"), "__b");
        assert_eq!(tag_name(""), "_");
        assert_eq!(tag_name("名"), "_");
    }
}
