//! What a screen wants. Screens only say it; [`super::App`] does it.

use api::entries::EntryContent;
use clinical::{PatientNumber, ReceptionKey, ReceptionState, SafetyRemark};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::form::FormKind;

/// A wish of the person at the screen.
#[derive(Debug, Clone)]
pub enum Intent {
    /// Sign in.
    SignIn {
        /// ID.
        login: String,
        /// Password.
        password: Zeroizing<String>,
    },
    /// Sign out.
    SignOut,
    /// Open a patient.
    Open(PatientNumber),
    /// Show a patient in the strip over the confirmation list, which stays.
    Look(PatientNumber),
    /// Back to the reception list.
    List,
    /// Back to the screen before.
    Leave,
    /// Back to the reception list with the search field ready.
    Find,
    /// Search over all patients; an empty text ends the search.
    Search(String),
    /// Change a reception's state.
    ChangeState {
        /// Which.
        key: ReceptionKey,
        /// To what.
        to: ReceptionState,
    },
    /// Open a form for the opened patient: empty, or with the item to correct.
    OpenForm(FormKind, Option<Uuid>),
    /// Confirm what the form holds: it is kept durably and sent. The form stays until all of it is kept.
    Save {
        /// What, in the order in which it is to be sent.
        entries: Vec<EntryContent>,
        /// The form's draft, which goes with it.
        form: String,
        /// The refused row that this mends.
        replaces: Option<Uuid>,
    },
    /// Keep what stands in the open form.
    KeepDraft {
        /// The draft's name within the patient.
        form: String,
        /// What the form holds.
        content: serde_json::Value,
    },
    /// Throw a form's draft away.
    DropDraft {
        /// The draft's name within the patient.
        form: String,
    },
    /// Record what the receipt computer remarks about the opened patient.
    TakeOver(SafetyRemark),
    /// A practitioner confirms an item.
    ConfirmItem {
        /// Whose.
        number: PatientNumber,
        /// Which.
        item: Uuid,
        /// [`clinical::profile::Item::head`] as seen.
        base: Uuid,
    },
    /// Take an item back.
    WithdrawItem {
        /// Whose.
        number: PatientNumber,
        /// Which.
        item: Uuid,
        /// [`clinical::profile::Item::head`] as seen.
        base: Uuid,
        /// Why.
        reason: String,
    },
    /// Decide between two versions.
    Settle {
        /// Whose.
        number: PatientNumber,
        /// Which.
        item: Uuid,
        /// For which.
        choice: Choice,
    },
    /// The opened patient's history, with this item marked.
    OpenHistory(Option<Uuid>),
    /// What waits for confirmation.
    OpenConfirmations,
    /// What has not been sent.
    OpenOutbox,
    /// Take an unsent entry back.
    WithdrawRow(Uuid),
    /// Open the form of a refused entry with what it holds.
    MendRow(Uuid),
    /// Try to send now.
    SendNow,
    /// Try the line now.
    Reconnect,
    /// Put a text on the clipboard.
    Copy(String),
    /// Say something (a key of the locale files).
    Tell(&'static str),
    /// Take the topmost notice away.
    Dismiss,
}

/// Which of two versions of an item is to stand. Both stay in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// What stands, against this rival.
    Standing {
        /// The rival's name.
        rival: Uuid,
    },
    /// This rival.
    Rival {
        /// Its name.
        rival: Uuid,
    },
}
