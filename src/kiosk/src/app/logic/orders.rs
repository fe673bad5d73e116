//! Ordering tests, taking orders back, and the sets of tests that are ordered together.

use api::entries::EntryContent;
use clinical::PatientNumber;
use clinical::lab::{
    LabAct, LabEntry, LabItem, LabOrder, LabRequest, LabRequestError, LabSet, LabSetAct,
    LabSetEntry, OrderedItem, Tube, plan_tubes,
};
use paper::Paper;
use uuid::Uuid;

use crate::app::lab::LabDraft;
use crate::app::model::Tone;
use crate::app::records::Task;
use crate::app::{App, OpenForm, Route};
use crate::local::{NoNumbers, RowPatient};
use crate::screens::lab_order::{FORM, LabOrderForm};

/// So long a warning stands before the same key can be the answer to it.
const TO_READ: jiff::SignedDuration = jiff::SignedDuration::from_secs(2);

impl App {
    /// Opens the order form of the opened patient.
    pub(super) fn open_lab_order(&mut self, ctx: &egui::Context) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        // A form that stands behind another screen is left for this one.
        self.leave_form();
        let Some(opened) = &self.desk.opened else { return };
        let number = opened.number.clone();
        let draft = self.draft_key(&number, FORM).and_then(|key| self.cache.draft(&key));
        self.screens.lab_order = LabOrderForm::open(&self.desk, opened, draft);
        self.form = Some(OpenForm { number, name: FORM.to_owned() });
        self.desk.notices.retain(|notice| notice.tone != Tone::Done);
        self.go(ctx, Route::LabOrder);
    }

    /// Confirms what the order form holds.
    pub(super) fn order_lab(&mut self, draft: &LabDraft) {
        let Some(open) = self.form.as_ref().filter(|open| open.name == FORM) else { return };
        let number = open.number.clone();
        if self.desk.is_saving(&number, FORM) {
            return;
        }
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        if !self.desk.opened.as_ref().is_some_and(|opened| opened.is(&number)) {
            return self.tell_key(Tone::Danger, "save.other_patient");
        }
        if self.another_card(&number) {
            return;
        }
        if draft.on_behalf_of.is_none() && !self.desk.may_confirm() {
            return self.tell_key(Tone::Waiting, "record.no_proxy");
        }
        let print = draft.print;
        let request = match self.request(draft) {
            Ok(request) => request,
            Err(words) => return self.desk.tell(Tone::Waiting, words, String::new()),
        };
        let order = Uuid::now_v7();
        let act = LabAct::Order { request };
        let entry = LabEntry { patient: number.clone(), order, act };
        let patient = self.row_patient(&number);
        let key = self.draft_key(&number, FORM);
        let task = Task::LabOrder { order, print };
        self.confirm(task, patient, vec![EntryContent::Lab { entry }], key.as_ref(), None);
    }

    /// The request that a form asks for, with tubes and their numbers; or why there is none, in words.
    fn request(&self, draft: &LabDraft) -> Result<LabRequest, String> {
        let desk = &self.desk;
        let today = desk.today();
        let mut items: Vec<LabItem> = Vec::new();
        for key in &draft.keys {
            let item = codes::labs::by_key(key);
            let Some(item) = item.filter(|item| item.container.is_some()) else {
                let name = item.map_or(key.as_str(), |item| item.name.as_str());
                return Err(desk.fill("lab.no_tube", &[("name", name)]));
            };
            items.push(item.clone());
        }
        let number = || {
            let numbers = self.cache.next_specimens(today, 1)?;
            numbers.into_iter().next().ok_or(NoNumbers::Exhausted)
        };
        // Numbers are taken for what will be ordered: everything else is looked at first.
        let unnumbered = self.planned(draft, &items);
        unnumbered.map_err(|e| self.request_words(e))?;
        let (items, tubes) = plan_tubes(&items, number).map_err(|e| {
            let key = match e {
                NoNumbers::NoStation => "lab.no_station",
                NoNumbers::Exhausted => "lab.no_numbers",
            };
            desk.t(key).to_owned()
        })?;
        let request = filled(draft, items, tubes);
        request.check(today).map_err(|e| self.request_words(e))?;
        Ok(request)
    }

    /// What can be said against a request before its tubes are numbered.
    fn planned(&self, draft: &LabDraft, items: &[LabItem]) -> Result<(), LabRequestError> {
        let today = self.desk.today();
        let mut serial = 0;
        let number = || {
            serial += 1;
            clinical::lab::SpecimenNumber::new(today, 0, serial)
        };
        let (items, tubes) = plan_tubes(items, number).map_err(|_| LabRequestError::TooMany)?;
        filled(draft, items, tubes).check(today)
    }

    fn request_words(&self, error: LabRequestError) -> String {
        self.desk
            .t(match error {
                LabRequestError::Empty => "lab.empty",
                LabRequestError::TooMany => "lab.too_many",
                LabRequestError::Twice => "lab.twice",
                LabRequestError::BadDay => "lab.bad_day",
                LabRequestError::BadText => "lab.bad_text",
                LabRequestError::NoTube | LabRequestError::BadTube => "lab.bad_tube",
            })
            .to_owned()
    }

    /// Whether the card that was scanned last is another patient's. Said once; who goes on all the same has made sure by
    /// name and birth date.
    fn another_card(&mut self, number: &PatientNumber) -> bool {
        let other = self.last_card.as_ref().filter(|last| last.canonical() != number.canonical());
        let Some(other) = other.cloned() else { return false };
        if let Some((known, whom, at)) = &self.warned_card
            && (known, whom) == (&other, number)
        {
            // The second stroke of a double press is no answer to what nobody can have read yet.
            if self.desk.moment.duration_since(*at) < TO_READ {
                return true;
            }
            self.identify_spoken();
            return false;
        }
        let name = self.desk.opened.as_ref().and_then(|opened| opened.name());
        let name = name.map(|name| name.kanji.clone()).unwrap_or_default();
        let words = [("other", other.as_str()), ("name", name.as_str())];
        let text = self.desk.fill("lab.another_card", &words);
        self.desk.tell(Tone::Danger, text, String::new());
        self.warned_card = Some((other, number.clone(), self.desk.moment));
        true
    }

    /// An order is on the disk.
    pub(super) fn order_kept(
        &mut self,
        ctx: &egui::Context,
        patient: &RowPatient,
        order: Uuid,
        print: bool,
    ) {
        let Some(number) = &patient.number else { return };
        let own =
            |open: &OpenForm| open.name == FORM && open.number.canonical() == number.canonical();
        if self.route == Route::LabOrder && self.form.as_ref().is_some_and(own) {
            self.form = None;
            self.screens.lab_order.clear();
            self.leave(ctx);
        }
        // What the outbox says has not been laid over yet.
        self.follow_outbox();
        self.lay_over_lab();
        let (mut key, mut tone) = ("lab.ordered", Tone::Done);
        if print {
            let tubes = self.lab_order(number, order);
            let tubes: Option<Vec<_>> =
                tubes.map(|o| o.tubes.iter().map(|t| t.number.clone()).collect());
            match self.print_labels(number, order, &tubes.unwrap_or_default(), "") {
                Ok(()) => key = "lab.ordered_printing",
                Err(why) => (key, tone) = (why.after_order(), Tone::Waiting),
            }
        }
        if self.desk.session.is_some() {
            self.tell_key(tone, key);
            if key == "lab.ordered_printing" {
                self.say_printer(Paper::Label);
            }
        }
    }

    /// An order as it stands here, with the outbox laid over.
    pub(super) fn lab_order(&self, number: &PatientNumber, order: Uuid) -> Option<LabOrder> {
        let desk = &self.desk;
        let here = desk.opened.as_ref().is_some_and(|opened| opened.is(number));
        let of_patient = here.then(|| desk.patient_lab());
        let found = of_patient
            .and_then(|lab| lab.orders.iter().find(|own| own.id == order).cloned())
            .or_else(|| {
                let opened = desk.opened.as_ref().filter(|_| here)?;
                let lab = opened.lab(&desk.outbox);
                lab.orders.iter().find(|own| own.id == order).cloned()
            });
        found
            .or_else(|| {
                let mut rows = desk.lab.day.rows.iter();
                rows.find(|row| row.order.id == order).map(|row| row.order.clone())
            })
            .or_else(|| {
                let waiting = desk.lab.inbox.shown.waiting.iter().find(|w| w.order.id == order);
                waiting.map(|waiting| waiting.order.clone())
            })
            .filter(|own| own.patient.canonical() == number.canonical())
    }

    /// Confirms an act on an order that is known here, unless the disk has not answered for the same one.
    pub(super) fn lab_act(
        &mut self,
        task: Task,
        number: &PatientNumber,
        order: Uuid,
        act: LabAct,
    ) -> bool {
        if !self.desk.may_record() {
            self.tell_key(Tone::Danger, "failure.forbidden");
            return false;
        }
        let Some(known) = self.lab_order(number, order) else {
            self.tell_key(Tone::Waiting, "lab.gone");
            return false;
        };
        let entry = LabEntry { patient: known.patient.clone(), order, act };
        let content = EntryContent::Lab { entry };
        if self.is_being_saved(&content) {
            return false;
        }
        let patient = self.lab_row_patient(number);
        self.confirm(task, patient, vec![content], None, None);
        true
    }

    /// Whom an entry about an order is about, as far as known.
    pub(super) fn lab_row_patient(&self, number: &PatientNumber) -> RowPatient {
        let mut patient = self.row_patient(number);
        if patient.name.kanji.is_empty() && patient.name.kana.is_empty() {
            let own = |other: &PatientNumber| other.canonical() == number.canonical();
            let lab = &self.desk.lab;
            let of_day = lab.day.rows.iter().find(|row| own(&row.order.patient));
            let of_day = of_day.map(|row| row.name.clone());
            let waiting = || {
                let waiting = lab.inbox.shown.waiting.iter().find(|w| own(&w.number));
                waiting.map(|waiting| waiting.name.clone())
            };
            let known = || self.cache.known_patient(number).map(|k| k.view.patient.name);
            patient.name = of_day.or_else(waiting).or_else(known).unwrap_or_default();
        }
        patient
    }

    pub(super) fn cancel_order(&mut self, number: &PatientNumber, order: Uuid, reason: String) {
        let Some(known) = self.lab_order(number, order) else {
            return self.tell_key(Tone::Waiting, "lab.gone");
        };
        if known.may_cancel().is_err() {
            return self.tell_key(Tone::Waiting, "lab.too_late_to_cancel");
        }
        if known.cancelled.is_none() {
            self.lab_act(Task::LabCancel, number, order, LabAct::Cancel { reason });
        }
    }

    /// Keeps a set. A practitioner's own is the practitioner's alone to change.
    pub(super) fn keep_set(&mut self, set: LabSet) {
        let entry = LabSetEntry { set: set.id, act: LabSetAct::Keep { set } };
        self.confirm_set(entry);
    }

    pub(super) fn remove_set(&mut self, set: Uuid) {
        self.confirm_set(LabSetEntry { set, act: LabSetAct::Remove });
    }

    fn confirm_set(&mut self, entry: LabSetEntry) {
        let Some(session) = &self.desk.session else { return };
        let account = session.account_id;
        let known = self.desk.lab.told_sets.iter().find(|set| set.id == entry.set);
        let owners = known.map(|set| set.owner).into_iter().chain(match &entry.act {
            LabSetAct::Keep { set } => Some(set.owner),
            LabSetAct::Remove => None,
        });
        let practitioner = self.desk.may_confirm();
        let own = |owner: Option<Uuid>| owner.is_none_or(|owner| owner == account && practitioner);
        if !self.desk.may_record() || !owners.into_iter().all(own) {
            return self.tell_key(Tone::Danger, "lab.set_not_yours");
        }
        let content = EntryContent::LabSet { entry };
        if !self.is_being_saved(&content) {
            self.confirm(Task::LabSet, RowPatient::default(), vec![content], None, None);
        }
    }
}

fn filled(draft: &LabDraft, items: Vec<OrderedItem>, tubes: Vec<Tube>) -> LabRequest {
    LabRequest {
        on_behalf_of: draft.on_behalf_of.clone(),
        collect_on: draft.collect_on,
        urgent: draft.urgent,
        fasting: draft.fasting,
        comment: draft.comment.trim().to_owned(),
        set_name: draft.set_name.clone(),
        items,
        tubes,
    }
}
