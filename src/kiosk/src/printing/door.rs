//! `soegaki printers`: what the system has, what the settings say, and a test print.

use std::path::Path;

use jiff::Timestamp;
use paper::Engine;
use paper::printers::{PrinterInfo, PrinterState};
use uuid::Uuid;

use super::doors::Doors;
use super::render::draw;
use super::view::{PrintOrder, PrinterView, ToPrint};
use super::worker::printer_views;
use super::{Settings, paper_words, printer_words};
use crate::i18n::{Lang, fill, t};

/// What to say, and whether all is well.
pub struct Answer {
    /// Lines for the person at the command line.
    pub text: String,
    /// False where something was asked for that cannot be done.
    pub ok: bool,
}

/// Lists the printers of this computer, and those of the settings with their papers.
pub fn list(settings: &Settings, file: Option<&Path>, doors: &mut Doors, lang: Lang) -> Answer {
    let mut lines = vec![t(lang, "prints.of_system").to_owned()];
    let system = doors.system_printers();
    if system.is_empty() {
        lines.push(format!("  {}", t(lang, "prints.none_in_system")));
    }
    lines.extend(system.iter().map(|info| format!("  {}  {}", info.name, state(lang, info))));
    let file = file.map(|file| file.display().to_string()).unwrap_or_default();
    lines.push(fill(lang, "prints.of_settings", &[("file", &file)]));
    if settings.printers.is_empty() {
        lines.push(format!("  {}", t(lang, "prints.none_in_settings")));
    }
    let states = doors.states(&settings.printers);
    for (view, info) in printer_views(settings, &states).iter().zip(&states) {
        let papers: Vec<&str> = view.papers.iter().map(|paper| paper_words(lang, *paper)).collect();
        lines.push(format!("  {} → {}  {}", view.name, view.place, state(lang, info)));
        let none = t(lang, "prints.no_paper").to_owned();
        let papers = if papers.is_empty() { none } else { papers.join(" / ") };
        lines.push(format!("      {papers}"));
    }
    Answer { text: lines.join("\n"), ok: true }
}

fn state(lang: Lang, info: &PrinterInfo) -> String {
    let words = printer_words(lang, info.state);
    if info.detail.is_empty() { words.to_owned() } else { format!("{words} ({})", info.detail) }
}

/// Prints a test page on a printer of the settings.
pub fn test(settings: &Settings, name: &str, doors: &mut Doors, lang: Lang) -> Answer {
    let views: Vec<PrinterView> = printer_views(settings, &[]);
    let Some(at) = views.iter().position(|view| view.name == name) else {
        let known: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
        let values = [("name", name), ("known", &*known.join(", "))];
        let key = if known.is_empty() { "prints.none_in_settings" } else { "prints.no_such" };
        return Answer { text: fill(lang, key, &values), ok: false };
    };
    let order = PrintOrder {
        id: Uuid::now_v7(),
        what: ToPrint::Test { printer: name.to_owned() },
        copy: 1,
        reason: String::new(),
        patient: None,
        by: None,
    };
    let printer = &settings.printers[at];
    let drawn = Engine::new().and_then(|mut engine| {
        draw(&mut engine, &order, printer, &settings.papers, Timestamp::now())
    });
    let told = match drawn {
        Err(error) => Err(error.to_string()),
        Ok(drawn) => {
            let (spooler, place) = doors.of(printer);
            let info = spooler.printer(place);
            let told = drawn.with_document(|document, options| {
                spooler.submit(place, document, options).map_err(|e| e.to_string())
            });
            told.map(|_| info)
        }
    };
    match told {
        Ok(info) if info.state.is_good() || info.state == PrinterState::Missing => {
            Answer { text: fill(lang, "prints.test_sent", &[("name", name)]), ok: true }
        }
        Ok(info) => {
            let sent = fill(lang, "prints.test_sent", &[("name", name)]);
            Answer { text: format!("{sent}\n{}", state(lang, &info)), ok: true }
        }
        Err(error) => {
            let values = [("name", name), ("detail", error.as_str())];
            Answer { text: fill(lang, "prints.test_failed", &values), ok: false }
        }
    }
}
