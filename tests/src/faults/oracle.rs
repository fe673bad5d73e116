//! The judge: what the screens said against what the cloud's database holds, read past the cloud's own code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use api::proof;
use clinical::profile::{Item, Version};
use cloud::clock::Clock;
use cloud::store::Store;
use sqlx::{AnyConnection, Connection, Row};
use uuid::Uuid;

use super::Fault;
use super::journal::{Journal, Tried};

/// One row of the entries.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// Its name.
    pub id: Uuid,
    /// Whose, by the account's name.
    pub account: String,
    /// What signed it.
    pub public_key: String,
    /// Its signature.
    pub signature: String,
    /// The hash as the cloud has it.
    pub hash: String,
    /// The bytes.
    pub body: String,
}

/// One version of an item.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    /// The entry's name.
    pub id: Uuid,
    /// The patient.
    pub canonical: String,
    /// Its place among the patient's.
    pub seq: i64,
    /// The version.
    pub body: String,
}

/// What the cloud's database holds.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// What was confirmed.
    pub entries: Vec<StoredEntry>,
    /// The versions, in the order of patient and place.
    pub versions: Vec<StoredVersion>,
    /// The items: patient, item, content.
    pub items: BTreeMap<(String, Uuid), String>,
    /// Causes of what services outside must hear.
    pub outgoing: Vec<String>,
    /// The events' numbers in their order, and the last one that was given out.
    pub events: (Vec<i64>, i64),
    /// How many events tell of a version.
    pub told: usize,
    /// The versions that the audit log names as stored, each as often as it does.
    pub audited: Vec<Uuid>,
    /// How often an entry came again and got its receipt again.
    pub repeated: u64,
    /// What is wrong with the audit log; `None` when its chain is whole.
    pub audit: Option<String>,
}

impl Stored {
    /// Reads a database whose cloud is stopped.
    pub fn read(database: &str) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(read(database))
    }
}

async fn read(database: &str) -> Result<Stored, Fault> {
    sqlx::any::install_default_drivers();
    let mut stored = Stored::default();
    let mut raw = AnyConnection::connect(database).await?;
    let rows = sqlx::query("SELECT id, account_id, public_key, signature, hash, body FROM entries")
        .fetch_all(&mut raw)
        .await?;
    for row in rows {
        stored.entries.push(StoredEntry {
            id: row.try_get::<String, _>(0)?.parse()?,
            account: row.try_get(1)?,
            public_key: row.try_get(2)?,
            signature: row.try_get(3)?,
            hash: row.try_get(4)?,
            body: row.try_get(5)?,
        });
    }
    let text = "SELECT id, canonical, seq, body FROM versions ORDER BY canonical, seq";
    for row in sqlx::query(text).fetch_all(&mut raw).await? {
        let id = row.try_get::<String, _>(0)?.parse()?;
        let (canonical, seq, body) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        stored.versions.push(StoredVersion { id, canonical, seq, body });
    }
    for row in sqlx::query("SELECT canonical, item, body FROM items").fetch_all(&mut raw).await? {
        let item = row.try_get::<String, _>(1)?.parse()?;
        stored.items.insert((row.try_get(0)?, item), row.try_get(2)?);
    }
    for row in sqlx::query("SELECT cause FROM outgoing").fetch_all(&mut raw).await? {
        stored.outgoing.push(row.try_get(0)?);
    }
    for row in sqlx::query("SELECT seq, body FROM events ORDER BY seq").fetch_all(&mut raw).await? {
        stored.events.0.push(row.try_get(0)?);
        let body: String = row.try_get(1)?;
        stored.told += usize::from(body.contains("\"profile_changed\""));
    }
    let text = "SELECT action, detail FROM audit WHERE action LIKE 'profile.%'";
    for row in sqlx::query(text).fetch_all(&mut raw).await? {
        let (action, detail): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let version = detail.split(' ').find_map(|word| word.strip_prefix("version="));
        match (action.as_str(), version.and_then(|id| id.parse().ok())) {
            ("profile.repeated", _) => stored.repeated += 1,
            (_, Some(version)) => stored.audited.push(version),
            _ => {}
        }
    }
    let head = sqlx::query("SELECT event_seq FROM heads").fetch_one(&mut raw).await?;
    stored.events.1 = head.try_get(0)?;
    raw.close().await?;
    let store = Store::open(database, Clock::system()).await?;
    let verdicts = cloud::admin::audit_verify(&store, None, None).await?;
    store.close().await;
    stored.audit =
        verdicts.iter().find(|(_, v)| !v.is_whole()).map(|(_, verdict)| format!("{verdict:?}"));
    Ok(stored)
}

