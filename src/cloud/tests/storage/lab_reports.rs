//! Results: each message stored once, what fits goes to its order, the rest waits for a person.

use api::EventKind;
use api::entries::{Entry, EntryContent, EntryResult};
use api::lab::{LabInbox, TrayDecision, TrayEntry};
use clinical::Role;
use clinical::lab::{Flag, LabOrderState, LabOutcome, LabResult, Mismatch, ResultStatus};
use clinical::{Patient, PersonName};
use cloud::store::StoreError;
use cloud::store::lab::Taken;
use jiff::SignedDuration;
use jiff::civil::date;
use uuid::Uuid;

use Mismatch::{NameDiffers, OtherPatient, UnknownPatient, UnknownSpecimen};

use crate::entries::{allow, forbid};
use crate::hands::{clerk, doctor, entry, hand, nurse, with_patients};
use crate::harness::{Place, is_invalid, today};
use crate::lab_hands::{
    confirm, lab_link, message, normal, report, results_of, take, take_at, tube, value,
};
use crate::people::{number, patient};

const TABLES: [&str; 5] = ["lab_messages", "lab_reports", "lab_results", "lab_versions", "events"];

async fn rows(place: &Place) -> [i64; 5] {
    let mut counts = [0; 5];
    for (count, table) in counts.iter_mut().zip(TABLES) {
        *count = place.count(table).await;
    }
    counts
}

async fn inbox(place: &Place) -> LabInbox {
    place.store.lab_inbox(&lab_link(place)).await.unwrap()
}

/// Patient 1's results, newest first.
async fn results(place: &Place) -> Vec<LabResult> {
    place.store.patient_lab(&place.link, &number(1), today()).await.unwrap().results
}

fn decide(report: Uuid, decision: TrayDecision) -> Entry {
    entry(EntryContent::LabTray { entry: TrayEntry { report, decision } })
}

fn assign(report: Uuid, to: u32, order: Option<Uuid>) -> Entry {
    decide(report, TrayDecision::Assign { patient: number(to), order })
}

fn aside(report: Uuid) -> Entry {
    decide(report, TrayDecision::SetAside { reason: "他院の患者".to_owned() })
}

fn applied(result: &EntryResult) -> bool {
    match result {
        EntryResult::LabTray { applied } => *applied,
        other => panic!("{other:?}"),
    }
}

pub async fn a_message_is_stored_once(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let order = isha.sent(place, &[1, 2]).await;
    let told = message("M1", vec![results_of(1, vec![normal(0, "20")])]);
    let first = take(place, told.clone()).await;
    let expected = Taken { stored: true, namesake: false, matched: 1, tray: 0, results: 1 };
    assert_eq!(first, expected);
    let stands = rows(place).await;
    let other = place.second().await;
    let mut taking = Vec::new();
    for n in 0..6 {
        let store = if n % 2 == 0 { place.store.clone() } else { other.clone() };
        let (actor, told) = (lab_link(place), told.clone());
        taking.push(tokio::spawn(async move {
            store.take_lab_message(&actor, told, crate::lab_hands::rule).await.unwrap()
        }));
    }
    for one in taking {
        assert_eq!(one.await.unwrap(), Taken::default(), "known already");
    }
    assert_eq!(rows(place).await, stands);
    // The same results in other bytes: a message of its own, and no new result.
    let mut again = told.clone();
    again.bytes.push(b'\r');
    let taken = take_at(&other, place, again).await;
    assert_eq!((taken.stored, taken.namesake, taken.matched, taken.results), (true, true, 1, 0));
    assert_eq!(results(place).await.len(), 1);
    let order = place.store.lab_order(&place.link, order.id).await.unwrap().order;
    assert_eq!((order.state(), order.unconfirmed), (LabOrderState::PartlyReported, 1));
    let told = place.events().await;
    let changed = EventKind::LabChanged { number: number(1), order: order.id };
    assert_eq!(told.iter().filter(|event| event.kind == changed).count(), 5);
    let kept = place.look("SELECT message FROM lab_messages ORDER BY at LIMIT 1").await;
    assert!(!sqlx::Row::get::<String, _>(&kept, 0).is_empty());
    other.close().await;
}

pub async fn what_could_not_be_read_once_is_read_when_it_comes_again(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    isha.sent(place, &[1]).await;
    let readable = message("M1", vec![results_of(1, vec![normal(0, "20")])]);
    let mut unread = readable.clone();
    unread.reports = Vec::new();
    assert!(take(place, unread.clone()).await.stored);
    assert!(!take(place, unread).await.stored, "its bytes are kept once");
    let taken = take(place, readable.clone()).await;
    assert_eq!((taken.stored, taken.namesake, taken.matched, taken.results), (true, false, 1, 1));
    assert_eq!(take(place, readable).await, Taken::default());
    assert_eq!(rows(place).await[..3], [1, 1, 1]);
}

