//! Patients mirrored from the receipt computer.

use api::EventKind;
use clinical::{PatientNumber, Reception};
use cloud::store::{StoreError, Upserted};
use jiff::SignedDuration;
use jiff::civil::date;

use crate::harness::{Place, start_of_tests};
use crate::people::{key_on, number, patient, patients, reception_on};

pub async fn a_patient_is_found_in_any_padding(place: &Place) {
    let store = &place.store;
    let at = start_of_tests();
    store.upsert_patients(&place.link, &patients(127..129), at).await.unwrap();
    for spelling in ["127", "00127", "0127", "00000000000000000127"] {
        let asked = PatientNumber::parse(spelling).unwrap();
        let (found, fetched_at) = store.patient(&place.link, &asked).await.unwrap();
        assert_eq!(found, patient(127), "content exactly as received, selectors included");
        assert_eq!(fetched_at, at);
        assert_eq!(store.patient_view(&place.link, &asked).await.unwrap().patient, found);
        assert_eq!(store.patient_fetched_at(place.tenant(), &asked).await.unwrap(), Some(at));
    }
    for unknown in ["1270", "12", "0"] {
        let asked = PatientNumber::parse(unknown).unwrap();
        let missing = store.patient_view(&place.link, &asked).await.unwrap_err();
        assert!(matches!(missing, StoreError::NotFound("patient")), "{missing:?}");
        assert_eq!(store.patient_fetched_at(place.tenant(), &asked).await.unwrap(), None);
    }
}

pub async fn a_patient_from_a_list_is_not_whole_until_fetched(place: &Place) {
    let store = &place.store;
    let whole = async || store.patient_view(&place.link, &number(1)).await.unwrap().whole;
    store.add_patients(&place.link, &patients(1..2), start_of_tests()).await.unwrap();
    assert!(!whole().await);
    // The same words from the patient's own record: they count as news, since now silence means something.
    let fetched = store.upsert_patients(&place.link, &patients(1..2), start_of_tests()).await;
    assert_eq!(fetched.unwrap(), Upserted { added: 0, changed: 1, same: 0 });
    assert!(whole().await);
    store.add_patients(&place.link, &patients(1..2), start_of_tests()).await.unwrap();
    assert!(whole().await, "a list never takes a whole record's place");
}

pub async fn unchanged_patients_make_no_event(place: &Place) {
    let store = &place.store;
    let link = &place.link;
    let first = store.upsert_patients(link, &patients(1..4), start_of_tests()).await.unwrap();
    assert_eq!(first, Upserted { added: 3, changed: 0, same: 0 });
    let later = start_of_tests() + SignedDuration::from_secs(30);
    let mut moved = patients(1..5);
    moved[1].address.line1.push_str("東京都");
    // The same patient twice in one list, in two paddings: the last word counts.
    let mut twice = moved[1].clone();
    twice.number = PatientNumber::parse("2").unwrap();
    moved.push(twice);
    let second = store.upsert_patients(link, &moved, later).await.unwrap();
    assert_eq!(second, Upserted { added: 1, changed: 1, same: 2 });
    let told: Vec<String> = place
        .events()
        .await
        .into_iter()
        .map(|event| match event.kind {
            EventKind::PatientChanged { number } => number.canonical(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["1", "2", "3", "2", "4"]);
    let (same, fetched_at) = store.patient(link, &number(1)).await.unwrap();
    assert_eq!((same, fetched_at), (patient(1), later), "fetched anew all the same");
    let (changed, _) = store.patient(link, &number(2)).await.unwrap();
    assert_eq!(changed.address.line1, "東京都");
    assert_eq!(changed.number.as_str(), "2");
}

pub async fn what_a_list_tells_never_replaces_a_whole_record(place: &Place) {
    let (store, link) = (&place.store, &place.link);
    store.upsert_patients(link, &patients(1..2), start_of_tests()).await.unwrap();
    let mut listed = patients(1..3);
    for patient in &mut listed {
        patient.address.line1 = String::new();
    }
    let later = start_of_tests() + SignedDuration::from_secs(60);
    let done = store.add_patients(link, &listed, later).await.unwrap();
    assert_eq!(done, Upserted { added: 1, changed: 0, same: 1 });
    let (whole, fetched_at) = store.patient(link, &number(1)).await.unwrap();
    assert_eq!((whole, fetched_at), (patient(1), start_of_tests()));
    assert_eq!(store.patient(link, &number(2)).await.unwrap(), (listed[1].clone(), later));
    assert_eq!(place.events().await.len(), 2);
}

pub async fn the_first_page_has_the_newest_receptions(place: &Place) {
    let store = &place.store;
    store.upsert_patients(&place.link, &patients(1..3), start_of_tests()).await.unwrap();
    for month in 1..=12 {
        for day in [3, 21] {
            let day = date(2025, month, day);
            let list = vec![reception_on(day, 1), reception_on(day, 2)];
            store.reconcile_day(&place.link, day, list).await.unwrap();
        }
    }
    let view = store.patient_view(&place.link, &number(1)).await.unwrap();
    assert_eq!(view.receptions.len(), 20);
    assert_eq!(view.receptions[0].key, key_on(date(2025, 12, 21), 1));
    assert_eq!(view.receptions[19].key, key_on(date(2025, 3, 3), 1));
    let newest_first = |pair: &[Reception]| pair[0].key.date > pair[1].key.date;
    assert!(view.receptions.windows(2).all(newest_first));
    assert!(view.receptions.iter().all(|r| r.patient == Some(number(1))));
}

pub async fn many_patients_in_one_go(place: &Place) {
    let done = place.store.upsert_patients(&place.link, &patients(1..701), start_of_tests()).await;
    assert_eq!(done.unwrap(), Upserted { added: 700, changed: 0, same: 0 });
    let mut known = place.store.known_patients(place.tenant()).await.unwrap();
    known.sort_by_key(|number| number.parse::<u32>().unwrap());
    let all: Vec<String> = (1..701).map(|n: u32| n.to_string()).collect();
    assert_eq!(known, all);
    for n in [1, 128, 129, 400, 700] {
        assert_eq!(place.store.patient(&place.link, &number(n)).await.unwrap().0, patient(n));
    }
}
