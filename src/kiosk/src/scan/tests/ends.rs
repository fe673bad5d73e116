//! What comes behind a code: nothing, one end key, several, or one that is late.

use egui::{Event, Key, PointerButton, Pos2};

use super::desk::{Timeline, commit, key, play, preedit};
use crate::scan::{Scanned, Scanner, Wedge};

fn without_field() -> Timeline {
    Timeline { no_field: true, ..Timeline::default() }
}

#[test]
fn without_a_field_a_burst_is_a_scan_also_without_its_end_key() {
    for (code, gap) in [("00345", 5), ("3333", 1), ("00345", 30), ("A0012345B", 12)] {
        for frame in [4, 16, 30] {
            let mut t = without_field();
            t.scanned_bare(code, gap);
            let seen = play(&t, frame);
            assert_eq!(seen.codes(), [code], "{gap} ms, frames of {frame} ms");
            assert_eq!(seen.events, [], "{gap} ms, frames of {frame} ms");
        }
    }
}

#[test]
fn without_a_field_short_or_slow_keys_choose_from_a_menu() {
    let mut t = without_field();
    t.scanned_bare("345", 5);
    t.wait(200);
    t.typed("3451", 80);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.field(), "3453451");
    assert_eq!(seen.events.len(), t.events.len());
}

#[test]
fn in_a_field_only_what_no_hand_writes_is_a_scan_without_its_end_key() {
    for (code, gap, is_scan) in [
        ("00345", 5, true),
        ("A0012345B", 12, true),
        ("0034", 5, false),
        ("00345", 20, false),
        ("yamada", 25, false),
    ] {
        for frame in [4, 16] {
            let mut t = Timeline::default();
            t.scanned_bare(code, gap);
            let seen = play(&t, frame);
            let (scans, events) = if is_scan { (vec![code], 0) } else { (vec![], t.events.len()) };
            assert_eq!(seen.codes(), scans, "{code} at {gap} ms, frames of {frame} ms");
            assert_eq!(seen.events.len(), events, "{code} at {gap} ms, frames of {frame} ms");
        }
    }
}

#[test]
fn text_that_comes_whole_stays_in_the_field() {
    // An input method passes on what a person chose, and a stalled window cannot tell how quick the keys were.
    let mut t = Timeline::default();
    t.at(commit("00345"));
    t.wait(200);
    t.at(Event::Text("00345".into()));
    t.wait(200);
    for c in "00345".chars() {
        t.stroke(c, 0);
    }
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.field(), "003450034500345");
}

#[test]
fn quick_kana_without_an_end_key_stay_in_the_field() {
    let mut t = Timeline::default();
    for c in "さくらまち".chars() {
        t.at(commit(&c.to_string()));
        t.wait(5);
    }
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), [""; 0]);
    assert_eq!(seen.field(), "さくらまち");
}

#[test]
fn full_width_digits_of_a_scanner_without_end_key_leave_the_field() {
    let mut t = Timeline::default();
    for text in ["０", "００", "００３", "００３４", "００３４５"] {
        t.at(preedit(text));
        t.wait(4);
    }
    let seen = play(&t, 8);
    assert_eq!(seen.scans, [Scanned { text: "00345".into(), garbled: false }]);
    assert_eq!(seen.events, []);
}

#[test]
fn a_click_or_a_function_key_right_behind_a_bare_scan_does_not_release_it() {
    let click = Event::PointerButton {
        pos: Pos2::ZERO,
        button: PointerButton::Primary,
        pressed: true,
        modifiers: egui::Modifiers::NONE,
    };
    for behind in [click, key(Key::F7, true)] {
        let mut t = without_field();
        t.scanned_bare("00345", 5);
        t.at(behind.clone());
        let seen = play(&t, 4);
        assert_eq!(seen.codes(), ["00345"]);
        assert_eq!(seen.events, [behind]);
    }
}

