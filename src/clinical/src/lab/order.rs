//! The lab order and its tubes.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::item::{Container, LabCode, Procedure};
use super::specimen::SpecimenNumber;
use crate::patient::PatientNumber;
use crate::staff::Staff;

/// A lab order as it stands: what follows from its versions and from what the laboratory has told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabOrder {
    /// Named by the terminal (UUIDv7).
    pub id: Uuid,
    /// Whose.
    pub patient: PatientNumber,
    /// Grows with every change.
    pub revision: u32,
    /// The versions that it follows from, in the order in which they took effect: the same version again changes
    /// nothing. Empty in an order that stands for a report ([`LabOrder::of_report`]).
    pub versions: Vec<Uuid>,
    /// Who ordered.
    pub ordered: Done,
    /// The practitioner in whose name somebody else ordered.
    pub on_behalf_of: Option<Staff>,
    /// The day on which the specimens are to be taken (採取予定日).
    #[schema(value_type = String, format = Date)]
    pub collect_on: Date,
    /// 至急.
    pub urgent: bool,
    /// The patient comes without having eaten (絶食).
    pub fasting: bool,
    /// For the laboratory; printed on its report. Mostly empty.
    pub comment: String,
    /// Name of the set that it was made from; empty when it was put together by hand.
    pub set_name: String,
    /// What is asked for, in the order of the request.
    pub items: Vec<OrderedItem>,
    /// What is drawn for it.
    pub tubes: Vec<Tube>,
    /// 取消.
    pub cancelled: Option<Cancellation>,
    /// Results of it that stand and that no practitioner has confirmed yet.
    pub unconfirmed: u32,
    /// Whether a practitioner has confirmed at least one result.
    pub confirmed_once: bool,
}

/// One item that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderedItem {
    /// Its codes.
    pub code: LabCode,
    /// Name.
    pub name: String,
    /// Short name.
    pub abbr: String,
    /// Unit as the catalogue gives it.
    pub unit: String,
    /// What it is billed as; kept with the order, since points change with the years.
    pub procedure: Option<Procedure>,
    /// From which tube; `None` only in an order that stands for a report nobody had ordered
    /// ([`LabOrder::of_report`]).
    pub tube: Option<SpecimenNumber>,
    /// What the laboratory has told of it.
    pub reported: Reported,
}

/// What the laboratory has told of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reported {
    /// Nothing yet.
    NotYet,
    /// A result that may still change (暫定).
    Preliminary,
    /// A final or corrected result.
    Final,
    /// That there will be none.
    Cancelled,
}

/// A tube (検体).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tube {
    /// On its label.
    pub number: SpecimenNumber,
    /// Which.
    pub container: Container,
    /// Material (材料) by JLAC10, three digits, where it is known.
    pub material: Option<String>,
    /// The material's name.
    pub specimen: String,
    /// How often its label was printed.
    pub labels: u32,
    /// Whether it was drawn.
    pub state: TubeState,
    /// How far it is on the way to the laboratory.
    pub lab: AtLab,
}

/// Whether a tube was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TubeState {
    /// まだ.
    Planned,
    /// 採取.
    Drawn {
        /// Who and when.
        done: Done,
        /// How it was made sure that it is this patient.
        identified: super::Identified,
    },
    /// 採れない.
    NotDrawn {
        /// Who and when.
        done: Done,
        /// Why.
        reason: super::NotDrawn,
        /// In words; wanted for [`super::NotDrawn::Other`].
        note: String,
    },
}

/// How far a tube is on the way to the laboratory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum AtLab {
    /// Not sent.
    Here,
    /// A person has sent it; the message is on its way or waits for its turn.
    Sent {
        /// Who and when.
        done: Done,
    },
    /// The laboratory has the order (検査中).
    Accepted {
        /// When it said so.
        #[schema(value_type = String, format = DateTime)]
        time: Timestamp,
        /// The laboratory's own number; empty where it gave none.
        filler: String,
    },
    /// The laboratory does not take it.
    Refused {
        /// When it said so.
        #[schema(value_type = String, format = DateTime)]
        time: Timestamp,
        /// In its words.
        why: String,
    },
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// Who.
    pub by: Staff,
    /// When, by the terminal's clock as corrected by the cloud's.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
}

/// 取消.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancellation {
    /// Who and when.
    pub done: Done,
    /// Why.
    pub reason: String,
    /// `None` while the laboratory need not know, or has not answered; else whether it could stop the tests.
    pub lab_agreed: Option<bool>,
}
