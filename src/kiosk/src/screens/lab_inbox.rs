//! 検査結果の受け取り: orders with results that wait for a practitioner, panic values first, and below them the reports
//! of which it is not known whose they are. What is marked stands beside the list in full.

mod compare;
mod tray;
mod waiting;

use api::lab::{LabWaiting, TrayRow};
use egui::{Label, RichText, Ui, UiBuilder};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::pager::Pager;
use crate::widgets::{banner, button, names, pick};
use tray::Question;

/// The part of the width that the list takes.
const LIST: f32 = 0.44;
/// Nobody has read in so many seconds what came into the marked place by itself.
const GLANCE: f64 = 0.6;

/// The screen's state.
#[derive(Default)]
pub struct InboxScreen {
    /// By name, so that a change of the list does not move it to something else.
    selected: Option<Key>,
    at: usize,
    reveal: bool,
    pager: Pager,
    /// What is asked over the list.
    question: Option<Question>,
    /// What stood in full in the last frame, and from when on it may be confirmed.
    shown: Option<(Key, u64, f64)>,
    by_hand: bool,
    now: f64,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Results of an order.
    Order(Uuid),
    /// A report in the tray.
    Report(Uuid),
}

/// A row.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Waiting(&'a LabWaiting),
    Report(&'a TrayRow),
}

impl Entry<'_> {
    fn key(self) -> Key {
        match self {
            Self::Waiting(waiting) => Key::Order(waiting.order.id),
            Self::Report(row) => Key::Report(row.report.id),
        }
    }
}

fn entries(desk: &Desk) -> Vec<Entry<'_>> {
    let shown = &desk.lab.inbox.shown;
    let waiting = shown.waiting.iter().map(Entry::Waiting);
    waiting.chain(shown.tray.iter().map(Entry::Report)).collect()
}

