//! Lab orders, tubes and results as the window holds them: what the cloud last told or this terminal keeps, with the
//! outbox laid over it, so that what a person has confirmed counts at once.

use std::collections::HashSet;
use std::sync::Arc;

use api::entries::EntryContent;
use api::lab::{LabDay, LabDayOrder, LabInbox, PatientLab, TrayEntry};
use clinical::lab::{LabOrder, LabSet, LabSetAct, LabSetEntry, LabVersion, SpecimenNumber};
use clinical::{PatientNumber, PersonName, Sex, Staff};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Desk;
use crate::client::{Failure, Ticket};
use crate::local::{OutboxRow, OutboxView};

/// What an order form holds when it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabDraft {
    /// Keys of the catalogue ([`clinical::lab::LabItem::key`]), in the order of the form.
    pub keys: Vec<String>,
    /// Name of the set that they were taken from; empty when they were put together by hand.
    pub set_name: String,
    /// 至急.
    pub urgent: bool,
    /// 絶食.
    pub fasting: bool,
    /// For the laboratory.
    pub comment: String,
    /// 採取予定日.
    pub collect_on: Date,
    /// The practitioner in whose name somebody else orders.
    pub on_behalf_of: Option<Staff>,
    /// Whether the labels are to be printed at once.
    pub print: bool,
}

/// What is known of lab orders and results.
#[derive(Debug, Clone, Default)]
pub struct LabDesk {
    /// The day's orders.
    pub day: LabDayPage,
    /// What came from laboratories.
    pub inbox: InboxPage,
    /// The sets: the signed-in person's own first, then the clinic's, each by place and name.
    pub sets: Vec<LabSet>,
    /// All orders and results of the opened patient, once somebody has asked for them.
    pub patient: Option<PatientLabPage>,
    /// A tube of somebody else lies on the desk.
    pub wrong_tube: Option<WrongTube>,
    /// The opened patient's tube that was scanned last.
    pub scanned_tube: Option<SpecimenNumber>,
    /// The sets as the cloud last told them, or as this terminal keeps them.
    pub(super) told_sets: Vec<LabSet>,
}

impl LabDesk {
    /// The day's orders with the outbox laid over, in the order of ordering.
    pub fn day_orders(&self) -> &[LabDayOrder] {
        &self.day.rows
    }
}

/// A day's lab orders.
#[derive(Debug, Clone, Default)]
pub struct LabDayPage {
    /// The day, orders as the cloud last told them or as this terminal keeps them; `None` where neither is here.
    pub(super) answer: Option<LabDay>,
    /// When the cloud told it.
    pub told_at: Option<Timestamp>,
    /// Whether it is this terminal's own copy.
    pub kept: bool,
    /// Since when an answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// Why the latest question got none.
    pub failure: Option<Failure>,
    /// Something changed while an answer was on its way.
    pub(super) ask_again: bool,
    /// With the outbox laid over.
    pub(super) rows: Vec<LabDayOrder>,
    /// Grows with every change.
    pub version: u64,
}

/// A patient as far as the window knows the person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: PersonName,
    pub(super) birth_date: Option<Date>,
    pub(super) sex: Sex,
}

impl LabDayPage {
    /// Lays the outbox over what was told. `person` knows whom a new order is about.
    pub(super) fn overlay(
        &mut self,
        today: Date,
        outbox: &OutboxView,
        person: impl Fn(&PatientNumber) -> Option<Person>,
    ) {
        let answer = self.answer.iter().flat_map(|day| &day.orders);
        // Of another day's answer, what is still to be done.
        let told: Vec<LabDayOrder> = answer
            .filter(|row| row.order.collect_on == today || has_unsent(&row.order))
            .cloned()
            .collect();
        let mut orders: Vec<LabOrder> = told.iter().map(|row| row.order.clone()).collect();
        lay_over(&mut orders, outbox);
        let rows = orders.into_iter().filter_map(|order| {
            if let Some(known) = told.iter().find(|row| row.order.id == order.id) {
                return Some(LabDayOrder { order, ..known.clone() });
            }
            (order.collect_on == today || has_unsent(&order)).then(|| {
                let known = person(&order.patient).unwrap_or_else(|| Person {
                    name: name_in(outbox, &order.patient),
                    birth_date: None,
                    sex: Sex::Unknown,
                });
                let Person { name, birth_date, sex } = known;
                LabDayOrder { name, birth_date, sex, order }
            })
        });
        let rows: Vec<LabDayOrder> = rows.collect();
        if rows != self.rows {
            self.rows = rows;
            self.version += 1;
        }
    }
}

