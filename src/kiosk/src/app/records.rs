//! What people have confirmed and what waits for them, as the window holds it.

use std::sync::Arc;

use api::entries::EntryContent;
use api::profile::{Confirmations, HistoryEntry, Waiting};
use clinical::profile::{Act, Item, ProfileEntry};
use clinical::{PatientNumber, PersonName, ReceptionKey, ReceptionState, Sex};
use jiff::Timestamp;
use uuid::Uuid;

use super::opened::overlay;
use crate::client::{Failure, Ticket};
use crate::local::{NotKept, OutboxRow, OutboxView, RowPatient};
use crate::screens::lab_order;

/// Something confirmed that is being written to the disk.
#[derive(Debug, Clone)]
pub struct Saving {
    /// What for.
    pub what: Task,
    /// Whom it is about.
    pub patient: RowPatient,
    /// The entries that the disk has not answered for.
    pub(super) open: Vec<(Uuid, EntryContent)>,
    /// Those that are kept.
    pub(super) kept: Vec<EntryContent>,
    /// Those that are not, with the latest reason.
    pub(super) lost: Option<Lost>,
}

/// What was not kept.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    pub(super) contents: Vec<EntryContent>,
    pub(super) why: NotKept,
    pub(super) detail: String,
}

/// What is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// A form.
    Form {
        /// Its draft's name.
        form: String,
    },
    /// A reception's state.
    State {
        /// Which.
        key: ReceptionKey,
        /// To what.
        to: ReceptionState,
    },
    /// A confirmation.
    Confirmation,
    /// A withdrawal of an item.
    Withdrawal,
    /// A decision between two versions.
    Decision,
    /// A remark of the receipt computer taken over.
    TakeOver,
    /// A lab order, out of its form.
    LabOrder {
        /// Which.
        order: Uuid,
        /// Whether its labels are to be printed.
        print: bool,
    },
    /// Something about a lab order or tube that the screen itself shows.
    Lab,
    /// A lab order taken back.
    LabCancel,
    /// Tubes sent.
    LabSend {
        /// How many.
        tubes: usize,
    },
    /// Results seen by a practitioner.
    LabConfirmation,
    /// A set of lab items.
    LabSet,
    /// A decision about a report that fitted nobody.
    LabTray,
    /// That something was printed.
    Print {
        /// The print job.
        job: Uuid,
    },
}

impl Saving {
    /// Whether an item of a profile is concerned.
    pub fn is_about(&self, item: Uuid) -> bool {
        let concerns = |content: &EntryContent| match content {
            EntryContent::Profile { entry } => entry.item == item,
            _ => false,
        };
        self.open.iter().any(|(_, content)| concerns(content))
    }

    /// Whether it is this form of this patient: a form is called the same with every patient.
    pub fn is_of(&self, number: &PatientNumber, form: &str) -> bool {
        let own = self.patient.number.as_ref();
        let same = match &self.what {
            Task::Form { form: other } => other == form,
            Task::LabOrder { .. } => form == lab_order::FORM,
            _ => false,
        };
        same && own.is_some_and(|own| own.canonical() == number.canonical())
    }
}

/// Whether two contents say the same: a new item's name is another one with each try.
pub(super) fn same_content(one: &EntryContent, other: &EntryContent) -> bool {
    match (one, other) {
        (EntryContent::Profile { entry: one }, EntryContent::Profile { entry: other }) => {
            let mut one = one.clone();
            if one.base.is_none() && other.base.is_none() {
                one.item = other.item;
            }
            one == *other
        }
        _ => one == other,
    }
}

/// What waits for a practitioner's confirmation.
#[derive(Debug, Clone, Default)]
pub struct WaitingList {
    /// As the cloud told it last.
    answer: Option<Confirmations>,
    /// When that was.
    pub told_at: Option<Timestamp>,
    /// Since when an answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// Why the latest question got none.
    pub failure: Option<Failure>,
    /// Something changed while an answer was on its way.
    pub(super) ask_again: bool,
    /// With the unsent entries of this terminal laid over, oldest first.
    pub rows: Vec<Waiting>,
    /// How many wait in all.
    pub total: u32,
}

