//! Random mornings against a small model of what must come out.

use std::collections::BTreeMap;

use clinical::reception::merged_state;
use clinical::{Reception, ReceptionState};
use cloud::store::{Actor, StoreError};
use jiff::tz::Offset;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Place, today};
use crate::people::{key, paid, reception};
use crate::receptions::change;

#[derive(Debug, Clone)]
enum Step {
    /// The receipt computer's list: which receptions, paid or not, which physician.
    Reconcile(BTreeMap<u32, (bool, bool)>),
    /// The desk: which reception, which state, from the revision it has or from another.
    Change(u32, usize, i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let list = proptest::collection::btree_map(1..6_u32, (any::<bool>(), any::<bool>()), 0..6);
    let step = prop_oneof![
        2 => list.prop_map(Step::Reconcile),
        3 => (1..6_u32, 0..5_usize, prop_oneof![4 => Just(0_i64), 1 => -2..3_i64])
            .prop_map(|(n, state, off)| Step::Change(n, state, off)),
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

    fn change(&mut self, n: u32, state: ReceptionState, seen: i64) -> &'static str {
        let Some(before) = self.receptions.get(&n).cloned() else { return "not found" };
        if before.revision != seen {
            return "conflict";
        }
        if before.state == ReceptionState::Cancelled {
            return "invalid";
        }
        if before.state != state {
            self.put(n, Reception { state, ..before });
        }
        "done"
    }
}

async fn play(place: &Place, code: &str, steps: &[Step]) {
    let store = &place.store;
    let clinic = store.add_institution(code, code, Offset::constant(9)).await.unwrap();
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
            Step::Change(n, state, off) => {
                let state = ReceptionState::DESK[*state];
                let seen = model.receptions.get(n).map_or(1, |r| r.revision) + off;
                let expected = model.change(*n, state, seen);
                let done = store.apply_state_change(&link, &key(*n), &change(state, seen)).await;
                let came = match &done {
                    Ok(_) => "done",
                    Err(StoreError::NotFound(_)) => "not found",
                    Err(StoreError::Conflict(_)) => "conflict",
                    Err(StoreError::Invalid(_)) => "invalid",
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(came, expected, "{step:?} of {steps:?}");
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
