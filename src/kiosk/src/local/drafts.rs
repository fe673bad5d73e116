//! Drafts (書きかけ): what a form holds before it is saved. Kept at each change, so that lock, crash and restart
//! cost nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Handle;
use super::records::Named;

/// Whose draft of which form about whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DraftKey {
    /// The account: nobody meets another person's draft.
    pub account: Uuid,
    /// The patient's canonical number ([`clinical::PatientNumber::canonical`]).
    pub patient: String,
    /// The form.
    pub form: String,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What the form had written down.
    pub content: serde_json::Value,
    /// When.
    pub at: Timestamp,
}

impl Handle {
    /// Keeps a form's content; on disk a moment later.
    pub fn keep_draft(&self, key: DraftKey, content: serde_json::Value) {
        let at = self.now();
        self.shared.memory().drafts.insert(key.clone(), Draft { content, at });
        self.changed(Named::Draft(key));
    }

    /// What a form held.
    pub fn draft(&self, key: &DraftKey) -> Option<Draft> {
        self.shared.memory().drafts.get(key).cloned()
    }

    /// Which drafts an account has.
    pub fn drafts_of(&self, account: Uuid) -> Vec<DraftKey> {
        let memory = self.shared.memory();
        let mut keys: Vec<DraftKey> =
            memory.drafts.keys().filter(|key| key.account == account).cloned().collect();
        keys.sort_unstable();
        keys
    }

    /// Forgets what a form held.
    pub fn drop_draft(&self, key: &DraftKey) {
        if self.shared.memory().drafts.remove(key).is_some() {
            self.changed(Named::Draft(key.clone()));
        }
    }
}
