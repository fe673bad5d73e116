//! Lab orders and results over the wire: who may, whose they are, what is told.

use api::entries::{Entry, EntryContent, EntryResult};
use api::lab::{LabDay, LabDayOrder, LabInbox, LabSets, PatientLab, TrayDecision, TrayEntry};
use api::patients::PatientView;
use api::session::{SessionInfo, SignIn, SignedIn};
use api::{ErrorCode, routes};
use clinical::lab::{
    AtLab, Container, Flag, Identified, LabAct, LabCode, LabEntry, LabOrder, LabOrderState,
    LabOutcome, LabReport, LabRequest, LabSet, LabSetAct, LabSetEntry, Mismatch, OrderedItem,
    ReferenceRange, Reported, ReportedResult, ResultStatus, ResultValue, SpecimenNumber,
    ToldPatient, Tube, TubeState,
};
use cloud::store::lab::LabMessage;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::support::{PASSWORD, Person, TODAY, World, number, read, refused, sign_in};

fn tube(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(TODAY, 7, serial).unwrap()
}

fn code() -> LabCode {
    LabCode { jlac10: Some("3B035000002327201".to_owned()), local: "AST".to_owned() }
}

fn request(serial: u32) -> LabRequest {
    let container = Container {
        key: "serum".to_owned(),
        name: "血清".to_owned(),
        colour: "茶".to_owned(),
        rgb: String::new(),
        volume: None,
    };
    let item = OrderedItem {
        code: code(),
        name: "AST(GOT)".to_owned(),
        abbr: "AST".to_owned(),
        unit: "U/L".to_owned(),
        procedure: None,
        tube: Some(tube(serial)),
        reported: Reported::NotYet,
    };
    let tube = Tube {
        number: tube(serial),
        container,
        material: Some("023".to_owned()),
        specimen: "血清".to_owned(),
        labels: 0,
        state: TubeState::Planned,
        lab: AtLab::Here,
    };
    LabRequest {
        on_behalf_of: None,
        collect_on: TODAY,
        urgent: true,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items: vec![item],
        tubes: vec![tube],
    }
}

impl World {
    fn lab(&self, order: Uuid, act: LabAct) -> Entry {
        let entry = LabEntry { patient: number("00127"), order, act };
        self.entry(EntryContent::Lab { entry })
    }

    fn order(&self, order: Uuid, serial: u32) -> Entry {
        self.lab(order, LabAct::Order { request: request(serial) })
    }

    /// Orders, draws and sends one tube of 00127.
    async fn sent(&self, person: &Person, serial: u32) -> LabOrder {
        let id = Uuid::now_v7();
        self.taken(person, &self.order(id, serial)).await;
        let draw = LabAct::Draw { tube: tube(serial), identified: Identified::Card };
        self.taken(person, &self.lab(id, draw)).await;
        let send = self.lab(id, LabAct::Send { tubes: vec![tube(serial)] });
        let (outcome, order) = told(self.taken(person, &send).await.result);
        assert_eq!(outcome, LabOutcome::Done);
        order
    }

    async fn ask<T: DeserializeOwned>(&self, person: &Person, path: &str) -> T {
        read(self.get(&person.token, path).send().await.unwrap(), StatusCode::OK).await
    }

    async fn not_found(&self, person: &Person, path: &str) {
        let response = self.get(&person.token, path).send().await.unwrap();
        refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    }

    /// A report comes as from a laboratory; it is 00127's, whatever it names.
    async fn report(&self, control_id: &str, specimen: &str, why: Option<Mismatch>) {
        let result = ReportedResult {
            code: code(),
            name: "AST".to_owned(),
            value: ResultValue("20".to_owned()),
            unit: "U/L".to_owned(),
            range: ReferenceRange("13-30".to_owned()),
            flag: Flag::Normal,
            status: ResultStatus::Final,
            analysed_at: None,
            comments: Vec::new(),
        };
        let patient = ToldPatient { number: "127".to_owned(), ..ToldPatient::default() };
        let report = LabReport {
            specimen: specimen.to_owned(),
            placer: String::new(),
            filler: String::new(),
            patient,
            collected_at: None,
            reported_at: None,
            comments: Vec::new(),
            results: vec![result],
        };
        let message = LabMessage {
            lab: "kensa".to_owned(),
            control_id: control_id.to_owned(),
            bytes: control_id.as_bytes().to_vec(),
            reports: vec![report],
        };
        let rule = if why.is_some() {
            |_: &_, _: &_| Some(Mismatch::UnknownSpecimen)
        } else {
            |_: &_, _: &_| None
        };
        self.running.store.take_lab_message(&self.service(), message, rule).await.unwrap();
    }
}

