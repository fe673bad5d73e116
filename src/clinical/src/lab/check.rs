//! What a request, and whatever else a person confirms about an order, must be like.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::entry::{LabAct, LabRequest, NotDrawn};
use super::order::{AtLab, Reported, TubeState};

/// Most items of an order.
pub const MOST_ITEMS: usize = 100;
/// Most characters of a text.
pub const LONGEST_TEXT: usize = 200;

/// Why a request cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LabRequestError {
    /// No item.
    #[error("a lab order asks for at least one item")]
    Empty,
    /// More items than a message carries sensibly.
    #[error("a lab order asks for at most 100 items")]
    TooMany,
    /// An item twice.
    #[error("an item stands twice in the lab order")]
    Twice,
    /// An item names a tube that the order does not have.
    #[error("an item of the lab order has no tube")]
    NoTube,
    /// A tube that no item needs, a number twice, or a tube that is more than planned.
    #[error("a tube of the lab order is not as planned")]
    BadTube,
    /// A text is too long, holds control characters, or is missing where one is needed.
    #[error("a text of the lab order is too long, not printable or missing")]
    BadText,
    /// The day lies in the past, or more than a year ahead.
    #[error("the day of the lab order is not today or within a year")]
    BadDay,
}

impl LabRequest {
    /// Checks a request as of a day.
    pub fn check(&self, today: Date) -> Result<(), LabRequestError> {
        let last = today.saturating_add(1.year());
        if self.collect_on < today || self.collect_on > last {
            return Err(LabRequestError::BadDay);
        }
        self.check_form()
    }

    /// Checks everything but the day.
    pub(super) fn check_form(&self) -> Result<(), LabRequestError> {
        if self.items.is_empty() {
            return Err(LabRequestError::Empty);
        }
        if self.items.len() > MOST_ITEMS {
            return Err(LabRequestError::TooMany);
        }
        self.check_items()?;
        self.check_tubes()?;
        let texts = [&self.comment, &self.set_name];
        if texts.into_iter().all(|text| printable(text)) {
            Ok(())
        } else {
            Err(LabRequestError::BadText)
        }
    }

    fn check_items(&self) -> Result<(), LabRequestError> {
        let mut codes = HashSet::new();
        let tubes: HashSet<_> = self.tubes.iter().map(|tube| &tube.number).collect();
        for item in &self.items {
            if !codes.insert(item.code.local.as_str()) {
                return Err(LabRequestError::Twice);
            }
            if !item.tube.as_ref().is_some_and(|tube| tubes.contains(tube)) {
                return Err(LabRequestError::NoTube);
            }
            let named = [&item.code.local, &item.name].into_iter().all(|text| !text.is_empty());
            let mut texts = vec![&item.code.local, &item.name, &item.abbr, &item.unit];
            texts.extend(&item.code.jlac10);
            if let Some(procedure) = &item.procedure {
                texts.extend([&procedure.code, &procedure.name]);
            }
            if !named || !texts.into_iter().all(|text| printable(text)) {
                return Err(LabRequestError::BadText);
            }
            if item.reported != Reported::NotYet {
                return Err(LabRequestError::BadTube);
            }
        }
        Ok(())
    }

    fn check_tubes(&self) -> Result<(), LabRequestError> {
        let mut numbers = HashSet::new();
        let used: HashSet<_> = self.items.iter().filter_map(|item| item.tube.as_ref()).collect();
        for tube in &self.tubes {
            let fresh =
                tube.labels == 0 && tube.state == TubeState::Planned && tube.lab == AtLab::Here;
            if !fresh || !numbers.insert(&tube.number) || !used.contains(&tube.number) {
                return Err(LabRequestError::BadTube);
            }
            let container = &tube.container;
            let mut texts = vec![&tube.specimen, &container.key, &container.name];
            texts.extend([&container.colour, &container.rgb]);
            texts.extend(&tube.material);
            if !texts.into_iter().all(|text| printable(text)) {
                return Err(LabRequestError::BadText);
            }
        }
        Ok(())
    }
}

impl LabAct {
    /// Checks the act by itself, but for a request's day ([`LabRequest::check`]).
    pub fn check_form(&self) -> Result<(), LabRequestError> {
        let fits = match self {
            Self::Order { request } => return request.check_form(),
            Self::Labels { printer, reason, .. } => printable(printer) && printable(reason),
            Self::NotDrawn { reason, note, .. } => {
                printable(note) && !(*reason == NotDrawn::Other && note.trim().is_empty())
            }
            Self::Cancel { reason } => printable(reason),
            Self::Draw { .. }
            | Self::Reset { .. }
            | Self::Send { .. }
            | Self::ConfirmResults { .. } => true,
        };
        if fits { Ok(()) } else { Err(LabRequestError::BadText) }
    }
}

/// Whether a text has room and can be shown.
fn printable(text: &str) -> bool {
    text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control)
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
