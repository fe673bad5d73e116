//! The window without a window: every screen through its accessibility tree, as a person would use it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets the unexpected fails"
)]

mod confirmations;
mod desk;
mod entry;
mod full_disk;
mod history;
mod lab_flow;
mod lab_inbox;
mod lab_order;
mod lab_stage;
mod lamp;
mod list;
mod looks;
mod offline;
mod outbox;
mod patient;
mod printing;
mod profile;
mod races;
mod records;
mod results;
mod samples;
mod scan;
mod search;
mod sign_in;
mod support;
