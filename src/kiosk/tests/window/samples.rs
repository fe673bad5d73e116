//! The sample desk: the day's orders, a patient's tubes, and a tube of somebody else.

use api::entries::EntryContent;
use api::lab::{LabDay, LabDayOrder};
use clinical::lab::{Identified, LabAct, LabOrder, LabOrderState, NotDrawn, SpecimenNumber};
use clinical::{PersonName, Sex};
use egui::Key;
use egui_kittest::kittest::Queryable;
use jiff::civil::date;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Update};
use kiosk::config::{Lang, Theme};

use crate::lab_order::{act, order, with_orders};
use crate::support::{Bench, Setup, failure, receptions, today};

fn row(kanji: &str, kana: &str, order: LabOrder) -> LabDayOrder {
    LabDayOrder {
        name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Male,
        order,
    }
}

/// 厚労 太郎 with two tubes, 患者 和子 with one.
fn two() -> Vec<LabDayOrder> {
    vec![
        row("厚労　太郎", "コウロウ　タロウ", order(1, "01873", 1, &["A1C", "AST", "ALT"])),
        row("患者　和子", "カンジャ　カズコ", order(2, "00942", 11, &["WBC"])),
    ]
}

fn told(orders: Vec<LabDayOrder>) -> Update {
    Update::LabDay(Box::new(LabDay { date: today(), orders }))
}

fn at_samples_with(setup: &Setup, orders: Vec<LabDayOrder>) -> Bench {
    let mut bench = Bench::signed_in_with(setup, receptions());
    bench.give(told(orders));
    bench.key(Key::F2);
    assert_eq!(bench.harness.state().route(), Route::Samples);
    bench
}

fn at_samples(orders: Vec<LabDayOrder>) -> Bench {
    at_samples_with(&Setup::default(), orders)
}

/// The tubes of 厚労 太郎, who has not been identified yet.
fn at_the_tubes() -> Bench {
    let mut bench = at_samples(two());
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Specimens);
    bench
}

fn tube(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(today(), 1, serial).unwrap()
}

/// The acts in the outbox, once there are so many.
#[track_caller]
fn acts(bench: &mut Bench, count: usize) -> Vec<LabAct> {
    let rows = bench.kept(count);
    rows.iter()
        .map(|row| match &row.entry.content {
            EntryContent::Lab { entry } => entry.act.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn the_day_s_orders_stand_with_tubes_and_states() {
    let mut orders = two();
    let mut of_third = vec![order(3, "00127", 21, &["CRE"])];
    act(&mut of_third, 3, "00127", 300, LabAct::Cancel { reason: "二重の依頼".to_owned() });
    orders.push(row("処方　元", "ショホウ　ハジメ", of_third.remove(0)));
    let mut urgent = order(4, "00388", 31, &["K"]);
    urgent.urgent = true;
    orders.push(row("連携　理子", "レンケイ　リコ", urgent));
    let bench = at_samples(orders);
    bench.sees("01873 厚労　太郎 0/2 本 採取待ち");
    bench.sees("00127 処方　元 0/1 本 取消");
    bench.sees("00388 連携　理子 0/1 本 採取待ち 至急");
    // What is urgent stands first.
    let top = |words: &str| bench.harness.get_by_label_contains(words).rect().top();
    assert!(top("連携　理子") < top("厚労　太郎"));
    assert!(!bench.key_enabled("F9 一括送信"));
}

#[test]
fn an_empty_day_says_what_would_fill_it() {
    let bench = at_samples(Vec::new());
    bench.sees("本日の検体はありません");
    let mut bench = at_samples(two());
    bench.give(Update::LabDayFailed(failure(FailureKind::Unreachable)));
    bench.sees("時点の一覧です");
    bench.sees("厚労　太郎");
}

#[test]
fn tubes_of_earlier_days_that_were_not_sent_are_marked_and_sent() {
    let mut orders = vec![order(1, "01873", 1, &["A1C"])];
    let draw = LabAct::Draw { tube: tube(1), identified: Identified::Card };
    act(&mut orders, 1, "01873", 300, draw);
    let mut earlier = orders.remove(0);
    earlier.collect_on = date(2026, 11, 20);
    let mut bench = at_samples(vec![row("厚労　太郎", "コウロウ　タロウ", earlier)]);
    bench.sees("11/20 の分");
    bench.sees("採取済み 1 本を送る");
    bench.key(Key::F9);
    assert_eq!(acts(&mut bench, 1), [LabAct::Send { tubes: vec![tube(1)] }]);
    bench.until("sent", |bench| !bench.words().contains("採取済み 1 本を送る"));
}

#[test]
fn nothing_is_drawn_before_it_is_sure_who_sits_here() {
    let mut bench = at_the_tubes();
    bench.sees("本人の確認がまだです");
    bench.sees("診察券を読み取ってください");
    bench.key(Key::F11);
    bench.sees("F6 を押してください");
    bench.key(Key::F3);
    assert_eq!(bench.harness.state().desk().outbox.rows.len(), 0);
    bench.key(Key::F6);
    bench.sees("氏名を確認しました");
    bench.misses("本人の確認がまだです");
    bench.misses("F6 を押してください");
}

#[test]
fn tube_after_tube_is_drawn_and_sent() {
    let mut bench = at_the_tubes();
    bench.key(Key::F6);
    bench.sees("次に採る");
    bench.key(Key::F11);
    bench.until_sees("2 本のうち 1 本 採取済");
    bench.sees("採取 9:42");
    bench.key(Key::F11);
    bench.until_sees("全部そろいました。F9 で送ります。");
    let drawn = |n| LabAct::Draw { tube: tube(n), identified: Identified::Spoken };
    assert_eq!(acts(&mut bench, 2), [drawn(1), drawn(2)]);
    bench.key(Key::F9);
    assert_eq!(acts(&mut bench, 3)[2], LabAct::Send { tubes: vec![tube(1), tube(2)] });
    bench.until_sees("この患者さんの検体は終わりました");
    bench.key(Key::F2);
    bench.sees("01873 厚労　太郎 2/2 本 送信");
}

#[test]
fn a_card_identifies_and_a_scanned_tube_is_drawn() {
    let mut bench = at_samples(two());
    bench.scan("01873");
    bench.run();
    bench.sees("診察券を確認しました");
    bench.scan(tube(2).as_str());
    bench.run();
    let drawn = LabAct::Draw { tube: tube(2), identified: Identified::Card };
    assert_eq!(acts(&mut bench, 1), [drawn]);
    bench.until_sees("採取 9:42");
}

#[test]
fn what_could_not_be_drawn_has_a_reason() {
    let mut bench = at_the_tubes();
    bench.key(Key::F7);
    bench.sees("なぜ採れませんか");
    bench.key(Key::Num1);
    bench.until_sees("血管が見つからない");
    bench.key(Key::F7);
    bench.key(Key::Num6);
    bench.sees("採れない理由");
    bench.key(Key::Enter);
    bench.sees("理由を入れてください");
    bench.type_text("針が怖い");
    bench.key(Key::Enter);
    let reason =
        |n, reason, note: &str| LabAct::NotDrawn { tube: tube(n), reason, note: note.to_owned() };
    assert_eq!(
        acts(&mut bench, 2),
        [reason(1, NotDrawn::Difficult, ""), reason(2, NotDrawn::Other, "針が怖い")]
    );
    bench.until_sees("針が怖い");
    // It can be taken back.
    bench.key(Key::ArrowUp);
    bench.key(Key::F8);
    assert_eq!(acts(&mut bench, 3)[2], LabAct::Reset { tube: tube(1) });
}

#[test]
fn a_tube_of_somebody_else_stops_everything() {
    let mut bench = at_samples(two());
    bench.scan("01873");
    bench.run();
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::WrongTube);
    bench.sees("別の患者さんの管です");
    bench.sees("00942　患者　和子　カンジャ　カズコ");
    bench.sees("01873　厚労　太郎　コウロウ　タロウ");
    // Nothing but the answer does anything.
    for key in [Key::F1, Key::F2, Key::F9, Key::F12, Key::Escape] {
        bench.key(key);
        assert_eq!(bench.harness.state().route(), Route::WrongTube, "{key:?}");
    }
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Specimens);
    assert_eq!(bench.harness.state().desk().outbox.rows.len(), 0);
}

#[test]
fn a_tube_that_nobody_knows_stops_too_and_one_touch_answers() {
    let mut bench = at_samples(two());
    bench.scan("01873");
    bench.run();
    bench.scan(tube(99).as_str());
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::WrongTube);
    bench.sees(tube(99).as_str());
    bench.harness.get_by_label("わかりました").click();
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::Specimens);
}

