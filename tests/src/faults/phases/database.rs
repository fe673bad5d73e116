//! PostgreSQL goes down at once under load and comes back, while the cloud stays.

use std::time::Duration;

use sandbox::clinic::Prng;

use super::kills::{at_work, still_there};
use crate::faults::Fault;
use crate::faults::report::Outcome;
use crate::faults::stage::{LONG, Run, Stage};
use crate::postgres::Server;

/// Stops and starts while three terminals work. A server of its own: others would be stopped with it.
pub fn stops(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let server = Server::start()?;
    let stage = Stage::open(run, about, Some(server.fresh_database()?))?;
    let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let mut terminals = at_work(&stage, &names, run.seed)?;
    let mut dice = Prng::of(run.seed, 0xE);
    let rounds = run.size(40, 2);
    for _ in 0..rounds {
        std::thread::sleep(Duration::from_millis(dice.below(1_500)));
        server.stop_at_once()?;
        std::thread::sleep(Duration::from_millis(dice.below(400)));
        server.start_again()?;
        stage.note(|out| out.others += 1);
    }
    still_there(&mut terminals, &names)?;
    for (terminal, name) in terminals.into_iter().zip(&names) {
        terminal.finish(LONG).map_err(|e| format!("{name}: {e}"))?;
    }
    stage.note(|out| {
        out.told.push(format!("PostgreSQL {} stopped at once {rounds} times", server.version));
    });
    stage.finish(&names)
}