/// The verdict over one phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Entries that persons confirmed.
    pub confirmed: usize,
    /// Of those, how many the screen called saved.
    pub told: usize,
    /// Of those, how many the cloud has once.
    pub once: usize,
    /// Called saved and not in the cloud.
    pub lost: Vec<Uuid>,
    /// Called saved, refused by the cloud or built on such an entry, and still on the screen of what is unsent.
    pub refused: Vec<Uuid>,
    /// More than once in the cloud.
    pub doubled: Vec<Uuid>,
    /// In the cloud, and nobody confirmed it.
    pub phantom: Vec<Uuid>,
    /// In the cloud with other bytes, another author, or a signature that does not hold.
    pub altered: Vec<Uuid>,
    /// Stored before an earlier entry of the same terminal about the same patient.
    pub out_of_order: Vec<Uuid>,
    /// How often an entry came again, was not stored again and got its receipt again.
    pub repeated: u64,
    /// Anything else that must not be, in words.
    pub broken: Vec<String>,
}

impl Verdict {
    /// Whether nothing is wrong but that something is missing.
    pub fn only_lost(&self) -> bool {
        self.refused.is_empty()
            && self.phantom.is_empty()
            && self.doubled.is_empty()
            && self.altered.is_empty()
            && self.out_of_order.is_empty()
            && self.broken.is_empty()
    }
}

/// Compares what the terminals' screens said with what is stored.
pub fn judge(terminals: &[(String, Journal)], stored: &Stored) -> Verdict {
    let mut verdict = Verdict::default();
    let entries: HashMap<Uuid, &StoredEntry> =
        stored.entries.iter().map(|entry| (entry.id, entry)).collect();
    let versions: HashMap<Uuid, &StoredVersion> =
        stored.versions.iter().map(|version| (version.id, version)).collect();
    let mut known: BTreeSet<Uuid> = BTreeSet::new();
    for (name, journal) in terminals {
        verdict.confirmed += journal.tried.len();
        verdict.told += journal.saved.len();
        for id in journal.not_saved.keys().filter(|id| entries.contains_key(id)) {
            verdict.broken.push(format!("{name}: {id} was called not saved and was sent"));
        }
        let mut places: HashMap<String, i64> = HashMap::new();
        for tried in &journal.tried {
            let id = tried.entry.id;
            known.insert(id);
            let Some(entry) = entries.get(&id) else {
                // What builds on a refused entry waits with it.
                if journal.left.contains_key(&id) && !journal.refused.is_empty() {
                    verdict.refused.push(id);
                } else if journal.saved.contains(&id) {
                    verdict.lost.push(id);
                } else if journal.sent.contains(&id) {
                    verdict.broken.push(format!("{name}: {id} has a receipt and is not stored"));
                }
                continue;
            };
            if !is_the_same(tried, entry) {
                verdict.altered.push(id);
            }
            let is_profile =
                matches!(tried.entry.content, api::entries::EntryContent::Profile { .. });
            match versions.get(&id) {
                Some(version) => {
                    let last = places.entry(version.canonical.clone()).or_insert(0);
                    if version.seq <= *last {
                        verdict.out_of_order.push(id);
                    }
                    *last = (*last).max(version.seq);
                }
                None if is_profile => {
                    verdict.broken.push(format!("{id} is stored without its version"));
                }
                None => {}
            }
            if journal.saved.contains(&id) {
                verdict.once += 1;
            }
        }
    }
    verdict.phantom =
        stored.entries.iter().map(|entry| entry.id).filter(|id| !known.contains(id)).collect();
    let versions = stored.versions.iter().map(|version| version.id);
    let causes = stored.outgoing.iter().filter_map(|cause| cause.parse().ok());
    verdict.doubled.extend(twice(stored.entries.iter().map(|entry| entry.id)));
    verdict.doubled.extend(twice(versions));
    verdict.doubled.extend(twice(causes));
    verdict.doubled.sort_unstable();
    verdict.doubled.dedup();
    verdict.once -= verdict.doubled.len().min(verdict.once);
    verdict.broken.extend(stored.audit.iter().map(|why| format!("audit log: {why}")));
    verdict.repeated = stored.repeated;
    verdict.broken.extend(gaps(stored));
    verdict.broken.extend(halves(stored));
    verdict.broken.extend(items_that_do_not_follow(stored));
    verdict
}

