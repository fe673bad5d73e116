//! Takes what the worker sends and does what the screens want.

use std::path::Path;

use api::ErrorCode;
use api::patients::PatientView;
use api::receptions::{ReceptionList, StateChange};
use clinical::{PatientNumber, Reception, ReceptionKey, ReceptionState};
use uuid::Uuid;

use super::day::{Change, Day, ListSource};
use super::intent::Intent;
use super::model::{Search, Tone, UnknownCard, WhyUnknown};
use super::opened::{Opened, Shown};
use super::{App, Route};
use crate::client::{Failure, FailureKind, Line, Request, Ticket, Update};
use crate::config::Config;
use crate::local;
use crate::scan::{Reading, Reason, Scanned};
use crate::screens::receptions::search_id;
use crate::screens::sign_in::detail_words;
use crate::widgets::state;

/// The day's list is written to the terminal's store at most this often.
const KEEP_EVERY_SECONDS: u64 = 10;

impl App {
    /// Takes everything that came in.
    pub(super) fn take_updates(&mut self, ctx: &egui::Context) {
        self.desk.tick();
        while let Ok(update) = self.updates.try_recv() {
            self.take(ctx, update);
        }
        // The clocks may have been compared just now.
        self.desk.tick();
        for notice in self.cache.notices() {
            let tone = match notice.kind {
                local::NoticeKind::KeyInFile => Tone::Info,
                _ => Tone::Waiting,
            };
            let text = self.desk.t(notice.kind.key()).to_owned();
            let detail = detail_words(&self.desk, &notice.detail);
            self.desk.tell(tone, text, detail);
        }
        self.next_day();
        self.keep_list();
    }

    fn take(&mut self, ctx: &egui::Context, update: Update) {
        match update {
            Update::SignedIn(session) => self.signed_in(session),
            Update::SignInFailed(failure) => {
                self.desk.signing_in = None;
                self.screens.sign_in.failed(&failure);
                self.desk.sign_in_failure = Some(failure);
            }
            Update::SignedOut(reason) => self.signed_out(ctx, reason),
            Update::Reference(reference) => self.desk.reference = reference,
            Update::Receptions(list) => self.list_came(list),
            Update::Reception(reception) => {
                self.desk.day.put(*reception);
                self.list_changed.get_or_insert(self.desk.moment);
            }
            Update::Link(link) => self.desk.link = Some(link),
            Update::PatientChanged(number) => self.patient_changed(&number),
            Update::Patient { ticket, view } => self.patient_came(ticket, view),
            Update::PatientFailed { ticket, number, failure } => {
                self.patient_failed(ticket, &number, failure);
            }
            Update::Found { ticket, hits, more } if ticket == self.desk.search.ticket => {
                let search = &mut self.desk.search;
                search.asked_at = None;
                search.failure = None;
                search.hits = hits;
                search.more = more;
                search.version += 1;
            }
            Update::SearchFailed { ticket, failure } if ticket == self.desk.search.ticket => {
                let search = &mut self.desk.search;
                search.asked_at = None;
                search.hits.clear();
                search.more = false;
                search.failure = Some(failure);
                search.version += 1;
            }
            // Answers to questions that nobody asks any more.
            Update::Found { .. } | Update::SearchFailed { .. } | Update::Event(_) => {}
            Update::StateChanged { change_id, reception } => {
                self.change_ended(&reception.key, change_id);
                self.desk.day.put(*reception);
                self.list_changed.get_or_insert(self.desk.moment);
            }
            Update::StateChangeFailed { change_id, key, failure, current } => {
                self.change_failed(change_id, &key, &failure, current);
            }
            Update::Line(line) => self.line_is(line),
            Update::ClockSkew(seconds) => self.desk.skew = seconds,
        }
    }

    fn signed_in(&mut self, session: api::session::SessionInfo) {
        self.forget_people();
        self.screens.sign_in.clear();
        self.desk.signing_in = None;
        self.desk.sign_in_failure = None;
        self.desk.session = Some(session);
        self.desk.notices.clear();
        self.unsaved = 0;
        self.route = Route::Receptions;
        if let Some((list, at)) = self.cache.last_list(self.desk.today()) {
            self.desk.day.set(list.receptions, ListSource::Kept { at });
        }
    }

