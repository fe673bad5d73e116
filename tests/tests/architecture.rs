//! Keeps the house in order: which room may use which, how long a file may be, where files may lie.
//! `ARCHITECTURE.md` says the same in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room → rooms it may use. A room that is not listed may not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("clinical", &[]),
    ("settings", &[]),
    ("exchange", &["clinical"]),
    ("api", &["clinical"]),
    ("codes", &["clinical"]),
    ("cloud", &["exchange", "api", "clinical", "codes", "settings"]),
    ("paper", &["clinical"]),
    ("sandbox", &["exchange", "codes", "clinical"]),
    ("kiosk", &["api", "clinical", "codes", "paper", "settings"]),
];

/// Arrows that stand only under a feature: room, feature, rooms.
const FEATURE_ARROWS: &[(&str, &str, &[&str])] = &[("kiosk", "demo", &["cloud", "sandbox"])];

/// No source file is longer than this.
const MOST_LINES: usize = 800;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// Violations in one room's manifest.
fn violations(room: &str, manifest: &str) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("src/{room} is not a room of the house")];
    };
    let rooms: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml is TOML");
    let optional: BTreeMap<&str, &str> = FEATURE_ARROWS
        .iter()
        .filter(|(name, ..)| *name == room)
        .flat_map(|(_, feature, rooms)| rooms.iter().map(|room| (*room, *feature)))
        .collect();
    let mut found = wrong_features(room, &manifest);
    for (section, dependencies) in dependency_tables(&manifest) {
        for (name, value) in dependencies {
            let target = value.get("package").and_then(|p| p.as_str()).unwrap_or(name);
            if !rooms.contains(target) || allowed.contains(&target) {
                continue;
            }
            let is_optional = value.get("optional").and_then(toml::Value::as_bool) == Some(true);
            if optional.contains_key(target) && is_optional {
                continue;
            }
            found.push(format!("{room} may not use {target} ({section})"));
        }
    }
    found
}

/// Features that bring in an optional room, other than the one that may. `dep:cloud`, `cloud`, `cloud/x` and
/// `cloud?/x` all name the dependency `cloud`; an optional dependency that no `dep:` names is a feature itself.
fn wrong_features(room: &str, manifest: &toml::Table) -> Vec<String> {
    let mut found = Vec::new();
    let features = manifest.get("features").and_then(|f| f.as_table());
    for (_, only, targets) in FEATURE_ARROWS.iter().filter(|(name, ..)| *name == room) {
        for target in *targets {
            let keys = keys_of(manifest, target);
            let mut behind_the_feature = BTreeSet::new();
            for (feature, enables) in features.into_iter().flatten() {
                for item in enables.as_array().into_iter().flatten().filter_map(|i| i.as_str()) {
                    let name = item.strip_prefix("dep:").unwrap_or(item);
                    let name = name.split('/').next().unwrap_or(name).trim_end_matches('?');
                    if !keys.contains(name) {
                        continue;
                    }
                    if feature != only {
                        found.push(format!("{room}: feature {feature} may not enable {target}"));
                    } else if item.starts_with("dep:") {
                        behind_the_feature.insert(name);
                    }
                }
            }
            for key in keys.iter().filter(|key| !behind_the_feature.contains(*key)) {
                found
                    .push(format!("{room}: {key} is a feature of its own; {only} needs dep:{key}"));
            }
        }
    }
    found
}

/// The names under which a manifest has an optional room.
fn keys_of<'a>(manifest: &'a toml::Table, target: &str) -> BTreeSet<&'a str> {
    dependency_tables(manifest)
        .into_iter()
        .flat_map(|(_, dependencies)| dependencies)
        .filter(|(_, value)| value.get("optional").and_then(toml::Value::as_bool) == Some(true))
        .filter(|(key, value)| {
            value.get("package").and_then(|p| p.as_str()).unwrap_or(key.as_str()) == target
        })
        .map(|(key, _)| key.as_str())
        .collect()
}

fn dependency_tables(manifest: &toml::Table) -> Vec<(String, &toml::Table)> {
    let mut tables = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(table) = manifest.get(section).and_then(|t| t.as_table()) {
            tables.push((section.to_owned(), table));
        }
        let targets = manifest.get("target").and_then(|t| t.as_table());
        for (target, value) in targets.into_iter().flatten() {
            if let Some(table) = value.get(section).and_then(|t| t.as_table()) {
                tables.push((format!("target.{target}.{section}"), table));
            }
        }
    }
    tables
}

