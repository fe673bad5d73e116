//! What a receipt says, taken into what is already known, without asking for all of it anew.

use api::lab::{LabDay, LabDayOrder, PatientLab};
use api::patients::PatientView;
use api::receptions::ReceptionList;
use clinical::Reception;
use clinical::lab::{Done, LabAct, LabOrder, LabResult, LabVersion};
use clinical::profile::{Item, SHOWN_PER_KIND, shown};

/// Puts an item as it stood after an entry among the items of a patient; false when a newer one is there.
pub fn merge_item(view: &mut PatientView, item: &Item) -> bool {
    match view.profile.iter_mut().find(|known| known.id == item.id) {
        Some(known) if known.revision > item.revision => return false,
        Some(known) => *known = item.clone(),
        None => view.profile.push(item.clone()),
    }
    view.profile = shown(std::mem::take(&mut view.profile), SHOWN_PER_KIND);
    true
}

/// Puts a lab order as it stood after an entry among the orders of a patient; false when a newer one is there. Where
/// `version`, the entry, confirms results, those are marked as seen.
pub fn merge_order(lab: &mut PatientLab, order: &LabOrder, version: Option<&LabVersion>) -> bool {
    match lab.orders.iter_mut().find(|known| known.id == order.id) {
        Some(known) if known.revision > order.revision => return false,
        Some(known) => *known = order.clone(),
        None => lab.orders.insert(0, order.clone()),
    }
    if let Some(version) = version.filter(|version| order.versions.contains(&version.id)) {
        mark_seen(&mut lab.results, version);
    }
    true
}

/// Marks the results that a version confirms.
pub fn mark_seen(results: &mut [LabResult], version: &LabVersion) {
    let LabAct::ConfirmResults { results: seen } = &version.entry.act else { return };
    for result in results {
        if seen.contains(&result.id) && result.confirmed.is_none() {
            result.confirmed = Some(Done::of(version));
        }
    }
}

/// Puts a lab order as it stood after an entry into the day's orders, where it belongs there; false when a newer one
/// is there. `new` makes the line of an order that is not.
pub fn merge_day(day: &mut LabDay, order: &LabOrder, new: impl FnOnce() -> LabDayOrder) -> bool {
    match day.orders.iter_mut().find(|known| known.order.id == order.id) {
        Some(known) if known.order.revision > order.revision => return false,
        Some(known) => known.order = order.clone(),
        None if order.collect_on == day.date => day.orders.push(new()),
        None => return false,
    }
    true
}

/// Puts a reception in the place of the one that is known; false when it is not on the list or a newer one is.
pub fn merge_reception(list: &mut ReceptionList, reception: &Reception) -> bool {
    replace(&mut list.receptions, reception)
}

pub(super) fn replace(known: &mut [Reception], reception: &Reception) -> bool {
    let same = known.iter_mut().find(|known| known.key == reception.key);
    match same.filter(|known| known.revision <= reception.revision) {
        Some(known) => {
            *known = reception.clone();
            true
        }
        None => false,
    }
}
