//! What was printed.

use clinical::PatientNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A paper given to a printer; travels as a [`crate::entries::Entry`], so that each print is on record. Tube labels
/// have their own act, [`clinical::lab::LabAct::Labels`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrintRecord {
    /// Names the print job; a reprint keeps it.
    pub job: Uuid,
    /// Which paper.
    pub paper: PaperKind,
    /// Whose; `None` for a paper about several people.
    pub patient: Option<PatientNumber>,
    /// 1 for the first print, 2 and more for reprints.
    pub copy: u32,
    /// To which printer.
    pub printer: String,
    /// Why again; empty for the first print.
    pub reason: String,
}

/// Papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// カルテシール.
    Sticker,
    /// 検査結果.
    Results,
    /// 本日表.
    DaySheet,
}
