//! Files that are no longer what was written.

use std::collections::HashMap;

use uuid::Uuid;

use super::store::{DOCTOR, key_of, pulse, sign_in};
use super::*;

const ROWS: usize = 50;

struct Before {
    desk: Desk,
    bytes: Vec<u8>,
    rows: HashMap<Uuid, Arc<OutboxRow>>,
    key: String,
}

/// A store with fifty unsent entries, drafts, patients and a person.
fn before() -> Before {
    let desk = Desk::new();
    let run = desk.open();
    let key = sign_in(&run, "incho", DOCTOR);
    run.remember_list(list(TODAY));
    for of in 0..ROWS {
        run.remember_patient(view(&of.to_string()));
        run.confirm(pulse(&of.to_string()));
        if of % 10 == 0 {
            run.keep_draft(key_of(&of.to_string()), of.into());
            assert!(run.settle(LIMIT));
        }
    }
    assert!(run.settle(LIMIT));
    let rows: HashMap<_, _> =
        run.outbox().rows.iter().map(|row| (row.id, Arc::clone(row))).collect();
    assert_eq!(rows.len(), ROWS);
    drop(run);
    let bytes = std::fs::read(desk.file()).unwrap();
    Before { desk, bytes, rows, key }
}

/// What came of a damaged file.
struct After {
    rows: usize,
    kinds: Vec<NoticeKind>,
}

impl Before {
    /// Opens the store with these bytes in it, and checks what must hold whatever they are.
    fn open(&self, bytes: &[u8], what: &str) -> After {
        for name in self.desk.names() {
            if name.starts_with("cache.damaged") {
                std::fs::remove_file(self.desk.dir.path().join(name)).unwrap();
            }
        }
        std::fs::write(self.desk.file(), bytes).unwrap();
        let run = self.desk.open();
        let notices = run.notices();
        let rows = run.outbox().rows.clone();
        for row in &rows {
            assert_eq!(Some(row), self.rows.get(&row.id), "{what}: a row that nobody confirmed");
        }
        for of in 0..ROWS {
            if let Some(known) = run.known_patient(&number(&of.to_string())) {
                assert_eq!(known.view, view(&of.to_string()), "{what}");
            }
            if let Some(draft) = run.draft(&key_of(&of.to_string())) {
                assert_eq!(draft.content, serde_json::Value::from(of), "{what}");
            }
        }
        if rows.len() < ROWS {
            assert!(!notices.is_empty(), "{what}: {} rows are gone in silence", ROWS - rows.len());
        }
        if let Some(notice) = notices.iter().find(|n| n.kind == NoticeKind::DamagedUnsent) {
            assert_eq!(notice.unsent, rows.len(), "{what}");
        }
        if !notices.is_empty() {
            let aside = self.desk.dir.path().join("cache.damaged-1.redb");
            assert!(aside.exists(), "{what}: the file is gone");
        }
        // The work goes on.
        let confirm = pulse("1");
        run.confirm(confirm.clone());
        assert!(run.settle(LIMIT));
        let mut kept = run.kept();
        if matches!(kept[..], [Kept::NotSaved { why: NotKept::NoKey, .. }]) {
            // Hers was the record that is gone.
            assert!(!notices.is_empty(), "{what}: a key is gone in silence");
            sign_in(&run, "incho", DOCTOR);
            run.confirm(confirm.clone());
            assert!(run.settle(LIMIT));
            kept = run.kept();
        }
        assert_eq!(kept, [Kept::Saved { id: confirm.entry.id }], "{what}");
        drop(run);
        let run = self.desk.open();
        assert_eq!(run.outbox().rows.len(), rows.len() + 1, "{what}");
        assert_eq!(run.kinds(), [], "{what}");
        After { rows: rows.len(), kinds: notices.into_iter().map(|n| n.kind).collect() }
    }
}

#[test]
fn a_whole_file_is_read_whole() {
    let before = before();
    let after = before.open(&before.bytes, "whole");
    assert_eq!((after.rows, after.kinds), (ROWS, vec![]));
}

#[test]
fn of_a_cut_file_all_that_is_left_is_recovered() {
    let before = before();
    let length = before.bytes.len();
    let mut found = Vec::new();
    for part in 0..8 {
        let cut = length * part / 8;
        let after = before.open(&before.bytes[..cut], &format!("cut at {cut} of {length}"));
        assert!(!after.kinds.is_empty(), "cut at {cut}: nobody was told");
        found.push(after.rows);
    }
    assert!(found.is_sorted(), "{found:?}");
    assert_eq!(found[0], 0);
    assert!(found[7] > 0, "{found:?}");
}

