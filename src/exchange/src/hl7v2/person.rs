//! PID and PV1: the patient.

use clinical::lab::ToldPatient;
use clinical::{PersonName, Sex};

use super::error::Hl7Error;
use super::fields::{Notes, japanese, narrow};
use super::out::{Out, need, parts};
use super::raw::Segment;

/// Writes PID and PV1 of an outpatient.
pub(crate) fn write(out: &mut Out, patient: &ToldPatient) -> Result<(), Hl7Error> {
    write_pid(out, patient)?;
    out.segment("PV1").number(1).text(2, "O");
    Ok(())
}

/// Writes PID alone.
pub(crate) fn write_pid(out: &mut Out, patient: &ToldPatient) -> Result<(), Hl7Error> {
    need(&patient.number, "PID-3")?;
    need(&format!("{}{}", patient.name.kanji, patient.name.kana), "PID-5")?;
    out.segment("PID")
        .number(1)
        .parts(3, &[&patient.number, "", "", "", "PI"])
        .raw(5, names(&patient.name))
        .date(7, patient.birth_date)
        .text(8, patient.sex.map_or("", sex_code));
    Ok(())
}

/// Kanji as I, kana as P, one a repetition of the other.
fn names(name: &PersonName) -> String {
    let one = |text: &str, form: &str| {
        let (family, given) = text.split_once('\u{3000}').unwrap_or((text, ""));
        (!text.is_empty()).then(|| parts(&[family, given, "", "", "", "", "L", form]))
    };
    let both = [one(&name.kanji, "I"), one(&name.kana, "P")];
    both.into_iter().flatten().collect::<Vec<_>>().join("~")
}

fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "M",
        Sex::Female => "F",
        Sex::Unknown => "U",
    }
}

/// Reads PID.
pub(crate) fn read(segment: &Segment, notes: &mut Notes) -> ToldPatient {
    let number = number(segment);
    if number.is_empty() {
        notes.warn(segment, 3, "no patient number");
    }
    let name = read_names(segment);
    if name == PersonName::default() {
        notes.warn(segment, 5, "no name");
    }
    let birth_date = notes.day(segment, 7);
    let sex = match narrow(&segment.text(8)).to_ascii_uppercase().as_str() {
        "M" | "1" => Some(Sex::Male),
        "F" | "2" => Some(Sex::Female),
        "U" | "O" | "A" | "N" => Some(Sex::Unknown),
        "" => None,
        _ => {
            notes.warn(segment, 8, "unknown sex");
            None
        }
    };
    ToldPatient { number, name, birth_date, sex }
}

/// The repetition marked as the institution's own, else the first that is not empty; PID-2 of older writers.
fn number(segment: &Segment) -> String {
    let own =
        segment.repetitions(3).find(|id| id.component(5) == "PI" && !id.component(1).is_empty());
    let any = || segment.repetitions(3).find(|id| !id.component(1).is_empty());
    let number = own.or_else(any).map_or_else(|| segment.text(2), |id| id.component(1));
    narrow(&number)
}

fn read_names(segment: &Segment) -> PersonName {
    let mut name = PersonName::default();
    for person in segment.repetitions(5) {
        // In XPN the family name may have subcomponents; only the first is the name.
        let (family, given) = (japanese(&person.sub(1, 1)), japanese(&person.component(2)));
        let full = if given.is_empty() || family.is_empty() {
            format!("{family}{given}")
        } else {
            format!("{family}\u{3000}{given}")
        };
        if full.is_empty() {
            continue;
        }
        let kana = match person.component(8).as_str() {
            "I" => false,
            "P" => true,
            _ => full.chars().all(is_kana),
        };
        let place = if kana { &mut name.kana } else { &mut name.kanji };
        if place.is_empty() {
            *place = full;
        }
    }
    name
}

fn is_kana(c: char) -> bool {
    matches!(c, 'ァ'..='ヿ' | 'ぁ'..='ゟ' | '\u{3000}' | ' ')
}
