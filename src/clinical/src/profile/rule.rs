//! The rule of versions: how an item follows from them, at the cloud and on every terminal alike.

use uuid::Uuid;

use super::item::{Danger, Deed, Item, Outcome, Recorded, RuleBroken, needs_confirmation};
use super::value::{ProfileKind, ProfileValue};
use super::version::{Act, Source, Version};
use crate::staff::Role;

impl Item {
    /// Applies a version to the items of its patient; a version that begins an item adds it. A version that is
    /// in there already changes nothing. On an error nothing is changed.
    pub fn apply(items: &mut Vec<Self>, version: &Version) -> Result<Outcome, RuleBroken> {
        if let Some(item) = items.iter_mut().find(|item| item.id == version.entry.item) {
            return item.step(version);
        }
        items.push(Self::begin(version)?);
        Ok(Outcome::Stands)
    }

    /// The item that a first version begins. Only a content that builds on nothing can.
    pub fn begin(version: &Version) -> Result<Self, RuleBroken> {
        let entry = &version.entry;
        if entry.base.is_some() || entry.settles.is_some() {
            return Err(RuleBroken::NoSuchItem);
        }
        let content = Recorded::of(version).ok_or(RuleBroken::NoSuchItem)?;
        Ok(Self {
            id: entry.item,
            head: version.id,
            revision: 1,
            awaits: needs_confirmation(version.author.role, content.value.kind()),
            content,
            before: None,
            confirmation: None,
            withdrawal: None,
            rivals: Vec::new(),
        })
    }

    /// Applies the next version. On an error nothing is changed.
    pub fn step(&mut self, version: &Version) -> Result<Outcome, RuleBroken> {
        if let Some(known) = self.known(version) {
            return Ok(known);
        }
        let before = self.clone();
        let outcome = match &version.entry.act {
            Act::Record { value, .. } if value.kind() != self.kind() => Err(RuleBroken::OtherKind),
            Act::Record { .. } | Act::Withdraw => self.change(version),
            Act::Confirm => self.confirm(version),
            Act::Keep => self.keep(version),
        };
        if *self != before {
            self.revision = self.revision.saturating_add(1);
        }
        outcome
    }

    /// What became of a version that is visibly part of the item: a terminal lays its outbox over a profile
    /// that may hold the same versions already.
    fn known(&self, version: &Version) -> Option<Outcome> {
        let id = version.id;
        let deed = |deed: &Option<Deed>| deed.as_ref().is_some_and(|deed| deed.version == id);
        let stands = self.head == id
            || self.content.version == id
            || self.before.as_ref().is_some_and(|before| before.version == id)
            || deed(&self.confirmation)
            || deed(&self.withdrawal);
        if stands {
            return Some(Outcome::Stands);
        }
        self.rivals.iter().any(|rival| rival.id == id).then_some(Outcome::Rival)
    }

    /// A content or a withdrawal.
    fn change(&mut self, version: &Version) -> Result<Outcome, RuleBroken> {
        let entry = &version.entry;
        // Where everything is taken back, a page shows nothing: who then begins anew has overlooked nobody.
        let anew =
            entry.base.is_none() && self.is_gone() && matches!(entry.act, Act::Record { .. });
        if anew || entry.base == Some(self.head) {
            if let Some(settled) = entry.settles {
                let at = self.open_rival(settled).ok_or(RuleBroken::NoSuchRival)?;
                self.put_away(at, version.author.role)?;
            }
            self.stand(version);
            return Ok(Outcome::Stands);
        }
        // Somebody else was first. Who builds on an open rival, or decides about it, replaces that one.
        let named = entry.base.and_then(|base| self.open_rival(base));
        let named = named.or_else(|| entry.settles.and_then(|settled| self.open_rival(settled)));
        let replaced = named.filter(|at| self.may_put_away(version.author.role, &self.rivals[*at]));
        if self.says_already(version) {
            replaced.map(|at| self.rivals.remove(at));
            return Ok(Outcome::Overtaken);
        }
        match replaced {
            Some(at) => self.rivals[at] = version.clone(),
            None => self.rivals.push(version.clone()),
        }
        Ok(Outcome::Rival)
    }

    /// The version builds on what stands: now it stands itself.
    fn stand(&mut self, version: &Version) {
        let awaits = needs_confirmation(version.author.role, self.kind());
        if let Some(content) = Recorded::of(version) {
            let vouched = self.is_vouched_for();
            let was_gone = self.is_gone();
            let former = std::mem::replace(&mut self.content, content);
            self.before = match self.before.take() {
                _ if !awaits || was_gone => None,
                _ if vouched => Some(former),
                before => before,
            };
            self.confirmation = None;
            self.withdrawal = None;
            self.awaits = awaits;
        } else if !self.is_gone() {
            self.withdrawal = Some(Deed::of(version));
            self.awaits = awaits;
            if !awaits {
                self.before = None;
            }
        }
        self.head = version.id;
    }

