//! The folder of the store: who has it, its key, its file, and what becomes of a file that cannot be used.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cipher::Cipher;
use super::disk::{Disk, Step, set_aside, sync_folder};
use super::file::{CacheFile, FileError};
use super::key::{self, KeyError, Ring};
use super::records::Contents;
use super::salvage::salvage;
use super::{NoticeKind, Settings, Shared};

/// A program that was closed a moment ago lets the folder go within this time.
const LETS_GO: Duration = Duration::from_secs(3);
const GLANCE: Duration = Duration::from_millis(20);

pub(super) struct Place {
    settings: Settings,
    shared: Arc<Shared>,
    disk: Disk,
    ring: Box<dyn Ring + Send>,
    /// Held while this window has the folder. Something is in it once there has been a database.
    claim: Option<File>,
    /// The database's place is empty because this run has emptied it.
    emptied: bool,
    /// The file as it was before it was opened: in trying to repair it, the database may cut something off.
    before: Option<Vec<u8>>,
    /// Nothing will be written in this run: another window has the folder, or the key is out of reach.
    given_up: bool,
}

impl Place {
    pub(super) fn new(
        settings: Settings,
        shared: Arc<Shared>,
        disk: Disk,
        ring: Box<dyn Ring + Send>,
    ) -> Self {
        Self {
            settings,
            shared,
            disk,
            ring,
            claim: None,
            emptied: false,
            before: None,
            given_up: false,
        }
    }

    /// Whether nothing will be written in this run; the person has been told why.
    pub(super) fn given_up(&self) -> bool {
        self.given_up
    }

    fn path(&self) -> PathBuf {
        self.settings.folder.join("cache.redb")
    }

    fn recovered_path(&self) -> PathBuf {
        self.settings.folder.join("cache.recovered.redb")
    }

    /// Opens the file; what cannot be used is set aside, what can be read of it recovered, and a new one begun.
    pub(super) fn open(&mut self) -> Result<(CacheFile, Contents), FileError> {
        if self.given_up {
            return Err(FileError::Io("this terminal keeps nothing in this run".to_owned()));
        }
        let mut last = FileError::Io("the file is damaged each time".to_owned());
        for _ in 0..3 {
            match self.try_open() {
                Err(FileError::Damaged(what)) => {
                    self.recover(&what)?;
                    last = FileError::Damaged(what);
                }
                Err(FileError::WrongKey) => {
                    self.replace("other-key", NoticeKind::WrongKey, "another key")?;
                }
                Err(FileError::Newer) => {
                    self.replace("newer", NoticeKind::Newer, "a newer format")?;
                }
                Err(FileError::InUse) => {
                    self.given_up = true;
                    self.shared.tell(NoticeKind::InUse, self.path().display().to_string());
                    return Err(FileError::InUse);
                }
                other => return other,
            }
        }
        Err(last)
    }

    fn try_open(&mut self) -> Result<(CacheFile, Contents), FileError> {
        make_folder(&self.settings.folder, &self.disk)?;
        self.claim()?;
        let cipher = self.cipher()?;
        self.finish_recovery()?;
        let path = self.path();
        let new = !path.exists();
        if !self.emptied && self.had_database()? {
            if new {
                self.shared.tell(NoticeKind::Damaged, format!("{} is gone", path.display()));
            } else if std::fs::metadata(&path)?.len() == 0 {
                return Err(FileError::Damaged("the file is empty".to_owned()));
            }
        }
        self.before = std::fs::read(&path).ok();
        let file = CacheFile::open(&path, &self.disk, cipher, &self.settings.institution)?;
        if new {
            // Without its name the file would be gone with the power, whatever is in it.
            sync_folder(&path, &self.disk)?;
        }
        self.emptied = false;
        self.note_database()?;
        let contents = file.read()?;
        if contents.unreadable > 0 {
            return Err(FileError::Damaged(format!("{} records", contents.unreadable)));
        }
        self.before = None;
        Ok((file, contents))
    }

