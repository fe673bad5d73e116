//! What was answered is on the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::EventKind;
use clinical::{ReceptionState, Role};
use cloud::store::Store;
use sqlx::Row;

use crate::hands::{self, change, changed, record, state_entry, weight};
use crate::harness::{Place, start_of_tests, today, until};
use crate::people::{key, number, patient, patients, reception};

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
    let doctor = hands::doctor(place).await;
    let mut now = reception(1);
    for turn in 0..5 {
        let mine = state_entry(change(1, ReceptionState::DESK[1 + turn % 2], now.state));
        let receipt = doctor.send(&place.store, &mine).await.unwrap();
        now = changed(receipt.clone()).1;
        let version = doctor.put(place, record(weight(600 + turn as u32, 0))).await;
        let copy = tempfile::tempdir().unwrap();
        for name in ["cloud.db", "cloud.db-wal"] {
            std::fs::copy(place.folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let url = format!("sqlite:{}", copy.path().join("cloud.db").display());
        let found = Store::open(&url, place.clock.clone()).await.unwrap();
        assert!(found.audit_verify(place.tenant(), None).await.unwrap().is_whole());
        assert_eq!(found.reception(&place.link, &key(1)).await.unwrap(), now);
        assert_eq!(doctor.send(&found, &mine).await.unwrap(), receipt, "the receipt is there too");
        assert_eq!(doctor.send(&found, &version.entry).await.unwrap(), version.receipt);
        let profile = found.patient_view(&place.link, &number(1)).await.unwrap().profile;
        assert_eq!(profile.len(), turn + 1);
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

/// As on a server whose administrator has traded durability for speed: the store's connections say otherwise.
pub async fn a_commit_waits_for_the_disk_whatever_the_database_says(place: &Place) {
    let name: String = place.look("SELECT current_database()::text").await.get(0);
    place.tamper(&format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
    place.tamper("CREATE TABLE seen (word TEXT NOT NULL)").await;
    let note = "CREATE FUNCTION note() RETURNS trigger AS $$ BEGIN \
                INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; \
                END $$ LANGUAGE plpgsql";
    place.tamper(note).await;
    place
        .tamper("CREATE TRIGGER n AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION note()")
        .await;
    let default: String = place.look("SELECT current_setting('synchronous_commit')").await.get(0);
    assert_eq!(default, "off", "what the database gives who does not ask");
    place.store.upsert_patients(&place.link, &patients(1..2), start_of_tests()).await.unwrap();
    let doctor = hands::doctor(place).await;
    let store = place.second().await;
    doctor.send(&store, &hands::profile(record(weight(684, 0)))).await.unwrap();
    let row = place.look("SELECT COUNT(*), MIN(word), MAX(word) FROM seen").await;
    let seen = (row.get::<i64, _>(0), row.get::<String, _>(1), row.get::<String, _>(2));
    assert_eq!(seen, (1, "on".to_owned(), "on".to_owned()));
    store.close().await;
}

/// A commit whose answer was cut off may stand or not: the same entry is sent until its receipt comes, and stands once.
pub async fn entries_sent_while_the_server_cuts_connections_stand_once(place: &Place) {
    const HANDS: u32 = 3;
    const CUTS: i64 = 60;
    hands::with_patients(place).await;
    let cuts = Arc::new(AtomicI64::new(0));
    let other = place.second().await;
    let mut sending = Vec::new();
    for n in 0..HANDS {
        let hand = hands::hand(place, &format!("isha{n}"), Role::Practitioner).await;
        let stores = [place.store.clone(), other.clone()];
        let cuts = Arc::clone(&cuts);
        sending.push(tokio::spawn(async move {
            let (mut sent, mut failed) = (Vec::new(), 0_u32);
            while cuts.load(Ordering::SeqCst) < CUTS {
                let entry = hands::profile(record(weight(600 + n, 0)));
                while hand.send(&stores[failed as usize % 2], &entry).await.is_err() {
                    failed += 1;
                    assert!(failed < 10_000, "the store never came back");
                }
                sent.push(entry.id);
            }
            (sent, failed)
        }));
    }
    let cut = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let (mut failures, mut confirmed) = (0, Vec::new());
    let mut raw = place.raw().await;
    while !sending.iter().all(tokio::task::JoinHandle::is_finished) {
        let row = sqlx::query(cut).fetch_one(&mut raw).await.unwrap();
        cuts.fetch_add(row.get(0), Ordering::SeqCst);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    for hand in sending {
        let (sent, failed) = hand.await.unwrap();
        confirmed.extend(sent);
        failures += failed;
    }
    let cuts = cuts.load(Ordering::SeqCst);
    println!("{cuts} connections cut, {failures} sendings failed, {} receipts", confirmed.len());
    let history = place.store.history(&place.link, &number(1)).await.unwrap();
    let mut stored: Vec<_> = history.versions.iter().map(|entry| entry.version.id).collect();
    stored.sort();
    confirmed.sort();
    assert_eq!(stored, confirmed, "each once, and none that nobody confirmed");
    let told = place.events().await;
    let told = told.iter().filter(|event| matches!(event.kind, EventKind::ProfileChanged { .. }));
    assert_eq!(told.count(), confirmed.len());
    other.close().await;
}
