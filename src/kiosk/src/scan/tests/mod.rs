//! The wedge against a simulated desk, and the reading of payloads.

mod desk;
mod payloads;
mod typing;