    /// Claims the folder for this window. Where the file system knows no locks, the database's own must do.
    fn claim(&mut self) -> Result<(), FileError> {
        if self.claim.is_none() {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let file = options.open(self.settings.folder.join("cache.lock"))?;
            let until = Instant::now() + LETS_GO;
            while let Err(TryLockError::WouldBlock) = file.try_lock() {
                if Instant::now() >= until {
                    return Err(FileError::InUse);
                }
                std::thread::sleep(GLANCE);
            }
            self.claim = Some(file);
        }
        Ok(())
    }

    /// Whether there has been a database here: then one that is gone or empty has been lost.
    fn had_database(&self) -> Result<bool, FileError> {
        Ok(match &self.claim {
            Some(file) => file.metadata()?.len() > 0,
            None => false,
        })
    }

    fn note_database(&mut self) -> Result<(), FileError> {
        if let Some(file) = &mut self.claim
            && file.metadata()?.len() == 0
        {
            file.write_all(b"soegaki store\n")?;
        }
        Ok(())
    }

    fn cipher(&mut self) -> Result<Cipher, FileError> {
        let shared = Arc::clone(&self.shared);
        let mut tell = |kind, detail| shared.tell(kind, detail);
        let (folder, wish) = (&self.settings.folder, self.settings.keyring);
        match key::obtain(folder, wish, &*self.ring, &self.disk, &mut tell) {
            Ok(key) => Ok(Cipher::new(&key)),
            Err(KeyError::Io(e)) => Err(e.into()),
            Err(KeyError::Silent(why)) => {
                self.given_up = true;
                self.shared.tell(NoticeKind::KeyringSilent, why);
                Err(FileError::Io("no key".to_owned()))
            }
        }
    }

    /// A file that is not what was written. See [`Place::replace`].
    pub(super) fn recover(&mut self, what: &str) -> Result<(), FileError> {
        self.replace("damaged", NoticeKind::Damaged, what)
    }

    /// Sets a file aside that cannot be used, and puts a new one in its place with everything that can still be
    /// read of it. Where that is anything, a file of another key or version is only a damaged one.
    ///
    /// At each step the power may go: the next start finds the old file and begins anew, or the finished new one
    /// and moves it.
    fn replace(&mut self, why: &str, kind: NoticeKind, what: &str) -> Result<(), FileError> {
        let bytes = match self.before.take() {
            Some(bytes) => bytes,
            None => std::fs::read(self.path())?,
        };
        let cipher = self.cipher()?;
        let found = salvage(&bytes, &cipher);
        drop(bytes);
        let new = self.recovered_path();
        remove_scratch(&new)?;
        let (mut why, mut kind, mut unsent) = (why, kind, 0);
        if !found.is_empty() {
            let file = CacheFile::open(&new, &self.disk, cipher, &self.settings.institution)?;
            file.write(&found)?;
            unsent = file.read()?.rows.iter().filter(|row| row.is_unsent()).count();
            let told = [NoticeKind::Damaged, NoticeKind::DamagedUnsent];
            (why, kind) = ("damaged", told[usize::from(unsent > 0)]);
        }
        let aside = set_aside(&self.path(), why, &self.disk)?;
        self.emptied = true;
        self.finish_recovery()?;
        let records = found.len();
        let detail = format!("{} ({what}; {records} records recovered)", aside.display());
        self.shared.tell_of(kind, detail, unsent);
        Ok(())
    }

    /// Moves a recovered file to its place, where the damaged one has left it.
    fn finish_recovery(&self) -> Result<(), FileError> {
        let (new, place) = (self.recovered_path(), self.path());
        if !place.exists() && new.exists() {
            (self.disk.before)(Step::MoveRecovered)?;
            std::fs::rename(&new, &place)?;
            sync_folder(&place, &self.disk)?;
        }
        Ok(())
    }
}

fn remove_scratch(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

/// Makes the folder where it is not there, for this user alone.
pub(super) fn make_folder(folder: &Path, disk: &Disk) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    sync_folder(folder, disk)
}
