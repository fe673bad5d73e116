//! The records: what they are called, how they are written down, and what a file holds of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::entries::Entry;
use api::lab::LabSets;
use api::profile::StaffList;
use api::proof;
use api::receptions::ReceptionList;
use clinical::Staff;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cipher::{Cipher, RecordId};
use super::drafts::{Draft, DraftKey};
use super::file::{CacheFile, Change, FileError, opened};
use super::frame::{Frame, Table};
use super::lab::KeptLabDay;
use super::memory::{Known, Memory};
use super::outbox::{OutboxRow, RowPatient, RowState};
use super::people::Person;
use super::prints::KeptPrint;
use super::terminal::Terminal;

/// Names a record within its institution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Patient(String),
    List(Date),
    Row(Uuid),
    Draft(DraftKey),
    Person(String),
    Staff,
    Print(Uuid),
    Terminal,
    LabDay,
    LabSets,
}

impl Named {
    pub(super) fn table(&self) -> Table {
        match self {
            Self::Patient(_) => Table::Patients,
            Self::List(_) => Table::Lists,
            Self::Row(_) => Table::Outbox,
            Self::Draft(_) => Table::Drafts,
            Self::Person(_) => Table::People,
            Self::Staff => Table::Staff,
            Self::Print(_) => Table::Prints,
            Self::Terminal => Table::Terminal,
            Self::LabDay | Self::LabSets => Table::Lab,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Patient(canonical) => canonical.clone(),
            Self::List(date) => date.to_string(),
            Self::Row(id) | Self::Print(id) => id.to_string(),
            Self::Draft(DraftKey { account, patient, form }) => {
                format!("{account} {} {patient} {form}", patient.len())
            }
            Self::Person(login) => login.clone(),
            Self::Staff | Self::Terminal => String::new(),
            Self::LabDay => "day".to_owned(),
            Self::LabSets => "sets".to_owned(),
        }
    }

