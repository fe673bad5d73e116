//! Signing in, and every way in which that does not work.

use api::ErrorCode;
use api::entries::EntryResult;
use clinical::ReceptionState;
use egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Request, Update};

use crate::support::{Bench, NOW, Setup, failure, receptions, refused, session};

fn password_of(bench: &Bench) -> usize {
    let node = bench.harness.get_by_label("パスワード");
    node.accesskit_node().value().map_or(0, |v| v.chars().count())
}

fn fill(bench: &mut Bench) {
    bench.type_text("uketsuke");
    bench.key(Key::Enter);
    bench.type_text("himitsu");
}

#[test]
fn typed_id_and_password_go_to_the_worker_with_enter() {
    let mut bench = Bench::new(&Setup::default());
    assert!(!bench.key_enabled("F11 サインイン"));
    fill(&mut bench);
    assert!(bench.key_enabled("F11 サインイン"));
    bench.key(Key::Enter);
    let asked = bench.asked();
    let [Request::SignIn { login, password }] = asked.as_slice() else {
        panic!("asked {asked:?}");
    };
    assert_eq!((login.as_str(), password.as_str()), ("uketsuke", "himitsu"));
    bench.sees("確認しています");
    // A second press asks no second time.
    bench.key(Key::F11);
    assert!(bench.asked().is_empty());
    bench.give(Update::SignedIn(session()));
    assert_eq!(bench.harness.state().route(), Route::Receptions);
    bench.sees("標準診療所");
    bench.sees("受付係");
}

#[test]
fn both_fields_switch_the_input_method_off() {
    let mut bench = Bench::new(&Setup::default());
    for label in ["ID", "パスワード"] {
        bench.harness.get_by_label(label).focus();
        bench.run();
        assert!(bench.harness.get_by_label(label).is_focused());
        assert!(bench.harness.output().platform_output.ime.is_none(), "{label}");
    }
}

#[test]
fn full_width_letters_are_the_same_id() {
    let mut bench = Bench::new(&Setup::default());
    bench.type_text("ｕｋｅｔｓｕｋｅ");
    assert_eq!(bench.harness.get_by_label("ID").value().as_deref(), Some("uketsuke"));
}

#[test]
fn demo_accounts_are_taken_by_number_and_by_touch() {
    let mut bench = Bench::new(&Setup { demo: true, ..Setup::default() });
    bench.sees("1 受付係（uketsuke）");
    bench.key(Key::Num2);
    assert_eq!(bench.harness.get_by_label("ID").value().as_deref(), Some("kango"));
    bench.harness.get_by_label("1 受付係（uketsuke）").click();
    bench.run();
    assert_eq!(bench.harness.get_by_label("ID").value().as_deref(), Some("uketsuke"));
    bench.harness.get_by_label("F11 サインイン").click();
    bench.run();
    assert!(matches!(bench.asked().as_slice(), [Request::SignIn { .. }]));
}

#[test]
fn demo_accounts_are_taken_by_number_at_twice_the_size_too() {
    let mut bench = Bench::new(&Setup { demo: true, scale: 200, ..Setup::default() });
    bench.key(Key::Num1);
    assert_eq!(bench.harness.get_by_label("ID").value().as_deref(), Some("uketsuke"));
}

#[test]
fn each_refusal_has_its_words() {
    let cases = [
        (refused(ErrorCode::BadCredentials, None), "ID またはパスワードが違います"),
        (refused(ErrorCode::AccountLocked, Some(290)), "約 5 分後に"),
        (failure(FailureKind::Unreachable), "サーバーにつながりません"),
        (failure(FailureKind::Untrusted), "証明書を確認できない"),
        (failure(FailureKind::TimedOut), "サーバーの返事がありません"),
        (failure(FailureKind::Garbled), "返事が正しくありません"),
        (refused(ErrorCode::Unavailable, None), "一時的に使えません"),
    ];
    for (failure, words) in cases {
        let mut bench = Bench::new(&Setup::default());
        fill(&mut bench);
        bench.key(Key::Enter);
        let is_refusal = matches!(failure.kind, FailureKind::Refused { .. });
        bench.give(Update::SignInFailed(failure));
        bench.sees(words);
        bench.sees("詳細 req-42");
        // The ID stays. A refused password is gone and waited for; else Enter tries again.
        assert_eq!(bench.harness.get_by_label("ID").value().as_deref(), Some("uketsuke"));
        if is_refusal {
            assert_eq!(password_of(&bench), 0);
            assert!(bench.harness.get_by_label("パスワード").is_focused());
        } else {
            bench.asked();
            bench.key(Key::Enter);
            assert!(matches!(bench.asked().as_slice(), [Request::SignIn { .. }]));
        }
    }
}

