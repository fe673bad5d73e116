//! 本日の検体: the day's lab orders with their tubes, and what is drawn and still has to go to the laboratory.

use api::lab::LabDayOrder;
use clinical::lab::{LabOrder, LabOrderState};
use egui::{Align, Label, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};
use crate::widgets::{banner, button, names, pick, profile, text, tube};

/// So many swatches fit beside each other.
const SWATCHES: usize = 6;

/// The screen's state.
#[derive(Default)]
pub struct SamplesScreen {
    /// By name, so that a change of the list does not move it to somebody else.
    selected: Option<Uuid>,
    at: usize,
    reveal: bool,
}

/// The orders in the order of the list: urgent ones that are not drawn yet first, else as they were ordered.
fn rows(desk: &Desk) -> Vec<&LabDayOrder> {
    let mut rows: Vec<&LabDayOrder> = desk.lab.day_orders().iter().collect();
    rows.sort_by_key(|row| !(row.order.urgent && row.order.state() == LabOrderState::Ordered));
    rows
}

/// How many tubes are drawn and have not been sent.
fn unsent(rows: &[&LabDayOrder]) -> usize {
    let open = rows.iter().filter(|row| row.order.cancelled.is_none());
    open.flat_map(|row| &row.order.tubes).filter(|own| tube::is_unsent(own)).count()
}

impl SamplesScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a chooser stands over the screen.
    pub fn chooses(&self) -> bool {
        false
    }

    fn current<'a>(&self, rows: &[&'a LabDayOrder]) -> Option<&'a LabDayOrder> {
        let id = self.selected?;
        rows.iter().find(|row| row.order.id == id).copied()
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let rows = rows(desk);
        match command {
            Command::Open => self.current(&rows).is_some(),
            Command::SendTubes => desk.may_record() && unsent(&rows) > 0,
            Command::Help | Command::SignOut | Command::List | Command::Outbox => true,
            _ => false,
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let rows = rows(desk);
        self.follow(&rows);
        let mut wish = self.keys(desk, &rows, pressed);
        let sends = title(ui, desk, &rows);
        limits(ui, desk);
        if rows.is_empty() {
            empty(ui, desk);
            return wish;
        }
        head(ui, desk);
        let reveal = std::mem::take(&mut self.reveal);
        ScrollArea::vertical().id_salt("samples").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for row in &rows {
                let marked = self.selected == Some(row.order.id);
                if line(ui, desk, row, marked, reveal && marked) {
                    self.selected = Some(row.order.id);
                    wish = wish.take().or(Some(Intent::OpenSpecimens(row.order.patient.clone())));
                }
            }
        });
        if sends && self.can(desk, Command::SendTubes) {
            wish = wish.or(Some(Intent::SendTubes));
        }
        wish
    }

    fn follow(&mut self, rows: &[&LabDayOrder]) {
        let place = |id: Uuid| rows.iter().position(|row| row.order.id == id);
        if let Some(at) = self.selected.and_then(place) {
            self.at = at;
            return;
        }
        self.at = self.at.min(rows.len().saturating_sub(1));
        self.selected = rows.get(self.at).map(|row| row.order.id);
        self.reveal = true;
    }

    fn keys(
        &mut self,
        desk: &Desk,
        rows: &[&LabDayOrder],
        pressed: Option<Command>,
    ) -> Option<Intent> {
        if let Some(to) = pick::moved(pressed, self.at, rows.len()) {
            self.at = to;
            self.selected = rows.get(to).map(|row| row.order.id);
            self.reveal = true;
            return None;
        }
        match pressed? {
            Command::List | Command::Back => Some(Intent::List),
            Command::Outbox => Some(Intent::OpenOutbox),
            Command::SendTubes if self.can(desk, Command::SendTubes) => Some(Intent::SendTubes),
            Command::Open | Command::Confirm => {
                self.current(rows).map(|row| Intent::OpenSpecimens(row.order.patient.clone()))
            }
            _ => None,
        }
    }
}

