//! Reading lab orders and results, the sets, and deciding about reports that fit nobody.

use clinical::lab::{LabOrder, LabResult, LabSet, TrayReport};
use clinical::{PatientNumber, PersonName, Sex};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::PatientHit;
use crate::receptions::LinkState;

/// Orders and results of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct PatientLab {
    /// Newest first.
    pub orders: Vec<LabOrder>,
    /// Newest first by [`LabResult::collected_at`], else by when they were stored; replaced ones included.
    pub results: Vec<LabResult>,
    /// False where only the latest stand here, as on a patient's page: at most the open orders and those of the last
    /// three days with results.
    pub whole: bool,
}

/// Which day's specimens.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LabDayQuery {
    /// Local day of the clinic; today when absent.
    #[param(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
}

/// What the sample desk has to do on a day (本日の検体).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Orders to be collected on the day, and those with drawn tubes that have not been sent: of the 30 days before, and
    /// those drawn before their day; in the order of ordering.
    pub orders: Vec<LabDayOrder>,
}

/// An order with its patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabDayOrder {
    /// The patient's name.
    pub name: PersonName,
    /// The patient's birth date.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// The patient's sex.
    pub sex: Sex,
    /// The order.
    pub order: LabOrder,
}

/// What came from laboratories and waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct LabInbox {
    /// Results that no practitioner has confirmed: panic values first, then oldest first; at most 200 orders.
    pub waiting: Vec<LabWaiting>,
    /// How many orders wait in all.
    pub total: u32,
    /// Reports that fit nobody, oldest first; at most 200.
    pub tray: Vec<TrayRow>,
    /// The laboratories.
    pub labs: Vec<LabLink>,
}

/// Results of one order that wait for confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabWaiting {
    /// Whose.
    pub number: PatientNumber,
    /// The patient's name.
    pub name: PersonName,
    /// The patient's birth date.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// The patient's sex.
    pub sex: Sex,
    /// The order.
    pub order: LabOrder,
    /// The results that stand and wait, and those that they replaced.
    pub results: Vec<LabResult>,
}

/// A report in the tray, with the patients whom it may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrayRow {
    /// The report.
    pub report: TrayReport,
    /// Patients with that number, or with that name and birth date; at most 5.
    pub candidates: Vec<PatientHit>,
}

/// A laboratory as the cloud sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabLink {
    /// Its name in the settings.
    pub name: String,
    /// Whether the last exchange worked.
    pub state: LinkState,
    /// When the last exchange worked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_success: Option<jiff::Timestamp>,
    /// Messages that have not been delivered.
    pub undelivered: u32,
}

/// The sets of the clinic.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct LabSets {
    /// By place, then name.
    pub sets: Vec<LabSet>,
}

/// What a person decides about a report in the tray; travels as a [`crate::entries::Entry`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrayEntry {
    /// [`TrayReport::id`].
    pub report: Uuid,
    /// The decision.
    pub decision: TrayDecision,
}

/// A decision about a report in the tray.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum TrayDecision {
    /// It is this patient's.
    Assign {
        /// Whose.
        patient: PatientNumber,
        /// The patient's order that it answers; `None` where there is none: then an order is made that stands for
        /// the report, with the report's id.
        order: Option<Uuid>,
    },
    /// It is nobody's here (別の施設の患者); it is kept, and leaves the tray.
    SetAside {
        /// Why.
        reason: String,
    },
}
