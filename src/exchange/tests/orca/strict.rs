//! Requests are read as strictly as the receipt computer reads them.

use exchange::orca::{OrcaError, acceptlstv2, acceptmodv2, patientlst3v2, system01lstv2, xml2};
use jiff::civil::date;

use crate::fixture;

#[test]
fn the_sample_requests_pass() {
    let request = acceptlstv2::read_request(&fixture("xml_acceptlstv2_req.xml")).unwrap();
    assert_eq!(request.date, date(2026, 4, 6));
    assert_eq!(request.department.as_deref(), Some("01"));
    assert!(request.screen_order);
    assert_eq!(request.content, None);
    let request = acceptmodv2::read_request(&fixture("xml_acceptmodv2_req.xml")).unwrap();
    assert_eq!(request.action, acceptmodv2::Action::SetPatient);
    assert_eq!(request.insurance_combination.as_deref(), Some("0001"));
    let request = patientlst3v2::read_request(&fixture("xml_patientlst3v2_req.xml")).unwrap();
    assert_eq!(request.name, "標準　花子");
    let request = system01lstv2::read_request(&fixture("xml_system01lstv2_req.xml")).unwrap();
    assert_eq!(request.list, system01lstv2::List::Hospital);
    for name in ["xml_medicalmodv2_req.xml", "xml_medicationgetv2_req01.xml"] {
        assert!(xml2::read_strict(&fixture(name)).is_ok(), "{name}");
    }
}

/// Puts one `type` attribute of a good request out of order, and expects its element to be named.
fn expect_wrong_type(from: &str, to: &str, element: &str) {
    let good = String::from_utf8(fixture("xml_acceptmodv2_req.xml")).expect("UTF-8");
    let bad = good.replacen(from, to, 1);
    assert_ne!(good, bad, "{from} stands in the request");
    let error = acceptmodv2::read_request(bad.as_bytes()).expect_err(to);
    let OrcaError::WrongType { element: named, line, .. } = &error else {
        panic!("{to}: {error:?}")
    };
    assert_eq!(named, element);
    assert!(*line > 1);
    assert!(xml2::read_tolerant(bad.as_bytes()).is_ok(), "a tolerant reader does not mind");
}

#[test]
fn a_missing_or_wrong_type_is_its_own_error() {
    let id = "<Patient_ID type=\"string\">";
    expect_wrong_type(id, "<Patient_ID>", "Patient_ID");
    expect_wrong_type(id, "<Patient_ID type=\"text\">", "Patient_ID");
    expect_wrong_type(id, "<Patient_ID type=\"record\">", "Patient_ID");
    let insurance = "<HealthInsurance_Information type=\"record\">";
    let name = "HealthInsurance_Information";
    expect_wrong_type(insurance, "<HealthInsurance_Information>", name);
    expect_wrong_type(insurance, "<HealthInsurance_Information type=\"string\">", name);
    expect_wrong_type(insurance, "<HealthInsurance_Information type=\"array\">", name);
    expect_wrong_type("<acceptreq type=\"record\">", "<acceptreq>", "acceptreq");
}

#[test]
fn wrong_values_name_their_field() {
    let good = String::from_utf8(fixture("xml_acceptlstv2_req.xml")).unwrap();
    let bad = good.replace("2026-04-06", "2026-02-30");
    let error = acceptlstv2::read_request(bad.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "Acceptance_Date: an impossible date");
    let bad = good.replace("2026-04-06", "");
    let error = acceptlstv2::read_request(bad.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "Acceptance_Date: missing");
    let good = String::from_utf8(fixture("xml_system01lstv2_req.xml")).unwrap();
    let error = system01lstv2::read_request(good.replace(">04<", ">99<").as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "Request_Number: unknown");
}

#[test]
fn a_walk_in_has_a_name_and_no_number() {
    let mut request = acceptmodv2::Request::new(acceptmodv2::Action::Add);
    request.name = Some("見本　三郎".into());
    request.department = Some("01".into());
    request.physician = Some("10003".into());
    let body = acceptmodv2::write_request(&request);
    assert_eq!(acceptmodv2::read_request(body.as_bytes()), Ok(request));
}