/// The title with what is left to do; true when the button that sends was touched.
fn title(ui: &mut Ui, desk: &Desk, rows: &[&LabDayOrder]) -> bool {
    let c = colors(ui);
    let waiting = unsent(rows);
    let wide = ui.available_width();
    let narrow = compact(ui.ctx());
    let mut sends = false;
    let row = Vec2::new(wide, if narrow { 34.0 } else { space::TOUCH });
    ui.allocate_ui_with_layout(row, egui::Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::GAP;
        ui.label(RichText::new(desk.t("samples.title")).font(bold(size::TITLE)));
        let open = rows.iter().filter(|row| row.order.state() == LabOrderState::Ordered).count();
        let words = desk
            .fill("samples.count", &[("n", &rows.len().to_string()), ("open", &open.to_string())]);
        ui.add(Label::new(RichText::new(words).size(size::CHIP).color(c.soft)).truncate());
        if waiting > 0 {
            let words = desk.fill("samples.unsent", &[("n", &waiting.to_string())]);
            // In little room the key alone sends, and the room is the list's.
            if narrow || !desk.may_record() {
                ui.label(RichText::new(words).font(bold(size::LINE)).color(c.amber));
            } else {
                ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
                    let label = desk.fill("samples.send", &[("n", &waiting.to_string())]);
                    sends = button::button(ui, &label, false, true).clicked();
                });
            }
        }
    });
    ui.add_space(space::SMALL);
    sends
}

/// That the list may not be the latest.
fn limits(ui: &mut Ui, desk: &Desk) {
    let day = &desk.lab.day;
    let Some(failure) = &day.failure else { return };
    let what = match day.told_at {
        Some(at) => desk.fill("samples.as_of", &[("time", &desk.clock_words(at))]),
        None => desk.t("samples.here_only").to_owned(),
    };
    let text = format!("{what}{}", desk.failure_words(failure));
    banner::show(ui, Tone::Waiting, &text, "", None);
}

fn empty(ui: &mut Ui, desk: &Desk) {
    let day = &desk.lab.day;
    let loading = day.asked_at.is_some() && day.told_at.is_none();
    let key = if loading { "samples.loading" } else { "samples.none" };
    let words = text::running(desk.t(key), size::BODY).color(colors(ui).soft);
    ui.add(Label::new(words).wrap());
}

/// Where the columns are.
struct Columns {
    time: (f32, f32),
    number: (f32, f32),
    name: (f32, f32),
    tubes: (f32, f32),
    state: (f32, f32),
}

impl Columns {
    fn of(wide: f32, narrow: bool) -> Self {
        if narrow {
            return Self {
                time: (10.0, 72.0),
                number: (72.0, 160.0),
                name: (172.0, wide - 262.0),
                tubes: (wide - 254.0, wide - 142.0),
                state: (wide - 134.0, wide - 4.0),
            };
        }
        Self {
            time: (14.0, 96.0),
            number: (96.0, 214.0),
            name: (240.0, wide - 520.0),
            tubes: (wide - 510.0, wide - 222.0),
            state: (wide - 210.0, wide - 10.0),
        }
    }

    fn cell(rect: Rect, (left, right): (f32, f32)) -> Rect {
        rect.with_max_x(rect.left() + right).with_min_x(rect.left() + left)
    }
}

fn head(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    let wide = ui.available_width();
    let columns = Columns::of(wide, compact(ui.ctx()));
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, 30.0), Sense::hover());
    let put = |place, align, key: &'static str| {
        let cell = Columns::cell(rect, place);
        text::paint(ui, cell, align, desk.t(key), regular(size::HEAD), c.soft);
    };
    put(columns.time, Align::Min, "samples.time");
    put(columns.number, Align::Max, "column.number");
    put(columns.name, Align::Min, "column.name");
    put(columns.tubes, Align::Min, "samples.tubes");
    put(columns.state, Align::Min, "column.state");
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(stroke::FIELD, c.ink));
}

/// Marks beside the name: 至急, a day that is not today's.
fn marks(desk: &Desk, order: &LabOrder) -> Vec<String> {
    let mut marks = Vec::new();
    if order.urgent && order.cancelled.is_none() {
        marks.push(desk.t("key.urgent").to_owned());
    }
    if order.collect_on != desk.today() {
        let day = profile::short_day(desk, order.collect_on);
        let late = order.collect_on < desk.today();
        let key = if late { "samples.earlier" } else { "samples.planned_on" };
        marks.push(desk.fill(key, &[("day", &day)]));
    }
    marks
}

