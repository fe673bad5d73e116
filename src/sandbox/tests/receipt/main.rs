//! The receipt computer as its clients meet it: over real TLS, with other people's HTTP and WebSocket clients.
#![allow(clippy::unwrap_used)] // a test may stop where it stands

mod common;
mod day;
mod line;
mod list;
mod patients;
mod push;
mod reception;