fn told(result: EntryResult) -> (LabOutcome, LabOrder) {
    match result {
        EntryResult::Lab { outcome, order } => (outcome, *order),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_order_is_read_in_every_way_that_the_desks_need() {
    let world = World::start().await;
    let isha = world.person("isha").await;
    let order = world.sent(&isha, 1).await;
    let day: LabDay = world.ask(&isha, routes::LAB_DAY).await;
    assert_eq!((day.date, &day.orders[0].order), (TODAY, &order));
    assert_eq!(day.orders[0].name.kanji, "標準　花子");
    let other: LabDay = world.ask(&isha, &format!("{}?date=2026-11-21", routes::LAB_DAY)).await;
    assert!(other.orders.is_empty());
    let path = routes::fill(routes::LAB_ORDER, &[&order.id.to_string()]);
    let one: LabDayOrder = world.ask(&isha, &path).await;
    assert_eq!(one, day.orders[0]);
    let path = routes::fill(routes::LAB_SPECIMEN, &[tube(1).as_str()]);
    assert_eq!(world.ask::<LabDayOrder>(&isha, &path).await, one);
    world.not_found(&isha, &routes::fill(routes::LAB_SPECIMEN, &[tube(2).as_str()])).await;
    world.not_found(&isha, &routes::fill(routes::LAB_ORDER, &[&Uuid::now_v7().to_string()])).await;
    world.not_found(&isha, &routes::fill(routes::PATIENT_LAB, &["77"])).await;
    for wrong in [
        routes::fill(routes::LAB_SPECIMEN, &["261122070019"]),
        routes::fill(routes::LAB_ORDER, &["order"]),
        format!("{}?date=yesterday", routes::LAB_DAY),
    ] {
        let response = world.get(&isha.token, &wrong).send().await.unwrap();
        refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    }
    let view: PatientView = world.ask(&isha, &routes::fill(routes::PATIENT, &["127"])).await;
    assert_eq!((view.lab.orders, view.lab.whole), (vec![order.clone()], false));
    let lab: PatientLab = world.ask(&isha, &routes::fill(routes::PATIENT_LAB, &["127"])).await;
    assert_eq!((lab.orders, lab.whole), (vec![order], true));
    world.running.stop().await;
}

#[tokio::test]
async fn results_come_to_the_practitioner_and_strange_ones_to_a_person() {
    let world = World::start().await;
    let (isha, kango) = (world.person("isha").await, world.person("kango").await);
    let desk = world.person("uketsuke").await;
    let order = world.sent(&isha, 1).await;
    world.report("M1", tube(1).as_str(), None).await;
    world.report("M2", "X-9", Some(Mismatch::UnknownSpecimen)).await;
    let inbox: LabInbox = world.ask(&desk, routes::LAB_INBOX).await;
    assert_eq!((inbox.total, inbox.waiting.len(), inbox.tray.len()), (1, 1, 1));
    assert_eq!(inbox.tray[0].candidates[0].number, number("00127"));
    let results: Vec<Uuid> = inbox.waiting[0].results.iter().map(|result| result.id).collect();
    let confirm = world.lab(order.id, LabAct::ConfirmResults { results });
    let response = world.hand_in(&kango, &confirm).await;
    refused(response, StatusCode::FORBIDDEN, ErrorCode::Forbidden).await;
    let confirm = Entry { id: Uuid::now_v7(), ..confirm };
    let (outcome, order) = told(world.taken(&isha, &confirm).await.result);
    assert_eq!((outcome, order.state()), (LabOutcome::Done, LabOrderState::Confirmed));

    let decision = TrayDecision::Assign { patient: number("00128"), order: None };
    let entry = TrayEntry { report: inbox.tray[0].report.id, decision };
    let decide = world.entry(EntryContent::LabTray { entry });
    let response = world.hand_in(&desk, &decide).await;
    refused(response, StatusCode::FORBIDDEN, ErrorCode::Forbidden).await;
    let taken = world.taken(&kango, &decide).await;
    assert_eq!(taken.result, EntryResult::LabTray { applied: true });
    let lab: PatientLab = world.ask(&desk, &routes::fill(routes::PATIENT_LAB, &["00128"])).await;
    assert_eq!((lab.orders.len(), lab.results[0].value.0.as_str()), (1, "20"));
    let inbox: LabInbox = world.ask(&desk, routes::LAB_INBOX).await;
    assert_eq!((inbox.total, inbox.tray.len()), (1, 0), "now it waits for the practitioner");
    world.running.stop().await;
}

#[tokio::test]
async fn another_institution_has_its_own_laboratory_desk() {
    let world = World::start().await;
    let isha = world.person("isha").await;
    let order = world.sent(&isha, 1).await;
    world.report("M1", tube(1).as_str(), None).await;
    let set = LabSet {
        id: Uuid::now_v7(),
        name: "いつもの".to_owned(),
        owner: None,
        place: 1,
        items: vec!["AST".to_owned()],
    };
    let act = LabSetAct::Keep { set: set.clone() };
    let entry = LabSetEntry { set: set.id, act };
    world.taken(&isha, &world.entry(EntryContent::LabSet { entry })).await;
    assert_eq!(world.ask::<LabSets>(&isha, routes::LAB_SETS).await.sets, [set]);

    let stranger = world.person_at("other", "uketsuke").await;
    world.not_found(&stranger, &routes::fill(routes::LAB_ORDER, &[&order.id.to_string()])).await;
    world.not_found(&stranger, &routes::fill(routes::LAB_SPECIMEN, &[tube(1).as_str()])).await;
    world.not_found(&stranger, &routes::fill(routes::PATIENT_LAB, &["00127"])).await;
    assert!(world.ask::<LabDay>(&stranger, routes::LAB_DAY).await.orders.is_empty());
    assert_eq!(world.ask::<LabInbox>(&stranger, routes::LAB_INBOX).await, LabInbox::default());
    assert!(world.ask::<LabSets>(&stranger, routes::LAB_SETS).await.sets.is_empty());
    let cancel = world.lab(order.id, LabAct::Cancel { reason: "中止".to_owned() });
    let response = world.hand_in(&stranger, &cancel).await;
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    world.running.stop().await;
}

#[tokio::test]
async fn what_an_order_may_not_be_is_told_in_words() {
    let world = World::start().await;
    let (isha, kango) = (world.person("isha").await, world.person("kango").await);
    world.taken(&isha, &world.order(Uuid::now_v7(), 1)).await;
    let response = world.hand_in(&isha, &world.order(Uuid::now_v7(), 1)).await;
    let body = refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    assert!(body.message.contains("another tube"), "{body:?}");
    let response = world.hand_in(&kango, &world.order(Uuid::now_v7(), 2)).await;
    let body = refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    assert!(body.message.contains("practitioner"), "{body:?}");
    let named = LabRequest { on_behalf_of: Some(isha.staff.clone()), ..request(2) };
    let order = world.lab(Uuid::now_v7(), LabAct::Order { request: named });
    let (_, order) = told(world.taken(&kango, &order).await.result);
    assert_eq!(order.on_behalf_of, Some(isha.staff.clone()));
    let empty = LabRequest { items: Vec::new(), tubes: Vec::new(), ..request(3) };
    let empty = world.lab(Uuid::now_v7(), LabAct::Order { request: empty });
    let response = world.hand_in(&isha, &empty).await;
    refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    let nobodys = world.lab(Uuid::now_v7(), LabAct::Send { tubes: vec![tube(1)] });
    let response = world.hand_in(&isha, &nobodys).await;
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    world.running.stop().await;
}

#[tokio::test]
async fn a_terminals_store_keeps_its_station() {
    let world = World::start().await;
    let at = |store: Option<Uuid>| SignIn { store, ..sign_in("demo", "isha", PASSWORD) };
    let store = Uuid::new_v4();
    let mut stations = Vec::new();
    for store in [Some(store), Some(Uuid::new_v4()), Some(store), None] {
        let response = world.sign_in_with(&at(store)).await;
        let SignedIn { token, session } = read(response, StatusCode::CREATED).await;
        let response = world.get(&token, routes::SESSION).send().await.unwrap();
        let told: SessionInfo = read(response, StatusCode::OK).await;
        assert_eq!(told.station, session.station);
        stations.push(session.station);
    }
    assert_eq!(stations, [Some(1), Some(2), Some(1), None]);
    world.running.stop().await;
}
