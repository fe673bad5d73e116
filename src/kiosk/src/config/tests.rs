use paper::{Dpi, PageSize, Paper, Symbology};
use settings::Text;

use super::{Config, Desk, FirstSticker, Keyring, LabelForm, Lang, Theme};

const SHIPPED: &str = include_str!("../../../../config/kiosk.toml");

#[test]
fn the_shipped_file_shows_every_default() {
    let silent: Config = Config::parse(SHIPPED, "config/kiosk.toml").unwrap();
    assert_eq!(silent, Config::default());

    let spoken = settings::uncommented(SHIPPED);
    assert_eq!(Config::parse(&spoken, "config/kiosk.toml").unwrap(), Config::default());

    // Every setting is in it: names that have no default stand in an example.
    let error = Config::parse("x = 1", "x").unwrap_err().to_string();
    let tables = [
        "server",
        "window",
        "scanner",
        "local",
        "papers",
        "papers.label",
        "papers.sticker",
        "papers.results",
        "papers.day_sheet",
    ];
    let mut names: Vec<String> = known(&error);
    for table in tables {
        names.extend(known(
            &Config::parse(&format!("[{table}]\nx = 1"), "x").unwrap_err().to_string(),
        ));
    }
    for list in ["scanner.cards", "printers"] {
        let error = Config::parse(&format!("[[{list}]]\nx = 1"), "x").unwrap_err();
        names.extend(known(&error.to_string()));
    }
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let shown = |line: &str| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with(&format!("{name} = "))
                || line.starts_with(&format!("[{name}]"))
                || line.starts_with(&format!("[papers.{name}]"))
                || line.starts_with(&format!("[[{name}]]"))
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

const PRINTERS: &str = r#"
[[printers]]
name = "ラベル"
spooler = "Zebra_ZD421"
[[printers]]
name = "控え"
folder = "prints"
tray = "Tray1"
"#;

#[test]
fn printers_and_papers_are_read() {
    let text = format!(
        "{PRINTERS}
[papers.label]
printer = \"ラベル\"
width = 60
height = 30.5
dpi = 300
symbology = \"code128\"
form = \"pdf\"
[papers.results]
printer = \"控え\"
size = \"A6\"
tray = \"Tray2\"
[papers.sticker]
first = \"offer\"
[papers.day_sheet]
printer = \"控え\"
"
    );
    let config = Config::parse(&text, "conf/kiosk.toml").unwrap();
    let spec = config.papers.label.spec();
    assert_eq!((spec.width_mm, spec.height_mm), (60.0, 30.5));
    assert_eq!((spec.dpi, spec.symbology), (Dpi::D300, Symbology::Code128));
    assert_eq!(config.papers.label.form, LabelForm::Pdf);
    assert_eq!(config.papers.printer_of(Paper::Label), Some("ラベル"));
    assert_eq!(config.papers.printer_of(Paper::Sticker), None);
    assert_eq!(config.papers.sticker.first, FirstSticker::Offer);
    assert_eq!(config.papers.printer_of(Paper::Results), Some("控え"));
    assert_eq!(config.papers.results.size, PageSize::A6);
    assert_eq!(config.papers.tray_of(Paper::Results), Some("Tray2"));
    assert_eq!(config.papers.tray_of(Paper::DaySheet), None);
    assert_eq!(config.printers[0].spooler.as_ref().map(Text::as_str), Some("Zebra_ZD421"));
    let folder = config.printers[1].folder.as_ref().unwrap();
    assert_eq!(folder.as_path().to_str(), Some("conf/prints"));
}

#[test]
fn wrong_printers_are_told_with_what_would_be_right() {
    for (text, says) in [
        (
            format!("{PRINTERS}\n[papers.label]\nprinter = \"らべる\""),
            "k.toml:11:1: 'papers.label.printer' is not the name of a printer here; write the name of one of the \
             [[printers]]: \"ラベル\", \"控え\"",
        ),
        (
            "[papers.day_sheet]\nprinter = \"x\"".to_owned(),
            "k.toml:2:1: 'papers.day_sheet.printer' is not the name of a printer here; describe the printer in a \
             block [[printers]] first",
        ),
        (
            "[[printers]]\nname = \"a\"".to_owned(),
            "k.toml:1:3: the printer \"a\" needs 'spooler' or 'folder', and has neither; write spooler = ",
        ),
        (
            "[[printers]]\nname = \"a\"\nspooler = \"a\"\nfolder = \"b\"".to_owned(),
            "k.toml:1:3: the printer \"a\" needs 'spooler' or 'folder', and has both of them; ",
        ),
        (
            "[[printers]]\nname = \"a\"\nspooler = \"a\"\n[[printers]]\nname = \"a\"\nfolder = \"b\"".to_owned(),
            "k.toml:1:3: two printers are called \"a\"; give each printer a name of its own",
        ),
        ("[papers.label]\ndpi = 600".to_owned(), "k.toml:2:7: 'papers.label.dpi' is not a grid"),
        (
            "[papers.label]\nwidth = \"50\"".to_owned(),
            "k.toml:2:9: 'papers.label.width' is not a length in millimetres; write e.g. 50",
        ),
        (
            "[papers.sticker]\nwidth = 500".to_owned(),
            "k.toml:2:1: 'papers.sticker' has a size that no label has: ",
        ),
        (
            "[papers.label]\nform = \"ZPL\"".to_owned(),
            "k.toml:2:8: 'papers.label.form' cannot be \"ZPL\"; write \"zpl\" or \"pdf\"",
        ),
        (
            "[papers.results]\nsize = \"A7\"".to_owned(),
            "k.toml:2:8: 'papers.results.size' cannot be \"A7\"",
        ),
    ] {
        let error = Config::parse(&text, "k.toml").unwrap_err().to_string();
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
