//! Whether a report belongs to the order of its specimen number. Never guessed: where anything disagrees, a person
//! decides.

use clinical::lab::{LabReport, Mismatch, ToldPatient};
use clinical::{Patient, PatientNumber};

use crate::store::lab::{Known, names_agree};

/// The rule for [`crate::store::Store::take_lab_message`].
pub(super) fn rule(report: &LabReport, known: &Known) -> Option<Mismatch> {
    let told = &report.patient;
    if let Some((_, patient)) = &known.specimen {
        let fits = same_number(told, patient) && agrees(told, patient);
        return (!fits).then_some(Mismatch::OtherPatient);
    }
    Some(match &known.by_number {
        Some(patient) if agrees(told, patient) => Mismatch::UnknownSpecimen,
        Some(_) => Mismatch::NameDiffers,
        None => Mismatch::UnknownPatient,
    })
}

fn same_number(told: &ToldPatient, patient: &Patient) -> bool {
    PatientNumber::parse(&told.number)
        .is_ok_and(|number| number.canonical() == patient.number.canonical())
}

/// Whether what else the laboratory tells of the person fits; what it leaves out does not contradict.
fn agrees(told: &ToldPatient, patient: &Patient) -> bool {
    let birth = told.birth_date.is_none_or(|birth| patient.birth_date == Some(birth));
    birth && names_agree(&told.name, &patient.name)
}
