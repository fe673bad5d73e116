//! The patient's page and its strip.

use api::ErrorCode;
use egui::Key;
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Ticket, Update};

use crate::support::{Bench, Setup, failure, number, receptions, refused, view};

fn open_second(bench: &mut Bench) -> Ticket {
    bench.harness.get_by_label_contains("01873 厚労　太郎").click();
    bench.run();
    bench.key(Key::F11);
    bench.open_ticket()
}

fn fresh(ticket: Ticket) -> Update {
    let view = Box::new(view("01873", "厚労　太郎", "コウロウ　タロウ"));
    Update::Patient { ticket, view }
}

#[test]
fn the_page_shows_who_what_insures_and_what_endangers() {
    let mut bench = Bench::signed_in();
    let ticket = open_second(&mut bench);
    bench.give(fresh(ticket));
    for words in [
        "01873",
        "厚労　太郎",
        "コウロウ　タロウ",
        "男　71歳",
        "昭和30年3月4日生（1955-03-04）",
        "国保 本人 3割　保険確認 11/22",
        "アレルギー　厚労　太郎のペニシリン",
        "架空県架空市一丁目",
        "03-0000-0001",
        "138057",
        "レセコンから 9:40 に取得（2分前）",
    ] {
        bench.sees(words);
    }
}

#[test]
fn until_the_answer_comes_the_safety_remarks_are_said_to_be_unread() {
    let mut bench = Bench::signed_in();
    let ticket = open_second(&mut bench);
    bench.sees("厚労　太郎");
    bench.sees("アレルギー・禁忌を確認中");
    bench.sees("本日の受付");
    bench.pass(std::time::Duration::from_secs(11));
    bench.sees("サーバーの返事を待っています（11 秒）");
    bench.give(fresh(ticket));
    bench.misses("アレルギー・禁忌を確認中");
}

#[test]
fn a_patient_without_remarks_says_so_only_after_the_answer() {
    let mut bench = Bench::signed_in();
    let ticket = open_second(&mut bench);
    bench.misses("注意事項の登録はありません");
    let mut safe = view("01873", "厚労　太郎", "コウロウ　タロウ");
    safe.patient.safety.clear();
    bench.give(Update::Patient { ticket, view: Box::new(safe) });
    bench.sees("レセコンに注意事項の登録はありません");
}

#[test]
fn a_patient_known_from_a_list_alone_is_never_shown_as_one_without_allergies() {
    let mut bench = Bench::signed_in();
    let ticket = open_second(&mut bench);
    let mut listed = view("01873", "厚労　太郎", "コウロウ　タロウ");
    listed.patient.safety.clear();
    listed.patient.insurance.clear();
    listed.whole = false;
    bench.give(Update::Patient { ticket, view: Box::new(listed.clone()) });
    bench.sees("アレルギー・禁忌を確認できません");
    bench.sees("まだレセコンから読めていません。紙のカルテで確かめてください。");
    bench.sees("保険はまだレセコンから読めていません。");
    bench.misses("注意事項の登録はありません");
    bench.misses("本日有効な保険の登録なし");
    // Read from the receipt computer at last: now the silence means something.
    bench.give(Update::PatientChanged(listed.patient.number.clone()));
    let ticket = bench.open_ticket();
    listed.whole = true;
    bench.give(Update::Patient { ticket, view: Box::new(listed) });
    bench.sees("注意事項の登録はありません");
    bench.misses("アレルギー・禁忌を確認できません");
}

#[test]
fn what_the_terminal_kept_stands_at_once_with_its_age_and_gives_way() {
    let known = vec![view("01873", "控え　太郎", "ヒカエ　タロウ")];
    let mut bench = Bench::signed_in_with(&Setup { known, ..Setup::default() }, receptions());
    let ticket = open_second(&mut bench);
    bench.sees("アレルギー　控え　太郎のペニシリン");
    bench.sees("この端末の控え（");
    bench.give(fresh(ticket));
    bench.misses("控え");
    bench.sees("アレルギー　厚労　太郎のペニシリン");
    // And it is kept in its turn.
    let kept = bench.cache.known_patient(&number("01873")).unwrap();
    assert_eq!(kept.view.patient.name.kanji, "厚労　太郎");
}

#[test]
fn a_late_answer_for_another_patient_or_question_is_dropped() {
    let mut bench = Bench::signed_in();
    let old = open_second(&mut bench);
    bench.key(Key::Escape);
    bench.harness.get_by_label_contains("00942 患者　和子").click();
    bench.run();
    bench.key(Key::F11);
    let new = bench.open_ticket();
    bench.give(fresh(old));
    bench.misses("厚労");
    bench.sees("患者　和子");
    // Neither does another patient under the right ticket.
    bench.give(fresh(new));
    bench.misses("厚労");
    assert!(bench.cache.known_patient(&number("01873")).is_none());
}