pub async fn a_name_that_no_database_keeps_does_not_hold_up_a_message(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    isha.sent(place, &[1, 2]).await;
    let name = format!("\0M{}", "9".repeat(20_000));
    let told = message(&name, vec![results_of(1, vec![normal(0, "20")])]);
    assert!(take(place, told.clone()).await.stored);
    assert_eq!(take(place, told).await, Taken::default());
    let other = message(&name, vec![results_of(2, vec![normal(1, "21")])]);
    assert_eq!(take(place, other).await.results, 1, "the bytes part them");
}

pub async fn a_correction_that_overtakes_what_it_corrects_stands(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    isha.sent(place, &[1]).await;
    let values = [
        ("M1", "19", ResultStatus::Preliminary),
        ("M3", "25", ResultStatus::Corrected),
        ("M2", "20", ResultStatus::Final),
    ];
    for (name, text, status) in values {
        let told = value(0, text, Flag::Normal, status);
        assert_eq!(take(place, message(name, vec![results_of(1, vec![told])])).await.results, 1);
    }
    let all = results(place).await;
    let of = |text: &str| all.iter().find(|result| result.value.0 == text).unwrap();
    assert!(of("25").stands());
    assert_eq!((of("25").replaces, of("20").replaces), (Some(of("20").id), Some(of("19").id)));
    assert_eq!(
        (of("19").replaced_by, of("20").replaced_by),
        (Some(of("20").id), Some(of("25").id))
    );
    assert_eq!(inbox(place).await.waiting[0].order.unconfirmed, 1);
    let verified = place.store.records_verify(place.tenant()).await.unwrap();
    assert_eq!(verified.faults, 0, "{verified:?}");
}

pub async fn a_failure_leaves_nothing_of_a_message(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    isha.sent(place, &[1]).await;
    let stranger = report(&patient(9), "X-1", vec![normal(0, "21")]);
    let told = message("M1", vec![results_of(1, vec![normal(0, "20")]), stranger]);
    let whole = rows(place).await;
    let tables = ["lab_messages", "lab_reports", "lab_results", "lab_versions", "lab_orders"];
    for table in tables.into_iter().chain(["events", "audit", "heads"]) {
        forbid(place, table).await;
        let link = lab_link(place);
        let refused = place.store.take_lab_message(&link, told.clone(), crate::lab_hands::rule);
        let refused = refused.await.unwrap_err();
        assert!(matches!(refused, StoreError::Database(_)), "{table}: {refused:?}");
        allow(place, table).await;
        assert_eq!(rows(place).await, whole, "{table}");
        assert!(results(place).await.is_empty(), "{table}");
    }
    let taken = take(place, told).await;
    assert_eq!((taken.stored, taken.matched, taken.tray), (true, 1, 1), "and then it is taken");
}

pub async fn a_corrected_result_names_what_it_replaced(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let order = isha.sent(place, &[1, 2]).await;
    let first = vec![normal(0, "20"), value(1, "90", Flag::High, ResultStatus::Preliminary)];
    take(place, message("M1", vec![results_of(1, first)])).await;
    let waiting: Vec<Uuid> = results(place).await.iter().map(|result| result.id).collect();
    isha.done(place, &confirm(order.id, waiting.clone())).await;
    assert_eq!(inbox(place).await.total, 0);
    let corrected = value(0, "200", Flag::PanicHigh, ResultStatus::Corrected);
    let last = value(1, "90", Flag::High, ResultStatus::Final);
    take(place, message("M2", vec![results_of(1, vec![corrected, last])])).await;
    let now = results(place).await;
    assert_eq!(now.len(), 4);
    let (old, new): (Vec<_>, Vec<_>) = now.iter().partition(|result| !result.stands());
    for old in &old {
        let by = new.iter().find(|new| Some(new.id) == old.replaced_by).unwrap();
        assert_eq!((by.replaces, &by.confirmed), (Some(old.id), &None));
        assert!(old.confirmed.is_some(), "who had seen it, and that it was another");
    }
    let waits = inbox(place).await;
    assert_eq!((waits.total, waits.waiting[0].results.len()), (1, 4));
    assert_eq!(waits.waiting[0].order.unconfirmed, 2);
    // Confirming what was replaced is too late; confirming what stands takes.
    let (outcome, _) = isha.lab(place, &confirm(order.id, waiting)).await;
    assert_eq!(outcome, LabOutcome::Overtaken);
    let ids = new.iter().map(|result| result.id).collect::<Vec<_>>();
    let partly = isha.done(place, &confirm(order.id, ids[..1].to_vec())).await;
    assert_eq!(partly.unconfirmed, 1);
    let all = isha.done(place, &confirm(order.id, ids)).await;
    assert_eq!((all.unconfirmed, all.confirmed_once), (0, true));
    assert_eq!(inbox(place).await.total, 0);
    let found = place.store.records_verify(place.tenant()).await.unwrap();
    assert_eq!((found.orders, found.results, found.faults), (1, 4, 0));
}

