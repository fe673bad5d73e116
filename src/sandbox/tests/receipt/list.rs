//! acceptlstv2.

use clinical::ReceptionState;
use exchange::orca::acceptlstv2;
use jiff::civil::Time;
use sandbox::{Accept, Sandbox, SandboxConfig};

use crate::common::{Client, config, number, start};

fn ids(reply: &crate::common::Reply) -> Vec<String> {
    let read = acceptlstv2::read_reply(&reply.bytes).unwrap();
    read.rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_row_tells_who_when_where_and_on_what_insurance() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let patient = sandbox.clinic.patients()[0].clone();
    let accept = Accept {
        patient: patient.number.to_string(),
        time: Some(Time::constant(8, 44, 0, 0)),
        department: "09".to_owned(),
        physician: "10002".to_owned(),
        content: "02".to_owned(),
        appointment: Some(Time::constant(9, 30, 0, 0)),
        ..Accept::default()
    };
    assert_eq!(sandbox.control.accept_as(accept).unwrap(), "00001");
    let reply = client.list("03", &[("Acceptance_Date", "2026-11-24")]).await;
    for (name, value) in [
        ("Api_Result", "00"),
        ("Acceptance_Date", "2026-11-24"),
        ("Acceptance_Time", "08:44:00"),
        ("Acceptance_Id", "00001"),
        ("Department_Code", "09"),
        ("Department_WholeName", "小児科"),
        ("Physician_Code", "10002"),
        ("Physician_WholeName", "見本　副院長"),
        ("Medical_Information", "02"),
        ("Appointment_Time", "09:30:00"),
        ("Account_Time", ""),
        ("Patient_ID", patient.number.as_str()),
        ("WholeName", &patient.name.kanji),
        ("WholeName_inKana", &patient.name.kana),
        ("Display_Order_Number", "9999"),
    ] {
        assert_eq!(reply.field(name), value, "{name}");
    }
    let expected = patient.insurance_on(crate::common::TODAY).or(patient.insurance.first());
    let expected = expected.map_or("", |c| c.number.as_str());
    assert_eq!(reply.field("Insurance_Combination_Number"), expected);
}

#[tokio::test]
async fn open_and_paid_are_told_apart() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    for class in ["01", "02", "03"] {
        assert_eq!(client.list(class, &[]).await.code(), "21", "an empty day is no error");
    }
    let first = sandbox.control.accept(&number(&sandbox, 0)).unwrap();
    let second = sandbox.control.accept(&number(&sandbox, 1)).unwrap();
    sandbox.control.finish(&first).unwrap();
    assert_eq!(ids(&client.list("01", &[]).await).join(" "), second);
    let paid = client.list("02", &[]).await;
    assert_eq!((ids(&paid), paid.field("Account_Time")), (vec![first.clone()], "09:00:00"));
    assert_eq!(ids(&client.list("03", &[]).await), [first.clone(), second.clone()]);
    let states: Vec<_> = sandbox.control.receptions().iter().map(|r| r.state).collect();
    assert_eq!(states, [ReceptionState::Done, ReceptionState::Waiting]);

    assert!(sandbox.control.finish(&first).is_err(), "closed already");
    sandbox.control.reopen(&first).unwrap();
    assert!(sandbox.control.reopen(&first).is_err(), "open already");
    assert_eq!(ids(&client.list("01", &[]).await), [first, second]);
}

#[tokio::test]
async fn a_walk_in_has_a_name_and_no_number() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let id = sandbox.control.accept_walk_in("新規　来院").unwrap();
    let reply = client.list("01", &[]).await;
    assert_eq!((reply.field("Patient_ID"), reply.field("WholeName")), ("", "新規　来院"));
    let number = number(&sandbox, 4);
    sandbox.control.assign(&id, &number).unwrap();
    assert_eq!(client.list("01", &[]).await.field("Patient_ID"), number);
    assert!(sandbox.control.assign(&id, &number).is_err(), "has a number already");
}

#[tokio::test]
async fn filters_narrow_and_unknown_codes_are_refused() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let accept = |at: usize, department: &str, physician: &str, content: &str| {
        sandbox.control.accept_as(Accept {
            patient: number(&sandbox, at),
            department: department.to_owned(),
            physician: physician.to_owned(),
            content: content.to_owned(),
            ..Accept::default()
        })
    };
    accept(0, "01", "10001", "01").unwrap();
    accept(1, "01", "10002", "02").unwrap();
    accept(2, "09", "10001", "01").unwrap();
    for (field, value, expected) in [
        ("Department_Code", "09", &["00003"][..]),
        ("Physician_Code", "10001", &["00001", "00003"]),
        ("Medical_Information", "02", &["00002"]),
        ("Medical_Information", "", &["00001", "00002", "00003"]),
    ] {
        assert_eq!(ids(&client.list("03", &[(field, value)]).await), expected, "{field} {value}");
    }
    for (field, value, code) in [
        ("Acceptance_Date", "2026-02-29", "11"),
        ("Acceptance_Date", "20261124", "11"),
        ("Department_Code", "77", "12"),
        ("Physician_Code", "10009", "13"),
        ("Medical_Information", "55", "14"),
        ("Medical_Information", "07", "21"),
        ("Acceptance_Date", "2026-11-23", "21"),
    ] {
        assert_eq!(client.list("03", &[(field, value)]).await.code(), code, "{field} {value}");
    }
    for class in ["", "00", "04", "x"] {
        assert_eq!(client.list(class, &[]).await.code(), "91", "{class}");
    }
}

#[tokio::test]
async fn a_long_day_comes_in_pages() {
    let sandbox = Sandbox::start(SandboxConfig { list_rows: 7, ..config() }).await.unwrap();
    let client = Client::new(&sandbox.receipt);
    for at in 0..16 {
        sandbox.control.accept(&number(&sandbox, at)).unwrap();
    }
    let mut all = Vec::new();
    loop {
        let offset = all.len().to_string();
        let reply = client.list("03", &[("Sel_Offset", &offset)]).await;
        if reply.code() == "21" {
            break;
        }
        let page = ids(&reply);
        assert!(page.len() <= 7);
        all.extend(page);
    }
    let expected: Vec<String> = (1..=16).map(|id| format!("{id:05}")).collect();
    assert_eq!(all, expected);
    assert_eq!(ids(&client.list("01", &[("Sel_Offset", "7")]).await).len(), 7, "class 03 alone");
    assert_eq!(client.list("03", &[("Sel_Offset", "many")]).await.code(), "97");
}
