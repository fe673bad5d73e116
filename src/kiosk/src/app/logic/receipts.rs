//! What became of the entries in the cloud.

use api::ErrorCode;
use api::entries::{EntryContent, EntryResult, Receipt};
use uuid::Uuid;

use super::news::News;
use crate::app::App;
use crate::app::model::Tone;
use crate::client::{Failure, Request};
use crate::local::OutboxRow;
use crate::screens::sign_in::detail_words;

impl App {
    /// `row` comes along with its receipt: a quick cloud answers between two frames, and then the window has
    /// never seen the row in the outbox.
    pub(super) fn receipt_came(&mut self, receipt: &Receipt, row: &OutboxRow) {
        if let Some(news) = News::of(receipt, row) {
            self.take_news(news);
        }
        match &row.entry.content {
            EntryContent::Profile { entry } => self.copy_has(&entry.patient, entry.item),
            EntryContent::Lab { entry } => self.copy_has(&entry.patient, entry.order),
            _ => {}
        }
        // Nobody's data comes onto the screen while nobody is signed in.
        if self.desk.session.is_none() {
            return;
        }
        self.follow_outbox();
        match (&receipt.result, &row.entry.content) {
            (EntryResult::Profile { item, .. }, EntryContent::Profile { entry }) => {
                // An answer read before the entry arrived may have been kept since the store took the receipt.
                self.cache.merge_item(&entry.patient, item);
                if let Some(opened) = &mut self.desk.opened
                    && opened.is(&entry.patient)
                {
                    opened.put(item);
                    // A receipt that comes late shows the item as it stood then; it may be withdrawn by now.
                    self.patient_changed(&entry.patient);
                }
                self.ask_confirmations();
            }
            (EntryResult::ReceptionState { reception, .. }, _) => {
                self.put_reception((**reception).clone());
            }
            (EntryResult::Lab { order, .. }, EntryContent::Lab { .. }) => {
                self.lab_receipt(row, order);
            }
            (EntryResult::LabSet, _) => self.send(Request::LabSets),
            (EntryResult::LabTray { .. }, _) => self.ask_inbox(),
            _ => {}
        }
    }

    /// The cloud will not take an entry as it is. It stays in the outbox until somebody decides.
    pub(super) fn entry_refused(&mut self, id: Uuid, code: ErrorCode, message: &str) {
        self.follow_outbox();
        if self.desk.session.is_none() {
            return;
        }
        let desk = &self.desk;
        let why = desk.t(crate::widgets::entry_words::refusal(code));
        let said = match self.desk.outbox.row(id) {
            Some(row) => {
                let what = crate::widgets::entry_words::what(desk, &row.entry.content);
                let name = row.patient.name.kanji.as_str();
                desk.fill("outbox.was_refused", &[("name", name), ("what", &what)])
            }
            None => desk.t("outbox.some_refused").to_owned(),
        };
        let text = format!("{said}{why}");
        let detail = detail_words(desk, message);
        self.desk.tell(Tone::Danger, text, detail);
    }

    /// The cloud is there and takes no entries just now; they are sent again by themselves.
    pub(super) fn entry_delayed(&mut self, failure: &Failure) {
        if self.desk.session.is_none() {
            return;
        }
        let why = self.desk.failure_words(failure);
        let text = format!("{}{why}", self.desk.t("outbox.delayed"));
        let detail = detail_words(&self.desk, &failure.detail);
        self.desk.tell(Tone::Waiting, text, detail);
    }
}
