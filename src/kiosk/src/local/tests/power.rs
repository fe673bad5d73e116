//! Power that goes at every write, and disks that refuse every write once.

use std::path::Path;
use std::sync::atomic::AtomicUsize;

use uuid::Uuid;

use super::disk::Platter;
use super::store::{DOCTOR, at, key_of, pulse, receipt, sign_in};
use super::*;

/// A terminal on which the doctor has signed in and left two rows and a draft.
fn used() -> (Desk, Platter, Vec<Uuid>) {
    let desk = Desk::new();
    desk.beside_memory();
    let platter = Platter::default();
    let run = desk.open_with(platter.disk());
    sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("1"));
    run.confirm(pulse("2"));
    run.keep_draft(key_of("allergy"), "さば".into());
    assert!(run.settle(LIMIT));
    let ids = run.outbox().rows.iter().map(|row| row.id).collect();
    assert_eq!(run.kinds(), []);
    drop(run);
    (desk, platter, ids)
}

/// What a run was told, as far as it got.
#[derive(Debug, Default)]
struct Told {
    tried: Vec<Uuid>,
    saved: Vec<Uuid>,
    refused: Vec<Uuid>,
}

/// A short piece of work: three entries, one of them with a draft, and a receipt.
fn work(run: &Run) -> Told {
    let mut told = Told::default();
    let first = run.outbox().rows.first().cloned();
    for (i, of) in ["1", "2", "3"].into_iter().enumerate() {
        let draft = Some(key_of("allergy")).filter(|_| i == 1);
        let confirm = Confirm { draft, ..pulse(of) };
        told.tried.push(confirm.entry.id);
        run.confirm(confirm);
        assert!(run.settle(LIMIT));
        if i == 0
            && let Some(row) = &first
        {
            assert!(run.received(&receipt(row)).is_ok());
            run.remember_patient(view("9"));
        }
    }
    assert!(run.settle(LIMIT));
    for kept in run.kept() {
        match kept {
            Kept::Saved { id } => told.saved.push(id),
            Kept::NotSaved { id, .. } => told.refused.push(id),
        }
    }
    assert_eq!(told.saved.len() + told.refused.len(), 3, "each is answered");
    told
}

#[test]
fn power_may_go_at_any_write() {
    let (desk, base, old) = used();
    let whole = base.copy();
    let run = desk.open_with(whole.disk());
    assert_eq!(work(&run).saved.len(), 3);
    drop(run);
    let steps = whole.steps();
    assert!(steps > 20, "only {steps} steps");
    let mut lost = 0;
    for cut in 1..=steps {
        let platter = base.copy();
        platter.cut_at(cut);
        let run = desk.open_with(platter.disk());
        let told = work(&run);
        drop(run);
        platter.restart(cut as u64);
        let run = desk.open_with(platter.disk());
        assert_eq!(run.kinds(), [], "cut at {cut}");
        let here: Vec<Uuid> = run.outbox().rows.iter().map(|row| row.id).collect();
        for id in &told.saved {
            assert!(here.contains(id), "cut at {cut}: a saved entry is gone");
        }
        assert!(here.contains(&old[1]), "cut at {cut}: an older entry is gone");
        for id in &here {
            assert!(told.tried.contains(id) || old.contains(id), "cut at {cut}: out of nothing");
        }
        // The draft is there, or the entry that it became.
        let draft = run.draft(&key_of("allergy")).is_some();
        assert!(draft || here.contains(&told.tried[1]), "cut at {cut}: the draft is gone");
        lost += 3 - told.saved.len();
        assert!(run.entry_key("incho").is_some());
    }
    assert!(lost > 0, "the cuts met no entry");
}

#[test]
fn a_refused_write_is_never_called_saved_and_loses_nothing() {
    let (desk, base, old) = used();
    let whole = base.copy();
    let run = desk.open_with(whole.disk());
    work(&run);
    drop(run);
    let steps = whole.steps();
    let mut refusals = 0;
    for refused in 1..=steps {
        let platter = base.copy();
        platter.refuse_at(refused);
        let run = desk.open_with(platter.disk());
        let told = work(&run);
        refusals += told.refused.len();
        // Who was refused tries once more, as the words say; there is but one refusal.
        let mut again = Uuid::nil();
        for _ in 0..2 {
            let confirm = pulse("4");
            again = confirm.entry.id;
            run.confirm(confirm);
            assert!(run.settle(LIMIT));
            if run.kept() == [Kept::Saved { id: again }] {
                break;
            }
        }
        let rows = run.outbox().rows.clone();
        drop(run);
        platter.restart(refused as u64);
        let run = desk.open_with(platter.disk());
        assert_eq!(run.kinds(), [], "refused at {refused}");
        let expected: Vec<Uuid> = old
            .iter()
            .chain(&told.saved)
            .chain([&again])
            .filter(|id| rows.iter().any(|row| row.id == **id))
            .copied()
            .collect();
        let here: Vec<Uuid> = run.outbox().rows.iter().map(|row| row.id).collect();
        assert_eq!(here, expected, "refused at {refused}: exactly what was called saved");
        assert_eq!(run.outbox().rows, rows);
    }
    assert!(refusals > 0, "no entry met a refusal");
}

