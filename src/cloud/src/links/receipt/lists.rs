//! The day's receptions and the clinic's own lists.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use api::receptions::Reference;
use clinical::{MedicalContent, Physician, Reception};
use exchange::orca::system01lstv2::{Content, List};
use jiff::civil::Date;
use tokio::time::Instant;

use super::Base;
use super::failure::CallError;
use super::patients::{Haste, Patients};
use crate::store::StoreError;

/// Departments, physicians and contents change a few times a year.
const REFERENCE_EVERY: Duration = Duration::from_hours(1);
/// After the lists could not be read.
const REFERENCE_AGAIN: Duration = Duration::from_mins(1);

/// While the link is down the list is tried this often, so that it is back soon.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// What happens in the receipt computer comes as several pushes at once; one reading does for all.
const BURST: Duration = Duration::from_millis(100);

/// Reads the lists for ever.
pub(super) async fn run(base: Arc<Base>, patients: Arc<Patients>) {
    let mut lists = Lists { base, patients, contents: Vec::new(), reference_due: Instant::now() };
    loop {
        if let Err(error) = lists.round().await {
            let institution = &lists.base.institution;
            tracing::error!(institution, cause = %error, "receptions could not be stored");
        }
        let base = &lists.base;
        let longest = if base.health.is_down() { PROBE_EVERY } else { base.reconcile_every };
        let pause = longest.min(base.reconcile_every);
        if tokio::time::timeout(pause, base.read_list.notified()).await.is_ok() {
            tokio::time::sleep(BURST).await;
        }
    }
}

struct Lists {
    base: Arc<Base>,
    patients: Arc<Patients>,
    /// Names of the contents; the reception list gives only their codes.
    contents: Vec<MedicalContent>,
    reference_due: Instant,
}

impl Lists {
    async fn round(&mut self) -> Result<(), StoreError> {
        if self.contents.is_empty() {
            self.contents = self.base.store.reference(self.base.tenant).await?.contents;
        }
        // While the link is down the list goes first, and nothing else is tried before it works.
        let down = self.base.health.is_down();
        if !down {
            self.reference_if_due().await?;
        }
        if !self.days().await? {
            return Ok(());
        }
        self.base.list_was_read().await?;
        self.patients.try_failed_again();
        if down && self.reference_if_due().await? {
            // It may have brought names that the list lacks.
            self.base.list_changed(None);
        }
        Ok(())
    }

    /// Whether the clinic's own lists were read.
    async fn reference_if_due(&mut self) -> Result<bool, StoreError> {
        if Instant::now() < self.reference_due {
            return Ok(false);
        }
        let read = self.reference().await?;
        self.reference_due = Instant::now() + if read { REFERENCE_EVERY } else { REFERENCE_AGAIN };
        Ok(read)
    }

    /// Reads today's list, then those of other days that changed; `false` when that was not possible. Today
    /// goes first: whatever another day's list is like, it does not hold up the desk.
    async fn days(&self) -> Result<bool, StoreError> {
        let today = self.base.today();
        if !self.day(today).await? {
            return Ok(false);
        }
        let days = || self.base.days.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let other = days().pop_last();
            match other {
                None => return Ok(true),
                Some(day) if day == today || self.day(day).await? => {}
                Some(day) => {
                    // Left for the next round, which comes soon.
                    days().insert(day);
                    return Ok(false);
                }
            }
        }
    }

    /// Reads a day's list and stores it. `false` when it could not be read: then nothing is changed, since
    /// half a list would look like cancellations.
    async fn day(&self, day: Date) -> Result<bool, StoreError> {
        let base = &self.base;
        let mut outcome = base.client.receptions(day).await;
        if day == base.today() {
            // Without this list the link is of no use.
            outcome = outcome.map_err(CallError::without_rejection);
        }
        let list = match base.noted(outcome).await? {
            Ok(list) => list,
            Err(CallError::Rejected { code }) => {
                // Asking again would bring the same answer, for ever.
                tracing::warn!(institution = %base.institution, code, "a day has no list");
                return Ok(true);
            }
            Err(_) => return Ok(false),
        };
        base.their_clock_shows(list.at);
        let receptions: Vec<Reception> =
            list.rows.iter().map(|row| row.reception(day, &self.contents)).collect();
        let numbers: BTreeSet<_> = receptions.iter().filter_map(|r| r.patient.clone()).collect();
        let done = base.store.reconcile_day(&base.actor, day, receptions).await?;
        if done.is_change() {
            tracing::info!(
                institution = %base.institution,
                added = done.added,
                changed = done.changed,
                cancelled = done.cancelled,
                "receptions"
            );
        }
        for number in numbers {
            if !self.patients.is_complete(&number) {
                drop(self.patients.fetch(&number, Haste::Soon));
            }
        }
        Ok(true)
    }

    /// Reads the clinic's own lists; `false` when it was told nothing.
    async fn reference(&mut self) -> Result<bool, StoreError> {
        let base = &self.base;
        let mut reference = Reference::default();
        for list in [List::Departments, List::Physicians, List::Contents] {
            match base.noted(base.client.system_list(list, base.today()).await).await? {
                Ok(content) => put(&mut reference, content),
                // Older receipt computers have no list of contents.
                Err(CallError::Rejected { .. }) if list == List::Contents => {}
                Err(_) => return Ok(false),
            }
        }
        self.contents.clone_from(&reference.contents);
        self.base.store.set_reference(&self.base.actor, &reference).await?;
        Ok(true)
    }
}

fn put(reference: &mut Reference, content: Content) {
    match content {
        Content::Departments(departments) => reference.departments = departments,
        Content::Staff(members) => {
            reference.physicians = members
                .into_iter()
                .map(|member| Physician { code: member.code, name: member.name })
                .collect();
        }
        Content::Contents(contents) => reference.contents = contents,
        Content::Hospital(_) => {}
    }
}
