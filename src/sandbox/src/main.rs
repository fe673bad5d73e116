//! `soegaki-sandbox`.
fn main() {}
