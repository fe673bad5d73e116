//! Lab orders and reports as the tests make them.

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use clinical::lab::{
    AtLab, Container, Flag, Identified, LabAct, LabCode, LabEntry, LabOrder, LabOutcome, LabReport,
    LabRequest, Mismatch, OrderedItem, ReferenceRange, Reported, ReportedResult, ResultStatus,
    ResultValue, SpecimenNumber, ToldPatient, Tube, TubeState,
};
use clinical::{Patient, PatientNumber};
use cloud::store::lab::{Known, LabMessage, Taken, names_agree};
use cloud::store::{Actor, Store, StoreError};
use jiff::civil::date;
use uuid::Uuid;

use crate::hands::{Hand, entry};
use crate::harness::{Place, today};
use crate::people::{number, patient};

/// JLAC10 of AST, ALT and K, all from serum.
pub const CODES: [(&str, &str); 3] =
    [("3B035000002327201", "AST"), ("3B045000002327201", "ALT"), ("3H015000002326101", "K")];

pub fn tube(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(today(), 1, serial).unwrap()
}

fn fresh(serial: u32) -> Tube {
    Tube {
        number: tube(serial),
        container: Container {
            key: "serum".to_owned(),
            name: "血清".to_owned(),
            colour: "茶".to_owned(),
            rgb: String::new(),
            volume: None,
        },
        material: Some("023".to_owned()),
        specimen: "血清".to_owned(),
        labels: 0,
        state: TubeState::Planned,
        lab: AtLab::Here,
    }
}

/// A request for one item from each tube.
pub fn request(serials: &[u32]) -> LabRequest {
    let items = serials.iter().zip(CODES).map(|(serial, (jlac10, key))| OrderedItem {
        code: LabCode { jlac10: Some(jlac10.to_owned()), local: key.to_owned() },
        name: format!("{key}の検査"),
        abbr: key.to_owned(),
        unit: "U/L".to_owned(),
        procedure: None,
        tube: Some(tube(*serial)),
        reported: Reported::NotYet,
    });
    LabRequest {
        on_behalf_of: None,
        collect_on: today(),
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: "肝機能".to_owned(),
        items: items.collect(),
        tubes: serials.iter().map(|serial| fresh(*serial)).collect(),
    }
}

/// An act on an order of patient 1.
pub fn act(order: Uuid, act: LabAct) -> Entry {
    act_for(number(1), order, act)
}

pub fn act_for(patient: PatientNumber, order: Uuid, act: LabAct) -> Entry {
    entry(EntryContent::Lab { entry: LabEntry { patient, order, act } })
}

pub fn order(id: Uuid, serials: &[u32]) -> Entry {
    act(id, LabAct::Order { request: request(serials) })
}

pub fn draw(id: Uuid, serial: u32) -> Entry {
    act(id, LabAct::Draw { tube: tube(serial), identified: Identified::Card })
}

pub fn send(id: Uuid, serials: &[u32]) -> Entry {
    act(id, LabAct::Send { tubes: serials.iter().map(|serial| tube(*serial)).collect() })
}

pub fn cancel(id: Uuid) -> Entry {
    act(id, LabAct::Cancel { reason: "中止".to_owned() })
}

pub fn confirm(id: Uuid, results: Vec<Uuid>) -> Entry {
    act(id, LabAct::ConfirmResults { results })
}

pub fn told(receipt: Receipt) -> (LabOutcome, LabOrder) {
    match receipt.result {
        EntryResult::Lab { outcome, order } => (outcome, *order),
        other => panic!("{other:?}"),
    }
}

impl Hand {
    /// Sends an entry about a lab order that must be taken.
    pub async fn lab(&self, place: &Place, entry: &Entry) -> (LabOutcome, LabOrder) {
        told(self.send(&place.store, entry).await.unwrap())
    }

