use super::super::samples::{
    ORDER, at, at_the_lab, doctor, draw, nurse, ordered, report, request, send, staff, told, tube,
    version,
};
use super::super::{Arrival, Identified, LabRequestError, NotDrawn, ResultStatus};
use super::*;
use crate::patient::PatientNumber;

fn not_drawn(serial: u32) -> LabAct {
    LabAct::NotDrawn { tube: tube(serial), reason: NotDrawn::Difficult, note: String::new() }
}

fn reset(serial: u32) -> LabAct {
    LabAct::Reset { tube: tube(serial) }
}

fn cancel() -> LabAct {
    LabAct::Cancel { reason: "患者が中止".to_owned() }
}

fn labels(serials: &[u32]) -> LabAct {
    LabAct::Labels {
        tubes: serials.iter().map(|serial| tube(*serial)).collect(),
        copy: 1,
        printer: "ラベル".to_owned(),
        reason: String::new(),
    }
}

/// Applies acts by the nurse one after the other; what became of the last.
fn acts(orders: &mut Vec<LabOrder>, acts: &[LabAct]) -> LabOutcome {
    let mut last = LabOutcome::Done;
    for act in acts {
        let id = 10 + orders[0].versions.len() as u128 * 100 + u128::from(orders[0].revision);
        last = LabOrder::apply(orders, &version(id, nurse(), act.clone())).unwrap();
    }
    last
}

fn after(list: &[LabAct]) -> (LabOutcome, LabOrder) {
    let mut orders = ordered();
    let outcome = acts(&mut orders, list);
    (outcome, orders.pop().unwrap())
}

use LabOutcome::{Done as Took, Overtaken};

#[test]
fn an_order_begins_with_its_request() {
    let orders = ordered();
    let order = &orders[0];
    assert_eq!((order.id, order.revision), (ORDER, 1));
    assert_eq!(order.ordered, Done { by: doctor(), time: at(1) });
    assert_eq!((order.items.len(), order.tubes.len()), (3, 2));
    assert!(order.fasting && order.set_name == "定期");
}

#[test]
fn drawing_marking_and_taking_back() {
    assert_eq!(after(&[draw(1)]).0, Took);
    let (outcome, order) = after(&[draw(1), draw(1)]);
    assert_eq!((outcome, order.revision), (Overtaken, 2), "the first stands");
    assert_eq!(after(&[not_drawn(1), draw(1)]).0, Took);
    assert_eq!(after(&[draw(1), not_drawn(1)]).0, Took);
    assert_eq!(after(&[not_drawn(1), not_drawn(1)]).0, Overtaken);
    assert_eq!(after(&[reset(1)]).0, Overtaken, "nothing was said of it");
    let (outcome, order) = after(&[draw(1), reset(1)]);
    assert_eq!((outcome, &order.tubes[0].state), (Took, &TubeState::Planned));
    assert_eq!(after(&[draw(1), send(&[1]), reset(1)]).0, Overtaken);
    assert_eq!(after(&[draw(1), send(&[1]), not_drawn(1)]).0, Overtaken);
}

#[test]
fn only_what_is_drawn_and_here_is_sent() {
    assert_eq!(after(&[send(&[1, 2])]).0, Overtaken);
    let (outcome, order) = after(&[draw(1), send(&[1, 2])]);
    assert_eq!(outcome, Took);
    assert!(matches!(order.tubes[0].lab, AtLab::Sent { .. }));
    assert_eq!(order.tubes[1].lab, AtLab::Here);
    let (outcome, order) = after(&[draw(1), send(&[1]), send(&[1])]);
    assert_eq!((outcome, order.revision), (Overtaken, 3));
    let (outcome, _) = after(&[draw(1), send(&[1]), draw(2), send(&[1, 2])]);
    assert_eq!(outcome, Took);
}

#[test]
fn what_was_refused_can_be_sent_or_drawn_again() {
    let mut orders = vec![at_the_lab()];
    assert!(orders[0].lab_refused(&tube(1), at(300), "溶血"));
    assert!(!orders[0].lab_refused(&tube(1), at(300), "溶血"), "no news");
    let mut others = orders.clone();
    assert_eq!(acts(&mut orders, &[send(&[1])]), Took);
    assert!(matches!(orders[0].tubes[0].lab, AtLab::Sent { .. }));
    assert_eq!(acts(&mut others, &[reset(1), draw(1), send(&[1])]), Took);
}

