//! 確認待ち.

use api::entries::{EntryContent, EntryResult};
use api::profile::{Confirmations, Waiting};
use clinical::Staff;
use clinical::profile::{Act, Item, Outcome, ProfileEntry};
use egui::Key;
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::client::{FailureKind, Request, Update};
use uuid::Uuid;

use crate::records::{
    allergy, clerks_allergy, confirm, id, item, record, version, weight, with_profile,
};
use crate::support::{
    Bench, Setup, clerk, director, directors_session, failure, receptions, session, view,
};

fn waiting(patient: &str, kanji: &str, item: Item) -> Waiting {
    let patient = view(patient, kanji, "ヨミ").patient;
    Waiting {
        number: patient.number,
        name: patient.name,
        birth_date: patient.birth_date,
        sex: patient.sex,
        item,
    }
}

fn three() -> Vec<Waiting> {
    vec![
        waiting("01873", "厚労　太郎", clerks_allergy(1, "01873", "セフェム系")),
        waiting("00942", "患者　和子", clerks_allergy(2, "00942", "ペニシリン系")),
        waiting("01873", "厚労　太郎", clerks_allergy(3, "01873", "マクロライド系")),
    ]
}

fn told(waiting: Vec<Waiting>) -> Update {
    let total = u32::try_from(waiting.len()).unwrap();
    Update::Confirmations(Box::new(Confirmations { waiting, total }))
}

/// The practitioner looks at the list.
fn at_the_list(waiting: Vec<Waiting>) -> Bench {
    let setup = Setup { known: vec![with_profile(Vec::new())], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    bench.give(told(waiting));
    bench.key(Key::F8);
    bench.asked();
    bench
}

fn strip(bench: &Bench) -> String {
    bench.harness.state().desk().opened.as_ref().unwrap().number.to_string()
}

fn entries(bench: &mut Bench, count: usize) -> Vec<ProfileEntry> {
    let rows = bench.kept(count);
    rows.iter()
        .map(|row| match &row.entry.content {
            EntryContent::Profile { entry } => entry.clone(),
            _ => panic!("{row:?}"),
        })
        .collect()
}

#[test]
fn one_touch_confirms_too() {
    let mut bench = at_the_list(three());
    bench.harness.get_by_label("確認する").click();
    bench.run();
    let done = entries(&mut bench, 1);
    assert_eq!((done[0].item, &done[0].act), (id(1), &Act::Confirm));
    bench.sees("厚労　太郎 さんの記録を確認し、保存しました");
}

#[test]
fn one_key_confirms_each_and_goes_on_to_the_next() {
    let mut bench = at_the_list(three());
    assert_eq!(bench.harness.state().route(), Route::Confirmations);
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    bench.sees("入力した人");
    bench.sees("どの医師の代行か");
    assert_eq!(strip(&bench), "01873");
    bench.key(Key::F11);
    let done = entries(&mut bench, 1);
    assert_eq!((done[0].item, done[0].base), (id(1), Some(id(1001))));
    assert_eq!(done[0].act, Act::Confirm);
    bench.sees("厚労　太郎 さんの記録を確認し、保存しました");
    bench.misses("セフェム系（発疹） 受付係");
    // The same patient's second entry comes next, then the other patient; Enter does the same.
    assert_eq!(strip(&bench), "01873");
    bench.key(Key::Enter);
    assert_eq!(entries(&mut bench, 2)[1].item, id(3));
    assert_eq!(strip(&bench), "00942");
    bench.key(Key::F11);
    let all = entries(&mut bench, 3);
    assert_eq!(all[2].item, id(2));
    assert_eq!(all[2].patient.as_str(), "00942");
    bench.sees("確認待ちの記録はありません");
    // Nobody is left to confirm.
    bench.key(Key::F11);
    bench.key(Key::Enter);
    entries(&mut bench, 3);
}

#[test]
fn the_key_says_how_many_wait() {
    let mut bench = Bench::signed_in();
    bench.give(told(three()));
    assert!(bench.key_enabled("F8 確認待ち 3"));
    bench.give(told(Vec::new()));
    assert!(bench.key_enabled("F8 確認待ち"));
    // What changes at another terminal is asked for, and once more where it changed meanwhile.
    let changed =
        || Update::ProfileChanged { number: crate::support::number("00942"), item: Uuid::nil() };
    bench.asked();
    bench.give(changed());
    bench.give(changed());
    bench.give(changed());
    let asks = |bench: &mut Bench| {
        bench.asked().iter().filter(|r| matches!(r, Request::Confirmations)).count()
    };
    assert_eq!(asks(&mut bench), 1);
    bench.give(told(three()));
    assert_eq!(asks(&mut bench), 1);
    bench.give(told(three()));
    assert_eq!(asks(&mut bench), 0);
}

#[test]
fn a_clerk_sees_the_list_and_can_not_confirm() {
    let mut bench = Bench::signed_in();
    bench.give(told(three()));
    bench.key(Key::F8);
    bench.sees("確認できるのは医師だけです");
    assert!(bench.harness.query_by_label("確認する").is_none());
    bench.sees("セフェム系（発疹）");
    assert!(!bench.key_enabled("F11 確認する"));
    bench.key(Key::F11);
    bench.key(Key::Enter);
    assert!(bench.cache.settle(std::time::Duration::from_mins(1)));
    entries(&mut bench, 0);
}

#[test]
fn one_s_own_stand_first_and_others_are_marked() {
    let other = Staff { account: id(8), name: "副院長".to_owned(), ..director() };
    let entry = ProfileEntry {
        on_behalf_of: Some(other),
        ..record("00127", 9, None, allergy("キノロン系"))
    };
    let theirs = item(&[version(1009, entry, clerk())]);
    let list = vec![
        waiting("00127", "処方　元", theirs),
        waiting("00942", "患者　和子", clerks_allergy(2, "00942", "ペニシリン系")),
    ];
    let bench = at_the_list(list);
    let top = |words: &str| bench.harness.get_by_label_contains(words).rect().top();
    assert!(top("00942　患者　和子") < top("00127　処方　元"));
    bench.sees("副院長 さんあて");
    assert_eq!(bench.words().matches("さんあて").count(), 1);
    assert_eq!(strip(&bench), "00942");
}

#[test]
fn what_a_correction_changes_stands_beside_it() {
    let first = version(50, record("01873", 5, None, weight(684)), director());
    let entry = ProfileEntry {
        on_behalf_of: Some(director()),
        reason: "量り直し".to_owned(),
        ..record("01873", 5, Some(50), weight(701))
    };
    let corrected = item(&[first, version(51, entry, clerk())]);
    let bench = at_the_list(vec![waiting("01873", "厚労　太郎", corrected)]);
    bench.sees("前の内容からの変更");
    bench.sees("68.4 kg");
    bench.sees("70.1 kg");
    bench.sees("理由：量り直し");
}

#[test]
fn a_clerk_s_entry_waits_at_once_on_this_terminal_and_is_confirmed_in_one_key() {
    let setup = Setup { known: vec![with_profile(Vec::new())], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    let entry = ProfileEntry {
        on_behalf_of: Some(director()),
        ..record("01873", 5, None, allergy("セフェム系"))
    };
    let first = confirm(&mut bench, &clerk(), entry);
    assert!(bench.key_enabled("F8 確認待ち 1"));
    bench.key(Key::F12);
    bench.sign_in(directors_session());
    bench.give(told(Vec::new()));
    bench.key(Key::F8);
    bench.sees("セフェム系（発疹）");
    bench.sees("送信待ち");
    bench.key(Key::F11);
    let all = entries(&mut bench, 2);
    assert_eq!((&all[1].act, all[1].base), (&Act::Confirm, Some(first)));
    bench.sees("確認待ちの記録はありません");
}

#[test]
fn an_answer_that_does_not_come_is_told_and_what_is_here_stands() {
    let mut bench = at_the_list(three());
    bench.give(Update::ConfirmationsFailed(failure(FailureKind::Unreachable)));
    bench.sees("9:42 時点の一覧です");
    bench.sees("セフェム系（発疹）");
    let mut bench = at_the_list(Vec::new());
    bench.sign_in(directors_session());
    bench.key(Key::F8);
    bench.give(Update::ConfirmationsFailed(failure(FailureKind::Unreachable)));
    bench.sees("この端末で入力した分だけを表示しています");
    bench.sees("ほかの端末の分は、回線がもどると表示します");
}

#[test]
fn the_ways_lead_back_to_the_list_and_to_the_same_entry() {
    let mut bench = at_the_list(three());
    bench.key(Key::ArrowDown);
    bench.key(Key::ArrowDown);
    assert_eq!(strip(&bench), "00942");
    bench.key(Key::F3);
    assert_eq!(bench.harness.state().route(), Route::History);
    assert_eq!(strip(&bench), "00942");
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::Confirmations);
    assert_eq!(strip(&bench), "00942");
    bench.key(Key::F4);
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.key(Key::F8);
    assert_eq!(bench.harness.state().route(), Route::Confirmations);
    bench.key(Key::F10);
    assert_eq!(bench.harness.state().route(), Route::Outbox);
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().route(), Route::Confirmations);
    bench.key(Key::F2);
    assert_eq!(bench.harness.state().route(), Route::Patient);
    assert_eq!(strip(&bench), "00942");
}

