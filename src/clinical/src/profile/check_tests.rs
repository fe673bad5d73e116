use jiff::civil::{Date, date};
use uuid::Uuid;

use super::super::value::*;
use super::super::{Source, Tenths};
use super::*;
use crate::patient::PatientNumber;

const TODAY: Date = date(2026, 11, 22);

fn problem(value: &ProfileValue) -> Option<(Field, Problem)> {
    value.check(TODAY).err().map(|error| (error.field, error.problem))
}

fn measured(value: MeasurementValue, at: &str) -> ProfileValue {
    ProfileValue::Measurement(Measurement { value, measured_at: at.parse().unwrap() })
}

fn allergy(text: &str, code: Option<&str>, reaction: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Drug,
        allergen: Allergen { text: text.to_owned(), jfagy: code.map(str::to_owned) },
        severity: None,
        reaction: reaction.to_owned(),
        onset: None,
        informant: None,
    })
}

fn history(onset: Option<Date>, ended: Option<Date>, note: &str) -> ProfileValue {
    ProfileValue::PastHistory(PastHistory {
        text: "虫垂炎".to_owned(),
        onset,
        ended,
        note: note.to_owned(),
    })
}

fn infection(kind: InfectionKind, name: &str) -> ProfileValue {
    ProfileValue::Infection(Infection {
        kind,
        name: name.to_owned(),
        result: InfectionResult::Positive,
        tested_on: Some(TODAY),
        note: String::new(),
    })
}

fn vaccination(given_on: Date, dose: Option<u8>) -> ProfileValue {
    let (vaccine, lot) = ("インフルエンザ".to_owned(), String::new());
    ProfileValue::Vaccination(Vaccination { vaccine, lot, given_on, dose })
}

fn care(valid_from: Date, valid_to: Option<Date>) -> ProfileValue {
    ProfileValue::CareLevel(CareLevelCertificate { level: CareLevel::Care2, valid_from, valid_to })
}

#[test]
fn what_a_clinic_writes_is_taken() {
    let pressure = MeasurementValue::BloodPressure { systolic: 80, diastolic: 120 };
    let taken = [
        // 23:59 of today at the clinic; a doubtful pressure is no error.
        measured(pressure, "2026-11-22T14:59:00Z"),
        ProfileValue::BloodType(BloodType { abo: None, rh: Some(Rh::Negative) }),
        allergy(&"あ".repeat(200), Some("J9FB13110000"), "発疹"),
        allergy("ノルバスク", Some("YCM2171022F2025"), ""),
        history(Some(TODAY), Some(TODAY), "手術あり\n再発なし"),
        infection(InfectionKind::Other, "疥癬"),
        infection(InfectionKind::Hbv, ""),
        vaccination(TODAY, Some(20)),
        care(date(2026, 12, 1), Some(date(2028, 11, 30))),
        ProfileValue::Disability(Disability {
            text: "右片麻痺".to_owned(),
            grade: String::new(),
            since: None,
        }),
    ];
    for value in taken {
        assert_eq!(value.check(TODAY), Ok(()), "{value:?}");
    }
}

#[test]
fn what_cannot_be_is_refused_with_its_field() {
    use Problem::*;
    let tomorrow = date(2026, 11, 23);
    let bad_drug = ProfileValue::Contraindication(Contraindication {
        drug: "ロキソニン".to_owned(),
        drug_code: Some("62000".to_owned()),
        reason: String::new(),
    });
    let refused = [
        (
            measured(MeasurementValue::Weight(Tenths(0)), "2026-11-22T00:00:00Z"),
            Field::Weight,
            NotPossible,
        ),
        (measured(MeasurementValue::Pulse(0), "2026-11-22T00:00:00Z"), Field::Pulse, NotPossible),
        (measured(MeasurementValue::Pulse(70), "2026-11-22T15:00:00Z"), Field::MeasuredAt, Future),
        (ProfileValue::BloodType(BloodType { abo: None, rh: None }), Field::Abo, Empty),
        (allergy(" 　", None, ""), Field::Allergen, Empty),
        (allergy(&"あ".repeat(201), None, ""), Field::Allergen, TooLong { most: 200 }),
        (allergy("卵", None, "発疹\n"), Field::Reaction, ControlCharacter),
        (allergy("卵", Some("J9FB1311000"), ""), Field::AllergenCode, NotACode),
        (allergy("卵", Some("j9fb13110000"), ""), Field::AllergenCode, NotACode),
        (bad_drug, Field::DrugCode, NotACode),
        (history(Some(TODAY), Some(date(2026, 1, 1)), ""), Field::Ended, EndsBeforeItBegins),
        (history(Some(tomorrow), None, ""), Field::Onset, Future),
        (history(None, None, &"あ".repeat(1001)), Field::Note, TooLong { most: 1000 }),
        (history(None, None, "\u{7}"), Field::Note, ControlCharacter),
        (infection(InfectionKind::Other, ""), Field::InfectionName, Empty),
        (infection(InfectionKind::Hbv, "Ｂ型"), Field::InfectionName, NotWanted),
        (vaccination(tomorrow, None), Field::GivenOn, Future),
        (vaccination(TODAY, Some(0)), Field::Dose, NotPossible),
        (vaccination(TODAY, Some(21)), Field::Dose, NotPossible),
        (care(TODAY, Some(date(2026, 11, 21))), Field::ValidTo, EndsBeforeItBegins),
    ];
    for (value, field, expected) in refused {
        assert_eq!(problem(&value), Some((field, expected)), "{value:?}");
    }
}

#[test]
fn an_error_tells_where_and_what_but_no_content() {
    let error = allergy(&"卵".repeat(201), None, "").check(TODAY).unwrap_err();
    assert_eq!(error.to_string(), "Allergen: is longer than 200 characters");
}

#[test]
fn a_withdrawal_needs_a_reason_and_a_record_a_sound_content() {
    let entry = |act, reason: &str| ProfileEntry {
        patient: PatientNumber::parse("127").unwrap(),
        item: Uuid::from_u128(1),
        base: None,
        act,
        on_behalf_of: None,
        reason: reason.to_owned(),
        settles: None,
    };
    let record = |value| Act::Record { value, source: Source::Clinic };
    assert_eq!(entry(Act::Withdraw, "患者違い").check(TODAY), Ok(()));
    assert_eq!(entry(Act::Confirm, "").check(TODAY), Ok(()));
    assert_eq!(entry(record(allergy("卵", None, "")), "").check(TODAY), Ok(()));
    let empty = ValueError { field: Field::EntryReason, problem: Problem::Empty };
    assert_eq!(entry(Act::Withdraw, " ").check(TODAY), Err(empty));
    assert!(entry(record(allergy("", None, "")), "").check(TODAY).is_err());
    assert!(entry(Act::Keep, &"あ".repeat(1001)).check(TODAY).is_err());
}
