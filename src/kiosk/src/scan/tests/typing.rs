//! Typing arrives exactly, scans are taken exactly.

use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, PointerButton, Pos2, RawInput};
use proptest::prelude::*;

use super::desk::{Timeline, commit, key, play, preedit};
use crate::scan::{Mark, Scanned, Scanner, Wedge};

fn with_prefix(prefix: &str) -> Wedge {
    Wedge::new(Scanner { prefix: Some(prefix.parse().unwrap()), ..Scanner::default() })
}

#[test]
fn a_scan_leaves_nothing_in_the_input() {
    for end in [Key::Enter, Key::Tab] {
        let mut t = Timeline::default();
        t.scanned("A0012345B", 3, end);
        let seen = play(&t, 16);
        assert_eq!(seen.codes(), ["A0012345B"]);
        assert_eq!(seen.events, [], "after {end:?}");
    }
}

#[test]
fn a_quick_typist_without_enter_is_no_scan() {
    let mut t = Timeline::default();
    t.typed("yamada", 25);
    t.wait(120);
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.events.len(), t.events.len());
    assert_eq!(seen.field(), "yamada");
}

#[test]
fn three_quick_keys_and_enter_are_typing() {
    let mut t = Timeline::default();
    t.scanned("123", 5, Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.field(), "123");
    assert_eq!(seen.events.len(), t.events.len());
}

#[test]
fn a_held_key_repeats_into_the_field_and_enter_behind_it_is_enter() {
    let mut t = Timeline::default();
    t.at(key(Key::Num0, true));
    t.at(Event::Text("0".into()));
    t.wait(400);
    for _ in 0..30 {
        t.at(key(Key::Num0, true));
        t.at(Event::Text("0".into()));
        t.wait(30);
    }
    t.at(key(Key::Num0, false));
    t.wait(10);
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.field(), "0".repeat(31));
    assert!(seen.events.contains(&key(Key::Enter, true)));
}

#[test]
fn what_a_held_key_repeats_is_not_held_back() {
    let mut wedge = Wedge::new(Scanner::default());
    let start = Instant::now();
    let press = || vec![key(Key::Num0, true), Event::Text("0".into())];
    let mut raw = RawInput { events: press(), ..RawInput::default() };
    wedge.take(&mut raw, start, true);
    raw.events = press();
    wedge.take(&mut raw, start + Duration::from_millis(400), true);
    assert_eq!(raw.events, [press(), press()].concat());
}

#[test]
fn keys_that_the_scanner_lets_go_late_leave_nothing_behind() {
    let mut t = Timeline::default();
    for c in "00127".chars() {
        t.stroke(c, 1);
        t.wait(3);
    }
    // The last digit is let go after Enter is pressed, both in a later frame.
    t.at(key(Key::Num3, true));
    t.at(Event::Text("3".into()));
    t.at(key(Key::Enter, true));
    t.wait(40);
    t.at(key(Key::Num3, false));
    t.at(key(Key::Enter, false));
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), ["001273"]);
    assert_eq!(seen.events, []);
}

#[test]
fn pasting_is_not_scanning() {
    let mut t = Timeline::default();
    t.at(Event::Paste("0012345".into()));
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.events.len(), 3);
}

#[test]
fn a_click_comes_behind_the_text_typed_before_it() {
    let mut t = Timeline::default();
    t.stroke('a', 2);
    t.wait(5);
    let click = Event::PointerButton {
        pos: Pos2::ZERO,
        button: PointerButton::Primary,
        pressed: true,
        modifiers: Modifiers::NONE,
    };
    t.at(click.clone());
    let seen = play(&t, 1);
    assert_eq!(seen.events.last(), Some(&click));
    assert_eq!(seen.events.len(), 4);
}

