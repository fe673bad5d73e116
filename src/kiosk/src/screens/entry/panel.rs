//! Beside the fields: suggestions for what is typed, else what is on record already; and the button that saves.

use egui::{Align, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::fields::{Shape, Spec};
use super::form::Work;
use super::keys::save_id;
use crate::app::form::FormKind;
use crate::app::intent::Intent;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};
use crate::widgets::button::focus_ring;
use crate::widgets::card::{card, pair, remark};
use crate::widgets::{names, pick, profile, text};

impl Work {
    /// Suggestions, or what is on record.
    pub(super) fn panel(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened, wide: f32) {
        let lookup = self.at.and_then(|at| self.spec(desk, at));
        match lookup.filter(|spec| matches!(spec.shape, Shape::Lookup(_))) {
            Some(spec) if !self.answers.text(spec.name).is_empty() => {
                card(ui, desk.t("entry.suggestions"), "", wide, |ui| {
                    self.suggestions(ui, desk, wide - 34.0);
                });
            }
            _ => self.recorded(ui, desk, opened, wide),
        }
    }

    /// In little room the suggestions stand below their field.
    pub(super) fn suggestions_of(&mut self, ui: &mut Ui, desk: &Desk, spec: Spec, wide: f32) {
        let here = self.at == Some(spec.name) && matches!(spec.shape, Shape::Lookup(_));
        if here && !self.answers.text(spec.name).is_empty() {
            self.suggestions(ui, desk, wide);
        }
    }

    fn suggestions(&mut self, ui: &mut Ui, desk: &Desk, wide: f32) {
        let Some(looked_up) = &self.looked_up else { return };
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut touched = None;
        for (i, suggestion) in looked_up.found.iter().enumerate() {
            let note = desk.t(suggestion.note());
            if line(ui, wide, (&suggestion.text, note), looked_up.picked == Some(i)) {
                touched = Some(i);
            }
        }
        ui.add_space(space::SMALL);
        let coded = !self.answers.get(super::fields::CODE).is_empty()
            && self.answers.get(super::fields::CODE_FOR) == self.answers.get(looked_up.field);
        let key = match (coded, looked_up.found.is_empty()) {
            (true, _) => "entry.coded",
            (false, false) => "entry.free_or_pick",
            (false, true) => "entry.free",
        };
        remark(ui, desk.t(key));
        if let Some(i) = touched {
            let now = ui.input(|input| input.time);
            self.focus = Some(looked_up.field);
            self.pick(Some(i), now);
        }
    }

    /// What is on record of this kind, so that nothing is entered twice.
    pub(super) fn recorded(&self, ui: &mut Ui, desk: &Desk, opened: &Opened, wide: f32) {
        if self.kind == FormKind::Measurement && self.corrected.is_none() {
            // The last values stand behind the fields.
            return;
        }
        let items = opened.profile(&desk.outbox);
        let own = items.iter().filter(|item| FormKind::of(item.kind()) == self.kind);
        let own = own
            .filter(|item| self.corrected.as_ref().is_none_or(|corrected| corrected.id == item.id));
        let shown: Vec<_> = own.take(6).collect();
        let key = if self.corrected.is_some() { "entry.stands" } else { "entry.on_record" };
        card(ui, desk.t(key), "", wide, |ui| {
            if shown.is_empty() {
                remark(ui, desk.t("entry.nothing_on_record"));
            }
            for item in shown {
                let content = &item.content;
                let words = names::drawable(ui, &profile::value(desk, &content.value)).text;
                pair(ui, &words, "");
                let day = desk.local(content.entered_at).date();
                let who = profile::author(&content.author, content.on_behalf_of.as_ref());
                remark(ui, &format!("{}　{who}", profile::short_day(desk, day)));
            }
        });
    }

    /// The main action, above its key.
    pub(super) fn save_button(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
    ) -> Option<Intent> {
        let saving = desk.is_saving(&self.number, &self.name);
        let words = desk.t(if saving { "entry.saving" } else { "key.save" });
        let c = colors(ui);
        let font = bold(size::BODY);
        let wide = text::line(ui, words, font.clone(), c.ink, f32::INFINITY).size().x;
        let size = Vec2::new(wide.max(140.0) + 2.0 * space::EDGE, space::MAIN);
        let at = ui.allocate_exact_size(size, Sense::hover()).0;
        let sense = if saving { Sense::hover() } else { Sense::click() };
        let response = ui.interact(at, save_id(), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, !saving, words));
        let (ground, ink) = if saving { (c.paper, c.faint) } else { (c.indigo, c.on_indigo) };
        ui.painter().rect_filled(at, 0.0, ground);
        text::paint(ui, at, Align::Center, words, font, ink);
        focus_ring(ui, &response);
        if response.gained_focus() {
            ui.scroll_to_rect(at, None);
        }
        if compact(ui.ctx()) {
            ui.add_space(space::SMALL);
        }
        let pressed = response.clicked();
        if pressed { self.save(desk, opened) } else { None }
    }
}

/// One suggestion; true when touched. The field keeps the focus.
fn line(ui: &mut Ui, wide: f32, (words, note): (&str, &str), here: bool) -> bool {
    let c = colors(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, space::TOUCH), Sense::hover());
    let response = ui.interact(rect, ui.scope_id().with(("suggestion", words, note)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, here, words));
    if here {
        pick::marked(ui, rect);
        if ui.clip_rect().intersect(rect).height() < rect.height() {
            ui.scroll_to_rect(rect, None);
        }
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, c.indigo_soft);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(stroke::HAIR, c.line));
    let inner = rect.shrink2(Vec2::new(14.0, 0.0));
    let small = text::line(ui, note, regular(size::SMALL), c.soft, f32::INFINITY);
    let small = small.size().x;
    let place = Rect::from_min_max(inner.min, inner.max - Vec2::new(small + space::SMALL, 0.0));
    let words = names::drawable(ui, words).text;
    text::paint(ui, place, Align::Min, &words, regular(size::BODY), c.ink);
    text::paint(ui, inner, Align::Max, note, regular(size::SMALL), c.soft);
    response.clicked()
}
