//! The reception list.

use api::ErrorCode;
use api::entries::{EntryResult, Receipt};
use api::receptions::LinkState;
use clinical::{ReceptionState, Sex};
use egui::Key;
use egui_kittest::kittest::Queryable;
use jiff::civil::time;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Line, Request, Update};
use kiosk::config::Lang;
use kiosk::local::{Handle, OutboxRow};

use crate::support::{Bench, NOW, Setup, failure, link, list_of, reception, receptions, session};

/// The cloud's answer to a change of state: the reception as it stands then.
fn stands(bench: &mut Bench, row: &OutboxRow, applied: bool, stands: clinical::Reception) {
    let reception = Box::new(stands);
    bench.receipt(row, EntryResult::ReceptionState { applied, reception });
}

#[test]
fn rows_stand_in_order_with_their_state_and_wait() {
    let bench = Bench::signed_in();
    let rows = bench.rows();
    assert_eq!(rows[0], "00127 処方　元 診察中");
    assert_eq!(rows[1], "01873 厚労　太郎 受付");
    assert_eq!(rows.len(), 5);
    bench.sees("未登録 検査　和夫 受付");
    bench.sees("待ち 4・診察中 1・本日 6 名");
    bench.sees("令和8年11月22日（日） 2026-11-22　9:42");
    bench.sees("● 接続");
    bench.sees("レセコン 接続");
}

#[test]
fn keys_sort() {
    let mut bench = Bench::signed_in();
    bench.ctrl(Key::Num2);
    let kana: Vec<String> = bench.rows();
    assert!(kana[0].contains("患者　和子"), "{kana:?}");
    assert!(kana[4].contains("連携　理子"), "{kana:?}");
    bench.ctrl(Key::Num3);
    assert!(bench.rows()[4].contains("診療　和広"), "{:?}", bench.rows());
    bench.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Num4);
    bench.run();
    assert!(bench.rows()[4].contains("会計待ち"), "{:?}", bench.rows());
    bench.ctrl(Key::Num1);
    assert!(bench.rows()[0].contains("処方　元"));
    // The chips do the same by touch.
    bench.harness.get_by_label("カナ順").click();
    bench.run();
    assert_eq!(bench.rows(), kana);
}

#[test]
fn filters_by_physician_and_by_state() {
    let mut bench = Bench::signed_in();
    bench.ctrl(Key::Num5);
    bench.harness.get_by_label("医師　二郎").click();
    bench.run();
    assert_eq!(bench.rows().len(), 2);
    bench.sees("担当医：医師　二郎");
    // 1 is all, then the two physicians, then the states.
    bench.ctrl(Key::Num5);
    bench.key(Key::Num4);
    assert_eq!(bench.rows().len(), 2, "both filters are in force");
    bench.ctrl(Key::Num5);
    bench.key(Key::Num1);
    assert_eq!(bench.rows().len(), 5);
    bench.ctrl(Key::Num5);
    bench.key(Key::Num7);
    assert_eq!(bench.rows(), ["00388 連携　理子 会計待ち"]);
    bench.ctrl(Key::Num5);
    bench.key(Key::Num6);
    assert!(bench.rows().is_empty());
    bench.sees("この条件に合う受付はありません");
}

#[test]
fn a_reception_that_arrives_appears_and_an_old_revision_does_not_win() {
    let mut bench = Bench::signed_in();
    let mut late = reception(
        7,
        "03001",
        ("新患　一", "シンカン　ハジメ"),
        time(9, 41, 0, 0),
        1,
        ReceptionState::Waiting,
    );
    late.sex = Sex::Female;
    late.revision = 5;
    bench.give(Update::Reception(Box::new(late.clone())));
    assert!(bench.rows().contains(&"03001 新患　一 受付".to_owned()));
    late.revision = 4;
    late.state = ReceptionState::Cancelled;
    bench.give(Update::Reception(Box::new(late)));
    assert!(bench.rows().contains(&"03001 新患　一 受付".to_owned()));
}

