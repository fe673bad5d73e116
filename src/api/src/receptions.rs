//! The reception list and changes made at the desk.

use clinical::{Department, MedicalContent, Physician, Reception, ReceptionKey, ReceptionState};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which day.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceptionQuery {
    /// Local day of the clinic; today when absent.
    #[param(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
}

/// All receptions of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceptionList {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// In the order of reception time, then id. Cancelled ones are included.
    pub receptions: Vec<Reception>,
    /// Ask the event stream for what is after this number: nothing falls between list and stream.
    pub event_seq: i64,
    /// The link that feeds the list.
    pub link: LinkStatus,
}

/// The link to the receipt computer as the cloud sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkStatus {
    /// Whether the last exchange worked.
    pub state: LinkState,
    /// When the cloud last read the receipt computer's list with success.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_success: Option<jiff::Timestamp>,
}

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Not tried yet.
    Starting,
    /// The last exchange worked.
    Up,
    /// It cannot be reached, or is too slow.
    Unreachable,
    /// It refuses our user or certificate.
    Refused,
    /// It answers something that is not its protocol.
    Garbled,
}

/// A change of state made at the desk; travels as a [`crate::entries::Entry`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StateChange {
    /// Which reception.
    pub key: ReceptionKey,
    /// The new state.
    pub state: ReceptionState,
    /// The state that the person saw. The change is made if that, or already the new one, still stands.
    pub seen: ReceptionState,
}

/// The clinic's own lists, from the receipt computer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Reference {
    /// 診療科.
    pub departments: Vec<Department>,
    /// 担当医.
    pub physicians: Vec<Physician>,
    /// 診療内容.
    pub contents: Vec<MedicalContent>,
}
