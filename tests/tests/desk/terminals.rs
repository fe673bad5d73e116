//! Two terminals, one receipt computer, a line that breaks.

use api::entries::EntryResult;
use clinical::{Reception, ReceptionState};
use kiosk::client::{FailureKind, Update};
use kiosk::demo::line::Cut;

use super::support::{Clinic, state};

fn told(result: EntryResult) -> (bool, Reception) {
    match result {
        EntryResult::ReceptionState { applied, reception } => (applied, *reception),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_arrival_reaches_both_desks_and_a_change_by_one_the_other() {
    let clinic = Clinic::open();
    let (mut front, mut room) = (clinic.terminal("受付"), clinic.terminal("診察室"));
    let (clerk, doctor) = (front.sign_in(0), room.sign_in(2));
    clinic.world.control.accept("00100").unwrap();
    let at_front = front.reception_in("00100", ReceptionState::Waiting);
    let at_room = room.reception_in("00100", ReceptionState::Waiting);
    assert_eq!(at_front, at_room);

    let id = room.confirm(&doctor, state(&at_room, ReceptionState::InConsultation));
    let (applied, done) = told(room.result(id));
    assert!(applied);
    assert_eq!((done.state, done.revision), (ReceptionState::InConsultation, at_room.revision + 1));
    assert_eq!(front.reception_in("00100", ReceptionState::InConsultation), done);

    // The front desk still holds the old state in its hand: nothing is overwritten, and it is told.
    let id = front.confirm(&clerk, state(&at_front, ReceptionState::AwaitingPayment));
    assert_eq!(told(front.result(id)), (false, done.clone()));
    // Asking for what the other has done already is no trouble to anybody.
    let id = front.confirm(&clerk, state(&at_front, ReceptionState::InConsultation));
    assert_eq!(told(front.result(id)), (true, done.clone()));

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
        desk.wait_down();
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
