//! The link's status, from how its exchanges went. What goes out and what comes in are noted apart: while one of them
//! fails, the other's success does not hide it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use api::receptions::{LinkState, LinkStatus};
use jiff::{SignedDuration, Timestamp};

use super::Base;
use crate::links::line::Failure;
use crate::store::StoreError;

/// While the link works, the moment of the last exchange is stored this often.
const TELL_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// One direction of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Orders.
    Out,
    /// Answers and results.
    In,
}

/// How the link is.
#[derive(Default)]
pub(super) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last exchange of each direction; `None` while there was none.
    out: Option<LinkState>,
    back: Option<LinkState>,
    /// What was last stored.
    told: Option<LinkState>,
    success: Option<Timestamp>,
}

impl State {
    fn of(&mut self, way: Way) -> &mut Option<LinkState> {
        match way {
            Way::Out => &mut self.out,
            Way::In => &mut self.back,
        }
    }

    /// The worse of both directions.
    fn both(&self) -> LinkState {
        let known = || [self.out, self.back].into_iter().flatten();
        known()
            .find(|state| *state != LinkState::Up)
            .or(known().next())
            .unwrap_or(LinkState::Starting)
    }
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What failed in this direction is no longer wanted.
    pub(super) fn forget(&self, way: Way) {
        *self.state().of(way) = None;
    }
}

impl Base {
    /// Notes how an exchange went and hands its outcome on.
    pub(super) async fn noted<T>(
        &self,
        way: Way,
        outcome: Result<T, Failure>,
    ) -> Result<Result<T, Failure>, StoreError> {
        let now = self.clock.now();
        let success = outcome.is_ok().then_some(now);
        let (told, both, due) = {
            let mut state = self.health.state();
            *state.of(way) = Some(outcome.as_ref().err().map_or(LinkState::Up, Failure::state));
            let old = |at: Timestamp| now.duration_since(at) >= TELL_EVERY;
            (state.told, state.both(), success.is_some() && state.success.is_none_or(old))
        };
        if told == Some(both) && !due {
            return Ok(outcome);
        }
        let status = LinkStatus { state: both, last_success: success };
        self.store.set_lab_status(self.tenant, &self.lab, &status).await?;
        {
            let mut state = self.health.state();
            state.told = Some(both);
            state.success = success.or(state.success);
        }
        if told != Some(both) {
            let (institution, state) = (&self.institution, both);
            if let Err(why) = &outcome {
                tracing::warn!(institution, ?state, %why, "link to the laboratory");
            } else {
                tracing::info!(institution, ?state, "link to the laboratory");
            }
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_direction_does_not_hide_the_other() {
        let health = Health::default();
        let both = || health.state().both();
        assert_eq!(both(), LinkState::Starting);
        *health.state().of(Way::In) = Some(LinkState::Up);
        assert_eq!(both(), LinkState::Up);
        *health.state().of(Way::Out) = Some(LinkState::Garbled);
        assert_eq!(both(), LinkState::Garbled);
        health.forget(Way::Out);
        assert_eq!(both(), LinkState::Up);
        *health.state().of(Way::In) = Some(LinkState::Unreachable);
        *health.state().of(Way::Out) = Some(LinkState::Up);
        assert_eq!(both(), LinkState::Unreachable);
    }
}
