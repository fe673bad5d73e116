//! The contract of the crate `api`, answered over HTTPS.

mod docs;
mod entries;
mod error;
mod events;
mod extract;
mod guard;
mod health;
mod lab;
mod openapi;
mod patients;
mod profile;
mod receptions;
mod sessions;
pub(crate) mod tls;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use tokio::sync::{Notify, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::links::Links;
use crate::store::Store;
use error::ApiError;

pub use openapi::document;

/// What the handlers share. No state of a request outlives it here; whatever must last is in the store.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) accounts: Accounts,
    pub(crate) links: Arc<Links>,
    pub(crate) clock: Clock,
    pub(crate) body_limit: usize,
    /// Told when a session ends here, so that its streams end at once.
    pub(crate) ended: Arc<Notify>,
    /// True once the service stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The routes of the contract with their description.
fn contract() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(health::health))
        .routes(routes!(sessions::sign_in))
        .routes(routes!(sessions::session, sessions::sign_out))
        .routes(routes!(receptions::reference))
        .routes(routes!(receptions::list))
        .routes(routes!(receptions::one))
        .routes(routes!(patients::search))
        .routes(routes!(patients::one))
        .routes(routes!(profile::history))
        .routes(routes!(profile::confirmations))
        .routes(routes!(profile::staff))
        .routes(routes!(lab::day))
        .routes(routes!(lab::order))
        .routes(routes!(lab::specimen))
        .routes(routes!(lab::inbox))
        .routes(routes!(lab::sets))
        .routes(routes!(lab::patient))
        .routes(routes!(entries::take))
        .routes(routes!(events::events))
}

/// Everything that is answered.
pub(crate) fn router(shared: Shared) -> Router {
    let (contract, document) = contract().split_for_parts();
    contract
        .merge(docs::routes(&document))
        .fallback(|| async { ApiError::of_status(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async {
            ApiError::of_status(StatusCode::METHOD_NOT_ALLOWED)
        })
        .layer(axum::middleware::from_fn(guard::guard))
        .with_state(shared)
}
