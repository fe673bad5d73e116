//! What `patientlst2v2` and `patientlst3v2` tell of a patient: less than `patientgetv2`.
//!
//! No safety remarks, no dates of visits, and insurances as such instead of combinations. A reader that took this
//! for the whole patient would show nobody's allergies.

use clinical::{HealthInsurance, Patient, PublicExpense};
use jiff::civil::Date;

use super::fields::Fields;
use super::node::Node;
use super::notes::Notes;
use super::{insurance, patient};

const MOST_HEALTH: usize = 3;
const MOST_PUBLIC: usize = 4;

/// A patient as the lists know one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basics {
    /// The patient; `insurance` is empty. Of the rest only name, birth date, sex, address and the two phone
    /// numbers of the home are written.
    pub patient: Patient,
    /// Up to three.
    pub health: Vec<Held>,
    /// Up to four.
    pub public: Vec<PublicExpense>,
}

/// A health insurance with its validity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The insurance.
    pub insurance: HealthInsurance,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

impl Basics {
    /// What the lists tell of this patient: each insurance once, those valid on `day` first.
    pub fn of(patient: &Patient, day: Option<Date>) -> Self {
        let mut combinations: Vec<_> = patient.insurance.iter().collect();
        combinations.sort_by_key(|c| day.is_some_and(|day| !c.covers(day)));
        let mut health: Vec<Held> = Vec::new();
        for combination in combinations {
            let Some(insurance) = &combination.health else { continue };
            if health.len() < MOST_HEALTH && health.iter().all(|held| held.insurance != *insurance)
            {
                health.push(Held {
                    insurance: insurance.clone(),
                    valid_from: combination.valid_from,
                    valid_to: combination.valid_to,
                });
            }
        }
        let mut public: Vec<PublicExpense> = Vec::new();
        for expense in patient.insurance.iter().flat_map(|combination| &combination.public) {
            if public.len() < MOST_PUBLIC && !public.contains(expense) {
                public.push(expense.clone());
            }
        }
        Self { patient: Patient { insurance: Vec::new(), ..patient.clone() }, health, public }
    }

    pub(crate) fn read(notes: &mut Notes, node: &Node) -> Option<Self> {
        let Some(patient) = patient::read(notes, node) else {
            notes.warn("Patient_ID", "row without a patient number left out");
            return None;
        };
        let health = notes.rows(node, "HealthInsurance_Information", |notes, row| {
            Some(Held {
                insurance: insurance::health(row)?,
                valid_from: notes.date(row, "Certificate_StartDate"),
                valid_to: notes.date(row, "Certificate_ExpiredDate"),
            })
        });
        let public = insurance::publics(notes, node);
        Some(Self { patient: Patient { insurance: Vec::new(), ..patient }, health, public })
    }

    pub(crate) fn write(&self) -> Fields {
        let health = self.health.iter().map(|held| {
            insurance::write_health(&held.insurance)
                .date("Certificate_StartDate", held.valid_from)
                .last_day("Certificate_ExpiredDate", held.valid_to)
        });
        patient::write_brief(&self.patient)
            .record("Home_Address_Information", patient::write_home(&self.patient))
            .text("Outpatient_Class", "2")
            .array("HealthInsurance_Information", health)
            .array("PublicInsurance_Information", self.public.iter().map(insurance::write_public))
    }
}
