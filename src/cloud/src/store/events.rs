//! The numbered stream of changes: stored with what caused them, told after the commit, read again by number.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use api::{Event, EventKind};
use sqlx::any::AnyRow;
use tokio::sync::watch;

use super::sql::{self, args};
use super::{Store, StoreError, Tenant};

/// Events read at once by a feed.
const PAGE: u32 = 200;

/// The last event of each institution that somebody follows. Followers read the events themselves from the
/// database, so a slow one loses nothing and another process's events come the same way.
#[derive(Default)]
pub(super) struct Heads {
    watched: Mutex<HashMap<Tenant, watch::Sender<i64>>>,
}

impl Heads {
    /// Tells the followers where the streams stand now.
    pub(super) fn announce(&self, heads: &[(Tenant, i64)]) {
        if heads.is_empty() {
            return;
        }
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        for (tenant, seq) in heads {
            if let Some(sender) = watched.get(tenant) {
                sender.send_if_modified(|last| {
                    let newer = seq > last;
                    *last = (*last).max(*seq);
                    newer
                });
            }
        }
    }

    /// Whether anybody follows.
    pub(super) fn anybody(&self) -> bool {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.values().any(|sender| sender.receiver_count() > 0)
    }

    fn watch(&self, tenant: Tenant) -> watch::Receiver<i64> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.entry(tenant).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Ends all feeds.
    pub(super) fn close(&self) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Part of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventPage {
    /// The events directly after the number asked for, without a gap; empty when there are none yet.
    Events(Vec<Event>),
    /// The number asked for is no longer kept (or was never given): load everything anew and go on from
    /// this number.
    Reset(i64),
}

impl Store {
    /// Number of the institution's last event; 0 before the first.
    pub async fn event_head(&self, tenant: Tenant) -> Result<i64, StoreError> {
        let row = self
            .database()
            .one("SELECT event_seq FROM heads WHERE institution_id = $1", args![tenant])
            .await?
            .ok_or(StoreError::NotFound("institution"))?;
        sql::int(&row, 0)
    }

    /// At most `limit` events after number `after`.
    pub async fn events_after(
        &self,
        tenant: Tenant,
        after: i64,
        limit: u32,
    ) -> Result<EventPage, StoreError> {
        // The head is read first: what it counts is committed and must be found afterwards.
        let head = self.event_head(tenant).await?;
        if after == head {
            return Ok(EventPage::Events(Vec::new()));
        }
        if after < 0 || after > head {
            return Ok(EventPage::Reset(head));
        }
        let rows = self
            .database()
            .all(
                "SELECT seq, at, body FROM events \
                 WHERE institution_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                args![tenant, after, i64::from(limit.max(1))],
            )
            .await?;
        let events = rows.iter().map(event).collect::<Result<Vec<_>, _>>()?;
        if events.first().is_none_or(|first| first.seq != after + 1) {
            return Ok(EventPage::Reset(head));
        }
        Ok(EventPage::Events(events))
    }

    /// Follows the stream from after number `after`: what is stored first, then what comes, whichever
    /// process stored it.
    pub fn follow(&self, tenant: Tenant, after: i64) -> EventFeed {
        EventFeed {
            store: self.clone(),
            tenant,
            after,
            heads: self.heads().watch(tenant),
            waiting: VecDeque::new(),
        }
    }
}

fn event(row: &AnyRow) -> Result<Event, StoreError> {
    Ok(Event {
        seq: sql::int(row, 0)?,
        at: sql::parse_stamp(sql::text(row, 1)?, "events.at")?,
        kind: sql::json(row, 2, "events.body")?,
    })
}

/// A followed stream.
pub struct EventFeed {
    store: Store,
    tenant: Tenant,
    after: i64,
    heads: watch::Receiver<i64>,
    waiting: VecDeque<Event>,
}

impl EventFeed {
    /// The next event; waits for one. A gap comes as one [`EventKind::Reset`] with the number to go on from.
    /// May be dropped while it waits, nothing is lost. Ends with [`StoreError::Unavailable`] when the store
    /// closes.
    pub async fn next(&mut self) -> Result<Event, StoreError> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.after = event.seq;
                return Ok(event);
            }
            // Marked as seen before the read: what is committed after the read wakes us again.
            self.heads.borrow_and_update();
            match self.store.events_after(self.tenant, self.after, PAGE).await? {
                EventPage::Reset(seq) => {
                    self.after = seq;
                    let at = self.store.clock().now();
                    return Ok(Event { seq, at, kind: EventKind::Reset });
                }
                EventPage::Events(events) if events.is_empty() => {
                    self.heads
                        .changed()
                        .await
                        .map_err(|_| StoreError::Unavailable("the store is closed".to_owned()))?;
                }
                EventPage::Events(events) => self.waiting.extend(events),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Heads;
    use crate::store::Tenant;

    #[test]
    fn an_announcement_wakes_the_followers_of_that_institution_once() {
        let heads = Heads::default();
        assert!(!heads.anybody());
        let (one, two) = (Tenant(1), Tenant(2));
        let (mut first, second) = (heads.watch(one), heads.watch(two));
        heads.announce(&[(one, 7)]);
        assert!(first.has_changed().unwrap() && !second.has_changed().unwrap());
        assert_eq!(*first.borrow_and_update(), 7);
        // Late news from a slower process is no news.
        heads.announce(&[(one, 7), (one, 6)]);
        assert!(!first.has_changed().unwrap());
        drop(first);
        assert!(heads.anybody());
        drop(second);
        assert!(!heads.anybody());
    }
}
