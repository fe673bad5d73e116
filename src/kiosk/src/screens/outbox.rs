//! 未送信: what people have confirmed and the cloud does not have yet, in the order of confirming. Each row says
//! where it stands and what can be done. While nobody is signed in, nobody is named.

use std::sync::Arc;

use api::entries::EntryContent;
use clinical::profile::Act;
use egui::{Label, RichText, Ui};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::local::{OutboxRow, RowState};
use crate::screens::sign_in::detail_words;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::pick::{self, Mark, Row};
use crate::widgets::text::running;
use crate::widgets::{banner, entry_words, names};

/// The screen's state.
#[derive(Default)]
pub struct OutboxScreen {
    selected: Option<Uuid>,
    at: usize,
    reveal: bool,
    /// Whether this row is to be taken back.
    question: Option<(Uuid, Chooser)>,
}

impl OutboxScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a question stands over the list.
    pub fn chooses(&self) -> bool {
        self.question.is_some()
    }

    fn current<'a>(&self, desk: &'a Desk) -> Option<&'a Arc<OutboxRow>> {
        desk.outbox.row(self.selected?)
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let row = self.current(desk);
        let signed_in = desk.session.is_some();
        match command {
            Command::SendNow => desk.outbox.unsent() > desk.outbox.refused(),
            Command::Mend => desk.may_record() && row.is_some_and(|row| can_be_mended(row)),
            Command::WithdrawRow => signed_in && row.is_some_and(|row| can_be_withdrawn(row)),
            Command::SignOut => signed_in,
            Command::Help | Command::Leave => true,
            _ => false,
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        self.follow(desk);
        let was_over = self.chooses();
        let mut wish = if was_over { None } else { self.keys(desk, pressed) };
        title(ui, desk);
        if desk.outbox.rows.is_empty() {
            let key = if desk.is_cut() { "outbox.none_cut" } else { "outbox.none" };
            let words = RichText::new(desk.t(key)).size(size::BODY).color(colors(ui).soft);
            ui.add(Label::new(words).wrap());
        } else {
            self.list(ui, desk);
        }
        if self.question.is_some() {
            wish = self.ask(ui, desk, pressed.filter(|_| was_over)).or(wish);
        }
        wish
    }

    /// Keeps a row marked, the refused ones first: they wait for a person.
    fn follow(&mut self, desk: &Desk) {
        let rows = &desk.outbox.rows;
        if let Some(at) = rows.iter().position(|row| Some(row.id) == self.selected) {
            self.at = at;
            return;
        }
        let wrong = rows.iter().position(|row| matches!(row.state, RowState::Refused { .. }));
        self.at = match (self.selected, wrong) {
            (None, Some(wrong)) => wrong,
            _ => self.at.min(rows.len().saturating_sub(1)),
        };
        self.selected = rows.get(self.at).map(|row| row.id);
        self.reveal = true;
    }

    fn keys(&mut self, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let rows = &desk.outbox.rows;
        if let Some(to) = pick::moved(pressed, self.at, rows.len()) {
            self.at = to;
            self.selected = rows.get(to).map(|row| row.id);
            self.reveal = true;
            return None;
        }
        match pressed? {
            Command::Leave | Command::Back | Command::Confirm => Some(Intent::Leave),
            Command::SendNow => Some(Intent::SendNow),
            Command::Mend => Some(Intent::MendRow(self.selected?)),
            Command::WithdrawRow => {
                self.question = Some((self.selected?, Chooser::on(&answers(desk))));
                None
            }
            _ => None,
        }
    }

    fn ask(&mut self, ui: &Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let (id, chooser) = self.question.as_mut()?;
        let id = *id;
        let Some(row) = desk.outbox.row(id) else {
            self.question = None;
            return None;
        };
        let what = names::drawable(ui, &entry_words::what(desk, &row.entry.content)).text;
        let title = desk.fill("outbox.ask_withdraw", &[("what", &what)]);
        let words = (title.as_str(), desk.t("chooser.leave"));
        let outcome = chooser.show(ui, words, &answers(desk), pressed);
        if outcome != Outcome::Open {
            self.question = None;
        }
        (outcome == Outcome::Chosen(1)).then_some(Intent::WithdrawRow(id))
    }

    fn list(&mut self, ui: &mut Ui, desk: &Desk) {
        let below = if compact(ui.ctx()) { 120.0 } else { 150.0 };
        let high = (ui.available_height() - below - space::GAP).max(pick::ROW);
        let reveal = std::mem::take(&mut self.reveal);
        let area = egui::ScrollArea::vertical().id_salt("outbox").auto_shrink([false, true]);
        area.max_height(high).show_rows(ui, pick::ROW, desk.outbox.rows.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for i in range {
                let Some(row) = desk.outbox.rows.get(i) else { break };
                if line(ui, desk, row, i == self.at, reveal && i == self.at) {
                    self.at = i;
                    self.selected = Some(row.id);
                }
            }
        });
        ui.add_space(space::GAP);
        if let Some(row) = self.current(desk) {
            advice(ui, desk, row);
        }
    }
}

