//! The clinic and its terminals.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::receptions::StateChange;
use api::session::SessionInfo;
use clinical::profile::{Act, Item, Outcome, ProfileEntry, ProfileValue, Source};
use clinical::{PersonName, ReceptionState, Staff};
use kiosk::client::{self, Failure, Limits, Line, Request, Settings, Ticket, Update, Worker};
use kiosk::config::Keyring;
use kiosk::demo::clock::DemoClock;
use kiosk::demo::line::{Near, Plug};
use kiosk::demo::servers::{Servers, Wanted, World};
use kiosk::local::{self, Confirm, Handle, Kept, NoticeKind, RowPatient};
use sandbox::certificates::Authority;
use sandbox::clinic::{INSTITUTION_CODE, STAFF};
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

/// Longer than anything here takes, on the slowest machine.
pub const LONG: Duration = Duration::from_mins(1);

pub struct Clinic {
    pub world: World,
    pub plug: Plug,
    pub clock: DemoClock,
    pub ca_pem: String,
    pub url: String,
    pub folder: tempfile::TempDir,
    pub servers: Servers,
}

impl Clinic {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new("test").unwrap();
        let near = Near::bind().unwrap();
        let url = format!("https://{}", near.address);
        let plug = Plug::new();
        let clock = DemoClock::begin(jiff::civil::date(2026, 4, 6));
        let servers = Servers::start(Wanted {
            seed: 7,
            patients: 150,
            receptions: 6,
            folder: folder.path().to_owned(),
            identity: authority.server(&["127.0.0.1"]).unwrap(),
            clock,
            near,
            plug: plug.clone(),
            pace: None,
        })
        .unwrap();
        let world = servers.world(LONG).unwrap();
        Self { world, plug, clock, ca_pem: authority.ca_pem(), url, folder, servers }
    }

    /// Switches a terminal on. The same name again is the same terminal: its store is where it left it.
    pub fn terminal(&self, name: &str) -> Terminal {
        let clock = self.clock;
        let settings = Settings {
            url: self.url.clone(),
            ca_pem: Some(self.ca_pem.clone()),
            institution: INSTITUTION_CODE.to_owned(),
            terminal: name.to_owned(),
            limits: Limits {
                first_pause: Duration::from_millis(50),
                longest_pause: Duration::from_millis(200),
                ..Limits::default()
            },
            clock: Arc::new(move || clock.now()),
        };
        let cache = open_store(self.folder.path().join(name), &settings);
        let (requests, updates, worker) = client::spawn(settings, cache.clone(), || {}).unwrap();
        Terminal { requests, updates, cache, clock, seen: Vec::new(), receipts: Vec::new(), worker }
    }

    /// The file of the cloud's records.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("cloud.sqlite3")
    }

    /// The authority of the cloud's certificate, in a file.
    pub fn ca_file(&self) -> PathBuf {
        let path = self.folder.path().join("ca.pem");
        std::fs::write(&path, &self.ca_pem).unwrap();
        path
    }
}

