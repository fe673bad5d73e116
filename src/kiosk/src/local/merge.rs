//! What a receipt says, taken into what is already known, without asking for all of it anew.

use api::patients::PatientView;
use api::receptions::ReceptionList;
use clinical::Reception;
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