fn is_the_same(tried: &Tried, stored: &StoredEntry) -> bool {
    stored.hash == tried.hash
        && proof::hash(stored.body.as_bytes()) == tried.hash
        && stored.account == tried.author.to_string()
        && proof::verify(&stored.public_key, stored.body.as_bytes(), &stored.signature)
}

fn twice(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| !seen.insert(*id)).collect()
}

/// Numbers without gaps: events from the first kept one to the head, versions from 1 within each patient.
fn gaps(stored: &Stored) -> Vec<String> {
    let mut found = Vec::new();
    let (events, head) = &stored.events;
    if events.windows(2).any(|pair| pair[1] != pair[0] + 1) || events.last().unwrap_or(&0) != head {
        found.push(format!("the events up to {head} have a gap"));
    }
    let mut places: BTreeMap<&str, i64> = BTreeMap::new();
    for version in &stored.versions {
        let place = places.entry(&version.canonical).or_insert(0);
        *place += 1;
        if version.seq != *place {
            found.push(format!("version {} stands at {}, not {place}", version.id, version.seq));
            *place = version.seq;
        }
    }
    found
}

/// Version, audit row and event are one transaction: none is there without the others.
fn halves(stored: &Stored) -> Vec<String> {
    let mut found = Vec::new();
    let versions: BTreeSet<Uuid> = stored.versions.iter().map(|version| version.id).collect();
    let audited: BTreeSet<Uuid> = stored.audited.iter().copied().collect();
    for id in versions.symmetric_difference(&audited) {
        found.push(format!("version {id} or its audit row is without the other"));
    }
    for id in twice(stored.audited.iter().copied()) {
        found.push(format!("version {id} has two audit rows"));
    }
    if stored.told != stored.versions.len() {
        found.push(format!("{} versions have {} events", stored.versions.len(), stored.told));
    }
    found
}

/// Items must be what their versions make of them, however often the cloud was killed between the two.
fn items_that_do_not_follow(stored: &Stored) -> Vec<String> {
    let mut found = Vec::new();
    let mut made: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for stored in &stored.versions {
        let items = made.entry(stored.canonical.clone()).or_default();
        match serde_json::from_str::<Version>(&stored.body) {
            Ok(version) => {
                if let Err(why) = Item::apply(items, &version) {
                    found.push(format!("version {} is stored and breaks a rule: {why}", stored.id));
                }
            }
            Err(e) => found.push(format!("version {} cannot be read: {e}", stored.id)),
        }
    }
    let mut expected = 0;
    for (canonical, items) in &made {
        for item in items {
            expected += 1;
            let kept = stored.items.get(&(canonical.clone(), item.id));
            let kept = kept.and_then(|body| serde_json::from_str::<Item>(body).ok());
            if kept.as_ref() != Some(item) {
                found.push(format!("item {} is not what its versions make of it", item.id));
            }
        }
    }
    if expected != stored.items.len() {
        found.push(format!("{} items stand, {expected} have versions", stored.items.len()));
    }
    found
}
