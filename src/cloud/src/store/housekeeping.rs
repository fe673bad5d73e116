//! Removing what is no longer of use. The audit log and the records are never removed here.

use jiff::SignedDuration;

use super::entries::STATE_KIND;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Store, StoreError, Tenant};

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events: as long as a terminal may be away without loading everything anew.
    pub events: SignedDuration,
    /// Entries that changed a reception's state: longer than a terminal may send one again. Those of profiles are
    /// records and stay.
    pub state_changes: SignedDuration,
    /// Counters of wrong passwords after the last one.
    pub tries: SignedDuration,
    /// Where somebody signed in from: as long as that address is a known one.
    pub known_addresses: SignedDuration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events: SignedDuration::from_hours(24 * 7),
            state_changes: SignedDuration::from_hours(24 * 90),
            tries: SignedDuration::from_hours(24),
            known_addresses: SignedDuration::from_hours(24 * 90),
        }
    }
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Ended sessions.
    pub sessions: u64,
    /// Old events.
    pub events: u64,
    /// Old entries that changed a reception's state.
    pub state_changes: u64,
    /// Old counters.
    pub tries: u64,
}

struct Prune {
    tenant: Option<Tenant>,
    retention: Retention,
}

impl Work for Prune {
    type Output = Pruned;

    fn tenant(&self) -> Option<Tenant> {
        self.tenant
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Pruned, StoreError> {
        let moment = tx.now();
        let before = |age: SignedDuration| {
            sql::stamp(moment.checked_sub(age).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
        };
        let (events, changes) =
            (before(self.retention.events), before(self.retention.state_changes));
        let now = moment.as_millisecond();
        let ago =
            |age: SignedDuration| now - i64::try_from(age.as_millis()).unwrap_or(i64::MAX / 2);
        let (tries, known) = (ago(self.retention.tries), ago(self.retention.known_addresses));
        let id = self.tenant.map_or(0, |tenant| tenant.0);
        Ok(Pruned {
            sessions: tx
                .exec(
                    "DELETE FROM sessions WHERE institution_id = $1 \
                     AND (expires_ms <= $2 OR seen_ms + idle_ms <= $2)",
                    args![id, now],
                )
                .await?,
            events: tx
                .exec(
                    // By number, not by time: two processes' clocks differ, and the stream may
                    // lose its lower end but never a number in the middle.
                    "DELETE FROM events WHERE institution_id = $1 AND seq <= \
                     (SELECT COALESCE(MAX(seq), 0) FROM events \
                     WHERE institution_id = $1 AND at < $2)",
                    args![id, events],
                )
                .await?,
            state_changes: tx
                .exec(
                    "DELETE FROM entries WHERE institution_id = $1 AND kind = $2 AND at < $3",
                    args![id, STATE_KIND, changes],
                )
                .await?,
            tries: tx
                .exec(
                    "DELETE FROM sign_in_tries WHERE institution_id = $1 \
                     AND failed_ms < $2 AND succeeded_ms < $3",
                    args![id, tries, known],
                )
                .await?,
        })
    }
}

impl Store {
    /// Removes what is past its retention, in all institutions. To be called about once an hour; several
    /// processes may do so.
    pub async fn prune(&self, retention: Retention) -> Result<Pruned, StoreError> {
        let mut tenants = vec![None];
        tenants.extend(self.institutions().await?.into_iter().map(|i| Some(i.tenant)));
        let mut total = Pruned::default();
        for tenant in tenants {
            let done = self.write(Prune { tenant, retention }).await?;
            total.sessions += done.sessions;
            total.events += done.events;
            total.state_changes += done.state_changes;
            total.tries += done.tries;
        }
        Ok(total)
    }
}
