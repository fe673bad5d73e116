//! The service over real TLS sockets, on SQLite, with a clock that the tests hold.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

mod contract;
mod entries;
mod errors;
mod events;
mod lab;
mod line;
mod patients;
mod profile;
mod receptions;
mod sessions;
mod support;
