//! Profile items for the tests, and what happens to entries on the patient's page: what counts at once, what
//! somebody else had written first.

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::patients::PatientView;
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Item, Measurement, MeasurementValue, Outcome,
    ProfileEntry, ProfileValue, Source, Tenths, Version,
};
use clinical::{SafetyKind, SafetyRemark, Staff};
use egui::Key;
use kiosk::client::Update;
use kiosk::local::{Confirm, RowPatient};
use uuid::Uuid;

use crate::support::{
    Bench, NOW, Setup, clerk, director, directors_session, number, receptions, view,
};

/// An item's or a version's name.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A drug allergy.
pub fn allergy(text: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Drug,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: "発疹".to_owned(),
        onset: None,
        informant: None,
    })
}

/// A weight, in tenths of a kilogram.
pub fn weight(tenths: u32) -> ProfileValue {
    ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Weight(Tenths(tenths)),
        measured_at: NOW.parse().unwrap(),
    })
}

/// An entry that gives an item a content.
pub fn record(patient: &str, item: u128, base: Option<u128>, value: ProfileValue) -> ProfileEntry {
    ProfileEntry {
        patient: number(patient),
        item: id(item),
        base: base.map(id),
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}

/// A version that the cloud has stored.
pub fn version(n: u128, entry: ProfileEntry, author: Staff) -> Version {
    let at = NOW.parse().unwrap();
    let terminal = "uketsuke-1".to_owned();
    Version { id: id(n), entry, author, terminal, entered_at: at, stored_at: Some(at) }
}

/// The item that these versions make.
pub fn item(versions: &[Version]) -> Item {
    let mut items = Vec::new();
    for version in versions {
        Item::apply(&mut items, version).unwrap();
    }
    items.remove(0)
}

/// An allergy that the clerk has entered for the practitioner.
pub fn clerks_allergy(n: u128, patient: &str, text: &str) -> Item {
    let entry =
        ProfileEntry { on_behalf_of: Some(director()), ..record(patient, n, None, allergy(text)) };
    item(&[version(n + 1000, entry, clerk())])
}

/// The patient of the second reception, with this profile.
pub fn with_profile(profile: Vec<Item>) -> PatientView {
    let view = view("01873", "厚労　太郎", "コウロウ　タロウ");
    PatientView { profile, ..view }
}

/// The patient of the second reception on the screen.
pub fn opened(profile: Vec<Item>) -> Bench {
    let setup = Setup { known: vec![with_profile(profile)], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.scan("01873");
    bench.run();
    bench
}

/// Something confirmed on this terminal, as from a form.
pub fn confirm(bench: &mut Bench, author: &Staff, entry: ProfileEntry) -> Uuid {
    let patient = RowPatient {
        number: Some(entry.patient.clone()),
        name: view("01873", "厚労　太郎", "コウロウ　タロウ").patient.name,
    };
    let entry = Entry {
        id: Uuid::now_v7(),
        entered_at: NOW.parse().unwrap(),
        content: EntryContent::Profile { entry },
    };
    let id = entry.id;
    let author = author.account;
    bench.cache.confirm(Confirm { author, entry, patient, draft: None, replaces: None });
    bench.until("the row", |bench| bench.harness.state().desk().outbox.row(id).is_some());
    id
}

fn profile_entry(content: &EntryContent) -> &ProfileEntry {
    match content {
        EntryContent::Profile { entry } => entry,
        _ => panic!("{content:?}"),
    }
}

#[test]
fn a_confirmed_allergy_stands_in_red_before_it_is_sent_and_never_goes_out_on_its_way() {
    let mut bench = opened(Vec::new());
    bench.misses("セフェム系");
    let row = confirm(&mut bench, &clerk(), record("01873", 5, None, allergy("セフェム系")));
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    let row = bench.harness.state().desk().outbox.row(row).unwrap().clone();
    let mut stored = row.entry.clone();
    let entry = profile_entry(&stored.content).clone();
    stored.id = row.id;
    let stands = Box::new(item(&[Version { id: row.id, ..version(1, entry, clerk()) }]));
    let result = EntryResult::Profile { outcome: Outcome::Stands, item: stands };
    let stored_at = NOW.parse().unwrap();
    let receipt = Receipt { id: row.id, hash: row.hash.clone(), stored_at, result };
    // The row leaves the outbox before the window hears of the receipt.
    bench.cache.received(&receipt).unwrap();
    bench.harness.step();
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    bench.give(Update::Receipt(Box::new(receipt), Box::new((*row).clone())));
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    bench.misses("送信待ち");
}

/// What the cloud will not take is not said to be on its way.
#[test]
fn a_refused_entry_stands_on_the_page_as_such() {
    let mut bench = opened(Vec::new());
    let row = confirm(&mut bench, &clerk(), record("01873", 5, None, allergy("セフェム系")));
    bench.sees("送信待ち");
    let row = bench.harness.state().desk().outbox.row(row).unwrap().clone();
    bench.refuse(&row, api::ErrorCode::Invalid);
    bench.sees("未送信・要確認（F10）");
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    bench.ctrl(Key::H);
    bench.sees("未送信・要確認（F10）");
}

#[test]
fn who_was_second_is_told_what_the_first_wrote_and_chooses_with_f9() {
    let first = version(50, record("01873", 5, None, allergy("セフェム系")), director());
    let standing = item(std::slice::from_ref(&first));
    let mut bench = opened(vec![standing]);
    // The clerk's correction builds on a version that is no longer the head.
    let other = version(51, record("01873", 5, Some(50), allergy("ペニシリン系")), director());
    let mine = record("01873", 5, Some(50), allergy("マクロライド系"));
    let mine = ProfileEntry { on_behalf_of: Some(director()), ..mine };
    let row = confirm(&mut bench, &clerk(), mine.clone());
    let row = bench.harness.state().desk().outbox.row(row).unwrap().clone();
    let own = Version { id: row.id, ..version(1, mine, clerk()) };
    let stands = Box::new(item(&[first, other, own]));
    let result = EntryResult::Profile { outcome: Outcome::Rival, item: stands };
    bench.receipt(&row, result);
    bench.sees("院長 さんが先に「ペニシリン系（発疹）」と記録していました");
    bench.sees("両方とも残してあります");
    // Both stand in red until somebody has chosen.
    bench.sees("薬剤アレルギー　ペニシリン系（発疹）");
    bench.sees("薬剤アレルギー　マクロライド系（発疹）");
    assert!(bench.key_enabled("F9 食い違い"));
    bench.key(Key::F9);
    bench.sees("薬剤アレルギー：どちらを残しますか");
    bench.sees("ペニシリン系（発疹）\n院長 さんの記録　9:42");
    bench.sees("マクロライド系（発疹）\nあなたの記録　9:42");
    bench.key(Key::Num1);
    let rows = bench.kept(1);
    let entry = profile_entry(&rows[0].entry.content);
    assert_eq!((&entry.act, entry.base, entry.settles), (&Act::Keep, Some(id(51)), Some(row.id)));
    bench.misses("マクロライド系");
    bench.sees("保存しました");
}

/// The receipt came before anybody had signed in, or while the program was not running.
#[test]
fn who_was_second_is_told_at_the_next_sign_in_until_somebody_has_chosen() {
    let first = version(50, record("01873", 5, None, allergy("セフェム系")), director());
    let other = version(51, record("01873", 5, Some(50), allergy("ペニシリン系")), director());
    let mine = record("01873", 5, Some(50), allergy("マクロライド系"));
    let mine = ProfileEntry { on_behalf_of: Some(director()), ..mine };
    let rival = version(52, mine, clerk());
    let standing = item(&[first, other, rival]);
    let known = with_profile(vec![standing]);
    let setup = Setup { known: vec![known], ..Setup::default() };
    let mut bench = Bench::new(&setup);
    bench.misses("先に");
    // It is not the practitioner's entry.
    bench.sign_in(directors_session());
    bench.misses("先に");
    bench.sign_in(crate::support::session());
    bench.sees("院長 さんが先に「ペニシリン系（発疹）」と記録していました");
    bench.sees("患者を開き、F9 で選んでください");
    bench.cache.remember_patient(with_profile(Vec::new()));
    bench.sign_in(crate::support::session());
    bench.misses("先に");
}

/// What happened to an entry of somebody who has gone is told when that person comes back, and to nobody before.
#[test]
fn a_receipt_that_comes_while_nobody_is_there_is_told_to_its_author() {
    let first = version(50, record("01873", 5, None, allergy("セフェム系")), director());
    let mut bench = opened(vec![item(std::slice::from_ref(&first))]);
    let other = version(51, record("01873", 5, Some(50), allergy("ペニシリン系")), director());
    let mine = record("01873", 5, Some(50), allergy("マクロライド系"));
    let mine = ProfileEntry { on_behalf_of: Some(director()), ..mine };
    let row = confirm(&mut bench, &clerk(), mine.clone());
    let row = bench.harness.state().desk().outbox.row(row).unwrap().clone();
    let own = Version { id: row.id, ..version(1, mine, clerk()) };
    let stands = Box::new(item(&[first, other, own]));
    bench.key(Key::F12);
    bench.receipt(&row, EntryResult::Profile { outcome: Outcome::Rival, item: stands });
    bench.misses("先に");
    bench.sign_in(crate::support::session());
    bench.sees("院長 さんが先に「ペニシリン系（発疹）」と記録していました");
}

#[test]
fn taking_the_rival_records_it_anew_on_top_of_what_stands() {
    let first = version(50, record("01873", 5, None, allergy("セフェム系")), director());
    let other = version(51, record("01873", 5, Some(50), allergy("ペニシリン系")), director());
    let rival = version(52, record("01873", 5, Some(50), allergy("マクロライド系")), director());
    let standing = item(&[first, other, rival]);
    let mut bench = opened(vec![standing]);
    bench.sign_in(directors_session());
    bench.scan("01873");
    bench.run();
    bench.key(Key::F9);
    bench.key(Key::Num2);
    let rows = bench.kept(1);
    let entry = profile_entry(&rows[0].entry.content);
    assert_eq!((entry.base, entry.settles), (Some(id(51)), Some(id(52))));
    let Act::Record { value, .. } = &entry.act else { panic!("{entry:?}") };
    assert_eq!(*value, allergy("マクロライド系"));
    assert_eq!(entry.on_behalf_of, None);
}

#[test]
fn a_clerk_can_not_put_a_practitioner_s_record_away() {
    let first = version(50, record("01873", 5, None, allergy("セフェム系")), director());
    let other = version(51, record("01873", 5, Some(50), allergy("ペニシリン系")), director());
    let rival = version(52, record("01873", 5, Some(50), allergy("マクロライド系")), director());
    let mut bench = opened(vec![item(&[first, other, rival])]);
    bench.key(Key::F9);
    bench.key(Key::Num1);
    assert!(bench.cache.settle(std::time::Duration::from_mins(1)));
    assert!(bench.kept(0).is_empty());
}

#[test]
fn a_remark_of_the_receipt_computer_is_taken_over_with_one_key() {
    let mut known = with_profile(Vec::new());
    known.patient.safety =
        vec![SafetyRemark {
            kind: SafetyKind::Allergy, text: "そば".to_owned(), drug_code: None
        }];
    let setup = Setup { known: vec![known], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.scan("01873");
    bench.run();
    bench.touch("レセコンの注意事項を取り込む");
    let rows = bench.kept(1);
    let entry = profile_entry(&rows[0].entry.content);
    assert!(matches!(entry.act, Act::Record { source: Source::ReceiptComputer, .. }));
    assert_eq!(entry.on_behalf_of, Some(director()));
    bench.sees("保存しました");
    bench.misses("レセコンの注意事項を取り込む");
}
