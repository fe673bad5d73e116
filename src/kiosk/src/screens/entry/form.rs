//! A form at work: what stands in it, what becomes of it.

use std::collections::{BTreeMap, VecDeque};

use api::entries::EntryContent;
use clinical::profile::{
    Act, Doubt, Item, ProfileEntry, ProfileKind, ProfileValue, Source, needs_confirmation,
};
use clinical::{PatientNumber, Staff};
use egui::Id;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answers::Answers;
use super::fields::{self, PROXY, REASON, Shape, Spec};
use super::proxy::{likely, new_item, practitioners};
use super::read::{Mistake, Reading, Wrong, answers_of, defaults};
use super::reasons::Reasons;
use super::row::last_values;
use super::suggest::{self, Suggestion};
use crate::app::form::{FormKind, Start};
use crate::app::intent::Intent;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::widgets::chooser::Chooser;

/// So many seconds after something was typed the draft is kept.
pub(super) const DRAFT_AFTER: f64 = 0.7;

/// What the entries of the form build on.
#[derive(Debug, Clone)]
struct Target {
    /// The item; `None` begins a new one.
    item: Option<Uuid>,
    base: Option<Uuid>,
    settles: Option<Uuid>,
    source: Source,
}

/// What lies in the terminal's store while the form is not saved.
#[derive(Debug, Serialize, Deserialize)]
struct DraftContent {
    answers: Answers,
    /// What the person saw of the item: a correction taken up again still builds on that.
    base: Option<Uuid>,
}

/// What stands over the form.
pub(super) enum Over {
    /// Why is the item taken back?
    Reasons(Reasons),
    /// Throw away what was typed?
    Drop(Chooser),
}

/// Something to ask about before saving.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// What was to be saved when it was asked.
    answers: Answers,
    /// What is doubtful.
    pub(super) doubts: Vec<(ProfileValue, Doubt)>,
}

/// A form of one patient.
pub(super) struct Work {
    pub(super) kind: FormKind,
    pub(super) number: PatientNumber,
    /// Name of its draft.
    pub(super) name: String,
    /// The item that is corrected, as it stood when the form was opened.
    pub(super) corrected: Option<Item>,
    /// The refused row that is mended.
    pub(super) mends: Option<Uuid>,
    target: Target,
    only: Option<ProfileKind>,
    measured_at: Option<Timestamp>,
    /// What an untouched form holds.
    pub(super) initial: Answers,
    pub(super) answers: Answers,
    /// What the draft holds.
    kept: Answers,
    /// When something was typed that the draft does not hold.
    pub(super) changed_at: Option<f64>,
    /// From when the draft was that the form came back with.
    pub(super) restored: Option<Timestamp>,
    pub(super) mistakes: BTreeMap<&'static str, Wrong>,
    pub(super) question: Option<Question>,
    /// A correction that changes nothing.
    pub(super) unchanged: bool,
    /// Its entries are on their way to the disk.
    sent: bool,
    pub(super) over: Option<Over>,
    /// The chooser was opened in this frame.
    pub(super) fresh: bool,
    /// What is left to do after a withdrawal, one wish a frame.
    pub(super) after: VecDeque<Intent>,
    /// What was measured last, by the name of the field.
    pub(super) last: BTreeMap<&'static str, String>,
    /// The field to go to.
    pub(super) focus: Option<&'static str>,
    /// The field whose text was put there for the person: the caret goes behind it.
    pub(super) caret: Option<&'static str>,
    /// The field in which the person is.
    pub(super) at: Option<&'static str>,
    /// For what was typed in a field, the suggestions, and which of them is in the field.
    pub(super) looked_up: Option<LookedUp>,
}

/// Suggestions for what was typed.
pub(super) struct LookedUp {
    pub(super) field: &'static str,
    pub(super) typed: String,
    pub(super) found: Vec<Suggestion>,
    pub(super) picked: Option<usize>,
}

/// Name of a field among the widgets.
pub(super) fn id_of(field: &str) -> Id {
    Id::unique(("entry", field))
}

/// One kind of item that the form makes.
pub(super) fn kind_of(kind: FormKind) -> ProfileKind {
    match kind {
        FormKind::Measurement => ProfileKind::BloodPressure,
        FormKind::Allergy => ProfileKind::Allergy,
        FormKind::Contraindication => ProfileKind::Contraindication,
        FormKind::Infection => ProfileKind::Infection,
        FormKind::PastHistory => ProfileKind::PastHistory,
        FormKind::Vaccination => ProfileKind::Vaccination,
        FormKind::BloodType => ProfileKind::BloodType,
        FormKind::CareLevel => ProfileKind::CareLevel,
        FormKind::Disability => ProfileKind::Disability,
    }
}

