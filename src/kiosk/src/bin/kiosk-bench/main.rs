//! `kiosk-bench`: how fast the window is and how much memory it takes, as a table. Run by `make bench`.
//!
//! The servers of the demo run in this process; windows are opened in processes of their own, as on a
//! terminal, so that start and memory are theirs alone.

mod frames;
mod line;
mod papers;
mod results;
mod table;
mod terminal;

use std::process::ExitCode;

use table::Table;

/// Patients of the clinic whose search is measured.
const PATIENTS: usize = 100_000;
/// Receptions in the list.
const RECEPTIONS: usize = 500;
/// Starts of which the median counts.
const STARTS: usize = 9;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let outcome = match args.next().as_deref() {
        Some(terminal::CHILD) => terminal::child(&args.collect::<Vec<_>>()),
        Some("--small") => bench(3_000, RECEPTIONS, 3),
        None => bench(PATIENTS, RECEPTIONS, STARTS),
        Some(other) => {
            Err(format!("unknown argument {other}; --small measures with 3,000 patients"))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("kiosk-bench: {e}");
            ExitCode::FAILURE
        }
    }
}

fn bench(patients: usize, receptions: usize, starts: usize) -> Result<(), String> {
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return Err("there is no display; run it under Xvfb, as `make bench` does".to_owned());
    }
    let mut table = Table::begin();
    let bare = terminal::starts(terminal::BARE, None, starts)?;
    table.row("cold start, bare window", &bare, "ms", None);
    let demo = terminal::starts(terminal::DEMO, None, starts)?;
    table.row("cold start, demo with its servers", &demo, "ms", Some(300.0));

    let clinic = line::Clinic::open(patients, receptions)?;
    let alone = terminal::starts(terminal::START, Some(&clinic), starts)?;
    table.row("cold start, terminal", &alone, "ms", Some(300.0));
    let round_trip = clinic.round_trips()?;
    table.row("patient read, whole round trip", &round_trip, "ms", None);
    let desk = terminal::desk(&clinic)?;
    table.row("scan to paint, cache", &desk.cache_ms, "ms", None);
    table.row("scan to paint, cache", &desk.cache_frames, "frames later", Some(1.0));
    table.row("scan to paint, cloud", &desk.cloud_ms, "ms", Some(table::p50(&round_trip) + 50.0));
    table.one("repaints while idle, 10 s", desk.idle_frames, "frames", Some(0.0));
    if !desk.idle_causes.is_empty() {
        eprintln!("the last one was asked for by {}", desk.idle_causes.join(", "));
    }
    table.one("resident after the scans", desk.resident_mb, "MB", Some(150.0));
    table.one("resident at most", desk.peak_mb, "MB", None);

    let words = clinic.search_words();
    let measured = frames::measure(&clinic, &words)?;
    let list = format!("frame CPU, list of {} receptions", measured.receptions);
    table.tail(&list, &measured.list_ms, Some(4.0));
    let search = format!("frame CPU, typing in search over {patients} patients");
    table.tail(&search, &measured.search_ms, Some(4.0));
    let measured = results::measure(&clinic)?;
    let size = format!("{} items × {} dates", results::ITEMS, results::DATES);
    table.tail(&format!("frame CPU, results, {size}"), &measured.table_ms, Some(4.0));
    table.tail(&format!("frame CPU, chart of results, {size}"), &measured.chart_ms, Some(4.0));
    let measured = papers::measure()?;
    table.row("ten tube labels to ZPL", &measured.labels_ms, "ms", Some(20.0));
    table.row("A4 form to PDF", &measured.form_ms, "ms", Some(20.0));
    table.print();
    Ok(())
}
