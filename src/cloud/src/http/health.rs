//! Whether the service lives, and its clock.

use api::session::Health;
use axum::Json;
use axum::extract::State;

use super::Shared;

/// Whether the cloud lives, and its clock
///
/// Needs no token. A terminal compares its own clock with `now`.
#[utoipa::path(get, path = api::routes::HEALTH, tag = "service", operation_id = "getHealth",
    responses((status = 200, description = "It lives.", body = Health)))]
pub(super) async fn health(State(shared): State<Shared>) -> Json<Health> {
    Json(Health { version: env!("CARGO_PKG_VERSION").to_owned(), now: shared.clock.now() })
}
