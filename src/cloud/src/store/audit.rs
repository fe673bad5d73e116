//! The audit log (監査ログ): who did what to whose data, when. Each row's hash covers the row before it, and
//! the last hash stands in `heads`; a row that is changed, removed or added by another way breaks the chain.
//!
//! The chain shows that the log was altered, not by whom, and a person who can rewrite the whole database
//! could rebuild it. So `audit verify` prints the last number and hash, to be kept elsewhere and given to a
//! later run.

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use super::sql::{self, Args, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// Hash before the first row.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Rows read at once.
const PAGE: i64 = 1000;

/// What was done, to be put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `patient.read`, `reception.change`, `session.begin` …
    pub action: &'static str,
    /// `patient`, `reception`, `account` …
    pub object_kind: &'static str,
    /// Patient number, reception key, login.
    pub object_id: String,
    /// What else there is to know; numbers and codes, never clinical content.
    pub detail: String,
}

impl Entry {
    /// An entry without detail.
    pub fn new(
        action: &'static str,
        object_kind: &'static str,
        object_id: impl Into<String>,
    ) -> Self {
        Self { action, object_kind, object_id: object_id.into(), detail: String::new() }
    }

    /// With detail.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AuditRow {
    /// Without gaps from 1.
    pub seq: i64,
    /// ISO 8601, UTC.
    pub at: String,
    /// Account id; empty for a service.
    pub account: String,
    /// The person's ID or the service's name.
    pub login: String,
    /// The terminal's name.
    pub terminal: String,
    /// Role at that moment; empty for a service.
    pub role: String,
    /// See [`Entry::action`].
    pub action: String,
    /// See [`Entry::object_kind`].
    pub object_kind: String,
    /// See [`Entry::object_id`].
    pub object_id: String,
    /// See [`Entry::detail`].
    pub detail: String,
    /// Hash of the row before.
    pub prev_hash: String,
    /// SHA-256 over everything above and the institution.
    pub hash: String,
}

impl AuditRow {
    pub(super) fn chained(
        actor: &Actor,
        entry: Entry,
        seq: i64,
        at: String,
        prev_hash: String,
    ) -> Self {
        let mut row = Self {
            seq,
            at,
            account: actor.account.map(|id| id.to_string()).unwrap_or_default(),
            login: actor.login.to_string(),
            terminal: actor.terminal.to_string(),
            role: actor.role.map(|role| role.as_str().to_owned()).unwrap_or_default(),
            action: entry.action.to_owned(),
            object_kind: entry.object_kind.to_owned(),
            object_id: entry.object_id,
            detail: entry.detail,
            prev_hash,
            hash: String::new(),
        };
        row.hash = row.compute(actor.tenant);
        row
    }

    /// The hash that the row must have: every field with its length before it, so that no two different
    /// rows give the same bytes.
    fn compute(&self, tenant: Tenant) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"soegaki audit 1\n");
        hasher.update(tenant.0.to_be_bytes());
        hasher.update(self.seq.to_be_bytes());
        for field in [
            &self.at,
            &self.account,
            &self.login,
            &self.terminal,
            &self.role,
            &self.action,
            &self.object_kind,
            &self.object_id,
            &self.detail,
            &self.prev_hash,
        ] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hex::encode(hasher.finalize())
    }

    pub(super) fn into_args(self, tenant: Tenant) -> Args {
        args![
            tenant,
            self.seq,
            self.at,
            self.account,
            self.login,
            self.terminal,
            self.role,
            self.action,
            self.object_kind,
            self.object_id,
            self.detail,
            self.prev_hash,
            self.hash,
        ]
    }

    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let text = |column| sql::text(row, column).map(str::to_owned);
        Ok(Self {
            seq: sql::int(row, 0)?,
            at: text(1)?,
            account: text(2)?,
            login: text(3)?,
            terminal: text(4)?,
            role: text(5)?,
            action: text(6)?,
            object_kind: text(7)?,
            object_id: text(8)?,
            detail: text(9)?,
            prev_hash: text(10)?,
            hash: text(11)?,
        })
    }
}

