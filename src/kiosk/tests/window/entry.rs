//! The entry forms.

use api::session::Role;
use clinical::profile::{
    Abo, Act, AllergyCategory, BloodType, Item, Measurement, MeasurementValue, ProfileEntry,
    ProfileValue, Tenths,
};
use egui::{Event, ImeEvent, Key};
use egui_kittest::kittest::Queryable;
use kiosk::app::Route;
use kiosk::local::DraftKey;

use crate::desk::{
    Terminal, administrator, allergy, blank, clerk, first_physician, head, item, now, nurse,
    person, weight, with_items,
};
use crate::support::{Bench, Setup, number, receptions};

fn value(entry: &ProfileEntry) -> &ProfileValue {
    match &entry.act {
        Act::Record { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

fn draft_key(who: &clinical::Staff, form: &str) -> DraftKey {
    DraftKey { account: who.account, patient: number("01873").canonical(), form: form.to_owned() }
}

/// The form of allergies, the keyboard in the allergen's field.
fn allergy_form(who: &clinical::Staff) -> Terminal {
    let mut terminal = Terminal::of(who, &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num2]);
    assert_eq!(terminal.route(), Route::Entry);
    assert_eq!(terminal.focused().as_deref(), Some("何に対して"));
    terminal
}

#[test]
fn an_allergy_takes_four_keys_beside_its_letters_and_stands_in_red_at_once() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ペニシリン系");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert_eq!(terminal.route(), Route::Patient);
    terminal.bench.sees("薬剤アレルギー　ペニシリン系");
    terminal.bench.misses("（確認待ち）");
    terminal.bench.sees("送信待ち");
    let entries = terminal.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].patient, number("01873"));
    assert_eq!(entries[0].base, None);
    assert_eq!(entries[0].on_behalf_of, None);
    assert_eq!(*value(&entries[0]), allergy(AllergyCategory::Drug, "ペニシリン系", ""));
    assert_eq!(terminal.outbox()[0].author, head());
}

#[test]
fn a_clerk_writes_in_the_practitioners_name_and_it_is_said_to_wait() {
    let mut terminal = allergy_form(&clerk());
    terminal.bench.sees("院長 の代行で記録（確認待ちになります）");
    terminal.bench.type_text("そば");
    terminal.bench.key(Key::F11);
    terminal.settle();
    terminal.bench.sees("薬剤アレルギー　そば（確認待ち）");
    terminal.bench.sees("受付係 → 院長");
    let entries = terminal.entries();
    assert_eq!(entries[0].on_behalf_of, Some(head()));
    assert_eq!(terminal.outbox()[0].author, clerk());
}

#[test]
fn a_suggestion_is_picked_with_an_arrow_and_brings_code_and_kind() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("こむぎ");
    terminal.bench.sees("小麦");
    terminal.bench.sees("選ばなければ、書いたとおりに自由記載で記録されます。");
    terminal.bench.key(Key::ArrowDown);
    assert_eq!(terminal.field("何に対して"), "小麦");
    terminal.bench.sees("コードつきで記録されます。");
    // Up again brings back what was typed.
    terminal.bench.key(Key::ArrowUp);
    assert_eq!(terminal.field("何に対して"), "こむぎ");
    terminal.bench.key(Key::ArrowDown);
    terminal.bench.key(Key::F11);
    terminal.settle();
    match value(&terminal.entries()[0]) {
        ProfileValue::Allergy(allergy) => {
            assert_eq!(allergy.category, AllergyCategory::Food);
            assert_eq!(allergy.allergen.text, "小麦");
            assert_eq!(allergy.allergen.jfagy.as_deref(), Some("J9FA15000000"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_typed_on_goes_behind_the_suggestion() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("こむ");
    terminal.bench.key(Key::ArrowDown);
    let picked = terminal.field("何に対して");
    assert!(picked.chars().count() > 1, "{picked}");
    terminal.bench.type_text("粉");
    assert_eq!(terminal.field("何に対して"), format!("{picked}粉"));
}

/// Whoever corrects a number types the right one; nothing of the wrong one stays before or behind it.
#[test]
fn a_number_that_stands_gives_way_to_the_first_digit() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![item(1, &head(), weight(684))]));
    terminal.keys(&[Key::F9, Key::F6]);
    assert_eq!(terminal.route(), Route::Entry);
    assert_eq!(terminal.focused().as_deref(), Some("体重"));
    terminal.bench.type_text("67.9");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert_eq!(*value(&terminal.entries()[0]), weight(679));
}

