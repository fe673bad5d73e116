//! A clinic in one process, everything over real sockets: receipt computer, cloud, a line with a plug, and the
//! workers of two terminals.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

mod curl;
mod records;
mod support;
mod terminals;
