//! The published contract between a user interface and the cloud: routes, requests, replies, errors, events.
//!
//! JSON over HTTPS. Every route but [`routes::SESSIONS`], [`routes::ENTRY`] and [`routes::HEALTH`] wants
//! `Authorization: Bearer <token>`. Bodies hold the types of `clinical` unchanged. Dates are ISO 8601 days,
//! moments are RFC 3339 with offset. The same contract is published as an OpenAPI document by
//! `soegaki-cloud openapi`.

pub mod entries;
pub mod error;
pub mod event;
pub mod lab;
pub mod papers;
pub mod patients;
pub mod profile;
pub mod proof;
pub mod receptions;
pub mod routes;
pub mod session;

pub use error::{ErrorBody, ErrorCode};
pub use event::{Event, EventKind};
