//! Working while the line is cut, and coming back.

use api::ErrorCode;
use api::session::SessionInfo;
use jiff::{SignedDuration, Timestamp};
use kiosk::client::{Failure, FailureKind, Line, Request, Settings, Ticket, Update};

use crate::fake::{PASSWORD, certificates};
use crate::sending::new_weight;
use crate::{Terminal, Watch, World, quick, settings, until};

fn refused(code: ErrorCode) -> FailureKind {
    FailureKind::Refused { code, retry_after_seconds: None }
}

fn failed(update: &Update) -> Option<Failure> {
    match update {
        Update::SignInFailed(failure) => Some(failure.clone()),
        Update::SignedIn(_) | Update::SignedInOffline(_) => panic!("{update:?}"),
        _ => None,
    }
}

fn offline(update: &Update) -> Option<SessionInfo> {
    match update {
        Update::SignedInOffline(info) => Some(info.clone()),
        Update::SignInFailed(failure) => panic!("{failure:?}"),
        _ => None,
    }
}

fn back(update: &Update) -> Option<SessionInfo> {
    match update {
        Update::BackOnline(info) => Some(info.clone()),
        Update::SignedOut(why) => panic!("{why:?}"),
        _ => None,
    }
}

/// A terminal on which the receptionist has been signed in, started anew while the line is cut.
fn cut() -> World {
    cut_by(&Watch::default())
}

fn cut_by(watch: &Watch) -> World {
    let world = World::signed_in();
    world.line.cut();
    let mut world = world.restart_by(watch);
    world.terminal.wait_down();
    world
}

/// Signed in while the line is cut.
fn away() -> World {
    let mut world = cut();
    world.terminal.sign_in();
    world.terminal.wait("offline sign-in", offline);
    world
}

