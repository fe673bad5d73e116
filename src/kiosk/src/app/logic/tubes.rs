//! The sample desk: who sits there, which tube was drawn, what goes to the laboratory, and a tube of somebody else.

use api::lab::LabDayOrder;
use clinical::lab::{Identified, LabAct, LabOrder, NotDrawn, SpecimenNumber};
use clinical::{PatientNumber, PersonName};
use uuid::Uuid;

use crate::app::lab::{WrongTube, has_unsent};
use crate::app::model::{Tone, UnknownCard, WhyUnknown};
use crate::app::records::Task;
use crate::app::route::Behind;
use crate::app::{App, Route};
use crate::client::{Failure, Request, Ticket};
use crate::config;

/// Whose tube it is.
struct Whose {
    number: PatientNumber,
    name: PersonName,
    order: Uuid,
}

impl App {
    pub(super) fn open_samples(&mut self, ctx: &egui::Context) {
        self.leave_form();
        self.desk.opened = None;
        self.desk.card = None;
        self.desk.history = None;
        self.desk.lab.patient = None;
        self.desk.lab.scanned_tube = None;
        self.behind.clear();
        self.ask_lab_day();
        self.arrive(ctx, Route::Samples);
    }

    /// Opens a patient's tubes. Who is opened by hand has not been identified.
    pub(super) fn open_specimens(&mut self, ctx: &egui::Context, number: &PatientNumber) {
        self.look(number);
        self.specimens_of_opened(ctx);
    }

    fn specimens_of_opened(&mut self, ctx: &egui::Context) {
        self.leave_form();
        self.desk.lab.scanned_tube = None;
        self.screens.specimens.clear();
        if matches!(self.route, Route::Patient | Route::Results | Route::LabInbox) {
            return self.go(ctx, Route::Specimens);
        }
        self.behind = vec![Behind { route: Route::Samples, patient: None }];
        self.arrive(ctx, Route::Specimens);
    }

    /// A card was scanned at the sample desk: this patient sits there.
    pub(super) fn card_at_samples(&mut self, ctx: &egui::Context, number: &PatientNumber) {
        self.help = false;
        self.desk.clear_notices();
        self.look(number);
        self.route = Route::Samples;
        self.specimens_of_opened(ctx);
    }

    /// The patient has said name and birth date.
    pub(super) fn identify_spoken(&mut self) {
        if let Some(opened) = &mut self.desk.opened {
            opened.identified = Some((Identified::Spoken, self.desk.moment));
            // The card of before is no longer the last word.
            self.last_card = None;
            self.warned_card = None;
            // What was asked for is done.
            let asked = self.desk.t("specimens.identify_first");
            self.desk.notices.retain(|notice| notice.text != asked);
        }
    }

    /// How the opened patient was identified; without that, words.
    fn identified(&mut self, number: &PatientNumber) -> Option<Identified> {
        let opened = self.desk.opened.as_ref().filter(|opened| opened.is(number));
        let how = opened.and_then(|opened| opened.identified).map(|(how, _)| how);
        if how.is_none() {
            self.tell_key(Tone::Waiting, "specimens.identify_first");
        }
        how
    }

    /// Whether the opened patient is identified; else that is said.
    pub(super) fn is_identified(&mut self, number: &PatientNumber) -> bool {
        self.identified(number).is_some()
    }

    pub(super) fn draw_tube(&mut self, number: &PatientNumber, order: Uuid, tube: SpecimenNumber) {
        let Some(known) = self.lab_order(number, order) else {
            return self.tell_key(Tone::Waiting, "lab.gone");
        };
        if known.cancelled.is_some() {
            return self.tell_key(Tone::Danger, "lab.was_cancelled");
        }
        match known.tube(&tube) {
            None => return self.tell_key(Tone::Waiting, "lab.gone"),
            Some(tube) if tube.is_drawn() => {
                return self.tell_key(Tone::Done, "lab.drawn_already");
            }
            Some(_) => {}
        }
        let Some(identified) = self.identified(number) else { return };
        self.lab_act(Task::Lab, number, order, LabAct::Draw { tube, identified });
    }

    pub(super) fn not_drawn(
        &mut self,
        number: &PatientNumber,
        order: Uuid,
        tube: SpecimenNumber,
        (reason, note): (NotDrawn, String),
    ) {
        self.lab_act(Task::Lab, number, order, LabAct::NotDrawn { tube, reason, note });
    }

