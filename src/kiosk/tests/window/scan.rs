//! Cards scanned on every screen.

use std::time::{Duration, Instant};

use clinical::ReceptionState;
use egui::{Event, Key, Modifiers, RawInput};
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;

use crate::support::{Bench, Setup, receptions, view};

fn with_known() -> Bench {
    let known = vec![view("01873", "厚労　太郎", "コウロウ　タロウ")];
    Bench::signed_in_with(&Setup { known, ..Setup::default() }, receptions())
}

fn opened(bench: &Bench) -> Option<String> {
    bench.harness.state().desk().opened.as_ref().map(|o| o.number.to_string())
}

#[test]
fn a_known_patient_is_painted_in_the_next_frame() {
    let mut bench = with_known();
    bench.scan("01873");
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.sees("アレルギー　厚労　太郎のペニシリン");
    bench.sees("この端末の控え（");
    bench.open_ticket();
}

#[test]
fn leading_zeros_do_not_matter() {
    let mut bench = with_known();
    bench.scan("0001873");
    assert_eq!(opened(&bench).as_deref(), Some("01873"));
}

#[test]
fn every_screen_takes_a_scan_and_no_field_sees_it() {
    type Go = fn(&mut Bench);
    let screens: [(&str, Go); 6] = [
        ("list", |_| ()),
        ("search field", |b| b.key(Key::F4)),
        ("patient", |b| {
            b.key(Key::ArrowDown);
            b.key(Key::Enter);
        }),
        ("help", |b| b.key(Key::F1)),
        ("state chooser", |b| {
            b.key(Key::ArrowDown);
            b.key(Key::F7);
        }),
        ("unknown card", |b| {
            b.scan("ZZ-9999");
            b.run();
        }),
    ];
    for (name, go) in screens {
        let mut bench = with_known();
        go(&mut bench);
        bench.scan("01873");
        assert_eq!(bench.harness.state().route(), Route::Patient, "{name}");
        assert_eq!(opened(&bench).as_deref(), Some("01873"), "{name}");
        bench.sees("厚労　太郎のペニシリン");
        bench.run();
        bench.key(Key::Escape);
        let field = bench.harness.get_by_label("患者を探す");
        assert_eq!(field.value().unwrap_or_default(), "", "{name}");
    }
}

#[test]
fn an_unknown_code_stands_large_with_what_to_do_and_can_be_copied() {
    let mut bench = with_known();
    bench.scan("ZZ-9999");
    assert_eq!(bench.harness.state().route(), Route::UnknownCard);
    bench.sees("ZZ-9999");
    bench.sees("この診療所の診察券ではありません");
    bench.sees("F4 で名前や番号から");
    bench.key(Key::F2);
    bench.sees("コードをコピーしました");
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Receptions);
}

#[test]
fn before_signing_in_nothing_opens() {
    let known = vec![view("01873", "厚労　太郎", "コウロウ　タロウ")];
    let mut bench = Bench::new(&Setup { known, ..Setup::default() });
    bench.scan("01873");
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::SignIn);
    bench.sees("先にサインインしてから");
    bench.misses("厚労");
    assert!(bench.asked().is_empty());
    assert_eq!(bench.harness.get_by_label("ID").value().unwrap_or_default(), "");
}

/// A scanner with a clock of its own, and a window that draws after every stroke.
struct Hand {
    now: Instant,
}

impl Hand {
    fn new() -> Self {
        Self { now: Instant::now() + Duration::from_hours(1) }
    }

    fn look(&mut self, bench: &mut Bench, events: Vec<Event>) {
        let ctx = bench.harness.ctx.clone();
        let mut raw = RawInput { events, ..RawInput::default() };
        bench.harness.state_mut().hook(&ctx, &mut raw, self.now);
        bench.harness.input_mut().events.extend(raw.events);
        bench.harness.step();
    }

    fn stroke(&mut self, bench: &mut Bench, key: Key, text: Option<char>) {
        let press = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let text = text.map(|c| Event::Text(c.to_string()));
        self.look(bench, [press(true)].into_iter().chain(text).collect());
        self.look(bench, vec![press(false)]);
    }

    /// A code with so many milliseconds from key to key, and nothing behind it.
    fn code(&mut self, bench: &mut Bench, code: &str, pace: u64) {
        self.wait(bench, 1000);
        for c in code.chars() {
            let key = Key::from_name(&c.to_string()).unwrap();
            self.stroke(bench, key, Some(c));
            self.now += Duration::from_millis(pace);
        }
    }

