//! A card: a title, where its content comes from, lines.

use egui::{
    Align, Frame, Label, Layout, Margin, RichText, Role, Sense, Stroke, Ui, Vec2, WidgetInfo,
};

use super::text::{self, running};
use crate::theme::tokens::{colors, regular, size, space, stroke};

/// Draws a card of this width; `source` stands small at the right of the title.
pub fn card(ui: &mut Ui, title: &str, source: &str, width: f32, content: impl FnOnce(&mut Ui)) {
    let c = colors(ui);
    let frame = Frame::NONE
        .fill(c.card)
        .stroke(Stroke::new(stroke::HAIR, c.line))
        .inner_margin(Margin::symmetric(16, 12));
    frame.show(ui, |ui| {
        ui.set_width(width - 2.0 * 16.0 - 2.0 * stroke::HAIR);
        ui.spacing_mut().item_spacing.y = 4.0;
        pair_sized(ui, title, source, size::LINE, c.soft);
        ui.add_space(2.0);
        content(ui);
    });
}

/// A line with a small remark at its right end.
pub fn pair(ui: &mut Ui, text: &str, remark: &str) {
    let ink = colors(ui).ink;
    pair_sized(ui, text, remark, size::BODY, ink);
}

fn pair_sized(ui: &mut Ui, text: &str, remark: &str, big: f32, ink: egui::Color32) {
    let soft = colors(ui).soft;
    ui.with_layout(Layout::top_down(egui::Align::Min), |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(running(text, big).color(ink));
            if !remark.is_empty() {
                ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                    let small = RichText::new(remark).size(size::SMALL).color(soft);
                    ui.add(Label::new(small).truncate());
                });
            }
        });
    });
}

/// A captioned value: the caption small over the value, which wraps.
pub fn entry(ui: &mut Ui, caption: &str, value: &str) {
    let c = colors(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(RichText::new(caption).size(size::SMALL).color(c.soft));
        ui.add(Label::new(running(value, size::BODY)).wrap());
    });
}

/// A captioned value on one line, the value at the right; below its caption where it does not fit.
pub fn inline(ui: &mut Ui, caption: &str, value: &str) {
    let c = colors(ui);
    let wide = ui.available_width();
    let measure = |ui: &Ui, words: &str, big: f32| {
        text::line(ui, words, regular(big), c.ink, f32::INFINITY).size().x
    };
    let both = measure(ui, caption, size::SMALL) + measure(ui, value, size::BODY) + space::GAP;
    if both > wide || value.contains('\n') {
        entry(ui, caption, value);
        return;
    }
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, 31.0), Sense::hover());
    let words = format!("{caption}　{value}");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let below = rect.translate(Vec2::new(0.0, 2.0));
    text::paint(ui, below, Align::Min, caption, regular(size::SMALL), c.soft);
    text::paint(ui, rect, Align::Max, value, regular(size::BODY), c.ink);
}

/// A small remark, wrapped.
pub fn remark(ui: &mut Ui, text: &str) {
    let soft = colors(ui).soft;
    ui.add(Label::new(running(text, size::LINE).color(soft)).wrap());
}
