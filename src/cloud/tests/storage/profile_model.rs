//! Random entries of several people on several terminals, against the plain folding of what was stored.

use std::collections::BTreeMap;

use api::entries::{EntryContent, EntryResult};
use api::session::Role;
use clinical::profile::{Act, Item, Outcome, ProfileEntry, SHOWN_PER_KIND, Version, shown};
use cloud::store::{Actor, StoreError};
use jiff::tz::Offset;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use crate::hands::{Hand, allergy, hand_at, profile, record, weight};
use crate::harness::{Place, start_of_tests};
use crate::people::number;

/// One entry, in small numbers that are made good against what was stored so far.
#[derive(Debug, Clone)]
struct Step {
    /// Who: clerk, nurse, two practitioners.
    who: usize,
    patient: u32,
    item: usize,
    /// Record a weight or an allergy, withdraw, confirm, keep.
    act: usize,
    value: u32,
    /// Builds on the head, on some version of the past, or on nothing.
    base: Option<usize>,
    fresh: bool,
    settles: Option<usize>,
    /// Sent again at once, and through the other process.
    twice: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let base = prop_oneof![3 => Just(None), 1 => (0..8_usize).prop_map(Some)];
    let settles = prop_oneof![2 => Just(None), 1 => (0..3_usize).prop_map(Some)];
    (
        (0..4_usize, 1..3_u32, 0..3_usize, 0..8_usize),
        (0..3_u32, base, prop::bool::weighted(0.2), settles, prop::bool::weighted(0.2)),
    )
        .prop_map(|((who, patient, item, act), (value, base, fresh, settles, twice))| Step {
            who,
            patient,
            item,
            act,
            value,
            base,
            fresh,
            settles,
            twice,
        })
}

/// What was stored, and what follows from it.
#[derive(Default)]
struct Model {
    versions: BTreeMap<u32, Vec<(Version, Outcome)>>,
    items: BTreeMap<u32, Vec<Item>>,
}

impl Model {
    fn told(&self, step: &Step, names: &[Uuid], doctor: &Hand) -> ProfileEntry {
        let item = names[step.item];
        let known = self.items.get(&step.patient).and_then(|all| all.iter().find(|i| i.id == item));
        let value = match step.item {
            0 => weight(600 + step.value, i64::from(step.value)),
            _ => allergy(["卵", "麦", "蕎麦"][step.value as usize]),
        };
        let mut told = ProfileEntry { reason: "訂正".to_owned(), ..record(value) };
        told.patient = number(step.patient);
        told.item = item;
        told.on_behalf_of = Some(doctor.staff());
        match step.act {
            0..4 => {}
            4 => told.act = Act::Withdraw,
            5 | 6 => told.act = Act::Confirm,
            _ => told.act = Act::Keep,
        }
        let past = self.versions.get(&step.patient);
        told.base = match (step.fresh, step.base) {
            (true, _) => None,
            (false, None) => known.map(|item| item.head),
            (false, Some(n)) => past.and_then(|all| all.get(n)).map(|(version, _)| version.id),
        };
        let rivals = known.map(|item| item.rivals.as_slice()).unwrap_or_default();
        told.settles = step.settles.and_then(|n| rivals.get(n)).map(|rival| rival.id);
        told
    }
}

async fn play(place: &Place, other: &cloud::store::Store, code: &str, steps: &[Step]) {
    let store = &place.store;
    let clinic = store.add_institution(code, code, Offset::constant(9)).await.unwrap();
    let link = Actor::service(clinic.tenant, "model");
    let known = crate::people::patients(1..3);
    store.upsert_patients(&link, &known, start_of_tests()).await.unwrap();
    let roles = [
        ("uketsuke", Role::Receptionist),
        ("kango", Role::Nurse),
        ("isha", Role::Practitioner),
        ("fukuin", Role::Practitioner),
    ];
    let mut hands = Vec::new();
    for (login, role) in roles {
        hands.push(hand_at(store, clinic.tenant, login, role).await);
    }
    let names = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    let mut model = Model::default();
    for step in steps {
        let entry = profile(model.told(step, &names, &hands[2]));
        let sent = hands[step.who].send(store, &entry).await;
        if step.twice {
            let again = hands[step.who].send(other, &entry).await;
            assert_eq!(again.ok(), sent.as_ref().ok().cloned(), "{step:?} of {steps:?}");
        }
        let EntryContent::Profile { entry: told } = entry.content.clone() else { panic!() };
        let items = model.items.entry(step.patient).or_default();
        let own = told.on_behalf_of.as_ref().is_some_and(|s| *s == hands[step.who].staff());
        let version = Version {
            id: entry.id,
            entry: ProfileEntry {
                on_behalf_of: told.on_behalf_of.clone().filter(|_| !own),
                ..told
            },
            author: hands[step.who].staff(),
            terminal: "受付1".to_owned(),
            entered_at: entry.entered_at,
            stored_at: Some(start_of_tests()),
        };
        match (Item::apply(items, &version), sent) {
            (Ok(outcome), Ok(receipt)) => {
                let item = items.iter().find(|item| item.id == version.entry.item).unwrap();
                let result = EntryResult::Profile { outcome, item: Box::new(item.clone()) };
                assert_eq!(receipt.result, result, "{step:?} of {steps:?}");
                model.versions.entry(step.patient).or_default().push((version, outcome));
            }
            (Err(_), Err(StoreError::Invalid(_) | StoreError::Forbidden(_))) => {}
            (expected, came) => panic!("{expected:?}, {came:?}: {step:?} of {steps:?}"),
        }
    }
    for patient in 1..3 {
        let versions = model.versions.remove(&patient).unwrap_or_default();
        let history = store.history(&link, &number(patient)).await.unwrap();
        let stored: Vec<(Version, Outcome)> =
            history.versions.into_iter().map(|entry| (entry.version, entry.outcome)).collect();
        assert_eq!(stored, versions, "{steps:?}");
        let items = model.items.remove(&patient).unwrap_or_default();
        let view = other.patient_view(&link, &number(patient)).await.unwrap();
        assert_eq!(view.profile, shown(items.clone(), SHOWN_PER_KIND), "{steps:?}");
        let waits = store.confirmations(&link).await.unwrap().waiting;
        let mut listed: Vec<Uuid> =
            waits.iter().filter(|w| w.number == number(patient)).map(|w| w.item.id).collect();
        listed.sort();
        let mut expected: Vec<Uuid> =
            items.iter().filter(|item| item.awaits).map(|item| item.id).collect();
        expected.sort();
        assert_eq!(listed, expected, "{steps:?}");
    }
    assert!(store.audit_verify(clinic.tenant, None).await.unwrap().is_whole());
    let records = store.records_verify(clinic.tenant).await.unwrap();
    assert!(records.is_whole(), "{records:?}");
}

pub async fn items_follow_from_what_was_stored(place: &Place) {
    // The entries differ between runs; a failure prints its steps.
    let mut runner = TestRunner::new(Config::default());
    let other = place.second().await;
    for n in 0..24 {
        let steps = proptest::collection::vec(step(), 5..40);
        let steps = steps.new_tree(&mut runner).unwrap().current();
        play(place, &other, &format!("p{n}"), &steps).await;
    }
    let stands = place.count("versions WHERE outcome = 'stands'").await;
    let others = place.count("versions WHERE outcome <> 'stands'").await;
    println!("{stands} versions stood when they came, {others} did not");
    assert!(stands > 10 && others > 10, "the steps never met each other: {stands} {others}");
    other.close().await;
}
