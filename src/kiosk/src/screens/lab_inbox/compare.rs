//! Whether a report's person and a patient are the same, field by field. A person decides; this only says what differs.

use api::patients::PatientHit;
use clinical::lab::ToldPatient;
use clinical::search::fold;
use clinical::{PatientNumber, Sex};

/// How a field of the report stands to the patient's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// The same.
    Yes,
    /// Something else.
    No,
    /// The report does not say it, or the patient's is not known.
    Untold,
}

/// The fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The chart's number, however padded.
    pub number: Same,
    /// The name in kanji or in kana.
    pub name: Same,
    /// The birth date.
    pub birth: Same,
    /// The sex.
    pub sex: Same,
}

/// Compares.
pub fn compare(told: &ToldPatient, hit: &PatientHit) -> Comparison {
    let number = told.number.trim();
    let number = match (number.is_empty(), PatientNumber::parse(number)) {
        (true, _) => Same::Untold,
        (false, Ok(number)) => same(number.canonical() == hit.number.canonical()),
        (false, Err(_)) => Same::No,
    };
    let names = [(&told.name.kanji, &hit.name.kanji), (&told.name.kana, &hit.name.kana)];
    let names: Vec<bool> = names
        .into_iter()
        .map(|(told, own)| (squeezed(told), squeezed(own)))
        .filter(|(told, own)| !told.is_empty() && !own.is_empty())
        .map(|(told, own)| told == own)
        .collect();
    let name = if names.is_empty() { Same::Untold } else { same(names.contains(&true)) };
    let birth = match (told.birth_date, hit.birth_date) {
        (Some(told), Some(own)) => same(told == own),
        _ => Same::Untold,
    };
    let sex = match (told.sex, hit.sex) {
        (None | Some(Sex::Unknown), _) | (_, Sex::Unknown) => Same::Untold,
        (Some(told), own) => same(told == own),
    };
    Comparison { number, name, birth, sex }
}

impl Comparison {
    /// Whether something differs.
    pub fn differs(self) -> bool {
        [self.number, self.name, self.birth, self.sex].contains(&Same::No)
    }
}

fn same(yes: bool) -> Same {
    if yes { Same::Yes } else { Same::No }
}

/// Folded, without blanks: a laboratory parts the names its own way.
fn squeezed(name: &str) -> String {
    fold(name).chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Same, compare};
    use api::patients::PatientHit;
    use clinical::lab::ToldPatient;
    use clinical::{PatientNumber, PersonName, Sex};
    use jiff::civil::date;

    fn told(number: &str, kanji: &str, kana: &str) -> ToldPatient {
        ToldPatient {
            number: number.to_owned(),
            name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
            birth_date: Some(date(1955, 3, 4)),
            sex: Some(Sex::Male),
        }
    }

    fn hit() -> PatientHit {
        PatientHit {
            number: PatientNumber::parse("01873").unwrap(),
            name: PersonName {
                kanji: "髙橋　太郎".to_owned(),
                kana: "タカハシ　タロウ".to_owned(),
            },
            birth_date: Some(date(1955, 3, 4)),
            sex: Sex::Male,
            last_visit: None,
        }
    }

    #[test]
    fn padding_blanks_and_forms_of_kanji_make_no_difference() {
        let same = compare(&told("1873", "高橋太郎", ""), &hit());
        assert!(!same.differs(), "{same:?}");
        assert_eq!((same.number, same.name), (Same::Yes, Same::Yes));
        // Half-width kana, as laboratories write them.
        assert_eq!(compare(&told("", "", "ﾀｶﾊｼ ﾀﾛｳ"), &hit()).name, Same::Yes);
    }

    #[test]
    fn what_differs_is_said_and_what_is_not_told_is_no_difference() {
        let other = compare(&told("01874", "高橋　次郎", "タカハシ　ジロウ"), &hit());
        assert_eq!((other.number, other.name, other.birth), (Same::No, Same::No, Same::Yes));
        assert!(other.differs());
        let silent = ToldPatient::default();
        let silent = compare(&silent, &hit());
        assert!(!silent.differs());
        assert_eq!(silent.birth, Same::Untold);
        let born = ToldPatient { birth_date: Some(date(1955, 3, 5)), ..told("01873", "", "") };
        assert_eq!(compare(&born, &hit()).birth, Same::No);
    }
}
