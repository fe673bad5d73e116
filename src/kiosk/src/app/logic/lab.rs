//! What the cloud tells of lab orders and results, and keeping what the screens show of them up to date.

use api::lab::{LabDay, LabInbox, LabSets, PatientLab};
use clinical::PatientNumber;
use clinical::lab::{LabEntry, LabOrder, LabVersion};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::lab::{LabDesk, PatientLabPage, Person, sets};
use crate::app::{App, Route};
use crate::client::{Failure, Request, Ticket, Update};
use crate::local::{OutboxRow, mark_seen, merge_day, merge_order};

impl App {
    /// Takes what the cloud tells about orders and results.
    pub(super) fn lab_update(&mut self, ctx: &egui::Context, update: Update) {
        if self.desk.session.is_none() {
            return;
        }
        match update {
            Update::LabDay(day) => self.lab_day_came(*day),
            Update::LabDayFailed(failure) => {
                let day = &mut self.desk.lab.day;
                day.asked_at = None;
                day.ask_again = false;
                day.failure = Some(failure);
                day.version += 1;
            }
            Update::PatientLab { ticket, number, lab } => {
                self.patient_lab_came(ticket, &number, *lab);
            }
            Update::PatientLabFailed { ticket, failure } => {
                self.patient_lab_failed(ticket, failure);
            }
            Update::LabInbox(inbox) => self.inbox_came(*inbox),
            Update::LabInboxFailed(failure) => {
                let inbox = &mut self.desk.lab.inbox;
                inbox.asked_at = None;
                inbox.ask_again = false;
                inbox.failure = Some(failure);
                inbox.version += 1;
            }
            Update::LabSets(sets) => self.sets_came(sets),
            Update::LabSpecimen { ticket, order } => self.specimen_came(ctx, ticket, &order),
            Update::LabSpecimenFailed { ticket, failure } => {
                self.specimen_failed(ctx, ticket, &failure);
            }
            Update::LabChanged { number, order } => self.lab_changed(&number, order),
            Update::LabTrayChanged => self.ask_inbox(),
            Update::LabSetsChanged => self.send(Request::LabSets),
            _ => {}
        }
    }

    /// Does what a screen wants of orders, tubes, results and papers.
    pub(super) fn lab_wish(&mut self, ctx: &egui::Context, wish: Intent) {
        match wish {
            Intent::OpenLabOrder => self.open_lab_order(ctx),
            Intent::OrderLab(draft) => self.order_lab(&draft),
            Intent::CancelOrder { number, order, reason } => {
                self.cancel_order(&number, order, reason);
            }
            Intent::OpenSamples => self.open_samples(ctx),
            Intent::OpenSpecimens(number) => self.open_specimens(ctx, &number),
            Intent::IdentifySpoken => self.identify_spoken(),
            Intent::Draw { number, order, tube } => self.draw_tube(&number, order, tube),
            Intent::NotDrawn { number, order, tube, reason, note } => {
                self.not_drawn(&number, order, tube, (reason, note));
            }
            Intent::ResetTube { number, order, tube } => self.reset_tube(&number, order, tube),
            Intent::SendTubes => self.send_tubes(),
            Intent::SendOrder { number, order } => self.send_order(&number, order),
            Intent::AcknowledgeWrongTube => self.acknowledge_wrong_tube(ctx),
            Intent::OpenResults(order) => self.open_results(ctx, order),
            Intent::OpenResultsOf { number, order } => {
                self.look(&number);
                self.open_results(ctx, order);
            }
            Intent::ConfirmResults { number, order, results } => {
                self.confirm_results(&number, order, results);
            }
            Intent::OpenInbox => self.open_inbox(ctx),
            Intent::DecideTray(entry) => self.decide_tray(entry),
            Intent::KeepSet(set) => self.keep_set(set),
            Intent::RemoveSet(set) => self.remove_set(set),
            wish => self.paper_wish(ctx, wish),
        }
    }

    /// What of orders and results is to be known at a desk: asked for when somebody comes, when the line is back and
    /// when a list was loaded anew.
    pub(super) fn ask_lab(&mut self) {
        self.ask_lab_day();
        self.ask_inbox();
        self.send(Request::LabSets);
        if self.desk.lab.patient.is_some() {
            self.ask_patient_lab();
        }
    }

    /// Somebody has signed in: what this terminal keeps stands until the answers come.
    pub(super) fn lab_begins(&mut self) {
        self.desk.lab = LabDesk::default();
        if let Some((day, at)) = self.cache.lab_day() {
            let page = &mut self.desk.lab.day;
            page.answer = Some(day);
            page.told_at = Some(at);
            page.kept = true;
        }
        self.desk.lab.told_sets = self.cache.sets().sets;
        self.ask_lab();
    }

    /// One question at a time; what changes while it is on its way is asked for after the answer.
    pub(super) fn ask_lab_day(&mut self) {
        let today = self.desk.today();
        let page = &mut self.desk.lab.day;
        if page.asked_at.is_some() {
            page.ask_again = true;
            return;
        }
        page.asked_at = Some(self.desk.moment);
        self.send(Request::LabDay(today));
    }

