//! The terminal's own store, encrypted on disk. It keeps copies, today's list and the patients opened lately, so
//! that a scan paints in the next frame; and it keeps what is nowhere else: the outbox of confirmed entries, the
//! drafts, and the keys of the people who sign.
//!
//! [`Handle`] answers from memory at once; a worker thread does every read and write of the file.

mod cipher;
mod confirm;
mod disk;
mod drafts;
mod file;
mod frame;
mod key;
mod lab;
mod memory;
mod merge;
pub mod outbox;
mod people;
mod place;
mod prints;
mod records;
mod salvage;
mod sending;
mod terminal;
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
use records::Named;
use tokio::sync::Notify;
use worker::{Job, Worker};

pub use confirm::{Confirm, Kept, NotKept};
pub use disk::{Disk, Opener, Step};
pub use drafts::{Draft, DraftKey};
pub use memory::Known;
pub use merge::{mark_seen, merge_day, merge_item, merge_order, merge_reception};
pub use outbox::{BadReceipt, NextToSend, OutboxRow, OutboxView, RowPatient, RowState};
pub use people::{OFFLINE_LIMIT, OfflineAnswer};
pub use prints::{KeptPrint, PrintsKept};
pub use terminal::NoNumbers;

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
    /// How many unsent entries it is about, `{n}` of the words; 0 where it is about none.
    pub unsent: usize,
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
    /// As [`NoticeKind::Damaged`], and unsent entries were found in it and go out now: so many.
    DamagedUnsent,
    /// Unsent entries of another institution lie here; they go out when this terminal is set to it again.
    OtherInstitution,
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
    pub const ALL: [Self; 11] = [
        Self::KeyInFile,
        Self::KeyFileWasOpen,
        Self::KeyringSilent,
        Self::Damaged,
        Self::DamagedUnsent,
        Self::OtherInstitution,
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
            Self::DamagedUnsent => "cache.damaged_unsent",
            Self::OtherInstitution => "cache.other_institution",
            Self::WrongKey => "cache.wrong_key",
            Self::Newer => "cache.newer",
            Self::InUse => "cache.in_use",
            Self::NotSaved => "cache.not_saved",
            Self::NoFolder => "cache.no_folder",
        }
    }
}

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Asks for a repaint.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What window and worker share.
struct Shared {
    memory: Mutex<Memory>,
    notices: Mutex<Vec<Notice>>,
    kept: Mutex<Vec<Kept>>,
    outbox_changed: Arc<Notify>,
    clock: Clock,
    wake: Wake,
}

/// What is behind a lock stays whole even where a panic passed by.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }

    fn tell(&self, kind: NoticeKind, detail: impl Into<String>) {
        self.tell_of(kind, detail, 0);
    }

    fn tell_of(&self, kind: NoticeKind, detail: impl Into<String>, unsent: usize) {
        let notice = Notice { kind, detail: detail.into(), unsent };
        tracing::warn!(kind = ?notice.kind, detail = %notice.detail, unsent, "local store");
        let mut notices = lock(&self.notices);
        if !notices.contains(&notice) {
            notices.push(notice);
        }
        drop(notices);
        (self.wake)();
    }

    fn kept(&self, kept: Kept) {
        lock(&self.kept).push(kept);
        (self.wake)();
    }

    fn outbox_moved(&self) {
        self.hurry_sender();
        (self.wake)();
    }

    /// Tells all who wait, and who comes to wait next.
    fn hurry_sender(&self) {
        self.outbox_changed.notify_waiters();
        self.outbox_changed.notify_one();
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
        Self::open_on(settings, wake, clock, Disk::default())
    }

    /// [`Handle::open_at`] on a disk that can be made to fail, for tests.
    pub fn open_on(settings: Settings, wake: Wake, clock: Clock, disk: Disk) -> Self {
        let shared = Self::shared(settings.patients, wake, clock);
        let (jobs, inbox) = channel();
        let thread = std::thread::Builder::new().name("cache".to_owned());
        let behind = Arc::clone(&shared);
        match thread.spawn(move || Worker::new(settings, behind, disk).run(&inbox)) {
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
        Arc::new(Shared {
            memory,
            notices: Mutex::default(),
            kept: Mutex::default(),
            outbox_changed: Arc::default(),
            clock,
            wake,
        })
    }

    fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// The patient as last seen on this terminal; any zero padding finds the same one.
    pub fn known_patient(&self, number: &PatientNumber) -> Option<Known> {
        self.shared.memory().patient(number)
    }

    /// Keeps what the cloud has just told about a patient.
    pub fn remember_patient(&self, view: PatientView) {
        let known = Known { view, stored_at: self.now(), outdated: false };
        let canonical = known.view.patient.number.canonical();
        let dropped = self.shared.memory().insert_patient(known);
        let dropped = dropped.into_iter().map(Named::Patient);
        self.changed_all(dropped.chain([Named::Patient(canonical)]).collect());
    }

    /// Keeps in mind whether what is known of a patient is no longer all there is.
    pub fn mark_outdated(&self, number: &PatientNumber, outdated: bool) {
        let canonical = number.canonical();
        let marked = {
            let mut memory = self.shared.memory();
            let known = memory.patients.get_mut(&canonical);
            let known = known.filter(|known| known.outdated != outdated);
            known.map(|known| known.outdated = outdated).is_some()
        };
        if marked {
            self.changed(Named::Patient(canonical));
        }
    }

    /// Keeps a day's list.
    pub fn remember_list(&self, list: ReceptionList) {
        let date = list.date;
        let dropped = self.shared.memory().insert_list(list, self.now());
        let dropped = dropped.into_iter().map(Named::List);
        self.changed_all(dropped.chain([Named::List(date)]).collect());
    }

    /// The patients known here, latest first: what a search finds while the line is cut.
    pub fn known_patients(&self) -> Vec<Known> {
        let mut known: Vec<Known> = self.shared.memory().patients.values().cloned().collect();
        known.sort_by_key(|known| std::cmp::Reverse(known.stored_at));
        known
    }

    /// The list of a day as last seen here, and when.
    pub fn last_list(&self, date: Date) -> Option<(ReceptionList, Timestamp)> {
        self.shared.memory().list(date)
    }

    /// Takes what there is to tell.
    pub fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut *lock(&self.shared.notices))
    }

    /// Forgets patients and lists, on disk too. What people have entered stays.
    pub fn clear(&self) {
        let gone = self.shared.memory().clear();
        self.changed_all(gone.into_iter().collect());
    }

    /// Waits until everything asked so far is on disk, at most as long as given. For the end of the program
    /// and for tests, never from a frame.
    pub fn settle(&self, limit: std::time::Duration) -> bool {
        let Some(jobs) = &self.jobs else { return true };
        let (done, wait) = channel();
        jobs.send(Job::Settle(done)).is_ok() && wait.recv_timeout(limit).is_ok()
    }

    fn changed(&self, dirty: Named) {
        self.changed_all(vec![dirty]);
    }

    fn changed_all(&self, dirty: Vec<Named>) {
        self.send(Job::Changed(dirty));
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