#[test]
fn held_text_is_released_by_itself_and_soon() {
    let mut wedge = Wedge::new(Scanner::default());
    let start = Instant::now();
    let mut raw = RawInput { events: vec![Event::Text("a".into())], ..RawInput::default() };
    assert_eq!(wedge.take(&mut raw, start, true), None);
    assert_eq!(raw.events, []);
    let after = wedge.wake_after(start).expect("asks to be woken");
    assert!(after <= Scanner::default().max_gap() + Duration::from_millis(1));
    wedge.take(&mut raw, start + after, true);
    assert_eq!(raw.events, [Event::Text("a".into())]);
    assert_eq!(wedge.wake_after(start + after), None, "nothing left to wait for");
}

#[test]
fn two_scans_within_one_frame_come_one_after_the_other() {
    let mut t = Timeline::default();
    t.scanned("00123", 1, Key::Enter);
    t.wait(2);
    t.scanned("00456", 1, Key::Enter);
    let seen = play(&t, 60);
    assert_eq!(seen.codes(), ["00123", "00456"]);
    assert_eq!(seen.events, []);
}

#[test]
fn slow_frames_do_not_break_a_scan() {
    for frame in [40, 90, 150] {
        let mut t = Timeline::default();
        t.scanned("A001234567890B", 6, Key::Enter);
        let seen = play(&t, frame);
        assert_eq!(seen.codes(), ["A001234567890B"], "frames of {frame} ms");
        assert_eq!(seen.events, []);
    }
}

#[test]
fn typing_that_piled_up_behind_a_busy_window_is_typing() {
    let mut t = Timeline::default();
    // The first key makes the window draw for 600 ms; the person goes on.
    t.at(Event::PointerMoved(Pos2::ZERO));
    t.wait(5);
    t.typed("00123", 100);
    t.press(Key::Enter);
    let seen = play(&t, 600);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.field(), "00123");
}

#[test]
fn digits_of_an_input_method_are_repaired() {
    let mut t = Timeline::default();
    for text in ["０", "００", "００１", "００１２", "００１２３"] {
        t.at(preedit(text));
        t.wait(4);
    }
    t.at(preedit(""));
    t.at(commit("００１２３"));
    let seen = play(&t, 8);
    assert_eq!(seen.scans, [Scanned { text: "00123".into(), garbled: false }]);
    assert_eq!(seen.events, []);
}

#[test]
fn an_enter_right_behind_the_commit_belongs_to_the_scan() {
    let mut t = Timeline::default();
    for text in ["１", "１２", "１２３", "１２３４"] {
        t.at(preedit(text));
        t.wait(4);
    }
    t.at(commit("１２３４"));
    t.wait(3);
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), ["1234"]);
    assert_eq!(seen.events, []);
}

#[test]
fn full_width_digits_passed_on_key_by_key_are_repaired() {
    let mut t = Timeline::default();
    for c in "００４５６".chars() {
        t.at(commit(&c.to_string()));
        t.wait(4);
    }
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), ["00456"]);
    assert_eq!(seen.events, []);
}

#[test]
fn letters_that_became_kana_are_told_as_garbled() {
    let mut t = Timeline::default();
    for text in ["あ", "あｂ", "あｂ１", "あｂ１２", "あｂ１２３"] {
        t.at(preedit(text));
        t.wait(4);
    }
    t.at(commit("あｂ１２３"));
    let seen = play(&t, 8);
    assert_eq!(seen.scans, [Scanned { text: "あb123".into(), garbled: true }]);
    assert_eq!(seen.events, []);
}

#[test]
fn kana_typed_and_converted_by_a_person_goes_through() {
    let mut t = Timeline::default();
    for text in ["y", "や", "やm", "やま", "やまd", "やまだ", "山田"] {
        t.at(preedit(text));
        t.wait(90);
    }
    t.at(preedit(""));
    t.at(commit("山田"));
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.events.len(), t.events.len());
    assert_eq!(seen.field(), "山田");
}

