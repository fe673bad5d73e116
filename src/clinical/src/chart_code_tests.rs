use proptest::prelude::*;

use super::*;

#[test]
fn check_characters_of_the_standards_example() {
    // ISO/IEC 7064, MOD 1271-36: ISO79 gets 3W.
    assert_eq!(check_characters("ISO79"), "3W");
    assert_eq!(check_characters("ISO-79"), "3W");
}

#[test]
fn a_sticker_is_read_back() {
    for number in ["00127", "1", "A-12", "12345678901234567890"] {
        let number = PatientNumber::parse(number).unwrap();
        let code = write(&number);
        assert!(code.starts_with(PREFIX) && code.len() == 5 + number.as_str().len(), "{code}");
        assert_eq!(read(&code), Ok(number.clone()));
        assert_eq!(read(&code.to_ascii_lowercase()), Ok(number));
    }
    // Letters are written in capitals; the number is the same patient's.
    let code = write(&PatientNumber::parse("a12").unwrap());
    assert_eq!(read(&code).unwrap().canonical(), "A12");
}

#[test]
fn what_is_no_sticker_is_told_apart() {
    assert_eq!(read("00127"), Err(ChartCodeError::Other));
    assert_eq!(read("SG"), Err(ChartCodeError::Other));
    for text in ["SGK", "SGK0", "SGK00", "SGK00127", "SGK診察", "SGK 0012700"] {
        assert_eq!(read(text), Err(ChartCodeError::Check), "{text}");
    }
}

proptest! {
    #[test]
    fn a_wrong_or_swapped_character_is_found(number in "[0-9A-Z]{1,20}", at in 0..25_usize, to in "[0-9A-Z]") {
        let code = write(&PatientNumber::parse(&number).unwrap());
        let body = &code[PREFIX.len()..];
        let mut letters: Vec<char> = body.chars().collect();
        let at = at % letters.len();
        let to = to.chars().next().unwrap();
        if letters[at] != to {
            let before = letters[at];
            letters[at] = to;
            let wrong = format!("{PREFIX}{}", letters.iter().collect::<String>());
            prop_assert_eq!(read(&wrong), Err(ChartCodeError::Check));
            letters[at] = before;
        }
        let next = at + 1;
        if next < letters.len() && letters[at] != letters[next] {
            letters.swap(at, next);
            let swapped = format!("{PREFIX}{}", letters.iter().collect::<String>());
            prop_assert_eq!(read(&swapped), Err(ChartCodeError::Check));
        }
    }
}
