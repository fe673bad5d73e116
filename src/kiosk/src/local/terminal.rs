//! The terminal as the clinic knows it: the name of its store, its two digits in specimen numbers, and how many numbers
//! it has given. A number is never given twice: the count is written with the entry that uses it, and a count that
//! cannot be trusted any more goes with the name of its store, for which the cloud gives other digits.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::Duration;

use api::entries::EntryContent;
use clinical::lab::{LabAct, SpecimenNumber};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Handle;
use super::cipher::random;
use super::worker::Job;

/// Counts of so many days are kept: longer than any clock is set back.
const DAYS: usize = 400;
/// Longer than a keyring may take, in which case there is no store.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a terminal is and has given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terminal {
    /// Names the store; made with it.
    pub(super) store: Uuid,
    /// The terminal's two digits, by the cloud's word for this store.
    pub(super) station: Option<u8>,
    /// The last serial number of each day.
    pub(super) given: BTreeMap<Date, u32>,
}

impl Terminal {
    /// A new store; `None` where the system gives no random bytes.
    pub(super) fn new() -> Option<Self> {
        let store = uuid::Builder::from_random_bytes(random().ok()?).into_uuid();
        Some(Self { store, station: None, given: BTreeMap::new() })
    }

    fn next(&mut self, day: Date, count: usize) -> Result<Vec<SpecimenNumber>, NoNumbers> {
        let station = self.station.ok_or(NoNumbers::NoStation)?;
        let oldest = self.given.keys().next().copied();
        // What was given on that day is not known any more.
        if self.given.len() >= DAYS && oldest.is_some_and(|oldest| day < oldest) {
            return Err(NoNumbers::Exhausted);
        }
        let last = self.given.get(&day).copied().unwrap_or(0);
        let serials = (1..).take(count).map(|n| last.saturating_add(n));
        let numbers: Result<Vec<_>, _> =
            serials.map(|serial| SpecimenNumber::new(day, station, serial)).collect();
        let numbers = numbers.map_err(|_| NoNumbers::Exhausted)?;
        let given = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        self.given.insert(day, last.saturating_add(given));
        while self.given.len() > DAYS {
            self.given.pop_first();
        }
        Ok(numbers)
    }
}

/// Why there is no specimen number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoNumbers {
    /// The terminal has no digits of its own yet: nobody has signed in here with the line up, or this terminal keeps
    /// nothing.
    #[error("this terminal has no station number")]
    NoStation,
    /// It has given all numbers of the day.
    #[error("this terminal has used up its specimen numbers of the day")]
    Exhausted,
}

/// Whether an entry uses up specimen numbers.
pub(super) fn uses_numbers(content: &EntryContent) -> bool {
    matches!(content, EntryContent::Lab { entry } if matches!(entry.act, LabAct::Order { .. }))
}

impl Handle {
    /// The name of this terminal's store, for the sign-in; made if needed. `None` where this terminal keeps nothing.
    /// Blocks until the store is open: for the client, never for a frame.
    pub fn store_id(&self) -> Option<Uuid> {
        let (answer, wait) = channel();
        self.jobs.as_ref()?.send(Job::Store { answer }).ok()?;
        wait.recv_timeout(PATIENCE).ok().flatten()
    }

    /// The terminal's two digits in specimen numbers.
    pub fn station(&self) -> Option<u8> {
        self.shared.memory().terminal.as_ref().and_then(|terminal| terminal.station)
    }

    /// The next numbers of a day. They are taken; on disk they are with the entry that begins an order.
    pub fn next_specimens(
        &self,
        day: Date,
        count: usize,
    ) -> Result<Vec<SpecimenNumber>, NoNumbers> {
        let mut memory = self.shared.memory();
        memory.terminal.as_mut().ok_or(NoNumbers::NoStation)?.next(day, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    fn terminal(station: Option<u8>) -> Terminal {
        Terminal { store: Uuid::nil(), station, given: BTreeMap::new() }
    }

    #[test]
    fn numbers_are_counted_by_day() {
        let mut one = terminal(Some(7));
        let day = date(2026, 11, 22);
        let given = |one: &mut Terminal, day, n| -> Vec<(u8, u32)> {
            one.next(day, n).unwrap().iter().map(SpecimenNumber::given).collect()
        };
        assert_eq!(given(&mut one, day, 2), [(7, 1), (7, 2)]);
        assert_eq!(given(&mut one, date(2026, 11, 23), 1), [(7, 1)]);
        // A clock that was set back counts on.
        assert_eq!(given(&mut one, day, 1), [(7, 3)]);
        assert_eq!(terminal(None).next(day, 1), Err(NoNumbers::NoStation));
        assert_eq!(one.next(day, 997), Err(NoNumbers::Exhausted));
        assert_eq!(given(&mut one, day, 996).last(), Some(&(7, 999)));
        assert_eq!(one.next(day, 1), Err(NoNumbers::Exhausted));
    }

    #[test]
    fn a_day_whose_count_is_gone_gives_nothing() {
        let mut one = terminal(Some(0));
        let first = date(2026, 1, 1);
        for n in 0..=DAYS {
            one.next(first.checked_add(i32::try_from(n).unwrap().days()).unwrap(), 1).unwrap();
        }
        assert_eq!(one.given.len(), DAYS);
        assert_eq!(one.next(first, 1), Err(NoNumbers::Exhausted));
        assert!(one.next(first.checked_add(1.day()).unwrap(), 1).is_ok());
    }
}