#[test]
fn a_scan_into_an_open_composition_leaves_the_persons_part() {
    let mut t = Timeline::default();
    for text in ["や", "やま"] {
        t.at(preedit(text));
        t.wait(100);
    }
    for text in ["やま０", "やま００", "やま００７", "やま００７８"] {
        t.at(preedit(text));
        t.wait(4);
    }
    t.at(preedit(""));
    t.at(commit("やま００７８"));
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), ["0078"]);
    assert_eq!(seen.events, [preedit("や"), preedit("やま"), commit("やま")]);
}

#[test]
fn with_a_prefix_key_typing_is_never_held_back() {
    let mut wedge = with_prefix("F13");
    let mut raw = RawInput { events: vec![Event::Text("a".into())], ..RawInput::default() };
    wedge.take(&mut raw, Instant::now(), true);
    assert_eq!(raw.events.len(), 1);
    let mut t = Timeline::default();
    t.typed("ya", 20);
    t.press(Key::F13);
    t.wait(2);
    t.scanned("12", 30, Key::Enter);
    t.wait(5);
    t.typed("m", 20);
    let seen = t.play(&mut with_prefix("F13"), 8);
    assert_eq!(seen.codes(), ["12"], "any length and pace behind a prefix");
    assert_eq!(seen.field(), "yam");
    assert_eq!(seen.events.len(), 9);
}

#[test]
fn a_prefix_character_and_control_b_work_too() {
    let mut t = Timeline::default();
    t.typed("ya", 20);
    t.stroke('~', 1);
    t.wait(3);
    t.scanned("00123", 3, Key::Tab);
    let seen = t.play(&mut with_prefix("~"), 8);
    assert_eq!(seen.codes(), ["00123"]);
    assert_eq!(seen.events.len(), 6, "{:?}", seen.events);

    let ctrl_b = |pressed| Event::Key {
        key: Key::B,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::CTRL,
    };
    let mut t = Timeline::default();
    t.at(ctrl_b(true));
    t.at(ctrl_b(false));
    t.scanned("00123", 3, Key::Enter);
    let seen = t.play(&mut with_prefix("Ctrl+B"), 8);
    assert_eq!(seen.codes(), ["00123"]);
    assert_eq!(seen.events, []);
}

#[test]
fn a_prefix_without_its_suffix_gives_everything_back() {
    let mut t = Timeline::default();
    t.stroke('~', 1);
    t.wait(100);
    t.typed("abc", 90);
    let seen = t.play(&mut with_prefix("~"), 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.field(), "~abc");
    assert_eq!(seen.events.len(), t.events.len());
}

#[test]
fn a_scanner_without_suffix_is_told_by_the_pause() {
    let mut wedge = Wedge::new(Scanner { suffix: Vec::new(), ..Scanner::default() });
    let mut t = Timeline::default();
    for c in "00123".chars() {
        t.stroke(c, 1);
        t.wait(4);
    }
    let seen = t.play(&mut wedge, 8);
    assert_eq!(seen.codes(), ["00123"]);
    assert_eq!(seen.events, []);
}

#[test]
fn marks_are_read_and_refused_with_words() {
    assert_eq!("F13".parse(), Ok(Mark::key(Key::F13)));
    assert_eq!("Ctrl+B".parse(), Ok(Mark::Key { key: Key::B, ctrl: true }));
    assert_eq!("~".parse(), Ok(Mark::Character('~')));
    for wrong in ["", "7", "a", "Ctrl+Nothing", "F99", "%%"] {
        assert!(wrong.parse::<Mark>().is_err(), "{wrong:?}");
    }
}

