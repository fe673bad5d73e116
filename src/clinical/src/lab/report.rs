//! A result message as the laboratory wrote it, before it is known whose it is.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::item::LabCode;
use super::result::{Flag, ReferenceRange, ResultStatus, ResultValue};
use crate::patient::{PersonName, Sex};

/// What a result message tells of one specimen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabReport {
    /// Specimen number as written.
    pub specimen: String,
    /// The clinic's order number as written (ORC-2); empty where there is none.
    pub placer: String,
    /// The laboratory's own number (ORC-3); empty where there is none.
    pub filler: String,
    /// The patient as written.
    pub patient: ToldPatient,
    /// When the specimen was taken.
    #[schema(value_type = Option<String>, example = "2026-11-22T09:53:00")]
    pub collected_at: Option<DateTime>,
    /// When the laboratory reported.
    #[schema(value_type = Option<String>, example = "2026-11-22T18:00:00")]
    pub reported_at: Option<DateTime>,
    /// Remarks about the specimen as a whole.
    pub comments: Vec<String>,
    /// In the order of the message.
    pub results: Vec<ReportedResult>,
}

/// One result as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedResult {
    /// Codes as written.
    pub code: LabCode,
    /// Name as written.
    pub name: String,
    /// Value.
    pub value: ResultValue,
    /// Unit.
    pub unit: String,
    /// Reference range.
    pub range: ReferenceRange,
    /// Whether it is out of range.
    pub flag: Flag,
    /// Whether it may still change.
    pub status: ResultStatus,
    /// When it was measured.
    #[schema(value_type = Option<String>, example = "2026-11-22T16:20:00")]
    pub analysed_at: Option<DateTime>,
    /// Remarks.
    pub comments: Vec<String>,
}

/// The patient as a laboratory wrote the person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ToldPatient {
    /// Patient number as written; empty where there is none.
    pub number: String,
    /// Name.
    pub name: PersonName,
    /// Birth date.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
}

/// A report that waits for a person's decision: it fits no order, or disagrees with the one that it fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrayReport {
    /// Named by the cloud.
    pub id: Uuid,
    /// The laboratory's name in the settings.
    pub lab: String,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// Why it waits.
    pub why: Mismatch,
    /// The order that its specimen number names, where there is one.
    pub order: Option<Uuid>,
    /// As the laboratory wrote it.
    pub report: LabReport,
}

/// Why a report waits for a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// The specimen is known, but the report's patient is another.
    OtherPatient,
    /// The specimen is not known; number, name and birth date fit a patient of the clinic.
    UnknownSpecimen,
    /// The specimen is not known, and the number belongs to somebody with another name or birth date.
    NameDiffers,
    /// Nothing fits.
    UnknownPatient,
}
