//! What was done and what came of it: a table for eyes, JSON for machines.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::Fault;
use super::oracle::Verdict;

/// What was done in one phase, and the verdict.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    /// Its name.
    pub phase: String,
    /// What was done, in words.
    pub told: Vec<String>,
    /// Kills of a terminal.
    pub kills_of_terminals: u64,
    /// Kills of the cloud.
    pub kills_of_cloud: u64,
    /// Connections that met with something bad.
    pub cuts: u64,
    /// Other faults: stops of the database, jumps of a clock, full disks, damaged files.
    pub others: u64,
    /// Entries that persons confirmed.
    pub confirmed: usize,
    /// How many of them the screen called saved.
    pub saved: usize,
    /// How many of those the cloud has once.
    pub once: usize,
    /// Called saved, and not in the cloud, and the person was not told.
    pub lost: usize,
    /// More than once in the cloud.
    pub doubled: usize,
    /// In the cloud, and nobody confirmed it.
    pub phantom: usize,
    /// Lost with a damaged file, and the person was told that the file is damaged.
    pub lost_and_told: usize,
    /// What is wrong, in words.
    pub wrong: Vec<String>,
    /// How often an entry reached the cloud again and was not stored again.
    pub repeated: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Where the files lie that show what is wrong.
    pub kept: Option<PathBuf>,
}

impl Outcome {
    /// Adds a verdict.
    pub fn add(&mut self, verdict: &Verdict) {
        self.confirmed += verdict.confirmed;
        self.saved += verdict.told;
        self.once += verdict.once;
        self.repeated += verdict.repeated;
        self.lost += verdict.lost.len();
        self.doubled += verdict.doubled.len();
        self.phantom += verdict.phantom.len();
        let lists = [
            ("lost", &verdict.lost),
            ("refused", &verdict.refused),
            ("doubled", &verdict.doubled),
            ("confirmed by nobody", &verdict.phantom),
            ("altered", &verdict.altered),
            ("out of order", &verdict.out_of_order),
        ];
        for (what, ids) in lists.iter().filter(|(_, ids)| !ids.is_empty()) {
            let first: Vec<String> = ids.iter().take(5).map(ToString::to_string).collect();
            self.wrong.push(format!("{} {what}: {}", ids.len(), first.join(", ")));
        }
        self.wrong.extend(verdict.broken.iter().take(20).cloned());
    }

    /// Whether everything that was promised was kept.
    pub fn is_clean(&self) -> bool {
        self.wrong.is_empty() && self.lost + self.doubled + self.phantom == 0
    }
}

/// All phases of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// With which the run can be repeated.
    pub seed: u64,
    /// The size of the run.
    pub set: String,
    /// In their order.
    pub phases: Vec<Outcome>,
}

impl Report {
    /// Whether nothing was lost, doubled or invented in any phase.
    pub fn is_clean(&self) -> bool {
        self.phases.iter().all(Outcome::is_clean)
    }

    fn sum(&self, count: impl Fn(&Outcome) -> u64) -> u64 {
        self.phases.iter().map(count).sum()
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut out = String::new();
        let head = [
            "kills kiosk",
            "kills cloud",
            "cuts",
            "others",
            "confirmed",
            "told saved",
            "sent again",
            "found once",
            "lost",
            "doubled",
            "phantom",
            "seconds",
        ];
        let _ = write!(out, "{:<34}", format!("{} set, seed {}", self.set, self.seed));
        for name in head {
            let _ = write!(out, " {name:>11}");
        }
        out.push('\n');
        for phase in &self.phases {
            row(&mut out, &phase.phase, &numbers(phase), phase.seconds);
        }
        let mut total = Outcome { phase: "all".to_owned(), ..Outcome::default() };
        for phase in &self.phases {
            total.kills_of_terminals += phase.kills_of_terminals;
            total.kills_of_cloud += phase.kills_of_cloud;
            total.cuts += phase.cuts;
            total.others += phase.others;
            total.confirmed += phase.confirmed;
            total.saved += phase.saved;
            total.repeated += phase.repeated;
            total.once += phase.once;
            total.lost += phase.lost;
            total.doubled += phase.doubled;
            total.phantom += phase.phantom;
            total.seconds += phase.seconds;
        }
        row(&mut out, "all", &numbers(&total), total.seconds);
        let damaged = self.sum(|phase| phase.lost_and_told as u64);
        if damaged > 0 {
            let _ = writeln!(
                out,
                "\nbeyond recovery in copies damaged on purpose, and the person was told: {damaged}"
            );
        }
        for phase in &self.phases {
            for wrong in &phase.wrong {
                let _ = writeln!(out, "WRONG in {}: {wrong}", phase.phase);
            }
            if let Some(kept) = &phase.kept {
                let _ = writeln!(out, "      its files: {}", kept.display());
            }
        }
        let verdict = if self.is_clean() { "nothing lost, nothing doubled" } else { "FAILED" };
        let _ = writeln!(out, "\n{verdict}; the same again: --seed {}", self.seed);
        out
    }

    /// Writes the JSON.
    pub fn write(&self, path: &Path) -> Result<(), Fault> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }
}

fn numbers(phase: &Outcome) -> [u64; 11] {
    [
        phase.kills_of_terminals,
        phase.kills_of_cloud,
        phase.cuts,
        phase.others,
        phase.confirmed as u64,
        phase.saved as u64,
        phase.repeated,
        phase.once as u64,
        phase.lost as u64,
        phase.doubled as u64,
        phase.phantom as u64,
    ]
}

fn row(out: &mut String, name: &str, numbers: &[u64], seconds: f64) {
    let _ = write!(out, "{name:<34}");
    for number in numbers {
        let _ = write!(out, " {number:>11}");
    }
    let _ = writeln!(out, " {:>11.1}", Duration::from_secs_f64(seconds.max(0.0)).as_secs_f64());
}
