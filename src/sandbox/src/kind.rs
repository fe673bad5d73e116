//! The kinds of message that `emit` and `read` know.

use clap::ValueEnum;
use clinical::MedicalContent;
use sandbox::clinic::CONTENTS;

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The receipt computer's answer to patientgetv2: one patient
    OrcaPatient,
    /// The receipt computer's answer to acceptlstv2: the receptions of a day
    OrcaReception,
    /// The request to the receipt computer's medicalmodv2: one order for the bill
    OrcaOrder,
    /// An order for a laboratory, OML^O33
    Hl7Order,
    /// Results of a laboratory, OUL^R22 and ORU^R01
    Hl7Result,
}

impl Kind {
    /// As typed, and as file names begin.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OrcaPatient => "orca-patient",
            Self::OrcaReception => "orca-reception",
            Self::OrcaOrder => "orca-order",
            Self::Hl7Order => "hl7-order",
            Self::Hl7Result => "hl7-result",
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
