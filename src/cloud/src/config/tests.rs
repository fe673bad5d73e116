use super::*;

const SHIPPED: &str = include_str!("../../../../config/cloud.toml");

#[test]
fn shipped_file_as_it_is_means_the_defaults() {
    assert_eq!(settings::parse::<Config>(SHIPPED, "cloud.toml").unwrap(), Config::default());
}

#[test]
fn shipped_file_with_its_settings_switched_on_equals_the_defaults() {
    let on = settings::uncommented(SHIPPED);
    let keys = on.lines().filter(|l| !l.starts_with('#') && l.contains(" = ")).count();
    assert_eq!(keys, 10, "every setting with a default is in the file");
    assert_eq!(settings::parse::<Config>(&on, "cloud.toml").unwrap(), Config::default());
}

#[test]
fn shipped_example_of_a_link_is_right_and_shows_the_defaults() {
    let on = settings::uncommented(SHIPPED).replace("\n## ", "\n");
    let config: Config = settings::parse(&on, "").unwrap();
    assert_eq!(config.database.url_file, Some(FilePath::new("/etc/soegaki/database.url")));
    let link = &config.receipt[0];
    let mut expected =
        ReceiptLink::new("demo", "https://weborca.cloud.orcamo.jp/api", "soegaki", "x").unwrap();
    expected.password = None;
    expected.password_file = Some(FilePath::new("/etc/soegaki/receipt.password"));
    expected.push_url = Some("wss://pusher-proxy.orca.orcamo.jp/ws".parse().unwrap());
    expected.push_tenant = Some("1".parse().unwrap());
    expected.ca = Some(Pem::File("tls/receipt-ca.pem".into()));
    expected.client_identity = Some(Pem::File("tls/receipt-client.pem".into()));
    assert_eq!(*link, expected);
    let lab = &config.lab[0];
    let url = "https://lab.example.jp/hl7";
    let mut expected = LabLink::https("demo", "そえがき検査センター", "1311234567", url).unwrap();
    expected.lab_code = Some("LAB01".parse().unwrap());
    expected.user = Some("soegaki".parse().unwrap());
    expected.password_file = Some(FilePath::new("/etc/soegaki/lab.password"));
    expected.ca = Some(Pem::File("tls/lab-ca.pem".into()));
    expected.client_identity = Some(Pem::File("tls/lab-client.pem".into()));
    assert_eq!(*lab, expected);
}

#[test]
fn a_laboratory_wants_one_way_and_ten_digits() {
    let lab = "[[lab]]\ninstitution = \"demo\"\nname = \"検査\"\nfacility = \"1311234567\"\n";
    let https = format!("{lab}base_url = \"https://x\"\n");
    assert!(refused(lab).contains("either base_url or folder"));
    assert!(refused(&format!("{https}folder = \"lab\"\n")).contains("either base_url or folder"));
    assert!(refused(&https.replace("1311234567", "131")).contains("ten digits"));
    assert!(refused(&format!("{https}user = \"u\"\n")).contains("one password"));
    assert!(refused(&format!("{https}password = \"p\"\n")).contains("one password"));
    assert!(refused(&format!("{https}\n{https}")).contains("two laboratories"));
    let other = |text: &str| text.replace("demo", "other");
    let twice = format!("{https}\n{}", other(&https));
    assert!(refused(&twice).contains("each other's results"));
    let folder = format!("{lab}folder = \"lab\"\n");
    assert!(refused(&format!("{folder}\n{}", other(&folder))).contains("each other's results"));
    let apart = format!("{folder}\n{}", other(&folder).replace("\"lab\"", "\"lab2\""));
    assert!(refused(&apart).contains("tls/server.pem"), "each its own folder");
    assert!(refused(&format!("{https}charset = \"sjis\"\n")).contains("utf8"));
    // Right so far: only the server's certificate is not there.
    assert!(refused(&https).contains("tls/server.pem"));
}

fn refused(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cloud.toml");
    std::fs::write(&path, text).unwrap();
    let error = Config::read(&path).unwrap_err().to_string();
    error.replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn wrong_values_are_refused_with_place_and_remedy() {
    let cases = [
        ("[session]\nidle = \"5x\"\n", "cloud.toml:2:8", "write e.g."),
        ("[session]\nidle = \"5s\"\n", "cloud.toml:2:8", "is not between 1m and 24h"),
        ("[session]\nidel = \"5m\"\n", "cloud.toml:2:1", "idle"),
        ("\n[listen]\naddress = \"8443\"\n", "cloud.toml:3:11", "0.0.0.0:8443"),
        ("[listen]\nbody_limit = 12\n", "cloud.toml:2:14", "32768"),
        ("[database]\nurl = \"mysql://x\"\n", "cloud.toml:2:7", "sqlite:soegaki.sqlite3"),
        ("[log]\nlevel = \"loud\"\n", "cloud.toml:2:9", "info"),
        ("[session]\nidle = \"12h\"\nabsolute = \"1h\"\n", "cloud.toml:2:", "longer than"),
        ("[[receipt]]\nbase_url = \"http://x/api\"\n", "cloud.toml:2:12", "https://"),
    ];
    for (text, place, words) in cases {
        let error = refused(text);
        assert!(error.starts_with(place), "{text:?} gave: {error}");
        assert!(error.contains(words), "{text:?} gave: {error}");
    }
}

#[test]
fn a_link_wants_exactly_one_password() {
    let link = "[[receipt]]\ninstitution = \"demo\"\nbase_url = \"https://x/api\"\nuser = \"u\"\n";
    assert!(refused(link).contains("exactly one password"));
    let both = format!("{link}password = \"a\"\npassword_file = \"b\"\n");
    assert!(refused(&both).contains("exactly one password"));
}

#[test]
fn missing_and_wrong_files_are_named() {
    assert!(refused("").contains("tls/server.pem"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    std::fs::write(&path, "not a key").unwrap();
    let config = Config {
        listen: Listen { certificate: Pem::File(path), ..Listen::default() },
        ..Config::default()
    };
    assert!(config.check().unwrap_err().to_string().contains("not PEM text"));
}

#[test]
fn secrets_do_not_show() {
    let mut link = ReceiptLink::new("demo", "https://x/api", "u", "himitsu").unwrap();
    link.client_identity = Some(Pem::text("-----BEGIN PRIVATE KEY-----himitsu"));
    let url = "postgres://u:himitsu@h/d".parse().unwrap();
    let config = Config {
        receipt: vec![link],
        database: Database { url, ..Database::default() },
        ..Config::default()
    };
    assert!(!format!("{config:?}").contains("himitsu"));
}
