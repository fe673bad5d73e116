//! The reception list.

use api::ErrorBody;
use api::receptions::{ReceptionList, ReceptionQuery, Reference};
use axum::Json;
use axum::extract::State;
use clinical::{Reception, ReceptionKey};

use super::Shared;
use super::error::ApiError;
use super::extract::{Caller, PathOf, QueryOf};
use crate::accounts::roles::Permission;

/// The clinic's departments, physicians and contents
#[utoipa::path(get, path = api::routes::REFERENCE, tag = "receptions", operation_id = "getReference", security(("session" = [])),
    responses(
        (status = 200, description = "As the receipt computer has them.", body = Reference),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn reference(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Json<Reference>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.reference(caller.actor().tenant()).await?))
}

/// All receptions of a day
///
/// `event_seq` is the number to ask the event stream for: nothing falls between list and stream.
#[utoipa::path(get, path = api::routes::RECEPTIONS, tag = "receptions", operation_id = "listReceptions", security(("session" = [])),
    params(ReceptionQuery),
    responses(
        (status = 200, description = "The day's list.", body = ReceptionList),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    QueryOf(query): QueryOf<ReceptionQuery>,
) -> Result<Json<ReceptionList>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    let day = query.date.unwrap_or_else(|| caller.today(&shared));
    Ok(Json(shared.store.reception_list(caller.actor(), day).await?))
}

/// One reception
#[utoipa::path(get, path = api::routes::RECEPTION, tag = "receptions", operation_id = "getReception", security(("session" = [])),
    params(("date" = String, Path, format = Date, description = "Day of the reception"),
           ("id" = String, Path, description = "受付ID of that day", example = "00005")),
    responses(
        (status = 200, description = "The reception.", body = Reception),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 404, description = "`not_found`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn one(
    State(shared): State<Shared>,
    caller: Caller,
    PathOf(key): PathOf<ReceptionKey>,
) -> Result<Json<Reception>, ApiError> {
    caller.may(Permission::ReadPatients)?;
    Ok(Json(shared.store.reception(caller.actor(), &key).await?))
}
