//! The link to a receipt computer (日レセ / WebORCA): what it knows is mirrored into the store, one way.
//!
//! - `lists` keeps the day's receptions right: at every push, after every reconnect and at least every thirty
//!   seconds it reads the whole list and lets the store find what changed.
//! - `patients` fetches single patients: those of today's list, those that changed, those that a person opens.
//! - `import` learns about all other patients, by name and address only, at first and once a day.
//! - `push` listens; a push only says that something changed, what it is comes from a fresh read.
//! - `health` turns the outcome of the calls into the link's status.

mod client;
mod failure;
mod health;
mod import;
mod lists;
mod patients;
mod push;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinical::PatientNumber;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::{LinkError, tls};
use crate::clock::Clock;
use crate::config::ReceiptLink;
use crate::store::{Actor, Institution, Store, Tenant};
use client::Client;
use health::Health;
use patients::Patients;

/// What the parts of one link share.
struct Base {
    /// The institution's code, for the log.
    institution: String,
    tenant: Tenant,
    /// In whose name the store is asked.
    actor: Actor,
    offset: Offset,
    clock: Clock,
    store: Store,
    client: Client,
    health: Health,
    their_clock: Mutex<Option<DateTime>>,
    /// Days other than today whose list has to be read.
    days: Mutex<BTreeSet<Date>>,
    /// The list has to be read now.
    read_list: Notify,
    /// The numbers of changed patients have to be read now.
    read_changes: Notify,
    /// Whether the push service would tell of changes.
    push_is_up: AtomicBool,
    reconcile_every: Duration,
    patients_since: Date,
    stopping: watch::Sender<bool>,
}

impl Base {
    fn today(&self) -> Date {
        self.clock.today(self.offset)
    }

    fn their_clock_shows(&self, at: Option<DateTime>) {
        if at.is_some() {
            *self.their_clock.lock().unwrap_or_else(PoisonError::into_inner) = at;
        }
    }

    /// What the receipt computer's clock showed when it was last heard.
    fn their_clock(&self) -> Option<DateTime> {
        *self.their_clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a day's list read soon.
    fn list_changed(&self, day: Option<Date>) {
        if let Some(day) = day {
            self.days.lock().unwrap_or_else(PoisonError::into_inner).insert(day);
        }
        self.read_list.notify_one();
    }

    /// Sleeps, unless the link stops meanwhile: `false` then.
    async fn pause(&self, duration: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(duration) => true,
            () = self.stopped() => false,
        }
    }

    async fn stopped(&self) {
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}

/// A running link.
pub(crate) struct Link {
    base: Arc<Base>,
    patients: Arc<Patients>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Link {
    /// Starts the parts; none of them waits for the receipt computer here.
    pub(crate) fn start(
        store: &Store,
        clock: &Clock,
        institution: &Institution,
        settings: &ReceiptLink,
    ) -> Result<Self, LinkError> {
        let institution_name = settings.institution.as_str();
        let (ca, identity) = (settings.ca.as_ref(), settings.client_identity.as_ref());
        let tls = tls::client(institution_name, ca, identity)?;
        let tenant = institution.tenant;
        let base = Arc::new(Base {
            institution: institution.code.clone(),
            tenant,
            actor: Actor::service(tenant, "links/receipt"),
            offset: institution.offset,
            clock: clock.clone(),
            store: store.clone(),
            client: Client::new(settings, &tls)?,
            health: Health::default(),
            their_clock: Mutex::default(),
            days: Mutex::default(),
            read_list: Notify::new(),
            read_changes: Notify::new(),
            push_is_up: AtomicBool::new(false),
            reconcile_every: settings.reconcile_every.get(),
            patients_since: settings.patients_since,
            stopping: watch::Sender::new(false),
        });
        let (patients, queue) = Patients::new(Arc::clone(&base));
        let patients = Arc::new(patients);
        let mut tasks = vec![
            base.spawn(patients::run(Arc::clone(&patients), queue)),
            base.spawn(lists::run(Arc::clone(&base), Arc::clone(&patients))),
            base.spawn(import::run(Arc::clone(&base), Arc::clone(&patients))),
        ];
        if let Some(push) = push::Push::new(settings, tls) {
            tasks.push(base.spawn(push::run(Arc::clone(&base), Arc::clone(&patients), push)));
        }
        Ok(Self { base, patients, tasks: tokio::sync::Mutex::new(tasks) })
    }

    /// Waits, at most `longest`, until the store holds all that is told about a patient. Whether the receipt
    /// computer had its say, be it that there is no such patient.
    pub(crate) async fn complete_patient(&self, number: &PatientNumber, longest: Duration) -> bool {
        if self.patients.is_complete(number) {
            return true;
        }
        if self.base.health.is_down() {
            return false;
        }
        let done = self.patients.fetch(number, patients::Haste::Now);
        tokio::time::timeout(longest, done).await.is_ok() && !self.patients.has_failed(number)
    }

    /// Ends the parts; a call under way is given up.
    pub(crate) async fn stop(&self) {
        self.base.stopping.send_replace(true);
        for task in self.tasks.lock().await.drain(..) {
            let _ = task.await;
        }
    }
}

impl Base {
    /// A part of the link, given up when the link stops.
    fn spawn(self: &Arc<Self>, part: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let base = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = part => {}
                () = base.stopped() => {}
            }
        })
    }
}
