//! What goes wrong, and how the terminal comes through it.

use std::sync::Arc;
use std::time::Duration;

use api::ErrorCode;
use clinical::ReceptionState;
use jiff::Timestamp;
use kiosk::client::{FailureKind, Limits, Line as Lamp, Request, Settings, Ticket, Update};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fake::{Fake, certificates};
use crate::line::Line;
use crate::works::reception;
use crate::{Terminal, World, quick, runtime, settings, until};

fn refused(code: ErrorCode) -> FailureKind {
    FailureKind::Refused { code, retry_after_seconds: None }
}

#[test]
fn a_wrong_password_and_a_locked_account_are_told_apart() {
    let mut world = World::new();
    let failed = |u: &Update| match u {
        Update::SignInFailed(failure) => Some(failure.clone()),
        _ => None,
    };
    world.terminal.sign_in_as("uketsuke", "wrong");
    let failure = world.terminal.wait("refusal", failed);
    assert_eq!(failure.kind, refused(ErrorCode::BadCredentials));
    assert!(failure.detail.contains("r-1"), "the support line needs the request's name");
    world.terminal.sign_in_as("locked", "wrong");
    let code = ErrorCode::AccountLocked;
    let kind = FailureKind::Refused { code, retry_after_seconds: Some(300) };
    assert_eq!(world.terminal.wait("refusal", failed).kind, kind);
    world.terminal.sign_in();
    world.terminal.wait_list();
}

#[test]
fn a_cut_line_loses_nothing_and_brings_nothing_twice() {
    let mut world = World::signed_in();
    world.terminal.wait_up_or_seen();
    let mut last = 0;
    for round in 0..5_u32 {
        world.fake.put(&format!("{round:05}"), ReceptionState::Waiting);
        world.line.cut();
        world.terminal.wait_down();
        // While the line is cut, the clinic goes on.
        for id in 0..=round {
            last = world.fake.put(&format!("{id:05}"), ReceptionState::InConsultation);
        }
        world.line.mend();
        world.terminal.wait_up();
        world.terminal.wait_event(last);
    }
    let expected: Vec<i64> = (1..=last).collect();
    assert_eq!(world.terminal.numbers(), expected);
    // What the window was told last is what the cloud has.
    let latest = world.fake.lock().receptions.clone();
    for (key, reception) in latest {
        let told = world.terminal.seen.iter().rev().find_map(|u| match u {
            Update::Reception(r) if r.key == key => Some(r.revision),
            _ => None,
        });
        assert_eq!(told, Some(reception.revision), "{key:?}");
    }
    assert_eq!(world.fake.count("GET receptions"), 1, "the list was loaded again without need");
}

#[test]
fn cuts_in_the_middle_of_a_rush_lose_nothing() {
    let mut world = World::signed_in();
    let (fake, line) = (world.fake.clone(), world.line.clone());
    let rush = std::thread::spawn(move || {
        let mut last = 0;
        for round in 0..300_u32 {
            let id = format!("{:05}", round % 40);
            let state = ReceptionState::DESK[round as usize % 5];
            last = fake.put(&id, state);
            match round % 30 {
                11 => line.cut(),
                19 => line.mend(),
                _ => {}
            }
            // Lets the terminal get somewhere between two cuts, now more, now less.
            std::thread::sleep(Duration::from_millis(u64::from(round * 7 % 5)));
        }
        last
    });
    world.terminal.wait_event(rush.join().unwrap());
    // Whatever the cuts of the rush met, this one meets an open line.
    world.terminal.wait_up_or_seen();
    world.line.cut();
    world.terminal.wait_down();
    let last = world.fake.put("00001", ReceptionState::Waiting);
    world.line.mend();
    world.terminal.wait_event(last);
    let expected: Vec<i64> = (1..=last).collect();
    assert_eq!(world.terminal.numbers(), expected);
    assert_eq!(world.fake.count("GET receptions"), 1);
    let latest = world.fake.lock().receptions.clone();
    for (key, reception) in latest {
        let told = world.terminal.seen.iter().rev().find_map(|u| match u {
            Update::Reception(r) if r.key == key => Some(r.revision),
            _ => None,
        });
        assert_eq!(told, Some(reception.revision), "{key:?}");
    }
}

