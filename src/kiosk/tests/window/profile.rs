//! The profile on the patient's page and in the strip.

use clinical::profile::{
    Act, AllergyCategory, CareLevel, CareLevelCertificate, Contraindication, Infection,
    InfectionKind as Kind, InfectionResult, Item, MeasurementValue, ProfileValue, Severity, Source,
    Tenths,
};
use clinical::{SafetyKind, SafetyRemark};
use egui::Key;
use egui_kittest::kittest::Queryable;
use jiff::civil::date;
use kiosk::app::Route;
use uuid::Uuid;

use crate::desk::{
    Terminal, allergy, blank, clerk, head, item, measured, nurse, version, weight, with_items,
};

fn remark(kind: SafetyKind, text: &str) -> SafetyRemark {
    SafetyRemark { kind, text: text.to_owned(), drug_code: None }
}

/// How often a text stands in the words of the screen.
fn count(terminal: &Terminal, words: &str) -> usize {
    terminal.bench.words().lines().filter(|line| *line == words).count()
}

#[test]
fn the_cards_show_value_day_author_and_source() {
    let pressure = measured(MeasurementValue::BloodPressure { systolic: 152, diastolic: 88 });
    let drug = ProfileValue::Contraindication(Contraindication {
        drug: "NSAIDs".to_owned(),
        drug_code: None,
        reason: "喘息".to_owned(),
    });
    let items = vec![
        item(1, &head(), drug),
        item(2, &nurse(), pressure),
        item(3, &nurse(), measured(MeasurementValue::Height(Tenths(1650)))),
        item(4, &nurse(), weight(684)),
    ];
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(items));
    for words in [
        "禁忌　NSAIDs（喘息）",
        "10/25 院内 院長",
        "血圧　152/88 mmHg　10/25 看護師",
        "体重　68.4 kg",
        "BMI　25.1　計算値",
        "既往歴・障害",
        "予防接種",
    ] {
        terminal.bench.sees(words);
    }
    terminal.bench.misses("送信待ち");
    terminal.bench.misses("確認待ち　");
}

#[test]
fn a_certificate_that_has_run_out_says_so() {
    let certificate = |from, to| {
        ProfileValue::CareLevel(CareLevelCertificate {
            level: CareLevel::Care2,
            valid_from: from,
            valid_to: Some(to),
        })
    };
    let mut terminal = Terminal::of(&head(), &[head()]);
    let old = item(1, &head(), certificate(date(2023, 4, 1), date(2025, 3, 31)));
    terminal.open(with_items(vec![old.clone()]));
    terminal.bench.sees("要介護度　要介護2　期限切れ R7.3.31");
    let new = item(2, &head(), certificate(date(2025, 4, 1), date(2028, 3, 31)));
    terminal.open(with_items(vec![new, old]));
    terminal.bench.sees("要介護度　要介護2　R10.3.31 まで");
    terminal.bench.misses("期限切れ");
}

#[test]
fn a_certificate_that_does_not_hold_yet_says_so() {
    let next = ProfileValue::CareLevel(CareLevelCertificate {
        level: CareLevel::Support1,
        valid_from: date(2026, 12, 1),
        valid_to: Some(date(2028, 11, 30)),
    });
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![item(1, &head(), next)]));
    terminal.bench.sees("要介護度　要支援1　12/1 から（まだ始まっていません）");
}

#[test]
fn a_positive_infection_is_not_lost_under_negative_ones() {
    let infection = |n: u128, kind, result, day| {
        let tested_on = Some(date(2026, 11, day));
        let (name, note) = (String::new(), String::new());
        let value = ProfileValue::Infection(Infection { kind, name, result, tested_on, note });
        item(n, &head(), value)
    };
    let negative = [Kind::Hbv, Kind::Hcv, Kind::Hiv, Kind::Syphilis, Kind::Tuberculosis];
    let mut items: Vec<Item> = (2..)
        .zip(negative)
        .map(|(n, kind)| infection(n, kind, InfectionResult::Negative, 20))
        .collect();
    items.push(infection(1, Kind::Mrsa, InfectionResult::Positive, 1));
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(items));
    terminal.bench.sees("MRSA　陽性");
    terminal.bench.sees("ほか 1 件");
}

#[test]
fn a_severe_allergy_is_said_to_be_so_in_the_strip_and_on_the_card() {
    let mut severe = allergy(AllergyCategory::Food, "そば", "呼吸困難");
    if let ProfileValue::Allergy(allergy) = &mut severe {
        allergy.severity = Some(Severity::High);
    }
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![item(1, &head(), severe)]));
    let words = "食物アレルギー　そば（重い・呼吸困難）";
    assert_eq!(count(&terminal, words), 1);
    terminal.bench.sees(&format!("{words}　10/25 院内 院長"));
}

#[test]
fn the_strip_says_a_danger_once_and_what_of_it_waits() {
    let mut view = with_items(vec![
        item(1, &head(), allergy(AllergyCategory::Drug, "ペニシリン系", "発疹")),
        item(2, &clerk(), allergy(AllergyCategory::Food, "そば", "")),
    ]);
    view.patient.safety = vec![
        remark(SafetyKind::Allergy, "ペニシリン系（発疹）"),
        remark(SafetyKind::Contraindication, "ＮＳＡＩＤｓ（喘息）"),
    ];
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(view);
    assert_eq!(count(&terminal, "薬剤アレルギー　ペニシリン系（発疹）"), 1);
    assert_eq!(count(&terminal, "アレルギー　ペニシリン系（発疹）"), 0);
    assert_eq!(count(&terminal, "食物アレルギー　そば（確認待ち）"), 1);
    assert_eq!(count(&terminal, "禁忌　ＮＳＡＩＤｓ（喘息）"), 1);
}

