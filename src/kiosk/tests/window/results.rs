//! 検査結果.

use api::entries::EntryContent;
use api::lab::PatientLab;
use api::patients::PatientView;
use clinical::lab::{Flag, LabAct, ResultStatus};
use egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};
use jiff::ToSpan;
use kiosk::app::intent::Intent;
use kiosk::app::keys::Command as C;
use kiosk::app::{Desk, Route};
use kiosk::client::{Request, Update};
use kiosk::config::{Lang, Theme};
use kiosk::screens::results::ResultsScreen;
use paper::PageSize;
use paper::printers::PrinterState;

use crate::lab_stage::{
    A1C, CRP, HBS, K, LARGE, Look, SMALL, Stage, confirmed, days, desk, id, lab, order_of, result,
    with_lab, with_printer, with_session,
};
use crate::support::{Bench, Setup, directors_session, receptions, session, view};

fn show(
    screen: &mut ResultsScreen,
    ui: &mut egui::Ui,
    desk: &Desk,
    pressed: Option<C>,
) -> Option<Intent> {
    let opened = desk.opened.as_ref().unwrap();
    screen.show(ui, desk, opened, pressed)
}

fn stage_at(look: Look, desk: Desk) -> Stage<ResultsScreen> {
    Stage::new(look, desk, ResultsScreen::default(), show)
}

fn stage(results: Vec<clinical::lab::LabResult>) -> Stage<ResultsScreen> {
    stage_at(LARGE, with_lab(desk(LARGE), lab(results)))
}

/// Two days, two of the newer ones abnormal and one of them a panic value.
fn two_days() -> Vec<clinical::lab::LabResult> {
    let (new, old) = days();
    vec![
        result(1, CRP, "<0.02", Flag::Normal, new),
        result(2, A1C, "7.1", Flag::High, new),
        result(3, K, "6.8", Flag::PanicHigh, new),
        result(4, HBS, "(-)", Flag::Normal, new),
        confirmed(result(5, A1C, "6.8", Flag::High, old)),
        confirmed(result(6, K, "4.1", Flag::Normal, old)),
    ]
}

#[test]
fn the_table_shows_values_as_written_with_mark_and_word() {
    let stage = stage(two_days());
    stage.sees("HbA1c 7.1 % H 高い 2026-11-20");
    stage.sees("K 6.8 mmol/L HH パニック値（非常に高い） 2026-11-20");
    stage.sees("CRP <0.02 mg/dL 2026-11-20");
    stage.sees("HBs抗原 (-) 2026-11-20");
    stage.sees("HbA1c 6.8 % H 高い 2026-08-21");
    stage.sees("K 3.6-4.8 mmol/L");
    // The newest day stands first, what must be looked at on top, the panic value first.
    let at = |words: &str| stage.harness.get_by_label_contains(words).rect();
    assert!(at("11/20 R8 ").left() < at("8/21 R8 ").left());
    assert!(at("K 6.8").top() < at("HbA1c 7.1").top());
    assert!(at("HbA1c 7.1").top() < at("CRP <0.02").top());
    // The figures of a day stand under each other, those of an item beside each other.
    assert!((at("K 6.8").right() - at("HbA1c 7.1").right()).abs() < 0.5);
    assert!((at("HbA1c 7.1").top() - at("HbA1c 6.8").top()).abs() < 0.5);
}

#[test]
fn each_abnormal_one_is_looked_at_before_one_key_confirms_all() {
    let mut stage = stage(two_days());
    stage.sees("医師の確認待ち 4 件（異常 2 件）");
    stage.sees("まだ見ていない異常 2 件");
    // What is marked at first is the panic value on top; it has been in sight.
    assert_eq!(stage.marked()[0], "K 6.8 mmol/L HH パニック値（非常に高い） 2026-11-20");
    stage.sees("前回 4.1（8/21）");
    assert!(stage.press(C::ConfirmResults).is_empty());
    assert!(stage.marked()[0].starts_with("HbA1c 7.1"), "{:?}", stage.marked());
    stage.sees("まだ見ていない異常 1 件");
    assert!(stage.press(C::Confirm).is_empty(), "enter does the same");
    stage.misses("まだ見ていない異常");
    stage.sees("すべて確認（4 件）");
    let wishes = stage.press(C::ConfirmResults);
    let [Intent::ConfirmResults { number, order, results }] = wishes.as_slice() else {
        panic!("{wishes:?}")
    };
    let mut ids = results.clone();
    ids.sort();
    assert_eq!((number.as_str(), *order), ("01873", order_of(days().0)));
    assert_eq!(ids, [id(1), id(2), id(3), id(4)]);
}

