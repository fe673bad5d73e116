//! Faults on purpose: programs killed, lines cut, disks full, databases stopped, clocks set wrong. What a person was
//! told is saved must be in the cloud once afterwards, and nothing that nobody confirmed.
//!
//! - [`clinic`] prepares a clinic and its cloud, a process of its own that can be killed.
//! - The binary `terminal` is a kiosk without a window: the real store and the real worker, with a [`stream`] of
//!   entries in place of a person. What it says stands in its [`journal`].
//! - [`phases`] are the faults; [`oracle`] judges what is left of each; [`report`] adds it up.

pub mod clinic;
pub mod disk;
pub mod journal;
pub mod oracle;
pub mod phases;
pub mod process;
pub mod report;
pub mod stage;
pub mod stream;

/// Why a phase could not be carried out. That is not a verdict.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
