//! What is known of a print job, in honest words: handed to the printer is not printed.

use paper::Paper;
use paper::queue::State;

use crate::app::model::Desk;
use crate::printing::{JobView, ToPrint, why_words};

/// Key of a paper's words.
pub fn paper(paper: Paper) -> &'static str {
    match paper {
        Paper::Label => "printing.label",
        Paper::Sticker => "printing.sticker",
        Paper::Results => "printing.results",
        Paper::DaySheet => "printing.day_sheet",
        Paper::Test => "printing.test",
    }
}

/// What is printed and whose: `検体ラベル 3 枚　01873　厚労　太郎`.
pub fn what(desk: &Desk, job: &JobView) -> String {
    let paper = job.order.what.paper().map_or("printing.test", paper);
    let mut words = desk.t(paper).to_owned();
    if matches!(job.order.what, ToPrint::Labels { .. }) {
        let n = job.order.what.count().to_string();
        words = desk.fill("printing.labels", &[("n", &n)]);
    }
    if let Some(patient) = &job.order.patient {
        let number = patient.number.as_ref().map_or("", |number| number.as_str());
        for part in [number, patient.name.kanji.as_str()] {
            if !part.trim().is_empty() {
                words.push('　');
                words.push_str(part.trim());
            }
        }
    }
    words
}

/// Key of the words for a state.
pub fn state(state: &State) -> &'static str {
    match state {
        State::Waiting { why: None, .. } => "printing.waiting",
        State::Waiting { why: Some(_), .. } => "printing.trying",
        State::Handing => "printing.handing",
        State::HandedOver { held: true, .. } => "printing.held",
        State::HandedOver { .. } => "printing.handed_over",
        State::Printed { .. } => "printing.printed",
        State::Failed { .. } => "printing.failed",
        State::Unknown { .. } => "printing.unknown",
        State::Cancelled { .. } => "printing.cancelled",
    }
}

/// What is known and what can be done.
pub fn advice(desk: &Desk, state: &State) -> String {
    match state {
        State::Waiting { why: Some(why), .. } => {
            let why = why_words(desk.lang, why);
            desk.fill("printing.trying_long", &[("why", &why)])
        }
        State::Waiting { .. } => desk.t("printing.waiting_long").to_owned(),
        State::Handing => desk.t("printing.handing_long").to_owned(),
        State::HandedOver { held: true, .. } => desk.t("printing.held_long").to_owned(),
        State::HandedOver { job: None, .. } | State::HandedOver { forgotten: true, .. } => {
            desk.t("printing.handed_over_blind").to_owned()
        }
        State::HandedOver { .. } => desk.t("printing.handed_over_long").to_owned(),
        State::Printed { at } => {
            desk.fill("printing.printed_long", &[("time", &desk.clock_words(*at))])
        }
        State::Failed { why, at } => {
            let why = why_words(desk.lang, why);
            desk.fill("printing.failed_long", &[("time", &desk.clock_words(*at)), ("why", &why)])
        }
        State::Unknown { .. } => desk.t("printing.unknown_long").to_owned(),
        State::Cancelled { at } => {
            desk.fill("printing.cancelled_long", &[("time", &desk.clock_words(*at))])
        }
    }
}
