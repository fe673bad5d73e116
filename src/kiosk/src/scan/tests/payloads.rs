//! What codes say.

use proptest::prelude::*;

use crate::scan::{CardPattern, Cards, CheckDigit, Reading, Reason, Scanned, Scanner, Template};

fn card(toml: &str) -> CardPattern {
    toml::from_str(toml).unwrap()
}

fn read(cards: &[CardPattern], text: &str) -> Reading {
    Cards::new(cards.to_vec()).read(&Scanned { text: text.into(), garbled: false })
}

fn patient(reading: &Reading) -> Option<&str> {
    match reading {
        Reading::Patient(number) => Some(number.as_str()),
        Reading::Specimen(_) | Reading::Unknown { .. } => None,
    }
}

#[test]
fn the_default_takes_a_bare_number_in_any_symbol() {
    let cards = [CardPattern::default()];
    for text in ["00127", "A00127A", "d00127b", "*00127*", "]C100127", "]F0A00127B"] {
        assert_eq!(patient(&read(&cards, text)), Some("00127"), "{text}");
    }
    for text in ["4901234567894X", "HTTPS://EXAMPLE.JP", "12", "A00127", "00127A"] {
        assert!(
            matches!(read(&cards, text), Reading::Unknown { reason: Reason::NoPattern, .. }),
            "{text}"
        );
    }
}

#[test]
fn by_default_the_shortest_burst_that_is_a_scan_is_the_shortest_number() {
    let scanner = Scanner::default();
    let least = scanner.min_length.as_usize();
    assert_eq!(
        patient(&read(&scanner.cards, &"1".repeat(least))),
        Some("1".repeat(least).as_str())
    );
    assert_eq!(patient(&read(&scanner.cards, &"1".repeat(least - 1))), None);
}

#[test]
fn the_number_is_brought_to_the_charts_width() {
    let cards = [card("pattern = '{number:8}'\nwidth = 5")];
    assert_eq!(patient(&read(&cards, "00000127")), Some("00127"));
    assert_eq!(patient(&read(&cards, "00123456")), Some("123456"), "digits are never cut off");
}

#[test]
fn published_check_digits() {
    // JAN 4901234567894, the Luhn textbook number, a textbook's 036532-7, Code39's CODE39W; NW-7 by hand:
    // 16 + 21 + 16 = 53, 11 short of 64.
    let cases = [
        (CheckDigit::Mod10w3, "490123456789", '4'),
        (CheckDigit::Luhn, "7992739871", '3'),
        (CheckDigit::Mod11, "0036532", '7'),
        (CheckDigit::Mod16, "A123456A", '$'),
        (CheckDigit::Mod43, "CODE39", 'W'),
    ];
    for (rule, data, right) in cases {
        assert_eq!(rule.compute(data), Some(right), "{rule:?} of {data}");
    }
    assert_eq!(CheckDigit::Luhn.compute("12A"), None);
}

#[test]
fn a_wrong_check_digit_is_unknown_even_if_a_laxer_pattern_would_take_it() {
    let strict = card("name = '診察券'\npattern = '{number:5}{check}'\ncheck = 'luhn'");
    let lax = card("pattern = '{number:3-10}'");
    let check = CheckDigit::Luhn.compute("00127").unwrap();
    let cards = [lax, strict];
    assert_eq!(patient(&read(&cards, &format!("00127{check}"))), Some("00127"));
    let wrong = if check == '0' { '1' } else { '0' };
    assert_eq!(
        read(&cards, &format!("00127{wrong}")),
        Reading::Unknown {
            text: format!("00127{wrong}"),
            reason: Reason::CheckDigit { card: "診察券".into() }
        }
    );
    assert_eq!(patient(&read(&cards, "00127")), Some("00127"), "another length, another card");
}

