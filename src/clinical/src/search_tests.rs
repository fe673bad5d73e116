use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 22);
const BORN: Date = date(1955, 3, 4);

fn keys(number: &str, kanji: &str, kana: &str) -> SearchKeys {
    let name = PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() };
    SearchKeys::of(&PatientNumber::parse(number).unwrap(), &name)
}

fn finds(typed: &str, keys: &SearchKeys) -> bool {
    Query::parse(typed, TODAY).matches(keys, Some(BORN), Sex::Male)
}

#[track_caller]
fn all_find(keys: &SearchKeys, typed: &[&str]) {
    for typed in typed {
        assert!(finds(typed, keys), "{typed} must find {keys:?}");
    }
}

#[track_caller]
fn none_finds(keys: &SearchKeys, typed: &[&str]) {
    for typed in typed {
        assert!(!finds(typed, keys), "{typed} must not find {keys:?}");
    }
}

#[test]
fn the_variant_file_is_whole() {
    let mut usual = std::collections::HashSet::new();
    for line in include_str!("../data/kanji_variants.csv").lines().filter(|l| !l.starts_with('#')) {
        let (head, forms) = line.split_once(',').expect(line);
        assert_eq!(head.chars().count(), 1, "{line}");
        assert!(usual.insert(head.chars().next().unwrap()), "{head} stands twice");
        for form in forms.chars() {
            assert_eq!(
                form.nfkc().collect::<String>(),
                form.to_string(),
                "NFKC already folds {form}"
            );
            let found = VARIANTS.get(&form).map(char::to_string);
            assert_eq!(found.as_deref(), Some(head), "{form} stands twice");
        }
    }
    for head in usual {
        assert!(!VARIANTS.contains_key(&head), "{head} is a usual form and a variant");
    }
}

#[test]
fn one_name_by_all_ways_of_writing() {
    let taro = keys("01873", "厚労　太郎", "コウロウ　タロウ");
    assert_eq!(
        taro,
        SearchKeys {
            number: "1873".into(),
            kanji: "厚労 太郎".into(),
            kana: "こおろお たろお".into(),
            romaji: "koro taro".into(),
        }
    );
    all_find(
        &taro,
        &[
            "厚労",
            "太郎",
            "厚労太郎",
            "厚労　太郎",
            "太郎 厚労",
            "労太",
            "コウロウ",
            "こうろう",
            "ｺｳﾛｳ",
            "こうろうたろう",
            "こう たろ",
            "た こ",
            "こーろー",
            "コ-ロ-",
            "kourou",
            "KOUROU",
            "ｋｏｕｒｏｕ",
            "kōrō",
            "kôrô",
            "kohroh",
            "koro",
            "koorou",
            "taro",
            "tarou",
            "k t",
            "kouroutarou",
            "korotaro",
            "こうろ",
            "kour",
            "たろu",
            "こうr",
        ],
    );
    none_finds(&taro, &["ろう", "roh", "厚生", "こうろうじ", "たろうこ", "koroto", "kk", "郎太"]);
}

#[test]
fn hepburn_kunrei_and_long_vowels() {
    all_find(
        &keys("1", "大野　順子", "オオノ　ジュンコ"),
        &[
            "ōno",
            "ohno",
            "ono",
            "oono",
            "Ohno Junko",
            "onojunko",
            "zyunko",
            "jyunko",
            "おうの",
            "おーの",
        ],
    );
    all_find(
        &keys("2", "土屋　智津子", "ツチヤ　チヅコ"),
        &["tsuchiya", "tutiya", "tuchiya", "chizuko", "tiduko", "tizuko", "chidzuko", "ちずこ"],
    );
    all_find(
        &keys("3", "本間　一新", "ホンマ　イッシン"),
        &["honma", "homma", "honnma", "issin", "isshin", "isshin homma"],
    );
    all_find(
        &keys("4", "八田　富士子", "ハッタ　フジコ"),
        &["hatta", "huziko", "fujiko", "hattahuziko"],
    );
    all_find(
        &keys("5", "堀内　八千代", "ホリウチ　ヤッチヨ"),
        &["yacchiyo", "yatchiyo", "yattiyo"],
    );
    all_find(
        &keys("6", "新一　純", "シンイチ　ジュン"),
        &["shin'ichi", "sinichi", "shin-ichi", "jun"],
    );
    all_find(
        &keys("7", "井上　陽子", "イノウエ　ヨウコ"),
        &["inoue", "inoe", "yoko", "youko", "yohko"],
    );
    all_find(&keys("8", "難波　恵", "ナンバ　メグミ"), &["namba", "nanba", "nam", "めぐみ"]);
    all_find(&keys("9", "ヴィラ　リサ", "ヴィラ　リサ"), &["bira", "vira", "lisa", "risa", "ゔぃ"]);
    all_find(
        &keys("10", "伊藤　ウメ", "イトウ　ウメ"),
        &["itoume", "itouume", "いとううめ", "itoh ume"],
    );
    all_find(&keys("11", "小田　ケイ子", "オダ　ケーコ"), &["けいこ", "けーこ", "ケイ子"]);
    none_finds(&keys("12", "小野　太一", "オノ　タイチ"), &["oda", "onoda", "ohara", "taichiro"]);
}

