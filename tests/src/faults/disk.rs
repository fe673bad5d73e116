//! A disk under the terminal's store that stops the program at one exact step, tears a write, is full, or keeps
//! nothing but what was synced, as when the power goes.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kiosk::local;
use redb::backends::FileBackend;
use redb::{BackendError, Database, StorageBackend};

/// When, relative to a step, the program stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the step is done.
    Before,
    /// With half of a write done.
    Torn,
    /// When it is done, before the program knows.
    After,
}

impl When {
    /// All moments.
    pub const ALL: [Self; 3] = [Self::Before, Self::Torn, Self::After];

    /// As on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Torn => "torn",
            Self::After => "after",
        }
    }

    /// Reads what [`When::name`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|when| when.name() == text)
    }
}

/// What goes wrong, and how many steps there have been. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Troubles {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    steps: AtomicU64,
    stop: Option<(u64, When)>,
    full_every: Option<u64>,
    /// What is not synced is on no disk.
    power: bool,
    full: AtomicBool,
    refusals: AtomicU64,
}

impl Troubles {
    /// Stops at a step, counted from 1; refuses every so manieth step as a full disk does; keeps what is synced
    /// alone.
    pub fn new(stop: Option<(u64, When)>, full_every: Option<u64>, power: bool) -> Self {
        Self { inner: Arc::new(Inner { stop, full_every, power, ..Inner::default() }) }
    }

    /// Whether there is no room at all from now on.
    pub fn set_full(&self, full: bool) {
        self.inner.full.store(full, Ordering::SeqCst);
    }

    /// Steps refused so far.
    pub fn refusals(&self) -> u64 {
        self.inner.refusals.load(Ordering::SeqCst)
    }

    /// The disk for the store.
    pub fn disk(&self) -> local::Disk {
        let (here, there) = (self.clone(), self.clone());
        let open = move |path: &std::path::Path| {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let file = FileBackend::new(options.open(path)?)?;
            let unsynced =
                Mutex::new(if here.inner.power { Some(Unsynced::of(&file)?) } else { None });
            let backend = Backend { file, troubles: here.clone(), unsynced };
            Database::builder().set_cache_size(4 << 20).create_with_backend(backend)
        };
        let before = move |step: local::Step| {
            let name = format!("{step:?}");
            // The store does these by itself: there is no half, and nothing can be seen of their end.
            there.step(&name, || Ok(()), || Ok(()))
        };
        local::Disk { database: Arc::new(open), before: Arc::new(before) }
    }

    fn step(
        &self,
        name: &str,
        whole: impl FnOnce() -> io::Result<()>,
        half: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let number = self.inner.steps.fetch_add(1, Ordering::SeqCst) + 1;
        let every = self.inner.full_every.is_some_and(|every| number.is_multiple_of(every));
        if every || self.inner.full.load(Ordering::SeqCst) {
            self.inner.refusals.fetch_add(1, Ordering::SeqCst);
            return Err(io::ErrorKind::StorageFull.into());
        }
        match self.inner.stop.filter(|(at, _)| *at == number) {
            None => return whole(),
            Some((_, When::Before)) => {}
            Some((_, When::Torn)) => half()?,
            Some((_, When::After)) => whole()?,
        }
        stop(number, name)
    }
}

/// Says where it is and waits to be killed.
fn stop(number: u64, name: &str) -> ! {
    {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "AT {number} {name}").and_then(|()| out.flush());
    }
    loop {
        std::thread::park();
    }
}

/// A file as its program sees it, and which parts of that the disk does not have yet.
#[derive(Debug)]
struct Unsynced {
    image: Vec<u8>,
    parts: Vec<(usize, usize)>,
}

impl Unsynced {
    fn of(file: &FileBackend) -> io::Result<Self> {
        let mut image = vec![0; size(file.len()?)?];
        file.read(0, &mut image)?;
        Ok(Self { image, parts: Vec::new() })
    }

    fn write(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = size(offset)?;
        let end = start + data.len();
        if end > self.image.len() {
            self.image.resize(end, 0);
        }
        self.image[start..end].copy_from_slice(data);
        self.parts.push((start, end));
        Ok(())
    }

    /// Carries parts to the disk: all of them, or every second one where the power goes meanwhile.
    fn flush(&mut self, file: &FileBackend, all: bool) -> io::Result<()> {
        if file.len()? != self.image.len() as u64 {
            file.set_len(self.image.len() as u64)?;
        }
        for (at, (start, end)) in self.parts.drain(..).enumerate() {
            // A later cut may have taken the part away.
            let end = end.min(self.image.len());
            if start < end && (all || at % 2 == 0) {
                file.write(start as u64, &self.image[start..end])?;
            }
        }
        file.sync_data()
    }
}

fn size(length: u64) -> io::Result<usize> {
    usize::try_from(length).map_err(io::Error::other)
}

#[derive(Debug)]
struct Backend {
    file: FileBackend,
    troubles: Troubles,
    /// With a disk that keeps what is synced alone.
    unsynced: Mutex<Option<Unsynced>>,
}

impl Backend {
    fn unsynced(&self) -> MutexGuard<'_, Option<Unsynced>> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match &mut *self.unsynced() {
            Some(unsynced) => unsynced.write(offset, data),
            None => self.file.write(offset, data),
        }
    }

    fn sync(&self, all: bool) -> io::Result<()> {
        match &mut *self.unsynced() {
            Some(unsynced) => unsynced.flush(&self.file, all),
            None if all => self.file.sync_data(),
            None => Ok(()),
        }
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        match &*self.unsynced() {
            Some(unsynced) => Ok(unsynced.image.len() as u64),
            None => self.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let unsynced = self.unsynced();
        let Some(unsynced) = &*unsynced else { return self.file.read(offset, out) };
        let start = size(offset)?;
        let part = unsynced.image.get(start..start + out.len());
        out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let whole = || match &mut *self.unsynced() {
            Some(unsynced) => {
                unsynced.image.resize(size(len)?, 0);
                Ok(())
            }
            None => self.file.set_len(len),
        };
        self.troubles.step("set_len", whole, || Ok(()))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.troubles.step("sync", || self.sync(true), || self.sync(false))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let half = || self.put(offset, &data[..data.len() / 2]);
        self.troubles.step("write", || self.put(offset, data), half)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