#[test]
fn code39_and_nw7_check_what_their_standards_say() {
    let code39 = card("symbology = 'code39'\npattern = 'P{number:5}{check}'\ncheck = 'mod43'");
    let check = CheckDigit::Mod43.compute("P00127").unwrap();
    assert_eq!(patient(&read(&[code39], &format!("*P00127{check}*"))), Some("00127"));

    let nw7 = card("symbology = 'nw7'\npattern = '{number:5}{check}'\ncheck = 'mod16'");
    let check = CheckDigit::Mod16.compute("A00127B").unwrap();
    assert_eq!(
        patient(&read(std::slice::from_ref(&nw7), &format!("A00127{check}B"))),
        Some("00127")
    );
    assert!(
        matches!(
            read(&[nw7], &format!("C00127{check}B")),
            Reading::Unknown { reason: Reason::CheckDigit { .. }, .. }
        ),
        "the start character counts"
    );
}

#[test]
fn a_symbol_told_by_the_scanner_must_be_the_cards() {
    let cards = [card("symbology = 'qr'\npattern = 'SOEGAKI:{number:5}:{skip:1-10}'")];
    assert_eq!(patient(&read(&cards, "]Q1soegaki:00127:2026")), Some("00127"));
    assert_eq!(patient(&read(&cards, "SOEGAKI:00127:2026")), Some("00127"));
    assert_eq!(patient(&read(&cards, "]C0SOEGAKI:00127:2026")), None);
}

#[test]
fn garbled_codes_say_so() {
    let cards = Cards::new(vec![CardPattern::default()]);
    let reading = cards.read(&Scanned { text: "あ00127".into(), garbled: true });
    assert_eq!(reading, Reading::Unknown { text: "あ00127".into(), reason: Reason::InputMethod });
}

#[test]
fn digits_of_kana_input_are_digits_again() {
    use crate::scan::repair::repair;
    assert_eq!(repair("わわぬふや"), ("00127".into(), false));
    assert_eq!(repair("Ｐ‐００１２７"), ("P-00127".into(), false));
    assert_eq!(repair("ちわわぬ"), ("ちわわぬ".into(), true), "a letter among them is a guess");
    assert_eq!(repair(" 00127\u{3}\r"), ("00127".into(), false));
}

#[test]
fn wrong_patterns_are_refused() {
    for wrong in
        ["", "P{check}", "{number", "{number}{number}", "{number:0}", "{number:9-4}", "{nr}"]
    {
        assert!(wrong.parse::<Template>().is_err(), "{wrong:?}");
    }
    for wrong in
        ["pattern = '{number}{check}'", "pattern = '{number}'\ncheck = 'luhn'", "shape = 1"]
    {
        assert!(toml::from_str::<CardPattern>(wrong).is_err(), "{wrong:?}");
    }
}

proptest! {
    /// One wrong digit never opens a patient, under each rule that promises it.
    #[test]
    fn one_misread_digit_is_caught(
        number in "[0-9]{5,8}",
        place in 0usize..5,
        by in 1u32..10,
        rule in proptest::sample::select(vec![
            ("mod10w3", CheckDigit::Mod10w3),
            ("luhn", CheckDigit::Luhn),
            ("mod43", CheckDigit::Mod43),
        ]),
    ) {
        let (name, rule) = rule;
        let pattern = card(&format!("pattern = '{{number:5-8}}{{check}}'\ncheck = '{name}'"));
        let mut code: Vec<char> = number.chars().collect();
        code.push(rule.compute(&number).unwrap());
        let whole: String = code.iter().collect();
        let cards = [pattern];
        let right = read(&cards, &whole);
        prop_assert_eq!(patient(&right), Some(number.as_str()));
        let digit = code[place].to_digit(10).unwrap();
        code[place] = char::from_digit((digit + by) % 10, 10).unwrap();
        let misread: String = code.into_iter().collect();
        let wrong = read(&cards, &misread);
        prop_assert_eq!(patient(&wrong), None);
    }

    /// No payload makes the reading fail or hang.
    #[test]
    fn any_payload_is_read(text in ".{0,80}") {
        let cards = [
            CardPattern::default(),
            card("pattern = '{skip}P{number}{check}'\ncheck = 'mod11'"),
        ];
        let _ = read(&cards, &text);
    }
}
