//! A disk that fills up: "saved" is said of what is saved and of nothing else, and nothing typed is lost.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use api::entries::EntryContent;
use clinical::profile::{Act, ProfileKind};
use egui::Key;
use kiosk::app::Route;
use kiosk::local::Handle;
use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::records::with_profile;
use crate::support::{Bench, Setup, directors_session, receptions, store_over};

/// A file on a disk with room for so many more writes.
#[derive(Debug)]
struct Scarce {
    file: FileBackend,
    room: Arc<AtomicI64>,
}

impl Scarce {
    fn take(&self) -> io::Result<()> {
        match self.room.fetch_sub(1, Ordering::SeqCst) {
            left if left > 0 => Ok(()),
            _ => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

impl StorageBackend for Scarce {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.take()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.take()?;
        self.file.write(offset, data)
    }
}

const PLENTY: i64 = i64::MAX / 2;

/// A store on such a disk.
fn store(folder: &Path, room: &Arc<AtomicI64>) -> Handle {
    let room = Arc::clone(room);
    store_over(folder, move |file| Scarce { file, room: Arc::clone(&room) })
}

/// The practitioner has written height and weight into the form of the measurements.
fn with_two_values(cache: Handle) -> Bench {
    let known = vec![with_profile(Vec::new())];
    let setup = Setup { known, cache: Some(cache), ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    bench.scan("01873");
    bench.run();
    bench.key(Key::F2);
    bench.key(Key::Num1);
    bench.type_text("165");
    bench.key(Key::Enter);
    bench.type_text("68.4");
    assert!(bench.cache.settle(Duration::from_mins(1)));
    bench
}

/// Which kinds the outbox holds; none twice.
fn kinds(bench: &Bench) -> BTreeSet<ProfileKind> {
    let rows = &bench.harness.state().desk().outbox.rows;
    let mut kinds = BTreeSet::new();
    for row in rows {
        let EntryContent::Profile { entry } = &row.entry.content else { panic!("{row:?}") };
        let Act::Record { value, .. } = &entry.act else { panic!("{row:?}") };
        assert!(kinds.insert(value.kind()), "twice: {:?}", value.kind());
    }
    kinds
}

#[test]
fn whatever_fits_on_the_disk_is_saved_once_and_the_rest_with_the_next_press() {
    let (mut none, mut part, mut all) = (0, 0, 0);
    let mut writes = 0;
    while all == 0 {
        assert!(writes < 400, "never all: {none} {part}");
        let folder = tempfile::tempdir().unwrap();
        let room = Arc::new(AtomicI64::new(PLENTY));
        let mut bench = with_two_values(store(folder.path(), &room));
        room.store(writes, Ordering::SeqCst);
        bench.key(Key::F11);
        bench.until("the answer", |bench| bench.harness.state().desk().saving.is_empty());
        let kept = kinds(&bench).len();
        if kept == 2 {
            bench.sees("保存しました");
            assert_eq!(bench.harness.state().route(), Route::Patient);
            all += 1;
        } else {
            // The form stays with all that was typed; only what is safe is said to be.
            assert_eq!(bench.harness.state().route(), Route::Entry);
            bench.sees("165");
            bench.sees("68.4");
            if kept == 0 {
                none += 1;
                bench.sees("は保存できませんでした");
                bench.misses("ほかは保存しました");
            } else {
                part += 1;
                bench.sees("だけ保存できませんでした（ほかは保存しました）");
            }
            room.store(PLENTY, Ordering::SeqCst);
            bench.key(Key::F11);
            bench.until_sees("保存しました。");
            let both = BTreeSet::from([ProfileKind::Height, ProfileKind::Weight]);
            assert_eq!(kinds(&bench), both);
            assert_eq!(bench.harness.state().route(), Route::Patient);
        }
        writes += 1;
    }
    // Whether both values share a commit is for the store's thread to say: then there is no part.
    assert!(none > 0, "{none} {part} {all}");
}
