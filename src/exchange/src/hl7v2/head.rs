//! MSH: who writes to whom, and how.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::charset::Charset;
use super::error::Hl7Error;
use super::fields::Notes;
use super::out::{Out, need, stamp};
use super::raw::Segment;

/// What every message begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Head {
    /// Who writes.
    pub sender: Party,
    /// To whom.
    pub receiver: Party,
    /// When.
    pub at: Option<DateTime>,
    /// Names the message at its sender (MSH-10), up to 20 characters; an answer repeats it.
    pub control_id: String,
    /// How the text is written.
    pub charset: Charset,
}

/// One end of the line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// Program (MSH-3, MSH-5).
    pub application: String,
    /// Institution or laboratory (MSH-4, MSH-6): the ten digits of a clinic, the laboratory's code.
    pub facility: String,
}

impl Head {
    /// The head of an answer to this message.
    #[must_use]
    pub fn answered(&self, at: DateTime, control_id: String) -> Self {
        Self {
            sender: self.receiver.clone(),
            receiver: self.sender.clone(),
            at: Some(at),
            control_id,
            charset: self.charset,
        }
    }

    /// `kind` is code, event and structure: `["OML", "O33", "OML_O33"]`.
    pub(crate) fn write(&self, out: &mut Out, kind: [&str; 3]) -> Result<(), Hl7Error> {
        need(&self.sender.application, "MSH-3")?;
        need(&self.sender.facility, "MSH-4")?;
        need(&self.control_id, "MSH-10")?;
        if self.control_id.chars().count() > 20 {
            return Err(Hl7Error::field("MSH-10", "longer than 20 characters"));
        }
        let at = self.at.ok_or(Hl7Error::field("MSH-7", "missing"))?;
        // One less than the field's number: the separator itself is the first field.
        let line = out
            .segment("MSH")
            .raw(1, "^~\\&".to_owned())
            .text(2, &self.sender.application)
            .text(3, &self.sender.facility)
            .text(4, &self.receiver.application)
            .text(5, &self.receiver.facility)
            .raw(6, stamp(at))
            .parts(8, &kind)
            .text(9, &self.control_id)
            .text(10, "P")
            .text(11, "2.5")
            .text(16, "JPN")
            .raw(17, self.charset.field().to_owned());
        match self.charset {
            Charset::Utf8 => line.parts(18, &["jpn", "", "ISO 639-2"]),
            Charset::Jis => line.text(19, "ISO 2022-1994"),
        };
        Ok(())
    }

    pub(crate) fn read(segment: &Segment, charset: Charset, notes: &mut Notes) -> Self {
        let party = |application: usize| Party {
            application: segment.text(application),
            facility: segment.text(application + 1),
        };
        let control_id = segment.text(10);
        if control_id.is_empty() {
            notes.warn(segment, 10, "the message has no control id");
        }
        if !matches!(segment.text(12).as_str(), "" | "2.5" | "2.5.1" | "2.4" | "2.3.1" | "2.3") {
            notes.warn(segment, 12, "another version of HL7; read as 2.5");
        }
        Self {
            sender: party(3),
            receiver: party(5),
            at: notes.moment(segment, 7),
            control_id,
            charset,
        }
    }
}
