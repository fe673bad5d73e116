//! Lists of two-line rows to pick from: arrows or a touch.

use egui::{Align, Color32, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::text;
use crate::app::keys::Command;
use crate::theme::tokens::{bold, colors, regular, size, space, stroke};

/// The ground of the marked row of any list.
pub fn marked(ui: &Ui, rect: Rect) {
    let c = colors(ui);
    ui.painter().rect_filled(rect, 0.0, c.indigo_soft);
    let bar = rect.with_max_x(rect.left() + stroke::BAR);
    ui.painter().rect_filled(bar, 0.0, c.indigo);
}

/// Height of a row.
pub const ROW: f32 = 64.0;

/// What a row says.
#[derive(Debug, Clone, Default)]
pub struct Row<'a> {
    /// Large.
    pub main: &'a str,
    /// Small, below.
    pub below: &'a str,
    /// A mark at the right end of the lower line: words and whether they are a danger.
    pub mark: Option<(&'a str, Mark)>,
    /// Taken back: its words are struck through.
    pub struck: bool,
}

/// What a mark means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It waits for somebody.
    Waits,
    /// Somebody must do something about it.
    Wrong,
    /// Good to know.
    Quiet,
}

/// Draws a row; its accessible name is all that it says.
pub fn row(ui: &mut Ui, row: &Row<'_>, selected: bool, reveal: bool) -> Response {
    let c = colors(ui);
    let wish = Vec2::new(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(wish, Sense::CLICK);
    response.widget_info(|| {
        let mark = row.mark.map_or("", |(words, _)| words);
        let label = [row.main, row.below, mark].map(str::trim);
        let label: Vec<&str> = label.into_iter().filter(|part| !part.is_empty()).collect();
        WidgetInfo::selected(Role::Button, true, selected, label.join(" "))
    });
    if selected {
        marked(ui, rect);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::HAIR, c.line));
    let inner = rect.shrink2(Vec2::new(space::GAP + 2.0, 6.0));
    let upper = inner.with_max_y(inner.top() + 30.0);
    let mut lower = inner.with_min_y(inner.bottom() - 22.0);
    let ink = if row.struck { c.soft } else { c.ink };
    let font = if selected { bold(size::BODY) } else { regular(size::BODY) };
    let end = text::paint(ui, upper, Align::Min, row.main, font, ink);
    if row.struck {
        ui.painter().hline(end.x_range(), end.center().y, Stroke::new(stroke::EDGE, c.soft));
    }
    if let Some((words, mark)) = row.mark {
        let color = color(ui, mark);
        let place = text::paint(ui, lower, Align::Max, words, bold(size::SMALL), color);
        lower.max.x = place.left() - space::SMALL;
    }
    text::paint(ui, lower, Align::Min, row.below, regular(size::SMALL), c.soft);
    if reveal && ui.clip_rect().intersect(rect).height() < rect.height() {
        ui.scroll_to_rect(rect, None);
    }
    response
}

/// The colour of a mark.
pub fn color(ui: &Ui, mark: Mark) -> Color32 {
    let c = colors(ui);
    match mark {
        Mark::Waits => c.amber,
        Mark::Wrong => c.red,
        Mark::Quiet => c.soft,
    }
}

/// A heading between rows.
pub fn heading(ui: &mut Ui, words: &str) {
    let c = colors(ui);
    let wish = Vec2::new(ui.available_width(), 40.0);
    let (rect, response) = ui.allocate_exact_size(wish, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    let place: Rect = rect.with_min_y(rect.top() + 10.0).shrink2(Vec2::new(space::SMALL, 0.0));
    text::paint(ui, place, Align::Min, words, bold(size::LINE), c.soft);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::EDGE, c.line));
}

/// Where a command moves among `count` rows; `None` where it does not move or there are none.
pub fn moved(pressed: Option<Command>, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let to = match pressed? {
        Command::Up => at.saturating_sub(1),
        Command::Down => at + 1,
        Command::First => 0,
        Command::Last => last,
        _ => return None,
    };
    Some(to.min(last))
}
