//! What waits in the outbox reaches the cloud: once each, in order, by itself, whoever is signed in.

use std::time::Duration;

use api::ErrorCode;
use api::entries::{EntryContent, EntryResult};
use clinical::profile::{
    Act, Measurement, MeasurementValue, ProfileEntry, ProfileValue, Source, Tenths,
};
use jiff::{SignedDuration, Timestamp};
use kiosk::client::{FailureKind, Limits, Line, Request, Update};
use kiosk::local::RowState;
use uuid::Uuid;

use crate::fake::entries::Fault;
use crate::fake::staff;
use crate::{Terminal, Watch, World, quick, until};

/// Somebody's weight; the first version of an item, or the next one.
fn weight(patient: &str, tenths: u32, item: Uuid, base: Option<Uuid>) -> EntryContent {
    let value = MeasurementValue::Weight(Tenths(tenths));
    let measured_at = Timestamp::now();
    let value = ProfileValue::Measurement(Measurement { value, measured_at });
    EntryContent::Profile {
        entry: ProfileEntry {
            patient: patient.to_owned().try_into().unwrap(),
            item,
            base,
            act: Act::Record { value, source: Source::Clinic },
            on_behalf_of: Some(staff("incho")),
            reason: String::new(),
            settles: None,
        },
    }
}

pub(crate) fn new_weight(patient: &str, tenths: u32) -> EntryContent {
    weight(patient, tenths, Uuid::now_v7(), None)
}

fn confirm(terminal: &Terminal, content: EntryContent) -> Uuid {
    terminal.confirm("uketsuke", content)
}

#[track_caller]
fn wait_empty(world: &World) {
    let cache = world.terminal.cache.clone();
    until("empty outbox", || cache.outbox().rows.is_empty());
}

/// The program, ended with entries in its outbox and nobody's word from the cloud yet.
fn cut_off(entries: impl FnOnce(&Terminal) -> Vec<Uuid>) -> (World, Vec<Uuid>) {
    let mut world = World::signed_in();
    world.terminal.wait_up_or_seen();
    world.line.cut();
    world.terminal.wait_down();
    let ids = entries(&world.terminal);
    (world, ids)
}

#[test]
fn what_was_confirmed_while_the_line_was_cut_arrives_in_the_order_of_each_patient() {
    let patients = ["00127", "00128", "00129"];
    let (mut world, ids) = cut_off(|terminal| {
        (0..24).map(|n| confirm(terminal, new_weight(patients[n % 3], 500 + n as u32))).collect()
    });
    assert_eq!(world.terminal.cache.outbox().unsent(), 24);
    assert!(world.fake.lock().entries.tries.is_empty());
    world.line.mend();
    for id in &ids {
        world.terminal.wait_receipt(*id);
    }
    wait_empty(&world);
    let stored = world.fake.lock().entries.ids();
    for place in 0..3 {
        let of = |ids: &[Uuid], all: &[Uuid]| -> Vec<Uuid> {
            let wanted: Vec<Uuid> = all.iter().skip(place).step_by(3).copied().collect();
            ids.iter().filter(|id| wanted.contains(id)).copied().collect()
        };
        assert_eq!(of(&stored, &ids), of(&ids, &ids));
    }
    assert_eq!(stored.len(), 24);
    // The screen is told by the receipts; nothing is loaded anew.
    assert_eq!(world.fake.count("GET receptions"), 1);
}

#[test]
fn an_entry_whose_answer_is_lost_again_and_again_is_stored_once() {
    let mut world = World::signed_in();
    let lost = std::iter::repeat_n(Fault::LoseAnswer, 3);
    world.fake.lock().entries.faults.extend(lost);
    let first = confirm(&world.terminal, new_weight("00127", 600));
    let second = confirm(&world.terminal, new_weight("00127", 601));
    world.terminal.wait_receipt(second);
    let inner = world.fake.lock();
    assert_eq!(inner.entries.ids(), [first, second]);
    assert_eq!(inner.entries.tries, [first, first, first, first, second]);
    drop(inner);
    let receipts = world.terminal.seen.iter().filter(|u| matches!(u, Update::Receipt(..))).count();
    assert_eq!(receipts, 2);
    wait_empty(&world);
}

