//! The people who work at the clinic (職員), as far as records name them.

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

/// A person as a record names the person: by account, with name and role as they were at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Staff {
    /// The account.
    pub account: Uuid,
    /// Name as shown.
    #[schema(example = "院長")]
    pub name: String,
    /// What the person does.
    pub role: Role,
}
