//! Messages with a laboratory company: HL7 v2.5 as JAHIS uses it in Japan (臨床検査データ交換規約).
//!
//! Five messages, each a module of the same make, a value with `write` and a `read`: the order [`OrderMessage`]
//! (OML^O33), its answer [`AnswerMessage`] (ORL^O34), results [`ResultMessage`] (OUL^R22 and ORU^R01) and the plain
//! acknowledgement [`AckMessage`] (ACK). Writing is strict: what a laboratory could not use is refused before it is
//! sent. Reading is tolerant, and says what it could not use; [`read`] takes any of the five.
//!
//! Bytes become text before anything is split, and text becomes bytes after everything is joined: a byte of a kanji in
//! ISO-2022-JP can look like a separator.

mod ack;
mod answer;
mod charset;
mod error;
mod fields;
mod head;
mod heard;
mod order;
mod out;
mod person;
mod raw;
mod result;
mod result_reader;
mod value;

pub use ack::AckMessage;
pub use answer::{
    AnswerMessage, AnsweredSpecimen, AnsweredTest, Problem, Said, TubeAnswer, Verdict,
};
pub use charset::{Charset, Decoded, decode};
pub use error::Hl7Error;
pub use head::{Head, Party};
pub use heard::{Heard, Incoming, read};
pub use order::{OrderControl, OrderMessage, OrderedSpecimen, OrderedTest, placer_number};
pub use out::{Lost, Written};
pub use result::{ResultKind, ResultMessage};

pub use crate::warning::Warning;

/// Name of the clinic's own codes (キー) as a coding system.
pub const OWN_CODES: &str = "99SGK";
/// Name of JLAC10 as a coding system.
pub const JLAC10: &str = "JC10";
