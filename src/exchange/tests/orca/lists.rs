//! The patient lists, and requests and answers written and read again.

use clinical::{HealthInsurance, InsuranceCombination, PatientNumber, PublicExpense, Sex};
use exchange::orca::{
    ApiResult, Basics, Outcome, acceptlstv2, acceptmodv2, patientgetv2, patientlst1v2,
    patientlst2v2, patientlst3v2, push, pusheventgetv2, system01lstv2,
};
use jiff::civil::{Date, date, time};

use crate::fixture;

fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).expect("a number")
}

#[test]
fn changed_patients() {
    let reply = patientlst1v2::read_reply(&fixture("xml_patientlst1v2_res.xml")).unwrap();
    assert_eq!((reply.outcome(), reply.count), (Outcome::Ok, Some(3)));
    assert_eq!(reply.rows.len(), 2, "the row without a number is left out");
    assert_eq!(reply.warnings.len(), 1);
    assert_eq!(reply.warnings[0].place, "Patient_Information[3]/Patient_ID");
    assert_eq!(reply.rows[0].updated_at, Some(time(17, 20, 0, 0)));
    assert_eq!((reply.rows[1].updated, reply.rows[1].test_patient), (None, true));
    let written = patientlst1v2::write_reply(&reply);
    let again = patientlst1v2::read_reply(written.as_bytes()).unwrap();
    assert_eq!(again.rows, reply.rows);
}

#[test]
fn patients_by_number() {
    let reply = patientlst2v2::read_reply(&fixture("xml_patientlst2v2_res.xml")).unwrap();
    assert_eq!(reply.patients.len(), 1);
    assert_eq!(reply.patients[0].insurance[0].number, "0001");
    assert_eq!(reply.unknown, [number("99999")]);
    assert!(reply.warnings.is_empty());
    // Written as the lists are: the insurance comes back, its number as a combination does not.
    let mut expected = reply.clone();
    expected.patients[0].insurance[0].number.clear();
    let again = patientlst2v2::read_reply(patientlst2v2::write_reply(&reply).as_bytes());
    assert_eq!(again, Ok(expected));
}

#[test]
fn patients_by_name() {
    let reply = patientlst3v2::read_reply(&fixture("xml_patientlst3v2_res.xml")).unwrap();
    let found = &reply.found[0];
    assert!(found.patient.insurance.is_empty(), "these are no combinations");
    assert_eq!(
        (found.health[0].insurance.class.as_str(), found.public[0].class.as_str()),
        ("060", "051")
    );
    let again = patientlst3v2::read_reply(patientlst3v2::write_reply(&reply).as_bytes());
    assert_eq!(again, Ok(reply));
}

fn combination(number: &str, insurer: &str, end: Option<Date>) -> InsuranceCombination {
    let health = HealthInsurance {
        class: "060".into(),
        name: "国保".into(),
        insurer_number: insurer.into(),
        symbol: String::new(),
        number: "1".into(),
        branch: "01".into(),
        insured_self: Some(true),
    };
    let public = PublicExpense {
        class: "051".into(),
        name: "特定疾患".into(),
        payer_number: "51000000".into(),
        recipient_number: "9900021".into(),
        valid_from: None,
        valid_to: end,
    };
    InsuranceCombination {
        number: number.into(),
        health: Some(health),
        public: vec![public],
        share_percent: Some(30),
        valid_from: None,
        valid_to: end,
        checked_on: None,
    }
}

