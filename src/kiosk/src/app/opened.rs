//! The patient on the screen.

use api::patients::PatientView;
use clinical::{Patient, PatientNumber, PersonName, Reception, Sex};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::client::{Failure, Ticket};

/// What is known of the opened patient.
#[derive(Debug, Clone)]
pub enum Shown {
    /// Nothing but the number.
    Nothing,
    /// What the day's list says; no safety remarks.
    Basics(Box<Reception>),
    /// What this terminal kept.
    Kept {
        /// The patient.
        view: Box<PatientView>,
        /// When it was stored.
        at: Timestamp,
    },
    /// What the cloud answered in this opening.
    Fresh(Box<PatientView>),
}

/// The opened patient.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whom.
    pub number: PatientNumber,
    /// Of the question under way; an answer with another ticket is dropped.
    pub ticket: Ticket,
    /// Since when the answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// What is known.
    pub shown: Shown,
    /// Why the latest question got no answer.
    pub failure: Option<Failure>,
}

impl Opened {
    /// The patient, when more than the day's list is known.
    pub fn patient(&self) -> Option<&Patient> {
        self.view().map(|view| &view.patient)
    }

    /// The same with receptions.
    pub fn view(&self) -> Option<&PatientView> {
        match &self.shown {
            Shown::Kept { view, .. } | Shown::Fresh(view) => Some(view),
            Shown::Nothing | Shown::Basics(_) => None,
        }
    }

    /// Name, as far as known.
    pub fn name(&self) -> Option<&PersonName> {
        match &self.shown {
            Shown::Nothing => None,
            Shown::Basics(reception) => Some(&reception.name),
            Shown::Kept { view, .. } | Shown::Fresh(view) => Some(&view.patient.name),
        }
    }

    /// Sex and birth date, as far as known.
    pub fn person(&self) -> (Sex, Option<Date>) {
        match &self.shown {
            Shown::Nothing => (Sex::Unknown, None),
            Shown::Basics(reception) => (reception.sex, reception.birth_date),
            Shown::Kept { view, .. } | Shown::Fresh(view) => {
                (view.patient.sex, view.patient.birth_date)
            }
        }
    }
}