    /// Brings the record's place on disk to what the memory says: the record, or none.
    pub(super) fn change(&self, memory: &Memory, file: &CacheFile) -> Result<Change, FileError> {
        fn put<T: Serialize>(
            named: &Named,
            file: &CacheFile,
            content: Option<T>,
        ) -> Result<Change, FileError> {
            content.map_or_else(|| Ok(file.remove(named)), |content| file.put(named, &content))
        }
        match self {
            Self::Patient(canonical) => put(self, file, memory.patients.get(canonical)),
            Self::List(date) => {
                let kept = memory.lists.get(date);
                put(self, file, kept.map(|(list, at)| KeptList { list: list.clone(), at: *at }))
            }
            Self::Row(id) => put(self, file, memory.outbox.row(*id).map(|row| KeptRow::of(row))),
            Self::Draft(key) => {
                let draft = memory.drafts.get(key);
                put(
                    self,
                    file,
                    draft.map(|draft| KeptDraft { key: key.clone(), draft: draft.clone() }),
                )
            }
            Self::Person(login) => put(self, file, memory.people.get(login)),
            Self::Staff => put(self, file, memory.staff.as_ref()),
            Self::Print(id) => put(self, file, memory.prints.get(id)),
            Self::Terminal => put(self, file, memory.terminal.as_ref()),
            Self::LabDay => {
                put(self, file, memory.lab_day.as_ref().map(|kept| KeptLab::Day(kept.clone())))
            }
            Self::LabSets => {
                put(self, file, memory.lab_sets.as_ref().map(|sets| KeptLab::Sets(sets.clone())))
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct KeptList {
    list: ReceptionList,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct KeptDraft {
    key: DraftKey,
    draft: Draft,
}

/// Copies for the sample desk: one table, two records.
// Made for a moment, to be written.
#[allow(clippy::large_enum_variant)]
#[derive(Serialize, Deserialize)]
enum KeptLab {
    Day(KeptLabDay),
    Sets(LabSets),
}

/// A row as it lies on disk: the body as the text that it is, the rest of what follows from it left out.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptRow {
    order: u64,
    body: String,
    public_key: String,
    signature: String,
    author: Staff,
    patient: RowPatient,
    made_at: Timestamp,
    state: RowState,
}

impl KeptRow {
    pub(super) fn of(row: &OutboxRow) -> Self {
        Self {
            order: row.order,
            // JSON is text.
            body: String::from_utf8_lossy(&row.body).into_owned(),
            public_key: row.public_key.clone(),
            signature: row.signature.clone(),
            author: row.author.clone(),
            patient: row.patient.clone(),
            made_at: row.made_at,
            state: row.state.clone(),
        }
    }

    fn into_row(self) -> Option<OutboxRow> {
        let entry: Entry = serde_json::from_str(&self.body).ok()?;
        let body: Arc<[u8]> = self.body.into_bytes().into();
        Some(OutboxRow {
            id: entry.id,
            order: self.order,
            entry,
            hash: proof::hash(&body),
            body,
            public_key: self.public_key,
            signature: self.signature,
            author: self.author,
            patient: self.patient,
            made_at: self.made_at,
            state: self.state,
        })
    }
}

/// Everything that a file holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) patients: Vec<Known>,
    pub(super) lists: Vec<(ReceptionList, Timestamp)>,
    pub(super) rows: Vec<OutboxRow>,
    pub(super) drafts: Vec<(DraftKey, Draft)>,
    pub(super) people: Vec<Person>,
    pub(super) staff: Option<StaffList>,
    pub(super) prints: Vec<KeptPrint>,
    pub(super) terminal: Option<Terminal>,
    pub(super) lab_day: Option<KeptLabDay>,
    pub(super) lab_sets: Option<LabSets>,
    /// What cannot be read.
    pub(super) unreadable: usize,
    /// Copies that are of no use here: of another institution, or of another program.
    pub(super) useless: Vec<(Table, RecordId)>,
    /// Unsent entries of other institutions.
    pub(super) foreign_unsent: usize,
    /// The highest number of a record.
    pub(super) last_change: u64,
}

impl Contents {
    /// Takes in a record.
    pub(super) fn take(&mut self, cipher: &Cipher, institution: &str, found: Frame<'_>) {
        match found.table {
            Table::Patients => {
                let read = self.read::<Known>(cipher, institution, found);
                self.patients.extend(read);
            }
            Table::Lists => {
                let read = self.read::<KeptList>(cipher, institution, found);
                self.lists.extend(read.map(|kept| (kept.list, kept.at)));
            }
            Table::Outbox => {
                let read = self.read::<KeptRow>(cipher, institution, found);
                match read.map(KeptRow::into_row) {
                    Some(Some(row)) => self.rows.push(row),
                    Some(None) => self.unreadable += 1,
                    None => {}
                }
            }
            Table::Drafts => {
                let read = self.read::<KeptDraft>(cipher, institution, found);
                self.drafts.extend(read.map(|kept| (kept.key, kept.draft)));
            }
            Table::People => {
                let read = self.read::<Person>(cipher, institution, found);
                self.people.extend(read);
            }
            Table::Staff => {
                let read = self.read::<StaffList>(cipher, institution, found);
                self.staff = read.or(self.staff.take());
            }
            Table::Prints => {
                let read = self.read::<KeptPrint>(cipher, institution, found);
                self.prints.extend(read);
            }
            Table::Terminal => {
                let read = self.read::<Terminal>(cipher, institution, found);
                self.terminal = read.or(self.terminal.take());
            }
            Table::Lab => match self.read::<KeptLab>(cipher, institution, found) {
                Some(KeptLab::Day(day)) => self.lab_day = Some(day),
                Some(KeptLab::Sets(sets)) => self.lab_sets = Some(sets),
                None => {}
            },
        }
    }

    /// The content of an own record; what is not one is counted.
    fn read<T: DeserializeOwned>(
        &mut self,
        cipher: &Cipher,
        institution: &str,
        found: Frame<'_>,
    ) -> Option<T> {
        let record = opened::<T>(cipher, found);
        self.last_change = self.last_change.max(record.as_ref().map_or(0, |r| r.change));
        match record {
            Some(record) if record.institution == institution => return Some(record.content),
            Some(_) if found.table == Table::Outbox => {
                let row = opened::<KeptRow>(cipher, found).and_then(|row| row.content.into_row());
                self.foreign_unsent += usize::from(row.is_some_and(|row| row.is_unsent()));
            }
            Some(_) if !found.table.is_copy() => {}
            Some(_) => self.useless.push((found.table, *found.id)),
            // Authentic, and of another program's shape.
            None if found.table.is_copy() && opened::<IgnoredAny>(cipher, found).is_some() => {
                self.useless.push((found.table, *found.id));
            }
            None => self.unreadable += 1,
        }
        None
    }

    /// What the records that were read are called.
    pub(super) fn names(&self) -> BTreeSet<Named> {
        let patients = self.patients.iter().map(|known| known.view.patient.number.canonical());
        let mut names: BTreeSet<Named> = patients.map(Named::Patient).collect();
        names.extend(self.lists.iter().map(|(list, _)| Named::List(list.date)));
        names.extend(self.rows.iter().map(|row| Named::Row(row.id)));
        names.extend(self.drafts.iter().map(|(key, _)| Named::Draft(key.clone())));
        names.extend(self.people.iter().map(|person| Named::Person(person.login.clone())));
        names.extend(self.staff.iter().map(|_| Named::Staff));
        names.extend(self.prints.iter().map(|print| Named::Print(print.id)));
        names.extend(self.terminal.iter().map(|_| Named::Terminal));
        names.extend(self.lab_day.iter().map(|_| Named::LabDay));
        names.extend(self.lab_sets.iter().map(|_| Named::LabSets));
        names
    }
}

/// The number of a record that this program can read in full, of whatever institution.
pub(super) fn readable(cipher: &Cipher, found: Frame<'_>) -> Option<u64> {
    fn number<T: DeserializeOwned>(cipher: &Cipher, found: Frame<'_>) -> Option<u64> {
        opened::<T>(cipher, found).map(|record| record.change)
    }
    match found.table {
        Table::Patients => number::<Known>(cipher, found),
        Table::Lists => number::<KeptList>(cipher, found),
        Table::Outbox => {
            let record = opened::<KeptRow>(cipher, found)?;
            record.content.into_row().map(|_| record.change)
        }
        Table::Drafts => number::<KeptDraft>(cipher, found),
        Table::People => number::<Person>(cipher, found),
        Table::Staff => number::<StaffList>(cipher, found),
        // An old copy that comes back would print a second time, an old count would give a specimen number twice: the
        // new file has a name of its own.
        Table::Prints | Table::Terminal => None,
        Table::Lab => number::<KeptLab>(cipher, found),
    }
}
