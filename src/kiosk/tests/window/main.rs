//! The window without a window: every screen through its accessibility tree, as a person would use it.

mod list;
mod looks;
mod patient;
mod scan;
mod search;
mod sign_in;
mod support;
