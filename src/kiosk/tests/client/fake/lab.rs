//! Lab orders at the fake cloud.

use api::ErrorCode;
use api::lab::{LabDay, LabDayOrder, LabDayQuery, LabInbox, LabSets, PatientLab};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use clinical::Sex;
use clinical::lab::LabOrder;
use uuid::Uuid;

use super::{Fake, checked, error, name};

/// What is known of orders.
#[derive(Default)]
pub(crate) struct Lab {
    pub(crate) orders: Vec<LabOrder>,
    pub(crate) sets: LabSets,
    pub(crate) inbox: LabInbox,
    /// The stores in the order in which they came; their place is the station.
    pub(crate) stores: Vec<Uuid>,
}

impl Lab {
    /// The station of a store.
    pub(crate) fn station(&mut self, store: Option<Uuid>) -> Option<u8> {
        let store = store?;
        let known = self.stores.iter().position(|own| *own == store);
        let place = known.unwrap_or_else(|| {
            self.stores.push(store);
            self.stores.len() - 1
        });
        u8::try_from(place + 1).ok()
    }
}

fn line(order: LabOrder) -> LabDayOrder {
    LabDayOrder { name: name(), birth_date: None, sex: Sex::Male, order }
}

pub(super) async fn day(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Query(query): Query<LabDayQuery>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET lab day") {
        return *refusal;
    }
    let inner = fake.lock();
    let date = query.date.unwrap_or(inner.today);
    let orders = inner.lab.orders.iter().filter(|order| order.collect_on == date);
    Json(LabDay { date, orders: orders.cloned().map(line).collect() }).into_response()
}

pub(super) async fn of_patient(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET patient lab") {
        return *refusal;
    }
    let orders = fake.lock().lab.orders.clone();
    let orders = orders.into_iter().filter(|order| order.patient.as_str() == number).collect();
    Json(PatientLab { orders, results: Vec::new(), whole: true }).into_response()
}

pub(super) async fn inbox(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    match checked(&fake, &headers, "GET lab inbox") {
        Ok(()) => Json(fake.lock().lab.inbox.clone()).into_response(),
        Err(refusal) => *refusal,
    }
}

pub(super) async fn sets(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    match checked(&fake, &headers, "GET lab sets") {
        Ok(()) => Json(fake.lock().lab.sets.clone()).into_response(),
        Err(refusal) => *refusal,
    }
}

pub(super) async fn specimen(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET lab specimen") {
        return *refusal;
    }
    let orders = fake.lock().lab.orders.clone();
    let has = |order: &LabOrder| order.tubes.iter().any(|tube| tube.number.as_str() == number);
    match orders.into_iter().find(has) {
        Some(order) => Json(line(order)).into_response(),
        None => error(404, ErrorCode::NotFound),
    }
}