#[test]
fn one_damaged_page_costs_a_page_at_most() {
    let before = before();
    let (mut told, mut worst) = (0, ROWS);
    for (i, page) in (0..before.bytes.len()).step_by(4096).enumerate() {
        // The first pages and some of the rest.
        if i > 4 && i % 11 != 0 {
            continue;
        }
        let mut bytes = before.bytes.clone();
        let end = (page + 4096).min(bytes.len());
        bytes[page..end].fill(0);
        let after = before.open(&bytes, &format!("page {i} is blank"));
        told += usize::from(!after.kinds.is_empty());
        worst = worst.min(after.rows);
    }
    assert!(told > 3, "only {told} blank pages were noticed");
    assert!(worst >= ROWS - 4, "a blank page cost {} rows", ROWS - worst);
}

#[test]
fn a_flipped_bit_costs_a_record_at_most() {
    let before = before();
    let (mut told, mut worst) = (0, ROWS);
    // The head byte by byte, then a prime step that meets pages, keys and contents alike.
    let places = (0..320).step_by(11).chain((320..before.bytes.len()).step_by(49_157));
    for (i, place) in places.enumerate() {
        let mut bytes = before.bytes.clone();
        bytes[place] ^= 1 << (i % 8);
        let after = before.open(&bytes, &format!("bit {} of byte {place}", i % 8));
        told += usize::from(!after.kinds.is_empty());
        worst = worst.min(after.rows);
    }
    assert!(told > 5, "only {told} were noticed");
    assert!(worst >= ROWS - 1, "a flipped bit cost {} rows", ROWS - worst);
}

#[test]
fn people_drafts_and_copies_are_recovered_too() {
    let before = before();
    let mut bytes = before.bytes.clone();
    bytes[..512].fill(0x55);
    std::fs::write(before.desk.file(), &bytes).unwrap();
    let run = before.desk.open();
    assert_eq!(run.kinds(), [NoticeKind::DamagedUnsent]);
    assert_eq!(run.outbox().rows.len(), ROWS);
    assert_eq!(run.entry_key("incho"), Some(before.key.clone()));
    assert_eq!(run.drafts_of(DOCTOR).len(), 5);
    assert_eq!(run.known_patients().len(), ROWS);
    assert!(run.last_list(TODAY).is_some());
}

#[test]
fn of_two_copies_of_a_record_the_later_one_counts() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("1"));
    assert!(run.settle(LIMIT));
    let id = run.outbox().rows[0].id;
    for round in 0..5 {
        run.keep_draft(key_of("allergy"), round.into());
        assert!(run.settle(LIMIT));
    }
    run.refused(id, api::ErrorCode::Invalid, "because");
    assert!(run.settle(LIMIT));
    assert!(run.withdraw_row(id));
    assert!(run.settle(LIMIT));
    drop(run);
    let mut bytes = std::fs::read(desk.file()).unwrap();
    bytes[..512].fill(0x55);
    std::fs::write(desk.file(), &bytes).unwrap();
    let run = desk.open();
    assert_eq!(run.draft(&key_of("allergy")).unwrap().content, serde_json::Value::from(4));
    assert!(matches!(run.outbox().rows[0].state, RowState::Withdrawn { .. }));
    assert_eq!(run.kinds(), [NoticeKind::Damaged], "nothing unsent was in it");
}

#[test]
fn damage_while_the_program_runs_costs_nothing_that_was_saved() {
    let before = before();
    std::fs::write(before.desk.file(), &before.bytes).unwrap();
    let run = before.desk.open();
    // Another program writes over the file while it is open.
    let mut bytes = before.bytes.clone();
    bytes.fill(0x55);
    std::fs::write(before.desk.file(), &bytes).unwrap();
    let mut saved = Vec::new();
    for of in 0..3 {
        let confirm = pulse(&of.to_string());
        run.confirm(confirm.clone());
        assert!(run.settle(LIMIT));
        for kept in run.kept() {
            assert_eq!(kept.id(), confirm.entry.id);
            if matches!(kept, Kept::Saved { .. }) {
                saved.push(kept.id());
            }
        }
    }
    let rows = run.outbox().rows.clone();
    assert_eq!(rows.len(), ROWS + saved.len());
    drop(run);
    drop(before.desk.open());
}
