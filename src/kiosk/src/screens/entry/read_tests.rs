use clinical::profile::{
    Allergen, Allergy, AllergyCategory, BloodType, CareLevel, CareLevelCertificate,
    Contraindication, Disability, Infection, InfectionKind, InfectionResult, Informant,
    Measurement, MeasurementValue, PastHistory, Problem, ProfileValue, Rh, Severity, Tenths,
    Vaccination,
};
use jiff::Timestamp;
use jiff::civil::{date, time};

use super::{Reading, Wrong, answers_of, clock, defaults, pressure, put_code, tenths, whole};
use crate::app::form::FormKind;
use crate::screens::entry::answers::Answers;

const NOW: &str = "2026-11-22T00:42:00Z";

fn reading(kind: FormKind, answers: &Answers) -> Reading<'_> {
    Reading { kind, only: None, answers, today: date(2026, 11, 22), measured_at: None }
}

fn read(
    kind: FormKind,
    answers: &Answers,
) -> Result<Vec<ProfileValue>, Vec<(&'static str, Wrong)>> {
    let mistakes = |all: Vec<super::Mistake>| all.iter().map(|m| (m.field, m.wrong)).collect();
    reading(kind, answers).values().map_err(mistakes)
}

#[test]
fn blood_pressure_is_read_however_it_is_typed() {
    for text in ["152/88", "１５２／８８", "152 88", "152-88", "15288", "１５２・８８", " 152/88 "]
    {
        assert_eq!(pressure(text), Some((152, 88)), "{text}");
    }
    assert_eq!(pressure("9858"), Some((98, 58)));
    assert_eq!(pressure("210108"), Some((210, 108)));
    for text in ["", "152", "152/88/60", "0/88", "高い"] {
        assert_eq!(pressure(text), None, "{text}");
    }
}

#[test]
fn numbers_take_what_an_input_method_leaves() {
    for text in ["68.4", "６８．４", "６８。４", " 68.4"] {
        assert_eq!(tenths(text), Some(Tenths(684)), "{text}");
    }
    assert_eq!(tenths("165"), Some(Tenths(1650)));
    for text in ["", "0", "0.0", "68.45", "六十八", "-3", "68kg"] {
        assert_eq!(tenths(text), None, "{text}");
    }
    assert_eq!(whole("７２"), Some(72));
    for text in ["", "0", "72.5", "七十二", "70000"] {
        assert_eq!(whole(text), None, "{text}");
    }
}

#[test]
fn times_are_read_with_and_without_a_mark() {
    for text in ["9:42", "09:42", "942", "0942", "９：４２", "9時42分", "9.42"] {
        assert_eq!(clock(text), Some(time(9, 42, 0, 0)), "{text}");
    }
    for text in ["", "25:00", "9:60", "9", "朝"] {
        assert_eq!(clock(text), None, "{text}");
    }
}

#[test]
fn a_form_of_measurements_makes_one_content_for_each_that_was_taken() {
    let mut answers = defaults(FormKind::Measurement, NOW.parse().unwrap());
    assert_eq!(
        read(FormKind::Measurement, &answers),
        Err(vec![("field.height", Wrong::NothingMeasured)])
    );
    answers.set("field.weight", "68.4");
    answers.set("field.blood_pressure", "152/88");
    let at: Timestamp = NOW.parse().unwrap();
    let measurement = |value| ProfileValue::Measurement(Measurement { value, measured_at: at });
    assert_eq!(
        read(FormKind::Measurement, &answers).unwrap(),
        [
            measurement(MeasurementValue::Weight(Tenths(684))),
            measurement(MeasurementValue::BloodPressure { systolic: 152, diastolic: 88 }),
        ]
    );
    answers.set("field.weight", "重い");
    answers.set("field.pulse", "7x");
    assert_eq!(
        read(FormKind::Measurement, &answers).unwrap_err(),
        [("field.weight", Wrong::NotANumber), ("field.pulse", Wrong::NotWhole)]
    );
    answers.set("field.measured_on", "8.11.23");
    assert_eq!(answers.text("field.measured_on"), "8.11.23");
    answers.set("field.weight", "68.4");
    answers.set("field.pulse", "");
    assert_eq!(
        read(FormKind::Measurement, &answers).unwrap_err(),
        [("field.measured_on", Wrong::Value(Problem::Future))]
    );
}

