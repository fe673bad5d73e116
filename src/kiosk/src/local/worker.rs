//! The thread that reads and writes the cache's file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use api::receptions::ReceptionList;
use jiff::Timestamp;
use jiff::civil::Date;

use super::cipher::Cipher;
use super::file::{CacheFile, Change, Contents, FileError, Opener, opener, set_aside};
use super::key::{self, KeyError, Ring, SystemRing};
use super::memory::Known;
use super::{NoticeKind, Settings, Shared};

/// What the window wants written.
pub(super) enum Job {
    Patient { known: Box<Known>, dropped: Vec<String> },
    List { list: Box<ReceptionList>, at: Timestamp, dropped: Vec<Date> },
    Clear,
    Settle(Sender<()>),
}

pub(super) struct Worker {
    settings: Settings,
    shared: Arc<Shared>,
    opener: Opener,
    ring: Box<dyn Ring + Send>,
    file: Option<CacheFile>,
    /// Nothing will be written in this run: another window has the file, or the key is out of reach.
    given_up: bool,
    /// The person has been told that writing fails, and it has not worked since.
    told: bool,
}

impl Worker {
    pub(super) fn new(settings: Settings, shared: Arc<Shared>) -> Self {
        // The folder must be there before its path can be made canonical for the keyring's entry.
        let made = make_folder(&settings.folder);
        let ring = Box::new(SystemRing::of(&settings.folder));
        let mut worker = Self::with(settings, shared, opener(), ring);
        if let Err(e) = made {
            worker.told = true;
            worker
                .shared
                .tell(NoticeKind::NoFolder, format!("{}: {e}", worker.settings.folder.display()));
        }
        worker
    }

    pub(super) fn with(
        settings: Settings,
        shared: Arc<Shared>,
        opener: Opener,
        ring: Box<dyn Ring + Send>,
    ) -> Self {
        Self { settings, shared, opener, ring, file: None, given_up: false, told: false }
    }

    /// Loads the file, then works until the last handle is gone.
    pub(super) fn run(mut self, inbox: &Receiver<Job>) {
        self.start();
        while let Ok(first) = inbox.recv() {
            // What has gathered meanwhile shares one commit.
            let jobs: Vec<Job> = std::iter::once(first).chain(inbox.try_iter()).collect();
            self.work(&jobs);
            for job in jobs {
                if let Job::Settle(done) = job {
                    // Who asked may have stopped waiting.
                    let _ = done.send(());
                }
            }
        }
    }

    fn path(&self) -> PathBuf {
        self.settings.folder.join("cache.redb")
    }

    fn start(&mut self) {
        let Some(contents) = self.open() else { return };
        let Contents { patients, lists, unreadable, foreign } = contents;
        let now = (self.shared.clock)();
        let (old_patients, old_lists) = self.shared.memory().load(patients, lists, now);
        (self.shared.wake)();
        if unreadable > 0 {
            self.file = None;
            self.lay_aside("damaged", NoticeKind::Damaged, &format!("{unreadable} records"));
            self.rewrite();
        } else if foreign > 0 {
            self.rewrite();
        } else {
            let patients = old_patients.iter().map(|number| Change::DropPatient(number));
            let changes: Vec<_> =
                patients.chain(old_lists.into_iter().map(Change::DropList)).collect();
            self.write(&changes);
        }
    }

    /// Opens the file; what cannot be used is set aside and a new one begun. `None`: no file this time.
    fn open(&mut self) -> Option<Contents> {
        for _ in 0..3 {
            match self.try_open() {
                Ok((file, contents)) => {
                    self.file = Some(file);
                    return Some(contents);
                }
                Err(FileError::Damaged(what)) => {
                    self.lay_aside("damaged", NoticeKind::Damaged, &what);
                }
                Err(FileError::WrongKey) => {
                    self.lay_aside("other-key", NoticeKind::WrongKey, "");
                }
                Err(FileError::Newer) => self.lay_aside("newer", NoticeKind::Newer, ""),
                Err(FileError::InUse) => {
                    self.given_up = true;
                    self.shared.tell(NoticeKind::InUse, self.path().display().to_string());
                    return None;
                }
                Err(FileError::Io(what)) => {
                    self.not_saved(&what);
                    return None;
                }
            }
            if self.given_up {
                return None;
            }
        }
        None
    }

