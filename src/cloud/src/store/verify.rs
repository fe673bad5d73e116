//! Whether the records are what people have signed: each entry's bytes, hash and signature, each version's entry,
//! and each item as its versions make it. Together with [`super::audit`], whose chain names every version, a
//! record that was changed, removed or added past this program is found.

use std::collections::HashSet;

use api::entries::{Entry, EntryContent};
use clinical::profile::{Item, Outcome, ProfileEntry, Version};
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::sql::{self, args};
use super::{Store, StoreError, Tenant, lab, papers};

/// Rows read at once.
pub(super) const PAGE: i64 = 500;
/// Most faults that are named; more are only counted.
const NAMED: usize = 100;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Entry, version or item, by its name.
    pub what: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// What [`Store::records_verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Records {
    /// Entries whose hash and signature were checked.
    pub entries: u64,
    /// Versions that were compared with their entries.
    pub versions: u64,
    /// Items that were made anew from their versions.
    pub items: u64,
    /// Lab orders that were made anew from their versions and the laboratories' words.
    pub orders: u64,
    /// Lab results that were made anew from the reports.
    pub results: u64,
    /// Number of faults.
    pub faults: u64,
    /// The first of them.
    pub named: Vec<Fault>,
}

impl Records {
    /// Whether everything is as people have signed it.
    pub fn is_whole(&self) -> bool {
        self.faults == 0
    }

    fn fault(&mut self, what: impl FnOnce() -> String, why: &'static str) {
        self.faults += 1;
        if self.named.len() < NAMED {
            self.named.push(Fault { what: what(), why });
        }
    }
}

/// One patient's versions, folded anew.
#[derive(Default)]
struct Fold {
    seq: i64,
    items: Vec<Item>,
}

/// The verification of one institution, under way.
struct Verify<'s> {
    store: &'s Store,
    tenant: Tenant,
    found: Records,
    versions: HashSet<Uuid>,
}

impl Verify<'_> {
    /// All patients with versions or items.
    async fn patients(&mut self) -> Result<(), StoreError> {
        let mut last = String::new();
        loop {
            let rows = self
                .store
                .database()
                .all(
                    "SELECT canonical FROM ( \
                     SELECT canonical FROM versions WHERE institution_id = $1 \
                     UNION SELECT canonical FROM items WHERE institution_id = $1) AS known \
                     WHERE canonical > $2 ORDER BY canonical LIMIT $3",
                    args![self.tenant, last.as_str(), PAGE],
                )
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                sql::text(row, 0)?.clone_into(&mut last);
                self.patient(&last).await?;
            }
        }
    }

    /// In one statement, so that versions and items are those of one moment.
    async fn patient(&mut self, canonical: &str) -> Result<(), StoreError> {
        let rows = self
            .store
            .database()
            .all(
                "SELECT 0 AS part, v.seq AS seq, v.id AS id, v.item AS item, v.outcome AS outcome, \
                 v.body AS body, COALESCE(e.body, '') AS entry, \
                 COALESCE(e.account_id, '') AS account FROM versions v LEFT JOIN entries e \
                 ON e.institution_id = v.institution_id AND e.id = v.id \
                 WHERE v.institution_id = $1 AND v.canonical = $2 UNION ALL \
                 SELECT 1, 0, '', item, '', body, '', '' FROM items \
                 WHERE institution_id = $1 AND canonical = $2 ORDER BY part, seq",
                args![self.tenant, canonical],
            )
            .await?;
        let mut fold = Fold::default();
        for row in &rows {
            if sql::int(row, 0)? == 0 {
                self.version(&mut fold, row)?;
            } else {
                self.item(&mut fold, row)?;
            }
        }
        for item in fold.items {
            self.found
                .fault(|| format!("item {}", item.id), "its versions stand, the item does not");
        }
        Ok(())
    }

    fn version(&mut self, fold: &mut Fold, row: &AnyRow) -> Result<(), StoreError> {
        self.found.versions += 1;
        fold.seq += 1;
        let name = sql::text(row, 2)?;
        let why = version_fault(fold, row)?;
        let id: Option<Uuid> = name.parse().ok();
        let twice = !id.is_some_and(|id| self.versions.insert(id));
        let why = why.or_else(|| twice.then_some("the version stands twice"));
        if let Some(why) = why {
            self.found.fault(|| format!("version {name}"), why);
        }
        Ok(())
    }

    fn item(&mut self, fold: &mut Fold, row: &AnyRow) -> Result<(), StoreError> {
        self.found.items += 1;
        let name = sql::text(row, 3)?;
        let made = fold.items.iter().position(|item| item.id.to_string() == name);
        let made = made.map(|at| fold.items.swap_remove(at));
        let stored = sql::json::<Item>(row, 5, "items.body").ok();
        if made.is_none() || stored != made {
            let why = "the item is not what its versions make it";
            self.found.fault(|| format!("item {name}"), why);
        }
        Ok(())
    }

    /// All entries by themselves, and whether those about profiles have their version.
    async fn entries(&mut self) -> Result<(), StoreError> {
        let mut last = String::new();
        loop {
            let rows = self
                .store
                .database()
                .all(
                    "SELECT e.id, e.hash, e.body, e.signature, e.public_key, e.account_id, \
                     COALESCE(k.account_id, '') AS owner, COALESCE(k.institution_id, 0) AS place \
                     FROM entries e LEFT JOIN entry_keys k ON k.public_key = e.public_key \
                     WHERE e.institution_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3",
                    args![self.tenant, last.as_str(), PAGE],
                )
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                sql::text(row, 0)?.clone_into(&mut last);
                self.found.entries += 1;
                match entry_fault(row, self.tenant)? {
                    Ok(entry) => {
                        if !self.has_record(&entry).await? {
                            self.found.fault(|| format!("entry {last}"), "its version is missing");
                        }
                    }
                    Err(why) => self.found.fault(|| format!("entry {last}"), why),
                }
            }
        }
    }

    /// Whether what the entry became is there.
    async fn has_record(&self, entry: &Entry) -> Result<bool, StoreError> {
        match &entry.content {
            EntryContent::Profile { .. } => self.has_version(entry.id).await,
            EntryContent::Lab { .. } => {
                lab::verify::has_version(self.store, self.tenant, &entry.id.to_string()).await
            }
            EntryContent::Printed { record } => {
                papers::is_kept(self.store, self.tenant, entry.id, record).await
            }
            // The latest word about these stands elsewhere; the entry is the record.
            EntryContent::ReceptionState { .. }
            | EntryContent::LabSet { .. }
            | EntryContent::LabTray { .. } => Ok(true),
        }
    }

    async fn lab(&mut self) -> Result<(), StoreError> {
        let found = lab::verify::verify(self.store, self.tenant).await?;
        self.found.versions += found.versions;
        self.found.orders += found.orders;
        self.found.results += found.results;
        for fault in found.faults {
            self.found.fault(|| fault.what, fault.why);
        }
        Ok(())
    }

    /// Every version that the log names must be there.
    async fn log(&mut self) -> Result<(), StoreError> {
        let mut last = 0;
        loop {
            let rows = self
                .store
                .database()
                .all(
                    "SELECT seq, detail FROM audit WHERE institution_id = $1 AND seq > $2 \
                     AND action IN ('profile.record', 'profile.withdraw', 'profile.confirm', \
                     'profile.keep', 'profile.rival') ORDER BY seq LIMIT $3",
                    args![self.tenant, last, PAGE],
                )
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                last = sql::int(row, 0)?;
                let named = sql::text(row, 1)?.split(' ').find_map(|p| p.strip_prefix("version="));
                let named = named.and_then(|id| id.parse::<Uuid>().ok());
                let there = match named {
                    Some(id) => self.has_version(id).await?,
                    None => false,
                };
                if !there {
                    let what = || format!("audit row {last}");
                    self.found.fault(what, "the version that it names is missing");
                }
            }
        }
    }

    /// Also one that was stored while the others were read.
    async fn has_version(&self, id: Uuid) -> Result<bool, StoreError> {
        if self.versions.contains(&id) {
            return Ok(true);
        }
        let row = self
            .store
            .database()
            .one(
                "SELECT 1 FROM versions WHERE institution_id = $1 AND id = $2",
                args![self.tenant, id.to_string()],
            )
            .await?;
        Ok(row.is_some())
    }
}