#[test]
fn a_changed_danger_keeps_the_confirmed_one_in_red_beside_it() {
    let mut stands = item(1, &head(), allergy(AllergyCategory::Drug, "ペニシリン系", "発疹"));
    let mut change = version(1, &clerk(), Some(head()), allergy(AllergyCategory::Drug, "なし", ""));
    change.id = Uuid::from_u128(2000);
    change.entry.base = Some(stands.head);
    stands.step(&change).unwrap();
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![stands]));
    assert_eq!(count(&terminal, "薬剤アレルギー　ペニシリン系（発疹）"), 1);
    assert_eq!(count(&terminal, "薬剤アレルギー　なし（確認待ち）"), 1);
    terminal.bench.sees("これまで ペニシリン系（発疹）");
}

#[test]
fn one_key_takes_the_receipt_computers_remark_over() {
    let mut view = blank();
    view.patient.safety = vec![
        remark(SafetyKind::Allergy, "ペニシリン系（発疹）"),
        remark(SafetyKind::Comment, "耳が遠い"),
    ];
    let mut terminal = Terminal::of(&clerk(), &[head()]);
    terminal.open(view);
    terminal.bench.sees("アレルギー　ペニシリン系（発疹）　レセコン");
    terminal.bench.touch("レセコンの注意事項を取り込む");
    terminal.settle();
    let entries = terminal.entries();
    assert_eq!(entries.len(), 1);
    assert!(matches!(entries[0].act, Act::Record { source: Source::ReceiptComputer, .. }));
    assert_eq!(entries[0].on_behalf_of, Some(head()));
    assert_eq!(terminal.route(), Route::Patient);
    terminal.bench.misses("レセコンの注意事項を取り込む");
    // It stands once, now as a record of the clinic; the comment has no place there and stays.
    assert_eq!(count(&terminal, "アレルギー　ペニシリン系（発疹）"), 0);
    terminal.bench.sees("（確認待ち）");
    terminal.bench.sees("コメント　耳が遠い　レセコン");
}

#[test]
fn of_several_remarks_one_is_chosen() {
    let mut view = blank();
    view.patient.safety =
        vec![remark(SafetyKind::Allergy, "そば"), remark(SafetyKind::Infection, "ＨＢｓ抗原陽性")];
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(view);
    terminal.bench.touch("レセコンの注意事項を取り込む");
    terminal.bench.sees("どれを取り込みますか");
    terminal.bench.key(Key::Num2);
    terminal.settle();
    let entries = terminal.entries();
    assert_eq!(entries.len(), 1);
    let infection =
        |act: &Act| matches!(act, Act::Record { value: ProfileValue::Infection(_), .. });
    assert!(infection(&entries[0].act));
    // The other one is still there to be taken over.
    terminal.bench.sees("レセコンの注意事項を取り込む");
}

#[test]
fn a_practitioner_confirms_on_the_page_with_one_touch() {
    let waits = item(1, &clerk(), allergy(AllergyCategory::Food, "そば", ""));
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![waits.clone()]));
    terminal.bench.sees("受付係 → 院長");
    terminal.bench.harness.get_by_label("確認する").click();
    terminal.bench.run();
    terminal.settle();
    let entries = terminal.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0].act, entries[0].base), (&Act::Confirm, Some(waits.head)));
    assert_eq!(count(&terminal, "食物アレルギー　そば"), 1);
    terminal.bench.misses("（確認待ち）");
}

#[test]
fn nobody_else_is_offered_to_confirm() {
    let waits = item(1, &clerk(), allergy(AllergyCategory::Food, "そば", ""));
    let mut terminal = Terminal::of(&nurse(), &[head()]);
    terminal.open(with_items(vec![waits]));
    terminal.bench.sees("（確認待ち）");
    assert!(terminal.bench.harness.query_by_label("確認する").is_none());
}

#[test]
fn two_records_of_one_thing_are_told_and_offered_to_choose() {
    let mut stands: Item = item(1, &head(), weight(684));
    let mut rival = version(1, &nurse(), None, weight(694));
    rival.id = Uuid::from_u128(2000);
    rival.entry.base = Some(Uuid::from_u128(77));
    stands.step(&rival).unwrap();
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(vec![stands]));
    terminal.bench.sees("体重に 2つの記録があります。");
    terminal.bench.sees("2つの記録");
    assert!(terminal.bench.key_enabled("F9 食い違い"));
    terminal.bench.key(Key::F9);
    terminal.bench.sees("69.4 kg");
}

#[test]
fn a_touched_card_offers_what_can_be_done_with_its_items() {
    let items = vec![
        item(1, &head(), allergy(AllergyCategory::Drug, "ペニシリン系", "発疹")),
        item(2, &head(), allergy(AllergyCategory::Food, "そば", "")),
    ];
    let mut terminal = Terminal::of(&head(), &[head()]);
    terminal.open(with_items(items));
    terminal.bench.harness.get_by_label("アレルギー・禁忌 の記録を選ぶ").click();
    terminal.bench.run();
    terminal.bench.sees("どの記録ですか");
    // The latest first: そば, then ペニシリン系.
    terminal.bench.key(Key::Num2);
    terminal.bench.key(Key::Num2);
    terminal.bench.sees("取り消す理由");
    terminal.bench.key(Key::Num2);
    terminal.settle();
    let entries = terminal.entries();
    assert_eq!((entries[0].item, &entries[0].act), (Uuid::from_u128(1), &Act::Withdraw));
}
