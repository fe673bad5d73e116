//! The rule of lab versions: how an order follows from them, at the cloud and on every terminal alike.

use std::collections::HashSet;

use uuid::Uuid;

use super::entry::{LabAct, LabOutcome, LabRequest, LabRuleBroken, LabVersion};
use super::order::{AtLab, Cancellation, Done, LabOrder, Tube, TubeState};
use super::result::LabResult;
use super::specimen::SpecimenNumber;
use super::state::LabOrderState;
use crate::staff::Role;

impl Done {
    /// Who confirmed a version, and when.
    pub fn of(version: &LabVersion) -> Self {
        Self { by: version.author.clone(), time: version.entered_at }
    }
}

impl LabOrder {
    /// Applies a version to the orders of its patient; one that begins an order adds it. A version that is in there
    /// already changes nothing. On an error nothing is changed.
    ///
    /// Who has the results as well applies it to both: [`LabOrder::apply_with_results`].
    pub fn apply(
        orders: &mut Vec<Self>,
        version: &LabVersion,
    ) -> Result<LabOutcome, LabRuleBroken> {
        // An order alone cannot tell which of its results are named, only how many.
        let named = match &version.entry.act {
            LabAct::ConfirmResults { results } => results.iter().collect::<HashSet<_>>().len(),
            _ => 0,
        };
        Self::take(orders, version, named)
    }

    /// As [`LabOrder::apply`], where the results of the version's order are at hand: they are marked as confirmed, and
    /// the order counts exactly those.
    pub fn apply_with_results(
        orders: &mut Vec<Self>,
        results: &mut [LabResult],
        version: &LabVersion,
    ) -> Result<LabOutcome, LabRuleBroken> {
        let newly = newly_confirmed(results, version).count();
        let outcome = Self::take(orders, version, newly)?;
        if outcome == LabOutcome::Done && newly > 0 {
            for result in newly_confirmed(results, version) {
                result.confirmed = Some(Done::of(version));
            }
            let order = orders.iter_mut().find(|order| order.id == version.entry.order);
            if let Some(order) = order {
                order.recount(results);
            }
        }
        Ok(outcome)
    }

    fn take(
        orders: &mut Vec<Self>,
        version: &LabVersion,
        confirmed: usize,
    ) -> Result<LabOutcome, LabRuleBroken> {
        let entry = &version.entry;
        if let Some(order) = orders.iter_mut().find(|order| order.id == entry.order) {
            return order.step(version, confirmed);
        }
        let LabAct::Order { request } = &entry.act else { return Err(LabRuleBroken::NoSuchOrder) };
        entry.act.check_form()?;
        orders.push(Self::begin(version, request));
        Ok(LabOutcome::Done)
    }

    fn begin(version: &LabVersion, request: &LabRequest) -> Self {
        Self {
            id: version.entry.order,
            patient: version.entry.patient.clone(),
            revision: 1,
            versions: vec![version.id],
            ordered: Done::of(version),
            on_behalf_of: request.on_behalf_of.clone(),
            collect_on: request.collect_on,
            urgent: request.urgent,
            fasting: request.fasting,
            comment: request.comment.clone(),
            set_name: request.set_name.clone(),
            items: request.items.clone(),
            tubes: request.tubes.clone(),
            cancelled: None,
            unconfirmed: 0,
            confirmed_once: false,
        }
    }

    /// Applies the next version, which confirms so many results. On an error nothing is changed.
    fn step(
        &mut self,
        version: &LabVersion,
        confirmed: usize,
    ) -> Result<LabOutcome, LabRuleBroken> {
        let entry = &version.entry;
        if self.patient.canonical() != entry.patient.canonical() {
            return Err(LabRuleBroken::OtherPatient);
        }
        if self.versions.contains(&version.id) {
            return Ok(LabOutcome::Done);
        }
        entry.act.check_form()?;
        let takes_effect = match &entry.act {
            LabAct::Order { .. } => return Err(LabRuleBroken::OrderExists),
            LabAct::ConfirmResults { .. } => {
                if version.author.role != Role::Practitioner {
                    return Err(LabRuleBroken::NotAPractitioner);
                }
                // Results may come for an order that was cancelled too late; they want to be seen as well.
                self.confirm(confirmed)
            }
            act => {
                self.know_tubes(act)?;
                self.cancelled.is_none() && self.act(act, Done::of(version))
            }
        };
        if !takes_effect {
            return Ok(LabOutcome::Overtaken);
        }
        self.versions.push(version.id);
        self.revision = self.revision.saturating_add(1);
        Ok(LabOutcome::Done)
    }

