//! Somebody with the database's password changes what people have signed.

use api::proof::Signer;
use clinical::profile::{Act, ProfileEntry};
use cloud::store::Records;
use sqlx::Row;

use crate::hands::{
    about, allergy, bytes, change, clerk, correct, doctor, for_the, of, record, state_entry,
    weight, with_patients,
};
use crate::harness::{Place, today};
use crate::people::{number, reception};

/// Some of everything: entries of both kinds, a confirmation, a rival, a withdrawal, two patients.
async fn morning(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    let moved = change(1, clinical::ReceptionState::Done, clinical::ReceptionState::Waiting);
    desk.send(&place.store, &state_entry(moved)).await.unwrap();
    let put = desk.put(place, for_the(&isha, record(allergy("ペニシリン系")))).await;
    let done = isha.put(place, about(&put.item, Act::Confirm)).await;
    let late = ProfileEntry { base: None, ..correct(&put.item, allergy("卵")) };
    isha.put(place, late).await;
    let weight = isha.put(place, record(weight(684, 0))).await;
    isha.put(place, about(&weight.item, Act::Withdraw)).await;
    isha.put(place, of(number(2), record(allergy("麦")))).await;
    assert!(!done.item.awaits);
}

async fn found(place: &Place) -> Records {
    place.store.records_verify(place.tenant()).await.unwrap()
}

