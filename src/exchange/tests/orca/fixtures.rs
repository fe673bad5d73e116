//! One test per kind of answer: what is in the file comes out as clinical values.

use clinical::{MedicalContent, PatientNumber, ReceptionState, SafetyKind, Sex};
use exchange::orca::push::{Body, Mode, Notice};
use exchange::orca::{
    Message, OrcaError, Outcome, acceptlstv2, acceptmodv2, medicalmodv2, patientgetv2, push,
    pusheventgetv2, system01lstv2,
};
use jiff::civil::{date, time};

use crate::{fixture, names};

#[test]
fn every_fixture_is_read() {
    let mut read = 0;
    for name in names(".xml").iter().chain(&names(".json")) {
        let message = Message::read(&fixture(name));
        let message = message.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!message.body.is_blank(), "{name} reads as nothing");
        read += 1;
    }
    assert!(read >= 39, "only {read} fixtures found");
}

#[test]
fn a_patient_with_everything_that_warns() {
    let reply = patientgetv2::read_reply(&fixture("xml_patientgetv2_safety.xml")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Ok);
    assert_eq!(reply.at, Some(date(2026, 4, 6).at(9, 0, 0, 0)));
    let patient = reply.patient.unwrap();
    assert_eq!(patient.number.as_str(), "00508");
    assert_eq!(patient.name.kanji, "見本　𠮷郎");
    assert_eq!(patient.birth_date, None, "29 February 1931 never was");
    assert_eq!(patient.sex, Sex::Male);
    assert!(patient.test_patient && patient.deceased);
    assert_eq!(patient.address.postal_code, "9990001");
    assert_eq!(patient.address.line2, "１－２　<見本ハイツ> Ｎｏ．３ & ４");
    assert_eq!(patient.phones, ["000-111-2222", "000-9999-0000"]);
    let remarks: Vec<_> = patient.safety.iter().map(|r| (r.kind, r.text.as_str())).collect();
    assert_eq!(
        remarks,
        [
            (SafetyKind::Contraindication, "見本カプセル１００ｍｇ"),
            (SafetyKind::Contraindication, "造影剤"),
            (SafetyKind::Allergy, "ペニシリン（発疹）"),
            (SafetyKind::Allergy, "そば"),
            (SafetyKind::Infection, "Ｂ型肝炎"),
            (SafetyKind::Comment, "耳が遠い。\n右から話す"),
        ]
    );
    assert_eq!(patient.safety[0].drug_code.as_deref(), Some("620000001"));
    assert_eq!(patient.insurance.len(), 1, "the one hidden for outpatients is left out");
    let combination = &patient.insurance[0];
    assert_eq!((combination.number.as_str(), combination.share_percent), ("0001", Some(10)));
    assert_eq!(combination.valid_to, Some(date(2026, 7, 31)));
    assert_eq!(combination.checked_on, Some(date(2026, 4, 1)));
    assert_eq!(combination.health.as_ref().unwrap().insured_self, Some(true));
    assert_eq!(combination.public.len(), 1, "the blank row is padding");
    assert_eq!(combination.public[0].recipient_number, "9900021");
    assert_eq!((patient.first_visit, patient.last_visit), (None, None));
    let places: Vec<_> = reply.warnings.iter().map(|w| w.place.as_str()).collect();
    assert_eq!(places, ["Patient_Information/BirthDate", "Patient_Information/LastVisit_Date"]);
}

#[test]
fn types_and_order_do_not_matter_to_the_tolerant_reader() {
    let reply = patientgetv2::read_reply(&fixture("xml_patientgetv2_untyped.xml")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Ok);
    let patient = reply.patient.unwrap();
    assert_eq!(patient.number.as_str(), "00127");
    assert_eq!(patient.name.kanji, "標準　花子");
    assert_eq!(patient.birth_date, Some(date(1962, 11, 3)));
    assert_eq!(patient.insurance[0].number, "0003");
    assert_eq!(patient.insurance[0].valid_to, None);
    assert!(reply.warnings.is_empty());
}

#[test]
fn json_and_xml_say_the_same() {
    let xml = patientgetv2::read_reply(&fixture("xml_patientgetv2_res.xml")).unwrap();
    let json = patientgetv2::read_reply(&fixture("json_patientgetv2.json")).unwrap();
    let (xml, json) = (xml.patient.unwrap(), json.patient.unwrap());
    assert_eq!((&xml.number, &xml.name), (&json.number, &json.name));
    assert_eq!(xml.safety.len(), 1);
    assert!(json.safety.is_empty(), "a full-width blank is no contraindication");
    assert_eq!(json.insurance.len(), 3);
    assert_eq!(json.insurance[1].health, None, "self-pay");
    assert_eq!(json.insurance[1].share_percent, Some(100));
    assert_eq!(json.insurance[2].public.len(), 1);
    assert_eq!(json.address.postal_code, "9990001");
}

