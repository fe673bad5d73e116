//! The way back to the window.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use super::message::Update;

/// Names a session within this run; the answers of an ended one no longer reach the window.
pub(super) type Epoch = u64;

/// Sends updates and wakes the window.
#[derive(Clone)]
pub(super) struct Port {
    window: Arc<Mutex<Inner>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

struct Inner {
    updates: Sender<Update>,
    epoch: Epoch,
}

impl Port {
    pub(super) fn new(updates: Sender<Update>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { window: Arc::new(Mutex::new(Inner { updates, epoch: 0 })), wake }
    }

    /// Begins another epoch: nothing of the old one passes after `last`.
    pub(super) fn turn(&self, last: Option<Update>) -> Epoch {
        let mut inner = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        inner.epoch += 1;
        let epoch = inner.epoch;
        if let Some(update) = last {
            // A closed window reads nothing any more.
            let _ = inner.updates.send(update);
        }
        drop(inner);
        (self.wake)();
        epoch
    }

    /// Tells the window, whoever is signed in.
    pub(super) fn tell(&self, update: Update) {
        let inner = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        // As above.
        let _ = inner.updates.send(update);
        drop(inner);
        (self.wake)();
    }

    /// Tells the window if the session is still the one that the update belongs to.
    pub(super) fn tell_in(&self, epoch: Epoch, update: Update) {
        let inner = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch == epoch {
            let _ = inner.updates.send(update);
            drop(inner);
            (self.wake)();
        }
    }
}
