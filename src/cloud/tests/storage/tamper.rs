//! Somebody with the database's password changes the log.

use cloud::store::audit::{Entry, Verdict};
use sqlx::Row;

use crate::harness::Place;

const COLUMNS: [&str; 11] = [
    "at",
    "account",
    "login",
    "terminal",
    "role",
    "action",
    "object_kind",
    "object_id",
    "detail",
    "prev_hash",
    "hash",
];

async fn log(place: &Place) {
    let actor = place.receptionist().await;
    for n in 0..8 {
        let entry = Entry::new("patient.read", "patient", n.to_string()).with("some detail");
        place.store.record(&actor, entry).await.unwrap();
    }
    assert!(place.verdict().await.is_whole());
}

async fn broken_at(place: &Place, what: &str) -> i64 {
    match place.verdict().await {
        Verdict::Broken { seq, .. } => seq,
        Verdict::Whole { .. } => panic!("not noticed: {what}"),
    }
}

/// The same text with one byte changed, at the front, in the middle and at the end.
fn one_byte_off(text: &str) -> Vec<String> {
    let places = [0, text.len() / 2, text.len() - 1];
    places
        .into_iter()
        .map(|at| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            String::from_utf8(bytes).unwrap()
        })
        .collect()
}

pub async fn any_changed_column_breaks_the_chain(place: &Place) {
    log(place).await;
    place.broken_on_purpose();
    let rows = place.store.audit_rows(place.tenant(), 0, 100).await.unwrap();
    for seq in [3, rows.len() as i64] {
        for column in COLUMNS {
            let select = format!("SELECT {column} FROM audit WHERE seq = {seq}");
            let was: String = place.look(&select).await.get(0);
            let set =
                |value: &str| format!("UPDATE audit SET {column} = '{value}' WHERE seq = {seq}");
            let terminal = column == "terminal";
            let mut others = if terminal { vec!["受付2".to_owned()] } else { one_byte_off(&was) };
            others.extend([String::new(), format!("{was} ")]);
            for other in others {
                assert_eq!(place.tamper(&set(&other)).await, 1);
                let at = broken_at(place, &format!("{column} of row {seq} = {other:?}")).await;
                assert!(at == seq || at == seq + 1, "{column}: row {seq} named as {at}");
            }
            place.tamper(&set(&was)).await;
            assert!(place.verdict().await.is_whole(), "{column} put back");
        }
    }
    // The number itself, and what is moved between columns without changing the bytes in their order.
    place.tamper("UPDATE audit SET seq = 1000 WHERE seq = 4").await;
    broken_at(place, "seq").await;
    place.tamper("UPDATE audit SET seq = 4 WHERE seq = 1000").await;
    assert!(place.verdict().await.is_whole());
    place
        .tamper("UPDATE audit SET action = 'patient.rea', object_kind = 'dpatient' WHERE seq = 4")
        .await;
    assert_eq!(broken_at(place, "moved bytes").await, 4);
}

pub async fn a_removed_row_breaks_the_chain(place: &Place) {
    log(place).await;
    place.broken_on_purpose();
    let last = place.store.audit_rows(place.tenant(), 0, 100).await.unwrap().len();
    let again = "INSERT INTO audit SELECT * FROM kept";
    for seq in [1, 5, last] {
        place.tamper(&format!("CREATE TABLE kept AS SELECT * FROM audit WHERE seq = {seq}")).await;
        place.tamper(&format!("DELETE FROM audit WHERE seq = {seq}")).await;
        assert_eq!(broken_at(place, &format!("row {seq} removed")).await, seq as i64);
        place.tamper(again).await;
        place.tamper("DROP TABLE kept").await;
        assert!(place.verdict().await.is_whole());
    }
    // The last row and the head's number with it: the head's hash still names the removed row.
    place.tamper(&format!("DELETE FROM audit WHERE seq = {last}")).await;
    place.tamper(&format!("UPDATE heads SET audit_seq = {}", last - 1)).await;
    broken_at(place, "last row and head's number").await;
    place.tamper("DELETE FROM audit").await;
    broken_at(place, "all rows").await;
}

pub async fn an_added_row_breaks_the_chain(place: &Place) {
    log(place).await;
    place.broken_on_purpose();
    let last = place.store.audit_rows(place.tenant(), 0, 100).await.unwrap().len() as i64;
    for seq in [last + 1, 0, -5] {
        place
            .tamper(&format!(
                "INSERT INTO audit SELECT institution_id, {seq}, at, account, login, terminal, role, \
                 action, object_kind, object_id, detail, prev_hash, hash FROM audit WHERE seq = {last}"
            ))
            .await;
        broken_at(place, &format!("row {seq} added")).await;
        place.tamper(&format!("DELETE FROM audit WHERE seq = {seq}")).await;
        assert!(place.verdict().await.is_whole());
    }
    place.tamper("UPDATE heads SET audit_hash = '00'").await;
    broken_at(place, "head's hash").await;
}
