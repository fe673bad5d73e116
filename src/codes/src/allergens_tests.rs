use std::collections::HashSet;

use clinical::profile::{Allergen as Wanted, Allergy, ProfileValue};

use super::*;

fn names(typed: &str) -> Vec<&'static str> {
    find(typed, 50).into_iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn every_row_is_read_and_has_its_source() {
    assert_eq!(all().count(), crate::table::lines(FILE));
    let mut codes = HashSet::new();
    for row in all() {
        assert!(codes.insert(&row.code), "{row:?} stands twice");
        assert!(row.code.starts_with("J9F") || row.code.starts_with("J9N"), "{row:?}");
        assert!(row.source.contains("JFAGY") && row.source.contains("CC0"), "{row:?}");
        let full = !row.name.is_empty() && !row.kana.is_empty() && !row.english.is_empty();
        assert!(full, "{row:?}");
        let value = ProfileValue::Allergy(Allergy {
            category: row.category(),
            allergen: Wanted { text: row.name.clone(), jfagy: Some(row.code.clone()) },
            severity: None,
            reaction: String::new(),
            onset: None,
            informant: None,
        });
        assert_eq!(value.check(jiff::civil::date(2026, 11, 22)), Ok(()));
    }
}

#[test]
fn first_letters_find_it() {
    for typed in ["鶏", "けい", "ケイ", "ｹｲ", "kei", "Poultry"] {
        assert!(names(typed).contains(&"鶏卵"), "{typed}: {:?}", names(typed));
    }
    assert_eq!(names("こむぎ"), ["小麦"]);
    assert_eq!(names("komu"), ["小麦"]);
    assert_eq!(names("らてっくす")[0], "ラテックス（天然ゴム）");
    assert_eq!(names("卵"), ["鶏卵"]);
    // What begins with it stands before what has it inside.
    assert_eq!(names("すぎ")[0], "スギ");
    assert!(names("すぎ").contains(&"ホソイトスギ"));
    assert_eq!(find("", 5), Vec::<&Allergen>::new());
    assert_eq!(find("a", 2).len(), 2);
}

#[test]
fn the_code_tells_the_category() {
    assert_eq!(named("鶏卵").map(Allergen::category), Some(AllergyCategory::Food));
    assert_eq!(named("ﾊｳｽﾀﾞｽﾄ").map(Allergen::category), Some(AllergyCategory::Environment));
    assert_eq!(named("けいら"), None);
}
