//! What holds on every screen, in both languages, at every size: keys to touch, words in the fonts, nothing
//! outside the window.

use egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};
use kiosk::client::{FailureKind, Line, Update};
use kiosk::config::{Lang, Theme};

use crate::support::{Bench, Setup, failure, receptions, view};

fn setups() -> Vec<Setup> {
    let known = || vec![view("00127", "処方　元", "ショホウ　ハジメ")];
    let setup = |lang, scale, theme| Setup {
        lang,
        scale,
        theme,
        known: known(),
        demo: true,
        ..Setup::default()
    };
    vec![
        setup(Lang::Ja, 100, Theme::Light),
        setup(Lang::Ja, 200, Theme::Contrast),
        setup(Lang::En, 100, Theme::Contrast),
        setup(Lang::En, 200, Theme::Light),
        setup(Lang::Ja, 125, Theme::Light),
        setup(Lang::Ja, 150, Theme::Light),
    ]
}

/// Every key of the bar is there, is large enough for a finger and inside the window.
fn check_keys(bench: &Bench, scale: f32) {
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 800.0) / scale);
    let mut found = 0;
    for node in bench.harness.root().children_recursive() {
        let Some(label) = node.accesskit_node().label() else { continue };
        let head = label.split(' ').next().unwrap_or_default();
        let is_key = head.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok());
        if is_key && node.accesskit_node().role() == egui::accesskit::Role::Button {
            found += 1;
            let rect = node.rect();
            assert!(
                rect.height() * scale >= 56.0 && rect.width() * scale >= 56.0,
                "{label} {rect}"
            );
            assert!(window.expand(0.5).contains_rect(rect), "{label} {rect}");
        }
    }
    assert_eq!(found, 12);
}

#[test]
fn every_screen_in_every_look() {
    for setup in setups() {
        let scale = setup.scale as f32 / 100.0;
        let mut bench = Bench::signed_in_with(&setup, receptions());
        check_keys(&bench, scale);
        bench.key(Key::ArrowDown);
        bench.key(Key::F7);
        check_keys(&bench, scale);
        bench.key(Key::Escape);
        bench.ctrl(Key::Num5);
        bench.key(Key::Escape);
        bench.key(Key::F1);
        check_keys(&bench, scale);
        bench.key(Key::Escape);
        bench.key(Key::Enter);
        check_keys(&bench, scale);
        for (there, back) in
            [(Key::F9, Key::F11), (Key::F8, Key::F2), (Key::F10, Key::F11), (Key::F2, Key::Escape)]
        {
            bench.key(there);
            check_keys(&bench, scale);
            bench.key(back);
        }
        bench.scan("ZZ-9999");
        bench.run();
        check_keys(&bench, scale);
        bench.key(Key::F12);
        check_keys(&bench, scale);
    }
}

#[test]
fn at_twice_the_size_rows_are_still_in_sight() {
    let setup = Setup { scale: 200, ..Setup::default() };
    let bench = Bench::signed_in_with(&setup, receptions());
    assert!(bench.rows().len() >= 2, "{:?}", bench.rows());
}

#[test]
fn at_twice_the_size_a_cut_line_says_why_and_what_to_do_beside_the_list() {
    let cases = [
        (Lang::Ja, FailureKind::Unreachable, ["サーバーにつながりません", "確かめてください"]),
        (Lang::Ja, FailureKind::Untrusted, ["証明書を確認できません", "連絡してください"]),
        (Lang::Ja, FailureKind::TimedOut, ["返事がありません", "お待ちください"]),
        (Lang::Ja, FailureKind::Garbled, ["返事が不正です", "連絡してください"]),
        (Lang::En, FailureKind::Unreachable, ["No server", "check network"]),
        (Lang::En, FailureKind::Untrusted, ["Untrusted server", "call your"]),
        (Lang::En, FailureKind::TimedOut, ["No answer", "wait"]),
        (Lang::En, FailureKind::Garbled, ["Invalid answers", "call your"]),
    ];
    for (lang, kind, words) in cases {
        let setup = Setup { lang, scale: 200, ..Setup::default() };
        let mut bench = Bench::signed_in_with(&setup, receptions());
        let since = "2026-11-22T00:30:00Z".parse().unwrap();
        bench.give(Update::Line(Line::Down { since, failure: failure(kind.clone()) }));
        let said = bench.words();
        let band = said.lines().find(|line| line.contains(words[0])).unwrap_or_default();
        assert!(band.contains(words[1]) && band.contains("9:30"), "{lang:?} {kind:?}: {said}");
        let band = bench.harness.get_by_label(band).rect();
        let row = bench.harness.get_by_label_contains("00127 処方").rect();
        let keys = bench.harness.get_by_label_contains("F1 ").rect();
        assert!(band.bottom() <= row.top(), "{lang:?} {kind:?}: {band} over {row}");
        assert!(row.bottom() <= keys.top(), "{lang:?} {kind:?}: {row} under {keys}");
    }
}

