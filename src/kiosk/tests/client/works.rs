//! What works on a whole line.

use api::entries::{EntryContent, EntryResult};
use api::event::EventKind;
use api::receptions::{LinkState, LinkStatus, StateChange};
use clinical::{ReceptionKey, ReceptionState};
use jiff::civil::date;
use kiosk::client::{FailureKind, Request, Ticket, Update};
use uuid::Uuid;

use crate::fake::TODAY;
use crate::{World, until};

pub(crate) fn key(id: &str) -> ReceptionKey {
    ReceptionKey { date: TODAY, id: id.to_owned() }
}

pub(crate) fn reception(id: &str) -> impl FnMut(&Update) -> Option<(ReceptionState, i64)> + use<> {
    let id = id.to_owned();
    move |u| match u {
        Update::Reception(r) if r.key.id == id => Some((r.state, r.revision)),
        _ => None,
    }
}

pub(crate) fn change(id: &str, seen: ReceptionState, state: ReceptionState) -> EntryContent {
    EntryContent::ReceptionState { change: StateChange { key: key(id), state, seen } }
}

#[test]
fn sign_in_brings_the_list_and_then_every_change() {
    let mut world = World::new();
    world.fake.put("00001", ReceptionState::Waiting);
    world.fake.put("00002", ReceptionState::Waiting);
    world.terminal.sign_in();
    let info = world.terminal.wait("sign-in", |u| match u {
        Update::SignedIn(info) => Some(info.clone()),
        _ => None,
    });
    assert_eq!(info.display_name, "受付係");
    let list = world.terminal.wait_list();
    assert_eq!((list.receptions.len(), list.event_seq), (2, 2));
    let seen = |wanted: fn(&Update) -> bool| world.terminal.seen.iter().any(wanted);
    assert!(seen(|u| matches!(u, Update::Reference(_))));
    assert!(seen(|u| matches!(u, Update::Link(LinkStatus { state: LinkState::Up, .. }))));
    world.wait_streams(1);
    assert_eq!(world.fake.count("POST sessions demo 受付1"), 1);

    world.fake.put("00002", ReceptionState::InConsultation);
    let changed = world.terminal.wait("change", reception("00002"));
    assert_eq!(changed, (ReceptionState::InConsultation, 2));
    world.fake.put("00003", ReceptionState::Waiting);
    assert_eq!(world.terminal.wait("arrival", reception("00003")), (ReceptionState::Waiting, 1));
    world.terminal.wait_up_or_seen();
}

#[test]
fn each_kind_of_event_has_its_update() {
    let mut world = World::signed_in();
    world.fake.tell(EventKind::PatientChanged { number: "00127".to_owned().try_into().unwrap() });
    let number = world.terminal.wait("patient change", |u| match u {
        Update::PatientChanged(number) => Some(number.to_string()),
        _ => None,
    });
    assert_eq!(number, "00127");
    let item = Uuid::now_v7();
    let number = "00127".to_owned().try_into().unwrap();
    world.fake.tell(EventKind::ProfileChanged { number, item });
    let changed = world.terminal.wait("profile change", |u| match u {
        Update::ProfileChanged { number, item } => Some((number.to_string(), *item)),
        _ => None,
    });
    assert_eq!(changed, ("00127".to_owned(), item));
    world.fake.tell(EventKind::ReferenceChanged);
    world.terminal.wait("reference", |u| matches!(u, Update::Reference(_)).then_some(()));
    let status = LinkStatus { state: LinkState::Unreachable, last_success: None };
    world.fake.tell(EventKind::LinkChanged { status });
    world.terminal.wait("link", |u| {
        matches!(u, Update::Link(LinkStatus { state: LinkState::Unreachable, .. })).then_some(())
    });
    world.terminal.wait_event(4);
    assert_eq!(world.terminal.numbers(), [1, 2, 3, 4]);
    assert_eq!(world.fake.count("GET reference"), 2);
}

