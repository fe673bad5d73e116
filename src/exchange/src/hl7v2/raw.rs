//! A message as segments, fields, repetitions, components and subcomponents; nothing of their meaning.

use std::collections::HashMap;

use super::error::Hl7Error;
use crate::warning::Warning;

/// Most segments of a message: a day's results of a large clinic have a tenth of it. Whoever sends more is not a
/// laboratory, or not well.
const MOST_SEGMENTS: usize = 20_000;

/// The five characters that a message's first segment declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delimiters {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: char,
    pub sub: char,
}

impl Delimiters {
    pub const STANDARD: Self =
        Self { field: '|', component: '^', repetition: '~', escape: '\\', sub: '&' };
}

/// One segment: its name, which one of that name, and its fields as written.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub name: String,
    pub nth: usize,
    fields: Vec<String>,
    delimiters: Delimiters,
}

impl Segment {
    /// Where a field stands, for a person to find: `PID-5`, `OBX[3]-8`.
    pub fn place(&self, field: usize) -> String {
        let nth = if self.nth > 1 { format!("[{}]", self.nth) } else { String::new() };
        if field == 0 {
            format!("{}{nth}", self.name)
        } else {
            format!("{}{nth}-{field}", self.name)
        }
    }

    /// A field as written; empty when it is not there.
    pub fn raw(&self, field: usize) -> &str {
        // Two quotation marks say "deleted", which for a reader of one message is: nothing.
        self.fields
            .get(field)
            .map(String::as_str)
            .filter(|text| *text != "\"\"")
            .unwrap_or_default()
    }

    /// The repetitions of a field.
    pub fn repetitions(&self, field: usize) -> impl Iterator<Item = Parts<'_>> {
        let delimiters = self.delimiters;
        self.raw(field).split(delimiters.repetition).map(move |text| Parts { text, delimiters })
    }

    /// The first repetition of a field.
    pub fn first(&self, field: usize) -> Parts<'_> {
        let text = self.raw(field).split(self.delimiters.repetition).next().unwrap_or_default();
        Parts { text, delimiters: self.delimiters }
    }

    /// The first component of a field.
    pub fn text(&self, field: usize) -> String {
        self.first(field).component(1)
    }

    /// The whole field as text, separators in it included: for text fields of careless writers.
    pub fn whole(&self, field: usize) -> String {
        clean(&unescape(self.raw(field), self.delimiters))
    }

    /// The segment as written.
    pub fn written(&self) -> String {
        self.fields.join(&self.delimiters.field.to_string())
    }
}

/// One repetition of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    text: &'a str,
    delimiters: Delimiters,
}

impl Parts<'_> {
    /// A component, from one.
    pub fn component(&self, at: usize) -> String {
        clean(&unescape(self.raw_component(at), self.delimiters))
    }

    /// A subcomponent of a component, both from one.
    pub fn sub(&self, at: usize, sub: usize) -> String {
        let text = self.raw_component(at).split(self.delimiters.sub).nth(sub - 1);
        clean(&unescape(text.unwrap_or_default(), self.delimiters))
    }

    /// The repetition as text, separators included.
    pub fn whole(&self) -> String {
        clean(&unescape(self.text, self.delimiters))
    }

    fn raw_component(&self, at: usize) -> &str {
        let text = self.text.split(self.delimiters.component).nth(at - 1).unwrap_or_default();
        if text == "\"\"" { "" } else { text }
    }
}

/// Without blanks around, full-width ones included.
fn clean(text: &str) -> String {
    text.trim().to_owned()
}

/// A message cut into segments.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub segments: Vec<Segment>,
    pub warnings: Vec<Warning>,
}

