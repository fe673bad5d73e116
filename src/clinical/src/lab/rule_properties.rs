//! Random acts by several people and a laboratory, in any order.

use proptest::prelude::*;

use super::super::samples::{at, doctor, nurse, report, request, staff, told, tube, version};
use super::super::{Arrival, Identified, LabResult, NotDrawn, ResultStatus};
use super::*;
use crate::staff::Staff;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Event {
    Act { author: usize, act: LabAct },
    Accepts(u32),
    Refuses(u32),
    AnswersCancel(bool),
    Reports { serial: u32, item: u32, value: u8, status: u8 },
    Confirms { author: usize, first: usize },
}

fn author(at: usize) -> Staff {
    [doctor(), nurse(), staff(Role::Receptionist, 3), staff(Role::Practitioner, 4)][at].clone()
}

fn act() -> impl Strategy<Value = LabAct> {
    // Tube 3 is nobody's.
    let serial = prop_oneof![5 => 1..=2_u32, 1 => Just(3_u32)];
    let serials = prop::collection::vec(1..=2_u32, 0..3);
    let tubes = serials.prop_map(|list| list.into_iter().map(tube).collect::<Vec<_>>());
    prop_oneof![
        1 => Just(LabAct::Order { request: request() }),
        4 => serial.clone().prop_map(|n| LabAct::Draw { tube: tube(n), identified: Identified::Card }),
        2 => serial.clone().prop_map(|n| LabAct::NotDrawn {
            tube: tube(n), reason: NotDrawn::Declined, note: String::new(),
        }),
        2 => serial.prop_map(|n| LabAct::Reset { tube: tube(n) }),
        3 => tubes.clone().prop_map(|tubes| LabAct::Send { tubes }),
        2 => tubes.prop_map(|tubes| LabAct::Labels {
            tubes, copy: 1, printer: "P".to_owned(), reason: String::new(),
        }),
        1 => Just(LabAct::Cancel { reason: String::new() }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..4_usize, act()).prop_map(|(author, act)| Event::Act { author, act }),
        2 => (1..=2_u32).prop_map(Event::Accepts),
        1 => (1..=2_u32).prop_map(Event::Refuses),
        1 => any::<bool>().prop_map(Event::AnswersCancel),
        2 => (1..=2_u32, 1..=3_u32, 0..3_u8, 0..4_u8).prop_map(|(serial, item, value, status)| {
            Event::Reports { serial, item, value, status }
        }),
        2 => (0..4_usize, 0..4_usize).prop_map(|(author, first)| Event::Confirms { author, first }),
    ]
}

#[derive(Debug, Clone, PartialEq, Default)]
struct World {
    orders: Vec<LabOrder>,
    results: Vec<LabResult>,
}

/// What must hold between an order before and after a version that was taken.
fn check_step(old: &LabOrder, new: &LabOrder, act: &LabAct, outcome: LabOutcome) {
    if outcome == LabOutcome::Overtaken {
        assert_eq!(old, new, "overtaken by {act:?}");
        return;
    }
    assert_eq!(new.revision, old.revision + 1);
    assert!(old.cancelled.is_none() || matches!(act, LabAct::ConfirmResults { .. }));
    for (was, is) in old.tubes.iter().zip(&new.tubes) {
        assert!(is.labels >= was.labels);
        if was.is_drawn() && !is.is_drawn() {
            let named = matches!(act, LabAct::Reset { tube } | LabAct::NotDrawn { tube, .. }
                if *tube == was.number);
            assert!(named && was.is_here(), "{act:?} un-drew {}", was.number);
        }
        if was.lab != is.lab {
            let sent = matches!(is.lab, AtLab::Sent { .. });
            assert!(was.is_here() && (is.lab == AtLab::Here || sent), "{act:?}");
            assert!(!sent || was.is_drawn(), "sent, but never drawn");
        }
    }
}