    fn lab_day_came(&mut self, mut day: LabDay) {
        let page = &self.desk.lab.day;
        if let Some(known) = page.answer.as_ref().filter(|_| page.ask_again) {
            keep_newer(&mut day, known);
        }
        self.cache.remember_lab_day(day.clone());
        let moment = self.desk.moment;
        let page = &mut self.desk.lab.day;
        page.answer = Some(day);
        page.told_at = Some(moment);
        page.kept = false;
        page.asked_at = None;
        page.failure = None;
        page.version += 1;
        let again = std::mem::take(&mut page.ask_again);
        self.lay_over_lab();
        if again {
            self.ask_lab_day();
        }
    }

    pub(super) fn ask_inbox(&mut self) {
        let inbox = &mut self.desk.lab.inbox;
        if inbox.asked_at.is_some() {
            inbox.ask_again = true;
            return;
        }
        inbox.asked_at = Some(self.desk.moment);
        self.send(Request::LabInbox);
    }

    fn inbox_came(&mut self, answer: LabInbox) {
        let moment = self.desk.moment;
        let inbox = &mut self.desk.lab.inbox;
        inbox.answer = Some(answer);
        inbox.told_at = Some(moment);
        inbox.asked_at = None;
        inbox.failure = None;
        inbox.version += 1;
        let again = std::mem::take(&mut inbox.ask_again);
        self.lay_over_lab();
        self.tell_panic();
        if again {
            self.ask_inbox();
        }
    }

    /// Panic values are said to practitioners and nurses wherever they are, each once in a session; they stand in the
    /// inbox until a practitioner has confirmed them.
    fn tell_panic(&mut self) {
        if !self.desk.may_decide_tray() {
            return;
        }
        let inbox = &self.desk.lab.inbox;
        let mut told = Vec::new();
        let mut said = Vec::new();
        for waiting in &inbox.shown.waiting {
            let panic = waiting.results.iter().filter(|result| {
                result.stands() && result.confirmed.is_none() && result.flag.is_panic()
            });
            let new: Vec<_> = panic.filter(|r| !inbox.told_panic.contains(&r.id)).collect();
            if new.is_empty() {
                continue;
            }
            told.extend(new.iter().map(|result| result.id));
            let values: Vec<String> = new
                .iter()
                .map(|r| format!("{} {} {} {}", r.abbr, r.value.0, r.unit, r.flag.mark()))
                .collect();
            let values = values.join("、");
            let words =
                [("name", waiting.name.kanji.as_str()), ("number", waiting.number.as_str())];
            let words = [words.as_slice(), &[("values", values.as_str())]].concat();
            said.push((waiting.order.id, self.desk.fill("lab.panic", &words)));
        }
        self.desk.lab.inbox.told_panic.extend(told);
        for (order, text) in said {
            self.desk.tell_panic(order, text);
        }
    }

    fn sets_came(&mut self, told: LabSets) {
        self.cache.remember_sets(told.clone());
        self.desk.lab.told_sets = told.sets;
        self.lay_over_lab();
    }

    /// Reads all orders and results of the opened patient.
    pub(super) fn ask_patient_lab(&mut self) {
        let Some(number) = self.desk.opened.as_ref().map(|opened| opened.number.clone()) else {
            return;
        };
        let ticket = self.ticket();
        let before = self.desk.lab.patient.take();
        let before = before.filter(|page| page.number.canonical() == number.canonical());
        let mut page = before.unwrap_or_else(|| PatientLabPage {
            number: number.clone(),
            ticket,
            asked_at: None,
            failure: None,
            told: None,
            lab: None,
            version: 0,
        });
        page.ticket = ticket;
        page.asked_at = Some(self.desk.moment);
        page.failure = None;
        self.desk.lab.patient = Some(page);
        self.send(Request::PatientLab { ticket, number });
    }

    fn patient_lab_came(&mut self, ticket: Ticket, number: &PatientNumber, lab: PatientLab) {
        let page = self.desk.lab.patient.as_mut().filter(|page| page.ticket == ticket);
        let Some(page) = page.filter(|page| page.number.canonical() == number.canonical()) else {
            return;
        };
        page.asked_at = None;
        page.failure = None;
        page.told = Some(lab);
        page.version += 1;
        self.lay_over_lab();
    }

    fn patient_lab_failed(&mut self, ticket: Ticket, failure: Failure) {
        let page = self.desk.lab.patient.as_mut().filter(|page| page.ticket == ticket);
        if let Some(page) = page {
            page.asked_at = None;
            page.failure = Some(failure);
            page.version += 1;
        }
    }

    /// The cloud tells of a change. Should the line be cut before anybody reads it anew, the copy must not pass for all
    /// there is.
    fn lab_changed(&mut self, number: &PatientNumber, order: Uuid) {
        self.copy_outdated(number, Some(order));
        self.patient_changed(number);
        self.ask_lab_day();
        self.ask_inbox();
    }

