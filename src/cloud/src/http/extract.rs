//! What handlers take out of a request. Every refusal is an `ApiError`, and none repeats what was sent.

use std::net::SocketAddr;
use std::time::Duration;

use api::ErrorCode;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use jiff::civil::Date;
use serde::de::DeserializeOwned;

use super::Shared;
use super::error::ApiError;
use crate::accounts::roles::{self, Permission};
use crate::store::{Actor, Session};

/// A body that trickles in slower than this is given up.
const BODY_WAIT: Duration = Duration::from_secs(15);

/// A JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Shared> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        let RawJson(bytes) = RawJson::from_request(request, shared).await?;
        RawJson::parse(&bytes).map(Self)
    }
}

/// The bytes of a JSON body as they came.
pub(super) struct RawJson(pub(super) Bytes);

impl RawJson {
    /// What they say.
    pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
        serde_json::from_slice(bytes).map_err(|e| json_error(&e))
    }
}

impl FromRequest<Shared> for RawJson {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::invalid("the body must be application/json"));
        }
        let limit = shared.body_limit;
        if announced_length(request.headers()).is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        whole(request.into_body(), limit).await.map(Self)
    }
}

/// A body to its end. One that does not arrive whole says something of the line and nothing of what was sent: a
/// terminal must not take that for a refusal of its entry.
async fn whole(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let passing = |text: &'static str| ApiError::new(ErrorCode::Unavailable, text);
    match tokio::time::timeout(BODY_WAIT, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_limit(&error) => Err(too_large()),
        Ok(Err(_)) => Err(passing("the body broke off; nothing was changed")),
        Err(_) => Err(passing("the body did not arrive in time; nothing was changed")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = cause {
        if e.to_string().contains("length limit exceeded") {
            return true;
        }
        cause = e.source();
    }
    false
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::TooLarge, "the body is larger than any request of this contract")
}

/// Only the place: serde's own words may quote the value.
fn json_error(error: &serde_json::Error) -> ApiError {
    let what = match error.classify() {
        serde_json::error::Category::Data => "is not of the contract",
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is not JSON",
    };
    ApiError::invalid(format!("the body {what} (line {}, column {})", error.line(), error.column()))
}

/// The parameters of the path.
pub(super) struct PathOf<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for PathOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        axum::extract::Path::<T>::from_request_parts(parts, shared)
            .await
            .map(|path| Self(path.0))
            .map_err(|_| ApiError::invalid("a parameter of the path is not of the contract"))
    }
}

/// The parameters behind the question mark.
pub(super) struct QueryOf<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for QueryOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        axum::extract::Query::<T>::from_request_parts(parts, shared)
            .await
            .map(|query| Self(query.0))
            .map_err(|_| ApiError::invalid("a parameter of the query is not of the contract"))
    }
}

/// Where the connection comes from, for the limits on wrong passwords.
pub(super) struct Peer(pub(super) SocketAddr);

impl FromRequestParts<Shared> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        ConnectInfo::<SocketAddr>::from_request_parts(parts, shared)
            .await
            .map(|info| Self(info.0))
            .map_err(|_| ApiError::internal())
    }
}

/// The person who is signed in: every route but signing in and the health wants one.
pub(super) struct Caller {
    pub(super) session: Session,
}

impl Caller {
    /// In whose name the store is asked.
    pub(super) fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// Refuses with `forbidden` unless the role has the right.
    pub(super) fn may(&self, permission: Permission) -> Result<(), ApiError> {
        if roles::may(self.session.info.role, permission) {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::Forbidden, "the role may not do this"))
    }

    /// The clinic's day.
    pub(super) fn today(&self, shared: &Shared) -> Date {
        shared.clock.today(self.session.offset)
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)
            .ok_or_else(|| ApiError::new(ErrorCode::SessionExpired, "no session token was sent"))?;
        Ok(Self { session: shared.store.session(token).await? })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;

    use super::whole;

    #[tokio::test]
    async fn a_body_that_breaks_off_is_the_lines_fault_and_one_that_is_too_long_the_senders() {
        let parts = [Ok("{\"id\":"), Err(std::io::Error::other("the line breaks here"))];
        let broken = Body::from_stream(futures_util::stream::iter(parts));
        let error = whole(broken, 100).await.expect_err("it is not whole");
        assert_eq!(error.answer("1").status(), StatusCode::SERVICE_UNAVAILABLE);
        let error = whole(Body::from("0123456789"), 9).await.expect_err("it is too long");
        assert_eq!(error.answer("1").status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(whole(Body::from("0123456789"), 10).await.expect("it fits").len(), 10);
    }
}
