//! Lab orders: versions make them, numbers are one tube's, and the laboratory hears what it must, in order.

use std::sync::Arc;

use api::EventKind;
use clinical::lab::{
    AtLab, Identified, LabAct, LabOrderState, LabOutcome, LabRequest, NotDrawn, TubeState,
};
use clinical::{Role, Staff};
use cloud::store::StoreError;
use cloud::store::lab::{LabAnswer, LabMessageKind, LabTask, Outgoing, TubeAnswer};
use jiff::{SignedDuration, ToSpan};
use uuid::Uuid;

use crate::entries::{allow, forbid};
use crate::hands::{clerk, doctor, hand, nurse, with_patients};
use crate::harness::{Place, start_of_tests, today};
use crate::lab_hands::{
    act, act_for, cancel, draw, lab_link, order, request, send, take, told, tube,
};
use crate::people::{number, patient};

const TABLES: [&str; 7] =
    ["entries", "lab_versions", "lab_orders", "specimens", "outgoing", "events", "audit"];

async fn rows(place: &Place) -> [i64; 7] {
    let mut counts = [0; 7];
    for (count, table) in counts.iter_mut().zip(TABLES) {
        *count = place.count(table).await;
    }
    counts
}

async fn next(place: &Place) -> Option<Outgoing> {
    place.store.next_outgoing(place.tenant(), "lab").await.unwrap()
}

async fn task(place: &Place) -> LabTask {
    let outgoing = next(place).await.expect("something waits");
    place.store.lab_task(&lab_link(place), &outgoing).await.unwrap().expect("there is a message")
}

pub async fn an_order_goes_its_way(place: &Place) {
    with_patients(place).await;
    let (isha, kango) = (doctor(place).await, nurse(place).await);
    let id = Uuid::now_v7();
    let ordered = isha.done(place, &order(id, &[1, 2])).await;
    assert_eq!((ordered.state(), ordered.tubes.len()), (LabOrderState::Ordered, 2));
    assert_eq!(ordered.patient, number(1));
    let tubes = vec![tube(1), tube(2)];
    let labels =
        LabAct::Labels { tubes, copy: 1, printer: "ラベル".into(), reason: String::new() };
    kango.done(place, &act(id, labels)).await;
    kango.done(place, &draw(id, 1)).await;
    let (reason, note) = (NotDrawn::Difficult, String::new());
    kango.done(place, &act(id, LabAct::NotDrawn { tube: tube(2), reason, note })).await;
    assert_eq!(next(place).await, None);
    let sent = kango.done(place, &send(id, &[1, 2])).await;
    assert_eq!(sent.state(), LabOrderState::Sent);
    let task = task(place).await;
    assert_eq!((task.what, &task.tubes[..]), (LabMessageKind::New, &[tube(1)][..]));
    assert_eq!((&task.order, &task.patient), (&sent, &patient(1)));
    assert_eq!(task.version.author, kango.staff());
    let taken = TubeAnswer { number: tube(1), taken: Ok("L-77".to_owned()) };
    let answer = LabAnswer::Tubes(vec![taken]);
    let link = lab_link(place);
    assert!(place.store.lab_answer(&link, &task.outgoing, &answer).await.unwrap());
    assert!(!place.store.lab_answer(&link, &task.outgoing, &answer).await.unwrap(), "told twice");
    assert_eq!(next(place).await, None);
    let read = place.store.lab_order(isha.actor(), id).await.unwrap();
    assert_eq!(read.order.state(), LabOrderState::InProgress);
    assert!(matches!(&read.order.tubes[0].lab, AtLab::Accepted { filler, .. } if filler == "L-77"));
    assert_eq!((read.name, read.sex), (patient(1).name, patient(1).sex));
    let by_tube = place.store.lab_specimen(isha.actor(), &tube(2)).await.unwrap();
    assert_eq!(by_tube.order, read.order);
    let told: Vec<_> = place.events().await.into_iter().map(|event| event.kind).collect();
    let changed = EventKind::LabChanged { number: number(1), order: id };
    assert_eq!(told.iter().filter(|kind| **kind == changed).count(), 6);
    let found = place.store.records_verify(place.tenant()).await.unwrap();
    assert_eq!((found.orders, found.versions, found.faults), (1, 5, 0));
}

pub async fn a_lab_entry_sent_twice_is_stored_once(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let id = Uuid::now_v7();
    let stores = [place.store.clone(), place.second().await];
    let all = [order(id, &[1, 2]), draw(id, 1), send(id, &[1])];
    let mut before = rows(place).await;
    let grown = [[1, 1, 1, 2, 0, 1, 1], [1, 1, 0, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1, 1]];
    for (entry, grown) in all.iter().zip(grown) {
        let first = isha.send(&stores[0], entry).await.unwrap();
        let now = rows(place).await;
        let added: Vec<i64> = now.iter().zip(before).map(|(now, was)| now - was).collect();
        assert_eq!(added, grown, "{entry:?}");
        place.clock.advance(SignedDuration::from_mins(1));
        for store in &stores {
            assert_eq!(isha.send(store, entry).await.unwrap(), first);
        }
        before = rows(place).await;
        assert_eq!(before[..6], now[..6], "and nothing of it is stored again");
    }
    stores[1].close().await;
}

