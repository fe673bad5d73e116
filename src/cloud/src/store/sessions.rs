//! Sessions and the counting of wrong passwords. The rules (limits, delays) are in `accounts`; here they are
//! kept so that every process on the database sees the same.

use api::session::SessionInfo;
use jiff::Timestamp;
use jiff::tz::Offset;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::accounts::{role, uuid};
use super::audit::Entry;
use super::entry_keys;
use super::institutions::offset;
use super::lab::stations;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// A session's last use is written down at most this often.
const TOUCH_MS: i64 = 60_000;

/// A living session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The signed-in person, for everything asked of the store.
    pub actor: Actor,
    /// What the terminal is told.
    pub info: SessionInfo,
    /// The clinic's local time.
    pub offset: Offset,
    token_hash: String,
}

impl Session {
    /// The institution.
    pub fn tenant(&self) -> Tenant {
        self.actor.tenant
    }
}

/// A session to begin, its password proven.
pub(crate) struct NewSession {
    pub(crate) actor: Actor,
    pub(crate) token: String,
    pub(crate) idle_ms: i64,
    pub(crate) absolute_ms: i64,
    pub(crate) address: String,
    /// The hash that the password was proven against: if it is another one by now, so is the password.
    pub(crate) password_hash: String,
    /// The public key with which the terminal will sign what the person confirms.
    pub(crate) entry_key: Option<String>,
    /// Names the terminal's store, which gets a station.
    pub(crate) store: Option<Uuid>,
}

/// A session that has begun.
pub(crate) struct Begun {
    pub(crate) expires_at: Timestamp,
    pub(crate) station: Option<u8>,
}

/// SHA-256 of a token, as it is stored.
fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn moment(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms)
        .map_err(|_| StoreError::Damaged("sessions.expires_ms".to_owned()))
}

impl Work for NewSession {
    /// `None` when the account was disabled or changed its password in between.
    type Output = Option<Begun>;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let tenant = self.actor.tenant;
        let account = self.actor.account.map(|id| id.to_string()).unwrap_or_default();
        let row = tx
            .one(
                "SELECT password_hash FROM accounts \
                 WHERE institution_id = $1 AND id = $2 AND disabled = 0",
                args![tenant, account.as_str()],
            )
            .await?;
        let same = |row: &AnyRow| sql::text(row, 0).is_ok_and(|hash| hash == self.password_hash);
        if !row.as_ref().is_some_and(same) {
            return Ok(None);
        }
        if let Some(key) = &self.entry_key {
            entry_keys::register(tx, &self.actor, key).await?;
        }
        let station = match self.store {
            Some(store) => stations::of(tx, &self.actor, store).await?,
            None => None,
        };
        let now = tx.now().as_millisecond();
        let expires = now.saturating_add(self.absolute_ms);
        tx.exec(
            "INSERT INTO sessions (token_hash, institution_id, account_id, terminal, began_ms, \
             seen_ms, idle_ms, expires_ms, station) VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
            args![
                token_hash(&self.token),
                tenant,
                account,
                &*self.actor.terminal,
                now,
                self.idle_ms,
                expires,
                station.map_or(-1, i64::from),
            ],
        )
        .await?;
        // The try was counted as a failure before the password was looked at.
        tx.exec(
            "UPDATE sign_in_tries SET failures = CASE WHEN address = '' AND failures > 0 \
             THEN failures - 1 ELSE 0 END, \
             blocked_until_ms = CASE WHEN address = '' THEN blocked_until_ms ELSE 0 END, \
             succeeded_ms = CASE WHEN address = '' THEN succeeded_ms ELSE $4 END \
             WHERE institution_id = $1 AND login = $2 AND address IN ($3, '')",
            args![tenant, &*self.actor.login, self.address.as_str(), now],
        )
        .await?;
        let entry = Entry::new("session.begin", "account", &*self.actor.login)
            .with(format!("address={}", self.address));
        tx.audit(&self.actor, entry)?;
        Ok(Some(Begun { expires_at: moment(expires)?, station }))
    }
}

/// One counter of tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tries {
    pub(crate) failures: i64,
    pub(crate) failed_ms: i64,
    pub(crate) blocked_until_ms: i64,
    pub(crate) succeeded_ms: i64,
}

/// Decides on a try from the counters (of the login at this address, of the login everywhere) and the time:
/// the counters as they shall stand, or until when to wait.
pub(crate) type TryRule =
    fn(here: Tries, everywhere: Tries, now_ms: i64) -> Result<(Tries, Tries), i64>;

struct Try {
    tenant: Option<Tenant>,
    login: String,
    address: String,
    rule: TryRule,
}

impl Try {
    async fn tries(&self, tx: &mut Tx<'_>, address: &str) -> Result<Tries, StoreError> {
        let row = tx
            .one(
                "SELECT failures, failed_ms, blocked_until_ms, succeeded_ms FROM sign_in_tries \
                 WHERE institution_id = $1 AND login = $2 AND address = $3",
                args![self.tenant.map_or(0, |t| t.0), self.login.as_str(), address],
            )
            .await?;
        row.map_or(Ok(Tries::default()), |row| {
            Ok(Tries {
                failures: sql::int(&row, 0)?,
                failed_ms: sql::int(&row, 1)?,
                blocked_until_ms: sql::int(&row, 2)?,
                succeeded_ms: sql::int(&row, 3)?,
            })
        })
    }

