//! Sets of items that are ordered together (いつもの検査).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabSet {
    /// Named by the terminal (UUIDv7).
    pub id: Uuid,
    /// Name on the button, up to 20 characters.
    pub name: String,
    /// The practitioner's account whose set it is; `None` for a set of the whole clinic.
    pub owner: Option<Uuid>,
    /// Place among the sets; lower stands first.
    pub place: u32,
    /// Keys of the catalogue ([`super::LabItem::key`]).
    pub items: Vec<String>,
}

/// What a person confirms about a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabSetEntry {
    /// Which.
    pub set: Uuid,
    /// What is done. The latest word stands; who wrote what is kept with the entries.
    pub act: LabSetAct,
}

/// What an entry does to its set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum LabSetAct {
    /// Makes or replaces it.
    Keep {
        /// The set.
        set: LabSet,
    },
    /// Removes it.
    Remove,
}