/// For each table that an act writes to, the write is made to fail: nothing stands in any of them.
pub async fn a_failure_leaves_nothing_of_a_lab_order(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let id = Uuid::now_v7();
    let steps =
        [(order(id, &[1, 2]), "specimens"), (draw(id, 1), ""), (send(id, &[1]), "outgoing")];
    for (entry, own) in steps {
        let whole = rows(place).await;
        let stands = place.store.patient_lab(&place.link, &number(1), today()).await.unwrap();
        let mut audit = place.count("audit").await;
        let tables = ["entries", "lab_orders", "lab_versions", "events", "audit", "heads"];
        for table in tables.into_iter().chain((!own.is_empty()).then_some(own)) {
            forbid(place, table).await;
            let refused = isha.send(&place.store, &entry).await.unwrap_err();
            assert!(matches!(refused, StoreError::Database(_)), "{table}: {refused:?}");
            allow(place, table).await;
            let now = rows(place).await;
            assert_eq!((&now[..6], now[6]), (&whole[..6], audit), "{table}");
            let lab = place.store.patient_lab(&place.link, &number(1), today()).await.unwrap();
            assert_eq!(lab, stands, "{table}");
            audit = place.count("audit").await;
        }
        isha.done(place, &entry).await;
    }
}

pub async fn two_nurses_draw_the_same_tube(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let hands = [Arc::new(nurse(place).await), Arc::new(clerk(place).await)];
    let stores = [place.store.clone(), place.second().await];
    for serial in 1..=8 {
        let id = Uuid::now_v7();
        isha.done(place, &order(id, &[serial])).await;
        let mut drawing = Vec::new();
        for (hand, store) in hands.iter().zip(&stores) {
            let (hand, store, entry) = (Arc::clone(hand), store.clone(), draw(id, serial));
            drawing.push(tokio::spawn(async move {
                let (outcome, order) = told(hand.send(&store, &entry).await.unwrap());
                (outcome, order, hand.staff())
            }));
        }
        let mut drawn_by: Vec<Staff> = Vec::new();
        let mut seen = Vec::new();
        for one in drawing {
            let (outcome, order, staff) = one.await.unwrap();
            if outcome == LabOutcome::Done {
                drawn_by.push(staff);
            }
            seen.push(order);
        }
        assert_eq!(drawn_by.len(), 1, "one of them, and the first one stands");
        for order in seen {
            let TubeState::Drawn { done, .. } = &order.tubes[0].state else { panic!("{order:?}") };
            assert_eq!(done.by, drawn_by[0], "both are told who");
        }
    }
    stores[1].close().await;
}

pub async fn a_cancellation_meets_a_sending(place: &Place) {
    with_patients(place).await;
    let (isha, kango) = (Arc::new(doctor(place).await), Arc::new(nurse(place).await));
    let other = place.second().await;
    for serial in 1..=8 {
        let id = Uuid::now_v7();
        isha.done(place, &order(id, &[serial])).await;
        kango.done(place, &draw(id, serial)).await;
        let before = place.count("outgoing").await;
        let (store, second) = (place.store.clone(), other.clone());
        let (one, two) = (Arc::clone(&isha), Arc::clone(&kango));
        let cancelling =
            tokio::spawn(async move { told(one.send(&store, &cancel(id)).await.unwrap()) });
        let sending =
            tokio::spawn(
                async move { told(two.send(&second, &send(id, &[serial])).await.unwrap()) },
            );
        let (cancelled, sent) = (cancelling.await.unwrap().0, sending.await.unwrap().0);
        assert_eq!(cancelled, LabOutcome::Done, "nothing was reported, so it may be cancelled");
        let grown = place.count("outgoing").await - before;
        // Either the laboratory hears both, in that order, or nothing at all.
        assert_eq!(grown, if sent == LabOutcome::Done { 2 } else { 0 });
        let order = place.store.lab_order(&place.link, id).await.unwrap().order;
        assert_eq!(order.state(), LabOrderState::Cancelled);
        assert_eq!(order.at_lab().count() == 1, sent == LabOutcome::Done);
    }
    other.close().await;
}

