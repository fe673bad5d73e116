//! Painting text into a given rectangle.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align, Color32, FontId, Galley, Pos2, Rect, RichText, Ui};

use crate::theme::tokens::{bold, size as scale};

/// One line no wider than `width`; what is too long ends in `…`.
pub fn line(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width(width);
    ui.painter().layout_job(job)
}

/// Several lines no wider than `width`, centred.
pub fn centered(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple(text.to_owned(), font, color, width);
    job.halign = Align::Center;
    // Words parted by blanks break there; Japanese has none and breaks where the room ends.
    job.wrap.break_anywhere = !text.contains(' ');
    job.wrap.max_rows = 2;
    ui.painter().layout_job(job)
}

/// Paints one line, centred vertically in `rect`.
pub fn paint(ui: &Ui, rect: Rect, align: Align, text: &str, font: FontId, color: Color32) -> Rect {
    let galley = line(ui, text, font, color, rect.width());
    let size = galley.size();
    let x = match align {
        Align::Min => rect.left(),
        Align::Center => rect.center().x - size.x / 2.0,
        Align::Max => rect.right() - size.x,
    };
    let y = rect.center().y - size.y / 2.0;
    let at = Pos2::new(x, y);
    ui.painter().galley(at, galley, color);
    Rect::from_min_size(at, size)
}

/// Paints a name in bold, smaller where it would not fit, never under the smallest size.
pub fn fit(ui: &Ui, rect: Rect, text: &str, largest: f32, color: Color32) -> Rect {
    let steps = [largest, scale::BODY, scale::CHIP, scale::LINE];
    let fitting = steps
        .into_iter()
        .find(|step| line(ui, text, bold(*step), color, f32::INFINITY).size().x <= rect.width());
    paint(ui, rect, Align::Min, text, bold(fitting.unwrap_or(scale::SMALL)), color)
}

/// Running text, with air between its lines.
pub fn running(text: impl Into<String>, size: f32) -> RichText {
    RichText::new(text).size(size).line_height(Some((size * 1.4).round()))
}
