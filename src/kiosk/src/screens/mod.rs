//! The screens. Each is a struct with its own state and one `show`: it draws what the desk knows and says what
//! the person wants; it does no I/O and waits for nothing.

pub mod confirmations;
pub mod entry;
pub mod help;
pub mod history;
pub mod lab_inbox;
pub mod lab_order;
pub mod outbox;
pub mod patient;
pub mod printing;
pub mod receptions;
pub mod results;
pub mod samples;
pub mod settle;
pub mod sign_in;
pub mod specimens;
pub mod unknown_card;
pub mod wrong_tube;
