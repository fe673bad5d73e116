use jiff::civil::{date, time};
use proptest::prelude::*;

use super::ReceptionState::{
    AwaitingPayment, Cancelled, Done, InConsultation, InExamination, Waiting,
};
use super::*;

const ALL: [ReceptionState; 6] =
    [Waiting, InConsultation, InExamination, AwaitingPayment, Done, Cancelled];

fn any_state() -> impl Strategy<Value = ReceptionState> {
    prop::sample::select(ALL.to_vec())
}

#[test]
fn the_next_key_leads_from_the_counter_to_the_door() {
    let mut state = Waiting;
    let mut way = vec![state];
    while let Some(next) = state.next() {
        way.push(next);
        state = next;
    }
    assert_eq!(way, [Waiting, InConsultation, AwaitingPayment, Done]);
    assert_eq!(InExamination.next(), Some(AwaitingPayment));
    assert_eq!(Cancelled.next(), None);
}

#[test]
fn a_desk_may_set_any_of_its_states_and_undo_it() {
    for from in ALL {
        for to in ALL {
            let both_the_desks = from != Cancelled && to != Cancelled;
            assert_eq!(from.may_become(to), both_the_desks && from != to, "{from:?} → {to:?}");
            assert_eq!(from.may_become(to), to.may_become(from));
        }
        assert_eq!(ReceptionState::DESK.contains(&from), from != Cancelled);
        if let Some(next) = from.next() {
            assert!(from.may_become(next));
        }
    }
}

#[test]
fn states_have_fixed_names_on_the_wire() {
    let names = ALL.map(|state| serde_json::to_string(&state).unwrap());
    assert_eq!(
        names,
        [
            "\"waiting\"",
            "\"in_consultation\"",
            "\"in_examination\"",
            "\"awaiting_payment\"",
            "\"done\"",
            "\"cancelled\""
        ]
    );
}

#[test]
fn payment_ends_a_visit_whatever_the_desk_says() {
    for desk in ALL {
        for was_paid in [true, false] {
            assert_eq!(merged_state(desk, was_paid, true), Done);
        }
    }
}

#[test]
fn an_open_bill_leaves_the_desks_word_alone() {
    for desk in [Waiting, InConsultation, InExamination, AwaitingPayment] {
        assert_eq!(merged_state(desk, false, false), desk);
        assert_eq!(merged_state(desk, true, false), desk);
    }
    assert_eq!(
        merged_state(Done, false, false),
        Done,
        "set by the desk before the till was closed"
    );
}

#[test]
fn a_bill_reopened_goes_back_to_the_till() {
    assert_eq!(merged_state(Done, true, false), AwaitingPayment);
}

#[test]
fn a_cancelled_visit_listed_again_waits_again() {
    assert_eq!(merged_state(Cancelled, false, false), Waiting);
    assert_eq!(merged_state(Cancelled, true, false), Waiting);
}

#[test]
fn a_reception_travels_whole() {
    let reception = Reception {
        key: ReceptionKey { date: date(2026, 11, 22), id: "00005".into() },
        patient: Some(PatientNumber::parse("01873").unwrap()),
        name: PersonName {
            kanji: "厚労　太郎".into(), kana: "コウロウ　タロウ".into()
        },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Male,
        time: time(8, 44, 0, 0),
        appointment: None,
        paid_at: None,
        department: Department { code: "01".into(), name: "内科".into() },
        physician: Physician::default(),
        content: MedicalContent::default(),
        insurance_combination: Some("0001".into()),
        state: Waiting,
        revision: 1,
    };
    let json = serde_json::to_string(&reception).unwrap();
    assert_eq!(serde_json::from_str::<Reception>(&json).unwrap(), reception);
    assert!(json.contains("\"time\":\"08:44:00\""), "{json}");
}

#[test]
fn keys_sort_by_day_then_number() {
    let key = |day, id: &str| ReceptionKey { date: date(2026, 11, day), id: id.to_owned() };
    let mut keys = vec![key(23, "00001"), key(22, "00010"), key(22, "00002")];
    keys.sort();
    assert_eq!(keys, [key(22, "00002"), key(22, "00010"), key(23, "00001")]);
}

proptest! {
    /// Hearing the same word twice from the receipt computer changes nothing more.
    #[test]
    fn merging_settles(desk in any_state(), was_paid: bool, paid_now: bool) {
        let once = merged_state(desk, was_paid, paid_now);
        prop_assert_eq!(merged_state(once, paid_now, paid_now), once);
        prop_assert_ne!(once, Cancelled, "a listed reception is not cancelled");
    }
}
