//! One of a few, all in sight: digit keys, arrows, or a touch.

use egui::{
    Align, EventFilter, Id, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
};
use egui::{Response, WidgetInfo};

use super::button::focus_ring;
use super::text;
use crate::theme::tokens::{bold, colors, regular, size, space, stroke};

/// Between two options.
const GAP: f32 = 8.0;

/// What a frame brought.
pub struct Shown {
    /// The whole row; it is what the keyboard stands on.
    pub response: Response,
    /// The option touched, or reached with an arrow key.
    pub chosen: Option<usize>,
}

/// Draws the options in rows no wider than `width`. The row as a whole takes the focus, so that Tab passes it in one step.
pub fn show(
    ui: &mut Ui,
    id: Id,
    label: &str,
    options: &[String],
    current: Option<usize>,
    width: f32,
) -> Shown {
    let c = colors(ui);
    let sizes: Vec<f32> = options
        .iter()
        .enumerate()
        .map(|(i, words)| {
            let words = numbered(i, words);
            text::line(ui, &words, bold(size::CHIP), c.ink, f32::INFINITY).size().x + 30.0
        })
        .map(|wide| wide.min(width))
        .collect();
    let mut places = Vec::with_capacity(sizes.len());
    let (mut x, mut y) = (0.0, 0.0);
    for wide in sizes {
        if x > 0.0 && x + wide > width {
            (x, y) = (0.0, y + space::TOUCH + GAP);
        }
        places.push(Rect::from_min_size(egui::pos2(x, y), Vec2::new(wide, space::TOUCH)));
        x += wide + GAP;
    }
    let (rect, _) = ui.allocate_exact_size(Vec2::new(width, y + space::TOUCH), Sense::hover());
    let response = ui.interact(rect, id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, label));
    let mut chosen = None;
    for (i, (words, place)) in options.iter().zip(&places).enumerate() {
        let place = place.translate(rect.min.to_vec2());
        if option(ui, id.with(i), place, &numbered(i, words), current == Some(i)) {
            chosen = Some(i);
        }
    }
    if chosen.is_some() {
        response.request_focus();
    }
    if response.has_focus() {
        chosen = chosen.or_else(|| arrows(ui, id, options.len(), current));
    }
    // The ring goes around the options, not around the empty rest of the row.
    let around = places.iter().fold(Rect::NOTHING, |all, place| all.union(*place));
    let ring = Response { rect: around.translate(rect.min.to_vec2()), ..response.clone() };
    focus_ring(ui, &ring);
    Shown { response, chosen }
}

fn numbered(i: usize, words: &str) -> String {
    if i < 9 { format!("{} {words}", i + 1) } else { words.to_owned() }
}

/// The arrows move in the row instead of leaving it.
fn arrows(ui: &Ui, id: Id, count: usize, current: Option<usize>) -> Option<usize> {
    let filter =
        EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
    let (left, right) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::NONE, Key::ArrowLeft),
            input.consume_key(Modifiers::NONE, Key::ArrowRight),
        )
    });
    match (left, right, current) {
        (true, _, Some(i)) => Some(i.saturating_sub(1)),
        (true, _, None) => Some(count.saturating_sub(1)),
        (_, true, Some(i)) => Some((i + 1).min(count.saturating_sub(1))),
        (_, true, None) => Some(0),
        _ => None,
    }
}

fn option(ui: &Ui, id: Id, rect: Rect, words: &str, on: bool) -> bool {
    let c = colors(ui);
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, words));
    let edge = if on || response.hovered() { c.indigo } else { c.line };
    ui.painter().rect(rect, 0.0, c.card, Stroke::new(stroke::EDGE, edge), StrokeKind::Inside);
    if on {
        let bar = rect.with_min_y(rect.bottom() - 4.0);
        ui.painter().rect_filled(bar, 0.0, c.indigo);
    }
    let font = if on { bold(size::CHIP) } else { regular(size::CHIP) };
    let place = rect.shrink2(Vec2::new(8.0, 0.0));
    text::paint(ui, place, Align::Center, words, font, if on { c.indigo } else { c.ink });
    response.clicked()
}
