//! The clinic's clock: local date and time that runs at a chosen rate, and can be held or set.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use jiff::civil::DateTime;
use tokio::sync::watch;

/// Faster than this, two receptions of a day could no longer be told apart.
const FASTEST: f64 = 100_000.0;

/// A clock that all parts of one sandbox share.
#[derive(Clone)]
pub struct SandboxClock {
    hand: Arc<Mutex<Hand>>,
    touched: Arc<watch::Sender<()>>,
}

/// Where the clock stood when it was last touched.
#[derive(Clone, Copy)]
struct Hand {
    since: Instant,
    clinic: DateTime,
    rate: f64,
}

impl Hand {
    fn read(&self, now: Instant) -> DateTime {
        let real = now.saturating_duration_since(self.since).as_secs_f64();
        let passed =
            SignedDuration::try_from_secs_f64(real * self.rate).unwrap_or(SignedDuration::MAX);
        self.clinic.checked_add(passed).unwrap_or(DateTime::MAX)
    }

    /// Real time until the clock shows `target`; `None` while it is held.
    fn wait(&self, now: Instant, target: DateTime) -> Option<Duration> {
        let left = self.read(now).duration_until(target).as_secs_f64();
        if left <= 0.0 {
            return Some(Duration::ZERO);
        }
        if self.rate <= 0.0 {
            return None;
        }
        Some(Duration::try_from_secs_f64(left / self.rate).unwrap_or(Duration::MAX))
    }
}

impl SandboxClock {
    /// A clock that shows `start` now. Rate 1.0 is real time, 60.0 a minute a second, 0.0 stands still.
    pub fn new(start: DateTime, rate: f64) -> Self {
        let hand = Hand { since: Instant::now(), clinic: start, rate: bounded(rate) };
        Self { hand: Arc::new(Mutex::new(hand)), touched: Arc::new(watch::Sender::new(())) }
    }

    /// What the clock on the clinic's wall shows.
    pub fn now(&self) -> DateTime {
        self.hand().read(Instant::now())
    }

    /// How fast it runs.
    pub fn rate(&self) -> f64 {
        self.hand().rate
    }

    /// Sets the hands; the rate stays.
    pub fn set(&self, to: DateTime) {
        self.touch(|_, hand| hand.clinic = to);
    }

    /// Moves the hands on by `by`.
    pub fn advance(&self, by: SignedDuration) {
        self.touch(|shown, hand| hand.clinic = shown.checked_add(by).unwrap_or(shown));
    }

    /// Changes how fast it runs; 0.0 holds it. A rate that is no number holds it too.
    pub fn set_rate(&self, rate: f64) {
        self.touch(|_, hand| hand.rate = bounded(rate));
    }

    /// Waits until the clock shows `target` or later, however it gets there.
    pub async fn until(&self, target: DateTime) {
        let mut touched = self.touched.subscribe();
        loop {
            let hand = self.hand();
            let wait = hand.wait(Instant::now(), target);
            if wait.is_some_and(|wait| wait.is_zero()) {
                return;
            }
            // The sender lives as long as `self`, so `changed` does not fail here.
            tokio::select! {
                _ = touched.changed() => {}
                () = tokio::time::sleep(wait.unwrap_or(Duration::MAX)), if wait.is_some() => {}
            }
        }
    }

    fn hand(&self) -> Hand {
        *self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touch(&self, change: impl FnOnce(DateTime, &mut Hand)) {
        let now = Instant::now();
        {
            let mut hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
            let shown = hand.read(now);
            hand.since = now;
            hand.clinic = shown;
            change(shown, &mut hand);
        }
        self.touched.send_replace(());
    }
}

fn bounded(rate: f64) -> f64 {
    if rate.is_finite() { rate.clamp(0.0, FASTEST) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn morning() -> DateTime {
        date(2026, 11, 24).at(8, 30, 0, 0)
    }

    #[test]
    fn a_held_clock_stands_still_and_moves_by_hand() {
        let clock = SandboxClock::new(morning(), 0.0);
        assert_eq!(clock.now(), morning());
        clock.advance(SignedDuration::from_mins(40));
        assert_eq!(clock.now(), date(2026, 11, 24).at(9, 10, 0, 0));
        clock.set(date(2026, 11, 25).at(0, 0, 1, 0));
        assert_eq!(clock.now(), date(2026, 11, 25).at(0, 0, 1, 0));
    }

    #[test]
    fn the_rate_stretches_real_time() {
        let since = Instant::now();
        let hand = Hand { since, clinic: morning(), rate: 60.0 };
        assert_eq!(hand.read(since + Duration::from_secs(30)), date(2026, 11, 24).at(9, 0, 0, 0));
        let wait = hand.wait(since, date(2026, 11, 24).at(9, 30, 0, 0)).unwrap();
        assert_eq!(wait, Duration::from_mins(1));
        assert_eq!(hand.wait(since, morning()), Some(Duration::ZERO));
        assert_eq!(Hand { rate: 0.0, ..hand }.wait(since, DateTime::MAX), None);
    }

    #[test]
    fn changing_the_rate_keeps_what_the_clock_shows() {
        let clock = SandboxClock::new(morning(), 0.0);
        clock.advance(SignedDuration::from_mins(5));
        clock.set_rate(3600.0);
        assert!(clock.now() >= date(2026, 11, 24).at(8, 35, 0, 0));
        clock.set_rate(0.0);
        assert_eq!(clock.now(), clock.now());
    }

    #[test]
    fn a_rate_that_is_no_number_holds_the_clock() {
        for rate in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(SandboxClock::new(morning(), rate).rate().abs() < f64::EPSILON, "{rate}");
        }
    }

    #[test]
    fn the_end_of_all_dates_is_no_panic() {
        let hand = Hand { since: Instant::now(), clinic: DateTime::MAX, rate: 1.0 };
        assert_eq!(hand.read(hand.since + Duration::from_secs(9)), DateTime::MAX);
    }

    #[tokio::test]
    async fn one_who_waits_is_woken_when_the_clock_is_set() {
        let clock = SandboxClock::new(morning(), 0.0);
        let waiter = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(date(2026, 11, 24).at(12, 0, 0, 0)).await }
        });
        tokio::task::yield_now().await;
        clock.set(date(2026, 11, 24).at(11, 59, 59, 0));
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        clock.advance(SignedDuration::from_secs(1));
        tokio::time::timeout(Duration::from_secs(30), waiter).await.unwrap().unwrap();
    }
}
