//! The cloud service of Soegaki: what the terminals of a clinic talk to.
//!
//! `http` answers the contract of the crate `api`, `store` keeps the records, `links` speaks to outside
//! services, `jobs` delivers what they must hear, `accounts` knows who may do what. `serve` puts them together.

pub mod accounts;
pub mod admin;
pub mod clock;
pub mod config;
pub mod http;
mod jobs;
mod links;
pub mod logs;
mod service;
pub mod store;

pub use config::Config;
pub use links::LinkError;
pub use service::{Running, StartError, serve};
