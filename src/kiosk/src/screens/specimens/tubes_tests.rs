use std::sync::Arc;

use api::ErrorCode;
use api::entries::Entry;
use api::proof::Signer;
use clinical::lab::{LabAct, LabEntry, LabRequest, LabVersion, plan_tubes};
use clinical::{PatientNumber, PersonName, Role, Sex, Staff};
use jiff::Timestamp;
use jiff::civil::date;
use paper::LabPatient;
use paper::queue::Why;
use uuid::Uuid;

use super::*;
use crate::app::Clock;
use crate::config::{self, Lang};
use crate::local::{OutboxRow, OutboxView, RowPatient};
use crate::printing::{PrintOrder, PrintView};

fn now() -> Timestamp {
    "2026-11-22T00:42:00Z".parse().unwrap()
}

fn order() -> LabOrder {
    let items = ["A1C", "AST"].map(|key| codes::labs::by_key(key).unwrap().clone());
    let mut serial = 0;
    let number = || {
        serial += 1;
        SpecimenNumber::new(date(2026, 11, 22), 1, serial)
    };
    let (items, tubes) = plan_tubes(&items, number).unwrap();
    let request = LabRequest {
        on_behalf_of: None,
        collect_on: date(2026, 11, 22),
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items,
        tubes,
    };
    let patient = PatientNumber::parse("01873").unwrap();
    let author =
        Staff { account: Uuid::nil(), name: "院長".to_owned(), role: Role::Practitioner };
    let mut orders = Vec::new();
    let version = LabVersion {
        id: Uuid::from_u128(2),
        entry: LabEntry { patient, order: Uuid::from_u128(1), act: LabAct::Order { request } },
        author,
        terminal: String::new(),
        entered_at: now(),
        stored_at: None,
    };
    LabOrder::apply(&mut orders, &version).unwrap();
    orders.remove(0)
}

fn job(order: &LabOrder, tube: usize, state: State) -> JobView {
    let what = ToPrint::Labels {
        order: Box::new(order.clone()),
        tubes: vec![order.tubes[tube].number.clone()],
        patient: LabPatient {
            number: order.patient.clone(),
            name: PersonName::default(),
            birth_date: None,
            sex: Sex::Unknown,
        },
    };
    let order = PrintOrder {
        id: Uuid::now_v7(),
        what,
        copy: 1,
        reason: String::new(),
        patient: None,
        by: None,
    };
    JobView {
        order: Arc::new(order),
        made_at: now(),
        printer: "ラベル".to_owned(),
        state,
        missing_glyphs: 0,
    }
}

/// A desk whose printers have these jobs, the newest first.
fn desk(jobs: Vec<JobView>) -> Desk {
    let mut desk = Desk::new(Lang::Ja, config::Desk::Samples, Clock::from_fn(now), None);
    desk.prints = Arc::new(PrintView { jobs, ..PrintView::default() });
    desk
}

fn labels(desk: &Desk, order: &LabOrder) -> [Label; 2] {
    [0, 1].map(|n| label(desk, Own { order, tube: &order.tubes[n] }))
}

#[test]
fn a_label_is_where_its_latest_job_is() {
    let order = order();
    assert_eq!(order.tubes.len(), 2);
    let at = now();
    let cases = [
        (State::FRESH, Label::Waits),
        (State::Handing, Label::Waits),
        (State::Printed { at }, Label::Printed),
        (State::Failed { why: Why::GivenUp, at }, Label::Failed),
        (State::Unknown { at }, Label::Unknown),
        (State::Cancelled { at }, Label::None),
        (State::HandedOver { job: None, at, held: false, forgotten: false }, Label::Printed),
        (State::HandedOver { job: None, at, held: true, forgotten: false }, Label::Waits),
    ];
    for (state, expected) in cases {
        let desk = desk(vec![job(&order, 0, state.clone())]);
        // The other tube's label is another matter.
        assert_eq!(labels(&desk, &order), [expected, Label::None], "{state:?}");
    }
    let failed = State::Failed { why: Why::GivenUp, at };
    let again = desk(vec![job(&order, 0, State::FRESH), job(&order, 0, failed)]);
    assert_eq!(labels(&again, &order)[0], Label::Waits);
}

#[test]
fn without_a_job_the_record_speaks_and_only_the_rest_is_printed() {
    let mut order = order();
    order.tubes[0].labels = 2;
    let desk = desk(Vec::new());
    assert_eq!(labels(&desk, &order), [Label::Printed, Label::None]);
    let orders = [order];
    let tubes = all(&orders);
    assert_eq!(label_words(&desk, tubes[0]).0, "ラベル 印刷済（2 回）");
    let rest = unprinted(&desk, &tubes);
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].tube.number, orders[0].tubes[1].number);
}

#[test]
fn what_another_terminal_printed_or_nobody_can_print_any_more_is_not_asked_for() {
    let mut order = order();
    order.tubes[0].state = TubeState::NotDrawn {
        done: order.ordered.clone(),
        reason: clinical::lab::NotDrawn::Declined,
        note: String::new(),
    };
    let orders = [order];
    let tubes = all(&orders);
    let desk = desk(Vec::new());
    assert_eq!(unprinted(&desk, &tubes).len(), 1);
    assert_eq!(note(&desk, tubes[0]).0, "本人が希望しない");
    assert_eq!(note(&desk, tubes[1]).0, "ラベル まだ");
}

#[test]
fn what_the_cloud_refused_is_said_at_the_tubes() {
    let mut order = order();
    let tubes: Vec<SpecimenNumber> = order.tubes.iter().map(|tube| tube.number.clone()).collect();
    order.tubes[0].lab = AtLab::Sent { done: order.ordered.clone() };
    let act = LabAct::Send { tubes };
    let entry = LabEntry { patient: order.patient.clone(), order: order.id, act };
    let content = EntryContent::Lab { entry };
    let entry = Entry { id: Uuid::from_u128(9), entered_at: now(), content };
    let (signer, _) = Signer::generate().unwrap();
    let author = order.ordered.by.clone();
    let mut row = OutboxRow::made(0, entry, author, RowPatient::default(), now(), &signer).unwrap();
    let orders = [order];
    let tube = all(&orders)[0];
    let said = |row: &OutboxRow| {
        let mut desk = desk(Vec::new());
        desk.outbox = Arc::new(OutboxView { rows: vec![Arc::new(row.clone())], version: 1 });
        note(&desk, tube)
    };
    assert_eq!(said(&row).0, "");
    row.state = RowState::Refused { code: ErrorCode::Invalid, message: String::new(), at: now() };
    assert_eq!(said(&row), ("未送信・要確認（F10）".to_owned(), Look::Wrong));
}
