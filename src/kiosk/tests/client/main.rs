//! The worker that talks to the cloud, against a cloud and a line that misbehave on demand.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod fake;
mod lab;
mod line;
mod offline;
mod sending;
mod troubles;
mod works;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use api::entries::{Entry, EntryContent, Receipt};
use api::event::Event;
use jiff::{SignedDuration, Timestamp};
use kiosk::client::{self, Limits, Request, Settings, Update, Worker};
use kiosk::config::Keyring;
use kiosk::local::{self, Confirm, Handle, Kept, NoticeKind, RowPatient};
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;
use zeroize::Zeroizing;

use fake::{Fake, PASSWORD};
use line::Line;

/// Generous: a machine that builds beside the tests is slow.
const PATIENCE: Duration = Duration::from_mins(1);

fn quick() -> Limits {
    Limits {
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(100),
        ..Limits::default()
    }
}

/// A terminal at the end of a line, its window replaced by the test.
struct Terminal {
    requests: UnboundedSender<Request>,
    updates: Receiver<Update>,
    worker: Worker,
    cache: Handle,
    folder: Arc<tempfile::TempDir>,
    /// Everything that came, in order.
    seen: Vec<Update>,
}

impl Terminal {
    fn start(settings: Settings) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), settings)
    }

    /// Starts on a store that may have been used before.
    fn start_in(folder: Arc<tempfile::TempDir>, settings: Settings) -> Self {
        let cache = open_store(folder.path(), &settings);
        let (requests, updates, worker) = client::spawn(settings, cache.clone(), || ()).unwrap();
        Self { requests, updates, worker, cache, folder, seen: Vec::new() }
    }

    /// Ends the program; its store is left.
    #[track_caller]
    fn end(self) -> Arc<tempfile::TempDir> {
        let Self { requests, worker, cache, folder, .. } = self;
        drop(requests);
        assert!(worker.finish());
        assert!(cache.settle(PATIENCE));
        folder
    }

    /// Confirms something as a person does, and waits until it is kept.
    #[track_caller]
    fn confirm(&self, login: &str, content: EntryContent) -> Uuid {
        let entry = Entry { id: Uuid::now_v7(), entered_at: Timestamp::now(), content };
        let id = entry.id;
        let number = match &entry.content {
            EntryContent::Profile { entry } => Some(entry.patient.clone()),
            EntryContent::Lab { entry } => Some(entry.patient.clone()),
            _ => None,
        };
        self.cache.confirm(Confirm {
            author: fake::staff(login).account,
            entry,
            patient: RowPatient { number, name: fake::name() },
            draft: None,
            replaces: None,
        });
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end, "nothing was kept");
            if let Some(kept) = self.cache.kept().first() {
                assert_eq!(*kept, Kept::Saved { id });
                return id;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the receipt of an entry.
    #[track_caller]
    fn wait_receipt(&mut self, id: Uuid) -> Receipt {
        let receipt = |u: &Update| match u {
            Update::Receipt(receipt, _) if receipt.id == id => Some(Receipt::clone(receipt)),
            _ => None,
        };
        match self.seen.iter().find_map(receipt) {
            Some(receipt) => receipt,
            None => self.wait("receipt", receipt),
        }
    }

    fn ask(&self, request: Request) {
        self.requests.send(request).unwrap();
    }

    fn sign_in(&self) {
        self.sign_in_as("uketsuke", PASSWORD);
    }

    fn sign_in_as(&self, login: &str, password: &str) {
        let password = Zeroizing::new(password.to_owned());
        self.ask(Request::SignIn { login: login.to_owned(), password });
    }

    /// Waits for an update that fits, keeping the ones before it in `seen`.
    #[track_caller]
    fn wait<T>(&mut self, what: &str, mut fits: impl FnMut(&Update) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.updates.recv_timeout(left) {
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

    #[track_caller]
    fn wait_up(&mut self) {
        self.wait("line up", |u| matches!(u, Update::Line(client::Line::Up)).then_some(()));
    }

    /// The line may have come up before the test looked.
    #[track_caller]
    fn wait_up_or_seen(&mut self) {
        self.drain();
        if !self.seen.iter().any(|u| matches!(u, Update::Line(client::Line::Up))) {
            self.wait_up();
        }
    }

    #[track_caller]
    fn wait_down(&mut self) -> client::Failure {
        self.wait("line down", |u| match u {
            Update::Line(client::Line::Down { failure, .. }) => Some(failure.clone()),
            _ => None,
        })
    }

    #[track_caller]
    fn wait_event(&mut self, seq: i64) {
        self.wait("event", |u| matches!(u, Update::Event(e) if e.seq == seq).then_some(()));
    }

    #[track_caller]
    fn wait_list(&mut self) -> api::receptions::ReceptionList {
        self.wait("list", |u| match u {
            Update::Receptions(list) => Some(list.clone()),
            _ => None,
        })
    }

    /// Numbers of the events that have come.
    fn numbers(&self) -> Vec<i64> {
        let number = |u: &Update| match u {
            Update::Event(Event { seq, .. }) => Some(*seq),
            _ => None,
        };
        self.seen.iter().filter_map(number).collect()
    }

    /// What has come up to now, without waiting.
    fn drain(&mut self) {
        self.seen.extend(self.updates.try_iter());
    }
}

/// A cloud, a line to it and a terminal.
struct World {
    fake: Fake,
    line: Line,
    terminal: Terminal,
    /// Fake and line live on it.
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        Self::with(quick())
    }

    fn with(limits: Limits) -> Self {
        Self::by(limits, &Watch::default())
    }

    /// With a clock of one's own.
    fn by(limits: Limits, watch: &Watch) -> Self {
        let runtime = runtime();
        let fake = runtime.block_on(Fake::start());
        let line = runtime.block_on(Line::to(fake.addr));
        let settings = Settings { clock: watch.clock(), ..settings(&fake, &line, limits) };
        let terminal = Terminal::start(settings);
        Self { fake, line, terminal, runtime }
    }

    /// Ends the program and starts it again on the same store.
    #[track_caller]
    fn restart(self) -> Self {
        self.restart_by(&Watch::default())
    }

    #[track_caller]
    fn restart_by(self, watch: &Watch) -> Self {
        let Self { fake, line, terminal, runtime } = self;
        let folder = terminal.end();
        let settings = Settings { clock: watch.clock(), ..settings(&fake, &line, quick()) };
        let terminal = Terminal::start_in(folder, settings);
        Self { fake, line, terminal, runtime }
    }

    /// Signed in, list loaded, stream open.
    fn signed_in() -> Self {
        Self::signed_in_with(quick())
    }

    fn signed_in_with(limits: Limits) -> Self {
        let mut world = Self::with(limits);
        world.terminal.sign_in();
        world.terminal.wait_list();
        world.wait_streams(1);
        world
    }

    /// Waits until so many event streams have been asked for.
    #[track_caller]
    fn wait_streams(&self, count: usize) {
        let fake = self.fake.clone();
        until("event stream", || fake.count("GET events") >= count);
    }
}

/// A clock that a test can set.
#[derive(Clone, Default)]
struct Watch {
    ahead_seconds: Arc<AtomicI64>,
    /// It stands still at this moment.
    stopped: Option<Timestamp>,
}

impl Watch {
    fn stopped() -> Self {
        Self { stopped: Some(Timestamp::now()), ..Self::default() }
    }

    fn set(&self, ahead: SignedDuration) {
        self.ahead_seconds.store(ahead.as_secs(), Ordering::Relaxed);
    }

    fn clock(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        let watch = self.clone();
        Arc::new(move || {
            let ahead = SignedDuration::from_secs(watch.ahead_seconds.load(Ordering::Relaxed));
            watch.stopped.unwrap_or_else(Timestamp::now).checked_add(ahead).unwrap()
        })
    }
}

/// Opens a store, which may still be held for a moment by the program that has just ended.
fn open_store(folder: &std::path::Path, settings: &Settings) -> Handle {
    let end = Instant::now() + PATIENCE;
    loop {
        let wanted = local::Settings {
            folder: folder.to_owned(),
            institution: settings.institution.clone(),
            patients: 10,
            keyring: Keyring::File,
        };
        let cache = Handle::open_at(wanted, Arc::new(|| ()), Arc::clone(&settings.clock));
        assert!(cache.settle(PATIENCE));
        if !cache.notices().iter().any(|notice| notice.kind == NoticeKind::InUse) {
            return cache;
        }
        assert!(Instant::now() < end, "the store is never let go");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn settings(fake: &Fake, line: &Line, limits: Limits) -> Settings {
    Settings {
        url: format!("https://localhost:{}", line.addr.port()),
        ca_pem: Some(fake.ca_pem.clone()),
        institution: "demo".to_owned(),
        terminal: "受付1".to_owned(),
        limits,
        clock: Arc::new(Timestamp::now),
    }
}

/// Waits for a condition outside of the terminal.
#[track_caller]
fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "no {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
