//! 検査結果: the opened patient's results over time, as a table and as charts. A practitioner looks at each abnormal
//! one and then confirms all of an order.

mod detail;
mod grid;
mod over_time;
mod table;
pub mod words;

use std::collections::HashSet;
use std::sync::Arc;

use api::lab::PatientLab;
use egui::{Label, RichText, Ui, UiBuilder};
use paper::printers::PrinterState;
use paper::{PageSize, Paper};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::app::opened::Opened;
use crate::printing::printer_words;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::banner;
use crate::widgets::pager::Pager;
use crate::widgets::pending::{self, Pending};
use crate::widgets::profile::short_day;
use grid::{Grid, Unconfirmed};

/// Nobody has read in so many seconds what came in by itself.
const GLANCE: f64 = 0.6;
/// Room beside the table for the marked result in full.
const BESIDE: f32 = 320.0;

/// The screen's state.
#[derive(Default)]
pub struct ResultsScreen {
    /// Made anew when something changed.
    grid: Option<Grid>,
    /// What waits for a practitioner, the newest order first.
    waiting: Vec<Unconfirmed>,
    /// The order that the screen was opened for.
    wanted: Option<Uuid>,
    as_chart: bool,
    /// Line and column.
    at: (usize, usize),
    reveal: bool,
    scroll: table::Scroll,
    /// What stands on top, since there is something to look at; it stays there while the screen is open.
    on_top: HashSet<Uuid>,
    /// What has been looked at one by one.
    seen: HashSet<Uuid>,
    /// From when on it may be confirmed, by the window's clock: not what came in just now.
    from: f64,
    /// The same after a confirmation: the next order has not been read with the same press.
    pause: f64,
    now: f64,
    detail: Pager,
}

