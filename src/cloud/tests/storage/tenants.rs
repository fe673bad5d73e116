//! Institutions, and the wall between them.

use clinical::ReceptionState;
use clinical::search::Query;
use cloud::store::{Actor, EventPage, Store, StoreError};
use jiff::tz::Offset;
use sqlx::Row;

use crate::harness::{Place, is_invalid, start_of_tests, today};
use crate::people::{key, number, patients, reception};

pub async fn the_schema_is_checked_and_migrated_once(place: &Place) {
    place.store.check_schema().await.unwrap();
    let (before, after) = place.store.migrate().await.unwrap();
    assert!(before == after && after >= 1, "{before} {after}");
    place.tamper("DELETE FROM _sqlx_migrations").await;
    let error = place.store.check_schema().await.unwrap_err();
    assert!(matches!(error, StoreError::Schema { have: 0, want } if want == after), "{error:?}");
}

pub async fn an_institution_is_added_once(place: &Place) {
    let store = &place.store;
    let offset = Offset::constant(9);
    let second = store.add_institution("kita-2", " 北医院 ", offset).await.unwrap();
    assert_eq!(second.name, "北医院");
    assert_ne!(second.tenant, place.clinic.tenant);
    is_invalid(&store.add_institution("kita-2", "別", offset).await);
    for wrong in ["", "Kita", "北", "a b", &"x".repeat(33)] {
        is_invalid(&store.add_institution(wrong, "名", offset).await);
    }
    is_invalid(&store.add_institution("leer", "  ", offset).await);
    assert_eq!(store.institution("kita-2").await.unwrap(), Some(second.clone()));
    for unknown in ["nowhere", "", "a\0b", "北"] {
        assert_eq!(store.institution(unknown).await.unwrap(), None);
    }
    let all = store.institutions().await.unwrap();
    assert_eq!(all, [place.clinic.clone(), second]);
}

pub async fn one_institution_never_sees_another(place: &Place) {
    let store = &place.store;
    let other = store.add_institution("other", "他院", Offset::constant(9)).await.unwrap();
    let stranger = Actor::service(other.tenant, "links/receipt");
    store.upsert_patients(&place.link, &patients(1..4), start_of_tests()).await.unwrap();
    store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();

    let not_found = |e: StoreError| assert!(matches!(e, StoreError::NotFound(_)), "{e:?}");
    not_found(store.patient(&stranger, &number(1)).await.unwrap_err());
    not_found(store.patient_view(&stranger, &number(1)).await.unwrap_err());
    not_found(store.reception(&stranger, &key(1)).await.unwrap_err());
    not_found(store.history(&stranger, &number(1)).await.unwrap_err());
    assert!(store.confirmations(&stranger).await.unwrap().waiting.is_empty());
    assert!(store.staff(other.tenant).await.unwrap().staff.is_empty());
    let list = store.reception_list(&stranger, today()).await.unwrap();
    assert!(list.receptions.is_empty());
    assert_eq!(list.event_seq, 0);
    let everybody = Query::parse("", today());
    assert!(store.search(&stranger, &everybody, 50).await.unwrap().hits.is_empty());
    let by_number = Query::parse("1", today());
    assert!(store.search(&stranger, &by_number, 50).await.unwrap().hits.is_empty());
    assert!(store.known_patients(other.tenant).await.unwrap().is_empty());
    assert_eq!(
        store.events_after(other.tenant, 0, 10).await.unwrap(),
        EventPage::Events(Vec::new())
    );
    // The other's own reconcile with an empty list cancels nothing here.
    store.reconcile_day(&stranger, today(), Vec::new()).await.unwrap();
    let ours = store.reception(&place.link, &key(1)).await.unwrap();
    assert_eq!(ours.state, ReceptionState::Waiting);
    assert!(store.audit_verify(other.tenant, None).await.unwrap().is_whole());
}

pub async fn a_closed_store_says_so(place: &Place) {
    let store = Store::open(&place.url, place.clock.clone()).await.unwrap();
    let mut feed = store.follow(place.tenant(), 0);
    let waiting = tokio::spawn(async move { feed.next().await });
    store.upsert_patients(&place.link, &patients(1..2), start_of_tests()).await.unwrap();
    waiting.await.unwrap().unwrap();
    store.close().await;
    let error = store.patient(&place.link, &number(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let error = store.set_link_cursor(place.tenant(), "x", "1").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    // What cannot be asked is not taken for an empty database.
    let error = store.check_schema().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let count: i64 = place.look("SELECT COUNT(*) FROM patients").await.get(0);
    assert_eq!(count, 1);
}
