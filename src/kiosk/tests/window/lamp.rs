//! The lamp: computed from what is really unsent.

use api::ErrorCode;
use clinical::ReceptionState;
use egui::Key;
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Update};

use crate::support::{Bench, NOW, Setup, failure, receptions};

fn down() -> Update {
    let since = NOW.parse().unwrap();
    Update::Line(Line::Down { since, failure: failure(FailureKind::Unreachable) })
}

#[test]
fn it_is_calm_only_while_nothing_is_unsent() {
    let mut bench = Bench::signed_in();
    bench.sees("● 接続");
    bench.give(down());
    bench.sees("■ 切断");
    bench.misses("送信待ち");
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    bench.change(1);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let (row, change) = bench.change(2);
    bench.sees("■ 切断（送信待ち 2 件）");
    assert!(bench.key_enabled("F10 未送信 2"));
    // The line alone sends nothing.
    bench.give(Update::Line(Line::Up));
    bench.sees("▲ 送信待ち 2 件");
    bench.misses("● 接続");
    bench.refuse(&row, ErrorCode::Invalid);
    assert_eq!(change.state, ReceptionState::InConsultation);
    bench.sees("▲ 送信待ち 1 件");
    bench.sees("▲ 要確認 1 件");
    bench.misses("● 接続");
}

#[test]
fn a_touch_leads_to_what_is_unsent_and_back() {
    for scale in [100, 200] {
        let setup = Setup { scale, ..Setup::default() };
        let mut bench = Bench::signed_in_with(&setup, receptions());
        bench.harness.get_by_label("● 接続").click();
        bench.run();
        assert_eq!(bench.harness.state().route(), Route::Outbox);
        bench.sees("未送信はありません。保存した記録は、すべてサーバーに届いています");
        // A second touch leads nowhere else.
        bench.harness.get_by_label("● 接続").click();
        bench.run();
        bench.key(Key::Escape);
        assert_eq!(bench.harness.state().route(), Route::Receptions);
    }
}

#[test]
fn it_stands_on_the_sign_in_screen_too() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    bench.change(1);
    bench.key(Key::F12);
    bench.harness.get_by_label("▲ 送信待ち 1 件").click();
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::Outbox);
    bench.misses("処方");
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::SignIn);
}
