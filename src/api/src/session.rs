//! Signing in and who is signed in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use clinical::{Role, Staff};

/// ID and password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// Name of the institution in the service, as set on the terminal.
    #[schema(example = "demo")]
    pub institution: String,
    /// The person's ID.
    #[schema(example = "uketsuke")]
    pub login: String,
    /// Up to 128 characters.
    pub password: String,
    /// Name of the terminal, for the audit log.
    pub terminal: String,
    /// The public half of the key with which this terminal will sign what this person confirms
    /// ([`crate::proof`]), 64 hexadecimal digits. Known to the cloud from then on as the person's.
    #[serde(default)]
    #[schema(min_length = 64, max_length = 64)]
    pub entry_key: Option<String>,
    /// Names the terminal's store, which counts specimen numbers; made with the store (UUIDv4).
    #[serde(default)]
    pub store: Option<Uuid>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("institution", &self.institution).finish_non_exhaustive()
    }
}

/// A new session.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Opaque, 256 random bits; shown this once.
    pub token: String,
    /// Who, where, until when.
    pub session: SessionInfo,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    /// The institution's name as written on its papers.
    pub institution: String,
    /// The account.
    pub account_id: Uuid,
    /// The person's ID.
    pub login: String,
    /// The person's name as shown on the screen.
    pub display_name: String,
    /// What the person may do.
    pub role: Role,
    /// The terminal's two digits in specimen numbers ([`clinical::lab::SpecimenNumber`]), 0 to 99; `None` where the
    /// terminal named no store, or all hundred are in use.
    #[serde(default)]
    #[schema(required)]
    pub station: Option<u8>,
    /// The session ends after this long without a request.
    pub idle_limit_seconds: u64,
    /// The session ends at this moment whatever happens.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: jiff::Timestamp,
}

/// Whether the cloud lives, and its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Program version.
    pub version: String,
    /// The cloud's clock; a terminal compares its own.
    #[schema(value_type = String, format = DateTime)]
    pub now: jiff::Timestamp,
}