    fn signed_out(&mut self, ctx: &egui::Context, reason: Option<Failure>) {
        // The window has signed out by itself already; somebody may be signing in again.
        if self.desk.session.is_none() && reason.is_none() {
            return;
        }
        let was_in = self.desk.session.take().is_some();
        let changes = self.unanswered_changes();
        self.forget_people();
        self.desk.signing_in = None;
        self.desk.sign_in_failure = reason;
        // What the window has said after it signed out by itself stays.
        if was_in {
            self.desk.notices.clear();
        }
        if let Some(words) = changes {
            self.desk.tell(Tone::Danger, words, String::new());
        }
        self.screens.sign_in.clear();
        self.route = Route::SignIn;
        ctx.memory_mut(|m| m.surrender_focus(search_id()));
    }

    /// What the end of the session means for the changes of state that it leaves behind. Names nobody.
    fn unanswered_changes(&mut self) -> Option<String> {
        let waiting = self.desk.day.changes.len();
        let refused = std::mem::take(&mut self.unsaved);
        let (key, n) = match (refused, waiting) {
            (0, 0) => return None,
            // The one under way may have gone through all the same.
            (0, waiting) => ("change.unsure", waiting),
            // They go out one after the other: what waits behind a refused one is refused too.
            (refused, waiting) => ("change.lost", refused + waiting),
        };
        Some(self.desk.fill(key, &[("n", &n.to_string())]))
    }

    /// Nothing of a patient stays behind a session.
    fn forget_people(&mut self) {
        self.desk.day = Day::new(self.desk.today());
        self.desk.opened = None;
        self.desk.card = None;
        self.desk.link = None;
        self.desk.search = self.emptied_search();
        self.screens.receptions.clear();
        self.screens.patient.clear();
        self.help = false;
        self.list_changed = None;
    }

