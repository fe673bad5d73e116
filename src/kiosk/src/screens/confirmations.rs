//! 確認待ち: what waits for a practitioner, by patient, oldest first. The selected one stands beside the list in
//! full, its patient in the strip; one key confirms it and goes on to the next.

mod order;
mod waiting_card;

use api::profile::Waiting;
use clinical::PatientNumber;
use egui::{Label, RichText, Ui};
use uuid::Uuid;

use crate::app::form::FormKind;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::pager::Pager;
use crate::widgets::pick::{self, Mark, Row};
use crate::widgets::{banner, button, names, profile};
use order::is_mine;

/// Nobody has read in so many seconds what came into the marked place by itself.
const GLANCE: f64 = 0.6;
/// The part of the width that the list takes.
const LIST: f32 = 0.46;

/// The screen's state.
#[derive(Default)]
pub struct ConfirmationList {
    /// By name, so that a change of the list does not move it to somebody else.
    selected: Option<Key>,
    /// Where the selected one stood: the next takes its place when it goes.
    at: usize,
    reveal: bool,
    /// What was confirmed last, once it is on the disk.
    told: Option<String>,
    pager: Pager,
    /// What stood in full in the last frame.
    shown: Option<InFull>,
    /// The person has marked another one since.
    by_hand: bool,
    /// The moment of this frame by the window's clock.
    now: f64,
}

/// What the person sees in full.
#[derive(Debug, Clone, PartialEq)]
struct InFull {
    key: Key,
    head: Uuid,
    /// From when on it may be confirmed.
    from: f64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    number: PatientNumber,
    item: Uuid,
}

impl Key {
    fn of(waiting: &Waiting) -> Self {
        Self { number: waiting.number.clone(), item: waiting.item.id }
    }
}

impl ConfirmationList {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// A confirmation is on the disk.
    pub fn kept(&mut self, words: String) {
        self.told = Some(words);
    }

