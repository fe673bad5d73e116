//! Orders and reports for the tests of this folder.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

use super::*;
use crate::patient::{PatientNumber, PersonName, Sex};
use crate::staff::{Role, Staff};

pub(crate) const ORDER: Uuid = Uuid::from_u128(500);

pub(crate) fn today() -> Date {
    date(2026, 11, 22)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

pub(crate) fn staff(role: Role, number: u128) -> Staff {
    Staff { account: Uuid::from_u128(number), name: format!("職員{number}"), role }
}

pub(crate) fn doctor() -> Staff {
    staff(Role::Practitioner, 1)
}

pub(crate) fn nurse() -> Staff {
    staff(Role::Nurse, 2)
}

pub(crate) fn tube(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(today(), 1, serial).unwrap()
}

pub(crate) fn container(key: &str) -> Container {
    Container {
        key: key.to_owned(),
        name: key.to_uppercase(),
        colour: "紫".to_owned(),
        rgb: "#6a3d8f".to_owned(),
        volume: Some(20),
    }
}

/// `TEST1` without a JLAC10 code, others with one that differs in the analyte.
pub(crate) fn item(n: u32, container: Option<&str>, material: Option<&str>) -> LabItem {
    LabItem {
        key: format!("TEST{n}"),
        name: format!("検査{n}"),
        abbr: format!("T{n}"),
        jlac10: (n > 1).then(|| format!("3B{n:03}0000{}27201", material.unwrap_or("023"))),
        unit: "U/L".to_owned(),
        reference_range: "13-30".to_owned(),
        material: material.map(str::to_owned),
        specimen: "血清".to_owned(),
        container: container.map(self::container),
        fasting: false,
        procedure: Some(Procedure {
            code: "160022510".to_owned(),
            name: "検査".to_owned(),
            points: 17,
        }),
    }
}

/// Two items in one tube, a third in another: tubes 1 and 2.
pub(crate) fn request() -> LabRequest {
    let items = [
        item(1, Some("serum"), Some("023")),
        item(2, Some("serum"), Some("023")),
        item(3, Some("edta"), Some("019")),
    ];
    let mut serial = 0;
    let number = || {
        serial += 1;
        Ok::<_, SpecimenNumberError>(tube(serial))
    };
    let (items, tubes) = plan_tubes(&items, number).unwrap();
    LabRequest {
        on_behalf_of: None,
        collect_on: today(),
        urgent: false,
        fasting: true,
        comment: String::new(),
        set_name: "定期".to_owned(),
        items,
        tubes,
    }
}

pub(crate) fn version(id: u128, author: Staff, act: LabAct) -> LabVersion {
    let patient = PatientNumber::parse("00127").unwrap();
    LabVersion {
        id: Uuid::from_u128(id),
        entry: LabEntry { patient, order: ORDER, act },
        author,
        terminal: "診察".to_owned(),
        entered_at: at(i64::try_from(id).unwrap()),
        stored_at: None,
    }
}

pub(crate) fn ordered() -> Vec<LabOrder> {
    let mut orders = Vec::new();
    let first = version(1, doctor(), LabAct::Order { request: request() });
    assert_eq!(LabOrder::apply(&mut orders, &first), Ok(LabOutcome::Done));
    orders
}

pub(crate) fn draw(serial: u32) -> LabAct {
    LabAct::Draw { tube: tube(serial), identified: Identified::Card }
}

pub(crate) fn send(serials: &[u32]) -> LabAct {
    LabAct::Send { tubes: serials.iter().map(|serial| tube(*serial)).collect() }
}

/// Both tubes drawn and sent, the laboratory has them.
pub(crate) fn at_the_lab() -> LabOrder {
    let mut orders = ordered();
    for (id, act) in [(2, draw(1)), (3, draw(2)), (4, send(&[1, 2]))] {
        assert_eq!(LabOrder::apply(&mut orders, &version(id, nurse(), act)), Ok(LabOutcome::Done));
    }
    let mut order = orders.pop().unwrap();
    assert!(order.lab_accepted(&tube(1), at(100), "L1"));
    assert!(order.lab_accepted(&tube(2), at(100), "L1"));
    order
}

pub(crate) fn told(n: u32, value: &str, status: ResultStatus) -> ReportedResult {
    let item = item(n, Some("serum"), Some(if n == 3 { "019" } else { "023" }));
    ReportedResult {
        code: LabCode { jlac10: item.jlac10, local: item.key },
        name: item.name,
        value: ResultValue(value.to_owned()),
        unit: "U/L".to_owned(),
        range: ReferenceRange("13-30".to_owned()),
        flag: Flag::Normal,
        status,
        analysed_at: None,
        comments: Vec::new(),
    }
}

pub(crate) fn report(serial: u32, results: Vec<ReportedResult>) -> LabReport {
    LabReport {
        specimen: tube(serial).to_string(),
        placer: String::new(),
        filler: "L1".to_owned(),
        patient: ToldPatient {
            number: "127".to_owned(),
            name: PersonName { kanji: "見本　太郎".to_owned(), kana: String::new() },
            birth_date: None,
            sex: Some(Sex::Male),
        },
        collected_at: None,
        reported_at: None,
        comments: Vec::new(),
        results,
    }
}
