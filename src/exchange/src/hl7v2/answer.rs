//! ORL^O34: the laboratory's answer to an order.

use clinical::lab::ToldPatient;
use serde::{Deserialize, Serialize};

use super::error::Hl7Error;
use super::head::Head;
use super::heard::{Body, Heard};
use super::order::{specimen_number, write_material};
use super::out::{Out, Written, need};
use super::person;
use super::raw::Segment;

/// The laboratory's answer to an order (ORL^O34).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerMessage {
    /// Who writes to whom.
    pub head: Head,
    /// Control id of the order that is answered (MSA-2).
    pub to: String,
    /// On the message as a whole (MSA-1).
    pub verdict: Verdict,
    /// In words (MSA-3); mostly empty.
    pub text: String,
    /// What was wrong with it (ERR).
    pub problems: Vec<Problem>,
    /// Whose; left out when the message was not understood.
    pub patient: Option<ToldPatient>,
    /// Tube by tube; empty when the verdict says all.
    pub specimens: Vec<AnsweredSpecimen>,
}

/// What is said of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// AA: taken.
    Accepted,
    /// AE: not taken; the content is wrong.
    Error,
    /// AR: not taken; nothing was looked at.
    Rejected,
}

impl Verdict {
    fn code(self) -> &'static str {
        match self {
            Self::Accepted => "AA",
            Self::Error => "AE",
            Self::Rejected => "AR",
        }
    }
}

/// What was wrong with a message (ERR).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Problem {
    /// Where, as `SPM^1^2`; empty for the message as a whole.
    pub place: String,
    /// HL7 error code: `101` required field missing, `103` table value not found, `207` internal error.
    pub code: String,
    /// For a person to read.
    pub text: String,
}

/// What the laboratory says of a tube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredSpecimen {
    /// Its number.
    pub number: String,
    /// Material by JLAC10.
    pub material: Option<String>,
    /// Its name.
    pub material_name: String,
    /// Test by test.
    pub tests: Vec<AnsweredTest>,
}

/// What the laboratory says of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredTest {
    /// The clinic's number of it.
    pub placer: String,
    /// The laboratory's; empty where it gave none.
    pub filler: String,
    /// What it does.
    pub said: Said,
    /// Why (ORC-16); mostly empty.
    pub why: String,
}

/// What the laboratory does about a test (ORC-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// OK: it takes the order.
    Accepted,
    /// UA: it cannot.
    Refused,
    /// CR: it takes the cancellation.
    Cancelled,
    /// UC: it can no longer stop.
    NotCancelled,
}

/// What the laboratory's answer means for one tube.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TubeAnswer {
    /// It works on the tube.
    Accepted {
        /// Its own number; empty where it gave none.
        filler: String,
        /// Why it leaves single tests out; mostly empty.
        left_out: Vec<String>,
    },
    /// It does nothing with the tube.
    Refused {
        /// In its words; empty where it gave none.
        why: String,
    },
}

impl AnswerMessage {
    /// What the answer means for a tube of the order.
    pub fn tube(&self, number: &str) -> TubeAnswer {
        let Some(specimen) = self.specimens.iter().find(|specimen| specimen.number == number)
        else {
            return if self.verdict == Verdict::Accepted {
                TubeAnswer::Accepted { filler: String::new(), left_out: Vec::new() }
            } else {
                TubeAnswer::Refused { why: self.words() }
            };
        };
        let mut left_out = Vec::new();
        for test in specimen.tests.iter().filter(|test| test.said == Said::Refused) {
            let why = if test.why.is_empty() { test.placer.clone() } else { test.why.clone() };
            if !left_out.contains(&why) {
                left_out.push(why);
            }
        }
        let taken = specimen.tests.iter().filter(|test| test.said == Said::Accepted);
        let none = taken.clone().next().is_none() && !specimen.tests.is_empty();
        if none || self.verdict != Verdict::Accepted {
            let words = self.words();
            let why = if words.is_empty() { left_out.join("、") } else { words };
            return TubeAnswer::Refused { why };
        }
        let filler = taken.map(|test| &test.filler).find(|filler| !filler.is_empty());
        TubeAnswer::Accepted { filler: filler.cloned().unwrap_or_default(), left_out }
    }

    /// Whether the laboratory stops the tests, as the answer to a cancellation.
    pub fn cancelled(&self) -> bool {
        let mut tests = self.specimens.iter().flat_map(|specimen| &specimen.tests);
        self.verdict == Verdict::Accepted
            && !tests.any(|test| matches!(test.said, Said::NotCancelled | Said::Refused))
    }

    /// What it says for a person to read: the text and the problems, each once.
    pub fn words(&self) -> String {
        words(&self.text, &self.problems)
    }

    /// The message, or what is missing in it.
    pub fn write(&self) -> Result<Written, Hl7Error> {
        let mut out = Out::default();
        self.head.write(&mut out, ["ORL", "O34", "ORL_O34"])?;
        write_verdict(&mut out, self.verdict, &self.to, &self.text, &self.problems)?;
        if let Some(patient) = &self.patient {
            person::write_pid(&mut out, patient)?;
        } else if !self.specimens.is_empty() {
            return Err(Hl7Error::field("PID", "missing"));
        }
        for (at, specimen) in self.specimens.iter().enumerate() {
            need(&specimen.number, "SPM-2")?;
            out.segment("SPM")
                .number(at + 1)
                .text(2, &specimen.number)
                .raw(4, write_material(specimen.material.as_deref(), &specimen.material_name));
            for test in &specimen.tests {
                need(&test.placer, "ORC-2")?;
                out.segment("ORC")
                    .text(1, test.said.code())
                    .text(2, &test.placer)
                    .text(3, &test.filler)
                    .parts(16, &["", &test.why]);
            }
        }
        Ok(out.finish(self.head.charset))
    }

