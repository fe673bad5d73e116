//! The worker against the real cloud, fed by the sandbox's receipt computer, as in `soegaki demo`.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::receptions::StateChange;
use clinical::{ReceptionKey, ReceptionState};
use kiosk::app::Parts;
use kiosk::cli::DemoArgs;
use kiosk::client::{FailureKind, Line, Request, Ticket, Update};
use kiosk::demo::line::Cut;
use kiosk::demo::{Demo, Size};
use uuid::Uuid;
use zeroize::Zeroizing;

const PATIENCE: Duration = Duration::from_mins(2);

/// The window's place, taken by the test.
struct Seat {
    parts: Parts,
    seen: Vec<Update>,
}

impl Seat {
    fn ask(&self, request: Request) {
        self.parts.requests.send(request).unwrap();
    }

    fn sign_in(&self, login: &str, password: &str) {
        let password = Zeroizing::new(password.to_owned());
        self.ask(Request::SignIn { login: login.to_owned(), password });
    }

    #[track_caller]
    fn wait<T>(&mut self, what: &str, mut fits: impl FnMut(&Update) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.parts.updates.recv_timeout(left) {
                Ok(update) => {
                    let found = fits(&update);
                    self.seen.push(update);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(e) => panic!("no {what}: {e}; seen {:#?}", self.seen),
            }
        }
    }

    fn numbers(&self) -> Vec<i64> {
        let number = |u: &Update| match u {
            Update::Event(event) => Some(event.seq),
            _ => None,
        };
        self.seen.iter().filter_map(number).collect()
    }

    /// The day's list as the window would show it now.
    fn shown(&self) -> BTreeMap<ReceptionKey, (ReceptionState, i64)> {
        let mut shown = BTreeMap::new();
        for update in &self.seen {
            match update {
                Update::Receptions(list) => {
                    let rows = list.receptions.iter();
                    shown = rows.map(|r| (r.key.clone(), (r.state, r.revision))).collect();
                }
                Update::Reception(r) | Update::StateChanged { reception: r, .. } => {
                    shown.insert(r.key.clone(), (r.state, r.revision));
                }
                _ => {}
            }
        }
        shown
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one morning, told in its order")]
fn a_morning_with_the_real_cloud() {
    let dir = tempfile::tempdir().unwrap();
    let args = DemoArgs { data: Some(dir.path().to_owned()), ..DemoArgs::default() };
    let demo = Demo::set_up(&args, Size { patients: 60, receptions: 12 }).unwrap();
    let Demo { started, servers, plug, clock, folder: _folder } = demo;
    let world = servers.world(PATIENCE).unwrap();
    let mut seat = Seat { parts: started.parts, seen: Vec::new() };
    seat.wait("line", |u| matches!(u, Update::Line(Line::Up)).then_some(()));

    let person = sandbox::clinic::STAFF[0];
    seat.sign_in(person.login, "not the password");
    let failure = seat.wait("refusal", |u| match u {
        Update::SignInFailed(failure) => Some(failure.clone()),
        _ => None,
    });
    let code = api::ErrorCode::BadCredentials;
    assert_eq!(failure.kind, FailureKind::Refused { code, retry_after_seconds: None });

    seat.sign_in(person.login, person.password);
    let info = seat.wait("sign-in", |u| match u {
        Update::SignedIn(info) => Some(info.clone()),
        Update::SignInFailed(failure) => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(info.display_name, person.display_name);
    let list = seat.wait("list", |u| match u {
        Update::Receptions(list) => Some(list.clone()),
        _ => None,
    });
    assert_eq!(list.date, clock.today());

    // A person comes to the counter: the receipt computer tells the cloud, the cloud tells us.
    let here: Vec<_> = list.receptions.iter().filter_map(|r| r.patient.clone()).collect();
    let mut others =
        world.clinic.patients().iter().map(|p| p.number.clone()).filter(|n| !here.contains(n));
    let number = others.next().unwrap();
    world.control.accept(number.as_str()).unwrap();
    let arrived = seat.wait("arrival", |u| match u {
        Update::Reception(r) if r.patient.as_ref() == Some(&number) => Some((**r).clone()),
        _ => None,
    });
    assert_eq!(arrived.state, ReceptionState::Waiting);

    seat.ask(Request::OpenPatient { ticket: Ticket(1), number: number.clone() });
    let view = seat.wait("patient", |u| match u {
        Update::Patient { ticket: Ticket(1), view } => Some(view.clone()),
        Update::PatientFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(view.patient.number, number);
    assert_eq!(view.receptions[0].key, arrived.key);

    let text = view.patient.name.kana.split('\u{3000}').next().unwrap().to_owned();
    seat.ask(Request::Search { ticket: Ticket(2), text });
    let hits = seat.wait("hits", |u| match u {
        Update::Found { ticket: Ticket(2), hits, .. } => Some(hits.clone()),
        Update::SearchFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    assert!(hits.iter().any(|hit| hit.number == number));

    let seen_revision = arrived.revision;
    let mut change = StateChange {
        change_id: Uuid::now_v7(),
        state: ReceptionState::InConsultation,
        seen_revision,
    };
    seat.ask(Request::ChangeState { key: arrived.key.clone(), change: change.clone() });
    seat.wait("state", |u| match u {
        Update::StateChanged { reception, .. } => {
            assert_eq!(reception.state, ReceptionState::InConsultation);
            Some(())
        }
        Update::StateChangeFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    change.change_id = Uuid::now_v7();
    seat.ask(Request::ChangeState { key: arrived.key.clone(), change });
    seat.wait("conflict", |u| match u {
        Update::StateChangeFailed { current: Some(current), .. } => {
            assert_eq!(current.state, ReceptionState::InConsultation);
            Some(())
        }
        _ => None,
    });

    // The cable is pulled; somebody arrives meanwhile.
    plug.set(Cut::Broken);
    seat.wait("line down", |u| matches!(u, Update::Line(Line::Down { .. })).then_some(()));
    let late = others.next().unwrap();
    world.control.accept(late.as_str()).unwrap();
    plug.set(Cut::Whole);
    seat.wait("late arrival", |u| {
        matches!(u, Update::Reception(r) if r.patient.as_ref() == Some(&late)).then_some(())
    });
    let numbers = seat.numbers();
    let expected: Vec<i64> = (list.event_seq + 1..).take(numbers.len()).collect();
    assert_eq!(numbers, expected, "an event is missing or came twice");

    // What the window shows is what the cloud has.
    seat.ask(Request::FollowDay(list.date));
    let before = seat.shown();
    let fresh = seat.wait("list", |u| match u {
        Update::Receptions(list) => Some(list.clone()),
        _ => None,
    });
    for reception in fresh.receptions {
        let (state, revision) = before[&reception.key];
        if revision == reception.revision {
            assert_eq!(state, reception.state);
        }
    }

    seat.ask(Request::SignOut);
    seat.wait("goodbye", |u| matches!(u, Update::SignedOut(None)).then_some(()));
}
