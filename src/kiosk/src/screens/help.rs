//! 使い方: the keys of the screen below, and what a scan does.

use egui::{Label, RichText, Ui};

use crate::app::keys::{Bar, Command, shortcuts_for_help};
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::card::card;
use crate::widgets::pager::Pager;
use crate::widgets::text::running;

/// Width of the keys' names, which stand left of their words.
const NAMES: f32 = 196.0;

/// The help's state.
#[derive(Default)]
pub struct Help {
    pager: Pager,
}

impl Help {
    /// At the top again.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Draws the help for the screen whose keys are given.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, below: &Bar, pressed: Option<Command>) {
        self.pager.show(ui, "help", pressed, |ui| page(ui, desk, below));
    }
}

fn page(ui: &mut Ui, desk: &Desk, below: &Bar) {
    ui.spacing_mut().item_spacing = egui::vec2(space::GAP, space::SMALL);
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
            for (name, command) in shortcuts_for_help(below.place) {
                line(ui, name, desk.t(command.explained()));
            }
        });
    };
    if columns > 1.0 {
        ui.horizontal_top(|ui| {
            for half in [&keys as &dyn Fn(&mut Ui), &rest] {
                ui.vertical(|ui| {
                    ui.set_width(wide);
                    half(ui);
                });
            }
        });
    } else {
        keys(ui);
        rest(ui);
    }
}

fn line(ui: &mut Ui, name: &str, words: &str) {
    let c = colors(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SMALL;
        let room = ui.available_width() - NAMES - space::SMALL;
        ui.vertical(|ui| {
            ui.set_width(NAMES);
            ui.add(Label::new(running(name, size::LINE).font(bold(size::LINE))).wrap());
        });
        ui.vertical(|ui| {
            ui.set_width(room);
            ui.add(Label::new(running(words, size::LINE).color(c.soft)).wrap());
        });
    });
}
