//! What became of the entries in the cloud.

use api::ErrorCode;
use api::entries::{EntryContent, EntryResult, Receipt};
use clinical::profile::{Act, Item, Outcome, ProfileEntry};
use clinical::{Reception, ReceptionState};
use uuid::Uuid;

use crate::app::App;
use crate::app::model::Tone;
use crate::client::Failure;
use crate::local::OutboxRow;
use crate::screens::sign_in::detail_words;
use crate::widgets::{profile, state};

impl App {
    /// `row` comes along with its receipt: a quick cloud answers between two frames, and then the window has
    /// never seen the row in the outbox.
    pub(super) fn receipt_came(&mut self, receipt: &Receipt, row: &OutboxRow) {
        // Nobody's data comes onto the screen while nobody is signed in.
        if self.desk.session.is_none() {
            return;
        }
        self.follow_outbox();
        match (&receipt.result, &row.entry.content) {
            (EntryResult::Profile { outcome, item }, EntryContent::Profile { entry }) => {
                if let Some(opened) = &mut self.desk.opened
                    && opened.is(&entry.patient)
                {
                    opened.put(item);
                    // A receipt that comes late shows the item as it stood then; it may be withdrawn by now.
                    self.patient_changed(&entry.patient);
                }
                self.tell_outcome(row, entry, *outcome, item);
                self.ask_confirmations();
            }
            (
                EntryResult::ReceptionState { applied, reception },
                EntryContent::ReceptionState { change },
            ) => {
                self.put_reception((**reception).clone());
                if !applied {
                    self.tell_conflict(row, change.state, reception);
                }
            }
            _ => {}
        }
    }

    /// Says what a person must know: that somebody else was first.
    fn tell_outcome(
        &mut self,
        row: &OutboxRow,
        entry: &ProfileEntry,
        outcome: Outcome,
        item: &Item,
    ) {
        let desk = &self.desk;
        let what = profile::caption(desk, &item.content.value).to_owned();
        let first =
            item.withdrawal.as_ref().map_or(
                (&item.content.author, profile::value(desk, &item.content.value)),
                |deed| (&deed.author, desk.t("record.withdrawn").to_owned()),
            );
        let name = row.patient.name.kanji.clone();
        let values = [
            ("name", name.as_str()),
            ("what", what.as_str()),
            ("who", first.0.name.as_str()),
            ("stands", first.1.as_str()),
        ];
        let here = self.desk.opened.as_ref().is_some_and(|o| o.is(&entry.patient));
        let text = match (outcome, &entry.act) {
            (Outcome::Rival, _) if here => self.desk.fill("record.rival_here", &values),
            (Outcome::Rival, _) => self.desk.fill("record.rival", &values),
            (Outcome::Overtaken, Act::Confirm) => self.desk.fill("record.confirm_late", &values),
            // The same content twice, or a choice that somebody else has made: nothing is to be done.
            (Outcome::Stands | Outcome::Overtaken, _) => return,
        };
        self.desk.tell(Tone::Waiting, text, String::new());
    }

    fn tell_conflict(&mut self, row: &OutboxRow, wanted: ReceptionState, stands: &Reception) {
        let name = row.patient.name.kanji.as_str();
        let (wanted, stands) =
            (self.desk.t(state::words(wanted)), self.desk.t(state::words(stands.state)));
        let values = [("name", name), ("wanted", wanted), ("stands", stands)];
        let text = self.desk.fill("change.conflict", &values);
        self.desk.tell(Tone::Danger, text, String::new());
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
