//! The clinic and its terminals.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use clinical::ReceptionState;
use kiosk::client::{self, Failure, Limits, Request, Settings, Ticket, Update, Worker};
use kiosk::demo::clock::DemoClock;
use kiosk::demo::line::{Near, Plug};
use kiosk::demo::servers::{Servers, Wanted, World};
use sandbox::certificates::Authority;
use sandbox::clinic::{INSTITUTION_CODE, STAFF};
use tokio::sync::mpsc::UnboundedSender;

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
        })
        .unwrap();
        let world = servers.world(LONG).unwrap();
        Self { world, plug, clock, ca_pem: authority.ca_pem(), url, folder, servers }
    }

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
        let (requests, updates, worker) = client::spawn(settings, || {}).unwrap();
        Terminal { requests, updates, seen: Vec::new(), _worker: worker }
    }
}

pub struct Terminal {
    pub requests: UnboundedSender<Request>,
    updates: Receiver<Update>,
    /// Numbers of the events that went by.
    pub seen: Vec<i64>,
    _worker: Worker,
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
            if let Update::Event(event) = &update {
                self.seen.push(event.seq);
            }
            if let Some(found) = pick(&update) {
                return found;
            }
        }
    }

    pub fn sign_in(&mut self, who: usize) {
        self.ask(Request::SignIn {
            login: STAFF[who].login.to_owned(),
            password: STAFF[who].password.to_owned().into(),
        });
        self.wait("sign-in", |update| match update {
            Update::SignedIn(_) => Some(()),
            Update::SignInFailed(failure) => panic!("{failure:?}"),
            _ => None,
        });
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
