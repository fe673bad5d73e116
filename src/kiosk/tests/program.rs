//! The program as it is started: what it says when it cannot.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;
use std::process::{Command, Output};

fn soegaki(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_soegaki"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn settings_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kiosk.toml");
    let name = file.to_str().unwrap();
    std::fs::write(&file, "[window]\nscale = 150\n").unwrap();
    let good = soegaki(dir.path(), &["check-config", name]);
    assert!(good.status.success());
    assert_eq!(said(&good), format!("{name}: OK\n"));

    std::fs::write(&file, "[window]\nscale = 300\n").unwrap();
    let wrong = soegaki(dir.path(), &["check-config", name]);
    assert_eq!(wrong.status.code(), Some(1));
    let expected = format!(
        "{name}:2:9: 'window.scale' is not between 100 and 200; write a whole number from 100 to 200\n"
    );
    assert_eq!(said(&wrong), expected);

    // The same at start, with words for the person.
    let start = soegaki(dir.path(), &["--config", name]);
    assert_eq!(start.status.code(), Some(1));
    assert!(said(&start).contains("設定ファイルに誤りがある"), "{}", said(&start));
    assert!(said(&start).contains(&expected), "{}", said(&start));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kiosk.toml");
    std::fs::write(&file, "[server]\nurl = \"https://127.0.0.1:9\"\n").unwrap();
    let mut lines = vec![vec!["--config", file.to_str().unwrap()]];
    if cfg!(feature = "demo") {
        lines.push(vec!["demo"]);
        lines.push(vec![]);
    }
    for arguments in lines {
        let output = soegaki(dir.path(), &arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("画面を開けません") && said.contains("No window can be opened"),
            "{said}"
        );
        assert!(!said.contains("panicked"), "{said}");
    }
}
