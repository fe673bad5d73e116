//! The cloud in small: stores an entry once and for good, numbers its events, and may lose everything else.

use std::collections::{BTreeMap, HashMap};

use api::ErrorCode;
use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::event::{Event, EventKind};
use api::proof;
use clinical::profile::{Item, Outcome, RuleBroken, Version, shown};
use clinical::{PatientNumber, Reception, ReceptionKey, ReceptionState, Staff};
use jiff::Timestamp;
use uuid::Uuid;

/// Events kept; who was away for longer loads everything anew.
const EVENTS_KEPT: usize = 12;

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: Uuid,
    pub hash: String,
    /// What it has become; `None` for a reception's state.
    pub version: Option<(Version, Outcome)>,
}

/// A stream of events to a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    pub terminal: usize,
    pub boot: u32,
    pub conn: u64,
    pub link: u32,
    /// When its last event arrives: events do not overtake each other.
    pub last: u64,
}

/// What an entry does: what its receipt says, its event, its version.
type Judged = (EntryResult, Option<EventKind>, Option<(Version, Outcome)>);

#[derive(Clone, Default)]
pub struct Server {
    pub alive: bool,
    /// Grows with each crash.
    pub epoch: u32,
    pub streams: Vec<Stream>,
    /// How often a receipt was given again, and how often somebody had been away for too long.
    pub repeated: usize,
    pub resets: usize,
    // What follows is on disk.
    /// In the order of storing.
    pub log: Vec<Stored>,
    receipts: HashMap<Uuid, (String, Uuid, Receipt)>,
    pub patients: BTreeMap<String, Vec<Item>>,
    pub receptions: BTreeMap<ReceptionKey, Reception>,
    pub keys: HashMap<String, Staff>,
    events: Vec<Event>,
    /// Set by a test that wants to see a broken server caught: it knows no id again.
    pub forgets_ids: bool,
}

impl Server {
    pub fn last_event(&self) -> i64 {
        self.events.last().map_or(0, |event| event.seq)
    }

    /// What a client that has come to `after` is sent first.
    pub fn backlog(&mut self, after: i64) -> Vec<Event> {
        let kept = &self.events[self.events.len().saturating_sub(EVENTS_KEPT)..];
        let missing = kept.first().is_some_and(|first| first.seq > after + 1);
        if missing {
            let (seq, at) = (self.last_event(), Timestamp::UNIX_EPOCH);
            self.resets += 1;
            return vec![Event { seq, at, kind: EventKind::Reset }];
        }
        kept.iter().filter(|event| event.seq > after).cloned().collect()
    }

    pub fn profile(&self, patient: &str) -> Vec<Item> {
        let items = self.patients.get(patient).cloned().unwrap_or_default();
        shown(items, clinical::profile::SHOWN_PER_KIND)
    }

    /// One transaction: everything about the entry, or nothing.
    pub fn put(
        &mut self,
        body: &[u8],
        key: &str,
        signature: &str,
        now: Timestamp,
    ) -> Result<Receipt, ErrorCode> {
        if !proof::verify(key, body, signature) {
            return Err(ErrorCode::EntryKeyUnknown);
        }
        let author = self.keys.get(key).cloned().ok_or(ErrorCode::EntryKeyUnknown)?;
        let entry: Entry = serde_json::from_slice(body).map_err(|_| ErrorCode::Invalid)?;
        let hash = proof::hash(body);
        if !self.forgets_ids
            && let Some((known, account, receipt)) = self.receipts.get(&entry.id)
        {
            let same = *known == hash && *account == author.account;
            self.repeated += 1;
            return if same { Ok(receipt.clone()) } else { Err(ErrorCode::Invalid) };
        }
        let (result, kind, version) = self.judge(&entry, &author, now)?;
        let receipt = Receipt { id: entry.id, hash: hash.clone(), stored_at: now, result };
        self.receipts.insert(entry.id, (hash.clone(), author.account, receipt.clone()));
        self.log.push(Stored { id: entry.id, hash, version });
        if let Some(kind) = kind {
            self.events.push(Event { seq: self.last_event() + 1, at: now, kind });
        }
        Ok(receipt)
    }

    fn judge(
        &mut self,
        entry: &Entry,
        author: &Staff,
        now: Timestamp,
    ) -> Result<Judged, ErrorCode> {
        match &entry.content {
            EntryContent::Profile { entry: profile } => {
                let canonical = profile.patient.canonical();
                let items = self.patients.get_mut(&canonical).ok_or(ErrorCode::NotFound)?;
                let version = Version {
                    id: entry.id,
                    entry: profile.clone(),
                    author: author.clone(),
                    terminal: String::new(),
                    entered_at: entry.entered_at,
                    stored_at: Some(now),
                };
                let outcome = Item::apply(items, &version).map_err(|broken| match broken {
                    RuleBroken::NotAPractitioner => ErrorCode::Forbidden,
                    _ => ErrorCode::Invalid,
                })?;
                let item = items.iter().find(|item| item.id == profile.item);
                let item = item.expect("a version that was taken has its item");
                let result = EntryResult::Profile { outcome, item: Box::new(item.clone()) };
                let (number, item) = (profile.patient.clone(), profile.item);
                let event = EventKind::ProfileChanged { number, item };
                Ok((result, Some(event), Some((version, outcome))))
            }
            EntryContent::ReceptionState { change } => {
                let reception = self.receptions.get_mut(&change.key).ok_or(ErrorCode::NotFound)?;
                let stands = reception.state == change.state;
                let moves =
                    reception.state == change.seen && reception.state.may_become(change.state);
                if moves {
                    reception.state = change.state;
                    reception.revision += 1;
                }
                let (key, revision) = (change.key.clone(), reception.revision);
                let event = moves.then_some(EventKind::ReceptionChanged { key, revision });
                let reception = Box::new(reception.clone());
                let applied = stands || moves;
                Ok((EntryResult::ReceptionState { applied, reception }, event, None))
            }
            // Nobody in the simulation confirms anything else.
            _ => Err(ErrorCode::Invalid),
        }
    }
}

pub fn number(patient: &str) -> PatientNumber {
    PatientNumber::parse(patient).expect("a number")
}

/// A reception of the day, as the receipt computer has made it.
pub fn reception(key: &ReceptionKey, patient: &str) -> Reception {
    Reception {
        key: key.clone(),
        patient: Some(number(patient)),
        name: clinical::PersonName { kanji: String::new(), kana: String::new() },
        birth_date: None,
        sex: clinical::Sex::Unknown,
        time: jiff::civil::time(9, 0, 0, 0),
        appointment: None,
        paid_at: None,
        department: clinical::Department::default(),
        physician: clinical::Physician::default(),
        content: clinical::MedicalContent::default(),
        insurance_combination: None,
        state: ReceptionState::Waiting,
        revision: 1,
    }
}
