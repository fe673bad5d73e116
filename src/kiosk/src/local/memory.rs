//! What the cache knows, in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use api::lab::{LabDayOrder, LabSets};
use api::patients::PatientView;
use api::profile::StaffList;
use api::receptions::ReceptionList;
use clinical::lab::LabOrder;
use clinical::profile::Item;
use clinical::{PatientNumber, Reception, Sex};
use jiff::civil::Date;
use jiff::tz::{self, Offset};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drafts::{Draft, DraftKey};
use super::lab::KeptLabDay;
use super::merge;
use super::outbox::{Outbox, OutboxRow};
use super::people::Person;
use super::prints::KeptPrint;
use super::records::{Contents, Named};
use super::terminal::Terminal;

/// Lists kept at most: today's, and those of days that somebody has looked at.
const LISTS: usize = 3;
/// So long a row that was taken back stays in sight.
const WITHDRAWN_SHOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A patient as last seen on this terminal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// As the cloud told it.
    pub view: PatientView,
    /// When it told it.
    pub stored_at: Timestamp,
    /// Something about the patient has changed since.
    #[serde(default)]
    pub outdated: bool,
}

/// The maps that the window looks into.
pub(super) struct Memory {
    limit: usize,
    pub(super) patients: HashMap<String, Known>,
    pub(super) lists: HashMap<Date, (ReceptionList, Timestamp)>,
    pub(super) outbox: Outbox,
    pub(super) drafts: HashMap<DraftKey, Draft>,
    pub(super) people: HashMap<String, Person>,
    pub(super) staff: Option<StaffList>,
    pub(super) prints: BTreeMap<Uuid, KeptPrint>,
    pub(super) terminal: Option<Terminal>,
    pub(super) lab_day: Option<KeptLabDay>,
    pub(super) lab_sets: Option<LabSets>,
}

/// The clinic's day of a moment. Japan has had one offset, without summer time, since 1952.
pub(super) fn clinic_day(at: Timestamp) -> Date {
    const JST: Offset = tz::offset(9);
    JST.to_datetime(at).date()
}

