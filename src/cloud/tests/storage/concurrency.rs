//! Many at the same time, in one process and in two.

use clinical::ReceptionState;
use cloud::store::{Store, StoreError};

use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number, patients, reception};
use crate::receptions::change;

pub async fn many_writers_in_two_processes(place: &Place) {
    const HANDS: u32 = 8;
    const EACH: u32 = 20;
    let stores = [place.store.clone(), place.second().await];
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
        hands.push(tokio::spawn(async move {
            let mut revision = 1;
            for turn in 0..EACH {
                let state = ReceptionState::DESK[1 + turn as usize % 2];
                let done = store.apply_state_change(&link, &key(n), &change(state, revision)).await;
                revision = done.unwrap().revision;
                store.patient_view(&link, &number(n)).await.unwrap();
            }
            revision
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
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    let mut hands = Vec::new();
    for n in 0..HANDS {
        let (store, link) = (stores[n as usize % 2].clone(), place.link.clone());
        hands.push(tokio::spawn(async move { persist(&store, &link, EACH).await }));
    }
    let mut conflicts = 0;
    for hand in hands {
        conflicts += hand.await.unwrap();
    }
    let done = place.store.reception(&place.link, &key(1)).await.unwrap();
    // Every success counted once, none lost to another.
    assert_eq!(done.revision, 1 + i64::from(HANDS) * EACH as i64);
    assert_eq!(place.events().await.len() as i64, done.revision);
    println!("{conflicts} conflicts");
    stores[1].close().await;
}

/// Changes the reception `times` times, after a conflict from what stands now.
async fn persist(store: &Store, link: &cloud::store::Actor, times: usize) -> usize {
    let (mut done, mut conflicts) = (0, 0);
    let mut now = store.reception(link, &key(1)).await.unwrap();
    while done < times {
        let next = match now.state {
            ReceptionState::Waiting => ReceptionState::InConsultation,
            _ => ReceptionState::Waiting,
        };
        match store.apply_state_change(link, &key(1), &change(next, now.revision)).await {
            Ok(changed) => {
                now = changed;
                done += 1;
            }
            Err(StoreError::Conflict(current)) => {
                now = *current;
                conflicts += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    conflicts
}

pub async fn one_failing_write_fails_alone(place: &Place) {
    let list = (1..=20).map(reception).collect();
    place.store.reconcile_day(&place.link, today(), list).await.unwrap();
    place.tamper("UPDATE receptions SET body = '{\"half\":' WHERE id = '00007'").await;
    let mut hands = Vec::new();
    for n in 1..=20 {
        let (store, link) = (place.store.clone(), place.link.clone());
        hands.push(tokio::spawn(async move {
            let mine = change(ReceptionState::Done, 1);
            (n, store.apply_state_change(&link, &key(n), &mine).await)
        }));
    }
    for hand in hands {
        match hand.await.unwrap() {
            (7, Err(StoreError::Damaged(what))) => {
                assert!(what.starts_with("receptions.body"), "{what}");
                assert!(!what.contains("half"), "content in an error: {what}");
            }
            (7, other) => panic!("{other:?}"),
            (n, done) => assert_eq!(done.unwrap().revision, 2, "{n}"),
        }
    }
    assert_eq!(place.events().await.len(), 20 + 19);
}
