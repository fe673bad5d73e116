//! In which order the waiting items stand, and who has to do with them.

use std::collections::HashMap;

use api::profile::Waiting;
use clinical::Staff;
use clinical::profile::Item;
use jiff::Timestamp;

use crate::app::model::Desk;
use crate::app::records::since;

/// Who entered what waits, when, and whose word is asked for.
pub fn by(item: &Item) -> (&Staff, Timestamp, Option<&Staff>) {
    if let Some(deed) = &item.withdrawal {
        return (&deed.author, deed.entered_at, deed.on_behalf_of.as_ref());
    }
    let content = &item.content;
    (&content.author, content.entered_at, content.on_behalf_of.as_ref())
}

/// Whether it was entered in the name of the person who looks.
pub fn is_mine(desk: &Desk, item: &Item) -> bool {
    let me = desk.session.as_ref().map(|session| session.account_id);
    by(item).2.is_some_and(|staff| Some(staff.account) == me)
}

/// One's own first; then the patient who has waited longest, each patient's items together, oldest first.
pub fn rows(desk: &Desk) -> Vec<&Waiting> {
    let list = &desk.confirmations.rows;
    let mut oldest: HashMap<(bool, String), Timestamp> = HashMap::new();
    for waiting in list {
        let whose = (is_mine(desk, &waiting.item), waiting.number.canonical());
        let at = oldest.entry(whose).or_insert_with(|| since(waiting));
        *at = (*at).min(since(waiting));
    }
    let mut rows: Vec<&Waiting> = list.iter().collect();
    rows.sort_by_cached_key(|waiting| {
        let mine = is_mine(desk, &waiting.item);
        let canonical = waiting.number.canonical();
        let group = oldest.get(&(mine, canonical.clone())).copied();
        (!mine, group, canonical, since(waiting), waiting.item.id)
    });
    rows
}
