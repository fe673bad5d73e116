//! Signing in and who is signed in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a person does at the clinic, and with it what the person may do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 受付.
    Receptionist,
    /// 看護師.
    Nurse,
    /// 医師.
    Practitioner,
    /// 管理者.
    Administrator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] =
        [Self::Receptionist, Self::Nurse, Self::Practitioner, Self::Administrator];

    /// As on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receptionist => "receptionist",
            Self::Nurse => "nurse",
            Self::Practitioner => "practitioner",
            Self::Administrator => "administrator",
        }
    }

    /// Reads what [`Role::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

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
