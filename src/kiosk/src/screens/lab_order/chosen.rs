//! What is chosen, by the tubes in which it goes.

use clinical::lab::{OrderedItem, Tube};
use egui::{Align, Label, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::work::Work;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, regular, size, space};
use crate::widgets::text::running;
use crate::widgets::{button, names, text, tube};

impl Work {
    /// How many tubes and items: `管 3 本・12 項目`; empty where nothing is chosen.
    pub(super) fn count_words(&self, desk: &Desk) -> String {
        let (items, tubes) = self.plan(desk);
        if items.is_empty() {
            return String::new();
        }
        let (tubes, items) = (tubes.len().to_string(), items.len().to_string());
        desk.fill("lab_order.total", &[("tubes", &tubes), ("items", &items)])
    }

    /// The chosen items; a touch takes one out.
    pub(super) fn chosen(&mut self, ui: &mut Ui, desk: &Desk) {
        let (items, tubes) = self.plan(desk);
        let c = colors(ui);
        if items.is_empty() {
            let soft = running(desk.t("lab_order.nothing"), size::BODY).color(c.soft);
            ui.add(Label::new(soft).wrap());
            return;
        }
        let mut gone = None;
        for tube in &tubes {
            head(ui, tube);
            let own = items.iter().filter(|item| item.tube.as_ref() == Some(&tube.number));
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
                for item in own {
                    if chip(ui, desk, item) {
                        gone = Some(item.code.local.clone());
                    }
                }
            });
        }
        if let Some(key) = gone {
            let now = ui.input(|input| input.time);
            self.toggle_item(&key, now);
        }
    }
}

/// The tube over its items: colour, its name, the vessel, how much.
fn head(ui: &mut Ui, tube: &Tube) {
    let c = colors(ui);
    let wide = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, 40.0), Sense::hover());
    let words = tube::container_words(&tube.container);
    let volume = tube::volume_words(&tube.container);
    let material = names::drawable(ui, &tube.specimen).text;
    let note = [material, volume].into_iter().filter(|part| !part.is_empty());
    let note = note.collect::<Vec<_>>().join("　");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{words}　{note}")));
    let cap = Rect::from_min_size(rect.min + Vec2::new(0.0, 7.0), Vec2::new(22.0, 28.0));
    tube::swatch(ui, cap, &tube.container);
    let place = rect.with_min_x(cap.right() + space::SMALL + 2.0);
    let end = text::paint(ui, place, Align::Min, &words, bold(size::CHIP), c.ink);
    let place = place.with_min_x(end.right() + space::GAP);
    text::paint(ui, place, Align::Min, &note, regular(size::LINE), c.soft);
}

/// One item; true when it is to be taken out.
fn chip(ui: &mut Ui, desk: &Desk, item: &OrderedItem) -> bool {
    let c = colors(ui);
    let abbr = names::drawable(ui, &item.abbr).text;
    let own = item.code.jlac10.is_none();
    let mark = desk.t("lab_order.own_code");
    let measure = |ui: &Ui, words: &str, big: f32| {
        text::line(ui, words, regular(big), c.ink, f32::INFINITY).size().x
    };
    let name = measure(ui, &abbr, size::CHIP);
    let note = if own { measure(ui, mark, size::SMALL) } else { 0.0 };
    let wide = (name.max(note) + 52.0).max(space::TOUCH);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, space::TOUCH), Sense::click());
    let said = desk.fill("lab_order.take_out", &[("item", &abbr)]);
    let said = if own { format!("{said} {mark}") } else { said };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    let edge = if response.hovered() { c.indigo } else { c.line };
    let stroke = egui::Stroke::new(crate::theme::tokens::stroke::EDGE, edge);
    ui.painter().rect(rect, 0.0, c.card, stroke, egui::StrokeKind::Inside);
    let inner = rect.shrink2(Vec2::new(12.0, 4.0));
    text::paint(ui, inner, Align::Max, "×", regular(size::BODY), c.soft);
    let inner = inner.with_max_x(inner.right() - 22.0);
    if own {
        let (upper, lower) = inner.split_top_bottom_at_y(inner.top() + 27.0);
        text::paint(ui, upper, Align::Min, &abbr, regular(size::CHIP), c.ink);
        text::paint(ui, lower, Align::Min, mark, regular(size::SMALL), c.amber);
    } else {
        text::paint(ui, inner, Align::Min, &abbr, regular(size::CHIP), c.ink);
    }
    button::focus_ring(ui, &response);
    response.clicked()
}
