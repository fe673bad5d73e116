//! From a person's word to the disk: confirming, the disk's answer, and the outbox as it stands.

use std::collections::BTreeMap;

use api::entries::{Entry, EntryContent};
use uuid::Uuid;

use crate::app::day::Change;
use crate::app::model::Tone;
use crate::app::records::{Lost, Saving, Task, same_content};
use crate::app::{App, Desk, Route};
use crate::local::{Confirm, DraftKey, Kept, RowPatient, RowState};
use crate::screens::sign_in::detail_words;

impl App {
    /// Gives what a person has confirmed to the store, which answers through [`App::take_kept`].
    pub(super) fn confirm(
        &mut self,
        what: Task,
        patient: RowPatient,
        contents: Vec<EntryContent>,
        draft: Option<&DraftKey>,
        replaces: Option<Uuid>,
    ) {
        let Some(session) = &self.desk.session else { return };
        let author = session.account_id;
        let entered_at = self.desk.moment;
        let last = contents.len().saturating_sub(1);
        let mut open = Vec::new();
        for (i, content) in contents.into_iter().enumerate() {
            let entry = Entry { id: Uuid::now_v7(), entered_at, content: content.clone() };
            open.push((entry.id, content));
            // The last one takes draft and mended row along: before that, not all of it is safe.
            let ends = i == last;
            self.cache.confirm(Confirm {
                author,
                entry,
                patient: patient.clone(),
                draft: draft.cloned().filter(|_| ends),
                replaces: replaces.filter(|_| ends),
            });
        }
        if !open.is_empty() {
            self.desk.saving.push(Saving { what, patient, open, kept: Vec::new(), lost: None });
            self.lay_outbox_over();
        }
    }

    /// Takes what the disk says of what was confirmed.
    pub(super) fn take_kept(&mut self, ctx: &egui::Context) {
        for kept in self.cache.kept() {
            let id = kept.id();
            let saving = &mut self.desk.saving;
            let Some(i) = saving.iter().position(|s| s.open.iter().any(|(own, _)| *own == id))
            else {
                continue;
            };
            let one = &mut saving[i];
            let mine = one.open.iter().position(|(own, _)| *own == id);
            let Some((_, content)) = mine.map(|at| one.open.remove(at)) else { continue };
            match kept {
                Kept::Saved { .. } => one.kept.push(content),
                Kept::NotSaved { why, detail, .. } => {
                    let lost = one.lost.get_or_insert(Lost { contents: Vec::new(), why, detail });
                    lost.contents.push(content);
                }
            }
            if one.open.is_empty() {
                let done = saving.remove(i);
                self.kept(ctx, &done);
            }
        }
    }

    /// The disk has answered for all of it.
    fn kept(&mut self, ctx: &egui::Context, done: &Saving) {
        // A quick cloud may have it already, and the window has never seen it in the outbox.
        for content in &done.kept {
            self.take_in(content);
        }
        if let Some(lost) = &done.lost {
            let text = not_kept_words(&self.desk, done, lost);
            let detail = detail_words(&self.desk, &lost.detail);
            self.desk.tell(Tone::Danger, text, detail);
            if let (Task::Form { form }, Some(number)) = (&done.what, &done.patient.number) {
                // Pressing again saves the rest and not once more what is safe.
                let key = (number.canonical(), form.clone());
                self.partly.entry(key).or_default().extend(done.kept.iter().cloned());
                if self.shows_form_of(done) {
                    self.form_stays(form);
                }
            }
            self.lay_outbox_over();
            return;
        }
        match &done.what {
            Task::Form { form } => {
                if let Some(number) = &done.patient.number {
                    self.partly.remove(&(number.canonical(), form.clone()));
                }
                if self.route == Route::Entry && self.shows_form_of(done) {
                    self.form = None;
                    self.screens.entry.clear();
                    self.leave(ctx);
                }
                self.say_kept();
            }
            Task::TakeOver
            | Task::Withdrawal
            | Task::Decision
            | Task::LabCancel
            | Task::LabConfirmation
            | Task::LabSet
            | Task::LabTray => self.say_kept(),
            Task::LabOrder { order, print } => {
                self.order_kept(ctx, &done.patient, *order, *print);
            }
            Task::LabSend { tubes } => self.send_kept(*tubes),
            Task::Print { job } => self.prints.acknowledge(*job),
            Task::Confirmation => {
                let name = done.patient.name.kanji.clone();
                let words = self.desk.fill("confirmations.kept", &[("name", &name)]);
                self.screens.confirmations.kept(words);
            }
            // The screen itself shows what became of it.
            Task::State { .. } | Task::Lab => {}
        }
        self.lay_outbox_over();
    }

