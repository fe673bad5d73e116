//! The entry forms of the patient profile.
//!
//! The app opens one with [`EntryForm::open`] and asks it for its draft with [`EntryForm::take_draft`] whenever it
//! leaves the screen, by whatever way: Esc, a scanned card, signing out.

mod answers;
mod draw;
mod fields;
mod form;
mod keys;
mod panel;
mod proxy;
mod read;
mod reasons;
mod row;
mod suggest;
mod words;

use egui::{Id, Ui};

use crate::app::form::Start;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use fields::Shape;
use form::{Work, id_of};

pub use proxy::{NoProxy, likely, practitioners, proxy_for, take_over};
pub use reasons::Reasons;

/// The screen's state: one form for one patient.
#[derive(Default)]
pub struct EntryForm {
    work: Option<Work>,
}

impl EntryForm {
    /// Opens a form for the opened patient.
    pub fn open(desk: &Desk, opened: &Opened, start: Start) -> Self {
        Self { work: Some(Work::new(desk, opened, start)) }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What was typed and is not kept yet: name and content for the draft. To be kept whenever the screen is left.
    pub fn take_draft(&mut self) -> Option<(String, serde_json::Value)> {
        let work = self.work.as_mut()?;
        let content = work.take_draft()?;
        Some((work.name.clone(), content))
    }

    /// The disk has not taken all that was to be saved, and the draft went with what it took: the draft anew.
    pub fn not_saved(&mut self) -> Option<(String, serde_json::Value)> {
        let work = self.work.as_mut()?;
        let content = work.not_saved()?;
        Some((work.name.clone(), content))
    }

    /// Whether a chooser stands over the form.
    pub fn chooses(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.over.is_some())
    }

    /// Whether the form has asked something: Esc is then the answer to that.
    pub fn asks(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.question.is_some())
    }

    /// Whether this widget is one of the form's fields: Enter there goes to the next field.
    pub fn owns(&self, id: Id) -> bool {
        self.work.as_ref().is_some_and(|work| work.all().any(|spec| id_of(spec.name) == id))
    }

    /// Whether a bare digit is a choice and not text while this widget has the focus.
    pub fn takes_digits(&self, focused: Option<Id>) -> bool {
        let choice = |shape| matches!(shape, Shape::Choice(_) | Shape::Proxy);
        focused.is_some_and(|id| {
            self.work
                .as_ref()
                .is_some_and(|work| work.all().any(|s| id_of(s.name) == id && choice(s.shape)))
        })
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let Some(work) = &self.work else { return false };
        let saving = desk.is_saving(&work.number, &work.name);
        match command {
            Command::Help | Command::SignOut | Command::Leave => true,
            Command::Choose => work.over.is_some(),
            Command::Save => !saving,
            Command::DropDraft => !saving && (work.is_touched() || work.restored.is_some()),
            Command::Withdraw => !saving && work.corrected.is_some(),
            _ => false,
        }
    }

    /// Draws the form under the strip. Its wishes: [`Intent::Save`], [`Intent::KeepDraft`], [`Intent::DropDraft`],
    /// [`Intent::WithdrawItem`], [`Intent::Leave`].
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let work = self.work.as_mut()?;
        let covered = work.over.is_some();
        let wish = work.keys(ui, desk, opened, pressed.filter(|_| !covered));
        let touched = work.draw(ui, desk, opened);
        let chosen = work.choosers(ui, desk, pressed.filter(|_| covered));
        wish.or(touched).or(chosen).or_else(|| work.due_draft(ui))
    }
}
