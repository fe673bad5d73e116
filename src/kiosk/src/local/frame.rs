//! Frames: each sealed record lies in a frame that says where it begins, what it is and how long it is, so that it
//! can be found in a file whose structure is gone.

use super::cipher::RecordId;

const MAGIC: &[u8; 8] = b"SGK2\x1e\xd7\x0a\x91";
const HEAD: usize = MAGIC.len() + 1 + size_of::<RecordId>() + 4;

/// Kinds of records, each in a table of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(super) enum Table {
    Patients = 1,
    Lists = 2,
    Outbox = 3,
    Drafts = 4,
    People = 5,
    Staff = 6,
    Prints = 7,
    Terminal = 8,
    Lab = 9,
}

impl Table {
    pub(super) const ALL: [Self; 9] = [
        Self::Patients,
        Self::Lists,
        Self::Outbox,
        Self::Drafts,
        Self::People,
        Self::Staff,
        Self::Prints,
        Self::Terminal,
        Self::Lab,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Lists => "lists",
            Self::Outbox => "outbox",
            Self::Drafts => "drafts",
            Self::People => "people",
            Self::Staff => "staff",
            Self::Prints => "prints",
            Self::Terminal => "terminal",
            Self::Lab => "lab",
        }
    }

    /// Whether its records may go where they are of no use: copies of what the cloud has, and print jobs, whose
    /// papers can be asked for again.
    pub(super) fn is_copy(self) -> bool {
        matches!(self, Self::Patients | Self::Lists | Self::Staff | Self::Prints | Self::Lab)
    }
}

/// Puts a sealed record into its frame.
pub(super) fn framed(table: Table, id: &RecordId, sealed: &[u8]) -> Vec<u8> {
    // A record is some kilobytes; one past 4 GiB could not be sealed in memory.
    let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes();
    [MAGIC.as_slice(), &[table as u8], id, &length, sealed].concat()
}

/// A framed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) table: Table,
    pub(super) id: &'a RecordId,
    pub(super) sealed: &'a [u8],
    /// With its head.
    pub(super) whole: &'a [u8],
}

/// The frame that begins where these bytes begin.
pub(super) fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let rest = bytes.strip_prefix(MAGIC.as_slice())?;
    let (tag, rest) = rest.split_first()?;
    let table = Table::ALL.into_iter().find(|table| *table as u8 == *tag)?;
    let (id, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let sealed = rest.get(..length)?;
    Some(Frame { table, id, sealed, whole: &bytes[..HEAD + length] })
}

/// All frames in some bytes, wherever they lie. What only looks like one is for the cipher to tell.
pub(super) fn frames(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(next) = bytes.get(at..)?.iter().position(|byte| *byte == MAGIC[0]) {
            at += next + 1;
            if let Some(found) = frame(&bytes[at - 1..]) {
                return Some(found);
            }
        }
        at = bytes.len();
        None
    })
}

#[cfg(test)]
mod tests {
    use super::{Table, frame, framed, frames};

    #[test]
    fn frames_are_found_among_anything() {
        let one = framed(Table::Outbox, &[7; 32], b"sealed");
        let two = framed(Table::Drafts, &[8; 32], &[0; 5000]);
        let bytes = [b"SSGK2 SGK2".as_slice(), &one, &one[..30], &two, b"S", &two[..5044]].concat();
        let found: Vec<_> = frames(&bytes).map(|f| (f.table, f.id[0], f.sealed.len())).collect();
        assert_eq!(found, [(Table::Outbox, 7, 6), (Table::Drafts, 8, 5000)]);
        assert_eq!(frame(&one).map(|f| f.whole), Some(&one[..]));
        assert_eq!(frame(&one[1..]), None);
        assert_eq!(frames(&[]).count(), 0);
    }
}
