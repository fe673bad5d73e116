//! Print jobs: kept so that a crash neither loses one nor prints one twice. What they mean is the queue's business.

use std::sync::mpsc::channel;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Handle;
use super::records::Named;
use super::worker::Job;

/// A print job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPrint {
    /// Its name.
    pub id: Uuid,
    /// The job.
    pub job: serde_json::Value,
}

/// Where print jobs are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintsKept {
    /// On disk.
    OnDisk,
    /// In memory alone: this terminal keeps nothing in this run, and has said why.
    Nowhere,
    /// The disk does not take them now; the system's words.
    NotNow(String),
}

impl Handle {
    /// All print jobs, once the store has been read. Waits for the disk: not for the window's thread.
    pub fn prints(&self) -> (PrintsKept, Vec<KeptPrint>) {
        let kept = self.change_prints(Vec::new());
        let prints = self.shared.memory().prints.values().cloned().collect();
        (kept, prints)
    }

    /// Keeps a print job as it is now. Waits for the disk: not for the window's thread.
    pub fn keep_print(&self, print: KeptPrint) -> PrintsKept {
        let id = print.id;
        self.shared.memory().prints.insert(id, print);
        self.change_prints(vec![Named::Print(id)])
    }

    /// Forgets print jobs. Waits for the disk: not for the window's thread.
    pub fn drop_prints(&self, ids: &[Uuid]) -> PrintsKept {
        let mut memory = self.shared.memory();
        for id in ids {
            memory.prints.remove(id);
        }
        drop(memory);
        self.change_prints(ids.iter().copied().map(Named::Print).collect())
    }

    fn change_prints(&self, changed: Vec<Named>) -> PrintsKept {
        let Some(jobs) = &self.jobs else { return PrintsKept::Nowhere };
        let (answer, kept) = channel();
        if jobs.send(Job::Prints { changed, answer }).is_err() {
            return PrintsKept::Nowhere;
        }
        kept.recv()
            .unwrap_or_else(|_| PrintsKept::NotNow("the store's thread has ended".to_owned()))
    }
}