    /// What is done to the order or its tubes; whether it took effect.
    fn act(&mut self, act: &LabAct, done: Done) -> bool {
        match act {
            LabAct::Order { .. } | LabAct::ConfirmResults { .. } => false,
            LabAct::Labels { tubes, .. } => {
                let named = |tube: &&mut Tube| tubes.contains(&tube.number);
                self.tubes.iter_mut().filter(named).fold(false, |_, tube| {
                    tube.labels = tube.labels.saturating_add(1);
                    true
                })
            }
            LabAct::Draw { tube, identified } => {
                let state = TubeState::Drawn { done, identified: *identified };
                self.turn(tube, |tube| !tube.is_drawn(), state)
            }
            LabAct::NotDrawn { tube, reason, note } => {
                let state = TubeState::NotDrawn { done, reason: *reason, note: note.clone() };
                let may = |tube: &Tube| {
                    !matches!(tube.state, TubeState::NotDrawn { .. }) && tube.is_here()
                };
                self.turn(tube, may, state)
            }
            LabAct::Reset { tube } => {
                let may = |tube: &Tube| tube.state != TubeState::Planned && tube.is_here();
                self.turn(tube, may, TubeState::Planned)
            }
            LabAct::Send { tubes } => {
                let ready = |tube: &&mut Tube| {
                    tubes.contains(&tube.number) && tube.is_drawn() && tube.is_here()
                };
                self.tubes.iter_mut().filter(ready).fold(false, |_, tube| {
                    tube.lab = AtLab::Sent { done: done.clone() };
                    true
                })
            }
            LabAct::Cancel { reason } => {
                // Who cancels cannot always know that results have come in the meantime.
                let may = self.may_cancel().is_ok();
                if may {
                    let reason = reason.clone();
                    self.cancelled = Some(Cancellation { done, reason, lab_agreed: None });
                }
                may
            }
        }
    }

    /// Sets a tube's state where it may be; what the laboratory once refused begins anew.
    fn turn(
        &mut self,
        number: &SpecimenNumber,
        may: impl Fn(&Tube) -> bool,
        state: TubeState,
    ) -> bool {
        let tube = self.tubes.iter_mut().find(|tube| tube.number == *number && may(tube));
        let Some(tube) = tube else { return false };
        tube.state = state;
        tube.lab = AtLab::Here;
        true
    }

    fn confirm(&mut self, results: usize) -> bool {
        let results = u32::try_from(results).unwrap_or(u32::MAX);
        let may = self.unconfirmed > 0 && results > 0;
        if may {
            self.unconfirmed = self.unconfirmed.saturating_sub(results);
            self.confirmed_once = true;
        }
        may
    }

    fn know_tubes(&self, act: &LabAct) -> Result<(), LabRuleBroken> {
        let named: &[SpecimenNumber] = match act {
            LabAct::Labels { tubes, .. } | LabAct::Send { tubes } => tubes,
            LabAct::Draw { tube, .. } | LabAct::NotDrawn { tube, .. } | LabAct::Reset { tube } => {
                std::slice::from_ref(tube)
            }
            LabAct::Order { .. } | LabAct::Cancel { .. } | LabAct::ConfirmResults { .. } => &[],
        };
        let known = |number| self.tube(number).is_some();
        if named.iter().all(known) { Ok(()) } else { Err(LabRuleBroken::NoSuchTube) }
    }

    /// The tube with a number.
    pub fn tube(&self, number: &SpecimenNumber) -> Option<&Tube> {
        self.tubes.iter().find(|tube| tube.number == *number)
    }

    /// Whether the order may still be taken back, as far as one knows here.
    pub fn may_cancel(&self) -> Result<(), LabRuleBroken> {
        // What the laboratory has begun to tell is on the chart already.
        if self.state() < LabOrderState::PartlyReported && self.cancelled.is_none() {
            Ok(())
        } else {
            Err(LabRuleBroken::TooLateToCancel)
        }
    }
}

impl Tube {
    /// Whether it was drawn.
    pub fn is_drawn(&self) -> bool {
        matches!(self.state, TubeState::Drawn { .. })
    }

    /// Whether the clinic has it: never sent, or refused by the laboratory.
    pub fn is_here(&self) -> bool {
        matches!(self.lab, AtLab::Here | AtLab::Refused { .. })
    }
}

/// The results that a version confirms and that nobody has confirmed before.
fn newly_confirmed<'a>(
    results: &'a mut [LabResult],
    version: &'a LabVersion,
) -> impl Iterator<Item = &'a mut LabResult> {
    let entry = &version.entry;
    let named: &[Uuid] = match &entry.act {
        LabAct::ConfirmResults { results } => results,
        _ => &[],
    };
    results.iter_mut().filter(move |result| {
        named.contains(&result.id)
            && result.order == entry.order
            && result.stands()
            && result.confirmed.is_none()
    })
}

#[cfg(test)]
#[path = "rule_properties.rs"]
mod properties;
#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
