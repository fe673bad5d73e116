//! Recovery: out of a file whose structure is gone, or that cannot be trusted any more, come all records that can
//! still be authenticated, wherever in it they lie.
//!
//! What was sent or removed lately may come back with them. That is harmless: the cloud stores an id once.
//!
//! What cannot come back: a record with a changed byte in itself or in its frame's head, unless an older copy lies
//! in a page that is free; what lay behind the end of a cut file; and everything, where the key is gone. How many
//! records that were is not known, so the words ask the person to look.

use std::collections::BTreeMap;

use super::cipher::{Cipher, RecordId};
use super::file::Change;
use super::frame::{Table, frames};
use super::records::readable;

/// What a file's bytes still hold: of each record the latest that can be read.
pub(super) fn salvage(bytes: &[u8], cipher: &Cipher) -> Vec<Change> {
    let mut best: BTreeMap<(Table, &RecordId), (u64, &[u8])> = BTreeMap::new();
    for found in frames(bytes) {
        let key = (found.table, found.id);
        // A page that is copied leaves the same record in many places.
        if best.get(&key).is_some_and(|(_, known)| *known == found.whole) {
            continue;
        }
        let Some(change) = readable(cipher, found) else { continue };
        let known = best.entry(key).or_insert((change, found.whole));
        if known.0 < change {
            *known = (change, found.whole);
        }
    }
    let changes = best.into_iter().map(|((table, id), (_, frame))| Change::Put {
        table,
        id: *id,
        frame: frame.to_vec(),
    });
    changes.collect()
}