    /// Whether the form that was saved is still the one on the screen: somebody may have opened the same form of
    /// another patient before the disk answered.
    fn shows_form_of(&self, done: &Saving) -> bool {
        self.form.as_ref().is_some_and(|open| done.is_of(&open.number, &open.name))
    }

    fn say_kept(&mut self) {
        if self.desk.session.is_none() {
            return;
        }
        let key = if self.desk.is_cut() { "save.kept_cut" } else { "save.kept" };
        let words = self.desk.t(key).to_owned();
        self.desk.tell(Tone::Done, words, String::new());
    }

    /// What of a form is not kept yet.
    pub(super) fn without_kept(
        &self,
        form: &(String, String),
        entries: Vec<EntryContent>,
    ) -> Vec<EntryContent> {
        let mut kept = self.partly.get(form).cloned().unwrap_or_default();
        let mut rest = Vec::new();
        for content in entries {
            match kept.iter().position(|own| same_content(own, &content)) {
                Some(i) => {
                    kept.remove(i);
                }
                None => rest.push(content),
            }
        }
        rest
    }

    /// Looks whether the outbox has changed since the last frame.
    pub(super) fn follow_outbox(&mut self) {
        let now = self.cache.outbox();
        if now.version == self.desk.outbox.version {
            return;
        }
        let before = std::mem::replace(&mut self.desk.outbox, now);
        let left: Vec<_> = before
            .rows
            .iter()
            .filter(|row| self.desk.outbox.row(row.id).is_none())
            .cloned()
            .collect();
        for row in left {
            match &row.entry.content {
                EntryContent::Lab { entry } => {
                    self.take_in_order(entry, row.lab_version().as_ref());
                }
                content => self.take_in(content),
            }
        }
        self.lay_outbox_over();
    }

    /// A row has left the outbox. What the cloud made of it is in the terminal's store already: it is shown from
    /// there in the same frame, so that no red band goes out while the receipt is on its way to the window.
    fn take_in(&mut self, content: &EntryContent) {
        if self.desk.session.is_none() {
            return;
        }
        match content {
            EntryContent::Profile { entry } => {
                let Some(opened) = &mut self.desk.opened else { return };
                if !opened.is(&entry.patient) {
                    return;
                }
                let known = self.cache.known_patient(&entry.patient);
                let items = known.map(|known| known.view.profile).unwrap_or_default();
                if let Some(item) = items.iter().find(|item| item.id == entry.item) {
                    opened.put(item);
                }
            }
            EntryContent::ReceptionState { change } => {
                let list = self.cache.last_list(change.key.date).map(|(list, _)| list);
                let own = list.and_then(|list| {
                    list.receptions.into_iter().find(|reception| reception.key == change.key)
                });
                if let Some(reception) = own {
                    self.desk.day.put(reception);
                }
            }
            EntryContent::Lab { entry } => self.take_in_order(entry, None),
            // The cloud tells of these by an event.
            EntryContent::LabSet { .. }
            | EntryContent::LabTray { .. }
            | EntryContent::Printed { .. } => {}
        }
    }

    /// Brings what the screens show up to date with the outbox and with what is being saved.
    pub(super) fn lay_outbox_over(&mut self) {
        let desk = &mut self.desk;
        let mut changes = BTreeMap::new();
        for row in &desk.outbox.rows {
            if let EntryContent::ReceptionState { change } = &row.entry.content
                && matches!(row.state, RowState::Waiting | RowState::NeedsSignIn)
            {
                let on_way = Change { id: row.id, to: change.state, kept: true };
                changes.insert(change.key.clone(), on_way);
            }
        }
        for saving in &desk.saving {
            if let (Task::State { key, to }, Some((id, _))) = (&saving.what, saving.open.first()) {
                changes.insert(key.clone(), Change { id: *id, to: *to, kept: false });
            }
        }
        desk.day.set_changes(changes);
        self.lay_over_confirmations();
        self.lay_over_lab();
    }
}

/// What could not be kept, why, and what to do.
fn not_kept_words(desk: &Desk, done: &Saving, lost: &Lost) -> String {
    let why = desk.not_kept_words(lost.why);
    // Nobody's data stands on the screen after signing out.
    if desk.session.is_none() {
        return format!("{}{why}", desk.t("not_kept.after_sign_out"));
    }
    let what: Vec<String> =
        lost.contents.iter().map(|c| crate::widgets::entry_words::what(desk, c)).collect();
    let name = &done.patient.name.kanji;
    let key = if done.kept.is_empty() { "not_kept.none" } else { "not_kept.part" };
    let said = desk.fill(key, &[("name", name), ("what", &what.join("、"))]);
    format!("{said}{why}")
}
