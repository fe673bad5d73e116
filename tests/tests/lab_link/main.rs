//! The cloud's link to a laboratory company, against the sandbox's: over TLS sockets, and by files in a folder.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

mod files;
mod line;
mod results;
mod support;
