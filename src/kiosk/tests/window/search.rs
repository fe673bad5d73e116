//! The search over all patients.

use api::ErrorCode;
use egui::{Event, ImeEvent, Key};
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Request, Ticket, Update};

use crate::support::{Bench, NOW, Setup, failure, hit, receptions, refused, view};

fn searches(bench: &mut Bench) -> Vec<(Ticket, String)> {
    bench
        .asked()
        .into_iter()
        .filter_map(|r| match r {
            Request::Search { ticket, text } => Some((ticket, text)),
            _ => None,
        })
        .collect()
}

fn preedit(bench: &mut Bench, text: &str) {
    let chars = text.chars().count();
    let event = ImeEvent::Preedit { text: text.to_owned(), active_range_chars: Some(0..chars) };
    bench.harness.event(Event::Ime(event));
    bench.harness.run_steps(1);
}

#[test]
fn typing_without_a_focused_field_searches_once_after_a_pause() {
    let mut bench = Bench::signed_in();
    bench.type_text("shoho");
    bench.settle();
    let asked = searches(&mut bench);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].1, "shoho");
    // Today's receptions are searched at once, by romaji too.
    assert_eq!(bench.rows(), ["00127 処方　元 診察中"]);
    bench.sees("本日の受付 1 件");
    bench.sees("全患者 検索しています");
    let hits = vec![
        hit("00127", "処方　元", "ショホウ　ハジメ"),
        hit("00555", "処方　花", "ショホウ　ハナ"),
    ];
    bench.give(Update::Found { ticket: asked[0].0, hits, more: true });
    bench.sees("00555 処方　花 患者");
    bench.sees("全患者 はじめの 2 件");
}

#[test]
fn each_kind_of_word_finds_todays_receptions() {
    for (typed, rows) in
        [("127", 1), ("処方", 1), ("ショホウ", 1), ("しょほう", 1), ("S17.3.4", 5), ("男", 5)]
    {
        let mut bench = Bench::signed_in();
        bench.key(Key::F4);
        bench.type_text(typed);
        bench.settle();
        assert_eq!(bench.rows().len(), rows, "{typed}: {:?}", bench.rows());
    }
}

#[test]
fn enter_opens_the_selected_hit() {
    let mut bench = Bench::signed_in();
    bench.type_text("hana");
    bench.settle();
    let ticket = searches(&mut bench)[0].0;
    let hits = vec![
        hit("00555", "処方　花", "ショホウ　ハナ"),
        hit("00556", "処方　花代", "ショホウ　ハナヨ"),
    ];
    bench.give(Update::Found { ticket, hits, more: false });
    bench.key(Key::ArrowDown);
    bench.key(Key::Enter);
    let opened = bench.harness.state().desk().opened.as_ref().unwrap();
    assert_eq!(opened.number.as_str(), "00556");
    // Back among what was found, the same row is marked; the next Esc ends the search.
    bench.key(Key::Escape);
    bench.sees("00555 処方　花 患者");
    assert_eq!(bench.marked(), ["00556 処方　花代 患者"]);
    bench.key(Key::Escape);
    bench.settle();
    assert_eq!(bench.rows().len(), 5);
    assert!(bench.harness.state().desk().search.text.is_empty());
}

#[test]
fn after_the_way_back_typing_and_ctrl_f_begin_a_new_search() {
    let mut bench = Bench::signed_in();
    bench.type_text("shoho");
    bench.settle();
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.key(Key::Escape);
    searches(&mut bench);
    bench.type_text("kou");
    bench.settle();
    let asked = searches(&mut bench);
    assert_eq!(asked.last().unwrap().1, "kou");
    assert_eq!(bench.rows(), ["01873 厚労　太郎 受付"]);
    bench.key(Key::F11);
    bench.ctrl(Key::F);
    bench.settle();
    assert_eq!(bench.rows().len(), 5);
    assert!(bench.harness.get_by_label("患者を探す").is_focused());
    // A card has nothing to do with what was searched before.
    bench.type_text("kou");
    bench.settle();
    bench.scan("00942");
    bench.run();
    bench.key(Key::Escape);
    bench.settle();
    assert_eq!(bench.rows().len(), 5);
}

#[test]
fn a_search_finds_today_s_receptions_whatever_the_list_leaves_out() {
    let mut bench = Bench::signed_in();
    bench.ctrl(Key::Num5);
    bench.harness.get_by_label("医師　二郎").click();
    bench.run();
    assert_eq!(bench.rows().len(), 2);
    bench.type_text("shoho");
    bench.settle();
    assert_eq!(bench.rows(), ["00127 処方　元 診察中"]);
    bench.sees("本日の受付 1 件");
    bench.key(Key::Escape);
    bench.settle();
    assert_eq!(bench.rows().len(), 2);
}

#[test]
fn another_text_marks_its_first_hit_anew() {
    let mut bench = Bench::signed_in();
    bench.type_text("男");
    bench.settle();
    bench.key(Key::ArrowDown);
    assert_eq!(bench.marked(), ["01873 厚労　太郎 受付"]);
    bench.type_text(" 0");
    bench.settle();
    assert_eq!(bench.rows().len(), 5);
    assert_eq!(bench.marked(), ["00127 処方　元 診察中"]);
}

