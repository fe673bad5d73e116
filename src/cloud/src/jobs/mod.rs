//! Delivering what services outside must hear: rows of `outgoing`, kept with the change that caused them, so that a
//! restart forgets nothing. A row is tried until it is taken, with growing pauses; the rows about one subject keep
//! their order, and one that waits holds back no other subject.

use std::time::Duration;

use api::EventKind;
use jiff::SignedDuration;

use crate::store::lab::Outgoing;
use crate::store::{EventFeed, Store, StoreError, Tenant};

/// First pause after a row could not be handed over; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// Pause after the store gave no answer.
const STORE_PAUSE: Duration = Duration::from_secs(5);
/// With nothing waiting, the rows are looked at this often even if no event tells of one.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The row is done with; the courier has told the store so.
    Done,
    /// It could not be handed over; try again. Why, for people: no patient's data.
    Failed(String),
}

/// Carries rows of one service.
pub(crate) trait Courier: Send + Sync {
    /// Hands a row over and tells the store what came of it.
    fn carry(
        &self,
        outgoing: &Outgoing,
    ) -> impl Future<Output = Result<Delivery, StoreError>> + Send;
}

/// Works through the rows of a service for ever.
pub(crate) async fn run(store: Store, tenant: Tenant, service: &str, courier: impl Courier) {
    let mut feed = None;
    loop {
        // Followed before the rows are looked at: what is stored meanwhile is told afterwards.
        if feed.is_none() {
            feed = store.event_head(tenant).await.ok().map(|head| store.follow(tenant, head));
        }
        match work(&store, tenant, service, &courier).await {
            Ok(wait) => {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = news(&mut feed) => {}
                }
            }
            Err(error) => {
                tracing::error!(service, cause = %error, "what waits could not be looked at");
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
    }
}

/// Tries each row whose turn it is, and tells how long nothing will be to do.
async fn work(
    store: &Store,
    tenant: Tenant,
    service: &str,
    courier: &impl Courier,
) -> Result<Duration, StoreError> {
    while let Some(outgoing) = store.next_outgoing(tenant, service).await? {
        let delivery = match courier.carry(&outgoing).await {
            // What is wrong with one row holds back no other.
            Err(error @ (StoreError::Damaged(_) | StoreError::NotFound(_))) => {
                tracing::error!(service, message = outgoing.seq, cause = %error, "not deliverable");
                Delivery::Failed(error.to_string())
            }
            other => other?,
        };
        match delivery {
            Delivery::Done => {
                tracing::debug!(service, message = outgoing.seq, "delivered");
            }
            Delivery::Failed(why) => {
                let pause = pause(outgoing.tries, outgoing.seq);
                tracing::debug!(service, message = outgoing.seq, ?pause, why, "not delivered");
                let step = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
                let next = store.clock().now() + step;
                store.outgoing_failed(tenant, outgoing.seq, next, &why).await?;
            }
        }
    }
    let Some(next) = store.next_try(tenant, service).await? else { return Ok(LOOK_EVERY) };
    let wait = next.duration_since(store.clock().now());
    let wait = Duration::try_from(wait).unwrap_or(Duration::ZERO);
    Ok(wait.clamp(Duration::from_millis(50), LOOK_EVERY))
}

/// Ends when a lab order has changed: the change may have left a row.
async fn news(feed: &mut Option<EventFeed>) {
    while let Some(followed) = feed {
        match followed.next().await.map(|event| event.kind) {
            Ok(EventKind::LabChanged { .. } | EventKind::Reset) => return,
            Ok(_) => {}
            Err(_) => *feed = None,
        }
    }
    tokio::time::sleep(STORE_PAUSE).await;
}

/// Grows with the tries; somewhat different for each row, so that they do not all come at once.
fn pause(tries: u32, seq: i64) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tries)).min(LONGEST_PAUSE);
    let spread = u32::try_from((seq.unsigned_abs().wrapping_mul(37) + u64::from(tries)) % 21);
    longest.saturating_mul(80 + spread.unwrap_or(0)) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let mut before = Duration::ZERO;
        for tries in 0..7 {
            let now = pause(tries, 5);
            assert!(now > before, "{tries}: {now:?}");
            before = now;
        }
        assert!((Duration::from_millis(1600)..=FIRST_PAUSE).contains(&pause(0, 5)));
        for tries in [8, 40, u32::MAX] {
            assert!((LONGEST_PAUSE * 4 / 5..=LONGEST_PAUSE).contains(&pause(tries, 77)));
        }
        assert_ne!(pause(3, 1), pause(3, 2));
    }
}
