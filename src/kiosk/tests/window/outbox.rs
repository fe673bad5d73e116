//! 未送信.

use api::ErrorCode;
use clinical::profile::ProfileEntry;
use egui::Key;
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Request, Update};
use kiosk::local::RowState;

use crate::records::{allergy, confirm, opened, record};
use crate::support::{Bench, NOW, clerk, director, failure};

fn with_allergy() -> Bench {
    let mut bench = opened(Vec::new());
    let entry = ProfileEntry {
        on_behalf_of: Some(director()),
        ..record("01873", 5, None, allergy("セフェム系"))
    };
    confirm(&mut bench, &clerk(), entry);
    bench
}

fn refused() -> Bench {
    let mut bench = with_allergy();
    let row = bench.kept(1)[0].clone();
    bench.refuse(&row, ErrorCode::Invalid);
    bench.sees("厚労　太郎 さんの「薬剤アレルギー　セフェム系（発疹）」は、サーバーに受け付けられませんでした");
    bench.key(Key::Escape);
    bench.key(Key::F10);
    assert_eq!(bench.harness.state().route(), Route::Outbox);
    bench
}

#[test]
fn a_row_says_whom_what_when_by_whom_and_where_it_stands() {
    let mut bench = with_allergy();
    bench.key(Key::F10);
    bench.sees("01873　厚労　太郎　薬剤アレルギー　セフェム系（発疹） 9:42　受付係 送信待ち");
    bench.sees("自動で送ります。急ぐときは F5 で今すぐ送れます");
    bench.asked();
    bench.key(Key::F5);
    assert!(matches!(bench.asked().as_slice(), [Request::SendNow]));
    // What may have reached the cloud already is not taken back here.
    assert!(!bench.key_enabled("F7 取り下げる"));
    assert!(!bench.key_enabled("F6 直す"));
    let since = NOW.parse().unwrap();
    bench.give(Update::Line(Line::Down { since, failure: failure(FailureKind::Unreachable) }));
    bench.sees("回線が切れています。もどりしだい、自動で送ります");
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.sees("01873");
}

#[test]
fn a_refused_row_says_why_and_is_mended_in_its_form() {
    let mut bench = refused();
    bench.sees("受け付けられません");
    bench.sees("9:42 にサーバーが受け付けませんでした。サーバーの決まりに合いません。F6 で直すか、F7 で取り下げてください");
    bench.sees("詳細 req-42");
    bench.key(Key::F6);
    assert_eq!(bench.harness.state().route(), Route::Entry);
    bench.sees("セフェム系");
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::Outbox);
    let refused = bench.kept(1)[0].id;
    bench.key(Key::F6);
    bench.key(Key::F11);
    bench.until_sees("保存しました");
    // What mends takes the place of what was refused.
    let rows = bench.kept(1);
    assert_ne!(rows[0].id, refused);
    assert_eq!(rows[0].state, RowState::Waiting);
    assert_eq!(bench.harness.state().route(), Route::Outbox);
}

#[test]
fn a_refused_row_is_taken_back_after_a_question_and_stays_in_sight_struck() {
    let mut bench = refused();
    bench.key(Key::F7);
    bench.sees("「薬剤アレルギー　セフェム系（発疹）」を取り下げますか");
    // A slip of Enter leaves everything as it is.
    bench.key(Key::Enter);
    assert!(matches!(bench.kept(1)[0].state, RowState::Refused { .. }));
    bench.key(Key::F7);
    bench.key(Key::Num2);
    assert!(matches!(bench.kept(1)[0].state, RowState::Withdrawn { .. }));
    bench.sees("取り下げ 9:42");
    bench.sees("● 接続");
    // It no longer counts. The first Esc takes the words away.
    bench.key(Key::Escape);
    bench.key(Key::Escape);
    assert!(bench.key_enabled("F10 未送信"));
    bench.key(Key::Escape);
    bench.misses("セフェム系");
}

#[test]
fn a_row_whose_key_is_unknown_says_who_must_sign_in() {
    let mut bench = with_allergy();
    let row = bench.kept(1)[0].clone();
    bench.cache.key_unknown(row.id);
    bench.run();
    bench.key(Key::F10);
    let state = bench.kept(1)[0].state.clone();
    if state == RowState::NeedsSignIn {
        bench.sees("受付係 さんのサインイン待ち");
        bench.sees("受付係 さんがこの端末でサインインすると、自動で送ります");
        assert!(bench.key_enabled("F7 取り下げる"));
    } else {
        // The person has signed in with a newer key since: it was signed anew at once.
        assert_eq!(state, RowState::Waiting);
    }
}

#[test]
fn rows_are_marked_by_arrow_and_by_touch() {
    let mut bench = with_allergy();
    confirm(&mut bench, &clerk(), record("01873", 6, None, allergy("キノロン系")));
    bench.key(Key::F10);
    assert_eq!(bench.marked().len(), 1);
    assert!(bench.marked()[0].contains("セフェム系"));
    bench.key(Key::ArrowDown);
    assert!(bench.marked()[0].contains("キノロン系"));
    bench.harness.get_by_label_contains("セフェム系").click();
    bench.run();
    assert!(bench.marked()[0].contains("セフェム系"));
}
