//! The outbox: what people have confirmed and the cloud has not receipted. Rules alone, no file and no clock,
//! so that a simulation can run them by the thousand.
//!
//! Rows go out in the order of confirming. A row waits for the earlier rows of its patient; a row that the cloud
//! has refused, or whose author must sign in first, holds back only the later rows of the same item or
//! reception, since they build on it. A row leaves only on a receipt that names its id and its hash.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use api::ErrorCode;
use api::entries::{Entry, EntryContent, Receipt};
use api::proof::{self, Signer};
use clinical::lab::LabVersion;
use clinical::{PatientNumber, PersonName, ReceptionKey, Staff};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whom a row is about, for the screen of what is unsent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowPatient {
    /// The number; `None` for a walk-in who has none yet.
    pub number: Option<PatientNumber>,
    /// The name.
    pub name: PersonName,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RowState {
    /// It goes out by itself.
    Waiting,
    /// The cloud will not take it as it is; a person mends it or takes it back.
    Refused {
        /// Why.
        code: ErrorCode,
        /// The cloud's words, for the support line.
        message: String,
        /// When the answer came.
        at: Timestamp,
    },
    /// The cloud does not know the author's key: the author signs in at this terminal, then it goes out by itself.
    NeedsSignIn,
    /// A person took it back. It stays in sight for a while.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

/// An entry on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The entry's id.
    pub id: Uuid,
    /// Its place: grows with each confirmation on this terminal.
    pub order: u64,
    /// What was confirmed.
    pub entry: Entry,
    /// The entry's exact bytes, as hashed, signed and sent.
    pub body: Arc<[u8]>,
    /// SHA-256 of the bytes.
    pub hash: String,
    /// The key that signed them.
    pub public_key: String,
    /// Its signature.
    pub signature: String,
    /// Who confirmed it.
    pub author: Staff,
    /// Whom it is about.
    pub patient: RowPatient,
    /// When it was confirmed, by this terminal's clock.
    pub made_at: Timestamp,
    /// Where it stands.
    pub state: RowState,
}

impl OutboxRow {
    /// A waiting row: the entry written down once, hashed and signed.
    pub fn made(
        order: u64,
        entry: Entry,
        author: Staff,
        patient: RowPatient,
        made_at: Timestamp,
        signer: &Signer,
    ) -> Result<Self, serde_json::Error> {
        let body: Arc<[u8]> = serde_json::to_vec(&entry)?.into();
        Ok(Self {
            id: entry.id,
            order,
            entry,
            hash: proof::hash(&body),
            public_key: signer.public_key(),
            signature: signer.sign(&body),
            body,
            author,
            patient,
            made_at,
            state: RowState::Waiting,
        })
    }

    /// Whether the cloud does not have it and somebody still wants it there.
    pub fn is_unsent(&self) -> bool {
        !matches!(self.state, RowState::Withdrawn { .. })
    }

    /// The version of a lab order that the entry is; `None` for other entries.
    pub fn lab_version(&self) -> Option<LabVersion> {
        let EntryContent::Lab { entry } = &self.entry.content else { return None };
        Some(LabVersion {
            id: self.id,
            entry: entry.clone(),
            author: self.author.clone(),
            terminal: String::new(),
            entered_at: self.entry.entered_at,
            stored_at: None,
        })
    }

    fn chain(&self) -> Chain {
        match &self.entry.content {
            EntryContent::Profile { entry } => Chain::Item(entry.patient.canonical(), entry.item),
            EntryContent::ReceptionState { change } => Chain::Reception(change.key.clone()),
            EntryContent::Lab { entry } => Chain::Named(entry.order),
            EntryContent::LabSet { entry } => Chain::Named(entry.set),
            EntryContent::LabTray { entry } => Chain::Named(entry.report),
            EntryContent::Printed { record } => Chain::Named(record.job),
        }
    }

    fn lane(&self) -> Lane {
        match (&self.entry.content, &self.patient.number) {
            (EntryContent::Profile { entry }, _) => Lane::Patient(entry.patient.canonical()),
            (_, Some(number)) => Lane::Patient(number.canonical()),
            (EntryContent::Lab { entry }, None) => Lane::Patient(entry.patient.canonical()),
            (EntryContent::ReceptionState { change }, None) => Lane::Reception(change.key.clone()),
            (_, None) => Lane::Clinic,
        }
    }
}

/// What builds on each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Chain {
    Item(String, Uuid),
    Reception(ReceptionKey),
    /// A lab order, a set, a report in the tray, a print job: each has a name of its own.
    Named(Uuid),
}

/// What keeps its order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Lane {
    Patient(String),
    Reception(ReceptionKey),
    /// What is about nobody.
    Clinic,
}

/// What the sender is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextToSend {
    /// Send this row.
    Row(Arc<OutboxRow>),
    /// Ask again at this moment, or when the outbox changes.
    Wait(Timestamp),
    /// Ask again when the outbox changes.
    Nothing,
}