#[test]
fn the_next_state_is_kept_with_the_state_seen_and_marked_until_the_receipt() {
    let mut bench = Bench::signed_in();
    assert!(!bench.key_enabled("F6 状態を進める"));
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let (row, change) = bench.change(1);
    assert_eq!(change.key.id, "00002");
    assert_eq!(change.seen, ReceptionState::Waiting);
    assert_eq!(change.state, ReceptionState::InConsultation);
    assert_eq!(row.author, crate::support::clerk());
    bench.sees("01873 厚労　太郎 診察中 送信中");
    bench.sees("▲ 送信待ち 1 件");
    let mut after = receptions()[1].clone();
    (after.state, after.revision) = (ReceptionState::InConsultation, 2);
    stands(&mut bench, &row, true, after);
    bench.misses("送信中");
    bench.sees("01873 厚労　太郎 診察中");
    bench.sees("● 接続");
}

#[test]
fn a_second_change_builds_on_the_first_before_the_cloud_has_either() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let (first, _) = bench.change(1);
    bench.key(Key::F6);
    let (_, second) = bench.change(2);
    assert_eq!(second.seen, ReceptionState::InConsultation);
    assert_eq!(second.state, ReceptionState::AwaitingPayment);
    bench.sees("01873 厚労　太郎 会計待ち 送信中");
    // The first receipt does not throw the list back.
    let mut after = receptions()[1].clone();
    (after.state, after.revision) = (ReceptionState::InConsultation, 2);
    stands(&mut bench, &first, true, after);
    bench.sees("01873 厚労　太郎 会計待ち 送信中");
}

#[test]
fn a_receipt_shows_in_the_list_before_the_window_hears_of_it() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let (row, _) = bench.change(1);
    let mut after = receptions()[1].clone();
    (after.state, after.revision) = (ReceptionState::InConsultation, 2);
    let result = EntryResult::ReceptionState { applied: true, reception: Box::new(after) };
    // The row has left the outbox; the worker's word is still on its way.
    let stored_at = NOW.parse().unwrap();
    let receipt = Receipt { id: row.id, hash: row.hash.clone(), stored_at, result };
    bench.cache.received(&receipt).unwrap();
    bench.run();
    bench.sees("01873 厚労　太郎 診察中");
    bench.misses("送信中");
}

#[test]
fn a_state_is_chosen_by_digit_and_by_touch() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::F7);
    bench.sees("処方　元 さんの状態");
    bench.key(Key::Num3);
    assert_eq!(bench.change(1).1.state, ReceptionState::InExamination);
    bench.misses("さんの状態");
    bench.key(Key::ArrowDown);
    bench.key(Key::F7);
    bench.harness.get_by_label("済").click();
    bench.run();
    assert_eq!(bench.change(2).1.state, ReceptionState::Done);
    bench.key(Key::ArrowDown);
    bench.key(Key::F7);
    bench.key(Key::Escape);
    bench.misses("さんの状態");
    assert_eq!(bench.kept(2).len(), 2);
}

#[test]
fn a_conflict_says_what_the_other_terminal_set_and_shows_it() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let (row, _) = bench.change(1);
    let mut after = receptions()[1].clone();
    (after.state, after.revision) = (ReceptionState::AwaitingPayment, 9);
    stands(&mut bench, &row, false, after);
    bench.sees("厚労　太郎 さんは、ほかの端末で先に「会計待ち」に変わっていました");
    bench.sees("01873 厚労　太郎 会計待ち");
    bench.misses("送信中");
    bench.key(Key::Escape);
    bench.misses("ほかの端末で先に");
}

#[test]
fn a_change_that_the_cloud_refuses_goes_back_and_says_so() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    let (row, _) = bench.change(1);
    bench.refuse(&row, ErrorCode::NotFound);
    bench.sees("厚労　太郎 さんの「状態　診察中」は、サーバーに受け付けられませんでした");
    bench.sees("この患者または受付が、サーバーに見つかりません");
    bench.sees("01873 厚労　太郎 受付");
    bench.sees("▲ 要確認 1 件");
}