#[test]
fn a_second_end_key_belongs_to_the_scan() {
    for no_field in [false, true] {
        for (first, second) in
            [(Key::Enter, Key::Enter), (Key::Tab, Key::Enter), (Key::Enter, Key::Tab)]
        {
            for pause in [2, 5, 60, 250] {
                let mut t = Timeline { no_field, ..Timeline::default() };
                t.scanned("00345", 4, first);
                t.wait(pause);
                t.press(second);
                let seen = play(&t, 8);
                assert_eq!(seen.codes(), ["00345"]);
                assert_eq!(seen.events, [], "{first:?}, {pause} ms, {second:?}");
            }
        }
    }
}

#[test]
fn an_enter_that_is_late_belongs_to_the_scan() {
    for no_field in [false, true] {
        for pause in [40, 100, 250] {
            let mut t = Timeline { no_field, ..Timeline::default() };
            t.scanned_bare("00345", 4);
            t.wait(pause);
            t.press(Key::Enter);
            let seen = play(&t, 8);
            assert_eq!(seen.codes(), ["00345"]);
            assert_eq!(seen.events, [], "after {pause} ms");
        }
    }
}

#[test]
fn an_enter_of_a_person_behind_a_scan_is_theirs() {
    let enter = [key(Key::Enter, true), key(Key::Enter, false)];
    // Long after.
    let mut t = Timeline::default();
    t.scanned("00345", 4, Key::Enter);
    t.wait(400);
    t.press(Key::Enter);
    assert_eq!(play(&t, 8).events, enter);
    // Behind another key.
    let mut t = Timeline::default();
    t.scanned("00345", 4, Key::Enter);
    t.wait(90);
    t.press(Key::ArrowDown);
    t.wait(90);
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.events[2..], enter, "{:?}", seen.events);
    // Behind text.
    let mut t = Timeline::default();
    t.scanned("00345", 4, Key::Enter);
    t.wait(90);
    t.stroke('a', 5);
    t.wait(90);
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.events[3..], enter, "{:?}", seen.events);
    // With Shift it ends nothing.
    let mut t = Timeline::default();
    t.scanned("00345", 4, Key::Enter);
    t.wait(90);
    let back = Event::Key {
        key: Key::Tab,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: egui::Modifiers::SHIFT,
    };
    t.at(back.clone());
    assert_eq!(play(&t, 8).events, [back]);
}

#[test]
fn keys_swallowed_twice_do_not_eat_a_later_release() {
    let mut t = Timeline::default();
    t.scanned_bare("00345", 4);
    // Held so long that it repeats.
    t.at(key(Key::Enter, true));
    t.wait(20);
    t.at(key(Key::Enter, true));
    t.wait(20);
    t.at(key(Key::Enter, false));
    t.wait(500);
    t.press(Key::Enter);
    let seen = play(&t, 8);
    assert_eq!(seen.codes(), ["00345"]);
    assert_eq!(seen.events, [key(Key::Enter, true), key(Key::Enter, false)]);
}

#[test]
fn a_prefix_and_a_quick_code_without_its_suffix_is_a_scan() {
    let prefixed = || Scanner { prefix: Some("F13".parse().unwrap()), ..Scanner::default() };
    for (scanner, no_field, gap, is_scan) in [
        (prefixed(), true, 5, true),
        (prefixed(), false, 5, true),
        (prefixed(), true, 90, false),
        (prefixed(), false, 25, false),
        (Scanner { suffix: Vec::new(), ..prefixed() }, false, 25, true),
    ] {
        let mut t = Timeline { no_field, ..Timeline::default() };
        t.press(Key::F13);
        t.wait(2);
        t.scanned_bare("00345", gap);
        let seen = t.play(&mut Wedge::new(scanner), 8);
        let codes = if is_scan { vec!["00345"] } else { vec![] };
        assert_eq!(seen.codes(), codes, "field: {}, {gap} ms", !no_field);
        assert_eq!(seen.field(), if is_scan { "" } else { "00345" });
    }
}
