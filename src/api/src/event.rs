//! The event stream: what changed, by sequence number. Events name things and carry no patient data;
//! who wants the content reads it, and that read is audited.

use clinical::{PatientNumber, ReceptionKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::receptions::LinkStatus;

/// One change, numbered without gaps within the institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Grows by one; a client that comes back asks for what is after its last number.
    pub seq: i64,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub at: jiff::Timestamp,
    /// What changed.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// A reception was added, changed or cancelled.
    ReceptionChanged {
        /// Which one.
        key: ReceptionKey,
        /// Its revision after the change.
        revision: i64,
    },
    /// A patient's data changed in the receipt computer.
    PatientChanged {
        /// Which one.
        number: PatientNumber,
    },
    /// An item of a patient's profile has a new version.
    ProfileChanged {
        /// Whose.
        number: PatientNumber,
        /// Which item.
        item: Uuid,
    },
    /// A lab order of a patient changed, or results of it came.
    LabChanged {
        /// Whose.
        number: PatientNumber,
        /// Which order.
        order: Uuid,
    },
    /// A report that fits nobody came into the tray or left it.
    LabTrayChanged,
    /// The sets of lab items changed.
    LabSetsChanged,
    /// Departments, physicians or contents changed.
    ReferenceChanged,
    /// The link to the receipt computer went up or down.
    LinkChanged {
        /// How it is now.
        status: LinkStatus,
    },
    /// Sent first when the client's last number is no longer kept: load everything anew, then go on from
    /// this event's number.
    Reset,
}
