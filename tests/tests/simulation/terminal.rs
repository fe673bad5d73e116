//! A terminal: the real outbox, a disk that keeps what was committed, and the two workers that talk to the cloud.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::patients::PatientView;
use api::proof::Signer;
use clinical::profile::{Item, Version};
use clinical::{Patient, PersonName, Reception, ReceptionKey, ReceptionState, Sex, Staff};
use jiff::Timestamp;
use kiosk::local::merge_item;
use kiosk::local::outbox::{Outbox, OutboxRow, Pauses, RowPatient, RowState};
use uuid::Uuid;

use crate::server::number;

/// Somebody who works at a terminal, with the key that signs there.
#[derive(Clone)]
pub struct Person {
    pub staff: Staff,
    pub signer: Arc<Signer>,
}

/// What a person has confirmed and the disk has not.
#[derive(Clone)]
pub struct Confirming {
    pub entry: Entry,
    pub author: usize,
    pub replaces: Option<Uuid>,
}

/// A commit on its way to the disk.
pub struct Batch {
    pub rows: Vec<(Confirming, Arc<OutboxRow>)>,
    /// State of changed rows when the commit began; `None` for those that have left.
    changed: Vec<(Uuid, Option<Arc<OutboxRow>>)>,
}

/// What the follower has still to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    List,
    Patient(String),
    Reception(ReceptionKey),
    /// Everything before is in the cache: this is where we are.
    Reached(i64),
    /// Everything is loaded.
    Loaded,
}

/// What a read answers.
#[derive(Debug, Clone)]
pub enum Answer {
    List { receptions: Vec<Reception>, seq: i64 },
    Patient { patient: String, items: Vec<Item> },
    Reception(Box<Reception>),
}

#[derive(Default)]
pub struct Follower {
    pub loaded: bool,
    /// Everything up to this event is in the cache.
    pub seq: i64,
    /// Everything up to this event has been taken in hand.
    pub taken: i64,
    pub tasks: VecDeque<Task>,
    pub reading: Option<u64>,
    pub conn: Option<u64>,
    /// Patients to be read once more since a receipt has been merged, by a call after this one: a receipt that
    /// comes late shows an item as it stood long ago.
    pub owed: BTreeMap<String, u64>,
}

/// What the terminal knows of patients and receptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cache {
    pub profiles: BTreeMap<String, Vec<Item>>,
    pub receptions: BTreeMap<ReceptionKey, Reception>,
}

pub struct Terminal {
    pub people: Vec<Person>,
    pub alive: bool,
    /// Grows with each start.
    pub boot: u32,
    pub link_up: bool,
    /// Grows with each cut.
    pub link: u32,
    /// Milliseconds that the clock is off.
    pub clock_off: i64,
    // On disk.
    pub rows: BTreeMap<Uuid, Arc<OutboxRow>>,
    pub cache: Cache,
    // In memory.
    pub outbox: Outbox,
    pub sending: Option<(u64, Uuid)>,
    pub pump_at: Option<u64>,
    pub follower: Follower,
    pub confirming: Vec<Confirming>,
    pub dirty: BTreeSet<Uuid>,
    pub batch: Option<Batch>,
    /// Items as they were when somebody opened a form.
    pub forms: Vec<(String, Item)>,
}

fn pauses() -> Pauses {
    Pauses {
        first: jiff::SignedDuration::from_millis(200),
        longest: jiff::SignedDuration::from_secs(10),
    }
}

impl Terminal {
    pub fn new(people: Vec<Person>) -> Self {
        Self {
            people,
            alive: true,
            boot: 0,
            link_up: true,
            link: 0,
            clock_off: 0,
            rows: BTreeMap::new(),
            cache: Cache::default(),
            outbox: Outbox::new(pauses()),
            sending: None,
            pump_at: None,
            follower: Follower::default(),
            confirming: Vec::new(),
            dirty: BTreeSet::new(),
            batch: None,
            forms: Vec::new(),
        }
    }

