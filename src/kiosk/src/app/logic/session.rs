//! Who is signed in, and the line.

use api::session::SessionInfo;

use crate::app::day::{Day, ListSource};
use crate::app::lab::LabDesk;
use crate::app::model::Search;
use crate::app::records::WaitingList;
use crate::app::{App, Route};
use crate::client::{Failure, Line};
use crate::config;
use crate::screens::receptions::search_id;

impl App {
    pub(super) fn signed_in(&mut self, session: SessionInfo, offline: bool) {
        self.forget_people();
        self.screens.sign_in.clear();
        self.desk.signing_in = None;
        self.desk.sign_in_failure = None;
        self.desk.session = Some(session);
        self.desk.offline = offline;
        self.desk.staff = self.cache.staff();
        self.desk.notices.clear();
        self.route = match self.desk.kind {
            config::Desk::Samples => Route::Samples,
            config::Desk::Reception | config::Desk::Consulting => Route::Receptions,
        };
        if let Some((list, at)) = self.cache.last_list(self.desk.today()) {
            self.desk.day.set(list.receptions, ListSource::Kept { at });
        }
        self.lab_begins();
        self.lay_outbox_over();
        self.ask_confirmations();
        self.gather_news();
    }

    /// The cloud has let in the person whom the terminal had let in: everything stays as it stands.
    pub(super) fn back_online(&mut self, session: SessionInfo) {
        // The person has signed out while this was on its way; the worker will hear of it next.
        let here = self.desk.session.as_ref().map(|here| here.account_id);
        if here != Some(session.account_id) {
            return;
        }
        self.desk.session = Some(session);
        self.desk.offline = false;
        self.ask_confirmations();
        self.ask_lab();
        self.ask_what_failed();
    }

    pub(super) fn signed_out(&mut self, ctx: &egui::Context, reason: Option<Failure>) {
        // The window has signed out by itself already; somebody may be signing in again.
        if self.desk.session.is_none() && reason.is_none() {
            return;
        }
        // What stands in a form is kept for the way back in.
        self.leave_form();
        let was_in = self.desk.session.take().is_some();
        self.desk.offline = false;
        self.forget_people();
        self.desk.signing_in = None;
        self.desk.sign_in_failure = reason;
        // What the window has said after it signed out by itself stays.
        if was_in {
            self.desk.notices.clear();
        }
        self.screens.sign_in.clear();
        self.route = Route::SignIn;
        ctx.memory_mut(|m| m.surrender_focus(search_id()));
    }

    /// Nothing of a patient stays behind a session.
    fn forget_people(&mut self) {
        self.desk.day = Day::new(self.desk.today());
        self.desk.opened = None;
        self.desk.card = None;
        self.desk.link = None;
        self.desk.history = None;
        self.desk.search = self.emptied_search();
        self.desk.confirmations = WaitingList::default();
        self.screens.receptions.clear();
        self.screens.patient.clear();
        self.screens.entry.clear();
        self.screens.history.clear();
        self.screens.confirmations.clear();
        self.screens.outbox.clear();
        self.screens.lab_order.clear();
        self.screens.samples.clear();
        self.screens.specimens.clear();
        self.screens.results.clear();
        self.screens.lab_inbox.clear();
        self.screens.printing.clear();
        self.desk.lab = LabDesk::default();
        self.last_card = None;
        self.warned_card = None;
        self.asked_tube = None;
        self.sent_tubes = 0;
        self.form = None;
        self.behind.clear();
        self.partly.clear();
        self.help = false;
        self.list_changed = None;
    }

    pub(super) fn emptied_search(&mut self) -> Search {
        Search { ticket: self.ticket(), version: self.desk.search.version + 1, ..Search::default() }
    }

    pub(super) fn line_is(&mut self, line: Line) {
        let back = line == Line::Up && self.desk.line != Line::Up;
        match &line {
            Line::Down { since, failure } => self.desk.cut = Some((*since, failure.clone())),
            Line::Up => self.desk.cut = None,
            Line::Connecting => {}
        }
        self.desk.line = line;
        if back {
            self.ask_what_failed();
        }
    }

    /// A list was loaded anew, and only what happens after it will be told: what was read of a patient before may
    /// lack what happened in between.
    pub(super) fn ask_what_may_be_old(&mut self) {
        self.ask_again();
        if self.desk.history.is_some() {
            self.ask_history();
        }
        self.ask_confirmations();
        self.ask_lab();
    }

    /// What failed for want of the line is tried again.
    fn ask_what_failed(&mut self) {
        if self.desk.session.is_none() {
            return;
        }
        if self.desk.opened.as_ref().is_some_and(|o| o.failure.is_some()) {
            self.ask_again();
        }
        if self.desk.search.failure.is_some() {
            let text = self.desk.search.text.clone();
            self.search(text);
        }
        if self.desk.history.as_ref().is_some_and(|h| h.failure.is_some()) {
            self.ask_history();
        }
        if self.desk.confirmations.failure.is_some() {
            self.ask_confirmations();
        }
        let lab = &self.desk.lab;
        if lab.day.failure.is_some() || lab.inbox.failure.is_some() {
            self.ask_lab();
        } else if lab.patient.as_ref().is_some_and(|page| page.failure.is_some()) {
            self.ask_patient_lab();
        }
    }
}
