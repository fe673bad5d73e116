//! Connections to the database, and the little that differs between the two engines.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyRow};
use sqlx::{AnyConnection, ConnectOptions, Connection, SqlSafeStr};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::StoreError;
use super::sql::{self, Args};

/// Waits for a server that may be gone without a word end after this.
const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_mins(1);

fn silent() -> StoreError {
    StoreError::Unavailable("the database does not answer".to_owned())
}

/// Which database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server, shared by several processes.
    Postgres,
}

impl Engine {
    /// Opens a transaction that may write. SQLite takes its write lock at once: taking it later fails
    /// when another process wrote in between.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// Said to each new connection. A commit is on the disk before it is answered, on both engines.
    fn greeting(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA busy_timeout = 10000",
                "PRAGMA cache_size = -2048",
                "PRAGMA mmap_size = 0",
                "PRAGMA temp_store = MEMORY",
                "PRAGMA journal_size_limit = 67108864",
            ],
            Self::Postgres => &[
                "SET synchronous_commit = on",
                "SET statement_timeout = '60s'",
                "SET lock_timeout = '20s'",
                "SET idle_in_transaction_session_timeout = '60s'",
            ],
        }
    }

    /// Connections that read at the same time.
    fn readers(self) -> usize {
        match self {
            Self::Sqlite => 3,
            Self::Postgres => 8,
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A database and its connections for reading. sqlx's own pool sends a ping each time that a connection
/// comes back, which costs as much as a read does; this one keeps a connection only after a query ended well.
pub(super) struct Database {
    engine: Engine,
    options: AnyConnectOptions,
    turns: Semaphore,
    idle: Mutex<Vec<AnyConnection>>,
}

impl Database {
    /// Reads the address and tries one connection.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let (engine, url) = address(url)?;
        let options: AnyConnectOptions = url.parse().map_err(StoreError::from)?;
        let database = Self {
            engine,
            options: options.disable_statement_logging(),
            turns: Semaphore::new(engine.readers()),
            idle: Mutex::new(Vec::with_capacity(engine.readers())),
        };
        let first = database.connect().await?;
        database.keep(first);
        Ok(database)
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<AnyConnection, StoreError> {
        let connecting = tokio::time::timeout(CONNECT, self.options.connect());
        let mut conn = connecting.await.map_err(|_| silent())?.map_err(|e| {
            match StoreError::from(e) {
                // Whatever goes wrong here, the database was not reached.
                StoreError::Database(text) => StoreError::Unavailable(text),
                other => other,
            }
        })?;
        for line in self.engine.greeting() {
            sqlx::raw_sql(*line).execute(&mut conn).await?;
        }
        Ok(conn)
    }

    fn keep(&self, conn: AnyConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
    }

    async fn lane(&self, fresh: bool) -> Result<Lane<'_>, StoreError> {
        let turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| StoreError::Unavailable("the store is closed".to_owned()))?;
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let idle = if fresh { None } else { idle() };
        let (conn, fresh) = match idle {
            Some(conn) => (conn, false),
            None => (self.connect().await?, true),
        };
        Ok(Lane { conn, fresh, _turn: turn })
    }

    /// Rows of a read. A connection that died while it was idle is replaced once.
    pub(super) async fn all(
        &self,
        text: impl SqlSafeStr,
        args: Args,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let text = text.into_sql_str();
        let mut again = false;
        loop {
            let mut lane = self.lane(again).await?;
            let reading = sql::all(&mut lane.conn, text.clone(), &args);
            // Who gave no answer in all this time is not asked once more.
            match tokio::time::timeout(READ, reading).await.map_err(|_| silent())? {
                Ok(rows) => {
                    self.keep(lane.conn);
                    return Ok(rows);
                }
                // The other idle ones may be as dead.
                Err(error) if error.is_connection() && !lane.fresh => again = true,
                Err(error) => return Err(error),
            }
        }
    }

    /// The first row of a read.
    pub(super) async fn one(
        &self,
        text: impl SqlSafeStr,
        args: Args,
    ) -> Result<Option<AnyRow>, StoreError> {
        Ok(self.all(text, args).await?.into_iter().next())
    }

    /// Closes what is idle and gives no more turns.
    pub(super) async fn close(&self) {
        self.turns.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for conn in idle {
            let _ = conn.close().await;
        }
    }
}

struct Lane<'a> {
    conn: AnyConnection,
    /// Made for this turn: its errors are not those of a connection that died idle.
    fresh: bool,
    _turn: SemaphorePermit<'a>,
}

