//! Results of an order that wait for a practitioner.

use api::lab::LabWaiting;
use api::receptions::LinkState;
use clinical::lab::LabResult;
use egui::text::LayoutJob;
use egui::{Label, TextFormat, Ui};

use crate::app::model::Desk;
use crate::screens::patient::date_words;
use crate::screens::results::words;
use crate::theme::tokens::{bold, colors, regular, size, space};
use crate::widgets::card::{card, entry, remark};
use crate::widgets::patient_strip::sex_and_age;
use crate::widgets::pick::{self, Mark, Row};
use crate::widgets::profile::short_day;
use crate::widgets::{names, text};

/// So many abnormal values are named in a row; the others are counted.
const NAMED: usize = 4;

/// Key of a link's words, and whether it is as it should be.
pub fn link(state: LinkState) -> (&'static str, bool) {
    match state {
        LinkState::Starting => ("lab_inbox.link_starting", true),
        LinkState::Up => ("lab_inbox.link_up", true),
        LinkState::Unreachable => ("lab_inbox.link_unreachable", false),
        LinkState::Refused => ("lab_inbox.link_refused", false),
        LinkState::Garbled => ("lab_inbox.link_garbled", false),
    }
}

/// What stands and has not been confirmed.
pub fn open(waiting: &LabWaiting) -> impl Iterator<Item = &LabResult> {
    waiting.results.iter().filter(|result| result.stands() && result.confirmed.is_none())
}

/// Whether one key confirms all of it.
pub fn all_normal(waiting: &LabWaiting) -> bool {
    !open(waiting).any(LabResult::is_abnormal)
}

/// What must be looked at, panic values first.
fn abnormal(waiting: &LabWaiting) -> Vec<&LabResult> {
    let mut abnormal: Vec<_> = open(waiting).filter(|result| result.is_abnormal()).collect();
    abnormal.sort_by_key(|result| !result.flag.is_panic());
    abnormal
}

/// `異常 2 件：K 6.8 HH・HbA1c 7.1 H`.
fn summary(desk: &Desk, waiting: &LabWaiting) -> String {
    let abnormal = abnormal(waiting);
    let all = open(waiting).count().to_string();
    if abnormal.is_empty() {
        return desk.fill("lab_inbox.all_normal", &[("n", &all)]);
    }
    let named = abnormal.iter().take(NAMED).map(|result| words::short(desk, result));
    let named = named.collect::<Vec<_>>().join("・");
    let n = abnormal.len().to_string();
    desk.fill("lab_inbox.abnormal", &[("n", &n), ("values", &named), ("all", &all)])
}

/// The day on which the specimens were taken.
fn day(waiting: &LabWaiting) -> Option<jiff::civil::Date> {
    open(waiting).map(|result| result.taken_at().date()).max()
}

/// Draws the row; true when it was touched.
pub fn row(ui: &mut Ui, desk: &Desk, waiting: &LabWaiting, marked: bool, reveal: bool) -> bool {
    let name = names::drawable(ui, &waiting.name.kanji).text;
    let main = format!("{}　{name}", waiting.number);
    let below = names::drawable(ui, &summary(desk, waiting)).text;
    let panic = open(waiting).any(|result| result.flag.is_panic());
    let day = day(waiting).map(|day| short_day(desk, day)).unwrap_or_default();
    let mark =
        if panic { (desk.t("results.panic"), Mark::Wrong) } else { (day.as_str(), Mark::Quiet) };
    let row = Row { main: &main, below: &below, mark: Some(mark), struck: false };
    pick::row(ui, &row, marked, reveal).clicked()
}

/// Draws all of it: whose, from when, the abnormal values, how many are normal.
pub fn full(ui: &mut Ui, desk: &Desk, waiting: &LabWaiting, wide: f32) {
    let kana = names::drawable(ui, &waiting.name.kana).text;
    let kanji = names::drawable(ui, &waiting.name.kanji).text;
    card(ui, waiting.number.as_str(), &kana, wide, |ui| {
        ui.add(Label::new(text::running(kanji, size::NAME).font(bold(size::NAME))).wrap());
        let born = waiting.birth_date.map(|date| date_words(desk, date)).unwrap_or_default();
        remark(ui, &format!("{}　{born}", sex_and_age(desk, waiting.sex, waiting.birth_date)));
    });
    ui.add_space(space::GAP);
    let day = day(waiting).map(|day| date_words(desk, day)).unwrap_or_default();
    card(ui, desk.t("lab_inbox.results"), &day, wide, |ui| {
        let abnormal = abnormal(waiting);
        for result in &abnormal {
            value(ui, desk, result);
        }
        let normal: Vec<&LabResult> = open(waiting).filter(|r| !r.is_abnormal()).collect();
        if !normal.is_empty() {
            let n = normal.len().to_string();
            let named = normal.iter().map(|result| words::short(desk, result));
            let named = named.collect::<Vec<_>>().join("・");
            let named = names::drawable(ui, &named).text;
            entry(ui, &desk.fill("lab_inbox.normal", &[("n", &n)]), &named);
        }
    });
}

/// An abnormal value on a line, with what its mark means, the range, and what it replaced.
fn value(ui: &mut Ui, desk: &Desk, result: &LabResult) {
    let c = colors(ui);
    let format = |font: egui::FontId, color, background| TextFormat {
        line_height: Some((font.size * 1.4).round()),
        font_id: font,
        color,
        background,
        ..TextFormat::default()
    };
    let clear = egui::Color32::TRANSPARENT;
    let panic = result.flag.is_panic();
    let (ink, ground) = if panic { (c.on_indigo, c.red) } else { (c.red, clear) };
    let mut job = LayoutJob::default();
    let mut put = |words: &str, format: TextFormat| {
        if !words.trim().is_empty() {
            job.append(words, 0.0, format);
            job.append("　", 0.0, TextFormat::simple(regular(size::SMALL), c.ink));
        }
    };
    put(words::name(result), format(regular(size::BODY), c.ink, clear));
    let value = format!(" {} {} ", words::value(desk, result), result.flag.mark());
    put(&value, format(bold(size::BODY), ink, ground));
    put(&result.unit, format(regular(size::LINE), c.ink, clear));
    put(words::flag(desk, result.flag), format(bold(size::LINE), c.red, clear));
    if !result.range.0.trim().is_empty() {
        let range = desk.fill("results.range", &[("range", result.range.0.trim())]);
        put(&range, format(regular(size::SMALL), c.soft, clear));
    }
    if let Some(status) = words::status(desk, result) {
        put(status, format(bold(size::SMALL), c.amber, clear));
    }
    ui.add(Label::new(job).wrap());
    for comment in result.comments.iter().filter(|comment| !comment.trim().is_empty()) {
        let comment = names::drawable(ui, comment).text;
        remark(ui, &desk.fill("results.comment", &[("comment", &comment)]));
    }
}
