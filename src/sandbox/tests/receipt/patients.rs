//! patientgetv2, the patient lists and the system lists.

use std::time::Duration;

use clinical::{PersonName, SafetyKind, SafetyRemark};
use exchange::orca::{patientgetv2, patientlst1v2, patientlst2v2, patientlst3v2, system01lstv2};
use sandbox::{Sandbox, SandboxConfig};

use crate::common::{Client, config, number, start, until};

const GET: &str = "api01rv2/patientgetv2";
const CHANGED: &str = "api01rv2/patientlst1v2";
const SEARCH: &str = "api01rv2/patientlst3v2?class=01";

#[tokio::test]
async fn a_patient_comes_as_the_clinic_has_the_person() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    for patient in sandbox.clinic.patients() {
        let bare = patient.number.as_str().trim_start_matches('0');
        let reply = client.get(&format!("{GET}?id={bare}")).await;
        assert_eq!(reply.code(), "00");
        assert_eq!(reply.field("Patient_ID"), patient.number.as_str(), "padded as on the chart");
        let read = patientgetv2::read_reply(&reply.bytes).unwrap();
        assert_eq!(read.at, Some(sandbox.control.clock().now()));
        let read = read.patient.unwrap();
        assert_eq!(read.name, patient.name);
        assert_eq!(read.birth_date, patient.birth_date);
        assert_eq!(read.insurance.len(), patient.insurance.len());
        assert_eq!(read.dangers().count(), patient.dangers().count());
    }
}

#[tokio::test]
async fn no_number_and_an_unknown_number_have_codes() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    for (query, code) in [
        ("", "01"),
        ("?id=", "01"),
        ("?id=99999", "10"),
        ("?id=%E4%BA%8C", "10"),
        ("?id=1%20x", "10"),
    ] {
        assert_eq!(client.get(&format!("{GET}{query}")).await.code(), code, "{query}");
    }
}

#[tokio::test]
async fn a_patient_on_another_terminal_is_90_for_a_while() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let (number, other) = (number(&sandbox, 0), number(&sandbox, 1));
    let path = format!("{GET}?id={number}");
    sandbox.control.lock_patient(&number, Duration::from_hours(1)).unwrap();
    assert_eq!(client.get(&path).await.code(), "90");
    assert_eq!(client.get(&format!("{GET}?id={other}")).await.code(), "00");
    sandbox.control.unlock_patient(&number);
    assert_eq!(client.get(&path).await.code(), "00");

    sandbox.control.lock_patient(&number, Duration::from_millis(30)).unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(client.get(&path).await.code(), "00");
    assert!(sandbox.control.lock_patient("99999", Duration::ZERO).is_err());
}

#[tokio::test]
async fn what_an_operator_changes_is_told_at_once() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let number = number(&sandbox, 3);
    let name =
        PersonName { kanji: "改名　後".to_owned(), kana: "カイメイ　アト".to_owned() };
    sandbox.control.rename_patient(&number, name.clone()).unwrap();
    let remark = SafetyRemark {
        kind: SafetyKind::Allergy,
        text: "試験用 <&> アレルギー".to_owned(),
        drug_code: None,
    };
    sandbox.control.set_safety(&number, vec![remark.clone()]).unwrap();
    let reply = client.get(&format!("{GET}?id={number}")).await;
    let read = patientgetv2::read_reply(&reply.bytes).unwrap().patient.unwrap();
    assert_eq!((read.name, read.safety), (name, vec![remark]));

    let fields = [("Base_StartDate", "2026-11-24"), ("Contain_TestPatient_Flag", "0")];
    let reply = client.post(&format!("{CHANGED}?class=01"), "patientlst1req", &fields).await;
    let rows = patientlst1v2::read_reply(&reply.bytes).unwrap().rows;
    assert!(rows.iter().any(|row| row.number.as_str() == number));
}

