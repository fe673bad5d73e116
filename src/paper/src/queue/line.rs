//! The jobs in their order, each change kept before it counts.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Act, Job, Shelf, ShelfError, State};
use crate::printers::{JobNumber, JobState, SubmitError};

/// All jobs, oldest first. Jobs of one printer go out in this order.
#[derive(Debug)]
pub struct Queue<D> {
    jobs: Vec<Job<D>>,
    /// What the shelf did not take; it is offered again.
    unkept: BTreeSet<Uuid>,
}

impl<D> Default for Queue<D> {
    fn default() -> Self {
        Self { jobs: Vec::new(), unkept: BTreeSet::new() }
    }
}

impl<D> Queue<D> {
    /// Takes up what an earlier run has left. `find` asks the spooler of a job's printer for one with its title: what
    /// was being handed over when the program stopped may have arrived.
    pub fn load(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        mut find: impl FnMut(&Job<D>) -> Option<JobNumber>,
        now: Timestamp,
    ) -> Result<(), ShelfError> {
        for mut job in shelf.load()? {
            if self.jobs.iter().any(|known| known.id == job.id) {
                continue;
            }
            let found = if job.state == State::Handing { find(&job) } else { None };
            let state = job.after_restart(found, now);
            if state != job.state {
                job.state = state;
                self.unkept.insert(job.id);
            }
            self.jobs.push(job);
        }
        self.jobs.sort_by_key(|job| (job.made_at, job.id));
        self.keep_rest(shelf)
    }

    /// All jobs, oldest first.
    pub fn jobs(&self) -> &[Job<D>] {
        &self.jobs
    }

    /// The job of this name.
    pub fn job(&self, id: Uuid) -> Option<&Job<D>> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// Takes in a new job; one that is known already stays as it is. It is in the queue even where the shelf fails,
    /// and is offered to the shelf again; it is not printed before it is kept.
    pub fn add(&mut self, shelf: &mut dyn Shelf<D>, job: Job<D>) -> Result<(), ShelfError> {
        if self.job(job.id).is_some() {
            return Ok(());
        }
        let id = job.id;
        self.jobs.push(job);
        self.keep(shelf, id)
    }

    /// The next job to be handed over: of each printer the oldest that waits, and no other.
    pub fn due(&self, now: Timestamp) -> Option<&Job<D>> {
        self.heads().find(|job| job.is_due(now))
    }

    /// When the next job will be due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.heads().filter_map(Job::due).min()
    }

    fn heads(&self) -> impl Iterator<Item = &Job<D>> {
        let mut seen = BTreeSet::new();
        let waits = |job: &&Job<D>| matches!(job.state, State::Waiting { .. });
        self.jobs.iter().filter(waits).filter(move |job| seen.insert(job.printer.as_str()))
    }

    /// Writes down that a waiting job is about to be handed over, and gives how often that was tried before. Only
    /// after this may the spooler be called.
    pub fn begin(&mut self, shelf: &mut dyn Shelf<D>, id: Uuid) -> Result<u32, ShelfError> {
        let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) else {
            return Err(ShelfError("there is no such job".to_owned()));
        };
        let State::Waiting { tries, .. } = job.state else {
            return Err(ShelfError("the job does not wait".to_owned()));
        };
        let before = std::mem::replace(&mut job.state, State::Handing);
        match shelf.put(job) {
            Ok(()) => {
                self.unkept.remove(&id);
                Ok(tries)
            }
            Err(error) => {
                job.state = before;
                // Nobody knows what a failed write has left on the disk.
                self.unkept.insert(id);
                Err(error)
            }
        }
    }

    /// What came of the handing over.
    pub fn finish(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        told: Result<Option<JobNumber>, SubmitError>,
        tries: u32,
        now: Timestamp,
    ) -> Result<(), ShelfError> {
        self.change(shelf, id, |job| Some(job.after_handing(told, tries, now))).map(|_| ())
    }

    /// The job could not be made into a document, or has no printer: nothing was handed over.
    pub fn fail(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        why: super::Why,
        now: Timestamp,
    ) -> Result<(), ShelfError> {
        self.change(shelf, id, |_| Some(State::Failed { why, at: now })).map(|_| ())
    }

    /// What the spooler says about a job that it has. True where that is news.
    pub fn heard(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        word: JobState,
        now: Timestamp,
    ) -> Result<bool, ShelfError> {
        self.change(shelf, id, |job| Some(job.after_word(word, now)))
    }

    /// What a person asks. False where that makes no sense now.
    pub fn act(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        act: Act,
        now: Timestamp,
    ) -> Result<bool, ShelfError> {
        self.change(shelf, id, |job| job.after_act(act, now))
    }

    /// Sends a job that has not been handed over to another printer.
    pub fn readdress(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        printer: &str,
    ) -> Result<(), ShelfError> {
        let job = self.jobs.iter_mut().find(|job| job.id == id && job.printer != printer);
        match job {
            Some(job) if matches!(job.state, State::Waiting { .. } | State::Failed { .. }) => {
                printer.clone_into(&mut job.printer);
                self.keep(shelf, id)
            }
            _ => Ok(()),
        }
    }

    /// Notes something in a job's data.
    pub fn note(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        note: impl FnOnce(&mut D),
    ) -> Result<(), ShelfError> {
        match self.jobs.iter_mut().find(|job| job.id == id) {
            Some(job) => {
                note(&mut job.data);
                self.keep(shelf, id)
            }
            None => Ok(()),
        }
    }

    /// Jobs that the spooler has and may still tell about.
    pub fn open_jobs(&self) -> impl Iterator<Item = (&Job<D>, JobNumber)> {
        self.jobs.iter().filter_map(|job| match job.state {
            State::HandedOver { job: Some(number), forgotten: false, .. } => Some((job, number)),
            _ => None,
        })
    }

    /// Forgets what was kept long enough.
    pub fn sweep(&mut self, shelf: &mut dyn Shelf<D>, now: Timestamp) -> Result<(), ShelfError> {
        let gone: Vec<Uuid> =
            self.jobs.iter().filter(|job| job.may_go(now)).map(|job| job.id).collect();
        if gone.is_empty() {
            return Ok(());
        }
        shelf.remove(&gone)?;
        self.jobs.retain(|job| !gone.contains(&job.id));
        self.unkept.retain(|id| !gone.contains(id));
        Ok(())
    }

    /// Offers the shelf again what it did not take.
    pub fn keep_rest(&mut self, shelf: &mut dyn Shelf<D>) -> Result<(), ShelfError> {
        for id in self.unkept.clone() {
            self.keep(shelf, id)?;
        }
        Ok(())
    }

    /// Whether the shelf has everything.
    pub fn is_kept(&self) -> bool {
        self.unkept.is_empty()
    }

    fn change(
        &mut self,
        shelf: &mut dyn Shelf<D>,
        id: Uuid,
        next: impl FnOnce(&Job<D>) -> Option<State>,
    ) -> Result<bool, ShelfError> {
        let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) else { return Ok(false) };
        let Some(state) = next(job).filter(|state| *state != job.state) else { return Ok(false) };
        job.state = state;
        self.keep(shelf, id).map(|()| true)
    }

    fn keep(&mut self, shelf: &mut dyn Shelf<D>, id: Uuid) -> Result<(), ShelfError> {
        self.unkept.insert(id);
        if let Some(job) = self.jobs.iter().find(|job| job.id == id) {
            shelf.put(job)?;
        }
        self.unkept.remove(&id);
        Ok(())
    }
}
