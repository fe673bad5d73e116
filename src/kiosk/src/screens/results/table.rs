//! The table: items × days. Head row and first column stand still; only the cells in sight are laid out.

use std::collections::HashSet;

use clinical::lab::{LabResult, ResultStatus};
use egui::{
    Align, Color32, Rect, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};
use uuid::Uuid;

use super::grid::Grid;
use super::words;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, compact, regular, size, stroke};
use crate::widgets::{names, pick, text};

/// Room for `HH` at the right end of a cell, so that the figures stand under each other.
const MARK: f32 = 42.0;
/// Between a cell's edge and what stands in it.
const PAD: f32 = 8.0;

/// How large the parts are.
#[derive(Debug, Clone, Copy)]
struct Plan {
    head: f32,
    row: f32,
    first: f32,
    column: f32,
}

impl Plan {
    /// Rows are a little higher where that lets whole ones fill the room: half a figure is easily read as another.
    fn of(ui: &Ui, room: f32) -> Self {
        let filling = |row: f32| if room >= row { room / (room / row).floor() } else { row };
        if compact(ui.ctx()) {
            Self { head: 26.0, row: 46.0, first: 150.0, column: 116.0 }
        } else {
            Self { head: 48.0, row: filling(50.0).min(60.0), first: 236.0, column: 130.0 }
        }
    }
}

/// Where the table stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scroll {
    offset: Vec2,
    room: Vec2,
}

/// What the table shows besides the results.
pub struct Marks<'a> {
    /// The marked cell: line and column.
    pub at: (usize, usize),
    /// Bring it into sight.
    pub reveal: bool,
    /// What has been looked at one by one.
    pub seen: &'a HashSet<Uuid>,
}

/// Draws the table into all the room there is; the cell that was touched.
pub fn show(
    ui: &mut Ui,
    desk: &Desk,
    grid: &Grid,
    marks: &Marks<'_>,
    scroll: &mut Scroll,
) -> Option<(usize, usize)> {
    let plan = Plan::of(ui, scroll.room.y);
    let whole = ui.available_rect_before_wrap();
    let corner = whole.min + vec2(plan.first, plan.head);
    let (body, mut touched) = (Rect::from_min_max(corner, whole.max), None);
    let mut area = egui::ScrollArea::both().id_salt("results").auto_shrink(false);
    if marks.reveal {
        area = area.scroll_offset(towards(plan, *scroll, marks.at));
    }
    let seen = (marks, plan);
    let drawn = ui
        .scope_builder(UiBuilder::new().max_rect(body), |ui| {
            area.show_viewport(ui, |ui, viewport| {
                cells(ui, desk, grid, seen, viewport, &mut touched);
            })
        })
        .inner;
    scroll.offset = drawn.state.clamped_offset();
    scroll.room = drawn.inner_rect.size();
    let shown = drawn.inner_rect;
    let head =
        Rect::from_min_max(pos2(shown.left(), whole.top()), pos2(shown.right(), shown.top()));
    clipped(ui, head, |ui| heads(ui, desk, grid, plan, head, scroll.offset.x));
    let first =
        Rect::from_min_max(pos2(whole.left(), shown.top()), pos2(shown.left(), shown.bottom()));
    if let Some(line) =
        clipped(ui, first, |ui| items(ui, grid, (marks.at.0, plan), first, scroll.offset.y))
    {
        touched = Some((line, marks.at.1));
    }
    let corner = Rect::from_min_max(whole.min, corner);
    let c = colors(ui);
    let place = corner.shrink2(vec2(PAD, 4.0));
    text::paint(ui, place, Align::Min, desk.t("results.item"), regular(size::HEAD), c.soft);
    let line = Stroke::new(stroke::FIELD, c.ink);
    ui.painter().hline(whole.x_range(), shown.top() - 1.0, line);
    ui.painter().vline(shown.left(), whole.y_range(), Stroke::new(stroke::EDGE, c.line));
    ui.advance_cursor_after_rect(whole);
    touched
}

/// Where to scroll so that the marked cell is wholly in sight.
fn towards(plan: Plan, scroll: Scroll, (line, column): (usize, usize)) -> Vec2 {
    let fit = |offset: f32, at: f32, wide: f32, room: f32| {
        if room <= 0.0 {
            return at;
        }
        offset.clamp((at + wide - room).max(0.0).min(at), at)
    };
    vec2(
        fit(scroll.offset.x, column as f32 * plan.column, plan.column, scroll.room.x),
        fit(scroll.offset.y, line as f32 * plan.row, plan.row, scroll.room.y),
    )
}

