//! A fresh database for each test, and short ways to the usual things.

use std::future::Future;
use std::pin::Pin;

use cloud::clock::Clock;
use cloud::store::audit::Verdict;
use cloud::store::{Actor, EventPage, Institution, Store, StoreError, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::postgres_server;

type Test = for<'a> fn(&'a Place) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where a test runs: an empty, migrated database with one institution.
pub struct Place {
    pub url: String,
    pub clock: Clock,
    pub store: Store,
    pub clinic: Institution,
    /// The receipt link of the clinic.
    pub link: Actor,
    /// The SQLite file's folder.
    pub folder: tempfile::TempDir,
    /// One more database, empty.
    pub spare: String,
}

/// The day on which all tests take place.
pub fn today() -> Date {
    jiff::civil::date(2026, 11, 22)
}

pub fn start_of_tests() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub fn on_sqlite(name: &str, test: Test) {
    println!("engine: SQLite, test: {name}");
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("cloud.db").display());
    let spare = format!("sqlite:{}", folder.path().join("spare.db").display());
    run(url, spare, folder, test);
}

pub fn on_postgres(name: &str, test: Test) {
    let server = match postgres_server::server() {
        Ok(server) => server,
        Err(why) => panic!("this suite needs PostgreSQL: {why}"),
    };
    println!("engine: PostgreSQL {}, test: {name}", server.version);
    let spare = if name.starts_with("a_database_of") {
        server.fresh_database().unwrap()
    } else {
        String::new()
    };
    run(server.fresh_database().unwrap(), spare, tempfile::tempdir().unwrap(), test);
}

fn run(url: String, spare: String, folder: tempfile::TempDir, test: Test) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::held(start_of_tests());
        let store = Store::open(&url, clock.clone()).await.unwrap();
        store.migrate().await.unwrap();
        let clinic =
            store.add_institution("clinic", "添書医院", Offset::constant(9)).await.unwrap();
        let link = Actor::service(clinic.tenant, "links/receipt");
        let place = Place { url, clock, store, clinic, link, folder, spare };
        test(&place).await;
        place.assert_sound().await;
        place.store.close().await;
    });
}

impl Place {
    pub fn tenant(&self) -> Tenant {
        self.clinic.tenant
    }

    /// Another process on the same database.
    pub async fn second(&self) -> Store {
        Store::open(&self.url, self.clock.clone()).await.unwrap()
    }

    /// A connection past the store, as somebody with the database's password has.
    pub async fn raw(&self) -> AnyConnection {
        AnyConnection::connect(&self.url).await.unwrap()
    }

    /// Runs a statement past the store.
    pub async fn tamper(&self, statement: &str) -> u64 {
        let mut raw = self.raw().await;
        let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut raw).await;
        let rows = done.unwrap().rows_affected();
        raw.close().await.unwrap();
        rows
    }

    /// One row past the store.
    pub async fn look(&self, statement: &str) -> AnyRow {
        let mut raw = self.raw().await;
        let row = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch_one(&mut raw).await;
        raw.close().await.unwrap();
        row.unwrap()
    }

    pub async fn count(&self, table: &str) -> i64 {
        self.look(&format!("SELECT COUNT(*) FROM {table}")).await.get(0)
    }

    pub async fn verdict(&self) -> Verdict {
        self.store.audit_verify(self.tenant(), None).await.unwrap()
    }

    /// All events from the first on.
    pub async fn events(&self) -> Vec<api::Event> {
        match self.store.events_after(self.tenant(), 0, 1_000_000).await.unwrap() {
            EventPage::Events(events) => events,
            EventPage::Reset(seq) => panic!("reset at {seq}"),
        }
    }

    /// What must hold after every test that left the database readable.
    async fn assert_sound(&self) {
        let Ok(verdict) = self.store.audit_verify(self.tenant(), None).await else { return };
        if self.folder.path().join("broken on purpose").exists() {
            return;
        }
        assert!(verdict.is_whole(), "{verdict:?}");
        if let Ok(records) = self.store.records_verify(self.tenant()).await {
            assert!(records.is_whole(), "{records:?}");
        }
        if let Ok(EventPage::Events(events)) =
            self.store.events_after(self.tenant(), 0, 1_000_000).await
        {
            let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
            let expected: Vec<i64> = (1..).take(numbers.len()).collect();
            assert_eq!(numbers, expected);
            assert_eq!(
                numbers.last().copied().unwrap_or(0),
                self.store.event_head(self.tenant()).await.unwrap()
            );
        }
    }

    /// Says that the log is left broken.
    pub fn broken_on_purpose(&self) {
        std::fs::write(self.folder.path().join("broken on purpose"), "").unwrap();
    }

    /// A receptionist's actor, by a real sign-in.
    pub async fn receptionist(&self) -> Actor {
        crate::sessions::person(self, "uketsuke").await.actor
    }
}

/// Waits until it holds; a test that waits in vain fails with words.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..1200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("waited in vain until {what}");
}

pub fn is_invalid<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
}