#[test]
fn a_long_wait_says_what_it_waits_for() {
    let mut bench = Bench::new(&Setup::default());
    fill(&mut bench);
    bench.key(Key::Enter);
    bench.pass(std::time::Duration::from_secs(12));
    bench.sees("サーバーの返事を待っています（12 秒）");
}

#[test]
fn before_the_line_is_up_the_screen_says_so() {
    let mut bench = Bench::new(&Setup::default());
    bench.sees("○ 接続中");
    bench.sees("サーバーに接続しています");
    let since = crate::support::NOW.parse().unwrap();
    let failure = failure(FailureKind::Untrusted);
    bench.give(Update::Line(Line::Down { since, failure }));
    bench.sees("■ 切断");
    bench.sees("証明書を確認できない");
}

#[test]
fn an_expired_session_ends_at_the_sign_in_screen_and_leaves_no_patient() {
    let mut bench = Bench::signed_in();
    bench.sees("処方　元");
    bench.give(Update::SignedOut(Some(refused(ErrorCode::SessionExpired, None))));
    assert_eq!(bench.harness.state().route(), Route::SignIn);
    bench.sees("サインインの有効な時間が終わりました");
    bench.misses("処方");
    assert!(bench.harness.state().desk().day.rows.is_empty());
    assert!(bench.harness.state().desk().opened.is_none());
}

#[test]
fn what_is_unsent_when_the_session_ends_is_told_and_names_nobody() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    bench.key(Key::F12);
    // The disk may answer after the session has ended.
    let rows = bench.kept(1);
    bench.sees("未送信 1 件を送っています");
    bench.sees("▲ 送信待ち 1 件");
    bench.misses("厚労");
    bench.give(Update::SignedOut(None));
    bench.sees("未送信 1 件を送っています");
    let since = NOW.parse().unwrap();
    bench.give(Update::Line(Line::Down { since, failure: failure(FailureKind::Unreachable) }));
    bench.sees("未送信 1 件は、回線がもどりしだい自動で送られます");
    bench.sees("■ 切断（送信待ち 1 件）");
    // It drains whoever is signed in, or nobody.
    bench.give(Update::Line(Line::Up));
    let mut stands = receptions()[1].clone();
    (stands.state, stands.revision) = (ReceptionState::InConsultation, 2);
    let reception = Box::new(stands);
    bench.receipt(&rows[0], EntryResult::ReceptionState { applied: true, reception });
    bench.misses("未送信 1 件");
    bench.sees("● 接続");
    bench.misses("厚労");
}

#[test]
fn what_was_refused_while_nobody_was_signed_in_is_told_there_without_a_name() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let rows = bench.kept(1);
    bench.key(Key::F12);
    bench.refuse(&rows[0], ErrorCode::Forbidden);
    bench.sees("受け付けられなかった記録が 1 件あります");
    bench.sees("▲ 要確認 1 件");
    bench.misses("厚労");
    bench.key(Key::F10);
    assert_eq!(bench.harness.state().route(), Route::Outbox);
    bench.sees("内容はサインインすると表示します");
    bench.misses("厚労");
    bench.misses("診察中");
    bench.sees("サインインすると、直すか取り下げることができます");
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::SignIn);
    assert!(bench.harness.get_by_label("ID").is_focused());
}

#[test]
fn signing_out_clears_the_screen_at_once() {
    let mut bench = Bench::signed_in();
    bench.key(Key::F12);
    assert!(matches!(bench.asked().as_slice(), [Request::SignOut]));
    assert_eq!(bench.harness.state().route(), Route::SignIn);
    bench.misses("処方");
    // What the worker says of the session that is over changes nothing.
    bench.give(Update::Receptions(crate::support::list_of(receptions())));
    bench.give(Update::SignedOut(None));
    bench.misses("処方");
}

#[test]
fn a_clock_off_by_an_hour_is_told_and_the_cloud_s_time_is_shown() {
    let mut bench = Bench::signed_in();
    bench.sees("9:42");
    bench.give(Update::ClockSkew(3600));
    bench.sees("約 60 分遅れています");
    bench.sees("10:42");
    bench.give(Update::ClockSkew(-3600));
    bench.sees("約 60 分進んでいます");
    bench.give(Update::ClockSkew(2));
    bench.misses("端末の時計");
}
