//! What the desk knows. Screens read it; only [`super::App`] writes it.

use std::sync::Arc;
use std::time::Duration;

use api::patients::PatientHit;
use api::profile::StaffList;
use api::receptions::{LinkState, LinkStatus, Reference};
use api::session::{Role, SessionInfo};
use clinical::PatientNumber;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use uuid::Uuid;

use super::day::Day;
use super::lab::LabDesk;
use super::opened::Opened;
use super::parts::{Clock, DemoInfo};
use super::records::{HistoryPage, Saving, WaitingList};
use crate::client::{Failure, FailureKind, Line, Ticket};
use crate::config;
use crate::i18n::{self, Lang};
use crate::local::{NotKept, OutboxView, RowState};
use crate::printing::PrintView;

/// So many notices stand on the screen at most.
pub const MOST_NOTICES: usize = 3;

/// A difference of clocks worth telling.
pub const SKEW_TOLD: i64 = 180;

/// Longer than this, a wait says what it waits for.
pub const LONG_WAIT: Duration = Duration::from_secs(10);

/// What the desk knows.
pub struct Desk {
    /// Language of the screen.
    pub lang: Lang,
    /// Which desk the terminal stands on.
    pub kind: config::Desk,
    /// The moment of this frame, by the cloud's clock where that is known.
    pub moment: Timestamp,
    /// Who is signed in.
    pub session: Option<SessionInfo>,
    /// The person was let in while the line was cut, and the cloud has not been asked yet.
    pub offline: bool,
    /// What the cloud does not have yet.
    pub outbox: Arc<OutboxView>,
    /// What a person has confirmed and the disk has not answered for yet.
    pub saving: Vec<Saving>,
    /// Who works at the clinic.
    pub staff: StaffList,
    /// What waits for a practitioner's confirmation.
    pub confirmations: WaitingList,
    /// The opened patient's history, once somebody has asked for it.
    pub history: Option<HistoryPage>,
    /// Lab orders, tubes and results.
    pub lab: LabDesk,
    /// What was given to the printers.
    pub prints: Arc<PrintView>,
    /// Sign-in under way since.
    pub signing_in: Option<Timestamp>,
    /// Why the last sign-in failed, or the session ended.
    pub sign_in_failure: Option<Failure>,
    /// The day's receptions.
    pub day: Day,
    /// The clinic's lists.
    pub reference: Reference,
    /// The cloud's link to the receipt computer.
    pub link: Option<LinkStatus>,
    /// The line to the cloud.
    pub line: Line,
    /// Since when nothing goes through and why; stands until the line is up again, also while it is tried.
    pub cut: Option<(Timestamp, Failure)>,
    /// The cloud's clock minus the terminal's, in seconds.
    pub skew: i64,
    /// The patient on the screen.
    pub opened: Option<Opened>,
    /// Names of the opened patient's forms in which the signed-in person has left something.
    pub drafts: Vec<String>,
    /// Search over all patients.
    pub search: Search,
    /// A scanned code that opens nothing.
    pub card: Option<UnknownCard>,
    /// What has to be said, the latest last.
    pub notices: Vec<Notice>,
    /// An input method composes: what stands in a field is not yet meant.
    pub composing: bool,
    /// Accounts to show on the sign-in screen.
    pub demo: Option<DemoInfo>,
    pub(super) clock: Clock,
}

/// Search over all patients.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What is searched; empty when nothing is.
    pub text: String,
    /// Of the question.
    pub ticket: Ticket,
    /// Since when the answer is waited for.
    pub asked_at: Option<Timestamp>,
    /// The answer.
    pub hits: Vec<PatientHit>,
    /// Whether more would fit.
    pub more: bool,
    /// Why there is no answer.
    pub failure: Option<Failure>,
    /// Grows with every change.
    pub version: u64,
}

/// A scanned code that opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCard {
    /// As read.
    pub code: String,
    /// Why it opens nothing.
    pub why: WhyUnknown,
}

