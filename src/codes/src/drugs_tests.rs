use std::collections::HashSet;

use super::*;

fn names(typed: &str) -> Vec<&'static str> {
    find(typed, 50).into_iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn every_row_is_read_and_has_its_source() {
    assert_eq!(all().count(), crate::table::lines(FILE));
    let mut codes = HashSet::new();
    for row in all() {
        assert!(codes.insert(&row.receipt_code), "{row:?} stands twice");
        let digits = row.receipt_code.bytes().all(|b| b.is_ascii_digit());
        assert!(digits && row.receipt_code.len() == 9, "{row:?}");
        assert!(matches!(row.yj.len(), 0 | 12), "{row:?}");
        assert!(row.source.contains("医薬品マスター"), "{row:?}");
        assert!(!row.name.is_empty() && !row.kana.is_empty(), "{row:?}");
    }
}

#[test]
fn brand_and_generic_names_find_it() {
    for typed in
        ["ロキソニン錠", "ろきそにん", "ﾛｷｿﾆﾝ", "rokiso", "lokiso", "ロキソプロフェン", "rokisopu"]
    {
        assert!(names(typed).contains(&"ロキソニン錠６０ｍｇ"), "{typed}: {:?}", names(typed));
    }
    assert_eq!(names("葛根湯"), ["ツムラ葛根湯エキス顆粒（医療用）"]);
    assert!(names("amuro").iter().any(|name| name.starts_with("ノルバスク")));
    assert!(names("amuro")[0].starts_with("アムロジン"));
    assert_eq!(names("どこにもない"), [""; 0]);
    assert_eq!(find("錠", 3).len(), 3);
}

#[test]
fn a_drug_with_a_yj_code_is_an_allergen_with_a_code() {
    let code = |typed: &str| find(typed, 1)[0].jfagy();
    assert_eq!(code("ノルバスク").as_deref(), Some("YCM2171022F2025"));
    assert_eq!(code("サワシリン"), None);
}
