//! What the screen shows, as assistive technology is told it: the play sees nothing else.

use egui::accesskit::{Node, NodeId, Role, Toggled, TreeUpdate};
use egui::{Pos2, Rect, pos2};

/// One thing on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What it is.
    pub role: Role,
    /// What it is called or says.
    pub label: String,
    /// What it holds: the text of a field.
    pub value: String,
    /// Where it is, in points.
    pub rect: Rect,
    /// Whether the keyboard writes into it.
    pub focused: bool,
    /// Whether it can't be used now.
    pub disabled: bool,
    /// Whether it is the chosen one, or switched on.
    pub chosen: bool,
}

/// A frame as a person sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Screen {
    /// Everything that has words, in reading order.
    pub things: Vec<Seen>,
}

impl Screen {
    /// From the tree of a frame; what lies outside `window` is not seen.
    pub fn of(update: &TreeUpdate, window: Rect) -> Self {
        let find = |id: NodeId| update.nodes.iter().find(|(i, _)| *i == id).map(|(_, n)| n);
        let mut things: Vec<Seen> = update
            .nodes
            .iter()
            .filter_map(|(id, node)| {
                let bounds = node.bounds()?;
                let rect = Rect::from_min_max(
                    pos2(bounds.x0 as f32, bounds.y0 as f32),
                    pos2(bounds.x1 as f32, bounds.y1 as f32),
                );
                let value = node.value().unwrap_or_default().to_owned();
                let label = match label_of(node, &find) {
                    label if label.is_empty() && node.role() == Role::Label => value.clone(),
                    label => label,
                };
                let seen = !(label.is_empty() && value.is_empty()) && window.intersects(rect);
                seen.then(|| Seen {
                    role: node.role(),
                    label,
                    value,
                    rect,
                    focused: *id == update.focus,
                    disabled: node.is_disabled(),
                    chosen: node.is_selected() == Some(true)
                        || node.toggled() == Some(Toggled::True),
                })
            })
            .collect();
        let order = |s: &Seen| (s.rect.top().round() as i64, s.rect.left().round() as i64);
        things.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.label.cmp(&b.label)));
        Self { things }
    }

    /// The first thing so called.
    pub fn called(&self, label: &str) -> Option<&Seen> {
        self.things.iter().find(|s| s.label == label)
    }

    /// The first thing of that role so called.
    pub fn role_called(&self, role: Role, label: &str) -> Option<&Seen> {
        self.things.iter().find(|s| s.role == role && s.label == label)
    }

    /// Rows of a list that stand above `below`, in reading order.
    pub fn buttons_above(&self, below: f32) -> impl Iterator<Item = &Seen> {
        self.all(Role::Button).filter(move |s| s.middle().y < below)
    }

    /// The first thing whose words hold `part`.
    pub fn saying(&self, part: &str) -> Option<&Seen> {
        self.things.iter().find(|s| s.label.contains(part) || s.value.contains(part))
    }

    /// Whether words stand anywhere.
    pub fn says(&self, part: &str) -> bool {
        self.saying(part).is_some()
    }

    /// Everything of that role, in reading order.
    pub fn all(&self, role: Role) -> impl Iterator<Item = &Seen> {
        self.things.iter().filter(move |s| s.role == role)
    }

    /// What the keyboard writes into.
    pub fn focus(&self) -> Option<&Seen> {
        self.things.iter().find(|s| s.focused)
    }

    /// All words, one thing a line, for a failure's report.
    pub fn words(&self) -> String {
        let line = |s: &Seen| {
            let value = if s.value.is_empty() || s.value == s.label {
                String::new()
            } else {
                format!(" = {}", s.value)
            };
            format!("{:?} {}{value}\n", s.role, s.label)
        };
        self.things.iter().map(line).collect()
    }
}

impl Seen {
    /// Where a finger would touch it.
    pub fn middle(&self) -> Pos2 {
        self.rect.center()
    }
}

fn label_of<'a>(node: &Node, find: &impl Fn(NodeId) -> Option<&'a Node>) -> String {
    if let Some(label) = node.label() {
        return label.to_owned();
    }
    let parts = node.labelled_by().iter().filter_map(|id| find(*id));
    let words: Vec<&str> = parts.filter_map(|n| n.label().or_else(|| n.value())).collect();
    // What stands in an empty field tells what it is for.
    if words.is_empty() {
        node.placeholder().unwrap_or_default().to_owned()
    } else {
        words.join(" ")
    }
}
