//! Draws a form: its title, what has to be said, the fields, and beside them what helps.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align, Label, Layout, RichText, ScrollArea, Ui};

use super::fields::Shape;
use super::form::Work;
use super::words;
use crate::app::intent::Intent;
use crate::app::model::{Desk, Tone};
use crate::app::opened::Opened;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::banner;

/// Width of what stands beside the fields.
const PANEL: f32 = 420.0;

impl Work {
    /// Draws the form; a wish of somebody who touched it.
    pub(super) fn draw(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Intent> {
        let narrow = compact(ui.ctx());
        if narrow {
            return self.stacked(ui, desk, opened);
        }
        self.title(ui, desk);
        let mut wish = self.told(ui, desk, opened);
        let restored = self.restored_words(desk);
        let room = ui.available_size();
        let fields = room.x - PANEL - 2.0 * space::EDGE;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * space::EDGE;
            ui.vertical(|ui| {
                ui.set_width(fields);
                ui.set_height(room.y);
                ScrollArea::vertical().id_salt("entry").auto_shrink(false).show(ui, |ui| {
                    self.rows(ui, desk, fields - space::EDGE);
                });
            });
            ui.vertical(|ui| {
                ui.set_width(PANEL);
                ui.set_height(room.y);
                // Beside the fields, so that they stand where they always stand.
                if let Some(words) = restored {
                    banner::show(ui, Tone::Info, &words, "", None);
                }
                self.panel(ui, desk, opened, PANEL);
                ui.with_layout(Layout::bottom_up(Align::Max), |ui| {
                    wish = wish.take().or(self.save_button(ui, desk, opened));
                });
            });
        });
        self.begin_focus(ui, desk);
        wish
    }

    /// All below each other, where there is no room for two columns.
    fn stacked(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Intent> {
        // A question stands fixed over the fields; all else moves with them.
        let asks = self.question.is_some();
        let mut wish = if asks { self.told(ui, desk, opened) } else { None };
        ScrollArea::vertical().id_salt("entry").auto_shrink(false).show(ui, |ui| {
            self.title(ui, desk);
            if !asks {
                wish = self.told(ui, desk, opened);
            }
            if let Some(words) = self.restored_words(desk) {
                banner::show(ui, Tone::Info, &words, "", None);
            }
            let wide = ui.available_width() - space::SMALL;
            self.rows(ui, desk, wide);
            wish = wish.take().or(self.save_button(ui, desk, opened));
            self.recorded(ui, desk, opened, wide);
        });
        self.begin_focus(ui, desk);
        wish
    }

    fn begin_focus(&mut self, ui: &Ui, desk: &Desk) {
        // Esc takes the keys from every field, also where it only took a notice away.
        if ui.memory(|m| m.focused().is_none()) {
            self.focus = self.focus.or(self.at);
        }
        if self.over.is_none()
            && let Some(field) = self.focus.take()
        {
            ui.ctx().memory_mut(|m| m.request_focus(super::form::id_of(field)));
            ui.ctx().request_repaint();
            // A number or a day that the form itself has put there, the first key replaces; all else is gone on with.
            let text = self.answers.get(field);
            let short = self.spec(desk, field).is_some_and(|spec| {
                matches!(spec.shape, Shape::Number(_) | Shape::Pressure | Shape::Day | Shape::Clock)
            });
            let whole = short && text == self.initial.get(field);
            place_caret(ui, field, text, whole);
        }
        if let Some(field) = self.caret.take() {
            place_caret(ui, field, self.answers.get(field), false);
        }
    }

    fn title(&self, ui: &mut Ui, desk: &Desk) {
        let c = colors(ui);
        let key = match (&self.corrected, self.mends) {
            (_, Some(_)) => "entry.title_mend",
            (Some(_), None) => "entry.title_correct",
            (None, None) => "entry.title_new",
        };
        let title = desk.fill(key, &[("form", desk.t(self.kind.words()))]);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::EDGE;
            let big = if compact(ui.ctx()) { size::BODY } else { size::TITLE };
            ui.label(RichText::new(title).font(bold(big)));
            if let Some(staff) = self.proxy(desk) {
                let text = desk.fill("entry.on_behalf", &[("name", &staff.name)]);
                ui.add(Label::new(RichText::new(text).size(size::LINE).color(c.amber)).wrap());
            }
        });
        ui.add_space(space::SMALL);
    }

    /// What has to be said before the fields.
    fn told(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Intent> {
        if let Some(question) = &self.question {
            let mut text: String = question
                .doubts
                .iter()
                .map(|(value, doubt)| words::doubt(desk, value, *doubt))
                .collect();
            text.push_str(desk.t("doubt.ask"));
            let (keys, yes) = (desk.t("doubt.keys"), desk.t("doubt.yes"));
            if banner::show(ui, Tone::Waiting, &text, keys, Some(yes)) {
                return self.save(desk, opened);
            }
            return None;
        }
        if self.unchanged {
            banner::show(ui, Tone::Info, desk.t("entry.unchanged"), "", None);
        }
        if self.mistakes.contains_key(super::fields::PROXY)
            && self.spec(desk, super::fields::PROXY).is_none()
        {
            let text = desk.t("entry.no_practitioner");
            banner::show(ui, Tone::Danger, text, "", None);
        }
        None
    }

    /// That the form came back with what was typed before.
    fn restored_words(&self, desk: &Desk) -> Option<String> {
        let at = self.restored.filter(|_| self.question.is_none())?;
        Some(desk.fill("entry.restored", &[("time", &desk.clock_words(at))]))
    }
}

/// Puts the caret behind the text of a field, or marks all of it.
fn place_caret(ui: &Ui, field: &str, text: &str, whole: bool) {
    let id = super::form::id_of(field);
    let end = CCursor::new(text.chars().count());
    let begin = if whole { CCursor::new(0) } else { end };
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(begin, end)));
    state.store(ui.ctx(), id);
}