#[test]
fn a_full_disk_stops_confirming_with_words() {
    let (desk, platter, old) = used();
    let run = desk.open_with(platter.disk());
    platter.set_full(true);
    run.confirm(Confirm { draft: Some(key_of("allergy")), ..pulse("1") });
    run.confirm(pulse("2"));
    assert!(run.settle(LIMIT));
    for kept in run.kept() {
        assert!(matches!(kept, Kept::NotSaved { why: NotKept::DiskFull, .. }), "{kept:?}");
    }
    assert_eq!(run.kinds(), [NoticeKind::NotSaved]);
    assert!(run.draft(&key_of("allergy")).is_some());
    let here: Vec<Uuid> = run.outbox().rows.iter().map(|row| row.id).collect();
    assert_eq!(here, old);
    platter.set_full(false);
    let again = pulse("1");
    run.confirm(again.clone());
    assert!(run.settle(LIMIT));
    assert_eq!(run.kept(), [Kept::Saved { id: again.entry.id }]);
}

#[test]
fn a_clock_that_jumps_loses_nothing() {
    let desk = Desk::new();
    for (round, jump) in [0, -24 * 3600, 2 * 24 * 3600, -24 * 3600].into_iter().enumerate() {
        desk.now.fetch_add(jump, Ordering::Relaxed);
        let run = desk.open();
        sign_in(&run, "incho", DOCTOR);
        run.confirm(pulse("1"));
        run.keep_draft(key_of(&round.to_string()), round.into());
        assert!(run.settle(LIMIT));
        assert_eq!(run.kept().len(), 1);
    }
    let run = desk.open();
    let rows = run.outbox().rows.clone();
    assert_eq!(rows.len(), 4);
    assert!(rows.is_sorted_by_key(|row| row.order), "the order is not the clock's");
    assert_eq!(run.drafts_of(DOCTOR).len(), 4);
    assert!(matches!(run.next_to_send(at(-40 * 24 * 3600)), NextToSend::Row(_)));
}

/// The system's disk; from a step outside the databases on, nothing works any more.
fn stopping(at: usize) -> (Disk, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let (steps, opens) = (Arc::clone(&count), Arc::clone(&count));
    let dead = move |so_far: usize| (so_far >= at).then(|| std::io::Error::other("killed"));
    let before = move |_: Step| match dead(steps.fetch_add(1, Ordering::Relaxed) + 1) {
        Some(e) => Err(e),
        None => Ok(()),
    };
    let open = move |path: &Path| match dead(opens.load(Ordering::Relaxed)) {
        Some(e) => Err(redb::DatabaseError::Storage(redb::StorageError::Io(e))),
        None => redb::Database::create(path),
    };
    (Disk { database: Arc::new(open), before: Arc::new(before) }, count)
}

#[test]
fn the_program_may_die_at_any_step_of_its_first_start() {
    for stop in 1.. {
        let desk = Desk::new();
        let (disk, count) = stopping(stop);
        drop(desk.open_with(disk));
        let run = desk.open();
        assert_eq!(run.kinds(), [], "stopped at {stop}");
        sign_in(&run, "incho", DOCTOR);
        run.confirm(pulse("1"));
        assert!(run.settle(LIMIT));
        assert!(matches!(run.kept()[..], [Kept::Saved { .. }]));
        if count.load(Ordering::Relaxed) < stop {
            assert!(stop > 8, "the two key files alone are eight steps");
            return;
        }
    }
}

#[test]
fn the_program_may_die_at_any_step_of_a_recovery() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    for of in 0..10 {
        run.confirm(pulse(&of.to_string()));
    }
    assert!(run.settle(LIMIT));
    let rows = run.outbox().rows.clone();
    drop(run);
    let mut damaged = std::fs::read(desk.file()).unwrap();
    damaged[..512].fill(0xaa);
    for stop in 1.. {
        for name in desk.names() {
            if name.starts_with("cache.damaged") || name.starts_with("cache.recovered") {
                std::fs::remove_file(desk.dir.path().join(name)).unwrap();
            }
        }
        std::fs::write(desk.file(), &damaged).unwrap();
        let (disk, count) = stopping(stop);
        drop(desk.open_with(disk));
        let run = desk.open();
        assert_eq!(run.outbox().rows, rows, "stopped at {stop}");
        drop(run);
        let aside = std::fs::read(desk.dir.path().join("cache.damaged-1.redb")).unwrap();
        assert!(aside == damaged, "stopped at {stop}: kept as it was");
        if count.load(Ordering::Relaxed) < stop {
            assert!(stop > 3, "a recovery is at least three steps");
            return;
        }
    }
}