    async fn keep(&self, tx: &mut Tx<'_>, address: &str, tries: Tries) -> Result<(), StoreError> {
        tx.exec(
            "INSERT INTO sign_in_tries (institution_id, login, address, failures, failed_ms, \
             blocked_until_ms, succeeded_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (institution_id, login, address) DO UPDATE SET \
             failures = excluded.failures, failed_ms = excluded.failed_ms, \
             blocked_until_ms = excluded.blocked_until_ms",
            args![
                self.tenant.map_or(0, |t| t.0),
                self.login.as_str(),
                address,
                tries.failures,
                tries.failed_ms,
                tries.blocked_until_ms,
                tries.succeeded_ms,
            ],
        )
        .await?;
        Ok(())
    }
}

impl Work for Try {
    type Output = Result<(), i64>;

    fn tenant(&self) -> Option<Tenant> {
        self.tenant
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let here = self.tries(tx, &self.address).await?;
        let everywhere = self.tries(tx, "").await?;
        match (self.rule)(here, everywhere, tx.now().as_millisecond()) {
            Err(until) => Ok(Err(until)),
            Ok((here, everywhere)) => {
                self.keep(tx, &self.address, here).await?;
                self.keep(tx, "", everywhere).await?;
                Ok(Ok(()))
            }
        }
    }
}

struct Touch {
    tenant: Tenant,
    token_hash: String,
}

impl Work for Touch {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let now = tx.now().as_millisecond();
        tx.exec(
            "UPDATE sessions SET seen_ms = $2 WHERE token_hash = $1 AND seen_ms < $2",
            args![self.token_hash.as_str(), now],
        )
        .await?;
        Ok(())
    }
}

struct End {
    actor: Actor,
    token_hash: String,
}

impl Work for End {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let ended = tx
            .exec("DELETE FROM sessions WHERE token_hash = $1", args![self.token_hash.as_str()])
            .await?;
        if ended > 0 {
            tx.audit(&self.actor, Entry::new("session.end", "account", &*self.actor.login))?;
        }
        Ok(())
    }
}

impl Store {
    /// The living session of a token. Looked up each time, so that an ended one is ended at once.
    pub async fn session(&self, token: &str) -> Result<Session, StoreError> {
        let token_hash = token_hash(token);
        let row = self
            .database()
            .one(
                "SELECT s.institution_id, s.account_id, s.terminal, s.seen_ms, s.idle_ms, \
                 s.expires_ms, a.login, a.display_name, a.role, i.name, i.utc_offset_seconds, s.station \
                 FROM sessions s \
                 JOIN accounts a ON a.institution_id = s.institution_id AND a.id = s.account_id \
                 JOIN institutions i ON i.id = s.institution_id \
                 WHERE s.token_hash = $1 AND a.disabled = 0",
                args![token_hash.as_str()],
            )
            .await?
            .ok_or(StoreError::SessionExpired)?;
        let (seen, idle, expires) = (sql::int(&row, 3)?, sql::int(&row, 4)?, sql::int(&row, 5)?);
        let now = self.clock().now().as_millisecond();
        if now >= expires || now >= seen.saturating_add(idle) {
            return Err(StoreError::SessionExpired);
        }
        let session = session(&row, token_hash)?;
        if now - seen >= TOUCH_MS.min(idle / 4) {
            let token_hash = session.token_hash.clone();
            self.write(Touch { tenant: session.tenant(), token_hash }).await?;
        }
        Ok(session)
    }

    /// Whether a session found earlier still lives. Looking does not prolong it.
    pub async fn session_lives(&self, session: &Session) -> Result<bool, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT s.seen_ms, s.idle_ms, s.expires_ms FROM sessions s \
                 JOIN accounts a ON a.institution_id = s.institution_id AND a.id = s.account_id \
                 WHERE s.token_hash = $1 AND a.disabled = 0",
                args![session.token_hash.as_str()],
            )
            .await?;
        let Some(row) = row else { return Ok(false) };
        let (seen, idle, expires) = (sql::int(&row, 0)?, sql::int(&row, 1)?, sql::int(&row, 2)?);
        let now = self.clock().now().as_millisecond();
        Ok(now < expires && now < seen.saturating_add(idle))
    }

    /// Ends a session; ending it twice is no error.
    pub async fn end_session(&self, session: &Session) -> Result<(), StoreError> {
        let token_hash = session.token_hash.clone();
        self.write(End { actor: session.actor.clone(), token_hash }).await
    }

    pub(crate) async fn begin_session(&self, new: NewSession) -> Result<Option<Begun>, StoreError> {
        self.write(new).await
    }

    /// Counts a try before the password is looked at, so that tries sent side by side count too; `Err` is
    /// until when to wait.
    pub(crate) async fn count_try(
        &self,
        tenant: Option<Tenant>,
        login: &str,
        address: &str,
        rule: TryRule,
    ) -> Result<Result<(), i64>, StoreError> {
        let (login, address) = (login.to_owned(), address.to_owned());
        self.write(Try { tenant, login, address, rule }).await
    }
}

fn session(row: &AnyRow, token_hash: String) -> Result<Session, StoreError> {
    let tenant = Tenant(sql::int(row, 0)?);
    let account_id = uuid(row, 1, "sessions.account_id")?;
    let (login, role) = (sql::text(row, 6)?, role(row, 8)?);
    Ok(Session {
        actor: Actor::person(tenant, account_id, login, sql::text(row, 2)?, role),
        info: SessionInfo {
            institution: sql::text(row, 9)?.to_owned(),
            account_id,
            login: login.to_owned(),
            display_name: sql::text(row, 7)?.to_owned(),
            role,
            station: u8::try_from(sql::int(row, 11)?).ok(),
            idle_limit_seconds: u64::try_from(sql::int(row, 4)? / 1000).unwrap_or(0),
            expires_at: moment(sql::int(row, 5)?)?,
        },
        offset: offset(row, 10)?,
        token_hash,
    })
}
