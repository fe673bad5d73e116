//! The reception list: who waits, and the search over all patients.

mod controls;
pub mod filter;
mod head;
mod state_chooser;
pub mod table;
pub mod view;

use clinical::{PatientNumber, Reception, ReceptionKey, ReceptionState};
use egui::{Id, Label, RichText, Ui};

use crate::app::day::ListSource;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::theme::tokens::{colors, compact, size, space};
use crate::widgets::chooser::Chooser;
use crate::widgets::{names, state};
use filter::Filter;
pub use state_chooser::StateChooser;
use table::{Scroll, Touch};
use view::{Changed, Selected, Sort, View};

/// After the last stroke, the search waits this long for another.
const DEBOUNCE_SECONDS: f64 = 0.15;

/// What stands over the list.
enum Over {
    State(StateChooser),
    /// F9: physicians and states.
    Filter(Chooser),
    /// The chip of the physicians.
    Physician(Chooser),
    /// The chip of the states.
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
    /// The marked row is to be brought into sight.
    reveal: bool,
    /// Whose state the person has set to what; said until the next action.
    told: Option<(ReceptionKey, ReceptionState)>,
    /// The pass of egui in which the screen was drawn last.
    drawn: u64,
    /// The search stands from before another screen: what is typed now begins a new one.
    left_standing: bool,
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
        self.left_standing = false;
    }

    /// A patient has been opened; the search stays for the way back.
    pub fn opened(&mut self) {
        self.over = None;
        self.open_when_found = false;
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        match command {
            Command::Open => self.selected_number(desk).is_some(),
            Command::Sticker => desk.may_record() && self.selected_number(desk).is_some(),
            Command::DaySheet => desk.may_record(),
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
        self.begin(ui, pressed);
        self.typed_without_focus(ui);
        let was_over = self.over.is_some();
        let mut wish = if was_over { None } else { self.keys(ui, desk, pressed) };
        let told = self.told_words(ui, desk);
        ui.spacing_mut().item_spacing.y = space::SMALL;
        wish = head::stale(ui, desk).or(wish);
        if !compact(ui.ctx()) {
            head::title(ui, desk, told.as_deref());
        }
        self.bar(ui, desk);
        wish = self.search(ui, desk).or(wish);
        let changed = self.view.update(desk, self.sort, &self.filter, &self.applied);
        if changed != Changed::Nothing {
            self.follow(desk, changed, &mut wish);
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(space::SMALL);
        table::head(ui, desk, told.as_deref());
        if self.view.lines.is_empty() {
            let soft = colors(ui).soft;
            ui.add_space(space::EDGE);
            let words = self.empty_words(desk);
            ui.add(Label::new(RichText::new(words).size(size::BODY).color(soft)).wrap());
        } else {
            let reveal = std::mem::take(&mut self.reveal);
            let marked = self.selected.as_ref();
            let (touch, scroll) = table::body(ui, desk, &self.view, marked, self.scroll, reveal);
            self.scroll = scroll;
            wish = self.touched(desk, touch).or(wish);
        }
        if self.over.is_some() {
            let pressed = pressed.filter(|_| was_over);
            wish = self.chooser(ui, desk, pressed).or(wish);
        }
        if let Some(Intent::ChangeState { key, to }) = &wish {
            self.told = Some((key.clone(), *to));
            self.reveal = true;
        }
        wish
    }

    /// Sees whether another screen stood here, and whether the person goes on to something else.
    fn begin(&mut self, ui: &Ui, pressed: Option<Command>) {
        let pass = ui.ctx().cumulative_pass_nr();
        let back = pass > self.drawn + 1;
        self.drawn = pass;
        if back {
            self.reveal = true;
            self.left_standing = !self.text.is_empty();
        }
        let acts = ui.input(|i| {
            let typed = |e: &egui::Event| matches!(e, egui::Event::Text(_) | egui::Event::Ime(_));
            i.pointer.any_pressed() || i.events.iter().any(typed)
        });
        if back || acts || pressed.is_some() {
            self.told = None;
        }
    }

    /// `高橋　典子 さん → 診察中`, as long as it is so.
    fn told_words(&self, ui: &Ui, desk: &Desk) -> Option<String> {
        let (key, to) = self.told.as_ref()?;
        let reception = desk.day.find(key).filter(|r| desk.day.shown_state(r) == *to)?;
        let name = &reception.name;
        let name = if name.kanji.trim().is_empty() { &name.kana } else { &name.kanji };
        let name = names::drawable(ui, name).text;
        let words = desk.t(state::words(*to));
        Some(desk.fill("list.changed", &[("name", &name), ("state", words)]))
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
            self.anew();
            ui.ctx().memory_mut(|m| m.request_focus(search_id()));
        }
    }

    /// A search left standing gives way to a new one.
    fn anew(&mut self) {
        if std::mem::take(&mut self.left_standing) {
            self.text.clear();
        }
    }

    fn keys(&mut self, ui: &Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let page = (self.scroll.height / self.scroll.row).floor().max(1.0) as isize;
        match pressed? {
            Command::SortTime => self.sort = Sort::Time,
            Command::SortKana => self.sort = Sort::Kana,
            Command::SortPhysician => self.sort = Sort::Physician,
            Command::SortState => self.sort = Sort::State,
            Command::Find => {
                self.anew();
                self.focus = true;
            }
            Command::Up => self.step(desk, -1),
            Command::Down => self.step(desk, 1),
            Command::PageUp => self.step(desk, -page),
            Command::PageDown => self.step(desk, page),
            Command::First => self.step(desk, -1_000_000),
            Command::Last => self.step(desk, 1_000_000),
            Command::Filter => {
                self.over = Some(Over::Filter(Chooser::on(&self.filter.all(desk))));
            }
            Command::Confirmations => return Some(Intent::OpenConfirmations),
            Command::Outbox => return Some(Intent::OpenOutbox),
            Command::Samples => return Some(Intent::OpenSamples),
            Command::Inbox => return Some(Intent::OpenInbox),
            Command::Sticker => return self.selected_number(desk).map(Intent::PrintSticker),
            Command::DaySheet => return Some(Intent::PrintDaySheet),
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

    fn step(&mut self, desk: &Desk, by: isize) {
        self.open_when_found = false;
        let from = self.selected.as_ref().and_then(|s| self.view.place(desk, s));
        if let Some(selected) = self.view.step(desk, from, by) {
            self.reveal = true;
            self.selected = Some(selected);
        }
    }

    fn open(&self, desk: &Desk) -> Option<Intent> {
        if let Some(number) = self.selected_number(desk) {
            return Some(Intent::Open(number));
        }
        self.selected_reception(desk).map(|_| Intent::Tell("list.no_number"))
    }

    /// After a change of the lines: a search stands on its first line; the marked row stays in sight; a wish of
    /// before is fulfilled.
    fn follow(&mut self, desk: &Desk, changed: Changed, wish: &mut Option<Intent>) {
        let searching = !self.applied.is_empty();
        let there = self.selected.as_ref().is_some_and(|s| self.view.place(desk, s).is_some());
        // Who scrolled away to look elsewhere is not called back by what comes in.
        self.reveal |= changed != Changed::Content || self.scroll.marked_seen || !there;
        if !there || (changed == Changed::Text && searching) {
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
}