impl Work {
    pub(super) fn new(desk: &Desk, opened: &Opened, start: Start) -> Self {
        let name = start.form();
        let Start { kind, number, correct, mend, draft } = start;
        let items = opened.profile(&desk.outbox);
        // A patient has one blood type: entering it again is correcting it.
        let corrected = correct.or_else(|| {
            let one = (kind == FormKind::BloodType && mend.is_none()).then_some(&items)?;
            one.iter().find(|item| item.id == ProfileEntry::BLOOD_TYPE).cloned()
        });
        let mut target = Target { item: None, base: None, settles: None, source: Source::Clinic };
        let mut value = None;
        if let Some(item) = &corrected {
            target.item = Some(item.id);
            target.base = Some(item.head);
            value = Some(item.content.value.clone());
        }
        if let Some(mend) = &mend {
            target.item = Some(mend.entry.item);
            target.base = mend.entry.base;
            target.settles = mend.entry.settles;
            if let Act::Record { value: content, source } = &mend.entry.act {
                target.source = *source;
                value = Some(content.clone());
            }
        }
        let mut initial = value.as_ref().map_or_else(|| defaults(kind, desk.moment), answers_of);
        if let Some(mend) = &mend {
            initial.set(REASON, mend.entry.reason.clone());
            let proxy = mend.entry.on_behalf_of.as_ref();
            initial.set(PROXY, proxy.map(|staff| staff.account.to_string()).unwrap_or_default());
        }
        if initial.get(PROXY).is_empty()
            && let Some(staff) = likely(desk, opened)
        {
            initial.set(PROXY, staff.account.to_string());
        }
        let mut work = Self {
            kind,
            number,
            name,
            corrected,
            mends: mend.map(|mend| mend.row),
            target,
            only: value.as_ref().map(ProfileValue::kind),
            measured_at: value.as_ref().and_then(|value| match value {
                ProfileValue::Measurement(m) => Some(m.measured_at),
                _ => None,
            }),
            answers: initial.clone(),
            kept: initial.clone(),
            initial,
            changed_at: None,
            restored: None,
            mistakes: BTreeMap::new(),
            question: None,
            unchanged: false,
            sent: false,
            over: None,
            fresh: false,
            after: VecDeque::new(),
            last: last_values(desk, &items).into_iter().collect(),
            focus: None,
            caret: None,
            at: None,
            looked_up: None,
        };
        work.take_up(draft);
        work.focus = work.begin(desk);
        work
    }

    fn take_up(&mut self, draft: Option<crate::local::Draft>) {
        let Some(draft) = draft else { return };
        // What an older program wrote and this one cannot read is left alone until something new is typed.
        let Ok(content) = serde_json::from_value::<DraftContent>(draft.content) else { return };
        if content.answers == self.initial {
            return;
        }
        self.answers = content.answers;
        self.kept = self.answers.clone();
        self.restored = Some(draft.at);
        // A blood type may have been recorded since the draft was begun: then there are two, and a person chooses.
        if self.corrected.is_some() {
            self.target.base = content.base;
        }
    }

