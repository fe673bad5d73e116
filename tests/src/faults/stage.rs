//! One phase's clinic with its line and its cloud, and the end of every phase: no more faults, everything sent, the
//! verdict.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Fault;
use super::clinic::{Clinic, Programs};
use super::journal::Journal;
use super::oracle::{self, Stored, Verdict};
use super::process::Process;
use super::report::Outcome;
use crate::proxy::{Fate, Proxy, Weather};

/// Longer than anything takes that must come, on the slowest machine.
pub const LONG: Duration = Duration::from_mins(5);

/// Enough that thousands of entries leave each of them with no more than a long life would.
const PATIENTS: usize = 60;

/// What all phases of a run share.
#[derive(Debug, Clone)]
pub struct Run {
    /// What is run.
    pub programs: Programs,
    /// From which everything by chance follows.
    pub seed: u64,
    /// Under which each phase has its folder.
    pub folder: PathBuf,
    /// The long set, or the one of every day.
    pub long: bool,
}

impl Run {
    /// One number for the long set, another for the fast one.
    pub fn size<T>(&self, long: T, fast: T) -> T {
        if self.long { long } else { fast }
    }
}

/// A phase under way.
pub struct Stage {
    /// The clinic.
    pub clinic: Clinic,
    /// The line between terminals and cloud.
    pub proxy: Proxy,
    /// What is reported.
    pub out: Mutex<Outcome>,
    cloud: Mutex<Option<Process>>,
    folder: PathBuf,
    begun: Instant,
}

impl Stage {
    /// Prepares a clinic and starts its cloud. `database` is an empty PostgreSQL database, or nothing for SQLite.
    pub fn open(run: &Run, phase: &str, database: Option<String>) -> Result<Self, Fault> {
        let begun = Instant::now();
        let proxy = Proxy::start(run.seed)?;
        let folder = run.folder.join(phase.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let clinic = Clinic::prepare(&run.programs, &folder, database, proxy.address, PATIENTS)?;
        let out = Outcome { phase: phase.to_owned(), ..Outcome::default() };
        let stage =
            Self { clinic, proxy, out: Mutex::new(out), cloud: Mutex::new(None), folder, begun };
        stage.start_cloud()?;
        Ok(stage)
    }

    /// Writes down in the report.
    pub fn note(&self, change: impl FnOnce(&mut Outcome)) {
        change(&mut self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    /// Starts the cloud where it does not run.
    pub fn start_cloud(&self) -> Result<(), Fault> {
        let mut cloud = self.cloud.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if cloud.as_mut().is_some_and(Process::runs) {
            return Ok(());
        }
        let (process, address) = self.clinic.start_cloud()?;
        self.proxy.reach(address);
        *cloud = Some(process);
        Ok(())
    }

    /// Kills the cloud.
    pub fn kill_cloud(&self) {
        let mut cloud = self.cloud.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if cloud.take().is_some_and(|mut process| process.kill()) {
            self.note(|out| out.kills_of_cloud += 1);
        }
    }

    /// Gives the cloud an order.
    pub fn order_cloud(&self, order: &str) {
        let mut cloud = self.cloud.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(cloud) = cloud.as_mut() {
            cloud.order(order);
        }
    }

    /// Starts a terminal.
    pub fn start_terminal(&self, name: &str, options: &[&str]) -> Result<Process, Fault> {
        self.clinic.start_terminal(name, options)
    }

    /// Kills a terminal.
    pub fn kill_terminal(&self, mut terminal: Process) {
        if terminal.kill() {
            self.note(|out| out.kills_of_terminals += 1);
        }
    }

    /// Signs everybody in at a new terminal, so that it can be used with a dead line from then on.
    pub fn sign_in(&self, name: &str) -> Result<(), Fault> {
        let mut terminal = self.start_terminal(name, &["--sign-in", "--leave"])?;
        expect(terminal.wait_line("DRAINED", LONG)?, name, "signed nobody in")?;
        terminal.finish(LONG)
    }

    /// Lets terminals send what they have, without faults.
    pub fn drain(&self, names: &[String]) -> Result<(), Fault> {
        self.proxy.set(Weather::Fair);
        self.start_cloud()?;
        for some in names.chunks(4) {
            let mut terminals = Vec::new();
            for name in some {
                terminals.push((name, self.start_terminal(name, &["--leave", "--hurry"])?));
            }
            for (name, mut terminal) in terminals {
                // However much it is: as long as it goes on, it goes on.
                let failed = "did not send everything";
                while expect(terminal.wait_any(&["DRAINED", "SENT"], LONG)?, name, failed)?.0 == 1 {
                }
                terminal.finish(LONG)?;
            }
        }
        Ok(())
    }

    /// The end of the cloud, in order, and what its database holds.
    pub fn read(&self) -> Result<Stored, Fault> {
        let cloud = self.cloud.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(cloud) = cloud {
            cloud.finish(LONG)?;
        }
        Stored::read(&self.clinic.database)
    }

    /// What a terminal has said.
    pub fn journal(&self, name: &str) -> Result<Journal, Fault> {
        Ok(Journal::read(&self.clinic.terminal_folder(name).join("journal"))?)
    }

    /// Sends everything and judges.
    pub fn judge(&self, names: &[String]) -> Result<Verdict, Fault> {
        self.drain(names)?;
        let stored = self.read()?;
        let mut journals = Vec::new();
        for name in names {
            journals.push((name.clone(), self.journal(name)?));
        }
        Ok(oracle::judge(&journals, &stored))
    }

    /// The usual end: send, judge, report, and clear away where nothing is wrong.
    pub fn finish(self, names: &[String]) -> Result<Outcome, Fault> {
        let verdict = self.judge(names)?;
        self.note(|out| out.add(&verdict));
        Ok(self.close())
    }

    /// Reports; clears away where nothing is wrong.
    pub fn close(self) -> Outcome {
        let counts = &self.proxy.counts;
        let met: Vec<String> = Fate::BAD
            .iter()
            .filter(|fate| counts.of(**fate) > 0)
            .map(|fate| format!("{} {}", counts.of(*fate), fate.name()))
            .collect();
        let (refused, bad) = (counts.refused(), counts.bad());
        let mut out = self.out.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        out.cuts += refused + bad;
        if bad + refused > 0 {
            let met = if met.is_empty() { String::new() } else { format!(": {}", met.join(", ")) };
            let all = counts.connections();
            let away = match counts.nobody() {
                0 => String::new(),
                nobody => format!(", {nobody} with no cloud at the other end"),
            };
            let dead = format!("{refused} refused or broken off by a dead line");
            out.told.push(format!("{all} connections{met}, {dead}{away}"));
        }
        out.seconds = self.begun.elapsed().as_secs_f64();
        if out.is_clean() {
            // A folder that stays is only untidy.
            let _ = std::fs::remove_dir_all(&self.folder);
        } else {
            out.kept = Some(self.folder);
        }
        out
    }
}

/// The words of a program that has ended before it said what it should.
pub fn expect<T>(found: Option<T>, name: &str, failed: &str) -> Result<T, Fault> {
    found.ok_or_else(|| format!("terminal {name} ended and {failed}; see its file errors").into())
}
