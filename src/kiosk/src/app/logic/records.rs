//! Forms, drafts and what is done to single items.

use api::entries::EntryContent;
use clinical::profile::{Act, Item, ProfileEntry};
use clinical::{PatientNumber, SafetyRemark, Staff};
use serde_json::Value;
use uuid::Uuid;

use crate::app::form::{FormKind, Mend, Start};
use crate::app::intent::Choice;
use crate::app::model::Tone;
use crate::app::records::{Task, same_content};
use crate::app::{App, OpenForm, Route};
use crate::local::{DraftKey, RowPatient, RowState};
use crate::screens::{entry, lab_order};

impl App {
    pub(super) fn tell_key(&mut self, tone: Tone, key: &'static str) {
        let words = self.desk.t(key).to_owned();
        self.desk.tell(tone, words, String::new());
    }

    pub(super) fn draft_key(&self, number: &PatientNumber, form: &str) -> Option<DraftKey> {
        let account = self.desk.session.as_ref()?.account_id;
        Some(DraftKey { account, patient: number.canonical(), form: form.to_owned() })
    }

    /// Looks in which of the opened patient's forms something was left: after a crash nobody may remember.
    pub(super) fn follow_drafts(&mut self) {
        let desk = &mut self.desk;
        desk.drafts.clear();
        if let (Route::Patient, Some(session), Some(opened)) =
            (self.route, &desk.session, &desk.opened)
        {
            let canonical = opened.number.canonical();
            let left = self.cache.drafts_of(session.account_id).into_iter();
            let own = left.filter(|key| key.patient == canonical);
            desk.drafts.extend(own.map(|key| key.form));
        }
    }

    /// Opens a form for the opened patient.
    pub(super) fn open_form(&mut self, ctx: &egui::Context, kind: FormKind, item: Option<Uuid>) {
        let correct = match item {
            None => None,
            // Gone meanwhile: there is nothing to correct any more.
            Some(id) => match self.item(id) {
                Some(item) => Some(item),
                None => return self.tell_key(Tone::Waiting, "record.gone"),
            },
        };
        self.begin_form(ctx, kind, correct, None);
    }

