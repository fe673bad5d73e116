//! The link's status, from how its calls went. A call has already been tried again before it counts as
//! failed, so one slow answer does not make the status flap.

use std::sync::{Mutex, PoisonError};

use api::receptions::{LinkState, LinkStatus};

use super::Base;
use super::failure::{CallError, Failure};
use crate::store::StoreError;

pub(super) struct Health {
    state: Mutex<LinkState>,
    /// Held until a new state is stored, so that states are stored in their order.
    storing: tokio::sync::Mutex<()>,
}

impl Default for Health {
    fn default() -> Self {
        let state = Mutex::new(LinkState::Starting);
        Self { state, storing: tokio::sync::Mutex::default() }
    }
}

impl Health {
    fn get(&self) -> LinkState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: LinkState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Whether the last call failed, so that waiting for another makes no sense.
    pub(super) fn is_down(&self) -> bool {
        !matches!(self.get(), LinkState::Up | LinkState::Starting)
    }
}

impl Base {
    /// Notes how a call went and hands its outcome on.
    pub(super) async fn noted<T>(
        &self,
        outcome: Result<T, CallError>,
    ) -> Result<Result<T, CallError>, StoreError> {
        let state = match &outcome {
            Ok(_) => LinkState::Up,
            Err(error) => error.failure().map_or(LinkState::Up, Failure::state),
        };
        if self.health.get() == state {
            return Ok(outcome);
        }
        let _order = self.health.storing.lock().await;
        let before = self.health.get();
        if before != state {
            self.health.set(state);
            self.client.set_down(self.health.is_down());
            let institution = &self.institution;
            if let Some(why) = outcome.as_ref().err().and_then(CallError::failure) {
                tracing::warn!(institution, ?state, %why, "link to the receipt computer");
            } else {
                tracing::info!(institution, ?state, "link to the receipt computer");
            }
            let status = LinkStatus { state, last_success: None };
            if let Err(error) = self.store.set_link_status(self.tenant, &status).await {
                // The next call tells it again; else the desks would go on seeing the old one.
                self.health.set(before);
                self.client.set_down(self.health.is_down());
                return Err(error);
            }
        }
        Ok(outcome)
    }

    /// Notes that the whole list was read just now.
    pub(super) async fn list_was_read(&self) -> Result<(), StoreError> {
        let status = LinkStatus { state: LinkState::Up, last_success: Some(self.clock.now()) };
        self.store.set_link_status(self.tenant, &status).await.map(drop)
    }
}