#[test]
fn a_question_leads_to_the_number_it_is_about() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num1, Key::Enter]);
    terminal.bench.type_text("684");
    terminal.bench.key(Key::Enter);
    assert_eq!(terminal.focused().as_deref(), Some("血圧"));
    terminal.bench.type_text("128/76");
    terminal.bench.key(Key::F11);
    terminal.bench.sees("このまま保存しますか。");
    terminal.bench.key(Key::Escape);
    assert_eq!(terminal.focused().as_deref(), Some("体重"));
    assert_eq!(terminal.field("体重"), "684");
}

#[test]
fn enter_goes_from_field_to_field_and_to_the_button_that_saves() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ラテックス");
    let mut passed = Vec::new();
    for _ in 0..5 {
        terminal.bench.key(Key::Enter);
        passed.extend(terminal.focused());
    }
    assert_eq!(passed, ["症状", "重さ", "だれから", "始まった日", "保存する"]);
    assert!(terminal.entries().is_empty());
    terminal.bench.key(Key::Enter);
    terminal.settle();
    assert_eq!(terminal.entries().len(), 1);
    assert_eq!(terminal.route(), Route::Patient);
}

#[test]
fn a_choice_is_made_with_digits_or_arrows_and_taken_back_with_the_same_digit() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("卵");
    // Back to the kind of allergy, without touching the mouse.
    terminal.bench.harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::Tab);
    terminal.bench.run();
    assert_eq!(terminal.focused().as_deref(), Some("種類"));
    terminal.bench.key(Key::Num2);
    terminal.bench.key(Key::ArrowRight);
    terminal.bench.key(Key::ArrowLeft);
    terminal.keys(&[Key::Enter, Key::Enter, Key::Enter]);
    assert_eq!(terminal.focused().as_deref(), Some("重さ"));
    terminal.keys(&[Key::Num2, Key::Num2, Key::Num1]);
    terminal.bench.key(Key::F11);
    terminal.settle();
    match value(&terminal.entries()[0]) {
        ProfileValue::Allergy(allergy) => {
            assert_eq!(allergy.category, AllergyCategory::Food);
            assert_eq!(allergy.severity, Some(clinical::profile::Severity::Low));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_unlikely_is_asked_about_once_and_saved_when_it_is_so() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num1, Key::Enter]);
    assert_eq!(terminal.focused().as_deref(), Some("体重"));
    terminal.bench.type_text("６８４");
    terminal.bench.key(Key::F11);
    terminal.settle();
    terminal.bench.sees("体重 684 kg は、ふつうの範囲（");
    terminal.bench.sees("このまま保存しますか。");
    assert!(terminal.entries().is_empty());
    // Back to the field: nothing is lost, nothing is saved.
    terminal.bench.key(Key::Escape);
    terminal.bench.misses("このまま保存しますか。");
    assert_eq!(terminal.route(), Route::Entry);
    assert_eq!(terminal.focused().as_deref(), Some("体重"));
    assert_eq!(terminal.field("体重"), "６８４");
    terminal.bench.key(Key::F11);
    terminal.bench.sees("このまま保存しますか。");
    terminal.bench.key(Key::Enter);
    terminal.settle();
    let expected =
        Measurement { value: MeasurementValue::Weight(Tenths(6840)), measured_at: now() };
    assert_eq!(*value(&terminal.entries()[0]), ProfileValue::Measurement(expected));
}

#[test]
fn an_answer_to_the_question_holds_for_nothing_else() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num1, Key::Enter]);
    terminal.bench.type_text("684");
    terminal.bench.key(Key::F11);
    terminal.bench.sees("このまま保存しますか。");
    // Another unlikely weight is asked about anew.
    terminal.bench.harness.event(Event::Text("0".to_owned()));
    terminal.bench.harness.run_steps(20);
    terminal.bench.misses("このまま保存しますか。");
    terminal.bench.key(Key::F11);
    terminal.settle();
    terminal.bench.sees("体重 6840 kg");
    assert!(terminal.entries().is_empty());
}

