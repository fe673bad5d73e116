//! `read`: message files through the real readers.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clinical::Reception;
use exchange::Warning;
use exchange::hl7v2::{Hl7Error, OrderMessage, ResultMessage};
use exchange::orca::{ApiResult, Outcome, acceptlstv2, medicalmodv2, patientgetv2};
use serde_json::Value;

use crate::CliError;
use crate::kind::{self, Kind};

/// What to read.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Kind of message
    #[arg(long, value_enum)]
    kind: Kind,
    /// Files, each one message
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// What a file says.
struct Heard {
    value: Value,
    warnings: Vec<Warning>,
}

/// Reads every file, those after a broken one too; fails if one was broken.
pub(crate) fn run(options: &Options) -> Result<ExitCode, CliError> {
    let mut code = ExitCode::SUCCESS;
    for file in &options.files {
        match read(options.kind, file) {
            Ok(heard) => {
                for warning in heard.warnings {
                    eprintln!("{}: warning: {}: {}", file.display(), warning.place, warning.reason);
                }
                let json = serde_json::to_string_pretty(&heard.value)?;
                writeln!(std::io::stdout(), "{json}").map_err(CliError::Output)?;
            }
            Err(reason) => {
                eprintln!("{}: {reason}", file.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// The value of a file, or place and reason why there is none.
fn read(kind: Kind, file: &Path) -> Result<Heard, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("cannot be read: {error}"))?;
    match kind {
        Kind::OrcaPatient => patient(&bytes),
        Kind::OrcaReception => receptions(&bytes),
        Kind::OrcaOrder => order(&bytes),
        Kind::Hl7Order => hl7(OrderMessage::read(&bytes)),
        Kind::Hl7Result => hl7(ResultMessage::read(&bytes)),
    }
}

fn patient(bytes: &[u8]) -> Result<Heard, String> {
    let reply = patientgetv2::read_reply(bytes).map_err(|error| error.to_string())?;
    let mut warnings = reply.warnings;
    let outcome = reply.result.outcome(exchange::orca::Endpoint::PatientGet);
    if reply.patient.is_none() && matches!(outcome, Outcome::Ok | Outcome::Warning) {
        let first = warnings.into_iter().next();
        return Err(first.map_or_else(
            || "Patient_Information: missing".to_owned(),
            |warning| format!("{}: {}", warning.place, warning.reason),
        ));
    }
    warnings.extend(not_ok(&reply.result, outcome));
    Ok(Heard { value: json(&reply.patient)?, warnings })
}

fn receptions(bytes: &[u8]) -> Result<Heard, String> {
    let reply = acceptlstv2::read_reply(bytes).map_err(|error| error.to_string())?;
    let outcome = reply.outcome();
    let mut warnings = reply.warnings;
    warnings.extend(not_ok(&reply.result, outcome));
    let names = kind::contents();
    let receptions: Vec<Reception> = match reply.date {
        Some(date) => reply.rows.iter().map(|row| row.reception(date, &names)).collect(),
        None if reply.rows.is_empty() => Vec::new(),
        None => return Err("Acceptance_Date: missing".to_owned()),
    };
    Ok(Heard { value: json(&receptions)?, warnings })
}

fn order(bytes: &[u8]) -> Result<Heard, String> {
    let heard = medicalmodv2::read_tolerant(bytes).map_err(|error| error.to_string())?;
    Ok(Heard { value: json(&heard.order)?, warnings: heard.warnings })
}

fn hl7<T: serde::Serialize>(
    read: Result<exchange::hl7v2::Heard<T>, Hl7Error>,
) -> Result<Heard, String> {
    let heard = read.map_err(|error| error.to_string())?;
    Ok(Heard { value: json(&heard.value)?, warnings: heard.warnings })
}

/// An answer other than "done" is read all right, but should not pass unseen.
fn not_ok(result: &ApiResult, outcome: Outcome) -> Option<Warning> {
    let meaning = match outcome {
        Outcome::Ok => return None,
        Outcome::Warning => "done with a warning",
        Outcome::None => "nothing found",
        Outcome::Locked => "another terminal holds the patient",
        Outcome::Invalid => "refused",
        Outcome::Auth => "user not known",
    };
    let reason = format!("{} ({meaning})", result.code);
    Some(Warning { place: "Api_Result".to_owned(), reason })
}

fn json<T: serde::Serialize>(value: &T) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}
