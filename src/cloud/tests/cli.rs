//! `soegaki-cloud` as an operator uses it.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PASSWORD: &str = "akarui-Asa-2026!";

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// A folder with settings, a certificate and no database yet.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("server.pem", &pair.cert.pem());
        write("server.key", &pair.signing_key.serialize_pem());
        write(
            "cloud.toml",
            "[listen]\naddress = \"127.0.0.1:0\"\ncertificate = \"server.pem\"\n\
             private_key = \"server.key\"\n[database]\nurl = \"sqlite:records.db\"\n",
        );
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn config(&self) -> String {
        self.path("cloud.toml").display().to_string()
    }

    /// Runs a command that uses the settings file; `input` is typed.
    fn run(&self, words: &[&str], input: &str) -> Output {
        let config = self.config();
        let mut all: Vec<&str> = words.to_vec();
        all.extend(["--config", &config]);
        run(&all, input)
    }
}

fn soegaki_cloud(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soegaki-cloud"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(words: &[&str], input: &str) -> Output {
    let mut child = soegaki_cloud(words).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn good(output: Output) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn bad(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn settings_are_checked_before_they_are_used() {
    let place = Place::new();
    let config = place.config();
    assert!(good(run(&["check-config", &config], "")).contains("ok"));
    std::fs::write(&config, "[session]\n\nidle = \"long\"\n").unwrap();
    let error = bad(run(&["check-config", &config], ""));
    assert!(error.contains("cloud.toml:3:8: "), "{error}");
    assert!(error.contains("\"30s\""), "{error}");
    let error = bad(place.run(&["serve"], ""));
    assert!(error.contains("cloud.toml:3:8: "), "{error}");
}

#[test]
fn the_document_is_printed() {
    let text = good(run(&["openapi"], ""));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(document["paths"][api::routes::PATIENT]["get"].is_object());
}

#[test]
fn a_service_is_set_up_runs_and_stops() {
    let place = Place::new();
    let error = bad(place.run(&["institution", "list"], ""));
    assert!(error.contains("soegaki-cloud migrate"), "{error}");
    assert!(good(place.run(&["migrate"], "")).contains("SQLite"));
    assert!(good(place.run(&["migrate"], "")).contains("nothing to do"));
    good(place.run(&["institution", "add", "demo", "みどり診療所"], ""));
    assert!(good(place.run(&["institution", "list"], "")).contains("みどり診療所"));

    let add = |login: &str, password: &str| {
        let words = ["account", "add", "--institution", "demo", login, "--name", "受付 花子"];
        let words = [&words[..], &["--role", "receptionist"]].concat();
        place.run(&words, &format!("{password}\n"))
    };
    assert!(bad(add("uketsuke", "short")).contains("13 characters"));
    good(add("uketsuke", PASSWORD));
    assert!(bad(add("uketsuke", PASSWORD)).contains("uketsuke"));
    let whose = ["--institution", "demo", "uketsuke"];
    let account = |verb: &str| place.run(&[&["account", verb][..], &whose].concat(), "");
    assert!(good(account("disable")).contains("disabled"));
    let list = good(place.run(&["account", "list", "--institution", "demo"], ""));
    assert!(list.contains("uketsuke\treceptionist\tdisabled"), "{list}");
    good(account("enable"));
    good(account("unlock"));
    let file = place.path("password");
    std::fs::write(&file, "kurai-Yoru-2026!\n").unwrap();
    let file = file.display().to_string();
    let words = ["account", "password", "--institution", "demo", "uketsuke"];
    good(place.run(&[&words[..], &["--password-file", &file]].concat(), ""));

    serve_and_stop(&place);

    let records = good(place.run(&["records", "verify"], ""));
    assert_eq!(
        records.trim(),
        "demo: true, 0 entries, 0 versions, 0 items, 0 lab orders, 0 lab results"
    );
    let verdict = good(place.run(&["audit", "verify"], ""));
    assert!(verdict.starts_with("demo: true"), "{verdict}");
    let noted = verdict.trim().rsplit(' ').next().unwrap().to_owned();
    good(place.run(&["audit", "verify", "--institution", "demo", "--noted", &noted], ""));
    let rows = good(place.run(&["audit", "show", "--institution", "demo"], ""));
    let first: serde_json::Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    assert_eq!(first["seq"], 1);
    spoil(&place.path("records.db"), first["hash"].as_str().unwrap());
    let broken = place.run(&["audit", "verify"], "");
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8(broken.stdout).unwrap().starts_with("demo: false, row 1"));
}

/// Changes one byte of a text in a file.
fn spoil(path: &Path, text: &str) {
    let mut bytes = std::fs::read(path).unwrap();
    let places: Vec<usize> = bytes
        .windows(text.len())
        .enumerate()
        .filter_map(|(n, window)| (window == text.as_bytes()).then_some(n))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
    }
    std::fs::write(path, bytes).unwrap();
}

fn serve_and_stop(place: &Place) {
    let mut child = soegaki_cloud(&["serve", "--config", &place.config()]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let serving = lines.find(|line| line.as_ref().unwrap().contains("serving"));
    assert!(serving.unwrap().unwrap().contains("127.0.0.1:"));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(rest.iter().any(|line| line.contains("stopped")), "{rest:?}");
}
