//! Buttons and chips.

use egui::{Align, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::text;
use crate::theme::tokens::{bold, colors, regular, size, space, stroke};

/// A choice among others; the one in force is underlined and bold, not only coloured.
pub fn chip(ui: &mut Ui, label: &str, on: bool) -> Response {
    let c = colors(ui);
    let font = if on { bold(size::CHIP) } else { regular(size::CHIP) };
    // As wide as its bold form, so that the row stands still.
    let wide = text::line(ui, label, bold(size::CHIP), c.ink, f32::INFINITY).size().x;
    let wish = Vec2::new(wide + 2.0 * space::EDGE, space::TOUCH);
    let (rect, response) = ui.allocate_exact_size(wish, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, label));
    let edge = if on || response.hovered() { c.indigo } else { c.line };
    ui.painter().rect(rect, 0.0, c.card, Stroke::new(stroke::EDGE, edge), StrokeKind::Inside);
    if on {
        let bar = rect.with_min_y(rect.bottom() - 4.0);
        ui.painter().rect_filled(bar, 0.0, c.indigo);
    }
    text::paint(ui, rect, Align::Center, label, font, if on { c.indigo } else { c.ink });
    focus_ring(ui, &response);
    response
}

/// A button; `main` is the screen's main action, of which there is one.
pub fn button(ui: &mut Ui, label: &str, main: bool, enabled: bool) -> Response {
    let c = colors(ui);
    let font = if main { bold(size::BODY) } else { regular(size::CHIP) };
    let wide = text::line(ui, label, font.clone(), c.ink, f32::INFINITY).size().x;
    let height = if main { space::MAIN } else { space::TOUCH };
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(wide + 2.0 * space::EDGE, height), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
    let (ground, ink, edge) = match (main, enabled) {
        (true, true) => (c.indigo, c.on_indigo, c.indigo),
        (_, false) => (c.paper, c.faint, c.line),
        (false, true) => (c.card, c.ink, c.ink),
    };
    let edge = if response.hovered() && enabled { c.indigo } else { edge };
    ui.painter().rect(rect, 0.0, ground, Stroke::new(stroke::EDGE, edge), StrokeKind::Inside);
    text::paint(ui, rect, Align::Center, label, font, ink);
    focus_ring(ui, &response);
    response
}

/// The ring around what the keyboard acts on.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let ring = Stroke::new(stroke::FOCUS, colors(ui).focus);
        ui.painter().rect_stroke(response.rect.expand(2.0), 0.0, ring, StrokeKind::Outside);
    }
}

/// A plain button at a given place.
pub fn placed(ui: &Ui, rect: Rect, salt: egui::Id, label: &str) -> Response {
    let c = colors(ui);
    let response = ui.interact(rect, salt.with("button"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let edge = if response.hovered() { c.indigo } else { c.ink };
    ui.painter().rect(rect, 0.0, c.card, Stroke::new(stroke::EDGE, edge), StrokeKind::Inside);
    text::paint(ui, rect, Align::Center, label, regular(size::CHIP), c.ink);
    focus_ring(ui, &response);
    response
}