#[test]
fn what_is_wrong_is_said_under_its_field_and_nothing_typed_is_lost() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num1]);
    terminal.bench.key(Key::F11);
    terminal.bench.sees("測ったものを一つ以上入力してください。");
    terminal.bench.type_text("165");
    terminal.keys(&[Key::Enter, Key::Enter]);
    assert_eq!(terminal.focused().as_deref(), Some("血圧"));
    terminal.bench.type_text("高い");
    terminal.bench.key(Key::F11);
    terminal.bench.sees("152/88 のように入力してください。");
    assert_eq!(terminal.focused().as_deref(), Some("血圧"));
    assert_eq!(terminal.field("身長"), "165");
    assert_eq!(terminal.field("血圧"), "高い");
    assert!(terminal.entries().is_empty());
}

#[test]
fn dates_are_echoed_in_both_calendars() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num5]);
    terminal.bench.type_text("胃癌");
    terminal.bench.key(Key::Enter);
    terminal.bench.type_text("H24.4.1");
    terminal.bench.sees("平成24年4月1日（2012-04-01）");
}

#[test]
fn a_conversion_presses_nothing() {
    let mut terminal = allergy_form(&head());
    let text = "たまご".to_owned();
    let preedit = ImeEvent::Preedit { text, active_range_chars: Some(0..3) };
    terminal.bench.harness.event(Event::Ime(preedit));
    terminal.bench.harness.run_steps(1);
    for key in [Key::ArrowDown, Key::Enter, Key::F11, Key::Escape] {
        terminal.bench.raw_key(key);
    }
    terminal.bench.harness.event(Event::Ime(ImeEvent::Commit("卵".to_owned())));
    terminal.bench.run();
    assert_eq!(terminal.route(), Route::Entry);
    assert_eq!(terminal.focused().as_deref(), Some("何に対して"));
    assert_eq!(terminal.field("何に対して"), "卵");
    terminal.settle();
    assert!(terminal.entries().is_empty());
}

#[test]
fn what_was_typed_comes_back_and_is_thrown_away_only_when_asked() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ヨード造影剤");
    terminal.bench.key(Key::Escape);
    assert_eq!(terminal.route(), Route::Patient);
    assert!(terminal.bench.cache.draft(&draft_key(&head(), "allergy")).is_some());
    terminal.keys(&[Key::F2, Key::Num2]);
    assert_eq!(terminal.field("何に対して"), "ヨード造影剤");
    terminal.bench.sees("書きかけを戻しました（");
    // Another person at the same terminal does not meet it: the draft is the person's own.
    assert!(terminal.bench.cache.draft(&draft_key(&clerk(), "allergy")).is_none());
    terminal.bench.key(Key::F9);
    terminal.bench.sees("書きかけを消しますか");
    terminal.bench.key(Key::Num2);
    assert_eq!(terminal.field("何に対して"), "ヨード造影剤");
    terminal.keys(&[Key::F9, Key::Num1]);
    assert_eq!(terminal.field("何に対して"), "");
    terminal.bench.misses("書きかけを戻しました");
    assert!(terminal.bench.cache.draft(&draft_key(&head(), "allergy")).is_none());
    terminal.settle();
    assert!(terminal.entries().is_empty());
}

#[test]
fn the_page_says_in_which_form_something_was_left() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ヨード造影剤");
    terminal.bench.key(Key::Escape);
    terminal.bench.run();
    terminal.bench.sees("書きかけがあります（アレルギー）");
    terminal.bench.key(Key::F2);
    terminal.bench.sees("アレルギー（書きかけ）");
    terminal.bench.key(Key::Num2);
    terminal.keys(&[Key::F9, Key::Num1]);
    terminal.bench.key(Key::Escape);
    terminal.bench.run();
    terminal.bench.misses("書きかけがあります");
}