/// One order; true when touched.
fn line(ui: &mut Ui, desk: &Desk, row: &LabDayOrder, selected: bool, reveal: bool) -> bool {
    let c = colors(ui);
    let wide = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, pick::ROW), Sense::CLICK);
    let order = &row.order;
    let (decided, all) = (tube::decided(order).to_string(), order.tubes.len().to_string());
    let count = desk.fill("samples.drawn", &[("n", &decided), ("all", &all)]);
    let state = desk.t(tube::order_state(order.state()));
    let marks = marks(desk, order).join("・");
    response.widget_info(|| {
        let number = &order.patient;
        let label = format!("{number} {} {count} {state} {marks}", row.name.kanji);
        WidgetInfo::selected(Role::Button, true, selected, label.trim_end())
    });
    if selected {
        pick::marked(ui, rect);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::HAIR, c.line));
    let columns = Columns::of(wide, compact(ui.ctx()));
    let gone = order.cancelled.is_some();
    let ink = if gone { c.soft } else { c.ink };
    let at = desk.local(order.ordered.time);
    let time = if at.date() == desk.today() {
        format!("{}:{:02}", at.hour(), at.minute())
    } else {
        format!("{}/{}", at.month(), at.day())
    };
    let cell = Columns::cell(rect, columns.time);
    text::paint(ui, cell, Align::Min, &time, regular(size::BODY), ink);
    let cell = Columns::cell(rect, columns.number);
    text::paint(ui, cell, Align::Max, order.patient.as_str(), regular(size::BODY), ink);
    name(ui, row, Columns::cell(rect, columns.name), &marks, gone);
    tubes(ui, order, Columns::cell(rect, columns.tubes), &count);
    tube::badge(ui, Columns::cell(rect, columns.state), state, tube::order_look(order));
    if reveal && ui.clip_rect().intersect(rect).height() < rect.height() {
        ui.scroll_to_rect(rect, None);
    }
    response.clicked()
}

/// Kana over kanji, the marks beside the kana; struck where the order is taken back.
fn name(ui: &Ui, row: &LabDayOrder, cell: Rect, marks: &str, gone: bool) {
    let c = colors(ui);
    let kanji = names::drawable(ui, &row.name.kanji).text;
    let kana = names::drawable(ui, &row.name.kana).text;
    let upper = Rect::from_min_size(cell.min + Vec2::new(0.0, 7.0), Vec2::new(cell.width(), 19.0));
    let lower = Rect::from_min_size(upper.left_bottom(), Vec2::new(cell.width(), 32.0));
    let mark_ink = c.amber;
    let wide = text::line(ui, marks, bold(size::SMALL), mark_ink, f32::INFINITY).size().x;
    let kana_place = upper.with_max_x((upper.right() - wide - space::SMALL).max(upper.left()));
    let end = text::paint(ui, kana_place, Align::Min, &kana, regular(size::SMALL), c.soft);
    let place = upper.with_min_x(end.right() + space::SMALL);
    text::paint(ui, place, Align::Min, marks, bold(size::SMALL), mark_ink);
    let main = if kanji.trim().is_empty() { &kana } else { &kanji };
    let ink = if gone { c.soft } else { c.ink };
    let end = text::fit(ui, lower, main, size::NAME, ink);
    if gone {
        ui.painter().hline(end.x_range(), end.center().y, Stroke::new(stroke::EDGE, c.soft));
    }
}

/// The caps of the tubes and how many are drawn; of a drawn one the cap is filled, of another framed.
fn tubes(ui: &Ui, order: &LabOrder, cell: Rect, count: &str) {
    let c = colors(ui);
    let narrow = compact(ui.ctx());
    let end = text::paint(ui, cell, Align::Min, count, regular(size::BODY), c.ink);
    if narrow {
        return;
    }
    let mut x = (end.right() + space::GAP).max(cell.left() + 104.0);
    for own in order.tubes.iter().take(SWATCHES) {
        let place =
            Rect::from_min_size(egui::pos2(x, cell.center().y - 15.0), Vec2::new(21.0, 30.0));
        if place.right() > cell.right() {
            break;
        }
        tube::swatch(ui, place, &own.container);
        if own.is_drawn() {
            let foot = Rect::from_min_size(place.left_bottom(), Vec2::new(21.0, 4.0));
            ui.painter().rect_filled(foot.translate(Vec2::new(0.0, 2.0)), 0.0, c.green);
        }
        x += 27.0;
    }
}