fn clipped<R>(ui: &mut Ui, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        content(ui)
    })
    .inner
}

/// Those of `count` things of this size that lie between two places.
fn in_sight(from: f32, to: f32, each: f32, count: usize) -> std::ops::Range<usize> {
    let first = (from / each).floor().max(0.0) as usize;
    let last = (to / each).ceil().max(0.0) as usize;
    first.min(count)..last.min(count)
}

fn cells(
    ui: &mut Ui,
    desk: &Desk,
    grid: &Grid,
    (marks, plan): (&Marks<'_>, Plan),
    viewport: Rect,
    touched: &mut Option<(usize, usize)>,
) {
    let (lines, columns) = (grid.lines.len(), grid.columns.len());
    ui.set_width(columns as f32 * plan.column);
    ui.set_height(lines as f32 * plan.row);
    let origin = ui.max_rect().min;
    let size = vec2(plan.column, plan.row);
    let c = colors(ui);
    let sides = in_sight(viewport.left(), viewport.right(), plan.column, columns);
    for line in in_sight(viewport.top(), viewport.bottom(), plan.row, lines) {
        let top = origin.y + line as f32 * plan.row;
        for column in sides.clone() {
            let corner = pos2(origin.x + column as f32 * plan.column, top);
            let rect = Rect::from_min_size(corner, size);
            let marked = marks.at == (line, column);
            let id = ui.scope_id().with((line, column));
            let result = grid.cell(line, column);
            if result.is_none() && !marked {
                if ui.interact(rect, id, Sense::CLICK).clicked() {
                    *touched = Some((line, column));
                }
                continue;
            }
            let response = ui.interact(rect, id, Sense::CLICK);
            let day = grid.columns[column].day();
            response.widget_info(|| {
                let words = match result {
                    Some(result) => words::spoken(desk, result, day),
                    None => format!("{} {day}", desk.t("results.empty_cell")),
                };
                WidgetInfo::selected(Role::Button, true, marked, words)
            });
            if response.clicked() {
                *touched = Some((line, column));
            }
            if marked {
                ui.painter().rect_filled(rect, 0.0, c.indigo_soft);
            }
            if let Some(result) = result {
                cell(ui, desk, result, rect, marks.seen.contains(&result.id));
            }
            if marked {
                let edge = Stroke::new(stroke::FOCUS, c.indigo);
                ui.painter().rect_stroke(rect, 0.0, edge, egui::StrokeKind::Inside);
            }
        }
        let wide = egui::Rangef::new(ui.clip_rect().left(), ui.clip_rect().right());
        let below = top + plan.row - 0.5;
        ui.painter().hline(wide, below, Stroke::new(stroke::HAIR, c.line));
    }
}

/// The value at the right, its mark in a column of its own, small words below.
fn cell(ui: &Ui, desk: &Desk, result: &LabResult, rect: Rect, seen: bool) {
    let c = colors(ui);
    let panic = result.flag.is_panic();
    let abnormal = result.is_abnormal();
    if panic {
        ui.painter().rect_filled(rect.shrink(2.0), 0.0, c.red);
    }
    let cancelled = result.status == ResultStatus::Cancelled;
    let (ink, soft) = match (panic, abnormal, cancelled) {
        (true, ..) => (c.on_indigo, c.on_indigo),
        (_, _, true) => (c.soft, c.soft),
        (_, true, _) => (c.red, c.soft),
        _ => (c.ink, c.soft),
    };
    let note = note(desk, result, seen);
    let inner = rect.shrink2(vec2(PAD, 2.0));
    let (upper, lower) = match note {
        Some(_) => {
            (inner.with_max_y(inner.bottom() - 18.0), inner.with_min_y(inner.bottom() - 19.0))
        }
        None => (inner, inner),
    };
    let value = words::value(desk, result);
    let value = if value.is_ascii() { value } else { names::drawable(ui, &value).text };
    let figure = upper.with_max_x(upper.right() - MARK);
    let mark = result.flag.mark();
    // Words need the room that figures leave to the mark.
    let place = if mark.is_empty() && !value.starts_with(|c: char| c.is_ascii_digit()) {
        upper
    } else {
        figure
    };
    fitted(ui, place, &value, abnormal && !cancelled, ink);
    let beside = upper.with_min_x(figure.right());
    text::paint(ui, beside, Align::Max, mark, bold(size::CHIP), ink);
    if let Some(words) = note {
        text::paint(ui, lower, Align::Max, words, bold(size::SMALL), soft);
    }
}

/// Right-aligned, smaller where it would not fit.
fn fitted(ui: &Ui, rect: Rect, words: &str, strong: bool, ink: Color32) {
    let font = |size| if strong { bold(size) } else { regular(size) };
    let fits = |size: &f32| {
        text::line(ui, words, font(*size), ink, f32::INFINITY).size().x <= rect.width()
    };
    let size = [size::BODY, size::LINE].into_iter().find(fits).unwrap_or(size::SMALL);
    text::paint(ui, rect, Align::Max, words, font(size), ink);
}

/// The most important small word of a cell.
fn note<'a>(desk: &'a Desk, result: &LabResult, seen: bool) -> Option<&'a str> {
    let open = result.confirmed.is_none() && result.is_abnormal();
    match (words::status(desk, result), open) {
        _ if open && seen => Some(desk.t("results.seen")),
        (Some(_), _) if result.status == ResultStatus::Cancelled && result.value.0.is_empty() => {
            None
        }
        (Some(status), _) => Some(status),
        _ if result.flag.is_panic() => Some(desk.t("results.panic")),
        (None, true) => Some(desk.t("results.unseen")),
        (None, false) => None,
    }
}

