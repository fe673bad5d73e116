//! Synthetic patients and receptions.

use clinical::{
    Address, Department, MedicalContent, Patient, PatientNumber, PersonName, Physician, Reception,
    ReceptionKey, ReceptionState, SafetyKind, SafetyRemark, Sex,
};
use jiff::civil::{Date, Time, date};

use crate::harness::today;

const FAMILY: [(&str, &str); 20] = [
    ("山田", "ヤマダ"),
    ("髙橋", "タカハシ"),
    ("高橋", "タカハシ"),
    ("山﨑", "ヤマサキ"),
    ("渡邊", "ワタナベ"),
    ("大野", "オオノ"),
    ("小野", "オノ"),
    ("土屋", "ツチヤ"),
    ("本間", "ホンマ"),
    ("佐々木", "ササキ"),
    ("鄭", "テイ"),
    ("葛󠄀西", "カサイ"),
    ("𠮷田", "ヨシダ"),
    ("三浦", "ミウラ"),
    ("新井", "アライ"),
    ("伊藤", "イトウ"),
    ("井藤", "イトウ"),
    ("斎藤", "サイトウ"),
    ("ジョーンズ", "ジョーンズ"),
    ("長谷川", "ハセガワ"),
];
const GIVEN: [(&str, &str); 12] = [
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("一郎", "イチロウ"),
    ("美穂", "ミホ"),
    ("健", "ケン"),
    ("千鶴", "チヅル"),
    ("翔", "ショウ"),
    ("純", "ジュン"),
    ("優子", "ユウコ"),
    ("徹", "トオル"),
    ("恵", "メグミ"),
    ("茂", "シゲル"),
];

pub fn number(n: u32) -> PatientNumber {
    PatientNumber::parse(&format!("{n:05}")).unwrap()
}

/// The n-th patient, always the same.
pub fn patient(n: u32) -> Patient {
    let family = FAMILY[n as usize % FAMILY.len()];
    let given = GIVEN[(n as usize / 7) % GIVEN.len()];
    let (year, month, day) =
        (1930 + (n * 7 % 90) as i16, 1 + (n % 12) as i8, 1 + (n * 5 % 28) as i8);
    // Now and then somebody whose name nobody parted.
    let blank = if n % 17 == 3 { "" } else { "　" };
    Patient {
        number: number(n),
        name: PersonName {
            kanji: format!("{}{blank}{}", family.0, given.0),
            kana: format!("{}{blank}{}", family.1, given.1),
        },
        birth_date: (!n.is_multiple_of(31)).then(|| date(year, month, day)),
        sex: [Sex::Female, Sex::Male, Sex::Unknown][n as usize % 5 % 3],
        householder: String::new(),
        address: Address::default(),
        phones: vec![format!("03-0000-{n:04}")],
        insurance: Vec::new(),
        safety: vec![SafetyRemark {
            kind: SafetyKind::Allergy,
            text: format!("アレルギー {n}"),
            drug_code: None,
        }],
        first_visit: None,
        last_visit: Some(today()),
        test_patient: false,
        deceased: false,
    }
}

pub fn patients(range: std::ops::Range<u32>) -> Vec<Patient> {
    range.map(patient).collect()
}

pub fn key_on(day: Date, n: u32) -> ReceptionKey {
    ReceptionKey { date: day, id: format!("{n:05}") }
}

pub fn key(n: u32) -> ReceptionKey {
    key_on(today(), n)
}

/// The n-th reception of a day, of patient n, as the receipt computer tells it.
pub fn reception_on(day: Date, n: u32) -> Reception {
    let patient = patient(n);
    Reception {
        key: key_on(day, n),
        patient: Some(patient.number),
        name: patient.name,
        birth_date: patient.birth_date,
        sex: patient.sex,
        time: Time::constant(8 + (n / 60 % 12) as i8, (n % 60) as i8, 0, 0),
        appointment: None,
        paid_at: None,
        department: Department { code: "01".to_owned(), name: "内科".to_owned() },
        physician: Physician { code: "10001".to_owned(), name: "日医　太郎".to_owned() },
        content: MedicalContent { code: "01".to_owned(), name: "診察".to_owned() },
        insurance_combination: Some("0001".to_owned()),
        state: ReceptionState::Waiting,
        revision: 0,
    }
}

pub fn reception(n: u32) -> Reception {
    reception_on(today(), n)
}

pub fn paid(n: u32) -> Reception {
    Reception { paid_at: Some(Time::constant(11, 30, 0, 0)), ..reception(n) }
}
