//! What the window asks of the worker and what comes back. Both go over channels; the window never waits.

use api::ErrorCode;
use api::entries::Receipt;
use api::event::Event;
use api::lab::{LabDay, LabDayOrder, LabInbox, LabSets, PatientLab};
use api::patients::{PatientHit, PatientView};
use api::profile::{Confirmations, History, StaffList};
use api::receptions::{LinkStatus, ReceptionList, Reference};
use api::session::SessionInfo;
use clinical::lab::SpecimenNumber;
use clinical::{PatientNumber, Reception};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::local::OutboxRow;

/// Pairs an answer with its question, so that a late answer can be told from the one that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticket(pub u64);

/// A question to the cloud.
#[derive(Debug, Clone)]
pub enum Request {
    /// Sign in; on success the worker loads the reference and the day's receptions by itself and follows the
    /// event stream until the session ends. While the line is cut, a person whom the terminal knows comes in
    /// all the same ([`Update::SignedInOffline`]).
    SignIn {
        /// The person's ID.
        login: String,
        /// The password; wiped by the worker after use.
        password: zeroize::Zeroizing<String>,
    },
    /// End the session in the cloud too.
    SignOut,
    /// Follow the receptions of another day.
    FollowDay(Date),
    /// Read a patient.
    OpenPatient {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whom.
        number: PatientNumber,
    },
    /// Search over all patients.
    Search {
        /// Comes back with the answer; an older search still under way is given up.
        ticket: Ticket,
        /// As typed.
        text: String,
    },
    /// Read everything that was ever entered about a patient.
    History {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whose.
        number: PatientNumber,
    },
    /// Read what waits for a practitioner's confirmation.
    Confirmations,
    /// Read the lab orders of a day; an older question still under way is given up.
    LabDay(Date),
    /// Read all lab orders and results of a patient.
    PatientLab {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whose.
        number: PatientNumber,
    },
    /// Read what came from laboratories and waits for a person.
    LabInbox,
    /// Read the sets of lab items.
    LabSets,
    /// Read the order to which a specimen number belongs.
    LabSpecimen {
        /// Comes back with the answer.
        ticket: Ticket,
        /// As scanned.
        number: SpecimenNumber,
    },
    /// Try the line now instead of at the next turn; what waits in the outbox goes too.
    Reconnect,
    /// Send what waits in the outbox now instead of at the next turn.
    SendNow,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Update {
    /// The session has begun.
    SignedIn(SessionInfo),
    /// The line is cut, and the person was let in by what the terminal remembers. Questions to the cloud are
    /// answered with the line's failure until [`Update::BackOnline`].
    SignedInOffline(SessionInfo),
    /// The line is back and the cloud has let in the person who had signed in without it, or whose session it
    /// had ended while the line was cut. Nothing on the screen begins anew; the list follows, or the events
    /// that were missed.
    BackOnline(SessionInfo),
    /// It has not.
    SignInFailed(Failure),
    /// It is over: by wish (`None`), or for a reason.
    SignedOut(Option<Failure>),
    /// The clinic's lists.
    Reference(Reference),
    /// The whole day's list, after sign-in, a change of day, a reconnect with a gap.
    Receptions(ReceptionList),
    /// One reception, new or changed, the fresh content already read.
    Reception(Box<Reception>),
    /// The cloud's link to the receipt computer went up or down.
    Link(LinkStatus),
    /// A patient's data changed in the cloud; who shows the patient reads anew.
    PatientChanged(PatientNumber),
    /// Answer to [`Request::OpenPatient`].
    Patient {
        /// Of the question.
        ticket: Ticket,
        /// The patient.
        view: Box<PatientView>,
    },
    /// Answer to [`Request::OpenPatient`].
    PatientFailed {
        /// Of the question.
        ticket: Ticket,
        /// Whom.
        number: PatientNumber,
        /// Why not.
        failure: Failure,
    },
    /// Answer to [`Request::Search`].
    Found {
        /// Of the question.
        ticket: Ticket,
        /// In order.
        hits: Vec<PatientHit>,
        /// Whether more would fit.
        more: bool,
    },
    /// Answer to [`Request::Search`].
    SearchFailed {
        /// Of the question.
        ticket: Ticket,
        /// Why not.
        failure: Failure,
    },
    /// An item of a patient's profile has a new version; who shows the patient reads anew.
    ProfileChanged {
        /// Whose.
        number: PatientNumber,
        /// Which item.
        item: Uuid,
    },
    /// Answer to [`Request::History`].
    History {
        /// Of the question.
        ticket: Ticket,
        /// Every version.
        history: Box<History>,
    },
    /// Answer to [`Request::History`].
    HistoryFailed {
        /// Of the question.
        ticket: Ticket,
        /// Why not.
        failure: Failure,
    },
    /// Answer to [`Request::Confirmations`].
    Confirmations(Box<Confirmations>),
    /// Answer to [`Request::Confirmations`].
    ConfirmationsFailed(Failure),
    /// Answer to [`Request::LabDay`].
    LabDay(Box<LabDay>),
    /// Answer to [`Request::LabDay`].
    LabDayFailed(Failure),
    /// Answer to [`Request::PatientLab`].
    PatientLab {
        /// Of the question.
        ticket: Ticket,
        /// Whose.
        number: PatientNumber,
        /// Orders and results.
        lab: Box<PatientLab>,
    },
    /// Answer to [`Request::PatientLab`].
    PatientLabFailed {
        /// Of the question.
        ticket: Ticket,
        /// Why not.
        failure: Failure,
    },
    /// Answer to [`Request::LabInbox`].
    LabInbox(Box<LabInbox>),
    /// Answer to [`Request::LabInbox`].
    LabInboxFailed(Failure),
    /// Answer to [`Request::LabSets`]; where there is none, what the terminal keeps goes on standing.
    LabSets(LabSets),
    /// Answer to [`Request::LabSpecimen`].
    LabSpecimen {
        /// Of the question.
        ticket: Ticket,
        /// The order with its patient.
        order: Box<LabDayOrder>,
    },
    /// Answer to [`Request::LabSpecimen`].
    LabSpecimenFailed {
        /// Of the question.
        ticket: Ticket,
        /// Why not.
        failure: Failure,
    },
    /// A lab order of a patient changed, or results of it came.
    LabChanged {
        /// Whose.
        number: PatientNumber,
        /// Which order.
        order: Uuid,
    },
    /// A report that fits nobody came or went.
    LabTrayChanged,
    /// The sets of lab items changed.
    LabSetsChanged,
    /// Who works at the clinic; told after sign-in, and kept in the terminal's store.
    Staff(StaffList),
    /// An entry of this terminal is stored in the cloud, and has left the outbox: the receipt, and the row that it
    /// was. Told whoever is signed in.
    Receipt(Box<Receipt>, Box<OutboxRow>),
    /// The cloud does not take an entry of this terminal; it stays in the outbox until somebody mends or
    /// withdraws it. Told whoever is signed in.
    EntryRefused {
        /// The entry.
        id: Uuid,
        /// Why.
        code: ErrorCode,
        /// The cloud's words, for the support line.
        message: String,
    },
    /// An entry of this terminal could not be delivered for a reason other than a cut line, and is sent again
    /// by itself: the cloud's store is down, or its answer is no receipt for this entry. Told whoever is signed
    /// in, once for each reason in a row.
    EntryDelayed {
        /// The entry.
        id: Uuid,
        /// Why.
        failure: Failure,
    },
    /// The line to the cloud.
    Line(Line),
    /// The cloud's clock minus this terminal's, in seconds; told after sign-in and when it changes much.
    ClockSkew(i64),
    /// An event went by, after the updates that it led to (for the status line and the tests).
    Event(Event),
}

/// The line to the cloud, computed from what really happened on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Nothing tried yet, or trying.
    Connecting,
    /// The cloud answers; in a session, the event stream is open.
    Up,
    /// Nothing goes through.
    Down {
        /// Since when.
        since: Timestamp,
        /// Why.
        failure: Failure,
    },
}

/// Why something did not work, as far as words for the person depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which words.
    pub kind: FailureKind,
    /// Small print for the support line: request id, status, library's text. Never a patient's data.
    pub detail: String,
}

/// Kinds of failure; the words are in `assets/locales`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection: cable, network, server off.
    Unreachable,
    /// The server's certificate is not the trusted one.
    Untrusted,
    /// No answer within the limit.
    TimedOut,
    /// The cloud answered with an error.
    Refused {
        /// Its code.
        code: api::ErrorCode,
        /// With a locked account.
        retry_after_seconds: Option<u64>,
    },
    /// The answer is not of the contract.
    Garbled,
    /// The line is cut, and the terminal does not know this person: who signs in without the line must have
    /// signed in here before with it.
    NotKnownHere,
    /// The line is cut, and the person has not been signed in here with it for longer than the terminal's
    /// word is good.
    TooLongOffline,
}