#[test]
fn from_a_normal_value_the_key_goes_to_the_first_abnormal_one_and_marks_nothing_seen() {
    let mut stage = stage(two_days());
    stage.press(C::Last);
    let on = stage.marked()[0].clone();
    assert!(!on.starts_with("K ") && !on.starts_with("HbA1c"), "{on}");
    assert!(stage.press(C::ConfirmResults).is_empty());
    assert!(stage.marked()[0].starts_with("K 6.8"), "{:?}", stage.marked());
    stage.sees("まだ見ていない異常 2 件");
}

#[test]
fn one_key_confirms_where_all_is_normal() {
    let (new, _) = days();
    let normal =
        vec![result(1, K, "4.1", Flag::Normal, new), result(2, A1C, "5.5", Flag::Normal, new)];
    let mut stage = stage(normal);
    stage.sees("すべて正常");
    let wishes = stage.press(C::ConfirmResults);
    assert!(
        matches!(wishes.as_slice(), [Intent::ConfirmResults { results, .. }] if results.len() == 2),
        "{wishes:?}"
    );
}

#[test]
fn what_came_in_under_the_finger_is_not_confirmed() {
    let (new, _) = days();
    let mut stage = stage(vec![result(1, K, "4.1", Flag::Normal, new)]);
    stage.rest();
    let more =
        vec![result(1, K, "4.1", Flag::Normal, new), result(2, A1C, "5.5", Flag::Normal, new)];
    let state = stage.harness.state_mut();
    let was = std::mem::replace(&mut state.desk, desk(LARGE));
    state.desk = with_lab(was, lab(more));
    let wishes = stage.press(C::ConfirmResults);
    assert!(matches!(wishes.as_slice(), [Intent::Tell("results.changed")]), "{wishes:?}");
    stage.rest();
    let wishes = stage.press(C::ConfirmResults);
    assert!(
        matches!(wishes.as_slice(), [Intent::ConfirmResults { results, .. }] if results.len() == 2),
        "{wishes:?}"
    );
}

