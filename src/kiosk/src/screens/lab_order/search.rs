//! Items by their first letters.

use clinical::lab::LabItem;
use egui::{Align, Id, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::work::Work;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, regular, size, space, stroke};
use crate::widgets::card::remark;
use crate::widgets::field::Field;
use crate::widgets::{names, pick, text, tube};

/// The field in which items are searched.
pub(super) fn search_id() -> Id {
    Id::unique("lab item search")
}

impl Work {
    /// The field; typing begins a search even while no field has the focus. It is kept out of focus otherwise, so
    /// that digits are sets and no scan meets an input method.
    pub(super) fn search(&mut self, ui: &mut Ui, desk: &Desk) {
        let focused = ui.memory(egui::Memory::focused);
        if self.takes_digits(focused) {
            // A bare digit is the key of a set, and no text.
            let digit = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
            ui.input_mut(|i| {
                i.events.retain(|e| !matches!(e, egui::Event::Text(t) if digit(t)));
            });
        }
        if focused.is_none() && self.over.is_none() {
            let typed = ui.input(|i| {
                i.events.iter().any(|e| matches!(e, egui::Event::Text(t) if !t.trim().is_empty()))
            });
            if typed {
                ui.memory_mut(|m| m.request_focus(search_id()));
            }
        }
        let field = Field {
            id: search_id(),
            label: desk.t("lab_order.search"),
            caption: None,
            hint: desk.t("lab_order.search_hint"),
            password: false,
            ime: true,
            width: ui.available_width() - 4.0,
        };
        let response = field.show(ui, &mut self.text);
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        // What stands in a field during a conversion is not yet meant.
        if desk.composing {
            return;
        }
        // An input method has made text of the key of a set.
        if let Some(n) = lone_digit(&self.text) {
            let now = ui.input(|input| input.time);
            self.text.clear();
            self.toggle_set(&desk.lab.sets, n, now);
        }
        self.look_up();
    }

    /// What the text may mean.
    pub(super) fn suggestions(&mut self, ui: &mut Ui, desk: &Desk) {
        if self.text.trim().is_empty() {
            return;
        }
        let mut touched = None;
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (i, item) in self.found.iter().enumerate() {
                let chosen = self.has(&item.key);
                if line(ui, desk, item, chosen, i == self.picked.unwrap_or(0)) {
                    touched = Some(i);
                }
            }
        });
        ui.add_space(4.0);
        let key = if self.found.is_empty() { "lab_order.found_none" } else { "lab_order.found" };
        remark(ui, desk.t(key));
        if touched.is_some() {
            let now = ui.input(|input| input.time);
            self.picked = touched;
            self.take_found(now);
            self.focus = Some(search_id());
        }
    }
}

/// Which set a text means that is one digit, full-width or not.
fn lone_digit(text: &str) -> Option<usize> {
    let folded = clinical::search::fold(text);
    let mut chars = folded.chars();
    let digit = chars.next()?.to_digit(10)?;
    let n = usize::try_from(digit).ok()?.checked_sub(1)?;
    chars.next().is_none().then_some(n)
}

/// One suggestion: the item, its tube, and whether it is chosen; true when touched.
fn line(ui: &mut Ui, desk: &Desk, item: &LabItem, chosen: bool, here: bool) -> bool {
    let c = colors(ui);
    let wide = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, space::TOUCH), Sense::hover());
    let response = ui.interact(rect, ui.scope_id().with(("lab item", &item.key)), Sense::CLICK);
    let name = names::drawable(ui, &item.name).text;
    let words = if item.abbr == item.name { name } else { format!("{}　{name}", item.abbr) };
    let note = match &item.container {
        Some(container) if !chosen => tube::container_words(container),
        _ => desk.t("lab_order.chosen").to_owned(),
    };
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, true, chosen, format!("{words} {note}"))
    });
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
    let note_font = if chosen { bold(size::SMALL) } else { regular(size::SMALL) };
    let note_ink = if chosen { c.indigo } else { c.soft };
    let note_wide = text::line(ui, &note, note_font.clone(), note_ink, f32::INFINITY).size().x;
    let place = Rect::from_min_max(inner.min, inner.max - Vec2::new(note_wide + space::SMALL, 0.0));
    let ink = c.ink;
    let fits = |size: &f32| {
        text::line(ui, &words, regular(*size), ink, f32::INFINITY).size().x <= place.width()
    };
    let steps = [size::BODY, size::CHIP, size::LINE];
    let big = steps.into_iter().find(fits).unwrap_or(size::SMALL);
    text::paint(ui, place, Align::Min, &words, regular(big), ink);
    text::paint(ui, inner, Align::Max, &note, note_font, note_ink);
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::lone_digit;

    #[test]
    fn one_digit_is_the_key_of_a_set() {
        assert_eq!((lone_digit("1"), lone_digit("９")), (Some(0), Some(8)));
        for text in ["", "0", "12", "1,5", "ア"] {
            assert_eq!(lone_digit(text), None, "{text}");
        }
    }
}
