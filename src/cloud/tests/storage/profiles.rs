//! Profiles: versions are kept, items follow, and who comes second is told.

use api::EventKind;
use clinical::profile::{
    Act, Item, Outcome, ProfileEntry, ProfileKind, ProfileValue, SHOWN_PER_KIND, Vaccination,
};
use clinical::{PatientNumber, Role};
use cloud::store::StoreError;
use jiff::SignedDuration;
use jiff::civil::date;

use crate::hands::{
    about, allergy, clerk, correct, doctor, for_the, hand, nurse, of, record, weight, with_patients,
};
use crate::harness::{Place, start_of_tests};
use crate::people::number;

use Outcome::{Overtaken, Rival, Stands};

async fn page(place: &Place, n: u32) -> Vec<Item> {
    place.store.patient_view(&place.link, &number(n)).await.unwrap().profile
}

async fn outcomes(place: &Place) -> Vec<Outcome> {
    let history = place.store.history(&place.link, &number(1)).await.unwrap();
    history.versions.iter().map(|entry| entry.outcome).collect()
}

pub async fn a_clerks_entry_is_confirmed_and_the_history_names_both(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let put = desk.put(place, for_the(&isha, record(allergy("ペニシリン系")))).await;
    assert_eq!((put.outcome, put.item.awaits), (Stands, true));
    assert_eq!(page(place, 1).await, std::slice::from_ref(&put.item), "it counts at once");
    let waits = place.store.confirmations(isha.actor()).await.unwrap();
    assert_eq!((waits.total, waits.waiting.len()), (1, 1));
    assert_eq!((&waits.waiting[0].number, &waits.waiting[0].item), (&number(1), &put.item));
    assert_eq!(waits.waiting[0].name, crate::people::patient(1).name);
    let done = isha.put(place, about(&put.item, Act::Confirm)).await;
    assert_eq!((done.outcome, done.item.awaits), (Stands, false));
    let waits = place.store.confirmations(isha.actor()).await.unwrap();
    assert_eq!((waits.total, waits.waiting.len()), (0, 0));
    let history = place.store.history(&place.link, &number(1)).await.unwrap();
    let named: Vec<(Role, Option<&str>)> = history
        .versions
        .iter()
        .map(|entry| {
            let behalf = entry.version.entry.on_behalf_of.as_ref().map(|s| s.name.as_str());
            (entry.version.author.role, behalf)
        })
        .collect();
    assert_eq!(named, [(Role::Receptionist, Some("isha 様")), (Role::Practitioner, None)]);
    assert_eq!(history.versions[0].version.stored_at, Some(start_of_tests()));
    // Confirming it a second time is too late and harms nothing.
    let again = isha.put(place, about(&put.item, Act::Confirm)).await;
    assert_eq!((again.outcome, again.item), (Overtaken, done.item));
}

pub async fn two_who_change_the_same_item_are_both_kept(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let fukuin = hand(place, "fukuin", Role::Practitioner).await;
    let first = isha.put(place, record(allergy("ペニシリン系"))).await;
    let one = isha.put(place, correct(&first.item, allergy("アモキシシリン"))).await;
    let two = fukuin.put(place, correct(&first.item, allergy("セフェム系"))).await;
    assert_eq!((one.outcome, two.outcome), (Stands, Rival));
    assert_eq!(two.item.content, one.item.content, "what stands goes on standing");
    assert_eq!(two.item.rivals.len(), 1);
    assert_eq!(two.item.rivals[0].author, fukuin.staff());
    // Who wrote the same is told that it stands so already.
    let same = fukuin.put(place, correct(&first.item, allergy("アモキシシリン"))).await;
    assert_eq!(same.outcome, Overtaken);
    // Deciding for the other one.
    let mine =
        ProfileEntry { settles: Some(two.id), ..correct(&two.item, allergy("セフェム系")) };
    let settled = fukuin.put(place, mine).await;
    assert_eq!((settled.outcome, settled.item.rivals.len()), (Stands, 0));
    assert_eq!(settled.item.content.value, allergy("セフェム系"));
    // A second choice about the same rival finds it gone.
    let late = ProfileEntry { settles: Some(two.id), ..about(&settled.item, Act::Keep) };
    let late = isha.put(place, late).await;
    assert_eq!(
        (late.outcome, late.item.content.clone()),
        (Overtaken, settled.item.content.clone())
    );
    assert_eq!(outcomes(place).await, [Stands, Stands, Rival, Overtaken, Stands, Overtaken]);
    assert_eq!(page(place, 1).await, [settled.item]);
}