pub async fn records_are_found_whole(place: &Place) {
    assert_eq!(found(place).await, Records::default(), "nothing is whole");
    morning(place).await;
    let whole = found(place).await;
    assert!(whole.is_whole(), "{whole:?}");
    assert_eq!((whole.entries, whole.versions, whole.items), (7, 6, 3));
    let lines = cloud::admin::records_lines(&place.clinic, &whole);
    assert_eq!(
        lines,
        ["clinic: true, 7 entries, 6 versions, 3 items, 0 lab orders, 0 lab results"]
    );
    let all = cloud::admin::records_verify(&place.store, None).await.unwrap();
    assert_eq!(all, [(place.clinic.clone(), whole)]);
    // While others write, nothing is taken for a fault.
    let (isha, store) = (
        crate::hands::hand(place, "fukuin", clinical::Role::Practitioner).await,
        place.store.clone(),
    );
    let writing = tokio::spawn(async move {
        for n in 0..60 {
            let entry = crate::hands::profile(record(allergy(&format!("薬{n}"))));
            isha.send(&store, &entry).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let now = found(place).await;
        assert!(now.is_whole(), "{now:?}");
    }
    writing.await.unwrap();
    assert_eq!(found(place).await.versions, 66);
}

/// Each change is undone afterwards; what names a record in the finding is there, its content is not.
pub async fn whatever_is_changed_is_found(place: &Place) {
    morning(place).await;
    for (table, column, value) in [
        ("entries", "body", "replace(body, '卵', '麦')"),
        ("entries", "hash", "'00'"),
        ("entries", "signature", "replace(signature, '0', '1')"),
        ("entries", "account_id", "'somebody'"),
        ("versions", "body", "replace(body, '卵', '麦')"),
        ("versions", "body", "'{'"),
        ("versions", "outcome", "'overtaken'"),
        ("versions", "seq", "seq + 10"),
        ("versions", "item", "'another'"),
        ("items", "body", "replace(body, 'ペニシリン系', 'なし')"),
        ("items", "item", "'another' || item"),
        ("entry_keys", "account_id", "(SELECT MIN(id) FROM accounts)"),
    ] {
        let keep = format!("CREATE TABLE kept AS SELECT * FROM {table}");
        let what = format!("{table}.{column} = {value}");
        place.tamper(&keep).await;
        place.tamper(&format!("UPDATE {table} SET {column} = {value}")).await;
        let broken = found(place).await;
        assert!(!broken.is_whole(), "not noticed: {what}");
        let lines = cloud::admin::records_lines(&place.clinic, &broken);
        assert!(lines[0].starts_with("clinic: false, "), "{lines:?}");
        assert_eq!(lines.len(), broken.named.len() + 1);
        for content in ["卵", "麦", "ペニシリン", "なし"] {
            assert!(!lines.concat().contains(content), "{lines:?}");
        }
        restore(place, table, column).await;
        assert!(found(place).await.is_whole(), "{what} put back");
    }
}

/// Puts one column back from `kept`, by the key that was not changed.
async fn restore(place: &Place, table: &str, column: &str) {
    let key = match (table, column) {
        ("entries" | "versions", _) => "id",
        ("entry_keys", _) => "public_key",
        (_, "item") => "body",
        _ => "item",
    };
    place
        .tamper(&format!(
            "UPDATE {table} SET {column} = (SELECT k.{column} FROM kept k \
             WHERE k.{key} = {table}.{key})"
        ))
        .await;
    place.tamper("DROP TABLE kept").await;
}

pub async fn what_is_removed_or_added_is_found(place: &Place) {
    morning(place).await;
    place.broken_on_purpose();
    let last = "(SELECT MAX(seq) FROM versions WHERE canonical = '1')";
    let removals = [
        format!("DELETE FROM versions WHERE canonical = '1' AND seq = {last}"),
        "DELETE FROM versions WHERE canonical = '1' AND seq = 2".to_owned(),
        "DELETE FROM versions WHERE canonical = '2'".to_owned(),
        "DELETE FROM items WHERE canonical = '2'".to_owned(),
    ];
    for removal in removals {
        place.tamper("CREATE TABLE v AS SELECT * FROM versions").await;
        place.tamper("CREATE TABLE i AS SELECT * FROM items").await;
        assert_eq!(place.tamper(&removal).await, 1, "{removal}");
        assert!(!found(place).await.is_whole(), "not noticed: {removal}");
        for (kept, table) in [("v", "versions"), ("i", "items")] {
            place.tamper(&format!("DELETE FROM {table}")).await;
            place.tamper(&format!("INSERT INTO {table} SELECT * FROM {kept}")).await;
            place.tamper(&format!("DROP TABLE {kept}")).await;
        }
        assert!(found(place).await.is_whole(), "{removal} put back");
    }
    // All that there is of a patient, entries included: the log still names it.
    place.tamper("DELETE FROM versions WHERE canonical = '2'").await;
    place.tamper("DELETE FROM items WHERE canonical = '2'").await;
    place.tamper("DELETE FROM entries WHERE canonical = '2'").await;
    let missing = found(place).await;
    assert_eq!((missing.faults, missing.named.len()), (1, 1));
    assert!(missing.named[0].what.starts_with("audit row "), "{missing:?}");
    assert!(place.verdict().await.is_whole(), "and the log itself is whole");
}

/// Whoever writes an entry into the database cannot sign it: a key of one's own is nobody's.
pub async fn a_forged_entry_is_found(place: &Place) {
    morning(place).await;
    place.broken_on_purpose();
    let forged = crate::hands::profile(record(allergy("偽")));
    let body = String::from_utf8(bytes(&forged)).unwrap();
    let (own, _) = Signer::generate().unwrap();
    let hash = api::proof::hash(body.as_bytes());
    let owner: String = place.look("SELECT account_id FROM entry_keys").await.get(0);
    for signature in [own.sign(body.as_bytes()), "00".repeat(64)] {
        let done = place
            .tamper(&format!(
                "INSERT INTO entries (institution_id, id, kind, canonical, account_id, public_key, \
                 signature, hash, body, receipt, at) SELECT institution_id, '{}', kind, canonical, \
                 '{owner}', public_key, '{signature}', '{hash}', '{body}', receipt, at \
                 FROM entries WHERE kind = 'profile' LIMIT 1",
                forged.id
            ))
            .await;
        assert_eq!(done, 1);
        let broken = found(place).await;
        assert_eq!(broken.faults, 1, "{broken:?}");
        assert_eq!(broken.named[0].what, format!("entry {}", forged.id));
        assert_eq!(broken.named[0].why, "the signature does not fit");
        place.tamper(&format!("DELETE FROM entries WHERE id = '{}'", forged.id)).await;
    }
}
