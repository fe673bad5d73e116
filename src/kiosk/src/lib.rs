//! The window at the desk.

pub mod client;
