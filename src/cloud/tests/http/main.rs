//! The service over real TLS sockets, on SQLite, with a clock that the tests hold.

mod contract;
mod errors;
mod events;
mod line;
mod patients;
mod receptions;
mod sessions;
mod support;
