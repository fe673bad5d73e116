//! A patient's history.

use api::profile::History;
use uuid::Uuid;

use crate::app::records::HistoryPage;
use crate::app::{App, Route};
use crate::client::{Failure, Request, Ticket};

impl App {
    pub(super) fn open_history(&mut self, ctx: &egui::Context, item: Option<Uuid>) {
        if self.desk.opened.is_none() {
            return;
        }
        self.screens.history.open(item);
        self.ask_history();
        self.go(ctx, Route::History);
    }

    /// What is shown stays until the answer comes.
    pub(super) fn ask_history(&mut self) {
        let Some(number) = self.desk.opened.as_ref().map(|opened| opened.number.clone()) else {
            return;
        };
        let ticket = self.ticket();
        let asked_at = Some(self.desk.moment);
        let before = self.desk.history.take().filter(|page| page.number == number);
        let version = before.as_ref().map_or(0, |page| page.version);
        let versions = before.and_then(|page| page.versions);
        let page = HistoryPage {
            number: number.clone(),
            ticket,
            asked_at,
            failure: None,
            versions,
            version,
        };
        self.desk.history = Some(page);
        self.send(Request::History { ticket, number });
    }

    pub(super) fn history_came(&mut self, ticket: Ticket, history: History) {
        let Some(page) = self.waited_for(ticket) else { return };
        if page.number.canonical() != history.number.canonical() {
            return;
        }
        page.asked_at = None;
        page.failure = None;
        page.versions = Some(history.versions);
        page.version += 1;
    }

    pub(super) fn history_failed(&mut self, ticket: Ticket, failure: Failure) {
        if let Some(page) = self.waited_for(ticket) {
            page.asked_at = None;
            page.failure = Some(failure);
            page.version += 1;
        }
    }

    fn waited_for(&mut self, ticket: Ticket) -> Option<&mut HistoryPage> {
        self.desk.history.as_mut().filter(|page| page.ticket == ticket)
    }
}
