//! Cards scanned on every screen.

use egui::Key;
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
