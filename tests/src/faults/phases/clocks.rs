//! Clocks that jump by a day, forwards and backwards, at the terminals and at the cloud.

use std::time::Duration;

use sandbox::clinic::Prng;

use super::kills::{at_work, still_there};
use crate::faults::Fault;
use crate::faults::report::Outcome;
use crate::faults::stage::{LONG, Run, Stage};

const DAY: i64 = 24 * 60 * 60;

/// Jumps while three terminals work; in the end all clocks are right again. What the cloud has refused meanwhile,
/// since it lay in its future, must be on the screen of what is unsent.
pub fn jumps(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let mut terminals = at_work(&stage, &names, run.seed)?;
    let mut dice = Prng::of(run.seed, 0xF);
    for _ in 0..run.size(150, 6) {
        std::thread::sleep(Duration::from_millis(dice.below(run.size(700, 400))));
        let order = format!("clock {}", dice.pick(&[-DAY, 0, DAY]));
        match usize::try_from(dice.below(4))? {
            3 => stage.order_cloud(&order),
            at => terminals[at].order(&order),
        }
        stage.note(|out| out.others += 1);
    }
    still_there(&mut terminals, &names)?;
    stage.order_cloud("clock 0");
    for (terminal, name) in terminals.into_iter().zip(&names) {
        terminal.finish(LONG).map_err(|e| format!("{name}: {e}"))?;
    }
    let mut verdict = stage.judge(&names)?;
    let refused = std::mem::take(&mut verdict.refused).len();
    verdict.told -= refused;
    stage.note(|out| {
        if refused > 0 {
            out.told.push(format!(
                "{refused} entries of a terminal a day ahead were refused and stand on its screen"
            ));
        }
        out.add(&verdict);
    });
    Ok(stage.close())
}