#[test]
fn cuts_in_the_middle_of_a_rush_double_and_lose_nothing() {
    let mut world = World::signed_in();
    let line = world.line.clone();
    let mut ids = Vec::new();
    for round in 0..60_u32 {
        ids.push(confirm(
            &world.terminal,
            new_weight(["00127", "00128"][round as usize % 2], round),
        ));
        match round % 15 {
            6 => line.cut(),
            11 => line.mend(),
            _ => {}
        }
    }
    line.mend();
    for id in &ids {
        world.terminal.wait_receipt(*id);
    }
    wait_empty(&world);
    let mut stored = world.fake.lock().entries.ids();
    stored.sort_unstable();
    ids.sort_unstable();
    assert_eq!(stored, ids);
}

#[test]
fn a_receipt_that_names_something_else_is_none() {
    for fault in [Fault::OtherHash, Fault::OtherId, Fault::Page] {
        let mut world = World::signed_in();
        world.fake.lock().entries.always = Some(fault);
        let id = confirm(&world.terminal, new_weight("00127", 600));
        let failure = world.terminal.wait("word of it", |u| match u {
            Update::EntryDelayed { id: delayed, failure } => {
                assert_eq!(*delayed, id);
                Some(failure.clone())
            }
            Update::Receipt(receipt, _) => panic!("{receipt:?} was taken"),
            _ => None,
        });
        assert_eq!(failure.kind, FailureKind::Garbled);
        // It is tried again, and told no second time.
        world.terminal.ask(Request::SendNow);
        let fake = world.fake.clone();
        until("another try", || fake.count("PUT entry") >= 2);
        assert_eq!(world.terminal.cache.outbox().row(id).unwrap().state, RowState::Waiting);
        world.fake.lock().entries.always = None;
        world.terminal.ask(Request::SendNow);
        world.terminal.wait_receipt(id);
        let told = |u: &&Update| matches!(u, Update::EntryDelayed { .. });
        assert_eq!(world.terminal.seen.iter().filter(told).count(), 1);
        wait_empty(&world);
        assert_eq!(world.fake.lock().entries.ids(), [id]);
    }
}

#[test]
fn a_refused_entry_is_told_and_kept_and_holds_back_its_own_item_alone() {
    let item = Uuid::now_v7();
    let (mut world, ids) = cut_off(|terminal| {
        let first = confirm(terminal, weight("00127", 600, item, None));
        let next = confirm(terminal, weight("00127", 601, item, Some(first)));
        let other = confirm(terminal, new_weight("00127", 602));
        vec![first, next, other]
    });
    let [first, next, other] = ids[..] else { panic!() };
    world.fake.lock().entries.refused.insert(first, (422, ErrorCode::Invalid));
    world.line.mend();
    world.terminal.wait("refusal", |u| match u {
        Update::EntryRefused { id, code, message } if *id == first => {
            assert_eq!((*code, message.as_str()), (ErrorCode::Invalid, "no"));
            Some(())
        }
        _ => None,
    });
    world.terminal.wait_receipt(other);
    let outbox = world.terminal.cache.outbox();
    let state = |id| outbox.row(id).unwrap().state.clone();
    assert!(matches!(state(first), RowState::Refused { code: ErrorCode::Invalid, .. }));
    assert_eq!(state(next), RowState::Waiting);
    assert_eq!((outbox.unsent(), outbox.refused()), (2, 1));
    assert_eq!(world.fake.lock().entries.tries.iter().filter(|id| **id == next).count(), 0);
    // Over the end of the program too.
    let world = world.restart();
    let outbox = world.terminal.cache.outbox();
    assert_eq!((outbox.unsent(), outbox.refused()), (2, 1));
}