/// A draft of the blood type builds on what its writer had seen, which was nothing.
#[test]
fn a_draft_never_overwrites_what_came_after_it() {
    let blood = |abo| ProfileValue::BloodType(BloodType { abo: Some(abo), rh: None });
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num7]);
    terminal.bench.key(Key::Num1);
    terminal.bench.key(Key::Escape);
    let mut told = item(1, &head(), blood(Abo::O));
    told.id = ProfileEntry::BLOOD_TYPE;
    terminal.open(with_items(vec![told]));
    terminal.keys(&[Key::F2, Key::Num7]);
    terminal.bench.sees("書きかけを戻しました（");
    terminal.bench.key(Key::F11);
    terminal.settle();
    let entries = terminal.entries();
    assert_eq!((entries[0].item, entries[0].base), (ProfileEntry::BLOOD_TYPE, None));
    terminal.bench.sees("2つの記録があります");
}

#[test]
fn a_pause_in_typing_keeps_the_draft_without_leaving() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ヨード");
    terminal.bench.harness.run_steps(60);
    let kept = terminal.bench.cache.draft(&draft_key(&head(), "allergy")).unwrap();
    assert!(kept.content.to_string().contains("ヨード"), "{}", kept.content);
}

#[test]
fn a_saved_form_leaves_no_draft() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ヨード");
    terminal.bench.harness.run_steps(60);
    terminal.bench.key(Key::F11);
    terminal.settle();
    terminal.bench.harness.run_steps(60);
    assert_eq!(terminal.entries().len(), 1);
    assert!(terminal.bench.cache.draft(&draft_key(&head(), "allergy")).is_none());
    terminal.keys(&[Key::F2, Key::Num2]);
    assert_eq!(terminal.field("何に対して"), "");
    terminal.bench.misses("書きかけを戻しました");
}

#[test]
fn another_patients_card_opens_that_patient_and_saves_nothing() {
    let mut terminal = allergy_form(&head());
    terminal.bench.type_text("ヨード");
    terminal.bench.scan("00942");
    terminal.bench.run();
    assert_eq!(terminal.route(), Route::Patient);
    terminal.bench.sees("患者　和子");
    terminal.bench.misses("ヨード");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert!(terminal.entries().is_empty());
    assert!(terminal.bench.cache.draft(&draft_key(&head(), "allergy")).is_some());
    // Her form is empty, his comes back.
    terminal.bench.scan("00942");
    terminal.keys(&[Key::F2, Key::Num2]);
    assert_eq!(terminal.field("何に対して"), "");
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num2]);
    assert_eq!(terminal.field("何に対して"), "ヨード");
}

#[test]
fn without_a_store_the_form_stays_with_everything_in_it() {
    let forgets = kiosk::local::Handle::in_memory(300);
    let setup = Setup { known: vec![blank()], cache: Some(forgets), ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.give(kiosk::client::Update::SignedIn(crate::support::directors_session()));
    bench.scan("01873");
    bench.run();
    bench.key(Key::F2);
    bench.key(Key::Num2);
    bench.type_text("ヨード");
    bench.key(Key::F11);
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::Entry);
    bench.sees("ヨード");
    assert!(!bench.harness.state().desk().notices.is_empty());
    bench.misses("保存しました");
    assert!(bench.cache.outbox().rows.is_empty());
    assert!(bench.key_enabled("F11 保存する"));
}

#[test]
fn of_several_practitioners_the_days_physician_is_taken_else_one_is_asked_for() {
    let staff = [head(), first_physician()];
    let mut terminal = Terminal::of(&clerk(), &staff);
    // 01873 waits for 医師　一郎 today.
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num2]);
    terminal.bench.sees("医師 一郎 の代行で記録");
    terminal.bench.type_text("そば");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert_eq!(terminal.entries()[0].on_behalf_of, Some(first_physician()));

    let staff = [head(), person(6, "副院長", Role::Practitioner)];
    let mut terminal = Terminal::of(&clerk(), &staff);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num2]);
    terminal.bench.type_text("そば");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert!(terminal.entries().is_empty());
    terminal.bench.sees("選んでください。");
    assert_eq!(terminal.focused().as_deref(), Some("どの医師の代行"));
    terminal.bench.key(Key::Num2);
    terminal.bench.sees("副院長 の代行で記録");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert_eq!(terminal.entries()[0].on_behalf_of, Some(staff[1].clone()));
}

