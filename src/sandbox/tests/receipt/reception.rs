//! acceptmodv2.

use std::time::Duration;

use exchange::orca::acceptmodv2;

use crate::common::{Client, number, start};

const PLACE: [(&str, &str); 2] = [("Department_Code", "01"), ("Physician_Code", "10001")];

fn with<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    PLACE.iter().chain(fields).copied().collect()
}

#[tokio::test]
async fn what_is_left_out_is_filled_in_with_a_warning() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let bare = number(&sandbox, 0);
    let patient = &sandbox.clinic.patients()[0];
    let reply = client.accept(&with(&[("Request_Number", "01"), ("Patient_ID", &bare)])).await;
    assert_eq!(reply.code(), "K1");
    assert_eq!(reply.count("Api_Warning_Message_Information_child"), 3);
    for (name, value) in [
        ("Acceptance_Date", "2026-11-24"),
        ("Acceptance_Time", "09:00:00"),
        ("Acceptance_Id", "00001"),
        ("Medical_Information", "01"),
        ("WholeName", &*patient.name.kanji),
    ] {
        assert_eq!(reply.field(name), value, "{name}");
    }
    let other = number(&sandbox, 1);
    let full = with(&[
        ("Request_Number", "01"),
        ("Patient_ID", &other),
        ("Acceptance_Date", "2026-11-24"),
        ("Acceptance_Time", "09:12:00"),
        ("Medical_Information", "02"),
    ]);
    let reply = client.accept(&full).await;
    assert_eq!((reply.code(), reply.count("Api_Warning_Message_Information_child")), ("00", 0));
    assert_eq!(sandbox.control.receptions().len(), 2);
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let number = number(&sandbox, 0);
    let add = ("Request_Number", "01");
    let who = ("Patient_ID", &*number);
    let (department, physician) = (PLACE[0], PLACE[1]);
    for (fields, code) in [
        (vec![add, department, physician], "01"),
        (vec![add, who, physician], "02"),
        (vec![add, who, department], "03"),
        (with(&[add, ("Patient_ID", "99999")]), "10"),
        (with(&[add, who, ("Acceptance_Date", "2026-11-31")]), "11"),
        (with(&[add, who, ("Acceptance_Time", "9時")]), "12"),
        (vec![add, who, ("Department_Code", "77"), physician], "13"),
        (vec![add, who, department, ("Physician_Code", "10009")], "14"),
        (with(&[add, who, ("Medical_Information", "55")]), "15"),
        (with(&[("Request_Number", "04"), who]), "91"),
        (with(&[who]), "91"),
    ] {
        assert_eq!(client.accept(&fields).await.code(), code, "{fields:?}");
    }
    assert!(sandbox.control.receptions().is_empty(), "nothing of that was done");
    assert_eq!(client.accept(&with(&[add, who])).await.code(), "K1");
    assert_eq!(client.accept(&with(&[add, who])).await.code(), "16", "twice");
    sandbox.control.finish("00001").unwrap();
    assert_eq!(client.accept(&with(&[add, who])).await.code(), "K1", "paid: comes again");
}

#[tokio::test]
async fn the_old_class_in_the_query_still_works() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let number = number(&sandbox, 0);
    let fields = with(&[("Patient_ID", &number)]);
    let reply = client.post("orca11/acceptmodv2?class=01", "acceptreq", &fields).await;
    assert_eq!(reply.code(), "K1");
}

#[tokio::test]
async fn a_locked_patient_is_not_accepted_until_the_other_terminal_lets_go() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let number = number(&sandbox, 0);
    let add = with(&[("Request_Number", "01"), ("Patient_ID", &number)]);
    sandbox.control.lock_patient(&number, Duration::from_hours(1)).unwrap();
    assert_eq!(client.accept(&add).await.code(), "90");
    sandbox.control.unlock_patient(&number);
    assert_eq!(client.accept(&add).await.code(), "K1");
}

#[tokio::test]
async fn insurance_is_found_by_number_or_by_words() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let patient = sandbox.clinic.patients().iter().find(|patient| {
        patient.insurance.first().is_some_and(|c| c.health.is_some() && c.public.is_empty())
    });
    let patient = patient.unwrap();
    let (number, first) = (patient.number.to_string(), &patient.insurance[0]);
    let health = first.health.clone().unwrap();
    let ask = async |insurance: String| {
        let body = format!(
            "<data><acceptreq type=\"record\"><Request_Number type=\"string\">01</Request_Number>\
             <Patient_ID type=\"string\">{number}</Patient_ID>\
             <Department_Code type=\"string\">01</Department_Code>\
             <Physician_Code type=\"string\">10001</Physician_Code>\
             <HealthInsurance_Information type=\"record\">{insurance}</HealthInsurance_Information>\
             </acceptreq></data>"
        );
        client.post_xml("orca11/acceptmodv2", &body).await.unwrap()
    };
    let field = |name: &str, value: &str| format!("<{name} type=\"string\">{value}</{name}>");
    let public = "<PublicInsurance_Information type=\"array\">\
                  <PublicInsurance_Information_child type=\"record\">\
                  <PublicInsurance_Class type=\"string\">777</PublicInsurance_Class>\
                  </PublicInsurance_Information_child></PublicInsurance_Information>";
    for (insurance, code) in [
        (field("Insurance_Combination_Number", "9999"), "23"),
        (field("InsuranceProvider_Number", "00000000"), "21"),
        (public.to_owned(), "22"),
    ] {
        assert_eq!(ask(insurance.clone()).await.code(), code, "{insurance}");
    }
    let reply = ask(field("InsuranceProvider_Number", &health.insurer_number)).await;
    let read = acceptmodv2::read_reply(&reply.bytes).unwrap();
    assert_eq!(read.insurance[0].number, first.number);
}

