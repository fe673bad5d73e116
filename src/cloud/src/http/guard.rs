//! What happens around every request: its id, the log line, panics, error bodies, headers.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::error::ApiError;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Layer of every route. The log gets the route's template, never the path, the query, a header or a body.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let result = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let panicked = result.is_err();
    let mut response = match result {
        Ok(response) => response,
        Err(_) => ApiError::internal().answer(&id),
    };
    let error = response.extensions_mut().remove::<ApiError>().or_else(|| {
        let bare = !panicked && is_error(response.status());
        bare.then(|| ApiError::of_status(response.status()))
    });
    if let Some(error) = error {
        // Which methods a path knows is told by the router alone.
        let allow = response.headers_mut().remove(header::ALLOW);
        response = error.answer(&id);
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    dress(response.headers_mut(), &id);
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status().as_u16();
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    if panicked {
        tracing::error!(request = %id, method, route, status, micros, "request panicked");
    } else if response.status().is_server_error() {
        tracing::warn!(request = %id, method, route, status, micros, "request failed");
    } else {
        tracing::info!(request = %id, method, route, status, micros, "request");
    }
    response
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// A method is free text on the wire; only those of the contract get into the log.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Unique among the processes that share a log: a random start and a running number.
fn request_id() -> String {
    static START: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| {
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        high ^ low
    });
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{:08x}-{n:06x}", *START & 0xffff_ffff)
}

fn dress(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::guard;
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn faulty() -> StatusCode {
        panic!("標準　花子")
    }

    async fn answer(path: &str) -> String {
        let router = Router::new()
            .route("/panic", get(faulty))
            .route("/bare", get(|| async { StatusCode::IM_A_TEAPOT }))
            .layer(axum::middleware::from_fn(guard));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let mut line = tokio::net::TcpStream::connect(addr).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        line.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        line.read_to_string(&mut text).await.unwrap();
        server.abort();
        text
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_without_its_words() {
        let text = answer("/panic").await;
        assert!(text.starts_with("HTTP/1.1 500"), "{text}");
        assert!(text.contains("\"code\":\"internal\"") && text.contains("x-request-id"), "{text}");
        assert!(!text.contains("標準"), "{text}");
    }

    #[tokio::test]
    async fn an_answer_of_the_framework_gets_a_body_of_the_contract() {
        let text = answer("/bare").await;
        assert!(text.starts_with("HTTP/1.1 418"), "{text}");
        assert!(text.contains("\"code\":\"invalid\""), "{text}");
    }
}