/// `sqlite:PATH` or `postgres://…`; the path is taken as it stands, no parameters.
fn address(url: &str) -> Result<(Engine, String), StoreError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok((Engine::Postgres, over_tls(url, std::env::var_os("PGSSLMODE").is_some())));
    }
    let Some(path) = url.strip_prefix("sqlite:") else {
        return Err(StoreError::Invalid(
            "the database address begins with `sqlite:` or `postgres://`".to_owned(),
        ));
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path == ":memory:" || path.contains('?') {
        return Err(StoreError::Invalid(
            "`sqlite:` is followed by the path of a file, without parameters".to_owned(),
        ));
    }
    let path = std::path::absolute(path)
        .map_err(|e| StoreError::Invalid(format!("database file {path}: {e}")))?;
    create(&path)?;
    let text = path.to_str().ok_or_else(|| {
        StoreError::Invalid("the path of the database file is not Unicode".to_owned())
    })?;
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:\\".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    Ok((Engine::Sqlite, format!("sqlite:{encoded}?mode=rw")))
}

/// Records cross a network only over TLS, to a server that proves its name, unless the address says otherwise:
/// the driver's own default falls back to plain text without a word.
fn over_tls(url: &str, decided: bool) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let named =
        |key: &str| query.split('&').filter_map(|pair| pair.split_once('=')).any(|p| p.0 == key);
    let server = place.split('/').next().unwrap_or_default();
    let server = server.rsplit_once('@').map_or(server, |(_, server)| server);
    let host = match server.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => server.split(':').next().unwrap_or_default(),
    };
    // An encoded `/` begins the path of a socket on this machine; `host=` may name one.
    let socket = host.to_ascii_lowercase().starts_with("%2f")
        || ["host=/", "host=%2F", "host=%2f"].iter().any(|start| query.contains(start));
    let here = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let elsewhere = named("host") || named("hostaddr");
    let local = socket || ((here || host.is_empty() || host == "localhost") && !elsewhere);
    if decided || local || named("sslmode") || named("ssl-mode") {
        return url.to_owned();
    }
    let joint = if rest.contains('?') { '&' } else { '?' };
    format!("{url}{joint}sslmode=verify-full")
}

/// Makes the database file where there is none, for its owner's eyes alone; SQLite gives its side files
/// the same rights.
fn create(path: &Path) -> Result<(), StoreError> {
    let refuse = |e: std::io::Error| {
        StoreError::Unavailable(format!("database file {}: {e}", PathBuf::from(path).display()))
    };
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop).map_err(refuse)
}

#[cfg(test)]
mod tests {
    use super::{Database, Engine, address, over_tls};
    use crate::store::sql;
    use sqlx::SqlSafeStr;

    #[tokio::test]
    async fn every_connection_to_a_file_is_durable() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("a.db").display());
        let database = Database::open(&url).await.unwrap();
        let mut conn = database.connect().await.unwrap();
        for (pragma, value) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1)] {
            let rows = sql::all(&mut conn, pragma.into_sql_str(), &[]).await.unwrap();
            assert_eq!(sql::int(&rows[0], 0).unwrap(), value, "{pragma}");
        }
        let rows = sql::all(&mut conn, "PRAGMA journal_mode".into_sql_str(), &[]).await.unwrap();
        assert_eq!(sql::text(&rows[0], 0).unwrap(), "wal");
    }

    #[test]
    fn addresses() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("患者 #1.db");
        for prefix in ["sqlite:", "sqlite://"] {
            let (engine, url) = address(&format!("{prefix}{}", path.display())).unwrap();
            assert_eq!(engine, Engine::Sqlite);
            assert!(url.ends_with("%E6%82%A3%E8%80%85%20%231.db?mode=rw"), "{url}");
        }
        assert!(path.exists());
        assert_eq!(address("postgres://u@h/d?sslmode=prefer").unwrap().0, Engine::Postgres);
        for wrong in ["sqlite:", "sqlite::memory:", "sqlite:a?mode=ro", "mysql://h/d", ""] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_server_elsewhere_is_reached_over_tls() {
        for (url, joint) in [
            ("postgres://u@db.example/d", '?'),
            ("postgres://u:p%40@db.example:5432/d?application_name=x", '&'),
            ("postgres://u@[2001:db8::1]:5432/d", '?'),
            ("postgres://u@localhost/d?host=db.example", '&'),
        ] {
            assert_eq!(over_tls(url, false), format!("{url}{joint}sslmode=verify-full"));
            assert_eq!(over_tls(url, true), url, "PGSSLMODE decides");
        }
        for url in [
            "postgres://u@localhost:5433/d",
            "postgres://u@127.0.0.1/d",
            "postgres://u@[::1]/d",
            "postgres:///d?host=/run/postgresql",
            "postgres://u@%2Frun%2Fpostgresql/d",
            "postgres://u@db.example/d?sslmode=disable",
        ] {
            assert_eq!(over_tls(url, false), url);
        }
    }
}