#[tokio::test]
async fn changes_are_listed_by_span_of_days() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let ask = async |class: &str, fields: &[(&str, &str)]| {
        client.post(&format!("{CHANGED}?class={class}"), "patientlst1req", fields).await
    };
    let all = [("Base_StartDate", "1900-01-01"), ("Contain_TestPatient_Flag", "0")];
    let reply = ask("01", &all).await;
    let read = patientlst1v2::read_reply(&reply.bytes).unwrap();
    assert_eq!(read.rows.len(), sandbox.clinic.patients().len());
    assert_eq!(read.count, u32::try_from(read.rows.len()).ok());
    assert!(read.rows.is_sorted_by_key(|row| (row.updated, row.updated_at)));

    let tests = sandbox.clinic.patients().iter().filter(|p| p.test_patient).count();
    let without = [("Base_StartDate", "1900-01-01"), ("Contain_TestPatient_Flag", "1")];
    let reply = ask("02", &without).await;
    let rows = patientlst1v2::read_reply(&reply.bytes).unwrap().rows;
    assert_eq!(rows.len(), sandbox.clinic.patients().len() - tests);
    assert!(rows.iter().all(|row| !row.test_patient) && rows.is_sorted_by_key(|row| row.created));

    let flag = ("Contain_TestPatient_Flag", "0");
    let (late, early) = (("Base_StartDate", "2026-11-25"), ("Base_EndDate", "2026-11-24"));
    assert_eq!(ask("01", &[late, early, flag]).await.code(), "01");
    assert_eq!(ask("01", &[late]).await.code(), "02");
    assert_eq!(ask("01", &[late, flag]).await.code(), "20");
    assert_eq!(ask("03", &[late, flag]).await.code(), "91");
    assert_eq!(ask("01", &[("Base_StartDate", "2026-02-30"), flag]).await.code(), "97");
}

#[tokio::test]
async fn a_thousand_changes_are_too_many() {
    let sandbox = Sandbox::start(SandboxConfig { patients: 1100, ..config() }).await.unwrap();
    let client = Client::new(&sandbox.receipt);
    let all = [("Base_StartDate", "1900-01-01"), ("Contain_TestPatient_Flag", "0")];
    let reply = client.post(&format!("{CHANGED}?class=01"), "patientlst1req", &all).await;
    assert_eq!((reply.code(), reply.count("Patient_Information_child")), ("10", 0));
}

#[tokio::test]
async fn up_to_a_hundred_patients_come_at_once() {
    let sandbox = Sandbox::start(SandboxConfig { patients: 120, ..config() }).await.unwrap();
    let client = Client::new(&sandbox.receipt);
    let body = |numbers: &[String]| {
        let row = |number: &String| {
            format!(
                "<Patient_ID_Information_child type=\"record\"><Patient_ID type=\"string\">\
                 {number}</Patient_ID></Patient_ID_Information_child>"
            )
        };
        let rows = numbers.iter().map(row).collect::<Vec<_>>().concat();
        format!(
            "<data><patientlst2req type=\"record\"><Patient_ID_Information type=\"array\">{rows}\
             </Patient_ID_Information></patientlst2req></data>"
        )
    };
    let path = "api01rv2/patientlst2v2?class=01";
    let mut numbers: Vec<String> = (0..99).map(|at| number(&sandbox, at)).collect();
    numbers.push("88888".to_owned());
    let reply = client.post_xml(path, &body(&numbers)).await.unwrap();
    assert!(reply.text().contains("患者番号がありません"));
    let read = patientlst2v2::read_reply(&reply.bytes).unwrap();
    assert_eq!((read.patients.len(), read.unknown.len()), (99, 1));
    assert_eq!(read.patients[0].name, sandbox.clinic.patients()[0].name);
    assert_eq!(
        (reply.field("Target_Patient_Count"), reply.field("No_Target_Patient_Count")),
        ("099", "001")
    );
    // Less than patientgetv2 tells, as with the real one.
    assert!(sandbox.clinic.patients()[..99].iter().any(|patient| !patient.safety.is_empty()));
    assert!(read.patients.iter().all(|patient| patient.safety.is_empty()));
    for absent in ["Insurance_Combination_Number", "FirstVisit_Date", "TestPatient_Flag"] {
        assert!(!reply.text().contains(absent), "{absent}");
    }

    numbers.push(number(&sandbox, 100));
    assert_eq!(client.post_xml(path, &body(&numbers)).await.unwrap().code(), "97");
    assert_eq!(client.post_xml(path, &body(&[])).await.unwrap().code(), "97");
    let other_class = "api01rv2/patientlst2v2?class=02";
    assert_eq!(client.post_xml(other_class, &body(&numbers)).await.unwrap().code(), "91");
}

