//! Errors as answers: `api::ErrorBody` with the status that belongs to its code.

use std::borrow::Cow;

use api::{ErrorBody, ErrorCode};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::accounts::SignInError;
use crate::store::StoreError;

/// An error on its way out. The guard gives it the request's id and writes the body.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: ErrorCode,
    message: Cow<'static, str>,
    retry_after_seconds: Option<u64>,
}

impl ApiError {
    /// `message` is for the developer and never holds a patient's data.
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let status = match code {
            ErrorCode::BadCredentials | ErrorCode::SessionExpired | ErrorCode::EntryKeyUnknown => {
                StatusCode::UNAUTHORIZED
            }
            ErrorCode::AccountLocked => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Forbidden => StatusCode::FORBIDDEN,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::Unavailable | ErrorCode::ReceiptUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = message.into();
        Self { status, code, message, retry_after_seconds: None }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    pub(crate) fn internal() -> Self {
        Self::new(ErrorCode::Internal, "a fault of the service; nothing was changed")
    }

    fn locked(retry_after_seconds: u64) -> Self {
        let retry_after_seconds = Some(retry_after_seconds);
        let message = "too many wrong passwords";
        Self { retry_after_seconds, ..Self::new(ErrorCode::AccountLocked, message) }
    }

    /// For an answer that the framework made by itself: only its status is kept.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => (ErrorCode::NotFound, "no such path"),
            StatusCode::METHOD_NOT_ALLOWED => {
                (ErrorCode::Invalid, "the path does not know this method")
            }
            StatusCode::PAYLOAD_TOO_LARGE => (ErrorCode::TooLarge, "the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (ErrorCode::Invalid, "the body must be application/json")
            }
            // Of the line, not of the request: it may be sent again as it is.
            StatusCode::REQUEST_TIMEOUT => {
                (ErrorCode::Unavailable, "the body did not arrive in time")
            }
            s if s.is_client_error() => (ErrorCode::Invalid, "the request breaks the contract"),
            StatusCode::SERVICE_UNAVAILABLE => (ErrorCode::Unavailable, "try again later"),
            _ => return Self::internal(),
        };
        Self { status, ..Self::new(code, message) }
    }

    /// The whole answer.
    pub(crate) fn answer(self, request_id: &str) -> Response {
        let body = ErrorBody {
            code: self.code,
            message: self.message.into_owned(),
            request_id: request_id.to_owned(),
            retry_after_seconds: self.retry_after_seconds,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // What the route wants: a session's token, or an entry's signature.
            let wanted = match self.code {
                ErrorCode::EntryKeyUnknown => "Soegaki-Entry",
                _ => "Bearer",
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(wanted));
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::new(ErrorCode::NotFound, format!("no such {what}")),
            StoreError::Forbidden(what) => Self::new(ErrorCode::Forbidden, what),
            StoreError::Invalid(rule) => Self::invalid(rule),
            StoreError::SessionExpired => {
                Self::new(ErrorCode::SessionExpired, "the session has ended")
            }
            StoreError::Unavailable(why) => {
                tracing::error!(cause = %why, "the store cannot be reached");
                Self::new(ErrorCode::Unavailable, "the store cannot be reached")
            }
            fault => {
                tracing::error!(cause = %fault, "a fault of the store");
                Self::internal()
            }
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::BadCredentials => {
                Self::new(ErrorCode::BadCredentials, "ID or password is wrong")
            }
            SignInError::Delayed { retry_after_seconds } => Self::locked(retry_after_seconds),
            SignInError::Store(error) => error.into(),
        }
    }
}
