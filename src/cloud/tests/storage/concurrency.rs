//! Many at the same time, in one process and in two.

use std::sync::Arc;

use clinical::ReceptionState;
use cloud::store::audit::AuditRow;
use cloud::store::{Store, StoreError};

use crate::hands::{Hand, change, clerk};
use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number, patients, reception};

pub async fn many_writers_in_two_processes(place: &Place) {
    const HANDS: u32 = 8;
    const EACH: u32 = 20;
    let stores = [place.store.clone(), place.second().await];
    let desk = Arc::new(clerk(place).await);
    place
        .store
        .upsert_patients(&place.link, &patients(1..HANDS + 1), start_of_tests())
        .await
        .unwrap();
    let list = (1..=HANDS).map(reception).collect();
    place.store.reconcile_day(&place.link, today(), list).await.unwrap();
    let before = place.store.event_head(place.tenant()).await.unwrap();
    let rows_before = place.count("audit").await;
    let mut hands = Vec::new();
    for n in 1..=HANDS {
        let (store, link) = (stores[n as usize % 2].clone(), place.link.clone());
        let desk = Arc::clone(&desk);
        hands.push(tokio::spawn(async move {
            let mut now = reception(n);
            for turn in 0..EACH {
                let state = ReceptionState::DESK[1 + turn as usize % 2];
                let done = desk.change(&store, change(n, state, now.state)).await.unwrap();
                assert!(done.0);
                now = done.1;
                store.patient_view(&link, &number(n)).await.unwrap();
            }
            now.revision
        }));
    }
    for hand in hands {
        assert_eq!(hand.await.unwrap(), i64::from(EACH) + 1);
    }
    let events = place.events().await;
    assert_eq!(events.len() as i64, before + i64::from(HANDS * EACH));
    assert_eq!(place.count("audit").await, rows_before + i64::from(HANDS * EACH * 2));
    assert!(place.verdict().await.is_whole());
    stores[1].close().await;
}

pub async fn one_reception_many_hands(place: &Place) {
    const HANDS: u32 = 6;
    const EACH: usize = 10;
    let stores = [place.store.clone(), place.second().await];
    let desk = Arc::new(clerk(place).await);
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    let mut hands = Vec::new();
    for n in 0..HANDS {
        let (store, desk) = (stores[n as usize % 2].clone(), Arc::clone(&desk));
        hands.push(tokio::spawn(async move { persist(&store, &desk, n as usize, EACH).await }));
    }
    let mut late = 0;
    for hand in hands {
        late += hand.await.unwrap();
    }
    let done = place.store.reception(&place.link, &key(1)).await.unwrap();
    // Every change made counted once, none lost to another, and none made twice.
    assert_eq!(place.events().await.len() as i64, done.revision);
    let log = place.store.audit_rows(place.tenant(), 0, 10_000).await.unwrap();
    let made = |row: &&AuditRow| row.action == "reception.change" && !row.detail.contains("unch");
    assert_eq!(log.iter().filter(made).count() as i64, done.revision - 1);
    println!("{} changes made, {late} came too late", done.revision - 1);
    stores[1].close().await;
}

/// Changes the reception `times` times to another state than it has, anew from what stands where somebody else was
/// first; gives how often that was.
async fn persist(store: &Store, desk: &Hand, hand: usize, times: usize) -> usize {
    let (mut done, mut late) = (0, 0);
    let mut now = store.reception(desk.actor(), &key(1)).await.unwrap();
    while done < times {
        let at = ReceptionState::DESK.iter().position(|state| *state == now.state).unwrap();
        let next = ReceptionState::DESK[(at + 1 + hand % 4) % 5];
        let (applied, stands) = desk.change(store, change(1, next, now.state)).await.unwrap();
        assert_eq!(applied, stands.state == next);
        if applied {
            done += 1;
        } else {
            late += 1;
        }
        now = stands;
    }
    late
}

pub async fn one_failing_write_fails_alone(place: &Place) {
    let desk = Arc::new(clerk(place).await);
    let list = (1..=20).map(reception).collect();
    place.store.reconcile_day(&place.link, today(), list).await.unwrap();
    place.tamper("UPDATE receptions SET body = '{\"half\":' WHERE id = '00007'").await;
    let mut hands = Vec::new();
    for n in 1..=20 {
        let (store, desk) = (place.store.clone(), Arc::clone(&desk));
        hands.push(tokio::spawn(async move {
            let mine = change(n, ReceptionState::Done, ReceptionState::Waiting);
            (n, desk.change(&store, mine).await)
        }));
    }
    for hand in hands {
        match hand.await.unwrap() {
            (7, Err(StoreError::Damaged(what))) => {
                assert!(what.starts_with("receptions.body"), "{what}");
                assert!(!what.contains("half"), "content in an error: {what}");
            }
            (7, other) => panic!("{other:?}"),
            (n, done) => assert_eq!(done.unwrap().1.revision, 2, "{n}"),
        }
    }
    assert_eq!(place.events().await.len(), 20 + 19);
}
