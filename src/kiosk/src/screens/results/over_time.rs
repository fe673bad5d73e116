//! One item as a chart: the latest value in words above, the items to choose from beside it.

use clinical::lab::{Comparator, Flag, LabResult};
use egui::{Align, Rect, RichText, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo};

use super::grid::{Figure, Grid};
use super::words;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};
use crate::widgets::chart::{self, Chart, Point, Standing};
use crate::widgets::profile::short_day;
use crate::widgets::{names, pick, text};

/// Room for the list of items.
const LIST: f32 = 300.0;
/// A row of it.
const ROW: f32 = 52.0;

/// Draws the chart of the marked line, with the items beside it where there is room; the cell that was touched.
pub fn show(
    ui: &mut Ui,
    desk: &Desk,
    grid: &Grid,
    (line, column): (usize, usize),
    reveal: bool,
) -> Option<(usize, usize)> {
    let mut whole = ui.available_rect_before_wrap();
    let mut touched = None;
    if !compact(ui.ctx()) {
        let (left, rest) = whole.split_left_right_at_x(whole.left() + LIST);
        whole = rest.with_min_x(rest.left() + space::GAP);
        let place = UiBuilder::new().max_rect(left);
        let chosen = ui.scope_builder(place, |ui| items(ui, grid, line, reveal)).inner;
        touched = chosen.map(|line| (line, column));
    }
    ui.scope_builder(UiBuilder::new().max_rect(whole), |ui| {
        let latest = grid.latest(line)?;
        let words = headline(desk, grid, line);
        head(ui, desk, latest, &words);
        let rest = ui.available_rect_before_wrap();
        let shown = grid.lines.get(line)?;
        let points: Vec<(usize, Point)> =
            shown.points.iter().filter_map(|figure| point(grid, line, figure)).collect();
        if points.is_empty() {
            ui.label(RichText::new(desk.t("results.no_numbers")).size(size::BODY));
            return None;
        }
        let marked = points.iter().position(|(at, _)| *at == column);
        let below = marked.and_then(|_| grid.cell(line, column));
        // In little room the chart needs the height.
        let foot_room = if compact(ui.ctx()) { 0.0 } else { 30.0 };
        let (plot, foot) = rest.split_top_bottom_at_y(rest.bottom() - foot_room);
        let only: Vec<Point> = points.iter().map(|(_, point)| *point).collect();
        let spoken = format!("{} {words}", desk.t("results.chart"));
        let shown = Chart {
            name: &shown.key,
            points: &only,
            band: shown.band,
            marked,
            words: &spoken,
            lang: desk.lang,
        };
        let touch = chart::show(ui, plot, &shown).map(|i| (line, points[i].0));
        if let Some(result) = below.filter(|_| foot_room > 0.0) {
            let day = short_day(desk, result.taken_at().date());
            marked_words(ui, foot, desk, result, &day);
        }
        touch
    })
    .inner
    .or(touched)
}

/// `最新　7.1 % H（R8.11.1）　基準範囲 4.6-6.2`.
fn headline(desk: &Desk, grid: &Grid, line: usize) -> String {
    let Some(latest) = grid.latest(line) else { return String::new() };
    let value = format!("{} {} {}", words::value(desk, latest), latest.unit, latest.flag.mark());
    let day = short_day(desk, latest.taken_at().date());
    let values = [("value", value.trim()), ("day", &day)];
    let mut words = desk.fill("results.latest", &values);
    if !latest.range.0.trim().is_empty() {
        words.push('　');
        words.push_str(&desk.fill("results.range", &[("range", latest.range.0.trim())]));
    }
    words
}

fn head(ui: &mut Ui, desk: &Desk, latest: &LabResult, words: &str) {
    let c = colors(ui);
    let abnormal = latest.is_abnormal();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(space::GAP, 2.0);
        let name = names::drawable(ui, words::name(latest)).text;
        let large = if compact(ui.ctx()) { size::CHIP } else { size::NAME };
        ui.label(RichText::new(name).font(bold(large)));
        let words = names::drawable(ui, words).text;
        let words = RichText::new(words);
        ui.label(if abnormal {
            words.font(bold(size::CHIP)).color(c.red)
        } else {
            words.size(size::CHIP)
        });
        if latest.flag.is_panic() {
            let words = words::flag(desk, latest.flag);
            ui.label(RichText::new(words).font(bold(size::CHIP)).color(c.red));
        }
    });
}

/// What the marked point says.
fn marked_words(ui: &Ui, rect: Rect, desk: &Desk, result: &LabResult, day: &str) {
    let c = colors(ui);
    let value = format!("{} {} {}", words::value(desk, result), result.unit, result.flag.mark());
    let values = [("value", value.trim()), ("day", day)];
    let words = names::drawable(ui, &desk.fill("results.marked", &values)).text;
    let response = ui.interact(rect, ui.scope_id().with("marked"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    text::paint(ui, rect, Align::Min, &words, bold(size::LINE), c.indigo);
}

/// The items with their latest values.
fn items(ui: &mut Ui, grid: &Grid, line: usize, reveal: bool) -> Option<usize> {
    let mut touched = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = egui::ScrollArea::vertical().id_salt("chart items").auto_shrink(false);
    if reveal {
        let room = ui.available_height();
        area = area.vertical_scroll_offset((line as f32 * ROW - (room - ROW) / 2.0).max(0.0));
    }
    area.show_rows(ui, ROW, grid.lines.len(), |ui, range| {
        for i in range {
            let Some(latest) = grid.latest(i) else { break };
            let c = colors(ui);
            let wish = Vec2::new(ui.available_width(), ROW);
            let (rect, response) = ui.allocate_exact_size(wish, Sense::CLICK);
            let name = names::drawable(ui, words::name(latest)).text;
            let value = format!("{} {}", latest.value.0.trim(), latest.flag.mark());
            let value = names::drawable(ui, value.trim()).text;
            response.widget_info(|| {
                WidgetInfo::selected(Role::Button, true, i == line, format!("{name} {value}"))
            });
            if response.clicked() {
                touched = Some(i);
            }
            if i == line {
                pick::marked(ui, rect);
            }
            let below = Stroke::new(stroke::HAIR, c.line);
            ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, below);
            let inner = rect.shrink2(Vec2::new(space::GAP, 2.0));
            let abnormal = latest.is_abnormal();
            let (font, ink) =
                if abnormal { (bold(size::CHIP), c.red) } else { (regular(size::CHIP), c.ink) };
            let right = inner.with_min_x(inner.right() - 124.0);
            text::paint(ui, right, Align::Max, &value, font, ink);
            text::fit(ui, inner.with_max_x(right.left()), &name, size::CHIP, c.ink);
        }
    });
    touched
}

/// A number as a point, with its column.
fn point(grid: &Grid, line: usize, figure: &Figure) -> Option<(usize, Point)> {
    let (column, result) = grid.line(line).find(|(_, result)| result.id == figure.id)?;
    let standing = match result.flag {
        Flag::Normal => Standing::Within,
        Flag::Low | Flag::PanicLow => Standing::Below,
        Flag::High | Flag::PanicHigh => Standing::Above,
        Flag::Abnormal => Standing::Beside,
    };
    let limit = figure.comparator != Comparator::Equal;
    Some((column, Point { at: figure.at, value: figure.value, limit, standing }))
}