/// A cloud that took a list for the whole patient would show nobody's allergies; so the lists must not have them.
#[test]
fn lists_tell_less_than_the_whole_patient() {
    let whole = patientgetv2::read_reply(&fixture("xml_patientgetv2_safety.xml")).unwrap();
    let mut patient = whole.patient.unwrap();
    (patient.first_visit, patient.last_visit) =
        (whole.at.map(jiff::civil::DateTime::date), Some(Date::MIN));
    let ended = Some(date(2026, 3, 31));
    patient.insurance = vec![
        combination("0001", "1", ended),
        combination("0002", "2", None),
        combination("0003", "2", None),
        combination("0004", "3", None),
        combination("0005", "4", None),
    ];
    let basics = Basics::of(&patient, Some(date(2026, 4, 6)));
    let insurers = |basics: &Basics| -> Vec<String> {
        basics.health.iter().map(|held| held.insurance.insurer_number.clone()).collect()
    };
    assert_eq!(
        insurers(&basics),
        ["2", "3", "4"],
        "each once, the valid ones first, three at most"
    );
    assert_eq!(insurers(&Basics::of(&patient, None)), ["1", "2", "3"]);
    let ends: Vec<_> = basics.public.iter().map(|public| public.valid_to).collect();
    assert_eq!(ends, [ended, None]);

    let batch = patientlst2v2::write_reply(&patientlst2v2::Reply {
        at: whole.at,
        result: ApiResult::ok(),
        count: Some(1),
        patients: vec![patient],
        unknown: Vec::new(),
        warnings: Vec::new(),
    });
    let search = patientlst3v2::write_reply(&patientlst3v2::Reply {
        at: whole.at,
        result: ApiResult::ok(),
        count: Some(1),
        found: vec![basics.clone()],
        warnings: Vec::new(),
    });
    for text in [&batch, &search] {
        for absent in
            ["Allergy", "Contra", "Comment", "Infection", "Visit_Date", "Combination", "Flag"]
        {
            assert!(!text.contains(absent), "{absent}");
        }
    }
    let read = patientlst3v2::read_reply(search.as_bytes()).unwrap();
    assert_eq!((&read.found[0].health, &read.found[0].public), (&basics.health, &basics.public));
    assert_eq!(read.found[0].patient.address, basics.patient.address);
    let read = patientlst2v2::read_reply(batch.as_bytes()).unwrap();
    assert!(read.patients[0].safety.is_empty());
    assert_eq!(read.patients[0].insurance.len(), 3);
}

#[test]
fn requests_come_back_as_sent() {
    let request = patientgetv2::Request { number: number("00127") };
    let query = patientgetv2::write_request(&request);
    assert_eq!(query, "id=00127");
    assert_eq!(patientgetv2::read_request(query.as_bytes()), Ok(request));

    for with_test_patients in [true, false] {
        let request =
            patientlst1v2::Request { start: Some(date(2026, 4, 1)), end: None, with_test_patients };
        let body = patientlst1v2::write_request(&request);
        assert_eq!(patientlst1v2::read_request(body.as_bytes()), Ok(request));
    }

    let numbers: Vec<_> = (1..=100).map(|n| number(&format!("{n:05}"))).collect();
    let request = patientlst2v2::Request { numbers };
    let body = patientlst2v2::write_request(&request);
    assert_eq!(patientlst2v2::read_request(body.as_bytes()), Ok(request));

    for admitted in [None, Some(true), Some(false)] {
        let request = patientlst3v2::Request {
            name: "標準*<&>".into(),
            born_from: Some(date(1930, 1, 1)),
            born_to: Some(date(1960, 12, 31)),
            sex: Sex::Female,
            admitted,
        };
        let body = patientlst3v2::write_request(&request);
        assert_eq!(patientlst3v2::read_request(body.as_bytes()), Ok(request));
    }

    for code in ["01", "02", "03", "04", "06"] {
        let list = system01lstv2::List::parse(code).unwrap();
        let request = system01lstv2::Request { list, date: Some(date(2026, 4, 6)) };
        let body = system01lstv2::write_request(&request);
        assert_eq!(system01lstv2::read_request(body.as_bytes()), Ok(request));
    }

    let request = pusheventgetv2::Request {
        event: Some("patient_accept".into()),
        user: None,
        start: Some(date(2026, 4, 6).at(8, 30, 0, 0)),
        end: None,
    };
    let body = pusheventgetv2::write_request(&request);
    assert_eq!(pusheventgetv2::read_request(body.as_bytes()), Ok(request));
}

#[test]
fn too_many_numbers_are_refused() {
    let numbers: Vec<_> = (1..=101).map(|n| number(&n.to_string())).collect();
    let body = patientlst2v2::write_request(&patientlst2v2::Request { numbers });
    assert!(patientlst2v2::read_request(body.as_bytes()).is_err());
}

