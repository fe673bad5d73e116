//! Confirming: what a person saves is in the outbox, on disk, before anybody says so.

use api::entries::Entry;
use uuid::Uuid;

use super::drafts::DraftKey;
use super::outbox::RowPatient;
use super::worker::Job;
use super::{Handle, lock};

/// What a person confirms.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The account of who confirms; the person has signed in on this terminal.
    pub author: Uuid,
    /// What.
    pub entry: Entry,
    /// Whom it is about, for the screen of what is unsent.
    pub patient: RowPatient,
    /// The draft it was written in; goes in the same commit.
    pub draft: Option<DraftKey>,
    /// The refused row that it mends; goes in the same commit.
    pub replaces: Option<Uuid>,
}

/// What became of a [`Confirm`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is on disk, and will reach the cloud whatever happens to power and line.
    Saved {
        /// The entry.
        id: Uuid,
    },
    /// It is not; draft and replaced row are as they were.
    NotSaved {
        /// The entry.
        id: Uuid,
        /// Why.
        why: NotKept,
        /// Small print for the support line; never a patient's data.
        detail: String,
    },
}

impl Kept {
    /// The entry.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Saved { id } | Self::NotSaved { id, .. } => *id,
        }
    }
}

/// Why an entry was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotKept {
    /// There is no room on the disk.
    DiskFull,
    /// This terminal keeps nothing: no folder, another window has it, or its key is out of reach.
    NoStore,
    /// The person has never signed in here with the line up, so nothing can be signed in the person's name.
    NoKey,
    /// The disk refuses, or the entry cannot be written down.
    Failed,
}

impl Handle {
    /// Saves an entry; the answer comes through [`Handle::kept`].
    pub fn confirm(&self, confirm: Confirm) {
        let id = confirm.entry.id;
        let sent = self.jobs.as_ref().is_some_and(|jobs| {
            jobs.send(Job::Confirm { confirm: Box::new(confirm), at: self.now() }).is_ok()
        });
        if !sent {
            let detail = "there is no store".to_owned();
            self.shared.kept(Kept::NotSaved { id, why: NotKept::NoStore, detail });
        }
    }

    /// Takes what has become of the entries.
    pub fn kept(&self) -> Vec<Kept> {
        std::mem::take(&mut *lock(&self.shared.kept))
    }
}
