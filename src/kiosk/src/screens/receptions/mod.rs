//! The reception list: who waits, and the search over all patients.

pub mod filter;
mod head;
mod state_chooser;
pub mod table;
pub mod view;

use clinical::{PatientNumber, Reception};
use egui::{Id, Label, Layout, RichText, Ui};

use crate::app::day::ListSource;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::theme::tokens::{colors, compact, size, space};
use crate::widgets::chooser::{Chooser, Outcome};
use crate::widgets::field::Field;
use crate::widgets::{button, state};
use filter::Filter;
pub use state_chooser::StateChooser;
use table::{Scroll, Touch};
use view::{Selected, Sort, View};

/// After the last stroke, the search waits this long for another.
const DEBOUNCE_SECONDS: f64 = 0.15;

/// What stands over the list.
enum Over {
    State(StateChooser),
    Physician(Chooser),
    FilterState(Chooser),
}

/// The screen's state.
#[derive(Default)]
pub struct Receptions {
    sort: Sort,
    filter: Filter,
    text: String,
    /// What the lines show; follows `text` once a conversion is committed and the typing pauses.
    applied: String,
    due: Option<f64>,
    selected: Option<Selected>,
    view: View,
    scroll: Scroll,
    over: Option<Over>,
    focus: bool,
    /// Enter came before the answer: a single patient found is opened.
    open_when_found: bool,
}

/// Name of the search field among the widgets.
pub fn search_id() -> Id {
    Id::unique("patient search")
}

impl Receptions {
    /// Whether a chooser stands over the list.
    pub fn chooses(&self) -> bool {
        self.over.is_some()
    }

    /// Takes a chooser away.
    pub fn close_chooser(&mut self) {
        self.over = None;
    }

    /// Readies the search field.
    pub fn find(&mut self) {
        self.focus = true;
    }

    /// Back as at the start of a session.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Ends the search, keeps the order.
    pub fn end_search(&mut self) {
        self.text.clear();
        self.applied.clear();
        self.due = None;
        self.open_when_found = false;
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        match command {
            Command::Open => self.selected_number(desk).is_some(),
            Command::NextState => {
                self.selected_reception(desk).is_some_and(|r| desk.day.can_step(r))
            }
            Command::ChooseState => {
                self.selected_reception(desk).is_some_and(|r| desk.day.can_change(r))
            }
            Command::Choose => self.chooses(),
            Command::Close => false,
            _ => true,
        }
    }