pub async fn different_items_never_conflict(place: &Place) {
    with_patients(place).await;
    let (isha, kango) = (doctor(place).await, nurse(place).await);
    for turn in 0..5 {
        let one = isha.put(place, record(allergy(&format!("薬{turn}")))).await;
        let two = kango.put(place, record(weight(600 + turn, i64::from(turn)))).await;
        let three = isha.put(place, of(number(2), record(allergy("卵")))).await;
        for put in [one, two, three] {
            assert_eq!((put.outcome, put.item.rivals.len()), (Stands, 0));
        }
    }
    assert_eq!((page(place, 1).await.len(), page(place, 2).await.len()), (10, 5));
}

pub async fn a_withdrawal_is_a_version(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let put = isha.put(place, record(allergy("ペニシリン系"))).await;
    let asked = desk.put(place, for_the(&isha, about(&put.item, Act::Withdraw))).await;
    assert_eq!((asked.outcome, asked.item.awaits), (Stands, true));
    assert_eq!(
        page(place, 1).await,
        std::slice::from_ref(&asked.item),
        "it counts until confirmed"
    );
    assert_eq!(place.store.confirmations(isha.actor()).await.unwrap().total, 1);
    let gone = isha.put(place, about(&asked.item, Act::Confirm)).await;
    assert!(gone.item.is_gone());
    assert!(page(place, 1).await.is_empty());
    assert_eq!(place.store.confirmations(isha.actor()).await.unwrap().total, 0);
    let history = place.store.history(&place.link, &number(1)).await.unwrap();
    assert_eq!(history.versions.len(), 3, "and nothing of it is lost");
    assert_eq!(history.versions[1].version.entry.reason, "取り違え");
    let back = isha.put(place, correct(&gone.item, allergy("ペニシリン系"))).await;
    assert_eq!(page(place, 1).await, [back.item]);
}

pub async fn entries_made_while_the_line_was_cut_build_on_each_other(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let put = isha.put(place, record(allergy("ペニシリン系"))).await;
    // The terminal computes each item by the same rule and goes on from it, with no answer in between.
    let mut items = vec![put.item.clone()];
    let mut offline = Vec::new();
    for text in ["アモキシシリン", "アモキシシリン 250mg", "アモキシシリン全般"]
    {
        let entry = crate::hands::profile(for_the(&isha, correct(&items[0], allergy(text))));
        Item::apply(&mut items, &version(&desk, &entry)).unwrap();
        offline.push(entry);
    }
    // Meanwhile somebody else changed the item.
    let other = isha.put(place, correct(&put.item, allergy("ペニシリン"))).await;
    for entry in &offline {
        desk.send(&place.store, entry).await.unwrap();
    }
    let stands = page(place, 1).await.remove(0);
    assert_eq!(stands.content, other.item.content);
    // The whole chain is one rival, its last link: nobody is asked three times.
    assert_eq!(stands.rivals.len(), 1);
    assert_eq!(stands.rivals[0].id, offline[2].id);
    assert_eq!(outcomes(place).await.len(), 5);
}

fn version(author: &crate::hands::Hand, entry: &api::entries::Entry) -> clinical::profile::Version {
    let api::entries::EntryContent::Profile { entry: told } = &entry.content else { panic!() };
    clinical::profile::Version {
        id: entry.id,
        entry: told.clone(),
        author: author.staff(),
        terminal: "受付1".to_owned(),
        entered_at: entry.entered_at,
        stored_at: None,
    }
}

