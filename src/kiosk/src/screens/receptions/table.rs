//! The table: head, and rows painted only where they are seen.

use api::patients::PatientHit;
use clinical::{PersonName, Reception, ReceptionState, calendar};
use egui::{
    Align, Color32, Label, Rect, Response, RichText, Role, Sense, Stroke, Ui, Vec2, WidgetInfo,
};

use super::view::{Line, Selected, View, at, stands_for};
use crate::app::model::Desk;
use crate::i18n::Lang;
use crate::screens::patient::date_words;
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};
use crate::widgets::patient_strip::sex_and_age;
use crate::widgets::{names, pick, state, text};

/// Where the columns are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    time: (f32, f32),
    number: (f32, f32),
    name: (f32, f32),
    person: (f32, f32),
    /// `None` in a narrow window, where the physician stands small over the person.
    physician: Option<(f32, f32)>,
    content: Option<(f32, f32)>,
    state: (f32, f32),
}

const PAD: f32 = 12.0;

/// A name column this wide has room for the marks beside the kana.
const MARKS_BESIDE: f32 = 320.0;

impl Columns {
    fn of(wide: f32, narrow: bool) -> Self {
        let mut right = wide;
        let mut take = |width: f32| {
            right -= width;
            (right + PAD, right + width - PAD)
        };
        if narrow {
            let state = take(136.0);
            let person = take(116.0);
            let left = right;
            return Self {
                time: (10.0, 74.0),
                number: (74.0, 166.0),
                name: (176.0, left),
                person: (person.0 - 4.0, person.1 + PAD),
                physician: None,
                content: None,
                state: (state.0, wide - 4.0),
            };
        }
        // Between 100 and 150 % the names keep their room.
        let roomy = wide > 1100.0;
        let state = take(if roomy { 170.0 } else { 146.0 });
        let content = take(if roomy { 170.0 } else { 130.0 });
        let physician = take(if roomy { 170.0 } else { 130.0 });
        let person = take(if roomy { 150.0 } else { 124.0 });
        let left = right;
        Self {
            time: (PAD, 100.0),
            number: (100.0, 218.0),
            name: (230.0 + PAD, left - PAD),
            person,
            physician: Some(physician),
            content: Some(content),
            state,
        }
    }

    fn cell(row: Rect, (left, right): (f32, f32)) -> Rect {
        Rect::from_min_max(
            egui::pos2(row.left() + left, row.top()),
            egui::pos2(row.left() + right, row.bottom()),
        )
    }
}

/// The head; in a narrow window it gives its room to what is told until the next action.
pub fn head(ui: &mut Ui, desk: &Desk, told: Option<&str>) {
    let c = colors(ui);
    let wide = ui.available_width() - ui.spacing().scroll.allocated_width();
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, 34.0), Sense::hover());
    if let (Some(told), true) = (told, compact(ui.ctx())) {
        ui.put(
            rect,
            Label::new(RichText::new(told).font(bold(size::LINE)).color(c.indigo)).truncate(),
        );
        ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(stroke::FIELD, c.ink));
        return;
    }
    let columns = Columns::of(wide, compact(ui.ctx()));
    let put = |place, key: &'static str, align| {
        let cell = Columns::cell(rect, place);
        text::paint(ui, cell, align, desk.t(key), regular(size::HEAD), c.soft);
    };
    put(columns.time, "column.time", Align::Min);
    put(columns.number, "column.number", Align::Max);
    put(columns.name, "column.name", Align::Min);
    put(columns.person, "column.person", Align::Min);
    if let (Some(physician), Some(content)) = (columns.physician, columns.content) {
        put(physician, "column.physician", Align::Min);
        put(content, "column.content", Align::Min);
    }
    put(columns.state, "column.state", Align::Min);
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(stroke::FIELD, c.ink));
}

/// What a touch did.
pub enum Touch {
    /// Selected a line.
    Select(Selected),
    /// Opened it.
    Open(Selected),
}

/// Where the list stood in the last frame.
#[derive(Debug, Clone, Copy)]
pub struct Scroll {
    /// From the top.
    pub offset: f32,
    /// What is seen.
    pub height: f32,
    /// A row.
    pub row: f32,
    /// Whether the marked line was in sight.
    pub marked_seen: bool,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { offset: 0.0, height: 0.0, row: space::ROW, marked_seen: false }
    }
}

