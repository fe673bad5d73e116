use jiff::civil::date;
use proptest::prelude::*;

use super::*;

#[test]
fn check_digit_of_the_standards_example() {
    // ISO/IEC 7064, MOD 11,10: 0794 gets 5.
    assert_eq!(check_digit("0794"), 5);
}

#[test]
fn a_number_tells_its_day_station_and_serial() {
    let number = SpecimenNumber::new(date(2026, 11, 22), 7, 31).unwrap();
    assert_eq!(&number.as_str()[..11], "26112207031");
    assert_eq!(number.as_str().len(), 12);
    assert_eq!(number.day(), Some(date(2026, 11, 22)));
    assert_eq!(number.given(), (7, 31));
    assert_eq!(SpecimenNumber::parse(number.as_str()), Ok(number));
}

#[test]
fn what_is_no_number_is_refused() {
    let parse = |text: &str| SpecimenNumber::parse(text).unwrap_err();
    assert_eq!(parse("26112207031"), SpecimenNumberError::Length);
    assert_eq!(parse("２６１１２２０７０３１８"), SpecimenNumberError::Length);
    assert_eq!(parse("261322070318"), SpecimenNumberError::Day);
    assert_eq!(parse(" 26112207031"), SpecimenNumberError::Length);
    let day = date(2026, 11, 22);
    for (station, serial) in [(100, 1), (0, 0), (0, 1000)] {
        assert_eq!(SpecimenNumber::new(day, station, serial), Err(SpecimenNumberError::Exhausted));
    }
    assert!(serde_json::from_str::<SpecimenNumber>("\"261122070310\"").is_err());
}

proptest! {
    #[test]
    fn one_wrong_digit_and_two_swapped_ones_are_found(
        days in 0..3000_i32, station in 0..100_u8, serial in 1..1000_u32,
        at in 0..12_usize, other in 0..10_u8,
    ) {
        let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let number = SpecimenNumber::new(day, station, serial).unwrap();
        let mut digits = number.as_str().as_bytes().to_vec();
        let wrong = b'0' + other;
        if digits[at] != wrong {
            digits[at] = wrong;
            prop_assert!(SpecimenNumber::parse(std::str::from_utf8(&digits).unwrap()).is_err());
        }
    }
}
