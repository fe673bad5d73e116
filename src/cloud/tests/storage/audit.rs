//! The audit log: complete, chained, and in the way when it cannot be written.

use ReceptionState::{Done, InConsultation, Waiting};
use clinical::ReceptionState;
use clinical::profile::{Act, ProfileEntry};
use clinical::search::Query;
use cloud::store::StoreError;
use cloud::store::audit::{Entry, Noted, Verdict};
use sqlx::Row;

use crate::hands::{
    about, allergy, change, changed, clerk, correct, doctor, for_the, profile, record, state_entry,
};
use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number, patients, reception};

/// What the rows after `before` say, once it is sure whose they are and that they hold no content.
async fn told(place: &Place, before: usize) -> Vec<(String, String, String)> {
    let rows = place.store.audit_rows(place.tenant(), 0, 1000).await.unwrap();
    for row in &rows[before..] {
        assert_eq!((row.login.as_str(), row.terminal.as_str()), ("uketsuke", "受付1"));
        assert_eq!((row.role.as_str(), row.account.len()), ("receptionist", 36));
        assert_eq!(row.at, "2026-11-22T00:00:00.000000Z");
    }
    let text = serde_json::to_string(&rows).unwrap();
    for content in
        ["ペニシリン", "セフェム", "取り違え", "ヤマダ", "髙橋", "高橋", "アレルギー", "03-0000"]
    {
        assert!(!text.contains(content), "the log holds {content}");
    }
    rows.into_iter().skip(before).map(|row| (row.action, row.object_id, row.detail)).collect()
}

fn is(told: &[(String, String, String)], expected: &[(&str, &str, &str)]) {
    let told: Vec<(&str, &str, &str)> =
        told.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!(told, expected);
}

pub async fn every_read_and_write_leaves_a_row(place: &Place) {
    let store = &place.store;
    let desk = clerk(place).await;
    let actor = desk.actor().clone();
    store.upsert_patients(&place.link, &patients(1..3), start_of_tests()).await.unwrap();
    store.reconcile_day(&place.link, today(), vec![reception(1), reception(2)]).await.unwrap();
    let rows = store.audit_rows(place.tenant(), 0, 1000).await.unwrap();
    let first: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    let synced = ["patient.sync", "patient.sync", "reception.sync", "reception.sync"];
    assert_eq!(first, [["account.add", "entry_key.register"].as_slice(), &synced].concat());

    store.patient(&actor, &number(1)).await.unwrap();
    store.patient_view(&actor, &number(2)).await.unwrap();
    store.patient_view(&actor, &number(77)).await.unwrap_err();
    store.search(&actor, &Query::parse("ヤマダ", today()), 10).await.unwrap();
    store.reception_list(&actor, today()).await.unwrap();
    store.reception(&actor, &key(1)).await.unwrap();
    store.reception(&actor, &key(9)).await.unwrap_err();
    let mine = state_entry(change(1, InConsultation, Waiting));
    desk.send(store, &mine).await.unwrap();
    desk.send(store, &mine).await.unwrap();
    assert!(!desk.change(store, change(1, Done, Waiting)).await.unwrap().0);
    desk.set(place, 1, InConsultation, Waiting).await;

    let moved = "state=in_consultation revision=2 patient=00001";
    let (again, nothing) = (format!("{moved} repeated"), format!("{moved} unchanged"));
    let (one, nine) = ("2026-11-22/00001", "2026-11-22/00009");
    is(
        &told(place, rows.len()).await,
        &[
            ("patient.read", "00001", ""),
            ("patient.read", "00002", ""),
            ("patient.read", "00077", "not found"),
            ("patient.search", "", ""),
            ("reception.list", "2026-11-22", "00001 00002"),
            ("reception.read", one, "patient=00001"),
            ("reception.read", nine, "not found"),
            ("reception.change", one, moved),
            ("reception.change", one, &again),
            ("reception.conflict", one, "state=done revision=2 patient=00001"),
            ("reception.change", one, &nothing),
        ],
    );
}

pub async fn every_entry_and_each_look_at_a_profile_leaves_a_row(place: &Place) {
    let store = &place.store;
    let (desk, isha) = (clerk(place).await, doctor(place).await);
    store.upsert_patients(&place.link, &patients(1..2), start_of_tests()).await.unwrap();
    let before = store.audit_rows(place.tenant(), 0, 1000).await.unwrap().len();

    let put = desk.put(place, for_the(&isha, record(allergy("ペニシリン系")))).await;
    desk.send(store, &put.entry).await.unwrap();
    let late = ProfileEntry { base: None, ..correct(&put.item, allergy("セフェム系")) };
    let rival = desk.put(place, for_the(&isha, late)).await;
    let withdrawn = for_the(&isha, about(&rival.item, Act::Withdraw));
    let withdrawn = desk.put(place, withdrawn).await;
    let keep = ProfileEntry { settles: Some(rival.id), ..about(&withdrawn.item, Act::Keep) };
    let keep = desk.put(place, keep).await;
    let confirm = profile(about(&put.item, Act::Confirm));
    let refused = desk.send(store, &confirm).await;
    assert!(matches!(refused, Err(StoreError::Forbidden(_))), "{refused:?}");
    store.history(desk.actor(), &number(1)).await.unwrap();
    store.history(desk.actor(), &number(77)).await.unwrap_err();
    store.confirmations(desk.actor()).await.unwrap();

    let item = put.item.id;
    let version = |id, outcome: &str| format!("item={item} version={id}{outcome}");
    is(
        &told(place, before).await,
        &[
            ("profile.record", "00001", &version(put.id, " outcome=stands")),
            ("profile.repeated", "00001", &version(put.id, "")),
            ("profile.rival", "00001", &version(rival.id, " outcome=rival")),
            ("profile.withdraw", "00001", &version(withdrawn.id, " outcome=stands")),
            ("profile.keep", "00001", &version(keep.id, " outcome=stands")),
            ("entry.refuse", &confirm.id.to_string(), "the role may not do this"),
            ("profile.history", "00001", ""),
            ("profile.history", "00077", "not found"),
            ("profile.confirmations", "", "00001"),
        ],
    );
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
    let (desk, store) = (clerk(place).await, &place.store);
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
    let mine = state_entry(change(1, Done, Waiting));
    failed(desk.send(store, &mine).await.unwrap_err());
    failed(store.history(&place.link, &number(1)).await.unwrap_err());
    failed(store.confirmations(&place.link).await.unwrap_err());
    place.tamper("ALTER TABLE hidden RENAME TO audit").await;
    // Nothing of the failed change stands; the same change goes through now.
    let (applied, done) = changed(desk.send(store, &mine).await.unwrap());
    assert_eq!((applied, done.revision), (true, 2));
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
