//! Reading profiles: history, what waits for confirmation, who works at the clinic.

use clinical::profile::{Item, Outcome, Version};
use clinical::{PatientNumber, PersonName, Sex, Staff};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that was ever entered about a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct History {
    /// Whose.
    pub number: PatientNumber,
    /// In the order of storing, oldest first.
    pub versions: Vec<HistoryEntry>,
}

/// A version and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    /// The version.
    pub version: Version,
    /// What became of it when it was stored.
    pub outcome: Outcome,
}

/// What waits for a practitioner's confirmation (確認待ち).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Confirmations {
    /// Oldest first, at most 500.
    pub waiting: Vec<Waiting>,
    /// How many there are in all.
    pub total: u32,
}

/// One item that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// Whose.
    pub number: PatientNumber,
    /// The patient's name.
    pub name: PersonName,
    /// The patient's birth date.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// The patient's sex.
    pub sex: Sex,
    /// The item.
    pub item: Item,
}

/// Who works at the clinic: the accounts in use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct StaffList {
    /// Practitioners first.
    pub staff: Vec<Staff>,
}
