//! The front of the API: troubles, who asks, which path, which method, in which words.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};

use super::answers::{self, Answer, Endpoint};
use super::door::Switch;
use super::refusal::{Refusal, common};
use super::shared::{Shared, Trouble};
use super::socket;

/// Larger than any request of the protocol.
const MOST_BYTES: usize = 1 << 20;

/// Documented, and yet these answered 405 where they were tried: a client must find out what there is.
const GET_ONLY: [&str; 2] = ["/orca12/patientmemomodv2", "/api01rv2/hspmmv2"];

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/ws", any(push)).fallback(api).with_state(shared)
}

/// Push asks for no password: the client certificate alone tells the tenant.
async fn push(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    let books = Arc::clone(&shared.books);
    upgrade.on_upgrade(move |socket| socket::serve(socket, books))
}

async fn api(
    State(shared): State<Arc<Shared>>,
    Extension(switch): Extension<Switch>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Some(path) = head.uri.path().strip_prefix("/api/") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = format!("/{path}");
    shared.count(&path);
    if let Some(response) = troubled(shared.trouble()).await {
        return response;
    }
    if !may_enter(&shared, &head.headers) {
        return unauthorized();
    }
    if GET_ONLY.contains(&path.as_str()) && head.method != Method::GET {
        return not_allowed("GET");
    }
    let Some(endpoint) = answers::endpoint_of(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if head.method.as_str() != answers::method(endpoint) {
        return not_allowed(answers::method(endpoint));
    }
    let Ok(body) = axum::body::to_bytes(body, MOST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query = Query::<HashMap<String, String>>::try_from_uri(&head.uri);
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let answer = match refused_content(endpoint, &head.headers, &body) {
        Some(refusal) => answers::refuse(&shared.books, endpoint, refusal),
        None => answers::answer(&shared.books, endpoint, &query, &body),
    };
    match answer {
        Answer::Xml(text) => content("application/xml; charset=UTF-8", text),
        Answer::Json(text) => content("application/json; charset=UTF-8", text),
        Answer::Nothing => {
            switch.silence();
            // The server writes this into a line that swallows it, and then closes.
            ([(header::CONNECTION, "close")], Body::empty()).into_response()
        }
    }
}

async fn troubled(trouble: Trouble) -> Option<Response> {
    match trouble {
        Trouble::None | Trouble::Down => None,
        Trouble::Slow(span) => {
            tokio::time::sleep(span).await;
            None
        }
        Trouble::Garbage => {
            let bytes: Vec<u8> = (0..512_u32).map(|i| (i * 167 + 13) as u8 | 0x80).collect();
            Some(content("application/xml; charset=UTF-8", bytes))
        }
        Trouble::HtmlErrorPage => {
            let page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\
                        <body><h1>Bad Gateway</h1></body></html>\n";
            let mut response = content("text/html; charset=UTF-8", page);
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            Some(response)
        }
        Trouble::RefuseAuth => Some(unauthorized()),
    }
}

fn may_enter(shared: &Shared, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given == Some(shared.authorization.as_str())
}

fn unauthorized() -> Response {
    let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"WebORCA\"")];
    (StatusCode::UNAUTHORIZED, ask).into_response()
}

fn not_allowed(method: &'static str) -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, method)]).into_response()
}

fn content(kind: &'static str, body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

/// What is wrong with the form of a request: another content type, another character set.
fn refused_content(endpoint: Endpoint, headers: &HeaderMap, body: &Bytes) -> Option<Refusal> {
    let wanted = answers::content_type(endpoint)?;
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let (kind, charset) = content_type(given.unwrap_or_default());
    if kind != wanted {
        return Some(common::WRONG);
    }
    let utf8 = charset.is_none_or(|charset| charset == "utf-8" || charset == "utf8");
    if !utf8 || std::str::from_utf8(body).is_err() {
        // Seen on the trial server: a Shift_JIS JSON body counts as "no request".
        let json = wanted == "application/json";
        return Some(if json { common::NO_CLASS } else { common::UNREADABLE });
    }
    None
}

/// Media type and charset of a header, in small letters.
fn content_type(header: &str) -> (String, Option<String>) {
    let mut parts = header.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next().unwrap_or_default();
    let charset = parts
        .find_map(|part| part.strip_prefix("charset=").map(|c| c.trim_matches('"').to_owned()));
    (kind, charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_are_read_as_browsers_write_them() {
        let of = |text| content_type(text);
        assert_eq!(of("application/xml"), ("application/xml".into(), None));
        assert_eq!(
            of("Application/XML; Charset=\"UTF-8\""),
            ("application/xml".into(), Some("utf-8".into()))
        );
        assert_eq!(of(""), (String::new(), None));
    }
}
