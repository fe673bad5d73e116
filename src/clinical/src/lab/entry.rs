//! What a person confirms about a lab order.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::order::{OrderedItem, Tube};
use super::specimen::SpecimenNumber;
use crate::patient::PatientNumber;
use crate::staff::Staff;

/// What a person confirms about one lab order of one patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabEntry {
    /// Whose.
    pub patient: PatientNumber,
    /// Names the order; made by the terminal (UUIDv7).
    pub order: Uuid,
    /// What is done.
    pub act: LabAct,
}

/// What an entry does to its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum LabAct {
    /// Begins the order (依頼).
    Order {
        /// What is asked for.
        request: LabRequest,
    },
    /// Labels were given to a printer.
    Labels {
        /// For which tubes.
        tubes: Vec<SpecimenNumber>,
        /// 1 for the first print, 2 and more for reprints.
        copy: u32,
        /// To which printer.
        printer: String,
        /// Why again; empty for the first print.
        reason: String,
    },
    /// A tube was drawn (採取).
    Draw {
        /// Which.
        tube: SpecimenNumber,
        /// How it was made sure that it is this patient.
        identified: Identified,
    },
    /// A tube could not be drawn.
    NotDrawn {
        /// Which.
        tube: SpecimenNumber,
        /// Why.
        reason: NotDrawn,
        /// In words; wanted for [`NotDrawn::Other`].
        note: String,
    },
    /// Takes back what was said of a tube that has not been sent.
    Reset {
        /// Which.
        tube: SpecimenNumber,
    },
    /// Drawn tubes go to the laboratory (送信).
    Send {
        /// Which.
        tubes: Vec<SpecimenNumber>,
    },
    /// Takes the order back (取消).
    Cancel {
        /// Why.
        reason: String,
    },
    /// A practitioner has seen results (確認).
    ConfirmResults {
        /// [`super::LabResult::id`] of each.
        results: Vec<Uuid>,
    },
}

/// What is asked for. The tubes and their numbers are the terminal's, by [`super::plan_tubes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabRequest {
    /// The practitioner in whose name somebody else orders (代行入力).
    pub on_behalf_of: Option<Staff>,
    /// 採取予定日.
    #[schema(value_type = String, format = Date)]
    pub collect_on: Date,
    /// 至急.
    pub urgent: bool,
    /// 絶食.
    pub fasting: bool,
    /// For the laboratory, up to 200 characters.
    pub comment: String,
    /// Name of the set that it was made from; empty when it was put together by hand.
    pub set_name: String,
    /// Items, each with its tube.
    pub items: Vec<OrderedItem>,
    /// Tubes, each used by at least one item.
    pub tubes: Vec<Tube>,
}

/// How it was made sure that a tube is drawn from its patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identified {
    /// The patient's card or chart sticker was scanned.
    Card,
    /// The patient said name and birth date.
    Spoken,
}

/// Why a tube was not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotDrawn {
    /// No vein was found, or the blood stopped.
    Difficult,
    /// The patient did not wish it.
    Declined,
    /// The patient felt unwell.
    Unwell,
    /// The patient had eaten.
    NotFasting,
    /// No urine, stool or other material today.
    NoMaterial,
    /// Anything else, in words.
    Other,
}

impl NotDrawn {
    /// In the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Difficult,
        Self::Declined,
        Self::Unwell,
        Self::NotFasting,
        Self::NoMaterial,
        Self::Other,
    ];
}

/// An entry with its author: one version of an order. Never changed once it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabVersion {
    /// Named by the terminal (UUIDv7): sending twice is storing once.
    pub id: Uuid,
    /// What was confirmed.
    pub entry: LabEntry,
    /// Who confirmed it.
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

/// What became of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabOutcome {
    /// It took effect.
    Done,
    /// Somebody else was first (the order is cancelled, the tube is sent, …): kept on record, nothing changed.
    Overtaken,
}

/// Why a version is not taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LabRuleBroken {
    /// Nobody has ordered this.
    #[error("there is no such lab order")]
    NoSuchOrder,
    /// The order's name is taken by another one.
    #[error("the order's id belongs to another order")]
    OrderExists,
    /// The order is another patient's.
    #[error("the order is another patient's")]
    OtherPatient,
    /// The order has no such tube.
    #[error("the order has no such tube")]
    NoSuchTube,
    /// Only a practitioner confirms results.
    #[error("only a practitioner confirms results")]
    NotAPractitioner,
    /// The laboratory has already told results.
    #[error("the order has results and can no longer be cancelled")]
    TooLateToCancel,
    /// The request breaks a rule of its own.
    #[error(transparent)]
    Request(#[from] super::LabRequestError),
}
