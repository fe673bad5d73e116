//! Sets of items that are ordered together. The latest word stands, by when the person said it.

use std::collections::HashSet;

use api::EventKind;
use api::entries::EntryResult;
use api::lab::LabSets;
use clinical::Role;
use clinical::lab::{LabSet, LabSetAct, LabSetEntry};
use jiff::Timestamp;
use uuid::Uuid;

use crate::store::audit::Entry;
use crate::store::entry_keys::EntryAuthor;
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::{Actor, Store, StoreError, Tenant};

/// Longest name.
const LONGEST_NAME: usize = 20;
/// Most items.
const MOST_ITEMS: usize = 100;
/// Longest key of an item.
const LONGEST_KEY: usize = 40;

/// A word about a set and what becomes of it.
pub(in crate::store) struct Judged {
    entry: LabSetEntry,
    said: String,
    /// Whether it is the latest.
    latest: bool,
}

fn check(set: &LabSet) -> Result<(), StoreError> {
    let printable = |text: &str, longest: usize| {
        !text.trim().is_empty()
            && text.chars().count() <= longest
            && !text.chars().any(char::is_control)
    };
    let mut keys = HashSet::new();
    let text = if !printable(&set.name, LONGEST_NAME) {
        "a set has a name of 1 to 20 characters"
    } else if set.items.is_empty() || set.items.len() > MOST_ITEMS {
        "a set has 1 to 100 items"
    } else if !set.items.iter().all(|key| printable(key, LONGEST_KEY) && keys.insert(key)) {
        "an item of the set is no key of the catalogue, or stands twice"
    } else {
        return Ok(());
    };
    Err(StoreError::Invalid(text.to_owned()))
}

/// A set of one practitioner is that person's alone.
fn may(author: &EntryAuthor, owner: Option<Uuid>) -> Result<(), StoreError> {
    let own = author.staff.role == Role::Practitioner && owner == Some(author.staff.account);
    if owner.is_none() || own {
        Ok(())
    } else {
        Err(StoreError::Forbidden("a practitioner's own set is that person's to change"))
    }
}

/// Says what becomes of an entry. Writes nothing.
pub(in crate::store) async fn judge(
    tx: &mut Tx<'_>,
    author: &EntryAuthor,
    entry: &LabSetEntry,
    entered_at: Timestamp,
) -> Result<Judged, StoreError> {
    if let LabSetAct::Keep { set } = &entry.act {
        check(set)?;
        if set.id != entry.set {
            return Err(StoreError::Invalid("the entry names another set".to_owned()));
        }
        may(author, set.owner)?;
    }
    let row = tx
        .one(
            "SELECT owner, said FROM lab_sets WHERE institution_id = $1 AND id = $2",
            args![author.actor.tenant, entry.set.to_string()],
        )
        .await?;
    let said = sql::stamp(entered_at);
    let mut latest = true;
    if let Some(row) = row {
        let owner = sql::text(&row, 0)?;
        let damaged = || StoreError::Damaged("lab_sets.owner".to_owned());
        let owner = if owner.is_empty() {
            None
        } else {
            Some(owner.parse::<Uuid>().map_err(|_| damaged())?)
        };
        may(author, owner)?;
        latest = sql::text(&row, 1)? <= said.as_str();
    } else if entry.act == LabSetAct::Remove {
        return Err(StoreError::NotFound("set"));
    }
    Ok(Judged { entry: entry.clone(), said, latest })
}

/// What the log says of an entry about a set.
pub(in crate::store) fn audit_of(entry: &LabSetEntry, more: &str) -> Entry {
    let action = match entry.act {
        LabSetAct::Keep { .. } => "lab_set.keep",
        LabSetAct::Remove => "lab_set.remove",
    };
    Entry::new(action, "lab set", entry.set.to_string()).with(more)
}

impl Judged {
    /// Every word is told as stored; which one stands is read anew.
    pub(in crate::store) fn result() -> EntryResult {
        EntryResult::LabSet
    }

    /// The set, the event and the audit row.
    pub(in crate::store) async fn store(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        if !self.latest {
            return tx.audit(actor, audit_of(&self.entry, "a later word stands"));
        }
        let id = self.entry.set.to_string();
        match &self.entry.act {
            LabSetAct::Keep { set } => {
                let owner = set.owner.map(|owner| owner.to_string()).unwrap_or_default();
                tx.exec(
                    "INSERT INTO lab_sets (institution_id, id, owner, said, body) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (institution_id, id) DO UPDATE \
                     SET owner = excluded.owner, said = excluded.said, body = excluded.body",
                    args![actor.tenant, id, owner, self.said.as_str(), sql::to_json(set)?],
                )
                .await?;
            }
            LabSetAct::Remove => {
                tx.exec(
                    "UPDATE lab_sets SET body = '', said = $3 \
                     WHERE institution_id = $1 AND id = $2",
                    args![actor.tenant, id, self.said.as_str()],
                )
                .await?;
            }
        }
        tx.event(actor.tenant, &EventKind::LabSetsChanged)?;
        tx.audit(actor, audit_of(&self.entry, ""))
    }
}

impl Store {
    /// The sets of the clinic and of its practitioners, by place, then name. Nobody's data, so no audit row.
    pub async fn lab_sets(&self, tenant: Tenant) -> Result<LabSets, StoreError> {
        let rows = self
            .database()
            .all(
                "SELECT body FROM lab_sets WHERE institution_id = $1 AND body <> ''",
                args![tenant],
            )
            .await?;
        let mut sets = rows
            .iter()
            .map(|row| sql::json::<LabSet>(row, 0, "lab_sets.body"))
            .collect::<Result<Vec<_>, _>>()?;
        sets.sort_by(|a, b| (a.place, &a.name, a.id).cmp(&(b.place, &b.name, b.id)));
        Ok(LabSets { sets })
    }
}
