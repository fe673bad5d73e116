//! The screens. Each is a struct with its own state and one `show`: it draws what the desk knows and says what
//! the person wants; it does no I/O and waits for nothing.

pub mod confirmations;
pub mod entry;
pub mod help;
pub mod history;
pub mod outbox;
pub mod patient;
pub mod receptions;
pub mod settle;
pub mod sign_in;
pub mod unknown_card;
