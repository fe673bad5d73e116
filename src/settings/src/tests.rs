use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::{
    BindAddr, ExistingFile, FilePath, HttpsUrl, InvalidValue, Period, Position, Secret,
    SettingsError, Text, Within, WssUrl, parse, read, uncommented,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Everything {
    name: Option<Text>,
    poll: Option<Period>,
    count: Option<Within<1, 10>>,
    port: Option<u16>,
    on: Option<bool>,
    url: Option<HttpsUrl>,
    push: Option<WssUrl>,
    bind: Option<BindAddr>,
    ca: Option<ExistingFile>,
    dir: Option<FilePath>,
    password: Option<Secret>,
    desk: Option<Desk>,
    list: Vec<String>,
    inner: Inner,
    many: Vec<Inner>,
    odd: Option<Odd>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Inner {
    poll: Option<Period>,
    must: Option<Must>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Must {
    #[allow(dead_code)]
    have: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Desk {
    Reception,
    Samples,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Odd;

impl TryFrom<String> for Odd {
    type Error = String;
    fn try_from(_: String) -> Result<Self, String> {
        Err("only even ones are allowed".to_owned())
    }
}

fn refused(text: &str) -> SettingsError {
    parse::<Everything>(text, "config/kiosk.toml").expect_err("must be refused")
}

#[track_caller]
fn says(text: &str, whole: &str) {
    assert_eq!(refused(text).to_string(), whole);
}

#[test]
fn reads_every_kind_of_value() {
    let text = r#"
name = " 受付1 "
poll = "30s"
count = 10
port = 65535
on = true
url = "https://cloud.example.jp:8443/"
push = "wss://10.0.0.1:9400/ws"
bind = "0.0.0.0:8443"
dir = "data"
password = "ひみつ"
desk = "samples"
list = ["a"]
[inner]
poll = "1500 ms"
[[many]]
poll = "2h"
"#;
    let all: Everything = parse(text, "config/kiosk.toml").unwrap();
    assert_eq!(all.name.unwrap().as_str(), "受付1");
    assert_eq!(all.poll.unwrap().get(), Duration::from_secs(30));
    assert_eq!(all.count.unwrap().get(), 10);
    assert_eq!(all.port, Some(65535));
    assert_eq!(all.on, Some(true));
    assert_eq!(all.url.unwrap().as_str(), "https://cloud.example.jp:8443");
    assert_eq!(all.push.unwrap().as_str(), "wss://10.0.0.1:9400/ws");
    assert_eq!(all.bind.unwrap().get().port(), 8443);
    assert_eq!(all.dir.unwrap().as_path(), Path::new("config/data"));
    assert_eq!(all.password.unwrap().expose(), "ひみつ");
    assert_eq!(all.desk, Some(Desk::Samples));
    assert_eq!(all.list, ["a"]);
    assert_eq!(all.inner.poll.unwrap().get(), Duration::from_millis(1500));
    assert_eq!(all.many[0].poll.unwrap().get(), Duration::from_hours(2));
    assert!(all.ca.is_none() && all.odd.is_none());
}

#[test]
fn a_wrong_value_is_told_with_place_and_remedy() {
    says(
        "on = true\npoll = \"fast\"\n",
        "config/kiosk.toml:2:8: 'poll' is not a length of time; write e.g. \"30s\" (ms, s, m, h or d \
         after a whole number)",
    );
    says(
        "[inner]\npoll = 30\n",
        "config/kiosk.toml:2:8: 'inner.poll' is not a text in quotes; write e.g. \"text\"",
    );
    says(
        "count = 11",
        "config/kiosk.toml:1:9: 'count' is not between 1 and 10; write a whole number from 1 to 10",
    );
    says(
        "port = 65536",
        "config/kiosk.toml:1:8: 'port' is not a whole number from 0 to 65535; write the digits alone, \
         without quotes",
    );
    says(
        "on = \"yes\"",
        "config/kiosk.toml:1:6: 'on' is not true or false; write true or false without quotes",
    );
    says(
        "url = \"http://cloud.example.jp\"",
        "config/kiosk.toml:1:7: 'url' does not begin with https://; write e.g. \
         \"https://cloud.example.jp:8443\"",
    );
    says(
        "desk = \"recption\"",
        "config/kiosk.toml:1:8: 'desk' cannot be \"recption\"; write \"reception\" or \"samples\" (did \
         you mean \"reception\"?)",
    );
    says("name = \"\"", "config/kiosk.toml:1:8: 'name' is empty; write a text between the quotes");
    says(
        "bind = \"localhost\"",
        "config/kiosk.toml:1:8: 'bind' is not an address and port to listen on; write e.g. \
         \"0.0.0.0:8443\" (numbers, no host name)",
    );
    says("odd = \"1\"", "config/kiosk.toml:1:7: 'odd' is not right: only even ones are allowed");
    says(
        "list = \"a\"",
        "config/kiosk.toml:1:8: 'list' is not a list; write e.g. [\"one\", \"two\"]",
    );
}

#[test]
fn an_unknown_name_gets_the_nearest_known_one() {
    let error = refused("# 説明\npol = \"30s\"\n");
    assert_eq!(error.position(), Some(Position { line: 2, column: 1 }));
    assert_eq!(error.what(), "there is no setting 'pol'");
    assert!(error.hint().starts_with("did you mean 'poll'? Known here: name, poll, "), "{error}");
    let error = refused("[[many]]\nzzzzzz = 1\n");
    assert_eq!(error.position(), Some(Position { line: 2, column: 1 }));
    assert_eq!(error.hint(), "known here: poll, must");
}

#[test]
fn what_is_missing_is_named() {
    let error = refused("[inner.must]\n");
    assert_eq!(error.what(), "the setting 'have' is missing here");
    assert_eq!(error.position().map(|p| p.line), Some(1));
}

#[test]
fn broken_toml_is_told_with_its_place() {
    let error = refused("on = true\nname = 受付\n");
    assert_eq!(error.position().map(|p| p.line), Some(2), "{error}");
    assert!(error.to_string().contains("this is not TOML"), "{error}");
    says(
        "on = true\non = false\n",
        "config/kiosk.toml:2:1: this setting stands twice; keep one of the two lines",
    );
}

#[test]
fn columns_count_characters() {
    let error = refused("list = [\"受付\"]\ninner = { poll = \"速\" } # 受付\n");
    assert_eq!(error.position(), Some(Position { line: 2, column: 18 }));
}

#[test]
fn a_value_is_never_repeated() {
    for text in
        ["password = 20261122", "password = [\"himitsu20261122\"]", "url = \"himitsu20261122\""]
    {
        let error = refused(text).to_string();
        assert!(!error.contains("20261122"), "{error}");
    }
    assert!(!format!("{:?}", Secret::new("himitsu".to_owned())).contains("himitsu"));
}

#[test]
fn addresses_with_slips_are_refused() {
    for slip in [
        "https://",
        "https://a b",
        "https://user:pw@host",
        "https://host:0",
        "https://host:99999",
        "https://host:port",
        "https://host/?q=1",
        "https://host#x",
        "https://受付",
    ] {
        assert!(slip.parse::<HttpsUrl>().is_err(), "{slip}");
    }
    for good in ["https://localhost", "https://[::1]:8443", "https://[::1]", "https://h/base/"] {
        assert!(good.parse::<HttpsUrl>().is_ok(), "{good}");
    }
}

#[test]
fn periods_that_overflow_or_lack_a_unit_are_refused() {
    for wrong in ["", "s", "30", "-1s", "1.5s", "99999999999999999999s", "18446744073709551615d"] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong}");
    }
}

#[test]
fn files_are_looked_for_beside_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kiosk.toml");
    std::fs::write(dir.path().join("ca.pem"), "x").unwrap();
    std::fs::write(&path, "\u{feff}on = true\nca = \"ca.pem\"\n").unwrap();
    let all: Everything = read(&path).unwrap();
    assert_eq!(all.ca.unwrap().as_path(), dir.path().join("ca.pem"));

    std::fs::write(&path, "ca = \"no.pem\"\n").unwrap();
    let error = read::<Everything>(&path).unwrap_err();
    assert_eq!(error.position(), Some(Position { line: 1, column: 6 }));
    assert!(error.what().starts_with("'ca' names a file that cannot be read"), "{error}");
    // Outside of a reader nothing is left of the folder.
    assert_eq!("x".parse::<FilePath>().unwrap().as_path(), Path::new("x"));
}

#[test]
fn what_is_no_settings_file_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let absent = read::<Everything>(&dir.path().join("absent.toml")).unwrap_err();
    assert!(absent.to_string().contains("cannot be read"), "{absent}");
    let folder = read::<Everything>(dir.path()).unwrap_err();
    assert!(folder.to_string().contains("not a settings file"), "{folder}");
    let path = dir.path().join("sjis.toml");
    std::fs::write(&path, b"on = true\nname = \"\x8e\xf3\"\n").unwrap();
    let sjis = read::<Everything>(&path).unwrap_err();
    assert_eq!(sjis.position(), Some(Position { line: 2, column: 9 }));
}

#[test]
fn a_rule_between_settings_is_placed_at_its_key_or_table() {
    let text = "on = true\n[inner]\npoll = \"1s\"\n";
    let at = |key: &[&str]| {
        SettingsError::at_key(Path::new("k"), text, key, "w", "h").position().map(|p| p.line)
    };
    assert_eq!(at(&["inner", "poll"]), Some(3));
    assert_eq!(at(&["inner", "absent"]), Some(2));
    assert_eq!(at(&["absent"]), None);
    let whole = SettingsError::at_key(Path::new("k"), text, &["absent"], "is wrong", "mend it");
    assert_eq!(whole.to_string(), "k: is wrong; mend it");
}

#[test]
fn commented_settings_are_switched_on_and_prose_is_not() {
    let text = "# Prose with a = sign\n#on = true\n#[inner]\n  # more\n#poll = \"1s\"\n";
    let on = uncommented(text);
    let table: BTreeMap<String, toml::Value> = toml::from_str(&on).unwrap();
    assert_eq!(table["on"], toml::Value::Boolean(true));
    assert_eq!(table["inner"]["poll"].as_str(), Some("1s"));
    assert_eq!(table.len(), 2);
}

#[test]
fn other_rooms_can_bring_their_own_words() {
    #[derive(Debug)]
    struct Even;
    impl TryFrom<i64> for Even {
        type Error = InvalidValue;
        fn try_from(n: i64) -> Result<Self, InvalidValue> {
            if n % 2 == 0 { Ok(Self) } else { Err(InvalidValue::new("is odd", "write e.g. 2")) }
        }
    }
    #[derive(Debug, Deserialize)]
    struct Holder {
        #[serde(deserialize_with = "even")]
        #[allow(dead_code)]
        n: Even,
    }
    fn even<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Even, D::Error> {
        Even::try_from(i64::deserialize(d)?).map_err(serde::de::Error::custom)
    }
    let error = parse::<Holder>("n = 3", "x.toml").unwrap_err();
    assert_eq!(error.to_string(), "x.toml:1:5: 'n' is odd; write e.g. 2");
}