/// What happens at the desk, one after the other.
#[derive(Debug, Clone)]
enum Act {
    Type { text: String, gap: u64 },
    Scan { code: String, gap: u64, ends: &'static [Key] },
    Repeat { times: usize },
    Paste(String),
    Enter,
    Arrow,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => ("[a-z0-9]{1,8}", 80u64..300).prop_map(|(text, gap)| Act::Type { text, gap }),
        4 => ("[A-Z0-9]{4,16}", 1u64..12, prop_oneof![
            Just(&[Key::Enter][..]),
            Just(&[Key::Tab][..]),
            Just(&[Key::Enter, Key::Enter][..]),
            Just(&[Key::Tab, Key::Enter][..]),
        ])
            .prop_map(|(code, gap, ends)| Act::Scan { code, gap, ends }),
        // So long that even slow frames show its pace.
        2 => ("[A-Z0-9]{10,16}", 1u64..12)
            .prop_map(|(code, gap)| Act::Scan { code, gap, ends: &[] }),
        1 => (2usize..20).prop_map(|times| Act::Repeat { times }),
        1 => "[0-9]{1,8}".prop_map(Act::Paste),
        1 => Just(Act::Enter),
        1 => Just(Act::Arrow),
    ]
}

/// Adds an act; true when what it adds is a person's.
fn perform(act: &Act, t: &mut Timeline) -> bool {
    match act {
        Act::Type { text, gap } => t.typed(text, *gap),
        Act::Scan { code, gap, ends } => {
            t.scanned_bare(code, *gap);
            for end in *ends {
                t.press(*end);
                t.wait(*gap);
            }
            return false;
        }
        Act::Repeat { times } => {
            for _ in 0..*times {
                t.at(key(Key::X, true));
                t.at(Event::Text("x".into()));
                t.wait(33);
            }
            t.at(key(Key::X, false));
        }
        Act::Paste(text) => t.at(Event::Paste(text.clone())),
        Act::Enter => t.press(Key::Enter),
        Act::Arrow => t.press(Key::ArrowDown),
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Every event of a person arrives, in order, once; every scan is taken whole.
    #[test]
    fn hands_and_scanner_never_mix(
        acts in proptest::collection::vec((act(), 90u64..600), 1..14),
        frame in 1u64..30,
        no_field in any::<bool>(),
    ) {
        let mut all = Timeline { no_field, ..Timeline::default() };
        let mut by_hand = Vec::new();
        let mut codes = Vec::new();
        let mut scanned = false;
        for (act, pause) in &acts {
            // An Enter right behind a scan counts as the scanner's; a person's comes later.
            if scanned && matches!(act, Act::Enter) {
                all.wait(400);
            }
            scanned = matches!(act, Act::Scan { .. });
            let before = all.events.len();
            if perform(act, &mut all) {
                by_hand.extend_from_slice(&all.events[before..]);
            }
            if let Act::Scan { code, .. } = act {
                codes.push(code.clone());
            }
            all.wait(*pause);
        }
        by_hand.sort_by_key(|(at, _)| *at);
        let by_hand: Vec<Event> = by_hand.into_iter().map(|(_, event)| event).collect();
        let seen = play(&all, frame);
        prop_assert_eq!(seen.codes(), codes);
        prop_assert_eq!(seen.events, by_hand);
    }

    /// Whatever comes, nothing is lost or doubled: text is in the field or in a scan.
    #[test]
    fn no_character_is_lost(
        strokes in proptest::collection::vec((0u64..120, 0u32..12), 1..60),
        frame in 1u64..200,
        no_field in any::<bool>(),
    ) {
        let mut t = Timeline { no_field, ..Timeline::default() };
        let mut typed = 0;
        for (wait, which) in strokes {
            t.wait(wait);
            match char::from_digit(which, 10) {
                Some(c) => {
                    t.stroke(c, 1);
                    typed += 1;
                }
                None => t.press(if which == 10 { Key::Enter } else { Key::F5 }),
            }
        }
        let seen = play(&t, frame);
        let scanned: usize = seen.scans.iter().map(|s| s.text.chars().count()).sum();
        prop_assert_eq!(seen.field().chars().count() + scanned, typed);
        let presses = |events: &[Event]| {
            events.iter().filter(|e| **e == key(Key::F5, true)).count()
        };
        let pressed: Vec<Event> = t.events.iter().map(|(_, e)| e.clone()).collect();
        prop_assert_eq!(presses(&seen.events), presses(&pressed));
    }
}
