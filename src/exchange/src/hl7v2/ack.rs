//! ACK: the plain acknowledgement.

use serde::{Deserialize, Serialize};

use super::answer::{Problem, Verdict, read_problem, read_verdict, words, write_verdict};
use super::error::Hl7Error;
use super::head::Head;
use super::heard::{Body, Heard};
use super::out::{Out, Written};

/// Says of a message that it was taken, or why not (ACK).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckMessage {
    /// Who writes to whom.
    pub head: Head,
    /// Event of the message that is answered: `R22`, `R01`.
    pub event: String,
    /// Its control id (MSA-2).
    pub to: String,
    /// On it as a whole.
    pub verdict: Verdict,
    /// In words (MSA-3); mostly empty.
    pub text: String,
    /// What was wrong with it (ERR).
    pub problems: Vec<Problem>,
}

impl AckMessage {
    /// What it says for a person to read.
    pub fn words(&self) -> String {
        words(&self.text, &self.problems)
    }

    /// The message, or what is missing in it.
    pub fn write(&self) -> Result<Written, Hl7Error> {
        let mut out = Out::default();
        self.head.write(&mut out, ["ACK", &self.event, "ACK"])?;
        write_verdict(&mut out, self.verdict, &self.to, &self.text, &self.problems)?;
        Ok(out.finish(self.head.charset))
    }

    /// Reads an acknowledgement.
    pub fn read(bytes: &[u8]) -> Result<Heard<Self>, Hl7Error> {
        let body = Body::open(bytes)?;
        if body.kind().0 == "ACK" { body.read(Self::take) } else { Err(body.wrong("ACK")) }
    }

    pub(super) fn take(body: &mut Body) -> Result<Self, Hl7Error> {
        let event = body.kind().1.to_owned();
        let mut verdict = None;
        let (mut to, mut text, mut problems) = (String::new(), String::new(), Vec::new());
        let head = body.take_head();
        for segment in body.walk() {
            match segment.name.as_str() {
                "MSA" => {
                    verdict = Some(read_verdict(&segment)?);
                    to = segment.text(2);
                    text = segment.whole(3);
                }
                "ERR" => problems.push(read_problem(&segment)),
                _ => body.keep(&segment),
            }
        }
        let verdict = verdict.ok_or(Hl7Error::field("MSA", "missing"))?;
        Ok(Self { head, event, to, verdict, text, problems })
    }
}