    /// The selected one, as it waits now.
    fn current<'a>(&self, rows: &[&'a Waiting]) -> Option<&'a Waiting> {
        let key = self.selected.as_ref()?;
        rows.iter().find(|w| Key::of(w) == *key).copied()
    }

    /// Whether the person can have seen what would be confirmed: not what another terminal's work has put under the
    /// finger just now.
    fn was_seen(&self, waiting: &Waiting) -> bool {
        self.shown.as_ref().is_some_and(|shown| {
            shown.key == Key::of(waiting)
                && shown.head == waiting.item.head
                && self.now >= shown.from
        })
    }

    /// Remembers what stands in full in this frame.
    fn remember(&mut self, rows: &[&Waiting]) {
        let by_hand = std::mem::take(&mut self.by_hand) || self.shown.is_none();
        let Some(current) = self.current(rows) else { return };
        let (key, head) = (Key::of(current), current.item.head);
        if self.shown.as_ref().is_some_and(|shown| shown.key == key && shown.head == head) {
            return;
        }
        let from = if by_hand { self.now } else { self.now + GLANCE };
        self.shown = Some(InFull { key, head, from });
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let rows = order::rows(desk);
        let current = self.current(&rows);
        // What is done concerns the patient in the strip and nobody else.
        let seen = |w: &Waiting| desk.opened.as_ref().is_some_and(|o| o.is(&w.number));
        match command {
            Command::ConfirmItem => desk.may_confirm() && current.is_some_and(seen),
            Command::Correct => {
                desk.may_record() && current.is_some_and(|w| seen(w) && w.item.withdrawal.is_none())
            }
            Command::History | Command::Open => current.is_some_and(seen),
            Command::Help | Command::Leave | Command::Outbox | Command::SignOut => true,
            _ => false,
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let rows = order::rows(desk);
        self.now = ui.input(|input| input.time);
        self.follow(&rows);
        let mut wish = self.keys(desk, &rows, pressed);
        title(ui, desk, (self.at + 1, rows.len()), self.told.as_deref());
        limits(ui, desk);
        if rows.is_empty() {
            empty(ui, desk);
            return wish;
        }
        let narrow = compact(ui.ctx());
        let moves =
            pressed.filter(|command| matches!(command, Command::PageUp | Command::PageDown));
        let current = self.current(&rows);
        if narrow {
            if let Some(waiting) = current {
                let wide = ui.available_width();
                self.pager.show(ui, "waiting", moves, |ui| {
                    waiting_card::show(ui, desk, waiting, wide);
                });
            }
        } else {
            let whole = ui.available_rect_before_wrap();
            let edge = whole.left() + (whole.width() * LIST).round();
            let left = whole.with_max_x(edge - space::GAP / 2.0);
            let right = whole.with_min_x(edge + space::GAP / 2.0);
            let touched = ui
                .scope_builder(egui::UiBuilder::new().max_rect(left), |ui| {
                    self.list(ui, desk, &rows)
                })
                .inner;
            if let Some(key) = touched {
                self.select(&rows, &key);
            }
            if let Some(waiting) = self.current(&rows) {
                let foot = if desk.may_confirm() { space::MAIN + space::GAP } else { 0.0 };
                let (card, foot) = right.split_top_bottom_at_y(right.bottom() - foot);
                ui.scope_builder(egui::UiBuilder::new().max_rect(card), |ui| {
                    let wide = ui.available_width() - 10.0;
                    self.pager.show(ui, "waiting", moves, |ui| {
                        waiting_card::show(ui, desk, waiting, wide);
                    });
                });
                if desk.may_confirm() && self.confirm_button(ui, desk, foot) {
                    wish = wish.or_else(|| self.keys(desk, &rows, Some(Command::ConfirmItem)));
                }
            }
        }
        self.remember(&rows);
        // The strip shows whose row is marked.
        if wish.is_none()
            && let Some(waiting) = self.current(&rows)
            && desk.opened.as_ref().is_none_or(|opened| !opened.is(&waiting.number))
        {
            wish = Some(Intent::Look(waiting.number.clone()));
        }
        wish
    }

    /// The main action, above its key; true when touched.
    fn confirm_button(&self, ui: &mut Ui, desk: &Desk, foot: egui::Rect) -> bool {
        let can = self.can(desk, Command::ConfirmItem);
        let place =
            egui::UiBuilder::new().max_rect(foot).layout(egui::Layout::bottom_up(egui::Align::Max));
        let words = desk.t("key.confirm_item");
        ui.scope_builder(place, |ui| button::button(ui, words, true, can).clicked()).inner
    }

    /// Keeps a row marked: where the marked one has gone, the one that came into its place.
    fn follow(&mut self, rows: &[&Waiting]) {
        if let Some(at) =
            self.selected.as_ref().and_then(|key| rows.iter().position(|w| Key::of(w) == *key))
        {
            self.at = at;
            return;
        }
        self.at = self.at.min(rows.len().saturating_sub(1));
        self.selected = rows.get(self.at).map(|w| Key::of(w));
        self.reveal = true;
        self.pager = Pager::default();
    }

    fn select(&mut self, rows: &[&Waiting], key: &Key) {
        if let Some(at) = rows.iter().position(|w| Key::of(w) == *key) {
            if self.selected.as_ref() != Some(key) {
                self.pager = Pager::default();
                self.by_hand = true;
            }
            self.at = at;
            self.selected = Some(key.clone());
            self.reveal = true;
        }
    }

    fn keys(&mut self, desk: &Desk, rows: &[&Waiting], pressed: Option<Command>) -> Option<Intent> {
        if let Some(to) = pick::moved(pressed, self.at, rows.len()) {
            let key = Key::of(rows[to]);
            self.select(rows, &key);
            self.told = None;
            return None;
        }
        let waiting = self.current(rows);
        match pressed? {
            Command::Leave | Command::Back => Some(Intent::Leave),
            Command::Outbox => Some(Intent::OpenOutbox),
            Command::Open => waiting.map(|w| Intent::Open(w.number.clone())),
            Command::History => waiting.map(|w| Intent::OpenHistory(Some(w.item.id))),
            Command::Correct => {
                waiting.map(|w| Intent::OpenForm(FormKind::of(w.item.kind()), Some(w.item.id)))
            }
            Command::ConfirmItem | Command::Confirm if self.can(desk, Command::ConfirmItem) => {
                let waiting = waiting?;
                if !self.was_seen(waiting) {
                    return Some(Intent::Tell("confirmations.changed"));
                }
                let (number, item) = (waiting.number.clone(), waiting.item.id);
                self.told = None;
                // The hand goes on while the disk still writes.
                let next = rows.get(self.at + 1).or_else(|| rows.get(self.at.wrapping_sub(1)));
                if let Some(next) = next.map(|w| Key::of(w)) {
                    self.select(rows, &next);
                }
                Some(Intent::ConfirmItem { number, item, base: waiting.item.head })
            }
            Command::Confirm if !desk.may_confirm() => Some(Intent::Tell("confirmations.not_you")),
            _ => None,
        }
    }

    fn list(&mut self, ui: &mut Ui, desk: &Desk, rows: &[&Waiting]) -> Option<Key> {
        let mut touched = None;
        let reveal = std::mem::take(&mut self.reveal);
        egui::ScrollArea::vertical().id_salt("confirmations").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut whose: Option<(bool, &PatientNumber)> = None;
            for waiting in rows {
                let mine = is_mine(desk, &waiting.item);
                if whose != Some((mine, &waiting.number)) {
                    whose = Some((mine, &waiting.number));
                    let name = names::drawable(ui, &waiting.name.kanji).text;
                    pick::heading(ui, &format!("{}　{name}", waiting.number));
                }
                let key = Key::of(waiting);
                let marked = self.selected.as_ref() == Some(&key);
                if line(ui, desk, waiting, marked, reveal && marked) {
                    touched = Some(key);
                }
            }
        });
        touched
    }
}