#[test]
fn an_order_is_confirmed_by_itself_the_wanted_one_first() {
    let (new, old) = days();
    let results =
        vec![result(1, K, "4.1", Flag::Normal, new), result(2, K, "4.3", Flag::Normal, old)];
    let mut screen = ResultsScreen::default();
    screen.open(Some(order_of(old)));
    let mut stage = Stage::new(LARGE, with_lab(desk(LARGE), lab(results)), screen, show);
    assert_eq!(stage.marked()[0], "K 4.3 mmol/L 2026-08-21");
    let asked = |wishes: Vec<Intent>| match wishes.as_slice() {
        [Intent::ConfirmResults { order, results, .. }] => (*order, results.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(stage.press(C::ConfirmResults)), (order_of(old), vec![id(2)]));
    // Nobody has read the other one within a double press.
    assert!(stage.press(C::ConfirmResults).is_empty());
    stage.rest();
    assert_eq!(asked(stage.press(C::ConfirmResults)), (order_of(new), vec![id(1)]));
}

#[test]
fn others_than_practitioners_see_that_it_waits_and_confirm_nothing() {
    let desk = with_session(with_lab(desk(LARGE), lab(two_days())), session());
    let mut stage = stage_at(LARGE, desk);
    stage.sees("医師の確認待ち 4 件");
    stage.misses("すべて確認");
    let held = stage.harness.state();
    assert!(!held.screen.can(&held.desk, C::ConfirmResults));
    assert!(stage.press(C::ConfirmResults).is_empty());
    let told = stage.press(C::Confirm);
    assert!(matches!(told.as_slice(), [Intent::Tell("results.not_you")]), "{told:?}");
}

#[test]
fn a_correction_says_what_it_replaced_and_when() {
    let (new, _) = days();
    let mut first = confirmed(result(1, K, "5.9", Flag::High, new));
    let mut second = result(2, K, "4.2", Flag::Normal, new);
    first.replaced_by = Some(id(2));
    second.replaces = Some(id(1));
    second.status = ResultStatus::Corrected;
    second.comments = vec!["軽度溶血".to_owned()];
    let stage = stage(vec![first, second]);
    stage.sees("K 4.2 mmol/L 訂正 2026-11-20");
    stage.sees("訂正前 5.9 mmol/L H（R8.11.22（2026-11-22） 9:42 受信）");
    stage.sees("検査会社より：軽度溶血");
    // What was replaced has no cell of its own, and its confirmation does not count for the new one.
    stage.misses("K 5.9 mmol/L H 高い");
    stage.sees("医師の確認待ち 1 件");
}

#[test]
fn preliminary_and_cancelled_results_say_so() {
    let (new, _) = days();
    let mut early = result(1, A1C, "7.0", Flag::Normal, new);
    early.status = ResultStatus::Preliminary;
    let mut none = result(2, K, "", Flag::Normal, new);
    none.status = ResultStatus::Cancelled;
    let stage = stage(vec![early, none]);
    stage.sees("HbA1c 7.0 % 暫定 2026-11-20");
    stage.sees("K 検査中止");
    // A test that was not made must be looked at, too.
    stage.sees("異常 1 件");
}

#[test]
fn two_of_an_item_on_one_day_stand_beside_each_other() {
    let (new, _) = days();
    let mut later = result(2, K, "4.9", Flag::High, new);
    later.collected_at = Some(new.at(15, 10, 0, 0));
    later.order = id(2);
    let stage = stage(vec![result(1, K, "4.1", Flag::Normal, new), later]);
    stage.sees("K 4.1 mmol/L");
    stage.sees("K 4.9 mmol/L H");
    // Told apart by the time.
    stage.sees("11/20 15:10");
    stage.sees("11/20 9:53");
}

#[test]
fn the_chart_says_the_latest_value_and_follows_the_keys() {
    let mut stage = stage(two_days());
    stage.press(C::SwitchView);
    stage.sees("最新 6.8 mmol/L HH（11/20）　基準範囲 3.6-4.8");
    stage.sees("グラフ");
    stage.press(C::Left);
    stage.sees("8/21　4.1 mmol/L");
    stage.press(C::Right);
    stage.sees("11/20　6.8 mmol/L HH");
    stage.press(C::Down);
    stage.sees("最新 7.1 % H（11/20）　基準範囲 4.9-6.0");
    // A value beyond a limit is drawn; words are not.
    stage.press(C::Down);
    stage.sees("数値の結果がない");
    stage.press(C::Down);
    stage.sees("最新 <0.02 mg/dL（11/20）");
    stage.press(C::SwitchView);
    stage.misses("最新 <0.02 mg/dL（11/20）");
}

#[test]
fn a_touch_on_the_chart_marks_the_nearest_point() {
    let mut stage = stage(two_days());
    stage.press(C::SwitchView);
    let chart = stage.harness.get_by_label_contains("グラフ 最新").rect();
    let at = egui::pos2(chart.left() + chart.width() * 0.15, chart.center().y);
    stage.harness.hover_at(at);
    stage.harness.drag_at(at);
    stage.harness.drop_at(at);
    stage.harness.run();
    stage.sees("8/21　4.1 mmol/L");
    // Turning the wheel over it moves nothing.
    let before = stage.words();
    let wheel = egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 50.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    };
    stage.harness.event(wheel);
    stage.harness.run();
    assert_eq!(stage.words(), before);
}

