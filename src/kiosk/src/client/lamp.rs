//! The line's lamp: computed from what really happened on the line, told only when it changes.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::message::{Failure, Line, Update};
use super::port::Port;

/// The clocks may differ by this much before it is worth a word, and a told difference may change by it.
const SKEW_STEP: i64 = 30;

#[derive(Clone)]
pub(super) struct Lamp {
    port: Port,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    state: Arc<Mutex<State>>,
    came_up: Arc<Notify>,
}

struct State {
    line: Line,
    skew: Option<i64>,
}

impl Lamp {
    pub(super) fn new(port: Port, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        let state = State { line: Line::Connecting, skew: None };
        port.tell(Update::Line(Line::Connecting));
        Self { port, clock, state: Arc::new(Mutex::new(state)), came_up: Arc::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(super) fn up(&self) {
        if self.set(|_| Line::Up) {
            self.came_up.notify_waiters();
        }
    }

    /// Waits until the lamp turns on.
    pub(super) async fn came_up(&self) {
        self.came_up.notified().await;
    }

    /// Down since the first failure of this cut.
    pub(super) fn down(&self, failure: Failure) {
        let now = self.now();
        self.set(|line| match line {
            Line::Down { since, failure: known } if known.kind == failure.kind => {
                Line::Down { since: *since, failure: known.clone() }
            }
            Line::Down { since, .. } => Line::Down { since: *since, failure },
            _ => Line::Down { since: now, failure },
        });
    }

    /// Whether this was a change.
    fn set(&self, next: impl FnOnce(&Line) -> Line) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = next(&state.line);
        let changed = line != state.line;
        if changed {
            state.line = line.clone();
            self.port.tell(Update::Line(line));
        }
        changed
    }

    /// Compares the clocks: the cloud said `cloud` between two looks at ours.
    pub(super) fn compare(&self, cloud: Timestamp, before: Timestamp, after: Timestamp) {
        let middle = i64::midpoint(before.as_millisecond(), after.as_millisecond());
        let skew = (cloud.as_millisecond() - middle) / 1000;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.skew.is_none_or(|told| (told - skew).abs() >= SKEW_STEP) {
            state.skew = Some(skew);
            self.port.tell(Update::ClockSkew(skew));
        }
    }

    /// A new person should be told even what the last one was.
    pub(super) fn forget_skew(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).skew = None;
    }
}
