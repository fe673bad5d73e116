//! Errors as the cloud answers them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong. A user interface picks its words by this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// `401`: ID or password wrong; the same answer whether the ID exists or not.
    BadCredentials,
    /// `429`: too many wrong passwords; `retry_after_seconds` tells when to try again.
    AccountLocked,
    /// `401`: no token, an unknown one, or one past its idle or absolute limit.
    SessionExpired,
    /// `401`: the entry is signed with a key that the cloud does not know; the person must sign in at the
    /// terminal again, and the entry must be signed anew. Nothing was stored.
    EntryKeyUnknown,
    /// `403`: the role may not do this.
    Forbidden,
    /// `404`: no such patient, reception or path.
    NotFound,
    /// `422`: the request breaks a rule; `message` says which.
    Invalid,
    /// `413`: the body is larger than any request of this contract.
    TooLarge,
    /// `503`: the store cannot be reached; nothing was changed.
    Unavailable,
    /// `503`: not known here, and the receipt computer cannot be asked now.
    ReceiptUnavailable,
    /// `500`: a fault of the cloud; nothing was changed.
    Internal,
}

/// Body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub code: ErrorCode,
    /// For the developer and the support line; never holds a patient's data.
    pub message: String,
    /// Names the request in the cloud's log.
    pub request_id: String,
    /// With [`ErrorCode::AccountLocked`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}
