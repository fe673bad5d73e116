//! What a person confirms, and what it becomes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::value::ProfileValue;
use crate::patient::PatientNumber;
use crate::staff::Staff;

/// What a person confirms about one item of one patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileEntry {
    /// Whose.
    pub patient: PatientNumber,
    /// Names the item within the patient; made by the terminal (UUIDv7), or one of the fixed names, as
    /// [`ProfileEntry::BLOOD_TYPE`], where a patient can have but one.
    pub item: Uuid,
    /// [`super::Item::head`] as the person saw it; `None` for an item that the person begins.
    pub base: Option<Uuid>,
    /// What is done.
    pub act: Act,
    /// The practitioner in whose name somebody else writes (代行入力).
    pub on_behalf_of: Option<Staff>,
    /// Why; wanted for a withdrawal, else mostly empty.
    pub reason: String,
    /// A rival version ([`super::Item::rivals`]) that this entry decides about.
    pub settles: Option<Uuid>,
}

impl ProfileEntry {
    /// The item of the blood type: a patient has one.
    pub const BLOOD_TYPE: Uuid = Uuid::from_u128(0x5067_6b69_0001_8000_8000_0000_0000_0001);
}

/// What an entry does to its item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Gives the item a content: the first one, or a corrected one.
    Record {
        /// The content.
        value: ProfileValue,
        /// Where it comes from.
        source: Source,
    },
    /// Takes the item back (取り消し).
    Withdraw,
    /// A practitioner confirms (確定) what somebody else has entered.
    Confirm,
    /// Of two rivals the standing one is kept; [`ProfileEntry::settles`] names the other.
    Keep,
}

/// Where a content comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// 院内.
    Clinic,
    /// レセコン: taken over from the receipt computer's remarks.
    ReceiptComputer,
    /// 全国: from the sharing service.
    National,
}

/// An entry with its author: one version of an item. Never changed once it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Named by the terminal (UUIDv7): sending twice is storing once.
    pub id: Uuid,
    /// What was entered.
    pub entry: ProfileEntry,
    /// Who entered it.
    pub author: Staff,
    /// On which terminal.
    pub terminal: String,
    /// When, by the terminal's clock as corrected by the cloud's.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// When the cloud stored it; `None` while it waits in a terminal's outbox.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stored_at: Option<Timestamp>,
}