    /// Power off. A commit on its way may have landed or not; all else in memory is gone. Gives the rows that a
    /// landed commit has ended.
    pub fn crash(&mut self, landed: bool) -> Vec<Uuid> {
        self.alive = false;
        let Some(batch) = self.batch.take().filter(|_| landed) else { return Vec::new() };
        self.land(&batch)
    }

    /// Power on: what is on disk is all there is.
    pub fn start(&mut self) {
        self.alive = true;
        self.boot += 1;
        self.outbox = Outbox::new(pauses());
        let mut rows: Vec<_> = self.rows.values().cloned().collect();
        rows.sort_by_key(|row| row.order);
        for row in rows {
            self.outbox.add(row);
        }
        self.sending = None;
        self.pump_at = None;
        self.follower = Follower::default();
        self.confirming.clear();
        self.dirty.clear();
        self.batch = None;
        self.forms.clear();
    }

    /// Begins a commit of what has gathered; true if one is now on its way that was not before.
    pub fn begin_batch(&mut self, now: Timestamp) -> bool {
        if self.batch.is_some() || (self.confirming.is_empty() && self.dirty.is_empty()) {
            return false;
        }
        let mut rows = Vec::new();
        let confirming = std::mem::take(&mut self.confirming);
        for (order, confirming) in (self.outbox.next_order()..).zip(confirming) {
            let person = &self.people[confirming.author];
            let (entry, staff) = (confirming.entry.clone(), person.staff.clone());
            let patient = self.row_patient(&entry);
            let row = OutboxRow::made(order, entry, staff, patient, now, &person.signer);
            let row = row.expect("an entry is JSON");
            rows.push((confirming, Arc::new(row)));
        }
        let changed = std::mem::take(&mut self.dirty);
        let changed = changed.into_iter().map(|id| (id, self.outbox.row(id).cloned())).collect();
        self.batch = Some(Batch { rows, changed });
        true
    }

    /// The commit is on disk. What people confirmed may now be said and sent. Gives what is saved, and the rows
    /// that it has ended.
    pub fn end_batch(&mut self) -> (Vec<Uuid>, Vec<Uuid>) {
        let Some(batch) = self.batch.take() else { return Default::default() };
        let (ended, mut saved) = (self.land(&batch), Vec::new());
        for (confirming, row) in batch.rows {
            self.outbox.add(row);
            if let Some(id) = confirming.replaces
                && self.may_go(id)
            {
                self.outbox.remove(id);
            }
            saved.push(confirming.entry.id);
        }
        (saved, ended)
    }

    /// What is on disk now. Gives the rows that somebody took back or put another entry in the place of. (Where the
    /// old row waits again by then, since its author has signed in meanwhile, both go out.)
    fn land(&mut self, batch: &Batch) -> Vec<Uuid> {
        let mut ended = Vec::new();
        for (id, row) in &batch.changed {
            if let Some(row) = row {
                self.rows.insert(*id, Arc::clone(row));
                ended.extend(matches!(row.state, RowState::Withdrawn { .. }).then_some(*id));
            } else {
                self.rows.remove(id);
            }
        }
        for (confirming, row) in &batch.rows {
            self.rows.insert(row.id, Arc::clone(row));
            if let Some(id) = confirming.replaces
                && self.may_go(id)
            {
                self.rows.remove(&id);
                ended.push(id);
            }
        }
        ended
    }

    fn may_go(&self, id: Uuid) -> bool {
        self.outbox.row(id).is_some_and(|row| row.state != RowState::Waiting)
    }

    fn row_patient(&self, entry: &Entry) -> RowPatient {
        let number = match &entry.content {
            EntryContent::Profile { entry } => Some(entry.patient.clone()),
            EntryContent::ReceptionState { change } => {
                self.cache.receptions.get(&change.key).and_then(|r| r.patient.clone())
            }
            _ => None,
        };
        RowPatient { number, name: PersonName { kanji: String::new(), kana: String::new() } }
    }