/// What always holds.
fn check(world: &World) {
    for order in &world.orders {
        for tube in &order.tubes {
            assert!(tube.is_drawn() || tube.is_here(), "{tube:?}");
        }
        let results = || world.results.iter().filter(|result| result.order == order.id);
        let waiting = results().filter(|result| result.stands() && result.confirmed.is_none());
        assert_eq!(order.unconfirmed as usize, waiting.count());
        assert_eq!(order.confirmed_once, results().any(|result| result.confirmed.is_some()));
        let once = |n: usize, id: &Uuid| order.versions[..n].contains(id);
        assert!(!order.versions.iter().enumerate().any(|(n, id)| once(n, id)));
    }
    for result in &world.results {
        if let Some(by) = result.replaced_by {
            let by = world.results.iter().find(|other| other.id == by).unwrap();
            assert_eq!(by.replaces, Some(result.id));
            assert_eq!(by.specimen, result.specimen);
        }
    }
}

impl World {
    fn apply(&mut self, version: &LabVersion) {
        let before = self.clone();
        let outcome = LabOrder::apply_with_results(&mut self.orders, &mut self.results, version);
        match outcome {
            Err(_) => assert_eq!(*self, before, "a refused version changes nothing"),
            Ok(outcome) => {
                if let (Some(old), Some(new)) = (before.orders.first(), self.orders.first()) {
                    check_step(old, new, &version.entry.act, outcome);
                }
                // On a terminal the same version lies over an order that has it already.
                let mut twice = self.clone();
                let again =
                    LabOrder::apply_with_results(&mut twice.orders, &mut twice.results, version);
                assert_eq!(again, Ok(outcome));
                assert_eq!(twice, *self, "the same version again changes nothing");
            }
        }
    }

    fn report(&mut self, n: u128, serial: u32, item: u32, value: u8, status: u8) {
        let Some(order) = self.orders.first_mut() else { return };
        let status = [
            ResultStatus::Preliminary,
            ResultStatus::Final,
            ResultStatus::Corrected,
            ResultStatus::Cancelled,
        ][usize::from(status)];
        let report = report(serial, vec![told(item, &value.to_string(), status)]);
        let arrival = Arrival { report: Uuid::from_u128(n), received_at: at(0) };
        let stood = self.results.iter().filter(|result| result.stands()).count();
        order.take_report(&mut self.results, &report, arrival, || Uuid::from_u128(100_000 + n));
        let now = self.results.iter().filter(|result| result.stands()).count();
        assert!(now >= stood, "a result is only ever replaced by another");
        let before = (order.clone(), self.results.clone());
        let taken = order.take_report(&mut self.results, &report, arrival, || Uuid::from_u128(1));
        assert!(taken.added.is_empty(), "the same report again changes nothing");
        assert_eq!((order.clone(), self.results.clone()), before);
    }

    fn happens(&mut self, n: u128, event: &Event) {
        match event {
            Event::Act { author: by, act } => {
                self.apply(&version(n, author(*by), act.clone()));
            }
            Event::Confirms { author: by, first } => {
                let results = self.results.iter().skip(*first).map(|result| result.id).collect();
                self.apply(&version(n, author(*by), LabAct::ConfirmResults { results }));
            }
            Event::Reports { serial, item, value, status } => {
                self.report(n, *serial, *item, *value, *status);
            }
            Event::Accepts(serial) => {
                for order in &mut self.orders {
                    order.lab_accepted(&tube(*serial), at(0), "");
                }
            }
            Event::Refuses(serial) => {
                for order in &mut self.orders {
                    order.lab_refused(&tube(*serial), at(0), "");
                }
            }
            Event::AnswersCancel(agreed) => {
                for order in &mut self.orders {
                    order.lab_cancel_answer(*agreed);
                }
            }
        }
        check(self);
    }
}

fn run(events: &[Event]) -> World {
    let mut world = World::default();
    world.apply(&version(1, doctor(), LabAct::Order { request: request() }));
    for (n, event) in (2..).zip(events) {
        world.happens(n, event);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_whoever_acts(events in prop::collection::vec(event(), 1..30)) {
        let world = run(&events);
        prop_assert_eq!(run(&events), world.clone(), "the same happenings make the same order");
        let text = serde_json::to_string(&world.orders).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<LabOrder>>(&text).unwrap(), world.orders);
    }
}