impl InboxScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a chooser stands over the screen.
    pub fn chooses(&self) -> bool {
        self.question.is_some()
    }

    fn current<'a>(&self, entries: &[Entry<'a>]) -> Option<Entry<'a>> {
        entries.iter().copied().find(|entry| Some(entry.key()) == self.selected)
    }

    /// What the main action does to what is marked: confirm what is all normal, look at other results, decide about a
    /// report.
    pub fn main_action(&self, desk: &Desk) -> Command {
        match self.current(&entries(desk)) {
            Some(Entry::Waiting(one)) if desk.may_confirm() && waiting::all_normal(one) => {
                Command::ConfirmResults
            }
            Some(Entry::Report(_)) => Command::Assign,
            Some(Entry::Waiting(_)) | None => Command::Results,
        }
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let entries = entries(desk);
        let current = self.current(&entries);
        let report = matches!(current, Some(Entry::Report(_)));
        match command {
            Command::Help | Command::SignOut | Command::Leave | Command::Outbox => true,
            Command::Assign | Command::SetAside => report && desk.may_decide_tray(),
            Command::Results => matches!(current, Some(Entry::Waiting(_))),
            Command::ConfirmResults => self.main_action(desk) == Command::ConfirmResults,
            _ => false,
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let entries = entries(desk);
        self.now = ui.input(|input| input.time);
        let before = self.selected;
        self.follow(&entries);
        if before != self.selected {
            // The keys were drawn by what was marked before.
            ui.ctx().request_repaint();
        }
        let was_over = self.chooses();
        let mut wish = if was_over { None } else { self.keys(desk, &entries, pressed) };
        title(ui, desk);
        limits(ui, desk);
        if entries.is_empty() {
            empty(ui, desk);
        } else if compact(ui.ctx()) {
            self.one(ui, desk, &entries, pressed.filter(|_| !was_over));
        } else if self.both(ui, desk, &entries, pressed.filter(|_| !was_over)) {
            wish = wish.or_else(|| self.keys(desk, &entries, Some(self.main_action(desk))));
        }
        self.remember(desk);
        if self.question.is_some() {
            wish = self.ask(ui, desk, pressed.filter(|_| was_over)).or(wish);
        }
        wish
    }

    /// Keeps a row marked: where the marked one has gone, the one that came into its place.
    fn follow(&mut self, entries: &[Entry<'_>]) {
        if let Some(at) = entries.iter().position(|entry| Some(entry.key()) == self.selected) {
            self.at = at;
            return;
        }
        self.at = self.at.min(entries.len().saturating_sub(1));
        self.selected = entries.get(self.at).map(|entry| entry.key());
        self.reveal = true;
        self.pager = Pager::default();
    }

    fn select(&mut self, entries: &[Entry<'_>], at: usize) {
        let Some(entry) = entries.get(at) else { return };
        if self.selected != Some(entry.key()) {
            self.pager = Pager::default();
            self.by_hand = true;
        }
        self.at = at;
        self.selected = Some(entry.key());
        self.reveal = true;
    }

    /// Remembers what stands in full in this frame.
    fn remember(&mut self, desk: &Desk) {
        let by_hand = std::mem::take(&mut self.by_hand) || self.shown.is_none();
        let Some(key) = self.selected else { return };
        let version = desk.lab.inbox.version;
        match self.shown {
            Some((shown, seen, _)) if shown == key && seen == version => {}
            _ => {
                let from = if by_hand { self.now } else { self.now + GLANCE };
                self.shown = Some((key, version, from));
            }
        }
    }

    /// Whether the person can have seen what would be confirmed.
    fn was_seen(&self, desk: &Desk) -> bool {
        self.shown.is_some_and(|(key, version, from)| {
            Some(key) == self.selected && version == desk.lab.inbox.version && self.now >= from
        })
    }

    fn keys(
        &mut self,
        desk: &Desk,
        entries: &[Entry<'_>],
        pressed: Option<Command>,
    ) -> Option<Intent> {
        if let Some(to) = pick::moved(pressed, self.at, entries.len()) {
            self.select(entries, to);
            return None;
        }
        let current = self.current(entries);
        match (pressed?, current) {
            (Command::Leave | Command::Back, _) => Some(Intent::Leave),
            (Command::Outbox, _) => Some(Intent::OpenOutbox),
            (Command::ConfirmResults, Some(Entry::Waiting(one)))
                if self.can(desk, Command::ConfirmResults) =>
            {
                if !self.was_seen(desk) {
                    return Some(Intent::Tell("lab_inbox.changed"));
                }
                Some(Intent::ConfirmResults {
                    number: one.number.clone(),
                    order: one.order.id,
                    results: waiting::open(one).map(|result| result.id).collect(),
                })
            }
            (Command::Results | Command::Confirm, Some(Entry::Waiting(one))) => {
                let number = one.number.clone();
                Some(Intent::OpenResultsOf { number, order: Some(one.order.id) })
            }
            (Command::Assign | Command::Confirm, Some(Entry::Report(row)))
                if desk.may_decide_tray() =>
            {
                self.question = Question::whose(desk, row);
                self.question.is_none().then_some(Intent::Tell("lab_inbox.nobody"))
            }
            (Command::SetAside, Some(Entry::Report(row))) if desk.may_decide_tray() => {
                self.question = Some(Question::why(desk, row));
                None
            }
            _ => None,
        }
    }

    fn ask(&mut self, ui: &Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let question = self.question.take()?;
        let (left, wish) = question.show(ui, desk, pressed);
        self.question = left;
        wish
    }

    /// In little room one at a time.
    fn one(&mut self, ui: &mut Ui, desk: &Desk, entries: &[Entry<'_>], pressed: Option<Command>) {
        let Some(current) = self.current(entries) else { return };
        let wide = ui.available_width();
        let place = [("at", (self.at + 1).to_string()), ("n", entries.len().to_string())];
        let place = place.each_ref().map(|(name, value)| (*name, value.as_str()));
        let words = desk.fill("lab_inbox.place", &place);
        ui.label(RichText::new(words).size(size::SMALL).color(colors(ui).soft));
        let moves = pressed.filter(|c| matches!(c, Command::PageUp | Command::PageDown));
        self.pager.show(ui, "inbox", moves, |ui| full(ui, desk, current, wide - 12.0));
    }

    /// The list, and what is marked beside it; true when the main action was touched.
    fn both(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        entries: &[Entry<'_>],
        pressed: Option<Command>,
    ) -> bool {
        let whole = ui.available_rect_before_wrap();
        let edge = whole.left() + (whole.width() * LIST).round();
        let left = whole.with_max_x(edge - space::GAP / 2.0);
        let right = whole.with_min_x(edge + space::GAP / 2.0);
        let place = UiBuilder::new().max_rect(left);
        if let Some(at) = ui.scope_builder(place, |ui| self.list(ui, desk, entries)).inner {
            self.select(entries, at);
        }
        let Some(current) = self.current(entries) else { return false };
        let foot = space::MAIN + space::GAP;
        let (card, foot) = right.split_top_bottom_at_y(right.bottom() - foot);
        let moves = pressed.filter(|c| matches!(c, Command::PageUp | Command::PageDown));
        let pager = &mut self.pager;
        ui.scope_builder(UiBuilder::new().max_rect(card), |ui| {
            let wide = ui.available_width() - 12.0;
            pager.show(ui, "inbox", moves, |ui| full(ui, desk, current, wide));
        });
        let action = self.main_action(desk);
        let words = desk.t(match action {
            Command::ConfirmResults => "lab_inbox.confirm_normal",
            Command::Assign => "lab_inbox.assign",
            _ => "lab_inbox.open",
        });
        let can = self.can(desk, action);
        let layout = egui::Layout::bottom_up(egui::Align::Max);
        let place = UiBuilder::new().max_rect(foot).layout(layout);
        ui.scope_builder(place, |ui| button::button(ui, words, true, can).clicked()).inner
    }

    fn list(&mut self, ui: &mut Ui, desk: &Desk, entries: &[Entry<'_>]) -> Option<usize> {
        let mut touched = None;
        let reveal = std::mem::take(&mut self.reveal);
        egui::ScrollArea::vertical().id_salt("inbox list").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut before: Option<bool> = None;
            for (i, entry) in entries.iter().enumerate() {
                let in_tray = matches!(entry, Entry::Report(_));
                if before != Some(in_tray) {
                    before = Some(in_tray);
                    let shown = &desk.lab.inbox.shown;
                    let (key, n) = if in_tray {
                        ("lab_inbox.tray", shown.tray.len().to_string())
                    } else {
                        ("lab_inbox.waiting", shown.total.to_string())
                    };
                    pick::heading(ui, &desk.fill(key, &[("n", &n)]));
                }
                let marked = Some(entry.key()) == self.selected;
                let touch = match entry {
                    Entry::Waiting(one) => waiting::row(ui, desk, one, marked, reveal && marked),
                    Entry::Report(row) => tray::row(ui, desk, row, marked, reveal && marked),
                };
                if touch {
                    touched = Some(i);
                }
            }
        });
        touched
    }
}

/// What is marked, in full.
fn full(ui: &mut Ui, desk: &Desk, entry: Entry<'_>, wide: f32) {
    match entry {
        Entry::Waiting(one) => waiting::full(ui, desk, one, wide),
        Entry::Report(row) => tray::full(ui, desk, row, wide),
    }
}

fn title(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    let narrow = compact(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::GAP, 2.0);
        let big = if narrow { size::CHIP } else { size::TITLE };
        ui.label(RichText::new(desk.t("lab_inbox.title")).font(bold(big)));
        for lab in &desk.lab.inbox.shown.labs {
            let name = names::drawable(ui, &lab.name).text;
            let (key, good) = waiting::link(lab.state);
            let mut words = format!("{name}　{}", desk.t(key));
            if lab.undelivered > 0 {
                let n = lab.undelivered.to_string();
                words.push('　');
                words.push_str(&desk.fill("lab_inbox.undelivered", &[("n", &n)]));
            }
            let good = good && lab.undelivered == 0;
            let ink = if good { c.soft } else { c.amber };
            let small = if narrow { size::SMALL } else { size::LINE };
            let font = if good { crate::theme::regular(small) } else { bold(small) };
            ui.label(RichText::new(words).font(font).color(ink));
        }
    });
    ui.add_space(if narrow { 2.0 } else { space::SMALL });
}

/// What the list cannot promise now, and who may do what.
fn limits(ui: &mut Ui, desk: &Desk) {
    let page = &desk.lab.inbox;
    if let Some(failure) = &page.failure {
        let what = match page.told_at {
            Some(at) => desk.fill("lab_inbox.as_of", &[("time", &desk.clock_words(at))]),
            None => desk.t("lab_inbox.not_read").to_owned(),
        };
        let text = format!("{what}{}", desk.failure_words(failure));
        banner::show(ui, Tone::Waiting, &text, "", None);
    } else if let Some(since) = page.asked_at.filter(|since| desk.waits_long(*since)) {
        let seconds = desk.seconds_since(since).to_string();
        let text = desk.fill("patient.waiting_long", &[("seconds", &seconds)]);
        banner::show(ui, Tone::Waiting, &text, "", None);
    }
    if !desk.may_confirm() && !page.shown.waiting.is_empty() && !compact(ui.ctx()) {
        banner::show(ui, Tone::Info, desk.t("lab_inbox.not_you"), "", None);
    }
}

fn empty(ui: &mut Ui, desk: &Desk) {
    let page = &desk.lab.inbox;
    let key = match (page.told_at, page.asked_at) {
        (Some(_), _) => "lab_inbox.none",
        (None, Some(_)) => "lab_inbox.loading",
        // Why it is not known stands above.
        (None, None) => "lab_inbox.unknown",
    };
    let words = RichText::new(desk.t(key)).size(size::BODY).color(colors(ui).soft);
    ui.add(Label::new(words).wrap());
}