#[test]
fn a_change_that_the_disk_does_not_take_is_not_shown_and_not_said_to_be_saved() {
    let cache = Handle::in_memory(10);
    let setup = Setup { cache: Some(cache), ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::F6);
    bench.until_sees("厚労　太郎 さんの「状態　診察中」は保存できませんでした");
    bench.sees("このパソコンに保存する場所がありません");
    bench.sees("01873 厚労　太郎 受付");
    bench.misses("送信中");
}

#[test]
fn a_cut_line_dates_the_list_and_changes_go_on() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    let since = "2026-11-22T00:30:00Z".parse().unwrap();
    let down = Line::Down { since, failure: failure(FailureKind::Unreachable) };
    bench.give(Update::Line(down));
    bench.sees("■ 切断");
    bench.sees("一覧は 9:30 時点（12分前）");
    bench.sees("変更と記録はこの端末に保存し、つながると自動で送ります");
    bench.sees("00127 処方　元 診察中");
    bench.key(Key::F6);
    let (row, change) = bench.change(1);
    assert_eq!(change.state, ReceptionState::AwaitingPayment);
    bench.sees("00127 処方　元 会計待ち 送信中");
    bench.sees("■ 切断（送信待ち 1 件）");
    bench.asked();
    bench.harness.get_by_label("再接続").click();
    bench.run();
    assert!(matches!(bench.asked().as_slice(), [Request::Reconnect]));
    // While it is tried, the list is no newer.
    bench.give(Update::Line(Line::Connecting));
    bench.sees("○ 接続中（送信待ち 1 件）");
    bench.sees("一覧は 9:30 時点（12分前）");
    bench.give(Update::Line(Line::Up));
    bench.misses("時点（");
    bench.sees("▲ 送信待ち 1 件");
    let mut after = receptions()[0].clone();
    (after.state, after.revision) = (ReceptionState::AwaitingPayment, 2);
    stands(&mut bench, &row, true, after);
    bench.sees("● 接続");
    bench.sees("00127 処方　元 会計待ち");
}

#[test]
fn a_receipt_computer_that_is_down_refuses_or_talks_nonsense_is_told() {
    let cases = [
        (LinkState::Unreachable, "レセコンが応答しません"),
        (LinkState::Refused, "レセコンが接続を拒否しています"),
        (LinkState::Garbled, "レセコンから正しい返事が来ません"),
    ];
    for (state, words) in cases {
        let mut bench = Bench::signed_in();
        bench.give(Update::Link(link(state, "2026-11-22T00:31:00Z")));
        bench.sees(words);
        bench.sees("一覧は 9:31 時点（11分前）です");
        bench.give(Update::Link(link(LinkState::Up, NOW)));
        bench.misses(words);
    }
}

#[test]
fn the_kept_list_stands_with_its_age_until_the_fresh_one_comes() {
    let mut bench = Bench::new(&Setup::default());
    bench.cache.remember_list(list_of(receptions()));
    bench.give(Update::SignedIn(session()));
    bench.sees("00127 処方　元 診察中");
    bench.sees("この端末の控え（");
    bench.give(Update::Receptions(list_of(receptions())));
    bench.misses("この端末の控え");
    // The fresh list is kept in its turn.
    assert!(bench.cache.last_list(crate::support::today()).is_some());
}

#[test]
fn an_empty_list_says_what_is_going_on() {
    let mut bench = Bench::new(&Setup::default());
    bench.give(Update::SignedIn(session()));
    bench.sees("一覧を読み込んでいます");
    bench.give(Update::Receptions(list_of(Vec::new())));
    bench.sees("本日の受付はまだありません");
}

#[test]
fn arrows_select_and_enter_opens() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowUp);
    bench.key(Key::Enter);
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.sees("カルテ番号");
    bench.sees("00127");
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::Receptions);
}

#[test]
fn two_touches_open_and_the_selection_stays_with_the_person() {
    let mut bench = Bench::signed_in();
    bench.harness.get_by_label("00942 患者　和子 受付").click();
    bench.run();
    assert!(bench.key_enabled("F11 患者を開く"));
    bench.ctrl(Key::Num2);
    bench.harness.get_by_label("F11 患者を開く").click();
    bench.run();
    let opened = bench.harness.state().desk().opened.as_ref().unwrap();
    assert_eq!(opened.number.as_str(), "00942");
}

