//! Lab orders and results, as the desks read them. What a person confirms about them comes as an entry.

use api::ErrorBody;
use api::lab::{LabDay, LabDayOrder, LabDayQuery, LabInbox, LabSets, PatientLab};
use axum::Json;
use axum::extract::State;
use clinical::PatientNumber;
use clinical::lab::SpecimenNumber;
use jiff::Span;
use uuid::Uuid;

use super::Shared;
use super::error::ApiError;
use super::extract::{Caller, PathOf, QueryOf};
use crate::accounts::roles::Permission;

/// How far back a patient's results are read.
const YEARS: i64 = 5;

/// What the sample desk has to do on a day
///
/// Orders to be collected on the day, and those of the 30 days before or of later days with drawn tubes that have not
/// been sent; in the order of ordering.
#[utoipa::path(get, path = api::routes::LAB_DAY, tag = "lab", operation_id = "getLabDay", security(("session" = [])),
    params(LabDayQuery),
    responses(
        (status = 200, description = "The day.", body = LabDay),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn day(
    State(shared): State<Shared>,
    caller: Caller,
    QueryOf(query): QueryOf<LabDayQuery>,
) -> Result<Json<LabDay>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    let date = query.date.unwrap_or_else(|| caller.today(&shared));
    Ok(Json(shared.store.lab_day(caller.actor(), date).await?))
}

/// One lab order with its patient
#[utoipa::path(get, path = api::routes::LAB_ORDER, tag = "lab", operation_id = "getLabOrder", security(("session" = [])),
    params(("id" = String, Path, format = Uuid, description = "The order's id")),
    responses(
        (status = 200, description = "The order.", body = LabDayOrder),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 404, description = "`not_found`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn order(
    State(shared): State<Shared>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> Result<Json<LabDayOrder>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.lab_order(caller.actor(), id).await?))
}

/// The lab order to which a specimen number belongs
///
/// What a scanned tube is, and whose.
#[utoipa::path(get, path = api::routes::LAB_SPECIMEN, tag = "lab", operation_id = "getLabSpecimen", security(("session" = [])),
    params(("number" = String, Path, description = "検体番号", example = "261122010018",
        min_length = 12, max_length = 12, pattern = "^[0-9]{12}$")),
    responses(
        (status = 200, description = "The order with its patient.", body = LabDayOrder),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 404, description = "`not_found`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn specimen(
    State(shared): State<Shared>,
    caller: Caller,
    PathOf(number): PathOf<SpecimenNumber>,
) -> Result<Json<LabDayOrder>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.lab_specimen(caller.actor(), &number).await?))
}

/// What came from laboratories and waits for a person
///
/// Results that no practitioner has confirmed, and reports that fit nobody. Nothing here is decided by the service.
#[utoipa::path(get, path = api::routes::LAB_INBOX, tag = "lab", operation_id = "getLabInbox", security(("session" = [])),
    responses(
        (status = 200, description = "What waits.", body = LabInbox),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn inbox(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Json<LabInbox>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.lab_inbox(caller.actor()).await?))
}

/// The sets of lab items (いつもの検査)
#[utoipa::path(get, path = api::routes::LAB_SETS, tag = "lab", operation_id = "listLabSets", security(("session" = [])),
    responses(
        (status = 200, description = "The sets.", body = LabSets),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn sets(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Json<LabSets>, ApiError> {
    Ok(Json(shared.store.lab_sets(caller.actor().tenant()).await?))
}

/// A patient's lab orders and results
///
/// Of the last five years, newest first, replaced results included; what is open or waits for a practitioner is there
/// whatever its age.
#[utoipa::path(get, path = api::routes::PATIENT_LAB, tag = "lab", operation_id = "getPatientLab", security(("session" = [])),
    params(("number" = String, Path, description = "患者番号", example = "00127",
        max_length = 20, pattern = "^[0-9A-Za-z-]+$")),
    responses(
        (status = 200, description = "Orders and results.", body = PatientLab),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 404, description = "`not_found`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn patient(
    State(shared): State<Shared>,
    caller: Caller,
    PathOf(number): PathOf<PatientNumber>,
) -> Result<Json<PatientLab>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    let since = caller.today(&shared).saturating_sub(Span::new().years(YEARS));
    Ok(Json(shared.store.patient_lab(caller.actor(), &number, since).await?))
}
