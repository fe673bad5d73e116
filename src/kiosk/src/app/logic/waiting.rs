//! What waits for confirmation.

use api::profile::Confirmations;

use crate::app::{App, Route};
use crate::client::{Failure, Request};

impl App {
    pub(super) fn open_confirmations(&mut self, ctx: &egui::Context) {
        self.screens.confirmations.clear();
        self.ask_confirmations();
        self.go(ctx, Route::Confirmations);
    }

    /// One question at a time; what changes while it is on its way is asked for after the answer.
    pub(super) fn ask_confirmations(&mut self) {
        if self.desk.session.is_none() {
            return;
        }
        let list = &mut self.desk.confirmations;
        if list.asked_at.is_some() {
            list.ask_again = true;
            return;
        }
        list.asked_at = Some(self.desk.moment);
        self.send(Request::Confirmations);
    }

    pub(super) fn confirmations_came(&mut self, answer: Confirmations) {
        if self.desk.session.is_none() {
            return;
        }
        let moment = self.desk.moment;
        self.desk.confirmations.told(answer, moment);
        self.lay_over_confirmations();
        if std::mem::take(&mut self.desk.confirmations.ask_again) {
            self.ask_confirmations();
        }
    }

    pub(super) fn confirmations_failed(&mut self, failure: Failure) {
        let list = &mut self.desk.confirmations;
        list.asked_at = None;
        list.ask_again = false;
        list.failure = Some(failure);
    }

    pub(super) fn lay_over_confirmations(&mut self) {
        if self.desk.session.is_none() {
            return;
        }
        let cache = &self.cache;
        self.desk.confirmations.overlay(&self.desk.outbox, |number| {
            let patient = cache.known_patient(number)?.view.patient;
            Some((patient.name, patient.sex, patient.birth_date))
        });
    }
}