    pub(super) fn reset_tube(&mut self, number: &PatientNumber, order: Uuid, tube: SpecimenNumber) {
        self.lab_act(Task::Lab, number, order, LabAct::Reset { tube });
    }

    pub(super) fn send_tubes(&mut self) {
        let orders: Vec<LabOrder> =
            self.desk.lab.day.rows.iter().map(|r| r.order.clone()).collect();
        let sent = orders.iter().filter(|order| self.send_drawn(order)).count();
        if sent == 0 {
            self.tell_key(Tone::Waiting, "lab.nothing_to_send");
        }
    }

    pub(super) fn send_order(&mut self, number: &PatientNumber, order: Uuid) {
        let known = self.lab_order(number, order);
        if !known.is_some_and(|order| self.send_drawn(&order)) {
            self.tell_key(Tone::Waiting, "lab.nothing_to_send");
        }
    }

    /// Sends an order's drawn tubes; false where there are none.
    fn send_drawn(&mut self, order: &LabOrder) -> bool {
        if !has_unsent(order) {
            return false;
        }
        let ready = order.tubes.iter().filter(|tube| tube.is_drawn() && tube.is_here());
        let tubes: Vec<SpecimenNumber> = ready.map(|tube| tube.number.clone()).collect();
        let task = Task::LabSend { tubes: tubes.len() };
        self.lab_act(task, &order.patient, order.id, LabAct::Send { tubes });
        true
    }

    /// Tubes are on their way: said once for all orders of one key.
    pub(super) fn send_kept(&mut self, tubes: usize) {
        self.sent_tubes += tubes;
        let more = self.desk.saving.iter().any(|s| matches!(s.what, Task::LabSend { .. }));
        if more {
            return;
        }
        let n = std::mem::take(&mut self.sent_tubes).to_string();
        let key = if self.desk.is_cut() { "lab.sent_cut" } else { "lab.sent" };
        let text = self.desk.fill(key, &[("n", &n)]);
        if self.desk.session.is_some() {
            self.desk.tell(Tone::Done, text, String::new());
        }
    }

    /// Whose tube it is, as far as this terminal knows.
    fn whose(&self, tube: &SpecimenNumber) -> Option<Whose> {
        let has = |order: &LabOrder| order.tube(tube).is_some();
        let desk = &self.desk;
        if let Some(opened) = &desk.opened {
            let (page, lab) = (desk.patient_lab(), opened.lab(&desk.outbox));
            if let Some(order) = page.orders.iter().chain(&lab.orders).find(|o| has(o)) {
                let name = opened.name().cloned().unwrap_or_default();
                return Some(Whose { number: opened.number.clone(), name, order: order.id });
            }
        }
        if let Some(row) = desk.lab.day.rows.iter().find(|row| has(&row.order)) {
            let (number, name) = (row.order.patient.clone(), row.name.clone());
            return Some(Whose { number, name, order: row.order.id });
        }
        self.cache.known_patients().into_iter().find_map(|known| {
            let order = known.view.lab.orders.iter().find(|order| has(order))?.id;
            let patient = known.view.patient;
            Some(Whose { number: patient.number, name: patient.name, order })
        })
    }

    /// Whether a number is on a tube that this terminal knows.
    pub(super) fn knows_tube(&self, tube: &SpecimenNumber) -> bool {
        self.whose(tube).is_some()
    }

    /// Whether the opened patient's tubes are in work: they are on the screen or behind it, or this is the sample desk and
    /// it is sure that the patient sits there.
    fn is_at_tubes(&self) -> bool {
        let Some(opened) = &self.desk.opened else { return false };
        let own = |behind: &Behind| {
            behind.route == Route::Specimens
                && behind.patient.as_ref().is_some_and(|n| opened.is(n))
        };
        let sits = self.desk.kind == config::Desk::Samples && opened.identified.is_some();
        self.route == Route::Specimens || sits || self.behind.iter().any(own)
    }

