//! Faults on purpose, the small set: what `make torture` does by the hundred, here a few times each, with the same
//! programs, the same line and the same judge.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

mod judge;
mod proxy;
mod small;
