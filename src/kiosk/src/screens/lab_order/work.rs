//! A lab order at work: what stands in it and what becomes of it.

use clinical::calendar::parse_date;
use clinical::lab::{LabItem, LabOrder, LabSet, OrderedItem, SpecimenNumber, Tube, plan_tubes};
use clinical::{PatientNumber, Staff};
use egui::Id;
use jiff::Timestamp;
use jiff::civil::Date;
use paper::Paper;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FORM;
use super::naming::Naming;
use crate::app::intent::Intent;
use crate::app::lab::LabDraft;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::local::Draft;
use crate::screens::entry::{likely, practitioners};
use crate::widgets::chooser::Chooser;

/// So many seconds after something was changed the draft is kept.
const DRAFT_AFTER: f64 = 0.7;
/// Most suggestions at once.
pub(super) const MOST: usize = 6;
/// Most items of an order.
const MOST_ITEMS: usize = 100;

/// When the specimens are to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Day {
    /// 今日, whatever day that is when the order is confirmed.
    #[default]
    Today,
    /// 明日.
    Tomorrow,
    /// As typed.
    Typed(String),
}

/// What the form holds; lies in the terminal's store while it is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Content {
    /// Keys of the chosen items, in the order in which they were chosen.
    pub(super) keys: Vec<String>,
    /// Sets that were put in.
    pub(super) sets: Vec<Uuid>,
    /// Items that were chosen one by one.
    pub(super) single: Vec<String>,
    pub(super) urgent: bool,
    pub(super) fasting: bool,
    pub(super) comment: String,
    pub(super) day: Day,
    /// Account of the practitioner in whose name is ordered.
    pub(super) proxy: String,
}

/// Why the order cannot be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Empty,
    TooMany,
    Day,
    DayPast,
    Proxy,
    NoPractitioner,
}

impl Wrong {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Empty => "lab_order.empty",
            Self::TooMany => "lab_order.too_many",
            Self::Day => "lab_order.wrong_day",
            Self::DayPast => "lab_order.wrong_day_past",
            Self::Proxy => "lab_order.choose_proxy",
            Self::NoPractitioner => "entry.no_practitioner",
        }
    }
}

/// What stands over the form.
pub(super) enum Over {
    /// F6: when?
    Day(Chooser),
    /// F7: what about the sets?
    Sets(Chooser),
    /// Whose content is replaced?
    Replace(Chooser),
    /// Which set goes?
    Remove(Chooser),
    /// A name for a new set.
    Naming(Naming),
    /// Throw away what was chosen?
    Drop(Chooser),
}

/// The order form of one patient.
pub(super) struct Work {
    pub(super) number: PatientNumber,
    /// What an untouched form holds.
    initial: Content,
    pub(super) content: Content,
    /// What the draft holds.
    kept: Content,
    changed_at: Option<f64>,
    /// From when the draft was that the form came back with.
    pub(super) restored: Option<Timestamp>,
    pub(super) wrong: Option<Wrong>,
    /// What was to be ordered when it was asked whether to order it a second time.
    pub(super) question: Option<Content>,
    /// It is on its way to the disk.
    sent: bool,
    pub(super) over: Option<Over>,
    /// The chooser was opened in this frame.
    pub(super) fresh: bool,
    /// What is searched.
    pub(super) text: String,
    looked_up: String,
    pub(super) found: Vec<&'static LabItem>,
    pub(super) picked: Option<usize>,
    /// The field to go to.
    pub(super) focus: Option<Id>,
}

impl Work {
    pub(super) fn new(desk: &Desk, opened: &Opened, draft: Option<Draft>) -> Self {
        let proxy = likely(desk, opened).map(|staff| staff.account.to_string());
        let initial = Content { proxy: proxy.unwrap_or_default(), ..Content::default() };
        let mut work = Self {
            number: opened.number.clone(),
            content: initial.clone(),
            kept: initial.clone(),
            initial,
            changed_at: None,
            restored: None,
            wrong: None,
            question: None,
            sent: false,
            over: None,
            fresh: false,
            text: String::new(),
            looked_up: String::new(),
            found: Vec::new(),
            picked: None,
            focus: None,
        };
        work.take_up(draft);
        work
    }

    fn take_up(&mut self, draft: Option<Draft>) {
        let Some(draft) = draft else { return };
        // What an older program wrote and this one cannot read is left alone until something new is chosen.
        let Ok(content) = serde_json::from_value::<Content>(draft.content) else { return };
        if content != self.initial {
            self.content = content;
            self.kept = self.content.clone();
            self.restored = Some(draft.at);
        }
    }

