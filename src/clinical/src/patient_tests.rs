use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).unwrap()
}

#[test]
fn a_number_is_kept_as_written() {
    assert_eq!(number("00127").as_str(), "00127");
    assert_eq!(number("  00127 ").to_string(), "00127");
    assert_eq!(number("K-12a").as_str(), "K-12a");
    assert_ne!(number("00127"), number("127"));
}

#[test]
fn zeros_and_capitals_do_not_make_another_patient() {
    assert_eq!(number("00127").canonical(), number("127").canonical());
    assert_eq!(number("0k-1").canonical(), "K-1");
    assert_eq!(number("000").canonical(), "0");
    assert_ne!(number("00127").canonical(), number("01270").canonical());
}

#[test]
fn what_is_no_number_is_refused() {
    assert_eq!(PatientNumber::parse(" \t"), Err(PatientNumberError::Empty));
    assert_eq!(PatientNumber::parse(&"1".repeat(21)), Err(PatientNumberError::TooLong));
    assert!(PatientNumber::parse(&"1".repeat(20)).is_ok());
    for text in ["１２７", "12 7", "12_7", "厚労", "12\n7"] {
        assert_eq!(PatientNumber::parse(text), Err(PatientNumberError::BadCharacter), "{text}");
    }
}

#[test]
fn a_number_travels_as_plain_text_and_is_checked_on_arrival() {
    assert_eq!(serde_json::to_string(&number("00127")).unwrap(), "\"00127\"");
    assert_eq!(serde_json::from_str::<PatientNumber>("\"00127\"").unwrap(), number("00127"));
    assert!(serde_json::from_str::<PatientNumber>("\"\"").is_err());
    assert!(serde_json::from_str::<PatientNumber>("\"1;2\"").is_err());
}

fn combination(number: &str, from: Option<Date>, to: Option<Date>) -> InsuranceCombination {
    InsuranceCombination {
        number: number.to_owned(),
        valid_from: from,
        valid_to: to,
        ..InsuranceCombination::default()
    }
}

fn remark(kind: SafetyKind, text: &str) -> SafetyRemark {
    SafetyRemark { kind, text: text.to_owned(), drug_code: None }
}

fn patient() -> Patient {
    Patient {
        number: number("01873"),
        name: PersonName {
            kanji: "厚労　太郎".into(), kana: "コウロウ　タロウ".into()
        },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Male,
        householder: String::new(),
        address: Address::default(),
        phones: Vec::new(),
        insurance: vec![
            combination("0003", None, None),
            combination("0002", Some(date(2025, 4, 1)), None),
            combination("0001", None, Some(date(2025, 3, 31))),
        ],
        safety: vec![
            remark(SafetyKind::Comment, "耳が遠い"),
            remark(SafetyKind::Contraindication, "NSAIDs（喘息）"),
            remark(SafetyKind::Infection, "HBV"),
            remark(SafetyKind::Allergy, "ペニシリン系（発疹）"),
        ],
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    }
}

#[test]
fn a_combination_covers_its_first_and_last_day() {
    let year = combination("0001", Some(date(2026, 4, 1)), Some(date(2027, 3, 31)));
    assert!(!year.covers(date(2026, 3, 31)));
    assert!(year.covers(date(2026, 4, 1)));
    assert!(year.covers(date(2027, 3, 31)));
    assert!(!year.covers(date(2027, 4, 1)));
    assert!(combination("0001", None, None).covers(date(1900, 1, 1)));
}

#[test]
fn the_lowest_valid_combination_is_shown_first() {
    let patient = patient();
    let on = |day| patient.insurance_on(day).map(|c| c.number.as_str());
    assert_eq!(on(date(2025, 3, 31)), Some("0001"));
    assert_eq!(on(date(2025, 4, 1)), Some("0002"));
    let none =
        Patient { insurance: vec![combination("0001", None, Some(date(2020, 1, 1)))], ..patient };
    assert_eq!(none.insurance_on(date(2026, 1, 1)), None);
}

#[test]
fn only_dangers_stand_in_red() {
    let patient = patient();
    let texts: Vec<&str> = patient.dangers().map(|r| r.text.as_str()).collect();
    assert_eq!(texts, ["ペニシリン系（発疹）", "NSAIDs（喘息）"]);
    assert!(patient.dangers().all(|r| r.kind.is_danger()));
    assert!(!SafetyKind::Infection.is_danger() && !SafetyKind::Comment.is_danger());
}

#[test]
fn a_patient_travels_whole() {
    let patient = patient();
    let json = serde_json::to_string(&patient).unwrap();
    assert_eq!(serde_json::from_str::<Patient>(&json).unwrap(), patient);
    assert!(json.contains("\"birth_date\":\"1955-03-04\""), "{json}");
    assert!(json.contains("\"sex\":\"male\""), "{json}");
}

proptest! {
    #[test]
    fn a_number_that_was_read_reads_again(text in any::<String>()) {
        if let Ok(number) = PatientNumber::parse(&text) {
            prop_assert_eq!(PatientNumber::parse(number.as_str()), Ok(number.clone()));
            prop_assert_eq!(number.as_str(), text.trim());
        }
    }

    #[test]
    fn leading_zeros_never_matter(zeros in 0_usize..6, text in "[A-Za-z0-9-]{1,12}") {
        let padded = number(&format!("{}{text}", "0".repeat(zeros)));
        prop_assert_eq!(padded.canonical(), number(&text).canonical());
        prop_assert_eq!(number(&padded.canonical()).canonical(), padded.canonical());
    }
}