    fn begin_form(
        &mut self,
        ctx: &egui::Context,
        kind: FormKind,
        correct: Option<Item>,
        mend: Option<Mend>,
    ) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        // A form that stands behind another screen is left for this one.
        self.leave_form();
        let Some(opened) = &self.desk.opened else { return };
        let number = opened.number.clone();
        let mut start = Start { kind, number: number.clone(), correct, mend, draft: None };
        let name = start.form();
        start.draft = self.draft_key(&number, &name).and_then(|key| self.cache.draft(&key));
        self.screens.entry = entry::EntryForm::open(&self.desk, opened, start);
        self.form = Some(OpenForm { number, name });
        // What was said of the entry before would take the new one's room.
        self.desk.notices.retain(|notice| notice.tone != Tone::Done);
        self.go(ctx, Route::Entry);
    }

    /// The opened patient's item, with the outbox laid over: of those on the page, or of the history.
    fn item(&self, id: Uuid) -> Option<Item> {
        let opened = self.desk.opened.as_ref()?;
        let outbox = &self.desk.outbox;
        opened.profile(outbox).iter().find(|item| item.id == id).cloned().or_else(|| {
            let past = self.desk.history.as_ref().filter(|page| opened.is(&page.number));
            past.and_then(|page| page.item(id, outbox)).filter(|item| !item.is_gone())
        })
    }

    /// An item of a patient who need not be the opened one.
    fn item_of(&self, number: &PatientNumber, id: Uuid) -> Option<Item> {
        let opened = self.desk.opened.as_ref().filter(|opened| opened.is(number));
        opened.and_then(|_| self.item(id)).or_else(|| {
            let waits = &self.desk.confirmations.rows;
            let own = |number: &PatientNumber, other: &PatientNumber| {
                number.canonical() == other.canonical()
            };
            waits.iter().find(|w| w.item.id == id && own(&w.number, number)).map(|w| w.item.clone())
        })
    }

    /// Confirms what a form holds.
    pub(super) fn save(
        &mut self,
        ctx: &egui::Context,
        entries: Vec<EntryContent>,
        form: String,
        replaces: Option<Uuid>,
    ) {
        let Some(open) = self.form.as_ref().filter(|open| open.name == form) else { return };
        let (number, key) = (open.number.clone(), open.key());
        if self.desk.is_saving(&number, &form) {
            return;
        }
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        // A form belongs to one patient, and that one is on the screen.
        let own = |content: &EntryContent| match content {
            EntryContent::Profile { entry } => entry.patient.canonical() == number.canonical(),
            _ => false,
        };
        let here = self.desk.opened.as_ref().is_some_and(|opened| opened.is(&number));
        if !here || !entries.iter().all(own) {
            return self.tell_key(Tone::Danger, "save.other_patient");
        }
        let rest = self.without_kept(&key, entries);
        let draft = self.draft_key(&number, &form);
        if rest.is_empty() {
            // What could not be kept was taken out of the form.
            self.drop_draft(&form);
            self.form = None;
            self.screens.entry.clear();
            self.leave(ctx);
            return;
        }
        let patient = self.row_patient(&number);
        self.confirm(Task::Form { form }, patient, rest, draft.as_ref(), replaces);
    }

    /// Whom a row of the outbox is about, as far as known.
    pub(super) fn row_patient(&self, number: &PatientNumber) -> RowPatient {
        let opened = self.desk.opened.as_ref().filter(|opened| opened.is(number));
        let name = opened.and_then(|opened| opened.name()).cloned();
        let waits = || {
            let rows = self.desk.confirmations.rows.iter();
            let mut own = rows.filter(|w| w.number.canonical() == number.canonical());
            own.next().map(|w| w.name.clone())
        };
        RowPatient { number: Some(number.clone()), name: name.or_else(waits).unwrap_or_default() }
    }

    pub(super) fn keep_draft(&mut self, form: &str, content: Value) {
        let Some(open) = self.form.as_ref().filter(|open| open.name == form) else { return };
        if let Some(key) = self.draft_key(&open.number, form) {
            self.cache.keep_draft(key, content);
        }
    }

    pub(super) fn drop_draft(&mut self, form: &str) {
        let Some(open) = self.form.as_ref().filter(|open| open.name == form) else { return };
        self.partly.remove(&open.key());
        if let Some(key) = self.draft_key(&open.number, form) {
            self.cache.drop_draft(&key);
        }
    }

    /// The form is left in whatever way: what stands in it is kept.
    pub(super) fn leave_form(&mut self) {
        if let Some((form, content)) = self.screens.entry.take_draft() {
            self.keep_draft(&form, content);
        }
        if let Some(content) = self.screens.lab_order.take_draft() {
            self.keep_draft(lab_order::FORM, content);
        }
        self.screens.entry.clear();
        self.screens.lab_order.clear();
        self.form = None;
    }

    /// Not all of a form is safe: its draft went with the last part of it and is kept anew.
    pub(super) fn form_stays(&mut self, form: &str) {
        let same = |(name, _): &(String, Value)| name == form;
        if let Some((form, content)) = self.screens.entry.not_saved().filter(same) {
            self.keep_draft(&form, content);
        }
    }

    /// Records what the receipt computer remarks.
    pub(super) fn take_over(&mut self, remark: &SafetyRemark) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        let Some(opened) = &self.desk.opened else { return };
        let number = opened.number.clone();
        match entry::take_over(&self.desk, opened, remark) {
            // The disk has not answered for the last press.
            Ok(Some(content)) if self.is_being_saved(&content) => {}
            Ok(Some(content)) => {
                let patient = self.row_patient(&number);
                self.confirm(Task::TakeOver, patient, vec![content], None, None);
            }
            Ok(None) => {}
            Err(entry::NoProxy) => self.tell_key(Tone::Waiting, "record.no_proxy"),
        }
    }

    /// Whether this very content is being written to the disk, under whatever name of a new item.
    pub(super) fn is_being_saved(&self, content: &EntryContent) -> bool {
        let mut open = self.desk.saving.iter().flat_map(|saving| &saving.open);
        open.any(|(_, other)| same_content(content, other))
    }

    /// A practitioner confirms.
    pub(super) fn confirm_item(&mut self, number: &PatientNumber, item: Uuid, base: Uuid) {
        if !self.desk.may_confirm() {
            return self.tell_key(Tone::Danger, "confirmations.not_you");
        }
        let entry = deed(number, item, base, Act::Confirm);
        self.confirm_entry(Task::Confirmation, number, entry);
    }

    pub(super) fn withdraw_item(
        &mut self,
        number: &PatientNumber,
        item: Uuid,
        base: Uuid,
        reason: String,
    ) {
        let Some(known) = self.item_of(number, item) else {
            return self.tell_key(Tone::Waiting, "record.gone");
        };
        match self.proxy(number, &known) {
            Ok(on_behalf_of) => {
                let entry = ProfileEntry {
                    on_behalf_of,
                    reason,
                    ..deed(number, item, base, Act::Withdraw)
                };
                self.confirm_entry(Task::Withdrawal, number, entry);
            }
            Err(entry::NoProxy) => self.tell_key(Tone::Waiting, "record.no_proxy"),
        }
    }

    /// In whose name an item is changed.
    fn proxy(&self, number: &PatientNumber, item: &Item) -> Result<Option<Staff>, entry::NoProxy> {
        match self.desk.opened.as_ref().filter(|opened| opened.is(number)) {
            Some(opened) => entry::proxy_for(&self.desk, opened, item.kind()),
            None => Err(entry::NoProxy),
        }
    }

    /// Decides between two versions of an item.
    pub(super) fn settle(&mut self, number: &PatientNumber, item: Uuid, choice: Choice) {
        let Some(known) = self.item_of(number, item) else {
            return self.tell_key(Tone::Waiting, "record.gone");
        };
        let (Choice::Standing { rival } | Choice::Rival { rival }) = choice;
        let Some(version) = known.rivals.iter().find(|version| version.id == rival) else {
            return self.tell_key(Tone::Waiting, "record.gone");
        };
        let role = self.desk.session.as_ref().map(|session| session.role);
        let (act, on_behalf_of) = match choice {
            Choice::Standing { .. } => {
                if !role.is_some_and(|role| known.may_put_away(role, version)) {
                    return self.tell_key(Tone::Waiting, "settle.not_you");
                }
                (Act::Keep, None)
            }
            Choice::Rival { .. } => match self.proxy(number, &known) {
                Ok(proxy) => (version.entry.act.clone(), proxy),
                Err(entry::NoProxy) => return self.tell_key(Tone::Waiting, "record.no_proxy"),
            },
        };
        let entry = ProfileEntry {
            on_behalf_of,
            reason: version.entry.reason.clone(),
            settles: Some(rival),
            ..deed(number, item, known.head, act)
        };
        self.confirm_entry(Task::Decision, number, entry);
    }

    fn confirm_entry(&mut self, task: Task, number: &PatientNumber, entry: ProfileEntry) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        // The disk has not answered for the last press on the same item.
        let same = |content: &EntryContent| match content {
            EntryContent::Profile { entry: other } => {
                other.item == entry.item && other.patient.canonical() == entry.patient.canonical()
            }
            _ => false,
        };
        if self.desk.saving.iter().flat_map(|s| &s.open).any(|(_, content)| same(content)) {
            return;
        }
        let patient = self.row_patient(number);
        self.confirm(task, patient, vec![EntryContent::Profile { entry }], None, None);
    }

    /// Takes an unsent entry back.
    pub(super) fn withdraw_row(&mut self, id: Uuid) {
        let key = if self.cache.withdraw_row(id) { "outbox.withdrawn" } else { "outbox.too_late" };
        self.tell_key(Tone::Done, key);
        self.follow_outbox();
    }

    /// Opens the form of a refused entry with what it holds.
    pub(super) fn mend_row(&mut self, ctx: &egui::Context, id: Uuid) {
        let Some(row) = self.desk.outbox.row(id).cloned() else { return };
        let EntryContent::Profile { entry } = &row.entry.content else { return };
        let Act::Record { value, .. } = &entry.act else { return };
        if !matches!(row.state, RowState::Refused { .. }) {
            return;
        }
        let kind = FormKind::of(value.kind());
        self.look(&entry.patient);
        let mend = Mend { row: id, entry: entry.clone() };
        self.begin_form(ctx, kind, None, Some(mend));
    }
}

fn deed(number: &PatientNumber, item: Uuid, base: Uuid, act: Act) -> ProfileEntry {
    ProfileEntry {
        patient: number.clone(),
        item,
        base: Some(base),
        act,
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}
