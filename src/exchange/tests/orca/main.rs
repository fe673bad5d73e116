//! The receipt computer's messages: fixtures with invented persons, round trips, and a second opinion.

mod fixtures;
mod lists;
mod properties;
mod second_opinion;
mod strategies;
mod strict;

/// The bytes of a fixture.
fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).expect("fixture exists")
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/orca")
}

/// Names of all fixtures with that ending.
fn names(ending: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("fixtures exist")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("plain name"))
        .filter(|name| name.ends_with(ending))
        .collect();
    names.sort();
    names
}
