//! What a content must never be, whoever entered it. What is merely unlikely is asked about instead
//! ([`super::doubts`]).
//!
//! The limits are this project's own: long enough for anything a person types, short enough for every place
//! that shows it.

use jiff::civil::Date;

use super::fields::{Field, FieldValue};
use super::value::{InfectionKind, ProfileValue};
use super::version::{Act, ProfileEntry};
use crate::calendar;

/// Most characters of a text.
pub const LONGEST_TEXT: usize = 200;
/// Most characters of a note or a reason.
pub const LONGEST_NOTE: usize = 1000;

/// Most doses of one vaccine.
const MOST_DOSES: u32 = 20;
/// The largest number that [`super::Tenths::parse`] reads.
const LARGEST_TENTHS: u32 = 9_999_999;

/// Why a content cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{field:?}: {problem}")]
pub struct ValueError {
    /// Where.
    pub field: Field,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Problem {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// More characters than there is room for.
    #[error("is longer than {most} characters")]
    TooLong {
        /// How many there may be.
        most: usize,
    },
    /// Characters that cannot be shown.
    #[error("has control characters")]
    ControlCharacter,
    /// A day or moment that is still to come.
    #[error("lies in the future")]
    Future,
    /// The end lies before the beginning.
    #[error("ends before it begins")]
    EndsBeforeItBegins,
    /// Nought, or beyond what is counted.
    #[error("is not among the numbers possible")]
    NotPossible,
    /// Given although something else in the content rules it out.
    #[error("does not belong here")]
    NotWanted,
    /// Not a code of its table.
    #[error("is not a code")]
    NotACode,
}

impl ProfileValue {
    /// Whether the content can be taken on `today`, a day of the clinic.
    pub fn check(&self, today: Date) -> Result<(), ValueError> {
        for (field, value) in self.fields() {
            check_field(field, &value, today)?;
        }
        match self {
            Self::BloodType(blood) if blood.abo.is_none() && blood.rh.is_none() => {
                Err(Problem::Empty.at(Field::Abo))
            }
            Self::Allergy(allergy) => wanted(Field::Allergen, &allergy.allergen.text),
            Self::Contraindication(contraindication) => wanted(Field::Drug, &contraindication.drug),
            Self::PastHistory(history) => {
                wanted(Field::Illness, &history.text)?;
                in_order(Field::Ended, history.onset, history.ended)
            }
            Self::Infection(infection) if infection.kind == InfectionKind::Other => {
                wanted(Field::InfectionName, &infection.name)
            }
            Self::Infection(infection) if !infection.name.is_empty() => {
                Err(Problem::NotWanted.at(Field::InfectionName))
            }
            Self::Vaccination(vaccination) => wanted(Field::Vaccine, &vaccination.vaccine),
            Self::Disability(disability) => wanted(Field::Disability, &disability.text),
            Self::CareLevel(certificate) => {
                in_order(Field::ValidTo, Some(certificate.valid_from), certificate.valid_to)
            }
            Self::Measurement(_) | Self::BloodType(_) | Self::Infection(_) => Ok(()),
        }
    }
}

impl ProfileEntry {
    /// Whether the entry's texts and its content can be taken on `today`, a day of the clinic. A withdrawal needs
    /// a reason.
    pub fn check(&self, today: Date) -> Result<(), ValueError> {
        check_text(Field::EntryReason, &self.reason)?;
        match &self.act {
            Act::Record { value, .. } => value.check(today),
            Act::Withdraw => wanted(Field::EntryReason, &self.reason),
            Act::Confirm | Act::Keep => Ok(()),
        }
    }
}

impl Problem {
    fn at(self, field: Field) -> ValueError {
        ValueError { field, problem: self }
    }
}

impl Field {
    /// Most characters of a text in this field.
    pub fn most_characters(self) -> usize {
        match self {
            Self::Note | Self::EntryReason => LONGEST_NOTE,
            _ => LONGEST_TEXT,
        }
    }
}

fn check_field(field: Field, value: &FieldValue, today: Date) -> Result<(), ValueError> {
    let fits = match value {
        FieldValue::Text(text) => return check_text(field, text),
        FieldValue::Tenths(tenths) => (1..=LARGEST_TENTHS).contains(&tenths.0),
        FieldValue::Number(number) if field == Field::Dose => (1..=MOST_DOSES).contains(number),
        FieldValue::Number(number) => *number > 0,
        FieldValue::Moment(moment) => return not_future(field, calendar::day_of(*moment), today),
        // A certificate may begin tomorrow and mostly ends in the future.
        FieldValue::Date(_) if matches!(field, Field::ValidFrom | Field::ValidTo) => true,
        FieldValue::Date(date) => return not_future(field, *date, today),
        _ => true,
    };
    if fits { Ok(()) } else { Err(Problem::NotPossible.at(field)) }
}

fn check_text(field: Field, text: &str) -> Result<(), ValueError> {
    let most = field.most_characters();
    if text.chars().count() > most {
        return Err(Problem::TooLong { most }.at(field));
    }
    let has_lines = most == LONGEST_NOTE;
    if text.chars().any(|c| c.is_control() && !(has_lines && c == '\n')) {
        return Err(Problem::ControlCharacter.at(field));
    }
    let upper = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let is_code = match field {
        // A prefix of three characters and a body of 9 (food, environment, dummies) or 12 (drugs).
        Field::AllergenCode => matches!(text.len(), 12 | 15) && upper(text),
        Field::DrugCode => text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit()),
        _ => true,
    };
    if is_code { Ok(()) } else { Err(Problem::NotACode.at(field)) }
}

fn wanted(field: Field, text: &str) -> Result<(), ValueError> {
    if text.trim().is_empty() { Err(Problem::Empty.at(field)) } else { Ok(()) }
}

fn not_future(field: Field, day: Date, today: Date) -> Result<(), ValueError> {
    if day > today { Err(Problem::Future.at(field)) } else { Ok(()) }
}

fn in_order(field: Field, from: Option<Date>, to: Option<Date>) -> Result<(), ValueError> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(Problem::EndsBeforeItBegins.at(field)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
