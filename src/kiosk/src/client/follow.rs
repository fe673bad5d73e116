//! Following the event stream: the list first, then every change behind it, with nothing missing and nothing
//! twice, over as many lines as it takes.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use api::event::{Event, EventKind};
use api::receptions::Reference;
use clinical::{Reception, ReceptionKey};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use jiff::civil::Date;
use reqwest::Response;
use serde::Deserialize;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::call::Caller;
use super::lamp::Lamp;
use super::message::{Failure, FailureKind, Update};
use super::pause::Pause;
use super::port::{Epoch, Port};
use super::sse::{Message, Parser};
use crate::local::Handle;

/// Receptions read at the same time when many have changed.
const AT_ONCE: usize = 8;

/// What is known of each reception's revision: what came with the list, an event or our own change need not
/// be read again.
#[derive(Clone, Default)]
pub(super) struct Revisions(Arc<Mutex<HashMap<ReceptionKey, i64>>>);

impl Revisions {
    fn known(&self, key: &ReceptionKey) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    /// Whether this is news.
    pub(super) fn learn(&self, reception: &Reception) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.insert(reception.key.clone(), reception.revision);
        match before {
            Some(before) if before > reception.revision => {
                known.insert(reception.key.clone(), before);
                false
            }
            before => before != Some(reception.revision),
        }
    }

    /// Nothing is known any more: another session.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn begin(&self, receptions: &[Reception]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = receptions.iter().map(|r| (r.key.clone(), r.revision)).collect();
    }
}

/// How far we are.
#[derive(Clone, Copy)]
struct Place {
    date: Date,
    /// Everything up to this event has reached the window.
    seq: i64,
    /// Whether it is known who works at the clinic.
    staff: bool,
}

/// How far a window has been told, between two lines and beyond the session.
#[derive(Clone, Default)]
pub(super) struct Bookmark(Arc<Mutex<Option<Place>>>);

impl Bookmark {
    fn get(&self) -> Option<Place> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, place: Option<Place>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}

/// How a line ended that nobody complains about.
enum End {
    /// Open it again behind the last event.
    Again,
    /// Load everything anew.
    Reload,
}

/// What an event has led to.
struct Step {
    event: Event,
    reception: Option<Box<Reception>>,
    reference: Option<Reference>,
}

type Steps = FuturesOrdered<BoxFuture<'static, Result<Step, Failure>>>;

pub(super) struct Follower {
    pub(super) caller: Caller,
    pub(super) port: Port,
    pub(super) epoch: Epoch,
    pub(super) lamp: Lamp,
    pub(super) revisions: Revisions,
    pub(super) cache: Handle,
    pub(super) retry: Arc<Notify>,
    /// Set while the stream is broken.
    pub(super) cut: Arc<AtomicBool>,
    /// Where to go on; nowhere yet if everything is to be loaded.
    pub(super) bookmark: Bookmark,
    /// The day to follow; `None` for the clinic's today, whatever day that becomes.
    pub(super) date: Option<Date>,
}

impl Follower {
    /// Follows until the session is over; gives the cloud's word for it.
    pub(super) async fn run(self) -> Failure {
        let limits = self.caller.cloud().limits.clone();
        let mut pause = Pause::new(limits.first_pause, limits.longest_pause);
        loop {
            let opened = Instant::now();
            let ended = self.line(&mut pause).await;
            match ended {
                Err(failure) if failure.is_expired() => return failure,
                Err(failure) => {
                    self.cut.store(true, Ordering::Relaxed);
                    self.lamp.down(failure);
                }
                // A cloud that restarts closes its streams; the next try shows whether it is there.
                Ok(_) if opened.elapsed() >= limits.first_pause => continue,
                Ok(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pause.take()) => {}
                () = self.retry.notified() => {}
            }
        }
    }

    /// One line, from opening to its end.
    async fn line(&self, pause: &mut Pause) -> Result<End, Failure> {
        let mut here = match self.bookmark.get() {
            Some(here) => here,
            None => self.load().await?,
        };
        self.bookmark.set(Some(here));
        if !here.staff {
            here.staff = self.load_staff().await?;
        }
        let outcome = match self.caller.events(here.seq).await {
            Ok(response) => {
                self.cut.store(false, Ordering::Relaxed);
                self.lamp.up();
                self.read(response, &mut here, pause).await
            }
            Err(failure) => Err(failure),
        };
        self.bookmark.set((!matches!(outcome, Ok(End::Reload))).then_some(here));
        outcome
    }

    async fn load(&self) -> Result<Place, Failure> {
        let (reference, list) =
            tokio::try_join!(self.caller.reference(), self.caller.receptions(self.date))?;
        let place = Place { date: list.date, seq: list.event_seq, staff: false };
        self.revisions.begin(&list.receptions);
        self.tell(Update::Reference(reference));
        self.tell(Update::Link(list.link.clone()));
        self.tell(Update::Receptions(list));
        Ok(place)
    }

    /// Names of colleagues are needed for proxy entry; that the day goes on without them is better than that
    /// it waits for them. Whether they are known now.
    async fn load_staff(&self) -> Result<bool, Failure> {
        match self.caller.staff().await {
            Ok(list) => {
                self.cache.remember_staff(list.clone());
                self.tell(Update::Staff(list));
                Ok(true)
            }
            Err(failure) if failure.is_expired() => Err(failure),
            Err(_) => Ok(false),
        }
    }

    fn tell(&self, update: Update) {
        self.port.tell_in(self.epoch, update);
    }

