//! From screen to screen, and back.

use clinical::PatientNumber;

use crate::app::route::Behind;
use crate::app::{App, Route};
use crate::screens::receptions::search_id;

impl App {
    /// Opens a screen over the present one, which is come back to.
    pub(super) fn go(&mut self, ctx: &egui::Context, to: Route) {
        if self.route == to {
            return;
        }
        let patient = self.desk.opened.as_ref().map(|opened| opened.number.clone());
        // A screen that stands behind already is gone back to, not opened once more.
        self.behind.retain(|behind| behind.route != to);
        self.behind.push(Behind { route: self.route, patient });
        self.arrive(ctx, to);
    }

    pub(super) fn arrive(&mut self, ctx: &egui::Context, to: Route) {
        self.route = to;
        self.forget_asked_tube();
        if to == Route::SignIn {
            self.screens.sign_in.come_back();
        }
        ctx.memory_mut(|m| m.surrender_focus(search_id()));
    }

    /// Back to the screen before, with the patient that it showed.
    pub(super) fn leave(&mut self, ctx: &egui::Context) {
        self.leave_form();
        let Some(Behind { route, patient }) = self.behind.pop() else {
            if self.desk.session.is_some() {
                self.list(ctx);
            } else {
                self.arrive(ctx, Route::SignIn);
            }
            return;
        };
        match (route, patient) {
            (Route::Receptions, _) => self.list(ctx),
            // A form is not come back to.
            (Route::Entry | Route::LabOrder | Route::WrongTube, _) => self.leave(ctx),
            (Route::Samples, _) => self.open_samples(ctx),
            (
                Route::Patient
                | Route::History
                | Route::Confirmations
                | Route::Specimens
                | Route::Results,
                Some(number),
            ) => {
                self.back_to(&number);
                self.arrive(ctx, route);
            }
            (Route::UnknownCard, _) if self.desk.card.is_none() => self.leave(ctx),
            (route, _) => self.arrive(ctx, route),
        }
    }

    fn back_to(&mut self, number: &PatientNumber) {
        self.look(number);
        if self.desk.history.as_ref().is_some_and(|page| page.number != *number) {
            self.desk.history = None;
        }
    }

    /// The outbox, also before anybody has signed in: how much waits is nobody's secret, but whom it is about is.
    pub(super) fn open_outbox(&mut self, ctx: &egui::Context) {
        self.screens.outbox.clear();
        self.go(ctx, Route::Outbox);
    }

    pub(super) fn list(&mut self, ctx: &egui::Context) {
        self.leave_form();
        self.desk.opened = None;
        self.desk.card = None;
        self.desk.history = None;
        self.desk.lab.patient = None;
        self.behind.clear();
        self.arrive(ctx, Route::Receptions);
    }
}