impl Raw {
    /// Cuts a decoded text. Tolerates frame bytes, any line end, blank lines and lines that continue the one before.
    pub fn parse(text: &str) -> Result<Self, Hl7Error> {
        let text = text.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '\u{0B}' | '\u{1C}' | '\0' | '\u{FEFF}')
        });
        if text.is_empty() {
            return Err(Hl7Error::Empty);
        }
        let delimiters = delimiters(text)?;
        let mut raw = Self { segments: Vec::new(), warnings: Vec::new() };
        let mut counts = HashMap::new();
        for line in text.split(['\r', '\n']) {
            let line = line.trim_matches(['\u{0B}', '\u{1C}', '\0']);
            if !line.trim().is_empty() {
                raw.line(line, delimiters, &mut counts);
            }
            if raw.segments.len() + raw.warnings.len() > MOST_SEGMENTS {
                return Err(Hl7Error::field("MSH", "more segments than a message has"));
            }
        }
        if raw.segments.iter().filter(|segment| segment.name == "MSH").count() > 1 {
            return Err(Hl7Error::field("MSH[2]", "more than one message"));
        }
        Ok(raw)
    }

    fn line(&mut self, line: &str, delimiters: Delimiters, counts: &mut HashMap<String, usize>) {
        let mut fields: Vec<String> = line.split(delimiters.field).map(str::to_owned).collect();
        let name = fields[0].trim().to_owned();
        let is_name =
            name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !is_name {
            self.continue_line(line);
            return;
        }
        if name == "MSH" {
            // The first separator is itself the first field.
            fields.insert(1, delimiters.field.to_string());
        }
        fields[0].clone_from(&name);
        let nth = counts.entry(name.clone()).or_default();
        *nth += 1;
        let nth = *nth;
        self.segments.push(Segment { name, nth, fields, delimiters });
    }

    /// A line end inside a comment: the rest belongs to the last field of the segment before.
    fn continue_line(&mut self, line: &str) {
        let Some(segment) = self.segments.last_mut() else { return };
        if let Some(field) = segment.fields.last_mut() {
            field.push(' ');
            field.push_str(line.trim());
        }
        let place = segment.place(segment.fields.len() - 1);
        let reason =
            "a line end inside the segment; the rest is taken as its last field".to_owned();
        self.warnings.push(Warning { place, reason });
    }
}

/// Separators as MSH-1 and MSH-2 declare them.
fn delimiters(text: &str) -> Result<Delimiters, Hl7Error> {
    let Some(rest) = text.strip_prefix("MSH") else {
        let found = match text.chars().next() {
            Some('<') => "a page of markup",
            Some('{' | '[') => "JSON",
            _ => "the first segment is not MSH",
        };
        return Err(Hl7Error::NotHl7 { found });
    };
    let usable = |c: &char| c.is_ascii_punctuation();
    let mut chars = rest.chars();
    let field =
        chars.next().filter(usable).ok_or(Hl7Error::field("MSH-1", "no field separator"))?;
    let declared: Vec<char> = chars.take_while(|c| *c != field).collect();
    let standard = Delimiters::STANDARD;
    let at = |n: usize, usual: char| declared.get(n).copied().filter(usable).unwrap_or(usual);
    let all = Delimiters {
        field,
        component: at(0, standard.component),
        repetition: at(1, standard.repetition),
        escape: at(2, standard.escape),
        sub: at(3, standard.sub),
    };
    let five = [all.field, all.component, all.repetition, all.escape, all.sub];
    if declared.is_empty() || (1..5).any(|n| five[..n].contains(&five[n])) {
        return Err(Hl7Error::field("MSH-2", "the separators are missing or not different"));
    }
    Ok(all)
}

/// Text without escape sequences. One that is not known stays as written.
pub(crate) fn unescape(text: &str, delimiters: Delimiters) -> String {
    if !text.contains(delimiters.escape) {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(delimiters.escape) {
        plain.push_str(&rest[..at]);
        let after = &rest[at + delimiters.escape.len_utf8()..];
        let sequence = after.find(delimiters.escape).map(|end| &after[..end]);
        let Some((sequence, meaning)) = sequence.and_then(|s| Some((s, meaning(s, delimiters)?)))
        else {
            plain.push(delimiters.escape);
            rest = after;
            continue;
        };
        plain.push_str(&meaning);
        rest = &after[sequence.len() + delimiters.escape.len_utf8()..];
    }
    plain.push_str(rest);
    plain
}

fn meaning(sequence: &str, delimiters: Delimiters) -> Option<String> {
    Some(match sequence {
        "F" => delimiters.field.to_string(),
        "S" => delimiters.component.to_string(),
        "T" => delimiters.sub.to_string(),
        "R" => delimiters.repetition.to_string(),
        "E" => delimiters.escape.to_string(),
        // Highlighting and its end.
        "H" | "N" => String::new(),
        _ if sequence.starts_with(".br") || sequence.starts_with(".sp") => "\n".to_owned(),
        _ => {
            let hex = sequence.strip_prefix('X')?;
            if hex.is_empty() || !hex.len().is_multiple_of(2) || !hex.is_ascii() {
                return None;
            }
            let bytes: Option<Vec<u8>> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
                .collect();
            String::from_utf8(bytes?).ok()?
        }
    })
}

/// Text as it may stand in a component: separators and control characters escaped.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '|' => safe.push_str("\\F\\"),
            '^' => safe.push_str("\\S\\"),
            '&' => safe.push_str("\\T\\"),
            '~' => safe.push_str("\\R\\"),
            '\\' => safe.push_str("\\E\\"),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => safe.push_str("\\.br\\"),
            c if c.is_ascii_control() => {
                use std::fmt::Write;
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\X{:02X}\\", c as u32);
            }
            c => safe.push(c),
        }
    }
    safe
}