#[test]
fn paths_and_queries() {
    use exchange::orca::Endpoint;
    for endpoint in Endpoint::ALL {
        assert!(!endpoint.path().starts_with('/') && endpoint.path().contains('/'));
    }
    assert_eq!(acceptlstv2::target(acceptlstv2::Class::All), "api01rv2/acceptlstv2?class=03");
    assert_eq!(
        patientlst1v2::target(patientlst1v2::Class::Changed),
        "api01rv2/patientlst1v2?class=01"
    );
    assert_eq!(acceptlstv2::Class::parse("04"), None);
    assert_eq!(patientlst1v2::Class::parse("02"), Some(patientlst1v2::Class::New));
}

#[test]
fn system_lists_come_back_as_written() {
    for name in [
        "json_system01lstv2_01.json",
        "json_system01lstv2_02.json",
        "xml_system01lstv2_04.xml",
        "xml_system01lstv2_06.xml",
    ] {
        let reply = system01lstv2::read_reply(&fixture(name)).unwrap();
        let written = system01lstv2::write_reply(&reply);
        assert_eq!(system01lstv2::read_reply(written.as_bytes()), Ok(reply), "{name}");
    }
    let reply = system01lstv2::Reply {
        at: None,
        result: ApiResult::new("11", "対象のデータがありません"),
        date: None,
        content: system01lstv2::Content::empty(system01lstv2::List::Staff),
        warnings: Vec::new(),
    };
    assert_eq!(reply.outcome(), Outcome::None);
    let written = system01lstv2::write_reply(&reply);
    assert_eq!(system01lstv2::read_reply(written.as_bytes()), Ok(reply));
}

#[test]
fn an_accept_answer_comes_back_as_written() {
    for name in
        ["json_acceptmodv2_01.json", "xml_acceptmodv2_res00.xml", "xml_acceptmodv2_locked.xml"]
    {
        let reply = acceptmodv2::read_reply(&fixture(name)).unwrap();
        let written = acceptmodv2::write_reply(&reply);
        assert_eq!(acceptmodv2::read_reply(written.as_bytes()), Ok(reply), "{name}");
    }
    let refused = acceptmodv2::Reply::refused(None, ApiResult::new("14", "ドクターなし"));
    assert_eq!(refused.outcome(), Outcome::Invalid);
}

#[test]
fn missed_events_come_back_as_written() {
    let reply = pusheventgetv2::read_reply(&fixture("pusheventgetv2_res.json")).unwrap();
    let again = pusheventgetv2::read_reply(pusheventgetv2::write_reply(&reply).as_bytes()).unwrap();
    assert_eq!(again.events, reply.events);
    let none = pusheventgetv2::read_reply(&fixture("pusheventgetv2_none.json")).unwrap();
    let again = pusheventgetv2::read_reply(pusheventgetv2::write_reply(&none).as_bytes());
    assert_eq!(again, Ok(none));
}

#[test]
fn commands_and_answers_of_the_push_line() {
    use push::{Command, Notice};
    let commands = [
        Command::Subscribe { request: "r-1".into(), event: push::ALL_EVENTS.into() },
        Command::Unsubscribe { request: "r-2".into(), subscription: "s-1".into() },
    ];
    for command in commands {
        let text = push::write_command(&command);
        assert_eq!(push::read_command(text.as_bytes()), Ok(command));
    }
    let notices = [
        Notice::Subscribed { request: "r-1".into(), subscription: "s-1".into() },
        Notice::Unsubscribed { request: "r-2".into(), subscription: "s-1".into() },
        Notice::Error {
            command: "unsubscribe".into(),
            request: "r-3".into(),
            code: "NO_SUCH_SUBSCRIPTION".into(),
            reason: "unknown".into(),
        },
        Notice::Other,
    ];
    for notice in notices {
        let text = push::write_notice(&notice);
        assert_eq!(push::read_notice(text.as_bytes()), Ok((notice, Vec::new())));
    }
    assert!(push::read_command(br#"{"command":"subscribe","event":"*"}"#).is_err());
    assert!(push::read_notice(br#"{"hello":"world","x":"y"}"#).is_err());
}
