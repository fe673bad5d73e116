//! Which items a page shows, and in which order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::item::Item;
use super::value::ProfileValue;
use crate::calendar::CLINIC_ZONE;

/// How many items of one kind a page shows unless more of them matter.
pub const SHOWN_PER_KIND: usize = 12;

/// The items to show: by kind, the latest first. Withdrawn ones are dropped unless a rival still wants a choice.
/// Of measurements and vaccinations, which grow without end, the latest `per_kind` are shown and those that wait
/// for somebody; of everything else all, since a thirteenth allergy must not fall under the table.
pub fn shown(items: Vec<Item>, per_kind: usize) -> Vec<Item> {
    let mut items: Vec<Item> =
        items.into_iter().filter(|item| !item.is_gone() || !item.rivals.is_empty()).collect();
    items.sort_by_cached_key(|item| {
        (item.kind(), std::cmp::Reverse(item.happened_at()), std::cmp::Reverse(item.id))
    });
    let mut count = BTreeMap::new();
    items.retain(|item| {
        let kind = item.kind();
        let place: &mut usize = count.entry(kind).or_default();
        *place += 1;
        !kind.grows_without_end() || *place <= per_kind || item.awaits || !item.rivals.is_empty()
    });
    items
}

impl Item {
    /// The moment by which the item is ordered among its kind.
    pub fn happened_at(&self) -> Timestamp {
        self.content.value.happened_at(self.content.entered_at)
    }
}

impl ProfileValue {
    /// When it was measured, tested, given or became valid; where the content does not tell, when it was
    /// entered. A day counts from its first moment at the clinic.
    pub fn happened_at(&self, entered_at: Timestamp) -> Timestamp {
        let day = match self {
            Self::Measurement(measurement) => return measurement.measured_at,
            Self::Vaccination(vaccination) => Some(vaccination.given_on),
            Self::CareLevel(certificate) => Some(certificate.valid_from),
            Self::Infection(infection) => infection.tested_on,
            Self::BloodType(_)
            | Self::Allergy(_)
            | Self::Contraindication(_)
            | Self::PastHistory(_)
            | Self::Disability(_) => None,
        };
        day.and_then(first_moment).unwrap_or(entered_at)
    }
}

fn first_moment(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(CLINIC_ZONE.to_time_zone()).ok()?.timestamp())
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;
