//! Lab orders between a terminal and the cloud.

use api::ErrorCode;
use api::entries::{EntryContent, EntryResult};
use api::event::EventKind;
use clinical::lab::{
    Identified, LabAct, LabEntry, LabItem, LabOutcome, LabRequest, SpecimenNumber, plan_tubes,
};
use kiosk::client::{FailureKind, Request, Ticket, Update};
use kiosk::local::NoNumbers;
use uuid::Uuid;

use crate::fake::TODAY;
use crate::{Terminal, World, until};

/// An order of one tube with the terminal's next number.
fn order(terminal: &Terminal, order: Uuid) -> EntryContent {
    let items: Vec<LabItem> = vec![codes::labs::by_key("AST").unwrap().clone()];
    let number = || terminal.cache.next_specimens(TODAY, 1).map(|mut numbers| numbers.remove(0));
    let (items, tubes) = plan_tubes(&items, number).unwrap();
    let request = LabRequest {
        on_behalf_of: None,
        collect_on: TODAY,
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items,
        tubes,
    };
    content(order, LabAct::Order { request })
}

fn content(order: Uuid, act: LabAct) -> EntryContent {
    let patient = "00127".to_owned().try_into().unwrap();
    EntryContent::Lab { entry: LabEntry { patient, order, act } }
}

fn tube_of(content: &EntryContent) -> SpecimenNumber {
    match content {
        EntryContent::Lab { entry: LabEntry { act: LabAct::Order { request }, .. } } => {
            request.tubes[0].number.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_sign_in_names_the_store_and_brings_its_digits() {
    let mut world = World::new();
    assert_eq!(world.terminal.cache.next_specimens(TODAY, 1), Err(NoNumbers::NoStation));
    world.terminal.sign_in();
    let info = world.terminal.wait("sign-in", |u| match u {
        Update::SignedIn(info) => Some(info.clone()),
        _ => None,
    });
    assert_eq!(info.station, Some(1));
    let cache = world.terminal.cache.clone();
    until("the digits", || cache.station() == Some(1));
    assert_eq!(world.fake.lock().lab.stores, [cache.store_id().unwrap()]);
    assert_eq!(cache.next_specimens(TODAY, 1).unwrap()[0].given(), (1, 1));
}

#[test]
fn an_order_and_its_drawing_reach_the_cloud_in_order_and_come_back() {
    let mut world = World::signed_in();
    let cache = world.terminal.cache.clone();
    until("the digits", || cache.station().is_some());
    let id = Uuid::now_v7();
    let begun = order(&world.terminal, id);
    let tube = tube_of(&begun);
    let first = world.terminal.confirm("uketsuke", begun);
    let draw = LabAct::Draw { tube: tube.clone(), identified: Identified::Card };
    let second = world.terminal.confirm("uketsuke", content(id, draw));
    for entry in [first, second] {
        let result = world.terminal.wait_receipt(entry).result;
        assert!(matches!(result, EntryResult::Lab { outcome: LabOutcome::Done, .. }), "{result:?}");
    }
    let changed = world.terminal.seen.iter().any(|u| {
        matches!(u, Update::LabChanged { number, order } if number.as_str() == "00127" && *order == id)
    });
    if !changed {
        world.terminal.wait("lab change", |u| {
            matches!(u, Update::LabChanged { order, .. } if *order == id).then_some(())
        });
    }

    world.terminal.ask(Request::LabDay(TODAY));
    let day = world.terminal.wait("day", |u| match u {
        Update::LabDay(day) => Some(day.clone()),
        _ => None,
    });
    assert_eq!((day.date, day.orders.len()), (TODAY, 1));
    assert!(day.orders[0].order.tubes[0].is_drawn());

    let number = "00127".to_owned().try_into().unwrap();
    world.terminal.ask(Request::PatientLab { ticket: Ticket(5), number });
    let lab = world.terminal.wait("orders of the patient", |u| match u {
        Update::PatientLab { ticket: Ticket(5), lab, .. } => Some(lab.clone()),
        _ => None,
    });
    assert_eq!(lab.orders, [day.orders[0].order.clone()]);

    world.terminal.ask(Request::LabSpecimen { ticket: Ticket(6), number: tube });
    let found = world.terminal.wait("specimen", |u| match u {
        Update::LabSpecimen { ticket: Ticket(6), order } => Some(order.order.id),
        _ => None,
    });
    assert_eq!(found, id);
    let strange = SpecimenNumber::new(TODAY, 99, 999).unwrap();
    world.terminal.ask(Request::LabSpecimen { ticket: Ticket(7), number: strange });
    let failure = world.terminal.wait("no specimen", |u| match u {
        Update::LabSpecimenFailed { ticket: Ticket(7), failure } => Some(failure.kind.clone()),
        _ => None,
    });
    assert!(
        matches!(failure, FailureKind::Refused { code: ErrorCode::NotFound, .. }),
        "{failure:?}"
    );
}

#[test]
fn inbox_and_sets_are_answered_and_their_events_are_told() {
    let mut world = World::signed_in();
    world.terminal.ask(Request::LabInbox);
    world.terminal.wait("inbox", |u| matches!(u, Update::LabInbox(_)).then_some(()));
    world.terminal.ask(Request::LabSets);
    world.terminal.wait("sets", |u| matches!(u, Update::LabSets(_)).then_some(()));
    world.fake.tell(EventKind::LabTrayChanged);
    world.terminal.wait("tray", |u| matches!(u, Update::LabTrayChanged).then_some(()));
    world.fake.tell(EventKind::LabSetsChanged);
    world.terminal.wait("sets", |u| matches!(u, Update::LabSetsChanged).then_some(()));
}

#[test]
fn what_is_ordered_while_the_line_is_cut_arrives_with_its_own_number() {
    let mut world = World::signed_in();
    let cache = world.terminal.cache.clone();
    until("the digits", || cache.station().is_some());
    world.terminal.wait_up_or_seen();
    world.line.cut();
    world.terminal.wait_down();
    world.terminal.ask(Request::LabDay(TODAY));
    world.terminal.wait("no day", |u| matches!(u, Update::LabDayFailed(_)).then_some(()));
    let begun = order(&world.terminal, Uuid::now_v7());
    let tube = tube_of(&begun);
    let id = world.terminal.confirm("uketsuke", begun);
    world.line.mend();
    world.terminal.ask(Request::Reconnect);
    let receipt = world.terminal.wait_receipt(id);
    let EntryResult::Lab { order, .. } = receipt.result else { panic!("{receipt:?}") };
    assert_eq!(order.tubes[0].number, tube);
}
