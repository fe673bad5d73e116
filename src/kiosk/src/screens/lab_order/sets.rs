//! いつもの検査: the sets as numbered buttons.

use clinical::lab::LabSet;
use egui::{Align, Label, RichText, Role, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::work::Work;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, regular, size, space, stroke};
use crate::widgets::button::{self, focus_ring};
use crate::widgets::text::{self, running};
use crate::widgets::{card::remark, names};

/// `1 いつもの採血`; a digit where there is a key for it.
fn numbered(ui: &Ui, n: usize, set: &LabSet) -> String {
    let name = names::drawable(ui, &set.name).text;
    if n < 9 { format!("{} {name}", n + 1) } else { name }
}

impl Work {
    /// All sets below each other; the one that was touched.
    pub(super) fn set_list(&self, ui: &mut Ui, desk: &Desk, sets: &[LabSet]) -> Option<usize> {
        ui.label(RichText::new(desk.t("lab_order.sets")).size(size::LINE).color(colors(ui).soft));
        ui.add_space(4.0);
        if sets.is_empty() {
            self.no_sets(ui, desk);
            return None;
        }
        let mut touched = None;
        ScrollArea::vertical().id_salt("lab sets").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (n, set) in sets.iter().enumerate() {
                let on = self.content.sets.contains(&set.id);
                if row(ui, desk, n, set, on) {
                    touched = Some(n);
                }
            }
        });
        touched
    }

    /// The sets beside each other, where there is little room.
    pub(super) fn set_chips(&self, ui: &mut Ui, desk: &Desk, sets: &[LabSet]) -> Option<usize> {
        if sets.is_empty() {
            self.no_sets(ui, desk);
            return None;
        }
        let mut touched = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
            for (n, set) in sets.iter().enumerate() {
                let on = self.content.sets.contains(&set.id);
                let words = numbered(ui, n, set);
                if button::chip(ui, &words, on).clicked() {
                    touched = Some(n);
                }
            }
        });
        touched
    }

    fn no_sets(&self, ui: &mut Ui, desk: &Desk) {
        ui.add(Label::new(running(desk.t("lab_order.no_sets"), size::BODY)).wrap());
        if self.content.keys.is_empty() {
            remark(ui, desk.t("lab_order.no_sets_todo"));
        } else {
            remark(ui, desk.t("lab_order.no_sets_keep"));
        }
    }
}

/// One set: its number and name, and whose it is; true when touched.
fn row(ui: &mut Ui, desk: &Desk, n: usize, set: &LabSet, on: bool) -> bool {
    let c = colors(ui);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), 60.0), Sense::click());
    let words = numbered(ui, n, set);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &words));
    let ground = if on { c.indigo_soft } else { c.card };
    let edge = if response.hovered() || on { c.indigo } else { c.line };
    let place = rect.shrink2(Vec2::new(0.0, 2.0));
    ui.painter().rect(
        place,
        0.0,
        ground,
        Stroke::new(stroke::EDGE, edge),
        egui::StrokeKind::Inside,
    );
    if on {
        let bar = place.with_max_x(place.left() + stroke::BAR);
        ui.painter().rect_filled(bar, 0.0, c.indigo);
    }
    let inner = place.shrink2(Vec2::new(16.0, 4.0));
    let name = names::drawable(ui, &set.name).text;
    if n < 9 {
        let place = inner.with_max_x(inner.left() + 22.0);
        text::paint(ui, place, Align::Min, &(n + 1).to_string(), regular(size::LINE), c.soft);
    }
    let whose = desk.t(if set.owner.is_some() { "lab_order.own" } else { "lab_order.clinic" });
    let count = desk.fill("lab_order.count", &[("n", &set.items.len().to_string())]);
    let right = inner.with_min_x(inner.right() - 92.0);
    let (upper, lower) = right.split_top_bottom_at_y(right.center().y);
    text::paint(ui, upper, Align::Max, whose, regular(size::SMALL), c.soft);
    text::paint(ui, lower, Align::Max, &count, regular(size::SMALL), c.soft);
    let middle = inner.with_min_x(inner.left() + 28.0).with_max_x(right.left() - space::SMALL);
    let name = if on { format!("✓ {name}") } else { name };
    let font = |size| if on { bold(size) } else { regular(size) };
    let ink = if on { c.indigo } else { c.ink };
    let fits = |size: &f32| {
        text::line(ui, &name, font(*size), ink, f32::INFINITY).size().x <= middle.width()
    };
    let steps = [size::BODY, size::CHIP, size::LINE];
    if let Some(size) = steps.into_iter().find(fits) {
        text::paint(ui, middle, Align::Min, &name, font(size), ink);
    } else {
        // A long name stands on two lines rather than losing its end.
        let galley = ui.painter().layout(name, font(size::SMALL), ink, middle.width());
        let at = egui::pos2(middle.left(), middle.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, ink);
    }
    focus_ring(ui, &response);
    response.clicked()
}
