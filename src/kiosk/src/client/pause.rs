//! Pauses between tries.

use std::time::Duration;

/// Pauses that grow, each a little off so that a clinic's terminals do not return in step.
pub(super) struct Pause {
    next: Duration,
    first: Duration,
    longest: Duration,
}

impl Pause {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, first, longest }
    }

    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }

    pub(super) fn take(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        // Without randomness the pause is merely exact.
        let random = getrandom::u32().unwrap_or(u32::MAX / 2);
        pause.mul_f64(0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX))
    }
}
