//! Entries: what people have confirmed at the terminals, each stored once, byte for byte, with its proof and its
//! receipt. What an entry does is decided and stored in the same transaction: a version of an item
//! ([`super::profile`]), a reception's state ([`super::receptions`]), a version of a lab order, a set or a decision
//! about a report ([`super::lab`]), a print ([`super::papers`]).

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use clinical::lab::LabAct;
use clinical::profile::Act;
use jiff::civil::Date;

use super::audit::Entry as AuditEntry;
use super::entry_keys::EntryAuthor;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Store, StoreError, Tenant, accounts, lab, papers, profile, receptions};
use crate::accounts::roles::{Permission, may};

/// `entries.kind` of versions.
const PROFILE_KIND: &str = "profile";
/// `entries.kind` of changes of a reception's state.
pub(super) const STATE_KIND: &str = "reception_state";
/// `entries.kind` of versions of lab orders.
const LAB_KIND: &str = "lab";
/// `entries.kind` of words about sets.
const LAB_SET_KIND: &str = "lab_set";
/// `entries.kind` of decisions about reports in the tray.
const LAB_TRAY_KIND: &str = "lab_tray";
/// `entries.kind` of prints.
const PRINTED_KIND: &str = "printed";

struct Take {
    author: EntryAuthor,
    entry: Entry,
    body: String,
    hash: String,
    signature: String,
    today: Date,
}

/// What an entry will do; decided before anything is written.
enum Judged {
    Profile(Box<profile::Judged>),
    State(Box<receptions::Judged>),
    Lab(Box<lab::orders::Judged>),
    LabSet(Box<lab::sets::Judged>),
    LabTray(Box<lab::reports::Judged>),
    Printed(Box<papers::Judged>),
}

impl Judged {
    fn result(&self) -> EntryResult {
        match self {
            Self::Profile(judged) => judged.result(),
            Self::State(judged) => judged.result(),
            Self::Lab(judged) => judged.result(),
            Self::LabSet(_) => lab::sets::Judged::result(),
            Self::LabTray(judged) => judged.result(),
            Self::Printed(_) => papers::Judged::result(),
        }
    }

    fn canonical(&self) -> String {
        match self {
            Self::Profile(judged) => judged.canonical(),
            Self::State(judged) => judged.canonical(),
            Self::Lab(judged) => judged.canonical(),
            Self::LabSet(_) => String::new(),
            Self::LabTray(judged) => judged.canonical(),
            Self::Printed(judged) => judged.canonical(),
        }
    }
}

impl Take {
    /// The author as the account stands in this very transaction.
    async fn author(&self, tx: &mut Tx<'_>) -> Result<EntryAuthor, StoreError> {
        let (staff, disabled) =
            accounts::person(tx, self.author.actor.tenant, self.author.staff.account)
                .await?
                .ok_or(StoreError::NotFound("account"))?;
        let mut author = self.author.clone();
        author.actor.role = Some(staff.role);
        Ok(EntryAuthor { staff, disabled, ..author })
    }