#[test]
fn the_seconds_of_a_corrected_measurement_stay_where_nobody_touches_the_time() {
    let before: Timestamp = "2026-11-22T00:30:17Z".parse().unwrap();
    let value = ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Pulse(72),
        measured_at: before,
    });
    let mut answers = answers_of(&value);
    answers.set("field.pulse", "74");
    let moment = |answers: &Answers| {
        let reading =
            Reading { measured_at: Some(before), ..reading(FormKind::Measurement, answers) };
        match &reading.values().unwrap()[..] {
            [ProfileValue::Measurement(m)] => m.measured_at,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(moment(&answers), before);
    answers.set("field.measured_time", "9:31");
    assert_eq!(moment(&answers), "2026-11-22T00:31:00Z".parse().unwrap());
}

/// One content of each kind, with everything in it.
fn examples() -> Vec<(FormKind, ProfileValue)> {
    let text = str::to_owned;
    vec![
        (
            FormKind::Measurement,
            ProfileValue::Measurement(Measurement {
                value: MeasurementValue::Temperature(Tenths(368)),
                measured_at: NOW.parse().unwrap(),
            }),
        ),
        (
            FormKind::BloodType,
            ProfileValue::BloodType(BloodType { abo: None, rh: Some(Rh::Negative) }),
        ),
        (
            FormKind::Allergy,
            ProfileValue::Allergy(Allergy {
                category: AllergyCategory::Food,
                allergen: Allergen { text: text("鶏卵"), jfagy: Some(text("J9FB13110000")) },
                severity: Some(Severity::High),
                reaction: text("呼吸困難"),
                onset: Some(date(1960, 4, 1)),
                informant: Some(Informant::Family),
            }),
        ),
        (
            FormKind::Contraindication,
            ProfileValue::Contraindication(Contraindication {
                drug: text("ロキソニン錠６０ｍｇ"),
                drug_code: Some(text("620098801")),
                reason: text("喘息"),
            }),
        ),
        (
            FormKind::PastHistory,
            ProfileValue::PastHistory(PastHistory {
                text: text("胃癌"),
                onset: Some(date(2012, 4, 1)),
                ended: Some(date(2012, 9, 30)),
                note: text("胃全摘"),
            }),
        ),
        (
            FormKind::Infection,
            ProfileValue::Infection(Infection {
                kind: InfectionKind::Other,
                name: text("HTLV-1"),
                result: InfectionResult::Positive,
                tested_on: Some(date(2024, 4, 1)),
                note: text("キャリア"),
            }),
        ),
        (
            FormKind::Vaccination,
            ProfileValue::Vaccination(Vaccination {
                vaccine: text("インフルエンザ"),
                lot: text("AB123"),
                given_on: date(2026, 11, 1),
                dose: Some(2),
            }),
        ),
        (
            FormKind::Disability,
            ProfileValue::Disability(Disability {
                text: text("右片麻痺"),
                grade: text("身体障害者手帳 2級"),
                since: Some(date(2019, 5, 1)),
            }),
        ),
        (
            FormKind::CareLevel,
            ProfileValue::CareLevel(CareLevelCertificate {
                level: CareLevel::Care2,
                valid_from: date(2026, 4, 1),
                valid_to: Some(date(2028, 3, 31)),
            }),
        ),
    ]
}

#[test]
fn every_content_comes_back_out_of_its_form() {
    let examples = examples();
    assert_eq!(examples.len(), FormKind::ALL.len());
    for (kind, value) in examples {
        let answers = answers_of(&value);
        // As a draft, through JSON.
        let json = serde_json::to_value(&answers).unwrap();
        let answers: Answers = serde_json::from_value(json).unwrap();
        assert_eq!(read(kind, &answers), Ok(vec![value]), "{kind:?}");
    }
}

#[test]
fn an_empty_form_says_what_is_missing() {
    let missing = |kind| read(kind, &Answers::default()).unwrap_err();
    assert_eq!(missing(FormKind::Allergy), [("field.category", Wrong::NotChosen)]);
    assert_eq!(missing(FormKind::Contraindication), [("field.drug", Wrong::Empty)]);
    assert_eq!(missing(FormKind::Infection), [("field.infection", Wrong::NotChosen)]);
    assert_eq!(missing(FormKind::PastHistory), [("field.illness", Wrong::Empty)]);
    assert_eq!(missing(FormKind::Vaccination), [("field.vaccine", Wrong::Empty)]);
    assert_eq!(missing(FormKind::BloodType), [("field.abo", Wrong::NotChosen)]);
    assert_eq!(missing(FormKind::CareLevel), [("field.care_level", Wrong::NotChosen)]);
    assert_eq!(missing(FormKind::Disability), [("field.disability", Wrong::Empty)]);
}

#[test]
fn a_code_goes_with_the_words_that_it_stands_for() {
    let mut answers = defaults(FormKind::Allergy, NOW.parse().unwrap());
    answers.set("field.allergen", "鶏卵");
    put_code(&mut answers, "鶏卵", Some("J9FB13110000"));
    let code = |answers: &Answers| match &read(FormKind::Allergy, answers).unwrap()[0] {
        ProfileValue::Allergy(allergy) => allergy.allergen.jfagy.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(&answers).as_deref(), Some("J9FB13110000"));
    answers.set("field.allergen", "鶏卵の白身");
    assert_eq!(code(&answers), None);
}