pub async fn a_specimen_number_is_one_tubes(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    isha.done(place, &order(Uuid::now_v7(), &[1, 2])).await;
    let before = rows(place).await;
    let clash = isha.lab_refused(place, &order(Uuid::now_v7(), &[3, 2])).await;
    assert!(
        matches!(&clash, StoreError::Invalid(text) if text.contains("another tube")),
        "{clash:?}"
    );
    assert_eq!(rows(place).await, before);
    // Elsewhere the same number is somebody else's tube.
    let offset = jiff::tz::Offset::constant(9);
    let other = place.store.add_institution("other", "他院", offset).await.unwrap();
    let link = cloud::store::Actor::service(other.tenant, "links/receipt");
    place.store.upsert_patients(&link, &[patient(1)], start_of_tests()).await.unwrap();
    let there = crate::hands::hand_at(&place.store, other.tenant, "isha", Role::Practitioner).await;
    let theirs = Uuid::now_v7();
    there.done(place, &order(theirs, &[1, 2])).await;
    let mine = place.store.lab_order(isha.actor(), theirs).await;
    assert!(matches!(mine, Err(StoreError::NotFound("lab order"))), "{mine:?}");
    let day = place.store.lab_day(there.actor(), today()).await.unwrap();
    assert_eq!(day.orders.iter().map(|one| one.order.id).collect::<Vec<_>>(), [theirs]);
    let tube = place.store.lab_specimen(there.actor(), &tube(1)).await.unwrap();
    assert_eq!(tube.order.id, theirs);
}

pub async fn lab_work_by_role(place: &Place) {
    with_patients(place).await;
    let (isha, kango, desk) = (doctor(place).await, nurse(place).await, clerk(place).await);
    let kanri = hand(place, "kanri", Role::Administrator).await;
    let named = |who: Option<Staff>, serial| {
        let request = LabRequest { on_behalf_of: who, ..request(&[serial]) };
        act(Uuid::now_v7(), LabAct::Order { request })
    };
    let ordered = desk.done(place, &named(Some(isha.staff()), 1)).await;
    assert_eq!(ordered.on_behalf_of, Some(isha.staff()));
    assert_eq!(ordered.ordered.by, desk.staff());
    for who in [None, Some(kango.staff()), Some(desk.staff())] {
        let refused = desk.lab_refused(place, &named(who, 2)).await;
        assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    }
    let id = ordered.id;
    for (who, entry) in [
        (&kanri, named(Some(isha.staff()), 3)),
        (&kanri, draw(id, 1)),
        (&kango, act(id, LabAct::ConfirmResults { results: Vec::new() })),
    ] {
        let refused = who.lab_refused(place, &entry).await;
        assert!(matches!(refused, StoreError::Forbidden(_)), "{refused:?}");
    }
    desk.done(place, &draw(id, 1)).await;
    let unknown = act(id, LabAct::Draw { tube: tube(9), identified: Identified::Spoken });
    let results = vec![Uuid::now_v7()];
    let stranger = act(id, LabAct::ConfirmResults { results });
    let other = act_for(number(2), id, LabAct::Cancel { reason: "別人".to_owned() });
    let again = act(id, LabAct::Order { request: request(&[8]) });
    for entry in [unknown, stranger, other, again] {
        let refused = isha.lab_refused(place, &entry).await;
        assert!(matches!(refused, StoreError::Invalid(_)), "{entry:?}: {refused:?}");
        assert!(!refused.to_string().contains("別人"), "content in an error");
    }
    let missing = isha.lab_refused(place, &draw(Uuid::now_v7(), 1)).await;
    assert!(matches!(missing, StoreError::NotFound("lab order")), "{missing:?}");
    let nobody = act_for(number(77), Uuid::now_v7(), LabAct::Order { request: request(&[4]) });
    let missing = isha.lab_refused(place, &nobody).await;
    assert!(matches!(missing, StoreError::NotFound("patient")), "{missing:?}");
}

pub async fn the_days_list_holds_what_is_due(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let on = |days: i64, serial| LabRequest {
        collect_on: today().saturating_add(days.days()),
        ..request(&[serial])
    };
    let mut ids = Vec::new();
    for (days, serial) in [(-31, 1), (-30, 2), (-1, 3), (0, 4), (1, 5), (0, 6), (0, 7)] {
        let id = Uuid::now_v7();
        let told = act(id, LabAct::Order { request: on(days, serial) });
        // Ordered on its day, while the line was cut, and arriving now.
        let entered_at = start_of_tests() + SignedDuration::from_hours(24 * days.min(0));
        let told = api::entries::Entry { entered_at, ..told };
        isha.done(place, &told).await;
        ids.push(id);
        if serial != 3 && serial != 4 {
            isha.done(place, &draw(id, serial)).await;
        }
    }
    isha.done(place, &send(ids[5], &[6])).await;
    isha.done(place, &cancel(ids[6])).await;
    let day = place.store.lab_day(isha.actor(), today()).await.unwrap();
    let listed: Vec<Uuid> = day.orders.iter().map(|one| one.order.id).collect();
    // What was drawn 30 days ago or before its day, what is to be collected today, and today's that were sent or
    // cancelled.
    assert_eq!(listed, [ids[1], ids[3], ids[4], ids[5], ids[6]]);
    assert_eq!((day.date, &day.orders[0].name), (today(), &patient(1).name));
    let late = act(Uuid::now_v7(), LabAct::Order { request: on(-1, 9) });
    let refused = isha.lab_refused(place, &late).await;
    assert!(matches!(refused, StoreError::Invalid(_)), "of today for yesterday: {refused:?}");
}

