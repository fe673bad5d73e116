//! Patients' profiles: versions are added, items follow from them by [`clinical::profile`]'s rule.

use api::EventKind;
use api::entries::EntryResult;
use api::profile::{Confirmations, History, HistoryEntry, Waiting};
use clinical::profile::{
    Act, Item, Outcome, ProfileEntry, ProfileKind, RuleBroken, Version, needs_confirmation,
};
use clinical::{Patient, PatientNumber, Staff};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::audit::Entry;
use super::entry_keys::EntryAuthor;
use super::sql::{self, args};
use super::tx::Tx;
use super::{Actor, Store, StoreError, accounts};

/// Most items in one list of what waits.
const WAITING: i64 = 500;
/// The service that shares allergies and infections with other institutions (電子カルテ情報共有サービス).
const SHARING: &str = "sharing";

/// An entry about an item, as it came.
pub(super) struct Told<'a> {
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    pub(super) entry: &'a ProfileEntry,
}

/// A version and what becomes of it.
pub(super) struct Judged {
    /// As the store has it.
    number: PatientNumber,
    version: Version,
    outcome: Outcome,
    item: Item,
}

/// Says what becomes of an entry, or why it cannot be taken. Writes nothing.
pub(super) async fn judge(
    tx: &mut Tx<'_>,
    author: &EntryAuthor,
    told: Told<'_>,
    today: Date,
) -> Result<Judged, StoreError> {
    let entry = told.entry;
    entry.check(today).map_err(|error| StoreError::Invalid(error.to_string()))?;
    if let Act::Record { value, .. } = &entry.act
        && (value.kind() == ProfileKind::BloodType) != (entry.item == ProfileEntry::BLOOD_TYPE)
    {
        let text = "a patient has one blood type, and its item has a fixed name";
        return Err(StoreError::Invalid(text.to_owned()));
    }
    let (tenant, canonical) = (author.actor.tenant, entry.patient.canonical());
    let row = tx
        .one(
            "SELECT number FROM patients WHERE institution_id = $1 AND canonical = $2",
            args![tenant, canonical.as_str()],
        )
        .await?
        .ok_or(StoreError::NotFound("patient"))?;
    let number = PatientNumber::parse(sql::text(&row, 0)?)
        .map_err(|_| StoreError::Damaged("patients.number".to_owned()))?;
    let row = tx
        .one(
            "SELECT body FROM items WHERE institution_id = $1 AND canonical = $2 AND item = $3",
            args![tenant, canonical, entry.item.to_string()],
        )
        .await?;
    let before = row.map(|row| sql::json::<Item>(&row, 0, "items.body")).transpose()?;
    let on_behalf_of = principal(tx, author, entry, before.as_ref().map(Item::kind)).await?;
    let version = Version {
        id: told.id,
        entry: ProfileEntry { on_behalf_of, ..entry.clone() },
        author: author.staff.clone(),
        terminal: author.actor.terminal.to_string(),
        entered_at: told.at,
        stored_at: Some(tx.now()),
    };
    let mut items: Vec<Item> = before.into_iter().collect();
    let outcome = Item::apply(&mut items, &version).map_err(|broken| match broken {
        RuleBroken::NotAPractitioner => StoreError::Forbidden("only a practitioner confirms"),
        broken => StoreError::Invalid(broken.to_string()),
    })?;
    let item =
        items.pop().ok_or_else(|| StoreError::Invalid(RuleBroken::NoSuchItem.to_string()))?;
    Ok(Judged { number, version, outcome, item })
}

/// In whose name the entry is made, by the accounts' own word: wanted where a practitioner has to stand for it.
async fn principal(
    tx: &mut Tx<'_>,
    author: &EntryAuthor,
    entry: &ProfileEntry,
    known: Option<ProfileKind>,
) -> Result<Option<Staff>, StoreError> {
    let kind = match &entry.act {
        Act::Record { value, .. } => Some(value.kind()),
        Act::Withdraw => known,
        Act::Confirm | Act::Keep => None,
    };
    let wanted = kind.is_some_and(|kind| needs_confirmation(author.staff.role, kind));
    accounts::principal(tx, author, entry.on_behalf_of.as_ref(), wanted).await
}

/// Whether the sharing service holds items of this kind.
fn is_shared(kind: ProfileKind) -> bool {
    matches!(kind, ProfileKind::Allergy | ProfileKind::Infection)
}

/// `items.page`, by the rule of [`clinical::profile::shown`].
fn page(item: &Item) -> i64 {
    let open = item.awaits || !item.rivals.is_empty();
    if open || !(item.is_gone() || item.kind().grows_without_end()) {
        2
    } else {
        i64::from(!item.is_gone())
    }
}

/// Since when the item waits for a practitioner; empty where it does not.
fn since(item: &Item) -> String {
    let entered = item.withdrawal.as_ref().map_or(item.content.entered_at, |deed| deed.entered_at);
    if item.awaits { sql::stamp(entered) } else { String::new() }
}

impl Judged {
    pub(super) fn result(&self) -> EntryResult {
        EntryResult::Profile { outcome: self.outcome, item: Box::new(self.item.clone()) }
    }

    pub(super) fn canonical(&self) -> String {
        self.number.canonical()
    }

    fn audit(&self) -> Result<Entry, StoreError> {
        let action = match (self.outcome, &self.version.entry.act) {
            (Outcome::Rival, _) => "profile.rival",
            (_, Act::Record { .. }) => "profile.record",
            (_, Act::Withdraw) => "profile.withdraw",
            (_, Act::Confirm) => "profile.confirm",
            (_, Act::Keep) => "profile.keep",
        };
        let detail = format!(
            "item={} version={} outcome={}",
            self.item.id,
            self.version.id,
            sql::word(&self.outcome)?
        );
        Ok(Entry::new(action, "patient", self.number.as_str()).with(detail))
    }

