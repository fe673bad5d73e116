//! Specimen numbers are never given twice; orders go on while the line is cut.

use api::entries::{EntryContent, EntryResult, Receipt};
use api::lab::{LabDay, LabSets};
use clinical::lab::{
    AtLab, Container, Identified, LabAct, LabCode, LabEntry, LabOrder, LabOutcome, LabRequest,
    LabSet, OrderedItem, Reported, SpecimenNumber, Tube, TubeState,
};

use api::session::SessionInfo;
use redb::ReadableTable;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::store::{DOCTOR, at, confirm_of, session, sign_in};
use super::*;
use crate::local::file::FILE;

/// Signs the doctor in as the client does it: the store has its name first.
fn come_in(run: &Run) {
    assert!(run.store_id().is_some());
    sign_in(run, "incho", DOCTOR);
}

fn request(numbers: &[SpecimenNumber]) -> LabRequest {
    let container = Container {
        key: "serum".to_owned(),
        name: "血清".to_owned(),
        colour: "茶".to_owned(),
        rgb: "#8b5a2b".to_owned(),
        volume: Some(50),
    };
    let tubes = numbers.iter().map(|number| Tube {
        number: number.clone(),
        container: container.clone(),
        material: None,
        specimen: String::new(),
        labels: 0,
        state: TubeState::Planned,
        lab: AtLab::Here,
    });
    let items = numbers.iter().enumerate().map(|(n, number)| OrderedItem {
        code: LabCode { jlac10: None, local: format!("T{n}") },
        name: format!("項目{n}"),
        abbr: format!("T{n}"),
        unit: String::new(),
        procedure: None,
        tube: Some(number.clone()),
        reported: Reported::NotYet,
    });
    LabRequest {
        on_behalf_of: None,
        collect_on: TODAY,
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items: items.collect(),
        tubes: tubes.collect(),
    }
}

fn lab(of: &str, order: Uuid, act: LabAct) -> Confirm {
    let entry = LabEntry { patient: number(of), order, act };
    confirm_of(of, EntryContent::Lab { entry })
}

fn serials(numbers: &[SpecimenNumber]) -> Vec<(u8, u32)> {
    numbers.iter().map(SpecimenNumber::given).collect()
}

#[test]
fn numbers_go_on_after_a_restart_and_none_is_given_twice() {
    let desk = Desk::new();
    let run = desk.open();
    assert_eq!(run.next_specimens(TODAY, 1), Err(NoNumbers::NoStation));
    come_in(&run);
    let store = run.store_id().unwrap();
    assert_eq!(run.station(), Some(7));
    let first = run.next_specimens(TODAY, 2).unwrap();
    assert_eq!(serials(&first), [(7, 1), (7, 2)]);
    // The power goes at once after the commit that the order is told kept for.
    run.confirm(lab("00127", Uuid::now_v7(), LabAct::Order { request: request(&first) }));
    assert!(run.settle(LIMIT));
    assert!(matches!(run.kept().as_slice(), [Kept::Saved { .. }]));
    drop(run);
    let run = desk.open();
    assert_eq!(run.store_id(), Some(store));
    assert_eq!(run.station(), Some(7), "also while the line is cut");
    assert_eq!(serials(&run.next_specimens(TODAY, 1).unwrap()), [(7, 3)]);
    // What nobody confirmed was on no label: whether it is given again does not matter.
    drop(run);
    let run = desk.open();
    let again = run.next_specimens(TODAY, 1).unwrap();
    assert!(serials(&again)[0].1 >= 3 && !first.contains(&again[0]), "{again:?}");
    assert_eq!(serials(&run.next_specimens(date(2026, 11, 23), 1).unwrap()), [(7, 1)]);
}

#[test]
fn who_comes_in_with_the_line_cut_has_the_digits_of_this_store() {
    let desk = Desk::new();
    let run = desk.open();
    come_in(&run);
    let OfflineAnswer::Ok(info) = run.offline("incho", super::store::PASSWORD, at(60)) else {
        panic!("not let in");
    };
    assert_eq!(info.station, Some(7));
    // The cloud's word to a sign-in that named no store takes nothing away.
    let other = SessionInfo { station: None, ..session("uketsuke", Uuid::from_u128(99)) };
    run.entry_key("uketsuke").unwrap();
    run.remember_person("uketsuke", other, Zeroizing::new("himitsu".to_owned()));
    assert!(run.settle(LIMIT));
    assert_eq!(run.station(), Some(7));
}

