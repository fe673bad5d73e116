//! Random mornings against a small model of what must come out.

use std::collections::BTreeMap;

use clinical::reception::merged_state;
use clinical::{Reception, ReceptionState, Role};
use cloud::store::{Actor, StoreError};
use jiff::tz::Offset;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::hands::{change, hand_at};
use crate::harness::{Place, today};
use crate::people::{key, paid, reception};

#[derive(Debug, Clone)]
enum Step {
    /// The receipt computer's list: which receptions, paid or not, which physician.
    Reconcile(BTreeMap<u32, (bool, bool)>),
    /// The desk: which reception, which state, from the state it has or from another.
    Change(u32, usize, Option<usize>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let list = proptest::collection::btree_map(1..6_u32, (any::<bool>(), any::<bool>()), 0..6);
    let step = prop_oneof![
        2 => list.prop_map(Step::Reconcile),
        3 => (1..6_u32, 0..5_usize, prop_oneof![4 => Just(None), 1 => (0..5_usize).prop_map(Some)])
            .prop_map(|(n, state, seen)| Step::Change(n, state, seen)),
    ];
    proptest::collection::vec(step, 1..25)
}

fn told(n: u32, is_paid: bool, other_physician: bool) -> Reception {
    let mut told = if is_paid { paid(n) } else { reception(n) };
    if other_physician {
        told.physician.code.push('x');
    }
    told
}

/// What must stand: the whole reception, written the plain way.
#[derive(Default)]
struct Model {
    receptions: BTreeMap<u32, Reception>,
    events: Vec<(u32, i64)>,
}

impl Model {
    fn put(&mut self, n: u32, mut next: Reception) {
        next.revision += 1;
        self.events.push((n, next.revision));
        self.receptions.insert(n, next);
    }

    fn reconcile(&mut self, list: &BTreeMap<u32, (bool, bool)>) {
        for (n, (is_paid, other)) in list {
            let mut next = told(*n, *is_paid, *other);
            let before = self.receptions.get(n);
            next.revision = before.map_or(0, |b| b.revision);
            next.state = before
                .map_or(merged_state(ReceptionState::Waiting, false, *is_paid), |b| {
                    merged_state(b.state, b.paid_at.is_some(), *is_paid)
                });
            if before != Some(&next) {
                self.put(*n, next);
            }
        }
        let gone: Vec<u32> =
            self.receptions.keys().filter(|n| !list.contains_key(n)).copied().collect();
        for n in gone {
            let before = self.receptions[&n].clone();
            if before.state != ReceptionState::Cancelled {
                self.put(n, Reception { state: ReceptionState::Cancelled, ..before });
            }
        }
    }

    /// `None` for an unknown one, else whether the change is made.
    fn change(&mut self, n: u32, state: ReceptionState, seen: ReceptionState) -> Option<bool> {
        let before = self.receptions.get(&n).cloned()?;
        if before.state == state {
            return Some(true);
        }
        if before.state != seen || before.state == ReceptionState::Cancelled {
            return Some(false);
        }
        self.put(n, Reception { state, ..before });
        Some(true)
    }
}

async fn play(place: &Place, code: &str, steps: &[Step]) {
    let store = &place.store;
    let clinic = store.add_institution(code, code, Offset::constant(9)).await.unwrap();
    let desk = hand_at(store, clinic.tenant, "uketsuke", Role::Receptionist).await;
    let link = Actor::service(clinic.tenant, "model");
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Reconcile(list) => {
                let rows = list.iter().map(|(n, (p, o))| told(*n, *p, *o)).collect();
                let before = model.events.len();
                model.reconcile(list);
                let done = store.reconcile_day(&link, today(), rows).await.unwrap();
                let changes = done.added + done.changed + done.cancelled;
                assert_eq!(changes, model.events.len() - before, "{steps:?}");
                assert_eq!(changes + done.same, model.receptions.len(), "{steps:?}");
            }
            Step::Change(n, state, seen) => {
                let state = ReceptionState::DESK[*state];
                let stands = model.receptions.get(n).map_or(ReceptionState::Waiting, |r| r.state);
                let seen = seen.map_or(stands, |seen| ReceptionState::DESK[seen]);
                let expected = model.change(*n, state, seen);
                let done = match desk.change(store, change(*n, state, seen)).await {
                    Ok((applied, now)) => {
                        assert_eq!(model.receptions.get(n), Some(&now), "{step:?} of {steps:?}");
                        Some(applied)
                    }
                    Err(StoreError::NotFound(_)) => None,
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(done, expected, "{step:?} of {steps:?}");
            }
        }
    }
    let mut list = store.reception_list(&link, today()).await.unwrap().receptions;
    list.sort_by(|a, b| a.key.id.cmp(&b.key.id));
    assert_eq!(list, model.receptions.into_values().collect::<Vec<_>>(), "{steps:?}");
    let page = store.events_after(clinic.tenant, 0, 10_000).await.unwrap();
    let cloud::store::EventPage::Events(events) = page else { panic!("{page:?}") };
    let mut told: Vec<(i64, String, i64)> = Vec::new();
    for event in events {
        let api::EventKind::ReceptionChanged { key, revision } = event.kind else { panic!() };
        told.push((event.seq, key.id, revision));
    }
    let expected: Vec<(i64, String, i64)> =
        (1..).zip(model.events).map(|(seq, (n, revision))| (seq, key(n).id, revision)).collect();
    assert_eq!(told, expected, "{steps:?}");
    assert!(store.audit_verify(clinic.tenant, None).await.unwrap().is_whole());
}

pub async fn reconciling_and_changing_follow_the_model(place: &Place) {
    // The mornings differ between runs; a failure prints its steps.
    let mut runner = TestRunner::new(Config::default());
    for n in 0..24 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        play(place, &format!("m{n}"), &steps).await;
    }
}
