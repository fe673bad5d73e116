//! 検査依頼: a lab order for the opened patient. The usual sets are one digit each, any other item is found by its
//! first letters; the tubes follow from the items.
//!
//! Like the forms of the profile it keeps a draft, which the app asks for with [`LabOrderForm::take_draft`] whenever
//! the screen is left.

mod chosen;
mod draw;
mod keys;
mod naming;
mod options;
mod search;
mod sets;
mod work;

use egui::{Id, Ui};

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::local::Draft;
use crate::widgets::pager::Pager;
use work::{Over, Work};

/// Name of the form's draft within the patient.
pub const FORM: &str = "lab_order";

/// The screen's state: one form for one patient.
#[derive(Default)]
pub struct LabOrderForm {
    work: Option<Work>,
    pager: Pager,
}

impl LabOrderForm {
    /// Opens the form for the opened patient, with what was left in it before.
    pub fn open(desk: &Desk, opened: &Opened, draft: Option<Draft>) -> Self {
        Self { work: Some(Work::new(desk, opened, draft)), pager: Pager::default() }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What was put in and is not kept yet: the content for the draft [`FORM`]. To be kept whenever the screen is
    /// left.
    pub fn take_draft(&mut self) -> Option<serde_json::Value> {
        self.work.as_mut()?.take_draft()
    }

    /// The disk has not taken the order, and the draft went with it: the draft anew.
    pub fn not_saved(&mut self) -> Option<serde_json::Value> {
        self.work.as_mut()?.not_saved()
    }

    /// Whether a chooser stands over the form.
    pub fn chooses(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.over.is_some())
    }

    /// Whether the form has asked something, or looks for something: Esc is then the answer to that.
    pub fn asks(&self) -> bool {
        self.work
            .as_ref()
            .is_some_and(|work| work.question.is_some() || !work.text.trim().is_empty())
    }

    /// Whether this widget is one of the form's fields: Enter there is no press of a button.
    pub fn owns(&self, id: Id) -> bool {
        let fields = [
            search::search_id(),
            options::comment_id(),
            options::day_id(),
            options::proxy_id(),
            naming::name_id(),
            naming::whose_id(),
        ];
        self.work.is_some() && fields.contains(&id)
    }

    /// Whether a bare digit toggles a set and is no text while this widget has the focus.
    pub fn takes_digits(&self, focused: Option<Id>) -> bool {
        self.work.as_ref().is_some_and(|work| work.takes_digits(focused))
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let Some(work) = &self.work else { return false };
        let saving = desk.is_saving(&work.number, FORM);
        match command {
            Command::Help | Command::SignOut | Command::Leave | Command::Results => true,
            Command::Choose => work.over.is_some(),
            Command::OrderLab => !saving && !work.content.keys.is_empty(),
            Command::Urgent | Command::CollectOn | Command::Fasting | Command::KeepSet => !saving,
            Command::DropDraft => !saving && (work.is_touched() || work.restored.is_some()),
            _ => false,
        }
    }

    /// Draws the form under the strip.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let Self { work, pager } = self;
        let work = work.as_mut()?;
        let covered = work.over.is_some();
        let naming = matches!(work.over, Some(Over::Naming(_)));
        let wish = work.keys(ui, desk, opened, pressed.filter(|_| !covered));
        let touched = work.draw(ui, desk, opened, pager, pressed.filter(|_| !covered || naming));
        let chosen = work.choosers(ui, desk, pressed.filter(|_| covered && !naming));
        wish.or(touched).or(chosen).or_else(|| work.due_draft(ui))
    }
}
