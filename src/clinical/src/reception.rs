//! A reception (受付): one visit of one day, from the counter to the till.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patient::{PatientNumber, PersonName, Sex};

/// Names a reception within an institution: the day, and the number that the receipt computer gave it that day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct ReceptionKey {
    /// Local day of the clinic.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// 受付ID, five digits.
    #[schema(example = "00005")]
    pub id: String,
}

/// Department (診療科).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
pub struct Department {
    /// Two digits.
    pub code: String,
    /// 内科.
    pub name: String,
}

/// Physician (担当医).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
pub struct Physician {
    /// Five digits, the first `1` for a doctor.
    pub code: String,
    /// Full name.
    pub name: String,
}

/// What the visit is for (診療内容), from the receipt computer's own list: `01` 診察, `02` 薬のみ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
pub struct MedicalContent {
    /// Two digits.
    pub code: String,
    /// The clinic's name for it.
    pub name: String,
}

/// Where the visit stands (状態).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReceptionState {
    /// 受付: waits.
    Waiting,
    /// 診察中.
    InConsultation,
    /// 検査中.
    InExamination,
    /// 会計待ち.
    AwaitingPayment,
    /// 済: paid and gone.
    Done,
    /// 取消: taken back in the receipt computer.
    Cancelled,
}

impl ReceptionState {
    /// The states a desk can set, in their order.
    pub const DESK: [Self; 5] = [
        Self::Waiting,
        Self::InConsultation,
        Self::InExamination,
        Self::AwaitingPayment,
        Self::Done,
    ];

    /// The state that the "next" key sets; `None` at the end. Examination is entered by choice, so the usual
    /// way goes from consultation to payment.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Waiting => Some(Self::InConsultation),
            Self::InConsultation | Self::InExamination => Some(Self::AwaitingPayment),
            Self::AwaitingPayment => Some(Self::Done),
            Self::Done | Self::Cancelled => None,
        }
    }

    /// Whether the person is no longer at the clinic for this visit.
    pub fn has_gone(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }

    /// Whether a desk may set `to` from here. Everything among the desk's states is allowed, backwards too,
    /// since a slip of the finger must be undone; a cancelled reception belongs to the receipt computer.
    pub fn may_become(self, to: Self) -> bool {
        self != Self::Cancelled && to != Self::Cancelled && self != to
    }
}

/// Reception (受付).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reception {
    /// Its name.
    pub key: ReceptionKey,
    /// `None` for a walk-in who has only a name so far (未登録).
    pub patient: Option<PatientNumber>,
    /// As in the reception list.
    pub name: PersonName,
    /// As in the reception list.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// As in the reception list.
    pub sex: Sex,
    /// 受付時刻.
    #[schema(value_type = String, example = "08:44:00")]
    pub time: Time,
    /// 予約時刻.
    #[schema(value_type = Option<String>, example = "09:00:00")]
    pub appointment: Option<Time>,
    /// 会計時刻, once the receipt computer has closed the bill.
    #[schema(value_type = Option<String>, example = "09:40:00")]
    pub paid_at: Option<Time>,
    /// 診療科.
    pub department: Department,
    /// 担当医.
    pub physician: Physician,
    /// 診療内容.
    pub content: MedicalContent,
    /// 保険組合せ番号 of this visit.
    pub insurance_combination: Option<String>,
    /// Where it stands.
    pub state: ReceptionState,
    /// Grows by one with every change of this reception; a change names the revision it was made from.
    pub revision: i64,
}

/// The state of a reception after the receipt computer's word, given what the desk had set before.
///
/// The receipt computer knows only "open", "paid" and "gone"; it overrules the desk where it says paid or
/// gone, and leaves the desk's finer state alone otherwise. A bill reopened there (open again after
/// [`ReceptionState::Done`] by payment) returns to the till.
pub fn merged_state(desk: ReceptionState, was_paid: bool, paid_now: bool) -> ReceptionState {
    match (desk, paid_now) {
        (_, true) => ReceptionState::Done,
        (ReceptionState::Done, false) if was_paid => ReceptionState::AwaitingPayment,
        (ReceptionState::Cancelled, false) => ReceptionState::Waiting,
        (desk, false) => desk,
    }
}

#[cfg(test)]
#[path = "reception_tests.rs"]
mod tests;