    fn begin(&self, desk: &Desk) -> Option<&'static str> {
        fields::first(self.kind)
            .filter(|_| self.corrected.is_none() && self.mends.is_none())
            .or_else(|| self.specs(desk).first().map(|spec| spec.name))
    }

    /// The fields in sight.
    pub(super) fn specs(&self, desk: &Desk) -> Vec<Spec> {
        let mut specs = fields::content(self.kind, self.only);
        let other = self.answers.get("field.infection") == "other";
        specs.retain(|spec| spec.name != "field.infection_name" || other);
        if self.needs_proxy(desk) && practitioners(desk).len() > 1 {
            specs.push(Spec { name: PROXY, shape: Shape::Proxy });
        }
        if self.target.base.is_some() {
            specs.push(Spec { name: REASON, shape: Shape::Text });
        }
        specs
    }

    pub(super) fn spec(&self, desk: &Desk, name: &str) -> Option<Spec> {
        self.specs(desk).into_iter().find(|spec| spec.name == name)
    }

    /// Whether what is saved waits for a practitioner.
    pub(super) fn needs_proxy(&self, desk: &Desk) -> bool {
        let role = desk.session.as_ref().map(|session| session.role);
        role.is_some_and(|role| needs_confirmation(role, kind_of(self.kind)))
    }

    /// The practitioner in whose name is written, once chosen.
    pub(super) fn proxy(&self, desk: &Desk) -> Option<Staff> {
        if !self.needs_proxy(desk) {
            return None;
        }
        let all = practitioners(desk);
        let chosen = self.answers.get(PROXY);
        let found = all.iter().find(|staff| staff.account.to_string() == chosen);
        match (found, all.as_slice()) {
            (Some(staff), _) => Some((*staff).clone()),
            (None, [only]) => Some((*only).clone()),
            _ => None,
        }
    }

    /// The options of a choice, by name and words.
    pub(super) fn options(desk: &Desk, shape: Shape) -> Vec<(String, String)> {
        match shape {
            Shape::Choice(options) => options
                .iter()
                .map(|(name, words)| ((*name).to_owned(), desk.t(words).to_owned()))
                .collect(),
            Shape::Proxy => practitioners(desk)
                .into_iter()
                .map(|staff| (staff.account.to_string(), staff.name.clone()))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether anything was typed that saving or throwing away would end.
    pub(super) fn is_touched(&self) -> bool {
        self.answers != self.initial
    }

    /// Something in the form has changed at this moment of the window's clock.
    pub(super) fn changed(&mut self, field: &'static str, now: f64) {
        self.mistakes.remove(field);
        self.question = None;
        self.unchanged = false;
        self.changed_at.get_or_insert(now);
    }

    /// Chooses the n-th option; the one in force again takes the choice back.
    pub(super) fn choose(&mut self, desk: &Desk, spec: Spec, n: usize, now: f64) {
        let options = Self::options(desk, spec.shape);
        let Some((name, _)) = options.get(n) else { return };
        let again = self.answers.get(spec.name) == name && !matches!(spec.shape, Shape::Proxy);
        self.answers.set(spec.name, if again { String::new() } else { name.clone() });
        self.changed(spec.name, now);
    }

    /// Looks up what was typed in a field.
    pub(super) fn look_up(&mut self, desk: &Desk, field: &'static str) {
        let Some(Spec { shape: Shape::Lookup(table), .. }) = self.spec(desk, field) else { return };
        let typed = self.answers.text(field);
        let found = suggest::find(table, &typed, &self.answers);
        self.looked_up = Some(LookedUp { field, typed, found, picked: None });
    }

    /// Puts a suggestion into the field; `None` puts back what was typed.
    pub(super) fn pick(&mut self, picked: Option<usize>, now: f64) {
        let Some(looked_up) = &mut self.looked_up else { return };
        let field = looked_up.field;
        looked_up.picked = picked;
        self.caret = Some(field);
        match picked.and_then(|i| looked_up.found.get(i)) {
            Some(suggestion) => suggestion.put(&mut self.answers, field),
            None => self.answers.set(field, looked_up.typed.clone()),
        }
        self.changed(field, now);
    }

    fn reading(&self, desk: &Desk) -> Reading<'_> {
        Reading {
            kind: self.kind,
            only: self.only,
            answers: &self.answers,
            today: desk.today(),
            measured_at: self.measured_at,
        }
    }

    /// Saves, if nothing is wrong and nothing has to be asked first.
    pub(super) fn save(&mut self, desk: &Desk, opened: &Opened) -> Option<Intent> {
        if !opened.is(&self.number) || desk.is_saving(&self.number, &self.name) {
            return None;
        }
        let values = match self.reading(desk).values() {
            Ok(values) => values,
            Err(mistakes) => {
                self.wrong(desk, &mistakes);
                return None;
            }
        };
        if self.needs_proxy(desk) && self.proxy(desk).is_none() {
            let wrong = if practitioners(desk).is_empty() {
                Wrong::NoPractitioner
            } else {
                Wrong::NotChosen
            };
            self.wrong(desk, &[Mistake { field: PROXY, wrong }]);
            return None;
        }
        let same = |item: &Item| item.content.value == values[0] && item.rivals.is_empty();
        if self.mends.is_none() && self.corrected.as_ref().is_some_and(same) {
            self.unchanged = true;
            return None;
        }
        let answered = self.question.take().is_some_and(|asked| asked.answers == self.answers);
        let doubts = self.doubts(desk, opened, &values);
        if !answered && !doubts.is_empty() {
            // The hand that puts it right is there already.
            let field = doubts.first().map(|(value, _)| fields::measured(value.kind()));
            self.focus = field.filter(|field| self.spec(desk, field).is_some());
            self.question = Some(Question { answers: self.answers.clone(), doubts });
            return None;
        }
        self.mistakes.clear();
        self.sent = true;
        self.changed_at = None;
        let entries = values.into_iter().map(|value| self.entry(desk, value)).collect();
        Some(Intent::Save { entries, form: self.name.clone(), replaces: self.mends })
    }

    fn entry(&self, desk: &Desk, value: ProfileValue) -> EntryContent {
        let item = self.target.item.unwrap_or_else(|| new_item(&value));
        EntryContent::Profile {
            entry: ProfileEntry {
                patient: self.number.clone(),
                item,
                base: self.target.base,
                act: Act::Record { value, source: self.target.source },
                on_behalf_of: self.proxy(desk),
                reason: self.answers.text(REASON),
                settles: self.target.settles,
            },
        }
    }

    fn doubts(
        &self,
        desk: &Desk,
        opened: &Opened,
        values: &[ProfileValue],
    ) -> Vec<(ProfileValue, Doubt)> {
        let items = opened.profile(&desk.outbox);
        let birth = opened.person().1;
        let own = self.corrected.as_ref().map(|item| item.id);
        let previous = |value: &ProfileValue| {
            let of = |item: &&Item| item.kind() == value.kind() && Some(item.id) != own;
            items.iter().find(of).map(|item| &item.content.value)
        };
        values
            .iter()
            .flat_map(|value| {
                let doubts = value.doubts(birth, desk.today(), previous(value));
                doubts.into_iter().map(|doubt| (value.clone(), doubt))
            })
            .collect()
    }

    fn wrong(&mut self, desk: &Desk, mistakes: &[Mistake]) {
        self.question = None;
        self.mistakes = mistakes.iter().map(|m| (m.field, m.wrong)).collect();
        let first = self.specs(desk).into_iter().find(|s| self.mistakes.contains_key(s.name));
        self.focus = first.map(|spec| spec.name);
    }

    /// The withdrawal of the item, for this reason.
    pub(super) fn withdraw(&mut self, reason: String) -> Option<Intent> {
        let item = self.corrected.as_ref()?;
        // What was typed for a correction goes with the item.
        self.answers = self.initial.clone();
        self.kept = self.initial.clone();
        self.changed_at = None;
        self.after = [Intent::DropDraft { form: self.name.clone() }, Intent::Leave].into();
        Some(Intent::WithdrawItem {
            number: self.number.clone(),
            item: item.id,
            base: item.head,
            reason,
        })
    }

    /// Empties the form; the draft goes.
    pub(super) fn drop_draft(&mut self, desk: &Desk) -> Intent {
        self.answers = self.initial.clone();
        self.kept = self.initial.clone();
        self.changed_at = None;
        self.restored = None;
        self.question = None;
        self.unchanged = false;
        self.looked_up = None;
        self.mistakes.clear();
        self.focus = self.begin(desk);
        Intent::DropDraft { form: self.name.clone() }
    }

    /// What the draft does not hold yet.
    pub(super) fn take_draft(&mut self) -> Option<serde_json::Value> {
        self.changed_at = None;
        if self.sent || self.answers == self.kept {
            return None;
        }
        let content = DraftContent { answers: self.answers.clone(), base: self.target.base };
        self.kept = self.answers.clone();
        serde_json::to_value(content).ok()
    }

    /// The disk has not taken all of the form: it stands as it was, and its draft is to be kept anew.
    pub(super) fn not_saved(&mut self) -> Option<serde_json::Value> {
        if std::mem::take(&mut self.sent) {
            self.kept = Answers::default();
        }
        self.take_draft()
    }

    /// Nothing is on its way to the disk: where something was, it was not taken.
    pub(super) fn came_back(&mut self, now: f64) {
        if std::mem::take(&mut self.sent) {
            self.changed_at = Some(now);
        }
    }

    /// In how many seconds the next draft is due.
    pub(super) fn draft_in(&self, now: f64) -> Option<f32> {
        let at = self.changed_at.filter(|_| !self.sent)?;
        Some((DRAFT_AFTER - (now - at)).max(0.0) as f32)
    }

    /// Whether a draft is due: something was typed a moment ago and is not kept.
    pub(super) fn draft_is_due(&self, now: f64) -> bool {
        !self.sent && self.changed_at.is_some_and(|at| now - at >= DRAFT_AFTER)
    }
}