    fn wait(&mut self, bench: &mut Bench, millis: u64) {
        self.now += Duration::from_millis(millis);
        self.look(bench, Vec::new());
    }
}

fn state_chooser(bench: &mut Bench) {
    bench.key(Key::ArrowDown);
    bench.key(Key::F7);
    bench.sees("さんの状態");
}

fn no_state_was_changed(bench: &mut Bench) {
    assert!(bench.harness.state().desk().saving.is_empty());
    assert!(bench.cache.settle(std::time::Duration::from_mins(1)));
    assert!(bench.kept(0).is_empty());
}

#[test]
fn a_digit_key_chooses_from_the_state_menu_but_a_scan_without_enter_never() {
    for pace in [5, 25] {
        let mut bench = with_known();
        let mut hand = Hand::new();
        state_chooser(&mut bench);
        // 00345 is no known patient, its 3 the third state.
        hand.code(&mut bench, "00345", pace);
        hand.wait(&mut bench, 100);
        bench.run();
        assert_eq!(bench.harness.state().route(), Route::Patient, "{pace} ms");
        assert_eq!(opened(&bench).as_deref(), Some("00345"), "{pace} ms");
        no_state_was_changed(&mut bench);
    }

    let mut bench = with_known();
    let mut hand = Hand::new();
    state_chooser(&mut bench);
    hand.code(&mut bench, "3", 5);
    hand.wait(&mut bench, 100);
    assert_eq!(bench.change(1).1.state, ReceptionState::InExamination);
}

#[test]
fn a_burst_that_is_no_card_does_not_choose_from_a_menu_either() {
    let mut bench = with_known();
    let mut hand = Hand::new();
    state_chooser(&mut bench);
    hand.code(&mut bench, "4901234567894", 25);
    hand.wait(&mut bench, 100);
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::UnknownCard);
    bench.sees("4901234567894");
    no_state_was_changed(&mut bench);
}

#[test]
fn every_screen_takes_a_scan_without_enter() {
    type Go = fn(&mut Bench);
    let screens: [(&str, u64, Go); 5] = [
        ("list", 25, |_| ()),
        ("search field", 5, |b| b.key(Key::F4)),
        ("help", 25, |b| b.key(Key::F1)),
        ("state chooser", 25, state_chooser),
        ("state chooser over the search field", 25, |b| {
            b.key(Key::F4);
            state_chooser(b);
        }),
    ];
    for (name, pace, go) in screens {
        let mut bench = with_known();
        go(&mut bench);
        let mut hand = Hand::new();
        hand.code(&mut bench, "01873", pace);
        hand.wait(&mut bench, 100);
        assert_eq!(bench.harness.state().route(), Route::Patient, "{name}");
        assert_eq!(opened(&bench).as_deref(), Some("01873"), "{name}");
        bench.sees("厚労　太郎のペニシリン");
        no_state_was_changed(&mut bench);
        bench.key(Key::Escape);
        let field = bench.harness.get_by_label("患者を探す");
        assert_eq!(field.value().unwrap_or_default(), "", "{name}");
    }
}

#[test]
fn further_end_keys_do_not_act_on_the_opened_patient() {
    for ends in [
        &[(0, Key::Enter), (5, Key::Enter)][..],
        &[(0, Key::Tab), (5, Key::Enter)],
        &[(0, Key::Enter), (200, Key::Enter)],
        &[(150, Key::Enter)],
        &[(150, Key::Enter), (5, Key::Enter)],
    ] {
        let mut bench = with_known();
        let mut hand = Hand::new();
        hand.code(&mut bench, "01873", 5);
        for (pause, end) in ends {
            hand.wait(&mut bench, *pause);
            hand.stroke(&mut bench, *end, None);
        }
        bench.run();
        assert_eq!(bench.harness.state().route(), Route::Patient, "{ends:?}");
        assert_eq!(opened(&bench).as_deref(), Some("01873"), "{ends:?}");
        // What the scanner's key would have done, the person's does.
        hand.wait(&mut bench, 1000);
        hand.stroke(&mut bench, Key::Enter, None);
        assert_eq!(bench.harness.state().route(), Route::Receptions, "{ends:?}");
    }
}
