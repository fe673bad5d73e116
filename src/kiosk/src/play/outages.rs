//! `--outages SEED`: the line goes and comes at moments that the seed alone decides.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ::sandbox::clinic::Prng;

use super::report::Outage;
use crate::demo::line::{Cut, Plug};

/// Outages under way.
pub struct Outages {
    stop: Sender<()>,
    thread: Option<JoinHandle<Vec<Outage>>>,
}

impl Outages {
    /// Begins.
    pub fn begin(seed: u64, plug: Plug) -> Self {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let began = Instant::now();
            let mut dice = Prng::of(seed, 0);
            let mut outages = Vec::new();
            let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
            loop {
                let whole = Duration::from_millis(1_500 + dice.below(6_000));
                if stopped.recv_timeout(whole) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                // A step that cuts the line itself is left alone.
                if plug.state() != Cut::Whole {
                    continue;
                }
                let at_ms = millis(began.elapsed());
                let length = Duration::from_millis(200 + dice.below(2_500));
                plug.set(if dice.chance(50) { Cut::Broken } else { Cut::Silent });
                let over = stopped.recv_timeout(length) != Err(RecvTimeoutError::Timeout);
                plug.set(Cut::Whole);
                outages.push(Outage { at_ms, for_ms: millis(length) });
                if over {
                    break;
                }
            }
            outages
        });
        Self { stop, thread: Some(thread) }
    }

    /// Ends; the line is whole again.
    pub fn end(mut self) -> Vec<Outage> {
        let _ = self.stop.send(());
        self.thread.take().and_then(|t| t.join().ok()).unwrap_or_default()
    }
}