#[test]
fn somebody_without_a_number_can_not_be_opened_and_words_say_why() {
    let mut bench = Bench::signed_in();
    bench.harness.get_by_label("未登録 検査　和夫 受付").click();
    bench.run();
    bench.key(Key::Enter);
    bench.sees("まだカルテ番号がありません");
    assert_eq!(bench.harness.state().route(), Route::Receptions);
}

#[test]
fn the_same_name_twice_is_marked_for_different_patients_only() {
    let mut list = receptions();
    list.push(reception(
        8,
        "04444",
        ("勧者　加寿子", "カンジャカズコ"),
        time(9, 40, 0, 0),
        1,
        ReceptionState::Waiting,
    ));
    // The same patient comes twice; that is no namesake.
    let mut again = list[0].clone();
    again.key.id = "00009".to_owned();
    again.patient = Some(crate::support::number("127"));
    list.push(again);
    let bench = Bench::signed_in_with(&Setup::default(), list);
    bench.sees("00942 患者　和子 受付 同姓同名注意");
    bench.sees("04444 勧者　加寿子 受付 同姓同名注意");
    bench.misses("00127 処方　元 診察中 同姓同名注意");
}

#[test]
fn a_character_that_no_font_has_is_said_and_the_reading_stands() {
    let mut list = receptions();
    list[0].name.kanji = "外字　\u{31350}子".to_owned();
    list[0].name.kana = "ガイジ　コ".to_owned();
    let mut bench = Bench::signed_in_with(&Setup::default(), list);
    bench.sees("外字あり");
    bench.key(Key::ArrowDown);
    bench.key(Key::Enter);
    bench.sees("外字　〓子");
    bench.sees("外字あり");
    bench.sees("ガイジ　コ");
}

#[test]
fn rare_kanji_and_variation_selectors_are_drawn_and_not_called_gaiji() {
    let mut list = receptions();
    list[0].name.kanji = "𠮷田　葛\u{E0100}槗".to_owned();
    let bench = Bench::signed_in_with(&Setup::default(), list);
    bench.misses("外字あり");
}

#[test]
fn only_rows_in_sight_are_drawn() {
    let many: Vec<_> = (1..=500)
        .map(|i| {
            reception(
                i,
                &format!("{i:05}"),
                ("処方　元", "ショホウ　ハジメ"),
                time(8, 0, 0, 0),
                1,
                ReceptionState::Waiting,
            )
        })
        .collect();
    let mut bench = Bench::signed_in_with(&Setup::default(), many);
    assert!((5..30).contains(&bench.rows().len()), "{}", bench.rows().len());
    bench.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::End);
    bench.run();
    assert!(bench.rows().last().unwrap().starts_with("00500"));
    bench.key(Key::PageUp);
    bench.key(Key::Enter);
    let opened = bench.harness.state().desk().opened.as_ref().unwrap().number.clone();
    assert!(opened.as_str() < "00500" && opened.as_str() > "00480", "{opened}");
}

#[test]
fn an_idle_list_asks_for_no_frame_before_the_next_minute() {
    let mut bench = Bench::signed_in();
    bench.run();
    let delay = bench.harness.output().viewport_output.values().next().unwrap().repaint_delay;
    assert!(delay >= std::time::Duration::from_secs(30), "{delay:?}");
    bench.pass(std::time::Duration::from_mins(1));
    bench.sees("9:43");
}

#[test]
fn at_midnight_the_new_day_is_followed() {
    let mut bench = Bench::signed_in();
    bench.pass(std::time::Duration::from_hours(15));
    let asked = bench.asked();
    assert!(
        asked
            .iter()
            .any(|r| matches!(r, Request::FollowDay(d) if *d == jiff::civil::date(2026, 11, 23))),
        "{asked:?}"
    );
    bench.misses("処方");
}

#[test]
fn an_appointment_is_shown_with_the_arrival() {
    let mut list = receptions();
    list[0].appointment = Some(time(8, 45, 0, 0));
    let bench = Bench::signed_in_with(&Setup::default(), list);
    bench.sees("00127 処方　元 診察中 予約 8:45");
}

