//! The terminal's own memory: today's list and the patients opened lately, encrypted on disk, so that a scan
//! paints in the next frame and a power cut costs nothing.
//!
//! [`Handle`] answers from memory at once; a worker thread does every read and write of the file.

mod cipher;
mod file;
mod key;
mod memory;
mod worker;

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::patients::PatientView;
use api::receptions::ReceptionList;
use clinical::PatientNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::config::Keyring;
use memory::Memory;
use worker::{Job, Worker};

pub use memory::Known;

/// Where the cache stands and how much it holds.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its folder; made when it is not there.
    pub folder: PathBuf,
    /// The institution whose patients these are: one terminal may change hands.
    pub institution: String,
    /// Most patients; the one not opened for longest is dropped.
    pub patients: usize,
    /// Where its key may be kept.
    pub keyring: Keyring,
}

/// Something about the cache that the person at the terminal should know. The words are in
/// `assets/locales` under [`NoticeKind::key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Small print for the support line: paths and the system's words; never a patient's data.
    pub detail: String,
}

/// Kinds of [`Notice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// There is no keyring; the key is in a file that this user alone can read. Told once, when it is made.
    KeyInFile,
    /// The key file was open to others; it no longer is.
    KeyFileWasOpen,
    /// The keyring holds the key and does not answer; nothing is kept this time.
    KeyringSilent,
    /// The file was damaged; it lies beside under another name, and what could be read of it is kept.
    Damaged,
    /// The file was written with another key; it lies beside under another name.
    WrongKey,
    /// The file is of a newer version of this program; it lies beside under another name.
    Newer,
    /// Another window uses the cache; this one keeps nothing.
    InUse,
    /// The disk is full or refuses; what is new is not kept, work goes on.
    NotSaved,
    /// There is no folder to write to; nothing is kept.
    NoFolder,
}

impl NoticeKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::KeyInFile,
        Self::KeyFileWasOpen,
        Self::KeyringSilent,
        Self::Damaged,
        Self::WrongKey,
        Self::Newer,
        Self::InUse,
        Self::NotSaved,
        Self::NoFolder,
    ];

    /// The key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Self::KeyInFile => "cache.key_in_file",
            Self::KeyFileWasOpen => "cache.key_file_was_open",
            Self::KeyringSilent => "cache.keyring_silent",
            Self::Damaged => "cache.damaged",
            Self::WrongKey => "cache.wrong_key",
            Self::Newer => "cache.newer",
            Self::InUse => "cache.in_use",
            Self::NotSaved => "cache.not_saved",
            Self::NoFolder => "cache.no_folder",
        }
    }
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type Wake = Arc<dyn Fn() + Send + Sync>;

/// What window and worker share.
struct Shared {
    memory: Mutex<Memory>,
    notices: Mutex<Vec<Notice>>,
    clock: Clock,
    wake: Wake,
}

impl Shared {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A map stays whole even where a panic passed by.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, kind: NoticeKind, detail: impl Into<String>) {
        let notice = Notice { kind, detail: detail.into() };
        tracing::warn!(kind = ?notice.kind, detail = %notice.detail, "local cache");
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if !notices.contains(&notice) {
            notices.push(notice);
        }
        drop(notices);
        (self.wake)();
    }
}

/// The cache as the window holds it; clones are the same cache. Nothing here waits for the disk.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    jobs: Option<Sender<Job>>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("on_disk", &self.jobs.is_some()).finish_non_exhaustive()
    }
}

impl Handle {
    /// Opens the cache in the background: what is on disk appears when it has been read, and `wake` is called
    /// then and at each notice.
    pub fn open(settings: Settings, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::open_at(settings, Arc::new(wake), Arc::new(Timestamp::now))
    }

    /// [`Handle::open`] with a clock that a test can hold.
    pub fn open_at(settings: Settings, wake: Wake, clock: Clock) -> Self {
        let shared = Self::shared(settings.patients, wake, clock);
        let (jobs, inbox) = channel();
        let thread = std::thread::Builder::new().name("cache".to_owned());
        let behind = Arc::clone(&shared);
        match thread.spawn(move || Worker::new(settings, behind).run(&inbox)) {
            Ok(_) => Self { shared, jobs: Some(jobs) },
            Err(e) => {
                shared.tell(NoticeKind::NotSaved, e.to_string());
                Self { shared, jobs: None }
            }
        }
    }

    /// A cache that forgets everything at the end: for tests, and where there is no folder.
    pub fn in_memory(patients: usize) -> Self {
        let wake: Wake = Arc::new(|| ());
        Self { shared: Self::shared(patients, wake, Arc::new(Timestamp::now)), jobs: None }
    }

    fn shared(patients: usize, wake: Wake, clock: Clock) -> Arc<Shared> {
        let memory = Mutex::new(Memory::new(patients));
        Arc::new(Shared { memory, notices: Mutex::default(), clock, wake })
    }

    /// The patient as last seen on this terminal; any zero padding finds the same one.
    pub fn known_patient(&self, number: &PatientNumber) -> Option<Known> {
        self.shared.memory().patient(number)
    }

    /// Keeps what the cloud has just told about a patient.
    pub fn remember_patient(&self, view: PatientView) {
        let known = Known { view, stored_at: (self.shared.clock)() };
        let dropped = self.shared.memory().insert_patient(known.clone());
        self.send(Job::Patient { known: Box::new(known), dropped });
    }

    /// Keeps a day's list.
    pub fn remember_list(&self, list: ReceptionList) {
        let at = (self.shared.clock)();
        let dropped = self.shared.memory().insert_list(list.clone(), at);
        self.send(Job::List { list: Box::new(list), at, dropped });
    }

    /// The list of a day as last seen here, and when.
    pub fn last_list(&self, date: Date) -> Option<(ReceptionList, Timestamp)> {
        self.shared.memory().list(date)
    }

    /// Takes what there is to tell.
    pub fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut self.shared.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets everything, on disk too.
    pub fn clear(&self) {
        self.shared.memory().clear();
        self.send(Job::Clear);
    }

    /// Waits until everything asked so far is on disk, at most as long as given. For the end of the program
    /// and for tests, never from a frame.
    pub fn settle(&self, limit: std::time::Duration) -> bool {
        let Some(jobs) = &self.jobs else { return true };
        let (done, wait) = channel();
        jobs.send(Job::Settle(done)).is_ok() && wait.recv_timeout(limit).is_ok()
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The worker lives as long as its handles; nothing to do where it could not start.
            let _ = jobs.send(job);
        }
    }
}

#[cfg(test)]
mod tests;
