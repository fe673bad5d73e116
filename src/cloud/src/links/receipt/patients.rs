//! Fetching single patients with all that the receipt computer tells. Each number is under way at most once;
//! what a person waits for goes before what is fetched in advance.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clinical::PatientNumber;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::Base;
use crate::store::StoreError;

/// Fetched side by side: enough to fill a morning's list in seconds, few enough not to be a burden.
const SIDE_BY_SIDE: usize = 4;

/// How soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Haste {
    /// A person waits.
    Now,
    /// In advance.
    Soon,
}

/// The patients of one link.
pub(super) struct Patients {
    base: Arc<Base>,
    state: Mutex<State>,
    now: mpsc::UnboundedSender<PatientNumber>,
    soon: mpsc::UnboundedSender<PatientNumber>,
}

#[derive(Default)]
struct State {
    /// By canonical number: fetched whole by this process, and not changed since.
    complete: HashSet<String>,
    under_way: HashMap<String, UnderWay>,
    /// By canonical number: those whose latest fetch came to nothing.
    failed: BTreeMap<String, PatientNumber>,
}

struct UnderWay {
    done: watch::Sender<bool>,
    /// Changed after the fetch began: fetch once more.
    again: bool,
    /// Whether it has been put into the quick queue.
    hurried: bool,
    /// Whether somebody works on it: a number may stand in both queues.
    taken: bool,
}

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Stored,
    /// The receipt computer does not know the number; what the store has of it stays as it is.
    Unknown,
    Failed,
}

/// Numbers on their way to being fetched.
pub(super) struct Queue {
    now: mpsc::UnboundedReceiver<PatientNumber>,
    soon: mpsc::UnboundedReceiver<PatientNumber>,
}

impl Patients {
    pub(super) fn new(base: Arc<Base>) -> (Self, Queue) {
        let (now, now_queue) = mpsc::unbounded_channel();
        let (soon, soon_queue) = mpsc::unbounded_channel();
        let patients = Self { base, state: Mutex::default(), now, soon };
        (patients, Queue { now: now_queue, soon: soon_queue })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the store holds all that is told about the patient, as far as this process knows.
    pub(super) fn is_complete(&self, number: &PatientNumber) -> bool {
        self.state().complete.contains(&number.canonical())
    }

    /// Whether the latest try to fetch the patient came to nothing.
    pub(super) fn has_failed(&self, number: &PatientNumber) -> bool {
        self.state().failed.contains_key(&number.canonical())
    }

    /// Has a patient fetched; the future is done when that has come to an end, well or not.
    pub(super) fn fetch(
        &self,
        number: &PatientNumber,
        haste: Haste,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut done = {
            let mut state = self.state();
            let canonical = number.canonical();
            let known = state.under_way.contains_key(&canonical);
            let entry = state.under_way.entry(canonical).or_insert_with(|| UnderWay {
                done: watch::Sender::new(false),
                again: false,
                hurried: false,
                taken: false,
            });
            let hurry = haste == Haste::Now && !entry.hurried;
            entry.hurried |= hurry;
            if hurry {
                let _ = self.now.send(number.clone());
            } else if !known {
                let _ = self.soon.send(number.clone());
            }
            entry.done.subscribe()
        };
        async move {
            let _ = done.wait_for(|done| *done).await;
        }
    }

    /// The receipt computer says that a patient changed.
    pub(super) fn changed(&self, number: &PatientNumber) {
        {
            let mut state = self.state();
            let canonical = number.canonical();
            state.complete.remove(&canonical);
            if let Some(under_way) = state.under_way.get_mut(&canonical) {
                under_way.again = true;
                return;
            }
        }
        drop(self.fetch(number, Haste::Soon));
    }

    /// Puts those that could not be fetched into the queue again.
    pub(super) fn try_failed_again(&self) {
        let failed = std::mem::take(&mut self.state().failed);
        for number in failed.into_values() {
            drop(self.fetch(&number, Haste::Soon));
        }
    }

    /// Fetches one patient and stores it.
    async fn bring(&self, number: &PatientNumber) -> Result<End, StoreError> {
        let base = &self.base;
        // Taken before the call: the data is at least as fresh as this.
        let fetched_at = base.clock.now();
        match base.noted(base.client.patient(number).await).await? {
            Ok(Some(patient)) => {
                base.store.upsert_patients(&base.actor, &[patient], fetched_at).await?;
                Ok(End::Stored)
            }
            Ok(None) => Ok(End::Unknown),
            Err(error) => {
                tracing::debug!(institution = %base.institution, %error, "a patient was not fetched");
                Ok(End::Failed)
            }
        }
    }

    /// Whether this is the one to work on the number.
    fn take(&self, canonical: &str) -> bool {
        let mut state = self.state();
        let free = state.under_way.get_mut(canonical).filter(|under_way| !under_way.taken);
        free.is_some_and(|under_way| {
            under_way.taken = true;
            true
        })
    }

    /// Fetches until the patient did not change meanwhile.
    async fn work(&self, number: PatientNumber) {
        let canonical = number.canonical();
        if !self.take(&canonical) {
            return;
        }
        loop {
            let end = self.bring(&number).await.unwrap_or_else(|error| {
                let institution = &self.base.institution;
                tracing::error!(institution, cause = %error, "a patient was not stored");
                End::Failed
            });
            if self.settle(&number, &canonical, end) {
                return;
            }
        }
    }

    /// Notes how a fetch ended; `false` when the patient changed meanwhile and is to be fetched again. All in
    /// one turn of the lock: a change told in between would be lost.
    fn settle(&self, number: &PatientNumber, canonical: &str, end: End) -> bool {
        let mut state = self.state();
        let under_way = state.under_way.get_mut(canonical);
        if end != End::Failed && under_way.is_some_and(|u| std::mem::take(&mut u.again)) {
            return false;
        }
        if end == End::Failed {
            state.failed.insert(canonical.to_owned(), number.clone());
        } else {
            state.failed.remove(canonical);
        }
        if end == End::Stored {
            state.complete.insert(canonical.to_owned());
        }
        if let Some(under_way) = state.under_way.remove(canonical) {
            under_way.done.send_replace(true);
        }
        true
    }
}

/// Works through the queue for ever.
pub(super) async fn run(patients: Arc<Patients>, mut queue: Queue) {
    let mut working = JoinSet::new();
    loop {
        let busy = working.len();
        let number = tokio::select! {
            biased;
            // What a person waits for gets two places of its own.
            Some(number) = queue.now.recv(), if busy < SIDE_BY_SIDE + 2 => number,
            Some(number) = queue.soon.recv(), if busy < SIDE_BY_SIDE => number,
            Some(_) = working.join_next() => continue,
            else => return,
        };
        let patients = Arc::clone(&patients);
        working.spawn(async move { patients.work(number).await });
    }
}