    fn confirm(&mut self, version: &Version) -> Result<Outcome, RuleBroken> {
        if version.author.role != Role::Practitioner {
            return Err(RuleBroken::NotAPractitioner);
        }
        if version.entry.settles.is_some() {
            return Err(RuleBroken::NoSuchRival);
        }
        if version.entry.base != Some(self.head) || !self.awaits {
            return Ok(Outcome::Overtaken);
        }
        self.head = version.id;
        self.awaits = false;
        self.before = None;
        self.confirmation = Some(Deed::of(version));
        Ok(Outcome::Stands)
    }

    fn keep(&mut self, version: &Version) -> Result<Outcome, RuleBroken> {
        let settled = version.entry.settles.ok_or(RuleBroken::NoSuchRival)?;
        if version.entry.base != Some(self.head) {
            return Ok(Outcome::Overtaken);
        }
        // Somebody else may have decided the same in this moment.
        let Some(at) = self.open_rival(settled) else { return Ok(Outcome::Overtaken) };
        self.put_away(at, version.author.role)?;
        Ok(Outcome::Stands)
    }

    fn put_away(&mut self, at: usize, role: Role) -> Result<(), RuleBroken> {
        if !self.may_put_away(role, &self.rivals[at]) {
            return Err(RuleBroken::NotAPractitioner);
        }
        self.rivals.remove(at);
        Ok(())
    }

    /// Whether a person with this role may put a rival away: what a practitioner stands for (or a nurse, for a
    /// measurement) disappears only by the word of somebody who could stand for it as well.
    pub fn may_put_away(&self, role: Role, rival: &Version) -> bool {
        !needs_confirmation(role, self.kind()) || needs_confirmation(rival.author.role, self.kind())
    }

    fn open_rival(&self, id: Uuid) -> Option<usize> {
        self.rivals.iter().position(|rival| rival.id == id)
    }

    /// Whether what stands is what the version asks for.
    fn says_already(&self, version: &Version) -> bool {
        match &version.entry.act {
            Act::Record { value, .. } => self.withdrawal.is_none() && *value == self.content.value,
            _ => self.withdrawal.is_some(),
        }
    }

    /// Whether somebody who can stand for the content does. (After a final withdrawal the confirmation is the
    /// withdrawal's.)
    fn is_vouched_for(&self) -> bool {
        self.confirmation.is_some() || !needs_confirmation(self.content.author.role, self.kind())
    }

    /// Whether the item was withdrawn for good: nothing of it counts but its history and open rivals.
    pub fn is_gone(&self) -> bool {
        self.withdrawal.is_some() && !self.awaits
    }

    /// What kind of content the item holds; the same through all its versions.
    pub fn kind(&self) -> ProfileKind {
        self.content.value.kind()
    }

    /// What must stand in red because of this item: an allergy or a contraindication that stands, the one that a
    /// practitioner stood for while another waits, and what an open rival says. A value stands here once.
    pub fn dangers(&self) -> Vec<Danger<'_>> {
        let mut dangers: Vec<Danger<'_>> = Vec::new();
        if !self.kind().is_danger() {
            return dangers;
        }
        let standing = (!self.is_gone()).then_some(&self.content).into_iter().chain(&self.before);
        let standing = standing.map(|recorded| Danger {
            value: &recorded.value,
            source: recorded.source,
            author: &recorded.author,
            entered_at: recorded.entered_at,
            confirmed: recorded.version != self.content.version || self.is_vouched_for(),
        });
        let rivals = self.rivals.iter().filter_map(|rival| match &rival.entry.act {
            Act::Record { value, source } => Some(Danger {
                value,
                source: *source,
                author: &rival.author,
                entered_at: rival.entered_at,
                confirmed: !needs_confirmation(rival.author.role, self.kind()),
            }),
            _ => None,
        });
        for danger in standing.chain(rivals) {
            match dangers.iter_mut().find(|other| other.value == danger.value) {
                Some(other) => other.confirmed |= danger.confirmed,
                None => dangers.push(danger),
            }
        }
        dangers
    }
}

impl Recorded {
    /// The content of a version; `None` for a version that carries none.
    pub fn of(version: &Version) -> Option<Self> {
        let (value, source): (&ProfileValue, &Source) = match &version.entry.act {
            Act::Record { value, source } => (value, source),
            Act::Withdraw | Act::Confirm | Act::Keep => return None,
        };
        Some(Self {
            version: version.id,
            value: value.clone(),
            source: *source,
            author: version.author.clone(),
            on_behalf_of: version.entry.on_behalf_of.clone(),
            reason: version.entry.reason.clone(),
            entered_at: version.entered_at,
            stored_at: version.stored_at,
        })
    }
}

impl Deed {
    /// Who did what the version does, and when.
    pub fn of(version: &Version) -> Self {
        Self {
            version: version.id,
            author: version.author.clone(),
            on_behalf_of: version.entry.on_behalf_of.clone(),
            reason: version.entry.reason.clone(),
            entered_at: version.entered_at,
            stored_at: version.stored_at,
        }
    }
}

#[cfg(test)]
#[path = "rule_properties.rs"]
mod properties;
#[cfg(test)]
#[path = "rule_tests.rs"]
pub(super) mod tests;
