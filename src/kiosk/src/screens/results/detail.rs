//! The marked result in full: value, range, what it was before, remarks, who has seen it.

use clinical::lab::LabResult;
use egui::{Align, Label, RichText, Sense, Ui, Vec2};

use super::grid::Grid;
use super::words;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, size, space};
use crate::widgets::card::remark;
use crate::widgets::profile::short_day;
use crate::widgets::text::running;
use crate::widgets::{changes, names, text};

/// Draws the result in a cell, or that there is none.
pub fn show(ui: &mut Ui, desk: &Desk, grid: &Grid, (line, column): (usize, usize), seen: bool) {
    ui.spacing_mut().item_spacing.y = 4.0;
    let Some(latest) = grid.latest(line) else { return };
    let c = colors(ui);
    let name = names::drawable(ui, &latest.name).text;
    ui.add(Label::new(running(name, size::BODY).font(bold(size::BODY))).wrap());
    let Some(day) = grid.columns.get(column).map(super::grid::Column::day) else { return };
    let when = crate::screens::patient::date_words(desk, day);
    ui.label(RichText::new(when).size(size::LINE).color(c.soft));
    let Some(result) = grid.cell(line, column) else {
        ui.add_space(space::SMALL);
        remark(ui, desk.t("results.not_measured"));
        return;
    };
    value(ui, desk, result);
    let range = result.range.0.trim();
    if !range.is_empty() {
        let range = names::drawable(ui, range).text;
        remark(ui, &desk.fill("results.range", &[("range", &range)]));
    }
    if let Some((_, before)) = grid.line(line).find(|(at, _)| *at > column) {
        let value = format!("{} {}", words::value(desk, before), before.flag.mark());
        let day = short_day(desk, before.taken_at().date());
        let values = [("value", value.trim()), ("day", &day)];
        remark(ui, &desk.fill("results.before", &values));
    }
    if let Some(status) = words::status(desk, result) {
        ui.label(RichText::new(status).font(bold(size::LINE)).color(c.amber));
    }
    for was in grid.replaced(result) {
        let value = format!("{} {} {}", words::value(desk, was), was.unit, was.flag.mark());
        let at = changes::moment(desk, was.received_at);
        let values = [("value", value.trim()), ("time", at.as_str())];
        remark(ui, &names::drawable(ui, &desk.fill("results.replaced", &values)).text);
    }
    for comment in result.comments.iter().filter(|comment| !comment.trim().is_empty()) {
        let comment = names::drawable(ui, comment).text;
        remark(ui, &desk.fill("results.comment", &[("comment", &comment)]));
    }
    confirmation(ui, desk, result, seen);
}

/// The value, very large; a panic value white on red, and what its mark means in words.
fn value(ui: &mut Ui, desk: &Desk, result: &LabResult) {
    let c = colors(ui);
    let abnormal = result.is_abnormal();
    let panic = result.flag.is_panic();
    let figure = names::drawable(ui, &words::value(desk, result)).text;
    let mark = result.flag.mark();
    let meaning = words::flag(desk, result.flag);
    let ink = match (panic, abnormal) {
        (true, _) => c.on_indigo,
        (_, true) => c.red,
        _ => c.ink,
    };
    let room = ui.available_width();
    let said = format!("{figure} {mark}");
    let big = [size::STRIP_NAME, size::TITLE, size::BODY].into_iter().find(|big| {
        text::line(ui, said.trim(), bold(*big), ink, f32::INFINITY).size().x + 16.0 <= room
    });
    let Some(big) = big else {
        // A remark instead of a figure: it stands whole, on as many lines as it needs.
        ui.add(Label::new(running(figure, size::BODY).color(c.ink)).wrap());
        return;
    };
    let wish = Vec2::new(room, (big * 1.4).round());
    let (rect, response) = ui.allocate_exact_size(wish, Sense::hover());
    let words = format!("{} {} {meaning}", said.trim(), result.unit);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words.trim()));
    if panic {
        ui.painter().rect_filled(rect, 0.0, c.red);
    }
    let place = rect.shrink2(Vec2::new(if panic { space::SMALL } else { 0.0 }, 0.0));
    let end = text::paint(ui, place, Align::Min, said.trim(), bold(big), ink);
    let unit = place.with_min_x(end.right() + space::SMALL);
    let unit_words = names::drawable(ui, result.unit.trim()).text;
    text::paint(ui, unit, Align::Min, &unit_words, bold(size::LINE), ink);
    if !meaning.is_empty() {
        let ink = if abnormal { c.red } else { c.ink };
        ui.add(Label::new(RichText::new(meaning).font(bold(size::LINE)).color(ink)).wrap());
    }
}

/// Who has seen it, or that it waits.
fn confirmation(ui: &mut Ui, desk: &Desk, result: &LabResult, seen: bool) {
    let c = colors(ui);
    let (words, color) = match &result.confirmed {
        Some(done) => {
            let at = desk.clock_words(done.time);
            let values = [("name", done.by.name.as_str()), ("time", at.as_str())];
            (desk.fill("results.confirmed_by", &values), c.soft)
        }
        None if seen => (desk.t("results.seen_waits").to_owned(), c.indigo),
        None => (desk.t("results.waits").to_owned(), c.amber),
    };
    let words = names::drawable(ui, &words).text;
    ui.add(Label::new(RichText::new(words).font(bold(size::LINE)).color(color)).wrap());
}