#[test]
fn enter_before_the_answer_opens_a_single_patient_and_never_one_of_several() {
    let mut bench = Bench::signed_in();
    bench.type_text("555");
    bench.key(Key::Enter);
    let ticket = searches(&mut bench).last().unwrap().0;
    assert_eq!(bench.harness.state().route(), Route::Receptions);
    bench.give(Update::Found {
        ticket,
        hits: vec![hit("00555", "処方　花", "ショホウ　ハナ")],
        more: false,
    });
    assert_eq!(bench.harness.state().route(), Route::Patient);

    let mut bench = Bench::signed_in();
    bench.type_text("55");
    bench.key(Key::Enter);
    let ticket = searches(&mut bench).last().unwrap().0;
    let hits = vec![
        hit("00555", "処方　花", "ショホウ　ハナ"),
        hit("00556", "処方　花代", "ショホウ　ハナヨ"),
    ];
    bench.give(Update::Found { ticket, hits, more: false });
    assert_eq!(bench.harness.state().route(), Route::Receptions);
}

#[test]
fn an_answer_to_an_older_search_is_dropped() {
    let mut bench = Bench::signed_in();
    bench.type_text("ha");
    bench.settle();
    let old = searches(&mut bench)[0].0;
    bench.type_text("na");
    bench.settle();
    let new = searches(&mut bench)[0].0;
    assert_ne!(old, new);
    bench.give(Update::Found {
        ticket: old,
        hits: vec![hit("00777", "古い　答", "フルイ　コタエ")],
        more: false,
    });
    bench.misses("古い　答");
    bench.give(Update::Found { ticket: new, hits: Vec::new(), more: false });
    bench.sees("全患者 見つかりません");
}

#[test]
fn a_search_that_fails_says_why_and_todays_rows_stay() {
    let mut bench = Bench::signed_in();
    bench.type_text("shoho");
    bench.settle();
    let ticket = searches(&mut bench)[0].0;
    bench.give(Update::SearchFailed { ticket, failure: failure(FailureKind::Unreachable) });
    // Nobody is known on this terminal but today's list.
    bench.sees("切断中：この端末にある患者だけ 0 件");
    assert_eq!(bench.rows().len(), 1);
    bench.give(Update::SearchFailed { ticket, failure: refused(ErrorCode::Unavailable, None) });
    bench.sees("全患者の検索ができません。サーバーが一時的に使えません");
}

#[test]
fn without_the_line_the_patients_of_this_terminal_are_searched() {
    let known = vec![
        view("03001", "標準　花子", "ヒョウジュン　ハナコ"),
        view("03002", "架空　花子", "カクウ　ハナコ"),
        view("03003", "処方　次郎", "ショホウ　ジロウ"),
    ];
    let setup = Setup { known, ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.type_text("hanako");
    bench.settle();
    let ticket = searches(&mut bench)[0].0;
    bench.give(Update::SearchFailed { ticket, failure: failure(FailureKind::TimedOut) });
    bench.sees("切断中：この端末にある患者だけ 2 件");
    assert_eq!(bench.rows(), ["03002 架空　花子 患者", "03001 標準　花子 患者"]);
    // Back on the line, all are searched.
    bench.give(Update::Line(Line::Down {
        since: NOW.parse().unwrap(),
        failure: failure(FailureKind::TimedOut),
    }));
    bench.give(Update::Line(Line::Up));
    assert_eq!(searches(&mut bench).len(), 1);
}

#[test]
fn nothing_is_searched_or_opened_while_an_input_method_composes() {
    let mut bench = Bench::signed_in();
    bench.key(Key::F4);
    assert!(bench.harness.get_by_label("患者を探す").is_focused());
    preedit(&mut bench, "しょほう");
    bench.settle();
    assert!(searches(&mut bench).is_empty());
    assert_eq!(bench.rows().len(), 5);
    // The Enter that ends the conversion opens nothing; keys belong to the input method.
    for key in [Key::Enter, Key::ArrowDown, Key::F6, Key::Escape] {
        bench.raw_key(key);
    }
    assert_eq!(bench.harness.state().route(), Route::Receptions);
    assert!(bench.asked().is_empty());
    bench.harness.event(Event::Ime(ImeEvent::Commit("処方".to_owned())));
    bench.settle();
    let asked = searches(&mut bench);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].1, "処方");
    assert_eq!(bench.rows().len(), 1);
    assert_eq!(bench.harness.state().route(), Route::Receptions);
}

#[test]
fn escape_ends_the_search() {
    let mut bench = Bench::signed_in();
    bench.type_text("shoho");
    bench.settle();
    bench.key(Key::Escape);
    bench.settle();
    assert_eq!(bench.rows().len(), 5);
    assert!(!bench.harness.get_by_label("患者を探す").is_focused());
    assert!(bench.harness.state().desk().search.text.is_empty());
}
