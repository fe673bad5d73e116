//! 履歴.

use api::entries::EntryContent;
use api::profile::{History, HistoryEntry};
use clinical::profile::{Act, Outcome, ProfileEntry, Version};
use egui::Key;
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Request, Ticket, Update};

use crate::records::{allergy, clerks_allergy, confirm, id, item, opened, record, version, weight};
use crate::support::{Bench, clerk, director, failure, number};

fn ticket(bench: &mut Bench) -> Ticket {
    let tickets: Vec<Ticket> = bench
        .asked()
        .into_iter()
        .filter_map(|request| match request {
            Request::History { ticket, .. } => Some(ticket),
            _ => None,
        })
        .collect();
    *tickets.last().expect("the history was asked for")
}

fn told(bench: &mut Bench, versions: &[Version]) {
    let ticket = ticket(bench);
    let entry =
        |version: &Version| HistoryEntry { version: version.clone(), outcome: Outcome::Stands };
    let versions = versions.iter().map(entry).collect();
    let history = Box::new(History { number: number("01873"), versions });
    bench.give(Update::History { ticket, history });
}

/// A weight entered by the clerk, confirmed, corrected by the practitioner.
fn three() -> Vec<Version> {
    let first =
        ProfileEntry { on_behalf_of: Some(director()), ..record("01873", 5, None, weight(684)) };
    let confirmed = ProfileEntry { act: Act::Confirm, ..record("01873", 5, Some(50), weight(0)) };
    let corrected = ProfileEntry {
        reason: "量り直し".to_owned(),
        ..record("01873", 5, Some(51), weight(701))
    };
    vec![
        version(50, first, clerk()),
        version(51, confirmed, director()),
        version(52, corrected, director()),
    ]
}

#[test]
fn versions_stand_newest_first_with_who_and_what_changed() {
    let mut bench = opened(vec![item(&three())]);
    bench.ctrl(Key::H);
    assert_eq!(bench.harness.state().route(), Route::History);
    told(&mut bench, &three());
    bench.sees("体重　70.1 kg 記録 3 件　最後 9:42");
    let top = |words: &str| bench.harness.get_by_label_contains(words).rect().top();
    let (corrected, confirmed) = (top("訂正　院長"), top("医師の確認　院長"));
    let recorded = top("記録　受付係 → 院長");
    assert!(corrected < confirmed && confirmed < recorded);
    bench.sees("体重　68.4 kg → 70.1 kg");
    bench.sees("理由：量り直し");
    bench.sees("R8.11.22（2026-11-22） 9:42");
    bench.sees("端末 uketsuke-1");
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Patient);
}

#[test]
fn what_is_unsent_stands_there_too() {
    let mut bench = opened(Vec::new());
    confirm(&mut bench, &clerk(), record("01873", 6, None, allergy("キノロン系")));
    bench.ctrl(Key::H);
    told(&mut bench, &three());
    bench.sees("キノロン系（発疹）");
    bench.sees("送信待ち");
    bench.misses("取り消し済み");
}

/// The page shows the latest of what grows without end; the history has them all, and the older ones still count.
#[test]
fn what_the_page_has_no_room_for_is_not_taken_for_withdrawn() {
    let mut bench = opened(Vec::new());
    bench.ctrl(Key::H);
    told(&mut bench, &three());
    bench.sees("訂正　院長");
    bench.misses("取り消し済み");
    bench.key(Key::F6);
    assert_eq!(bench.harness.state().route(), Route::Entry);
    bench.key(Key::Escape);
    let withdrawn = ProfileEntry {
        act: Act::Withdraw,
        reason: "入力の誤り".to_owned(),
        ..record("01873", 5, Some(52), weight(0))
    };
    let mut versions = three();
    versions.push(version(53, withdrawn, director()));
    bench.key(Key::Escape);
    bench.ctrl(Key::H);
    told(&mut bench, &versions);
    bench.sees("取り消し済み");
    assert!(!bench.key_enabled("F6 訂正する"));
    assert!(!bench.key_enabled("F7 取り消す"));
}

#[test]
fn from_a_touched_card_the_way_leads_to_that_items_history() {
    let items = vec![item(&three()), clerks_allergy(6, "01873", "キノロン系")];
    let mut bench = opened(items);
    // The allergy stands first; the card that was touched is that of the weight.
    bench.harness.get_by_label("プロファイル の記録を選ぶ").click();
    bench.run();
    bench.sees("体重　70.1 kg");
    bench.key(Key::Num3);
    assert_eq!(bench.harness.state().route(), Route::History);
    bench.sees("体重　70.1 kg");
    told(&mut bench, &three());
    bench.sees("訂正　院長");
    bench.sees("体重　68.4 kg → 70.1 kg");
}

#[test]
fn without_the_line_what_is_here_is_shown_and_said_to_be_no_more() {
    let mut bench = opened(vec![item(&three())]);
    bench.ctrl(Key::H);
    let ticket = ticket(&mut bench);
    bench.give(Update::HistoryFailed { ticket, failure: failure(FailureKind::Unreachable) });
    bench.sees("サーバーの履歴を読めないため、この端末にある分だけを表示しています");
    bench.sees("70.1 kg");
    bench.sees("量り直し");
}

#[test]
fn an_item_is_taken_back_with_a_reason() {
    let mut bench = opened(vec![item(&three())]);
    bench.ctrl(Key::H);
    told(&mut bench, &three());
    bench.key(Key::F7);
    bench.key(Key::Num1);
    let rows = bench.kept(1);
    let EntryContent::Profile { entry } = &rows[0].entry.content else { panic!("{rows:?}") };
    assert_eq!((&entry.act, entry.item, entry.base), (&Act::Withdraw, id(5), Some(id(52))));
    assert_eq!(entry.on_behalf_of, Some(director()));
    assert!(!entry.reason.is_empty());
    bench.sees("保存しました");
    bench.sees(&entry.reason);
    // It waits for the practitioner and is not withdrawn twice.
    assert!(!bench.key_enabled("F7 取り消す"));
}

#[test]
fn a_correction_is_opened_from_here_and_comes_back() {
    let mut bench = opened(vec![item(&three())]);
    bench.ctrl(Key::H);
    told(&mut bench, &three());
    bench.key(Key::F6);
    assert_eq!(bench.harness.state().route(), Route::Entry);
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::History);
}

#[test]
fn another_patient_s_answer_is_not_shown() {
    let mut bench = opened(vec![item(&three())]);
    bench.ctrl(Key::H);
    let ticket = ticket(&mut bench);
    bench.scan("00942");
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::Patient);
    let history = Box::new(History { number: number("01873"), versions: Vec::new() });
    bench.give(Update::History { ticket, history });
    assert!(bench.harness.state().desk().history.is_none());
    bench.misses("70.1");
}
