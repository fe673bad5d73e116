//! The key bar: F1 to F12, each a touch target that says what it does now.

use egui::{Align, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::text;
use crate::app::keys::{Bar, Command, Slot};
use crate::i18n::Lang;
use crate::theme::tokens::{bold, colors, regular, size, stroke};

/// A key narrower than this says its words on two lines.
const NARROW: f32 = 80.0;

/// Draws the bar into the whole of `ui`; the command whose key was touched.
pub fn show(ui: &mut Ui, bar: &Bar, lang: Lang) -> Option<Command> {
    let c = colors(ui);
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, 0.0, c.card);
    let wide = whole.width() / 12.0;
    let mut touched = None;
    for (i, slot) in bar.slots.iter().enumerate() {
        let left = whole.left() + wide * i as f32;
        let cell =
            Rect::from_min_size(egui::pos2(left, whole.top()), Vec2::new(wide, whole.height()));
        if key(ui, cell, *slot, lang) {
            touched = slot.command;
        }
        if i > 0 {
            ui.painter().vline(cell.left(), cell.y_range(), Stroke::new(stroke::HAIR, c.line));
        }
    }
    ui.painter().hline(whole.x_range(), whole.top(), Stroke::new(stroke::HAIR, c.line));
    touched
}

fn key(ui: &Ui, cell: Rect, slot: Slot, lang: Lang) -> bool {
    let c = colors(ui);
    let sense = if slot.enabled { Sense::CLICK } else { Sense::hover() };
    let response = ui.interact(cell, ui.scope_id().with(("key", slot.number)), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, slot.enabled, slot.label(lang)));
    let main = slot.main && slot.enabled;
    if main {
        ui.painter().rect_filled(cell, 0.0, c.indigo);
    } else if slot.enabled && response.hovered() {
        ui.painter().rect_filled(cell, 0.0, c.indigo_soft);
    }
    let Some(words) = slot.words(lang) else { return false };
    let (head, ink) = match (main, slot.enabled) {
        (true, _) => (c.on_indigo, c.on_indigo),
        (false, true) => (c.soft, c.ink),
        (false, false) => (c.faint, c.faint),
    };
    let narrow = cell.width() < NARROW;
    let room = cell.width() - if narrow { 4.0 } else { 8.0 };
    let galley = fitted(ui, &words, room, main, ink);
    let top = cell.top() + if narrow { 4.0 } else { 10.0 };
    let number = Rect::from_min_size(egui::pos2(cell.left(), top), Vec2::new(cell.width(), 20.0));
    let name = format!("F{}", slot.number);
    text::paint(ui, number, Align::Center, &name, regular(size::SMALL), head);
    let y = number.bottom() + if narrow { 1.0 } else { 4.0 };
    let at = egui::pos2(cell.center().x, y);
    ui.painter().galley(at, galley, ink);
    response.clicked()
}

/// The words in the largest size that fits on one line, else in the smallest on two.
fn fitted(
    ui: &Ui,
    words: &str,
    room: f32,
    main: bool,
    ink: egui::Color32,
) -> std::sync::Arc<egui::Galley> {
    let font = |size| if main { bold(size) } else { regular(size) };
    for size in [size::KEY, size::LINE, size::HEAD, size::SMALL] {
        let one = text::line(ui, words, font(size), ink, f32::INFINITY);
        if one.size().x <= room {
            return text::centered(ui, words, font(size), ink, room + 4.0);
        }
    }
    text::centered(ui, &halved(words), font(size::SMALL), ink, room + 4.0)
}

/// Words without blanks are parted in the middle, so that no single character stands alone.
fn halved(words: &str) -> String {
    let count = words.chars().count();
    if words.contains(' ') || count < 4 {
        return words.to_owned();
    }
    let (head, tail): (String, String) = (
        words.chars().take(count.div_ceil(2)).collect(),
        words.chars().skip(count.div_ceil(2)).collect(),
    );
    format!("{head}\n{tail}")
}
