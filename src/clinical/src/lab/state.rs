//! The state of a lab order, computed from its tubes and results.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::order::{AtLab, LabOrder, Reported, TubeState};

/// How far a lab order is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LabOrderState {
    /// 依頼.
    Ordered,
    /// 採取: every tube is drawn, or known not to be.
    Collected,
    /// 送信: a person has sent it.
    Sent,
    /// 検査中: the laboratory has it.
    InProgress,
    /// 一部報告.
    PartlyReported,
    /// 報告.
    Reported,
    /// 確認: a practitioner has seen all of it.
    Confirmed,
    /// 取消.
    Cancelled,
}

impl LabOrder {
    /// How far it is.
    pub fn state(&self) -> LabOrderState {
        if self.cancelled.is_some() {
            return LabOrderState::Cancelled;
        }
        let drawn: Vec<_> = self
            .tubes
            .iter()
            .filter(|tube| matches!(tube.state, TubeState::Drawn { .. }))
            .collect();
        let expected = || {
            self.items.iter().filter(|item| {
                !self.tubes.iter().any(|tube| {
                    Some(&tube.number) == item.tube.as_ref()
                        && matches!(tube.state, TubeState::NotDrawn { .. })
                })
            })
        };
        let told = expected().filter(|item| item.reported != Reported::NotYet).count();
        let settled = expected()
            .filter(|item| matches!(item.reported, Reported::Final | Reported::Cancelled))
            .count();
        // A laboratory may tell what nobody has asked for.
        let any = told > 0 || self.unconfirmed > 0 || self.confirmed_once;
        if any && settled == expected().count() {
            return if self.unconfirmed == 0 && self.confirmed_once {
                LabOrderState::Confirmed
            } else {
                LabOrderState::Reported
            };
        }
        if any {
            return LabOrderState::PartlyReported;
        }
        if drawn.iter().any(|tube| matches!(tube.lab, AtLab::Accepted { .. })) {
            return LabOrderState::InProgress;
        }
        // What the laboratory refused is with the clinic again.
        if drawn.iter().any(|tube| matches!(tube.lab, AtLab::Sent { .. })) {
            return LabOrderState::Sent;
        }
        let decided = self.tubes.iter().all(|tube| tube.state != TubeState::Planned);
        if decided && !drawn.is_empty() { LabOrderState::Collected } else { LabOrderState::Ordered }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