    /// Whether anything was chosen that ordering or throwing away would end.
    pub(super) fn is_touched(&self) -> bool {
        self.content != self.initial
    }

    /// Something has changed at this moment of the window's clock.
    pub(super) fn changed(&mut self, now: f64) {
        self.wrong = None;
        self.question = None;
        self.changed_at.get_or_insert(now);
    }

    /// The chosen items; what the catalogue no longer has, or nothing is drawn for, is left out.
    pub(super) fn items(&self) -> Vec<&'static LabItem> {
        let known = self.content.keys.iter().filter_map(|key| codes::labs::by_key(key));
        known.filter(|item| is_orderable(item)).collect()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.content.keys.iter().any(|own| own == key)
    }

    /// The items with the tubes that they share; the numbers are only of this form.
    pub(super) fn plan(&self, desk: &Desk) -> (Vec<OrderedItem>, Vec<Tube>) {
        let items: Vec<LabItem> = self.items().into_iter().cloned().collect();
        let mut serial = 0;
        let number = || {
            serial += 1;
            SpecimenNumber::new(desk.today(), 0, serial)
        };
        plan_tubes(&items, number).unwrap_or_default()
    }

    /// Puts a set in, or takes it out again.
    pub(super) fn toggle_set(&mut self, sets: &[LabSet], n: usize, now: f64) {
        let Some(set) = sets.get(n) else { return };
        let content = &mut self.content;
        if let Some(at) = content.sets.iter().position(|id| *id == set.id) {
            content.sets.remove(at);
            let still = |key: &String| {
                content.single.contains(key)
                    || sets
                        .iter()
                        .any(|other| content.sets.contains(&other.id) && other.items.contains(key))
            };
            let gone: Vec<&String> = set.items.iter().filter(|key| !still(key)).collect();
            content.keys.retain(|key| !gone.contains(&key));
        } else {
            content.sets.push(set.id);
            for key in &set.items {
                if codes::labs::by_key(key).is_some_and(is_orderable) && !content.keys.contains(key)
                {
                    content.keys.push(key.clone());
                }
            }
        }
        self.changed(now);
    }

    /// Puts one item in, or takes it out again.
    pub(super) fn toggle_item(&mut self, key: &str, now: f64) {
        let content = &mut self.content;
        if let Some(at) = content.keys.iter().position(|own| own == key) {
            content.keys.remove(at);
            content.single.retain(|own| own != key);
        } else {
            content.keys.push(key.to_owned());
            content.single.push(key.to_owned());
        }
        self.changed(now);
    }

    /// Looks up what was typed.
    pub(super) fn look_up(&mut self) {
        let text = self.text.trim();
        if text != self.looked_up {
            text.clone_into(&mut self.looked_up);
            self.found = codes::labs::find(text, MOST);
            self.picked = None;
        }
    }

    /// Ends the search.
    pub(super) fn end_search(&mut self) {
        self.text.clear();
        self.look_up();
    }

    /// Puts in what was picked, else the first that was found.
    pub(super) fn take_found(&mut self, now: f64) {
        let Some(item) = self.found.get(self.picked.unwrap_or(0)) else { return };
        self.toggle_item(&item.key, now);
        self.end_search();
    }

    /// The day on which the specimens are to be taken.
    pub(super) fn collect_on(&self, desk: &Desk) -> Result<Date, Wrong> {
        let today = desk.today();
        match &self.content.day {
            Day::Today => Ok(today),
            Day::Tomorrow => today.tomorrow().map_err(|_| Wrong::Day),
            Day::Typed(text) => {
                let day = parse_date(text, today).map_err(|_| Wrong::Day)?;
                if day < today { Err(Wrong::DayPast) } else { Ok(day) }
            }
        }
    }

    /// The practitioner in whose name is ordered: nobody's for a practitioner.
    pub(super) fn proxy(&self, desk: &Desk) -> Result<Option<Staff>, Wrong> {
        if desk.may_confirm() {
            return Ok(None);
        }
        let all = practitioners(desk);
        let chosen = all.iter().find(|staff| staff.account.to_string() == self.content.proxy);
        match (chosen, all.as_slice()) {
            (Some(staff), _) => Ok(Some((*staff).clone())),
            (None, [only]) => Ok(Some((*only).clone())),
            (None, []) => Err(Wrong::NoPractitioner),
            (None, _) => Err(Wrong::Proxy),
        }
    }

    /// Names of the chosen items that want an empty stomach.
    pub(super) fn wants_fasting(&self) -> Vec<&'static str> {
        self.items().into_iter().filter(|item| item.fasting).map(|i| i.abbr.as_str()).collect()
    }

    /// Of orders of the same day that stand, the items that are chosen here too.
    pub(super) fn again<'a>(&self, desk: &Desk, orders: &'a [LabOrder]) -> Vec<&'a OrderedItem> {
        let day = self.collect_on(desk).unwrap_or_else(|_| desk.today());
        let same_day = |order: &&LabOrder| order.cancelled.is_none() && order.collect_on == day;
        orders
            .iter()
            .filter(same_day)
            .flat_map(|order| &order.items)
            .filter(|item| self.has(&item.code.local))
            .collect()
    }

    /// Whether labels are printed along with it.
    pub(super) fn prints(&self, desk: &Desk) -> bool {
        desk.prints.printer_of(Paper::Label).is_some() && self.collect_on(desk) == Ok(desk.today())
    }

    /// Orders, if nothing is wrong and nothing has to be asked first.
    pub(super) fn order(&mut self, desk: &Desk, opened: &Opened) -> Option<Intent> {
        if !opened.is(&self.number) || desk.is_saving(&self.number, FORM) {
            return None;
        }
        let checked = self.checked(desk);
        let (collect_on, on_behalf_of) = match checked {
            Ok(checked) => checked,
            Err(wrong) => {
                self.wrong = Some(wrong);
                self.question = None;
                return None;
            }
        };
        let answered = self.question.take().is_some_and(|asked| asked == self.content);
        let lab = opened.lab(&desk.outbox);
        if !answered && !self.again(desk, &lab.orders).is_empty() {
            self.question = Some(self.content.clone());
            return None;
        }
        self.wrong = None;
        self.sent = true;
        self.changed_at = None;
        let content = &self.content;
        Some(Intent::OrderLab(LabDraft {
            keys: self.items().into_iter().map(|item| item.key.clone()).collect(),
            set_name: self.set_name(desk),
            urgent: content.urgent,
            fasting: content.fasting,
            comment: content.comment.trim().to_owned(),
            collect_on,
            on_behalf_of,
            print: self.prints(desk),
        }))
    }

    fn checked(&self, desk: &Desk) -> Result<(Date, Option<Staff>), Wrong> {
        match self.items().len() {
            0 => return Err(Wrong::Empty),
            n if n > MOST_ITEMS => return Err(Wrong::TooMany),
            _ => {}
        }
        Ok((self.collect_on(desk)?, self.proxy(desk)?))
    }

    /// The name of the set of which the order is made: where there is one, and nothing else in it.
    fn set_name(&self, desk: &Desk) -> String {
        let [only] = self.content.sets.as_slice() else { return String::new() };
        let set = desk.lab.sets.iter().find(|set| set.id == *only);
        let same = |set: &&LabSet| self.content.keys.iter().all(|key| set.items.contains(key));
        set.filter(same).map(|set| set.name.clone()).unwrap_or_default()
    }

    /// Empties the form; the draft goes.
    pub(super) fn drop_draft(&mut self) -> Intent {
        self.content = self.initial.clone();
        self.kept = self.initial.clone();
        self.changed_at = None;
        self.restored = None;
        self.question = None;
        self.wrong = None;
        self.end_search();
        Intent::DropDraft { form: FORM.to_owned() }
    }

    /// What the draft does not hold yet.
    pub(super) fn take_draft(&mut self) -> Option<serde_json::Value> {
        self.changed_at = None;
        if self.sent || self.content == self.kept {
            return None;
        }
        self.kept = self.content.clone();
        serde_json::to_value(&self.content).ok()
    }

    /// The disk has not taken the order: it stands as it was, and its draft is to be kept anew.
    pub(super) fn not_saved(&mut self) -> Option<serde_json::Value> {
        if std::mem::take(&mut self.sent) {
            self.kept = Content::default();
        }
        self.take_draft()
    }

    /// Nothing is on its way to the disk: where something was, it was not taken.
    pub(super) fn came_back(&mut self, now: f64) {
        if std::mem::take(&mut self.sent) {
            self.changed_at = Some(now);
        }
    }

    /// In how many seconds the next draft is due; 0 when it is.
    pub(super) fn draft_in(&self, now: f64) -> Option<f64> {
        let at = self.changed_at.filter(|_| !self.sent)?;
        Some((DRAFT_AFTER - (now - at)).max(0.0))
    }
}

/// Whether an item can be ordered here: something is drawn for it.
fn is_orderable(item: &LabItem) -> bool {
    item.container.is_some()
}