fn heads(ui: &mut Ui, desk: &Desk, grid: &Grid, plan: Plan, head: Rect, offset: f32) {
    let c = colors(ui);
    ui.painter().rect_filled(head, 0.0, c.paper);
    let columns = grid.columns.len();
    for i in in_sight(offset, offset + head.width(), plan.column, columns) {
        let left = head.left() + i as f32 * plan.column - offset;
        let rect = Rect::from_min_size(pos2(left, head.top()), vec2(plan.column, plan.head));
        let column = &grid.columns[i];
        let day = column.day();
        let (year, date) = words::day(desk, day);
        // Two on one day are told apart by the time.
        let twin = |other: Option<usize>| {
            other.and_then(|i| grid.columns.get(i)).is_some_and(|other| other.day() == day)
        };
        let small = if twin(i.checked_sub(1)) || twin(Some(i + 1)) {
            format!("{}:{:02}", column.at.hour(), column.at.minute())
        } else {
            year
        };
        let response = ui.interact(rect, ui.scope_id().with(("day", i)), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("{date} {small} {day}"))
        });
        let inner = rect.shrink2(vec2(PAD, 2.0));
        if plan.head < 40.0 {
            let words = format!("{small} {date}");
            text::paint(ui, inner, Align::Max, &words, bold(size::SMALL), c.ink);
            continue;
        }
        let upper = inner.with_max_y(inner.top() + 18.0);
        let lower = inner.with_min_y(inner.bottom() - 26.0);
        text::paint(ui, upper, Align::Max, &small, regular(size::SMALL), c.soft);
        text::paint(ui, lower, Align::Max, &date, bold(size::CHIP), c.ink);
    }
}

fn items(
    ui: &mut Ui,
    grid: &Grid,
    (at, plan): (usize, Plan),
    first: Rect,
    offset: f32,
) -> Option<usize> {
    let c = colors(ui);
    ui.painter().rect_filled(first, 0.0, c.paper);
    let mut touched = None;
    let lines = in_sight(offset, offset + first.height(), plan.row, grid.lines.len());
    for line in lines {
        let top = first.top() + line as f32 * plan.row - offset;
        let rect = Rect::from_min_size(pos2(first.left(), top), vec2(first.width(), plan.row));
        let Some(latest) = grid.latest(line) else { continue };
        let marked = line == at;
        let name = names::drawable(ui, words::name(latest)).text;
        let below = [latest.range.0.trim(), latest.unit.trim()];
        let below: Vec<&str> = below.into_iter().filter(|part| !part.is_empty()).collect();
        let below = names::drawable(ui, &below.join(" ")).text;
        let response = ui.interact(rect, ui.scope_id().with(("item", line)), Sense::CLICK);
        response.widget_info(|| {
            let words = format!("{name} {below}");
            WidgetInfo::selected(Role::Button, true, marked, words.trim())
        });
        if response.clicked() {
            touched = Some(line);
        }
        if marked {
            pick::marked(ui, rect);
        }
        let inner = rect.shrink2(vec2(PAD + stroke::BAR, 2.0));
        let upper = if below.is_empty() { inner } else { inner.with_max_y(inner.bottom() - 18.0) };
        text::fit(ui, upper, &name, size::CHIP, c.ink);
        let lower = inner.with_min_y(inner.bottom() - 19.0);
        text::paint(ui, lower, Align::Min, &below, regular(size::SMALL), c.soft);
        ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::HAIR, c.line));
    }
    touched
}
