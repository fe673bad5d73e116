//! Writing segments.

use jiff::civil::{Date, DateTime};

use super::charset::Charset;
use super::error::Hl7Error;
use super::raw::escape;

/// A written message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As it goes out.
    pub bytes: Vec<u8>,
    /// Characters that the character set could not carry; 〓 stands in their place.
    pub lost: Vec<Lost>,
}

/// A character that the character set could not carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Segment and field: `PID-5`.
    pub place: String,
    /// The character. Patient data: not for logs.
    pub character: char,
}

/// A message while it is written.
#[derive(Debug, Default)]
pub(crate) struct Out {
    segments: Vec<Vec<String>>,
}

/// A segment while it is written; the fields are escaped already.
pub(crate) struct Line<'a>(&'a mut Vec<String>);

impl Out {
    pub fn segment(&mut self, name: &str) -> Line<'_> {
        self.segments.push(vec![name.to_owned()]);
        let last = self.segments.len() - 1;
        Line(&mut self.segments[last])
    }

    /// Joins and encodes.
    pub fn finish(self, charset: Charset) -> Written {
        let mut bytes = Vec::new();
        let mut lost = Vec::new();
        for segment in self.segments {
            let name = segment[0].clone();
            // In MSH the separator itself is the first field.
            let shift = usize::from(name == "MSH");
            for (at, field) in segment.iter().enumerate() {
                if at > 0 {
                    bytes.push(b'|');
                }
                let (carried, gone) = charset.carry(field);
                let place = || format!("{name}-{}", at + shift);
                lost.extend(gone.into_iter().map(|character| Lost { place: place(), character }));
                // Each field by itself: a run of kanji never crosses a separator.
                bytes.extend_from_slice(&charset.encode(&carried));
            }
            bytes.push(b'\r');
        }
        Written { bytes, lost }
    }
}

impl Line<'_> {
    /// A field of one component.
    pub fn text(self, field: usize, text: &str) -> Self {
        self.raw(field, escape(text))
    }

    /// A field of several components; empty ones at the end are left out.
    pub fn parts(self, field: usize, components: &[&str]) -> Self {
        let joined = parts(components);
        self.raw(field, joined)
    }

    /// A field as it is to stand.
    pub fn raw(self, field: usize, text: String) -> Self {
        if !text.is_empty() {
            if self.0.len() <= field {
                self.0.resize(field + 1, String::new());
            }
            self.0[field] = text;
        }
        self
    }

    /// Its number among its kind.
    pub fn number(self, at: usize) -> Self {
        self.raw(1, format!("{at:04}"))
    }

    pub fn date_time(self, field: usize, at: Option<DateTime>) -> Self {
        self.raw(field, at.map(stamp).unwrap_or_default())
    }

    pub fn date(self, field: usize, day: Option<Date>) -> Self {
        self.raw(field, day.map(day_stamp).unwrap_or_default())
    }
}

/// Components, escaped and joined; empty ones at the end are left out.
pub(crate) fn parts(components: &[&str]) -> String {
    let joined = components.iter().map(|c| escape(c)).collect::<Vec<_>>().join("^");
    joined.trim_end_matches('^').to_owned()
}

/// `YYYYMMDDHHMMSS`.
pub(crate) fn stamp(at: DateTime) -> String {
    format!("{}{:02}{:02}{:02}", day_stamp(at.date()), at.hour(), at.minute(), at.second())
}

/// `YYYYMMDD`.
fn day_stamp(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// Refuses to write without what a laboratory needs.
pub(crate) fn need(text: &str, place: &str) -> Result<(), Hl7Error> {
    if text.trim().is_empty() { Err(Hl7Error::field(place, "missing")) } else { Ok(()) }
}
