//! Draws the order form: the sets, what is chosen, and beside it what was found last time.

use std::cmp::Reverse;

use egui::{Align, Label, Layout, RichText, ScrollArea, Ui, UiBuilder};

use super::FORM;
use super::work::{Over, Work};
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::card::{card, remark};
use crate::widgets::pager::Pager;
use crate::widgets::{button, lab_line};

/// Width of the sets.
const SETS: f32 = 320.0;
/// Width of the last results.
const LAST: f32 = 330.0;
/// So many of the last results are listed.
const RESULTS: usize = 12;

impl Work {
    /// Draws the form; a wish of somebody who touched it.
    pub(super) fn draw(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pager: &mut Pager,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        if matches!(self.over, Some(Over::Naming(_))) {
            return ScrollArea::vertical()
                .id_salt("naming")
                .auto_shrink(false)
                .show(ui, |ui| self.naming(ui, desk, pressed))
                .inner;
        }
        let wish = if compact(ui.ctx()) {
            self.stacked(ui, desk, opened, pager, pressed)
        } else {
            self.columns(ui, desk, opened)
        };
        if let Some(field) = self.focus.take().filter(|_| self.over.is_none()) {
            ui.memory_mut(|m| m.request_focus(field));
            ui.ctx().request_repaint();
        }
        wish
    }

    fn columns(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Intent> {
        let whole = ui.available_rect_before_wrap();
        let sets = whole.with_max_x(whole.left() + SETS);
        let last = whole.with_min_x(whole.right() - LAST);
        let middle =
            whole.with_min_x(sets.right() + space::EDGE).with_max_x(last.left() - space::EDGE);
        let now = ui.input(|input| input.time);
        let touched = ui
            .scope_builder(UiBuilder::new().max_rect(sets), |ui| {
                self.set_list(ui, desk, &desk.lab.sets)
            })
            .inner;
        if let Some(n) = touched {
            self.toggle_set(&desk.lab.sets, n, now);
        }
        let mut wish = ui
            .scope_builder(UiBuilder::new().max_rect(middle), |ui| {
                ui.spacing_mut().item_spacing.y = space::SMALL;
                self.title(ui, desk);
                self.search(ui, desk);
                let asked = self.asked(ui, desk, opened);
                ScrollArea::vertical().id_salt("lab order").auto_shrink(false).show(ui, |ui| {
                    let wide = ui.available_width() - space::SMALL;
                    ui.set_width(wide);
                    self.middle(ui, desk, opened, wide);
                });
                asked
            })
            .inner;
        let foot = space::MAIN + space::GAP;
        let (upper, lower) = last.split_top_bottom_at_y(last.bottom() - foot);
        ui.scope_builder(UiBuilder::new().max_rect(upper), |ui| {
            ScrollArea::vertical().id_salt("last results").auto_shrink(false).show(ui, |ui| {
                last_results(ui, desk, opened, LAST - space::SMALL);
            });
        });
        let place = UiBuilder::new().max_rect(lower).layout(Layout::bottom_up(Align::Max));
        ui.scope_builder(place, |ui| wish = wish.take().or(self.main_button(ui, desk, opened)));
        wish
    }

    fn middle(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened, wide: f32) {
        ui.spacing_mut().item_spacing.y = space::SMALL;
        // Room for the ring around a field.
        ui.add_space(4.0);
        self.suggestions(ui, desk);
        self.switches(ui, desk);
        self.hints(ui, desk, opened);
        self.chosen(ui, desk);
        ui.add_space(4.0);
        self.details(ui, desk, wide);
        ui.add_space(6.0);
    }

    /// All below each other, where there is no room for columns.
    fn stacked(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pager: &mut Pager,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let mut wish = self.asked(ui, desk, opened);
        // While something is looked for, the arrows move in what was found.
        let moves = pressed.filter(|_| self.text.trim().is_empty());
        pager.show(ui, "lab order", moves, |ui| {
            let wide = ui.available_width() - space::SMALL;
            ui.set_width(wide);
            ui.spacing_mut().item_spacing.y = space::SMALL;
            self.title(ui, desk);
            let now = ui.input(|input| input.time);
            if let Some(n) = self.set_chips(ui, desk, &desk.lab.sets) {
                self.toggle_set(&desk.lab.sets, n, now);
            }
            self.search(ui, desk);
            self.middle(ui, desk, opened, wide);
            wish = wish.take().or(self.main_button(ui, desk, opened));
            last_results(ui, desk, opened, wide);
        });
        wish
    }

    fn title(&self, ui: &mut Ui, desk: &Desk) {
        let c = colors(ui);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::GAP;
            let big = if compact(ui.ctx()) { size::BODY } else { size::TITLE };
            ui.label(RichText::new(desk.t("lab_order.title")).font(bold(big)));
            let count = self.count_words(desk);
            if !count.is_empty() {
                ui.label(RichText::new(count).font(bold(size::CHIP)).color(c.indigo));
            }
            if let Ok(Some(staff)) = self.proxy(desk) {
                let text = desk.fill("lab_order.on_behalf", &[("name", &staff.name)]);
                ui.add(Label::new(RichText::new(text).size(size::LINE).color(c.amber)).wrap());
            }
        });
    }

    /// The main action, above its key.
    fn main_button(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Intent> {
        let saving = desk.is_saving(&self.number, FORM);
        let key = match (saving, self.prints(desk)) {
            (true, _) => "entry.saving",
            (false, true) => "lab_order.order_and_print",
            (false, false) => "key.order_lab",
        };
        let able = !saving && !self.content.keys.is_empty();
        let pressed = button::button(ui, desk.t(key), true, able).clicked();
        if pressed { self.order(desk, opened) } else { None }
    }
}

/// What was found last time.
fn last_results(ui: &mut Ui, desk: &Desk, opened: &Opened, wide: f32) {
    let lab = opened.lab(&desk.outbox);
    let mut latest = lab_line::latest(&lab.results);
    // What was out of range is seen first.
    latest.sort_by_key(|result| {
        let day = Reverse(lab_line::day(desk, result));
        (day, !result.flag.is_panic(), !result.is_abnormal())
    });
    card(ui, desk.t("lab_order.last"), "", wide, |ui| {
        if latest.is_empty() {
            let known = opened.view().is_some();
            remark(ui, desk.t(if known { "lab_order.no_results" } else { "record.not_read" }));
        }
        let mut day = None;
        for result in latest.iter().take(RESULTS) {
            let own = lab_line::day(desk, result);
            if day != Some(own) {
                day = Some(own);
                remark(ui, &lab_line::day_words(desk, own));
            }
            lab_line::show(ui, desk, result, wide - 34.0);
        }
        if latest.len() > RESULTS {
            let n = (latest.len() - RESULTS).to_string();
            remark(ui, &desk.fill("lab_order.more_results", &[("n", &n)]));
        }
    });
}
