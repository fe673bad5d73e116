//! Finding and reading patients.

use std::time::Duration;

use api::patients::{PatientQuery, PatientSearch, PatientView};
use api::{ErrorBody, ErrorCode};
use axum::Json;
use axum::extract::State;
use clinical::PatientNumber;
use clinical::search::Query;

use super::Shared;
use super::error::ApiError;
use super::extract::{Caller, PathOf, QueryOf};
use crate::accounts::roles::Permission;
use crate::store::StoreError;

/// Longest wait for the receipt computer when it was not yet asked for all that it knows about a patient.
const FETCH_WAIT: Duration = Duration::from_secs(2);
/// Hits when the question names no limit.
const HITS: u32 = 50;

/// Search over all patients
#[utoipa::path(get, path = api::routes::PATIENTS, tag = "patients", operation_id = "searchPatients", security(("session" = [])),
    params(PatientQuery),
    responses(
        (status = 200, description = "Who fits.", body = PatientSearch),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn search(
    State(shared): State<Shared>,
    caller: Caller,
    QueryOf(query): QueryOf<PatientQuery>,
) -> Result<Json<PatientSearch>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    let limit = query.limit.unwrap_or(HITS);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::invalid("limit is not between 1 and 200"));
    }
    if query.q.chars().count() > 200 {
        return Err(ApiError::invalid("q is longer than 200 characters"));
    }
    let question = Query::parse(&query.q, caller.today(&shared));
    if question.is_empty() {
        return Ok(Json(PatientSearch { hits: Vec::new(), more: false }));
    }
    Ok(Json(shared.store.search(caller.actor(), &question, limit).await?))
}

/// A patient with what belongs on the first page
///
/// The number may be spelt with or without its leading zeros. Where the cloud knows only the name so far, it
/// asks the receipt computer first, for at most two seconds.
#[utoipa::path(get, path = api::routes::PATIENT, tag = "patients", operation_id = "getPatient", security(("session" = [])),
    params(("number" = String, Path, description = "患者番号", example = "00127",
        max_length = 20, pattern = "^[0-9A-Za-z-]+$")),
    responses(
        (status = 200, description = "The patient.", body = PatientView),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 404, description = "`not_found`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`, `receipt_unavailable`", body = ErrorBody)))]
pub(super) async fn one(
    State(shared): State<Shared>,
    caller: Caller,
    PathOf(number): PathOf<PatientNumber>,
) -> Result<Json<PatientView>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    let asked = shared.links.complete_patient(caller.actor().tenant(), &number, FETCH_WAIT).await;
    match shared.store.patient_view(caller.actor(), &number).await {
        // A newcomer may be known there and not here.
        Err(StoreError::NotFound(_)) if !asked => Err(ApiError::new(
            ErrorCode::ReceiptUnavailable,
            "not known here, and the receipt computer cannot be asked now",
        )),
        view => Ok(Json(view?)),
    }
}
