//! The print queue: what each job is known to have done, and what happens next. Rules alone: no printer, no file and no
//! clock, so that a test can crash it at every step.
//!
//! A job is written down as [`State::Handing`] **before** the spooler is called. After a crash a job found in that state
//! may or may not have been printed; nobody but a person who looks can tell ([`State::Unknown`]). So nothing is printed
//! twice silently, and nothing is lost.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

mod line;

pub use line::Queue;

use crate::printers::{JobNumber, JobState, SubmitError};

/// Pauses before another try to reach a printer; after the last one a person decides.
const PAUSES: [SignedDuration; 4] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(15),
    SignedDuration::from_secs(60),
    SignedDuration::from_secs(180),
];
/// So long a finished job stays, with what is needed to print it again.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// So long a job stays that waits for a person.
const KEPT_OPEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A job that has waited so long for its printer is not sprung on a person the next morning.
const STALE: SignedDuration = SignedDuration::from_hours(12);

/// Why a job did not get printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// No printer is configured for this paper.
    NoPrinter,
    /// The system knows no such printer, or its spooler does not answer.
    NotThere {
        /// In the system's words.
        detail: String,
    },
    /// The spooler or the folder refused the document.
    Refused {
        /// In the system's words.
        detail: String,
    },
    /// The paper could not be made.
    NotMade {
        /// In words.
        detail: String,
    },
    /// The spooler gave the job up.
    GivenUp,
    /// It had waited for its printer for half a day.
    Stale,
    /// A person looked: it was not printed.
    NotPrinted,
}

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It goes to its printer by itself.
    Waiting {
        /// How often the printer could not be reached.
        tries: u32,
        /// Not before.
        after: Option<Timestamp>,
        /// What went wrong at the last try.
        why: Option<Why>,
    },
    /// It is being given to the spooler.
    Handing,
    /// The spooler has it; whether paper came out is not known.
    HandedOver {
        /// The spooler's number; `None` where there is nothing to ask for (a folder, or a spooler that told none).
        job: Option<JobNumber>,
        /// When.
        at: Timestamp,
        /// The spooler holds it back (paused, printer off).
        held: bool,
        /// The spooler does not know it any more: nothing more will be heard.
        forgotten: bool,
    },
    /// It was printed: by the spooler's word, or a person has looked.
    Printed {
        /// When that became known.
        at: Timestamp,
    },
    /// It was not printed.
    Failed {
        /// Why.
        #[serde(flatten)]
        why: Why,
        /// When.
        at: Timestamp,
    },
    /// The program stopped while it was being handed over: a person must look.
    Unknown {
        /// When that was found.
        at: Timestamp,
    },
    /// A person took it back.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// As it begins.
    pub const FRESH: Self = Self::Waiting { tries: 0, after: None, why: None };

    /// Whether nothing more happens to it by itself or by the spooler's word.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Waiting { .. } | Self::Handing => false,
            Self::HandedOver { job, forgotten, .. } => job.is_none() || *forgotten,
            Self::Printed { .. }
            | Self::Failed { .. }
            | Self::Unknown { .. }
            | Self::Cancelled { .. } => true,
        }
    }

    /// Since when it is settled.
    fn settled_at(&self) -> Option<Timestamp> {
        match self {
            Self::Waiting { .. } | Self::Handing => None,
            Self::HandedOver { at, .. }
            | Self::Printed { at }
            | Self::Failed { at, .. }
            | Self::Unknown { at }
            | Self::Cancelled { at } => Some(*at),
        }
    }
}

/// A job with the data that its paper is made from; the paper itself is never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job<D> {
    /// Names it (UUIDv7).
    pub id: Uuid,
    /// When it was asked for.
    pub made_at: Timestamp,
    /// Name of the printer in the settings; empty where none is set.
    pub printer: String,
    /// What to print.
    pub data: D,
    /// What is known of it.
    pub state: State,
}

/// Where jobs are kept. What it has taken outlives a crash.
pub trait Shelf<D> {
    /// Everything that is kept.
    fn load(&mut self) -> Result<Vec<Job<D>>, ShelfError>;
    /// Keeps a job as it stands now; durable when this returns.
    fn put(&mut self, job: &Job<D>) -> Result<(), ShelfError>;
    /// Forgets jobs.
    fn remove(&mut self, ids: &[Uuid]) -> Result<(), ShelfError>;
}

/// The shelf cannot be written or read now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the print jobs cannot be kept: {0}")]
pub struct ShelfError(pub String);

