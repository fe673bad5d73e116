//! What a screen wants. Screens only say it; [`super::App`] does it.

use api::entries::EntryContent;
use api::lab::TrayEntry;
use clinical::lab::{LabSet, NotDrawn, SpecimenNumber};
use clinical::{PatientNumber, ReceptionKey, ReceptionState, SafetyRemark};
use paper::PageSize;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::form::FormKind;
use super::lab::LabDraft;

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
    /// A lab order for the opened patient.
    OpenLabOrder,
    /// Confirm what the order form holds; the form stays until it is kept.
    OrderLab(LabDraft),
    /// Take a lab order back.
    CancelOrder {
        /// Whose.
        number: PatientNumber,
        /// Which.
        order: Uuid,
        /// Why.
        reason: String,
    },
    /// The day's lab orders.
    OpenSamples,
    /// A patient's tubes.
    OpenSpecimens(PatientNumber),
    /// The opened patient has said name and birth date.
    IdentifySpoken,
    /// Print labels of the opened patient's tubes.
    PrintLabels {
        /// Whose.
        number: PatientNumber,
        /// Of which order.
        order: Uuid,
        /// Which.
        tubes: Vec<SpecimenNumber>,
        /// Why again; empty for the first print.
        reason: String,
    },
    /// A tube was drawn.
    Draw {
        /// Whose.
        number: PatientNumber,
        /// Of which order.
        order: Uuid,
        /// Which.
        tube: SpecimenNumber,
    },
    /// A tube could not be drawn.
    NotDrawn {
        /// Whose.
        number: PatientNumber,
        /// Of which order.
        order: Uuid,
        /// Which.
        tube: SpecimenNumber,
        /// Why.
        reason: NotDrawn,
        /// In words; wanted for [`NotDrawn::Other`].
        note: String,
    },
    /// Take back what was said of a tube.
    ResetTube {
        /// Whose.
        number: PatientNumber,
        /// Of which order.
        order: Uuid,
        /// Which.
        tube: SpecimenNumber,
    },
    /// Send all drawn tubes of the day that have not been sent.
    SendTubes,
    /// Send the drawn tubes of one order.
    SendOrder {
        /// Whose.
        number: PatientNumber,
        /// Which.
        order: Uuid,
    },
    /// The wrong tube has been put away.
    AcknowledgeWrongTube,
    /// The opened patient's results, with those of this order marked.
    OpenResults(Option<Uuid>),
    /// The results of another patient, out of the inbox.
    OpenResultsOf {
        /// Whose.
        number: PatientNumber,
        /// The order to mark.
        order: Option<Uuid>,
    },
    /// A practitioner has seen results.
    ConfirmResults {
        /// Whose.
        number: PatientNumber,
        /// Of which order.
        order: Uuid,
        /// [`clinical::lab::LabResult::id`] of each.
        results: Vec<Uuid>,
    },
    /// What came from laboratories.
    OpenInbox,
    /// Decide about a report that fitted nobody.
    DecideTray(TrayEntry),
    /// Keep a set of lab items.
    KeepSet(LabSet),
    /// Remove a set of lab items.
    RemoveSet(Uuid),
    /// Print a patient's chart sticker.
    PrintSticker(PatientNumber),
    /// Print results for the chart.
    PrintResults {
        /// Whose.
        number: PatientNumber,
        /// Of which orders; all that are shown when empty.
        orders: Vec<Uuid>,
        /// On which paper.
        size: PageSize,
    },
    /// Print the day's list.
    PrintDaySheet,
    /// What was given to the printers.
    OpenPrinting,
    /// Try a failed print again.
    RetryPrint(Uuid),
    /// Give a print up that has not been handed over.
    CancelPrint(Uuid),
    /// A person has looked whether it was printed.
    SettlePrint {
        /// The print job.
        id: Uuid,
        /// What the person saw.
        printed: bool,
    },
    /// Print a test page on this printer.
    TestPrint(String),
    /// Print once more what was printed.
    Reprint {
        /// The print job.
        id: Uuid,
        /// Why.
        reason: String,
    },
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
