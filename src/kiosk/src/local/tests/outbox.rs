//! The outbox's rules, by example and under anything that may happen.

use std::collections::HashSet;

use api::ErrorCode;
use api::entries::{Entry, EntryContent, Receipt};
use api::proof::Signer;
use clinical::{Role, Staff};
use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::store::{DOCTOR, at, patient_of, profile_entry, receipt};
use super::*;
use crate::local::outbox::{Outbox, Pauses};

fn signer() -> Signer {
    Signer::generate().unwrap().0
}

fn row(outbox: &Outbox, of: &str, item: u128, signer: &Signer) -> OutboxRow {
    let entry = profile_entry(of, Uuid::from_u128(item), None);
    let content = EntryContent::Profile { entry };
    let id = Uuid::from_u128(1000 + u128::from(outbox.next_order()));
    let entry = Entry { id, entered_at: at(0), content };
    let author = Staff { account: DOCTOR, name: "院長".to_owned(), role: Role::Practitioner };
    OutboxRow::made(outbox.next_order(), entry, author, patient_of(of), at(0), signer).unwrap()
}

/// An outbox with these items of these patients, and the rows' ids.
fn filled(rows: &[(&str, u128)]) -> (Outbox, Vec<Uuid>) {
    let (mut outbox, signer) = (Outbox::default(), signer());
    for (of, item) in rows {
        let row = row(&outbox, of, *item, &signer);
        assert!(outbox.add(Arc::new(row)));
    }
    let ids = outbox.rows().map(|row| row.id).collect();
    (outbox, ids)
}

fn next(outbox: &Outbox, second: i64) -> Option<Uuid> {
    match outbox.next(at(second)) {
        NextToSend::Row(row) => Some(row.id),
        NextToSend::Wait(_) | NextToSend::Nothing => None,
    }
}

fn take(outbox: &mut Outbox, id: Uuid) {
    let receipt = receipt(outbox.row(id).unwrap());
    assert!(outbox.received(&receipt).is_ok());
}

#[test]
fn rows_go_in_the_order_of_confirming() {
    let (mut outbox, ids) = filled(&[("1", 1), ("2", 2), ("1", 3)]);
    for id in ids {
        assert_eq!(next(&outbox, 0), Some(id));
        assert_eq!(next(&outbox, 0), Some(id), "the same until something is told");
        take(&mut outbox, id);
    }
    assert_eq!(outbox.next(at(0)), NextToSend::Nothing);
}

#[test]
fn a_patient_who_fails_holds_nobody_else_back() {
    let (mut outbox, ids) = filled(&[("1", 1), ("00001", 2), ("2", 3)]);
    outbox.failed(ids[0], at(0), 1.0);
    assert_eq!(next(&outbox, 0), Some(ids[2]), "the second row is of the same patient");
    take(&mut outbox, ids[2]);
    assert_eq!(outbox.next(at(0)), NextToSend::Wait(at(1)));
    assert_eq!(next(&outbox, 1), Some(ids[0]));
    // Longer each time, by chance at least half of it, at most a quarter of one.
    for (wait, jitter) in [(2, 1.0), (2, 0.0), (8, 1.0)] {
        outbox.failed(ids[0], at(100), jitter);
        assert_eq!(outbox.next(at(100)), NextToSend::Wait(at(100 + wait)));
    }
    for _ in 0..100 {
        outbox.failed(ids[0], at(100), 1.0);
    }
    assert_eq!(outbox.next(at(100)), NextToSend::Wait(at(115)));
    take(&mut outbox, ids[0]);
    assert_eq!(next(&outbox, 100), Some(ids[1]), "a success ends the pause");
}

#[test]
fn a_cut_line_holds_everything_back_until_somebody_hurries() {
    let (mut outbox, ids) = filled(&[("1", 1), ("2", 2)]);
    outbox.line_failed(at(0), 1.0);
    outbox.line_failed(at(0), 1.0);
    assert_eq!(outbox.next(at(0)), NextToSend::Wait(at(2)));
    outbox.hurry();
    assert_eq!(next(&outbox, 0), Some(ids[0]));
    outbox.line_failed(at(0), 1.0);
    assert_eq!(outbox.next(at(0)), NextToSend::Wait(at(1)), "it begins anew");
    let (mut empty, _) = filled(&[]);
    empty.line_failed(at(0), 1.0);
    assert_eq!(empty.next(at(0)), NextToSend::Nothing);
}

