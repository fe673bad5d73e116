//! The worker against the real cloud, fed by the sandbox's receipt computer, as in `soegaki demo`.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::entries::{Entry, EntryContent, EntryResult};
use api::receptions::StateChange;
use api::session::SessionInfo;
use clinical::lab::{Identified, LabAct, LabEntry, LabItem, LabOutcome, LabRequest, plan_tubes};
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Item, Measurement, MeasurementValue, Outcome,
    ProfileEntry, ProfileValue, Source, Tenths,
};
use clinical::{PatientNumber, PersonName, ReceptionKey, ReceptionState, Role};
use kiosk::app::Parts;
use kiosk::cli::DemoArgs;
use kiosk::client::{FailureKind, Line, Request, Ticket, Update};
use kiosk::demo::line::Cut;
use kiosk::demo::{Demo, Size};
use kiosk::local::{Confirm, Kept, RowPatient};
use sandbox::clinic::{STAFF, StaffAccount};
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

    /// Signs somebody in by the cloud's word.
    #[track_caller]
    fn enter(&mut self, person: StaffAccount) -> SessionInfo {
        self.sign_in(person.login, person.password);
        self.wait("sign-in", |u| match u {
            Update::SignedIn(info) => Some(info.clone()),
            Update::SignInFailed(failure) => panic!("{failure:?}"),
            _ => None,
        })
    }

    /// Confirms something as a person does, and waits until it is kept.
    #[track_caller]
    fn confirm(&self, who: &SessionInfo, content: EntryContent) -> Uuid {
        let entry = Entry { id: Uuid::now_v7(), entered_at: self.parts.clock.now(), content };
        let id = entry.id;
        let number = match &entry.content {
            EntryContent::Profile { entry } => Some(entry.patient.clone()),
            EntryContent::Lab { entry } => Some(entry.patient.clone()),
            _ => None,
        };
        let patient = RowPatient { number, name: PersonName::default() };
        let author = who.account_id;
        self.parts.cache.confirm(Confirm { author, entry, patient, draft: None, replaces: None });
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end, "nothing was kept");
            if let Some(kept) = self.parts.cache.kept().first() {
                assert_eq!(*kept, Kept::Saved { id });
                return id;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// What the cloud says has become of an entry.
    #[track_caller]
    fn wait_receipt(&mut self, id: Uuid) -> EntryResult {
        let receipt = |u: &Update| match u {
            Update::Receipt(receipt, _) if receipt.id == id => Some(receipt.result.clone()),
            Update::EntryRefused { id: refused, code, message } if *refused == id => {
                panic!("{code:?}: {message}")
            }
            _ => None,
        };
        match self.seen.iter().find_map(receipt) {
            Some(result) => result,
            None => self.wait("receipt", receipt),
        }
    }

    #[track_caller]
    fn wait_item(&mut self, id: Uuid) -> (Outcome, Item) {
        match self.wait_receipt(id) {
            EntryResult::Profile { outcome, item } => (outcome, *item),
            other => panic!("the receipt of something else: {other:?}"),
        }
    }

    #[track_caller]
    fn open(&mut self, number: &PatientNumber) -> api::patients::PatientView {
        let ticket = Ticket(self.seen.len() as u64 + 100);
        self.ask(Request::OpenPatient { ticket, number: number.clone() });
        self.wait("patient", |u| match u {
            Update::Patient { ticket: t, view } if *t == ticket => Some((**view).clone()),
            Update::PatientFailed { failure, .. } => panic!("{failure:?}"),
            _ => None,
        })
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
                Update::Reception(r) => {
                    shown.insert(r.key.clone(), (r.state, r.revision));
                }
                Update::Receipt(receipt, _) => {
                    if let EntryResult::ReceptionState { reception: r, .. } = &receipt.result {
                        shown.insert(r.key.clone(), (r.state, r.revision));
                    }
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
    let Demo { started, servers, plug, clock, folder: _folder, .. } = demo;
    let world = servers.world(PATIENCE).unwrap();
    let mut seat = Seat { parts: started.parts, seen: Vec::new() };
    seat.wait("line", |u| matches!(u, Update::Line(Line::Up)).then_some(()));

    let person = STAFF[0];
    seat.sign_in(person.login, "not the password");
    let failure = seat.wait("refusal", |u| match u {
        Update::SignInFailed(failure) => Some(failure.clone()),
        _ => None,
    });
    let code = api::ErrorCode::BadCredentials;
    assert_eq!(failure.kind, FailureKind::Refused { code, retry_after_seconds: None });

    let info = seat.enter(person);
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

    let change = |seen, state| {
        let key = arrived.key.clone();
        EntryContent::ReceptionState { change: StateChange { key, state, seen } }
    };
    let (seen, state) = (ReceptionState::Waiting, ReceptionState::InConsultation);
    let id = seat.confirm(&info, change(seen, state));
    match seat.wait_receipt(id) {
        EntryResult::ReceptionState { applied: true, reception } => {
            assert_eq!(reception.state, ReceptionState::InConsultation);
        }
        other => panic!("{other:?}"),
    }
    // Who has not seen that changes nothing.
    let id = seat.confirm(&info, change(seen, ReceptionState::AwaitingPayment));
    match seat.wait_receipt(id) {
        EntryResult::ReceptionState { applied: false, reception } => {
            assert_eq!(reception.state, ReceptionState::InConsultation);
        }
        other => panic!("{other:?}"),
    }

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

fn of_role(role: Role) -> StaffAccount {
    *STAFF.iter().find(|person| person.role == role.as_str()).unwrap()
}

fn record(patient: &PatientNumber, value: ProfileValue) -> ProfileEntry {
    ProfileEntry {
        patient: patient.clone(),
        item: Uuid::now_v7(),
        base: None,
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}

/// What the clerk enters while the line is cut arrives, and the practitioner confirms it.
#[test]
fn a_profile_entered_without_the_line_and_confirmed_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let args = DemoArgs { data: Some(dir.path().to_owned()), ..DemoArgs::default() };
    let demo = Demo::set_up(&args, Size { patients: 60, receptions: 12 }).unwrap();
    let Demo { started, servers, plug, folder: _folder, .. } = demo;
    servers.world(PATIENCE).unwrap();
    let mut seat = Seat { parts: started.parts, seen: Vec::new() };
    let clerk = of_role(Role::Receptionist);
    let who = seat.enter(clerk);
    let list = seat.wait("list", |u| match u {
        Update::Receptions(list) => Some(list.clone()),
        _ => None,
    });
    let colleagues = seat.wait("colleagues", |u| match u {
        Update::Staff(list) => Some(list.clone()),
        _ => None,
    });
    let doctor = colleagues.staff.iter().find(|s| s.role == Role::Practitioner).unwrap().clone();
    let number = list.receptions.iter().find_map(|r| r.patient.clone()).unwrap();

    seat.ask(Request::SignOut);
    seat.wait("goodbye", |u| matches!(u, Update::SignedOut(None)).then_some(()));
    plug.set(Cut::Broken);
    seat.sign_in(clerk.login, clerk.password);
    let same = seat.wait("offline sign-in", |u| match u {
        Update::SignedInOffline(info) => Some(info.account_id),
        Update::SignInFailed(failure) => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(same, who.account_id);
    let weight = ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Weight(Tenths(684)),
        measured_at: seat.parts.clock.now(),
    });
    let weight = ProfileEntry { on_behalf_of: Some(doctor.clone()), ..record(&number, weight) };
    let allergy = ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Drug,
        allergen: Allergen { text: "ペニシリン系".to_owned(), jfagy: None },
        severity: None,
        reaction: "発疹".to_owned(),
        onset: None,
        informant: None,
    });
    let allergy = ProfileEntry { on_behalf_of: Some(doctor.clone()), ..record(&number, allergy) };
    let entered: Vec<(Uuid, ProfileEntry)> = [weight, allergy]
        .into_iter()
        .map(|entry| (seat.confirm(&who, EntryContent::Profile { entry: entry.clone() }), entry))
        .collect();
    assert_eq!(seat.parts.cache.outbox().unsent(), 2);

    plug.set(Cut::Whole);
    seat.wait("coming back", |u| matches!(u, Update::BackOnline(_)).then_some(()));
    for (id, _) in &entered {
        let (outcome, item) = seat.wait_item(*id);
        assert_eq!((outcome, item.head, item.awaits), (Outcome::Stands, *id, true));
    }
    assert_eq!(seat.parts.cache.outbox().unsent(), 0);
    assert_eq!(seat.open(&number).profile.len(), 2);

    let who = seat.enter(of_role(Role::Practitioner));
    seat.ask(Request::Confirmations);
    let waiting = seat.wait("confirmations", |u| match u {
        Update::Confirmations(list) => Some(list.clone()),
        Update::ConfirmationsFailed(failure) => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(waiting.total, 2);
    for (id, entry) in entered {
        let entry = ProfileEntry { base: Some(id), act: Act::Confirm, on_behalf_of: None, ..entry };
        let id = seat.confirm(&who, EntryContent::Profile { entry });
        let (outcome, item) = seat.wait_item(id);
        assert_eq!((outcome, item.awaits), (Outcome::Stands, false));
        assert_eq!(item.confirmation.unwrap().author.account, who.account_id);
    }
    seat.ask(Request::History { ticket: Ticket(9), number });
    let history = seat.wait("history", |u| match u {
        Update::History { ticket: Ticket(9), history } => Some(history.clone()),
        Update::HistoryFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    let names: Vec<&str> =
        history.versions.iter().map(|v| v.version.author.name.as_str()).collect();
    let clerk = clerk.display_name;
    assert_eq!(names, [clerk, clerk, &*who.display_name, &*who.display_name]);
}

/// A practitioner orders while the line is cut, with a number of this terminal's own; with the line back, the tube is
/// drawn and sent, and the cloud's day, patient and specimen say the same.
#[test]
fn a_lab_order_made_without_the_line_is_drawn_and_sent_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let args = DemoArgs { data: Some(dir.path().to_owned()), ..DemoArgs::default() };
    let demo = Demo::set_up(&args, Size { patients: 60, receptions: 12 }).unwrap();
    let Demo { started, servers, plug, folder: _folder, .. } = demo;
    servers.world(PATIENCE).unwrap();
    let mut seat = Seat { parts: started.parts, seen: Vec::new() };
    let who = seat.enter(of_role(Role::Practitioner));
    assert!(who.station.is_some());
    let list = seat.wait("list", |u| match u {
        Update::Receptions(list) => Some(list.clone()),
        _ => None,
    });
    let number = list.receptions.iter().find_map(|r| r.patient.clone()).unwrap();
    let today = seat.parts.clock.local(seat.parts.clock.now()).date();
    let end = Instant::now() + PATIENCE;
    while seat.parts.cache.station().is_none() {
        assert!(Instant::now() < end, "the terminal has no digits");
        std::thread::sleep(Duration::from_millis(2));
    }

    plug.set(Cut::Broken);
    seat.wait("line down", |u| matches!(u, Update::Line(Line::Down { .. })).then_some(()));
    let items: Vec<LabItem> =
        ["AST", "WBC"].map(|key| codes::labs::by_key(key).unwrap().clone()).to_vec();
    let cache = seat.parts.cache.clone();
    let next = || cache.next_specimens(today, 1).map(|mut numbers| numbers.remove(0));
    let (items, tubes) = plan_tubes(&items, next).unwrap();
    let numbers: Vec<_> = tubes.iter().map(|tube| tube.number.clone()).collect();
    let request = LabRequest {
        on_behalf_of: None,
        collect_on: today,
        urgent: true,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items,
        tubes,
    };
    let order = Uuid::now_v7();
    let act = |act| EntryContent::Lab { entry: LabEntry { patient: number.clone(), order, act } };
    let first = seat.confirm(&who, act(LabAct::Order { request }));
    plug.set(Cut::Whole);
    let mut ids = vec![first];
    for tube in numbers.clone() {
        let identified = Identified::Card;
        ids.push(seat.confirm(&who, act(LabAct::Draw { tube, identified })));
    }
    ids.push(seat.confirm(&who, act(LabAct::Send { tubes: numbers.clone() })));
    for id in ids {
        match seat.wait_receipt(id) {
            EntryResult::Lab { outcome, .. } => assert_eq!(outcome, LabOutcome::Done),
            other => panic!("{other:?}"),
        }
    }
    seat.ask(Request::LabDay(today));
    let day = seat.wait("day", |u| match u {
        Update::LabDay(day) => Some(day.clone()),
        Update::LabDayFailed(failure) => panic!("{failure:?}"),
        _ => None,
    });
    let row = day.orders.iter().find(|row| row.order.id == order).unwrap();
    assert!(row.order.tubes.iter().all(|tube| tube.is_drawn() && !tube.is_here()));
    assert!(row.order.urgent);
    let view = seat.open(&number);
    assert_eq!(row.name, view.patient.name);
    assert!(view.lab.orders.iter().any(|own| own.id == order));
    let ticket = Ticket(9_000);
    seat.ask(Request::LabSpecimen { ticket, number: numbers[1].clone() });
    let found = seat.wait("specimen", |u| match u {
        Update::LabSpecimen { order, .. } => Some(order.order.id),
        Update::LabSpecimenFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(found, order);
    let cached = seat.parts.cache.outbox().unsent();
    assert_eq!(cached, 0);
}