#[test]
fn a_held_key_acts_once() {
    let mut bench = Bench::signed_in();
    bench.key(Key::ArrowDown);
    for _ in 0..2 {
        bench.harness.key_down(Key::Enter);
        bench.run();
    }
    // The repeats of the Enter that opened the page would press its main key, back to the list.
    assert_eq!(bench.harness.state().route(), Route::Patient);
}

/// A long day; the readings run against the order of time.
fn crowd(n: u32) -> Vec<clinical::Reception> {
    let kana = ["ア", "カ", "サ", "タ", "ナ", "ハ", "マ", "ヤ", "ラ", "ワ"];
    (1..=n)
        .map(|i| {
            let back = (n - i) as usize;
            let reading = format!("{}{}", kana[back / 10 % 10], kana[back % 10]);
            let minute = i8::try_from(i % 60).unwrap();
            let at = time(8 + i8::try_from(i / 60).unwrap(), minute, 0, 0);
            let name = (format!("多数　{i}"), reading);
            let name = (name.0.as_str(), name.1.as_str());
            reception(i, &format!("{i:05}"), name, at, 1, ReceptionState::Waiting)
        })
        .collect()
}

/// Whether the row stands wholly inside the list's part of the window.
fn in_sight(bench: &Bench, row: &str) -> bool {
    let keys = bench.harness.get_by_label("F11 患者を開く").rect();
    bench
        .harness
        .query_by_label_contains(row)
        .is_some_and(|node| node.rect().top() > 100.0 && node.rect().bottom() <= keys.top())
}

#[test]
fn the_marked_row_stays_in_sight_through_orders_filters_states_and_other_screens() {
    let mut bench = Bench::signed_in_with(&Setup::default(), crowd(60));
    bench.key(Key::ArrowDown);
    assert!(in_sight(&bench, "00001 多数"));
    bench.ctrl(Key::Num2);
    assert!(in_sight(&bench, "00001 多数"), "{:?}", bench.rows());
    bench.ctrl(Key::Num1);
    assert!(in_sight(&bench, "00001 多数"));
    // In the order of states the row moves to the end with its change.
    bench.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Num4);
    bench.run();
    bench.key(Key::F6);
    let (row, change) = bench.change(1);
    assert!(in_sight(&bench, "00001 多数　1 診察中"), "{:?}", bench.rows());
    let mut after = crowd(60)[0].clone();
    (after.state, after.revision) = (change.state, 2);
    stands(&mut bench, &row, true, after);
    assert!(in_sight(&bench, "00001 多数　1 診察中"));
    bench.ctrl(Key::Num5);
    bench.key(Key::Num2);
    assert!(in_sight(&bench, "00001 多数"));
    for (there, back) in [(Key::F1, Key::Escape), (Key::F11, Key::Escape)] {
        bench.key(there);
        bench.key(back);
        assert!(in_sight(&bench, "00001 多数"), "{there:?}");
    }
}

#[test]
fn what_comes_in_does_not_call_back_who_looks_elsewhere() {
    let mut bench = Bench::signed_in_with(&Setup::default(), crowd(60));
    bench.key(Key::ArrowDown);
    let over = bench.harness.get_by_label_contains("00003 多数").rect().center();
    bench.harness.event(egui::Event::PointerMoved(over));
    bench.harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -1500.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    });
    bench.settle();
    assert!(!in_sight(&bench, "00001 多数"), "{:?}", bench.rows());
    let mut late = crowd(60)[59].clone();
    late.revision = 2;
    bench.give(Update::Reception(Box::new(late)));
    assert!(!in_sight(&bench, "00001 多数"), "{:?}", bench.rows());
    // Whom a key changes is brought into sight.
    bench.key(Key::F6);
    assert!(in_sight(&bench, "00001 多数"), "{:?}", bench.rows());
}

