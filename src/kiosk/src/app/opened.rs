//! The patient on the screen.

use std::cell::RefCell;
use std::sync::Arc;

use api::entries::EntryContent;
use api::lab::PatientLab;
use api::patients::PatientView;
use clinical::lab::{Identified, LabOrder, LabVersion};
use clinical::profile::{Item, SHOWN_PER_KIND, Version, shown};
use clinical::{Patient, PatientNumber, PersonName, Reception, Sex};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::client::{Failure, Ticket};
use crate::local::{OutboxRow, OutboxView};

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
    /// Something has changed since this terminal kept what it shows.
    pub outdated: bool,
    /// How it was made sure that this is the patient at the desk, and when.
    pub identified: Option<(Identified, Timestamp)>,
    /// The profile with the outbox of this version laid over it.
    overlaid: RefCell<Option<(u64, Arc<Vec<Item>>)>>,
    /// Lab orders and results, the same way.
    lab: RefCell<Option<(u64, Arc<PatientLab>)>>,
}

impl Opened {
    /// Just opened.
    pub fn new(number: PatientNumber, ticket: Ticket, asked_at: Timestamp, shown: Shown) -> Self {
        let asked_at = Some(asked_at);
        Self {
            number,
            ticket,
            asked_at,
            shown,
            failure: None,
            outdated: false,
            identified: None,
            overlaid: RefCell::default(),
            lab: RefCell::default(),
        }
    }

    /// Shows something newer.
    pub fn show(&mut self, shown: Shown) {
        self.shown = shown;
        self.outdated = false;
        self.overlaid.take();
        self.lab.take();
    }

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

    /// Whether a number, however padded, is this patient's.
    pub fn is(&self, number: &PatientNumber) -> bool {
        self.number.canonical() == number.canonical()
    }

    /// The items that stand, with what waits in the outbox laid over what the cloud has told: what a person has
    /// confirmed counts at once. Where only the day's list is known, the outbox alone speaks.
    pub fn profile(&self, outbox: &OutboxView) -> Arc<Vec<Item>> {
        let mut memo = self.overlaid.borrow_mut();
        match &*memo {
            Some((version, items)) if *version == outbox.version => Arc::clone(items),
            _ => {
                let mut items = self.view().map(|view| view.profile.clone()).unwrap_or_default();
                overlay(&mut items, &self.number, outbox);
                let items = Arc::new(shown(items, SHOWN_PER_KIND));
                *memo = Some((outbox.version, Arc::clone(&items)));
                items
            }
        }
    }

    /// Open lab orders and the latest results, with what waits in the outbox laid over.
    pub fn lab(&self, outbox: &OutboxView) -> Arc<PatientLab> {
        let mut memo = self.lab.borrow_mut();
        match &*memo {
            Some((version, lab)) if *version == outbox.version => Arc::clone(lab),
            _ => {
                let told = self.view().map(|view| view.lab.clone()).unwrap_or_default();
                let lab = Arc::new(super::lab::overlaid(told, &self.number, outbox));
                *memo = Some((outbox.version, Arc::clone(&lab)));
                lab
            }
        }
    }

    /// A lab order as the cloud has just told of it takes its place.
    pub(super) fn put_order(&mut self, order: &LabOrder, version: Option<&LabVersion>) {
        if let Shown::Kept { view, .. } | Shown::Fresh(view) = &mut self.shown
            && crate::local::merge_order(&mut view.lab, order, version)
        {
            self.lab.take();
        }
    }

    /// An item as the cloud has just told of it takes its place.
    pub(super) fn put(&mut self, item: &Item) {
        if let Shown::Kept { view, .. } | Shown::Fresh(view) = &mut self.shown {
            match view.profile.iter_mut().find(|own| own.id == item.id) {
                // An answer that was long on its way must not undo what has been read since.
                Some(own) if own.revision > item.revision => return,
                Some(own) => own.clone_from(item),
                None => view.profile.push(item.clone()),
            }
            let items = std::mem::take(&mut view.profile);
            view.profile = shown(items, SHOWN_PER_KIND);
            self.overlaid.take();
        }
    }
}

/// Lays the unsent entries about a patient over the patient's items.
pub(super) fn overlay(items: &mut Vec<Item>, number: &PatientNumber, outbox: &OutboxView) {
    let canonical = number.canonical();
    for version in outbox.rows.iter().filter_map(|row| version_of(row)) {
        if version.entry.patient.canonical() == canonical {
            // What breaks a rule here is refused by the cloud too, and then told.
            let _ = Item::apply(items, &version);
        }
    }
}

/// The version that an unsent entry will be; `None` for other entries and for what was taken back.
pub(crate) fn version_of(row: &OutboxRow) -> Option<Version> {
    let EntryContent::Profile { entry } = &row.entry.content else { return None };
    row.is_unsent().then(|| Version {
        id: row.id,
        entry: entry.clone(),
        author: row.author.clone(),
        terminal: String::new(),
        entered_at: row.entry.entered_at,
        stored_at: None,
    })
}
