//! Opening patients, by hand or by card, and finding them.

use api::ErrorCode;
use api::patients::{PatientHit, PatientView};
use clinical::lab::Identified;
use clinical::search::{Query, SearchKeys};
use clinical::{Patient, PatientNumber, Reception};

use crate::app::model::{Tone, UnknownCard, WhyUnknown};
use crate::app::opened::{Opened, Shown};
use crate::app::{App, Route};
use crate::client::{Failure, FailureKind, Request, Ticket};
use crate::config::Desk;
use crate::local::Known;
use crate::scan::{Reading, Reason, Scanned};
use crate::screens::receptions::search_id;

/// Of the patients in the terminal's store so many are shown at most.
const FOUND_HERE: usize = 50;

impl App {
    pub(super) fn patient_changed(&mut self, number: &PatientNumber) {
        if self.desk.opened.as_ref().is_some_and(|opened| opened.is(number)) {
            self.ask_again();
            if self.desk.history.is_some() {
                self.ask_history();
            }
            if self.desk.lab.patient.is_some() {
                self.ask_patient_lab();
            }
        }
    }

    pub(super) fn ask_again(&mut self) {
        let ticket = self.ticket();
        if let Some(opened) = &mut self.desk.opened {
            opened.ticket = ticket;
            opened.asked_at = Some(self.desk.moment);
            opened.failure = None;
            let number = opened.number.clone();
            self.send(Request::OpenPatient { ticket, number });
        }
    }

    pub(super) fn patient_came(&mut self, ticket: Ticket, view: Box<PatientView>) {
        let Some(opened) = &mut self.desk.opened else { return };
        if opened.ticket != ticket || !opened.is(&view.patient.number) {
            return;
        }
        self.cache.remember_patient((*view).clone());
        opened.number = view.patient.number.clone();
        opened.asked_at = None;
        opened.failure = None;
        let number = opened.number.clone();
        opened.show(Shown::Fresh(view));
        self.copy_is_new(&number);
        self.offer_sticker();
    }

    pub(super) fn patient_failed(
        &mut self,
        ticket: Ticket,
        number: &PatientNumber,
        failure: Failure,
    ) {
        let Some(opened) = &mut self.desk.opened else { return };
        if opened.ticket != ticket {
            return;
        }
        let unknown =
            matches!(failure.kind, FailureKind::Refused { code: ErrorCode::NotFound, .. });
        // Nothing takes the place of the red screen.
        let red = self.route == Route::WrongTube;
        if unknown && !red && matches!(opened.shown, Shown::Nothing) {
            let code = number.as_str().to_owned();
            self.show_card(UnknownCard { code, why: WhyUnknown::NotRegistered });
            return;
        }
        opened.asked_at = None;
        opened.failure = Some(failure);
    }

    /// Opens a patient with what is known at once, and asks for what is fresh.
    pub(super) fn open(&mut self, ctx: &egui::Context, number: &PatientNumber) {
        self.leave_form();
        self.desk.clear_notices();
        self.show_patient(number);
        self.screens.receptions.opened();
        self.help = false;
        // From the confirmation list the way leads back there; from everywhere else to the reception list.
        if self.route == Route::Confirmations {
            self.go(ctx, Route::Patient);
        } else {
            self.behind.clear();
            self.arrive(ctx, Route::Patient);
        }
    }

    /// Shows a patient in the strip; the screen stays.
    pub(super) fn look(&mut self, number: &PatientNumber) {
        if self.desk.opened.as_ref().is_none_or(|opened| !opened.is(number)) {
            self.show_patient(number);
        }
    }

