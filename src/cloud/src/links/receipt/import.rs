//! Learning about all patients: at first from the first day of registration on, later once a day and whenever
//! pushes may have been lost, from the last day read on. What comes in hundreds is stored for those who are
//! not known yet; who is known and changed is fetched whole, so that nothing that only a whole record tells
//! (safety remarks) is ever overwritten by less.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clinical::PatientNumber;
use exchange::orca::patientlst1v2::Row;
use exchange::orca::patientlst2v2::MAX_NUMBERS;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use tokio::time::Instant;

use super::Base;
use super::client::Changed;
use super::failure::CallError;
use super::patients::Patients;
use crate::store::StoreError;

/// Name of the link's place: the last day whose changes were read.
const PLACE: &str = "receipt/patients";
/// How often the calendar is looked at.
const DAY_CHECK: Duration = Duration::from_mins(1);
/// While no push would tell of changes they are asked for after so many readings of the list.
const WITHOUT_PUSH: u32 = 6;
/// First pause after a failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Batches without a single patient after which the numbers are taken to have ended.
const EMPTY_BATCHES: usize = 20;

/// Imports for ever.
pub(super) async fn run(base: Arc<Base>, patients: Arc<Patients>) {
    let mut pause = FIRST_PAUSE;
    let mut import =
        Import { base: &base, patients: &patients, known: HashSet::new(), fetched: HashMap::new() };
    loop {
        let day = base.today();
        let outcome = import.run(day).await;
        import.known = HashSet::new();
        match outcome {
            Ok(true) => {
                pause = FIRST_PAUSE;
                wait_for_more(&base, day).await;
                continue;
            }
            Ok(false) => {}
            Err(error) => {
                let institution = &base.institution;
                tracing::error!(institution, cause = %error, "patients could not be stored");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Until another day begins or changes may have been missed.
async fn wait_for_more(base: &Base, day: Date) {
    let began = Instant::now();
    let without_push = base.reconcile_every * WITHOUT_PUSH;
    let look = DAY_CHECK.min(without_push);
    while base.today() == day {
        if !base.push_is_up.load(Ordering::Relaxed) && began.elapsed() >= without_push {
            return;
        }
        if tokio::time::timeout(look, base.read_changes.notified()).await.is_ok() {
            return;
        }
    }
}

/// When a patient was changed, as far as it is told.
type Change = (Option<Date>, Option<Time>);

struct Import<'a> {
    base: &'a Base,
    patients: &'a Patients,
    /// Canonical numbers that the store knows.
    known: HashSet<String>,
    /// The change of each patient that was fetched last, so that none is fetched twice for one change.
    fetched: HashMap<String, Change>,
}

impl Import<'_> {
    /// `false` when the receipt computer did not tell all; what was told is kept.
    async fn run(&mut self, today: Date) -> Result<bool, StoreError> {
        let tenant = self.base.tenant;
        let place = self.base.store.link_cursor(tenant, PLACE).await?;
        let place: Option<Date> = place.and_then(|place| place.parse().ok());
        let first = place.is_none();
        self.known = self.base.store.known_patients(tenant).await?.into_iter().collect();
        let start = place.unwrap_or(self.base.patients_since).min(today);
        // The earliest range last: it is taken first, and each finished one moves the place.
        let mut ranges = vec![(start, today)];
        while let Some((from, to)) = ranges.pop() {
            let read = match self.base.noted(self.base.client.changed(from, to).await).await? {
                Ok(Changed::Rows(rows)) => self.take(rows, first).await?,
                Ok(Changed::TooMany) => match halves(from, to) {
                    Some((early, late)) => {
                        ranges.push(late);
                        ranges.push(early);
                        continue;
                    }
                    None => self.by_number().await?,
                },
                Err(error) => self.given_up(&error),
            };
            if !read {
                return Ok(false);
            }
            self.base.store.set_link_cursor(tenant, PLACE, &to.to_string()).await?;
        }
        if first {
            let patients = self.known.len();
            tracing::info!(institution = %self.base.institution, patients, "patients imported");
        }
        Ok(true)
    }

    fn given_up(&self, error: &CallError) -> bool {
        tracing::debug!(institution = %self.base.institution, %error, "import given up for now");
        false
    }

    /// Stores those who are not known yet, has the others fetched.
    async fn take(&mut self, rows: Vec<Row>, first: bool) -> Result<bool, StoreError> {
        let mut new = Vec::new();
        for row in rows {
            let canonical = row.number.canonical();
            if !self.known.contains(&canonical) {
                new.push(row.number);
                continue;
            }
            let change = (row.updated, row.updated_at);
            let before = self.fetched.insert(canonical, change);
            // At the first import whoever is known was fetched a moment ago.
            if !first && (before != Some(change) || row.updated_at.is_none()) {
                self.patients.changed(&row.number);
            }
        }
        for batch in new.chunks(MAX_NUMBERS) {
            if self.batch(batch).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Stores one batch of those who are not known; how many there were, `None` when it could not be read.
    async fn batch(&mut self, numbers: &[PatientNumber]) -> Result<Option<usize>, StoreError> {
        let base = self.base;
        let fetched_at = base.clock.now();
        let patients = match base.noted(base.client.basics(numbers).await).await? {
            Ok(patients) => patients,
            Err(error) => {
                self.given_up(&error);
                return Ok(None);
            }
        };
        // One of them may be fetched whole in this very moment; the store decides who is new.
        base.store.add_patients(&base.actor, &patients, fetched_at).await?;
        self.known.extend(patients.iter().map(|patient| patient.number.canonical()));
        Ok(Some(patients.len()))
    }

    /// A single day with a thousand registrations or more (the day on which the clinic changed its receipt
    /// computer) cannot be told by day: the numbers are tried one hundred after the other.
    async fn by_number(&mut self) -> Result<bool, StoreError> {
        let mut empty = 0;
        let mut next: u64 = 1;
        while empty < EMPTY_BATCHES {
            let numbers: Vec<PatientNumber> = (next..)
                .take(MAX_NUMBERS)
                .filter_map(|n| PatientNumber::parse(&n.to_string()).ok())
                .collect();
            next += MAX_NUMBERS as u64;
            match self.batch(&numbers).await? {
                Some(0) => empty += 1,
                Some(_) => empty = 0,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

type Range = (Date, Date);

/// Both halves of a range of days; `None` for a single day.
fn halves(from: Date, to: Date) -> Option<(Range, Range)> {
    let days = (to - from).get_days();
    if days < 1 {
        return None;
    }
    let middle = from.saturating_add((days / 2).days());
    Some(((from, middle), (middle.saturating_add(1.day()), to)))
}

#[cfg(test)]
mod tests {
    use super::halves;
    use jiff::civil::date;

    #[test]
    fn a_range_falls_into_halves_without_gap_or_overlap() {
        let mut ranges = vec![(date(2026, 1, 1), date(2026, 3, 7))];
        let mut days = Vec::new();
        while let Some((from, to)) = ranges.pop() {
            match halves(from, to) {
                Some((early, late)) => ranges.extend([late, early]),
                None => days.push(from),
            }
        }
        let expected: Vec<_> = date(2026, 1, 1).series(jiff::ToSpan::day(1)).take(66).collect();
        assert_eq!(days, expected);
    }
}