#[test]
fn each_refusal_that_lasts_is_told() {
    let refusals = [
        (403, ErrorCode::Forbidden),
        (404, ErrorCode::NotFound),
        (413, ErrorCode::TooLarge),
        (422, ErrorCode::Invalid),
    ];
    let mut world = World::signed_in();
    for refusal in refusals {
        world.fake.lock().entries.faults.push_back(Fault::Refuse(refusal.0, refusal.1));
        let id = confirm(&world.terminal, new_weight("00127", 600));
        let code = world.terminal.wait("refusal", |u| match u {
            Update::EntryRefused { id: refused, code, .. } if *refused == id => Some(*code),
            _ => None,
        });
        assert_eq!(code, refusal.1);
    }
    assert_eq!(world.terminal.cache.outbox().refused(), 4);
    assert!(world.fake.lock().entries.stored.is_empty());
}

#[test]
fn what_passes_is_waited_for() {
    let passing = [
        (503, ErrorCode::Unavailable),
        (500, ErrorCode::Internal),
        (503, ErrorCode::ReceiptUnavailable),
    ];
    let mut world = World::signed_in();
    for (status, code) in passing {
        let twice = std::iter::repeat_n(Fault::Refuse(status, code), 2);
        world.fake.lock().entries.faults.extend(twice);
        let id = confirm(&world.terminal, new_weight("00127", 600));
        world.terminal.wait_receipt(id);
        let told = |u: &&Update| match u {
            Update::EntryDelayed { id: delayed, failure } => {
                *delayed == id
                    && failure.kind == FailureKind::Refused { code, retry_after_seconds: None }
            }
            _ => false,
        };
        assert_eq!(world.terminal.seen.iter().filter(told).count(), 1, "{code:?}");
        let tries = world.fake.lock().entries.tries.clone();
        assert_eq!(tries.iter().filter(|tried| **tried == id).count(), 3, "{code:?}");
    }
    // The cloud answered all the time.
    assert!(!world.terminal.seen.iter().any(|u| matches!(u, Update::Line(Line::Down { .. }))));
}

#[test]
fn one_answer_that_cannot_be_read_holds_up_that_patient_alone() {
    let (mut world, ids) = cut_off(|terminal| {
        let patients = ["00127", "00127", "00128", "00129"];
        patients.map(|patient| confirm(terminal, new_weight(patient, 600))).to_vec()
    });
    let [odd, after, others @ ..] = &ids[..] else { panic!() };
    world.fake.lock().entries.odd = Some(*odd);
    world.line.mend();
    for id in others {
        world.terminal.wait_receipt(*id);
    }
    let outbox = world.terminal.cache.outbox();
    assert!(
        [odd, after].map(|id| outbox.row(*id).unwrap().state.clone())
            == [RowState::Waiting, RowState::Waiting]
    );
    world.fake.lock().entries.odd = None;
    world.terminal.ask(Request::SendNow);
    world.terminal.wait_receipt(*after);
    assert_eq!(world.fake.lock().entries.ids().len(), ids.len());
}

#[test]
fn sending_waits_for_no_clock_when_somebody_asks() {
    // A quiet stream that is opened anew would wake the sender too.
    let limits = Limits { stall: Duration::from_hours(1), ..quick() };
    let mut world = World::by(limits, &Watch::stopped());
    world.terminal.sign_in();
    world.terminal.wait_list();
    world.fake.lock().entries.faults.push_back(Fault::Refuse(500, ErrorCode::Internal));
    let id = confirm(&world.terminal, new_weight("00127", 600));
    let delayed = |u: &Update| matches!(u, Update::EntryDelayed { .. }).then_some(());
    world.terminal.wait("word of it", delayed);
    world.terminal.ask(Request::SendNow);
    world.terminal.wait_receipt(id);
}

#[test]
fn clocks_that_jump_hold_nothing_back() {
    for jump in [SignedDuration::from_hours(-24), SignedDuration::from_hours(24)] {
        let watch = Watch::default();
        let mut world = World::by(quick(), &watch);
        world.terminal.sign_in();
        world.terminal.wait_list();
        world.fake.lock().entries.always = Some(Fault::Refuse(503, ErrorCode::Unavailable));
        let id = confirm(&world.terminal, new_weight("00127", 600));
        let delayed = |u: &Update| matches!(u, Update::EntryDelayed { .. }).then_some(());
        world.terminal.wait("word of it", delayed);
        watch.set(jump);
        world.fake.lock().entries.always = None;
        world.terminal.wait_receipt(id);
        assert_eq!(world.fake.lock().entries.ids(), [id]);
    }
}

