//! What a terminal did, in its own words: a file beside its store, one line a step. A line is written by one call
//! and survives the kill of its program, so it stands for what the person in front of the screen has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use api::entries::Entry;
use uuid::Uuid;

/// An entry as the person confirmed it.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Whose hand: the account's name in the store.
    pub author: Uuid,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// What.
    pub entry: Entry,
}

/// Everything that a terminal has said.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// How often the program was started.
    pub runs: usize,
    /// What persons have confirmed, in their order.
    pub tried: Vec<Tried>,
    /// What the screen has called saved.
    pub saved: BTreeSet<Uuid>,
    /// What the screen has called not saved.
    pub not_saved: BTreeMap<Uuid, String>,
    /// What the cloud has given a receipt for.
    pub sent: BTreeSet<Uuid>,
    /// What the cloud has refused.
    pub refused: BTreeMap<Uuid, String>,
    /// What the last run left in the outbox, and why.
    pub left: BTreeMap<Uuid, String>,
    /// What the person was told about the store.
    pub notices: Vec<String>,
}

impl Journal {
    /// Reads what there is; a last line that its writer did not finish does not count.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e),
        };
        let mut journal = Self::default();
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            journal.take(line);
        }
        Ok(journal)
    }

    fn take(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let id = || first.parse::<Uuid>().ok();
        match (word, id()) {
            ("RUN", _) => {
                self.runs += 1;
                self.left.clear();
            }
            ("NOTICE", _) => self.notices.push(rest.to_owned()),
            ("TRY", Some(author)) => {
                let Some((hash, body)) = more.split_once(' ') else { return };
                if let Ok(entry) = serde_json::from_str(body) {
                    self.tried.push(Tried { author, hash: hash.to_owned(), entry });
                }
            }
            ("SAVED", Some(id)) => drop(self.saved.insert(id)),
            ("SENT", Some(id)) => drop(self.sent.insert(id)),
            ("NOTSAVED", Some(id)) => drop(self.not_saved.insert(id, more.to_owned())),
            ("LEFT", Some(id)) => drop(self.left.insert(id, more.to_owned())),
            ("REFUSED", Some(id)) => drop(self.refused.insert(id, more.to_owned())),
            _ => {}
        }
    }
}

/// Writes a journal, and says the same on standard output.
pub struct Pen {
    file: File,
}

impl Pen {
    /// Goes on in a file, or begins it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        if last != [b'\n'] {
            // The program was killed within a line: what it did not finish stays unreadable.
            file.write_all(b"?\n")?;
        }
        Ok(Self { file })
    }

    /// Writes one line.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())?;
        let short = line.split_once('{').map_or(line, |(short, _)| short);
        let mut out = io::stdout().lock();
        // Nobody may be listening any more.
        let _ = writeln!(out, "{short}").and_then(|()| out.flush());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, Pen};

    #[test]
    fn a_line_that_was_not_finished_does_not_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let id = uuid::Uuid::from_u128(7);
        let mut pen = Pen::open(&path).expect("a new journal");
        pen.line("RUN").expect("written");
        pen.line(&format!("SAVED {id}")).expect("written");
        drop(pen);
        let cut = uuid::Uuid::from_u128(8);
        let text = std::fs::read_to_string(&path).expect("readable");
        std::fs::write(&path, format!("{text}SAVED {cut}")).expect("written");
        assert!(!Journal::read(&path).expect("readable").saved.contains(&cut));
        Pen::open(&path).expect("goes on").line("RUN").expect("written");
        let journal = Journal::read(&path).expect("readable");
        assert_eq!(journal.runs, 2);
        assert!(!journal.saved.contains(&cut));
        assert!(journal.saved.contains(&id));
    }
}
