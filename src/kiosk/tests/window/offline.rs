//! Working while the line is cut, from the sign-in on.

use egui::Key;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Request, Update};

use crate::records::with_profile;
use crate::support::{Bench, NOW, Setup, failure, list_of, receptions, session};

fn down() -> Update {
    let since = NOW.parse().unwrap();
    Update::Line(Line::Down { since, failure: failure(FailureKind::Unreachable) })
}

/// Signed in before, now the line is cut and the program was started anew.
fn offline() -> Bench {
    let setup = Setup { known: vec![with_profile(Vec::new())], ..Setup::default() };
    let mut bench = Bench::new(&setup);
    bench.cache.remember_list(list_of(receptions()));
    bench.sign_in(session());
    bench.give(Update::SignedOut(None));
    bench.give(down());
    bench.give(Update::SignedInOffline(session()));
    bench.asked();
    bench
}

#[test]
fn the_kept_list_stands_and_says_what_goes_on_and_what_does_not() {
    let bench = offline();
    assert_eq!(bench.harness.state().route(), Route::Receptions);
    assert!(bench.harness.state().desk().offline);
    bench.sees("00127 処方　元 診察中");
    bench.sees("■ 切断");
    bench.sees("回線が切れたままサインインしました");
    bench.sees("変更と記録は保存し、つながると自動で送ります");
    assert_eq!(bench.harness.state().desk().staff.staff.len(), 1);
}

#[test]
fn back_on_the_line_nothing_begins_anew() {
    let mut bench = offline();
    bench.scan("01873");
    bench.run();
    let ticket = bench.open_ticket();
    let number = crate::support::number("01873");
    let why = failure(FailureKind::Unreachable);
    bench.give(Update::PatientFailed { ticket, number, failure: why });
    bench.sees("の控えです。つながりしだい");
    bench.key(Key::F6);
    bench.change(1);
    bench.give(Update::BackOnline(session()));
    bench.give(Update::Line(Line::Up));
    assert!(!bench.harness.state().desk().offline);
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.sees("厚労　太郎");
    bench.misses("回線が切れたままサインインしました");
    // What failed is asked again; the change is still on its way.
    assert!(bench.asked().iter().any(|r| matches!(r, Request::OpenPatient { .. })));
    assert_eq!(bench.harness.state().desk().day.changes.len(), 1);
    bench.sees("▲ 送信待ち 1 件");
}

#[test]
fn who_has_signed_out_is_not_brought_back_by_an_answer_on_its_way() {
    let mut bench = offline();
    bench.key(Key::F12);
    assert_eq!(bench.harness.state().route(), Route::SignIn);
    bench.give(Update::BackOnline(session()));
    bench.give(Update::Reception(Box::new(receptions().remove(0))));
    assert!(bench.harness.state().desk().session.is_none());
    assert!(bench.harness.state().desk().day.rows.is_empty());
    bench.scan("01873");
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::SignIn);
    bench.misses("厚労");
}

#[test]
fn a_line_that_comes_and_goes_leaves_the_marked_row_marked() {
    let mut bench = offline();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    let marked = bench.marked();
    bench.give(Update::BackOnline(session()));
    bench.give(Update::Line(Line::Up));
    bench.give(Update::Receptions(list_of(receptions())));
    assert_eq!(bench.marked(), marked);
}

/// What another desk has recorded since is not here, and the strip must not keep quiet about it.
#[test]
fn a_copy_from_before_a_change_says_so() {
    let setup = Setup { known: vec![with_profile(Vec::new())], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    let number = crate::support::number("01873");
    let item = crate::records::id(5);
    bench.give(Update::ProfileChanged { number: number.clone(), item });
    bench.give(down());
    let open = |bench: &mut Bench| {
        bench.scan("01873");
        bench.run();
        bench.open_ticket()
    };
    let ticket = open(&mut bench);
    let why = failure(FailureKind::Unreachable);
    bench.give(Update::PatientFailed { ticket, number: number.clone(), failure: why.clone() });
    bench.sees("控えのあとに変更あり");
    // Read anew, it is the whole truth again, also as a copy.
    bench.give(Update::Line(Line::Up));
    let ticket = bench.open_ticket();
    let view = Box::new(with_profile(Vec::new()));
    bench.give(Update::Patient { ticket, view });
    bench.misses("控えのあとに変更あり");
    let ticket = open(&mut bench);
    bench.give(Update::PatientFailed { ticket, number, failure: why });
    bench.misses("控えのあとに変更あり");
}
