//! What the receipt computer has in its books: patients, today's and other days' receptions, who holds whom.
//!
//! Everything changes under one lock, and what the world must hear of a change goes into the push hub under
//! that same lock: so the order of events is the order of changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clinical::{
    Department, InsuranceCombination, MedicalContent, Patient, PatientNumber, PersonName,
    Physician, Sex,
};
use exchange::orca::Person;
use exchange::orca::system01lstv2::{Hospital, Member};
use jiff::civil::{Date, DateTime, Time};

use super::clock::SandboxClock;
use super::push::{Hub, Notice};

/// Books, clock and push of one receipt computer.
pub(crate) struct Books {
    state: Mutex<State>,
    pub(crate) clock: SandboxClock,
    pub(crate) hub: Hub,
    pub(crate) lists: Lists,
    /// Operator in whose name events are told.
    pub(crate) user: String,
    /// Rows of a reception list in one answer.
    pub(crate) list_rows: usize,
}

/// The system management lists (システム管理).
#[derive(Debug, Clone)]
pub(crate) struct Lists {
    pub(crate) hospital: Hospital,
    pub(crate) departments: Vec<Department>,
    pub(crate) physicians: Vec<Member>,
    pub(crate) contents: Vec<MedicalContent>,
}

impl Lists {
    pub(crate) fn department(&self, code: &str) -> Option<&Department> {
        self.departments.iter().find(|d| d.code == code)
    }

    pub(crate) fn physician(&self, code: &str) -> Option<Physician> {
        let found = self.physicians.iter().find(|p| p.code == code)?;
        Some(Physician { code: found.code.clone(), name: found.name.clone() })
    }

    pub(crate) fn content(&self, code: &str) -> Option<&MedicalContent> {
        self.contents.iter().find(|c| c.code == code)
    }
}

/// A patient and what the receipt computer notes about the entry itself.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) patient: Patient,
    pub(crate) created: Date,
    pub(crate) updated: DateTime,
    /// Combination of the last visit, taken when a reception names none.
    pub(crate) last_combination: Option<String>,
}

/// A line of the reception table (受付).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) date: Date,
    pub(crate) id: u32,
    /// `None` while a walk-in has only a name.
    pub(crate) patient: Option<PatientNumber>,
    /// The name that a walk-in gave; the register's name stands for everyone else.
    pub(crate) walk_in: String,
    pub(crate) time: Time,
    pub(crate) department: String,
    pub(crate) physician: String,
    pub(crate) content: String,
    pub(crate) combination: Option<String>,
    pub(crate) appointment: Option<Time>,
    pub(crate) accounted: Option<Time>,
}

impl Visit {
    /// The five digits by which the day's reception is named.
    pub(crate) fn id_text(&self) -> String {
        format!("{:05}", self.id)
    }
}

/// A reception with everything that a list shows beside it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) visit: Visit,
    pub(crate) patient: Option<Patient>,
    pub(crate) department: Department,
    pub(crate) physician: Physician,
    pub(crate) content: MedicalContent,
    pub(crate) combination: Option<InsuranceCombination>,
}

impl Line {
    /// The person as the register has them, or the name that a walk-in gave.
    pub(crate) fn person(&self) -> Person {
        match &self.patient {
            Some(patient) => Person {
                number: Some(patient.number.clone()),
                name: patient.name.clone(),
                birth_date: patient.birth_date,
                sex: patient.sex,
            },
            None => Person {
                number: None,
                name: PersonName { kanji: self.visit.walk_in.clone(), kana: String::new() },
                birth_date: None,
                sex: Sex::Unknown,
            },
        }
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) patients: BTreeMap<String, Record>,
    pub(crate) days: BTreeMap<Date, Day>,
    locks: HashMap<String, Instant>,
}

/// Receptions of one day, and the last number given out: a number is never given twice.
#[derive(Default)]
pub(crate) struct Day {
    pub(crate) visits: Vec<Visit>,
    pub(crate) last_id: u32,
}

impl State {
    pub(crate) fn record(&self, number: &str) -> Option<&Record> {
        self.patients.get(&canonical(number)?)
    }

