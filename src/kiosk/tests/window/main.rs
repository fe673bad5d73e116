//! The window without a window: every screen through its accessibility tree, as a person would use it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets the unexpected fails"
)]

mod list;
mod looks;
mod patient;
mod scan;
mod search;
mod sign_in;
mod support;