/// Rows are a little higher or lower so that whole ones fill the room: half a name is easily read as another.
fn row_height(room: f32) -> f32 {
    let fit = (room / space::ROW).round().min((room / space::ROW_LEAST).floor()).max(1.0);
    ((room / fit * 2.0).floor() / 2.0).clamp(space::ROW_LEAST, space::ROW_MOST)
}

impl Scroll {
    /// The offset that brings line `i` into sight.
    pub fn towards(self, i: usize) -> f32 {
        let top = i as f32 * self.row;
        let lowest = (top + self.row - self.height).max(0.0);
        self.offset.clamp(lowest.min(top), top.max(lowest))
    }

    /// The same, with the heading that the line stands under where it is the first below it.
    fn onto(mut self, view: &View, i: usize) -> f32 {
        let lowest = view.lines.len() as f32 * self.row - self.height;
        self.offset = self.offset.min(lowest.max(0.0));
        if let Some(above) = i.checked_sub(1)
            && matches!(view.lines.get(above), Some(Line::TodayHead(_) | Line::FoundHead))
        {
            self.offset = self.towards(above);
        }
        self.towards(i)
    }
}

/// Draws the lines; `reveal` scrolls to the marked one, which also stays in sight when the list becomes lower.
pub fn body(
    ui: &mut Ui,
    desk: &Desk,
    view: &View,
    selected: Option<&Selected>,
    was: Scroll,
    reveal: bool,
) -> (Option<Touch>, Scroll) {
    let mut touch = None;
    let marked = selected.and_then(|what| view.place(desk, what));
    ui.spacing_mut().item_spacing.y = 0.0;
    let row = row_height(ui.available_height());
    let whole_rows = (ui.available_height() / row).floor().max(1.0) * row;
    let mut area =
        egui::ScrollArea::vertical().id_salt("list").auto_shrink(false).max_height(whole_rows);
    let lower = was.marked_seen && (was.height - whole_rows).abs() > 1.0;
    if let (Some(i), true) = (marked, reveal || lower) {
        let now = Scroll { height: whole_rows, row, ..was };
        area = area.vertical_scroll_offset(now.onto(view, i));
    }
    let narrow = compact(ui.ctx());
    let drawn = area.show_rows(ui, row, view.lines.len(), |ui, range| {
        for i in range {
            let Some(line) = view.lines.get(i).copied() else { break };
            let is_selected = selected.is_some_and(|what| stands_for(desk, line, what));
            let wide = ui.available_width();
            let sense = if at(desk, line).is_some() { Sense::CLICK } else { Sense::hover() };
            let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, row), sense);
            let columns = Columns::of(wide, narrow);
            paint_line(ui, desk, line, rect, columns, &response, is_selected);
            if let Some(what) = at(desk, line) {
                if response.double_clicked() {
                    touch = Some(Touch::Open(what));
                } else if response.clicked() {
                    touch = Some(Touch::Select(what));
                }
            }
        }
    });
    let mut scroll = Scroll {
        offset: drawn.state.clamped_offset().y,
        height: drawn.inner_rect.height(),
        row,
        marked_seen: false,
    };
    scroll.marked_seen = marked.is_some_and(|i| (scroll.towards(i) - scroll.offset).abs() < 1.0);
    (touch, scroll)
}

fn paint_line(
    ui: &Ui,
    desk: &Desk,
    line: Line,
    rect: Rect,
    columns: Columns,
    response: &Response,
    selected: bool,
) {
    let c = colors(ui);
    if selected {
        pick::marked(ui, rect);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(stroke::HAIR, c.line));
    match line {
        Line::TodayHead(n) => {
            let words = desk.fill("list.found_today", &[("n", &n.to_string())]);
            heading(ui, rect, &words, response);
        }
        Line::FoundHead => heading(ui, rect, &found_words(desk), response),
        Line::Today(i) => {
            if let Some(row) = desk.day.rows.get(i) {
                reception(ui, desk, &row.reception, rect, columns, response, selected);
            }
        }
        Line::Hit(i) => {
            if let Some(found) = desk.search.hits.get(i) {
                hit(ui, desk, found, rect, columns, response, selected);
            }
        }
    }
}

/// What is to be said over the patients found.
fn found_words(desk: &Desk) -> String {
    let search = &desk.search;
    if let Some(failure) = &search.failure {
        if failure.is_of_the_line() {
            let n = search.hits.len().to_string();
            return desk.fill("list.search_here", &[("n", &n)]);
        }
        return desk.fill("list.search_failed", &[("why", &desk.failure_words(failure))]);
    }
    match search.asked_at {
        Some(since) if desk.waits_long(since) => {
            let seconds = desk.seconds_since(since).to_string();
            desk.fill("list.searching_long", &[("seconds", &seconds)])
        }
        Some(_) if search.hits.is_empty() => desk.t("list.searching").to_owned(),
        _ if search.hits.is_empty() => desk.t("list.found_none").to_owned(),
        _ => {
            let key = if search.more { "list.found_more" } else { "list.found" };
            desk.fill(key, &[("n", &search.hits.len().to_string())])
        }
    }
}

