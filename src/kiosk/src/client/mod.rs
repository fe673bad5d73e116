//! The worker that talks to the cloud.

pub mod message;

pub use message::{Failure, FailureKind, Line, Request, Ticket, Update};