#[test]
fn entries_go_out_though_nobody_is_signed_in() {
    let (world, ids) = cut_off(|terminal| {
        vec![
            confirm(terminal, new_weight("00127", 600)),
            confirm(terminal, new_weight("00128", 601)),
        ]
    });
    // After signing out …
    world.terminal.ask(Request::SignOut);
    let mut world = world.restart();
    assert_eq!(world.terminal.cache.outbox().unsent(), 2);
    assert!(world.fake.lock().entries.tries.is_empty());
    // … and after a restart, before anybody signs in.
    world.line.mend();
    for id in ids {
        world.terminal.wait_receipt(id);
    }
    wait_empty(&world);
    assert_eq!(world.fake.count("POST sessions demo 受付1"), 1);
}

#[test]
fn an_entry_in_flight_at_the_end_of_the_program_stays_and_is_stored_once() {
    let world = World::signed_in();
    world.fake.lock().held = true;
    let id = confirm(&world.terminal, new_weight("00127", 600));
    let fake = world.fake.clone();
    until("the entry on its way", || fake.count("PUT entry") == 1);
    let mut world = world.restart();
    world.fake.lock().held = false;
    world.fake.gate.notify_waiters();
    world.terminal.wait_receipt(id);
    assert_eq!(world.fake.lock().entries.ids(), [id]);
    wait_empty(&world);
}

#[test]
fn what_can_still_go_at_the_end_of_the_program_goes() {
    let world = World::signed_in();
    let ids: Vec<Uuid> =
        (0..5).map(|n| confirm(&world.terminal, new_weight("00127", 600 + n))).collect();
    let World { fake, terminal, line: _line, runtime: _runtime } = world;
    terminal.end();
    assert_eq!(fake.lock().entries.ids(), ids);
}

#[test]
fn a_key_that_the_cloud_has_lost_is_made_known_by_the_next_sign_in() {
    let mut world = World::signed_in();
    world.fake.lock().entries.keys.clear();
    let id = confirm(&world.terminal, new_weight("00127", 600));
    let cache = world.terminal.cache.clone();
    let state = || cache.outbox().row(id).map(|row| row.state.clone());
    until("word of the key", || state() == Some(RowState::NeedsSignIn));
    assert_eq!(world.terminal.cache.outbox().unsent(), 1);
    // Another person's sign-in does not speak for the author.
    world.terminal.sign_in_as("incho", crate::fake::PASSWORD);
    world.terminal.wait_list();
    let other = world.terminal.confirm("incho", new_weight("00128", 601));
    world.terminal.wait_receipt(other);
    assert_eq!(state(), Some(RowState::NeedsSignIn));
    world.terminal.sign_in();
    world.terminal.wait_receipt(id);
    let inner = world.fake.lock();
    let authors: Vec<_> =
        inner.entries.stored.iter().map(|(e, author)| (e.id, author.name.clone())).collect();
    assert_eq!(authors, [(other, "院長".to_owned()), (id, "受付係".to_owned())]);
}

#[test]
fn a_receipt_says_what_became_of_the_item_and_the_store_knows_it() {
    let mut world = World::signed_in();
    let number: clinical::PatientNumber = "00127".to_owned().try_into().unwrap();
    world
        .terminal
        .ask(Request::OpenPatient { ticket: kiosk::client::Ticket(1), number: number.clone() });
    let view = world.terminal.wait("patient", |u| match u {
        Update::Patient { view, .. } => Some(view.clone()),
        _ => None,
    });
    world.terminal.cache.remember_patient(*view);
    let id = confirm(&world.terminal, new_weight("00127", 600));
    let EntryResult::Profile { item, .. } = world.terminal.wait_receipt(id).result else {
        panic!("the receipt of something else");
    };
    assert_eq!(item.head, id);
    let known = world.terminal.cache.known_patient(&number).unwrap();
    assert_eq!(known.view.profile, [*item]);
}
