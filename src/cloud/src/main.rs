//! `soegaki-cloud`.
fn main() {}
