//! The cloud's link to the receipt computer, against the sandbox over real sockets.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

mod line;
mod morning;
mod patients;
mod support;
