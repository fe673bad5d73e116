//! Disks that are full, and power that goes.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use super::{Desk, LIMIT, number, view};
use crate::local::NoticeKind;
use crate::local::file::Opener;

/// A disk in memory that survives the program, can be full, and can lose power at any write.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    full: Arc<AtomicBool>,
    /// Writes until the power goes; what comes later is lost without an error.
    power: Arc<AtomicUsize>,
}

impl Disk {
    fn alive(&self) -> bool {
        let left = self.power.load(Ordering::Relaxed);
        if left != usize::MAX && left > 0 {
            self.power.store(left - 1, Ordering::Relaxed);
        }
        left > 0
    }

    fn opener(&self) -> Opener {
        let disk = self.clone();
        Box::new(move |_: &Path| redb::Database::builder().create_with_backend(disk.clone()))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.bytes.lock().unwrap()[from..from + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut bytes = self.bytes.lock().unwrap();
        let len = usize::try_from(len).unwrap();
        if len > bytes.len() && self.full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.alive() {
            bytes.resize(len, 0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.alive() {
            let from = usize::try_from(offset).unwrap();
            self.bytes.lock().unwrap()[from..from + data.len()].copy_from_slice(data);
        }
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_once_and_survived() {
    let desk = Desk::new();
    let disk = Disk::default();
    disk.power.store(usize::MAX, Ordering::Relaxed);
    let run = desk.open_with(disk.opener());
    run.remember_patient(view("1"));
    assert!(run.settle(LIMIT));
    disk.full.store(true, Ordering::Relaxed);
    for of in ["2", "3", "4"] {
        run.remember_patient(view(of));
        assert!(run.settle(LIMIT));
    }
    assert_eq!(run.kinds(), [NoticeKind::NotSaved]);
    assert!(run.known_patient(&number("3")).is_some(), "the window knows it all the same");
    disk.full.store(false, Ordering::Relaxed);
    run.remember_patient(view("5"));
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open_with(disk.opener());
    for of in ["1", "2", "3", "4", "5"] {
        assert!(run.known_patient(&number(of)).is_some(), "{of} was lost");
    }
    assert_eq!(run.kinds(), []);
}

#[test]
fn power_may_go_at_any_write() {
    let desk = Desk::new();
    for writes in 0.. {
        let disk = Disk::default();
        disk.power.store(usize::MAX, Ordering::Relaxed);
        let run = desk.open_with(disk.opener());
        run.remember_patient(view("1"));
        assert!(run.settle(LIMIT));
        disk.power.store(writes, Ordering::Relaxed);
        run.remember_patient(view("2"));
        assert!(run.settle(LIMIT));
        let outlived = disk.power.load(Ordering::Relaxed) > 0;
        // The process is gone with the power: nothing of its end reaches the disk.
        disk.power.store(0, Ordering::Relaxed);
        drop(run);

        disk.power.store(usize::MAX, Ordering::Relaxed);
        let run = desk.open_with(disk.opener());
        assert_eq!(run.kinds(), [], "after {writes} writes");
        assert_eq!(
            run.known_patient(&number("1")).unwrap().view,
            view("1"),
            "after {writes} writes"
        );
        let second = run.known_patient(&number("2"));
        assert!(second.is_none_or(|known| known.view == view("2")), "after {writes} writes");
        if outlived {
            assert!(run.known_patient(&number("2")).is_some(), "a finished write was lost");
            assert!(writes > 1, "the test met no write");
            return;
        }
    }
}
