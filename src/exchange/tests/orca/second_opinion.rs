//! Another XML reader, which shares no code with ours, must see the same message.

use exchange::orca::{Message, Node, xml2};

use crate::{fixture, names};

/// The message as roxmltree sees it; `None` where an element has no type attribute.
pub(crate) fn independent(text: &str) -> Option<Message> {
    let document = roxmltree::Document::parse(text).expect("well-formed XML");
    let root = document.root_element();
    assert!(matches!(root.tag_name().name(), "data" | "xmlio2"));
    assert_eq!(root.attributes().count(), 0);
    let record = root.children().find(roxmltree::Node::is_element)?;
    Some(Message { record: record.tag_name().name().to_owned(), body: node(record)? })
}

fn node(element: roxmltree::Node<'_, '_>) -> Option<Node> {
    let name = element.tag_name().name();
    let children = || element.children().filter(roxmltree::Node::is_element);
    assert_eq!(element.attributes().count(), usize::from(element.attribute("type").is_some()));
    match element.attribute("type")? {
        "string" => {
            assert_eq!(children().count(), 0, "{name} is a string that holds elements");
            let text = element.children().filter(roxmltree::Node::is_text).filter_map(|n| n.text());
            Some(Node::Text(text.collect()))
        }
        "record" => children()
            .map(|child| Some((child.tag_name().name().to_owned(), node(child)?)))
            .collect::<Option<_>>()
            .map(Node::Record),
        "array" => {
            let own = format!("{name}_child");
            assert!(children().all(|child| child.tag_name().name() == own), "children of {name}");
            children().map(node).collect::<Option<_>>().map(Node::Array)
        }
        other => panic!("{name} has the type {other}"),
    }
}

#[test]
fn fixtures_are_read_alike() {
    let mut compared = 0;
    for name in names(".xml") {
        let text = String::from_utf8(fixture(&name)).unwrap();
        if let Some(theirs) = independent(&text) {
            let ours = xml2::read_tolerant(text.as_bytes()).unwrap();
            assert_eq!(ours, theirs, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 19, "only {compared} compared");
}
