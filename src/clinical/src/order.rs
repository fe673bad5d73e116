//! An order on its way to the bill (会計オーダー): what was done for a patient, in the receipt computer's codes.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patient::PatientNumber;

/// What was done for a patient at one visit, as it goes to the receipt computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BillingOrder {
    /// For whom.
    pub patient: PatientNumber,
    /// 診療日.
    #[schema(value_type = String, format = Date)]
    pub performed_on: Date,
    /// 診療時刻.
    #[schema(value_type = Option<String>, example = "09:12:30")]
    pub performed_at: Option<Time>,
    /// Code of the 診療科, two digits.
    pub department: String,
    /// Code of the 担当医, five digits.
    pub physician: String,
    /// 保険組合せ番号 of the visit; empty when the patient has none that day.
    pub insurance_combination: String,
    /// 剤, in their order; the consultation fee stands first.
    pub groups: Vec<OrderGroup>,
}

/// Lines that are billed together (剤).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct OrderGroup {
    /// 診療種別区分, three digits: `120`.
    pub class: String,
    /// Its name: 再診.
    pub class_name: String,
    /// Days or times.
    pub count: u32,
    /// The lines.
    pub items: Vec<OrderItem>,
}

/// One line of a 剤.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct OrderItem {
    /// Code of the act, drug, material or comment, nine digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Amount as written; some codes carry a number in it that is no amount.
    pub quantity: String,
}

/// Why the receipt computer would not take an order as it is. Groups and lines count from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// More groups than one message carries.
    #[error("more than 40 groups")]
    TooManyGroups,
    /// More lines than one group carries.
    #[error("group {group}: more than 40 lines")]
    TooManyItems {
        /// Which group.
        group: usize,
    },
    /// A group without a class; older receipt computers dropped it without a word.
    #[error("group {group}: the class is not three digits")]
    Class {
        /// Which group.
        group: usize,
    },
    /// A clinic's own input code, or none.
    #[error("group {group}, line {item}: the code is not nine digits")]
    Code {
        /// Which group.
        group: usize,
        /// Which of its lines.
        item: usize,
    },
}

impl BillingOrder {
    /// Most groups in one order; what is more is appended by another.
    pub const MOST_GROUPS: usize = 40;
    /// Most lines in one group.
    pub const MOST_ITEMS: usize = 40;

    /// Everything for which the receipt computer would not take this order; empty when it would.
    #[must_use]
    pub fn check(&self) -> Vec<OrderError> {
        let mut errors = Vec::new();
        if self.groups.len() > Self::MOST_GROUPS {
            errors.push(OrderError::TooManyGroups);
        }
        for (group, of) in (1..).zip(&self.groups) {
            if !digits(&of.class, 3) {
                errors.push(OrderError::Class { group });
            }
            if of.items.len() > Self::MOST_ITEMS {
                errors.push(OrderError::TooManyItems { group });
            }
            let codes = (1..).zip(&of.items).filter(|(_, line)| !digits(&line.code, 9));
            errors.extend(codes.map(|(item, _)| OrderError::Code { group, item }));
        }
        errors
    }
}

fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
