//! What was answered is on the disk.

use clinical::ReceptionState;
use cloud::store::Store;
use sqlx::Row;

use crate::harness::{Place, start_of_tests, today, until};
use crate::people::{key, number, patient, patients, reception};
use crate::receptions::change;

pub async fn what_was_answered_is_in_another_store_at_once(place: &Place) {
    let other = place.second().await;
    for n in 1..10 {
        place
            .store
            .upsert_patients(&place.link, &patients(n..n + 1), start_of_tests())
            .await
            .unwrap();
        assert_eq!(other.patient(&place.link, &number(n)).await.unwrap().0, patient(n));
    }
    other.close().await;
}

/// As after a crash of the process: the files as they lie there, with the store still open on them.
pub async fn a_copy_of_the_files_holds_all_that_was_answered(place: &Place) {
    place.store.upsert_patients(&place.link, &patients(1..50), start_of_tests()).await.unwrap();
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    for turn in 0..5 {
        let state = ReceptionState::DESK[1 + turn % 2];
        let mine = change(state, 1 + turn as i64);
        let changed = place.store.apply_state_change(&place.link, &key(1), &mine).await.unwrap();
        let copy = tempfile::tempdir().unwrap();
        for name in ["cloud.db", "cloud.db-wal"] {
            std::fs::copy(place.folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let url = format!("sqlite:{}", copy.path().join("cloud.db").display());
        let found = Store::open(&url, place.clock.clone()).await.unwrap();
        assert!(found.audit_verify(place.tenant(), None).await.unwrap().is_whole());
        assert_eq!(found.reception(&place.link, &key(1)).await.unwrap(), changed);
        let again = found.apply_state_change(&place.link, &key(1), &mine).await.unwrap();
        assert_eq!(again, changed, "the change's name is there too");
        found.close().await;
    }
    let mode: String = place.look("PRAGMA journal_mode").await.get(0);
    assert_eq!(mode, "wal");
}

pub async fn the_file_is_for_its_owner_alone(place: &Place) {
    place.store.upsert_patients(&place.link, &patients(1..2), start_of_tests()).await.unwrap();
    #[cfg(unix)]
    for entry in std::fs::read_dir(place.folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

pub async fn connections_that_the_server_cut_are_replaced(place: &Place) {
    place.store.upsert_patients(&place.link, &patients(1..3), start_of_tests()).await.unwrap();
    for turn in 0..3 {
        place.store.patient(&place.link, &number(1)).await.unwrap();
        let cut = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let count: i64 = place.look(cut).await.get(0);
        assert!(count >= 2, "reader and writer are cut: {count}");
        let alone = "SELECT COUNT(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
        until("the cut connections are gone", || async {
            place.look(alone).await.get::<i64, _>(0) == 0
        })
        .await;
        if turn == 0 {
            // A read finds its connection dead and takes a new one, and so does the audit row's write.
            place.store.patient(&place.link, &number(2)).await.unwrap();
        } else {
            // A write does so by itself.
            let word = format!("{turn}");
            place.store.set_link_cursor(place.tenant(), "x", &word).await.unwrap();
        }
    }
}
