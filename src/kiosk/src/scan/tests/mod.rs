//! The wedge against a simulated desk, and the reading of payloads.

mod desk;
mod ends;
mod payloads;
mod typing;