#[tokio::test]
async fn a_reception_is_taken_back_by_its_number() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let (number, other) = (number(&sandbox, 0), number(&sandbox, 1));
    let id = sandbox.control.accept(&number).unwrap();
    let take = ("Request_Number", "02");
    let who = ("Patient_ID", &*number);
    for (fields, code) in [
        (&[take, ("Acceptance_Id", "00001")][..], "01"),
        (&[take, who], "19"),
        (&[take, who, ("Acceptance_Id", "1a")], "19"),
        (&[take, who, ("Acceptance_Id", "00009")], "17"),
        (&[take, ("Patient_ID", &other), ("Acceptance_Id", &id)], "20"),
        (&[take, ("WholeName", "某"), ("Acceptance_Id", &id)], "20"),
        (&[take, who, ("Acceptance_Id", &id)], "00"),
        (&[take, who, ("Acceptance_Id", &id)], "17"),
    ] {
        assert_eq!(client.accept(fields).await.code(), code, "{fields:?}");
    }
    assert_eq!(sandbox.control.accept(&number).unwrap(), "00002", "a number is never given twice");
    sandbox.control.finish("00002").unwrap();
    let paid = client.accept(&[take, who, ("Acceptance_Id", "00002")]).await;
    assert_eq!(paid.code(), "54");

    let walk_in = sandbox.control.accept_walk_in("新規　来院").unwrap();
    let name = ("WholeName", "新規　来院");
    let wrong = ("Acceptance_Time", "10:00:00");
    let right = ("Acceptance_Time", "09:00:00");
    assert_eq!(client.accept(&[take, name, ("Acceptance_Id", &walk_in), wrong]).await.code(), "12");
    assert_eq!(client.accept(&[take, name, ("Acceptance_Id", &walk_in), right]).await.code(), "00");
}

#[tokio::test]
async fn a_walk_in_gets_its_number_later() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let add = with(&[("Request_Number", "01"), ("WholeName", "新規　来院")]);
    let id = client.accept(&add).await.field("Acceptance_Id").to_owned();
    let number = number(&sandbox, 2);
    let set = |date, time, content| {
        with(&[
            ("Request_Number", "03"),
            ("Patient_ID", &number),
            ("Acceptance_Date", date),
            ("Acceptance_Time", time),
            ("Acceptance_Id", &id),
            ("Medical_Information", content),
        ])
    };
    for (date, time, content, code) in [
        ("", "09:00:00", "01", "11"),
        ("2026-11-24", "", "01", "12"),
        ("2026-11-24", "09:00:01", "01", "12"),
        ("2026-11-24", "09:00:00", "", "15"),
        ("2026-11-24", "09:00:00", "02", "00"),
        ("2026-11-24", "09:00:00", "02", "20"),
    ] {
        assert_eq!(client.accept(&set(date, time, content)).await.code(), code, "{date} {time}");
    }
    let reception = &sandbox.control.receptions()[0];
    assert_eq!(reception.patient.as_ref().unwrap().as_str(), number);
    assert_eq!(reception.content.code, "02");
}

#[tokio::test]
async fn asking_gives_the_reception_and_its_fee() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let number = number(&sandbox, 0);
    let ask = [("Request_Number", "00"), ("Patient_ID", &*number)];
    assert_eq!(client.accept(&ask).await.code(), "60");
    assert_eq!(client.accept(&ask[..1]).await.code(), "01");
    sandbox.control.change_patient(&number, |patient| patient.first_visit = None).unwrap();
    let id = sandbox.control.accept(&number).unwrap();
    let reply = client.accept(&ask).await;
    assert_eq!((reply.code(), reply.field("Medication_Code")), ("00", "111000110"));
    sandbox.control.finish(&id).unwrap();
    let paid = client.accept(&ask).await;
    assert_eq!((paid.code(), paid.field("Acceptance_Id")), ("61", &*id));
    assert_eq!(paid.field("Medication_Code"), "");
    let again = sandbox.control.accept(&number).unwrap();
    let reply = client.accept(&ask).await;
    assert_eq!(reply.field("Acceptance_Id"), again, "the open one before the paid one");
    assert_eq!(reply.field("Medication_Code"), "112008350", "second visit of the day");
}