#[test]
fn words_in_place_of_a_number_fit_their_column() {
    // Room of the column at 100 and at 200 %.
    for (scale, room) in [(100, 118.0), (200, 92.0)] {
        for lang in [Lang::Ja, Lang::En] {
            let setup = Setup { lang, scale, ..Setup::default() };
            let bench = Bench::signed_in_with(&setup, receptions());
            let words = kiosk::i18n::t(lang, "list.unregistered");
            let font = egui::FontId::proportional(kiosk::theme::tokens::size::BODY);
            let wide = bench.harness.ctx.fonts_mut(|fonts| {
                fonts.layout_no_wrap(words.to_owned(), font, egui::Color32::BLACK).size().x
            });
            assert!(wide > 0.0 && wide <= room, "{words}: {wide} in {room}");
        }
    }
}

#[test]
fn the_scale_follows_control_plus_and_minus() {
    let mut bench = Bench::signed_in();
    let zoom = |bench: &mut Bench, key| {
        bench.harness.key_press_modifiers(egui::Modifiers::COMMAND, key);
        bench.run();
        bench.harness.state().scale_percent()
    };
    assert_eq!(zoom(&mut bench, Key::Plus), 110);
    assert_eq!(zoom(&mut bench, Key::Plus), 125);
    assert!((bench.harness.ctx.zoom_factor() - 1.25).abs() < f32::EPSILON);
    assert_eq!(zoom(&mut bench, Key::Minus), 110);
    for _ in 0..6 {
        zoom(&mut bench, Key::Plus);
    }
    assert_eq!(bench.harness.state().scale_percent(), 200);
    assert_eq!(zoom(&mut bench, Key::Num0), 100);
    assert_eq!(zoom(&mut bench, Key::Minus), 100);
}

#[test]
fn the_help_names_the_keys_of_the_screen_below() {
    let mut bench = Bench::signed_in();
    bench.harness.get_by_label("F1 使い方").click();
    bench.run();
    bench.sees("受付 → 診察中 → 会計待ち → 済 と一つ進めます");
    bench.sees("診察券を読み取ると");
    bench.key(Key::F11);
    bench.sees("00127 処方　元 診察中");
}

#[test]
fn a_damaged_store_of_the_terminal_is_told_in_words_and_work_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cache.redb"), vec![7_u8; 9000]).unwrap();
    let settings = kiosk::local::Settings {
        folder: folder.path().to_owned(),
        institution: "clinic".to_owned(),
        patients: 10,
        keyring: kiosk::config::Keyring::File,
    };
    let cache = kiosk::local::Handle::open(settings, || ());
    let mut bench = Bench::new(&Setup { cache: Some(cache), ..Setup::default() });
    let limit = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !bench.words().contains("この端末の控えが壊れていました") {
        assert!(std::time::Instant::now() < limit, "{}", bench.words());
        std::thread::sleep(std::time::Duration::from_millis(10));
        bench.run();
    }
    bench.give(Update::SignedIn(crate::support::session()));
    bench.give(Update::Receptions(crate::support::list_of(receptions())));
    bench.sees("00127 処方　元 診察中");
}

#[test]
fn colours_are_named_in_the_theme_alone() {
    fn look(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("theme") {
                    look(&path, found);
                }
            } else if std::fs::read_to_string(&path).unwrap().contains("Color32::from") {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    look(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.is_empty(), "{found:?}");
}