#[test]
fn a_clock_that_jumps_stops_nothing() {
    let day = 24 * 3600;
    let (mut outbox, ids) = filled(&[("1", 1)]);
    for jump in [-day, day] {
        outbox.line_failed(at(0), 1.0);
        assert_eq!(next(&outbox, jump), Some(ids[0]), "{jump}");
        outbox.hurry();
        outbox.failed(ids[0], at(0), 1.0);
        assert_eq!(next(&outbox, jump), Some(ids[0]), "{jump}");
    }
}

#[test]
fn a_refused_row_holds_back_what_builds_on_it_alone() {
    let (mut outbox, ids) = filled(&[("1", 1), ("1", 1), ("1", 2), ("2", 1)]);
    assert!(outbox.refused(ids[0], ErrorCode::Invalid, String::new(), at(0)));
    assert!(!outbox.refused(ids[0], ErrorCode::Invalid, String::new(), at(0)));
    assert_eq!(next(&outbox, 0), Some(ids[2]), "another item of the patient goes on");
    take(&mut outbox, ids[2]);
    assert_eq!(
        next(&outbox, 0),
        Some(ids[3]),
        "the same name with another patient is another item"
    );
    take(&mut outbox, ids[3]);
    assert_eq!(outbox.next(at(0)), NextToSend::Nothing);
    assert!(outbox.withdraw(ids[0], at(1)));
    assert!(!outbox.withdraw(ids[1], at(1)), "it waits: it may be there already");
    assert_eq!(next(&outbox, 1), Some(ids[1]));
    assert!(outbox.withdrawn_before(at(1)).is_empty());
    assert_eq!(outbox.withdrawn_before(at(2)), [ids[0]]);
    assert_eq!(outbox.view().unsent(), 1);
}

#[test]
fn a_late_receipt_ends_a_row_in_any_state() {
    let (mut outbox, ids) = filled(&[("1", 1), ("2", 1)]);
    assert!(outbox.key_unknown(ids[0]));
    take(&mut outbox, ids[0]);
    assert!(outbox.refused(ids[1], ErrorCode::Invalid, String::new(), at(0)));
    assert!(outbox.withdraw(ids[1], at(0)));
    take(&mut outbox, ids[1]);
    assert_eq!(outbox.rows().count(), 0);
}

#[test]
fn a_place_that_is_taken_is_not_lost() {
    let (mut outbox, ids) = filled(&[("1", 1)]);
    let twin = OutboxRow { order: 0, ..row(&outbox, "2", 2, &signer()) };
    assert!(outbox.add(Arc::new(twin.clone())));
    assert!(!outbox.add(Arc::new(twin)));
    assert_eq!(outbox.rows().map(|row| row.order).collect::<Vec<_>>(), [0, 1]);
    assert!(outbox.row(ids[0]).is_some());
}

#[derive(Debug, Clone)]
enum Step {
    Add { patient: u8, item: u8 },
    Send(Reply),
    Withdraw(u8),
    SignAnew,
    Hurry,
    Wait(i64),
}

