use proptest::prelude::*;

use super::*;

/// Sorts names and gives them back in that order.
fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_by_key(|name| sort_key(name));
    names
}

#[test]
fn the_order_of_the_fifty_sounds() {
    let order = [
        "アベ　イチロウ",
        "イシイ　ユウコ",
        "カトウ　アイ",
        "サトウ　ケン",
        "タナカ　ハナ",
        "ナカノ　マリ",
        "ハヤシ　リク",
        "マツダ　レン",
        "ヤマダ　ソウ",
        "ワタナベ　アキラ",
        "ンジャイ　ママドゥ",
    ];
    let mut shuffled = order.to_vec();
    shuffled.reverse();
    shuffled.swap(1, 5);
    assert_eq!(sorted(&shuffled), order);
}

#[test]
fn voicing_counts_only_when_all_else_is_equal() {
    assert_eq!(
        sorted(&["ハバ", "パハ", "バハ", "ハハ", "ハパ", "ハヒ"]),
        ["ハハ", "ハバ", "ハパ", "バハ", "パハ", "ハヒ"]
    );
    assert!(
        sort_key("ガア") < sort_key("カイ"),
        "the later sound decides before the earlier voicing"
    );
    assert!(sort_key("タナカ") < sort_key("ダナカ"));
    assert!(sort_key("ダナカ") < sort_key("タナガワ"));
}

#[test]
fn small_kana_come_first_when_all_else_is_equal() {
    assert!(sort_key("ショウヤ") < sort_key("シヨウヤ"));
    assert!(sort_key("シヨウヤ") < sort_key("ジョウヤ"));
    assert!(sort_key("ハット") < sort_key("ハツト"));
    assert!(sort_key("ハツト") < sort_key("ハヅト"));
}

#[test]
fn the_long_mark_reads_as_the_vowel_before_it() {
    assert!(sort_key("オーノ") < sort_key("オオノ"));
    assert!(sort_key("オオノ") < sort_key("オオバ"));
    assert!(sort_key("オーバ") > sort_key("オオノ"));
    assert!(sort_key("ケーコ") < sort_key("ケエコ"));
    assert!(sort_key("ユーコ") > sort_key("ユアサ"));
    assert!(sort_key("シャーリ") < sort_key("シャアリ"));
    for dash in ["オ-ノ", "オ－ノ", "オ‐ノ", "オ−ノ", "ｵｰﾉ", "おーの"] {
        assert_eq!(sort_key(dash), sort_key("オーノ"), "{dash}");
    }
}

#[test]
fn a_family_stays_together() {
    assert_eq!(
        sorted(&["ハラダ　アイ", "ハラ　ワタル", "ハラ　アイ", "ハラ"]),
        ["ハラ", "ハラ　アイ", "ハラ　ワタル", "ハラダ　アイ"]
    );
    assert_eq!(sort_key("ハラ　アイ"), sort_key(" ハラ  アイ　"));
}

#[test]
fn one_key_for_all_ways_of_writing() {
    for same in ["ガッコウ　ジュン", "がっこう　じゅん", "ｶﾞｯｺｳ ｼﾞｭﾝ", "ガッコウ ジュン"]
    {
        assert_eq!(sort_key(same), sort_key("ガッコウ　ジュン"), "{same}");
    }
}

#[test]
fn iteration_marks_repeat() {
    assert_eq!(sort_key("サヽキ").split('\u{1}').next(), sort_key("ササキ").split('\u{1}').next());
    assert_eq!(to_romaji("ささき"), to_romaji("さゝき"));
}

#[test]
fn romaji_of_the_difficult_sounds() {
    for (kana, romaji) in [
        ("しょうじ", "shouji"),
        ("ちづる", "chizuru"),
        ("ふじつぼ", "fujitsubo"),
        ("はっとり", "hattori"),
        ("おーの", "oono"),
        ("やまだ たろう", "yamada tarou"),
        ("ーあ", "a"),
        ("せきがはら", "sekigahara"),
        (
            "きゃ きゅ きょ りゃ ぴょ ひゅ にょ みゃ ぎょ びゅ",
            "kya kyu kyo rya pyo hyu nyo mya gyo byu",
        ),
        ("ふぁ ふぃ ちぇ しぇ じぇ うぃ てぃ", "fa fi che she je wi ti"),
        ("つぁ でぃ とぅ ふぉーど あぁ んぁ", "tsa di tu foodo a n'a"),
        ("ゔぁ ゔぃ ゔ ゔぇ ゔぉ", "ba bi bu be bo"),
    ] {
        assert_eq!(to_romaji(kana), romaji);
    }
}

const BASE: &str = "かきくけこさしすせそたちつてとはひふへほ";

proptest! {
    #[test]
    fn every_text_has_a_key(text in any::<String>()) {
        let key = sort_key(&text);
        prop_assert_eq!(key.matches('\u{1}').count(), 1);
        let _ = to_romaji(&hiragana(&text));
    }

    #[test]
    fn writing_kana_twice_changes_nothing(text in "[ぁ-ゖァ-ヶｦ-ﾟー 　-]{0,12}") {
        let once = hiragana(&text);
        prop_assert_eq!(hiragana(&once), once.clone());
        prop_assert_eq!(sort_key(&once), sort_key(&text));
    }

    /// Plain < voiced, whatever stands before and after, and never enough to beat a different sound.
    #[test]
    fn voicing_law(before in "[ァ-ヶ]{0,4}", at in 0_usize..20, after in "[ア-ン]{0,4}") {
        let base = BASE.chars().nth(at).unwrap();
        let voiced = char::from_u32(u32::from(base) + 1).unwrap();
        prop_assert_eq!(unvoiced(voiced).map(|(sound, _)| sound), Some(base));
        let of = |c: char| sort_key(&format!("{before}{c}{after}"));
        prop_assert!(of(base) < of(voiced));
        if matches!(base, 'は'..='ほ') {
            let semi = char::from_u32(u32::from(base) + 2).unwrap();
            prop_assert!(of(voiced) < of(semi));
            let longer = sort_key(&format!("{before}{base}{after}ア"));
            prop_assert!(of(semi) < longer, "a longer name comes after");
        }
    }

    #[test]
    fn small_law(before in "[ア-ン]{0,4}", at in 0_usize..10, after in "[ア-ン]{0,4}") {
        let small = "ぁぃぅぇぉっゃゅょゎ".chars().nth(at).unwrap();
        let of = |c: char| sort_key(&format!("{before}{c}{after}"));
        prop_assert!(of(small) < of(large(small).unwrap()));
    }

    /// With no voicing, small kana or long marks, the order is that of the characters.
    #[test]
    fn plain_names_sort_as_they_stand(
        a in "[あいうえおかきくけこなにぬねのまみむめもらりるれろわん]{0,8}",
        b in "[あいうえおかきくけこなにぬねのまみむめもらりるれろわん]{0,8}",
    ) {
        prop_assert_eq!(sort_key(&a).cmp(&sort_key(&b)), a.cmp(&b));
    }

    #[test]
    fn the_beginning_of_a_name_sorts_before_it(a in "[ァ-ヶー]{0,6}", b in "[ア-ン]{1,6}") {
        let longer = format!("{a}{b}");
        prop_assert!(sort_key(&a) < sort_key(&longer));
    }
}
