//! A disk in memory that outlives the program, can be full, and can lose power.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

use super::{Desk, LIMIT, number, view};
use crate::local::{Disk, NoticeKind};

/// What a disk has been told and has not promised yet.
#[derive(Debug, Clone)]
enum Pending {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug, Clone, Default)]
struct Inner {
    /// As the program reads it.
    live: Vec<u8>,
    /// As it was at the last sync.
    durable: Vec<u8>,
    pending: Vec<Pending>,
    /// Writes, changes of length and syncs so far.
    steps: usize,
    /// The power goes at this step.
    cut: Option<usize>,
    dark: bool,
    full: bool,
    /// One refusal at this step.
    refused: Option<usize>,
}

/// The disk; clones are the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct Platter(Arc<Mutex<Inner>>);

impl Platter {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Another disk with the same contents, all of it durable.
    pub(super) fn copy(&self) -> Self {
        let live = self.inner().live.clone();
        Self(Arc::new(Mutex::new(Inner { durable: live.clone(), live, ..Inner::default() })))
    }

    pub(super) fn steps(&self) -> usize {
        self.inner().steps
    }

    pub(super) fn cut_at(&self, step: usize) {
        self.inner().cut = Some(step);
    }

    pub(super) fn refuse_at(&self, step: usize) {
        self.inner().refused = Some(step);
    }

    pub(super) fn set_full(&self, full: bool) {
        self.inner().full = full;
    }

    /// The power comes back. Of what was not synced, any part may have arrived, sector by sector.
    pub(super) fn restart(&self, seed: u64) {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut lucky = move || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random & 1 == 0
        };
        let mut inner = self.inner();
        let mut bytes = std::mem::take(&mut inner.durable);
        for pending in std::mem::take(&mut inner.pending) {
            match pending {
                Pending::Length(length) if lucky() => bytes.resize(length, 0),
                Pending::Length(_) => {}
                Pending::Write(at, data) => {
                    let mut from = 0;
                    while from < data.len() {
                        let to = ((at + from) / 512 * 512 + 512 - at).min(data.len());
                        // Past the end there is nothing, if the new length did not arrive.
                        if lucky() && at + to <= bytes.len() {
                            bytes[at + from..at + to].copy_from_slice(&data[from..to]);
                        }
                        from = to;
                    }
                }
            }
        }
        *inner = Inner { live: bytes.clone(), durable: bytes, ..Inner::default() };
    }

    pub(super) fn disk(&self) -> Disk {
        let platter = self.clone();
        let open = move |_: &Path| redb::Database::builder().create_with_backend(platter.clone());
        Disk { database: Arc::new(open), ..Disk::default() }
    }

    fn step(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let mut inner = self.inner();
        inner.steps += 1;
        inner.dark |= inner.cut == Some(inner.steps);
        if inner.dark {
            return Err(io::Error::other("the power is gone"));
        }
        if inner.refused == Some(inner.steps) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(inner)
    }
}

impl StorageBackend for Platter {
    fn len(&self) -> io::Result<u64> {
        Ok(self.inner().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        let inner = self.inner();
        let bytes = inner.live.get(from..from + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut inner = self.step()?;
        let len = usize::try_from(len).unwrap();
        if len > inner.live.len() && inner.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        inner.live.resize(len, 0);
        inner.pending.push(Pending::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut inner = self.step()?;
        inner.pending.clear();
        inner.durable = inner.live.clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut inner = self.step()?;
        if inner.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let from = usize::try_from(offset).unwrap();
        inner.live[from..from + data.len()].copy_from_slice(data);
        inner.pending.push(Pending::Write(from, data.to_vec()));
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_once_and_survived() {
    let desk = Desk::new();
    desk.beside_memory();
    let platter = Platter::default();
    let run = desk.open_with(platter.disk());
    run.remember_patient(view("1"));
    assert!(run.settle(LIMIT));
    platter.set_full(true);
    for of in ["2", "3", "4"] {
        run.remember_patient(view(of));
        assert!(run.settle(LIMIT));
    }
    assert_eq!(run.kinds(), [NoticeKind::NotSaved]);
    assert!(run.known_patient(&number("3")).is_some(), "the window knows it all the same");
    platter.set_full(false);
    run.remember_patient(view("5"));
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open_with(platter.disk());
    for of in ["1", "2", "3", "4", "5"] {
        assert!(run.known_patient(&number(of)).is_some(), "{of} was lost");
    }
    assert_eq!(run.kinds(), []);
}