    fn try_open(&mut self) -> Result<(CacheFile, Contents), FileError> {
        make_folder(&self.settings.folder).map_err(|e| FileError::Io(e.to_string()))?;
        let shared = Arc::clone(&self.shared);
        let mut tell = |kind, detail| shared.tell(kind, detail);
        let key = key::obtain(&self.settings.folder, self.settings.keyring, &*self.ring, &mut tell);
        let key = match key {
            Ok(key) => key,
            Err(KeyError::Io(e)) => return Err(FileError::Io(format!("cache.key: {e}"))),
            Err(KeyError::Silent(why)) => {
                self.given_up = true;
                self.told = true;
                self.shared.tell(NoticeKind::KeyringSilent, why);
                return Err(FileError::Io("no key".to_owned()));
            }
        };
        let institution = &self.settings.institution;
        let file = CacheFile::open(&self.path(), &self.opener, Cipher::new(&key), institution)?;
        let contents = file.read()?;
        Ok((file, contents))
    }

    fn lay_aside(&mut self, why: &str, kind: NoticeKind, what: &str) {
        match set_aside(&self.path(), why) {
            Ok(aside) if what.is_empty() => self.shared.tell(kind, aside.display().to_string()),
            Ok(aside) => self.shared.tell(kind, format!("{} ({what})", aside.display())),
            Err(e) => {
                self.given_up = true;
                self.not_saved(&e.to_string());
            }
        }
    }

    fn work(&mut self, jobs: &[Job]) {
        if self.given_up || jobs.iter().all(|job| matches!(job, Job::Settle(_))) {
            return;
        }
        if self.file.is_none() {
            // It did not work before; the disk may have room again. The memory has these jobs already.
            self.rewrite();
            return;
        }
        let mut changes = Vec::new();
        for job in jobs {
            match job {
                Job::Patient { known, dropped } => {
                    changes.push(Change::Patient(known));
                    changes.extend(dropped.iter().map(|number| Change::DropPatient(number)));
                }
                Job::List { list, at, dropped } => {
                    changes.push(Change::List(list, *at));
                    changes.extend(dropped.iter().copied().map(Change::DropList));
                }
                Job::Clear => changes.push(Change::Clear),
                Job::Settle(_) => {}
            }
        }
        self.write(&changes);
    }

    /// Writes all that the memory holds, after opening the file where it is not open.
    fn rewrite(&mut self) {
        if self.file.is_none() && self.open().is_none() {
            return;
        }
        let (patients, lists) = self.shared.memory().all();
        let mut changes = vec![Change::Clear];
        changes.extend(patients.iter().map(Change::Patient));
        changes.extend(lists.iter().map(|(list, at)| Change::List(list, *at)));
        self.write(&changes);
    }

    fn write(&mut self, changes: &[Change<'_>]) {
        if changes.is_empty() {
            return;
        }
        let Some(file) = &self.file else { return };
        match file.write(changes) {
            Ok(()) => self.told = false,
            Err(FileError::Damaged(what)) => {
                self.file = None;
                self.lay_aside("damaged", NoticeKind::Damaged, &what);
            }
            Err(error) => {
                // After a failed write redb wants to be opened anew.
                self.file = None;
                self.not_saved(&match error {
                    FileError::Io(what) => what,
                    other => format!("{other:?}"),
                });
            }
        }
    }

    fn not_saved(&mut self, why: &str) {
        if !self.told {
            self.told = true;
            self.shared.tell(NoticeKind::NotSaved, why.to_owned());
        }
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