#[test]
fn a_reception_list() {
    for name in ["xml_acceptlstv2_res.xml", "json_acceptlstv2_03.json"] {
        let reply = acceptlstv2::read_reply(&fixture(name)).unwrap();
        assert_eq!(reply.outcome(), Outcome::Ok, "{name}");
        assert!(reply.warnings.is_empty(), "{name}: {:?}", reply.warnings);
        assert_eq!(reply.rows.len(), 1, "{name}");
        let row = &reply.rows[0];
        assert_eq!((row.id.as_str(), row.time), ("00012", time(8, 44, 10, 0)), "{name}");
        assert_eq!(row.physician.name, "見本　医子", "{name}");
        assert_eq!(row.moved_to, None, "{name}");
        let names = [MedicalContent { code: "01".into(), name: "診察１".into() }];
        let reception = row.reception(reply.date.unwrap(), &names);
        assert_eq!(reception.key.date, date(2026, 4, 6), "{name}");
        assert_eq!(reception.patient.as_ref().map(PatientNumber::as_str), Some("00127"), "{name}");
        assert_eq!(reception.content.name, "診察１", "{name}");
        assert_eq!(reception.insurance_combination.as_deref(), Some("0001"), "{name}");
        assert_eq!(reception.state, ReceptionState::Waiting, "{name}");
    }
}

#[test]
fn a_row_numbered_but_not_moved_is_not_moved() {
    let list = String::from_utf8(fixture("xml_acceptlstv2_res.xml")).unwrap();
    let numbered = list.replace(">9999</Display", "> 2</Display");
    let mark = "</Display_Order_Number><Display_Order_Mark>True</Display_Order_Mark>";
    let moved = numbered.replace("</Display_Order_Number>", mark);
    let place = |list: &str| acceptlstv2::read_reply(list.as_bytes()).unwrap().rows[0].moved_to;
    assert_eq!((place(&numbered), place(&moved)), (None, Some(2)));
}

#[test]
fn nobody_today_is_an_empty_list() {
    let reply = acceptlstv2::read_reply(&fixture("xml_acceptlstv2_none.xml")).unwrap();
    assert_eq!(reply.outcome(), Outcome::None);
    assert!(reply.rows.is_empty());
}

#[test]
fn an_accepted_patient() {
    let reply = acceptmodv2::read_reply(&fixture("json_acceptmodv2_01.json")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Ok);
    assert_eq!(reply.id.as_deref(), Some("00012"));
    assert_eq!(reply.insurance.len(), 1);

    let reply = acceptmodv2::read_reply(&fixture("xml_acceptmodv2_res00.xml")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Warning, "K1 is done with something filled in");
    assert_eq!(reply.messages.len(), 2);
    assert_eq!(reply.fee.unwrap().code, "112007410");
    assert_eq!(reply.insurance[0].health.as_ref().unwrap().name, "協会");
    assert_eq!(reply.person.unwrap().birth_date, Some(date(1962, 11, 3)));

    let reply = acceptmodv2::read_reply(&fixture("xml_acceptmodv2_locked.xml")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Locked);
    assert_eq!(reply.person, None);
}

#[test]
fn an_order_for_the_bill() {
    let bytes = fixture("xml_medicalmodv2_req.xml");
    let request = medicalmodv2::read_request(medicalmodv2::Class::Register, &bytes).unwrap();
    let order = &request.order;
    assert_eq!((order.patient.as_str(), order.physician.as_str()), ("00127", "10003"));
    assert_eq!(
        (order.performed_on, order.performed_at),
        (date(2026, 4, 6), Some(time(9, 12, 30, 0)))
    );
    assert_eq!((order.department.as_str(), order.insurance_combination.as_str()), ("01", "0001"));
    let lines: Vec<_> = order
        .groups
        .iter()
        .flat_map(|g| g.items.iter().map(|i| (g.class.as_str(), i.code.as_str(), &*i.quantity)))
        .collect();
    assert_eq!(lines, [("120", "112007410", "1"), ("210", "620001402", "2")]);
    assert_eq!(request.uid, None);

    let heard = medicalmodv2::read_tolerant(&bytes).unwrap();
    assert_eq!(heard.order, request.order);
    let places: Vec<_> = heard.warnings.iter().map(|w| w.place.as_str()).collect();
    let line = "Diagnosis_Information/Medical_Information[2]/Medication_info[1]";
    let expected =
        ["Diagnosis_Information/Disease_Information", &format!("{line}/Medication_Generic_Flg")];
    assert_eq!(places, expected);
}

#[test]
fn system_lists() {
    use system01lstv2::Content;
    let read = |name: &str| system01lstv2::read_reply(&fixture(name)).unwrap().content;
    let Content::Departments(departments) = read("json_system01lstv2_01.json") else {
        panic!("departments expected")
    };
    assert_eq!(departments.len(), 3);
    assert_eq!(departments[0].name, "内科");
    let Content::Staff(staff) = read("json_system01lstv2_02.json") else { panic!("staff") };
    assert_eq!(staff[0].name, "見本　医子");
    let Content::Hospital(hospital) = read("xml_system01lstv2_04.xml") else { panic!("hospital") };
    assert_eq!((hospital.code.as_str(), hospital.name.as_str()), ("9999901", "架空クリニック"));
    assert_eq!(hospital.phone, "000-555-6666");
    let Content::Contents(contents) = read("xml_system01lstv2_06.xml") else { panic!("contents") };
    let contents: Vec<_> = contents.iter().map(|c| (c.code.as_str(), c.name.as_str())).collect();
    assert_eq!(contents, [("01", "診察"), ("08", "禁煙外来")]);
}