#[derive(Debug, Clone, Copy)]
enum Reply {
    Receipt,
    OtherHash,
    Refused,
    KeyUnknown,
    Failed,
    NoLine,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reply = prop_oneof![
        4 => Just(Reply::Receipt),
        1 => Just(Reply::OtherHash),
        1 => Just(Reply::Refused),
        1 => Just(Reply::KeyUnknown),
        1 => Just(Reply::Failed),
        1 => Just(Reply::NoLine),
    ];
    let step = prop_oneof![
        4 => (0..3_u8, 0..3_u8).prop_map(|(patient, item)| Step::Add { patient, item }),
        6 => reply.prop_map(Step::Send),
        1 => any::<u8>().prop_map(Step::Withdraw),
        1 => Just(Step::SignAnew),
        1 => Just(Step::Hurry),
        // The clock may jump by a day either way.
        2 => prop_oneof![0..200_i64, Just(86_400), Just(-86_400)].prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

/// What the row builds on and whose it is.
fn place(row: &OutboxRow) -> (String, Uuid) {
    let EntryContent::Profile { entry } = &row.entry.content else { panic!("another kind") };
    (entry.patient.canonical(), entry.item)
}

/// The rule, told the slow way.
fn may_go(outbox: &Outbox, row: &OutboxRow) -> bool {
    let stopped = |row: &OutboxRow| {
        let earlier = outbox.rows().filter(|other| other.order < row.order);
        let mut same = earlier.filter(|other| place(other) == place(row));
        same.any(|o| matches!(o.state, RowState::Refused { .. } | RowState::NeedsSignIn))
    };
    let mut earlier = outbox.rows().filter(|other| {
        other.order < row.order
            && place(other).0 == place(row).0
            && other.state == RowState::Waiting
    });
    row.state == RowState::Waiting && !stopped(row) && earlier.all(|other| stopped(other))
}

proptest! {
    #[test]
    fn whatever_happens_no_row_is_lost_or_overtakes(steps in steps()) {
        let (mut outbox, signer) = (Outbox::new(Pauses::default()), signer());
        let (mut now, mut added, mut arrived) = (0, HashSet::new(), HashSet::new());
        for step in steps {
            match step {
                Step::Add { patient, item } => {
                    let row = row(&outbox, &patient.to_string(), u128::from(item), &signer);
                    added.insert(row.id);
                    prop_assert!(outbox.add(Arc::new(row)));
                }
                Step::Send(reply) => {
                    let NextToSend::Row(row) = outbox.next(at(now)) else { continue };
                    prop_assert!(may_go(&outbox, &row), "{row:?} overtakes");
                    match reply {
                        Reply::Receipt => {
                            prop_assert!(outbox.received(&receipt(&row)).is_ok());
                            arrived.insert(row.id);
                        }
                        Reply::OtherHash => {
                            let wrong = Receipt { hash: "0".repeat(64), ..receipt(&row) };
                            prop_assert_eq!(outbox.received(&wrong), Err(BadReceipt::OtherHash));
                            outbox.failed(row.id, at(now), 0.5);
                        }
                        Reply::Refused => {
                            outbox.refused(row.id, ErrorCode::Invalid, String::new(), at(now));
                        }
                        Reply::KeyUnknown => prop_assert!(outbox.key_unknown(row.id)),
                        Reply::Failed => outbox.failed(row.id, at(now), 0.5),
                        Reply::NoLine => outbox.line_failed(at(now), 0.5),
                    }
                }
                Step::Withdraw(which) => {
                    let ids: Vec<Uuid> = outbox.rows().map(|row| row.id).collect();
                    if let Some(id) = ids.get(usize::from(which) % ids.len().max(1)) {
                        outbox.withdraw(*id, at(now));
                    }
                }
                Step::SignAnew => {
                    for id in outbox.waiting_for(DOCTOR) {
                        prop_assert!(outbox.sign_anew(id, &signer));
                    }
                }
                Step::Hurry => outbox.hurry(),
                Step::Wait(seconds) => now += seconds,
            }
            let here: HashSet<Uuid> = outbox.rows().map(|row| row.id).collect();
            let gone: HashSet<Uuid> = added.difference(&here).copied().collect();
            prop_assert_eq!(&gone, &arrived, "a row left without its receipt, or stayed");
            let view = outbox.view();
            prop_assert_eq!(view.rows.len(), here.len());
            // Nothing is stuck: when the longest pause is over, whatever may go goes.
            let later = at(now).checked_add(SignedDuration::from_mins(3)).unwrap();
            let ready = outbox.rows().find(|row| may_go(&outbox, row)).cloned();
            match (outbox.next(later), ready) {
                (NextToSend::Row(next), Some(first)) => prop_assert_eq!(next, first),
                (NextToSend::Nothing, None) => {}
                (next, ready) => prop_assert!(false, "{next:?} where {ready:?} is ready"),
            }
        }
    }
}
