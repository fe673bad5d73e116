use std::collections::HashSet;

use super::*;
use crate::table::lines;

#[test]
fn every_row_is_read_and_has_a_source() {
    assert_eq!(all().len(), lines(FILE));
    assert_eq!(all().len(), 99);
    assert_eq!(containers().len(), lines(CONTAINERS));
    for item in all() {
        let source = source(&item.key).unwrap();
        assert!(source.contains("診療行為"), "{}: {source}", item.key);
        let own_code = source.contains("JLAC10 なし");
        assert_eq!(item.jlac10.is_none(), own_code, "{} says where its code is from", item.key);
    }
    for container in containers() {
        let source = container_source(&container.key).unwrap();
        assert!(source.contains("容量"), "{}", container.key);
    }
}

#[test]
fn each_row_is_consistent() {
    let mut keys = HashSet::new();
    let mut codes = HashSet::new();
    for item in all() {
        assert!(keys.insert(&item.key), "{} stands twice", item.key);
        assert!(!item.name.is_empty() && !item.abbr.is_empty(), "{}", item.key);
        assert!(item.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{}", item.key);
        if let Some(code) = &item.jlac10 {
            assert_eq!(code.len(), 17, "{}", item.key);
            assert!(codes.insert(code), "{code} stands twice");
            assert_eq!(item.material.as_deref(), Some(&code[9..12]), "{}", item.key);
        }
        if let Some(material) = &item.material {
            assert_eq!(material_name(material), Some(item.specimen.as_str()), "{}", item.key);
        }
        let procedure = item.procedure.as_ref().unwrap();
        assert_eq!(procedure.code.len(), 9, "{}", item.key);
        assert!(procedure.points > 0 && !procedure.name.is_empty(), "{}", item.key);
    }
    let without: Vec<_> = all().iter().filter(|item| item.container.is_none()).collect();
    let without: Vec<_> = without.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(without, ["ESR1H", "NH3"], "every other item has its tube");
}

#[test]
fn items_differ_by_more_than_the_method() {
    let key = |item: &LabItem| {
        clinical::lab::LabCode { jlac10: item.jlac10.clone(), local: item.key.clone() }.series_key()
    };
    let keys: HashSet<_> = all().iter().map(key).collect();
    assert_eq!(keys.len(), all().len());
}

#[test]
fn found_by_first_letters_in_any_script() {
    let first = |text: &str| find(text, 5).first().map(|item| item.key.as_str());
    assert_eq!(first("AST"), Some("AST"));
    assert_eq!(first("ast"), Some("AST"));
    assert_eq!(first("a1c"), Some("A1C"));
    assert_eq!(first("くれあちに"), Some("CRE"));
    assert_eq!(first("クレアチニン"), Some("CRE"));
    assert_eq!(first("kureatini"), Some("CRE"));
    assert_eq!(first("尿酸"), Some("UA"));
    assert_eq!(first("nyousan"), Some("UA"));
    assert_eq!(first("LDL"), Some("LDL"));
    assert_eq!(first("γ"), Some("GGT"));
    assert_eq!(first("ピロリ"), Some("HP_AB"));
    assert_eq!(first("GOT"), Some("AST"));
    assert_eq!(find("", 5).len(), 0);
    assert_eq!(find("血", 3).len(), 3);
    assert!(find("アンモニア", 5).is_empty(), "no tube is known for it");
}

#[test]
fn by_key_and_code() {
    assert_eq!(by_key("AST").unwrap().jlac10.as_deref(), Some("3B035000002327201"));
    assert_eq!(by_jlac10("3B035000002327201").unwrap().key, "AST");
    assert!(by_key("NOPE").is_none() && by_jlac10("3B035000002327299").is_none());
    assert_eq!(material_name("023"), Some("血清"));
    assert_eq!(material_name("999"), None);
    assert!(by_key("GLU").unwrap().fasting && !by_key("GLU_CAS").unwrap().fasting);
    assert_eq!(by_key("A1C").unwrap().container.as_ref().unwrap().key, "edta");
    assert_eq!(container("edta").unwrap().volume, Some(20));
}
