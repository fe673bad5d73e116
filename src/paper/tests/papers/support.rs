//! Values to print.

use clinical::lab::{
    AtLab, Container, Done, Flag, LabCode, LabOrder, LabResult, OrderedItem, ReferenceRange,
    Reported, ResultStatus, ResultValue, SpecimenNumber, Tube, TubeState,
};
use clinical::{PatientNumber, PersonName, Role, Sex, Staff};
use jiff::civil::date;
use paper::{Dpi, LabPatient, LabelSpec, Symbology, TubeLabel};
use uuid::Uuid;

/// The `serial`th number of a day.
pub(crate) fn number(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(date(2026, 11, 22), 1, serial).unwrap()
}

/// A usual label.
pub(crate) fn tube(serial: u32) -> TubeLabel {
    TubeLabel {
        number: number(serial),
        patient_number: PatientNumber::parse("01873").unwrap(),
        kana: "コウロウ　タロウ".to_owned(),
        kanji: "厚労　太郎".to_owned(),
        sex_age: "男 71歳".to_owned(),
        collect_on: "2026/11/22(日)".to_owned(),
        container: "EDTA-2K".to_owned(),
        colour: "紫".to_owned(),
        items: ["WBC", "RBC", "Hb", "Ht", "PLT", "HbA1c"].map(str::to_owned).to_vec(),
        urgent: false,
        copy: 1,
    }
}

/// A label with more on it than any real one has.
pub(crate) fn hard(serial: u32) -> TubeLabel {
    TubeLabel {
        patient_number: PatientNumber::parse("12345678901234567890").unwrap(),
        kana: LONG_KANA.to_owned(),
        kanji: LONG_KANJI.to_owned(),
        container: "血清分離剤入り採血管 9mL".to_owned(),
        colour: "茶".to_owned(),
        items: (1..=40).map(|item| format!("ITM{item:02}")).collect(),
        urgent: true,
        copy: 2,
        ..tube(serial)
    }
}

/// Rare kanji, one with a variation selector.
pub(crate) const LONG_KANJI: &str = "𠮷𣘺﨑髙　葛\u{e0100}城之介左衛門尉藤原朝臣某";
/// Its kana.
pub(crate) const LONG_KANA: &str =
    "キチハシサキタカ　カツラギノスケサエモンノジョウフジワラノアソンナニガシ";

/// An order with two tubes.
pub(crate) fn order() -> (LabOrder, Vec<Tube>) {
    let tube = |serial: u32, key: &str, name: &str, colour: &str| Tube {
        number: number(serial),
        container: Container {
            key: key.to_owned(),
            name: name.to_owned(),
            colour: colour.to_owned(),
            rgb: String::new(),
            volume: None,
        },
        material: None,
        specimen: String::new(),
        labels: 0,
        state: TubeState::Planned,
        lab: AtLab::Here,
    };
    let tubes = vec![tube(1, "edta", "EDTA-2K", "紫"), tube(2, "serum", "血清", "茶")];
    let item = |abbr: &str, serial: u32| OrderedItem {
        code: LabCode { jlac10: None, local: abbr.to_owned() },
        name: abbr.to_owned(),
        abbr: abbr.to_owned(),
        unit: String::new(),
        procedure: None,
        tube: Some(number(serial)),
        reported: Reported::NotYet,
    };
    let by = Staff { account: Uuid::nil(), name: "院長".to_owned(), role: Role::Practitioner };
    let order = LabOrder {
        id: Uuid::nil(),
        patient: patient().number,
        revision: 1,
        versions: Vec::new(),
        ordered: Done { by, time: "2026-11-22T00:30:00Z".parse().unwrap() },
        on_behalf_of: None,
        collect_on: date(2026, 11, 22),
        urgent: true,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items: vec![item("WBC", 1), item("AST", 2), item("Hb", 1)],
        tubes: tubes.clone(),
        cancelled: None,
        unconfirmed: 0,
        confirmed_once: false,
    };
    (order, tubes)
}

/// A label of a size.
pub(crate) fn spec(width_mm: f32, height_mm: f32, dpi: Dpi, symbology: Symbology) -> LabelSpec {
    LabelSpec { width_mm, height_mm, dpi, symbology }
}

/// A patient.
pub(crate) fn patient() -> LabPatient {
    LabPatient {
        number: PatientNumber::parse("01873").unwrap(),
        name: PersonName {
            kanji: "厚労　太郎".to_owned(), kana: "コウロウ　タロウ".to_owned()
        },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Male,
    }
}

/// A result of the `nth` item of the collection made `weeks` weeks ago.
pub(crate) fn result(
    item: (&str, &str, &str, &str),
    value: &str,
    flag: Flag,
    weeks: i64,
) -> LabResult {
    let (key, name, unit, range) = item;
    let taken = date(2026, 11, 22).at(9, 53, 0, 0) - jiff::Span::new().weeks(weeks);
    LabResult {
        id: Uuid::new_v4(),
        patient: PatientNumber::parse("01873").unwrap(),
        order: Uuid::from_u128(1000 + u128::from(weeks.unsigned_abs())),
        report: Uuid::from_u128(1),
        specimen: number(1).to_string(),
        code: LabCode { jlac10: None, local: key.to_owned() },
        name: name.to_owned(),
        abbr: key.to_owned(),
        value: ResultValue(value.to_owned()),
        unit: unit.to_owned(),
        range: ReferenceRange(range.to_owned()),
        flag,
        status: ResultStatus::Final,
        collected_at: Some(taken),
        received_at: "2026-11-22T06:00:00Z".parse().unwrap(),
        comments: Vec::new(),
        replaces: None,
        replaced_by: None,
        confirmed: None,
    }
}

/// Key, name, unit and range of items.
pub(crate) const ITEMS: [(&str, &str, &str, &str); 8] = [
    ("WBC", "白血球数", "10*3/uL", "3.3-8.6"),
    ("HGB", "ヘモグロビン", "g/dL", "13.7-16.8"),
    ("AST", "AST(GOT)", "U/L", "13-30"),
    ("ALT", "ALT(GPT)", "U/L", "10-42"),
    ("K", "カリウム", "mmol/L", "3.6-4.8"),
    ("CRP", "CRP(C反応性蛋白)", "mg/dL", "0.00-0.14"),
    ("HBA1C", "HbA1c(NGSP)", "%", "4.9-6.0"),
    ("ANTI", "抗サイクリックシトルリン化ペプチド抗体（抗CCP抗体）定量", "U/mL", "<4.5"),
];
