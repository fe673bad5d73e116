//! Reading values out of fields, and noting what could not be used.

use clinical::lab::{Flag, LabCode, ResultStatus};
use jiff::civil::{Date, DateTime, Time};

use super::charset::wide_kana;
use super::out::parts;
use super::raw::{Parts, Segment};
use super::{JLAC10, OWN_CODES};
use crate::warning::Warning;

/// Collects warnings while a message is read.
#[derive(Debug, Default)]
pub(crate) struct Notes(pub Vec<Warning>);

impl Notes {
    pub fn warn(&mut self, segment: &Segment, field: usize, reason: &str) {
        self.0.push(Warning { place: segment.place(field), reason: reason.to_owned() });
    }

    /// A moment; `YYYYMMDD` alone is its first minute.
    pub fn moment(&mut self, segment: &Segment, field: usize) -> Option<DateTime> {
        let text = segment.text(field);
        if text.is_empty() {
            return None;
        }
        let moment = moment(&text);
        if moment.is_none() {
            self.warn(segment, field, "not a date");
        }
        moment
    }

    /// A day.
    pub fn day(&mut self, segment: &Segment, field: usize) -> Option<Date> {
        self.moment(segment, field).map(DateTime::date)
    }

    /// How far out of range a result is. An unknown word is taken for "abnormal", so that somebody looks.
    pub fn flag(&mut self, segment: &Segment, field: usize) -> Flag {
        let mut worst = Flag::Normal;
        for part in segment.repetitions(field) {
            let word = narrow(&part.component(1)).to_ascii_uppercase();
            let flag = match word.as_str() {
                "" | "N" | "-" | "NORMAL" => Flag::Normal,
                "H" | "HI" | "HIGH" | ">" => Flag::High,
                "L" | "LO" | "LOW" | "<" => Flag::Low,
                "HH" | "H!" | "!H" | ">>" | "PH" => Flag::PanicHigh,
                "LL" | "L!" | "!L" | "<<" | "PL" => Flag::PanicLow,
                "A" | "AA" | "!" | "*" => Flag::Abnormal,
                _ => {
                    self.warn(segment, field, "unknown flag; taken as abnormal");
                    Flag::Abnormal
                }
            };
            if severity(flag) > severity(worst) {
                worst = flag;
            }
        }
        worst
    }

    /// Whether a result may still change; `None` for a line that tells no result. `default` stands where the field is
    /// empty.
    pub fn status(
        &mut self,
        segment: &Segment,
        field: usize,
        default: ResultStatus,
    ) -> Option<ResultStatus> {
        let word = narrow(&segment.text(field)).to_ascii_uppercase();
        Some(match word.as_str() {
            "" => default,
            "F" | "U" => ResultStatus::Final,
            "P" | "R" | "S" => ResultStatus::Preliminary,
            "C" => ResultStatus::Corrected,
            "X" => ResultStatus::Cancelled,
            "D" => {
                self.warn(segment, field, "the laboratory deletes the result; read as cancelled");
                ResultStatus::Cancelled
            }
            "W" => {
                self.warn(
                    segment,
                    field,
                    "the laboratory had it under a wrong patient; read as cancelled",
                );
                ResultStatus::Cancelled
            }
            "I" | "N" | "O" => return None,
            _ => {
                self.warn(segment, field, "unknown status; taken as preliminary");
                ResultStatus::Preliminary
            }
        })
    }
}

fn severity(flag: Flag) -> u8 {
    match flag {
        Flag::Normal => 0,
        Flag::Abnormal => 1,
        Flag::Low | Flag::High => 2,
        Flag::PanicLow | Flag::PanicHigh => 3,
    }
}

/// `YYYYMMDD[HHMM[SS[.S]]][+ZZZZ]`, separators of careless writers left out.
pub(crate) fn moment(text: &str) -> Option<DateTime> {
    let text = narrow(text);
    let text = text.split(['+', '.']).next().unwrap_or_default();
    // A zone west of Greenwich; a hyphen elsewhere parts year, month and day.
    let text = if text.len() > 12 && text.as_bytes()[text.len() - 5] == b'-' {
        &text[..text.len() - 5]
    } else {
        text
    };
    let digits: String =
        text.chars().filter(|c| !matches!(c, '-' | '/' | ':' | ' ' | 'T')).collect();
    if !matches!(digits.len(), 8 | 10 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| two.parse::<i8>().ok());
    let day = Date::new(digits[..4].parse().ok()?, two(4)?, two(6)?).ok()?;
    let time = Time::new(two(8)?, two(10)?, two(12)?, 0).ok()?;
    Some(day.to_datetime(time))
}

/// Full-width ASCII and blanks as ASCII: digits, letters and signs of careless writers.
pub(crate) fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.chars().map(narrow).collect::<String>().trim().to_owned()
}

/// A code with its names: what CE and CWE fields carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coded {
    pub code: LabCode,
    pub name: String,
    /// The name beside the local code; empty where there is none.
    pub abbr: String,
}

/// Reads a test's code: JLAC10 in one triple, a local code in the other, in any order. `None` where both are empty.
pub(crate) fn coded(field: Parts<'_>) -> Option<Coded> {
    let triple =
        |at: usize| [field.component(at), field.component(at + 1), field.component(at + 2)];
    let triples = [triple(1), triple(4)];
    let is_jlac = |[code, _, system]: &[String; 3]| {
        let system = system.to_ascii_uppercase();
        let named = matches!(system.as_str(), "JC10" | "JLAC10") || system.ends_with(".119.4.504");
        let looks = system.is_empty() && code.starts_with(|c: char| c.is_ascii_digit());
        (named || looks) && code.len() == 17 && code.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let jlac = triples.iter().position(is_jlac);
    let own = |[code, _, system]: &[String; 3]| system == OWN_CODES && !code.is_empty();
    let local = triples
        .iter()
        .position(own)
        .or_else(|| (0..2).find(|at| Some(*at) != jlac && !triples[*at][0].is_empty()));
    let main = &triples[jlac.or(local)?];
    let other = local.filter(|at| Some(*at) != jlac.or(local)).map(|at| &triples[at]);
    let jlac10 = jlac.map(|at| triples[at][0].clone());
    let local_code = match local {
        Some(at) => triples[at][0].clone(),
        None => jlac10.clone()?,
    };
    let abbr = other.map(|[_, text, _]| text.clone()).unwrap_or_default();
    let named = [&main[1], &abbr, &triples[0][1], &triples[1][1], &local_code];
    let name = named.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_default();
    Some(Coded { code: LabCode { jlac10, local: local_code }, name, abbr })
}

/// Writes a test's code.
pub(crate) fn write_code(code: &LabCode, name: &str, abbr: &str) -> String {
    match &code.jlac10 {
        Some(jlac10) if code.local == *jlac10 => parts(&[jlac10, name, JLAC10]),
        Some(jlac10) => parts(&[jlac10, name, JLAC10, &code.local, abbr, OWN_CODES]),
        None => parts(&[&code.local, name, OWN_CODES]),
    }
}

/// Text as Japanese readers expect it: half-width katakana made full-width.
pub(crate) fn japanese(text: &str) -> String {
    wide_kana(text).trim().to_owned()
}