fn heading(ui: &Ui, rect: Rect, words: &str, response: &Response) {
    let c = colors(ui);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    let place = rect.with_min_x(rect.left() + PAD).with_min_y(rect.top() + 10.0);
    text::paint(ui, place, Align::Min, words, regular(size::LINE), c.soft);
}

fn reception(
    ui: &Ui,
    desk: &Desk,
    reception: &Reception,
    rect: Rect,
    columns: Columns,
    response: &Response,
    selected: bool,
) {
    let c = colors(ui);
    let shown = desk.day.shown_state(reception);
    let pending = desk.day.changes.contains_key(&reception.key);
    let gone = shown.has_gone();
    let ink = if gone { c.soft } else { c.ink };
    let put = |place, align, words: &str| {
        text::paint(ui, Columns::cell(rect, place), align, words, regular(size::BODY), ink);
    };
    let time = time_words(reception.time);
    let booked =
        reception.appointment.map(|at| desk.fill("list.booked", &[("time", &time_words(at))]));
    match &booked {
        Some(booked) if columns.physician.is_some() => {
            two_lines(ui, Columns::cell(rect, columns.time), (booked, c.soft), &time, ink);
        }
        _ => put(columns.time, Align::Min, &time),
    }
    let number = match &reception.patient {
        Some(number) => number.as_str(),
        None => desk.t("list.unregistered"),
    };
    put(columns.number, Align::Max, number);
    let namesake = desk.day.has_namesake(&reception.name.kana);
    let cell = Columns::cell(rect, columns.name);
    // Marks stand beside the kana, or over the age where a long kana would cut them off.
    let wide = cell.width() >= MARKS_BESIDE;
    let marks = name(ui, desk, &reception.name, cell, namesake, gone, wide);
    let person = sex_and_age(desk, reception.sex, reception.birth_date);
    if let (Some(physician), Some(content)) = (columns.physician, columns.content) {
        if wide || marks.is_empty() {
            put(columns.person, Align::Min, &person);
        } else {
            let cell = Columns::cell(rect, columns.person);
            two_lines(ui, cell, (&marks.join("・"), c.amber), &person, ink);
        }
        put(physician, Align::Min, &reception.physician.name);
        put(content, Align::Min, &reception.content.name);
    } else {
        let cell = Columns::cell(rect, columns.person);
        // What guards against taking the wrong chart comes before what the visit is for.
        let (about, color) = if marks.is_empty() {
            (reception.physician.name.clone(), c.soft)
        } else {
            (marks.join("・"), c.amber)
        };
        two_lines(ui, cell, (&about, color), &person, ink);
    }
    let (words, long) = state_words(desk, reception, shown, pending);
    state::badge(ui, Columns::cell(rect, columns.state), shown, &words, long, pending);
    response.widget_info(|| {
        let mut label =
            format!("{number} {} {}", reception.name.kanji, desk.t(state::words(shown)));
        if pending {
            label.push(' ');
            label.push_str(desk.t("state.pending_mark"));
        }
        for mark in marks.iter().copied().chain(booked.as_deref()) {
            label.push(' ');
            label.push_str(mark);
        }
        WidgetInfo::selected(Role::Button, true, selected, label)
    });
}

fn time_words(time: jiff::civil::Time) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}

/// Words in the badge, and whether the wait has become long.
fn state_words(
    desk: &Desk,
    reception: &Reception,
    shown: ReceptionState,
    pending: bool,
) -> (String, bool) {
    let words = desk.t(state::words(shown));
    if pending {
        return (desk.fill("state.pending", &[("state", words)]), false);
    }
    if shown != ReceptionState::Waiting || reception.key.date != desk.today() {
        return (words.to_owned(), false);
    }
    let seconds = desk.now().time().duration_since(reception.time).as_secs();
    let minutes = u64::try_from(seconds / 60).unwrap_or(0);
    let text = desk.fill("state.waits", &[("state", words), ("n", &minutes.to_string())]);
    (text, minutes >= state::LONG_WAIT_MINUTES)
}

