//! Profiles: their history, what waits for a practitioner, who works at the clinic.

use api::ErrorBody;
use api::profile::{Confirmations, History, StaffList};
use axum::Json;
use axum::extract::State;
use clinical::PatientNumber;

use super::Shared;
use super::error::ApiError;
use super::extract::{Caller, PathOf};
use crate::accounts::roles::Permission;

/// Everything that was ever entered about a patient
///
/// Every version of every item of the profile with its author, on whose behalf, when and why, in the order in
/// which they were stored; withdrawn ones and those that were overtaken are among them.
#[utoipa::path(get, path = api::routes::PATIENT_HISTORY, tag = "patients", operation_id = "getPatientHistory", security(("session" = [])),
    params(("number" = String, Path, description = "患者番号", example = "00127",
        max_length = 20, pattern = "^[0-9A-Za-z-]+$")),
    responses(
        (status = 200, description = "The history.", body = History),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 404, description = "`not_found`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn history(
    State(shared): State<Shared>,
    caller: Caller,
    PathOf(number): PathOf<PatientNumber>,
) -> Result<Json<History>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.history(caller.actor(), &number).await?))
}

/// What waits for a practitioner's confirmation
///
/// Entries of somebody else that only a practitioner can stand for, oldest first.
#[utoipa::path(get, path = api::routes::CONFIRMATIONS, tag = "patients", operation_id = "listConfirmations", security(("session" = [])),
    responses(
        (status = 200, description = "What waits.", body = Confirmations),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn confirmations(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Json<Confirmations>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.confirmations(caller.actor()).await?))
}

/// Who works at the clinic
///
/// The accounts in use, practitioners first: whom an entry can be made on behalf of.
#[utoipa::path(get, path = api::routes::STAFF, tag = "session", operation_id = "listStaff", security(("session" = [])),
    responses(
        (status = 200, description = "The staff.", body = StaffList),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn staff(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Json<StaffList>, ApiError> {
    Ok(Json(shared.store.staff(caller.actor().tenant()).await?))
}
