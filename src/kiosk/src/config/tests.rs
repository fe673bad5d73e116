use super::{Config, Desk, Keyring, Lang, Theme};

const SHIPPED: &str = include_str!("../../../../config/kiosk.toml");

#[test]
fn the_shipped_file_shows_every_default() {
    let silent: Config = Config::parse(SHIPPED, "config/kiosk.toml").unwrap();
    assert_eq!(silent, Config::default());

    let spoken = settings::uncommented(SHIPPED);
    assert_eq!(Config::parse(&spoken, "config/kiosk.toml").unwrap(), Config::default());

    // Every setting is in it: names that have no default stand in an example.
    let error = Config::parse("x = 1", "x").unwrap_err().to_string();
    let tables = ["server", "window", "scanner", "local"];
    let mut names: Vec<String> = known(&error);
    for table in tables {
        names.extend(known(
            &Config::parse(&format!("[{table}]\nx = 1"), "x").unwrap_err().to_string(),
        ));
    }
    names.extend(known(&Config::parse("[[scanner.cards]]\nx = 1", "x").unwrap_err().to_string()));
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let shown = |line: &str| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with(&format!("{name} = "))
                || line.starts_with(&format!("[{name}]"))
                || line.starts_with(&format!("[[scanner.{name}]]"))
        };
        assert!(SHIPPED.lines().any(shown), "'{name}' is not in config/kiosk.toml");
    }
}

fn known(error: &str) -> Vec<String> {
    let list = error.split("nown here: ").nth(1).expect(error);
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn a_whole_file_is_read() {
    let config = Config::parse(
        r#"
institution = "hyojun"
terminal = "採血台1"
desk = "samples"
[server]
url = "https://cloud.example.jp/"
[window]
lang = "en"
scale = 150
theme = "contrast"
fullscreen = true
[scanner]
prefix = "F13"
suffix = ["Enter"]
[local]
dir = "/var/lib/soegaki"
patients = 10
keyring = "file"
"#,
        "kiosk.toml",
    )
    .unwrap();
    assert_eq!(config.institution.as_str(), "hyojun");
    assert_eq!(config.desk, Desk::Samples);
    assert_eq!(config.server.url.as_str(), "https://cloud.example.jp");
    assert_eq!((config.window.lang, config.window.theme), (Lang::En, Theme::Contrast));
    assert_eq!(config.window.scale.get(), 150);
    assert!(config.window.fullscreen);
    assert_eq!(config.local.folder().unwrap().to_str(), Some("/var/lib/soegaki"));
    assert_eq!(config.local.patients.0.get(), 10);
    assert_eq!(config.local.keyring, Keyring::File);
}

#[test]
fn wrong_values_are_refused_with_their_place() {
    for (text, says) in [
        ("[window]\nscale = 250", "k.toml:2:9: 'window.scale' is not between 100 and 200"),
        ("[server]\nurl = \"http://x\"", "k.toml:2:7: 'server.url' does not begin with https://"),
        (
            "[server]\nca = \"absent.pem\"",
            "k.toml:2:6: 'server.ca' names a file that cannot be read",
        ),
        ("desk = \"front\"", "k.toml:1:8: 'desk' cannot be \"front\""),
        (
            "[scanner]\nsufix = []",
            "k.toml:2:1: there is no setting 'sufix'; did you mean 'suffix'?",
        ),
        (
            "[scanner]\n\nprefix = \"Enter\"",
            "k.toml:3:1: 'scanner.prefix' is one of 'scanner.suffix'",
        ),
        ("[local]\npatients = -1", "k.toml:2:12: 'local.patients' is not between 0 and 2000"),
        ("terminal = \" \"", "k.toml:1:12: 'terminal' is empty"),
    ] {
        let error = Config::parse(text, "k.toml").unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
}

#[test]
fn an_authority_file_without_a_certificate_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kiosk.toml");
    std::fs::write(dir.path().join("ca.pem"), "no certificate\n").unwrap();
    std::fs::write(&path, "[server]\nca = \"ca.pem\"\n").unwrap();
    let error = Config::read(&path).unwrap_err();
    assert_eq!(error.position().map(|p| (p.line, p.column)), Some((2, 1)));
    assert!(error.to_string().contains("holds no certificate"), "{error}");

    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.path().join("ca.pem"), made.cert.pem()).unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.server.ca_pem().unwrap(), Some(made.cert.pem()));
}