#[test]
fn an_order_taken_back_elsewhere_can_not_be_drawn() {
    let mut bench = at_the_tubes();
    bench.key(Key::F6);
    let mut orders = two();
    let mut first = vec![orders[0].order.clone()];
    act(&mut first, 1, "01873", 300, LabAct::Cancel { reason: "必要がなくなった".to_owned() });
    assert_eq!(first[0].state(), LabOrderState::Cancelled);
    orders[0].order = first.remove(0);
    bench.give(told(orders));
    bench.sees("取消 9:42　必要がなくなった");
    assert!(!bench.key_enabled("F11 採取を確定"));
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().desk().outbox.rows.len(), 0);
}

#[test]
fn in_every_look_the_tubes_and_the_red_screen_fit() {
    for (lang, scale, theme) in [
        (Lang::Ja, 100, Theme::Light),
        (Lang::Ja, 200, Theme::Contrast),
        (Lang::En, 100, Theme::Contrast),
        (Lang::En, 200, Theme::Light),
        (Lang::Ja, 150, Theme::Light),
    ] {
        let known = vec![with_orders(vec![two()[0].order.clone()])];
        let setup = Setup { lang, scale, theme, known, ..Setup::default() };
        let mut bench = at_samples_with(&setup, two());
        let factor = scale as f32 / 100.0;
        let window =
            egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 800.0) / factor);
        let inside = |bench: &Bench, words: &str| {
            let rect = bench.harness.get_by_label_contains(words).rect();
            assert!(window.expand(0.5).contains_rect(rect), "{lang:?} {scale} {words}: {rect}");
        };
        inside(&bench, "01873 厚労　太郎");
        bench.scan("01873");
        bench.run();
        inside(&bench, tube(1).as_str());
        bench.key(Key::F7);
        bench.key(Key::Escape);
        bench.scan(tube(11).as_str());
        bench.run();
        inside(&bench, "00942　患者　和子");
        inside(&bench, "01873　厚労　太郎");
        let answer = kiosk::i18n::t(lang, "key.understood");
        for node in bench.harness.get_all_by_label_contains(answer) {
            assert!(window.expand(0.5).contains_rect(node.rect()), "{lang:?} {scale}");
        }
    }
}
