//! What stands between the head and the list: the search field, the order and the filters, and their choosers.

use egui::{Layout, Ui};

use super::{Over, Receptions, Sort, filter, search_id};
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::theme::tokens::{compact, space};
use crate::widgets::chooser::{Chooser, Outcome};
use crate::widgets::field::Field;
use crate::widgets::{button, state};

impl Receptions {
    pub(super) fn bar(&mut self, ui: &mut Ui, desk: &Desk) {
        let physician = self.filter.physician_words(desk);
        let chosen = match self.filter.state {
            Some(state) => desk.t(state::words(state)),
            None => desk.t("filter.all"),
        };
        let chosen = desk.fill("filter.state", &[("state", chosen)]);
        let narrow = compact(ui.ctx());
        // A search finds everybody, so no filter is in force.
        let filters = self.applied.is_empty();
        let sorts = [
            (Sort::Time, "key.sort_time"),
            (Sort::Kana, "key.sort_kana"),
            (Sort::Physician, "key.sort_physician"),
            (Sort::State, "key.sort_state"),
        ];
        let mut over = None;
        // The chips are drawn from the right edge, so that the field takes what is left.
        let row = egui::vec2(ui.available_width(), space::TOUCH);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = if narrow { space::SMALL } else { space::GAP };
            if button::chip(ui, &chosen, filters && self.filter.state.is_some()).clicked() {
                over = Some(Over::FilterState(Chooser::on(&self.filter.states(desk))));
            }
            if button::chip(ui, &physician, filters && self.filter.physician.is_some()).clicked() {
                over = Some(Over::Physician(Chooser::on(&self.filter.physicians(desk))));
            }
            // The function keys sort too; where room is short the field and the filters have it.
            if row.x > 1150.0 {
                for (sort, key) in sorts.into_iter().rev() {
                    if button::chip(ui, desk.t(key), self.sort == sort).clicked() {
                        self.sort = sort;
                    }
                }
            }
            self.field(ui, desk);
        });
        if over.is_some() {
            self.over = over;
        }
    }

    fn field(&mut self, ui: &mut Ui, desk: &Desk) {
        let width = ui.available_width().max(120.0);
        let field = Field {
            id: search_id(),
            label: desk.t("list.search"),
            caption: None,
            hint: desk.t(if width < 280.0 { "list.search_hint_short" } else { "list.search_hint" }),
            password: false,
            ime: true,
            width,
        };
        let response = field.show(ui, &mut self.text);
        if std::mem::take(&mut self.focus) {
            response.request_focus();
        }
        if response.changed() {
            self.open_when_found = false;
        }
    }

    pub(super) fn chooser(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let physicians = self.filter.physicians(desk);
        let states = self.filter.states(desk);
        let leave = desk.t("chooser.leave");
        let outcome = match self.over.as_mut()? {
            Over::State(chooser) => {
                let (close, wish) = chooser.show(ui, desk, pressed);
                if close {
                    self.over = None;
                }
                return wish;
            }
            Over::Filter(chooser) => {
                let all = self.filter.all(desk);
                let outcome = chooser.show(ui, (desk.t("key.filter"), leave), &all, pressed);
                if let Outcome::Chosen(i) = outcome {
                    self.filter.choose(desk, i);
                }
                outcome
            }
            Over::Physician(chooser) => {
                let title = (desk.t("filter.by_physician"), leave);
                let outcome = chooser.show(ui, title, &physicians, pressed);
                if let Outcome::Chosen(i) = outcome {
                    let options = filter::physician_options(desk);
                    let chosen = i.checked_sub(1).and_then(|i| options.get(i));
                    self.filter.physician = chosen.map(|p| p.code.clone());
                }
                outcome
            }
            Over::FilterState(chooser) => {
                let outcome =
                    chooser.show(ui, (desk.t("filter.by_state"), leave), &states, pressed);
                if let Outcome::Chosen(i) = outcome {
                    self.filter.state =
                        i.checked_sub(1).and_then(|i| filter::filter_states().nth(i));
                }
                outcome
            }
        };
        if outcome != Outcome::Open {
            self.over = None;
        }
        None
    }
}
