//! The kinds of message that `emit` and `read` know.

use clap::ValueEnum;
use clinical::MedicalContent;
use sandbox::clinic::CONTENTS;

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(
    clippy::enum_variant_names,
    reason = "named after the kinds as typed; other formats than the receipt computer's follow"
)]
pub(crate) enum Kind {
    /// The receipt computer's answer to patientgetv2: one patient
    OrcaPatient,
    /// The receipt computer's answer to acceptlstv2: the receptions of a day
    OrcaReception,
    /// The request to the receipt computer's medicalmodv2: one order for the bill
    OrcaOrder,
}

impl Kind {
    /// As typed, and as file names begin.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OrcaPatient => "orca-patient",
            Self::OrcaReception => "orca-reception",
            Self::OrcaOrder => "orca-order",
        }
    }
}

/// Names of the 診療内容. A reception list carries their codes alone; a clinic's own names come from another
/// endpoint, so that here the synthetic clinic's stand for them.
pub(crate) fn contents() -> Vec<MedicalContent> {
    CONTENTS
        .iter()
        .map(|(code, name)| MedicalContent { code: (*code).to_owned(), name: (*name).to_owned() })
        .collect()
}
