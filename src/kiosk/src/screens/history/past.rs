//! The versions by item: those of the cloud with the unsent ones of this terminal, or, while the cloud cannot be
//! asked, what the page of the patient knows.

use api::profile::HistoryEntry;
use clinical::PatientNumber;
use clinical::profile::{
    Act, Deed, Item, Outcome, ProfileEntry, ProfileKind, ProfileValue, Recorded, Version,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::app::model::Desk;
use crate::app::opened::{Opened, version_of};

/// The history as shown. Computed anew only when something it depends on has changed.
#[derive(Debug, Default)]
pub struct Past {
    inputs: Option<Inputs>,
    /// In the order of their kinds, within a kind the latest first.
    pub items: Vec<PastItem>,
}

#[derive(Debug, PartialEq, Eq)]
struct Inputs {
    number: String,
    page: Option<u64>,
    outbox: u64,
    /// What the page of the patient knows, as long as the cloud has not answered.
    known: Vec<Uuid>,
}

/// An item with all that happened to it.
#[derive(Debug)]
pub struct PastItem {
    /// Its name.
    pub id: Uuid,
    /// What kind of content.
    pub kind: ProfileKind,
    /// What stands, or stood last.
    pub value: Option<ProfileValue>,
    /// When something happened to it last.
    pub latest: Timestamp,
    /// How it stands.
    pub stand: Stand,
    /// Newest first.
    pub steps: Vec<Step>,
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It counts.
    Stands,
    /// It waits for a practitioner.
    Waits,
    /// Somebody must choose.
    Rivals,
    /// It was taken back.
    Withdrawn,
}

/// One version.
#[derive(Debug, Clone)]
pub struct Step {
    /// The version.
    pub version: Version,
    /// What became of it; `None` before the cloud has it.
    pub outcome: Option<Outcome>,
    /// The content that it built on.
    pub before: Option<ProfileValue>,
}

impl Past {
    /// Brings the history up to date.
    pub fn update(&mut self, desk: &Desk, opened: &Opened) {
        let told = desk.history.as_ref().filter(|page| page.number == opened.number);
        let versions = told.and_then(|page| page.versions.as_ref());
        let items = opened.profile(&desk.outbox);
        let inputs = Inputs {
            number: opened.number.canonical(),
            page: versions.and(told).map(|page| page.version),
            outbox: desk.outbox.version,
            known: items.iter().map(|item| item.head).collect(),
        };
        if self.inputs.as_ref() == Some(&inputs) {
            return;
        }
        let mut entries: Vec<Step> = if let Some(versions) = versions {
            versions.iter().map(told_step).collect()
        } else {
            let view = opened.view().map(|view| view.profile.as_slice()).unwrap_or_default();
            view.iter().flat_map(|item| known_steps(&opened.number, item)).collect()
        };
        for row in &desk.outbox.rows {
            if let Some(version) = version_of(row)
                && version.entry.patient.canonical() == inputs.number
                && entries.iter().all(|step| step.version.id != version.id)
            {
                entries.push(Step { version, outcome: None, before: None });
            }
        }
        // The page has no room for the older ones of what grows without end: their versions tell how they stand.
        let find = |id: Uuid| {
            let shown = items.iter().find(|item| item.id == id).cloned();
            shown.or_else(|| told.and_then(|page| page.item(id, &desk.outbox)))
        };
        self.items = by_item(entries, find);
        self.inputs = Some(inputs);
    }
}

fn told_step(entry: &HistoryEntry) -> Step {
    Step { version: entry.version.clone(), outcome: Some(entry.outcome), before: None }
}

/// What an item itself still tells of its versions.
fn known_steps(number: &PatientNumber, item: &Item) -> Vec<Step> {
    let step = |version: Version, outcome| Step { version, outcome: Some(outcome), before: None };
    let recorded = |recorded: &Recorded, base: Option<Uuid>| Version {
        id: recorded.version,
        entry: ProfileEntry {
            patient: number.clone(),
            item: item.id,
            base,
            act: Act::Record { value: recorded.value.clone(), source: recorded.source },
            on_behalf_of: recorded.on_behalf_of.clone(),
            reason: recorded.reason.clone(),
            settles: None,
        },
        author: recorded.author.clone(),
        terminal: String::new(),
        entered_at: recorded.entered_at,
        stored_at: recorded.stored_at,
    };
    let deed = |deed: &Deed, act: Act| Version {
        id: deed.version,
        entry: ProfileEntry {
            patient: number.clone(),
            item: item.id,
            base: Some(item.content.version),
            act,
            on_behalf_of: deed.on_behalf_of.clone(),
            reason: deed.reason.clone(),
            settles: None,
        },
        author: deed.author.clone(),
        terminal: String::new(),
        entered_at: deed.entered_at,
        stored_at: deed.stored_at,
    };
    let mut steps = Vec::new();
    let before = item.before.as_ref();
    steps.extend(before.map(|b| step(recorded(b, None), Outcome::Stands)));
    let base = before.map(|b| b.version);
    steps.push(step(recorded(&item.content, base), Outcome::Stands));
    steps.extend(item.withdrawal.iter().map(|d| step(deed(d, Act::Withdraw), Outcome::Stands)));
    steps.extend(item.confirmation.iter().map(|d| step(deed(d, Act::Confirm), Outcome::Stands)));
    steps.extend(item.rivals.iter().map(|rival| step(rival.clone(), Outcome::Rival)));
    steps
}

/// Groups the steps, which come oldest first.
fn by_item(steps: Vec<Step>, find: impl Fn(Uuid) -> Option<Item>) -> Vec<PastItem> {
    let mut groups: Vec<(Uuid, Vec<Step>)> = Vec::new();
    for step in steps {
        let id = step.version.entry.item;
        match groups.iter_mut().find(|(own, _)| *own == id) {
            Some((_, own)) => own.push(step),
            None => groups.push((id, vec![step])),
        }
    }
    let mut items: Vec<PastItem> = groups
        .into_iter()
        .filter_map(|(id, steps)| past_item(id, steps, find(id).as_ref()))
        .collect();
    items.sort_by_key(|item| (item.kind, std::cmp::Reverse(item.latest), item.id));
    items
}

fn past_item(id: Uuid, mut steps: Vec<Step>, item: Option<&Item>) -> Option<PastItem> {
    // What stood after each version.
    let mut contents: Vec<(Uuid, ProfileValue)> = Vec::new();
    for step in &mut steps {
        let base = step.version.entry.base;
        let built_on = contents.iter().find(|(own, _)| Some(*own) == base);
        step.before = built_on.map(|(_, value)| value.clone());
        let after = match &step.version.entry.act {
            Act::Record { value, .. } => Some(value.clone()),
            Act::Withdraw | Act::Confirm | Act::Keep => step.before.clone(),
        };
        contents.extend(after.map(|value| (step.version.id, value)));
    }
    let last = contents.last().map(|(_, value)| value.clone());
    let value = item.map(|item| item.content.value.clone()).or(last)?;
    let stand = match item {
        None => Stand::Withdrawn,
        Some(item) if !item.rivals.is_empty() => Stand::Rivals,
        Some(item) if item.awaits => Stand::Waits,
        Some(item) if item.is_gone() => Stand::Withdrawn,
        Some(_) => Stand::Stands,
    };
    let latest = steps.iter().map(|step| step.version.entered_at).max()?;
    steps.reverse();
    Some(PastItem { id, kind: value.kind(), value: Some(value), latest, stand, steps })
}
