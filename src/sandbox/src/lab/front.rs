//! The HTTPS way.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use exchange::hl7v2::decode;

use super::books::{Books, Way};
use super::counter;

/// Larger than any message.
const MOST_BYTES: usize = 4 << 20;
const HL7: &str = "application/hl7-v2";

#[derive(Clone)]
struct Shared {
    books: Arc<Books>,
    authorization: Arc<str>,
}

pub(super) fn router(books: Arc<Books>, authorization: String) -> Router {
    Router::new()
        .route("/orders", post(order))
        .route("/results", get(result))
        .route("/results/ack", post(acknowledge))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(Shared { books, authorization: authorization.into() })
}

async fn order(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = refused(&shared, &headers, true) {
        return refused;
    }
    match counter::order(&shared.books, &body, Way::Https) {
        Ok(bytes) => message(bytes),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn result(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Some(refused) = refused(&shared, &headers, false) {
        return refused;
    }
    let mut state = shared.books.state();
    shared.books.make_due(&mut state);
    let first = state.parcels.iter().find(|parcel| parcel.way == Way::Https);
    match first {
        Some(parcel) => message(parcel.bytes.clone()),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn acknowledge(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = refused(&shared, &headers, true) {
        return refused;
    }
    match counter::acknowledge(&shared.books, &body) {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => (StatusCode::NOT_FOUND, "MSA-2: no such message waits").into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

/// Who may not come in, and what is not a message.
fn refused(shared: &Shared, headers: &HeaderMap, body: bool) -> Option<Response> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text(header::AUTHORIZATION) != &*shared.authorization {
        let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"laboratory\"")];
        return Some((StatusCode::UNAUTHORIZED, ask).into_response());
    }
    let kind = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if body && !kind.eq_ignore_ascii_case(HL7) {
        return Some(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    None
}

fn message(bytes: Vec<u8>) -> Response {
    let kind = format!("{HL7}; charset={}", decode(&bytes).charset.mime());
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}
