//! Files of the program before this one.

use redb::TableDefinition;
use zeroize::Zeroizing;

use super::key::close_to_others;
use super::*;
use crate::local::cipher::{Cipher, FORMAT_1};
use crate::local::file::FILE;

const OLD_META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");

/// Writes a file as format 1 did: a sealed record without a frame, its patient without a profile.
fn write_old(desk: &Desk, patients: &[&str], day: Date) {
    drop(desk.open());
    std::fs::remove_file(desk.file()).unwrap();
    std::fs::remove_file(desk.dir.path().join("cache.lock")).unwrap();
    // Its key was written once and without a check.
    std::fs::remove_file(desk.dir.path().join("cache.key.2")).unwrap();
    let digits = "5a".repeat(32);
    let text = format!("soegaki cache key 1 file {digits}\n");
    std::fs::write(desk.dir.path().join("cache.key"), text).unwrap();
    close_to_others(&desk.dir.path().join("cache.key"));
    let key = Zeroizing::new([0x5a; 32]);
    let cipher = Cipher::new(&key);
    let seal = |table: &str, name: &str, content: serde_json::Value| {
        let id = cipher.id(table, "demo", name);
        let record = serde_json::json!({ "institution": "demo", "content": content });
        let plain = serde_json::to_vec(&record).unwrap();
        (id, cipher.seal_as(FORMAT_1, table, &id, &plain).unwrap())
    };
    let db = redb::Database::create(desk.file()).unwrap();
    let write = db.begin_write().unwrap();
    {
        let mut meta = write.open_table(OLD_META).unwrap();
        let check = cipher.seal_as(FORMAT_1, "meta", &[0; 32], b"soegaki").unwrap();
        meta.insert("format", FORMAT_1.to_be_bytes().as_slice()).unwrap();
        meta.insert("check", check.as_slice()).unwrap();
        let table: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("patients");
        let mut table = write.open_table(table).unwrap();
        for of in patients {
            let stored_at = Timestamp::from_second(MORNING).unwrap();
            let known = Known { view: view(of), stored_at, outdated: false };
            let mut content = serde_json::to_value(&known).unwrap();
            content["view"].as_object_mut().unwrap().remove("profile").unwrap();
            let (id, sealed) = seal("patients", &number(of).canonical(), content);
            table.insert(&id, sealed.as_slice()).unwrap();
        }
        let table: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("lists");
        let mut table = write.open_table(table).unwrap();
        let at = Timestamp::from_second(MORNING).unwrap();
        let content = serde_json::json!({ "list": list(day), "at": at });
        let (id, sealed) = seal("lists", &day.to_string(), content);
        table.insert(&id, sealed.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

#[test]
fn a_file_of_format_1_is_brought_up() {
    let desk = Desk::new();
    write_old(&desk, &["1", "2", "00127"], TODAY);
    for round in 0..2 {
        let run = desk.open();
        assert_eq!(run.kinds(), [], "round {round}");
        for of in ["1", "2", "127"] {
            assert!(run.known_patient(&number(of)).is_some(), "{of} in round {round}");
        }
        assert_eq!(run.known_patient(&number("127")).unwrap().view, view("00127"));
        assert_eq!(run.last_list(TODAY).unwrap().0, list(TODAY));
    }
    assert_eq!(desk.names(), ["cache.key", "cache.key.2", "cache.lock", "cache.redb"]);
}

#[test]
fn an_unreadable_record_of_format_1_is_kept_aside() {
    let desk = Desk::new();
    write_old(&desk, &["1", "2"], TODAY);
    let db = redb::Database::open(desk.file()).unwrap();
    let write = db.begin_write().unwrap();
    {
        let table: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("patients");
        let mut table = write.open_table(table).unwrap();
        table.insert(&[7; 32], b"nobody knows what this is".as_slice()).unwrap();
    }
    write.commit().unwrap();
    drop(db);
    let run = desk.open();
    assert_eq!(run.kinds(), [NoticeKind::Damaged]);
    assert!(desk.dir.path().join("cache.damaged-1.redb").exists());
    run.remember_patient(view("1"));
    assert!(run.settle(LIMIT));
    drop(run);
    assert!(desk.open().known_patient(&number("1")).is_some());
}

#[test]
fn a_newer_file_is_left_alone() {
    let desk = Desk::new();
    drop(desk.open());
    {
        let db = redb::Database::open(desk.file()).unwrap();
        let write = db.begin_write().unwrap();
        let mut meta = write.open_table(OLD_META).unwrap();
        meta.insert("format", (FILE + 1).to_be_bytes().as_slice()).unwrap();
        drop(meta);
        write.commit().unwrap();
    }
    assert_eq!(desk.open().kinds(), [NoticeKind::Newer]);
    let aside = desk.dir.path().join("cache.newer-1.redb");
    let db = redb::Database::open(aside).unwrap();
    let read = redb::ReadableDatabase::begin_read(&db).unwrap();
    let meta = read.open_table(OLD_META).unwrap();
    assert_eq!(meta.get("format").unwrap().unwrap().value(), (FILE + 1).to_be_bytes());
    assert_eq!(desk.open().kinds(), []);
}

#[test]
fn a_file_that_is_gone_or_empty_is_told() {
    let desk = Desk::new();
    drop(desk.open());
    std::fs::remove_file(desk.file()).unwrap();
    assert_eq!(desk.open().kinds(), [NoticeKind::Damaged]);
    std::fs::write(desk.file(), "").unwrap();
    assert_eq!(desk.open().kinds(), [NoticeKind::Damaged]);
    assert_eq!(desk.open().kinds(), []);
}
