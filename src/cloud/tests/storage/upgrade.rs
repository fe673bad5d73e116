//! A database of an earlier version of this program.

use clinical::ReceptionState;
use cloud::clock::Clock;
use cloud::store::{Actor, Store, StoreError};
use jiff::tz::Offset;
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection};

use crate::hands::{allergy, change, hand_at, profile, record, state_entry};
use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number, patient, patients, reception};

const FIRST: &str = include_str!("../../migrations/0001_ground.sql");
const SECOND: &str = include_str!("../../migrations/0002_records.sql");

/// A database with earlier schemas alone, as it stands on the machines that run it.
async fn schemas(url: &str, files: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let migrator = Migrator::new(folder.path().to_path_buf()).await.unwrap();
    let mut conn = AnyConnection::connect(url).await.unwrap();
    migrator.run_direct(None, &mut conn, false).await.unwrap();
    conn.close().await.unwrap();
}

pub async fn a_database_of_the_first_version_is_brought_up(place: &Place) {
    let url = place.spare.clone();
    let store = Store::open(&url, Clock::held(start_of_tests())).await.unwrap();
    schemas(&url, &[("0001_ground.sql", FIRST)]).await;
    let told = store.check_schema().await.unwrap_err();
    assert!(matches!(told, StoreError::Schema { have: 1, want } if want >= 2), "{told:?}");
    // What stood there keeps its tables, so today's program can write it.
    let clinic = store.add_institution("old", "添書医院", Offset::constant(9)).await.unwrap();
    let link = Actor::service(clinic.tenant, "links/receipt");
    store.upsert_patients(&link, &patients(1..4), start_of_tests()).await.unwrap();
    store.reconcile_day(&link, today(), vec![reception(1)]).await.unwrap();
    let mut raw = AnyConnection::connect(&url).await.unwrap();
    sqlx::query(
        "INSERT INTO desk_changes (institution_id, change_id, day, reception_id, state, \
         seen_revision, at, answer) VALUES (1, 'x', '2026-11-21', '00001', 'done', 1, \
         '2026-11-21T00:00:00.000000Z', '{}')",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();
    let head = store.event_head(clinic.tenant).await.unwrap();

    let (before, after) = store.migrate().await.unwrap();
    assert_eq!((before, after >= 2), (1, true));
    store.check_schema().await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), (after, after), "once");
    assert_eq!(store.event_head(clinic.tenant).await.unwrap(), head);
    assert_eq!(store.patient(&link, &number(2)).await.unwrap().0, patient(2));
    assert!(store.patient_view(&link, &number(1)).await.unwrap().profile.is_empty());
    assert_eq!(store.reception(&link, &key(1)).await.unwrap().revision, 1);
    // And it works on: who was known is written about, what stood is moved.
    let isha = hand_at(&store, clinic.tenant, "isha", clinical::Role::Practitioner).await;
    let moved = state_entry(change(1, ReceptionState::Done, ReceptionState::Waiting));
    isha.send(&store, &moved).await.unwrap();
    isha.send(&store, &profile(record(allergy("卵")))).await.unwrap();
    assert_eq!(store.history(&link, &number(1)).await.unwrap().versions.len(), 1);
    assert!(store.audit_verify(clinic.tenant, None).await.unwrap().is_whole());
    store.close().await;
}

pub async fn a_database_of_the_second_version_is_brought_up(place: &Place) {
    let url = place.spare.clone();
    let store = Store::open(&url, Clock::held(start_of_tests())).await.unwrap();
    schemas(&url, &[("0001_ground.sql", FIRST), ("0002_records.sql", SECOND)]).await;
    let told = store.check_schema().await.unwrap_err();
    assert!(matches!(told, StoreError::Schema { have: 2, want } if want >= 3), "{told:?}");
    let clinic = store.add_institution("old", "添書医院", Offset::constant(9)).await.unwrap();
    let link = Actor::service(clinic.tenant, "links/receipt");
    store.upsert_patients(&link, &patients(1..4), start_of_tests()).await.unwrap();
    let isha = hand_at(&store, clinic.tenant, "isha", clinical::Role::Practitioner).await;
    // What the sharing service must hear was queued by that version.
    let allergy = profile(record(allergy("卵")));
    isha.send(&store, &allergy).await.unwrap();

    let (before, after) = store.migrate().await.unwrap();
    assert_eq!((before, after >= 3), (2, true));
    store.check_schema().await.unwrap();
    isha.send(&store, &allergy).await.unwrap();
    assert_eq!(store.history(&link, &number(1)).await.unwrap().versions.len(), 1);
    let queued = store.next_outgoing(clinic.tenant, "sharing").await.unwrap().unwrap();
    assert_eq!((queued.cause, queued.tries), (allergy.id, 0));
    // And lab orders work from now on.
    let id = uuid::Uuid::now_v7();
    isha.send(&store, &crate::lab_hands::order(id, &[1])).await.unwrap();
    assert_eq!(store.patient_view(&link, &number(1)).await.unwrap().lab.orders[0].id, id);
    assert!(store.records_verify(clinic.tenant).await.unwrap().is_whole());
    assert!(store.audit_verify(clinic.tenant, None).await.unwrap().is_whole());
    store.close().await;
}
