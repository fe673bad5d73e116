//! `emit`: messages from generated people.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use clinical::{Patient, Reception, ReceptionKey, ReceptionState, SafetyKind, SafetyRemark};
use exchange::hl7v2::Charset;
use exchange::orca::{ApiResult, Person, acceptlstv2, medicalmodv2, patientgetv2};
use jiff::civil::{Date, Time};
use sandbox::Clinic;
use sandbox::clinic::{PlannedVisit, Visitor, orders, plan};
use serde_json::Value;

use crate::CliError;
use crate::emit_lab;
use crate::kind::Kind;

/// Visits on each day of a reception list.
const VISITS: usize = 30;
/// Opening time; each further list is taken this much later in the day.
const FIRST_LIST: Time = Time::constant(8, 30, 0, 0);
const LIST_STEP_MINUTES: i64 = 47;
/// The lists go round the clinic's ten and a half hours.
const OPEN_MINUTES: i64 = 630;

/// What to write.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Kind of message
    #[arg(long, value_enum)]
    kind: Kind,
    /// Everything grows from it: the same seed gives the same files
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many messages
    #[arg(long, default_value_t = 10)]
    count: usize,
    /// Folder to write into; made if missing
    #[arg(long)]
    out: PathBuf,
    /// The day on which the people are as they are
    #[arg(long, default_value = "2026-04-06")]
    date: Date,
    /// Character set of HL7 messages; the others have but one
    #[arg(long, value_enum, default_value_t = CharsetName::Utf8)]
    charset: CharsetName,
}

/// A character set of HL7 messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CharsetName {
    /// UNICODE UTF-8
    Utf8,
    /// ISO IR87 (ISO-2022-JP)
    Jis,
}

impl From<CharsetName> for Charset {
    fn from(name: CharsetName) -> Self {
        match name {
            CharsetName::Utf8 => Self::Utf8,
            CharsetName::Jis => Self::Jis,
        }
    }
}

/// A message and the value it was made from.
pub(crate) struct Emitted {
    pub(crate) message: Vec<u8>,
    pub(crate) extension: &'static str,
    pub(crate) value: Value,
}