/// Opens a terminal's store, which the run before may still hold for a moment.
fn open_store(folder: impl AsRef<Path>, settings: &Settings) -> Handle {
    let asked = Instant::now();
    loop {
        let wanted = local::Settings {
            folder: folder.as_ref().to_owned(),
            institution: settings.institution.clone(),
            patients: 20,
            keyring: Keyring::File,
        };
        let cache = Handle::open_at(wanted, Arc::new(|| ()), Arc::clone(&settings.clock));
        assert!(cache.settle(LONG));
        if !cache.notices().iter().any(|notice| notice.kind == NoticeKind::InUse) {
            return cache;
        }
        assert!(asked.elapsed() < LONG, "the store is never let go");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub struct Terminal {
    pub requests: UnboundedSender<Request>,
    pub cache: Handle,
    updates: Receiver<Update>,
    clock: DemoClock,
    /// Numbers of the events that went by.
    pub seen: Vec<i64>,
    /// Receipts that came.
    pub receipts: Vec<Receipt>,
    worker: Worker,
}

impl Terminal {
    pub fn ask(&self, request: Request) {
        self.requests.send(request).unwrap();
    }

    /// The first update that `pick` takes; others pass by.
    pub fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(&Update) -> Option<T>) -> T {
        let asked = Instant::now();
        loop {
            let left = LONG.checked_sub(asked.elapsed()).unwrap_or_else(|| panic!("no {what}"));
            let update =
                self.updates.recv_timeout(left).unwrap_or_else(|_| panic!("{what} never came"));
            match &update {
                Update::Event(event) => self.seen.push(event.seq),
                Update::Receipt(receipt, _) => self.receipts.push((**receipt).clone()),
                Update::EntryRefused { code, message, .. } => panic!("{code:?}: {message}"),
                _ => {}
            }
            if let Some(found) = pick(&update) {
                return found;
            }
        }
    }

    pub fn sign_in(&mut self, who: usize) -> SessionInfo {
        self.ask(Request::SignIn {
            login: STAFF[who].login.to_owned(),
            password: STAFF[who].password.to_owned().into(),
        });
        let (info, online) = self.wait("sign-in", |update| match update {
            Update::SignedIn(info) => Some((info.clone(), true)),
            Update::SignedInOffline(info) => Some((info.clone(), false)),
            Update::SignInFailed(failure) => panic!("{failure:?}"),
            _ => None,
        });
        if online {
            // News are told from the list on.
            self.wait("the list", |update| matches!(update, Update::Receptions(_)).then_some(()));
        }
        info
    }

    /// Ends the program on this terminal; what it keeps stays on its disk.
    pub fn switch_off(self) {
        let Self { requests, worker, cache, .. } = self;
        drop(requests);
        assert!(worker.finish());
        assert!(cache.settle(LONG));
    }

    pub fn wait_down(&mut self) {
        self.wait("the lamp", |update| {
            matches!(update, Update::Line(Line::Down { .. })).then_some(())
        });
    }

    /// A person confirms, and is told that it is saved.
    pub fn confirm(&self, who: &SessionInfo, content: EntryContent) -> Uuid {
        let entry = Entry { id: Uuid::now_v7(), entered_at: self.clock.now(), content };
        let id = entry.id;
        let number = match &entry.content {
            EntryContent::Profile { entry } => Some(entry.patient.clone()),
            _ => None,
        };
        let patient = RowPatient { number, name: PersonName::default() };
        let author = who.account_id;
        self.cache.confirm(Confirm { author, entry, patient, draft: None, replaces: None });
        let asked = Instant::now();
        loop {
            if let Some(kept) = self.cache.kept().first() {
                assert_eq!(*kept, Kept::Saved { id });
                return id;
            }
            assert!(asked.elapsed() < LONG, "nobody said that it is saved");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// What the cloud says has become of an entry of this terminal.
    pub fn result(&mut self, id: Uuid) -> EntryResult {
        let known = self.receipts.iter().find(|receipt| receipt.id == id);
        match known {
            Some(receipt) => receipt.result.clone(),
            None => self.wait("the receipt", |update| match update {
                Update::Receipt(receipt, _) if receipt.id == id => Some(receipt.result.clone()),
                _ => None,
            }),
        }
    }

    /// Confirms a version and waits for what became of it.
    pub fn enter(&mut self, who: &SessionInfo, entry: ProfileEntry) -> (Outcome, Item) {
        let id = self.confirm(who, EntryContent::Profile { entry });
        match self.result(id) {
            EntryResult::Profile { outcome, item } => (outcome, *item),
            other => panic!("{other:?}"),
        }
    }

    pub fn reception_of(&mut self, patient: &str) -> clinical::Reception {
        let is =
            |r: &clinical::Reception| r.patient.as_ref().is_some_and(|n| n.as_str() == patient);
        self.wait("the reception", |update| match update {
            Update::Reception(reception) if is(reception) => Some((**reception).clone()),
            Update::Receptions(list) => list.receptions.iter().find(|r| is(r)).cloned(),
            _ => None,
        })
    }

    pub fn reception_in(&mut self, patient: &str, state: ReceptionState) -> clinical::Reception {
        loop {
            let reception = self.reception_of(patient);
            if reception.state == state {
                return reception;
            }
        }
    }

    pub fn open(
        &mut self,
        number: &str,
        ticket: u64,
    ) -> Result<api::patients::PatientView, Failure> {
        let ticket = Ticket(ticket);
        let number = clinical::PatientNumber::parse(number).unwrap();
        self.ask(Request::OpenPatient { ticket, number });
        self.wait("the patient", |update| match update {
            Update::Patient { ticket: of, view } if *of == ticket => Some(Ok((**view).clone())),
            Update::PatientFailed { ticket: of, failure, .. } if *of == ticket => {
                Some(Err(failure.clone()))
            }
            _ => None,
        })
    }
}

pub fn staff(info: &SessionInfo) -> Staff {
    Staff { account: info.account_id, name: info.display_name.clone(), role: info.role }
}

/// A change of a reception's state as a person makes it who sees the reception as given.
pub fn state(reception: &clinical::Reception, state: ReceptionState) -> EntryContent {
    let change = StateChange { key: reception.key.clone(), state, seen: reception.state };
    EntryContent::ReceptionState { change }
}

/// The first version of a new item.
pub fn begun(
    patient: &str,
    value: ProfileValue,
    on_behalf_of: Option<&SessionInfo>,
) -> ProfileEntry {
    ProfileEntry {
        patient: clinical::PatientNumber::parse(patient).unwrap(),
        item: Uuid::now_v7(),
        base: None,
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: on_behalf_of.map(staff),
        reason: String::new(),
        settles: None,
    }
}

/// The next version of an item as a person makes it who sees it as given.
pub fn next(patient: &str, item: &Item, act: Act) -> ProfileEntry {
    ProfileEntry {
        patient: clinical::PatientNumber::parse(patient).unwrap(),
        item: item.id,
        base: Some(item.head),
        act,
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}
