//! Copies of the sample desk's day and of the sets, so that orders, labels and tubes go on while the line is cut.

use api::lab::{LabDay, LabSets};
use clinical::lab::LabOrder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Handle;
use super::outbox::OutboxRow;
use super::records::Named;

/// A day's lab orders as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptLabDay {
    pub(super) day: LabDay,
    pub(super) at: Timestamp,
}

impl Handle {
    /// Keeps a day's lab orders; of several days the latest told.
    pub fn remember_lab_day(&self, day: LabDay) {
        let at = self.now();
        self.shared.memory().lab_day = Some(KeptLabDay { day, at });
        self.changed(Named::LabDay);
    }

    /// The lab orders as last told, and when.
    pub fn lab_day(&self) -> Option<(LabDay, Timestamp)> {
        let memory = self.shared.memory();
        memory.lab_day.as_ref().map(|kept| (kept.day.clone(), kept.at))
    }

    /// Puts an order as the receipt of this row told it into what is kept of its patient and of the day, unless a newer
    /// one is there.
    pub fn merge_order(&self, row: &OutboxRow, order: &LabOrder) {
        let changed = self.shared.memory().merge_order(row, order);
        if !changed.is_empty() {
            self.changed_all(changed);
        }
    }

    /// Keeps the sets of lab items.
    pub fn remember_sets(&self, sets: LabSets) {
        self.shared.memory().lab_sets = Some(sets);
        self.changed(Named::LabSets);
    }

    /// The sets as last told.
    pub fn sets(&self) -> LabSets {
        self.shared.memory().lab_sets.clone().unwrap_or_default()
    }
}