    /// Reads an answer.
    pub fn read(bytes: &[u8]) -> Result<Heard<Self>, Hl7Error> {
        let body = Body::open(bytes)?;
        if body.kind().0 == "ORL" { body.read(Self::take) } else { Err(body.wrong("ORL^O34")) }
    }

    pub(super) fn take(body: &mut Body) -> Result<Self, Hl7Error> {
        let mut verdict = None;
        let mut message = Self {
            head: body.take_head(),
            to: String::new(),
            verdict: Verdict::Rejected,
            text: String::new(),
            problems: Vec::new(),
            patient: None,
            specimens: Vec::new(),
        };
        for segment in body.walk() {
            match segment.name.as_str() {
                "MSA" => {
                    verdict = Some(read_verdict(&segment)?);
                    message.to = segment.text(2);
                    message.text = segment.whole(3);
                }
                "ERR" => message.problems.push(read_problem(&segment)),
                "NTE" => message.problems.push(note(&segment)),
                "PID" => message.patient = Some(person::read(&segment, &mut body.notes)),
                "SPM" => {
                    let material = segment.first(4);
                    let jlac = material.component(3) == super::JLAC10;
                    message.specimens.push(AnsweredSpecimen {
                        number: specimen_number(&segment),
                        material: Some(material.component(1)).filter(|c| jlac && !c.is_empty()),
                        material_name: material.component(2),
                        tests: Vec::new(),
                    });
                }
                "ORC" => message.take_orc(&segment, body),
                "SAC" | "OBR" | "OBX" => {}
                _ => body.keep(&segment),
            }
        }
        message.verdict = verdict.ok_or(Hl7Error::field("MSA", "missing"))?;
        Ok(message)
    }

    fn take_orc(&mut self, segment: &Segment, body: &mut Body) {
        let said = match segment.text(1).as_str() {
            "OK" | "NA" | "SC" | "SN" => Said::Accepted,
            "UA" => Said::Refused,
            "CR" | "OC" | "CA" => Said::Cancelled,
            "UC" => Said::NotCancelled,
            _ => {
                body.notes.warn(segment, 1, "unknown answer; taken as refused");
                Said::Refused
            }
        };
        let reason = segment.first(16);
        let why = Some(reason.component(2)).filter(|t| !t.is_empty());
        let test = AnsweredTest {
            placer: segment.first(2).sub(1, 1),
            filler: segment.first(3).sub(1, 1),
            said,
            why: why.unwrap_or_else(|| reason.component(1)),
        };
        if let Some(specimen) = self.specimens.last_mut() {
            specimen.tests.push(test);
            return;
        }
        // An answer of the general kind (ORL^O22): the tube stands at the front of our own number.
        body.notes.warn(segment, 0, "an order before the first specimen");
        self.specimens.push(AnsweredSpecimen {
            number: test.placer.get(..12).unwrap_or_default().to_owned(),
            material: None,
            material_name: String::new(),
            tests: vec![test],
        });
    }
}

impl Said {
    fn code(self) -> &'static str {
        match self {
            Self::Accepted => "OK",
            Self::Refused => "UA",
            Self::Cancelled => "CR",
            Self::NotCancelled => "UC",
        }
    }
}

/// Text and problems in one line, each once.
pub(super) fn words(text: &str, problems: &[Problem]) -> String {
    let mut said: Vec<&str> = Vec::new();
    for words in std::iter::once(text).chain(problems.iter().map(|p| p.text.as_str())) {
        if !words.is_empty() && !said.contains(&words) {
            said.push(words);
        }
    }
    said.join("／")
}

/// Writes MSA and ERR.
pub(super) fn write_verdict(
    out: &mut Out,
    verdict: Verdict,
    to: &str,
    text: &str,
    problems: &[Problem],
) -> Result<(), Hl7Error> {
    need(to, "MSA-2")?;
    out.segment("MSA").text(1, verdict.code()).text(2, to).text(3, text);
    for problem in problems {
        let severity = if verdict == Verdict::Accepted { "W" } else { "E" };
        let code = if problem.code.is_empty() { "207" } else { &problem.code };
        let place: Vec<&str> = problem.place.split('^').collect();
        out.segment("ERR")
            .parts(2, &place)
            .parts(3, &[code, "", "HL70357"])
            .text(4, severity)
            .text(8, &problem.text);
    }
    Ok(())
}

pub(super) fn read_verdict(segment: &Segment) -> Result<Verdict, Hl7Error> {
    match segment.text(1).as_str() {
        "AA" | "CA" => Ok(Verdict::Accepted),
        "AE" | "CE" => Ok(Verdict::Error),
        "AR" | "CR" => Ok(Verdict::Rejected),
        _ => Err(Hl7Error::field(segment.place(1), "no known verdict")),
    }
}

pub(super) fn read_problem(segment: &Segment) -> Problem {
    let code = segment.first(3);
    let texts = [segment.whole(8), segment.whole(7), code.component(2), code.component(5)];
    Problem {
        place: segment.first(2).whole(),
        code: code.component(1),
        text: texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
    }
}

/// A note beside the verdict reads as one more word on it.
fn note(segment: &Segment) -> Problem {
    Problem { text: segment.whole(3), ..Problem::default() }
}
