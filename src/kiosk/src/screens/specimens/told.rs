//! What the screen says around the tubes: how far they are, who is sure of whom, and what to do next.

use clinical::lab::{AtLab, Identified};
use egui::{Align, Label as Words, Layout, RichText, Ui, Vec2};
use paper::Paper;

use super::tubes::{self, Label, Own};
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::printing::printer_words;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::{button, names, text, tube};

/// Title, how many are drawn, and how it was made sure who sits here.
pub fn title(ui: &mut Ui, desk: &Desk, opened: &Opened, all: &[Own<'_>]) {
    let c = colors(ui);
    let narrow = compact(ui.ctx());
    let (key, at, ink) = match opened.identified {
        Some((Identified::Card, at)) => ("specimens.by_card", Some(at), c.green),
        Some((Identified::Spoken, at)) => ("specimens.by_word", Some(at), c.green),
        None => ("specimens.not_identified", None, c.amber),
    };
    let time = at.map(|at| desk.clock_words(at)).unwrap_or_default();
    let sure = desk.fill(key, &[("time", &time)]);
    let open = all.iter().filter(|own| own.order.cancelled.is_none());
    let done = open.clone().filter(|own| own.tube.is_drawn()).count();
    let count = [("all", open.count().to_string()), ("n", done.to_string())];
    let count = count.each_ref().map(|(name, value)| (*name, value.as_str()));
    let count = desk.fill("specimens.count", &count);
    if narrow && !all.is_empty() {
        return do_now(ui, desk, opened, all, &count);
    }
    let row = Vec2::new(ui.available_width(), 40.0);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::GAP;
        ui.label(RichText::new(desk.t("specimens.title")).font(bold(size::TITLE)));
        if !all.is_empty() {
            ui.label(RichText::new(count).size(size::CHIP).color(c.soft));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let font = bold(size::CHIP);
            ui.add(Words::new(RichText::new(sure).font(font).color(ink)).truncate());
        });
    });
    ui.add_space(4.0);
}

/// In little room the title says what to do now, and the tubes have the rest.
fn do_now(ui: &mut Ui, desk: &Desk, opened: &Opened, all: &[Own<'_>], count: &str) {
    let (main, _) = next(desk, opened, all);
    let row = Vec2::new(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let words = RichText::new(count).size(size::SMALL).color(colors(ui).soft);
        ui.label(words);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let words = RichText::new(desk.t(main)).font(bold(size::LINE));
            ui.add(Words::new(words).truncate());
        });
    });
}

/// Nothing to draw.
pub fn nothing(ui: &mut Ui, desk: &Desk, opened: &Opened) {
    let waits = opened.asked_at.is_some() && opened.view().is_none();
    let key = if waits { "specimens.loading" } else { "specimens.none" };
    let words = text::running(desk.t(key), size::BODY).color(colors(ui).soft);
    ui.add(Words::new(words).wrap());
}

/// What to do next in large words, and what else can be done in small ones.
fn next(desk: &Desk, opened: &Opened, all: &[Own<'_>]) -> (&'static str, &'static str) {
    let planned = all.iter().any(Own::is_planned);
    let refused = all
        .iter()
        .any(|own| own.order.cancelled.is_none() && matches!(own.tube.lab, AtLab::Refused { .. }));
    let unsent = all.iter().any(|own| own.order.cancelled.is_none() && tube::is_unsent(own.tube));
    if planned && opened.identified.is_none() {
        return ("specimens.do_identify", "specimens.do_identify_more");
    }
    if planned && !tubes::unprinted(desk, all).is_empty() {
        let printer = desk.prints.printer_of(Paper::Label).is_some();
        let more = if printer { "specimens.do_print_more" } else { "specimens.no_printer" };
        return ("specimens.do_print", more);
    }
    if planned {
        let of =
            |label| all.iter().any(|own| own.is_planned() && tubes::label(desk, *own) == label);
        if of(Label::Failed) || of(Label::Unknown) {
            return ("specimens.do_look", "specimens.do_look_more");
        }
        return ("specimens.do_scan", "specimens.do_scan_more");
    }
    match (refused, unsent) {
        (true, _) => ("specimens.do_refused", "specimens.do_refused_more"),
        (false, true) => ("specimens.do_send", "specimens.do_send_more"),
        (false, false) => ("specimens.done", "specimens.done_more"),
    }
}

/// Draws what to do next, and the main action above its key; true when that was touched.
pub fn instructions(
    ui: &mut Ui,
    desk: &Desk,
    opened: &Opened,
    all: &[Own<'_>],
    can_draw: bool,
) -> bool {
    let c = colors(ui);
    let (main, more) = next(desk, opened, all);
    // Whoever is about to print should know first that the printer cannot.
    let more = match desk.prints.printer_of(Paper::Label).filter(|p| !p.state.is_good()) {
        Some(printer) if main == "specimens.do_print" => {
            let state = printer_words(desk.lang, printer.state);
            desk.fill("specimens.printer_state", &[("state", state)])
        }
        _ => desk.t(more).to_owned(),
    };
    let more = names::drawable(ui, &more).text;
    let mut touched = false;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        touched = button::button(ui, desk.t("key.draw"), true, can_draw).clicked();
        ui.add_space(space::EDGE);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(10.0);
            ui.add(Words::new(RichText::new(desk.t(main)).size(size::TITLE)).wrap());
            ui.add(Words::new(RichText::new(more).size(size::CHIP).color(c.soft)).wrap());
        });
    });
    touched
}