impl WaitingList {
    /// The cloud's answer.
    pub(super) fn told(&mut self, answer: Confirmations, at: Timestamp) {
        self.answer = Some(answer);
        self.told_at = Some(at);
        self.asked_at = None;
        self.failure = None;
    }

    /// Lays the unsent entries over the answer: what was confirmed here no longer waits, and what was entered
    /// here waits already. `person` knows birth date and sex of whom the answer does not name.
    pub(super) fn overlay(
        &mut self,
        outbox: &OutboxView,
        person: impl Fn(&PatientNumber) -> Option<(PersonName, Sex, Option<jiff::civil::Date>)>,
    ) {
        let answer = self.answer.as_ref();
        let told = answer.map(|a| a.waiting.clone()).unwrap_or_default();
        let beyond = answer.map_or(0, |a| a.total.saturating_sub(count(a.waiting.len())));
        let mut patients: Vec<(PatientNumber, Vec<Waiting>)> = Vec::new();
        for waiting in told {
            let i = place(&mut patients, &waiting.number);
            patients[i].1.push(waiting);
        }
        for entry in outbox.rows.iter().filter(|row| row.is_unsent()).filter_map(recorded) {
            place(&mut patients, &entry.patient);
        }
        let mut rows = Vec::new();
        for (number, waiting) in patients {
            let known = waiting.first().map(|w| (w.name.clone(), w.sex, w.birth_date));
            let mut items = waiting.into_iter().map(|w| w.item).collect();
            overlay(&mut items, &number, outbox);
            let (name, sex, birth_date) = known.or_else(|| person(&number)).unwrap_or_else(|| {
                let own = outbox.rows.iter().find(|row| is_about(row, &number));
                let name = own.map(|row| row.patient.name.clone());
                (name.unwrap_or_default(), Sex::Unknown, None)
            });
            rows.extend(items.into_iter().filter(|item| item.awaits).map(|item| Waiting {
                number: number.clone(),
                name: name.clone(),
                birth_date,
                sex,
                item,
            }));
        }
        rows.sort_by_key(since);
        self.total = beyond + count(rows.len());
        self.rows = rows;
    }
}

/// The patient's place among those that have something waiting.
fn place(patients: &mut Vec<(PatientNumber, Vec<Waiting>)>, number: &PatientNumber) -> usize {
    let canonical = number.canonical();
    let known = patients.iter().position(|(other, _)| other.canonical() == canonical);
    known.unwrap_or_else(|| {
        patients.push((number.clone(), Vec::new()));
        patients.len() - 1
    })
}

/// The entry of a row that gives an item a content.
fn recorded(row: &Arc<OutboxRow>) -> Option<&ProfileEntry> {
    match &row.entry.content {
        EntryContent::Profile { entry } if matches!(entry.act, Act::Record { .. }) => Some(entry),
        _ => None,
    }
}

/// Whether a row is about this patient.
fn is_about(row: &OutboxRow, number: &PatientNumber) -> bool {
    row.patient.number.as_ref().is_some_and(|own| own.canonical() == number.canonical())
}

/// Since when it waits.
pub fn since(waiting: &Waiting) -> Timestamp {
    let item = &waiting.item;
    item.withdrawal.as_ref().map_or(item.content.entered_at, |deed| deed.entered_at)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A patient's history.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    /// Whose.
    pub number: PatientNumber,
    /// Of the question; an answer with another ticket is dropped.
    pub ticket: Ticket,
    /// Since when an answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// Every version that the cloud has, oldest first; `None` before the answer.
    pub versions: Option<Vec<HistoryEntry>>,
    /// Grows with every change.
    pub version: u64,
}

impl HistoryPage {
    /// An item as its versions make it, with the unsent ones laid over: also one that the patient's page has no
    /// room for.
    pub fn item(&self, id: Uuid, outbox: &OutboxView) -> Option<Item> {
        let mut items = Vec::new();
        for entry in self.versions.as_ref()?.iter().filter(|e| e.version.entry.item == id) {
            // What broke a rule was never stored.
            let _ = Item::apply(&mut items, &entry.version);
        }
        overlay(&mut items, &self.number, outbox);
        items.into_iter().find(|item| item.id == id)
    }
}