fn can_be_mended(row: &OutboxRow) -> bool {
    let recorded = matches!(
        &row.entry.content,
        EntryContent::Profile { entry } if matches!(entry.act, Act::Record { .. })
    );
    recorded && matches!(row.state, RowState::Refused { .. })
}

fn can_be_withdrawn(row: &OutboxRow) -> bool {
    matches!(row.state, RowState::Refused { .. } | RowState::NeedsSignIn)
}

fn answers(desk: &Desk) -> Vec<Choice> {
    let choice =
        |key: &'static str| Choice { label: desk.t(key).to_owned(), enabled: true, current: false };
    // A slip of Enter leaves everything as it is.
    vec![choice("outbox.leave_it"), choice("outbox.withdraw_it")]
}

fn title(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(desk.t("outbox.title")).font(bold(size::TITLE)));
        let n = desk.outbox.unsent().to_string();
        let count = desk.fill("outbox.count", &[("n", &n)]);
        ui.label(RichText::new(count).size(size::CHIP).color(c.soft));
    });
    ui.add_space(space::SMALL);
    // In little room the lamp alone says so.
    if desk.outbox.unsent() > 0 && desk.is_cut() && !compact(ui.ctx()) {
        banner::show(ui, Tone::Waiting, desk.t("outbox.cut"), "", None);
    }
}

/// One row: whom and what, when and by whom, where it stands.
fn line(ui: &mut Ui, desk: &Desk, row: &OutboxRow, marked: bool, reveal: bool) -> bool {
    let main = if desk.session.is_some() {
        let number = row.patient.number.as_ref().map_or("", |number| number.as_str());
        let what = entry_words::what(desk, &row.entry.content);
        format!("{number}　{}　{what}", row.patient.name.kanji)
    } else {
        desk.t("outbox.hidden").to_owned()
    };
    let main = names::drawable(ui, main.trim()).text;
    let below = format!("{}　{}", desk.clock_words(row.made_at), row.author.name);
    let (mark, tone) = match &row.state {
        RowState::Waiting => (desk.t("outbox.waits").to_owned(), Mark::Waits),
        RowState::Refused { .. } => (desk.t("outbox.refused").to_owned(), Mark::Wrong),
        RowState::NeedsSignIn => {
            (desk.fill("outbox.needs_sign_in", &[("name", &row.author.name)]), Mark::Waits)
        }
        RowState::Withdrawn { at } => {
            (desk.fill("outbox.withdrawn_at", &[("time", &desk.clock_words(*at))]), Mark::Quiet)
        }
    };
    let struck = matches!(row.state, RowState::Withdrawn { .. });
    let shown = Row { main: &main, below: &below, mark: Some((&mark, tone)), struck };
    pick::row(ui, &shown, marked, reveal).clicked()
}

/// Why the marked row is still here, and what to do.
fn advice(ui: &mut Ui, desk: &Desk, row: &OutboxRow) {
    let words = match &row.state {
        RowState::Refused { code, message, at } => {
            let why = desk.t(entry_words::refusal(*code));
            let todo = match (&desk.session, can_be_mended(row)) {
                (None, _) => "outbox.todo_sign_in",
                (Some(_), true) => "outbox.todo_mend",
                (Some(_), false) => "outbox.todo_withdraw",
            };
            let text = desk.fill("outbox.why_refused", &[("time", &desk.clock_words(*at))]);
            let text = format!("{text}{why}{}", desk.t(todo));
            banner::show(ui, Tone::Danger, &text, &detail_words(desk, message), None);
            return;
        }
        // Said above already.
        RowState::Waiting if desk.is_cut() && !compact(ui.ctx()) => return,
        RowState::Waiting if desk.is_cut() => desk.t("outbox.cut").to_owned(),
        RowState::Waiting => desk.t("outbox.why_waits").to_owned(),
        RowState::NeedsSignIn => desk.fill("outbox.why_sign_in", &[("name", &row.author.name)]),
        RowState::Withdrawn { .. } => desk.t("outbox.why_withdrawn").to_owned(),
    };
    ui.add(Label::new(running(words, size::CHIP)).wrap());
}
