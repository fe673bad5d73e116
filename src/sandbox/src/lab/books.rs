//! The laboratory's books: what was ordered, what is due, what waits to be fetched.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use clinical::lab::{LabReport, ToldPatient};
use exchange::hl7v2::{
    AckMessage, Charset, Head, OrderedSpecimen, Party, ResultKind, ResultMessage, Verdict,
};
use jiff::civil::DateTime;

use super::analyser::Fate;
use super::course::{Stage, course};
use super::{APPLICATION, LABORATORY, LabConfig, Pace};
use crate::receipt::SandboxClock;

/// By which of the two ways a message came or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Https,
    Folder,
}

/// A message that a clinic sent, byte by byte, with what it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardMessage {
    /// As it came.
    pub bytes: Vec<u8>,
    /// The answer, as it went.
    pub answer: Vec<u8>,
    /// What the answer says.
    pub verdict: Verdict,
}

/// A specimen that was ordered.
pub(super) struct Job {
    pub patient: ToldPatient,
    pub filler: String,
    pub way: Way,
    pub charset: Charset,
    pub since: Instant,
    /// What is still to be told, the earliest first.
    pub left: VecDeque<(Stage, LabReport)>,
    pub told: bool,
    pub cancelled: bool,
}

/// A result message on its way to the clinic.
pub(super) struct Parcel {
    pub control_id: String,
    pub bytes: Vec<u8>,
    pub way: Way,
}

#[derive(Default)]
pub(super) struct State {
    pub jobs: HashMap<String, Job>,
    /// Specimens in the order of their coming.
    pub order: Vec<String>,
    pub parcels: VecDeque<Parcel>,
    /// What was acknowledged, for [`super::LabControl::send_again`].
    pub delivered: Vec<Parcel>,
    /// What the clinic could not use, with its words.
    pub refused: Vec<String>,
    pub acks: Vec<AckMessage>,
    pub heard: Vec<HeardMessage>,
    pub fates: VecDeque<Fate>,
    pub refuse_next: Option<String>,
    /// Up to which stage everything is due at once.
    pub reached: Option<Stage>,
    pub down: bool,
    messages: u32,
    orders: u32,
}

/// The books, shared by both ways and by the hand behind the scenes.
pub(crate) struct Books {
    state: Mutex<State>,
    pub(super) seed: u64,
    pub(super) clinic: String,
    pub(super) clock: SandboxClock,
    pace: Option<Pace>,
    kind: ResultKind,
}

impl Books {
    pub(super) fn new(config: &LabConfig) -> Self {
        Self {
            state: Mutex::default(),
            seed: config.seed,
            clinic: config.clinic.clone(),
            clock: config.clock.clone(),
            pace: config.pace,
            kind: config.results,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The laboratory's wall clock, to the second.
    pub(super) fn now(&self) -> DateTime {
        let now = self.clock.now();
        let time = jiff::civil::time(now.hour(), now.minute(), now.second(), 0);
        now.date().to_datetime(time)
    }

    /// Takes a specimen in. Its fate is the next one that was set, else the seed's.
    pub(super) fn take(
        &self,
        state: &mut State,
        patient: &ToldPatient,
        specimen: &OrderedSpecimen,
        way: Way,
        charset: Charset,
    ) -> String {
        state.orders += 1;
        let filler = format!("L{:07}", state.orders);
        let fate = state.fates.pop_front();
        let fate = fate.unwrap_or_else(|| Fate::of(self.seed, &specimen.number));
        let now = self.now();
        let left = course(self.seed, patient, specimen, fate, &filler, |_| now);
        state.order.push(specimen.number.clone());
        let job = Job {
            patient: patient.clone(),
            filler: filler.clone(),
            way,
            charset,
            since: Instant::now(),
            left: left.into(),
            told: false,
            cancelled: false,
        };
        state.jobs.insert(specimen.number.clone(), job);
        filler
    }

    /// Makes messages of what is due: one for each patient and stage.
    pub(super) fn make_due(&self, state: &mut State) {
        let now = self.now();
        while let Some((stage, numbers)) = self.next_due(state) {
            let mut reports = Vec::new();
            let mut to = (Way::Https, Charset::Utf8);
            for number in numbers {
                let Some(job) = state.jobs.get_mut(&number) else { continue };
                if let Some((_, mut report)) = job.left.pop_front() {
                    report.reported_at = Some(now);
                    for result in &mut report.results {
                        result.analysed_at = Some(now);
                    }
                    reports.push(report);
                }
                to = (job.way, job.charset);
                job.told = true;
            }
            tracing::debug!(?stage, reports = reports.len(), "the sandbox's laboratory reports");
            self.post(state, to.0, to.1, reports);
        }
    }

    /// The first stage that is due, with the specimens of one patient that are in it.
    fn next_due(&self, state: &State) -> Option<(Stage, Vec<String>)> {
        let due = |job: &Job| {
            let (stage, _) = job.left.front()?;
            let passed = self.pace.is_some_and(|pace| {
                let after = match stage {
                    Stage::Partial => pace.partial,
                    Stage::Full => pace.full,
                    Stage::Corrected => pace.corrected,
                };
                job.since.elapsed() >= after
            });
            (!job.cancelled && (passed || state.reached.is_some_and(|reached| *stage <= reached)))
                .then_some(*stage)
        };
        let jobs =
            || state.order.iter().filter_map(|number| Some((number, state.jobs.get(number)?)));
        let (first, stage) = jobs().find_map(|(_, job)| Some((job, due(job)?)))?;
        let same = jobs().filter(|(_, job)| {
            due(job) == Some(stage)
                && job.patient == first.patient
                && (job.way, job.charset) == (first.way, first.charset)
        });
        Some((stage, same.map(|(number, _)| number.clone()).collect()))
    }

    /// Puts a result message where the clinic finds it.
    pub(super) fn post(
        &self,
        state: &mut State,
        way: Way,
        charset: Charset,
        reports: Vec<LabReport>,
    ) {
        let head = self.head(state, charset);
        let control_id = head.control_id.clone();
        match (ResultMessage { head, kind: self.kind, reports }).write() {
            Ok(written) => {
                state.parcels.push_back(Parcel { control_id, bytes: written.bytes, way });
            }
            Err(error) => tracing::error!(%error, "the sandbox's laboratory cannot write a result"),
        }
    }

    /// The head of a message of the laboratory's own.
    pub(super) fn head(&self, state: &mut State, charset: Charset) -> Head {
        state.messages += 1;
        let party = |application: &str, facility: &str| Party {
            application: application.to_owned(),
            facility: facility.to_owned(),
        };
        Head {
            sender: party(APPLICATION, LABORATORY),
            receiver: party("SOEGAKI", &self.clinic),
            at: Some(self.now()),
            control_id: format!("LAB{:08}", state.messages),
            charset,
        }
    }
}
