//! What a frame with five years of results costs: the whole program but the window, its worker played here.

use api::lab::PatientLab;
use api::receptions::{LinkState, LinkStatus, ReceptionList};
use api::session::{Role, SessionInfo};
use clinical::lab::{Done, Flag, LabCode, LabResult, ReferenceRange, ResultStatus, ResultValue};
use clinical::{PatientNumber, Staff};
use egui::{Context, Key};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use kiosk::app::{App, Route};
use kiosk::client::{Line, Request, Update};
use kiosk::config::Lang;
use kiosk::window::Started;
use uuid::Uuid;

use crate::frames::Bench;
use crate::line::Clinic;

/// Items.
pub(crate) const ITEMS: usize = 200;
/// Dates.
pub(crate) const DATES: usize = 60;
/// Frames of each kind.
const FRAMES: usize = 600;

/// Costs of frames in milliseconds.
pub(crate) struct Measured {
    pub(crate) table_ms: Vec<f64>,
    pub(crate) chart_ms: Vec<f64>,
}

/// Measures the table and the chart while a person moves about in them.
pub(crate) fn measure(clinic: &Clinic) -> Result<Measured, String> {
    let clock = clinic.clock;
    let now = std::sync::Arc::new(move || clock.now());
    let started = Started::with_clock(clinic.terminal()?, Lang::Ja, None, now);
    let mut parts = started.map_err(|e| e.to_string())?.parts;
    // What the cloud says is said here.
    let (updates, inbox) = std::sync::mpsc::channel();
    let (outbox, mut requests) = tokio::sync::mpsc::unbounded_channel();
    (parts.updates, parts.requests) = (inbox, outbox);
    let ctx = Context::default();
    let app = App::headless(&ctx, parts);
    let mut bench = Bench::new(ctx, app);
    let say = |update: Update| updates.send(update).map_err(|e| e.to_string());
    let number = clinic.numbers(1).pop().ok_or("no patient")?;
    let number = PatientNumber::parse(&number).map_err(|e| e.to_string())?;
    let today = clinical::calendar::day_of(clock.now());
    say(Update::Line(Line::Up))?;
    say(Update::SignedIn(session(clock.now())))?;
    say(Update::Receptions(list(today, clock.now())))?;
    bench.until("reception list", |app| app.route() == Route::Receptions)?;
    bench.scan(number.as_str());
    bench.until("patient page", |app| app.route() == Route::Patient)?;
    bench.press(Key::F3);
    bench.until("results", |app| app.route() == Route::Results)?;
    let mut asked = std::iter::from_fn(|| requests.try_recv().ok());
    let ticket = asked.find_map(|request| match request {
        Request::PatientLab { ticket, .. } => Some(ticket),
        _ => None,
    });
    let ticket = ticket.ok_or("the results were not asked for")?;
    let lab = Box::new(lab(&number, today));
    say(Update::PatientLab { ticket, number, lab })?;
    bench.until("all results", |app| app.desk().patient_lab().results.len() == ITEMS * DATES)?;
    bench.frame(Vec::new());
    bench.costs.clear();
    walk(&mut bench);
    let table_ms = std::mem::take(&mut bench.costs);
    bench.press(Key::F2);
    bench.costs.clear();
    walk(&mut bench);
    Ok(Measured { table_ms, chart_ms: bench.costs })
}

/// Down and to the older ones, and back.
fn walk(bench: &mut Bench) {
    for i in 0..FRAMES {
        let key = match (i / 20) % 4 {
            0 => Key::ArrowDown,
            1 => Key::ArrowRight,
            2 => Key::PageDown,
            _ => Key::ArrowLeft,
        };
        bench.press(key);
    }
}

fn session(now: Timestamp) -> SessionInfo {
    SessionInfo {
        institution: "bench".to_owned(),
        account_id: Uuid::from_u128(1),
        login: "bench".to_owned(),
        display_name: "bench".to_owned(),
        role: Role::Practitioner,
        station: Some(1),
        idle_limit_seconds: 3_600,
        expires_at: now + jiff::SignedDuration::from_hours(10),
    }
}

fn list(date: Date, now: Timestamp) -> ReceptionList {
    let link = LinkStatus { state: LinkState::Up, last_success: Some(now) };
    ReceptionList { date, receptions: Vec::new(), event_seq: 0, link }
}

/// A result of each item on each date, some of them abnormal.
fn lab(number: &PatientNumber, today: Date) -> PatientLab {
    let by =
        Staff { account: Uuid::from_u128(1), name: "bench".to_owned(), role: Role::Practitioner };
    let mut results = Vec::with_capacity(ITEMS * DATES);
    for date in 0..DATES {
        let day = today.saturating_sub((i64::try_from(date).unwrap_or(0) * 30).days());
        for item in 0..ITEMS {
            let step = (item * 7 + date * 13) % 40;
            let flag = match step {
                0 => Flag::High,
                1 => Flag::Low,
                2 => Flag::PanicHigh,
                _ => Flag::Normal,
            };
            let key = format!("X{item:03}");
            results.push(LabResult {
                id: Uuid::from_u128((date * ITEMS + item + 1) as u128),
                patient: number.clone(),
                order: Uuid::from_u128((1_000_000 + date) as u128),
                report: Uuid::from_u128((2_000_000 + date) as u128),
                specimen: String::new(),
                code: LabCode { jlac10: None, local: key.clone() },
                name: format!("検査項目 {item}"),
                abbr: key,
                value: ResultValue(format!("{}.{}", 10 + step, item % 10)),
                unit: "mg/dL".to_owned(),
                range: ReferenceRange("12.0-48.0".to_owned()),
                flag,
                status: ResultStatus::Final,
                collected_at: Some(day.at(9, 0, 0, 0)),
                received_at: Timestamp::UNIX_EPOCH,
                comments: Vec::new(),
                replaces: None,
                replaced_by: None,
                confirmed: Some(Done { by: by.clone(), time: Timestamp::UNIX_EPOCH }),
            });
        }
    }
    PatientLab { orders: Vec::new(), results, whole: true }
}