    /// The version, the item as it stands now, the event, the audit row and what others must hear of it.
    pub(super) async fn store(&self, tx: &mut Tx<'_>, actor: &Actor) -> Result<(), StoreError> {
        let (tenant, canonical) = (actor.tenant, self.canonical());
        let item = self.item.id.to_string();
        tx.exec(
            "INSERT INTO versions (institution_id, canonical, seq, id, item, outcome, body) \
             SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, $3, $4, $5, $6 FROM versions \
             WHERE institution_id = $1 AND canonical = $2",
            args![
                tenant,
                canonical.as_str(),
                self.version.id.to_string(),
                item.as_str(),
                sql::word(&self.outcome)?,
                sql::to_json(&self.version)?,
            ],
        )
        .await?;
        tx.exec(
            "INSERT INTO items (institution_id, canonical, item, kind, page, happened, since, \
             body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (institution_id, canonical, item) DO UPDATE SET kind = excluded.kind, \
             page = excluded.page, happened = excluded.happened, since = excluded.since, \
             body = excluded.body",
            args![
                tenant,
                canonical.as_str(),
                item.as_str(),
                sql::word(&self.item.kind())?,
                page(&self.item),
                sql::stamp(self.item.happened_at()),
                since(&self.item),
                sql::to_json(&self.item)?,
            ],
        )
        .await?;
        if self.is_to_be_told() {
            self.tell(tx, actor, &canonical).await?;
        }
        let changed = EventKind::ProfileChanged { number: self.number.clone(), item: self.item.id };
        tx.event(tenant, &changed)?;
        tx.audit(actor, self.audit()?)
    }

    /// Whether what a practitioner stands for is another than before, of a kind that is shared.
    fn is_to_be_told(&self) -> bool {
        is_shared(self.item.kind())
            && self.outcome == Outcome::Stands
            && !self.item.awaits
            && self.version.entry.act != Act::Keep
    }

    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        canonical: &str,
    ) -> Result<(), StoreError> {
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO outgoing (institution_id, seq, service, subject, cause, state, at) \
             SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, 'waiting', $5 FROM outgoing \
             WHERE institution_id = $1",
            args![
                actor.tenant,
                SHARING,
                format!("{canonical}/{}", self.item.id),
                self.version.id.to_string(),
                stamp,
            ],
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Every version of every item of a patient, by number in any padding, in the order of storing.
    pub async fn history(
        &self,
        actor: &Actor,
        number: &PatientNumber,
    ) -> Result<History, StoreError> {
        // The patient's own row comes first, so that somebody without versions is not nobody.
        let rows = self
            .database()
            .all(
                "SELECT 0 AS seq, number AS body, '' AS outcome FROM patients \
                 WHERE institution_id = $1 AND canonical = $2 UNION ALL \
                 SELECT seq, body, outcome FROM versions \
                 WHERE institution_id = $1 AND canonical = $2 ORDER BY seq",
                args![actor.tenant, number.canonical()],
            )
            .await?;
        let mut rows = rows.iter();
        let known = rows.next();
        let entry = Entry::new("profile.history", "patient", number.as_str());
        self.record(actor, if known.is_some() { entry } else { entry.with("not found") }).await?;
        let known = known.ok_or(StoreError::NotFound("patient"))?;
        let number = PatientNumber::parse(sql::text(known, 1)?)
            .map_err(|_| StoreError::Damaged("patients.number".to_owned()))?;
        let versions = rows.map(|row| {
            Ok(HistoryEntry {
                version: sql::json(row, 1, "versions.body")?,
                outcome: sql::from_word(sql::text(row, 2)?, "versions.outcome")?,
            })
        });
        Ok(History { number, versions: versions.collect::<Result<_, StoreError>>()? })
    }

    /// What waits for a practitioner's confirmation, oldest first.
    pub async fn confirmations(&self, actor: &Actor) -> Result<Confirmations, StoreError> {
        let rows = self
            .database()
            .all(
                "SELECT i.body, p.body FROM items i JOIN patients p \
                 ON p.institution_id = i.institution_id AND p.canonical = i.canonical \
                 WHERE i.institution_id = $1 AND i.since <> '' \
                 ORDER BY i.since, i.item, i.canonical LIMIT $2",
                args![actor.tenant, WAITING],
            )
            .await?;
        let waiting = rows.iter().map(|row| {
            let patient: Patient = sql::json(row, 1, "patients.body")?;
            Ok(Waiting {
                number: patient.number,
                name: patient.name,
                birth_date: patient.birth_date,
                sex: patient.sex,
                item: sql::json(row, 0, "items.body")?,
            })
        });
        let waiting = waiting.collect::<Result<Vec<_>, StoreError>>()?;
        let row = self
            .database()
            .one(
                "SELECT COUNT(*) FROM items WHERE institution_id = $1 AND since <> ''",
                args![actor.tenant],
            )
            .await?;
        let total = row.as_ref().map_or(Ok(0), |row| sql::int(row, 0))?;
        let mut shown: Vec<&str> = waiting.iter().map(|w| w.number.as_str()).collect();
        shown.sort_unstable();
        shown.dedup();
        let entry = Entry::new("profile.confirmations", "patients", "").with(shown.join(" "));
        self.record(actor, entry).await?;
        // Two reads: what came or went in between must not make the sum smaller than the list.
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let listed = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        Ok(Confirmations { total: total.max(listed), waiting })
    }
}