/// Why a code opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUnknown {
    /// It looks like no card of this clinic.
    NoPattern,
    /// Its check digit is wrong.
    CheckDigit,
    /// An input method garbled it.
    Garbled,
    /// It is a number of this clinic, but no patient has it.
    NotRegistered,
    /// It looks like a specimen number, but no tube has it.
    NoTube,
    /// It looks like a specimen number; whose it is could not be asked, since the line is cut.
    TubeUnasked,
}

/// How a notice looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something is wrong.
    Danger,
    /// Something waits or is old.
    Waiting,
    /// Good to know.
    Info,
    /// It is done: looks like [`Tone::Info`] and goes with the next command, since it needs no answer.
    Done,
}

/// Something said until it is taken away or overtaken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What happened and what to do.
    pub text: String,
    /// Small print for the support line.
    pub detail: String,
    /// Panic values of this lab order: it stands until a person takes it away or a practitioner has confirmed them,
    /// whoever is opened meanwhile.
    pub panic: Option<Uuid>,
}

impl Desk {
    /// A desk at which nobody sits yet.
    pub fn new(lang: Lang, kind: config::Desk, clock: Clock, demo: Option<DemoInfo>) -> Self {
        let moment = clock.now();
        let today = clock.local(moment).date();
        Self {
            lang,
            kind,
            moment,
            session: None,
            offline: false,
            outbox: Arc::default(),
            saving: Vec::new(),
            staff: StaffList::default(),
            confirmations: WaitingList::default(),
            history: None,
            lab: LabDesk::default(),
            prints: Arc::default(),
            signing_in: None,
            sign_in_failure: None,
            day: Day::new(today),
            reference: Reference::default(),
            link: None,
            line: Line::Connecting,
            cut: None,
            skew: 0,
            opened: None,
            drafts: Vec::new(),
            search: Search::default(),
            card: None,
            notices: Vec::new(),
            composing: false,
            demo,
            clock,
        }
    }

    /// Words for a key.
    pub fn t(&self, key: &'static str) -> &'static str {
        i18n::t(self.lang, key)
    }

    /// Words for a key with values filled in.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        i18n::fill(self.lang, key, values)
    }

    /// A moment on the clinic's wall clock.
    pub fn local(&self, moment: Timestamp) -> DateTime {
        self.clock.local(moment)
    }

    /// The clinic's wall clock now.
    pub fn now(&self) -> DateTime {
        self.local(self.moment)
    }

    /// The clinic's day.
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// Reads the clock once for the frame.
    pub fn tick(&mut self) {
        let own = self.clock.now();
        let skew = if self.skew.abs() >= SKEW_TOLD { self.skew } else { 0 };
        self.moment = own + jiff::SignedDuration::from_secs(skew);
    }

    /// Seconds since a moment, never negative.
    pub fn seconds_since(&self, moment: Timestamp) -> u64 {
        u64::try_from(self.moment.duration_since(moment).as_secs()).unwrap_or(0)
    }

    /// Whether a wait has become so long that it must say what it waits for.
    pub fn waits_long(&self, since: Timestamp) -> bool {
        self.seconds_since(since) >= LONG_WAIT.as_secs()
    }

    /// `9:42`, or with the day in front when it is not today's.
    pub fn clock_words(&self, moment: Timestamp) -> String {
        let at = self.local(moment);
        let time = format!("{}:{:02}", at.hour(), at.minute());
        if at.date() == self.today() { time } else { format!("{}/{} {time}", at.month(), at.day()) }
    }

    /// `12分前`.
    pub fn age_words(&self, moment: Timestamp) -> String {
        let minutes = self.seconds_since(moment) / 60;
        match minutes {
            0 => self.t("age.now").to_owned(),
            1..60 => self.fill("age.minutes", &[("n", &minutes.to_string())]),
            60..1440 => self.fill("age.hours", &[("n", &(minutes / 60).to_string())]),
            _ => self.fill("age.days", &[("n", &(minutes / 1440).to_string())]),
        }
    }

