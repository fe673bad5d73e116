//! Any message, by its type.

use serde::Serialize;

use super::ack::AckMessage;
use super::answer::AnswerMessage;
use super::charset::decode;
use super::error::Hl7Error;
use super::fields::Notes;
use super::head::Head;
use super::order::OrderMessage;
use super::raw::{Raw, Segment};
use super::result::ResultMessage;
use super::result_reader;
use crate::warning::Warning;

/// What a message says, with what could not be used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Heard<T> {
    /// The value.
    pub value: T,
    /// What was doubtful, and where.
    pub warnings: Vec<Warning>,
    /// Segments that nobody here knows, as written.
    pub unknown: Vec<String>,
}

impl<T> Heard<T> {
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Heard<U> {
        Heard { value: make(self.value), warnings: self.warnings, unknown: self.unknown }
    }
}

/// A message of any of the five kinds.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// OML^O33.
    Order(OrderMessage),
    /// ORL^O34.
    Answer(AnswerMessage),
    /// OUL^R22 or ORU^R01.
    Results(ResultMessage),
    /// ACK.
    Ack(AckMessage),
}

/// Reads a message of any of the five kinds.
pub fn read(bytes: &[u8]) -> Result<Heard<Incoming>, Hl7Error> {
    let message = Body::open(bytes)?;
    match message.kind() {
        ("OML", _) => message.read(OrderMessage::take).map(|heard| heard.map(Incoming::Order)),
        ("ORL", _) => message.read(AnswerMessage::take).map(|heard| heard.map(Incoming::Answer)),
        ("OUL" | "ORU", _) => {
            message.read(result_reader::take).map(|heard| heard.map(Incoming::Results))
        }
        ("ACK" | "MCF", _) => message.read(AckMessage::take).map(|heard| heard.map(Incoming::Ack)),
        _ => Err(message.wrong("OML, ORL, OUL, ORU or ACK")),
    }
}

/// A message that is cut into segments, its head read.
pub(crate) struct Body {
    pub head: Head,
    pub segments: Vec<Segment>,
    pub notes: Notes,
    pub unknown: Vec<String>,
    code: String,
    event: String,
}

impl Body {
    pub fn open(bytes: &[u8]) -> Result<Self, Hl7Error> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Hl7Error::Empty);
        }
        let decoded = decode(bytes);
        let raw = Raw::parse(&decoded.text)?;
        let mut notes = Notes(decoded.warnings);
        notes.0.extend(raw.warnings);
        let mut segments = raw.segments;
        let msh = segments.remove(0);
        let kind = msh.first(9);
        let (code, event) = (kind.component(1).to_ascii_uppercase(), kind.component(2));
        let head = Head::read(&msh, decoded.charset, &mut notes);
        Ok(Self { head, segments, notes, unknown: Vec::new(), code, event })
    }

    /// Code and event of MSH-9.
    pub fn kind(&self) -> (&str, &str) {
        (&self.code, &self.event)
    }

    pub fn wrong(&self, expected: &'static str) -> Hl7Error {
        let plain = |text: &str| {
            !text.is_empty() && text.len() <= 7 && text.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let found = match (plain(&self.code), plain(&self.event)) {
            (true, true) => format!("{}^{}", self.code, self.event),
            (true, false) => self.code.clone(),
            _ => "no known type".to_owned(),
        };
        Hl7Error::WrongType { expected, found }
    }

    pub fn read<T>(
        mut self,
        take: impl FnOnce(&mut Self) -> Result<T, Hl7Error>,
    ) -> Result<Heard<T>, Hl7Error> {
        let value = take(&mut self)?;
        Ok(Heard { value, warnings: self.notes.0, unknown: self.unknown })
    }

    /// Takes the segments to walk over.
    pub fn walk(&mut self) -> Vec<Segment> {
        std::mem::take(&mut self.segments)
    }

    /// Keeps a segment that nobody here reads.
    pub fn keep(&mut self, segment: &Segment) {
        if !KNOWN.contains(&segment.name.as_str()) {
            self.notes.warn(segment, 0, "unknown segment; kept as written");
            self.unknown.push(segment.written());
        }
    }

    /// The head, for the value.
    pub fn take_head(&mut self) -> Head {
        std::mem::take(&mut self.head)
    }
}

/// Segments of the five messages that carry nothing we use.
const KNOWN: [&str; 24] = [
    "SFT", "PD1", "NK1", "PV1", "PV2", "IN1", "IN2", "IN3", "GT1", "AL1", "TQ1", "TQ2", "TCD",
    "DG1", "FT1", "CTI", "BLG", "INV", "SID", "CTD", "DSC", "EQU", "ROL", "UAC",
];
