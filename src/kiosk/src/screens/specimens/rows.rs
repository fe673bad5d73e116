//! The table of tubes: the cap's colour and name, what is measured from it, how much, where it stands.

use clinical::lab::LabOrder;
use clinical::lab::SpecimenNumber;
use egui::{Align, Color32, Rect, Role, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::tubes::{self, Own};
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};
use crate::widgets::tube::{self, Look};
use crate::widgets::{names, pick, profile, text};

/// Height of a row, where there is room.
const ROW: f32 = 84.0;
/// Height of a row at least.
const ROW_LEAST: f32 = 66.0;
/// Height of an order's heading.
const HEADING: f32 = 38.0;

/// Rows become a little lower before the last of them goes out of sight.
fn row_height(room: f32, orders: &[LabOrder]) -> f32 {
    let tubes: usize = orders.iter().map(|order| order.tubes.len()).sum();
    let room = room - HEADING * orders.len() as f32;
    (room / tubes.max(1) as f32).floor().clamp(ROW_LEAST, ROW)
}

struct Columns {
    swatch: (f32, f32),
    number: (f32, f32),
    container: (f32, f32),
    items: (f32, f32),
    volume: (f32, f32),
    state: (f32, f32),
}

impl Columns {
    fn of(wide: f32, narrow: bool) -> Self {
        if narrow {
            return Self {
                swatch: (12.0, 46.0),
                number: (56.0, 226.0),
                container: (56.0, 226.0),
                items: (234.0, wide - 178.0),
                volume: (0.0, 0.0),
                state: (wide - 170.0, wide - 4.0),
            };
        }
        Self {
            swatch: (12.0, 46.0),
            number: (72.0, 272.0),
            container: (284.0, 520.0),
            items: (532.0, wide - 316.0),
            volume: (wide - 306.0, wide - 226.0),
            state: (wide - 202.0, wide - 4.0),
        }
    }

    fn cell(rect: Rect, (left, right): (f32, f32)) -> Rect {
        rect.with_max_x(rect.left() + right).with_min_x(rect.left() + left)
    }
}

/// Which row is marked, and whether it is to be brought into sight.
#[derive(Debug, Clone, Copy)]
pub struct Marked<'a> {
    /// The tube.
    pub number: Option<&'a SpecimenNumber>,
    /// Whether to scroll to it.
    pub reveal: bool,
}

/// Draws all tubes; the one that was touched.
pub fn show(
    ui: &mut Ui,
    desk: &Desk,
    orders: &[LabOrder],
    marked: Marked<'_>,
) -> Option<SpecimenNumber> {
    if !compact(ui.ctx()) {
        head(ui, desk);
    }
    let mut touched = None;
    let high = row_height(ui.available_height(), orders);
    ScrollArea::vertical().id_salt("specimens").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for order in orders {
            heading(ui, desk, order);
            for tube in &order.tubes {
                let own = Own { order, tube };
                let here = marked.number == Some(&tube.number);
                if row(ui, desk, own, high, (here, here && marked.reveal)) {
                    touched = Some(tube.number.clone());
                }
            }
        }
    });
    touched
}

fn head(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    let wide = ui.available_width();
    let columns = Columns::of(wide, false);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, 32.0), Sense::hover());
    let put = |place, align, key: &'static str| {
        let cell = Columns::cell(rect, place);
        text::paint(ui, cell, align, desk.t(key), regular(size::HEAD), c.soft);
    };
    put(columns.number, Align::Min, "specimens.number");
    put(columns.container, Align::Min, "specimens.container");
    put(columns.items, Align::Min, "specimens.items");
    put(columns.volume, Align::Max, "specimens.volume");
    put(columns.state, Align::Min, "column.state");
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(stroke::FIELD, c.ink));
}

/// Who ordered and when; what must be known of it.
fn heading(ui: &mut Ui, desk: &Desk, order: &LabOrder) {
    let c = colors(ui);
    let who = profile::author(&order.ordered.by, order.on_behalf_of.as_ref());
    let time = desk.clock_words(order.ordered.time);
    let who = desk.fill("specimens.ordered_by", &[("who", &who), ("time", &time)]);
    let mut marks: Vec<String> = Vec::new();
    if order.urgent {
        marks.push(desk.t("key.urgent").to_owned());
    }
    if order.fasting {
        marks.push(desk.t("key.fasting").to_owned());
    }
    if order.collect_on != desk.today() {
        let day = profile::short_day(desk, order.collect_on);
        let late = order.collect_on < desk.today();
        let key = if late { "samples.earlier" } else { "samples.planned_on" };
        marks.push(desk.fill(key, &[("day", &day)]));
    }
    if let Some(cancelled) = &order.cancelled {
        let time = desk.clock_words(cancelled.done.time);
        let values = [("time", time.as_str()), ("reason", cancelled.reason.as_str())];
        marks = vec![desk.fill("specimens.cancelled", &values)];
    }
    let marks = names::drawable(ui, &marks.join("・")).text;
    let comment = names::drawable(ui, &order.comment).text;
    // In little room the tubes have it, unless something must be known of the order.
    if compact(ui.ctx()) && marks.is_empty() && comment.is_empty() {
        return;
    }
    let wide = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, HEADING), Sense::hover());
    let said = [who.as_str(), &marks, &comment].into_iter().filter(|part| !part.is_empty());
    let said = said.collect::<Vec<_>>().join("　");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    let inner = rect.shrink2(Vec2::new(12.0, 0.0));
    let end = text::paint(ui, inner, Align::Min, &who, regular(size::LINE), c.soft);
    let place = inner.with_min_x(end.right() + space::GAP);
    let end = text::paint(ui, place, Align::Min, &marks, bold(size::LINE), c.amber);
    let from = if marks.is_empty() { end.left() } else { end.right() + space::GAP };
    let place = inner.with_min_x(from);
    text::paint(ui, place, Align::Min, &comment, regular(size::LINE), c.ink);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::HAIR, c.line));
}