#[test]
fn a_change_of_the_desk_is_made_once_and_not_read_again() {
    let mut world = World::new();
    world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.sign_in();
    world.terminal.wait_list();
    world.wait_streams(1);
    world.fake.hold_events();
    let (seen, state) = (ReceptionState::Waiting, ReceptionState::InConsultation);
    let id = world.terminal.confirm("uketsuke", change("00001", seen, state));
    let EntryResult::ReceptionState { applied, reception } = world.terminal.wait_receipt(id).result
    else {
        panic!("the receipt of something else");
    };
    assert!(applied);
    assert_eq!(reception.state, ReceptionState::InConsultation);
    world.fake.release_events();
    // The next event shows that the one of our own change has gone by.
    let seq = world.fake.put("00002", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    assert_eq!(world.terminal.numbers(), [2, 3]);
    assert_eq!(world.fake.count("GET reception"), 1, "our own change was read again");
    let again = |u: &Update| matches!(u, Update::Reception(r) if r.key.id == "00001");
    assert!(!world.terminal.seen.iter().any(again));
}

#[test]
fn a_conflict_shows_what_stands() {
    let mut world = World::signed_in();
    world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait("arrival", reception("00001"));
    world.fake.put("00001", ReceptionState::AwaitingPayment);
    let (seen, state) = (ReceptionState::Waiting, ReceptionState::InConsultation);
    let id = world.terminal.confirm("uketsuke", change("00001", seen, state));
    let EntryResult::ReceptionState { applied, reception } = world.terminal.wait_receipt(id).result
    else {
        panic!("the receipt of something else");
    };
    assert!(!applied);
    assert_eq!((reception.state, reception.revision), (ReceptionState::AwaitingPayment, 2));
}

#[test]
fn history_and_confirmations_are_answered() {
    let mut world = World::signed_in();
    for (ticket, number) in [(1, "00127"), (2, "99999")] {
        let number = number.to_owned().try_into().unwrap();
        world.terminal.ask(Request::History { ticket: Ticket(ticket), number });
    }
    let mut answered = Vec::new();
    while answered.len() < 2 {
        answered.push(world.terminal.wait("history", |u| match u {
            Update::History { ticket, history } => Some((*ticket, history.number.to_string())),
            Update::HistoryFailed { ticket, failure } => {
                let code = api::ErrorCode::NotFound;
                let kind = FailureKind::Refused { code, retry_after_seconds: None };
                assert_eq!(failure.kind, kind);
                Some((*ticket, String::new()))
            }
            _ => None,
        }));
    }
    answered.sort();
    assert_eq!(answered, [(Ticket(1), "00127".to_owned()), (Ticket(2), String::new())]);
    world.terminal.ask(Request::Confirmations);
    world.terminal.wait("confirmations", |u| match u {
        Update::Confirmations(list) => Some(list.total),
        _ => None,
    });
}

#[test]
fn colleagues_are_told_and_kept() {
    let mut world = World::new();
    world.terminal.sign_in();
    let told = world.terminal.wait("colleagues", |u| match u {
        Update::Staff(list) => Some(list.clone()),
        _ => None,
    });
    assert_eq!(told.staff[0].name, "院長");
    let world = world.restart();
    assert_eq!(world.terminal.cache.staff(), told);
}

#[test]
fn answers_carry_their_tickets_and_a_new_search_gives_up_the_old_one() {
    let mut world = World::signed_in();
    world.fake.lock().held = true;
    for (ticket, number) in [(1, "00127"), (2, "99999"), (3, "00128")] {
        let number = number.to_owned().try_into().unwrap();
        world.terminal.ask(Request::OpenPatient { ticket: Ticket(ticket), number });
    }
    world.terminal.ask(Request::Search { ticket: Ticket(4), text: "slow".to_owned() });
    let fake = world.fake.clone();
    until("questions", || fake.count("GET patient") == 3 && fake.count("GET patients") == 1);
    world
        .terminal
        .ask(Request::Search { ticket: Ticket(5), text: "ひょうじゅん".to_owned() });
    let more = world.terminal.wait("hits", |u| match u {
        Update::Found { ticket, hits, more } => {
            assert_eq!((*ticket, hits.len()), (Ticket(5), 1));
            Some(*more)
        }
        _ => None,
    });
    assert!(more);
    world.fake.lock().held = false;
    world.fake.gate.notify_waiters();
    let mut answered = Vec::new();
    while answered.len() < 3 {
        answered.push(world.terminal.wait("patient", |u| match u {
            Update::Patient { ticket, view } => {
                Some((*ticket, view.patient.number.to_string(), true))
            }
            Update::PatientFailed { ticket, number, failure } => {
                let code = api::ErrorCode::NotFound;
                let kind = FailureKind::Refused { code, retry_after_seconds: None };
                assert_eq!(failure.kind, kind);
                Some((*ticket, number.to_string(), false))
            }
            _ => None,
        }));
    }
    answered.sort();
    let expected = [(1, "00127", true), (2, "99999", false), (3, "00128", true)]
        .map(|(ticket, number, ok)| (Ticket(ticket), number.to_owned(), ok));
    assert_eq!(answered, expected);
    world.terminal.drain();
    assert!(!world.terminal.seen.iter().any(|u| matches!(
        u,
        Update::Found { ticket: Ticket(4), .. } | Update::SearchFailed { .. }
    )));
}

#[test]
fn another_day_can_be_followed() {
    let mut world = World::signed_in();
    let yesterday = date(2026, 11, 21);
    world.fake.put_on(yesterday, "00009", ReceptionState::Done);
    world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait("arrival", reception("00001"));
    assert_eq!(world.fake.count("GET reception"), 1, "a reception of another day was read");
    world.terminal.ask(Request::FollowDay(yesterday));
    let list = world.terminal.wait_list();
    assert_eq!((list.date, list.receptions.len()), (yesterday, 1));
    world.fake.put_on(yesterday, "00010", ReceptionState::Done);
    world.terminal.wait("late entry", reception("00010"));
}

#[test]
fn today_turns_into_the_next_day_by_itself() {
    let mut world = World::signed_in();
    let tomorrow = date(2026, 11, 23);
    world.fake.lock().today = tomorrow;
    world.fake.put("00001", ReceptionState::Waiting);
    let list = world.terminal.wait("new day", |u| match u {
        Update::Receptions(list) if list.date == tomorrow => Some(list.clone()),
        _ => None,
    });
    assert_eq!(list.receptions.len(), 1);
}

#[test]
fn signing_out_ends_the_session_and_not_the_sending() {
    let mut world = World::signed_in();
    world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait("arrival", reception("00001"));
    world.fake.lock().held = true;
    let number = "00127".to_owned().try_into().unwrap();
    world.terminal.ask(Request::OpenPatient { ticket: Ticket(1), number });
    let (seen, state) = (ReceptionState::Waiting, ReceptionState::InConsultation);
    let id = world.terminal.confirm("uketsuke", change("00001", seen, state));
    let fake = world.fake.clone();
    until("questions", || fake.count("PUT entry") == 1 && fake.count("GET patient") == 1);
    world.terminal.ask(Request::SignOut);
    world.terminal.wait("goodbye", |u| matches!(u, Update::SignedOut(None)).then_some(()));
    let before = world.terminal.seen.len();
    world.fake.lock().held = false;
    world.fake.gate.notify_waiters();
    until("end of the session", || fake.count("DELETE session") == 1);
    world.terminal.wait_receipt(id);
    assert_eq!(fake.lock().entries.ids(), [id]);
    // No answer to a question reaches a window that nobody is signed in at.
    for update in &world.terminal.seen[before..] {
        let harmless =
            matches!(update, Update::Line(_) | Update::ClockSkew(_) | Update::Receipt(..));
        assert!(harmless, "{update:?}");
    }
    let number = "00127".to_owned().try_into().unwrap();
    world.terminal.ask(Request::OpenPatient { ticket: Ticket(2), number });
    world.terminal.wait("refusal", |u| match u {
        Update::PatientFailed { ticket: Ticket(2), failure, .. } => {
            assert!(matches!(failure.kind, FailureKind::Refused { .. }));
            Some(())
        }
        _ => None,
    });
}

#[test]
fn the_end_of_the_program_ends_the_session() {
    let World { fake, terminal, line: _line, runtime: _runtime } = World::signed_in();
    terminal.end();
    assert_eq!(fake.count("DELETE session"), 1);
}

#[test]
fn a_clock_that_is_off_is_told() {
    let mut world = World::new();
    world.fake.lock().ahead_seconds = 3600;
    world.terminal.sign_in();
    world.terminal.wait("sign-in", |u| matches!(u, Update::SignedIn(_)).then_some(()));
    let skew = world.terminal.wait("skew", |u| match u {
        Update::ClockSkew(skew) if *skew > 60 => Some(*skew),
        _ => None,
    });
    assert!((3540..3660).contains(&skew), "{skew}");
}