impl ResultsScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a chooser stands over the screen.
    pub fn chooses(&self) -> bool {
        false
    }

    /// Opens anew, with the results of this order marked.
    pub fn open(&mut self, order: Option<Uuid>) {
        *self = Self { wanted: order, reveal: true, ..Self::default() };
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let any = self.grid.as_ref().is_some_and(|grid| !grid.lines.is_empty());
        match command {
            Command::Help | Command::SignOut | Command::Leave | Command::Outbox => true,
            Command::SwitchView => any,
            Command::PrintA5 | Command::PrintA6 => any && no_print(desk).is_none(),
            Command::ConfirmResults => desk.may_confirm() && self.asked().is_some(),
            _ => false,
        }
    }

    /// What is to be confirmed first: the order that the screen was opened for, else the newest.
    fn asked(&self) -> Option<&Unconfirmed> {
        let wanted = self.waiting.iter().find(|waiting| Some(waiting.order) == self.wanted);
        wanted.or(self.waiting.first())
    }

    /// The next abnormal result that nobody has looked at.
    fn unseen(&self) -> Option<Uuid> {
        let asked = self.asked()?;
        asked.results[..asked.abnormal].iter().find(|id| !self.seen.contains(*id)).copied()
    }

    /// Draws the screen.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        self.now = ui.input(|input| input.time);
        if self.follow(desk) {
            // The keys were drawn by what stood here before.
            ui.ctx().request_repaint();
        }
        let mut wish = self.keys(desk, opened, pressed);
        self.title(ui, desk);
        limits(ui, desk);
        if self.grid.as_ref().is_none_or(|grid| grid.lines.is_empty()) {
            empty(ui, desk);
            return wish;
        }
        if compact(ui.ctx()) {
            // The chart says in its own line what is marked, and needs the height.
            if !self.as_chart {
                self.one_line(ui, desk);
            }
        } else if self.confirm_line(ui, desk) {
            wish = wish.or_else(|| self.keys(desk, opened, Some(Command::ConfirmResults)));
        }
        let Some(grid) = self.grid.take() else { return wish };
        let touched = if self.as_chart {
            let reveal = std::mem::take(&mut self.reveal);
            over_time::show(ui, desk, &grid, self.at, reveal)
        } else {
            self.with_detail(ui, desk, &grid)
        };
        if let Some(at) = touched {
            self.mark(at);
            self.reveal = false;
        }
        self.grid = Some(grid);
        wish
    }

    /// Takes over what changed since the last frame; whether something did.
    fn follow(&mut self, desk: &Desk) -> bool {
        let lab = desk.patient_lab();
        if self.grid.as_ref().is_some_and(|grid| grid.is_of(&lab)) {
            return false;
        }
        let marked = self.grid.as_ref().and_then(|grid| grid.cell(self.at.0, self.at.1));
        let marked = marked.map(|result| result.id);
        let before: HashSet<Uuid> =
            self.waiting.iter().flat_map(|waiting| waiting.results.iter().copied()).collect();
        self.waiting = grid::unconfirmed(&lab.results);
        let new = |id: &Uuid| !before.contains(id);
        let first = self.grid.is_none();
        let arrived = self.waiting.iter().flat_map(|waiting| &waiting.results).any(new);
        if arrived && !first {
            self.from = self.now + GLANCE;
        }
        for waiting in &self.waiting {
            self.on_top.extend(&waiting.results[..waiting.abnormal]);
        }
        let on_top = &self.on_top;
        let grid = Grid::new(Arc::clone(&lab), |result| on_top.contains(&result.id));
        self.at = marked
            .and_then(|id| place_now(&grid, &lab, id))
            .or_else(|| if first { self.begin(&grid) } else { None })
            .unwrap_or((
                self.at.0.min(grid.lines.len().saturating_sub(1)),
                self.at.1.min(grid.columns.len().saturating_sub(1)),
            ));
        self.reveal |= first;
        self.grid = Some(grid);
        true
    }

    /// Where the screen begins: the order that it was opened for, else the newest result of the first line.
    fn begin(&self, grid: &Grid) -> Option<(usize, usize)> {
        let column = grid.columns.iter().position(|column| Some(column.order) == self.wanted);
        let column = column.unwrap_or(0);
        let line = (0..grid.lines.len()).find(|line| grid.cell(*line, column).is_some())?;
        Some((line, column))
    }

    fn mark(&mut self, at: (usize, usize)) {
        if self.at != at {
            self.detail = Pager::default();
        }
        self.at = at;
        self.reveal = true;
    }

    fn keys(&mut self, desk: &Desk, opened: &Opened, pressed: Option<Command>) -> Option<Intent> {
        let print = |size| {
            let orders = Vec::new();
            Some(Intent::PrintResults { number: opened.number.clone(), orders, size })
        };
        match pressed? {
            Command::Leave | Command::Back => Some(Intent::Leave),
            Command::Outbox => Some(Intent::OpenOutbox),
            Command::SwitchView if self.can(desk, Command::SwitchView) => {
                self.as_chart = !self.as_chart;
                self.reveal = true;
                None
            }
            Command::PrintA5 => print(PageSize::A5),
            Command::PrintA6 => print(PageSize::A6),
            Command::ConfirmResults | Command::Confirm if desk.may_confirm() => {
                self.confirm(opened)
            }
            Command::Confirm if self.asked().is_some() => Some(Intent::Tell("results.not_you")),
            command => {
                self.moved(command);
                None
            }
        }
    }

    /// One step of confirming: to the next abnormal result, past it, and in the end all of the order.
    fn confirm(&mut self, opened: &Opened) -> Option<Intent> {
        let asked = self.asked()?;
        if self.now < self.from {
            return Some(Intent::Tell("results.changed"));
        }
        let (order, results) = (asked.order, asked.results.clone());
        if self.now < self.pause {
            return None;
        }
        let Some(unseen) = self.unseen() else {
            self.wanted = None;
            self.pause = self.now + GLANCE;
            return Some(Intent::ConfirmResults { number: opened.number.clone(), order, results });
        };
        let here = self.grid.as_ref().and_then(|grid| grid.cell(self.at.0, self.at.1));
        let here = here.map(|result| result.id);
        // What stands marked in full has been looked at.
        if let Some(id) = here.filter(|id| self.is_open(*id)) {
            self.seen.insert(id);
        }
        let next = self.unseen();
        let place = |id| self.grid.as_ref().and_then(|grid| grid.place(id));
        match next.or((here != Some(unseen)).then_some(unseen)).and_then(place) {
            Some(at) => self.mark(at),
            None => self.reveal = true,
        }
        None
    }

    /// Whether a result is abnormal and nobody has looked at it, in the order that is being confirmed.
    fn is_open(&self, id: Uuid) -> bool {
        let asked = self.asked().map(|asked| &asked.results[..asked.abnormal]);
        asked.is_some_and(|abnormal| abnormal.contains(&id)) && !self.seen.contains(&id)
    }

    fn moved(&mut self, command: Command) {
        let Some(grid) = &self.grid else { return };
        let (line, column) = self.at;
        let lines = grid.lines.len().saturating_sub(1);
        // In a chart the eye goes along the points; the oldest stands left.
        let dates = |to_newer: bool| {
            let mut held = grid.line(line).map(|(at, _)| at);
            if to_newer { held.rfind(|at| *at < column) } else { held.find(|at| *at > column) }
        };
        let to = match (command, self.as_chart) {
            (Command::Up, _) => (line.saturating_sub(1), column),
            (Command::Down, _) => ((line + 1).min(lines), column),
            (Command::PageUp, _) => (line.saturating_sub(8), column),
            (Command::PageDown, _) => ((line + 8).min(lines), column),
            (Command::First, _) => (0, column),
            (Command::Last, _) => (lines, column),
            (Command::Left, false) => (line, column.saturating_sub(1)),
            (Command::Right, false) => {
                (line, (column + 1).min(grid.columns.len().saturating_sub(1)))
            }
            (Command::Left, true) => (line, dates(false).unwrap_or(column)),
            (Command::Right, true) => (line, dates(true).unwrap_or(column)),
            _ => return,
        };
        self.mark(to);
    }

    fn title(&self, ui: &mut Ui, desk: &Desk) {
        // In little room the strip and the table need the height.
        if compact(ui.ctx()) {
            return;
        }
        let c = colors(ui);
        ui.horizontal(|ui| {
            ui.label(RichText::new(desk.t("results.title")).font(bold(size::TITLE)));
            if let Some(grid) = self.grid.as_ref().filter(|grid| !grid.lines.is_empty()) {
                let counts = [
                    ("items", grid.lines.len().to_string()),
                    ("days", grid.columns.len().to_string()),
                ];
                let counts = counts.each_ref().map(|(name, value)| (*name, value.as_str()));
                let words = desk.fill("results.count", &counts);
                ui.label(RichText::new(words).size(size::CHIP).color(c.soft));
                let key = if self.as_chart { "results.keys_chart" } else { "results.keys_table" };
                ui.label(RichText::new(desk.t(key)).size(size::SMALL).color(c.soft));
            }
            if let Some(why) = no_print(desk) {
                let words = RichText::new(why).size(size::SMALL).color(c.soft);
                ui.add(Label::new(words).truncate());
            }
        });
        ui.add_space(space::SMALL);
    }

    /// How many abnormal results nobody has looked at.
    fn left(&self, asked: &Unconfirmed) -> usize {
        asked.results[..asked.abnormal].iter().filter(|id| !self.seen.contains(*id)).count()
    }

    /// In little room: what waits, and the marked result, on one line.
    fn one_line(&self, ui: &mut Ui, desk: &Desk) {
        let c = colors(ui);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::SMALL;
            if let Some(asked) = self.asked() {
                let (n, left) = (asked.results.len().to_string(), self.left(asked).to_string());
                let words = desk.fill("results.asks_short", &[("n", &n), ("left", &left)]);
                ui.label(RichText::new(words).font(bold(size::SMALL)).color(c.amber));
            }
            let Some(grid) = &self.grid else { return };
            let column = grid.columns.get(self.at.1);
            if let Some((result, column)) = grid.cell(self.at.0, self.at.1).zip(column) {
                let mut words = words::spoken(desk, result, column.day());
                if let Some(was) = grid.replaced(result).first() {
                    let values = [("value", was.value.0.as_str())];
                    words = format!("{words}　{}", desk.fill("results.replaced_short", &values));
                }
                for comment in &result.comments {
                    words = format!("{words}　{comment}");
                }
                let words = crate::widgets::names::drawable(ui, &words).text;
                ui.add(Label::new(RichText::new(words).size(size::SMALL)).truncate());
            }
        });
        ui.add_space(2.0);
    }

    /// What waits and what the key does now; true when its button was touched.
    fn confirm_line(&self, ui: &mut Ui, desk: &Desk) -> bool {
        let Some(asked) = self.asked() else { return false };
        let left = self.left(asked);
        let day = short_day(desk, asked.at.date());
        let n = asked.results.len().to_string();
        let values = [("day", day.as_str()), ("n", &n), ("abnormal", &asked.abnormal.to_string())];
        let key = if asked.abnormal > 0 { "results.asks" } else { "results.asks_normal" };
        let mut words = desk.fill(key, &values);
        if !desk.may_confirm() {
            banner::show(ui, Tone::Waiting, &words, "", None);
            return false;
        }
        let here = self.grid.as_ref().and_then(|grid| grid.cell(self.at.0, self.at.1));
        let on_it = here.is_some_and(|result| self.is_open(result.id));
        let action = match (left, on_it) {
            (0, _) => desk.fill("results.confirm_all", &[("n", &n)]),
            (1, true) => desk.t("results.seen_last").to_owned(),
            (_, true) => desk.t("results.seen_next").to_owned(),
            _ => desk.t("results.show_abnormal").to_owned(),
        };
        if left > 0 {
            words.push('　');
            words.push_str(&desk.fill("results.left", &[("n", &left.to_string())]));
        }
        banner::show(ui, Tone::Waiting, &words, "", Some(&action))
    }

    /// The table, and the marked result in full beside it where there is room.
    fn with_detail(&mut self, ui: &mut Ui, desk: &Desk, grid: &Grid) -> Option<(usize, usize)> {
        let whole = ui.available_rect_before_wrap();
        let reveal = std::mem::take(&mut self.reveal);
        let marks = table::Marks { at: self.at, reveal, seen: &self.seen };
        let scroll = &mut self.scroll;
        if compact(ui.ctx()) {
            return table::show(ui, desk, grid, &marks, scroll);
        }
        let (left, right) = whole.split_left_right_at_x(whole.right() - BESIDE);
        let left = left.with_max_x(left.right() - space::EDGE);
        let place = UiBuilder::new().max_rect(left);
        let show = |ui: &mut Ui| table::show(ui, desk, grid, &marks, scroll);
        let touched = ui.scope_builder(place, show).inner;
        let cell = grid.cell(self.at.0, self.at.1);
        let seen = cell.is_some_and(|result| self.seen.contains(&result.id));
        let (pager, at) = (&mut self.detail, self.at);
        ui.scope_builder(UiBuilder::new().max_rect(right), |ui| {
            pager.show(ui, "result", None, |ui| detail::show(ui, desk, grid, at, seen));
        });
        touched
    }
}