fn ink_of(ui: &Ui, look: Look) -> Color32 {
    let c = colors(ui);
    match look {
        Look::Waits => c.amber,
        Look::Wrong => c.red,
        Look::Good => c.green,
        Look::Plain | Look::Going => c.soft,
    }
}

/// One tube; true when touched.
fn row(ui: &mut Ui, desk: &Desk, own: Own<'_>, high: f32, (marked, reveal): (bool, bool)) -> bool {
    let c = colors(ui);
    let narrow = compact(ui.ctx());
    let wide = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, high), Sense::CLICK);
    let columns = Columns::of(wide, narrow);
    let gone = own.order.cancelled.is_some();
    let container = tube::container_words(&own.tube.container);
    let items = names::drawable(ui, &tubes::items(own)).text;
    let (badge, look) = if gone {
        (desk.t("samples.cancelled").to_owned(), Look::Plain)
    } else {
        tube::state_words(desk, own.tube, marked)
    };
    let (note, note_look) = tubes::note(desk, own);
    let note = names::drawable(ui, &note).text;
    let volume = tube::volume_words(&own.tube.container);
    response.widget_info(|| {
        let said = [own.tube.number.as_str(), &container, &items, &volume, &badge, &note];
        let said = said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        WidgetInfo::selected(Role::Button, true, marked, said.join(" "))
    });
    if marked {
        pick::marked(ui, rect);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::HAIR, c.line));
    let ink = if gone { c.soft } else { c.ink };
    let cap = Columns::cell(rect, columns.swatch);
    let cap = Rect::from_center_size(cap.center(), Vec2::new(34.0, 48.0));
    tube::swatch(ui, cap, &own.tube.container);
    let (number, vessel) = if narrow {
        let whole = Columns::cell(rect, columns.number).shrink2(Vec2::new(0.0, 6.0));
        whole.split_top_bottom_at_y(whole.center().y)
    } else {
        (Columns::cell(rect, columns.number), Columns::cell(rect, columns.container))
    };
    let digits = own.tube.number.as_str();
    let font = regular(if narrow { size::LINE } else { size::BODY });
    let end = text::paint(ui, number, Align::Min, digits, font, ink);
    if gone {
        ui.painter().hline(end.x_range(), end.center().y, Stroke::new(stroke::EDGE, c.soft));
    }
    text::fit(ui, vessel, &container, if narrow { size::CHIP } else { size::NAME }, ink);
    wrapped(ui, Columns::cell(rect, columns.items), &items, ink);
    if !narrow {
        let cell = Columns::cell(rect, columns.volume);
        text::paint(ui, cell, Align::Max, &volume, regular(size::BODY), ink);
    }
    let state = Columns::cell(rect, columns.state);
    if note.is_empty() {
        tube::badge(ui, state, &badge, look);
    } else {
        let upper = state.with_max_y(rect.top() + high * 0.58);
        let lower = state.with_min_y(rect.bottom() - high * 0.36).with_max_y(rect.bottom() - 4.0);
        tube::badge(ui, upper, &badge, look);
        let ink = ink_of(ui, note_look);
        text::paint(ui, lower, Align::Min, &note, regular(size::SMALL), ink);
    }
    if reveal && ui.clip_rect().intersect(rect).height() < rect.height() {
        ui.scroll_to_rect(rect, None);
    }
    response.clicked()
}

/// What is measured, on as many lines as there is room for, smaller where it would not fit. Lines end behind a name.
fn wrapped(ui: &Ui, cell: Rect, words: &str, ink: Color32) {
    let layout = |size: f32| {
        let wide = |text: &str| text::line(ui, text, regular(size), ink, f32::INFINITY).size().x;
        let lines = lines(words, cell.width(), wide);
        ui.painter().layout_no_wrap(lines, regular(size), ink)
    };
    let steps = [size::BODY, size::CHIP, size::LINE];
    let room = cell.height() - 4.0;
    let galley = steps
        .into_iter()
        .map(layout)
        .find(|galley| galley.size().y <= room)
        .unwrap_or_else(|| layout(size::SMALL));
    let top = (cell.center().y - galley.size().y / 2.0).max(cell.top() + 2.0);
    ui.painter().with_clip_rect(cell.intersect(ui.clip_rect())).galley(
        egui::pos2(cell.left(), top),
        galley,
        ink,
    );
}

/// Names parted by `、` on lines no wider than `room`.
fn lines(words: &str, room: f32, wide: impl Fn(&str) -> f32) -> String {
    let mut all = String::new();
    let mut line = String::new();
    for name in words.split_inclusive('、') {
        if !line.is_empty() && wide(&format!("{line}{name}")) > room {
            all.push_str(&line);
            all.push('\n');
            line.clear();
        }
        line.push_str(name);
    }
    all + &line
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn no_name_is_torn_in_two() {
        let wide = |text: &str| text.chars().count() as f32;
        assert_eq!(lines("AST、ALT、γ-GTP、K", 9.0, wide), "AST、ALT、\nγ-GTP、K");
        assert_eq!(lines("HbA1c", 3.0, wide), "HbA1c");
        assert_eq!(lines("", 3.0, wide), "");
    }
}
