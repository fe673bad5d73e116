//! The scanner at the desk: a keyboard wedge that types faster than any person.
//!
//! [`Wedge`] takes a burst out of the window's input before any widget sees it; [`Cards`] reads what the burst
//! says. Neither does I/O, and the moment comes in as a parameter.

mod burst;
mod check;
mod pace;
mod pattern;
mod payload;
mod repair;
mod settings;
mod wedge;

#[cfg(test)]
mod tests;

pub use check::CheckDigit;
pub use pattern::{CardPattern, Covers, Symbology, Template};
pub use payload::{Cards, Reading, Reason};
pub use settings::{Mark, Scanner};
pub use wedge::Wedge;

/// One recognised burst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The payload, full-width forms repaired, prefix and suffix gone.
    pub text: String,
    /// True when an input method garbled the payload past repair.
    pub garbled: bool,
}