#[test]
fn printing_is_offered_where_a_printer_is_there_and_says_why_not() {
    let bare = with_lab(desk(LARGE), lab(two_days()));
    let stage = stage_at(LARGE, bare);
    let held = stage.harness.state();
    assert!(!held.screen.can(&held.desk, C::PrintA6));
    stage.sees("検査結果を印刷するプリンターが設定されていません");
    let ready = with_printer(with_lab(desk(LARGE), lab(two_days())), PrinterState::Ready);
    let mut stage = stage_at(LARGE, ready);
    stage.misses("プリンターが設定されていません");
    for (key, paper) in [(C::PrintA5, PageSize::A5), (C::PrintA6, PageSize::A6)] {
        let wishes = stage.press(key);
        assert!(
            matches!(wishes.as_slice(), [Intent::PrintResults { size, .. }] if *size == paper),
            "{wishes:?}"
        );
    }
}

/// `count` items on `times` days.
fn many(count: usize, times: i64) -> Vec<clinical::lab::LabResult> {
    let (new, _) = days();
    let mut results = Vec::new();
    for day in 0..times {
        let day = new.checked_sub((day * 30).days()).unwrap();
        for item in 0..count {
            let mut one = confirmed(result(1 + results.len() as u128, K, "4.2", Flag::Normal, day));
            one.code.local = format!("X{item:03}");
            one.abbr = format!("項目{item:03}");
            results.push(one);
        }
    }
    results
}

#[test]
fn of_five_years_only_what_is_in_sight_is_laid_out_and_the_keys_reach_all_of_it() {
    let mut stage = stage(many(200, 60));
    let cells = |stage: &Stage<ResultsScreen>| stage.words().matches("4.2 mmol/L").count();
    assert!((10..400).contains(&cells(&stage)), "{}", cells(&stage));
    stage.sees("項目199 4.2");
    stage.misses("項目000");
    stage.press(C::Last);
    stage.sees("項目000 4.2");
    stage.misses("項目199");
    for _ in 0..59 {
        stage.press(C::Right);
    }
    let oldest = days().0.checked_sub((59 * 30).days()).unwrap();
    assert_eq!(stage.marked()[0], format!("項目000 4.2 mmol/L {oldest}"));
    // Heads go along with what they are heads of.
    let at = |words: &str| stage.harness.get_by_label_contains(words).rect();
    let cell = at(&format!("項目000 4.2 mmol/L {oldest}"));
    let head = at(&format!("R4 {oldest}"));
    assert!((cell.center().x - head.center().x).abs() < 1.0, "{cell} under {head}");
    let first = at("項目000 3.6-4.8");
    assert!((cell.center().y - first.center().y).abs() < 1.0, "{cell} beside {first}");
}

#[test]
fn at_twice_the_size_rows_are_in_sight_and_the_marked_one_is_said() {
    let english = Look { lang: Lang::En, theme: Theme::Light, ..SMALL };
    for look in [SMALL, english] {
        let mut stage = stage_at(look, with_lab(desk(look), lab(two_days())));
        let cells = stage.harness.query_all_by_label_contains("K 6.8");
        let lowest = cells.map(|cell| cell.rect().bottom()).fold(0.0, f32::max);
        assert!(lowest > 0.0 && lowest <= look.size.1 - 76.0, "{lowest}");
        let words = kiosk::i18n::t(look.lang, "results.asks_short");
        stage.sees(words.split('{').next().unwrap());
        stage.press(C::Down);
        assert!(stage.marked()[0].starts_with("HbA1c 7.1"), "{:?}", stage.marked());
        stage.press(C::SwitchView);
        stage.sees("7.1 %");
    }
}

#[test]
fn nothing_known_and_nothing_there_are_told_apart() {
    let stage = stage_at(LARGE, with_lab(desk(LARGE), lab(Vec::new())));
    stage.sees("この患者の検査結果はまだありません");
    let held = stage.harness.state();
    assert!(!held.screen.can(&held.desk, C::SwitchView));
}

#[test]
fn an_item_is_marked_by_touch() {
    let mut stage = stage(two_days());
    stage.harness.get_by_label("HbA1c 6.8 % H 高い 2026-08-21").click();
    stage.harness.run();
    assert!(stage.marked().contains(&"HbA1c 6.8 % H 高い 2026-08-21".to_owned()));
    stage.sees("院長 が確認");
    stage.harness.get_by_label_contains("CRP <0.14").click();
    stage.harness.run();
    assert!(stage.marked().iter().any(|label| label.contains("CRP")), "{:?}", stage.marked());
}