    /// The receipt that this entry got before; an error when its id was used for something else.
    async fn repeated(
        &self,
        tx: &mut Tx<'_>,
        author: &EntryAuthor,
    ) -> Result<Option<Receipt>, StoreError> {
        let row = tx
            .one(
                "SELECT hash, account_id, receipt FROM entries \
                 WHERE institution_id = $1 AND id = $2",
                args![author.actor.tenant, self.entry.id.to_string()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let account = author.staff.account.to_string();
        if sql::text(&row, 0)? != self.hash || sql::text(&row, 1)? != account {
            return Err(StoreError::Invalid("this id was used for another entry".to_owned()));
        }
        let receipt: Receipt = sql::json(&row, 2, "entries.receipt")?;
        match &receipt.result {
            EntryResult::Profile { item, .. } => {
                if let EntryContent::Profile { entry } = &self.entry.content {
                    let told =
                        AuditEntry::new("profile.repeated", "patient", entry.patient.as_str())
                            .with(format!("item={} version={}", item.id, self.entry.id));
                    tx.audit(&author.actor, told)?;
                }
            }
            EntryResult::ReceptionState { reception, .. } => {
                if let EntryContent::ReceptionState { change } = &self.entry.content {
                    let told =
                        receptions::audit_of(change, reception, "reception.change", " repeated")?;
                    tx.audit(&author.actor, told)?;
                }
            }
            EntryResult::Lab { .. } => {
                if let EntryContent::Lab { entry } = &self.entry.content {
                    tx.audit(&author.actor, lab::orders::repeated(entry, self.entry.id))?;
                }
            }
            EntryResult::LabSet => {
                if let EntryContent::LabSet { entry } = &self.entry.content {
                    tx.audit(&author.actor, lab::sets::audit_of(entry, "repeated"))?;
                }
            }
            EntryResult::LabTray { .. } => {
                if let EntryContent::LabTray { entry } = &self.entry.content {
                    tx.audit(&author.actor, lab::reports::repeated(entry))?;
                }
            }
            EntryResult::Printed => {
                if let EntryContent::Printed { record } = &self.entry.content {
                    tx.audit(&author.actor, papers::audit_of(record, " repeated")?)?;
                }
            }
        }
        Ok(Some(receipt))
    }

    /// Why the person may not do this.
    fn forbidden(&self, author: &EntryAuthor) -> Option<&'static str> {
        if author.disabled {
            return Some("the account is disabled");
        }
        let permission = match &self.entry.content {
            EntryContent::Profile { entry } if entry.act == Act::Confirm => {
                Permission::ConfirmProfile
            }
            EntryContent::Profile { .. } => Permission::EnterProfile,
            EntryContent::ReceptionState { .. } => Permission::ChangeReceptions,
            EntryContent::Lab { entry } => match entry.act {
                LabAct::ConfirmResults { .. } => Permission::ConfirmResults,
                _ => Permission::WorkOnLab,
            },
            EntryContent::LabSet { .. } => Permission::WorkOnLab,
            EntryContent::LabTray { .. } => Permission::DecideTray,
            EntryContent::Printed { .. } => Permission::Print,
        };
        (!may(author.staff.role, permission)).then_some("the role may not do this")
    }

    async fn judge(&self, tx: &mut Tx<'_>, author: &EntryAuthor) -> Result<Judged, StoreError> {
        match &self.entry.content {
            EntryContent::Profile { entry } => {
                let told = profile::Told { id: self.entry.id, at: self.entry.entered_at, entry };
                let judged = profile::judge(tx, author, told, self.today).await?;
                Ok(Judged::Profile(Box::new(judged)))
            }
            EntryContent::ReceptionState { change } => {
                let judged = receptions::judge(tx, author.actor.tenant, change).await?;
                Ok(Judged::State(Box::new(judged)))
            }
            EntryContent::Lab { entry } => {
                let (id, at) = (self.entry.id, self.entry.entered_at);
                // What was ordered for its day while the line was cut is right when it arrives a day later.
                let day = self.today.min(author.offset.to_datetime(at).date());
                let told = lab::orders::Told { id, at, entry, day };
                Ok(Judged::Lab(Box::new(lab::orders::judge(tx, author, told).await?)))
            }
            EntryContent::LabSet { entry } => {
                let judged = lab::sets::judge(tx, author, entry, self.entry.entered_at).await?;
                Ok(Judged::LabSet(Box::new(judged)))
            }
            EntryContent::LabTray { entry } => {
                let judged = lab::reports::judge(tx, author, entry, self.entry.entered_at).await?;
                Ok(Judged::LabTray(Box::new(judged)))
            }
            EntryContent::Printed { record } => {
                let judged = papers::judge(tx, author.actor.tenant, record).await?;
                Ok(Judged::Printed(Box::new(judged)))
            }
        }
    }

    async fn keep(
        &self,
        tx: &mut Tx<'_>,
        author: &EntryAuthor,
        judged: &Judged,
    ) -> Result<Receipt, StoreError> {
        let receipt = Receipt {
            id: self.entry.id,
            hash: self.hash.clone(),
            stored_at: tx.now(),
            result: judged.result(),
        };
        let kind = match judged {
            Judged::Profile(_) => PROFILE_KIND,
            Judged::State(_) => STATE_KIND,
            Judged::Lab(_) => LAB_KIND,
            Judged::LabSet(_) => LAB_SET_KIND,
            Judged::LabTray(_) => LAB_TRAY_KIND,
            Judged::Printed(_) => PRINTED_KIND,
        };
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO entries (institution_id, id, kind, canonical, account_id, public_key, \
             signature, hash, body, receipt, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            args![
                author.actor.tenant,
                self.entry.id.to_string(),
                kind,
                judged.canonical(),
                author.staff.account.to_string(),
                author.public_key.as_str(),
                self.signature.as_str(),
                self.hash.as_str(),
                self.body.as_str(),
                sql::to_json(&receipt)?,
                stamp,
            ],
        )
        .await?;
        Ok(receipt)
    }
}

impl Work for Take {
    /// A refusal that is put on record is an output, so that its audit row stands.
    type Output = Result<Receipt, StoreError>;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.author.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let author = self.author(tx).await?;
        // First of all: what is stored has its receipt, whatever became of the account since.
        if let Some(receipt) = self.repeated(tx, &author).await? {
            return Ok(Ok(receipt));
        }
        if let Some(why) = self.forbidden(&author) {
            let entry = AuditEntry::new("entry.refuse", "entry", self.entry.id.to_string());
            tx.audit(&author.actor, entry.with(why))?;
            return Ok(Err(StoreError::Forbidden(why)));
        }
        let judged = self.judge(tx, &author).await?;
        let receipt = self.keep(tx, &author, &judged).await?;
        match &judged {
            Judged::Profile(judged) => judged.store(tx, &author.actor).await?,
            Judged::State(judged) => judged.store(tx, &author.actor).await?,
            Judged::Lab(judged) => judged.store(tx, &author.actor).await?,
            Judged::LabSet(judged) => judged.store(tx, &author.actor).await?,
            Judged::LabTray(judged) => judged.store(tx, &author.actor).await?,
            Judged::Printed(judged) => judged.store(tx, &author.actor, self.entry.id).await?,
        }
        Ok(Ok(receipt))
    }
}

impl Store {
    /// Stores what a person has confirmed and gives the receipt, after the commit is durable. `body` are the entry's
    /// exact bytes, `signature` the author's over them, proven by the caller; `today` is the clinic's day.
    ///
    /// The same id with the same bytes is stored once and gets the same receipt each time; with other bytes, or
    /// from another person, it is [`StoreError::Invalid`]. What breaks a rule is `Invalid`, `Forbidden` or
    /// `NotFound`, and nothing of it is stored.
    pub async fn take_entry(
        &self,
        author: &EntryAuthor,
        entry: &Entry,
        body: &[u8],
        signature: &str,
        today: Date,
    ) -> Result<Receipt, StoreError> {
        let text = std::str::from_utf8(body)
            .map_err(|_| StoreError::Invalid("the entry is not UTF-8".to_owned()))?;
        let work = Take {
            author: author.clone(),
            entry: entry.clone(),
            body: text.to_owned(),
            hash: api::proof::hash(body),
            signature: signature.to_owned(),
            today,
        };
        self.write(work).await?
    }
}