    /// A tube was scanned.
    pub(super) fn tube_scanned(&mut self, ctx: &egui::Context, tube: &SpecimenNumber) {
        let whose = self.whose(tube);
        let opened = self.desk.opened.as_ref();
        let own = whose.as_ref().is_some_and(|w| opened.is_some_and(|o| o.is(&w.number)));
        match (self.route, whose) {
            (Route::Specimens, Some(whose)) if own => {
                self.desk.lab.scanned_tube = Some(tube.clone());
                self.screens.specimens.scanned(tube);
                let number = whose.number;
                self.draw_tube(&number, whose.order, tube.clone());
            }
            (_, whose) if !own && self.is_at_tubes() => self.wrong_tube(ctx, tube, whose),
            (Route::Samples, None) => self.wrong_tube(ctx, tube, None),
            (_, Some(whose)) => {
                self.help = false;
                self.open_specimens(ctx, &whose.number);
                self.desk.lab.scanned_tube = Some(tube.clone());
                self.screens.specimens.scanned(tube);
                // Said where it is not sure who sits there.
                self.is_identified(&whose.number);
            }
            // Another terminal may have ordered it just now.
            (_, None) => {
                let ticket = self.ticket();
                self.asked_tube = Some((ticket, tube.clone()));
                self.tell_key(Tone::Waiting, "lab.looking_for_tube");
                self.send(Request::LabSpecimen { ticket, number: tube.clone() });
            }
        }
    }

    /// Everything stops.
    fn wrong_tube(&mut self, ctx: &egui::Context, tube: &SpecimenNumber, whose: Option<Whose>) {
        let other = whose.map(|whose| (whose.number, whose.name));
        let opened = self.desk.opened.as_ref();
        let opened = opened.map(|o| (o.number.clone(), o.name().cloned().unwrap_or_default()));
        let asked = other.is_none().then(|| self.ticket());
        if let Some(ticket) = asked {
            self.send(Request::LabSpecimen { ticket, number: tube.clone() });
        }
        self.desk.lab.wrong_tube = Some(WrongTube { scanned: tube.clone(), other, opened, asked });
        self.desk.clear_notices();
        self.help = false;
        // What stands in a form is kept.
        self.leave_form();
        self.screens.samples.clear();
        self.screens.specimens.clear();
        self.arrive(ctx, Route::WrongTube);
    }

    /// The tube has been put away: back to the desk.
    pub(super) fn acknowledge_wrong_tube(&mut self, ctx: &egui::Context) {
        self.desk.lab.wrong_tube = None;
        self.desk.clear_notices();
        let to = if self.desk.opened.is_some() { Route::Specimens } else { Route::Samples };
        self.arrive(ctx, to);
    }

    /// The cloud knows the tube.
    pub(super) fn specimen_came(
        &mut self,
        ctx: &egui::Context,
        ticket: Ticket,
        found: &LabDayOrder,
    ) {
        let number = found.order.patient.clone();
        if let Some(wrong) = &mut self.desk.lab.wrong_tube
            && wrong.asked == Some(ticket)
        {
            wrong.asked = None;
            let own = wrong
                .opened
                .as_ref()
                .is_some_and(|(opened, _)| opened.canonical() == number.canonical());
            if own {
                // Ordered elsewhere just now: the tube is right, and this terminal knows it from here on.
                self.put_order(&found.order, None);
                self.patient_changed(&number);
                self.acknowledge_wrong_tube(ctx);
                return self.tell_key(Tone::Waiting, "lab.tube_is_right");
            }
            wrong.other = Some((number, found.name.clone()));
            return;
        }
        let asked = self.asked_tube.take_if(|(asked, _)| *asked == ticket);
        let Some((_, tube)) = asked else { return };
        if self.route == Route::WrongTube {
            return;
        }
        self.desk.clear_notices();
        self.open_specimens(ctx, &number);
        self.desk.lab.scanned_tube = Some(tube.clone());
        self.screens.specimens.scanned(&tube);
        self.is_identified(&number);
    }

    /// Something else was scanned or opened: an answer about the tube of before must not take its place.
    pub(super) fn forget_asked_tube(&mut self) {
        if self.asked_tube.take().is_some() {
            let looking = self.desk.t("lab.looking_for_tube");
            self.desk.notices.retain(|notice| notice.text != looking);
        }
    }

    /// Nobody can say whose the tube is.
    pub(super) fn specimen_failed(
        &mut self,
        ctx: &egui::Context,
        ticket: Ticket,
        failure: &Failure,
    ) {
        if let Some(wrong) = &mut self.desk.lab.wrong_tube
            && wrong.asked == Some(ticket)
        {
            wrong.asked = None;
            return;
        }
        let asked = self.asked_tube.take_if(|(asked, _)| *asked == ticket);
        let Some((_, tube)) = asked else { return };
        if self.route == Route::WrongTube {
            return;
        }
        let why =
            if failure.is_of_the_line() { WhyUnknown::TubeUnasked } else { WhyUnknown::NoTube };
        ctx.memory_mut(|m| m.surrender_focus(crate::screens::receptions::search_id()));
        self.show_card(UnknownCard { code: tube.as_str().to_owned(), why });
    }
}
