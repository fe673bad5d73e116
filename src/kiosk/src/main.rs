//! `soegaki`: the window at the desk.

// A double click on Windows opens no console beside the window.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    kiosk::cli::main()
}
