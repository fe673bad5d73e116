//! A line as bad as it can be, with the event stream and the outbox going through it.

use std::time::{Duration, Instant};

use sandbox::clinic::Prng;

use super::kills::{at_work, still_there};
use crate::faults::Fault;
use crate::faults::report::Outcome;
use crate::faults::stage::{LONG, Run, Stage};
use crate::proxy::Weather;

/// Storm, dead line and fair weather in turn while three terminals work.
pub fn storms(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let mut terminals = at_work(&stage, &names, run.seed)?;
    let mut dice = Prng::of(run.seed, 0xD);
    let wanted = run.size(600, 5);
    let end = Instant::now() + run.size(Duration::from_secs(150), LONG);
    let mut troubles = 0;
    while troubles < wanted && Instant::now() < end {
        let percent = 50 + dice.below(50);
        stage.proxy.set(Weather::Storm { percent });
        std::thread::sleep(Duration::from_millis(dice.below(1_000)));
        if dice.chance(30) {
            stage.proxy.set(Weather::Dead);
            std::thread::sleep(Duration::from_millis(dice.below(200)));
        } else if dice.chance(20) {
            stage.proxy.set(Weather::Fair);
            std::thread::sleep(Duration::from_millis(dice.below(500)));
        }
        troubles = stage.proxy.counts.bad();
    }
    still_there(&mut terminals, &names)?;
    stage.proxy.set(Weather::Fair);
    for (terminal, name) in terminals.into_iter().zip(&names) {
        terminal.finish(LONG).map_err(|e| format!("{name}: {e}"))?;
    }
    stage.finish(&names)
}