pub async fn panic_values_wait_first(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let mut orders = Vec::new();
    for (serial, flag) in [(1, Flag::Normal), (2, Flag::High), (3, Flag::PanicLow)] {
        orders.push(isha.sent(place, &[serial]).await.id);
        place.clock.advance(SignedDuration::from_mins(1));
        let told = results_of(serial, vec![value(0, "20", flag, ResultStatus::Final)]);
        take(place, message(&format!("M{serial}"), vec![told])).await;
    }
    let waits = inbox(place).await;
    let listed: Vec<Uuid> = waits.waiting.iter().map(|one| one.order.id).collect();
    assert_eq!(listed, [orders[2], orders[0], orders[1]]);
    assert_eq!(waits.waiting[0].name, patient(1).name);
    let id = waits.waiting[0].results[0].id;
    let done = isha.done(place, &confirm(orders[2], vec![id])).await;
    assert_eq!(done.state(), LabOrderState::Confirmed);
    assert_eq!(inbox(place).await.waiting.len(), 2);
}

pub async fn what_fits_nobody_waits_for_a_person(place: &Place) {
    with_patients(place).await;
    let (isha, kango, desk) = (doctor(place).await, nurse(place).await, clerk(place).await);
    let order = isha.sent(place, &[1]).await;
    let renamed = Patient { name: PersonName::default(), ..patient(3) };
    let renamed = Patient {
        name: PersonName { kanji: "別　人".into(), ..renamed.name.clone() },
        ..renamed
    };
    let told = vec![
        report(&patient(2), tube(1).as_str(), vec![normal(0, "20")]),
        report(&patient(2), "990000000000", vec![normal(0, "21")]),
        report(&renamed, "A-77", vec![normal(0, "22")]),
        report(&patient(9), "", vec![normal(0, "23")]),
    ];
    let taken = take(place, message("M1", told.clone())).await;
    assert_eq!((taken.matched, taken.tray, taken.results), (0, 4, 0));
    assert!(results(place).await.is_empty(), "nothing was guessed");
    let tray = inbox(place).await.tray;
    let why: Vec<_> = tray.iter().map(|row| (row.report.why, row.report.order)).collect();
    let expected = [
        (OtherPatient, Some(order.id)),
        (UnknownSpecimen, None),
        (NameDiffers, None),
        (UnknownPatient, None),
    ];
    assert_eq!(why, expected);
    assert!(tray.iter().zip(&told).all(|(row, told)| row.report.report == *told));
    let candidates =
        |n: usize| -> Vec<_> { tray[n].candidates.iter().map(|hit| hit.number.clone()).collect() };
    assert_eq!([candidates(0), candidates(1)], [[number(2)], [number(2)]]);
    assert_eq!((candidates(2), candidates(3)), (vec![number(3)], vec![]));
    let ids: Vec<Uuid> = tray.iter().map(|row| row.report.id).collect();

    let refused = desk.send(&place.store, &aside(ids[3])).await.unwrap_err();
    assert!(matches!(refused, StoreError::Forbidden(_)), "{refused:?}");
    is_invalid(&kango.send(&place.store, &assign(ids[0], 2, Some(order.id))).await);
    let no_reason = TrayDecision::SetAside { reason: " ".to_owned() };
    is_invalid(&kango.send(&place.store, &decide(ids[3], no_reason)).await);
    let missing = kango.send(&place.store, &assign(ids[0], 77, None)).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound("patient")), "{missing:?}");
    let missing = kango.send(&place.store, &aside(Uuid::now_v7())).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound("report")), "{missing:?}");

    // To the order after all; as an order of its own; and to nobody.
    let first = assign(ids[0], 1, Some(order.id));
    let receipt = kango.send(&place.store, &first).await.unwrap();
    assert!(applied(&receipt.result));
    assert_eq!(kango.send(&place.store, &first).await.unwrap(), receipt);
    assert!(applied(&isha.send(&place.store, &assign(ids[1], 2, None)).await.unwrap().result));
    assert!(applied(&kango.send(&place.store, &aside(ids[3])).await.unwrap().result));
    for late in [assign(ids[0], 2, None), aside(ids[1]), assign(ids[3], 3, None)] {
        assert!(!applied(&isha.send(&place.store, &late).await.unwrap().result), "{late:?}");
    }
    assert_eq!(inbox(place).await.tray.len(), 1);
    let mine = results(place).await;
    assert_eq!((mine.len(), mine[0].order, mine[0].report), (1, order.id, ids[0]));
    let theirs = place.store.patient_lab(&place.link, &number(2), today()).await.unwrap();
    assert_eq!((theirs.orders.len(), theirs.results.len()), (1, 1));
    assert_eq!((theirs.orders[0].id, theirs.orders[0].tubes.len()), (ids[1], 0));
    assert_eq!(theirs.orders[0].ordered.by, isha.staff());
    // It is no work for the sample desk, but for the practitioner.
    let day = place.store.lab_day(&place.link, today()).await.unwrap();
    assert!(day.orders.iter().all(|one| one.order.id != ids[1]));
    assert_eq!(inbox(place).await.total, 2);
    let theirs = crate::lab_hands::act_for(
        number(2),
        ids[1],
        clinical::lab::LabAct::ConfirmResults { results: vec![theirs.results[0].id] },
    );
    assert_eq!(isha.done(place, &theirs).await.state(), LabOrderState::Confirmed);
    let told = serde_json::to_string(&place.events().await).unwrap();
    assert!(!told.contains("別") && told.contains("lab_tray_changed"));
}