#[test]
fn who_was_here_before_works_without_the_line_and_comes_back_unnoticed() {
    let mut world = cut();
    world.terminal.sign_in();
    let info = world.terminal.wait("offline sign-in", offline);
    assert_eq!((info.login.as_str(), info.display_name.as_str()), ("uketsuke", "受付係"));

    // What cannot be had is said at once.
    let number: clinical::PatientNumber = "00127".to_owned().try_into().unwrap();
    world.terminal.ask(Request::OpenPatient { ticket: Ticket(1), number: number.clone() });
    world
        .terminal
        .ask(Request::Search { ticket: Ticket(2), text: "ひょうじゅん".to_owned() });
    world.terminal.ask(Request::History { ticket: Ticket(3), number });
    world.terminal.ask(Request::Confirmations);
    let mut failures = Vec::new();
    while failures.len() < 4 {
        failures.push(world.terminal.wait("failure", |u| match u {
            Update::PatientFailed { failure, .. }
            | Update::SearchFailed { failure, .. }
            | Update::HistoryFailed { failure, .. }
            | Update::ConfirmationsFailed(failure) => Some(failure.kind.clone()),
            _ => None,
        }));
    }
    assert!(failures.iter().all(|kind| *kind == FailureKind::Unreachable), "{failures:?}");

    let id = world.terminal.confirm("uketsuke", new_weight("00127", 600));
    world.line.mend();
    let again = world.terminal.wait("coming back", back);
    assert_eq!(again.account_id, info.account_id);
    world.terminal.wait_list();
    world.terminal.wait_receipt(id);
    assert_eq!(world.fake.lock().entries.ids(), [id]);
    // From here on it is a session like any other.
    let seq = world.fake.put("00001", clinical::ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    let begun = |u: &Update| matches!(u, Update::SignedIn(_) | Update::SignedOut(_));
    assert!(!world.terminal.seen.iter().any(begun));
}

#[test]
fn a_line_that_comes_and_goes_brings_nobody_back_twice() {
    let mut world = away();
    for _ in 0..3 {
        world.line.mend();
        world.terminal.wait_up();
        world.line.cut();
        world.terminal.wait_down();
    }
    world.line.mend();
    let came = |u: &Update| matches!(u, Update::BackOnline(_));
    if !world.terminal.seen.iter().any(came) {
        world.terminal.wait("coming back", back);
    }
    let id = world.terminal.confirm("uketsuke", new_weight("00127", 600));
    world.terminal.wait_receipt(id);
    assert_eq!(world.terminal.seen.iter().filter(|u| came(u)).count(), 1);
}

#[test]
fn a_wrong_password_is_wrong_without_the_line_too_and_soon_costs_time() {
    let mut world = cut();
    for _ in 0..4 {
        world.terminal.sign_in_as("uketsuke", "wrong");
        let failure = world.terminal.wait("refusal", failed);
        assert_eq!(failure.kind, refused(ErrorCode::BadCredentials));
    }
    let locked = loop {
        world.terminal.sign_in_as("uketsuke", "wrong");
        let failure = world.terminal.wait("refusal", failed);
        if failure.kind != refused(ErrorCode::BadCredentials) {
            break failure.kind;
        }
    };
    let FailureKind::Refused { code: ErrorCode::AccountLocked, retry_after_seconds: Some(wait) } =
        locked
    else {
        panic!("{locked:?}");
    };
    assert!(wait > 0);
    // Neither the right password nor a restart helps.
    let mut world = world.restart();
    world.terminal.wait_down();
    world.terminal.sign_in();
    let failure = world.terminal.wait("refusal", failed);
    assert!(matches!(failure.kind, FailureKind::Refused { code: ErrorCode::AccountLocked, .. }));
}

#[test]
fn who_was_never_here_waits_for_the_line() {
    let mut world = cut();
    world.terminal.sign_in_as("incho", PASSWORD);
    assert_eq!(world.terminal.wait("refusal", failed).kind, FailureKind::NotKnownHere);
}

#[test]
fn who_was_here_too_long_ago_waits_for_the_line() {
    let watch = Watch::default();
    watch.set(SignedDuration::from_hours(7 * 24 + 1));
    let mut world = cut_by(&watch);
    world.terminal.sign_in();
    assert_eq!(world.terminal.wait("refusal", failed).kind, FailureKind::TooLongOffline);
}

#[test]
fn a_stranger_on_the_line_lets_nobody_in() {
    let World { fake, line, terminal, runtime: _runtime } = World::signed_in();
    let folder = terminal.end();
    let (stranger, ..) = certificates("localhost");
    let settings = Settings { ca_pem: Some(stranger), ..settings(&fake, &line, quick()) };
    let mut terminal = Terminal::start_in(folder, settings);
    assert_eq!(terminal.wait_down().kind, FailureKind::Untrusted);
    terminal.sign_in();
    assert_eq!(terminal.wait("refusal", failed).kind, FailureKind::Untrusted);
}

#[test]
fn a_password_that_was_changed_meanwhile_ends_it_and_loses_nothing() {
    let mut world = away();
    let id = world.terminal.confirm("uketsuke", new_weight("00127", 600));
    world.fake.lock().password = "Another-one-entirely-7";
    world.line.mend();
    let failure = world.terminal.wait("end", |u| match u {
        Update::SignedOut(failure) => failure.clone(),
        Update::BackOnline(_) => panic!("{u:?}"),
        _ => None,
    });
    assert_eq!(failure.kind, refused(ErrorCode::BadCredentials));
    world.terminal.wait_receipt(id);
    // The old password is no longer good here either.
    world.line.cut();
    world.terminal.sign_in();
    assert_eq!(world.terminal.wait("refusal", failed).kind, FailureKind::NotKnownHere);
}

#[test]
fn a_password_that_the_cloud_refuses_is_not_good_behind_a_pulled_plug() {
    let mut world = World::signed_in();
    world.terminal.ask(Request::SignOut);
    world.terminal.wait("goodbye", |u| matches!(u, Update::SignedOut(None)).then_some(()));
    // Somebody's slip shuts nobody out.
    world.terminal.sign_in_as("uketsuke", "wrong");
    assert_eq!(world.terminal.wait("refusal", failed).kind, refused(ErrorCode::BadCredentials));
    let mut world = world.restart();
    world.line.cut();
    world.terminal.wait_down();
    world.terminal.sign_in();
    world.terminal.wait("offline sign-in", offline);
    world.terminal.ask(Request::SignOut);
    world.line.mend();
    world.terminal.wait_up();
    // The account is no longer in use.
    world.fake.lock().password = "Another-one-entirely-7";
    world.terminal.sign_in();
    assert_eq!(world.terminal.wait("refusal", failed).kind, refused(ErrorCode::BadCredentials));
    world.line.cut();
    world.terminal.sign_in();
    assert_eq!(world.terminal.wait("refusal", failed).kind, FailureKind::NotKnownHere);
}

#[test]
fn wrong_passwords_of_others_send_nobody_away() {
    let mut world = away();
    world.fake.lock().delayed = true;
    world.line.mend();
    let fake = world.fake.clone();
    let tries = || fake.count("POST sessions demo 受付1");
    let before = tries();
    until("two tries to come back", || tries() >= before + 2);
    world.fake.lock().delayed = false;
    world.terminal.wait("coming back", back);
}

#[test]
fn who_signs_out_is_not_brought_back() {
    let mut world = away();
    world.terminal.ask(Request::SignOut);
    world.terminal.wait("goodbye", |u| matches!(u, Update::SignedOut(None)).then_some(()));
    world.line.mend();
    world.terminal.wait_up();
    // The next session is the one that is asked for.
    world.terminal.sign_in();
    world.terminal.wait("sign-in", |u| match u {
        Update::SignedIn(_) => Some(()),
        Update::BackOnline(_) => panic!("{u:?}"),
        _ => None,
    });
    assert_eq!(world.fake.count("POST sessions demo 受付1"), 2);
}

#[test]
fn a_session_that_ended_during_a_cut_is_begun_anew_without_a_word() {
    let mut world = World::signed_in();
    world.terminal.wait_up_or_seen();
    world.line.cut();
    world.terminal.wait_down();
    world.fake.lock().tokens.clear();
    let id = world.terminal.confirm("uketsuke", new_weight("00127", 600));
    let last = world.fake.put("00001", clinical::ReceptionState::Waiting);
    world.line.mend();
    world.terminal.wait("coming back", back);
    // It goes on where it was.
    world.terminal.wait_event(last);
    world.terminal.wait_receipt(id);
    let seq = world.fake.put("00002", clinical::ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    assert_eq!(world.terminal.numbers(), (1..=seq).collect::<Vec<_>>());
    assert_eq!(world.fake.count("GET receptions"), 1, "the list was loaded again without need");
}

#[test]
fn a_session_that_had_to_end_is_not_begun_anew() {
    let watch = Watch::default();
    let mut world = World::by(quick(), &watch);
    world.fake.lock().expires_at = Timestamp::now() + SignedDuration::from_hours(1);
    world.terminal.sign_in();
    world.terminal.wait_list();
    world.wait_streams(1);
    world.terminal.wait_up_or_seen();
    world.line.cut();
    world.terminal.wait_down();
    world.fake.lock().tokens.clear();
    watch.set(SignedDuration::from_hours(2));
    world.line.mend();
    let failure = world.terminal.wait("end", |u| match u {
        Update::SignedOut(failure) => failure.clone(),
        Update::BackOnline(_) => panic!("{u:?}"),
        _ => None,
    });
    assert_eq!(failure.kind, refused(ErrorCode::SessionExpired));
}

#[test]
fn a_cloud_without_its_store_is_no_reason_to_wait_outside() {
    let world = World::signed_in();
    world.fake.lock().storeless = true;
    let mut world = world.restart();
    world.terminal.wait_up();
    world.terminal.sign_in();
    world.terminal.wait("offline sign-in", offline);
    world.fake.lock().storeless = false;
    world.terminal.wait("coming back", back);
    world.terminal.wait_list();
    assert!(!world.terminal.seen.iter().any(|u| matches!(u, Update::Line(Line::Down { .. }))));
}

#[test]
fn a_day_that_was_looked_at_stays() {
    let mut world = away();
    let yesterday = jiff::civil::date(2026, 11, 21);
    world.fake.put_on(yesterday, "00009", clinical::ReceptionState::Done);
    world.terminal.ask(Request::FollowDay(yesterday));
    world.line.mend();
    world.terminal.wait("coming back", back);
    assert_eq!(world.terminal.wait_list().date, yesterday);
    let fake = world.fake.clone();
    until("one session", || fake.lock().tokens.len() == 2);
}