/// Where a result stands now; where what replaced it stands.
fn place_now(grid: &Grid, lab: &PatientLab, id: Uuid) -> Option<(usize, usize)> {
    let mut id = id;
    for _ in 0..lab.results.len() {
        if let Some(at) = grid.place(id) {
            return Some(at);
        }
        id = lab.results.iter().find(|result| result.id == id)?.replaced_by?;
    }
    None
}

/// Why results cannot be printed now.
fn no_print(desk: &Desk) -> Option<&'static str> {
    match desk.prints.printer_of(Paper::Results) {
        None => Some(desk.t("results.no_printer")),
        Some(printer) if printer.state == PrinterState::Missing => {
            Some(printer_words(desk.lang, printer.state))
        }
        Some(_) => None,
    }
}

/// What the screen cannot promise now.
fn limits(ui: &mut Ui, desk: &Desk) {
    let Some(opened) = &desk.opened else { return };
    let page = desk.lab.patient.as_ref().filter(|page| opened.is(&page.number));
    let Some(page) = page else { return };
    let asked = Pending {
        failure: page.failure.as_ref(),
        asked_at: page.asked_at,
        answered: page.lab.is_some(),
    };
    let words = pending::Words {
        old: "results.old",
        here_only: "results.latest_only",
        loading: "results.loading",
    };
    pending::show(ui, desk, &asked, &words);
}

fn empty(ui: &mut Ui, desk: &Desk) {
    let page = desk.lab.patient.as_ref();
    // While an answer is on its way, that is said above already.
    if page.is_some_and(|page| page.asked_at.is_some() && page.lab.is_none()) {
        return;
    }
    let failed = page.is_some_and(|page| page.failure.is_some() && page.lab.is_none());
    let key = if failed { "results.none_here" } else { "results.none" };
    let words = RichText::new(desk.t(key)).size(size::BODY).color(colors(ui).soft);
    ui.add(Label::new(words).wrap());
}