pub async fn two_who_decide_about_one_report(place: &Place) {
    with_patients(place).await;
    let (isha, kango) =
        (std::sync::Arc::new(doctor(place).await), std::sync::Arc::new(nurse(place).await));
    let other = place.second().await;
    for turn in 0..8 {
        let stranger = report(&patient(9), "?", vec![normal(0, "20")]);
        take(place, message(&format!("M{turn}"), vec![stranger])).await;
        let id = inbox(place).await.tray[0].report.id;
        let (store, second) = (place.store.clone(), other.clone());
        let (one, two) = (std::sync::Arc::clone(&isha), std::sync::Arc::clone(&kango));
        let first =
            tokio::spawn(async move { one.send(&store, &assign(id, 1, None)).await.unwrap() });
        let second =
            tokio::spawn(async move { two.send(&second, &assign(id, 2, None)).await.unwrap() });
        let done = [first.await.unwrap(), second.await.unwrap()].map(|r| applied(&r.result));
        assert!(done[0] != done[1], "one of them: {done:?}");
    }
    assert_eq!(place.count("lab_results").await, 8, "each result is one patient's");
    other.close().await;
}

pub async fn a_patients_page_shows_the_last_three_days(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let mut orders = Vec::new();
    for serial in 1..=5_u32 {
        let order = isha.sent(place, &[serial]).await;
        let mut told = results_of(serial, vec![normal(0, "20")]);
        let day = date(2026, 10, i8::try_from(serial).unwrap());
        told.collected_at = Some(day.at(9, 0, 0, 0));
        take(place, message(&format!("M{serial}"), vec![told])).await;
        orders.push(order.id);
    }
    // All but one are seen; the oldest waits.
    for result in results_since(place).await.iter().filter(|result| result.order != orders[0]) {
        isha.done(place, &confirm(result.order, vec![result.id])).await;
    }
    let lab = place.store.patient_view(&place.link, &number(1)).await.unwrap().lab;
    assert!(!lab.whole);
    let shown: Vec<Uuid> = lab.results.iter().map(|result| result.order).collect();
    assert_eq!(shown, [orders[4], orders[3], orders[2]], "newest first");
    let mut listed: Vec<Uuid> = lab.orders.iter().map(|order| order.id).collect();
    listed.sort();
    assert_eq!(listed, [orders[0], orders[2], orders[3], orders[4]], "and what is open");
    let whole = place.store.patient_lab(&place.link, &number(1), date(2021, 11, 22)).await.unwrap();
    assert_eq!((whole.whole, whole.orders.len(), whole.results.len()), (true, 5, 5));
    let later = place.store.patient_lab(&place.link, &number(1), date(2026, 10, 4)).await.unwrap();
    assert_eq!(later.results.len(), 3, "two are younger, and one waits");
    let missing = place.store.patient_lab(&place.link, &number(77), today()).await;
    assert!(matches!(missing, Err(StoreError::NotFound("patient"))), "{missing:?}");
    assert!(place.store.patient_view(&place.link, &number(2)).await.unwrap().lab.orders.is_empty());
}