/// What a person asks of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Try a failed one again, or a waiting one now.
    Retry,
    /// Take it back.
    Cancel,
    /// A person looked at the printer.
    Settle {
        /// Whether paper came out; if not, it is printed again.
        printed: bool,
    },
}

impl<D> Job<D> {
    /// A new job.
    pub fn new(id: Uuid, made_at: Timestamp, printer: String, data: D) -> Self {
        Self { id, made_at, printer, data, state: State::FRESH }
    }

    /// Whether it may be handed over now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        matches!(&self.state, State::Waiting { after, .. } if after.is_none_or(|after| after <= now))
    }

    /// When it may be handed over, while it waits for that.
    pub fn due(&self) -> Option<Timestamp> {
        match &self.state {
            State::Waiting { after, .. } => Some(after.unwrap_or(self.made_at)),
            _ => None,
        }
    }

    /// What a restart makes of it. `found` is the spooler's number of a job with this one's title, if it has one.
    pub fn after_restart(&self, found: Option<JobNumber>, now: Timestamp) -> State {
        match &self.state {
            State::Handing => match found {
                Some(job) => {
                    State::HandedOver { job: Some(job), at: now, held: false, forgotten: false }
                }
                None => State::Unknown { at: now },
            },
            State::Waiting { .. } if now.duration_since(self.made_at) > STALE => {
                State::Failed { why: Why::Stale, at: now }
            }
            state => state.clone(),
        }
    }

    /// What follows from the try to hand it over.
    pub fn after_handing(
        &self,
        told: Result<Option<JobNumber>, SubmitError>,
        tries: u32,
        now: Timestamp,
    ) -> State {
        match told {
            Ok(job) => State::HandedOver { job, at: now, held: false, forgotten: false },
            Err(SubmitError::NotThere(detail)) => retried(tries, Why::NotThere { detail }, now),
            Err(SubmitError::Refused(detail)) => {
                State::Failed { why: Why::Refused { detail }, at: now }
            }
            Err(SubmitError::Uncertain(_)) => State::Unknown { at: now },
        }
    }

    /// What follows from the spooler's word about it.
    pub fn after_word(&self, word: JobState, now: Timestamp) -> State {
        let State::HandedOver { job, at, .. } = &self.state else { return self.state.clone() };
        let handed = |held, forgotten| State::HandedOver { job: *job, at: *at, held, forgotten };
        match word {
            JobState::Pending => handed(false, false),
            JobState::Held => handed(true, false),
            JobState::Done => State::Printed { at: now },
            JobState::GivenUp => State::Failed { why: Why::GivenUp, at: now },
            JobState::Forgotten => handed(false, true),
        }
    }

    /// What follows from what a person asks; `None` where that makes no sense now.
    pub fn after_act(&self, act: Act, now: Timestamp) -> Option<State> {
        match (act, &self.state) {
            (Act::Retry, State::Failed { .. } | State::Waiting { .. })
            | (Act::Settle { printed: false }, State::Unknown { .. }) => Some(State::FRESH),
            // What the spooler has only the spooler can take back; its word about it is waited for.
            (Act::Cancel, State::Waiting { .. } | State::Failed { .. }) => {
                Some(State::Cancelled { at: now })
            }
            (Act::Settle { printed: true }, State::Unknown { .. }) => {
                Some(State::Printed { at: now })
            }
            (
                Act::Settle { printed },
                State::HandedOver { job: None, .. } | State::HandedOver { forgotten: true, .. },
            ) => Some(if printed {
                State::Printed { at: now }
            } else {
                State::Failed { why: Why::NotPrinted, at: now }
            }),
            _ => None,
        }
    }

    /// Whether it has been kept long enough.
    pub fn may_go(&self, now: Timestamp) -> bool {
        let limit = match self.state {
            State::Failed { .. } | State::Unknown { .. } => KEPT_OPEN,
            State::HandedOver { .. } if !self.state.is_settled() => KEPT_OPEN,
            State::HandedOver { .. } | State::Printed { .. } | State::Cancelled { .. } => KEPT,
            State::Waiting { .. } | State::Handing => return false,
        };
        self.state.settled_at().is_some_and(|at| now.duration_since(at) > limit)
    }
}

/// Another try after a pause; after the last one a person decides.
fn retried(tries: u32, why: Why, now: Timestamp) -> State {
    match PAUSES.get(tries as usize) {
        Some(pause) => {
            State::Waiting { tries: tries + 1, after: now.checked_add(*pause).ok(), why: Some(why) }
        }
        None => State::Failed { why, at: now },
    }
}
