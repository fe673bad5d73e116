//! The words on the screen, in Japanese and English, from `assets/locales`.
//!
//! Both files hold the same keys; a test keeps that, and that every key is used and every used key exists.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const JA: &str = include_str!("../../../assets/locales/ja.toml");
const EN: &str = include_str!("../../../assets/locales/en.toml");

pub use crate::config::Lang;

type Table = BTreeMap<String, String>;

fn read(text: &str) -> Table {
    // The files are part of the program and read in the tests, so the empty table is never seen.
    let sections: BTreeMap<String, Table> = toml::from_str(text).unwrap_or_default();
    sections
        .into_iter()
        .flat_map(|(section, words)| {
            words.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text))
        })
        .collect()
}

fn table(lang: Lang) -> &'static Table {
    static TABLES: [OnceLock<Table>; 2] = [OnceLock::new(), OnceLock::new()];
    match lang {
        Lang::Ja => TABLES[0].get_or_init(|| read(JA)),
        Lang::En => TABLES[1].get_or_init(|| read(EN)),
    }
}

/// The words for `key` (`section.name`); the key itself where there are none.
pub fn t(lang: Lang, key: &str) -> &str {
    let words: Option<&'static String> = table(lang).get(key);
    words.map_or(key, String::as_str)
}

/// The words for `key` with `{name}` filled in.
pub fn fill(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    let mut text = t(lang, key).to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{EN, JA, Lang, fill, read, t};
    use std::collections::BTreeSet;
    use std::path::Path;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        let (ja, en) = (read(JA), read(EN));
        assert!(ja.len() > 100, "locale file not read: {} keys", ja.len());
        let keys = |t: &super::Table| t.keys().cloned().collect::<BTreeSet<_>>();
        let differ: Vec<_> = keys(&ja).symmetric_difference(&keys(&en)).cloned().collect();
        assert!(differ.is_empty(), "only in one language: {differ:?}");
        for (key, words) in &ja {
            assert!(!words.trim().is_empty(), "{key} is empty");
            assert_eq!(placeholders(words), placeholders(&en[key]), "placeholders of {key}");
        }
    }

    fn sources(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("i18n.rs") {
                out.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_used_key_exists_and_every_key_is_used() {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        let table = read(JA);
        let sections: BTreeSet<&str> =
            table.keys().filter_map(|k| k.split_once('.')).map(|(s, _)| s).collect();
        let shaped = |s: &str| {
            s.split_once('.').is_some_and(|(section, name)| {
                sections.contains(section)
                    && !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            })
        };
        let used: BTreeSet<&str> = text.split('"').filter(|s| shaped(s)).collect();
        // Names of files look like keys ("cache.key"); only what is no file counts as missing.
        let is_file = |k: &str| {
            [".rs", ".toml", ".key", ".redb", ".new", ".lock", ".recovered"]
                .iter()
                .any(|end| k.ends_with(end))
        };
        let missing: Vec<_> =
            used.iter().filter(|k| !table.contains_key(**k) && !is_file(k)).collect();
        assert!(missing.is_empty(), "used, but not in assets/locales: {missing:?}");
        let idle: Vec<_> = table.keys().filter(|k| !used.contains(k.as_str())).collect();
        assert!(idle.is_empty(), "in assets/locales, but not used: {idle:?}");
    }

    #[test]
    fn fills_in() {
        let text =
            fill(Lang::Ja, "list.counts", &[("waiting", "6"), ("inside", "1"), ("all", "23")]);
        assert_eq!(text, "待ち 6・診察中 1・本日 23 名");
        assert_eq!(t(Lang::En, "no.such_key"), "no.such_key");
    }
}