#[test]
fn labels_are_counted() {
    let (outcome, order) = after(&[labels(&[1, 2]), labels(&[2])]);
    assert_eq!(outcome, Took);
    assert_eq!(order.tubes.iter().map(|tube| tube.labels).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(after(&[labels(&[])]).0, Overtaken, "none named, none printed");
}

#[test]
fn cancelling_ends_everything_but_seeing_results() {
    for rest in [draw(1), not_drawn(1), labels(&[1]), send(&[1]), cancel(), reset(1)] {
        let (outcome, order) = after(&[cancel(), rest.clone()]);
        assert_eq!((outcome, order.revision), (Overtaken, 2), "{rest:?}");
    }
    let (outcome, order) = after(&[draw(1), send(&[1]), cancel()]);
    assert_eq!(outcome, Took);
    assert_eq!(order.cancelled.as_ref().unwrap().lab_agreed, None);
    assert_eq!(order.at_lab().count(), 1, "the laboratory must hear of it");
    let (_, order) = after(&[draw(1), cancel()]);
    assert_eq!(order.at_lab().count(), 0);
}

#[test]
fn with_results_it_is_too_late_to_cancel() {
    let mut order = at_the_lab();
    assert_eq!(order.may_cancel(), Ok(()));
    let arrival = Arrival { report: Uuid::nil(), received_at: at(400) };
    let first = report(1, vec![told(1, "20", ResultStatus::Preliminary)]);
    order.take_report(&mut Vec::new(), &first, arrival, || Uuid::from_u128(9));
    assert_eq!(order.may_cancel(), Err(LabRuleBroken::TooLateToCancel));
    let mut orders = vec![order];
    assert_eq!(acts(&mut orders, &[cancel()]), Overtaken, "the terminal could not know");
    assert_eq!(orders[0].cancelled, None);
}

/// Whether an order can be taken back, state after state.
#[test]
fn each_state_has_its_rule_for_taking_back() {
    use LabOrderState as S;
    let taken_back = |order: &LabOrder| {
        let mut orders = vec![order.clone()];
        let outcome = acts(&mut orders, &[cancel()]);
        assert_eq!(outcome == Took, order.may_cancel().is_ok(), "{:?}", order.state());
        assert_eq!(outcome == Took, orders[0] != *order);
        (order.state(), outcome)
    };
    let steps = [draw(1), draw(2), send(&[1, 2])];
    let mut order = ordered().remove(0);
    let mut told_back = vec![taken_back(&order)];
    for upto in 2..=steps.len() {
        order = after(&steps[..upto]).1;
        told_back.push(taken_back(&order));
    }
    assert!(order.lab_accepted(&tube(1), at(300), "L1"));
    told_back.push(taken_back(&order));
    let arrival = Arrival { report: Uuid::nil(), received_at: at(400) };
    let (mut results, mut next) = (Vec::new(), 900);
    let mut name = || {
        next += 1;
        Uuid::from_u128(next)
    };
    let one = report(1, vec![told(1, "20", ResultStatus::Final)]);
    order.take_report(&mut results, &one, arrival, &mut name);
    told_back.push(taken_back(&order));
    for (serial, item) in [(1, 2), (2, 3)] {
        let rest = report(serial, vec![told(item, "20", ResultStatus::Final)]);
        order.take_report(&mut results, &rest, arrival, &mut name);
    }
    told_back.push(taken_back(&order));
    let confirm = LabAct::ConfirmResults { results: results.iter().map(|r| r.id).collect() };
    let mut orders = vec![order];
    let seen = version(700, doctor(), confirm);
    assert_eq!(LabOrder::apply_with_results(&mut orders, &mut results, &seen), Ok(Took));
    told_back.push(taken_back(&orders[0]));
    let expected = [
        (S::Ordered, Took),
        (S::Collected, Took),
        (S::Sent, Took),
        (S::InProgress, Took),
        (S::PartlyReported, Overtaken),
        (S::Reported, Overtaken),
        (S::Confirmed, Overtaken),
    ];
    assert_eq!(told_back, expected);
    let cancelled = after(&[cancel()]).1;
    assert_eq!(taken_back(&cancelled), (S::Cancelled, Overtaken));
}

#[test]
fn what_breaks_a_rule_changes_nothing() {
    use LabRuleBroken as Broken;
    let orders = ordered();
    let refused = |version: &LabVersion| {
        let mut after = orders.clone();
        let error = LabOrder::apply(&mut after, version).unwrap_err();
        assert_eq!(after, orders);
        error
    };
    let mut other = version(2, nurse(), draw(1));
    other.entry.patient = PatientNumber::parse("128").unwrap();
    assert_eq!(refused(&other), Broken::OtherPatient);
    let mut unknown = version(2, nurse(), draw(1));
    unknown.entry.order = Uuid::from_u128(999);
    assert_eq!(refused(&unknown), Broken::NoSuchOrder);
    assert_eq!(refused(&version(2, nurse(), draw(9))), Broken::NoSuchTube);
    assert_eq!(refused(&version(2, nurse(), send(&[1, 9]))), Broken::NoSuchTube);
    let again = LabAct::Order { request: request() };
    assert_eq!(refused(&version(2, doctor(), again)), Broken::OrderExists);
    let confirm = LabAct::ConfirmResults { results: vec![Uuid::nil()] };
    assert_eq!(refused(&version(2, nurse(), confirm)), Broken::NotAPractitioner);
    let wordless = LabAct::NotDrawn { tube: tube(1), reason: NotDrawn::Other, note: String::new() };
    let error = Broken::Request(LabRequestError::BadText);
    assert_eq!(refused(&version(2, nurse(), wordless)), error);
    let mut empty = request();
    empty.items.clear();
    let mut begin = version(2, doctor(), LabAct::Order { request: empty });
    begin.entry.order = Uuid::from_u128(501);
    assert_eq!(refused(&begin), Broken::Request(LabRequestError::Empty));
}

#[test]
fn padding_does_not_make_another_patient() {
    let mut orders = ordered();
    let mut padded = version(2, nurse(), draw(1));
    padded.entry.patient = PatientNumber::parse("127").unwrap();
    assert_eq!(LabOrder::apply(&mut orders, &padded), Ok(Took));
}

#[test]
fn confirming_counts_what_nobody_has_seen() {
    let mut order = at_the_lab();
    let mut results = Vec::new();
    let arrival = Arrival { report: Uuid::nil(), received_at: at(400) };
    let both = vec![told(1, "20", ResultStatus::Final), told(2, "21", ResultStatus::Final)];
    let mut next = 700;
    order.take_report(&mut results, &report(1, both), arrival, || {
        next += 1;
        Uuid::from_u128(next)
    });
    assert_eq!(order.unconfirmed, 2);
    let ids: Vec<Uuid> = results.iter().map(|result| result.id).collect();
    let confirm = |id, results: &[Uuid]| {
        let act = LabAct::ConfirmResults { results: results.to_vec() };
        version(id, doctor(), act)
    };
    let mut orders = vec![order];

    // Without the results, as far as one can tell.
    let mut alone = orders.clone();
    let first = confirm(50, &ids[..1]);
    assert_eq!(LabOrder::apply(&mut alone, &first), Ok(Took));
    assert_eq!((alone[0].unconfirmed, alone[0].confirmed_once), (1, true));
    assert_eq!(LabOrder::apply(&mut alone, &first), Ok(Took), "the same once more");
    assert_eq!(alone[0].unconfirmed, 1);

    let apply = LabOrder::apply_with_results;
    assert_eq!(apply(&mut orders, &mut results, &first), Ok(Took));
    assert_eq!(results[0].confirmed, Some(Done { by: doctor(), time: at(50) }));
    assert_eq!((orders[0].unconfirmed, orders[0].confirmed_once), (1, true));
    let same = confirm(51, &ids[..1]);
    let before = (orders.clone(), results.clone());
    assert_eq!(apply(&mut orders, &mut results, &same), Ok(Overtaken), "seen by somebody else");
    assert_eq!(before, (orders.clone(), results.clone()));
    let all = confirm(52, &ids);
    assert_eq!(apply(&mut orders, &mut results, &all), Ok(Took));
    assert_eq!(orders[0].unconfirmed, 0);
    assert_eq!(results[0].confirmed.as_ref().unwrap().time, at(50), "the first stands");
    let by_a_nurse = LabVersion { author: staff(Role::Nurse, 2), ..confirm(53, &ids) };
    assert_eq!(apply(&mut orders, &mut results, &by_a_nurse), Err(LabRuleBroken::NotAPractitioner));
}

#[test]
fn results_of_a_cancelled_order_are_seen_all_the_same() {
    let mut orders = ordered();
    acts(&mut orders, &[draw(1), send(&[1]), cancel()]);
    let order = &mut orders[0];
    assert!(order.lab_cancel_answer(false));
    assert!(!order.lab_cancel_answer(false), "no news");
    let mut results = Vec::new();
    let arrival = Arrival { report: Uuid::nil(), received_at: at(400) };
    let late = report(1, vec![told(1, "20", ResultStatus::Final)]);
    order.take_report(&mut results, &late, arrival, || Uuid::from_u128(9));
    assert_eq!(order.unconfirmed, 1);
    let act = LabAct::ConfirmResults { results: vec![Uuid::from_u128(9)] };
    let outcome =
        LabOrder::apply_with_results(&mut orders, &mut results, &version(60, doctor(), act));
    assert_eq!(outcome, Ok(Took));
    assert_eq!(orders[0].unconfirmed, 0);
}

#[test]
fn how_a_patient_was_recognised_is_kept() {
    let act = LabAct::Draw { tube: tube(2), identified: Identified::Spoken };
    let (_, order) = after(&[act]);
    let TubeState::Drawn { identified, done } = &order.tubes[1].state else { panic!() };
    assert_eq!((*identified, &done.by), (Identified::Spoken, &nurse()));
}