    pub(crate) fn record_mut(&mut self, number: &str) -> Option<&mut Record> {
        self.patients.get_mut(&canonical(number)?)
    }

    pub(crate) fn is_locked(&self, number: &str) -> bool {
        canonical(number)
            .and_then(|key| self.locks.get(&key))
            .is_some_and(|until| Instant::now() < *until)
    }

    pub(crate) fn visits(&self, date: Date) -> &[Visit] {
        self.days.get(&date).map_or(&[], |day| &day.visits)
    }

    pub(crate) fn visit_mut(&mut self, date: Date, id: u32) -> Option<&mut Visit> {
        self.days.get_mut(&date)?.visits.iter_mut().find(|visit| visit.id == id)
    }
}

/// The form in which two spellings of a number are the same: the receipt computer takes `17` for `00017`.
fn canonical(number: &str) -> Option<String> {
    PatientNumber::parse(number).ok().map(|number| number.canonical())
}

impl Books {
    pub(crate) fn new(
        patients: impl IntoIterator<Item = Patient>,
        lists: Lists,
        clock: SandboxClock,
        user: String,
        list_rows: usize,
    ) -> Self {
        let mut state = State::default();
        for patient in patients {
            let created = patient.first_visit.unwrap_or(Date::constant(2020, 4, 1));
            let key = patient.number.canonical();
            let updated = created.at(9, 0, 0, 0);
            let record = Record { patient, created, updated, last_combination: None };
            state.patients.insert(key, record);
        }
        Self { state: Mutex::new(state), clock, hub: Hub::default(), lists, user, list_rows }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the world; call it with the state's lock held.
    pub(crate) fn tell(&self, at: DateTime, notice: &Notice) {
        self.hub.emit(at, &self.user, notice);
    }

    /// Puts a new patient into the register; false when the number is taken.
    pub(crate) fn register(&self, patient: Patient) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let key = patient.number.canonical();
        if state.patients.contains_key(&key) {
            return false;
        }
        let notice = Notice::patient("add", &patient.number, now);
        let record = Record { patient, created: now.date(), updated: now, last_combination: None };
        state.patients.insert(key, record);
        self.tell(now, &notice);
        true
    }

    /// Changes a patient's data as an operator would; false when there is no such patient. The number stays.
    pub(crate) fn change(&self, number: &str, change: impl FnOnce(&mut Patient)) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(record) = state.record_mut(number) else { return false };
        let kept = record.patient.number.clone();
        change(&mut record.patient);
        record.patient.number = kept;
        record.updated = now;
        let notice = Notice::patient("modify", &record.patient.number, now);
        self.tell(now, &notice);
        true
    }

    /// Another terminal opens the patient's screen and keeps it open for `span` of real time.
    pub(crate) fn lock(&self, number: &str, span: Duration) -> bool {
        let mut state = self.state();
        let Some(key) = canonical(number).filter(|key| state.patients.contains_key(key)) else {
            return false;
        };
        let now = Instant::now();
        let until = now.checked_add(span).unwrap_or(now);
        state.locks.insert(key, until);
        true
    }

    /// The other terminal closes the screen.
    pub(crate) fn unlock(&self, number: &str) {
        if let Some(key) = canonical(number) {
            self.state().locks.remove(&key);
        }
    }

    /// Receptions of `date` in the order of their numbers.
    pub(crate) fn lines(&self, date: Date) -> Vec<Line> {
        let state = self.state();
        state.visits(date).iter().map(|visit| self.line(&state, visit)).collect()
    }

    pub(crate) fn line(&self, state: &State, visit: &Visit) -> Line {
        let patient = visit
            .patient
            .as_ref()
            .and_then(|number| state.record(number.as_str()))
            .map(|record| record.patient.clone());
        let combination = patient.as_ref().and_then(|patient| {
            let wanted = visit.combination.as_deref()?;
            patient.insurance.iter().find(|c| c.number == wanted).cloned()
        });
        let lists = &self.lists;
        Line {
            department: lists.department(&visit.department).cloned().unwrap_or_default(),
            physician: lists.physician(&visit.physician).unwrap_or_default(),
            content: lists.content(&visit.content).cloned().unwrap_or_default(),
            visit: visit.clone(),
            patient,
            combination,
        }
    }
}
