//! The day's receptions as the window holds them.

use std::collections::{BTreeMap, HashMap, HashSet};

use clinical::search::SearchKeys;
use clinical::{PatientNumber, Reception, ReceptionKey, ReceptionState};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// Where the list comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListSource {
    /// Nothing here yet.
    Empty,
    /// From the terminal's store.
    Kept {
        /// When it was stored.
        at: Timestamp,
    },
    /// From the cloud, followed since.
    Live,
}

/// A reception with what sorting and searching need, computed once.
#[derive(Debug, Clone)]
pub struct Row {
    /// The reception.
    pub reception: Reception,
    /// 五十音 key of the kana name.
    pub kana_key: String,
    /// For the search.
    pub keys: Option<SearchKeys>,
}

impl Row {
    fn new(reception: Reception) -> Self {
        // Somebody without a number yet is found by name alone.
        let keys = match &reception.patient {
            Some(number) => Some(SearchKeys::of(number, &reception.name)),
            None => PatientNumber::parse("0").ok().map(|zero| SearchKeys {
                number: String::new(),
                ..SearchKeys::of(&zero, &reception.name)
            }),
        };
        Self { kana_key: clinical::kana::sort_key(&reception.name.kana), keys, reception }
    }
}

/// A change of state on its way to the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub id: Uuid,
    /// To what.
    pub to: ReceptionState,
    /// Whether it is on the disk.
    pub kept: bool,
}

/// The day's receptions.
#[derive(Debug, Clone)]
pub struct Day {
    /// Which day.
    pub date: Date,
    /// Where the list comes from.
    pub source: ListSource,
    /// In the order of time, then id.
    pub rows: Vec<Row>,
    /// Changes of state that the cloud does not have yet; of several the latest.
    pub changes: BTreeMap<ReceptionKey, Change>,
    /// Grows with every change, so that a sorted view knows when it is old.
    pub version: u64,
    namesakes: HashSet<String>,
}

impl Day {
    /// A day of which nothing is known.
    pub fn new(date: Date) -> Self {
        Self {
            date,
            source: ListSource::Empty,
            rows: Vec::new(),
            changes: BTreeMap::new(),
            version: 0,
            namesakes: HashSet::new(),
        }
    }

    /// Replaces the whole list.
    pub fn set(&mut self, receptions: Vec<Reception>, source: ListSource) {
        self.rows = receptions.into_iter().map(Row::new).collect();
        self.source = source;
        self.changed();
    }

    /// Takes in one reception; an older revision than the one at hand is dropped.
    pub fn put(&mut self, reception: Reception) {
        if reception.key.date != self.date {
            return;
        }
        match self.rows.iter_mut().find(|row| row.reception.key == reception.key) {
            Some(row) if row.reception.revision > reception.revision => return,
            Some(row) => *row = Row::new(reception),
            None => self.rows.push(Row::new(reception)),
        }
        self.changed();
    }

    fn changed(&mut self) {
        self.version += 1;
        self.rows.sort_by(|a, b| {
            let (a, b) = (&a.reception, &b.reception);
            (a.time, &a.key.id).cmp(&(b.time, &b.key.id))
        });
        let mut whose: HashMap<String, &Row> = HashMap::new();
        let mut namesakes = HashSet::new();
        for row in self.rows.iter().filter(|r| r.reception.state != ReceptionState::Cancelled) {
            let kana = bare(&row.reception.name.kana);
            if kana.is_empty() {
                continue;
            }
            let other = whose.entry(kana.clone()).or_insert(row);
            if !same_patient(&other.reception, &row.reception) {
                namesakes.insert(kana);
            }
        }
        self.namesakes = namesakes;
    }

    /// Whether two different patients of the day share this kana name.
    pub fn has_namesake(&self, kana: &str) -> bool {
        !self.namesakes.is_empty() && self.namesakes.contains(&bare(kana))
    }

    /// The reception so named.
    pub fn find(&self, key: &ReceptionKey) -> Option<&Reception> {
        self.rows.iter().map(|row| &row.reception).find(|r| r.key == *key)
    }

    /// The patient's reception to act on: the first that is not finished, else the last.
    pub fn of_patient(&self, number: &PatientNumber) -> Option<&Reception> {
        let canonical = number.canonical();
        let mut own = self.rows.iter().map(|row| &row.reception).filter(|r| {
            r.state != ReceptionState::Cancelled
                && r.patient.as_ref().is_some_and(|n| n.canonical() == canonical)
        });
        let first = own.next()?;
        if first.state != ReceptionState::Done {
            return Some(first);
        }
        let rest: Vec<_> = own.collect();
        let open = rest.iter().find(|r| r.state != ReceptionState::Done);
        Some(open.or(rest.last()).copied().unwrap_or(first))
    }

    /// The state to show: the one asked for while the cloud does not have it yet.
    pub fn shown_state(&self, reception: &Reception) -> ReceptionState {
        self.changes.get(&reception.key).map_or(reception.state, |change| change.to)
    }

    /// Whether the desk may set another state now; not while the disk has not answered for the last one.
    pub fn can_change(&self, reception: &Reception) -> bool {
        reception.state != ReceptionState::Cancelled
            && self.changes.get(&reception.key).is_none_or(|change| change.kept)
    }

    /// Whether there is a next state and the desk may set it now.
    pub fn can_step(&self, reception: &Reception) -> bool {
        self.can_change(reception) && self.shown_state(reception).next().is_some()
    }

    /// Replaces the changes that the cloud does not have yet.
    pub fn set_changes(&mut self, changes: BTreeMap<ReceptionKey, Change>) {
        if changes != self.changes {
            self.changes = changes;
            self.version += 1;
        }
    }

    /// How many are in a state.
    pub fn count(&self, state: ReceptionState) -> usize {
        self.rows.iter().filter(|r| self.shown_state(&r.reception) == state).count()
    }

    /// How many came or will come today.
    pub fn total(&self) -> usize {
        self.rows.iter().filter(|r| r.reception.state != ReceptionState::Cancelled).count()
    }
}

fn bare(kana: &str) -> String {
    kana.chars().filter(|c| !c.is_whitespace()).collect()
}

fn same_patient(a: &Reception, b: &Reception) -> bool {
    match (&a.patient, &b.patient) {
        (Some(a), Some(b)) => a.canonical() == b.canonical(),
        _ => a.name == b.name && a.birth_date == b.birth_date,
    }
}
