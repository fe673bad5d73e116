//! The writer's transaction: statements, numbered events and chained audit rows.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use api::EventKind;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, SqlSafeStr, SqlStr};

use super::audit::{AuditRow, Entry};
use super::database::Engine;
use super::sql::{self, Args, args};
use super::{Actor, StoreError, Tenant};

/// Rows in one INSERT. A few sizes only, so that the statements stay prepared.
const CHUNKS: [usize; 4] = [64, 16, 4, 1];

/// Where an institution's numbered rows stand.
struct Head {
    event_seq: i64,
    audit_seq: i64,
    audit_hash: String,
    moved: bool,
}

/// A transaction of the writer. Events and audit rows are gathered and written together at its end.
pub(super) struct Tx<'c> {
    conn: &'c mut AnyConnection,
    engine: Engine,
    now: Timestamp,
    stamp: String,
    heads: BTreeMap<Tenant, Head>,
    events: Vec<Args>,
    audit: Vec<Args>,
    writes: usize,
}

impl<'c> Tx<'c> {
    pub(super) fn new(conn: &'c mut AnyConnection, engine: Engine, now: Timestamp) -> Self {
        Self {
            conn,
            engine,
            now,
            stamp: sql::stamp(now),
            heads: BTreeMap::new(),
            events: Vec::new(),
            audit: Vec::new(),
            writes: 0,
        }
    }

    /// Begins, and locks the institutions in the order given. All processes lock in the same order, so
    /// they cannot block one another in a circle.
    pub(super) async fn begin(&mut self, tenants: &[Tenant]) -> Result<(), StoreError> {
        sqlx::raw_sql(self.engine.begin()).execute(&mut *self.conn).await?;
        for tenant in tenants {
            let row = sql::all(
                self.conn,
                "UPDATE heads SET audit_seq = audit_seq WHERE institution_id = $1 \
                 RETURNING event_seq, audit_seq, audit_hash"
                    .into_sql_str(),
                &args![*tenant],
            )
            .await?;
            // An institution is never removed; without its row, its works find nothing and say so.
            if let Some(row) = row.first() {
                let head = Head {
                    event_seq: sql::int(row, 0)?,
                    audit_seq: sql::int(row, 1)?,
                    audit_hash: sql::text(row, 2)?.to_owned(),
                    moved: false,
                };
                self.heads.insert(*tenant, head);
            }
        }
        Ok(())
    }

    /// When this transaction takes place.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// [`Tx::now`] as it is stored.
    pub(super) fn stamp(&self) -> &str {
        &self.stamp
    }

    /// Counts everything written so far.
    pub(super) fn writes(&self) -> usize {
        self.writes
    }

    pub(super) async fn all(
        &mut self,
        text: impl SqlSafeStr,
        args: Args,
    ) -> Result<Vec<AnyRow>, StoreError> {
        sql::all(self.conn, text.into_sql_str(), &args).await
    }

    pub(super) async fn one(
        &mut self,
        text: impl SqlSafeStr,
        args: Args,
    ) -> Result<Option<AnyRow>, StoreError> {
        Ok(self.all(text, args).await?.into_iter().next())
    }

    pub(super) async fn exec(&mut self, text: &'static str, args: Args) -> Result<u64, StoreError> {
        self.writes += 1;
        sql::exec(self.conn, text.into_sql_str(), &args).await
    }

    /// Inserts many rows.
    pub(super) async fn insert(
        &mut self,
        inserts: &Inserts,
        rows: Vec<Args>,
    ) -> Result<(), StoreError> {
        self.writes += rows.len();
        insert(self.conn, inserts, rows).await
    }

    fn head(&mut self, tenant: Tenant) -> Result<&mut Head, StoreError> {
        self.writes += 1;
        let head = self.heads.get_mut(&tenant).ok_or(StoreError::NotFound("institution"))?;
        head.moved = true;
        Ok(head)
    }

    /// Numbers an event and tells it once the transaction stands.
    pub(super) fn event(&mut self, tenant: Tenant, kind: &EventKind) -> Result<(), StoreError> {
        let body = sql::to_json(kind)?;
        let head = self.head(tenant)?;
        head.event_seq += 1;
        let seq = head.event_seq;
        self.events.push(args![tenant, seq, self.stamp.as_str(), body]);
        Ok(())
    }

    /// Adds a row to the institution's audit chain.
    pub(super) fn audit(&mut self, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
        let stamp = self.stamp.clone();
        let head = self.head(actor.tenant)?;
        head.audit_seq += 1;
        let before = std::mem::take(&mut head.audit_hash);
        let row = AuditRow::chained(actor, entry, head.audit_seq, stamp, before);
        head.audit_hash.clone_from(&row.hash);
        self.audit.push(row.into_args(actor.tenant));
        Ok(())
    }

    /// Writes what was gathered and commits; gives the last event of each institution that has new ones.
    pub(super) async fn commit(mut self) -> Result<Vec<(Tenant, i64)>, StoreError> {
        let events = std::mem::take(&mut self.events);
        insert(self.conn, &EVENT_INSERTS, events).await?;
        let audit = std::mem::take(&mut self.audit);
        insert(self.conn, &AUDIT_INSERTS, audit).await?;
        let mut told = Vec::new();
        for (tenant, head) in self.heads {
            if head.moved {
                sql::exec(
                    self.conn,
                    "UPDATE heads SET event_seq = $2, audit_seq = $3, audit_hash = $4 \
                     WHERE institution_id = $1"
                        .into_sql_str(),
                    &args![tenant, head.event_seq, head.audit_seq, head.audit_hash],
                )
                .await?;
                told.push((tenant, head.event_seq));
            }
        }
        sqlx::raw_sql("COMMIT").execute(&mut *self.conn).await?;
        Ok(told)
    }
}

static EVENT_INSERTS: LazyLock<Inserts> = LazyLock::new(|| {
    Inserts::new("INSERT INTO events (institution_id, seq, at, body) VALUES ", 4, "")
});

static AUDIT_INSERTS: LazyLock<Inserts> = LazyLock::new(|| {
    Inserts::new(
        "INSERT INTO audit (institution_id, seq, at, account, login, terminal, role, action, \
         object_kind, object_id, detail, prev_hash, hash) VALUES ",
        13,
        "",
    )
});

/// One INSERT in the sizes of [`CHUNKS`].
pub(super) struct Inserts(Vec<(usize, Arc<str>)>);

impl Inserts {
    /// `start … VALUES `, then the places, then `end`. All three are constants of this program.
    pub(super) fn new(start: &'static str, columns: usize, end: &'static str) -> Self {
        let text = |rows| Arc::from(format!("{start}{}{end}", sql::places(rows, columns)));
        Self(CHUNKS.iter().map(|rows| (*rows, text(*rows))).collect())
    }
}

async fn insert(
    conn: &mut AnyConnection,
    inserts: &Inserts,
    rows: Vec<Args>,
) -> Result<(), StoreError> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    for (size, text) in &inserts.0 {
        while left >= *size {
            left -= size;
            let flat: Args = rows.by_ref().take(*size).flatten().collect();
            // Made of constants and numbered places above; no data is in the text.
            let text: SqlStr = AssertSqlSafe(Arc::clone(text)).into_sql_str();
            sql::exec(conn, text, &flat).await?;
        }
    }
    Ok(())
}
