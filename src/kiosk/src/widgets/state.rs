//! The state of a reception, in words and in a badge.

use clinical::ReceptionState as S;
use egui::{Align, Color32, Rect, Stroke, StrokeKind, Ui, Vec2};

use super::text;
use crate::theme::tokens::{bold, colors, regular, size, stroke};

/// Minutes after which a wait is long.
pub const LONG_WAIT_MINUTES: u64 = 45;

/// Key of the state's words.
pub fn words(state: S) -> &'static str {
    match state {
        S::Waiting => "state.waiting",
        S::InConsultation => "state.in_consultation",
        S::InExamination => "state.in_examination",
        S::AwaitingPayment => "state.awaiting_payment",
        S::Done => "state.done",
        S::Cancelled => "state.cancelled",
    }
}

/// Paints the badge at the left of `rect`. `long` is a wait that has become long.
pub fn badge(ui: &Ui, rect: Rect, state: S, label: &str, long: bool, pending: bool) {
    let c = colors(ui);
    let clear = Color32::TRANSPARENT;
    let (ground, edge, ink, strong) = match state {
        S::Waiting if long => (c.amber_soft, c.amber, c.amber, true),
        S::InConsultation | S::InExamination => (c.indigo, c.indigo, c.on_indigo, true),
        S::Waiting | S::AwaitingPayment => (c.card, c.line, c.ink, false),
        S::Done | S::Cancelled => (clear, c.line, c.soft, false),
    };
    // On its way: only an outline, as nothing is certain yet.
    let (ground, edge, ink) =
        if pending { (c.card, c.indigo, c.indigo) } else { (ground, edge, ink) };
    let font = |size| if strong { bold(size) } else { regular(size) };
    let measure = |size: &f32| text::line(ui, label, font(*size), ink, f32::INFINITY).size().x;
    let fits = |size: &f32| measure(size) + 12.0 <= rect.width();
    let fitting = [size::KEY, size::LINE, size::HEAD].into_iter().find(fits);
    let size = fitting.unwrap_or(size::SMALL);
    let (font, wide) = (font(size), measure(&size));
    let wish = Vec2::new((wide + 20.0).max(104.0).min(rect.width()), 35.0);
    let place = Rect::from_min_size(
        egui::pos2(rect.left(), (rect.center().y - wish.y / 2.0).round()),
        wish,
    );
    ui.painter().rect(place, 0.0, ground, Stroke::new(stroke::EDGE, edge), StrokeKind::Inside);
    text::paint(ui, place.shrink2(Vec2::new(4.0, 0.0)), Align::Center, label, font, ink);
}
