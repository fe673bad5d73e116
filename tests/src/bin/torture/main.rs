//! Faults on purpose, by the hundred: kills, cuts, full disks, damaged files, stopped databases, wrong clocks. In the
//! end everything that a screen called saved must be in the cloud once, and nothing else.
//!
//! `torture cloud` is the cloud as a process that can be killed; the phases start it.

mod cloud_process;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use e2e::faults::Fault;
use e2e::faults::clinic::Programs;
use e2e::faults::phases;
use e2e::faults::report::Report;
use e2e::faults::stage::Run;

/// Faults on purpose, by the hundred.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The small set, of less than a minute.
    #[arg(long, conflicts_with = "long")]
    fast: bool,
    /// The large set, of less than half an hour on two cores; so it is without either word.
    #[arg(long)]
    long: bool,
    /// Only these phases.
    #[arg(long, value_delimiter = ',', value_name = "PHASE")]
    only: Vec<String>,
    /// Repeats a run; another one each time without it.
    #[arg(long)]
    seed: Option<u64>,
    /// Where report and the files of failed phases are left.
    #[arg(long, default_value = "target/torture")]
    out: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Is the cloud of one phase. Orders on standard input: `clock SECONDS`.
    Cloud {
        /// Its settings.
        #[arg(long)]
        config: PathBuf,
    },
    /// Lists the phases.
    List,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(Command::Cloud { config }) => cloud_process::run(config).map(|()| true),
        Some(Command::List) => {
            for phase in phases::ALL {
                println!("{:<10} {}", phase.key, phase.about);
            }
            Ok(true)
        }
        None => torture(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("torture: {fault}");
            ExitCode::from(2)
        }
    }
}

/// What the long set promises at least.
const KILLS: u64 = 1_000;

/// Runs the phases; whether everything held.
fn torture(arguments: &Arguments) -> Result<bool, Fault> {
    let unknown = |key: &&String| phases::ALL.iter().all(|phase| phase.key != key.as_str());
    if let Some(key) = arguments.only.iter().find(unknown) {
        return Err(format!("there is no phase {key}; `torture list` names them").into());
    }
    let now = jiff::Timestamp::now().as_second().unsigned_abs();
    let seed = arguments.seed.unwrap_or(now);
    let torture = std::env::current_exe()?;
    let terminal = torture.with_file_name(format!("terminal{}", std::env::consts::EXE_SUFFIX));
    if !terminal.exists() {
        return Err(format!("{} is missing; `make torture` builds it", terminal.display()).into());
    }
    std::fs::create_dir_all(&arguments.out)?;
    let run = Run {
        programs: Programs { terminal, torture },
        seed,
        folder: arguments.out.canonicalize()?,
        long: !arguments.fast,
    };
    let set = if run.long { "long" } else { "fast" }.to_owned();
    let mut report = Report { seed, set, phases: Vec::new() };
    for phase in phases::ALL {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|key| key == phase.key) {
            continue;
        }
        println!("== {}: {}", phase.key, phase.about);
        let outcome = phase.run(&run);
        for told in &outcome.told {
            println!("   {told}");
        }
        for wrong in &outcome.wrong {
            println!("   WRONG {wrong}");
        }
        println!(
            "   {} confirmed, {} told saved, {} found once; {:.1} s",
            outcome.confirmed, outcome.saved, outcome.once, outcome.seconds
        );
        report.phases.push(outcome);
        report.write(&arguments.out.join("report.json"))?;
    }
    print!("\n{}", report.table());
    let kills: u64 = report.phases.iter().map(|phase| phase.kills_of_terminals).sum();
    let enough = !run.long || !arguments.only.is_empty() || kills >= KILLS;
    if !enough {
        println!("only {kills} kills of the kiosk; the long set promises {KILLS}");
    }
    Ok(report.is_clean() && enough)
}