    /// Another patient takes the place of the one before, in the same frame.
    fn show_patient(&mut self, number: &PatientNumber) {
        self.forget_asked_tube();
        let ticket = self.ticket();
        let today = self.desk.day.of_patient(number).cloned();
        let known = self.cache.known_patient(number);
        let outdated = known.as_ref().is_some_and(|known| known.outdated);
        let shown = match (known, &today) {
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
        let mut opened = Opened::new(number.clone(), ticket, self.desk.moment, shown);
        opened.outdated = outdated;
        self.desk.opened = Some(opened);
        self.desk.card = None;
        self.desk.history = None;
        self.desk.lab.patient = None;
        self.desk.lab.scanned_tube = None;
        self.screens.patient.clear();
        self.screens.history.clear();
        self.screens.results.clear();
        self.screens.specimens.clear();
        self.send(Request::OpenPatient { ticket, number });
    }

    pub(super) fn show_card(&mut self, card: UnknownCard) {
        self.leave_form();
        self.forget_asked_tube();
        self.desk.opened = None;
        self.desk.history = None;
        self.desk.lab.patient = None;
        self.desk.lab.scanned_tube = None;
        self.desk.clear_notices();
        self.desk.card = Some(card);
        self.screens.patient.clear();
        self.behind.clear();
        self.help = false;
        self.route = Route::UnknownCard;
    }

    /// A card was scanned, on whatever screen.
    pub(in crate::app) fn scanned(&mut self, ctx: &egui::Context, scanned: &Scanned) {
        if self.desk.session.is_none() {
            let words = self.desk.t("sign_in.scan_first").to_owned();
            self.desk.tell(Tone::Info, words, String::new());
            return;
        }
        if self.route == Route::WrongTube {
            self.desk.clear_notices();
            let words = self.desk.t("lab.wrong_tube_first").to_owned();
            self.desk.tell(Tone::Waiting, words, String::new());
            return;
        }
        self.screens.receptions.close_chooser();
        self.forget_asked_tube();
        match self.cards.read_any(scanned, |tube| self.knows_tube(tube)) {
            Reading::Patient(number) => self.card_scanned(ctx, &number),
            Reading::Specimen(tube) => {
                self.end_search();
                self.tube_scanned(ctx, &tube);
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

    /// A card or a chart sticker: this patient is at the desk.
    fn card_scanned(&mut self, ctx: &egui::Context, number: &PatientNumber) {
        self.end_search();
        let ordering = self.route == Route::LabOrder
            && self.desk.opened.as_ref().is_some_and(|opened| opened.is(number));
        // Who orders and makes sure of the patient goes on with the order.
        if !ordering {
            let at_samples = self.desk.kind == Desk::Samples
                || matches!(self.route, Route::Samples | Route::Specimens);
            if at_samples {
                self.card_at_samples(ctx, number);
            } else {
                self.behind.clear();
                self.route = Route::Receptions;
                self.open(ctx, number);
            }
        }
        self.last_card = Some(number.clone());
        self.warned_card = None;
        if let Some(opened) = &mut self.desk.opened {
            opened.identified = Some((Identified::Card, self.desk.moment));
        }
    }

    /// The list shows the day again; a patient opened out of a search leaves it standing instead.
    pub(super) fn end_search(&mut self) {
        self.screens.receptions.end_search();
        self.desk.search = self.emptied_search();
    }

    pub(super) fn search(&mut self, text: String) {
        self.desk.search = self.emptied_search();
        if text.is_empty() {
            return;
        }
        let ticket = self.desk.search.ticket;
        self.desk.search.text.clone_from(&text);
        self.desk.search.asked_at = Some(self.desk.moment);
        self.send(Request::Search { ticket, text });
    }

    pub(super) fn found(&mut self, ticket: Ticket, hits: Vec<PatientHit>, more: bool) {
        let search = &mut self.desk.search;
        if ticket != search.ticket {
            return;
        }
        search.asked_at = None;
        search.failure = None;
        search.hits = hits;
        search.more = more;
        search.version += 1;
    }

    /// Without the line, the search goes over the patients whom this terminal knows, and says so.
    pub(super) fn search_failed(&mut self, ticket: Ticket, failure: Failure) {
        let today = self.desk.today();
        let search = &mut self.desk.search;
        if ticket != search.ticket {
            return;
        }
        search.asked_at = None;
        search.hits.clear();
        search.more = false;
        if failure.is_of_the_line() {
            let query = Query::parse(&search.text, today);
            search.hits = among(self.cache.known_patients(), &query);
            search.more = search.hits.len() > FOUND_HERE;
            search.hits.truncate(FOUND_HERE);
        }
        search.failure = Some(failure);
        search.version += 1;
    }
}

/// Who of the patients known here fits, in 五十音 order, those first whose name begins so.
fn among(known: Vec<Known>, query: &Query) -> Vec<PatientHit> {
    let fits = |known: Known| {
        let Patient { number, name, birth_date, sex, last_visit, .. } = known.view.patient;
        let keys = SearchKeys::of(&number, &name);
        query.matches(&keys, birth_date, sex).then(|| {
            let order = (!query.leads(&keys), clinical::kana::sort_key(&name.kana));
            (order, PatientHit { number, name, birth_date, sex, last_visit })
        })
    };
    let mut found: Vec<_> = known.into_iter().filter_map(fits).collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().map(|(_, hit)| hit).collect()
}