fn files(dir: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("folder can be read") {
        let path = entry.expect("entry can be read").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                files(&path, ending, out);
            }
        } else if path.extension().is_some_and(|e| e == ending) {
            out.push(path);
        }
    }
}

#[test]
fn rooms_use_only_what_they_may() {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("src")).expect("src/ can be read") {
        let path = entry.expect("entry can be read").path();
        let room = path.file_name().and_then(|n| n.to_str()).expect("plain name").to_owned();
        let manifest = fs::read_to_string(path.join("Cargo.toml"))
            .unwrap_or_else(|e| panic!("src/{room} has no Cargo.toml: {e}"));
        found.extend(violations(&room, &manifest));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_added_arrow_is_found() {
    let add = |section: &str, line: &str| format!("[{section}]\n{line}\n");
    let cases = [
        ("cloud", add("dependencies", "sandbox.workspace = true")),
        ("cloud", add("dev-dependencies", "sandbox = { path = \"../sandbox\" }")),
        ("clinical", add("dependencies", "other = { package = \"api\", path = \"../api\" }")),
        ("api", add("target.'cfg(unix)'.dependencies", "kiosk.workspace = true")),
        ("kiosk", add("dependencies", "cloud.workspace = true")),
        ("attic", String::new()),
    ];
    for (room, manifest) in cases {
        assert_eq!(violations(room, &manifest).len(), 1, "{room}: {manifest}");
    }
    let optional = add("dependencies", "cloud = { workspace = true, optional = true }");
    let demo = add("features", "default = [\"demo\"]\ndemo = [\"dep:cloud\"]");
    assert!(violations("kiosk", &format!("{optional}{demo}")).is_empty());
    assert!(!violations("sandbox", &format!("{optional}{demo}")).is_empty());
    for features in [
        "",
        "[features]\ndemo = []",
        "[features]\ndemo = [\"cloud\"]",
        "[features]\ndemo = [\"dep:cloud\"]\ndefault = [\"dep:cloud\"]",
        "[features]\ndemo = [\"dep:cloud\"]\nextra = [\"cloud/x\"]",
        "[features]\ndemo = [\"dep:cloud\"]\nextra = [\"cloud?/x\"]",
    ] {
        assert_eq!(violations("kiosk", &format!("{optional}{features}")).len(), 1, "{features}");
    }
}

#[test]
fn no_file_is_too_long() {
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    files(&root().join("tests"), "rs", &mut sources);
    assert!(sources.len() > 20, "the walk finds the sources");
    let long: Vec<String> = sources
        .iter()
        .filter_map(|path| {
            let lines = fs::read_to_string(path).expect("source is UTF-8").lines().count();
            (lines > MOST_LINES).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "longer than {MOST_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn every_crate_takes_its_lints_from_the_workspace() {
    let mut manifests = Vec::new();
    files(&root().join("src"), "toml", &mut manifests);
    manifests.push(root().join("tests/Cargo.toml"));
    for path in manifests.iter().filter(|p| p.file_name().is_some_and(|n| n == "Cargo.toml")) {
        let manifest: toml::Table =
            fs::read_to_string(path).expect("manifest is UTF-8").parse().expect("TOML");
        let inherits = manifest.get("lints").and_then(|l| l.get("workspace"));
        assert_eq!(inherits.and_then(toml::Value::as_bool), Some(true), "{}", path.display());
    }
}

#[test]
fn the_top_level_is_the_one_of_the_plan() {
    let allowed = [
        "src",
        "assets",
        "config",
        "tests",
        "packaging",
        "target",
        ".git",
        ".ci",
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "README.ja.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "THIRD-PARTY.md",
        "Makefile",
        "deny.toml",
        "clippy.toml",
        "rustfmt.toml",
        ".gitignore",
        ".gitattributes",
    ];
    for entry in fs::read_dir(root()).expect("root can be read") {
        let name = entry.expect("entry can be read").file_name().to_string_lossy().into_owned();
        assert!(allowed.contains(&name.as_str()), "{name} has no place at the top level");
    }
}
