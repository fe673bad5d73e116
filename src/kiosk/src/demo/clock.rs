//! The demo's clock: it is always morning at the demo clinic, whenever the demo is watched.

use std::time::Instant;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// When the demo begins, on the clinic's wall.
pub const MORNING: Time = Time::constant(9, 14, 0, 0);

/// Japan's time.
pub const OFFSET: Offset = Offset::constant(9);

/// A clock that showed [`MORNING`] when the demo began and runs as any other.
#[derive(Debug, Clone, Copy)]
pub struct DemoClock {
    base: DateTime,
    began: Instant,
}

impl DemoClock {
    /// Begins the morning of `today`.
    pub fn begin(today: Date) -> Self {
        Self::begin_at(today, MORNING)
    }

    /// Begins at another time of day.
    pub fn begin_at(today: Date, time: Time) -> Self {
        Self { base: today.to_datetime(time), began: Instant::now() }
    }

    /// What the clock on the clinic's wall shows.
    pub fn wall(&self) -> DateTime {
        let passed = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.base.saturating_add(passed)
    }

    /// The same as a moment.
    pub fn now(&self) -> Timestamp {
        // Only years beyond 9999 have no moment.
        OFFSET.to_timestamp(self.wall()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The demo's day.
    pub fn today(&self) -> Date {
        self.wall().date()
    }
}