#[test]
fn a_silent_line_is_noticed_and_left() {
    let limits =
        Limits { stall: Duration::from_millis(300), answer: Duration::from_millis(300), ..quick() };
    let mut world = World::signed_in_with(limits);
    world.terminal.wait_up_or_seen();
    world.line.silence();
    let failure = world.terminal.wait_down();
    assert_eq!(failure.kind, FailureKind::TimedOut);
    let number = "00127".to_owned().try_into().unwrap();
    world.terminal.ask(Request::OpenPatient { ticket: Ticket(7), number });
    world.terminal.wait("time-out", |u| match u {
        Update::PatientFailed { ticket: Ticket(7), failure, .. } => {
            assert_eq!(failure.kind, FailureKind::TimedOut);
            Some(())
        }
        _ => None,
    });
    let seq = world.fake.put("00001", ReceptionState::Waiting);
    world.line.mend();
    world.terminal.wait_event(seq);
    assert_eq!(world.terminal.numbers(), [seq]);
}

#[test]
fn reconnect_does_not_wait_for_the_next_turn() {
    let hour = Duration::from_hours(1);
    let limits = Limits { first_pause: hour, longest_pause: hour, look: hour, ..quick() };
    let mut world = World::with(limits);
    world.terminal.wait_up();
    world.terminal.sign_in();
    world.terminal.wait_list();
    world.wait_streams(1);
    world.line.cut();
    world.terminal.wait_down();
    world.line.mend();
    world.terminal.ask(Request::Reconnect);
    world.terminal.wait_up();
    let seq = world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait_event(seq);

    // At the sign-in screen too.
    world.line.cut();
    world.terminal.wait_down();
    world.terminal.ask(Request::SignOut);
    world.terminal.wait("goodbye", |u| matches!(u, Update::SignedOut(None)).then_some(()));
    world.line.mend();
    world.terminal.ask(Request::Reconnect);
    world.terminal.wait_up();
}