#[tokio::test]
async fn a_search_finds_kanji_and_kana_from_their_beginning() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let ask = async |fields: &[(&str, &str)]| client.post(SEARCH, "patientlst3req", fields).await;
    let patient = &sandbox.clinic.patients()[5];
    let born = patient.birth_date.unwrap().to_string();
    for name in [&*patient.name.kanji, &*patient.name.kana] {
        let reply = ask(&[("WholeName", name), ("Birth_StartDate", &born)]).await;
        let read = patientlst3v2::read_reply(&reply.bytes).unwrap();
        assert_eq!(read.found.len(), 1, "{name}");
        assert_eq!(read.found[0].patient.number, patient.number);
        let health = patient.insurance.iter().any(|c| c.health.is_some());
        assert_eq!(!read.found[0].health.is_empty(), health);
    }
    let all = ("WholeName", "*");
    for (fields, code) in [
        (&[("WholeName", "")][..], "17"),
        (&[("WholeName", "\u{E000}")], "10"),
        (&[all, ("Birth_StartDate", "1950-13-01")], "11"),
        (&[all, ("Birth_EndDate", "x")], "12"),
        (&[all, ("Birth_EndDate", "1950-01-01")], "13"),
        (&[all, ("Birth_StartDate", "1951-01-01"), ("Birth_EndDate", "1950-01-01")], "14"),
        (&[all, ("Sex", "3")], "15"),
        (&[all, ("InOut", "3")], "16"),
        (&[all, ("InOut", "1")], "20"),
        (&[("WholeName", "無人")], "20"),
        (&[all], "00"),
    ] {
        assert_eq!(ask(fields).await.code(), code, "{fields:?}");
    }
    let women = ask(&[all, ("Sex", "2")]).await;
    let women = patientlst3v2::read_reply(&women.bytes).unwrap().found;
    assert!(women.iter().all(|found| found.patient.sex == clinical::Sex::Female));
}

#[tokio::test]
async fn a_hundred_hits_are_too_many() {
    let sandbox = Sandbox::start(SandboxConfig { patients: 150, ..config() }).await.unwrap();
    let client = Client::new(&sandbox.receipt);
    let reply = client.post(SEARCH, "patientlst3req", &[("WholeName", "*")]).await;
    assert_eq!((reply.code(), reply.count("Patient_Information_child")), ("21", 0));
}

#[tokio::test]
async fn system_lists_tell_of_the_house() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let ask = async |number: &str| {
        let fields = [("Request_Number", number), ("Base_Date", "")];
        client.post("api01rv2/system01lstv2", "system01_managereq", &fields).await
    };
    let departments = ask("01").await;
    assert_eq!((departments.code(), departments.field("WholeName")), ("00", "内科"));
    let physicians = ask("02").await;
    assert_eq!(physicians.field("Code"), "10001");
    let hospital = ask("04").await;
    assert_eq!(hospital.field("Institution_WholeName"), sandbox::clinic::INSTITUTION_NAME);
    let contents = system01lstv2::read_reply(&ask("06").await.bytes).unwrap().content;
    let system01lstv2::Content::Contents(contents) = contents else { panic!("{contents:?}") };
    assert_eq!(contents.len(), sandbox::clinic::CONTENTS.len());
    for (number, code) in [("03", "11"), ("07", "11"), ("08", "91"), ("", "91")] {
        assert_eq!(ask(number).await.code(), code, "{number}");
    }
    // As older callers ask.
    let fields = [("Base_Date", "2026-11-24")];
    let path = "api01rv2/system01lstv2?class=02";
    assert_eq!(client.post(path, "system01_managereq", &fields).await.field("Code"), "10001");
}

#[tokio::test]
async fn a_newly_registered_patient_can_be_looked_up() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let mut patient = sandbox.clinic.patients()[0].clone();
    assert!(sandbox.control.register_patient(patient.clone()).is_err(), "number taken");
    patient.number = clinical::PatientNumber::parse("77777").unwrap();
    sandbox.control.register_patient(patient).unwrap();
    assert_eq!(client.get(&format!("{GET}?id=77777")).await.code(), "00");
    let control = sandbox.control.clone();
    until("counted", || control.requests_to("/api01rv2/patientgetv2") == 1).await;
}
