//! Lab orders (検体検査依頼), their tubes, and results over time.
//!
//! A **lab order** is what a practitioner asks a laboratory company for: items, and the tubes that they share. Nothing
//! is changed in place: what a person confirms is a [`LabEntry`], which becomes a [`LabVersion`] when it is given an
//! author. [`LabOrder`] is what follows from the versions and from what the laboratory has told; [`LabOrder::apply`] is
//! the one rule by which cloud and terminal alike compute it.

pub mod check;
pub mod entry;
pub mod item;
pub mod order;
pub mod report;
pub mod result;
mod rule;
pub mod series;
pub mod set;
pub mod specimen;
pub mod state;
pub mod told;
pub mod tubes;

#[cfg(test)]
mod samples;

pub use check::LabRequestError;
pub use entry::{
    Identified, LabAct, LabEntry, LabOutcome, LabRequest, LabRuleBroken, LabVersion, NotDrawn,
};
pub use item::{Container, LabCode, LabItem, Procedure};
pub use order::{AtLab, Cancellation, Done, LabOrder, OrderedItem, Reported, Tube, TubeState};
pub use report::{LabReport, Mismatch, ReportedResult, ToldPatient, TrayReport};
pub use result::{Comparator, Flag, LabResult, ReferenceRange, ResultStatus, ResultValue};
pub use series::{Point, Series, series};
pub use set::{LabSet, LabSetAct, LabSetEntry};
pub use specimen::{SpecimenNumber, SpecimenNumberError};
pub use state::LabOrderState;
pub use told::{Arrival, Taken};
pub use tubes::plan_tubes;