#[test]
fn without_any_practitioner_known_it_is_said_and_the_form_stays() {
    let mut terminal = Terminal::of(&clerk(), &[]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num2]);
    terminal.bench.type_text("そば");
    terminal.bench.key(Key::F11);
    terminal.settle();
    terminal.bench.sees("代行する医師の名前が、まだこの端末にありません。");
    assert_eq!(terminal.field("何に対して"), "そば");
    assert!(terminal.entries().is_empty());
}

#[test]
fn what_a_nurse_has_measured_waits_for_nobody_and_an_administrator_records_nothing() {
    let mut terminal = Terminal::of(&nurse(), &[head()]);
    terminal.open(blank());
    terminal.keys(&[Key::F2, Key::Num1]);
    terminal.bench.misses("の代行で記録");
    terminal.keys(&[Key::Enter, Key::Enter]);
    terminal.bench.type_text("152/88");
    terminal.bench.key(Key::F11);
    terminal.settle();
    assert_eq!(terminal.entries()[0].on_behalf_of, None);
    terminal.bench.sees("血圧　152/88 mmHg");
    terminal.bench.misses("確認待ち　");

    let mut terminal = Terminal::of(&administrator(), &[head()]);
    terminal.open(blank());
    assert!(!terminal.bench.key_enabled("F2 記録する"));
    terminal.bench.key(Key::F2);
    terminal.bench.misses("何を記録しますか");
}

/// His allergy is opened for correction.
fn correction(who: &clinical::Staff, items: Vec<Item>) -> Terminal {
    let mut terminal = Terminal::of(who, &[head()]);
    terminal.open(with_items(items));
    let card = "アレルギー・禁忌 の記録を選ぶ";
    terminal.bench.harness.get_by_label(card).click();
    terminal.bench.run();
    terminal.bench.key(Key::Num1);
    assert_eq!(terminal.route(), Route::Entry);
    terminal
}

#[test]
fn a_correction_begins_with_what_stands_and_builds_on_it() {
    let stands = item(1, &head(), allergy(AllergyCategory::Drug, "ペニシリン系", "発疹"));
    let mut terminal = correction(&head(), vec![stands.clone()]);
    terminal.bench.sees("アレルギーを訂正する");
    assert_eq!(terminal.field("何に対して"), "ペニシリン系");
    assert_eq!(terminal.field("症状"), "発疹");
    terminal.bench.key(Key::F11);
    terminal.bench.sees("変わったところがありません。");
    terminal.keys(&[Key::Enter, Key::Enter]);
    assert_eq!(terminal.focused().as_deref(), Some("症状"));
    terminal.bench.type_text("と熱");
    terminal.bench.key(Key::F11);
    terminal.settle();
    let entries = terminal.entries();
    assert_eq!((entries[0].item, entries[0].base), (stands.id, Some(stands.head)));
    let corrected = allergy(AllergyCategory::Drug, "ペニシリン系", "発疹と熱");
    assert_eq!(*value(&entries[0]), corrected);
    terminal.bench.sees("ペニシリン系（発疹と熱）");
}

#[test]
fn an_item_is_withdrawn_with_a_reason() {
    let stands = item(1, &head(), allergy(AllergyCategory::Drug, "ペニシリン系", "発疹"));
    let mut terminal = correction(&head(), vec![stands.clone()]);
    terminal.bench.key(Key::F7);
    terminal.bench.sees("取り消す理由");
    terminal.bench.key(Key::Num1);
    terminal.settle();
    terminal.bench.run();
    let entries = terminal.entries();
    assert_eq!(entries[0].act, Act::Withdraw);
    assert_eq!(entries[0].base, Some(stands.head));
    assert_eq!(entries[0].reason, "入力まちがい");
    assert_eq!(terminal.route(), Route::Patient);
    terminal.bench.misses("ペニシリン系");
}

#[test]
fn a_measurement_shows_the_last_value_beside_its_field() {
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![item(1, &head(), weight(684))]));
    terminal.keys(&[Key::F2, Key::Num1]);
    terminal.bench.sees("前回 68.4 kg（10/25）");
}

