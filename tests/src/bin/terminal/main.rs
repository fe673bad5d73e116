//! A terminal without a window: the kiosk's real store and real worker, and persons who enter what a seed says. Made
//! to be killed; what it says stands in the file `journal` of its folder.
//!
//! Orders on standard input: `clock SECONDS` moves the terminal's clock, `full on` and `full off` fill and empty
//! its disk. When standard input ends, so does the program.

mod desk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use e2e::faults::disk::When;

/// A kiosk terminal without a window.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where store and journal lie.
    #[arg(long)]
    folder: PathBuf,
    /// What there is to know of the clinic.
    #[arg(long)]
    plan: PathBuf,
    /// The terminal's name.
    #[arg(long)]
    name: String,
    /// What is entered follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much is entered.
    #[arg(long, default_value_t = 0)]
    count: usize,
    /// Longest pause between two entries, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pause: u64,
    /// Signs everybody in first, even when nobody enters anything.
    #[arg(long)]
    sign_in: bool,
    /// The last one stays signed in.
    #[arg(long, requires = "sign_in")]
    stay: bool,
    /// Ends when everything is sent.
    #[arg(long)]
    leave: bool,
    /// Presses "send now" all the time.
    #[arg(long)]
    hurry: bool,
    /// Stops at this step of the disk and waits to be killed.
    #[arg(long)]
    stop_at: Option<u64>,
    /// When, relative to that step: before, torn, after.
    #[arg(long, default_value = "before", value_parser = when)]
    stop: When,
    /// Every so manieth step of the disk is refused as by a full one.
    #[arg(long)]
    full_every: Option<u64>,
    /// The disk keeps what is synced and nothing else.
    #[arg(long)]
    power: bool,
    /// Says saved before the store does. For the test that the judge sees it.
    #[arg(long)]
    lie: bool,
}

fn when(text: &str) -> Result<When, String> {
    When::parse(text).ok_or_else(|| "one of before, torn, after".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match desk::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("terminal {}: {fault}", arguments.name);
            ExitCode::FAILURE
        }
    }
}