#[test]
fn name_kanji_find_their_other_forms() {
    for (stored, typed) in [
        ("髙橋", "高橋"),
        ("高槗", "髙橋"),
        ("山﨑", "山崎"),
        ("山嵜", "山﨑"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡邊"),
        ("渡邊󠄂", "渡辺"),
        ("齋藤", "斉藤"),
        ("齊藤", "斎藤"),
        ("中澤", "中沢"),
        ("濵田", "浜田"),
        ("濱田", "濵田"),
        ("𠮷田", "吉田"),
        ("葛󠄀西", "葛西"),
        ("廣瀨", "広瀬"),
        ("嶋﨑", "島崎"),
        ("佐々木", "佐佐木"),
        ("関ヶ原", "関ケ原"),
        ("神田", "神田"),
        ("栁田", "柳田"),
    ] {
        let patient = keys("1", &format!("{stored}　誠"), "");
        assert!(finds(typed, &patient), "{typed} must find {stored}");
        let patient = keys("1", &format!("{typed}　誠"), "");
        assert!(finds(stored, &patient), "{stored} must find {typed}");
    }
    none_finds(&keys("1", "坂本　誠", ""), &["阪本"]);
}

#[test]
fn numbers_by_their_beginning_zeros_or_not() {
    let patient = keys("00127", "処方　元", "ショホウ　ハジメ");
    all_find(&patient, &["00127", "127", "１２７", "0012", "0", "00", "12", "000000127"]);
    none_finds(&patient, &["1270", "27", "128", "00327"]);
    let lettered = keys("A-0012", "処方　元", "ショホウ　ハジメ");
    all_find(&lettered, &["a-0012", "A-00", "Ａ－００１２"]);
    none_finds(&lettered, &["0012"]);
}

#[test]
fn birth_dates_and_sex() {
    let taro = keys("01873", "厚労　太郎", "コウロウ　タロウ");
    all_find(
        &taro,
        &[
            "S30.3.4",
            "昭和30年3月4日",
            "3300304",
            "19550304",
            "1955-03-04",
            "1955/3/4",
            "男",
            "男性 太郎",
        ],
    );
    none_finds(&taro, &["S30.3.5", "19550305", "女", "女 太郎", "太郎 S30.3.5"]);
    let query = Query::parse("S30.3.4 男 こう", TODAY);
    assert_eq!(query.terms[0], Term::Birth(BORN));
    assert_eq!(query.terms[1], Term::Sex(Sex::Male));
    assert!(!query.matches(&taro, None, Sex::Male), "without a birth date none fits");
}

#[test]
fn digits_may_be_a_number_or_a_date() {
    let digits = "3300304";
    let as_number = keys("3300304", "数字　元", "スウジ　ハジメ");
    let query = Query::parse(digits, TODAY);
    assert!(query.matches(&as_number, None, Sex::Unknown));
    assert!(query.matches(&keys("1", "厚労　太郎", ""), Some(BORN), Sex::Male));
    assert!(!query.matches(&keys("1", "厚労　太郎", ""), None, Sex::Male));
}

#[test]
fn nothing_typed_fits_everybody() {
    for blank in ["", " ", "　", "\t"] {
        let query = Query::parse(blank, TODAY);
        assert!(query.is_empty());
        assert!(query.matches(&SearchKeys::default(), None, Sex::Unknown));
    }
    assert!(!Query::parse("あ", TODAY).is_empty());
    none_finds(&SearchKeys::default(), &["あ", "a", "1", "'", "-"]);
}

#[test]
fn folding_in_words() {
    for (text, folded) in [
        ("  ヤマダ　　タロウ ", "やまだ たろう"),
        ("ﾔﾏﾀﾞ", "やまだ"),
        ("ＡＢＣ－１２", "abc-12"),
        ("オ－ノ", "おーの"),
        ("Ōno", "ono"),
        ("㈱髙島", "(株)高島"),
        ("葛󠄀", "葛"),
        ("佐々木", "佐佐木"),
    ] {
        assert_eq!(fold(text), folded);
    }
}

/// How a romaji sound may be typed.
const SOUNDS: [(&str, &[&str]); 20] = [
    ("ア", &["a"]),
    ("カ", &["ka"]),
    ("シ", &["shi", "si"]),
    ("チ", &["chi", "ti"]),
    ("ツ", &["tsu", "tu"]),
    ("フ", &["fu", "hu"]),
    ("ジ", &["ji", "zi", "jyi"]),
    ("ヅ", &["zu", "du", "dzu"]),
    ("シャ", &["sha", "sya"]),
    ("チョ", &["cho", "tyo"]),
    ("ジュ", &["ju", "zyu", "jyu"]),
    ("キョウ", &["kyou", "kyo", "kyō", "kyoo"]),
    ("オオ", &["oo", "o", "ō", "oh"]),
    ("ユウ", &["yuu", "yu", "yū"]),
    ("ノ", &["no"]),
    ("マ", &["ma"]),
    ("ヤ", &["ya"]),
    ("リ", &["ri"]),
    ("バ", &["ba"]),
    ("ット", &["tto"]),
];

/// Sounds, each with the way it is typed. A word cannot begin with a doubled consonant, the last of the table.
fn word() -> impl Strategy<Value = Vec<(usize, prop::sample::Index)>> {
    let sound = |end| (0..end, any::<prop::sample::Index>());
    let more = prop::collection::vec(sound(SOUNDS.len()), 0..4);
    (sound(SOUNDS.len() - 1), more).prop_map(|(first, mut more)| {
        more.insert(0, first);
        more
    })
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once.clone());
        prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
    }

    #[test]
    fn folding_names_twice_changes_nothing(text in "[ぁ-ヿ一-龥髙﨑々ｦ-ﾟĀ-ž\u{E0100}\u{3099}\u{309A} 　-]{0,12}") {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn searching_never_panics(typed in any::<String>(), kanji in any::<String>(), kana in any::<String>()) {
        let keys = keys("1", &kanji, &kana);
        let _ = Query::parse(&typed, TODAY).matches(&keys, Some(BORN), Sex::Female);
    }

    /// Hiragana, half-width, full-width and every mixture of romaji spellings find the name; so does every
    /// beginning of them, so that the list never flickers empty while a name is typed.
    #[test]
    fn every_spelling_finds_the_name(
        family in word(),
        given in word(),
    ) {
        let kana = |word: &[(usize, prop::sample::Index)]| -> String {
            word.iter().map(|(at, _)| SOUNDS[*at].0).collect()
        };
        let romaji = |word: &[(usize, prop::sample::Index)]| -> String {
            word.iter().map(|(at, way)| *way.get(SOUNDS[*at].1)).collect()
        };
        let (family_kana, given_kana) = (kana(&family), kana(&given));
        let patient = keys("1", "", &format!("{family_kana}　{given_kana}"));
        let hiragana = kana::hiragana(&family_kana);
        for typed in [family_kana.clone(), given_kana.clone(), hiragana.clone(),
            format!("{family_kana}{given_kana}"), format!("{given_kana} {family_kana}")]
        {
            prop_assert!(finds(&typed, &patient), "{} must find {:?}", typed, patient);
        }
        for typed in [romaji(&family), romaji(&given), romaji(&family).to_uppercase()] {
            // An h that draws out an o before a vowel reads as a sound of its own: "oha".
            let ambiguous = |vowel| typed.to_lowercase().contains(&format!("oh{vowel}"));
            if ["a", "i", "u", "e", "o", "ō"].into_iter().any(ambiguous) {
                continue;
            }
            for (end, _) in typed.char_indices().skip(1).chain([(typed.len(), ' ')]) {
                let typed = &typed[..end];
                prop_assert!(finds(typed, &patient), "{} must find {:?}", typed, patient);
            }
        }
    }
}

#[test]
fn a_family_name_typed_leads_before_a_given_name() {
    let keys = |kanji: &str, kana: &str| {
        let name = PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() };
        SearchKeys::of(&PatientNumber::parse("12").unwrap(), &name)
    };
    let family = keys("佐藤　一郎", "サトウ　イチロウ");
    let given = keys("池田　聡", "イケダ　サトシ");
    for text in ["sato", "sat", "さと", "サト", "佐", "男 sato"] {
        let query = Query::parse(text, jiff::civil::date(2026, 11, 22));
        assert!(query.leads(&family), "{text}");
        assert!(!query.leads(&given), "{text}");
    }
    for text in ["12", "男", "S25.1.1"] {
        let query = Query::parse(text, jiff::civil::date(2026, 11, 22));
        assert!(query.leads(&family) && query.leads(&given), "{text}");
    }
}
