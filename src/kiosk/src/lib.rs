//! The window at the desk.

pub mod app;
pub mod cli;
pub mod client;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod i18n;
pub mod local;
#[cfg(feature = "demo")]
pub mod paper_door;
#[cfg(feature = "demo")]
pub mod play;
pub mod printing;
pub mod scan;
pub mod screens;
pub mod theme;
pub mod widgets;
pub mod window;
