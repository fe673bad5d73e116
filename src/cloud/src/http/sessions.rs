//! Signing in and out.

use api::ErrorBody;
use api::session::{SessionInfo, SignIn, SignedIn};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use zeroize::Zeroize;

use super::Shared;
use super::error::ApiError;
use super::extract::{Caller, JsonBody, Peer};

/// Sign in
///
/// Needs no token. The answer is the same whether the ID exists or not. After wrong passwords the wait before
/// the next try grows; `retry_after_seconds` tells how long.
#[utoipa::path(post, path = api::routes::SESSIONS, tag = "session", operation_id = "signIn", request_body = SignIn,
    responses(
        (status = 201, description = "The session has begun.", body = SignedIn),
        (status = 401, description = "`bad_credentials`", body = ErrorBody),
        (status = 413, description = "`too_large`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 429, description = "`account_locked`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn sign_in(
    State(shared): State<Shared>,
    Peer(peer): Peer,
    JsonBody(mut sign_in): JsonBody<SignIn>,
) -> Result<(StatusCode, Json<SignedIn>), ApiError> {
    let signed_in = shared.accounts.sign_in(&sign_in, peer.ip()).await;
    sign_in.password.zeroize();
    Ok((StatusCode::CREATED, Json(signed_in?)))
}

/// Who is signed in
#[utoipa::path(get, path = api::routes::SESSION, tag = "session", operation_id = "getSession", security(("session" = [])),
    responses(
        (status = 200, description = "The session.", body = SessionInfo),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn session(caller: Caller) -> Json<SessionInfo> {
    Json(caller.session.info)
}

/// Sign out
///
/// The token is worthless afterwards, and event streams of the session end.
#[utoipa::path(delete, path = api::routes::SESSION, tag = "session", operation_id = "signOut", security(("session" = [])),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn sign_out(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<StatusCode, ApiError> {
    shared.store.end_session(&caller.session).await?;
    shared.ended.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
