//! A real Secret Service: gnome-keyring on a session bus of its own.

use std::time::Duration;

use super::{LIMIT, number, view};
use crate::config::Keyring;
use crate::local::{Handle, Settings};

#[test]
fn the_system_keyring_works() {
    use std::process::Command;
    if std::env::var_os("SOEGAKI_INSIDE_KEYRING").is_some() {
        return inside_keyring();
    }
    let home = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    let script = "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && exec \"$0\" \
                  --exact local::tests::keyring::the_system_keyring_works --nocapture";
    let out = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .arg(&this)
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("SOEGAKI_INSIDE_KEYRING", "1")
        .output()
        .expect("this test needs dbus and gnome-keyring: apt-get install dbus gnome-keyring");
    let said =
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("1 passed"), "{said}");
}

fn inside_keyring() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        folder: dir.path().join("cache"),
        institution: "demo".to_owned(),
        patients: 3,
        keyring: Keyring::Auto,
    };
    for run in 0..2 {
        let handle = Handle::open(settings.clone(), || ());
        assert!(handle.settle(LIMIT));
        assert_eq!(handle.known_patient(&number("1")).is_some(), run == 1);
        handle.remember_patient(view("1"));
        assert!(handle.settle(LIMIT));
        assert_eq!(handle.notices(), []);
        drop(handle);
        let said = std::fs::read_to_string(settings.folder.join("cache.key")).unwrap();
        assert_eq!(said, "soegaki cache key 1 keyring\n");
        // The lock goes with the thread, a moment after the last handle.
        let free = || redb::Database::open(settings.folder.join("cache.redb")).is_ok();
        let end = std::time::Instant::now() + LIMIT;
        while !free() {
            assert!(std::time::Instant::now() < end, "the file stays locked");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
