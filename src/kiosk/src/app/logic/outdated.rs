//! Which copies of patients on this terminal are no longer all there is. What this terminal has sent itself is in
//! its copy already, with the receipt; the cloud's event about it, which may come before or after, changes nothing.

use std::collections::{HashMap, HashSet};

use clinical::PatientNumber;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::app::App;

/// An event about an entry of one's own comes within this time of its receipt.
const TOGETHER: SignedDuration = SignedDuration::from_secs(60);

/// What is known of the changes since the copies were made.
#[derive(Default)]
pub(in crate::app) struct Outdated {
    /// What has changed of a patient by canonical number; `None` stands for more than the profile.
    by: HashMap<String, HashSet<Option<Uuid>>>,
    /// Items in receipts whose events have not come yet.
    own: Vec<(String, Uuid, Timestamp)>,
}

impl Outdated {
    /// The copy lacked something before this program was started.
    fn lacks(&mut self, canonical: &str) {
        self.by.entry(canonical.to_owned()).or_insert_with(|| HashSet::from([None]));
    }

    /// Whether an event tells something that the copy lacks.
    fn event(&mut self, canonical: &str, item: Option<Uuid>, now: Timestamp) -> bool {
        self.own.retain(|(_, _, at)| now.duration_since(*at).abs() < TOGETHER);
        let own = self.own.iter().position(|(c, i, _)| c == canonical && Some(*i) == item);
        match own {
            Some(at) => {
                self.own.remove(at);
                false
            }
            None => self.by.entry(canonical.to_owned()).or_default().insert(item) || item.is_none(),
        }
    }

    /// Whether the copy is whole again with this receipt.
    fn receipt(&mut self, canonical: &str, item: Uuid, now: Timestamp) -> bool {
        let Some(by) = self.by.get_mut(canonical).filter(|by| by.contains(&Some(item))) else {
            self.own.push((canonical.to_owned(), item, now));
            return false;
        };
        by.remove(&Some(item));
        let whole = by.is_empty();
        if whole {
            self.by.remove(canonical);
        }
        whole
    }
}

impl App {
    /// The cloud tells of a change: of an item of the profile, or of something else about a patient.
    pub(super) fn copy_outdated(&mut self, number: &PatientNumber, item: Option<Uuid>) {
        if self.cache.known_patient(number).is_some_and(|known| known.outdated) {
            self.outdated.lacks(&number.canonical());
        }
        if self.outdated.event(&number.canonical(), item, self.desk.moment) {
            self.cache.mark_outdated(number, true);
        }
    }

    /// An entry of this terminal was stored, and the copy has what became of the item.
    pub(super) fn copy_has(&mut self, number: &PatientNumber, item: Uuid) {
        if self.outdated.receipt(&number.canonical(), item, self.desk.moment) {
            self.cache.mark_outdated(number, false);
        }
    }

    /// The patient was read anew.
    pub(super) fn copy_is_new(&mut self, number: &PatientNumber) {
        self.outdated.by.remove(&number.canonical());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn ones_own_entry_outdates_nothing_whichever_word_of_it_comes_first() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut outdated = Outdated::default();
        assert!(!outdated.receipt("127", one, at(0)));
        assert!(!outdated.event("127", Some(one), at(1)));
        // The second event of the same item is somebody else's.
        assert!(outdated.event("127", Some(one), at(2)));
        assert!(outdated.event("127", Some(other), at(2)));
        assert!(!outdated.receipt("127", one, at(3)), "the other item is still not here");
        assert!(outdated.receipt("127", other, at(3)));
        // An event that belongs to no receipt of these days.
        assert!(!outdated.receipt("127", one, at(10)));
        assert!(outdated.event("127", Some(one), at(10 + 3600)));
        assert!(outdated.event("942", None, at(11)));
        assert!(!outdated.receipt("942", one, at(12)), "what has changed is not the item");
        outdated.lacks("555");
        assert!(outdated.event("555", Some(one), at(13)));
        assert!(!outdated.receipt("555", one, at(14)), "what was missing before still is");
    }
}
