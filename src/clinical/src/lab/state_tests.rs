use super::super::samples::{
    at, at_the_lab, draw, nurse, ordered, report, send, told, tube, version,
};
use super::super::{Arrival, LabAct, LabOrder, LabOutcome, LabResult, NotDrawn, ResultStatus};
use super::*;
use uuid::Uuid;

fn step(orders: &mut Vec<LabOrder>, id: u128, act: LabAct) -> LabOrderState {
    assert_eq!(LabOrder::apply(orders, &version(id, nurse(), act)), Ok(LabOutcome::Done));
    orders[0].state()
}

fn not_drawn(serial: u32) -> LabAct {
    LabAct::NotDrawn { tube: tube(serial), reason: NotDrawn::Difficult, note: String::new() }
}

#[test]
fn the_usual_way() {
    let mut orders = ordered();
    assert_eq!(orders[0].state(), LabOrderState::Ordered);
    assert_eq!(step(&mut orders, 2, draw(1)), LabOrderState::Ordered);
    assert_eq!(step(&mut orders, 3, draw(2)), LabOrderState::Collected);
    assert_eq!(step(&mut orders, 4, send(&[1, 2])), LabOrderState::Sent);
    let mut order = orders.pop().unwrap();
    assert!(order.lab_accepted(&tube(1), at(9), ""));
    assert_eq!(order.state(), LabOrderState::InProgress);
    let mut results: Vec<LabResult> = Vec::new();
    let mut next = 100;
    let mut take = |order: &mut LabOrder, results: &mut Vec<LabResult>, n, status| {
        let serial = if n == 3 { 2 } else { 1 };
        let arrival = Arrival { report: Uuid::nil(), received_at: at(10) };
        order.take_report(results, &report(serial, vec![told(n, "20", status)]), arrival, || {
            next += 1;
            Uuid::from_u128(next)
        });
        order.state()
    };
    let state = take(&mut order, &mut results, 1, ResultStatus::Final);
    assert_eq!(state, LabOrderState::PartlyReported);
    take(&mut order, &mut results, 2, ResultStatus::Cancelled);
    let state = take(&mut order, &mut results, 3, ResultStatus::Preliminary);
    assert_eq!(state, LabOrderState::PartlyReported, "what may change is not settled");
    let state = take(&mut order, &mut results, 3, ResultStatus::Final);
    assert_eq!(state, LabOrderState::Reported);
    order.unconfirmed = 0;
    assert_eq!(order.state(), LabOrderState::Reported, "nobody has seen anything");
    order.confirmed_once = true;
    assert_eq!(order.state(), LabOrderState::Confirmed);
    order.unconfirmed = 1;
    assert_eq!(order.state(), LabOrderState::Reported, "a correction is to be seen again");
}

#[test]
fn what_is_not_drawn_is_not_waited_for() {
    let mut orders = ordered();
    assert_eq!(step(&mut orders, 2, not_drawn(2)), LabOrderState::Ordered);
    assert_eq!(step(&mut orders, 3, draw(1)), LabOrderState::Collected);
    assert_eq!(step(&mut orders, 4, send(&[1])), LabOrderState::Sent);
    let mut order = orders.pop().unwrap();
    let both = vec![told(1, "1", ResultStatus::Final), told(2, "2", ResultStatus::Final)];
    let arrival = Arrival { report: Uuid::nil(), received_at: at(10) };
    let mut next = 0;
    order.take_report(&mut Vec::new(), &report(1, both), arrival, || {
        next += 1;
        Uuid::from_u128(next)
    });
    assert_eq!(order.state(), LabOrderState::Reported);
    let mut none = ordered();
    step(&mut none, 2, not_drawn(1));
    assert_eq!(step(&mut none, 3, not_drawn(2)), LabOrderState::Ordered, "nothing was collected");
}

#[test]
fn what_the_laboratory_refuses_is_with_the_clinic_again() {
    let mut order = at_the_lab();
    assert!(order.lab_refused(&tube(1), at(200), "量不足"));
    assert_eq!(order.state(), LabOrderState::InProgress);
    assert!(order.lab_refused(&tube(2), at(200), "量不足"));
    assert_eq!(order.state(), LabOrderState::Collected);
}

#[test]
fn cancelled_is_cancelled() {
    let mut orders = ordered();
    let cancel = LabAct::Cancel { reason: "中止".to_owned() };
    assert_eq!(step(&mut orders, 2, cancel), LabOrderState::Cancelled);
}
