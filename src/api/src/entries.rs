//! Entries: what a person has confirmed at a terminal, and the cloud's receipt for it.
//!
//! An entry is the exact bytes of its JSON. The terminal hashes and signs those bytes when the person confirms,
//! keeps them in its outbox, and sends them until a receipt comes that names their id and their hash. The cloud
//! stores an id once: the same id with the same bytes gets the same receipt, with other bytes
//! [`crate::ErrorCode::Invalid`]. A receipt is sent after the commit is durable.

use clinical::Reception;
use clinical::lab::{LabEntry, LabOrder, LabOutcome, LabSetEntry};
use clinical::profile::{Item, Outcome, ProfileEntry};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::lab::TrayEntry;
use crate::papers::PrintRecord;
use crate::receptions::StateChange;

/// The public key that signed the entry, 64 hexadecimal digits.
pub const KEY_HEADER: &str = "soegaki-entry-key";
/// The signature over the body ([`crate::proof`]), 128 hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "soegaki-entry-signature";

/// What a person has confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Named by the terminal (UUIDv7); the same as in the path.
    pub id: Uuid,
    /// When the person confirmed it.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// What.
    pub content: EntryContent,
}

/// Kinds of entries.
// Entries are handled one at a time: a box would only hide the contract's shape.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryContent {
    /// A version of an item of a patient's profile.
    Profile {
        /// The version.
        entry: ProfileEntry,
    },
    /// A reception's state.
    ReceptionState {
        /// The change.
        change: StateChange,
    },
    /// A version of a lab order.
    Lab {
        /// The version.
        entry: LabEntry,
    },
    /// A set of lab items.
    LabSet {
        /// The set.
        entry: LabSetEntry,
    },
    /// A decision about a report that fitted nobody.
    LabTray {
        /// The decision.
        entry: TrayEntry,
    },
    /// A paper was printed.
    Printed {
        /// Which.
        record: PrintRecord,
    },
}

/// The cloud's word that an entry is stored, durably and once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The entry's id.
    pub id: Uuid,
    /// SHA-256 of the bytes received, 64 hexadecimal digits ([`crate::proof::hash`]).
    pub hash: String,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub stored_at: Timestamp,
    /// What became of it.
    pub result: EntryResult,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryResult {
    /// The version is stored.
    Profile {
        /// Whether it stands.
        outcome: Outcome,
        /// The item as it stood right after it.
        item: Box<Item>,
    },
    /// The change of state is on record.
    ReceptionState {
        /// False when somebody else had set another state first: then nothing was changed.
        applied: bool,
        /// The reception as it stood right after it.
        reception: Box<Reception>,
    },
    /// The version is stored.
    Lab {
        /// Whether it took effect.
        outcome: LabOutcome,
        /// The order as it stood right after it.
        order: Box<LabOrder>,
    },
    /// The set is stored; the latest word stands.
    LabSet,
    /// The decision is on record.
    LabTray {
        /// False when somebody else had decided first: then nothing was changed.
        applied: bool,
    },
    /// The print is on record.
    Printed,
}
