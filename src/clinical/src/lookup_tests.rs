use super::*;

fn fit(typed: &str, name: &str, reading: &str) -> Option<Fit> {
    Lookup::parse(typed).fit(&LookupKeys::of(name, reading))
}

#[test]
fn first_letters_in_any_writing_find_it() {
    for typed in ["鶏", "鶏卵", "けい", "ケイラン", "ｹｲﾗ", "kei", "KEIRAN", "ｋｅｉ"]
    {
        assert_eq!(fit(typed, "鶏卵", "けいらん"), Some(Fit::Begins), "{typed}");
    }
    for typed in ["らーめん", "卵焼き", "x", "", " 　"] {
        assert_eq!(fit(typed, "鶏卵", "けいらん"), None, "{typed}");
    }
}

#[test]
fn what_stands_inside_comes_after() {
    assert_eq!(fit("卵", "鶏卵", "けいらん"), Some(Fit::Within));
    assert_eq!(fit("らん", "鶏卵", "けいらん"), Some(Fit::Within));
    assert_eq!(fit("５００", "カロナール錠５００　５００ｍｇ", "ｶﾛﾅｰﾙｼﾞｮｳ500"), Some(Fit::Within));
}

#[test]
fn all_words_must_fit() {
    let keys = ("カロナール錠５００　５００ｍｇ", "ｶﾛﾅｰﾙｼﾞｮｳ500");
    assert_eq!(fit("かろな 500", keys.0, keys.1), Some(Fit::Begins));
    assert_eq!(fit("かろな 300", keys.0, keys.1), None);
}
