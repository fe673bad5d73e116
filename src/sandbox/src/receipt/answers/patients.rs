//! patientgetv2 and the three patient lists.

use clinical::{Patient, PatientNumber, Sex};
use exchange::orca::{
    ApiResult, Basics, Node, Person, patientgetv2, patientlst1v2, patientlst2v2, patientlst3v2,
};
use jiff::civil::Date;

use super::date;
use crate::receipt::books::{Books, Record};
use crate::receipt::refusal::{Refusal, common, patients as refused};

const MOST_CHANGES: usize = 1000;
const MOST_NUMBERS: usize = 100;
const MOST_HITS: usize = 100;

/// patientgetv2.
pub(super) fn get(books: &Books, id: &str) -> Result<String, Refusal> {
    if id.is_empty() {
        return Err(refused::NO_ID);
    }
    let patient = {
        let state = books.state();
        let record = state.record(id).ok_or(refused::NO_PATIENT)?;
        if state.is_locked(id) {
            return Err(common::LOCKED);
        }
        record.patient.clone()
    };
    let reply = patientgetv2::Reply {
        at: Some(books.clock.now()),
        result: ApiResult::ok(),
        patient: Some(patient),
        warnings: Vec::new(),
    };
    Ok(patientgetv2::write_reply(&reply))
}

/// patientlst1v2: who is new, or was changed, in a span of days.
pub(super) fn changed(books: &Books, class: &str, asked: &Node) -> Result<String, Refusal> {
    let only_new = match class {
        "01" => false,
        "02" => true,
        _ => return Err(common::NO_CLASS),
    };
    let today = books.clock.now().date();
    let day = |name| date(asked.text(name)).map_err(|()| common::WRONG);
    let start = day("Base_StartDate")?.unwrap_or(today);
    let end = day("Base_EndDate")?.unwrap_or(Date::MAX);
    if start > end {
        return Err(refused::START_AFTER_END);
    }
    let with_test = match asked.text("Contain_TestPatient_Flag") {
        "0" => true,
        "1" => false,
        _ => return Err(refused::NO_TEST_FLAG),
    };
    let within = |day: Date| start <= day && day <= end;
    let mut found: Vec<Record> = books
        .state()
        .patients
        .values()
        .filter(|record| with_test || !record.patient.test_patient)
        .filter(|record| within(record.created) || (!only_new && within(record.updated.date())))
        .take(MOST_CHANGES)
        .cloned()
        .collect();
    match found.len() {
        0 => return Err(refused::NO_CHANGES),
        MOST_CHANGES.. => return Err(refused::TOO_MANY_CHANGES),
        _ => {}
    }
    if only_new {
        found.sort_by_key(|record| record.created);
    } else {
        found.sort_by_key(|record| (record.updated, record.created));
    }
    let reply = patientlst1v2::Reply {
        at: Some(books.clock.now()),
        result: ApiResult::ok(),
        count: u32::try_from(found.len()).ok(),
        rows: found.into_iter().map(changed_row).collect(),
        warnings: Vec::new(),
    };
    Ok(patientlst1v2::write_reply(&reply))
}

fn changed_row(record: Record) -> patientlst1v2::Row {
    let patient = record.patient;
    patientlst1v2::Row {
        number: patient.number.clone(),
        created: Some(record.created),
        updated: Some(record.updated.date()),
        updated_at: Some(record.updated.time()),
        test_patient: patient.test_patient,
        person: person(&patient),
    }
}

/// patientlst2v2: basics of up to a hundred patients by number.
pub(super) fn batch(books: &Books, class: &str, asked: &Node) -> Result<String, Refusal> {
    if class != "01" {
        return Err(common::NO_CLASS);
    }
    let numbers: Vec<&str> =
        asked.rows("Patient_ID_Information").map(|row| row.text("Patient_ID")).collect();
    if numbers.is_empty() || numbers.len() > MOST_NUMBERS {
        return Err(common::WRONG);
    }
    let (mut patients, mut unknown) = (Vec::new(), Vec::new());
    let state = books.state();
    for number in numbers {
        match state.record(number) {
            Some(record) => patients.push(record.patient.clone()),
            None => unknown.push(PatientNumber::parse(number).map_err(|_| common::WRONG)?),
        }
    }
    drop(state);
    let reply = patientlst2v2::Reply {
        at: Some(books.clock.now()),
        result: ApiResult::ok(),
        count: u32::try_from(patients.len()).ok(),
        patients,
        unknown,
        warnings: Vec::new(),
    };
    Ok(patientlst2v2::write_reply(&reply))
}

