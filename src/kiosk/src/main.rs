//! `soegaki`: the kiosk.
fn main() {}
