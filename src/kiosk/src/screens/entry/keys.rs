//! The keys of a form.

use egui::{Id, Ui};

use super::fields::{self, PROXY, REASON, Shape, Spec};
use super::form::{Over, Work, id_of};
use super::reasons::Reasons;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::field;

/// The button that saves, the last stop of Enter and Tab.
pub(super) fn save_id() -> Id {
    id_of("save")
}

impl Work {
    /// All fields that the form may show.
    pub(super) fn all(&self) -> impl Iterator<Item = Spec> {
        let more =
            [Spec { name: PROXY, shape: Shape::Proxy }, Spec { name: REASON, shape: Shape::Text }];
        fields::content(self.kind, None).into_iter().chain(more)
    }

    /// Does what a key says.
    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        if let Some(next) = self.after.pop_front() {
            ui.ctx().request_repaint();
            return Some(next);
        }
        let now = ui.input(|input| input.time);
        if !desk.is_saving(&self.number, &self.name) {
            self.came_back(now);
        }
        let at = self.specs(desk).into_iter().find(|s| has_focus(ui, s.name));
        match pressed? {
            Command::Back if self.question.is_some() => {
                self.question = None;
                self.focus = self.at;
            }
            Command::Back | Command::Leave => return Some(Intent::Leave),
            Command::Save => return self.save(desk, opened),
            Command::Confirm if self.question.is_some() => return self.save(desk, opened),
            Command::Down | Command::Up if self.step(at, pressed, now) => {}
            Command::Confirm | Command::Down => self.go(ui, desk, at, 1),
            Command::Up => self.go(ui, desk, at, -1),
            Command::Digit(n) => self.digit(desk, at, usize::from(n) - 1, now),
            Command::DropDraft => self.cover(ui, Over::Drop(Chooser::default())),
            Command::Withdraw => {
                let reasons = Reasons::new(self.answers.get(REASON));
                self.cover(ui, Over::Reasons(reasons));
            }
            _ => {}
        }
        None
    }

    /// Moves among the suggestions of the field, if there are any.
    fn step(&mut self, at: Option<Spec>, pressed: Option<Command>, now: f64) -> bool {
        let Some(looked_up) = &self.looked_up else { return false };
        let here = at.is_some_and(|spec| spec.name == looked_up.field);
        let last = looked_up.found.len().checked_sub(1);
        let (Some(last), true) = (last, here) else { return false };
        let picked = match (pressed, looked_up.picked) {
            (Some(Command::Down), None) => Some(0),
            (Some(Command::Down), Some(i)) => Some((i + 1).min(last)),
            (Some(Command::Up), Some(i)) => i.checked_sub(1),
            _ => return false,
        };
        self.pick(picked, now);
        true
    }

    fn digit(&mut self, desk: &Desk, at: Option<Spec>, n: usize, now: f64) {
        let Some(spec) = at else { return };
        match spec.shape {
            Shape::Choice(_) | Shape::Proxy => self.choose(desk, spec, n, now),
            // With Alt, since a bare digit is text there.
            Shape::Lookup(_) => {
                let looked_up = self.looked_up.as_ref().filter(|l| l.field == spec.name);
                if looked_up.is_some_and(|l| n < l.found.len()) {
                    self.pick(Some(n), now);
                }
            }
            _ => {}
        }
    }

    /// To the next field or the one before; after the last one stands the button that saves.
    fn go(&mut self, ui: &Ui, desk: &Desk, from: Option<Spec>, by: isize) {
        let specs = self.specs(desk);
        let here = from.and_then(|from| specs.iter().position(|spec| spec.name == from.name));
        let on_save = ui.memory(|m| m.has_focus(save_id()));
        let to = match here {
            None if on_save && by > 0 => return,
            None if on_save => specs.len().saturating_sub(1),
            None => 0,
            Some(i) => i.saturating_add_signed(by),
        };
        match specs.get(to) {
            Some(spec) => self.focus = Some(spec.name),
            None => ui.memory_mut(|m| m.request_focus(save_id())),
        }
    }

    /// Puts a chooser over the form. The field gives the keys up, or digits would be typed into it.
    fn cover(&mut self, ui: &Ui, over: Over) {
        field::leave(ui);
        self.over = Some(over);
        self.fresh = true;
    }

    /// Draws what stands over the form.
    pub(super) fn choosers(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        // The key that opened it is not its answer.
        let pressed = if std::mem::take(&mut self.fresh) { None } else { pressed };
        match self.over.as_mut()? {
            Over::Reasons(reasons) => {
                let (close, chosen) = reasons.show(ui, desk, pressed);
                if close {
                    self.uncover();
                }
                chosen.and_then(|reason| self.withdraw(reason))
            }
            Over::Drop(chooser) => {
                let choice =
                    |key| Choice { label: desk.t(key).to_owned(), enabled: true, current: false };
                let choices = [choice("entry.drop_yes"), choice("entry.drop_no")];
                let words = (desk.t("entry.drop_title"), desk.t("chooser.leave"));
                match chooser.show(ui, words, &choices, pressed) {
                    Outcome::Open => None,
                    Outcome::Chosen(0) => {
                        self.uncover();
                        Some(self.drop_draft(desk))
                    }
                    Outcome::Chosen(_) | Outcome::Left => {
                        self.uncover();
                        None
                    }
                }
            }
        }
    }

    fn uncover(&mut self) {
        self.over = None;
        self.focus = self.at;
    }

    /// The draft, once the person has paused for a moment.
    pub(super) fn due_draft(&mut self, ui: &Ui) -> Option<Intent> {
        let now = ui.input(|input| input.time);
        if self.draft_is_due(now) {
            let content = self.take_draft()?;
            return Some(Intent::KeepDraft { form: self.name.clone(), content });
        }
        if let Some(wait) = self.draft_in(now) {
            ui.ctx().request_repaint_after_secs(wait);
        }
        None
    }
}

fn has_focus(ui: &Ui, field: &str) -> bool {
    ui.memory(|m| m.has_focus(id_of(field)))
}