#[test]
fn a_store_that_was_put_together_again_has_another_name() {
    let desk = Desk::new();
    let run = desk.open();
    come_in(&run);
    let store = run.store_id().unwrap();
    let numbers = run.next_specimens(TODAY, 1).unwrap();
    run.confirm(lab("00127", Uuid::now_v7(), LabAct::Order { request: request(&numbers) }));
    assert!(run.settle(LIMIT));
    drop(run);
    let mut bytes = std::fs::read(desk.file()).unwrap();
    bytes[..64].fill(0);
    std::fs::write(desk.file(), bytes).unwrap();
    let run = desk.open();
    assert_eq!(run.kinds(), [NoticeKind::DamagedUnsent]);
    assert_eq!(run.outbox().unsent(), 1, "the order itself is safe");
    assert_eq!(run.station(), None);
    assert_eq!(run.next_specimens(TODAY, 1), Err(NoNumbers::NoStation));
    assert_ne!(run.store_id(), Some(store));
    let OfflineAnswer::Ok(info) = run.offline("incho", super::store::PASSWORD, at(60)) else {
        panic!("not let in");
    };
    assert_eq!(info.station, None, "the old store's digits are not this one's");
}

#[test]
fn a_receipt_brings_the_order_into_day_and_patient() {
    let desk = Desk::new();
    let run = desk.open();
    come_in(&run);
    run.remember_patient(view("00127"));
    run.remember_lab_day(LabDay { date: TODAY, orders: Vec::new() });
    let numbers = run.next_specimens(TODAY, 1).unwrap();
    let order = Uuid::now_v7();
    run.confirm(lab("00127", order, LabAct::Order { request: request(&numbers) }));
    assert!(run.settle(LIMIT));
    let mut orders = Vec::new();
    let take = |orders: &mut Vec<LabOrder>| {
        let row = run.outbox().rows[0].clone();
        let outcome = LabOrder::apply(orders, &row.lab_version().unwrap()).unwrap();
        assert_eq!(outcome, LabOutcome::Done);
        let result = EntryResult::Lab { outcome, order: Box::new(orders[0].clone()) };
        let receipt = Receipt { id: row.id, hash: row.hash.clone(), stored_at: at(5), result };
        run.received(&receipt).unwrap();
        row
    };
    let row = take(&mut orders);
    let first = orders[0].clone();
    let tube = numbers[0].clone();
    run.confirm(lab("00127", order, LabAct::Draw { tube, identified: Identified::Card }));
    assert!(run.settle(LIMIT));
    take(&mut orders);
    // A receipt that comes late shows the order as it stood then.
    run.merge_order(&row, &first);
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    let known = run.known_patient(&number("127")).unwrap();
    assert_eq!(known.view.lab.orders, orders);
    let (day, _) = run.lab_day().unwrap();
    assert_eq!(day.orders.len(), 1);
    assert_eq!(day.orders[0].order, orders[0]);
    assert_eq!(day.orders[0].name, view("127").patient.name);
    assert!(orders[0].tubes[0].is_drawn());
}

#[test]
fn sets_and_the_days_orders_are_there_after_a_restart() {
    let desk = Desk::new();
    let run = desk.open();
    let set = LabSet {
        id: Uuid::from_u128(5),
        name: "いつもの検査".to_owned(),
        owner: None,
        place: 1,
        items: vec!["AST".to_owned()],
    };
    let sets = LabSets { sets: vec![set] };
    run.remember_sets(sets.clone());
    run.remember_lab_day(LabDay { date: TODAY, orders: Vec::new() });
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    assert_eq!(run.sets(), sets);
    assert_eq!(run.lab_day().unwrap().0.date, TODAY);
    run.clear();
    assert_eq!(run.lab_day(), None, "patients are forgotten");
    assert_eq!(run.sets(), sets);
}

#[test]
fn a_file_of_the_program_before_is_brought_up_and_closed_to_it() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.remember_patient(view("00127"));
    assert!(run.settle(LIMIT));
    drop(run);
    let meta: redb::TableDefinition<&str, &[u8]> = redb::TableDefinition::new("meta");
    let format = |value: Option<u32>| {
        let db = redb::Database::open(desk.file()).unwrap();
        let write = db.begin_write().unwrap();
        let before = {
            let mut table = write.open_table(meta).unwrap();
            let before = table.get("format").unwrap().unwrap().value().to_vec();
            if let Some(value) = value {
                table.insert("format", value.to_be_bytes().as_slice()).unwrap();
            }
            before
        };
        for name in ["terminal", "lab", "prints"] {
            let table: redb::TableDefinition<&[u8; 32], &[u8]> = redb::TableDefinition::new(name);
            if value.is_some() {
                write.delete_table(table).unwrap();
            }
        }
        write.commit().unwrap();
        u32::from_be_bytes(before.try_into().unwrap())
    };
    assert_eq!(format(Some(2)), FILE);
    let run = desk.open();
    assert_eq!(run.kinds(), []);
    assert!(run.known_patient(&number("127")).is_some());
    drop(run);
    assert_eq!(format(None), FILE, "the program before does not take it for its own");
}
