use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 22);

fn read(text: &str) -> Result<Date, DateError> {
    parse_date(text, TODAY)
}

/// Any day a patient or a visit may have.
fn any_day() -> impl Strategy<Value = Date> {
    (0_i64..73_000).prop_map(|n| date(1868, 1, 25).saturating_add(jiff::Span::new().days(n)))
}

#[test]
fn the_era_file_is_whole() {
    let lines = include_str!("../data/eras.csv").lines().filter(|l| !l.starts_with('#')).count();
    assert_eq!(ERAS.len(), lines);
    for pair in ERAS.windows(2) {
        let (newer, older) = (&pair[0], &pair[1]);
        let end = older.last.expect("only the running era has no end");
        assert!(newer.first == end || newer.first == end.tomorrow().unwrap(), "{}", newer.name);
        assert_ne!(newer.letter, older.letter);
        assert_ne!(newer.digit, older.digit);
    }
    assert!(ERAS[0].last.is_none());
}

#[test]
fn eras_are_judged_by_the_day() {
    for (day, words, short) in [
        (date(1868, 1, 25), "明治元年1月25日", "M1.1.25"),
        (date(1912, 7, 29), "明治45年7月29日", "M45.7.29"),
        (date(1912, 7, 30), "大正元年7月30日", "T1.7.30"),
        (date(1926, 12, 24), "大正15年12月24日", "T15.12.24"),
        (date(1926, 12, 25), "昭和元年12月25日", "S1.12.25"),
        (date(1955, 3, 4), "昭和30年3月4日", "S30.3.4"),
        (date(1989, 1, 7), "昭和64年1月7日", "S64.1.7"),
        (date(1989, 1, 8), "平成元年1月8日", "H1.1.8"),
        (date(2019, 4, 30), "平成31年4月30日", "H31.4.30"),
        (date(2019, 5, 1), "令和元年5月1日", "R1.5.1"),
        (date(2026, 11, 22), "令和8年11月22日", "R8.11.22"),
        (date(1850, 1, 1), "1850年1月1日", "1850.1.1"),
    ] {
        assert_eq!(wareki(day), words);
        assert_eq!(wareki_short(day), short);
    }
    assert_eq!(both(date(1955, 3, 4)), "昭和30年3月4日（1955-03-04）");
}

#[test]
fn a_receptionists_ways_of_writing() {
    let born = date(1948, 4, 5);
    for text in [
        "S23.4.5",
        "s23.4.5",
        "Ｓ２３．４．５",
        "S 23 / 04 / 05",
        "S230405",
        "昭和23年4月5日",
        "昭和２３年０４月０５日",
        "㍼23年4月5日",
        "昭和23.4.5",
        "昭和23・4・5",
        "3230405",
        "３２３０４０５",
        "19480405",
        "１９４８０４０５",
        "1948-04-05",
        "1948/4/5",
        "1948.4.5",
        "1948年4月5日",
        "１９４８ー４ー５",
        "  1948-04-05  ",
    ] {
        assert_eq!(read(text), Ok(born), "{text}");
    }
    assert_eq!(read("6.11.22"), Ok(date(2024, 11, 22)), "the era of today");
    assert_eq!(parse_date("6.11.22", date(2018, 1, 1)), Ok(date(1994, 11, 22)));
    assert_eq!(read("20261122"), Ok(TODAY));
    assert_eq!(read("5080229"), Err(DateError::NoSuchDay));
    assert_eq!(read("5060229"), Ok(date(2024, 2, 29)));
}

#[test]
fn the_first_year_is_written_two_ways() {
    assert_eq!(read("令和元年5月1日"), Ok(date(2019, 5, 1)));
    assert_eq!(read("令和1年5月1日"), Ok(date(2019, 5, 1)));
    assert_eq!(read("㋿元年5月1日"), Ok(date(2019, 5, 1)));
    assert_eq!(read("H元.1.8"), Ok(date(1989, 1, 8)));
    assert_eq!(read("元.5.1"), Ok(date(2019, 5, 1)));
}