    /// A new day: yesterday's drawn tubes that were not sent are among the answer.
    pub(super) fn lab_of_new_day(&mut self) {
        self.desk.lab.day.answer = None;
        self.desk.lab.day.kept = false;
        self.lay_over_lab();
        self.ask_lab_day();
    }

    /// Brings what the screens show of orders and results up to date with the outbox.
    pub(super) fn lay_over_lab(&mut self) {
        let Some(account) = self.desk.session.as_ref().map(|session| session.account_id) else {
            return;
        };
        let today = self.desk.today();
        let (cache, receptions) = (&self.cache, &self.desk.day);
        let outbox = &self.desk.outbox;
        let lab = &mut self.desk.lab;
        lab.day.overlay(today, outbox, |number| {
            if let Some(known) = cache.known_patient(number) {
                let patient = known.view.patient;
                let (name, birth_date, sex) = (patient.name, patient.birth_date, patient.sex);
                return Some(Person { name, birth_date, sex });
            }
            let reception = receptions.of_patient(number)?;
            let (birth_date, sex) = (reception.birth_date, reception.sex);
            Some(Person { name: reception.name.clone(), birth_date, sex })
        });
        lab.inbox.overlay(outbox);
        let panics = |order: Uuid| lab.inbox.has_panic(order);
        self.desk.notices.retain(|notice| notice.panic.is_none_or(panics));
        lab.sets = sets(&lab.told_sets, Some(account), outbox);
        if let Some(page) = &mut lab.patient {
            page.overlay(outbox);
        }
    }

    /// An order as the cloud has just told of it, in whatever way, takes its place on the screens. `version` is the
    /// entry that led to it.
    pub(super) fn put_order(&mut self, order: &LabOrder, version: Option<&LabVersion>) {
        let today = self.desk.today();
        let desk = &mut self.desk;
        if let Some(opened) = &mut desk.opened
            && opened.is(&order.patient)
        {
            opened.put_order(order, version);
        }
        let own = |page: &&mut PatientLabPage| page.number.canonical() == order.patient.canonical();
        if let Some(told) = desk.lab.patient.as_mut().filter(own).and_then(|p| p.told.as_mut()) {
            merge_order(told, order, version);
        }
        if let Some(inbox) = &mut desk.lab.inbox.answer
            && let Some(waiting) = inbox.waiting.iter_mut().find(|w| w.order.id == order.id)
            && waiting.order.revision <= order.revision
        {
            waiting.order = order.clone();
            if let Some(version) = version.filter(|v| order.versions.contains(&v.id)) {
                mark_seen(&mut waiting.results, version);
            }
        }
        let line = desk.lab.day.rows.iter().find(|row| row.order.id == order.id).cloned();
        if let Some(mut line) = line {
            line.order = order.clone();
            let date = today;
            let nothing = || LabDay { date, orders: Vec::new() };
            merge_day(desk.lab.day.answer.get_or_insert_with(nothing), order, || line);
        }
    }

    /// An entry about an order has left the outbox: what the cloud made of it is in the terminal's store.
    pub(super) fn take_in_order(&mut self, entry: &LabEntry, version: Option<&LabVersion>) {
        let known = self.cache.known_patient(&entry.patient).map(|known| known.view.lab.orders);
        let find = |orders: Vec<LabOrder>| orders.into_iter().find(|o| o.id == entry.order);
        let of_patient = known.and_then(find);
        let of_day = || {
            let (day, _) = self.cache.lab_day()?;
            find(day.orders.into_iter().map(|row| row.order).collect())
        };
        if let Some(order) = of_patient.or_else(of_day) {
            self.put_order(&order, version);
        }
    }

    /// The receipt of an entry about an order.
    pub(super) fn lab_receipt(&mut self, row: &OutboxRow, order: &LabOrder) {
        // An answer read before the entry arrived may have been kept since the store took the receipt.
        self.cache.merge_order(row, order);
        self.put_order(order, row.lab_version().as_ref());
        self.patient_changed(&order.patient);
        self.lay_over_lab();
        self.ask_lab_day();
        self.ask_inbox();
    }

    pub(super) fn open_inbox(&mut self, ctx: &egui::Context) {
        self.screens.lab_inbox.clear();
        self.ask_inbox();
        self.go(ctx, Route::LabInbox);
    }
}

/// What changed while the answer was on its way, and is here already, must not go out until the next answer: the line may
/// be cut before that.
fn keep_newer(day: &mut LabDay, known: &LabDay) {
    for row in &known.orders {
        match day.orders.iter_mut().find(|own| own.order.id == row.order.id) {
            Some(own) if own.order.revision < row.order.revision => own.clone_from(row),
            None if row.order.collect_on == day.date => day.orders.push(row.clone()),
            _ => {}
        }
    }
}
