//! Reports of a time before the laboratory opened: what a clinic already has in its books.

use clinical::lab::LabReport;
use exchange::hl7v2::{Head, OrderControl, OrderMessage};
use jiff::civil::DateTime;

use super::analyser::Fate;
use super::course::course;
use crate::clinic::{DrawnOrder, INSTITUTION_NAME};

/// What was reported at that time about each tube of an order, with nothing unusual on the way.
pub fn past_reports(seed: u64, drawn: &DrawnOrder, at: DateTime) -> Vec<LabReport> {
    let tubes: Vec<_> = drawn.order.tubes.iter().map(|tube| tube.number.clone()).collect();
    let message = OrderMessage::of(
        Head::default(),
        OrderControl::New,
        &drawn.order,
        &tubes,
        drawn.told(),
        INSTITUTION_NAME.to_owned(),
    );
    let reports = message.specimens.iter().flat_map(|specimen| {
        let filler = format!("L{}", specimen.number);
        course(seed, &message.patient, specimen, Fate::default(), &filler, |_| at)
    });
    reports.map(|(_, report)| report).collect()
}