    /// What is to be said of versions that the cloud does not have: that they wait, or that it will not take them.
    pub fn unsent_words(&self, versions: &[Uuid]) -> &'static str {
        let refused = |id: &Uuid| {
            self.outbox.row(*id).is_some_and(|row| matches!(row.state, RowState::Refused { .. }))
        };
        self.t(if versions.iter().any(refused) { "record.refused" } else { "record.unsent" })
    }

    /// Whether the line is down.
    pub fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// Whether the entries of a patient's form are being written to the disk.
    pub fn is_saving(&self, number: &PatientNumber, form: &str) -> bool {
        self.saving.iter().any(|saving| saving.is_of(number, form))
    }

    /// Whether the signed-in person may enter anything about a patient.
    pub fn may_record(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.role != Role::Administrator)
    }

    /// Whether the signed-in person may decide about reports that fit nobody.
    pub fn may_decide_tray(&self) -> bool {
        let role = self.session.as_ref().map(|session| session.role);
        matches!(role, Some(Role::Practitioner | Role::Nurse))
    }

    /// Whether the signed-in person may confirm.
    pub fn may_confirm(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.role == Role::Practitioner)
    }

    /// What to say when the terminal could not keep what a person confirmed.
    pub fn not_kept_words(&self, why: NotKept) -> &'static str {
        self.t(match why {
            NotKept::DiskFull => "not_kept.disk_full",
            NotKept::NoStore => "not_kept.no_store",
            NotKept::NoKey => "not_kept.no_key",
            NotKept::Failed => "not_kept.failed",
        })
    }

    /// Whether the receipt computer feeds the list.
    pub fn link_is_good(&self) -> bool {
        self.link.as_ref().is_none_or(|l| matches!(l.state, LinkState::Up | LinkState::Starting))
    }

    /// What to say of a failure: what happened and what to do.
    pub fn failure_words(&self, failure: &Failure) -> String {
        use api::ErrorCode as E;
        let key = match &failure.kind {
            FailureKind::Unreachable => "failure.unreachable",
            FailureKind::Untrusted => "failure.untrusted",
            FailureKind::TimedOut => "failure.timed_out",
            FailureKind::Garbled => "failure.garbled",
            FailureKind::NotKnownHere => "failure.not_known_here",
            FailureKind::TooLongOffline => "failure.too_long_offline",
            FailureKind::Refused { code: E::AccountLocked, retry_after_seconds } => {
                let minutes = retry_after_seconds.unwrap_or(60).div_ceil(60).max(1);
                return self.fill("failure.locked", &[("minutes", &minutes.to_string())]);
            }
            FailureKind::Refused { code, .. } => match code {
                E::BadCredentials => "failure.bad_credentials",
                E::SessionExpired | E::EntryKeyUnknown => "failure.session_expired",
                E::Forbidden => "failure.forbidden",
                E::NotFound => "failure.not_found",
                E::Invalid | E::TooLarge => "failure.invalid",
                E::Unavailable => "failure.unavailable",
                E::ReceiptUnavailable => "failure.receipt_unavailable",
                E::Internal | E::AccountLocked => "failure.internal",
            },
        };
        self.t(key).to_owned()
    }

    /// Says something.
    pub fn tell(&mut self, tone: Tone, text: String, detail: String) {
        let notice = Notice { tone, text, detail, panic: None };
        self.notices.retain(|n| *n != notice);
        self.notices.push(notice);
        // More at once nobody reads; the oldest goes.
        let mut passing = self.notices.iter().filter(|notice| notice.panic.is_none());
        if passing.clone().count() > MOST_NOTICES
            && let Some(oldest) = passing.next().cloned()
        {
            self.notices.retain(|notice| *notice != oldest);
        }
    }

    /// Says that an order has panic values.
    pub(super) fn tell_panic(&mut self, order: Uuid, text: String) {
        let detail = String::new();
        self.notices.push(Notice { tone: Tone::Danger, text, detail, panic: Some(order) });
    }

    /// What was said belongs to what was on the screen before; panic values do not.
    pub(super) fn clear_notices(&mut self) {
        self.notices.retain(|notice| notice.panic.is_some());
    }
}
