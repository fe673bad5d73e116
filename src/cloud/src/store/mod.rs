//! Everything that outlives a request: one store over SQLite (embedded) and PostgreSQL (service).
//!
//! Rules of this room:
//! - Every query takes the institution from a [`Tenant`], which only the store hands out; never from data.
//! - Every read and write of a patient's data goes with an [`Actor`] and leaves an audit row that is durable
//!   before the method returns.
//! - Writes go through one task per process ([`writer`]), which puts all that wait into one transaction.
//!   The institution's row in `heads` is locked first, so that several processes may share one PostgreSQL.
//! - Only SQL that both engines understand: TEXT and BIGINT columns, `$1` parameters, `RETURNING`,
//!   `ON CONFLICT`. Whatever is ordered by the database is ASCII, so that no collation changes the order.
//!
//! Methods of [`Store`] (each in the file of its noun):
//! ```text
//! open(url, clock) · migrate() · check_schema() · close() · engine() · clock()
//! institutions  add_institution(code, name, offset) · institution(code) · institutions()
//! accounts      add_account(actor, &NewAccount) · account(tenant, login) · accounts(tenant)
//!               staff(tenant) -> StaffList
//!               set_account_disabled(actor, login, bool) · set_password_hash(actor, login, hash) · unlock_account(actor, login)
//! sessions      session(token) -> Session · end_session(&Session) · (begun by `accounts::Accounts::sign_in`)
//! entries       register_entry_key(actor, key) · entry_author(key) -> Option<EntryAuthor>
//!               take_entry(&author, &entry, body, signature, today) -> Receipt
//! patients      upsert_patients(actor, &[Patient], fetched_at) -> Upserted · add_patients(…), which leaves known ones as they are
//!               patient(actor, &number) -> (Patient, Timestamp)
//!               patient_view(actor, &number) -> PatientView · search(actor, &Query, limit) -> PatientSearch
//!               known_patients(tenant) -> canonical numbers · patient_fetched_at(tenant, &number) -> Option<Timestamp>  (for the link; no content)
//! profile       history(actor, &number) -> History · confirmations(actor) -> Confirmations
//! receptions    reconcile_day(actor, day, Vec<Reception>) -> Reconciled · reception_list(actor, day) -> ReceptionList
//!               reception(actor, &key) -> Reception
//! reference     reference(tenant) -> Reference · set_reference(actor, &Reference) -> bool
//! links         link_status(tenant) -> LinkStatus · set_link_status(tenant, &LinkStatus) · link_cursor(tenant, name) · set_link_cursor(tenant, name, value)
//! events        events_after(tenant, after, limit) -> EventPage · event_head(tenant) -> i64
//!               follow(tenant, after) -> EventFeed (`feed.next().await -> Result<Event>`: catches up, then live; `Reset` comes as an event)
//! records       records_verify(tenant) -> Records: signatures, versions and items against each other
//! audit         record(actor, Entry) · audit_rows(tenant, AuditFilter) · audit_verify(tenant, expected) -> Verdict
//! lab           lab_day(actor, date) · lab_order(actor, id) · lab_specimen(actor, &number) · patient_lab(actor, &number, since)
//!               lab_inbox(actor) · lab_sets(tenant) · for links/lab: next_outgoing(tenant, service) · next_try(…) · undelivered(…)
//!               lab_task(actor, &Outgoing) -> Option<LabTask> · lab_answer(actor, &Outgoing, &LabAnswer)
//!               outgoing_delivered(tenant, seq) · outgoing_failed(tenant, seq, next_try, why) · outgoing_refused(actor, &LabTask, why)
//!               take_lab_message(actor, LabMessage, MatchRule) -> Taken · set_labs(tenant, …) · set_lab_status(tenant, lab, &LinkStatus) · lab_links(tenant)
//! housekeeping  prune(Retention)
//! ```
//! Errors: [`StoreError`].

mod accounts;
pub mod audit;
mod context;
mod database;
mod entries;
mod entry_keys;
mod error;
mod events;
mod housekeeping;
mod institutions;
pub mod lab;
mod papers;
mod patients;
mod profile;
mod receptions;
mod reference;
mod search;
mod sessions;
mod sql;
mod tx;
mod verify;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