/// Whether a tube was drawn and has not gone to the laboratory.
pub(super) fn has_unsent(order: &LabOrder) -> bool {
    order.cancelled.is_none() && order.tubes.iter().any(|tube| tube.is_drawn() && tube.is_here())
}

fn name_in(outbox: &OutboxView, number: &PatientNumber) -> PersonName {
    let own = outbox.rows.iter().find(|row| {
        row.patient.number.as_ref().is_some_and(|own| own.canonical() == number.canonical())
    });
    own.map(|row| row.patient.name.clone()).unwrap_or_default()
}

/// What came from laboratories.
#[derive(Debug, Clone, Default)]
pub struct InboxPage {
    pub(super) answer: Option<LabInbox>,
    /// With the outbox laid over: what was confirmed or decided here no longer waits.
    pub shown: LabInbox,
    /// When the cloud told it.
    pub told_at: Option<Timestamp>,
    /// Since when an answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// Why the latest question got none.
    pub failure: Option<Failure>,
    /// Something changed while an answer was on its way.
    pub(super) ask_again: bool,
    /// Panic values that the signed-in person has been told of.
    pub(super) told_panic: HashSet<Uuid>,
    /// Grows with every change.
    pub version: u64,
}

impl InboxPage {
    /// How many things wait: orders with results, and reports that fit nobody.
    pub fn count(&self) -> u32 {
        self.shown.total.saturating_add(u32::try_from(self.shown.tray.len()).unwrap_or(u32::MAX))
    }

    /// Whether a panic value of this order waits for a practitioner.
    pub(super) fn has_panic(&self, order: Uuid) -> bool {
        let own = self.shown.waiting.iter().filter(|waiting| waiting.order.id == order);
        own.flat_map(|waiting| &waiting.results)
            .any(|result| result.stands() && result.confirmed.is_none() && result.flag.is_panic())
    }

    pub(super) fn overlay(&mut self, outbox: &OutboxView) {
        let mut shown = self.answer.clone().unwrap_or_default();
        let before = shown.waiting.len();
        for waiting in &mut shown.waiting {
            let mut orders = vec![waiting.order.clone()];
            let own = |version: &LabVersion| version.entry.order == waiting.order.id;
            for version in unsent(outbox).filter_map(|row| version_of(row)).filter(own) {
                let _ = LabOrder::apply_with_results(&mut orders, &mut waiting.results, &version);
            }
            waiting.order = orders.swap_remove(0);
        }
        shown.waiting.retain(|waiting| {
            waiting.results.iter().any(|result| result.stands() && result.confirmed.is_none())
        });
        let gone = before - shown.waiting.len();
        shown.total = shown.total.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX));
        let decided: HashSet<Uuid> =
            unsent(outbox).filter_map(|row| decision(row)).map(|entry| entry.report).collect();
        shown.tray.retain(|row| !decided.contains(&row.report.id));
        if shown != self.shown {
            self.shown = shown;
            self.version += 1;
        }
    }
}

fn decision(row: &OutboxRow) -> Option<&TrayEntry> {
    match &row.entry.content {
        EntryContent::LabTray { entry } => Some(entry),
        _ => None,
    }
}

