//! Signal 9: to the kiosk at every step of its disk and at random moments, to the cloud under load, to both.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sandbox::clinic::Prng;

use crate::faults::Fault;
use crate::faults::disk::When;
use crate::faults::process::Process;
use crate::faults::report::Outcome;
use crate::faults::stage::{LONG, Run, Stage, expect};

/// Two terminals go through all steps of a run, one after the other, on a store that lives on: kill, start, kill at
/// the next step.
pub fn at_every_step(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let names = ["a".to_owned(), "b".to_owned()];
    let stride = run.size(1, 13);
    let steps: Mutex<Vec<u64>> = Mutex::default();
    in_parallel(&names, |at, name| {
        stage.sign_in(name)?;
        // The second terminal begins elsewhere, so that the two are never in step.
        let mut sweeps = When::ALL;
        sweeps.rotate_left(at);
        for when in sweeps {
            for power in [false, true] {
                let first = 1 + (run.seed + at as u64) % stride;
                let last = sweep(&stage, name, (first, stride), when, power, run.seed)?;
                steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(last);
            }
        }
        Ok(())
    })?;
    let steps = steps.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let most = steps.iter().max().copied().unwrap_or(0);
    let every = if stride == 1 { "each".to_owned() } else { format!("every {stride}th") };
    stage.note(|out| {
        out.told.push(format!(
            "killed before, within and after {every} of up to {most} steps of a run (open, save, send); once with what \
             the program has written, once with what it has synced alone, as when the power goes"
        ));
    });
    stage.finish(&names)
}

/// Runs the terminal again and again, stopping each time `stride` steps later, until a run ends before its stop. The
/// number of the last step that was reached.
fn sweep(
    stage: &Stage,
    name: &str,
    (first, stride): (u64, u64),
    when: When,
    power: bool,
    seed: u64,
) -> Result<u64, Fault> {
    let mut step = first;
    loop {
        let (at, seed) = (step.to_string(), seed.wrapping_add(step).to_string());
        let stop = ["--stop-at", &at, "--stop", when.name()];
        let enter = ["--count", "3", "--seed", &seed, "--leave", "--hurry"];
        let cut: &[&str] = if power { &["--power"] } else { &[] };
        let mut terminal = stage.start_terminal(name, &[&stop[..], &enter[..], cut].concat())?;
        let heard = terminal.wait_any(&["AT ", "END"], LONG)?;
        let (which, _) = expect(heard, name, "neither stopped nor finished")?;
        if which == 1 {
            terminal.finish(LONG)?;
            return Ok(step.saturating_sub(stride));
        }
        stage.kill_terminal(terminal);
        step += stride;
    }
}

/// A terminal is killed at each step of its very first run: key file, first file, first sign-in, first entry.
pub fn of_a_new_terminal(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let stride = run.size(1, 11);
    let mut names = Vec::new();
    let mut step = 1 + run.seed % stride;
    loop {
        let (name, at) = (format!("new{step}"), step.to_string());
        let when = When::ALL[usize::try_from(step % 3)?];
        let stop = ["--stop-at", &at, "--stop", when.name()];
        // The first entry of each person is refused until the person has signed in.
        let enter = ["--count", "6", "--seed", &at, "--leave", "--hurry"];
        let mut terminal = stage.start_terminal(&name, &[&stop[..], &enter[..]].concat())?;
        let heard = terminal.wait_any(&["AT ", "END"], LONG)?;
        names.push(name.clone());
        if expect(heard, &name, "neither stopped nor finished")?.0 == 1 {
            terminal.finish(LONG)?;
            break;
        }
        stage.kill_terminal(terminal);
        // It must be as good as new: somebody signs in and enters something.
        let mut terminal = stage.start_terminal(&name, &enter)?;
        expect(terminal.wait_line("END", LONG)?, &name, "did not work after the kill")?;
        terminal.finish(LONG)?;
        if stage.journal(&name)?.saved.is_empty() {
            return Err(format!("terminal {name} saved nothing after the kill").into());
        }
        step += stride;
    }
    let last = step.saturating_sub(stride);
    stage.note(|out| {
        out.told.push(format!("{} new terminals, killed at steps up to {last}", names.len() - 1));
    });
    stage.finish(&names)
}

/// Kills at moments that nobody chose.
pub fn at_random(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let names = ["a".to_owned(), "b".to_owned()];
    let rounds = run.size(260, 8);
    in_parallel(&names, |at, name| {
        stage.sign_in(name)?;
        let mut dice = Prng::of(run.seed, 0xA + at as u64);
        for _ in 0..rounds {
            one_life(&stage, name, &mut dice, 250)?;
        }
        Ok(())
    })?;
    stage.finish(&names)
}

