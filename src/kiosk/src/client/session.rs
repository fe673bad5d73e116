//! A session with the cloud: the questions asked in it and the tasks that live as long as it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::session::SessionInfo;
use clinical::PatientNumber;
use clinical::lab::SpecimenNumber;
use jiff::civil::Date;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{AbortHandle, JoinSet};

use super::call::Caller;
use super::follow::Bookmark;
use super::message::{Failure, Request, Ticket, Update};
use super::port::{Epoch, Port};
use super::sign_in::Person;
use super::worker::Signal;

pub(super) struct Session {
    pub(super) epoch: Epoch,
    pub(super) caller: Caller,
    pub(super) info: SessionInfo,
    /// To sign in anew if the session ends in the cloud while the line is cut.
    pub(super) person: Person,
    /// The event stream is broken and has not been opened since.
    pub(super) cut: Arc<AtomicBool>,
    pub(super) bookmark: Bookmark,
    pub(super) follower: AbortHandle,
    pub(super) clocks: AbortHandle,
    pub(super) asked: Asked,
}

/// Questions under way; given up when this is dropped.
pub(super) struct Asked {
    port: Port,
    signals: UnboundedSender<Signal>,
    reads: JoinSet<()>,
    search: Option<AbortHandle>,
    confirmations: Option<AbortHandle>,
    lab_day: Option<AbortHandle>,
    lab_inbox: Option<AbortHandle>,
}

impl Asked {
    pub(super) fn new(port: Port, signals: UnboundedSender<Signal>) -> Self {
        Self {
            port,
            signals,
            reads: JoinSet::new(),
            search: None,
            confirmations: None,
            lab_day: None,
            lab_inbox: None,
        }
    }
}

impl Session {
    /// Whether the cloud may have ended the session for want of the requests that a cut line kept from it.
    pub(super) fn was_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Asks the cloud; the answer goes to the window.
    pub(super) fn ask(&mut self, request: Request) {
        match request {
            Request::OpenPatient { ticket, number } => self.open_patient(ticket, number),
            Request::Search { ticket, text } => self.search(ticket, text),
            Request::History { ticket, number } => self.history(ticket, number),
            Request::Confirmations => self.confirmations(),
            Request::LabDay(date) => self.lab_day(date),
            Request::PatientLab { ticket, number } => self.patient_lab(ticket, number),
            Request::LabInbox => self.lab_inbox(),
            Request::LabSets => self.lab_sets(),
            Request::LabSpecimen { ticket, number } => self.lab_specimen(ticket, number),
            Request::SignIn { .. }
            | Request::SignOut
            | Request::FollowDay(_)
            | Request::Reconnect
            | Request::SendNow => {}
        }
    }

    fn open_patient(&mut self, ticket: Ticket, number: PatientNumber) {
        let caller = self.caller.clone();
        self.question(async move {
            match caller.patient(&number).await {
                Ok(view) => (Update::Patient { ticket, view: Box::new(view) }, None),
                Err(failure) => {
                    let known = Some(failure.clone());
                    (Update::PatientFailed { ticket, number, failure }, known)
                }
            }
        });
    }

    /// An older search still under way is given up.
    fn search(&mut self, ticket: Ticket, text: String) {
        if let Some(older) = self.asked.search.take() {
            older.abort();
        }
        let caller = self.caller.clone();
        let task = self.question(async move {
            match caller.search(text).await {
                Ok(found) => (Update::Found { ticket, hits: found.hits, more: found.more }, None),
                Err(failure) => {
                    let known = Some(failure.clone());
                    (Update::SearchFailed { ticket, failure }, known)
                }
            }
        });
        self.asked.search = Some(task);
    }

    fn history(&mut self, ticket: Ticket, number: PatientNumber) {
        let caller = self.caller.clone();
        self.question(async move {
            match caller.history(&number).await {
                Ok(history) => (Update::History { ticket, history: Box::new(history) }, None),
                Err(failure) => {
                    let known = Some(failure.clone());
                    (Update::HistoryFailed { ticket, failure }, known)
                }
            }
        });
    }

    /// Of several questions under way the last one counts: an older answer may lack what has just changed.
    fn confirmations(&mut self) {
        if let Some(older) = self.asked.confirmations.take() {
            older.abort();
        }
        let caller = self.caller.clone();
        let task = self.question(async move {
            match caller.confirmations().await {
                Ok(waiting) => (Update::Confirmations(Box::new(waiting)), None),
                Err(failure) => (Update::ConfirmationsFailed(failure.clone()), Some(failure)),
            }
        });
        self.asked.confirmations = Some(task);
    }

    fn lab_day(&mut self, date: Date) {
        if let Some(older) = self.asked.lab_day.take() {
            older.abort();
        }
        let caller = self.caller.clone();
        let task = self.question(async move {
            match caller.lab_day(date).await {
                Ok(day) => (Update::LabDay(Box::new(day)), None),
                Err(failure) => (Update::LabDayFailed(failure.clone()), Some(failure)),
            }
        });
        self.asked.lab_day = Some(task);
    }

    fn patient_lab(&mut self, ticket: Ticket, number: PatientNumber) {
        let caller = self.caller.clone();
        self.question(async move {
            match caller.patient_lab(&number).await {
                Ok(lab) => (Update::PatientLab { ticket, number, lab: Box::new(lab) }, None),
                Err(failure) => {
                    let known = Some(failure.clone());
                    (Update::PatientLabFailed { ticket, failure }, known)
                }
            }
        });
    }

    fn lab_inbox(&mut self) {
        if let Some(older) = self.asked.lab_inbox.take() {
            older.abort();
        }
        let caller = self.caller.clone();
        let task = self.question(async move {
            match caller.lab_inbox().await {
                Ok(inbox) => (Update::LabInbox(Box::new(inbox)), None),
                Err(failure) => (Update::LabInboxFailed(failure.clone()), Some(failure)),
            }
        });
        self.asked.lab_inbox = Some(task);
    }

    /// What the terminal keeps goes on standing where there is no answer; the next change asks again.
    fn lab_sets(&mut self) {
        let (caller, port, epoch) = (self.caller.clone(), self.asked.port.clone(), self.epoch);
        self.asked.reads.spawn(async move {
            if let Ok(sets) = caller.lab_sets().await {
                port.tell_in(epoch, Update::LabSets(sets));
            }
        });
    }

    fn lab_specimen(&mut self, ticket: Ticket, number: SpecimenNumber) {
        let caller = self.caller.clone();
        self.question(async move {
            match caller.lab_specimen(&number).await {
                Ok(order) => (Update::LabSpecimen { ticket, order: Box::new(order) }, None),
                Err(failure) => {
                    let known = Some(failure.clone());
                    (Update::LabSpecimenFailed { ticket, failure }, known)
                }
            }
        });
    }

    fn question(
        &mut self,
        answer: impl Future<Output = (Update, Option<Failure>)> + Send + 'static,
    ) -> AbortHandle {
        let (port, signals, epoch) =
            (self.asked.port.clone(), self.asked.signals.clone(), self.epoch);
        while self.asked.reads.try_join_next().is_some() {}
        self.asked.reads.spawn(async move {
            let (update, failure) = answer.await;
            port.tell_in(epoch, update);
            if let Some(failure) = failure.filter(Failure::is_expired) {
                // The loop ends only with the program.
                let _ = signals.send(Signal::Expired(epoch, failure));
            }
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.follower.abort();
        self.clocks.abort();
    }
}