/// All orders and results of a patient.
#[derive(Debug, Clone)]
pub struct PatientLabPage {
    /// Whose.
    pub number: PatientNumber,
    /// Of the question; an answer with another ticket is dropped.
    pub ticket: Ticket,
    /// Since when an answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// As the cloud told it; `None` before the answer.
    pub(super) told: Option<PatientLab>,
    /// The same with the outbox laid over.
    pub lab: Option<Arc<PatientLab>>,
    /// Grows with every change.
    pub version: u64,
}

impl PatientLabPage {
    pub(super) fn overlay(&mut self, outbox: &OutboxView) {
        let Some(told) = &self.told else { return };
        let laid = overlaid(told.clone(), &self.number, outbox);
        if self.lab.as_deref() != Some(&laid) {
            self.lab = Some(Arc::new(laid));
            self.version += 1;
        }
    }
}

/// A tube of somebody else lies on the desk, or one that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongTube {
    /// As scanned.
    pub scanned: SpecimenNumber,
    /// Whose it is, as far as known.
    pub other: Option<(PatientNumber, PersonName)>,
    /// Whom the desk is busy with; `None` where nobody is.
    pub opened: Option<(PatientNumber, PersonName)>,
    /// Of the question whose it is; `None` once that is known.
    pub asked: Option<Ticket>,
}

/// Orders and results with the unsent entries about the patient laid over.
pub(super) fn overlaid(
    mut lab: PatientLab,
    number: &PatientNumber,
    outbox: &OutboxView,
) -> PatientLab {
    // Entries apply to orders in the order of time; a new order stands first.
    lab.orders.reverse();
    let canonical = number.canonical();
    for version in outbox.rows.iter().filter_map(|row| version_of(row)) {
        if canonical == version.entry.patient.canonical() {
            // What breaks a rule here is refused by the cloud too, and then told.
            let _ = LabOrder::apply_with_results(&mut lab.orders, &mut lab.results, &version);
        }
    }
    lab.orders.reverse();
    lab
}

/// Applies the unsent versions.
fn lay_over(orders: &mut Vec<LabOrder>, outbox: &OutboxView) {
    for version in outbox.rows.iter().filter_map(|row| version_of(row)) {
        // As above.
        let _ = LabOrder::apply(orders, &version);
    }
}

fn unsent(outbox: &OutboxView) -> impl Iterator<Item = &Arc<OutboxRow>> {
    outbox.rows.iter().filter(|row| row.is_unsent())
}

/// The version that an unsent entry will be; `None` for other entries and for what was taken back.
pub(super) fn version_of(row: &OutboxRow) -> Option<LabVersion> {
    row.is_unsent().then(|| row.lab_version()).flatten()
}

/// The sets with the unsent entries laid over: one's own first, then the clinic's.
pub(super) fn sets(told: &[LabSet], own: Option<Uuid>, outbox: &OutboxView) -> Vec<LabSet> {
    let mut sets = told.to_vec();
    for row in unsent(outbox) {
        if let EntryContent::LabSet { entry: LabSetEntry { set, act } } = &row.entry.content {
            sets.retain(|known| known.id != *set);
            if let LabSetAct::Keep { set } = act {
                sets.push(set.clone());
            }
        }
    }
    sets.retain(|set| set.owner.is_none() || set.owner == own);
    sets.sort_by(|a, b| {
        (a.owner.is_none(), a.place, &a.name).cmp(&(b.owner.is_none(), b.place, &b.name))
    });
    sets
}

impl Desk {
    /// Orders and results of the opened patient: all of them once they are read, else what the patient's page has.
    pub fn patient_lab(&self) -> Arc<PatientLab> {
        let Some(opened) = &self.opened else { return Arc::default() };
        let page = self.lab.patient.as_ref().filter(|page| opened.is(&page.number));
        page.and_then(|page| page.lab.clone()).unwrap_or_else(|| opened.lab(&self.outbox))
    }
}