#[test]
fn a_day_of_change_is_read_in_both_eras() {
    assert_eq!(read("T15.12.25"), Ok(date(1926, 12, 25)));
    assert_eq!(read("S1.12.25"), Ok(date(1926, 12, 25)));
    assert_eq!(read("M45.7.30"), Ok(date(1912, 7, 30)));
    assert_eq!(read("S64.1.7"), Ok(date(1989, 1, 7)));
    let outside =
        DateError::OutsideEra { era: "昭和", first: date(1926, 12, 25), last: date(1989, 1, 7) };
    assert_eq!(read("S64.1.8"), Err(outside));
    assert_eq!(read("S1.12.24"), Err(outside));
    assert!(matches!(read("H40.1.1"), Err(DateError::OutsideEra { era: "平成", .. })));
}

#[test]
fn what_is_not_a_date_is_refused_with_the_reason() {
    for text in ["", "   ", "　"] {
        assert_eq!(read(text), Err(DateError::Empty));
    }
    for text in [
        "abc",
        "厚労",
        "12",
        "123456",
        "123456789",
        "9230405",
        "0230405",
        "S",
        "S23",
        "S23.4",
        "S23.4.5.6",
        "1948-04",
        "S-1.4.5",
        "S23..5",
        "1948-4-5x",
        "昭和",
        "12345.1.1",
        "+1.2.3",
    ] {
        assert_eq!(read(text), Err(DateError::Unreadable), "{text}");
    }
    for text in [
        "S23.13.5",
        "S23.4.31",
        "1947-02-29",
        "19481301",
        "S0.4.5",
        "0.1.1",
        "1948-4-999",
        "00000101",
    ] {
        assert_eq!(read(text), Err(DateError::NoSuchDay), "{text}");
    }
}

#[test]
fn days_of_the_week() {
    assert_eq!(weekday_ja(TODAY), "日");
    let week: String = (23..30).map(|day| weekday_ja(date(2026, 11, day))).collect();
    assert_eq!(week, "月火水木金土日");
}

#[test]
fn age_grows_on_the_birthday() {
    let born = date(1955, 3, 4);
    assert_eq!(age(born, date(1955, 3, 3)), None);
    assert_eq!(age(born, born), Some(0));
    assert_eq!(age(born, date(2026, 3, 3)), Some(70));
    assert_eq!(age(born, date(2026, 3, 4)), Some(71));
    let leap = date(2000, 2, 29);
    assert_eq!(age(leap, date(2001, 2, 28)), Some(0));
    assert_eq!(age(leap, date(2001, 3, 1)), Some(1));
    assert_eq!(age(leap, date(2004, 2, 29)), Some(4));
}

proptest! {
    #[test]
    fn both_calendars_lead_back_to_the_day(day in any_day()) {
        prop_assert_eq!(read(&wareki(day)), Ok(day));
        prop_assert_eq!(read(&wareki_short(day)), Ok(day));
        prop_assert_eq!(read(&day.to_string()), Ok(day));
        prop_assert_eq!(read(&format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())), Ok(day));
        let era = Era::of(day).unwrap();
        let digits = format!("{}{:02}{:02}{:02}", era.digit, era.year_of(day), day.month(), day.day());
        prop_assert_eq!(read(&digits), Ok(day));
    }

    #[test]
    fn reading_never_panics(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn reading_what_is_nearly_a_date_never_panics(
        text in "[MTSHR明治大正昭和平成令㍻]{0,2}[0-9０-９元]{0,5}[./年ー-]?[0-9]{0,5}[./月-]?[0-9]{0,5}日?"
    ) {
        if let Ok(day) = read(&text) {
            prop_assert_eq!(read(&wareki(day)).is_ok(), true);
        }
    }

    #[test]
    fn age_agrees_with_counting_birthdays(birth in any_day(), on in any_day()) {
        let mut years = 0_u16;
        while let Some(next) = birthday(birth, years + 1)
            && next <= on
        {
            years += 1;
        }
        prop_assert_eq!(age(birth, on), (birth <= on).then_some(years));
    }
}

/// The day on which a person turns `years`.
fn birthday(birth: Date, years: u16) -> Option<Date> {
    let year = birth.year() + i16::try_from(years).ok()?;
    Date::new(year, birth.month(), birth.day()).ok().or_else(|| Date::new(year, 3, 1).ok())
}