pub use accounts::{Account, NewAccount};
pub use context::{Actor, Institution, Tenant};
pub use database::Engine;
pub use entry_keys::EntryAuthor;
pub use error::StoreError;
pub use events::{EventFeed, EventPage};
pub use housekeeping::{Pruned, Retention};
pub use patients::Upserted;
pub use receptions::Reconciled;
pub use sessions::Session;
pub(crate) use sessions::{NewSession, Tries};
pub use verify::{Fault, Records};

use crate::clock::Clock;
use database::Database;
use events::Heads;
use sql::args;
use writer::Writer;

/// The schema, compiled in.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How often the events of other processes are looked for while somebody follows.
const OTHERS: Duration = Duration::from_millis(500);

/// The store. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    database: Arc<Database>,
    clock: Clock,
    heads: Arc<Heads>,
    writer: std::sync::Mutex<Option<Writer>>,
    task: Mutex<Option<JoinHandle<()>>>,
    watcher: JoinHandle<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl Store {
    /// Opens `sqlite:PATH` (made where there is none) or `postgres://…`. Runs no migration.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let database = Arc::new(Database::open(url).await?);
        let heads = Arc::new(Heads::default());
        let (writer, task) =
            Writer::start(Arc::clone(&database), clock.clone(), Arc::clone(&heads));
        let watcher = tokio::spawn(watch_others(Arc::clone(&database), Arc::clone(&heads)));
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                clock,
                heads,
                writer: std::sync::Mutex::new(Some(writer)),
                task: Mutex::new(Some(task)),
                watcher,
            }),
        })
    }

    /// Brings the schema to this program's version; gives the versions before and after.
    pub async fn migrate(&self) -> Result<(i64, i64), StoreError> {
        let have = self.schema_version().await?;
        let mut conn = self.database().connect().await?;
        MIGRATIONS.run_direct(None, &mut conn, false).await.map_err(|e| match e {
            sqlx::migrate::MigrateError::Execute(e) => StoreError::from(e),
            other => StoreError::Database(format!("migration: {other}")),
        })?;
        let _ = sqlx::Connection::close(conn).await;
        Ok((have, self.schema_version().await?))
    }

    /// Says whether the schema is this program's.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let have = self.schema_version().await?;
        let want = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
        if have == want { Ok(()) } else { Err(StoreError::Schema { have, want }) }
    }

    /// 0 for a database without a schema.
    async fn schema_version(&self) -> Result<i64, StoreError> {
        let row = self
            .database()
            .one("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations", args![])
            .await;
        match row {
            Ok(row) => row.as_ref().map_or(Ok(0), |row| sql::int(row, 0)),
            // There is no such table yet.
            Err(StoreError::Database(_)) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Asks the database something small, for the health of the service.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database().one("SELECT 1", args![]).await.map(drop)
    }

    /// Finishes what is being written, ends the feeds and closes all connections.
    pub async fn close(&self) {
        // Without its writer no new work is taken; the task ends once its queue is empty.
        let writer =
            self.inner.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        drop(writer);
        self.inner.heads.close();
        self.inner.watcher.abort();
        if let Some(task) = self.inner.task.lock().await.take() {
            let _ = task.await;
        }
        self.database().close().await;
    }

    /// Which database engine.
    pub fn engine(&self) -> Engine {
        self.inner.database.engine()
    }

    /// The clock that the store goes by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    fn database(&self) -> &Database {
        &self.inner.database
    }

    fn heads(&self) -> &Heads {
        &self.inner.heads
    }

    async fn write<W: writer::Work>(&self, work: W) -> Result<W::Output, StoreError> {
        let writer =
            self.inner.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        match writer {
            Some(writer) => writer.write(work).await,
            None => Err(StoreError::Unavailable("the store is closed".to_owned())),
        }
    }
}

/// Looks where the streams stand, for events that another process on the same database has stored. Reading
/// one number an institution is all that both engines can do alike.
async fn watch_others(database: Arc<Database>, heads: Arc<Heads>) {
    let mut ticks = tokio::time::interval(OTHERS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !heads.anybody() {
            continue;
        }
        // A failure here is seen by everyone who reads; the next turn tries again.
        if let Ok(rows) = database.all("SELECT institution_id, event_seq FROM heads", args![]).await
        {
            let seen: Vec<(Tenant, i64)> = rows
                .iter()
                .filter_map(|row| Some((Tenant(sql::int(row, 0).ok()?), sql::int(row, 1).ok()?)))
                .collect();
            heads.announce(&seen);
        }
    }
}
