//! The queue's jobs in the terminal's encrypted store.

use std::sync::Arc;

use paper::queue::{Job, Shelf, ShelfError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::view::PrintOrder;
use crate::local::{self, KeptPrint, PrintsKept};

/// What the queue keeps with a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Parcel {
    /// What was asked for.
    #[serde(with = "shared")]
    pub(super) order: Arc<PrintOrder>,
    /// That it was handed over is on record.
    pub(super) on_record: bool,
}

/// What is shared is written down as itself.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::printing::view::PrintOrder;

    pub(super) fn serialize<S: Serializer>(
        order: &Arc<PrintOrder>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        (**order).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<PrintOrder>, D::Error> {
        PrintOrder::deserialize(from).map(Arc::new)
    }
}

pub(super) struct StoreShelf(pub(super) local::Handle);

impl Shelf<Parcel> for StoreShelf {
    fn load(&mut self) -> Result<Vec<Job<Parcel>>, ShelfError> {
        let (kept, prints) = self.0.prints();
        answer(kept)?;
        let mut useless = Vec::new();
        let mut jobs = Vec::new();
        for print in prints {
            match serde_json::from_value(print.job) {
                Ok(job) => jobs.push(job),
                Err(error) => {
                    tracing::warn!(%error, "a print job of another version is dropped");
                    useless.push(print.id);
                }
            }
        }
        if !useless.is_empty() {
            self.remove(&useless)?;
        }
        Ok(jobs)
    }

    fn put(&mut self, job: &Job<Parcel>) -> Result<(), ShelfError> {
        let value = serde_json::to_value(job).map_err(|e| ShelfError(e.to_string()))?;
        answer(self.0.keep_print(KeptPrint { id: job.id, job: value }))
    }

    fn remove(&mut self, ids: &[Uuid]) -> Result<(), ShelfError> {
        answer(self.0.drop_prints(ids))
    }
}

/// A terminal that keeps nothing prints all the same: the person has been told what that means.
fn answer(kept: PrintsKept) -> Result<(), ShelfError> {
    match kept {
        PrintsKept::OnDisk | PrintsKept::Nowhere => Ok(()),
        PrintsKept::NotNow(why) => Err(ShelfError(why)),
    }
}