#[test]
fn a_correction_is_opened_in_its_form_and_comes_back() {
    let waits = clerks_allergy(1, "01873", "セフェム系");
    let setup = Setup { known: vec![with_profile(vec![waits.clone()])], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    bench.give(told(vec![waiting("01873", "厚労　太郎", waits)]));
    bench.key(Key::F8);
    bench.key(Key::F6);
    assert_eq!(bench.harness.state().route(), Route::Entry);
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::Confirmations);
    bench.sees("セフェム系（発疹）");
}

#[test]
fn what_changed_before_the_confirmation_is_told() {
    let mut bench = at_the_list(three());
    bench.key(Key::F11);
    let row = bench.kept(1)[0].clone();
    let first = clerks_allergy(1, "01873", "セフェム系");
    let entry = ProfileEntry {
        on_behalf_of: Some(director()),
        ..record("01873", 1, Some(1001), allergy("セフェム系の一部"))
    };
    let mut items = vec![first];
    Item::apply(&mut items, &version(1100, entry, clerk())).unwrap();
    let changed = Box::new(items.remove(0));
    bench.receipt(&row, EntryResult::Profile { outcome: Outcome::Overtaken, item: changed });
    bench.sees("確認の前に変わっていました（今は「セフェム系の一部（発疹）」）");
}

#[test]
fn nothing_of_it_stays_after_signing_out() {
    let mut bench = at_the_list(three());
    bench.key(Key::F12);
    bench.misses("セフェム系");
    bench.give(told(three()));
    bench.misses("セフェム系");
    assert_eq!(bench.harness.state().desk().confirmations.total, 0);
    bench.sign_in(session());
    assert!(bench.key_enabled("F8 確認待ち"));
}
