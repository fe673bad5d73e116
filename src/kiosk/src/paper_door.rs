//! `soegaki paper`: papers of generated people, as files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use clinical::calendar::CLINIC_ZONE;
use clinical::lab::{Arrival, LabReport, LabResult, ResultStatus, ResultValue};
use clinical::{Patient, PersonName, Reception, ReceptionKey, ReceptionState, Sex};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp};
use paper::{
    ChartSticker, DayRow, DaySheet, Dpi, Engine, LabPatient, LabelSpec, PageSize, PaperError,
    PaperWarning, Rendered, ResultsSheet, Symbology, TubeLabel,
};
use sandbox::Clinic;
use sandbox::clinic::{DrawnOrder, INSTITUTION_NAME, PlannedVisit, Visitor, lab_orders, plan};
use sandbox::lab::past_reports;
use serde_json::Value;
use uuid::Uuid;

/// Receptions on a day sheet.
const VISITS: usize = 40;
/// Each further day sheet is taken this much later in the day.
const STEP_MINUTES: i64 = 47;
/// The clinic's ten and a half hours, around which the day sheets go.
const OPEN_MINUTES: i64 = 630;
/// Earlier collections on a results sheet, and how far apart.
const EARLIER: i32 = 5;
const WEEKS: i32 = 8;

/// Which paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Tube label.
    Label,
    /// Chart sticker.
    Sticker,
    /// Test results.
    Results,
    /// Day sheet.
    DaySheet,
    /// Prescription (not in this version).
    Prescription,
    /// Prescription slip (not in this version).
    Slip,
    /// Referral letter (not in this version).
    Letter,
    /// Medical summary (not in this version).
    Summary,
}

/// Dots an inch of a label printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grid {
    /// 8 dots a millimetre.
    #[value(name = "203")]
    D203,
    /// 12 dots a millimetre.
    #[value(name = "300")]
    D300,
}

/// Size of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 105 × 148 mm.
    #[value(name = "A6", alias = "a6")]
    A6,
    /// 148 × 210 mm.
    #[value(name = "A5", alias = "a5")]
    A5,
    /// 210 × 297 mm.
    #[value(name = "A4", alias = "a4")]
    A4,
}

/// Symbol on tube labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Symbol {
    /// NW-7 (Codabar).
    Nw7,
    /// CODE128.
    Code128,
    /// ITF.
    Itf,
}

/// What to print.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Kind of paper.
    #[arg(long, value_enum)]
    pub kind: Kind,

    /// Everything grows from it: the same seed gives the same papers.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// How many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub count: u16,

    /// Folder to write into; made if missing.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// Grid of the label printer.
    #[arg(long, value_enum, default_value = "203")]
    pub dpi: Grid,

    /// Symbol on tube labels.
    #[arg(long, value_enum, default_value = "nw7")]
    pub symbology: Symbol,

    /// Size of the results sheet.
    #[arg(long, value_enum, default_value = "A5")]
    pub size: Size,

    /// The day.
    #[arg(long, default_value = "2026-04-06")]
    pub date: Date,
}

/// Why papers could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The paper comes with a later version.
    #[error("{0} is not in this version; label, sticker, results and day-sheet are")]
    NotYet(String),
    /// A paper cannot be made.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// A file cannot be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The value cannot be told as JSON.
    #[error("the value cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A paper with the value that it was made from.
struct Made {
    rendered: Rendered,
    value: Value,
}