pub async fn a_page_shows_the_latest_of_what_has_no_end(place: &Place) {
    with_patients(place).await;
    let (isha, kango, desk) = (doctor(place).await, nurse(place).await, clerk(place).await);
    // Many weights, several of the same moment, in no order; one very old that still waits.
    let mut all = Vec::new();
    all.push(desk.put(place, for_the(&isha, record(weight(500, 60 * 24 * 900)))).await.item);
    for n in 0..30_u32 {
        let minutes = i64::from(n * 7 % 30) / 2 * 60;
        all.push(kango.put(place, record(weight(600 + n, minutes))).await.item);
    }
    for n in 0..15_i8 {
        let vaccine = ProfileValue::Vaccination(Vaccination {
            vaccine: "インフルエンザHAワクチン".to_owned(),
            lot: String::new(),
            given_on: date(2010 + i16::from(n), 11, 1),
            dose: None,
        });
        all.push(isha.put(place, record(vaccine)).await.item);
        all.push(isha.put(place, record(allergy(&format!("薬{n}")))).await.item);
    }
    let gone = isha.put(place, record(allergy("取消"))).await.item;
    all.push(isha.put(place, about(&gone, Act::Withdraw)).await.item);
    let shown = page(place, 1).await;
    assert_eq!(shown, clinical::profile::shown(all, SHOWN_PER_KIND));
    let count = |kind| shown.iter().filter(|item| item.kind() == kind).count();
    assert_eq!(count(ProfileKind::Weight), SHOWN_PER_KIND + 1);
    assert_eq!(count(ProfileKind::Vaccination), SHOWN_PER_KIND);
    assert_eq!(count(ProfileKind::Allergy), 15);
}

pub async fn what_waits_is_listed_oldest_first(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let mut expected = Vec::new();
    for n in 0..6_u32 {
        let told = for_the(&isha, of(number(1 + n % 3), record(allergy(&format!("薬{n}")))));
        // Entered at all hours, arriving in another order.
        let after = SignedDuration::from_mins(i64::from(n * 5 % 6));
        let entry = api::entries::Entry {
            entered_at: start_of_tests() - SignedDuration::from_hours(3) + after,
            ..crate::hands::profile(told)
        };
        desk.send(&place.store, &entry).await.unwrap();
        expected.push((entry.entered_at, number(1 + n % 3)));
    }
    expected.sort();
    let waits = place.store.confirmations(isha.actor()).await.unwrap();
    let listed: Vec<_> =
        waits.waiting.iter().map(|w| (w.item.content.entered_at, w.number.clone())).collect();
    assert_eq!((waits.total, listed), (6, expected));
}

pub async fn each_version_is_an_event_that_names_things_alone(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let before = place.events().await.len();
    let spelled = PatientNumber::parse("0000001").unwrap();
    let put = isha.put(place, of(spelled, record(allergy("ペニシリン系")))).await;
    let late = ProfileEntry { base: None, ..correct(&put.item, allergy("セフェム系")) };
    isha.put(place, late).await;
    let told: Vec<EventKind> =
        place.events().await.into_iter().skip(before).map(|event| event.kind).collect();
    let changed = EventKind::ProfileChanged { number: number(1), item: put.item.id };
    assert_eq!(told, [changed.clone(), changed]);
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains("ペニシリン"));
    assert_eq!(page(place, 1).await.len(), 1, "whatever padding");
}

pub async fn a_history_keeps_the_order_of_storing(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let nothing = place.store.history(&place.link, &number(1)).await.unwrap();
    assert_eq!((nothing.number, nothing.versions.len()), (number(1), 0));
    let missing = place.store.history(&place.link, &number(77)).await;
    assert!(matches!(missing, Err(StoreError::NotFound("patient"))), "{missing:?}");
    let mut ids = Vec::new();
    // The clocks of terminals and cloud go as they like; the order is that of storing.
    for hours in [0, 24, -48, 3, -1] {
        place.clock.advance(SignedDuration::from_hours(hours));
        let entered_at = start_of_tests() - SignedDuration::from_hours(hours);
        let entry = api::entries::Entry {
            entered_at,
            ..crate::hands::profile(record(weight(684, 60 * 24 * 30)))
        };
        isha.send(&place.store, &entry).await.unwrap();
        ids.push(entry.id);
        isha.put(place, of(number(2), record(allergy("卵")))).await;
    }
    let other = place.second().await;
    for store in [&place.store, &other] {
        let history =
            store.history(&place.link, &PatientNumber::parse("1").unwrap()).await.unwrap();
        assert_eq!(history.number, number(1));
        let kept: Vec<_> = history.versions.iter().map(|entry| entry.version.id).collect();
        assert_eq!(kept, ids);
    }
    other.close().await;
}