impl Emitted {
    fn xml(message: String, value: Value) -> Self {
        Self { message: message.into_bytes(), extension: "xml", value }
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, CliError> {
    let messages = match options.kind {
        Kind::OrcaPatient => patients(options)?,
        Kind::OrcaReception => receptions(options)?,
        Kind::OrcaOrder => billing_orders(options)?,
        Kind::Hl7Order => {
            emit_lab::orders(options.seed, options.count, options.date, options.charset.into())?
        }
        Kind::Hl7Result => {
            emit_lab::results(options.seed, options.count, options.date, options.charset.into())?
        }
    };
    std::fs::create_dir_all(&options.out).map_err(|source| write_error(&options.out, source))?;
    for (at, emitted) in messages.iter().enumerate() {
        let stem = format!("{}-{:04}", options.kind.name(), at + 1);
        let file = options.out.join(format!("{stem}.{}", emitted.extension));
        write(&file, &emitted.message)?;
        let json = serde_json::to_string_pretty(&emitted.value)?;
        write(&options.out.join(format!("{stem}.json")), (json + "\n").as_bytes())?;
    }
    eprintln!("{} {} in {}", messages.len(), options.kind.name(), options.out.display());
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    std::fs::write(path, bytes).map_err(|source| write_error(path, source))
}

pub(crate) fn write_error(path: &Path, source: std::io::Error) -> CliError {
    CliError::Write { path: path.display().to_string(), source }
}

fn patients(options: &Options) -> Result<Vec<Emitted>, CliError> {
    let clinic = Clinic::generate(options.seed, options.count, options.date);
    clinic
        .patients()
        .iter()
        .take(options.count)
        .map(|patient| {
            let patient = in_message_order(patient.clone());
            let reply = patientgetv2::Reply {
                at: Some(options.date.to_datetime(FIRST_LIST)),
                result: ApiResult::ok(),
                patient: Some(patient.clone()),
                warnings: Vec::new(),
            };
            let message = patientgetv2::write_reply(&reply);
            Ok(Emitted::xml(message, serde_json::to_value(&patient)?))
        })
        .collect()
}

/// The message has one place for each kind of remark and none for the order among kinds.
fn in_message_order(mut patient: Patient) -> Patient {
    let place = |remark: &SafetyRemark| match (remark.kind, &remark.drug_code) {
        (SafetyKind::Contraindication, Some(_)) => 0,
        (SafetyKind::Contraindication, None) => 1,
        (SafetyKind::Allergy, _) => 2,
        (SafetyKind::Infection, _) => 3,
        (SafetyKind::Comment, _) => 4,
    };
    patient.safety.sort_by_key(place);
    patient
}

fn receptions(options: &Options) -> Result<Vec<Emitted>, CliError> {
    let clinic = Clinic::generate(options.seed, VISITS * 10, options.date);
    (0_i64..)
        .take(options.count)
        .map(|at| {
            let seed = options.seed.wrapping_add_signed(at);
            let minutes = (at * LIST_STEP_MINUTES) % OPEN_MINUTES;
            let now = FIRST_LIST.saturating_add(jiff::SignedDuration::from_mins(minutes));
            let visits = plan(seed, &clinic, options.date, VISITS);
            reception_list(&clinic, &visits, options.date, now)
        })
        .collect()
}

fn billing_orders(options: &Options) -> Result<Vec<Emitted>, CliError> {
    let clinic = Clinic::generate(options.seed, options.count, options.date);
    orders(options.seed, &clinic, options.count)
        .into_iter()
        .map(|order| {
            let value = serde_json::to_value(&order)?;
            let class = medicalmodv2::Class::Register;
            let request = medicalmodv2::Request { class, order, uid: None };
            Ok(Emitted::xml(medicalmodv2::write_request(&request), value))
        })
        .collect()
}

/// The list as it stands at `now`.
fn reception_list(
    clinic: &Clinic,
    visits: &[PlannedVisit],
    date: Date,
    now: Time,
) -> Result<Emitted, CliError> {
    let (receptions, rows): (Vec<_>, Vec<_>) = visits
        .iter()
        .enumerate()
        .filter(|(_, visit)| visit.arrive_at <= now)
        .map(|(at, visit)| {
            let patient = match &visit.visitor {
                Visitor::Registered(number) => clinic.patient(number),
                Visitor::WalkIn { .. } => None,
            };
            let reception = reception(visit, patient, date, at + 1, now);
            let row = row(&reception, patient);
            (reception, row)
        })
        .unzip();
    let result = if rows.is_empty() {
        ApiResult::new("21", "対象の受付はありませんでした。")
    } else {
        ApiResult::ok()
    };
    let at = Some(date.to_datetime(now));
    let reply = acceptlstv2::Reply { at, result, date: Some(date), rows, warnings: Vec::new() };
    let message = acceptlstv2::write_reply(&reply);
    Ok(Emitted::xml(message, serde_json::to_value(receptions)?))
}

/// The reception of a visit, as far as the receipt computer knows of it at `now`.
fn reception(
    visit: &PlannedVisit,
    patient: Option<&Patient>,
    date: Date,
    number: usize,
    now: Time,
) -> Reception {
    let paid = visit.billed_at <= now;
    let person = person(visit, patient);
    Reception {
        key: ReceptionKey { date, id: format!("{number:05}") },
        patient: person.number,
        name: person.name,
        birth_date: person.birth_date,
        sex: person.sex,
        time: visit.arrive_at,
        appointment: visit.appointment,
        paid_at: paid.then_some(visit.billed_at),
        department: visit.department.clone(),
        physician: visit.physician.clone(),
        content: visit.content.clone(),
        insurance_combination: visit.combination.clone(),
        state: if paid { ReceptionState::Done } else { ReceptionState::Waiting },
        revision: 0,
    }
}

fn person(visit: &PlannedVisit, patient: Option<&Patient>) -> Person {
    match (patient, &visit.visitor) {
        (Some(patient), _) => Person {
            number: Some(patient.number.clone()),
            name: patient.name.clone(),
            birth_date: patient.birth_date,
            sex: patient.sex,
        },
        (None, Visitor::WalkIn { name }) => Person {
            number: None,
            name: clinical::PersonName { kanji: name.clone(), kana: String::new() },
            birth_date: None,
            sex: clinical::Sex::Unknown,
        },
        // The plan takes its people out of the clinic; this keeps the number if that ever changes.
        (None, Visitor::Registered(number)) => Person {
            number: Some(number.clone()),
            name: clinical::PersonName::default(),
            birth_date: None,
            sex: clinical::Sex::Unknown,
        },
    }
}

fn row(reception: &Reception, patient: Option<&Patient>) -> acceptlstv2::Row {
    let combination = reception
        .insurance_combination
        .as_ref()
        .and_then(|number| patient.and_then(|p| p.insurance.iter().find(|c| c.number == *number)));
    acceptlstv2::Row {
        id: reception.key.id.clone(),
        time: reception.time,
        department: reception.department.clone(),
        physician: reception.physician.clone(),
        content: reception.content.code.clone(),
        paid_at: reception.paid_at,
        appointment: reception.appointment,
        person: Person {
            number: reception.patient.clone(),
            name: reception.name.clone(),
            birth_date: reception.birth_date,
            sex: reception.sex,
        },
        insurance: combination.cloned(),
        moved_to: None,
    }
}