    /// What a receipt says goes into what is known, as the terminal does it. Gives the patient whose profile it
    /// was.
    pub fn merge(&mut self, row: &OutboxRow, receipt: &Receipt) -> Option<String> {
        match (&receipt.result, &row.entry.content) {
            (EntryResult::Profile { item, .. }, EntryContent::Profile { entry }) => {
                let patient = entry.patient.canonical();
                if let Some(items) = self.cache.profiles.get_mut(&patient) {
                    let mut view = view(&patient, std::mem::take(items));
                    merge_item(&mut view, item);
                    *items = view.profile;
                }
                return Some(patient);
            }
            (EntryResult::ReceptionState { reception, .. }, _) => self.learn(reception),
            _ => {}
        }
        None
    }

    pub fn learn(&mut self, reception: &Reception) {
        let known = self.cache.receptions.get(&reception.key);
        if known.is_none_or(|known| known.revision <= reception.revision) {
            self.cache.receptions.insert(reception.key.clone(), reception.clone());
        }
    }

    pub fn take(&mut self, answer: Answer) {
        match answer {
            Answer::List { receptions, seq } => {
                let receptions = receptions.into_iter().map(|r| (r.key.clone(), r));
                self.cache.receptions = receptions.collect();
                self.follower.seq = seq;
            }
            Answer::Patient { patient, items } => {
                self.cache.profiles.insert(patient, items);
            }
            Answer::Reception(reception) => self.learn(&reception),
        }
    }

    /// A patient's items as the person sees them: what the cloud has told, and the outbox laid over it.
    pub fn seen(&self, patient: &str) -> Vec<Item> {
        let mut items = self.cache.profiles.get(patient).cloned().unwrap_or_default();
        for row in self.outbox.rows().filter(|row| row.is_unsent()) {
            if let EntryContent::Profile { entry } = &row.entry.content
                && entry.patient.canonical() == patient
            {
                let version = Version {
                    id: row.id,
                    entry: entry.clone(),
                    author: row.author.clone(),
                    terminal: String::new(),
                    entered_at: row.entry.entered_at,
                    stored_at: None,
                };
                // What cannot be laid over what is known is shown with the unsent entries alone.
                let _ = Item::apply(&mut items, &version);
            }
        }
        items
    }

    /// A reception's state as the person sees it.
    pub fn seen_state(&self, key: &ReceptionKey) -> Option<ReceptionState> {
        let mut state = self.cache.receptions.get(key)?.state;
        for row in self.outbox.rows().filter(|row| row.is_unsent()) {
            if let EntryContent::ReceptionState { change } = &row.entry.content
                && change.key == *key
            {
                state = change.state;
            }
        }
        Some(state)
    }

    /// Nothing is left to do.
    pub fn is_at_rest(&self, last_event: i64) -> bool {
        let follower = &self.follower;
        self.alive
            && self.batch.is_none()
            && self.confirming.is_empty()
            && self.dirty.is_empty()
            && self.outbox.rows().all(|row| !row.is_unsent())
            && follower.loaded
            && follower.tasks.is_empty()
            && follower.owed.is_empty()
            && follower.seq == last_event
    }
}

fn view(patient: &str, profile: Vec<Item>) -> PatientView {
    let patient = Patient {
        number: number(patient),
        name: PersonName { kanji: String::new(), kana: String::new() },
        birth_date: None,
        sex: Sex::Unknown,
        householder: String::new(),
        address: clinical::Address::default(),
        phones: Vec::new(),
        insurance: Vec::new(),
        safety: Vec::new(),
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    };
    let fetched_at = Timestamp::UNIX_EPOCH;
    let lab = api::lab::PatientLab::default();
    PatientView { patient, receptions: Vec::new(), fetched_at, whole: true, profile, lab }
}