/// Why a receipt ends nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadReceipt {
    /// It names no row of this outbox.
    #[error("the receipt names no entry that waits here")]
    Unknown,
    /// It names other bytes than were sent; the row stays.
    #[error("the receipt names other bytes than were sent")]
    OtherHash,
}

/// How long a failure holds sending back: doubled each time, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After the first failure.
    pub first: SignedDuration,
    /// At most.
    pub longest: SignedDuration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: SignedDuration::from_secs(1), longest: SignedDuration::from_secs(15) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    tries: u32,
    since: Timestamp,
    until: Timestamp,
}

impl Pause {
    /// Half of the pause is fixed, half is by chance, so that terminals do not come back in step.
    fn after(former: Option<Self>, now: Timestamp, jitter: f64, pauses: Pauses) -> Self {
        let tries = former.map_or(0, |pause| pause.tries);
        let doubled = pauses.first.checked_mul(1_i32 << tries.min(20)).unwrap_or(pauses.longest);
        let full = doubled.min(pauses.longest);
        let length = full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        let until = now.checked_add(length).unwrap_or(now);
        Self { tries: tries.saturating_add(1), since: now, until }
    }

    /// A clock set back would make a pause of a second one of a day.
    fn is_over(self, now: Timestamp) -> bool {
        now >= self.until || now < self.since
    }
}

/// The outbox as the window shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxView {
    /// In the order of confirming.
    pub rows: Vec<Arc<OutboxRow>>,
    /// Another number after each change.
    pub version: u64,
}

impl OutboxView {
    /// How many entries the cloud does not have: waiting, refused, or waiting for a sign-in.
    pub fn unsent(&self) -> usize {
        self.rows.iter().filter(|row| row.is_unsent()).count()
    }

    /// How many the cloud has refused.
    pub fn refused(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.state, RowState::Refused { .. })).count()
    }

    /// The row of an entry.
    pub fn row(&self, id: Uuid) -> Option<&Arc<OutboxRow>> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// The outbox's rules. A row is added when it is durable, and what changes here is to be made durable by who
/// holds it; a change lost by a power cut only makes a row go out once more, which the cloud stores once.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    rows: BTreeMap<u64, Arc<OutboxRow>>,
    orders: HashMap<Uuid, u64>,
    next_order: u64,
    version: u64,
    view: Option<Arc<OutboxView>>,
    pauses: Pauses,
    lanes: HashMap<Lane, Pause>,
    line: Option<Pause>,
}

impl Outbox {
    /// An empty one.
    pub fn new(pauses: Pauses) -> Self {
        Self { pauses, ..Self::default() }
    }

    /// The place of the next row.
    pub fn next_order(&self) -> u64 {
        self.next_order
    }

    /// Takes a row in; false when its id is there already. A place that is taken makes it the last row.
    pub fn add(&mut self, row: Arc<OutboxRow>) -> bool {
        if self.orders.contains_key(&row.id) {
            return false;
        }
        let row = if self.rows.contains_key(&row.order) {
            Arc::new(OutboxRow { order: self.next_order, ..OutboxRow::clone(&row) })
        } else {
            row
        };
        self.next_order = self.next_order.max(row.order.saturating_add(1));
        self.orders.insert(row.id, row.order);
        self.rows.insert(row.order, row);
        self.changed();
        true
    }

    /// The row of an entry.
    pub fn row(&self, id: Uuid) -> Option<&Arc<OutboxRow>> {
        self.rows.get(self.orders.get(&id)?)
    }

    /// All rows in their order.
    pub fn rows(&self) -> impl Iterator<Item = &Arc<OutboxRow>> {
        self.rows.values()
    }

    /// As the window shows it.
    pub fn view(&mut self) -> Arc<OutboxView> {
        let (rows, version) = (&self.rows, self.version);
        let view = self.view.get_or_insert_with(|| {
            Arc::new(OutboxView { rows: rows.values().cloned().collect(), version })
        });
        Arc::clone(view)
    }

    /// What is to be sent now. The answer stays the same until something is told about the row.
    pub fn next(&self, now: Timestamp) -> NextToSend {
        if let Some(pause) = self.line.filter(|pause| !pause.is_over(now)) {
            let waits = self.rows.values().any(|row| row.state == RowState::Waiting);
            return if waits { NextToSend::Wait(pause.until) } else { NextToSend::Nothing };
        }
        let mut stopped: HashSet<Chain> = HashSet::new();
        let mut taken: HashSet<Lane> = HashSet::new();
        let mut wake: Option<Timestamp> = None;
        for row in self.rows.values() {
            match row.state {
                RowState::Withdrawn { .. } => {}
                RowState::Refused { .. } | RowState::NeedsSignIn => {
                    stopped.insert(row.chain());
                }
                RowState::Waiting if stopped.contains(&row.chain()) => {}
                RowState::Waiting => {
                    let lane = row.lane();
                    if taken.contains(&lane) {
                        continue;
                    }
                    match self.lanes.get(&lane).filter(|pause| !pause.is_over(now)) {
                        None => return NextToSend::Row(Arc::clone(row)),
                        Some(pause) => {
                            wake = Some(wake.map_or(pause.until, |at| at.min(pause.until)));
                        }
                    }
                    taken.insert(lane);
                }
            }
        }
        wake.map_or(NextToSend::Nothing, NextToSend::Wait)
    }

