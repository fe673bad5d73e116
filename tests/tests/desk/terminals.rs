//! Two terminals, one receipt computer, a line that breaks.

use api::ErrorCode;
use api::receptions::StateChange;
use clinical::ReceptionState;
use kiosk::client::{FailureKind, Line, Request, Update};
use kiosk::demo::line::Cut;
use uuid::Uuid;

use super::support::Clinic;

fn change(reception: &clinical::Reception, state: ReceptionState) -> (Uuid, Request) {
    let change_id = Uuid::now_v7();
    let change = StateChange { change_id, state, seen_revision: reception.revision };
    (change_id, Request::ChangeState { key: reception.key.clone(), change })
}

#[test]
fn an_arrival_reaches_both_desks_and_a_change_by_one_the_other() {
    let clinic = Clinic::open();
    let (mut front, mut room) = (clinic.terminal("受付"), clinic.terminal("診察室"));
    front.sign_in(0);
    room.sign_in(2);
    clinic.world.control.accept("00100").unwrap();
    let at_front = front.reception_in("00100", ReceptionState::Waiting);
    let at_room = room.reception_in("00100", ReceptionState::Waiting);
    assert_eq!(at_front, at_room);

    let (id, request) = change(&at_room, ReceptionState::InConsultation);
    room.ask(request.clone());
    let done = room.wait("the change", |update| match update {
        Update::StateChanged { change_id, reception } if *change_id == id => {
            Some((**reception).clone())
        }
        _ => None,
    });
    assert_eq!((done.state, done.revision), (ReceptionState::InConsultation, at_room.revision + 1));
    assert_eq!(front.reception_in("00100", ReceptionState::InConsultation), done);

    // The same id again changes nothing more.
    room.ask(request);
    let again = room.wait("the answer", |update| match update {
        Update::StateChanged { change_id, reception } if *change_id == id => {
            Some((**reception).clone())
        }
        _ => None,
    });
    assert_eq!(again, done);

    // The front desk still holds the old revision in its hand: nothing is overwritten, and it is told.
    let (id, request) = change(&at_front, ReceptionState::AwaitingPayment);
    front.ask(request);
    let (failure, current) = front.wait("the refusal", |update| match update {
        Update::StateChangeFailed { change_id, failure, current, .. } if *change_id == id => {
            Some((failure.clone(), current.clone()))
        }
        _ => None,
    });
    assert!(matches!(failure.kind, FailureKind::Refused { code: ErrorCode::Conflict, .. }));
    assert_eq!(current.as_deref(), Some(&done));

    // The receipt computer closes the bill: done on both.
    clinic.world.control.finish(&done.key.id).unwrap();
    let paid = front.reception_in("00100", ReceptionState::Done);
    assert!(paid.paid_at.is_some());
    assert_eq!(room.reception_in("00100", ReceptionState::Done), paid);
}

#[test]
fn a_cut_line_loses_and_doubles_nothing() {
    let clinic = Clinic::open();
    let mut desk = clinic.terminal("受付");
    desk.sign_in(0);
    clinic.world.control.accept("00100").unwrap();
    desk.reception_in("00100", ReceptionState::Waiting);
    for round in 0..3 {
        clinic.plug.set(Cut::Broken);
        desk.wait("the lamp", |update| {
            matches!(update, Update::Line(Line::Down { .. })).then_some(())
        });
        let refused = desk.open("00100", 1).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Unreachable);
        let missed = [format!("0011{round}"), format!("0012{round}")];
        for number in &missed {
            clinic.world.control.accept(number).unwrap();
        }
        clinic.plug.set(Cut::Whole);
        for number in &missed {
            desk.reception_in(number, ReceptionState::Waiting);
        }
    }
    assert!(!desk.seen.is_empty());
    let gapless = desk.seen.windows(2).all(|pair| pair[1] == pair[0] + 1);
    assert!(gapless, "each number once, in order: {:?}", desk.seen);
}

#[test]
fn a_patient_changed_in_the_receipt_computer_is_told_and_read_anew() {
    let clinic = Clinic::open();
    let mut desk = clinic.terminal("診察室");
    desk.sign_in(2);
    let before = desk.open("100", 1).unwrap();
    assert_eq!(before.patient.number.as_str(), "00100", "any zero padding names the patient");
    let remark = clinical::SafetyRemark {
        kind: clinical::SafetyKind::Allergy,
        text: "セフェム系".to_owned(),
        drug_code: None,
    };
    clinic.world.control.set_safety("00100", vec![remark.clone()]).unwrap();
    desk.wait("the news", |update| match update {
        Update::PatientChanged(number) if number.as_str() == "00100" => Some(()),
        _ => None,
    });
    let after = desk.open("00100", 2).unwrap();
    assert_eq!(after.patient.safety, [remark]);
}
