//! What the window asks of the worker and what comes back. Both go over channels; the window never waits.

use api::event::Event;
use api::patients::{PatientHit, PatientView};
use api::receptions::{LinkStatus, ReceptionList, Reference, StateChange};
use api::session::SessionInfo;
use clinical::{PatientNumber, Reception, ReceptionKey};
use jiff::Timestamp;
use jiff::civil::Date;

/// Pairs an answer with its question, so that a late answer can be told from the one that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticket(pub u64);

/// A question to the cloud.
#[derive(Debug, Clone)]
pub enum Request {
    /// Sign in; on success the worker loads the reference and the day's receptions by itself and follows the
    /// event stream until the session ends.
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
    /// Change a reception's state.
    ChangeState {
        /// Which reception.
        key: ReceptionKey,
        /// To what, from what.
        change: StateChange,
    },
    /// Try the line now instead of at the next turn.
    Reconnect,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Update {
    /// The session has begun.
    SignedIn(SessionInfo),
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
    /// Answer to [`Request::ChangeState`].
    StateChanged {
        /// Of the question.
        change_id: uuid::Uuid,
        /// As it stands now.
        reception: Box<Reception>,
    },
    /// Answer to [`Request::ChangeState`]. With a conflict, `current` is what somebody else has set.
    StateChangeFailed {
        /// Of the question.
        change_id: uuid::Uuid,
        /// Which reception.
        key: ReceptionKey,
        /// Why not.
        failure: Failure,
        /// What stands now.
        current: Option<Box<Reception>>,
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
    /// The event stream is open.
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
}
