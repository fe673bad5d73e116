//! Results: reading them, a practitioner's confirmation, and reports that fit nobody.

use api::entries::EntryContent;
use api::lab::{TrayDecision, TrayEntry};
use clinical::PatientNumber;
use clinical::lab::{LabAct, LabEntry};
use uuid::Uuid;

use crate::app::model::Tone;
use crate::app::records::Task;
use crate::app::{App, Route};
use crate::local::RowPatient;

impl App {
    /// The opened patient's results.
    pub(super) fn open_results(&mut self, ctx: &egui::Context, order: Option<Uuid>) {
        if self.desk.opened.is_none() {
            return;
        }
        self.leave_form();
        self.screens.results.open(order);
        self.ask_patient_lab();
        self.go(ctx, Route::Results);
    }

    pub(super) fn confirm_results(
        &mut self,
        number: &PatientNumber,
        order: Uuid,
        results: Vec<Uuid>,
    ) {
        if !self.desk.may_confirm() {
            return self.tell_key(Tone::Danger, "confirmations.not_you");
        }
        if results.is_empty() {
            return;
        }
        // The disk has not answered for the last press.
        let same = |content: &EntryContent| match content {
            EntryContent::Lab { entry } => {
                entry.order == order && matches!(entry.act, LabAct::ConfirmResults { .. })
            }
            _ => false,
        };
        if self.desk.saving.iter().flat_map(|s| &s.open).any(|(_, content)| same(content)) {
            return;
        }
        // The order of a report that nobody had ordered may stand in the answer alone that the person has just read.
        let act = LabAct::ConfirmResults { results };
        let entry = LabEntry { patient: number.clone(), order, act };
        let patient = self.lab_row_patient(number);
        self.confirm(Task::LabConfirmation, patient, vec![EntryContent::Lab { entry }], None, None);
    }

    /// Decides about a report that fitted nobody.
    pub(super) fn decide_tray(&mut self, entry: TrayEntry) {
        if !self.desk.may_decide_tray() {
            return self.tell_key(Tone::Danger, "lab.tray_not_you");
        }
        let patient = match &entry.decision {
            TrayDecision::Assign { patient, .. } => {
                let mut row = self.lab_row_patient(patient);
                let trays = self.desk.lab.inbox.shown.tray.iter();
                let mut hits = trays.flat_map(|row| &row.candidates);
                if let Some(hit) = hits.find(|hit| hit.number.canonical() == patient.canonical()) {
                    row.name.clone_from(&hit.name);
                }
                row
            }
            TrayDecision::SetAside { .. } => RowPatient::default(),
        };
        let content = EntryContent::LabTray { entry };
        if !self.is_being_saved(&content) {
            self.confirm(Task::LabTray, patient, vec![content], None, None);
        }
    }
}