async fn results_since(place: &Place) -> Vec<LabResult> {
    place.store.patient_lab(&place.link, &number(1), date(2021, 11, 22)).await.unwrap().results
}

pub async fn whatever_is_changed_in_lab_records_is_found(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let order = isha.sent(place, &[1]).await;
    take(place, message("M1", vec![results_of(1, vec![normal(0, "20")])])).await;
    take(place, message("M2", vec![report(&patient(9), "?", vec![normal(0, "20")])])).await;
    let id = results(place).await[0].id;
    isha.done(place, &confirm(order.id, vec![id])).await;
    place.broken_on_purpose();
    let whole = place.store.records_verify(place.tenant()).await.unwrap();
    assert!(whole.is_whole(), "{whole:?}");
    assert_eq!((whole.orders, whole.versions, whole.results), (1, 4, 1));
    let changes = |table: &str, was: &str, is: &str| {
        let set = |from: &str, to: &str| {
            format!("UPDATE {table} SET body = REPLACE(body, '{from}', '{to}')")
        };
        (set(was, is), set(is, was))
    };
    let specimen = |number: &str| format!("UPDATE specimens SET number = '{number}'");
    let seq = |by: &str, at: u8| format!("UPDATE lab_versions SET seq = seq {by} WHERE seq = {at}");
    let message = |how: &str| format!("UPDATE lab_messages SET message = {how}");
    for (tamper, mend) in [
        changes("lab_results", "\"20\"", "\"29\""),
        changes("lab_reports", "\"20\"", "\"29\""),
        changes("lab_orders", "肝機能", "腎機能"),
        changes("lab_versions", "肝機能", "腎機能"),
        changes("lab_versions", "\"word\":\"reported\"", "\"word\":\"begun\""),
        (seq("+ 1", 5), seq("- 1", 6)),
        (message("'AAAA' || message"), message("SUBSTR(message, 5)")),
        (specimen("261122010999"), specimen(tube(1).as_str())),
    ] {
        assert!(place.tamper(&tamper).await > 0, "{tamper}");
        let found = place.store.records_verify(place.tenant()).await.unwrap();
        assert!(!found.is_whole(), "{tamper}");
        place.tamper(&mend).await;
        let found = place.store.records_verify(place.tenant()).await.unwrap();
        assert!(found.is_whole(), "{mend}: {found:?}");
    }
    place.tamper("DELETE FROM lab_versions WHERE outcome = 'done' AND seq = 2").await;
    let found = place.store.records_verify(place.tenant()).await.unwrap();
    assert!(found.named.iter().any(|fault| fault.what.starts_with("audit row")), "{found:?}");
}

pub async fn looks_at_lab_data_are_on_record(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let order = isha.sent(place, &[1]).await;
    take(place, message("M1", vec![results_of(1, vec![normal(0, "20")])])).await;
    let kanri = hand(place, "kanri", Role::Administrator).await;
    let before = place.count("audit").await;
    let actor = kanri.actor();
    place.store.lab_day(actor, today()).await.unwrap();
    place.store.lab_order(actor, order.id).await.unwrap();
    place.store.lab_specimen(actor, &tube(1)).await.unwrap();
    place.store.lab_specimen(actor, &tube(2)).await.unwrap_err();
    place.store.patient_lab(actor, &number(1), today()).await.unwrap();
    place.store.lab_inbox(actor).await.unwrap();
    let rows = place.store.audit_rows(place.tenant(), before, 100).await.unwrap();
    let told: Vec<(&str, &str, &str)> = rows
        .iter()
        .map(|row| (row.action.as_str(), row.object_id.as_str(), row.login.as_str()))
        .collect();
    let one = number(1).to_string();
    assert_eq!(
        told,
        [
            ("lab.day", "2026-11-22", "kanri"),
            ("lab.read", one.as_str(), "kanri"),
            ("lab.read", one.as_str(), "kanri"),
            ("lab.read", "", "kanri"),
            ("lab.patient", one.as_str(), "kanri"),
            ("lab.inbox", "", "kanri"),
        ]
    );
    assert!([0, 5].iter().all(|at| rows[*at].detail == one), "{rows:?}");
}