    pub async fn done(&self, place: &Place, entry: &Entry) -> LabOrder {
        let (outcome, order) = self.lab(place, entry).await;
        assert_eq!(outcome, LabOutcome::Done, "{entry:?}");
        order
    }

    pub async fn lab_refused(&self, place: &Place, entry: &Entry) -> StoreError {
        self.send(&place.store, entry).await.unwrap_err()
    }

    /// Orders these tubes for patient 1, draws and sends them.
    pub async fn sent(&self, place: &Place, serials: &[u32]) -> LabOrder {
        let id = Uuid::now_v7();
        self.done(place, &order(id, serials)).await;
        for serial in serials {
            self.done(place, &draw(id, *serial)).await;
        }
        self.done(place, &send(id, serials)).await
    }
}

/// The link to the laboratory.
pub fn lab_link(place: &Place) -> Actor {
    Actor::service(place.tenant(), "links/lab")
}

/// A value of an item.
pub fn value(item: usize, value: &str, flag: Flag, status: ResultStatus) -> ReportedResult {
    let (jlac10, key) = CODES[item];
    ReportedResult {
        code: LabCode { jlac10: Some(jlac10.to_owned()), local: key.to_owned() },
        name: key.to_owned(),
        value: ResultValue(value.to_owned()),
        unit: "U/L".to_owned(),
        range: ReferenceRange("13-30".to_owned()),
        flag,
        status,
        analysed_at: None,
        comments: Vec::new(),
    }
}

pub fn normal(item: usize, text: &str) -> ReportedResult {
    value(item, text, Flag::Normal, ResultStatus::Final)
}

/// What a laboratory tells of a specimen of a patient.
pub fn report(of: &Patient, specimen: &str, results: Vec<ReportedResult>) -> LabReport {
    LabReport {
        specimen: specimen.to_owned(),
        placer: String::new(),
        filler: "L-1".to_owned(),
        patient: ToldPatient {
            number: of.number.to_string(),
            name: of.name.clone(),
            birth_date: of.birth_date,
            sex: Some(of.sex),
        },
        collected_at: Some(date(2026, 11, 22).at(9, 30, 0, 0)),
        reported_at: Some(date(2026, 11, 22).at(18, 0, 0, 0)),
        comments: Vec::new(),
        results,
    }
}

/// Of patient 1.
pub fn results_of(serial: u32, results: Vec<ReportedResult>) -> LabReport {
    report(&patient(1), tube(serial).as_str(), results)
}

/// A message; its bytes follow from what it tells.
pub fn message(control_id: &str, reports: Vec<LabReport>) -> LabMessage {
    let bytes = format!("{control_id}{}", serde_json::to_string(&reports).unwrap()).into_bytes();
    let (lab, control_id) = ("kensa".to_owned(), control_id.to_owned());
    LabMessage { lab, control_id, bytes, reports }
}

/// Number, name and birth date must fit.
pub fn rule(report: &LabReport, known: &Known) -> Option<Mismatch> {
    let told = &report.patient;
    let fits = |patient: &Patient| {
        told.birth_date == patient.birth_date && names_agree(&told.name, &patient.name)
    };
    let same = |patient: &Patient| {
        PatientNumber::parse(&told.number).ok().map(|n| n.canonical())
            == Some(patient.number.canonical())
    };
    match (&known.specimen, &known.by_number) {
        (Some((_, patient)), _) if fits(patient) && same(patient) => None,
        (Some(_), _) => Some(Mismatch::OtherPatient),
        (None, Some(patient)) if fits(patient) => Some(Mismatch::UnknownSpecimen),
        (None, Some(_)) => Some(Mismatch::NameDiffers),
        (None, None) => Some(Mismatch::UnknownPatient),
    }
}

pub async fn take_at(store: &Store, place: &Place, message: LabMessage) -> Taken {
    store.take_lab_message(&lab_link(place), message, rule).await.unwrap()
}

pub async fn take(place: &Place, message: LabMessage) -> Taken {
    take_at(&place.store, place, message).await
}
