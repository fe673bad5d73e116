//! Which tubes the desk has to do with, and what there is to say of each.

use std::cmp::Reverse;

use api::entries::EntryContent;
use clinical::lab::{AtLab, LabOrder, LabOrderState, SpecimenNumber, Tube, TubeState};
use paper::queue::State;

use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::local::RowState;
use crate::printing::{JobView, ToPrint};
use crate::widgets::tube::{self, Look};

/// A tube with its order.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// The order.
    pub order: &'a LabOrder,
    /// One of its tubes.
    pub tube: &'a Tube,
}

impl Own<'_> {
    /// Whether something may still be done with it here.
    pub fn is_open(&self) -> bool {
        self.order.cancelled.is_none() && self.tube.is_here()
    }

    /// Whether it is to be drawn.
    pub fn is_planned(&self) -> bool {
        self.is_open() && self.tube.state == TubeState::Planned
    }
}

/// The opened patient's orders that the sample desk has to do with: those of the day, and others that wait for their
/// tubes or for the laboratory. What is to be drawn first stands first.
pub fn orders(desk: &Desk, opened: &Opened) -> Vec<LabOrder> {
    let day = desk.lab.day_orders().iter().filter(|row| opened.is(&row.order.patient));
    let mut orders: Vec<LabOrder> = day.map(|row| row.order.clone()).collect();
    for order in &desk.patient_lab().orders {
        let open = order.state() <= LabOrderState::InProgress && !order.tubes.is_empty();
        if open && orders.iter().all(|own| own.id != order.id) {
            orders.push(order.clone());
        }
    }
    orders.sort_by_key(|order| {
        let later = order.collect_on > desk.today();
        (order.cancelled.is_some(), later, Reverse(order.urgent), order.ordered.time)
    });
    orders
}

/// Their tubes, in the order in which they stand on the screen.
pub fn all(orders: &[LabOrder]) -> Vec<Own<'_>> {
    orders
        .iter()
        .flat_map(|order| order.tubes.iter().map(move |tube| Own { order, tube }))
        .collect()
}

/// Where the label of a tube is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Nobody has printed it.
    None,
    /// It waits for its printer.
    Waits,
    /// The printer has it.
    Going,
    /// It was printed, as far as can be known.
    Printed,
    /// It was not printed.
    Failed,
    /// A person must look whether it was.
    Unknown,
}

/// Where the label of a tube is: the latest print job's word, else what is on record.
pub fn label(desk: &Desk, own: Own<'_>) -> Label {
    let prints = |job: &&JobView| match &job.order.what {
        ToPrint::Labels { order, tubes, .. } => {
            order.id == own.order.id && tubes.contains(&own.tube.number)
        }
        _ => false,
    };
    // Newest first.
    for job in desk.prints.jobs.iter().filter(prints) {
        return match &job.state {
            State::Waiting { .. } | State::Handing | State::HandedOver { held: true, .. } => {
                Label::Waits
            }
            State::HandedOver { .. } if !job.state.is_settled() => Label::Going,
            State::HandedOver { .. } | State::Printed { .. } => Label::Printed,
            State::Failed { .. } => Label::Failed,
            State::Unknown { .. } => Label::Unknown,
            State::Cancelled { .. } => continue,
        };
    }
    if own.tube.labels > 0 { Label::Printed } else { Label::None }
}

/// What is to be said of the label.
pub fn label_words(desk: &Desk, own: Own<'_>) -> (String, Look) {
    let (key, look) = match label(desk, own) {
        Label::None => ("specimens.label_none", Look::Plain),
        Label::Waits => ("specimens.label_waits", Look::Waits),
        Label::Going => ("specimens.label_going", Look::Plain),
        Label::Printed if own.tube.labels > 1 => {
            let n = own.tube.labels.to_string();
            return (desk.fill("specimens.label_copies", &[("n", &n)]), Look::Plain);
        }
        Label::Printed => ("specimens.label_printed", Look::Plain),
        Label::Failed => ("specimens.label_failed", Look::Wrong),
        Label::Unknown => ("specimens.label_unknown", Look::Wrong),
    };
    (desk.t(key).to_owned(), look)
}

/// Whether the cloud will not take something that a person has confirmed about the order.
fn is_held(desk: &Desk, order: &LabOrder) -> bool {
    desk.outbox.rows.iter().any(|row| {
        matches!(row.state, RowState::Refused { .. })
            && matches!(&row.entry.content, EntryContent::Lab { entry } if entry.order == order.id)
    })
}

/// The small words under the badge: why it was not drawn or not taken, else where its label is.
pub fn note(desk: &Desk, own: Own<'_>) -> (String, Look) {
    // What follows a refused entry of the order does not go out either: no badge is to be relied on.
    if is_held(desk, own.order) {
        return (desk.t("record.refused").to_owned(), Look::Wrong);
    }
    match (&own.tube.lab, &own.tube.state) {
        (AtLab::Refused { why, .. }, _) if !why.is_empty() => (why.clone(), Look::Wrong),
        (AtLab::Here, TubeState::NotDrawn { reason, note, .. }) => {
            let words = if note.is_empty() { desk.t(tube::not_drawn(*reason)) } else { note };
            (words.to_owned(), Look::Waits)
        }
        (AtLab::Here | AtLab::Refused { .. }, _) if own.order.cancelled.is_none() => {
            label_words(desk, own)
        }
        _ => (String::new(), Look::Plain),
    }
}

/// The abbreviations of what is measured from a tube.
pub fn items(own: Own<'_>) -> String {
    let of = own.order.items.iter().filter(|item| item.tube.as_ref() == Some(&own.tube.number));
    of.map(|item| item.abbr.as_str()).collect::<Vec<_>>().join("、")
}

/// The tubes whose label nobody has printed and no job will print.
pub fn unprinted<'a>(desk: &Desk, tubes: &[Own<'a>]) -> Vec<Own<'a>> {
    let open = tubes.iter().filter(|own| own.is_planned());
    open.filter(|own| label(desk, **own) == Label::None).copied().collect()
}

/// The tube of this number.
pub fn find<'a>(tubes: &[Own<'a>], number: Option<&SpecimenNumber>) -> Option<Own<'a>> {
    let number = number?;
    tubes.iter().find(|own| own.tube.number == *number).copied()
}

#[cfg(test)]
#[path = "tubes_tests.rs"]
mod tests;
