//! The event stream as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use api::{ErrorBody, Event};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use tokio::sync::watch;
use utoipa::IntoParams;

use super::Shared;
use super::error::ApiError;
use super::extract::{Caller, QueryOf};
use crate::accounts::roles::Permission;
use crate::store::{EventFeed, Session, StoreError};

/// A comment goes out after this long without an event, so that both sides notice a dead line.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// A session that another process ended is noticed within this time.
const SESSION_CHECK: Duration = Duration::from_secs(2);

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Number of the last event seen; without it (and without the header `Last-Event-ID`) the stream begins
    /// with the next event.
    after: Option<i64>,
}

/// What changes, as it changes
///
/// Server-sent events: `id` is the number, `data` one Event. The stream catches up from `after` without a gap
/// and goes on live; after ten seconds of silence comes a comment. `reset` means that the number is no longer
/// kept: load everything anew. The stream ends with its session.
#[utoipa::path(get, path = api::routes::EVENTS, tag = "events", operation_id = "followEvents", security(("session" = [])),
    params(EventQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "As `after`, from a browser that comes back")),
    responses(
        (status = 200, description = "The stream.", body = Event, content_type = "text/event-stream"),
        (status = 401, description = "`session_expired`", body = ErrorBody),
        (status = 422, description = "`invalid`", body = ErrorBody),
        (status = 503, description = "`unavailable`", body = ErrorBody)))]
pub(super) async fn events(
    State(shared): State<Shared>,
    caller: Caller,
    QueryOf(query): QueryOf<EventQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    caller.may(Permission::ReadPatients)?;
    let tenant = caller.actor().tenant();
    let after = match (last_event_id(&headers)?, query.after) {
        // A browser repeats the address it began with and puts its newest number into the header.
        (Some(header), Some(after)) => header.max(after),
        (Some(number), None) | (None, Some(number)) => number,
        (None, None) => shared.store.event_head(tenant).await?,
    };
    let feed = shared.store.follow(tenant, after);
    let over = session_over(shared.clone(), caller.session);
    let stream = told(feed).take_until(over).take_until(stopped(shared.stopping.clone()));
    let keep_alive = sse::KeepAlive::new().interval(KEEP_ALIVE).text("");
    Ok(sse::Sse::new(stream).keep_alive(keep_alive).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    number.map(Some).ok_or_else(|| ApiError::invalid("Last-Event-ID is not a number"))
}

/// Ends at the first error: the client comes back with its last number and misses nothing.
fn told(feed: EventFeed) -> impl Stream<Item = Result<sse::Event, Infallible>> + Send {
    stream::unfold(feed, |mut feed| async move {
        let event = match feed.next().await {
            Ok(event) => event,
            Err(error) => {
                tracing::debug!(cause = %error, "an event stream ends");
                return None;
            }
        };
        let told = sse::Event::default().id(event.seq.to_string()).json_data(&event).ok()?;
        Some((Ok(told), feed))
    })
    .fuse()
}

/// Done when the session is: at once when it ends in this process, else at the next look.
async fn session_over(shared: Shared, session: Session) {
    loop {
        let ended = shared.ended.notified();
        match shared.store.session_lives(&session).await {
            // While the store cannot be reached nothing can be told; the feed ends by itself.
            Ok(true) | Err(StoreError::Unavailable(_)) => {}
            Ok(false) | Err(_) => return,
        }
        let _ = tokio::time::timeout(SESSION_CHECK, ended).await;
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