/// What is wrong with a version, given those before it; folds it in.
fn version_fault(fold: &mut Fold, row: &AnyRow) -> Result<Option<&'static str>, StoreError> {
    let name = sql::text(row, 2)?;
    let Ok(version) = sql::json::<Version>(row, 5, "versions.body") else {
        return Ok(Some("the version cannot be read"));
    };
    let outcome: Option<Outcome> = sql::from_word(sql::text(row, 4)?, "versions.outcome").ok();
    let made = Item::apply(&mut fold.items, &version).ok();
    let signed: Option<Entry> = serde_json::from_str(sql::text(row, 6)?).ok();
    let EntryContent::Profile { entry } = (match signed {
        Some(signed) if signed.id == version.id && signed.entered_at == version.entered_at => {
            signed.content
        }
        _ => return Ok(Some("the version is not the entry of its name")),
    }) else {
        return Ok(Some("the version is not the entry of its name"));
    };
    // The name in which it was entered is by the accounts' own word.
    let on_behalf_of = version.entry.on_behalf_of.clone();
    Ok(if sql::int(row, 1)? != fold.seq {
        Some("the version before it is missing")
    } else if version.id.to_string() != name
        || version.entry.item.to_string() != sql::text(row, 3)?
        || version.entry != (ProfileEntry { on_behalf_of, ..entry })
    {
        Some("the version is not the entry of its name")
    } else if version.author.account.to_string() != sql::text(row, 7)? {
        Some("the version names another author than the one who signed")
    } else if made.is_none() || made != outcome {
        Some("the rule of versions gives another outcome")
    } else {
        None
    })
}

/// The entry, or what is wrong with it.
fn entry_fault(row: &AnyRow, tenant: Tenant) -> Result<Result<Entry, &'static str>, StoreError> {
    let body = sql::text(row, 2)?.as_bytes();
    if api::proof::hash(body) != sql::text(row, 1)? {
        return Ok(Err("the entry was changed: its hash is another"));
    }
    if !api::proof::verify(sql::text(row, 4)?, body, sql::text(row, 3)?) {
        return Ok(Err("the signature does not fit"));
    }
    if (sql::text(row, 5)?, sql::int(row, 7)?) != (sql::text(row, 6)?, tenant.0) {
        return Ok(Err("the key is not the author's"));
    }
    let entry: Option<Entry> = serde_json::from_slice(body).ok();
    let name = sql::text(row, 0)?;
    Ok(entry.filter(|entry| entry.id.to_string() == name).ok_or("the entry has another name"))
}

impl Store {
    /// Checks all records of an institution, while others go on writing. Reads no content to anybody.
    pub async fn records_verify(&self, tenant: Tenant) -> Result<Records, StoreError> {
        let (found, versions) = (Records::default(), HashSet::new());
        let mut verify = Verify { store: self, tenant, found, versions };
        verify.patients().await?;
        verify.entries().await?;
        verify.lab().await?;
        verify.log().await?;
        Ok(verify.found)
    }
}