    fn selected_reception<'a>(&self, desk: &'a Desk) -> Option<&'a Reception> {
        match self.selected.as_ref()? {
            Selected::Reception(key) => desk.day.find(key),
            Selected::Hit(_) => None,
        }
    }

    fn selected_number(&self, desk: &Desk) -> Option<PatientNumber> {
        match self.selected.as_ref()? {
            Selected::Reception(key) => desk.day.find(key).and_then(|r| r.patient.clone()),
            Selected::Hit(number) => Some(number.clone()),
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        self.typed_without_focus(ui);
        let mut jump = None;
        let was_over = self.over.is_some();
        let mut wish = if was_over { None } else { self.keys(ui, desk, pressed, &mut jump) };
        ui.spacing_mut().item_spacing.y = space::SMALL;
        wish = head::stale(ui, desk).or(wish);
        if !compact(ui.ctx()) {
            head::title(ui, desk);
        }
        self.bar(ui, desk);
        wish = self.search(ui, desk).or(wish);
        if self.view.update(desk, self.sort, &self.filter, &self.applied) {
            self.follow(desk, &mut wish);
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(space::SMALL);
        table::head(ui, desk);
        if self.view.lines.is_empty() {
            let soft = colors(ui).soft;
            ui.add_space(space::EDGE);
            let words = self.empty_words(desk);
            ui.add(Label::new(RichText::new(words).size(size::BODY).color(soft)).wrap());
        } else {
            let (touch, scroll) = table::body(ui, desk, &self.view, self.selected.as_ref(), jump);
            self.scroll = scroll;
            wish = self.touched(desk, touch).or(wish);
        }
        if self.over.is_some() {
            let pressed = pressed.filter(|_| was_over);
            wish = self.chooser(ui, desk, pressed).or(wish);
        }
        wish
    }

    /// Typing begins a search even while no field has the focus; the field is kept out of focus otherwise, so
    /// that a card scan never meets an input method.
    fn typed_without_focus(&mut self, ui: &Ui) {
        if self.over.is_some() || ui.ctx().memory(|m| m.focused().is_some()) {
            return;
        }
        let typed = ui.input(|i| {
            i.events.iter().any(|e| matches!(e, egui::Event::Text(t) if !t.trim().is_empty()))
        });
        if typed {
            ui.ctx().memory_mut(|m| m.request_focus(search_id()));
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
        jump: &mut Option<f32>,
    ) -> Option<Intent> {
        let page = (self.scroll.height / space::ROW).floor().max(1.0) as isize;
        match pressed? {
            Command::SortTime => self.sort = Sort::Time,
            Command::SortKana => self.sort = Sort::Kana,
            Command::SortPhysician => self.sort = Sort::Physician,
            Command::SortState => self.sort = Sort::State,
            Command::Find => self.focus = true,
            Command::Up => self.step(desk, -1, jump),
            Command::Down => self.step(desk, 1, jump),
            Command::PageUp => self.step(desk, -page, jump),
            Command::PageDown => self.step(desk, page, jump),
            Command::First => self.step(desk, -1_000_000, jump),
            Command::Last => self.step(desk, 1_000_000, jump),
            Command::FilterPhysician => {
                self.over = Some(Over::Physician(Chooser::on(&self.filter.physicians(desk))));
            }
            Command::FilterState => {
                self.over = Some(Over::FilterState(Chooser::on(&self.filter.states(desk))));
            }
            Command::ChooseState => {
                let reception = self.selected_reception(desk)?;
                self.over = Some(Over::State(StateChooser::new(desk, reception)));
            }
            Command::NextState => {
                let reception = self.selected_reception(desk)?;
                let to = desk.day.shown_state(reception).next()?;
                return Some(Intent::ChangeState { key: reception.key.clone(), to });
            }
            Command::Confirm if self.text != self.applied => {
                self.due = Some(0.0);
                self.open_when_found = true;
            }
            Command::Confirm if desk.search.asked_at.is_some() => self.open_when_found = true,
            Command::Confirm | Command::Open => return self.open(desk),
            Command::Back => {
                self.end_search();
                ui.ctx().memory_mut(|m| m.surrender_focus(search_id()));
            }
            _ => {}
        }
        None
    }

    fn step(&mut self, desk: &Desk, by: isize, jump: &mut Option<f32>) {
        self.open_when_found = false;
        let from = self.selected.as_ref().and_then(|s| self.view.place(desk, s));
        if let Some(selected) = self.view.step(desk, from, by) {
            *jump = self.view.place(desk, &selected).map(|i| self.scroll.towards(i));
            self.selected = Some(selected);
        }
    }

    fn open(&self, desk: &Desk) -> Option<Intent> {
        if let Some(number) = self.selected_number(desk) {
            return Some(Intent::Open(number));
        }
        self.selected_reception(desk).map(|_| Intent::Tell("list.no_number"))
    }

    /// After a change of the lines: a search stands on its first line; a wish of before is fulfilled.
    fn follow(&mut self, desk: &Desk, wish: &mut Option<Intent>) {
        let there = self.selected.as_ref().is_some_and(|s| self.view.place(desk, s).is_some());
        if !there {
            let searching = !self.applied.is_empty();
            self.selected = if searching { self.view.first(desk) } else { None };
        }
        let answered = desk.search.text == self.applied && desk.search.asked_at.is_none();
        if self.open_when_found && answered && !self.applied.is_empty() {
            self.open_when_found = false;
            if let [only] = view::patients(desk, &self.view.lines).as_slice() {
                *wish = Some(Intent::Open(only.clone()));
            }
        }
    }

    fn touched(&mut self, desk: &Desk, touch: Option<Touch>) -> Option<Intent> {
        match touch? {
            Touch::Select(what) => {
                self.selected = Some(what);
                None
            }
            Touch::Open(what) => {
                self.selected = Some(what);
                self.open(desk)
            }
        }
    }

    fn bar(&mut self, ui: &mut Ui, desk: &Desk) {
        let physician = self.filter.physician_words(desk);
        let chosen = match self.filter.state {
            Some(state) => desk.t(state::words(state)),
            None => desk.t("filter.all"),
        };
        let chosen = desk.fill("filter.state", &[("state", chosen)]);
        let narrow = compact(ui.ctx());
        let sorts = [
            (Sort::Time, "key.sort_time"),
            (Sort::Kana, "key.sort_kana"),
            (Sort::Physician, "key.sort_physician"),
            (Sort::State, "key.sort_state"),
        ];
        let mut over = None;
        // The chips are drawn from the right edge, so that the field takes what is left.
        let row = egui::vec2(ui.available_width(), space::TOUCH);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = if narrow { space::SMALL } else { space::GAP };
            if button::chip(ui, &chosen, self.filter.state.is_some()).clicked() {
                over = Some(Over::FilterState(Chooser::on(&self.filter.states(desk))));
            }
            if button::chip(ui, &physician, self.filter.physician.is_some()).clicked() {
                over = Some(Over::Physician(Chooser::on(&self.filter.physicians(desk))));
            }
            // The function keys sort too; where room is short the field and the filters have it.
            if row.x > 1150.0 {
                for (sort, key) in sorts.into_iter().rev() {
                    if button::chip(ui, desk.t(key), self.sort == sort).clicked() {
                        self.sort = sort;
                    }
                }
            }
            self.field(ui, desk);
        });
        if over.is_some() {
            self.over = over;
        }
    }

    fn field(&mut self, ui: &mut Ui, desk: &Desk) {
        let width = ui.available_width().max(120.0);
        let field = Field {
            id: search_id(),
            label: desk.t("list.search"),
            caption: None,
            hint: desk.t(if width < 280.0 { "list.search_hint_short" } else { "list.search_hint" }),
            password: false,
            ime: true,
            width,
        };
        let response = field.show(ui, &mut self.text);
        if std::mem::take(&mut self.focus) {
            response.request_focus();
        }
        if response.changed() {
            self.open_when_found = false;
        }
    }

    /// Applies what was typed: never while an input method composes, and after a short pause.
    fn search(&mut self, ui: &Ui, desk: &Desk) -> Option<Intent> {
        if desk.composing {
            self.due = None;
            return None;
        }
        let typed = self.text.trim();
        if typed == self.applied {
            self.due = None;
            // Ended from outside: by a person opened, or by Esc.
            return (typed.is_empty() && !desk.search.text.is_empty())
                .then(|| Intent::Search(String::new()));
        }
        let now = ui.input(|i| i.time);
        let changed = ui.input(|i| {
            i.events.iter().any(|e| matches!(e, egui::Event::Text(_) | egui::Event::Key { .. }))
        });
        let due = match self.due {
            Some(due) if !changed || due == 0.0 => due,
            _ => now + DEBOUNCE_SECONDS,
        };
        if typed.is_empty() || now >= due {
            self.due = None;
            self.applied = typed.to_owned();
            return Some(Intent::Search(self.applied.clone()));
        }
        self.due = Some(due);
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(due - now));
        None
    }

    fn empty_words(&self, desk: &Desk) -> &'static str {
        match desk.day.source {
            ListSource::Empty if desk.is_cut() => desk.t("list.empty_cut"),
            ListSource::Empty => desk.t("list.loading"),
            _ if self.filter != Filter::default() && !desk.day.rows.is_empty() => {
                desk.t("list.empty_filter")
            }
            _ => desk.t("list.empty"),
        }
    }

    fn chooser(&mut self, ui: &Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let physicians = self.filter.physicians(desk);
        let states = self.filter.states(desk);
        let outcome = match self.over.as_mut()? {
            Over::State(chooser) => {
                let (close, wish) = chooser.show(ui, desk, pressed);
                if close {
                    self.over = None;
                }
                return wish;
            }
            Over::Physician(chooser) => {
                let title = desk.t("key.filter_physician");
                let outcome = chooser.show(ui, title, &physicians, pressed);
                if let Outcome::Chosen(i) = outcome {
                    let options = filter::physician_options(desk);
                    let chosen = i.checked_sub(1).and_then(|i| options.get(i));
                    self.filter.physician = chosen.map(|p| p.code.clone());
                }
                outcome
            }
            Over::FilterState(chooser) => {
                let outcome = chooser.show(ui, desk.t("key.filter_state"), &states, pressed);
                if let Outcome::Chosen(i) = outcome {
                    self.filter.state =
                        i.checked_sub(1).and_then(|i| filter::filter_states().nth(i));
                }
                outcome
            }
        };
        if outcome != Outcome::Open {
            self.over = None;
        }
        None
    }
}
