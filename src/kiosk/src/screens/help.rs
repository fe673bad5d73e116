//! 使い方: the keys of the screen below, and what a scan does.

use egui::{Label, RichText, Ui};

use crate::app::keys::{Bar, shortcuts_for_help};
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::card::card;
use crate::widgets::text::running;

/// Draws the help for the screen whose keys are given.
pub fn show(ui: &mut Ui, desk: &Desk, below: &Bar) {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::SMALL;
        ui.label(RichText::new(desk.t("help.title")).font(bold(size::TITLE)));
        let columns = if compact(ui.ctx()) { 1.0 } else { 2.0 };
        let wide = (ui.available_width() - space::GAP * (columns - 1.0)) / columns;
        let keys = |ui: &mut Ui| {
            card(ui, desk.t("help.keys"), "", wide, |ui| {
                for slot in below.slots {
                    if let Some(command) = slot.command {
                        line(ui, &slot.label(desk.lang), desk.t(command.explained()));
                    }
                }
            });
        };
        let rest = |ui: &mut Ui| {
            card(ui, desk.t("help.everywhere"), "", wide, |ui| {
                line(ui, desk.t("help.scan_title"), desk.t("help.scan"));
                for (name, command) in shortcuts_for_help() {
                    line(ui, &name, desk.t(command.explained()));
                }
            });
        };
        if columns > 1.0 {
            ui.horizontal_top(|ui| {
                ui.vertical(keys);
                ui.vertical(rest);
            });
        } else {
            keys(ui);
            rest(ui);
        }
    });
}

fn line(ui: &mut Ui, name: &str, words: &str) {
    let c = colors(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(RichText::new(name).font(bold(size::LINE)));
        ui.add(Label::new(running(words, size::LINE).color(c.soft)).wrap());
    });
}