impl Memory {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            patients: HashMap::new(),
            lists: HashMap::new(),
            outbox: Outbox::default(),
            drafts: HashMap::new(),
            people: HashMap::new(),
            staff: None,
            prints: BTreeMap::new(),
            terminal: None,
            lab_day: None,
            lab_sets: None,
        }
    }

    pub(super) fn patient(&self, number: &PatientNumber) -> Option<Known> {
        self.patients.get(&number.canonical()).cloned()
    }

    pub(super) fn list(&self, date: Date) -> Option<(ReceptionList, Timestamp)> {
        self.lists.get(&date).cloned()
    }

    /// Takes a patient in; gives the canonical numbers that had to go.
    pub(super) fn insert_patient(&mut self, known: Known) -> Vec<String> {
        self.patients.insert(known.view.patient.number.canonical(), known);
        let mut dropped = Vec::new();
        while self.patients.len() > self.limit {
            let oldest = self.patients.iter().min_by_key(|(number, k)| (k.stored_at, *number));
            let Some(number) = oldest.map(|(number, _)| number.clone()) else { break };
            self.patients.remove(&number);
            dropped.push(number);
        }
        dropped
    }

    /// Takes a list in; gives the days that had to go: those kept on an earlier day, and the oldest.
    pub(super) fn insert_list(&mut self, list: ReceptionList, at: Timestamp) -> Vec<Date> {
        let today = clinic_day(at);
        self.lists.insert(list.date, (list, at));
        let mut dropped: Vec<Date> = self
            .lists
            .iter()
            .filter(|(_, (_, kept))| clinic_day(*kept) < today)
            .map(|(date, _)| *date)
            .collect();
        let mut left: Vec<(Timestamp, Date)> = self
            .lists
            .iter()
            .filter(|(date, _)| !dropped.contains(date))
            .map(|(date, (_, kept))| (*kept, *date))
            .collect();
        left.sort_unstable();
        let surplus = left.len().saturating_sub(LISTS);
        dropped.extend(left.into_iter().take(surplus).map(|(_, date)| date));
        for date in &dropped {
            self.lists.remove(date);
        }
        dropped
    }

    /// Takes in what was read from disk, never over what is newer here.
    pub(super) fn load(&mut self, contents: Contents, now: Timestamp) {
        for known in contents.patients {
            if !self.patients.contains_key(&known.view.patient.number.canonical()) {
                self.insert_patient(known);
            }
        }
        let today = clinic_day(now);
        for (list, at) in contents.lists {
            if clinic_day(at) == today && !self.lists.contains_key(&list.date) {
                self.insert_list(list, at);
            }
        }
        let mut rows = contents.rows;
        rows.sort_by_key(|row| row.order);
        for row in rows {
            self.outbox.add(Arc::new(row));
        }
        let long_ago = now.checked_sub(WITHDRAWN_SHOWN).unwrap_or(Timestamp::MIN);
        for id in self.outbox.withdrawn_before(long_ago) {
            self.outbox.remove(id);
        }
        for (key, draft) in contents.drafts {
            self.drafts.entry(key).or_insert(draft);
        }
        for person in contents.people {
            self.people.entry(person.login.clone()).or_insert(person);
        }
        if let (Some(staff), None) = (contents.staff, &self.staff) {
            self.staff = Some(staff);
        }
        self.terminal = self.terminal.take().or(contents.terminal);
        // Of drawn tubes that were not sent, also an earlier day's list tells.
        self.lab_day = self.lab_day.take().or(contents.lab_day);
        self.lab_sets = self.lab_sets.take().or(contents.lab_sets);
        for print in contents.prints {
            self.prints.entry(print.id).or_insert(print);
        }
    }

    /// What the records are called that belong on disk.
    pub(super) fn names(&self) -> BTreeSet<Named> {
        let mut names: BTreeSet<Named> =
            self.patients.keys().map(|canonical| Named::Patient(canonical.clone())).collect();
        names.extend(self.lists.keys().map(|date| Named::List(*date)));
        names.extend(self.outbox.rows().map(|row| Named::Row(row.id)));
        names.extend(self.drafts.keys().map(|key| Named::Draft(key.clone())));
        names.extend(self.people.keys().map(|login| Named::Person(login.clone())));
        names.extend(self.staff.iter().map(|_| Named::Staff));
        names.extend(self.prints.keys().map(|id| Named::Print(*id)));
        names.extend(self.terminal.iter().map(|_| Named::Terminal));
        names.extend(self.lab_day.iter().map(|_| Named::LabDay));
        names.extend(self.lab_sets.iter().map(|_| Named::LabSets));
        names
    }

    /// An item as a receipt tells it, into the patient's profile where the patient is known.
    pub(super) fn merge_item(&mut self, number: &PatientNumber, item: &Item) -> Option<Named> {
        let canonical = number.canonical();
        let known = self.patients.get_mut(&canonical)?;
        merge::merge_item(&mut known.view, item).then_some(Named::Patient(canonical))
    }

    /// A lab order as a receipt for this row tells it, into the day's orders and the page of its patient.
    pub(super) fn merge_order(&mut self, row: &OutboxRow, order: &LabOrder) -> Vec<Named> {
        let mut dirty = Vec::new();
        let canonical = order.patient.canonical();
        let version = row.lab_version();
        let known = self.patients.get_mut(&canonical);
        let person = known.as_ref().map(|known| known.view.patient.clone());
        if let Some(known) = known
            && merge::merge_order(&mut known.view.lab, order, version.as_ref())
        {
            dirty.push(Named::Patient(canonical));
        }
        if let Some(kept) = &mut self.lab_day {
            let new = || LabDayOrder {
                name: row.patient.name.clone(),
                birth_date: person.as_ref().and_then(|person| person.birth_date),
                sex: person.as_ref().map_or(Sex::Unknown, |person| person.sex),
                order: order.clone(),
            };
            if merge::merge_day(&mut kept.day, order, new) {
                dirty.push(Named::LabDay);
            }
        }
        dirty
    }

    /// A reception as a receipt tells it, into the list of its day and the page of its patient.
    pub(super) fn merge_reception(&mut self, reception: &Reception) -> Vec<Named> {
        let mut dirty = Vec::new();
        if let Some((list, _)) = self.lists.get_mut(&reception.key.date)
            && merge::merge_reception(list, reception)
        {
            dirty.push(Named::List(list.date));
        }
        let canonical = reception.patient.as_ref().map(PatientNumber::canonical);
        if let Some(canonical) = canonical
            && let Some(known) = self.patients.get_mut(&canonical)
            && merge::replace(&mut known.view.receptions, reception)
        {
            dirty.push(Named::Patient(canonical));
        }
        dirty
    }

    /// The person with this account.
    pub(super) fn person_of(&self, account: Uuid) -> Option<&Person> {
        self.people.values().find(|person| person.info.account_id == account)
    }

    /// Signs a row anew where its author has signed in with another key since.
    pub(super) fn sign_anew_if_registered(&mut self, id: Uuid) -> bool {
        let Some(row) = self.outbox.row(id) else { return false };
        let signer = self.person_of(row.author.account).and_then(Person::signer);
        match signer.filter(|signer| signer.public_key() != row.public_key) {
            Some(signer) => self.outbox.sign_anew(id, &signer),
            None => false,
        }
    }

    /// Forgets patients and lists. What people have entered is not a copy of anything and stays.
    pub(super) fn clear(&mut self) -> BTreeSet<Named> {
        let patients = self.patients.drain().map(|(number, _)| Named::Patient(number));
        let lists = self.lists.drain().map(|(date, _)| Named::List(date));
        let mut gone: BTreeSet<Named> = patients.chain(lists).collect();
        gone.extend(self.lab_day.take().map(|_| Named::LabDay));
        gone
    }
}