    fn emptied_search(&mut self) -> Search {
        Search { ticket: self.ticket(), version: self.desk.search.version + 1, ..Search::default() }
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    fn list_came(&mut self, list: ReceptionList) {
        if self.desk.session.is_none() {
            return;
        }
        if list.date != self.desk.day.date {
            self.desk.day = Day::new(list.date);
        }
        self.event_seq = list.event_seq;
        self.desk.link = Some(list.link.clone());
        self.cache.remember_list(list.clone());
        self.list_changed = None;
        self.desk.day.set(list.receptions, ListSource::Live);
    }

    /// At midnight the list of the new day is followed.
    fn next_day(&mut self) {
        let today = self.desk.today();
        if today == self.today {
            return;
        }
        self.today = today;
        if self.desk.session.is_some() {
            self.desk.day = Day::new(today);
            self.send(Request::FollowDay(today));
        }
    }

    fn keep_list(&mut self) {
        let Some(since) = self.list_changed else { return };
        if self.desk.seconds_since(since) < KEEP_EVERY_SECONDS {
            return;
        }
        self.list_changed = None;
        if let (ListSource::Live, Some(link)) = (self.desk.day.source, self.desk.link.clone()) {
            self.cache.remember_list(ReceptionList {
                date: self.desk.day.date,
                receptions: self.desk.day.rows.iter().map(|r| r.reception.clone()).collect(),
                event_seq: self.event_seq,
                link,
            });
        }
    }

    fn line_is(&mut self, line: Line) {
        let back = line == Line::Up && self.desk.line != Line::Up;
        match &line {
            Line::Down { since, failure } => self.desk.cut = Some((*since, failure.clone())),
            Line::Up => self.desk.cut = None,
            Line::Connecting => {}
        }
        self.desk.line = line;
        if !back {
            return;
        }
        // What failed for want of the line is tried again.
        if self.desk.opened.as_ref().is_some_and(|o| o.failure.is_some()) {
            self.ask_again();
        }
        if self.desk.search.failure.is_some() {
            let text = self.desk.search.text.clone();
            self.search(text);
        }
    }

    fn patient_changed(&mut self, number: &PatientNumber) {
        let shown = self.desk.opened.as_ref();
        if shown.is_some_and(|o| o.number.canonical() == number.canonical()) {
            self.ask_again();
        }
    }

    fn ask_again(&mut self) {
        let ticket = self.ticket();
        if let Some(opened) = &mut self.desk.opened {
            opened.ticket = ticket;
            opened.asked_at = Some(self.desk.moment);
            opened.failure = None;
            let number = opened.number.clone();
            self.send(Request::OpenPatient { ticket, number });
        }
    }

    fn patient_came(&mut self, ticket: Ticket, view: Box<PatientView>) {
        let Some(opened) = &mut self.desk.opened else { return };
        let same = opened.number.canonical() == view.patient.number.canonical();
        if opened.ticket != ticket || !same {
            return;
        }
        self.cache.remember_patient((*view).clone());
        opened.number = view.patient.number.clone();
        opened.asked_at = None;
        opened.failure = None;
        opened.shown = Shown::Fresh(view);
    }

    fn patient_failed(&mut self, ticket: Ticket, number: &PatientNumber, failure: Failure) {
        let Some(opened) = &mut self.desk.opened else { return };
        if opened.ticket != ticket {
            return;
        }
        let unknown =
            matches!(failure.kind, FailureKind::Refused { code: ErrorCode::NotFound, .. });
        if unknown && matches!(opened.shown, Shown::Nothing) {
            let code = number.as_str().to_owned();
            self.show_card(UnknownCard { code, why: WhyUnknown::NotRegistered });
            return;
        }
        opened.asked_at = None;
        opened.failure = Some(failure);
    }

    fn change_ended(&mut self, key: &ReceptionKey, id: Uuid) -> Option<Change> {
        let day = &mut self.desk.day;
        if day.changes.get(key).is_some_and(|change| change.id == id) {
            day.version += 1;
            return day.changes.remove(key);
        }
        None
    }

    fn change_failed(
        &mut self,
        id: Uuid,
        key: &ReceptionKey,
        failure: &Failure,
        current: Option<Box<Reception>>,
    ) {
        let Some(change) = self.change_ended(key, id) else { return };
        if failure.is_expired() {
            self.unsaved += 1;
        }
        let conflict =
            matches!(failure.kind, FailureKind::Refused { code: ErrorCode::Conflict, .. });
        if let Some(current) = current {
            self.desk.day.put(*current);
        }
        let Some(reception) = self.desk.day.find(key) else { return };
        let name = reception.name.kanji.clone();
        let (wanted, stands) =
            (self.desk.t(state::words(change.to)), self.desk.t(state::words(reception.state)));
        let values = [("name", name.as_str()), ("wanted", wanted), ("stands", stands)];
        let text = if conflict {
            self.desk.fill("change.conflict", &values)
        } else {
            let what = self.desk.fill("change.failed", &values);
            format!("{what}{}", self.desk.failure_words(failure))
        };
        let detail =
            if conflict { String::new() } else { detail_words(&self.desk, &failure.detail) };
        self.desk.tell(Tone::Danger, text, detail);
    }

    /// Does what a screen wants.
    pub(super) fn run(&mut self, ctx: &egui::Context, intent: Intent) {
        match intent {
            Intent::SignIn { login, password } => {
                self.desk.signing_in = Some(self.desk.moment);
                self.desk.sign_in_failure = None;
                self.send(Request::SignIn { login, password });
            }
            Intent::SignOut => {
                self.send(Request::SignOut);
                self.signed_out_by_wish(ctx);
            }
            Intent::Open(number) => self.open(ctx, &number),
            Intent::List => self.list(ctx),
            Intent::Find => {
                self.list(ctx);
                self.end_search();
                self.screens.receptions.find();
            }
            Intent::Search(text) => self.search(text),
            Intent::ChangeState { key, to } => self.change_state(&key, to),
            Intent::Reconnect => self.send(Request::Reconnect),
            Intent::Copy(text) => {
                ctx.copy_text(text);
                let words = self.desk.t("unknown.copied").to_owned();
                self.desk.tell(Tone::Info, words, String::new());
            }
            Intent::Tell(key) => {
                let words = self.desk.t(key).to_owned();
                self.desk.tell(Tone::Waiting, words, String::new());
            }
            Intent::Dismiss => {
                self.desk.notices.pop();
            }
        }
        ctx.request_repaint();
    }

    fn signed_out_by_wish(&mut self, ctx: &egui::Context) {
        self.signed_out(ctx, None);
    }

    fn list(&mut self, ctx: &egui::Context) {
        self.desk.opened = None;
        self.desk.card = None;
        self.route = Route::Receptions;
        ctx.memory_mut(|m| m.surrender_focus(search_id()));
    }

    /// The list shows the day again; a patient opened out of a search leaves it standing instead.
    fn end_search(&mut self) {
        self.screens.receptions.end_search();
        self.desk.search = self.emptied_search();
    }

    fn search(&mut self, text: String) {
        self.desk.search = self.emptied_search();
        if text.is_empty() {
            return;
        }
        let ticket = self.desk.search.ticket;
        self.desk.search.text.clone_from(&text);
        self.desk.search.asked_at = Some(self.desk.moment);
        self.send(Request::Search { ticket, text });
    }

    fn change_state(&mut self, key: &ReceptionKey, to: ReceptionState) {
        if self.desk.is_cut() {
            let words = self.desk.t("change.cut").to_owned();
            self.desk.tell(Tone::Waiting, words, String::new());
            return;
        }
        let day = &mut self.desk.day;
        let Some(reception) = day.find(key) else { return };
        if day.changes.contains_key(key) || !reception.state.may_become(to) {
            return;
        }
        let id = Uuid::now_v7();
        let change = StateChange { change_id: id, state: to, seen_revision: reception.revision };
        day.changes.insert(key.clone(), Change { id, to });
        day.version += 1;
        self.send(Request::ChangeState { key: key.clone(), change });
    }

    /// Opens a patient with what is known at once, and asks for what is fresh.
    fn open(&mut self, ctx: &egui::Context, number: &PatientNumber) {
        let ticket = self.ticket();
        let today = self.desk.day.of_patient(number).cloned();
        let shown = match (self.cache.known_patient(number), &today) {
            (Some(known), _) => Shown::Kept { view: Box::new(known.view), at: known.stored_at },
            (None, Some(reception)) => Shown::Basics(Box::new(reception.clone())),
            (None, None) => Shown::Nothing,
        };
        // The chart's own spelling of the number, where it is known.
        let number = match (&shown, &today) {
            (Shown::Kept { view, .. }, _) => view.patient.number.clone(),
            (_, Some(Reception { patient: Some(own), .. })) => own.clone(),
            _ => number.clone(),
        };
        let asked_at = Some(self.desk.moment);
        self.desk.opened =
            Some(Opened { number: number.clone(), ticket, asked_at, shown, failure: None });
        self.desk.card = None;
        self.desk.notices.clear();
        self.screens.patient.clear();
        self.screens.receptions.opened();
        self.help = false;
        self.route = Route::Patient;
        ctx.memory_mut(|m| m.surrender_focus(search_id()));
        self.send(Request::OpenPatient { ticket, number });
    }

    fn show_card(&mut self, card: UnknownCard) {
        self.desk.opened = None;
        self.desk.notices.clear();
        self.desk.card = Some(card);
        self.screens.patient.clear();
        self.help = false;
        self.route = Route::UnknownCard;
    }

    /// A card was scanned, on whatever screen.
    pub(super) fn scanned(&mut self, ctx: &egui::Context, scanned: &Scanned) {
        if self.desk.session.is_none() {
            let words = self.desk.t("sign_in.scan_first").to_owned();
            self.desk.tell(Tone::Info, words, String::new());
            return;
        }
        self.screens.receptions.close_chooser();
        match self.cards.read(scanned) {
            Reading::Patient(number) => {
                self.end_search();
                self.open(ctx, &number);
            }
            Reading::Unknown { text: code, reason } => {
                let why = match reason {
                    Reason::NoPattern => WhyUnknown::NoPattern,
                    Reason::CheckDigit { .. } => WhyUnknown::CheckDigit,
                    Reason::InputMethod => WhyUnknown::Garbled,
                };
                ctx.memory_mut(|m| m.surrender_focus(search_id()));
                self.show_card(UnknownCard { code, why });
            }
        }
    }

    fn send(&self, request: Request) {
        // The worker lives as long as the window; without it there is nobody to tell.
        let _ = self.requests.send(request);
    }

    /// Another scale, kept for this terminal.
    pub(super) fn set_scale(&mut self, ctx: &egui::Context, percent: u16) {
        self.scale_percent = percent;
        ctx.set_zoom_factor(f32::from(percent) / 100.0);
        if let Some(file) = self.scale_file.clone() {
            // A lost write costs one press of Ctrl +; the window does not wait for the disk.
            std::thread::spawn(move || {
                let fresh = file.with_extension("new");
                std::fs::write(&fresh, percent.to_string())
                    .and_then(|()| std::fs::rename(&fresh, &file))
            });
        }
    }

    /// When the next frame is due without any input: at the next minute, and each second of a wait.
    pub(super) fn schedule(&self, ctx: &egui::Context) {
        let waits = self.desk.signing_in.is_some()
            || self.desk.search.asked_at.is_some()
            || self.desk.opened.as_ref().is_some_and(|o| o.asked_at.is_some());
        let seconds = if waits { 1 } else { 60 - self.desk.now().second().clamp(0, 59) };
        let seconds = u64::try_from(seconds).unwrap_or(60).max(1);
        ctx.request_repaint_after(std::time::Duration::from_secs(seconds));
    }
}

/// The scales of Ctrl +/-.
pub(super) const SCALES: [u16; 6] = [100, 110, 125, 150, 175, 200];

/// The scale of the settings.
pub(super) fn percent(config: &Config) -> u16 {
    u16::try_from(config.window.scale.get()).unwrap_or(100)
}

/// The scale chosen last on this terminal.
pub(super) fn kept_scale(file: &Path) -> Option<u16> {
    let text = std::fs::read_to_string(file).ok()?;
    text.trim().parse().ok().map(|percent: u16| percent.clamp(100, 200))
}