    /// A receipt came: the row leaves and is given back.
    pub fn received(&mut self, receipt: &Receipt) -> Result<Arc<OutboxRow>, BadReceipt> {
        let row = self.row(receipt.id).ok_or(BadReceipt::Unknown)?;
        if row.hash != receipt.hash {
            return Err(BadReceipt::OtherHash);
        }
        let row = Arc::clone(row);
        self.line = None;
        self.lanes.remove(&row.lane());
        self.remove(row.id);
        Ok(row)
    }

    /// The cloud refuses the entry for good. False when it does not wait here.
    pub fn refused(&mut self, id: Uuid, code: ErrorCode, message: String, at: Timestamp) -> bool {
        self.answered(id, RowState::Refused { code, message, at })
    }

    /// The cloud does not know the key. False when the entry does not wait here.
    pub fn key_unknown(&mut self, id: Uuid) -> bool {
        self.answered(id, RowState::NeedsSignIn)
    }

    fn answered(&mut self, id: Uuid, state: RowState) -> bool {
        self.line = None;
        let Some(row) = self.row(id).filter(|row| row.state == RowState::Waiting) else {
            return false;
        };
        let lane = row.lane();
        self.lanes.remove(&lane);
        self.set(id, |row| row.state = state)
    }

    /// The cloud could not take this entry now: its patient's rows pause. `jitter` is a random number from 0 to 1.
    pub fn failed(&mut self, id: Uuid, now: Timestamp, jitter: f64) {
        let Some(lane) = self.row(id).map(|row| row.lane()) else { return };
        let pause = Pause::after(self.lanes.get(&lane).copied(), now, jitter, self.pauses);
        self.lanes.insert(lane, pause);
        self.line = None;
    }

    /// The cloud cannot be reached: everything pauses.
    pub fn line_failed(&mut self, now: Timestamp, jitter: f64) {
        self.line = Some(Pause::after(self.line, now, jitter, self.pauses));
    }

    /// No pause any longer: the line is back, or a person asked.
    pub fn hurry(&mut self) {
        self.line = None;
        self.lanes.clear();
    }

    /// A person takes back what the cloud has not taken. Not what waits: it may be there already. False when
    /// nothing was done.
    pub fn withdraw(&mut self, id: Uuid, at: Timestamp) -> bool {
        let open = self.row(id).is_some_and(|row| {
            matches!(row.state, RowState::Refused { .. } | RowState::NeedsSignIn)
        });
        open && self.set(id, |row| row.state = RowState::Withdrawn { at })
    }

    /// Signs a row anew, with a key that the cloud knows; it then waits again. The bytes stay as they were
    /// confirmed.
    pub fn sign_anew(&mut self, id: Uuid, signer: &Signer) -> bool {
        self.set(id, |row| {
            row.public_key = signer.public_key();
            row.signature = signer.sign(&row.body);
            row.state = RowState::Waiting;
        })
    }

    /// The rows whose author must sign in.
    pub fn waiting_for(&self, account: Uuid) -> Vec<Uuid> {
        let of = |row: &&Arc<OutboxRow>| {
            row.author.account == account && row.state == RowState::NeedsSignIn
        };
        self.rows.values().filter(of).map(|row| row.id).collect()
    }

    /// The rows that were taken back before a moment.
    pub fn withdrawn_before(&self, moment: Timestamp) -> Vec<Uuid> {
        let old =
            |row: &&Arc<OutboxRow>| matches!(row.state, RowState::Withdrawn { at } if at < moment);
        self.rows.values().filter(old).map(|row| row.id).collect()
    }

    /// Takes a row out: one that another replaces, or an old withdrawn one.
    pub fn remove(&mut self, id: Uuid) -> Option<Arc<OutboxRow>> {
        let row = self.rows.remove(&self.orders.remove(&id)?);
        self.changed();
        row
    }

    fn set(&mut self, id: Uuid, change: impl FnOnce(&mut OutboxRow)) -> bool {
        let Some(row) = self.orders.get(&id).and_then(|order| self.rows.get_mut(order)) else {
            return false;
        };
        change(Arc::make_mut(row));
        self.changed();
        true
    }

    fn changed(&mut self) {
        self.version += 1;
        self.view = None;
    }
}
