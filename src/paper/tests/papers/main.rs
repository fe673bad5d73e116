//! Papers as they come out: read back by tools that are not ours.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod forms;
mod labels;
mod support;
mod tools;
