//! Words for what printers and jobs tell.

use paper::Paper;
use paper::printers::PrinterState;
use paper::queue::Why;

use crate::i18n::{Lang, fill, t};

/// What a printer can do now, and what to do about it.
pub fn printer_words(lang: Lang, state: PrinterState) -> &'static str {
    let key = match state {
        PrinterState::Ready => "prints.ready",
        PrinterState::Printing => "prints.busy",
        PrinterState::Paused => "prints.paused",
        PrinterState::Offline => "prints.offline",
        PrinterState::Attention => "prints.attention",
        PrinterState::Unknown => "prints.unknown",
        PrinterState::Missing => "prints.missing",
    };
    t(lang, key)
}

/// Why a job was not printed, and what to do about it.
pub fn why_words(lang: Lang, why: &Why) -> String {
    match why {
        Why::NoPrinter => t(lang, "prints.no_printer").to_owned(),
        Why::NotThere { detail } => fill(lang, "prints.not_there", &[("detail", detail)]),
        Why::Refused { detail } => fill(lang, "prints.refused", &[("detail", detail)]),
        Why::NotMade { detail } => fill(lang, "prints.not_made", &[("detail", detail)]),
        Why::GivenUp => t(lang, "prints.given_up").to_owned(),
        Why::Stale => t(lang, "prints.stale").to_owned(),
        Why::NotPrinted => t(lang, "prints.not_printed").to_owned(),
    }
}

/// What a paper is called.
pub fn paper_words(lang: Lang, paper: Paper) -> &'static str {
    let key = match paper {
        Paper::Label => "prints.label",
        Paper::Sticker => "prints.sticker",
        Paper::Results => "prints.results",
        Paper::DaySheet => "prints.day_sheet",
        Paper::Test => "prints.test",
    };
    t(lang, key)
}