#[test]
fn escape_answers_the_question_before_it_takes_a_notice_away() {
    let forgets = kiosk::local::Handle::in_memory(300);
    let setup = Setup { known: vec![blank()], cache: Some(forgets), ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.give(kiosk::client::Update::SignedIn(crate::support::directors_session()));
    bench.scan("01873");
    bench.run();
    bench.key(Key::F2);
    bench.key(Key::Num1);
    bench.key(Key::Enter);
    bench.type_text("684");
    bench.key(Key::F11);
    bench.key(Key::Enter);
    bench.run();
    let notices = bench.harness.state().desk().notices.clone();
    assert_eq!(notices.len(), 1, "not saved: {notices:?}");
    bench.key(Key::F11);
    bench.sees("このまま保存しますか。");
    bench.key(Key::Escape);
    bench.misses("このまま保存しますか。");
    assert_eq!(bench.harness.state().desk().notices, notices);
    assert!(bench.harness.get_by_label("体重").is_focused());
    assert_eq!(bench.harness.state().route(), Route::Entry);
}

#[test]
fn every_form_can_be_typed_into_in_every_look() {
    use kiosk::config::{Lang, Theme};
    for (lang, scale, theme) in [
        (Lang::Ja, 100, Theme::Light),
        (Lang::Ja, 200, Theme::Contrast),
        (Lang::En, 100, Theme::Contrast),
        (Lang::En, 200, Theme::Light),
    ] {
        let setup = Setup { lang, scale, theme, ..Setup::default() };
        let staff = [head(), person(6, "副院長", Role::Practitioner)];
        let mut terminal = Terminal::with(&setup, &clerk(), &staff, receptions());
        terminal.open(blank());
        let window = egui::Rect::from_min_size(
            egui::Pos2::ZERO,
            egui::vec2(1280.0, 800.0) * 100.0 / scale as f32,
        );
        let digits = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
            Key::Num8,
            Key::Num9,
        ];
        for digit in digits {
            terminal.keys(&[Key::F2, digit]);
            terminal.bench.run();
            assert_eq!(terminal.route(), Route::Entry, "{lang:?} {scale} {digit:?}");
            // Through all fields, each of which comes into sight, to the button that saves.
            let save = kiosk::i18n::t(lang, "key.save");
            for _ in 0..12 {
                let focused = terminal.focused().expect("the keyboard stands somewhere");
                let at = terminal.bench.harness.get_all_by_label(&focused);
                let at = at.map(|node| node.rect()).reduce(egui::Rect::union).unwrap();
                let keys = terminal.bench.harness.get_by_label_contains("F1 ").rect().top();
                let seen = at.top() < keys - 24.0 && at.bottom() > 24.0 && window.intersects(at);
                assert!(seen, "{lang:?} {scale} {digit:?} {focused}: {at}");
                if focused == save {
                    break;
                }
                terminal.bench.key(Key::Enter);
                terminal.bench.run();
            }
            assert_eq!(terminal.focused().as_deref(), Some(save), "{digit:?}");
            terminal.bench.key(Key::F2);
            assert_eq!(terminal.route(), Route::Patient, "{lang:?} {scale} {digit:?}");
        }
    }
}

#[test]
fn at_twice_the_size_all_nine_forms_can_be_touched_without_scrolling() {
    let setup = Setup { scale: 200, ..Setup::default() };
    let mut terminal = Terminal::with(&setup, &head(), &[head()], receptions());
    terminal.open(blank());
    terminal.bench.key(Key::F2);
    let keys = terminal.bench.harness.get_by_label("F11 決める").rect();
    for words in [
        "測定",
        "アレルギー",
        "禁忌薬",
        "感染症",
        "既往歴",
        "予防接種",
        "血液型",
        "要介護度",
        "障害",
    ] {
        let buttons =
            terminal.bench.harness.get_all_by_role_and_label(egui::accesskit::Role::Button, words);
        let rects: Vec<_> = buttons.map(|node| node.rect()).collect();
        assert!(
            rects.iter().any(|rect| rect.height() >= 56.0 && rect.bottom() <= keys.top()),
            "{words}: {rects:?}"
        );
    }
}