/// Writes the papers and says how many there are.
pub fn run(options: &Options) -> ExitCode {
    match write(options) {
        Ok(warnings) => {
            eprintln!("{} {} in {}", options.count, name(options.kind), options.out.display());
            for PaperWarning::MissingGlyph { code } in warnings {
                eprintln!("{code} is in no font here and was printed as 〓");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("soegaki paper: {error}");
            ExitCode::FAILURE
        }
    }
}

fn name(kind: Kind) -> String {
    kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn write(options: &Options) -> Result<Vec<PaperWarning>, DoorError> {
    let door =
        Door { options, clinic: Clinic::generate(options.seed, people(options), options.date) };
    let made = match options.kind {
        Kind::Label => door.labels()?,
        Kind::Sticker => door.stickers()?,
        Kind::Results => door.results()?,
        Kind::DaySheet => door.day_sheets()?,
        Kind::Prescription | Kind::Slip | Kind::Letter | Kind::Summary => {
            return Err(DoorError::NotYet(name(options.kind)));
        }
    };
    let failed =
        |path: &Path, source| DoorError::Write { path: path.display().to_string(), source };
    std::fs::create_dir_all(&options.out).map_err(|source| failed(&options.out, source))?;
    let mut warnings = Vec::new();
    for (at, Made { rendered, value }) in made.into_iter().enumerate() {
        let stem = format!("{}-{:04}", rendered.kind.as_str(), at + 1);
        let file = |end: &str, bytes: &[u8]| {
            let path = options.out.join(format!("{stem}{end}"));
            std::fs::write(&path, bytes).map_err(|source| failed(&path, source))
        };
        file(".json", (serde_json::to_string_pretty(&value)? + "\n").as_bytes())?;
        file(".pdf", &rendered.pdf)?;
        for (index, page) in rendered.pages().iter().enumerate() {
            let end = if index == 0 { ".png".to_owned() } else { format!("-{}.png", index + 1) };
            file(&end, &page.png())?;
        }
        if let Some(zpl) = &rendered.zpl {
            file(".zpl", zpl)?;
        }
        warnings.extend(rendered.warnings);
    }
    warnings.dedup();
    Ok(warnings)
}

fn people(options: &Options) -> usize {
    match options.kind {
        Kind::DaySheet => VISITS * 10,
        _ => usize::from(options.count).max(20),
    }
}

/// The generated clinic and what is wanted of it.
struct Door<'a> {
    options: &'a Options,
    clinic: Clinic,
}

fn lab_patient(patient: &Patient) -> LabPatient {
    LabPatient {
        number: patient.number.clone(),
        name: patient.name.clone(),
        birth_date: patient.birth_date,
        sex: patient.sex,
    }
}

/// A moment by the clinic's wall clock.
fn moment(at: DateTime) -> Timestamp {
    CLINIC_ZONE.to_timestamp(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Door<'_> {
    fn count(&self) -> usize {
        usize::from(self.options.count)
    }

    fn spec(&self) -> LabelSpec {
        let dpi = match self.options.dpi {
            Grid::D203 => Dpi::D203,
            Grid::D300 => Dpi::D300,
        };
        let symbology = match self.options.symbology {
            Symbol::Nw7 => Symbology::Nw7,
            Symbol::Code128 => Symbology::Code128,
            Symbol::Itf => Symbology::Itf,
        };
        LabelSpec { dpi, symbology, ..LabelSpec::default() }
    }

    /// Labels of the morning's tubes; every seventh a reprint.
    fn labels(&self) -> Result<Vec<Made>, DoorError> {
        let mut engine = Engine::new()?;
        let orders = lab_orders(self.options.seed, &self.clinic, self.count());
        let tubes =
            orders.iter().flat_map(|drawn| drawn.order.tubes.iter().map(move |t| (drawn, t)));
        let labels = tubes.take(self.count()).enumerate().map(|(at, (drawn, tube))| {
            let copy = if at % 7 == 6 { 2 } else { 1 };
            TubeLabel::of(&drawn.order, tube, &lab_patient(&drawn.patient), copy)
        });
        let spec = self.spec();
        let made = labels.map(|label| {
            let rendered = engine.tube_labels(std::slice::from_ref(&label), &spec)?;
            Ok(Made { rendered, value: serde_json::to_value(&label)? })
        });
        made.collect()
    }

    fn stickers(&self) -> Result<Vec<Made>, DoorError> {
        let mut engine = Engine::new()?;
        let spec = self.spec();
        let made = self.clinic.patients().iter().take(self.count()).map(|patient| {
            let sticker = ChartSticker {
                number: patient.number.clone(),
                name: patient.name.clone(),
                birth_date: patient.birth_date,
                sex: patient.sex,
            };
            let rendered = engine.sticker(&sticker, &spec)?;
            Ok(Made { rendered, value: serde_json::to_value(&sticker)? })
        });
        made.collect()
    }

    /// Results of today and of some earlier days; with every third patient one was corrected.
    fn results(&self) -> Result<Vec<Made>, DoorError> {
        let size = match self.options.size {
            Size::A6 => PageSize::A6,
            Size::A5 => PageSize::A5,
            Size::A4 => PageSize::A4,
        };
        let mut engine = Engine::new()?;
        let days: Vec<Vec<DrawnOrder>> = (0..=EARLIER).map(|ago| self.drawn(ago)).collect();
        let made = (0..self.count()).map(|at| {
            let corrected = at % 3 == 1;
            let orders = || days.iter().filter_map(|day| day.get(at));
            let patient = orders().next().ok_or(PaperError::Nothing)?;
            let results = (0_u128..).zip(orders()).flat_map(|(day, drawn)| {
                results_of(self.options.seed, drawn, corrected && day == 0, day << 64)
            });
            let sheet = ResultsSheet {
                clinic: INSTITUTION_NAME.to_owned(),
                patient: lab_patient(&patient.patient),
                results: results.collect(),
                printed_at: moment(self.options.date.at(18, 30, 0, 0)),
            };
            let rendered = engine.results(&sheet, size)?;
            Ok(Made { rendered, value: serde_json::to_value(&sheet)? })
        });
        made.collect()
    }

    /// The orders of a day some visits ago.
    fn drawn(&self, ago: i32) -> Vec<DrawnOrder> {
        let day = self.options.date.saturating_sub(Span::new().weeks(ago * WEEKS));
        let clinic = Clinic::generate(self.options.seed, people(self.options), day);
        lab_orders(self.options.seed, &clinic, self.count())
    }

    /// Day sheets later and later in the day; every other from the terminal's own copy.
    fn day_sheets(&self) -> Result<Vec<Made>, DoorError> {
        let mut engine = Engine::new()?;
        let open = Time::constant(8, 30, 0, 0);
        let made = (0_i64..).take(self.count()).map(|at| {
            let seed = self.options.seed.wrapping_add_signed(at);
            let minutes = (at * STEP_MINUTES + 60) % OPEN_MINUTES;
            let now = open.saturating_add(Span::new().minutes(minutes));
            let visits = plan(seed, &self.clinic, self.options.date, VISITS);
            let here = visits.iter().enumerate().filter(|(_, visit)| visit.arrive_at <= now);
            let sheet = DaySheet {
                clinic: INSTITUTION_NAME.to_owned(),
                date: self.options.date,
                as_of: moment(self.options.date.to_datetime(now)),
                own_copy: at % 2 == 1,
                printed_at: moment(self.options.date.to_datetime(now)),
                rows: here.map(|(index, visit)| self.row(visit, index + 1, now)).collect(),
            };
            let rendered = engine.day_sheet(&sheet)?;
            Ok(Made { rendered, value: serde_json::to_value(&sheet)? })
        });
        made.collect()
    }

    fn row(&self, visit: &PlannedVisit, id: usize, now: Time) -> DayRow {
        let patient = match &visit.visitor {
            Visitor::Registered(number) => self.clinic.patient(number),
            Visitor::WalkIn { .. } => None,
        };
        let name = match &visit.visitor {
            Visitor::WalkIn { name } => PersonName { kanji: name.clone(), kana: String::new() },
            Visitor::Registered(_) => patient.map(|p| p.name.clone()).unwrap_or_default(),
        };
        let state = if visit.billed_at <= now {
            ReceptionState::Done
        } else if visit.examined_at.is_some_and(|at| at <= now) {
            ReceptionState::InExamination
        } else if visit.seen_at <= now {
            ReceptionState::InConsultation
        } else {
            ReceptionState::Waiting
        };
        let reception = Reception {
            key: ReceptionKey { date: self.options.date, id: format!("{id:05}") },
            patient: patient.map(|p| p.number.clone()),
            name,
            birth_date: patient.and_then(|p| p.birth_date),
            sex: patient.map_or(Sex::Unknown, |p| p.sex),
            time: visit.arrive_at,
            appointment: visit.appointment,
            paid_at: (visit.billed_at <= now).then_some(visit.billed_at),
            department: visit.department.clone(),
            physician: visit.physician.clone(),
            content: visit.content.clone(),
            insurance_combination: visit.combination.clone(),
            state,
            revision: 0,
        };
        let dangers = patient.map(|p| p.dangers().map(|remark| remark.text.clone()).collect());
        DayRow { reception, dangers }
    }
}

/// What the laboratory told of an order. `ids` is where its results' ids begin.
fn results_of(seed: u64, drawn: &DrawnOrder, mut corrected: bool, ids: u128) -> Vec<LabResult> {
    let mut order = drawn.order.clone();
    let evening = order.collect_on.at(18, 0, 0, 0);
    let arrival = Arrival { report: Uuid::from_u128(ids), received_at: moment(evening) };
    let mut results = Vec::new();
    let mut next = ids;
    let mut name = || {
        next += 1;
        Uuid::from_u128(next)
    };
    for mut report in past_reports(seed, drawn, evening) {
        if corrected && let Some(wrong) = correct(&mut report) {
            order.take_report(&mut results, &wrong, arrival, &mut name);
            corrected = false;
        }
        order.take_report(&mut results, &report, arrival, &mut name);
    }
    results
}

/// Makes the first number of a report a corrected one, and gives the report as it was before: with its digits turned
/// round.
fn correct(report: &mut LabReport) -> Option<LabReport> {
    let turned = |value: &ResultValue| -> String { value.0.chars().rev().collect() };
    let result = report.results.iter_mut().find(|result| {
        result.value.number().is_some() && turned(&result.value) != result.value.0
    })?;
    let mut wrong = result.clone();
    wrong.value = ResultValue(turned(&result.value));
    result.status = ResultStatus::Corrected;
    result.comments.push("再検により訂正".to_owned());
    Some(LabReport { results: vec![wrong], ..report.clone() })
}

#[cfg(test)]
#[path = "paper_door_tests.rs"]
mod tests;
