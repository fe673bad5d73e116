//! The faults, one kind a file. Each phase prepares a clinic, does its worst, and ends with the judge.

mod clocks;
mod damage;
mod database;
mod full;
mod kills;
mod line;

use std::time::Instant;

use super::Fault;
use super::report::Outcome;
use super::stage::Run;

/// A phase: its name on the command line, what it is, and how it is run.
pub struct Phase {
    /// For `--only`.
    pub key: &'static str,
    /// What it does.
    pub about: &'static str,
    run: fn(&Run, &str) -> Result<Outcome, Fault>,
}

/// All phases, in their order.
pub const ALL: &[Phase] = &[
    Phase { key: "steps", about: "kill kiosk at every disk step", run: kills::at_every_step },
    Phase { key: "fresh", about: "kill kiosk in its first run", run: kills::of_a_new_terminal },
    Phase { key: "kiosk", about: "kill kiosk at random", run: kills::at_random },
    Phase { key: "cloud", about: "kill cloud (SQLite)", run: kills::of_the_cloud },
    Phase {
        key: "cloud-pg",
        about: "kill cloud (PostgreSQL)",
        run: kills::of_the_cloud_on_postgres,
    },
    Phase { key: "both", about: "kill kiosk and cloud at once", run: kills::of_both },
    Phase { key: "line", about: "cut, stall, delay, half-close", run: line::storms },
    Phase { key: "postgres", about: "stop PostgreSQL at once", run: database::stops },
    Phase { key: "clocks", about: "clocks jump by a day", run: clocks::jumps },
    Phase { key: "full", about: "disk full", run: full::disks },
    Phase { key: "kernel", about: "disk full, by the kernel", run: full::by_the_kernel },
    Phase { key: "damage", about: "store cut short, bits flipped", run: damage::files },
    Phase { key: "restored", about: "an old copy of the store", run: damage::an_old_copy },
];

impl Phase {
    /// Runs it. What goes wrong on the way is told in the outcome, and fails the run.
    pub fn run(&self, run: &Run) -> Outcome {
        let begun = Instant::now();
        (self.run)(run, self.about).unwrap_or_else(|fault| Outcome {
            phase: self.about.to_owned(),
            wrong: vec![format!("could not be carried out: {fault}")],
            seconds: begun.elapsed().as_secs_f64(),
            kept: Some(run.folder.clone()),
            ..Outcome::default()
        })
    }
}