/// Outcome of [`Store::audit_verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The chain is whole.
    Whole {
        /// Number of rows, which is the last number.
        rows: i64,
        /// Hash of the last row.
        hash: String,
    },
    /// It is not.
    Broken {
        /// The first number at which it does not hold.
        seq: i64,
        /// Why.
        why: &'static str,
    },
}

impl Verdict {
    /// Whether the chain is whole.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Whole { .. })
    }
}

/// A row noted at an earlier time, which must still be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its number.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// Entries to put on record, all by one actor.
pub(super) struct Record {
    pub(super) actor: Actor,
    pub(super) entry: Entry,
}

impl Work for Record {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.audit(&self.actor, self.entry.clone())
    }
}

impl Store {
    /// Puts an entry on record; it is durable when this returns.
    pub async fn record(&self, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
        self.write(Record { actor: actor.clone(), entry }).await
    }

    /// At most `limit` rows after number `after`.
    pub async fn audit_rows(
        &self,
        tenant: Tenant,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.audit_page(tenant, after, i64::from(limit)).await
    }

    async fn audit_page(
        &self,
        tenant: Tenant,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.database()
            .all(
                "SELECT seq, at, account, login, terminal, role, action, object_kind, object_id, \
                 detail, prev_hash, hash FROM audit \
                 WHERE institution_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                args![tenant, after, limit],
            )
            .await?
            .iter()
            .map(AuditRow::read)
            .collect()
    }

    /// Number and hash of the last row according to `heads`.
    async fn audit_head(&self, tenant: Tenant) -> Result<(i64, String), StoreError> {
        let row = self
            .database()
            .one("SELECT audit_seq, audit_hash FROM heads WHERE institution_id = $1", args![tenant])
            .await?
            .ok_or(StoreError::NotFound("institution"))?;
        Ok((sql::int(&row, 0)?, sql::text(&row, 1)?.to_owned()))
    }

    /// Reads an institution's whole log and checks every row, while others go on writing.
    pub async fn audit_verify(
        &self,
        tenant: Tenant,
        noted: Option<&Noted>,
    ) -> Result<Verdict, StoreError> {
        let broken = |seq, why| Ok(Verdict::Broken { seq, why });
        let (last, last_hash) = self.audit_head(tenant).await?;
        // Every row belongs after number 0; one before it was not written by this program.
        if let Some(seq) = self.audit_outside(tenant).await? {
            return broken(seq, "a row stands outside the chain's numbers");
        }
        let mut seq = 0;
        let mut hash = GENESIS.to_owned();
        while seq < last {
            let page = match self.audit_page(tenant, seq, PAGE.min(last - seq)).await {
                Err(StoreError::Damaged(_)) => {
                    return broken(seq + 1, "a row from here on cannot be read");
                }
                page => page?,
            };
            if page.is_empty() {
                return broken(seq + 1, "rows are missing at the end");
            }
            for row in page {
                seq += 1;
                if row.seq != seq {
                    return broken(seq, "the row is missing");
                }
                if row.prev_hash != hash {
                    return broken(seq, "the row does not follow the one before it");
                }
                if row.hash != row.compute(tenant) {
                    return broken(seq, "the row was changed");
                }
                if noted.is_some_and(|noted| noted.seq == seq && noted.hash != row.hash) {
                    return broken(seq, "the row is not the one noted earlier");
                }
                hash = row.hash;
            }
        }
        if hash != last_hash {
            return broken(last, "the last row is not the one that the head names");
        }
        if let Some(noted) = noted.filter(|noted| noted.seq > last || noted.seq < 1) {
            return broken(noted.seq, "the row noted earlier is missing");
        }
        Ok(Verdict::Whole { rows: last, hash })
    }

    async fn audit_outside(&self, tenant: Tenant) -> Result<Option<i64>, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT a.seq FROM audit a JOIN heads h ON h.institution_id = a.institution_id \
                 WHERE a.institution_id = $1 AND (a.seq < 1 OR a.seq > h.audit_seq) \
                 ORDER BY a.seq LIMIT 1",
                args![tenant],
            )
            .await?;
        row.map(|row| sql::int(&row, 0)).transpose()
    }
}
