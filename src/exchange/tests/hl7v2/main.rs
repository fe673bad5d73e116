//! Messages with a laboratory: what is written, and what odd ones are read as.
#![allow(clippy::unwrap_used)] // a test may stop where it stands

mod fixtures;
mod properties;
mod refusals;
mod samples;
mod written;
