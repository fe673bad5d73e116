use proptest::prelude::*;

use super::*;

#[test]
fn numbers_in_every_writing() {
    use Comparator::{AtLeast, AtMost, Equal, Less, More};
    for (text, comparator, number) in [
        ("7.1", Equal, 7.1),
        (" 7.1 ", Equal, 7.1),
        ("７．１", Equal, 7.1),
        ("-2.5", Equal, -2.5),
        ("−2.5", Equal, -2.5),
        ("1,234", Equal, 1234.0),
        ("1,234,567.5", Equal, 1_234_567.5),
        ("<0.5", Less, 0.5),
        ("＜０．５", Less, 0.5),
        ("< 0.5", Less, 0.5),
        ("0.5未満", Less, 0.5),
        ("<=0.3", AtMost, 0.3),
        ("≦0.5", AtMost, 0.5),
        ("≤0.5", AtMost, 0.5),
        ("0.5以下", AtMost, 0.5),
        ("０．５　以下", AtMost, 0.5),
        ("＞1000", More, 1000.0),
        ("1000超", More, 1000.0),
        (">=60", AtLeast, 60.0),
        ("60以上", AtLeast, 60.0),
        ("≧60", AtLeast, 60.0),
    ] {
        assert_eq!(ResultValue(text.to_owned()).number(), Some((comparator, number)), "{text}");
    }
}

#[test]
fn words_are_no_numbers() {
    for text in [
        "",
        "-",
        "+",
        "1+",
        "+1",
        "(-)",
        "陰性",
        "×160",
        "160倍",
        "1:160",
        "1e3",
        ".5",
        "5.",
        "1.2.3",
        "<",
        "以下",
        "<5以下",
        "1,23",
        "12,3456",
        "NaN",
        "inf",
        "溶血",
        "測定不能",
        "13-30",
    ] {
        assert_eq!(ResultValue(text.to_owned()).number(), None, "{text}");
    }
}

#[test]
fn ranges_in_every_writing() {
    for (text, low, high) in [
        ("13-30", Some(13.0), Some(30.0)),
        ("13～30", Some(13.0), Some(30.0)),
        ("13〜30", Some(13.0), Some(30.0)),
        ("１３－３０", Some(13.0), Some(30.0)),
        ("13.0 - 30.0", Some(13.0), Some(30.0)),
        ("13ー30", Some(13.0), Some(30.0)),
        ("-2.0-2.0", Some(-2.0), Some(2.0)),
        ("-2.0～+2.0", Some(-2.0), Some(2.0)),
        ("-5--1", Some(-5.0), Some(-1.0)),
        ("<0.14", None, Some(0.14)),
        ("<=0.3", None, Some(0.3)),
        ("≦0.3", None, Some(0.3)),
        ("0.14以下", None, Some(0.14)),
        ("40未満", None, Some(40.0)),
        ("～30", None, Some(30.0)),
        ("60以上", Some(60.0), None),
        (">=60", Some(60.0), None),
        ("60～", Some(60.0), None),
        ("", None, None),
        ("(-)", None, None),
        ("陰性", None, None),
        ("13", None, None),
        ("30-13", None, None),
        ("M 10-42; F 7-23", None, None),
        ("-", None, None),
    ] {
        assert_eq!(ReferenceRange(text.to_owned()).bounds(), (low, high), "{text}");
    }
}

#[test]
fn what_must_be_looked_at() {
    let mut result = super::super::samples::at_the_lab();
    let mut results = Vec::new();
    let told = super::super::samples::told(1, "20", ResultStatus::Final);
    let report = super::super::samples::report(1, vec![told]);
    let arrival = super::super::Arrival { report: Uuid::nil(), received_at: Timestamp::UNIX_EPOCH };
    result.take_report(&mut results, &report, arrival, || Uuid::from_u128(1));
    let mut result = results.remove(0);
    assert!(!result.is_abnormal());
    for flag in [Flag::Low, Flag::High, Flag::PanicLow, Flag::PanicHigh, Flag::Abnormal] {
        result.flag = flag;
        assert!(result.is_abnormal() && !flag.mark().is_empty());
        assert_eq!(flag.is_panic(), flag.mark().len() == 2);
    }
    result.flag = Flag::Normal;
    result.status = ResultStatus::Cancelled;
    assert!(result.is_abnormal(), "there will be no value: somebody must know");
}

proptest! {
    #[test]
    fn any_text_is_read_or_not(text in "\\PC{0,24}") {
        if let Some((_, number)) = ResultValue(text.clone()).number() {
            prop_assert!(number.is_finite());
        }
        if let (Some(low), Some(high)) = ReferenceRange(text).bounds() {
            prop_assert!(low <= high);
        }
    }

    #[test]
    fn a_range_of_numbers_is_read_as_written(low in -500..500_i32, width in 0..500_i32) {
        let (low, high) = (f64::from(low) / 10.0, f64::from(low + width) / 10.0);
        for sign in ["-", "～", " - "] {
            let text = format!("{low}{sign}{high}");
            prop_assert_eq!(ReferenceRange(text).bounds(), (Some(low), Some(high)));
        }
    }
}
