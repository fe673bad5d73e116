//! The receipt computer (日レセ, WebORCA): its "xml2" requests and replies, and its push events.
//!
//! Every endpoint is a module of the same make: `PATH`, a `Request`, a `Reply`, and
//! `write_request`/`read_request`/`write_reply`/`read_reply` between them and bytes. The cloud writes requests
//! and reads replies; the sandbox does the opposite. All go through one tree, [`Node`].
//!
//! A reply's `read_reply` is tolerant and takes XML and JSON alike; a request's `read_request` is strict,
//! since the real receipt computer answers a request with a missing or wrong `type` attribute with an empty
//! body and nothing else.

pub mod acceptlstv2;
pub mod acceptmodv2;
mod basics;
mod error;
mod fields;
mod insurance;
mod json;
pub mod medicalmodv2;
mod node;
mod notes;
mod patient;
pub mod patientgetv2;
pub mod patientlst1v2;
pub mod patientlst2v2;
pub mod patientlst3v2;
mod person;
pub mod push;
pub mod pusheventgetv2;
mod result;
pub mod system01lstv2;
mod xml;

pub use basics::{Basics, Held};
pub use error::{Kind, OrcaError};
pub use fields::Fields;
pub use node::{Message, Node};
pub use notes::Warning;
pub use person::Person;
pub use result::{ApiResult, Endpoint, Outcome};

/// The tree as such: for messages that have no module of their own.
pub mod xml2 {
    pub use super::json::read as read_json;
    pub use super::xml::{carried, read_strict, read_tolerant, write_reply, write_request};
}
