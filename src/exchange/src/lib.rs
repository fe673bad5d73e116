//! Standard messages: bytes on one side, clinical values on the other. No I/O.
//!
//! One module per neighbour; each reads tolerantly (what others send is never perfect), writes strictly
//! (what we send is), and reports what it could not use as a value.

pub mod hl7v2;
pub mod orca;
mod warning;

pub use warning::Warning;
