use jiff::civil::{date, time};

use super::*;

fn request() -> Request {
    let item =
        OrderItem { code: "112007410".into(), name: "再診料".into(), quantity: "1".into() };
    let group = OrderGroup {
        class: "120".into(),
        class_name: "再診".into(),
        count: 1,
        items: vec![item.clone(), item],
    };
    let order = BillingOrder {
        patient: PatientNumber::parse("00127").unwrap(),
        performed_on: date(2026, 4, 6),
        performed_at: Some(time(9, 12, 30, 0)),
        department: "01".into(),
        physician: "10001".into(),
        insurance_combination: "0001".into(),
        groups: vec![group.clone(), group],
    };
    Request { class: Class::Register, order, uid: None }
}

#[test]
fn the_class_stands_in_the_target() {
    assert_eq!(target(Class::Append), "api21/medicalmodv2?class=04");
    for code in ["01", "02", "03", "04"] {
        assert_eq!(Class::parse(code).map(Class::code), Some(code));
    }
    assert_eq!(Class::parse("05"), None);
}

#[test]
fn the_lines_have_a_small_i() {
    let written = write_request(&request());
    assert!(written.contains("<Medication_info type=\"array\">"));
    assert!(written.contains("<Medication_info_child type=\"record\">"));
    assert!(!written.contains("Medication_Info"));
    let heard = read_tolerant(written.replace("Medication_info", "Medication_Info").as_bytes());
    let heard = heard.unwrap();
    assert!(heard.order.groups.iter().all(|group| group.items.is_empty()));
    assert_eq!(heard.warnings.len(), 2, "{:?}", heard.warnings);
}

#[test]
fn what_the_receipt_computer_refuses_is_refused_with_its_place() {
    let good = write_request(&request());
    assert_eq!(read_request(Class::Register, good.as_bytes()), Ok(request()));
    let refused = |from: &str, to: &str, words: &str| {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let error = read_request(Class::Register, bad.as_bytes()).expect_err(words);
        assert_eq!(error.to_string(), words);
    };
    refused(">00127<", "><", "Patient_ID: no patient number");
    refused(">2026-04-06<", "><", "Perform_Date: missing");
    refused(">2026-04-06<", ">2026-02-30<", "Perform_Date: an impossible date");
    refused(">09:12:30<", ">9時<", "Perform_Time: not a time");
    refused(">01<", "><", "Department_Code: missing");
    refused(">10001<", "> <", "Physician_Code: missing");
    let group = "Diagnosis_Information/Medical_Information[1]";
    refused(">120<", "><", &format!("{group}/Medical_Class: not three digits"));
    refused(
        "_Number type=\"string\">1<",
        "_Number type=\"string\">x<",
        &format!("{group}/Medical_Class_Number: not a count"),
    );
    let line = format!("{group}/Medication_info[1]/Medication_Code: not nine digits");
    refused(">112007410<", ">S0001<", &line);
    let mut long = request();
    long.order.groups = vec![long.order.groups[0].clone(); 41];
    let error = read_request(Class::Register, write_request(&long).as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "Diagnosis_Information/Medical_Information: more than 40 rows");
}

#[test]
fn deleting_and_replacing_name_the_order() {
    let written = write_request(&request());
    for (class, needed) in [
        (Class::Register, false),
        (Class::Delete, true),
        (Class::Replace, true),
        (Class::Append, false),
    ] {
        let read = read_request(class, written.as_bytes());
        assert_eq!(read.is_err(), needed, "{class:?}");
        let named = Request { class, uid: Some("3ea20b6d".into()), ..request() };
        assert_eq!(read_request(class, write_request(&named).as_bytes()), Ok(named));
    }
}

#[test]
fn the_tolerant_reader_notes_what_it_lets_pass() {
    let bad = write_request(&request())
        .replacen(">09:12:30<", ">25:00:00<", 1)
        .replacen(">120<", "><", 1)
        .replacen("<InOut type=\"string\"><", "<InOut type=\"string\">I<", 1)
        .replacen("_Number type=\"string\">1<", "_Number type=\"string\">1,3<", 1);
    let heard = read_tolerant(bad.as_bytes()).unwrap();
    assert_eq!((heard.order.performed_at, heard.order.groups[0].count), (None, 1));
    let places: Vec<_> = heard.warnings.iter().map(|warning| warning.place.as_str()).collect();
    let group = "Diagnosis_Information/Medical_Information[1]";
    assert_eq!(
        places,
        [
            &format!("{group}/Medical_Class_Number"),
            "Perform_Time",
            "InOut",
            &format!("{group}/Medical_Class")
        ]
    );
}