#[test]
fn a_terminal_that_was_away_too_long_loads_everything_anew() {
    let mut world = World::signed_in();
    world.terminal.wait_up_or_seen();
    world.line.cut();
    world.terminal.wait_down();
    world.fake.put("00001", ReceptionState::Waiting);
    let last = world.fake.put("00002", ReceptionState::Waiting);
    world.fake.lock().forgotten = last;
    world.line.mend();
    let list = world.terminal.wait_list();
    assert_eq!((list.receptions.len(), list.event_seq), (2, last));
    let seq = world.fake.put("00003", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
}

#[test]
fn an_event_that_comes_twice_counts_once() {
    let mut world = World::signed_in();
    let seq = world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    let again = serde_json::to_string(&world.fake.lock().events[0]).unwrap();
    world.fake.send(&format!("data: {again}\n\n"));
    let seq = world.fake.put("00002", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    assert_eq!(world.terminal.numbers(), [1, 2]);
    assert_eq!(world.fake.count("GET receptions"), 1);
}

#[test]
fn a_gap_in_the_numbers_loads_everything_anew() {
    let mut world = World::signed_in();
    world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait("arrival", reception("00001"));
    // Number 2 is stored and never sent.
    let event = {
        let mut inner = world.fake.lock();
        let at = Timestamp::now();
        let kind = api::EventKind::ReferenceChanged;
        inner.events.push(api::Event { seq: 2, at, kind: kind.clone() });
        inner.events.push(api::Event { seq: 3, at, kind });
        serde_json::to_string(&inner.events[2]).unwrap()
    };
    world.fake.send(&format!("data: {event}\n\n"));
    let list = world.terminal.wait_list();
    assert_eq!(list.event_seq, 3);
    let seq = world.fake.put("00002", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
}

#[test]
fn what_a_newer_cloud_tells_beyond_us_is_passed_over() {
    let mut world = World::signed_in();
    world.fake.lock().events.push(api::Event {
        seq: 1,
        at: Timestamp::now(),
        kind: api::EventKind::ReferenceChanged,
    });
    world
        .fake
        .send("data: {\"seq\":1,\"at\":\"2026-11-22T00:00:00Z\",\"kind\":\"comet_seen\"}\n\n");
    let seq = world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    assert_eq!(world.fake.count("GET receptions"), 1);
    assert_eq!(world.fake.count("GET events"), 1);
}

#[test]
fn garbage_on_the_stream_is_told_and_survived() {
    let mut world = World::signed_in();
    world.terminal.wait_up_or_seen();
    world.fake.send("data: {\"seq\": \"標準　花子\"}\n\n");
    let failure = world.terminal.wait_down();
    assert_eq!(failure.kind, FailureKind::Garbled);
    assert!(!failure.detail.contains("標準"), "{failure:?}");
    world.terminal.wait_up();
    let seq = world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
}

#[test]
fn a_cloud_that_restarts_in_good_order_dims_no_lamp() {
    let limits = Limits { first_pause: Duration::from_millis(1), ..quick() };
    let mut world = World::signed_in_with(limits);
    world.terminal.wait_up_or_seen();
    std::thread::sleep(Duration::from_millis(20));
    world.fake.close_streams();
    world.wait_streams(2);
    let seq = world.fake.put("00001", ReceptionState::Waiting);
    world.terminal.wait_event(seq);
    assert!(!world.terminal.seen.iter().any(|u| matches!(u, Update::Line(Lamp::Down { .. }))));
}

#[test]
fn a_session_that_ends_in_the_cloud_ends_here() {
    let mut world = World::signed_in();
    world.fake.lock().tokens.clear();
    world.fake.close_streams();
    let failure = world.terminal.wait("end", |u| match u {
        Update::SignedOut(failure) => failure.clone(),
        _ => None,
    });
    assert_eq!(failure.kind, refused(ErrorCode::SessionExpired));
    // The same when a question meets it first.
    let streams = world.fake.count("GET events");
    world.terminal.sign_in();
    world.terminal.wait_list();
    world.wait_streams(streams + 1);
    world.fake.lock().tokens.clear();
    let number = "00127".to_owned().try_into().unwrap();
    world.terminal.ask(Request::OpenPatient { ticket: Ticket(1), number });
    let mut failed = false;
    world.terminal.wait("end", |u| {
        failed |= matches!(u, Update::PatientFailed { ticket: Ticket(1), .. });
        matches!(u, Update::SignedOut(Some(_))).then_some(())
    });
    assert!(failed, "the question was left without an answer");
    world.terminal.sign_in();
    world.terminal.wait_list();
}

#[test]
fn an_answer_that_is_not_the_contract_tells_nothing_of_it() {
    let mut world = World::signed_in();
    let bodies = [
        (200, "<html>標準　花子 1955-03-04</html>"),
        (200, "{\"patient\": \"標準　花子\"}"),
        (502, "<html>標準　花子</html>"),
        (200, ""),
    ];
    for (ticket, body) in (1..).zip(bodies) {
        world.fake.lock().patient_body = Some(body);
        let number = "00127".to_owned().try_into().unwrap();
        world.terminal.ask(Request::OpenPatient { ticket: Ticket(ticket), number });
        let failure = world.terminal.wait("failure", |u| match u {
            Update::PatientFailed { ticket: t, failure, .. } if t.0 == ticket => {
                Some(failure.clone())
            }
            _ => None,
        });
        assert_eq!(failure.kind, FailureKind::Garbled);
        assert!(!failure.detail.contains('花') && !failure.detail.contains("1955"), "{failure:?}");
        assert!(!failure.detail.contains("00127"), "{failure:?}");
    }
}

/// What the lamp and the sign-in say to settings that lead nowhere good.
#[track_caller]
fn says(settings: Settings, kind: &FailureKind) {
    let mut terminal = Terminal::start(settings);
    let failure = terminal.wait_down();
    assert_eq!(&failure.kind, kind, "{failure:?}");
    terminal.sign_in();
    let failure = terminal.wait("refusal", |u| match u {
        Update::SignInFailed(failure) => Some(failure.clone()),
        _ => None,
    });
    // Where only the line is at fault, who was here before could come in without it.
    let kind = match kind {
        FailureKind::Unreachable | FailureKind::TimedOut => &FailureKind::NotKnownHere,
        kind => kind,
    };
    assert_eq!(&failure.kind, kind, "{failure:?}");
}

#[test]
fn a_certificate_that_is_not_the_trusted_one_is_told() {
    let runtime = runtime();
    let fake = runtime.block_on(Fake::start());
    let line = runtime.block_on(Line::to(fake.addr));
    let (stranger, ..) = certificates("localhost");
    let good = settings(&fake, &line, quick());
    says(Settings { ca_pem: Some(stranger), ..good.clone() }, &FailureKind::Untrusted);
    // The operating system knows nothing of our authority.
    says(Settings { ca_pem: None, ..good.clone() }, &FailureKind::Untrusted);
    says(Settings { ca_pem: Some("no PEM".to_owned()), ..good }, &FailureKind::Untrusted);
    let other = runtime.block_on(Fake::start_named("other.example"));
    let line = runtime.block_on(Line::to(other.addr));
    says(settings(&other, &line, quick()), &FailureKind::Untrusted);
}

#[test]
fn a_server_that_is_off_mute_or_something_else_is_told() {
    let runtime = runtime();
    let (ca_pem, ..) = certificates("localhost");
    let at = |port: u16| Settings {
        url: format!("https://localhost:{port}"),
        ca_pem: Some(ca_pem.clone()),
        institution: "demo".to_owned(),
        terminal: "受付1".to_owned(),
        limits: Limits {
            connect: Duration::from_millis(300),
            answer: Duration::from_millis(600),
            ..quick()
        },
        clock: Arc::new(Timestamp::now),
    };
    let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();

    let off = listen();
    let port = off.local_addr().unwrap().port();
    drop(off);
    says(at(port), &FailureKind::Unreachable);

    let mute = listen();
    let port = mute.local_addr().unwrap().port();
    runtime.spawn(async move {
        let mut taken = Vec::new();
        while let Ok((connection, _)) = mute.accept().await {
            taken.push(connection);
        }
    });
    says(at(port), &FailureKind::TimedOut);

    let other = listen();
    let port = other.local_addr().unwrap().port();
    runtime.spawn(async move {
        while let Ok((mut connection, _)) = other.accept().await {
            let mut hello = [0; 64];
            let _ = connection.read(&mut hello).await;
            let _ = connection.write_all(b"220 mail.example ESMTP\r\n").await;
        }
    });
    says(at(port), &FailureKind::Garbled);

    says(
        Settings { url: "https://no-such-host.invalid".to_owned(), ..at(1) },
        &FailureKind::Unreachable,
    );
}

#[test]
fn a_sign_in_tried_again_forgets_the_first() {
    let limits = Limits { look: Duration::from_hours(1), ..quick() };
    let mut world = World::with(limits);
    world.terminal.wait_up();
    world.line.silence();
    world.terminal.sign_in_as("uketsuke", "wrong");
    world.line.mend();
    world.terminal.sign_in();
    world.terminal.wait_list();
    assert!(!world.terminal.seen.iter().any(|u| matches!(u, Update::SignInFailed(_))));
    let fake = world.fake.clone();
    until("one session", || fake.lock().tokens.len() == 1);
}