/// One row: what, by whom and when; whose word is asked for where that is not the person who looks.
fn line(ui: &mut Ui, desk: &Desk, waiting: &Waiting, marked: bool, reveal: bool) -> bool {
    let item = &waiting.item;
    let main = names::drawable(ui, &profile::words(desk, &item.content.value)).text;
    let (who, at, whose) = order::by(item);
    let below = format!("{}　{}", who.name, desk.clock_words(at));
    let writing = desk.saving.iter().any(|saving| saving.is_about(item.id));
    let mark = if writing {
        Some((desk.t("confirmations.writing").to_owned(), Mark::Quiet))
    } else if item.withdrawal.is_some() {
        Some((desk.t("confirmations.withdrawal").to_owned(), Mark::Waits))
    } else if desk.may_confirm() && !is_mine(desk, item) {
        whose.map(|staff| (desk.fill("confirmations.for", &[("name", &staff.name)]), Mark::Quiet))
    } else {
        None
    };
    let mark = mark.as_ref().map(|(words, mark)| (words.as_str(), *mark));
    let row = Row { main: &main, below: &below, mark, struck: false };
    pick::row(ui, &row, marked, reveal).clicked()
}

fn title(ui: &mut Ui, desk: &Desk, (at, rows): (usize, usize), told: Option<&str>) {
    let c = colors(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(desk.t("confirmations.title")).font(bold(size::TITLE)));
        // In little room the rows stand one at a time, and the work needs the height.
        let count = if compact(ui.ctx()) && rows > 0 {
            let at = [("at", at.to_string()), ("n", rows.to_string())];
            let at = at.each_ref().map(|(name, value)| (*name, value.as_str()));
            desk.fill("confirmations.place", &at)
        } else {
            let n = desk.confirmations.total.to_string();
            desk.fill("confirmations.count", &[("n", &n)])
        };
        ui.label(RichText::new(count).size(size::CHIP).color(c.soft));
        if let Some(told) = told {
            ui.add_space(space::GAP);
            let words = names::drawable(ui, told).text;
            let words = RichText::new(words).font(bold(size::CHIP)).color(c.indigo);
            ui.add(Label::new(words).truncate());
        }
    });
    ui.add_space(space::SMALL);
}

/// What the list cannot promise now, and who may confirm.
fn limits(ui: &mut Ui, desk: &Desk) {
    let list = &desk.confirmations;
    if let Some(failure) = &list.failure {
        let what = match list.told_at {
            Some(at) => desk.fill("confirmations.as_of", &[("time", &desk.clock_words(at))]),
            None => desk.t("confirmations.here_only").to_owned(),
        };
        let text = format!("{what}{}", desk.failure_words(failure));
        banner::show(ui, Tone::Waiting, &text, "", None);
    }
    if !desk.may_confirm() {
        banner::show(ui, Tone::Info, desk.t("confirmations.not_you"), "", None);
    }
}

fn empty(ui: &mut Ui, desk: &Desk) {
    let list = &desk.confirmations;
    let key = if list.asked_at.is_some() && list.told_at.is_none() {
        "confirmations.loading"
    } else if list.failure.is_some() {
        "confirmations.none_here"
    } else {
        "confirmations.none"
    };
    let words = RichText::new(desk.t(key)).size(size::BODY).color(colors(ui).soft);
    ui.add(Label::new(words).wrap());
}
