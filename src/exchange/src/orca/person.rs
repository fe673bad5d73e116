//! The few facts by which lists name a person.

use clinical::{PatientNumber, PersonName, Sex};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::fields::Fields;
use super::node::Node;
use super::notes::Notes;

/// Person as lists name one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// `None` for a walk-in accepted by name alone (未登録).
    pub number: Option<PatientNumber>,
    /// Kanji and kana.
    pub name: PersonName,
    /// `None` where there is none or an impossible one.
    pub birth_date: Option<Date>,
    /// As registered.
    pub sex: Sex,
}

pub(crate) fn read(node: &Node, notes: &mut Notes) -> Person {
    Person {
        number: number(node, notes),
        name: name(node),
        birth_date: notes.birth_date(node, "BirthDate"),
        sex: sex(node.text("Sex")),
    }
}

pub(crate) fn number(node: &Node, notes: &mut Notes) -> Option<PatientNumber> {
    let text = node.text("Patient_ID");
    if text.is_empty() {
        return None;
    }
    match PatientNumber::parse(text) {
        Ok(number) => Some(number),
        Err(error) => {
            notes.warn("Patient_ID", &error.to_string());
            None
        }
    }
}

pub(crate) fn name(node: &Node) -> PersonName {
    PersonName {
        kanji: node.text("WholeName").to_owned(),
        kana: node.text("WholeName_inKana").to_owned(),
    }
}

pub(crate) fn sex(text: &str) -> Sex {
    match text {
        "1" => Sex::Male,
        "2" => Sex::Female,
        _ => Sex::Unknown,
    }
}

pub(crate) fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::Unknown => "",
    }
}

pub(crate) fn write(person: &Person) -> Fields {
    let number = person.number.as_ref().map_or("", PatientNumber::as_str);
    Fields::new()
        .text("Patient_ID", number)
        .text("WholeName", &person.name.kanji)
        .filled("WholeName_inKana", &person.name.kana)
        .date("BirthDate", person.birth_date)
        .filled("Sex", sex_code(person.sex))
}