fn two_lines(ui: &Ui, cell: Rect, small: (&str, Color32), main: &str, ink: Color32) {
    let upper = Rect::from_min_size(cell.min + Vec2::new(0.0, 3.0), Vec2::new(cell.width(), 19.0));
    let lower = Rect::from_min_size(upper.left_bottom(), Vec2::new(cell.width(), 28.0));
    text::paint(ui, upper, Align::Min, small.0, regular(size::SMALL), small.1);
    text::paint(ui, lower, Align::Min, main, regular(size::BODY), ink);
}

/// Kana over kanji, with what must be known; the marks.
fn name<'a>(
    ui: &Ui,
    desk: &'a Desk,
    name: &PersonName,
    cell: Rect,
    namesake: bool,
    gone: bool,
    say_marks: bool,
) -> Vec<&'a str> {
    let c = colors(ui);
    let kanji = names::drawable(ui, &name.kanji);
    let kana = names::drawable(ui, &name.kana);
    let mut marks = Vec::new();
    if kanji.has_gaiji {
        marks.push(desk.t("mark.gaiji"));
    }
    if namesake {
        marks.push(desk.t("mark.namesake"));
    }
    let upper = Rect::from_min_size(cell.min + Vec2::new(0.0, 3.0), Vec2::new(cell.width(), 19.0));
    let lower = Rect::from_min_size(upper.left_bottom(), Vec2::new(cell.width(), 28.0));
    let kana_end =
        text::paint(ui, upper, Align::Min, &kana.text, regular(size::SMALL), c.soft).right();
    let ink = if gone { c.soft } else { c.ink };
    let main = if kanji.text.trim().is_empty() { &kana.text } else { &kanji.text };
    text::fit(ui, lower, main, size::NAME, ink);
    if say_marks && !marks.is_empty() {
        let words = marks.join("・");
        let place = upper.with_min_x(kana_end + 12.0);
        text::paint(ui, place, Align::Min, &words, bold(size::SMALL), c.amber);
    }
    marks
}

fn hit(
    ui: &Ui,
    desk: &Desk,
    found: &PatientHit,
    rect: Rect,
    columns: Columns,
    response: &Response,
    selected: bool,
) {
    let c = colors(ui);
    let number = Columns::cell(rect, columns.number);
    text::paint(ui, number, Align::Max, found.number.as_str(), regular(size::BODY), c.ink);
    name(ui, desk, &found.name, Columns::cell(rect, columns.name), false, false, true);
    let person = sex_and_age(desk, found.sex, found.birth_date);
    let birth = found.birth_date.map(|date| date_words(desk, date)).unwrap_or_default();
    let cell = Columns::cell(rect, columns.person);
    if let (Some(physician), Some(content)) = (columns.physician, columns.content) {
        text::paint(ui, cell, Align::Min, &person, regular(size::BODY), c.ink);
        let place = Columns::cell(rect, (physician.0, content.1));
        text::paint(ui, place, Align::Min, &birth, regular(size::LINE), c.ink);
    } else {
        // A patient found has no state; the birth date has that room too.
        let cell = Columns::cell(rect, (columns.person.0, columns.state.1));
        let short = |date| format!("{} ({date})", calendar::wareki_short(date));
        let birth = found.birth_date.map(short).unwrap_or_default();
        two_lines(ui, cell, (&birth, c.soft), &person, c.ink);
    }
    if let (Some(last), true) = (found.last_visit, columns.physician.is_some()) {
        let day = match desk.lang {
            Lang::Ja => calendar::wareki_short(last),
            Lang::En => last.to_string(),
        };
        let words = desk.fill("list.last_visit", &[("date", &day)]);
        let place = Columns::cell(rect, columns.state);
        text::paint(ui, place, Align::Min, &words, regular(size::SMALL), c.soft);
    }
    response.widget_info(|| {
        let mark = desk.t("list.hit_mark");
        let label = format!("{} {} {mark}", found.number, found.name.kanji);
        WidgetInfo::selected(Role::Button, true, selected, label)
    });
}

#[cfg(test)]
mod tests {
    use super::{row_height, space};

    #[test]
    fn whole_rows_fill_the_room() {
        for room in 96..2000_u16 {
            let room = f32::from(room);
            let row = row_height(room);
            assert!((space::ROW_LEAST..=space::ROW_MOST).contains(&row), "{room}: {row}");
            let left = room - (room / row).floor() * row;
            assert!(
                left < 0.5 * (room / row).ceil() || row >= space::ROW_MOST,
                "{room}: {left} left"
            );
        }
    }
}