#[test]
fn switching_patients_leaves_nothing_of_the_one_before_in_the_same_frame() {
    let known = vec![view("01873", "厚労　太郎", "コウロウ　タロウ")];
    let mut bench = Bench::signed_in_with(&Setup { known, ..Setup::default() }, receptions());
    let ticket = open_second(&mut bench);
    bench.give(fresh(ticket));
    bench.sees("厚労　太郎のペニシリン");
    // One frame after the card of somebody of whom nothing is kept.
    bench.scan("00942");
    bench.misses("厚労");
    bench.sees("患者　和子");
    bench.sees("アレルギー・禁忌を確認中");
}

#[test]
fn a_failure_says_that_dangers_are_unknown_and_is_tried_again_when_the_line_is_back() {
    let mut bench = Bench::signed_in();
    let ticket = open_second(&mut bench);
    let since = crate::support::NOW.parse().unwrap();
    let why = failure(FailureKind::Unreachable);
    bench.give(Update::Line(Line::Down { since, failure: why.clone() }));
    bench.give(Update::PatientFailed { ticket, number: number("01873"), failure: why });
    bench.sees("アレルギー・禁忌を確認できません");
    bench.sees("患者の情報を読み込めません");
    bench.asked();
    bench.give(Update::Line(Line::Up));
    let again = bench.open_ticket();
    assert_ne!(again, ticket);
    bench.give(fresh(again));
    bench.misses("確認できません");
}

#[test]
fn offline_the_kept_patient_stands_with_its_red_bands() {
    let known = vec![view("01873", "厚労　太郎", "コウロウ　タロウ")];
    let mut bench = Bench::signed_in_with(&Setup { known, ..Setup::default() }, receptions());
    let ticket = open_second(&mut bench);
    let why = failure(FailureKind::Unreachable);
    bench.give(Update::PatientFailed { ticket, number: number("01873"), failure: why });
    bench.sees("サーバーにつながりません。");
    bench.sees("の控えです。つながりしだい");
    bench.sees("アレルギー　厚労　太郎のペニシリン");
    // The lamp says that the line is cut; how it broke helps nobody here.
    bench.misses("詳細");
}

#[test]
fn a_change_in_the_receipt_computer_is_read_anew() {
    let mut bench = Bench::signed_in();
    let ticket = open_second(&mut bench);
    bench.give(fresh(ticket));
    bench.give(Update::PatientChanged(number("1873")));
    let again = bench.open_ticket();
    let renamed = view("01873", "改姓　太郎", "カイセイ　タロウ");
    bench.give(Update::Patient { ticket: again, view: Box::new(renamed) });
    bench.sees("改姓　太郎");
    bench.give(Update::PatientChanged(number("00942")));
    assert!(bench.asked().is_empty());
}

#[test]
fn the_state_moves_on_from_the_page_too() {
    let mut bench = Bench::signed_in();
    open_second(&mut bench);
    bench.key(Key::F6);
    bench.sees("診察中 送信中");
    assert_eq!(bench.change(1).1.key.id, "00002");
}

#[test]
fn a_number_nobody_has_ends_on_the_card_screen() {
    let mut bench = Bench::signed_in();
    bench.scan("77777");
    bench.run();
    let ticket = bench.open_ticket();
    bench.give(Update::PatientFailed {
        ticket,
        number: number("77777"),
        failure: refused(ErrorCode::NotFound, None),
    });
    assert_eq!(bench.harness.state().route(), Route::UnknownCard);
    bench.sees("77777");
    bench.sees("この番号の患者は登録されていません");
}

#[test]
fn a_long_page_moves_by_key_and_the_next_patient_begins_at_the_top() {
    // At 200 % the cards stand below each other.
    let setup = Setup { scale: 200, ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F11);
    let ticket = bench.open_ticket();
    bench.give(fresh(ticket));
    let top =
        |bench: &Bench| bench.harness.get_by_label_contains("に取得").rect().top().round() as i32;
    let at_first = top(&bench);
    bench.key(Key::PageDown);
    let paged = top(&bench);
    assert!(paged < at_first);
    bench.key(Key::ArrowDown);
    assert!(top(&bench) < paged);
    bench.key(Key::ArrowUp);
    assert_eq!(top(&bench), paged);
    bench.key(Key::PageUp);
    assert_eq!(top(&bench), at_first);
    bench.key(Key::End);
    let address = bench.harness.get_by_label_contains("03-0000-0001").rect();
    assert!(address.bottom() < 400.0 - 76.0, "the end is in sight: {address:?}");
    bench.key(Key::Home);
    assert_eq!(top(&bench), at_first);
    bench.key(Key::End);
    // Help and back leave the page where it stood; another patient begins at the top.
    let at_end = top(&bench);
    bench.key(Key::F1);
    bench.key(Key::Escape);
    assert_eq!(top(&bench), at_end);
    bench.scan("00942");
    bench.run();
    let ticket = bench.open_ticket();
    let other = Box::new(view("00942", "患者　和子", "カンジャ　カズコ"));
    bench.give(Update::Patient { ticket, view: other });
    assert_eq!(top(&bench), at_first);
}
