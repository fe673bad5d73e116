//! What the cache knows, in memory.

use std::collections::HashMap;

use api::patients::PatientView;
use api::receptions::ReceptionList;
use clinical::PatientNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{self, Offset};
use serde::{Deserialize, Serialize};

/// Lists kept at most: today's, and those of days that somebody has looked at.
const LISTS: usize = 3;

/// A patient as last seen on this terminal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// As the cloud told it.
    pub view: PatientView,
    /// When it told it.
    pub stored_at: Timestamp,
}

/// The maps that the window looks into.
pub(super) struct Memory {
    limit: usize,
    patients: HashMap<String, Known>,
    lists: HashMap<Date, (ReceptionList, Timestamp)>,
}

/// The clinic's day of a moment. Japan has had one offset, without summer time, since 1952.
pub(super) fn clinic_day(at: Timestamp) -> Date {
    const JST: Offset = tz::offset(9);
    JST.to_datetime(at).date()
}

impl Memory {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, patients: HashMap::new(), lists: HashMap::new() }
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

    /// Takes in what was read from disk, never over what the cloud has told meanwhile. Gives what is kept on
    /// disk and should not be.
    pub(super) fn load(
        &mut self,
        patients: Vec<Known>,
        lists: Vec<(ReceptionList, Timestamp)>,
        now: Timestamp,
    ) -> (Vec<String>, Vec<Date>) {
        let mut old_patients = Vec::new();
        for known in patients {
            let number = known.view.patient.number.canonical();
            if !self.patients.contains_key(&number) {
                old_patients.extend(self.insert_patient(known));
            }
        }
        let today = clinic_day(now);
        let mut old_lists = Vec::new();
        for (list, at) in lists {
            if clinic_day(at) != today {
                old_lists.push(list.date);
            } else if !self.lists.contains_key(&list.date) {
                old_lists.extend(self.insert_list(list, at));
            }
        }
        (old_patients, old_lists)
    }

    pub(super) fn clear(&mut self) {
        self.patients.clear();
        self.lists.clear();
    }

    /// Everything, to be written anew.
    pub(super) fn all(&self) -> (Vec<Known>, Vec<(ReceptionList, Timestamp)>) {
        (self.patients.values().cloned().collect(), self.lists.values().cloned().collect())
    }
}
