//! What sender and window ask of the outbox.

use std::sync::Arc;

use api::ErrorCode;
use api::entries::{EntryResult, Receipt};
use clinical::PatientNumber;
use clinical::profile::Item;
use jiff::Timestamp;
use tokio::sync::Notify;
use uuid::Uuid;

use super::Handle;
use super::cipher::random;
use super::outbox::{BadReceipt, NextToSend, OutboxView};
use super::records::Named;

/// A random number from 0 to 1; the middle where the system gives none.
fn jitter() -> f64 {
    random().map_or(0.5, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

impl Handle {
    /// The outbox as it stands.
    pub fn outbox(&self) -> Arc<OutboxView> {
        self.shared.memory().outbox.view()
    }

    /// Told at each change of the outbox. A change between two waits is not lost.
    pub fn outbox_changed(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.outbox_changed)
    }

    /// What is to be sent now, one row at a time: the answer is the same until one of the functions below has
    /// been told what became of the row. `now` is by the clock that the store was opened with.
    pub fn next_to_send(&self, now: Timestamp) -> NextToSend {
        self.shared.memory().outbox.next(now)
    }

    /// A receipt came. The row leaves, and what the cloud says of item or reception goes into what is known of
    /// patient and list, in one commit. With an error nothing is changed.
    pub fn received(&self, receipt: &Receipt) -> Result<(), BadReceipt> {
        let mut dirty = vec![Named::Row(receipt.id)];
        {
            let mut memory = self.shared.memory();
            let row = memory.outbox.received(receipt)?;
            match &receipt.result {
                EntryResult::Profile { item, .. } => {
                    if let api::entries::EntryContent::Profile { entry } = &row.entry.content {
                        dirty.extend(memory.merge_item(&entry.patient, item));
                    }
                }
                EntryResult::ReceptionState { reception, .. } => {
                    dirty.extend(memory.merge_reception(reception));
                }
                EntryResult::Lab { order, .. } => dirty.extend(memory.merge_order(&row, order)),
                // The cloud tells of these by an event.
                EntryResult::LabSet | EntryResult::LabTray { .. } | EntryResult::Printed => {}
            }
        }
        self.outbox_moved(dirty);
        Ok(())
    }

    /// Puts an item as a receipt told it into what is kept of its patient, unless a newer one is there.
    pub fn merge_item(&self, number: &PatientNumber, item: &Item) {
        let changed = self.shared.memory().merge_item(number, item);
        if let Some(patient) = changed {
            self.changed(patient);
        }
    }

    /// The cloud refuses an entry for good: it stays, and a person decides.
    pub fn refused(&self, id: Uuid, code: ErrorCode, message: impl Into<String>) {
        let at = self.now();
        if self.shared.memory().outbox.refused(id, code, message.into(), at) {
            self.outbox_moved(vec![Named::Row(id)]);
        }
    }

    /// The cloud does not know the key of an entry. Where the author has signed in with a newer key since, it is
    /// signed anew at once; else it waits for the author.
    pub fn key_unknown(&self, id: Uuid) {
        let changed = {
            let mut memory = self.shared.memory();
            memory.outbox.key_unknown(id) && {
                memory.sign_anew_if_registered(id);
                true
            }
        };
        if changed {
            self.outbox_moved(vec![Named::Row(id)]);
        }
    }

    /// The cloud could not take an entry just now: the rows of its patient pause.
    pub fn failed(&self, id: Uuid) {
        let now = self.now();
        self.shared.memory().outbox.failed(id, now, jitter());
        self.shared.hurry_sender();
    }

    /// The cloud cannot be reached: all rows pause, longer each time. A success or [`Handle::send_now`] ends it.
    pub fn line_failed(&self) {
        let now = self.now();
        self.shared.memory().outbox.line_failed(now, jitter());
        self.shared.hurry_sender();
    }

    /// Ends all pauses: the line is back, or a person asked.
    pub fn send_now(&self) {
        self.shared.memory().outbox.hurry();
        self.shared.hurry_sender();
    }

    /// A person takes back a row that was refused or needs a sign-in. False when nothing was done: what waits
    /// may have reached the cloud already, and is taken back there.
    pub fn withdraw_row(&self, id: Uuid) -> bool {
        let at = self.now();
        let done = self.shared.memory().outbox.withdraw(id, at);
        if done {
            self.outbox_moved(vec![Named::Row(id)]);
        }
        done
    }

    fn outbox_moved(&self, dirty: Vec<Named>) {
        self.changed_all(dirty);
        self.shared.outbox_moved();
    }
}
