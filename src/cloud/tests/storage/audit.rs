//! The audit log: complete, chained, and in the way when it cannot be written.

use clinical::ReceptionState;
use clinical::search::Query;
use cloud::store::StoreError;
use cloud::store::audit::{Entry, Noted, Verdict};
use sqlx::Row;

use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number, patients, reception};
use crate::receptions::change;

pub async fn every_read_and_write_leaves_a_row(place: &Place) {
    let store = &place.store;
    let actor = place.receptionist().await;
    store.upsert_patients(&place.link, &patients(1..3), start_of_tests()).await.unwrap();
    store.reconcile_day(&place.link, today(), vec![reception(1), reception(2)]).await.unwrap();
    let before = store.audit_rows(place.tenant(), 0, 1000).await.unwrap().len();

    store.patient(&actor, &number(1)).await.unwrap();
    store.patient_view(&actor, &number(2)).await.unwrap();
    store.patient_view(&actor, &number(77)).await.unwrap_err();
    store.search(&actor, &Query::parse("ヤマダ", today()), 10).await.unwrap();
    store.reception_list(&actor, today()).await.unwrap();
    store.reception(&actor, &key(1)).await.unwrap();
    store.reception(&actor, &key(9)).await.unwrap_err();
    let mine = change(ReceptionState::InConsultation, 1);
    store.apply_state_change(&actor, &key(1), &mine).await.unwrap();
    store.apply_state_change(&actor, &key(1), &mine).await.unwrap();
    let old = change(ReceptionState::Done, 1);
    store.apply_state_change(&actor, &key(1), &old).await.unwrap_err();

    let rows = store.audit_rows(place.tenant(), 0, 1000).await.unwrap();
    let first: Vec<&str> = rows[..before].iter().map(|row| row.action.as_str()).collect();
    assert_eq!(
        first,
        [
            "account.add",
            "session.begin",
            "patient.sync",
            "patient.sync",
            "reception.sync",
            "reception.sync"
        ]
    );
    let seen: Vec<(&str, &str, &str)> = rows[before..]
        .iter()
        .map(|row| (row.action.as_str(), row.object_id.as_str(), row.detail.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("patient.read", "00001", ""),
            ("patient.read", "00002", ""),
            ("patient.read", "00077", "not found"),
            ("patient.search", "", ""),
            ("reception.list", "2026-11-22", "00001 00002"),
            ("reception.read", "2026-11-22/00001", "patient=00001"),
            ("reception.read", "2026-11-22/00009", "not found"),
            (
                "reception.change",
                "2026-11-22/00001",
                "state=in_consultation revision=2 patient=00001"
            ),
            (
                "reception.change",
                "2026-11-22/00001",
                "state=in_consultation revision=2 patient=00001 repeated"
            ),
            ("reception.conflict", "2026-11-22/00001", "state=done revision=2 patient=00001"),
        ]
    );
    for row in &rows[before..] {
        assert_eq!((row.login.as_str(), row.terminal.as_str()), ("uketsuke", "受付1"));
        assert_eq!((row.role.as_str(), row.account.len()), ("receptionist", 36));
        assert_eq!(row.at, "2026-11-22T00:00:00.000000Z");
    }
    let text = serde_json::to_string(&rows).unwrap();
    for content in ["ヤマダ", "髙橋", "高橋", "アレルギー", "03-0000"] {
        assert!(!text.contains(content), "the log holds {content}");
    }
}

pub async fn the_chain_is_whole_while_others_write(place: &Place) {
    let record = |n: i64| Entry::new("patient.read", "patient", n.to_string());
    for n in 0..20 {
        place.store.record(&place.link, record(n)).await.unwrap();
    }
    let (store, link) = (place.store.clone(), place.link.clone());
    let writing = tokio::spawn(async move {
        for n in 0..300 {
            store.record(&link, record(n)).await.unwrap();
        }
    });
    let mut last = 0;
    while !writing.is_finished() {
        let Verdict::Whole { rows, .. } = place.verdict().await else { panic!("broken") };
        assert!(rows >= last);
        last = rows;
    }
    writing.await.unwrap();
    let Verdict::Whole { rows, hash } = place.verdict().await else { panic!("broken") };
    assert_eq!(rows, 320);
    let head = place.look("SELECT audit_seq, audit_hash FROM heads").await;
    assert_eq!((head.get::<i64, _>(0), head.get::<String, _>(1)), (rows, hash));
}

pub async fn no_answer_without_its_row(place: &Place) {
    let store = &place.store;
    store.upsert_patients(&place.link, &patients(1..3), start_of_tests()).await.unwrap();
    store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    place.tamper("ALTER TABLE audit RENAME TO hidden").await;
    let failed = |error: StoreError| {
        assert!(matches!(error, StoreError::Database(_)), "{error:?}");
    };
    failed(store.patient(&place.link, &number(1)).await.unwrap_err());
    failed(store.patient_view(&place.link, &number(1)).await.unwrap_err());
    failed(store.search(&place.link, &Query::parse("1", today()), 9).await.unwrap_err());
    failed(store.reception_list(&place.link, today()).await.unwrap_err());
    failed(store.reception(&place.link, &key(1)).await.unwrap_err());
    let mine = change(ReceptionState::Done, 1);
    failed(store.apply_state_change(&place.link, &key(1), &mine).await.unwrap_err());
    place.tamper("ALTER TABLE hidden RENAME TO audit").await;
    // Nothing of the failed change stands; the same change goes through now.
    let done = store.apply_state_change(&place.link, &key(1), &mine).await.unwrap();
    assert_eq!(done.revision, 2);
}

pub async fn a_noted_row_must_still_be_there(place: &Place) {
    let record = || place.store.record(&place.link, Entry::new("x", "y", "z"));
    for _ in 0..3 {
        record().await.unwrap();
    }
    let Verdict::Whole { rows, hash } = place.verdict().await else { panic!("broken") };
    let noted = Noted { seq: rows, hash };
    record().await.unwrap();
    let verify = async |noted: &Noted| {
        place.store.audit_verify(place.tenant(), Some(noted)).await.unwrap().is_whole()
    };
    assert!(verify(&noted).await);
    assert!(!verify(&Noted { seq: 2, ..noted.clone() }).await);
    assert!(!verify(&Noted { seq: 99, ..noted.clone() }).await);
    assert!(!verify(&Noted { seq: 0, ..noted }).await);
}
