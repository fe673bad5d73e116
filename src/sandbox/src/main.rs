//! `soegaki-sandbox`: messages of the outside world to try with, and the outside world itself on loopback.

mod emit;
mod emit_lab;
mod kind;
mod read;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The outside world of a clinic, synthetic throughout.
#[derive(Parser)]
#[command(name = "soegaki-sandbox", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write messages made by the real writers from generated people, each beside a .json of its value
    Emit(emit::Options),
    /// Read message files with the real readers: the value as JSON to standard output, warnings to standard error
    Read(read::Options),
    /// Run a synthetic clinic's receipt computer and a laboratory company until interrupted
    Serve(serve::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Emit(options) => emit::run(&options),
        Command::Read(options) => read::run(&options),
        Command::Serve(options) => serve::run(options),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("soegaki-sandbox: {error}");
        ExitCode::FAILURE
    })
}

/// Why a command gave up, in words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A file could not be written or a folder not made.
    #[error("{path}: cannot be written: {source}")]
    Write {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Standard output is gone.
    #[error("standard output: {0}")]
    Output(std::io::Error),
    /// A value has no JSON form.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A generated value does not make a message.
    #[error("HL7: {0}")]
    Hl7(#[from] exchange::hl7v2::Hl7Error),
    /// The sandbox could not start.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// The machine gave no threads.
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
}
