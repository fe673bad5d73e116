//! 履歴: every version of every item of a patient. Items at the left, the versions of the marked one beside them,
//! newest first, each with what it changed.

mod past;
mod step;

use clinical::profile::Item;
use egui::{Label, RichText, Ui};
use uuid::Uuid;

use crate::app::form::FormKind;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::screens::entry::Reasons;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::pager::Pager;
use crate::widgets::pending::{self, Pending};
use crate::widgets::pick::{self, Mark, Row};
use crate::widgets::{names, profile};
use past::{Past, Stand};

/// The part of the width that the list takes.
const LIST: f32 = 0.4;

/// The screen's state.
#[derive(Default)]
pub struct HistoryScreen {
    selected: Option<Uuid>,
    /// To be marked as soon as it is here.
    wanted: Option<Uuid>,
    at: usize,
    reveal: bool,
    pager: Pager,
    /// Why the marked item is taken back.
    reasons: Option<(Uuid, Reasons)>,
    past: Past,
}

impl HistoryScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Opens anew, with this item marked.
    pub fn open(&mut self, item: Option<Uuid>) {
        *self = Self { wanted: item, ..Self::default() };
    }

    /// Whether the reasons of a withdrawal stand over the screen.
    pub fn chooses(&self) -> bool {
        self.reasons.is_some()
    }

    /// The marked item as it stands, if it still does.
    fn standing(&self, desk: &Desk) -> Option<Item> {
        let opened = desk.opened.as_ref()?;
        let items = opened.profile(&desk.outbox);
        let shown = items.iter().find(|item| Some(item.id) == self.selected).cloned();
        shown.or_else(|| {
            let past = desk.history.as_ref().filter(|page| opened.is(&page.number))?;
            past.item(self.selected?, &desk.outbox).filter(|item| !item.is_gone())
        })
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        match command {
            Command::Correct | Command::Withdraw => {
                let item = self.standing(desk).filter(|item| item.withdrawal.is_none());
                desk.may_record()
                    && item.is_some_and(|item| !desk.saving.iter().any(|s| s.is_about(item.id)))
            }
            Command::Help | Command::Leave | Command::SignOut => true,
            _ => false,
        }
    }

    /// Draws the screen under the strip.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        self.past.update(desk, opened);
        self.follow();
        let was_over = self.chooses();
        let moves = pressed.filter(|_| !was_over);
        let mut wish = if was_over { None } else { self.keys(desk, pressed) };
        self.title(ui, desk);
        limits(ui, desk);
        if self.past.items.is_empty() {
            let words = RichText::new(Self::empty_words(desk)).size(size::BODY);
            ui.add(Label::new(words.color(colors(ui).soft)).wrap());
        } else {
            self.panes(ui, desk, moves);
        }
        if self.reasons.is_some() {
            wish = self.withdraw(ui, desk, opened, pressed.filter(|_| was_over)).or(wish);
        }
        wish
    }

    fn empty_words(desk: &Desk) -> &'static str {
        match &desk.history {
            // Said above already.
            Some(page) if page.asked_at.is_some() && page.versions.is_none() => "",
            Some(page) if page.failure.is_some() && page.versions.is_none() => {
                desk.t("history.none_here")
            }
            _ => desk.t("history.none"),
        }
    }

    /// Keeps an item marked.
    fn follow(&mut self) {
        let items = &self.past.items;
        if let Some(at) = items.iter().position(|item| Some(item.id) == self.wanted) {
            let id = self.wanted.take();
            self.reveal = true;
            (self.at, self.selected) = (at, id);
            return;
        }
        if let Some(at) = items.iter().position(|item| Some(item.id) == self.selected) {
            self.at = at;
            return;
        }
        self.at = self.at.min(items.len().saturating_sub(1));
        self.selected = items.get(self.at).map(|item| item.id);
        self.reveal = true;
        self.pager = Pager::default();
    }

    fn keys(&mut self, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        if let Some(to) = pick::moved(pressed, self.at, self.past.items.len()) {
            self.select(to);
            return None;
        }
        match pressed? {
            Command::Leave | Command::Back | Command::Confirm => Some(Intent::Leave),
            Command::Correct => {
                let item = self.standing(desk)?;
                Some(Intent::OpenForm(FormKind::of(item.kind()), Some(item.id)))
            }
            Command::Withdraw => {
                let item = self.standing(desk)?;
                self.reasons = Some((item.id, Reasons::new("")));
                None
            }
            _ => None,
        }
    }

    fn select(&mut self, at: usize) {
        self.wanted = None;
        let id = self.past.items.get(at).map(|item| item.id);
        if id != self.selected {
            self.pager = Pager::default();
        }
        self.at = at;
        self.selected = id;
        self.reveal = true;
    }

    fn withdraw(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let (id, reasons) = self.reasons.as_mut()?;
        let id = *id;
        let (close, reason) = reasons.show(ui, desk, pressed);
        if close {
            self.reasons = None;
        }
        let item = self.standing(desk).filter(|item| item.id == id)?;
        let (number, base) = (opened.number.clone(), item.head);
        reason.map(|reason| Intent::WithdrawItem { number, item: id, base, reason })
    }

    fn title(&self, ui: &mut Ui, desk: &Desk) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(desk.t("history.title")).font(bold(size::TITLE)));
            let n = self.past.items.len();
            // In little room the items stand one at a time.
            if compact(ui.ctx()) && n > 0 {
                let at = [("at", (self.at + 1).to_string()), ("n", n.to_string())];
                let at = at.each_ref().map(|(name, value)| (*name, value.as_str()));
                let words = desk.fill("history.place", &at);
                ui.label(RichText::new(words).size(size::CHIP).color(colors(ui).soft));
            }
        });
        ui.add_space(space::SMALL);
    }

    fn panes(&mut self, ui: &mut Ui, desk: &Desk, moves: Option<Command>) {
        let pages = moves.filter(|c| matches!(c, Command::PageUp | Command::PageDown));
        if compact(ui.ctx()) {
            if let Some(item) = self.past.items.get(self.at) {
                let wide = ui.available_width();
                self.pager.show(ui, "versions", pages, |ui| {
                    ui.label(RichText::new(caption(desk, item)).font(bold(size::NAME)));
                    step::show(ui, desk, item, wide);
                });
            }
            return;
        }
        let whole = ui.available_rect_before_wrap();
        let edge = whole.left() + (whole.width() * LIST).round();
        let left = whole.with_max_x(edge - space::GAP / 2.0);
        let right = whole.with_min_x(edge + space::GAP / 2.0);
        let list = egui::UiBuilder::new().max_rect(left);
        if let Some(at) = ui.scope_builder(list, |ui| self.list(ui, desk)).inner {
            self.select(at);
        }
        if let Some(item) = self.past.items.get(self.at) {
            let (pager, beside) = (&mut self.pager, egui::UiBuilder::new().max_rect(right));
            ui.scope_builder(beside, |ui| {
                let wide = ui.available_width() - 10.0;
                pager.show(ui, "versions", pages, |ui| step::show(ui, desk, item, wide));
            });
        }
    }

    fn list(&mut self, ui: &mut Ui, desk: &Desk) -> Option<usize> {
        let reveal = std::mem::take(&mut self.reveal);
        let mut touched = None;
        egui::ScrollArea::vertical().id_salt("items").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut form: Option<FormKind> = None;
            for (i, item) in self.past.items.iter().enumerate() {
                let own = FormKind::of(item.kind);
                if form != Some(own) {
                    form = Some(own);
                    pick::heading(ui, desk.t(own.words()));
                }
                let marked = i == self.at;
                let main = names::drawable(ui, &caption(desk, item)).text;
                let n = item.steps.len().to_string();
                let at = desk.clock_words(item.latest);
                let below = desk.fill("history.times", &[("n", &n), ("time", &at)]);
                let mark = match item.stand {
                    Stand::Stands => None,
                    Stand::Waits => Some((desk.t("history.waits"), Mark::Waits)),
                    Stand::Rivals => Some((desk.t("history.rivals"), Mark::Waits)),
                    Stand::Withdrawn => Some((desk.t("history.withdrawn"), Mark::Quiet)),
                };
                let struck = item.stand == Stand::Withdrawn;
                let row = Row { main: &main, below: &below, mark, struck };
                if pick::row(ui, &row, marked, reveal && marked).clicked() {
                    touched = Some(i);
                }
            }
        });
        touched
    }
}

/// The content; of what was measured also what it is, since all of that stands under one heading.
fn caption(desk: &Desk, item: &past::PastItem) -> String {
    let Some(value) = item.value.as_ref() else { return String::new() };
    match FormKind::of(item.kind) {
        FormKind::Measurement => profile::words(desk, value),
        _ => profile::value(desk, value),
    }
}

/// What the page cannot promise now.
fn limits(ui: &mut Ui, desk: &Desk) {
    let Some(page) = &desk.history else { return };
    let asked = Pending {
        failure: page.failure.as_ref(),
        asked_at: page.asked_at,
        answered: page.versions.is_some(),
    };
    let words = pending::Words {
        old: "history.old",
        here_only: "history.here_only",
        loading: "history.loading",
    };
    pending::show(ui, desk, &asked, &words);
}