#[test]
fn a_change_says_whose_state_became_what_until_the_next_action() {
    for scale in [100, 200] {
        let mut bench = Bench::signed_in_with(&Setup { scale, ..Setup::default() }, receptions());
        bench.key(Key::ArrowDown);
        bench.key(Key::ArrowDown);
        let before = bench.harness.get_by_label_contains("01873").rect();
        bench.key(Key::F6);
        bench.sees("厚労　太郎 さん → 診察中");
        assert_eq!(bench.harness.get_by_label_contains("01873").rect(), before);
        let (row, _) = bench.change(1);
        bench.key(Key::ArrowDown);
        bench.misses("さん → ");
        // What did not come to pass is not said.
        bench.key(Key::F6);
        bench.sees("患者　和子 さん → 診察中");
        let (second, _) = bench.change(2);
        bench.refuse(&row, ErrorCode::Invalid);
        bench.sees("患者　和子 さん → 診察中");
        bench.refuse(&second, ErrorCode::Invalid);
        bench.misses("さん → ");
    }
}

#[test]
fn who_is_examined_is_counted_apart() {
    let mut list = receptions();
    list[1].state = ReceptionState::InExamination;
    let bench = Bench::signed_in_with(&Setup::default(), list);
    bench.sees("待ち 3・診察中 1・検査中 1・本日 6 名");
}

#[test]
fn who_has_no_reading_stands_at_the_end_of_the_kana() {
    let mut list = receptions();
    list[0].name.kana = " ".to_owned();
    let mut bench = Bench::signed_in_with(&Setup::default(), list);
    bench.ctrl(Key::Num2);
    assert!(bench.rows()[4].starts_with("00127"), "{:?}", bench.rows());
}

#[test]
fn a_long_chooser_after_a_short_one_shows_all_its_rows_and_a_way_out() {
    let mut bench = Bench::signed_in();
    bench.key(Key::F7);
    bench.key(Key::Escape);
    bench.ctrl(Key::Num5);
    for (i, label) in
        ["すべて", "受付", "検査中", "会計待ち", "取消", "やめる（Esc）"].iter().enumerate()
    {
        let rows: Vec<_> = bench.harness.query_all_by_label(label).collect();
        let row = rows.last().unwrap_or_else(|| panic!("{i} {label}")).rect();
        assert!(row.height() > 50.0 && row.bottom() < 724.0, "{label} {row:?}");
    }
    let last = bench.harness.query_all_by_label("取消").last().unwrap().rect();
    let out = bench.harness.get_by_label("やめる（Esc）");
    assert!(last.bottom() <= out.rect().top() + 1.0, "the last option is cut off: {last:?}");
    out.click();
    bench.run();
    bench.misses("やめる（Esc）");
    assert!(bench.key_enabled("F9 本日表"));
}

#[test]
fn the_help_stands_whole_on_the_screen_and_moves_by_key_where_it_can_not() {
    for (lang, last) in [(Lang::Ja, "F12 サインアウト"), (Lang::En, "F12 Sign out")] {
        let mut bench = Bench::signed_in_with(&Setup { lang, ..Setup::default() }, receptions());
        bench.key(Key::F1);
        for words in [last, "Ctrl + / −"] {
            let all: Vec<_> = bench.harness.query_all_by_label(words).map(|n| n.rect()).collect();
            let whole = |r: &egui::Rect| r.top() > 44.0 && r.bottom() < 716.0;
            assert!(all.iter().any(whole), "{words} {all:?}");
        }
        // The second half of the words stands beside the first.
        let right = bench.harness.get_by_label("Ctrl + / −").rect();
        assert!(right.left() > 640.0, "{right:?}");
    }
    let mut bench = Bench::signed_in_with(&Setup { scale: 200, ..Setup::default() }, receptions());
    bench.key(Key::F1);
    let top = |bench: &Bench| bench.harness.get_by_label("使い方").rect().top().round() as i32;
    let at_first = top(&bench);
    bench.key(Key::End);
    assert!(top(&bench) < at_first - 200);
    bench.key(Key::PageUp);
    bench.key(Key::Home);
    assert_eq!(top(&bench), at_first);
    bench.key(Key::ArrowDown);
    bench.key(Key::PageDown);
    assert!(top(&bench) < at_first - 100);
    bench.key(Key::F1);
    bench.key(Key::F1);
    assert_eq!(top(&bench), at_first, "opened anew it begins at the top");
}
