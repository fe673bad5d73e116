//! The house's widgets. Each carries its words as accessible name.

pub mod banner;
pub mod button;
pub mod card;
pub mod changes;
pub mod chart;
pub mod choice;
pub mod chooser;
pub mod entry_words;
pub mod field;
pub mod key_bar;
pub mod lab_line;
pub mod names;
pub mod pager;
pub mod patient_strip;
pub mod pending;
pub mod pick;
pub mod profile;
pub mod state;
pub mod status_line;
pub mod text;
pub mod tube;
