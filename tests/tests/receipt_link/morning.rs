use api::EventKind;
use api::receptions::LinkState;
use clinical::{Reception, ReceptionState};
use cloud::store::EventPage;
use jiff::civil::time;
use sandbox::SandboxConfig;

use crate::support::{TODAY, World, quiet, until};

/// As the receipt computer tells it: without what only the cloud knows.
fn told(mut reception: Reception) -> Reception {
    reception.revision = 0;
    reception
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reception_arrives_and_goes_its_way() {
    let world = World::start(quiet()).await;
    world.until_link(LinkState::Up).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let number = world.number(3);

    let id = control.accept(number.as_str()).unwrap();
    until("the reception", async || world.reception(&id).await.is_some()).await;
    let reception = world.reception(&id).await.unwrap();
    assert_eq!(told(reception.clone()), control.receptions()[0], "names of contents included");
    until("the patient", async || world.patient(&number).await.is_some()).await;
    assert_eq!(world.patient(&number).await, control.patient(number.as_str()));

    // The desk's finer state outlives what the receipt computer says next.
    assert!(world.move_reception(&reception, ReceptionState::InExamination).await);
    let second = control.accept(world.number(4).as_str()).unwrap();
    until("the next", async || world.reception(&second).await.is_some()).await;
    let state = async || world.reception(&id).await.unwrap().state;
    assert_eq!(state().await, ReceptionState::InExamination);

    control.finish(&id).unwrap();
    until("paid", async || state().await == ReceptionState::Done).await;
    assert!(world.reception(&id).await.unwrap().paid_at.is_some());
    control.reopen(&id).unwrap();
    until("reopened", async || state().await == ReceptionState::AwaitingPayment).await;
    control.cancel(&id).unwrap();
    until("cancelled", async || state().await == ReceptionState::Cancelled).await;
    assert_eq!(world.reception(&second).await.unwrap().state, ReceptionState::Waiting);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_in_has_a_name_first_and_a_number_later() {
    let world = World::start(quiet()).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let patient = world.sandbox.clinic.patients()[7].clone();
    let id = control.accept_walk_in(&patient.name.kanji).unwrap();
    until("the walk-in", async || world.reception(&id).await.is_some()).await;
    assert_eq!(world.reception(&id).await.unwrap().patient, None);
    control.assign(&id, patient.number.as_str()).unwrap();
    let assigned = async || world.reception(&id).await.is_some_and(|r| r.patient.is_some());
    until("the number", assigned).await;
    assert_eq!(world.reception(&id).await.unwrap().patient, Some(patient.number));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_comes_in_pages() {
    let config = SandboxConfig {
        patients: 400,
        receptions: 250,
        day_start: time(20, 0, 0, 0),
        list_rows: 100,
        ..quiet()
    };
    let world = World::start(config).await;
    let expected = world.sandbox.control.receptions();
    assert!(expected.len() > 200, "{} receptions need three pages", expected.len());
    until("all pages", async || world.receptions().await.len() == expected.len()).await;
    let mut ids: Vec<_> = expected.into_iter().map(|r| r.key.id).collect();
    let mut found: Vec<_> = world.receptions().await.into_iter().map(|r| r.key.id).collect();
    ids.sort();
    found.sort();
    assert_eq!(found, ids);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clinics_lists_come_first() {
    let world = World::start(quiet()).await;
    let store = &world.cloud.store;
    let tenant = world.clinic.tenant;
    let there = async || !store.reference(tenant).await.unwrap().departments.is_empty();
    until("the lists", there).await;
    let reference = store.reference(tenant).await.unwrap();
    assert!(!reference.physicians.is_empty() && !reference.contents.is_empty());
    assert!(reference.contents.iter().all(|content| !content.name.is_empty()));
    world.stop().await;
}

/// A fast morning: every change of the receipt computer is an event, and the list ends the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fast_morning_is_mirrored() {
    let config = SandboxConfig {
        patients: 200,
        receptions: 40,
        day_start: time(8, 0, 0, 0),
        clock_rate: 600.0,
        ..quiet()
    };
    let world = World::start(config).await;
    until("a busy list", async || world.receptions().await.len() >= 25).await;
    world.sandbox.control.set_clock_rate(0.0);
    let same = async || {
        let mut mine: Vec<_> = world.receptions().await.into_iter().map(told).collect();
        mine.retain(|reception| reception.state != ReceptionState::Cancelled);
        let mut theirs = world.sandbox.control.receptions();
        mine.sort_by(|a, b| a.key.cmp(&b.key));
        theirs.sort_by(|a, b| a.key.cmp(&b.key));
        mine == theirs
    };
    until("the same list", same).await;
    let page = world.cloud.store.events_after(world.clinic.tenant, 0, 10_000).await.unwrap();
    let EventPage::Events(events) = page else { panic!("events are missing") };
    assert!(events.iter().zip(1_i64..).all(|(event, n)| event.seq == n));
    for reception in world.receptions().await {
        assert_eq!(reception.key.date, TODAY);
        let revisions: Vec<i64> = events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::ReceptionChanged { key, revision } if *key == reception.key => {
                    Some(*revision)
                }
                _ => None,
            })
            .collect();
        let expected: Vec<i64> = (1..=reception.revision).collect();
        assert_eq!(revisions, expected, "one event a change");
    }
    world.stop().await;
}