#[test]
fn push_events() {
    let event = |name: &str| {
        let (notice, warnings) = push::read_notice(&fixture(name)).unwrap();
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
        let Notice::Event { event, .. } = notice else { panic!("{name}: no event") };
        event
    };
    let accept = event("push_patient_accept.json");
    assert_eq!((accept.id, accept.user.as_str()), (41, "uketsuke1"));
    assert_eq!(accept.time.unwrap().to_string(), "2026-04-05T23:44:12Z");
    let Body::Accept(body) = accept.body else { panic!("no reception") };
    assert_eq!((body.mode, body.id.as_str()), (Mode::Add, "00012"));
    assert_eq!((body.date, body.time), (Some(date(2026, 4, 6)), Some(time(8, 44, 10, 0))));

    let Body::Information(body) = event("push_patient_information.json").body else {
        panic!("no information")
    };
    assert_eq!((body.mode, body.patient.unwrap().as_str()), (Mode::Modify, "00127"));

    let Body::Account(body) = event("push_patient_account.json").body else { panic!("no account") };
    assert_eq!(body.bills.len(), 1, "padding is no bill");
    assert_eq!(body.bills[0].invoice, "0000345");

    let other = event("push_receive_medicalreq.json");
    assert_eq!(other.body, Body::Other { event: "receive_medicalreq".into() });
}

#[test]
fn missed_push_events() {
    let reply = pusheventgetv2::read_reply(&fixture("pusheventgetv2_res.json")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Ok);
    assert_eq!(reply.events.len(), 3);
    assert_eq!(reply.events[2].body, Body::Other { event: "print001".into() });
    let places: Vec<_> = reply.warnings.iter().map(|w| w.place.as_str()).collect();
    assert_eq!(places, ["[3]/time", "[4]"]);

    let reply = pusheventgetv2::read_reply(&fixture("pusheventgetv2_none.json")).unwrap();
    assert_eq!((reply.outcome(), reply.events.len()), (Outcome::None, 0));

    let request = pusheventgetv2::read_request(&fixture("pusheventgetv2_req.json")).unwrap();
    assert_eq!(request.event.as_deref(), Some("patient_accept"));
    assert_eq!(request.end, Some(date(2026, 4, 6).at(12, 59, 0, 0)));
}

#[test]
fn what_is_not_the_protocol_says_so() {
    let html = fixture("html_error.html");
    let expected = OrcaError::NotTheProtocol { found: "an HTML page" };
    assert_eq!(patientgetv2::read_reply(&html), Err(expected.clone()));
    assert_eq!(pusheventgetv2::read_reply(&html), Err(expected.clone()));
    assert_eq!(push::read_notice(&html), Err(expected));
    assert_eq!(acceptlstv2::read_reply(b""), Err(OrcaError::Empty));
    assert_eq!(acceptlstv2::read_reply(b"<xmlio2></xmlio2>"), Err(OrcaError::Empty));
    let other = acceptlstv2::read_reply(&fixture("xml_patientgetv2_res.xml")).unwrap_err();
    assert_eq!(other.to_string(), "record acceptlstres expected, found patientinfores");
    let feed = b"<?xml version='1.0'?><feed><entry/></feed>";
    assert_eq!(
        acceptlstv2::read_reply(feed),
        Err(OrcaError::NotTheProtocol { found: "another XML document" })
    );
    let error = acceptlstv2::read_reply(b"<xmlio2>\n<acceptlstres>\n</oops>").unwrap_err();
    assert!(matches!(error, OrcaError::Malformed { line: 3, .. }), "{error:?}");
    let error = acceptlstv2::read_reply(b"<xmlio2><acceptlstres>").unwrap_err();
    assert!(matches!(error, OrcaError::Malformed { .. }), "{error:?}");
    let bomb = b"<!DOCTYPE x [<!ENTITY a 'b'>]><xmlio2><acceptlstres>&a;</acceptlstres></xmlio2>";
    assert!(acceptlstv2::read_reply(bomb).is_err());
    let deep = format!("<xmlio2>{}", "<a>".repeat(10_000));
    assert!(acceptlstv2::read_reply(deep.as_bytes()).is_err());
}

#[test]
fn errors_repeat_nothing_of_a_message() {
    let names = ["標準", "花子", "ヒョウジュン", "00127"];
    let full = String::from_utf8(fixture("xml_patientgetv2_res.xml")).unwrap();
    for cut in full.char_indices().map(|(at, _)| at).step_by(7) {
        if let Err(error) = patientgetv2::read_reply(&full.as_bytes()[..cut]) {
            let text = format!("{error} {error:?}");
            assert!(names.iter().all(|name| !text.contains(name)), "{text}");
        }
    }
}