    async fn read(
        &self,
        response: Response,
        here: &mut Place,
        pause: &mut Pause,
    ) -> Result<End, Failure> {
        let stall = self.caller.cloud().limits.stall;
        let mut portions = response.bytes_stream();
        let mut parser = Parser::default();
        let mut waiting: VecDeque<Event> = VecDeque::new();
        let mut steps: Steps = FuturesOrdered::new();
        let mut taken = here.seq;
        loop {
            while steps.len() < AT_ONCE
                && let Some(event) = waiting.pop_front()
            {
                steps.push_back(self.step(event, here.date, &waiting));
            }
            tokio::select! {
                Some(step) = steps.next() => self.done(step?, here),
                () = self.retry.notified() => return Ok(End::Again),
                portion = tokio::time::timeout(stall, portions.next()), if waiting.is_empty() => {
                    let Ok(portion) = portion else {
                        return Err(Failure::timed_out("events: no sign of life"));
                    };
                    let Some(portion) = portion else {
                        // Ended in good order: what has been read is finished first.
                        while let Some(step) = steps.next().await {
                            self.done(step?, here);
                        }
                        return Ok(End::Again);
                    };
                    pause.reset();
                    let messages = parser.feed(&portion?).map_err(|_| {
                        Failure::new(FailureKind::Garbled, "events: not an event stream")
                    })?;
                    for message in messages {
                        if self.take(&message, &mut taken, here, &mut waiting)? {
                            return Ok(End::Reload);
                        }
                    }
                }
            }
        }
    }

    /// Takes an event in; whether everything must be loaded anew instead.
    fn take(
        &self,
        message: &Message,
        taken: &mut i64,
        here: &Place,
        waiting: &mut VecDeque<Event>,
    ) -> Result<bool, Failure> {
        let event = match read_event(message)? {
            Read::Event(event) => event,
            Read::Unknown { seq } if seq == *taken + 1 => {
                *taken = seq;
                return Ok(false);
            }
            Read::Unknown { seq } => return Ok(seq > *taken),
        };
        if event.kind == EventKind::Reset {
            self.tell(Update::Event(event));
            return Ok(true);
        }
        if event.seq <= *taken {
            return Ok(false);
        }
        // Numbers have no gaps: a missing one means that something was missed.
        let gap = event.seq != *taken + 1;
        let next_day = match &event.kind {
            EventKind::ReceptionChanged { key, .. } => self.date.is_none() && key.date > here.date,
            _ => false,
        };
        if gap || next_day {
            return Ok(true);
        }
        *taken = event.seq;
        waiting.push_back(event);
        Ok(false)
    }

    /// What has to be read because of an event.
    fn step(
        &self,
        event: Event,
        date: Date,
        later: &VecDeque<Event>,
    ) -> BoxFuture<'static, Result<Step, Failure>> {
        let bare = |event| Step { event, reception: None, reference: None };
        let caller = self.caller.clone();
        match &event.kind {
            EventKind::ReceptionChanged { key, revision } if key.date == date => {
                let same = |other: &Event| matches!(&other.kind, EventKind::ReceptionChanged { key: k, .. } if k == key);
                let known = self.revisions.known(key).is_some_and(|known| known >= *revision);
                if known || later.iter().any(same) {
                    return Box::pin(async move { Ok(bare(event)) });
                }
                let key = key.clone();
                Box::pin(async move {
                    let reception = match caller.reception(&key).await {
                        Ok(reception) => Some(Box::new(reception)),
                        Err(failure) if is_gone(&failure) => None,
                        Err(failure) => return Err(failure),
                    };
                    Ok(Step { event, reception, reference: None })
                })
            }
            EventKind::ReferenceChanged => Box::pin(async move {
                let reference = Some(caller.reference().await?);
                Ok(Step { event, reception: None, reference })
            }),
            _ => Box::pin(async move { Ok(bare(event)) }),
        }
    }

    /// Tells the window what an event has brought, then that it went by; it need not come again.
    fn done(&self, step: Step, here: &mut Place) {
        let Step { event, reception, reference } = step;
        if let Some(reception) = reception
            && self.revisions.learn(&reception)
        {
            self.tell(Update::Reception(reception));
        }
        if let Some(reference) = reference {
            self.tell(Update::Reference(reference));
        }
        match &event.kind {
            EventKind::PatientChanged { number } => {
                self.tell(Update::PatientChanged(number.clone()));
            }
            EventKind::ProfileChanged { number, item } => {
                self.tell(Update::ProfileChanged { number: number.clone(), item: *item });
            }
            EventKind::LabChanged { number, order } => {
                self.tell(Update::LabChanged { number: number.clone(), order: *order });
            }
            EventKind::LabTrayChanged => self.tell(Update::LabTrayChanged),
            EventKind::LabSetsChanged => self.tell(Update::LabSetsChanged),
            EventKind::LinkChanged { status } => self.tell(Update::Link(status.clone())),
            _ => {}
        }
        here.seq = event.seq;
        self.tell(Update::Event(event));
    }
}

fn is_gone(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Refused { code: api::ErrorCode::NotFound, .. })
}

enum Read {
    Event(Event),
    /// Of a newer cloud; nothing that this program could show.
    Unknown {
        seq: i64,
    },
}

#[derive(Deserialize)]
struct Head {
    seq: i64,
    kind: String,
}

const KINDS: [&str; 9] = [
    "reception_changed",
    "patient_changed",
    "profile_changed",
    "lab_changed",
    "lab_tray_changed",
    "lab_sets_changed",
    "reference_changed",
    "link_changed",
    "reset",
];

fn read_event(message: &Message) -> Result<Read, Failure> {
    match serde_json::from_str(&message.data) {
        Ok(event) => Ok(Read::Event(event)),
        Err(error) => match serde_json::from_str::<Head>(&message.data) {
            Ok(Head { seq, kind }) if !KINDS.contains(&kind.as_str()) => Ok(Read::Unknown { seq }),
            _ => Err(Failure::not_the_contract("event", &error)),
        },
    }
}
