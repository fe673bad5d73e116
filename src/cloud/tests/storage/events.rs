//! The stream of changes.

use api::EventKind;
use clinical::ReceptionState;
use cloud::store::{EventPage, Retention};
use jiff::SignedDuration;

use crate::hands::{self, clerk, profile, record, weight, with_patients};
use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number, patients, reception};

async fn make(place: &Place, range: std::ops::Range<u32>) {
    place.store.upsert_patients(&place.link, &patients(range), start_of_tests()).await.unwrap();
}

fn numbers(page: EventPage) -> Vec<i64> {
    match page {
        EventPage::Events(events) => events.into_iter().map(|event| event.seq).collect(),
        EventPage::Reset(seq) => panic!("reset at {seq}"),
    }
}

pub async fn numbers_have_no_gaps(place: &Place) {
    make(place, 1..200).await;
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    let (store, tenant) = (&place.store, place.tenant());
    let all = numbers(store.events_after(tenant, 0, 1000).await.unwrap());
    assert_eq!(all, (1..=200).collect::<Vec<i64>>());
    assert_eq!(
        numbers(store.events_after(tenant, 150, 10).await.unwrap()),
        (151..=160).collect::<Vec<_>>()
    );
    assert!(numbers(store.events_after(tenant, 200, 10).await.unwrap()).is_empty());
    assert_eq!(numbers(store.events_after(tenant, 199, 0).await.unwrap()), [200]);
    assert_eq!(store.event_head(tenant).await.unwrap(), 200);
}

pub async fn a_feed_catches_up_and_goes_on(place: &Place) {
    make(place, 1..6).await;
    let mut feed = place.store.follow(place.tenant(), 2);
    for expected in 3..=5 {
        assert_eq!(feed.next().await.unwrap().seq, expected);
    }
    // Dropped while it waits, as a client that goes away does; nothing is lost by it.
    let waited = tokio::time::timeout(std::time::Duration::from_millis(50), feed.next()).await;
    assert!(waited.is_err());
    let writer = place.store.clone();
    let link = place.link.clone();
    let writing = tokio::spawn(async move {
        for n in 6..60 {
            writer.upsert_patients(&link, &patients(n..n + 1), start_of_tests()).await.unwrap();
        }
    });
    for expected in 6..60 {
        assert_eq!(feed.next().await.unwrap().seq, expected);
    }
    writing.await.unwrap();
}

pub async fn a_feed_hears_another_process(place: &Place) {
    let other = place.second().await;
    let mut feed = place.store.follow(place.tenant(), 0);
    let (link, writer) = (place.link.clone(), other.clone());
    let writing = tokio::spawn(async move {
        for n in 1..4 {
            writer.upsert_patients(&link, &patients(n..n + 1), start_of_tests()).await.unwrap();
        }
    });
    for expected in 1..4 {
        let next = tokio::time::timeout(std::time::Duration::from_mins(1), feed.next()).await;
        assert_eq!(next.expect("the other process's event").unwrap().seq, expected);
    }
    writing.await.unwrap();
    other.close().await;
}

pub async fn what_is_no_longer_kept_is_a_reset(place: &Place) {
    make(place, 1..6).await;
    place.clock.advance(SignedDuration::from_hours(24 * 8));
    make(place, 6..9).await;
    let pruned = place.store.prune(Retention::default()).await.unwrap();
    assert_eq!(pruned.events, 5);
    let (store, tenant) = (&place.store, place.tenant());
    assert_eq!(store.events_after(tenant, 4, 10).await.unwrap(), EventPage::Reset(8));
    assert_eq!(numbers(store.events_after(tenant, 5, 10).await.unwrap()), [6, 7, 8]);
    // A number from a future that never was: the database was put back from a backup.
    assert_eq!(store.events_after(tenant, 9, 10).await.unwrap(), EventPage::Reset(8));
    assert_eq!(store.events_after(tenant, -1, 10).await.unwrap(), EventPage::Reset(8));
    let mut feed = store.follow(tenant, 0);
    let first = feed.next().await.unwrap();
    assert_eq!((first.kind, first.seq), (EventKind::Reset, 8));
    make(place, 9..10).await;
    assert_eq!(feed.next().await.unwrap().seq, 9);
    // All gone by age: the head still counts.
    place.clock.advance(SignedDuration::from_hours(24 * 8));
    place.store.prune(Retention::default()).await.unwrap();
    assert_eq!(store.events_after(tenant, 3, 10).await.unwrap(), EventPage::Reset(9));
    assert!(numbers(store.events_after(tenant, 9, 10).await.unwrap()).is_empty());
    make(place, 10..11).await;
    assert_eq!(feed.next().await.unwrap().seq, 10);
}

pub async fn pruning_removes_the_old_and_keeps_the_log(place: &Place) {
    let desk = clerk(place).await;
    with_patients(place).await;
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    desk.set(place, 1, ReceptionState::Done, ReceptionState::Waiting).await;
    let version = profile(record(weight(684, 0)));
    let doctor = hands::doctor(place).await;
    let receipt = doctor.send(&place.store, &version).await.unwrap();
    let rows = place.count("audit").await;
    let nothing = place.store.prune(Retention::default()).await.unwrap();
    assert_eq!(nothing, cloud::store::Pruned::default());
    place.clock.advance(SignedDuration::from_hours(24 * 91));
    let pruned = place.store.prune(Retention::default()).await.unwrap();
    assert_eq!((pruned.events, pruned.state_changes), (7, 1));
    assert_eq!(place.count("audit").await, rows);
    let kept = place.store.reception(&place.link, &key(1)).await.unwrap();
    assert_eq!(kept.state, ReceptionState::Done);
    // What was entered into a profile is a record: it stays, and so does its receipt.
    assert_eq!(place.count("entries").await, 1);
    assert_eq!(place.store.history(&place.link, &number(1)).await.unwrap().versions.len(), 1);
    assert_eq!(doctor.send(&place.store, &version).await.unwrap(), receipt);
}