/// The practitioner has opened the patient whose latest results the terminal keeps, and looks at them.
fn at_the_desk() -> Bench {
    let known = PatientView {
        lab: PatientLab { whole: false, ..lab(two_days()) },
        ..view("01873", "厚労　太郎", "コウロウ　タロウ")
    };
    let setup = Setup { known: vec![known], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    bench.scan("01873");
    bench.run();
    bench.asked();
    bench.key(Key::F3);
    assert_eq!(bench.harness.state().route(), Route::Results);
    bench
}

#[test]
fn in_the_whole_window_what_was_confirmed_counts_at_once_and_waits_to_be_sent() {
    let mut bench = at_the_desk();
    bench.sees("K 6.8 mmol/L HH");
    bench.key(Key::F11);
    bench.key(Key::F11);
    assert!(bench.harness.state().desk().outbox.rows.is_empty(), "two were looked at");
    bench.key(Key::F11);
    let rows = bench.kept(1);
    let EntryContent::Lab { entry } = &rows[0].entry.content else { panic!("{rows:?}") };
    let LabAct::ConfirmResults { results } = &entry.act else { panic!("{entry:?}") };
    assert_eq!((entry.order, results.len()), (order_of(days().0), 4));
    bench.misses("医師の確認待ち");
    bench.sees("院長 が確認");
    // The keys follow in the next frame.
    bench.run();
    assert!(!bench.key_enabled("F11 確認する"));
}

#[test]
fn the_latest_results_stand_until_all_have_been_read_and_the_marked_one_stays() {
    let mut bench = at_the_desk();
    let ticket = bench
        .asked()
        .into_iter()
        .find_map(|request| match request {
            Request::PatientLab { ticket, .. } => Some(ticket),
            _ => None,
        })
        .unwrap();
    bench.sees("すべての結果を読み込んでいます");
    bench.key(Key::ArrowDown);
    bench.sees("HbA1c 7.1");
    let mut all = two_days();
    let older = days().1.checked_sub(90.days()).unwrap();
    all.push(confirmed(result(9, K, "3.9", Flag::Normal, older)));
    let number = crate::support::number("01873");
    bench.give(Update::PatientLab { ticket, number, lab: Box::new(lab(all)) });
    bench.misses("すべての結果を読み込んでいます");
    bench.sees("K 3.9 mmol/L 2026-05-23");
    let marked = bench
        .harness
        .root()
        .children_recursive()
        .filter(|node| node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
    let marked: Vec<String> = marked.filter_map(|node| node.accesskit_node().label()).collect();
    assert!(marked.iter().any(|label| label.starts_with("HbA1c 7.1")), "{marked:?}");
    bench.key(Key::ArrowRight);
    bench.key(Key::F2);
    bench.sees("8/21　6.8 % H");
    bench.key(Key::F3);
    assert_eq!(bench.harness.state().route(), Route::Patient);
}

#[test]
fn keys_fit_and_nothing_stands_outside_the_window_in_every_look() {
    for (lang, scale, theme) in [
        (Lang::Ja, 100, Theme::Light),
        (Lang::En, 200, Theme::Contrast),
        (Lang::Ja, 150, Theme::Light),
    ] {
        let known = PatientView {
            lab: lab(two_days()), ..view("01873", "厚労　太郎", "コウロウ")
        };
        let setup = Setup { lang, scale, theme, known: vec![known], ..Setup::default() };
        let mut bench = Bench::signed_in_with(&setup, receptions());
        bench.sign_in(directors_session());
        bench.scan("01873");
        bench.run();
        for view in [Key::F3, Key::F2] {
            bench.key(view);
            let cell = bench.harness.query_all_by_label_contains("6.8").count();
            assert!(cell > 0, "{lang:?} {scale}: {}", bench.words());
        }
        bench.key(Key::F3);
        let window = egui::Rect::from_min_size(egui::Pos2::ZERO, setup.size());
        bench.key(Key::F3);
        for node in bench.harness.query_all_by_label_contains("K 6.8") {
            assert!(window.contains_rect(node.rect()), "{lang:?} {scale}: {}", node.rect());
        }
    }
}