/// A terminal that works until it is killed, at most so many milliseconds after its start.
fn one_life(stage: &Stage, name: &str, dice: &mut Prng, most: u64) -> Result<(), Fault> {
    let seed = dice.next().to_string();
    let pause = dice.below(4).to_string();
    let options = ["--count", "100000", "--seed", &seed, "--pause", &pause];
    let mut terminal = stage.start_terminal(name, &options)?;
    expect(terminal.wait_line("RUN", LONG)?, name, "did not start")?;
    std::thread::sleep(Duration::from_millis(dice.below(most)));
    stage.kill_terminal(terminal);
    Ok(())
}

/// The cloud is killed while three terminals work.
pub fn of_the_cloud(run: &Run, about: &str) -> Result<Outcome, Fault> {
    cloud_kills(run, about, None)
}

/// The same with PostgreSQL behind the cloud.
pub fn of_the_cloud_on_postgres(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let server = crate::postgres::server()?;
    cloud_kills(run, about, Some(server.fresh_database()?))
}

fn cloud_kills(run: &Run, about: &str, database: Option<String>) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, database)?;
    let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let mut terminals = at_work(&stage, &names, run.seed)?;
    let mut dice = Prng::of(run.seed, 0xC);
    for _ in 0..run.size(120, 4) {
        std::thread::sleep(Duration::from_millis(dice.below(run.size(1_200, 600))));
        stage.kill_cloud();
        // Now and then it stays away for a while.
        std::thread::sleep(Duration::from_millis(dice.below(100)));
        stage.start_cloud()?;
    }
    still_there(&mut terminals, &names)?;
    for (terminal, name) in terminals.into_iter().zip(&names) {
        terminal.finish(LONG).map_err(|e| format!("{name}: {e}"))?;
    }
    stage.finish(&names)
}

/// Terminals that enter something all the time, with somebody signed in and the event stream open.
pub fn at_work(stage: &Stage, names: &[String], seed: u64) -> Result<Vec<Process>, Fault> {
    let mut terminals = Vec::new();
    for (at, name) in names.iter().enumerate() {
        stage.sign_in(name)?;
        let seed = seed.wrapping_add(at as u64).to_string();
        let options = [
            "--sign-in",
            "--stay",
            "--count",
            "1000000",
            "--pause",
            "60",
            "--hurry",
            "--seed",
            &seed,
        ];
        let mut terminal = stage.start_terminal(name, &options)?;
        expect(terminal.wait_line("SAVED", LONG)?, name, "saved nothing")?;
        terminals.push(terminal);
    }
    Ok(terminals)
}

/// A terminal that nobody has killed must not have ended.
pub fn still_there(terminals: &mut [Process], names: &[String]) -> Result<(), Fault> {
    for (terminal, name) in terminals.iter_mut().zip(names) {
        expect(terminal.runs().then_some(()), name, "was not asked to")?;
    }
    Ok(())
}

/// Kiosk and cloud die independently of each other, at random moments.
pub fn of_both(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let names = ["a".to_owned(), "b".to_owned()];
    for name in &names {
        stage.sign_in(name)?;
    }
    let rounds = run.size(80, 4);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let cloud = scope.spawn(|| {
            let mut dice = Prng::of(run.seed, 0xCC);
            while !over.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(dice.below(500)));
                stage.kill_cloud();
                stage.start_cloud()?;
            }
            Ok::<(), Fault>(())
        });
        let done = in_parallel(&names, |at, name| {
            let mut dice = Prng::of(run.seed, 0xBB + at as u64);
            for _ in 0..rounds {
                one_life(&stage, name, &mut dice, 500)?;
            }
            Ok(())
        });
        over.store(true, Ordering::SeqCst);
        let cloud = cloud.join().unwrap_or_else(|_| Err("the thread that kills the cloud".into()));
        done.and(cloud)
    })?;
    stage.finish(&names)
}

/// The same for several terminals at once; the first fault of them.
fn in_parallel(
    names: &[String],
    work: impl Fn(usize, &str) -> Result<(), Fault> + Sync,
) -> Result<(), Fault> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(at, name)| scope.spawn(move || work(at, name)))
            .collect();
        let mut done = Ok(());
        for thread in threads {
            let result = thread.join().unwrap_or_else(|_| Err("a thread of the phase".into()));
            done = done.and(result);
        }
        done
    })
}