pub async fn deliveries_keep_their_order(place: &Place) {
    with_patients(place).await;
    let (kango, link) = (doctor(place).await, lab_link(place));
    let first = kango.sent(place, &[1]).await;
    let second = kango.sent(place, &[2]).await;
    kango.done(place, &cancel(first.id)).await;
    let one = next(place).await.unwrap();
    assert_eq!(one.subject, format!("order/{}", first.id));
    let later = place.clock.now() + SignedDuration::from_mins(5);
    let (tenant, store) = (place.tenant(), &place.store);
    store.outgoing_failed(tenant, one.seq, later, "no route to host").await.unwrap();
    // The other order goes on; the cancellation waits for what it cancels.
    let two = next(place).await.unwrap();
    assert_eq!(two.subject, format!("order/{}", second.id));
    store.outgoing_delivered(tenant, two.seq).await.unwrap();
    assert_eq!(next(place).await, None);
    assert_eq!(store.next_try(tenant, "lab").await.unwrap(), Some(later));
    assert_eq!(store.undelivered(tenant, "lab").await.unwrap(), 2);
    place.clock.advance(SignedDuration::from_mins(5));
    let again = next(place).await.unwrap();
    assert_eq!((again.seq, again.tries), (one.seq, 1));
    // Another process sees the same, and nothing is lost with this one.
    let other = place.second().await;
    assert_eq!(other.next_outgoing(tenant, "lab").await.unwrap().unwrap().seq, one.seq);
    other.close().await;
    let told = task(place).await;
    assert_eq!(told.tubes, [tube(1)]);
    store.outgoing_refused(&link, &told, "受託していません").await.unwrap();
    let order = store.lab_order(&link, first.id).await.unwrap().order;
    assert!(matches!(&order.tubes[0].lab, AtLab::Refused { why, .. } if why == "受託していません"));
    // Nothing is left to cancel there.
    let cancelling = next(place).await.unwrap();
    assert_eq!(store.lab_task(&link, &cancelling).await.unwrap(), None);
    store.outgoing_delivered(tenant, cancelling.seq).await.unwrap();
    assert_eq!((next(place).await, store.undelivered(tenant, "lab").await.unwrap()), (None, 0));
}

pub async fn what_the_laboratory_refused_is_sent_again(place: &Place) {
    with_patients(place).await;
    let (isha, link) = (doctor(place).await, lab_link(place));
    let order = isha.sent(place, &[1, 2]).await;
    let first = task(place).await;
    let answers = vec![
        TubeAnswer { number: tube(1), taken: Ok(String::new()) },
        TubeAnswer { number: tube(2), taken: Err("容器違い".to_owned()) },
    ];
    let answer = LabAnswer::Tubes(answers);
    assert!(place.store.lab_answer(&link, &first.outgoing, &answer).await.unwrap());
    let (outcome, _) = isha.lab(place, &send(order.id, &[1])).await;
    assert_eq!(outcome, LabOutcome::Overtaken, "the laboratory has it");
    isha.done(place, &send(order.id, &[1, 2])).await;
    let second = task(place).await;
    assert_eq!((second.what, &second.tubes[..]), (LabMessageKind::New, &[tube(2)][..]));
    isha.done(place, &cancel(order.id)).await;
    place.store.outgoing_delivered(place.tenant(), second.outgoing.seq).await.unwrap();
    let third = task(place).await;
    assert_eq!((third.what, &third.tubes[..]), (LabMessageKind::Cancel, &[tube(1), tube(2)][..]));
    let agreed = LabAnswer::Cancelled { agreed: false, why: "測定済み".to_owned() };
    assert!(place.store.lab_answer(&link, &third.outgoing, &agreed).await.unwrap());
    let stands = place.store.lab_order(&link, order.id).await.unwrap().order;
    assert_eq!(stands.cancelled.unwrap().lab_agreed, Some(false));
    // Its results come all the same, and wait for somebody.
    let report = crate::lab_hands::results_of(1, vec![crate::lab_hands::normal(0, "20")]);
    let taken = take(place, crate::lab_hands::message("M1", vec![report])).await;
    assert_eq!((taken.matched, taken.results), (1, 1));
    assert_eq!(place.store.lab_inbox(&link).await.unwrap().total, 1);
}
