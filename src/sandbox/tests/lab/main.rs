//! The laboratory company as a clinic reaches it.
#![allow(clippy::unwrap_used)] // a test may stop where it stands

mod common;
mod folder;
mod judge;
mod orders;
mod results;
