//! What stands: the one rule by which versions make an item.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::value::{ProfileKind, ProfileValue};
use super::version::{Source, Version};
use crate::staff::{Role, Staff};

/// A content with who wrote it: a [`Version`] whose act is [`super::Act::Record`], laid open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recorded {
    /// The version's name.
    pub version: Uuid,
    /// The content.
    pub value: ProfileValue,
    /// Where it comes from.
    pub source: Source,
    /// Who entered it.
    pub author: Staff,
    /// In whose name.
    pub on_behalf_of: Option<Staff>,
    /// Why.
    pub reason: String,
    /// When, by the terminal's clock.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// When the cloud stored it; `None` while it waits in a terminal's outbox.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stored_at: Option<Timestamp>,
}

/// A confirmation or a withdrawal that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deed {
    /// The version's name.
    pub version: Uuid,
    /// Who.
    pub author: Staff,
    /// In whose name.
    pub on_behalf_of: Option<Staff>,
    /// Why.
    pub reason: String,
    /// When, by the terminal's clock.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// When the cloud stored it; `None` while it waits in a terminal's outbox.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stored_at: Option<Timestamp>,
}

/// An item as it stands after all its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// Its name.
    pub id: Uuid,
    /// The version that the next one must build on.
    pub head: Uuid,
    /// Grows by one with each version that changes something here, a choice between rivals too: of two pictures
    /// of an item the one with the greater number is the later.
    pub revision: u32,
    /// What stands.
    pub content: Recorded,
    /// The last content that a practitioner stood for, while another waits for confirmation. It still counts
    /// as a danger.
    pub before: Option<Recorded>,
    /// The practitioner's confirmation, where somebody else had entered it.
    pub confirmation: Option<Deed>,
    /// The withdrawal, if it was taken back. While it [`Item::awaits`] confirmation the item still counts.
    pub withdrawal: Option<Deed>,
    /// Versions ([`super::Act::Record`] or [`super::Act::Withdraw`]) written by people who had not seen what stands; each
    /// waits for somebody to choose.
    pub rivals: Vec<Version>,
    /// Whether a practitioner still has to confirm.
    pub awaits: bool,
}

/// What must stand in red, as one item tells it ([`Item::dangers`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Danger<'a> {
    /// The allergy or contraindication.
    pub value: &'a ProfileValue,
    /// Where it comes from.
    pub source: Source,
    /// Who entered it.
    pub author: &'a Staff,
    /// When, by the terminal's clock.
    pub entered_at: Timestamp,
    /// Whether somebody who may stand for it does.
    pub confirmed: bool,
}

/// What became of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stands.
    Stands,
    /// Somebody else was first; both are kept and somebody must choose.
    Rival,
    /// It is kept in the history, and what it asked for had been done or overtaken meanwhile.
    Overtaken,
}

/// Why a version cannot be taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RuleBroken {
    /// It builds on an item that does not exist here.
    #[error("the entry builds on an item that does not exist")]
    NoSuchItem,
    /// Only a practitioner confirms, and only a practitioner decides against what a practitioner has written.
    #[error("only a practitioner may do this")]
    NotAPractitioner,
    /// Content of another kind than the item's.
    #[error("the item holds another kind of content")]
    OtherKind,
    /// It decides about a version that is not open.
    #[error("there is no such rival version")]
    NoSuchRival,
}

/// Whether content of this kind, entered by this role, waits for a practitioner. What a nurse has measured, the
/// nurse stands for; everything else in the profile is the practitioner's word.
pub fn needs_confirmation(role: Role, kind: ProfileKind) -> bool {
    match role {
        Role::Practitioner => false,
        Role::Nurse => !kind.is_measurement(),
        Role::Receptionist | Role::Administrator => true,
    }
}
