//! Where the time comes from: the machine, or a hand that a test holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// A clock, cheap to clone; clones of a held clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds since 1970; `None` asks the machine.
    held: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { held: None }
    }

    /// A clock that stands at `at` until it is moved.
    pub fn held(at: Timestamp) -> Self {
        Self { held: Some(Arc::new(AtomicI64::new(at.as_microsecond()))) }
    }

    /// Now, to the microsecond.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.held {
            Some(held) => held.load(Ordering::SeqCst),
            None => Timestamp::now().as_microsecond(),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The day that it is now where the offset holds.
    pub fn today(&self, offset: Offset) -> Date {
        offset.to_datetime(self.now()).date()
    }

    /// Moves a held clock, backwards with a negative step. The machine's clock is not moved.
    pub fn advance(&self, step: SignedDuration) {
        if let Some(held) = &self.held {
            let micros = i64::try_from(step.as_micros()).unwrap_or(0);
            held.fetch_add(micros, Ordering::SeqCst);
        }
    }

    /// Sets a held clock.
    pub fn set(&self, at: Timestamp) {
        if let Some(held) = &self.held {
            held.store(at.as_microsecond(), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use jiff::tz::Offset;
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn a_held_clock_moves_only_by_hand_and_with_its_clones() {
        let start: Timestamp = "2026-11-22T14:59:59Z".parse().unwrap();
        let clock = Clock::held(start);
        let other = clock.clone();
        assert_eq!(clock.now(), start);
        assert_eq!(clock.today(Offset::constant(9)).to_string(), "2026-11-22");
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(other.now().to_string(), "2026-11-22T15:00:00Z");
        assert_eq!(other.today(Offset::constant(9)).to_string(), "2026-11-23");
        other.set(start);
        assert_eq!(clock.now(), start);
    }
}
