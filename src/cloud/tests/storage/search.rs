//! Search: the database's narrowing against the rule of `clinical`.

use clinical::search::{Query, SearchKeys};
use clinical::{Patient, PatientNumber, PersonName, kana};

use crate::harness::{Place, start_of_tests, today};
use crate::people::patients;

/// What is typed, parted by bars.
const TYPED: &str = "\
    やまだ|ヤマダ|ﾔﾏﾀﾞ|山田|高橋|髙橋|山崎|吉田|𠮷田|葛西|yamada|YAMADA|yamad|yam|ya|\
    y|ono|oono|ohno|oh|tsuchi|tuti|tut|tu|t|homma|honma|hom|hon|\
    h|m|d|z|w|し|さ|ささき|佐々|佐佐木|いとう|いとお|ito|itou|itoh|itō|j|ジョーンズ|\
    jo|jonzu|やまだたろう|山田太郎|yamadatarou|田太|郎|やまだ たろう|yamada taro|\
    taro yamada|太郎 男|女|男|山 女 h|1|12|00012|599|0|000|19500101|\
    1950-01-01|S25.1.1|昭和31年6月3日|tarou s|ーんず|つ|づる|chizuru|tizuru|\
    qqqq|日本|山田 日本|ン|03-0000|-|a-b|ti|si|zi|hu|du|sh|mb|shou|sho|\
    jun|ju";

/// What the rule finds, in the order that a search promises.
fn by_rule(all: &[Patient], text: &str) -> Vec<PatientNumber> {
    let query = Query::parse(text, today());
    let mut hits: Vec<&Patient> = all
        .iter()
        .filter(|patient| {
            let keys = SearchKeys::of(&patient.number, &patient.name);
            query.matches(&keys, patient.birth_date, patient.sex)
        })
        .collect();
    let order = |patient: &Patient| {
        let keys = SearchKeys::of(&patient.number, &patient.name);
        let sounds = kana::sort_key(&patient.name.kana);
        (!query.leads(&keys), sounds, patient.number.canonical())
    };
    hits.sort_by_key(|patient| order(patient));
    hits.into_iter().map(|patient| patient.number.clone()).collect()
}

async fn found(place: &Place, text: &str, limit: u32) -> (Vec<PatientNumber>, bool) {
    let query = Query::parse(text, today());
    let answer = place.store.search(&place.link, &query, limit).await.unwrap();
    (answer.hits.into_iter().map(|hit| hit.number).collect(), answer.more)
}

pub async fn search_finds_what_the_rule_finds(place: &Place) {
    let all = patients(1..600);
    place.store.upsert_patients(&place.link, &all, start_of_tests()).await.unwrap();
    let mut nonempty = 0;
    for text in TYPED.split('|') {
        let expected = by_rule(&all, text);
        nonempty += usize::from(!expected.is_empty());
        let (mut hits, more) = found(place, text, 200).await;
        assert_eq!(more, expected.len() > 200, "{text}");
        // An exact number stands first; it is looked at in a test of its own.
        if text.bytes().all(|b| b.is_ascii_digit()) {
            hits.sort();
            let mut expected: Vec<_> = expected;
            expected.sort();
            if expected.len() <= 200 {
                assert_eq!(hits, expected, "{text}");
            }
            continue;
        }
        let shown = expected.len().min(200);
        assert_eq!(hits, expected[..shown], "{text}");
    }
    assert!(nonempty > 70, "the names must give the queries something to find: {nonempty}");
}

pub async fn hits_stand_in_kana_order_with_the_exact_number_first(place: &Place) {
    let all = patients(1..200);
    place.store.upsert_patients(&place.link, &all, start_of_tests()).await.unwrap();
    for text in ["12", "00012", "０１２"] {
        let (hits, _) = found(place, text, 50).await;
        assert_eq!(hits[0].canonical(), "12", "{text}");
        let rest: Vec<_> =
            by_rule(&all, "12").into_iter().filter(|n| n.canonical() != "12").collect();
        assert_eq!(hits[1..], rest, "{text}");
    }
    // The exact one comes first even where the limit leaves no room for its place in the order.
    let (hits, more) = found(place, "1", 1).await;
    assert_eq!(hits[0].canonical(), "1");
    assert!(more);
    let (everybody, _) = found(place, "", 200).await;
    assert_eq!(everybody, by_rule(&all, ""));
}

pub async fn signs_of_like_are_letters_here(place: &Place) {
    let mut all = patients(1..30);
    all[3].name = PersonName { kanji: "百%　一_二!三".to_owned(), ..PersonName::default() };
    place.store.upsert_patients(&place.link, &all, start_of_tests()).await.unwrap();
    for text in
        ["%", "_", "!", "%%", "百%", "一_二", "二!三", "一!二", "'", "\\", "\"; DROP TABLE x"]
    {
        assert_eq!(found(place, text, 50).await.0, by_rule(&all, text), "{text}");
    }
    assert_eq!(found(place, "%", 50).await.0, [all[3].number.clone()]);
    let endless = "山".repeat(5_000);
    assert!(found(place, &endless, 50).await.0.is_empty());
    let many_words = "や ".repeat(500);
    assert_eq!(found(place, &many_words, 200).await.0, by_rule(&all, "や"));
}

pub async fn a_search_tells_that_there_is_more(place: &Place) {
    let all = patients(1..60);
    place.store.upsert_patients(&place.link, &all, start_of_tests()).await.unwrap();
    let expected = by_rule(&all, "女");
    assert!(expected.len() > 5);
    assert_eq!(found(place, "女", 5).await, (expected[..5].to_vec(), true));
    let exactly = u32::try_from(expected.len()).unwrap();
    assert_eq!(found(place, "女", exactly).await, (expected, false));
    let (one, more) = found(place, "女", 0).await;
    assert!(one.len() == 1 && more, "a limit of nothing is one");
}