/// patientlst3v2: by the beginning of the name, kanji or kana.
pub(super) fn search(books: &Books, class: &str, asked: &Node) -> Result<String, Refusal> {
    if class != "01" {
        return Err(common::NO_CLASS);
    }
    let name = asked.text("WholeName");
    if name.is_empty() {
        return Err(refused::NO_NAME);
    }
    if name.chars().any(is_private) {
        return Err(refused::STRANGE_CHARACTER);
    }
    let start = date(asked.text("Birth_StartDate")).map_err(|()| refused::BAD_START)?;
    let end = date(asked.text("Birth_EndDate")).map_err(|()| refused::BAD_END)?;
    // The first day alone means that day.
    let born_within = match (start, end) {
        (None, None) => None,
        (None, Some(_)) => return Err(refused::NO_START),
        (Some(start), None) => Some((start, start)),
        (Some(start), Some(end)) if start > end => return Err(refused::BAD_ORDER),
        (Some(start), Some(end)) => Some((start, end)),
    };
    let sex = match asked.text("Sex") {
        "" => None,
        "1" => Some(Sex::Male),
        "2" => Some(Sex::Female),
        _ => return Err(refused::BAD_SEX),
    };
    // Nobody is admitted here: asking for inpatients finds none.
    let nobody = match asked.text("InOut") {
        "" | "2" => false,
        "1" => true,
        _ => return Err(refused::BAD_IN_OUT),
    };
    let pattern = Pattern::new(name);
    let born = |patient: &Patient| {
        born_within.is_none_or(|(start, end)| {
            patient.birth_date.is_some_and(|born| start <= born && born <= end)
        })
    };
    let now = books.clock.now();
    let found: Vec<Basics> = books
        .state()
        .patients
        .values()
        .map(|record| &record.patient)
        .filter(|patient| !nobody && sex.is_none_or(|sex| sex == patient.sex) && born(patient))
        .filter(|p| pattern.fits(&p.name.kanji) || pattern.fits(&p.name.kana))
        .take(MOST_HITS)
        .map(|patient| Basics::of(patient, Some(now.date())))
        .collect();
    match found.len() {
        0 => return Err(refused::NOBODY),
        MOST_HITS.. => return Err(refused::TOO_MANY_HITS),
        _ => {}
    }
    let reply = patientlst3v2::Reply {
        at: Some(now),
        result: ApiResult::ok(),
        count: u32::try_from(found.len()).ok(),
        found,
        warnings: Vec::new(),
    };
    Ok(patientlst3v2::write_reply(&reply))
}

fn person(patient: &Patient) -> Person {
    Person {
        number: Some(patient.number.clone()),
        name: patient.name.clone(),
        birth_date: patient.birth_date,
        sex: patient.sex,
    }
}

/// 外字: a character of a private plane, which no two systems share.
fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
}

/// The beginning of a name, with `*` for anything in between. The blank between the names may be of either width.
struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self { parts: blanks(text).split('*').map(str::to_owned).collect() }
    }

    fn fits(&self, name: &str) -> bool {
        let name = blanks(name);
        let mut rest = name.as_str();
        for (at, part) in self.parts.iter().enumerate() {
            let next = if at == 0 {
                rest.strip_prefix(part.as_str())
            } else {
                rest.find(part.as_str()).map(|found| &rest[found + part.len()..])
            };
            let Some(next) = next else { return false };
            rest = next;
        }
        true
    }
}

fn blanks(text: &str) -> String {
    text.replace(' ', "\u{3000}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_beginning_or_with_stars() {
        let fits = |pattern, name| Pattern::new(pattern).fits(name);
        assert!(fits("厚労", "厚労　太郎"));
        assert!(fits("厚労 太", "厚労　太郎"));
        assert!(!fits("太郎", "厚労　太郎"));
        assert!(fits("*太郎", "厚労　太郎"));
        assert!(fits("厚*郎", "厚労　太郎"));
        assert!(!fits("*花子", "厚労　太郎"));
    }
}
