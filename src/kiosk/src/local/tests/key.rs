//! The key files: two copies, of which one is enough.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::store::{DOCTOR, pulse, sign_in};
use super::*;
use crate::local::key::{KeyError, obtain};

/// Takes the others' rights away, as the program does with what it writes.
pub(super) fn close_to_others(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A folder with nothing but key files in it.
struct Folder {
    dir: tempfile::TempDir,
    ring: TestRing,
    wish: Keyring,
}

/// What a start found.
struct Start {
    key: MasterKey,
    told: Vec<(NoticeKind, String)>,
}

impl Folder {
    fn new(wish: Keyring) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), ring: TestRing::default(), wish }
    }

    fn paths(&self) -> [PathBuf; 2] {
        ["cache.key", "cache.key.2"].map(|name| self.dir.path().join(name))
    }

    fn texts(&self) -> [Vec<u8>; 2] {
        self.paths().map(|path| std::fs::read(path).unwrap())
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Puts a file there, or takes it away.
    fn put(&self, copy: usize, bytes: Option<&[u8]>) {
        let path = &self.paths()[copy];
        match bytes {
            Some(bytes) => {
                std::fs::write(path, bytes).unwrap();
                close_to_others(path);
            }
            None => std::fs::remove_file(path).unwrap(),
        }
    }

    fn try_start(&self, disk: &Disk) -> (Result<MasterKey, KeyError>, Vec<(NoticeKind, String)>) {
        let mut told = Vec::new();
        let mut tell = |kind, detail| told.push((kind, detail));
        let key = obtain(self.dir.path(), self.wish, &self.ring, disk, &mut tell);
        (key, told)
    }

    fn start(&self) -> Start {
        let (key, told) = self.try_start(&Disk::default());
        Start { key: key.unwrap(), told }
    }

    /// With these bytes in one copy the key is found in silence, and both copies are whole again.
    fn survives(&self, whole: &[u8], key: &MasterKey, copy: usize, harm: Option<&[u8]>, of: &str) {
        self.put(copy, harm);
        let start = self.start();
        assert!(start.key == *key, "{of}: another key");
        assert_eq!(start.told, [], "{of}");
        assert_eq!(self.texts(), [whole, whole], "{of}");
    }
}

/// Every way to flip one bit, to cut the text, to lose it.
fn every_harm(whole: &[u8]) -> impl Iterator<Item = (String, Option<Vec<u8>>)> {
    let flips = (0..whole.len() * 8).map(|bit| {
        let mut bytes = whole.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        (format!("bit {} of byte {}", bit % 8, bit / 8), Some(bytes))
    });
    let cuts =
        (0..whole.len()).map(|length| (format!("cut at {length}"), Some(whole[..length].to_vec())));
    let others = [
        ("gone".to_owned(), None),
        ("zeros".to_owned(), Some(vec![0; whole.len()])),
        ("a page of garbage".to_owned(), Some(vec![0xa7; 4096])),
        ("something behind it".to_owned(), Some([whole, b"x"].concat())),
        ("twice".to_owned(), Some(whole.repeat(2))),
    ];
    flips.chain(cuts).chain(others)
}

fn a_single_harm_costs_nothing(wish: Keyring) {
    let folder = Folder::new(wish);
    let key = folder.start().key;
    let [whole, second] = folder.texts();
    assert!(whole == second);
    for copy in 0..2 {
        for (of, harm) in every_harm(&whole) {
            folder.survives(&whole, &key, copy, harm.as_deref(), &format!("copy {copy}: {of}"));
        }
    }
    assert_eq!(folder.names(), ["cache.key", "cache.key.2"], "nothing is left behind");
}

#[test]
fn a_single_harm_costs_no_key_in_the_files() {
    a_single_harm_costs_nothing(Keyring::File);
}

#[test]
fn a_single_harm_costs_no_key_in_the_keyring() {
    a_single_harm_costs_nothing(Keyring::Auto);
}

/// Both copies bear these bytes: the same key, where the harm is blanks at the end, or a new one, told, with
/// what was there kept beside. `true` for the same key.
fn both_harmed(folder: &Folder, key: &MasterKey, harms: [&[u8]; 2], of: &str) -> bool {
    for (copy, harm) in harms.iter().enumerate() {
        folder.put(copy, Some(harm));
    }
    let start = folder.start();
    let aside = folder.names().into_iter().filter(|name| name.contains("unreadable"));
    let mut aside: Vec<_> = aside.map(|name| folder.dir.path().join(name)).collect();
    let [first, second] = folder.texts();
    assert!(first == second, "{of}");
    if start.key == *key {
        assert_eq!((start.told, aside), (vec![], vec![]), "{of}");
        return true;
    }
    let kinds: Vec<_> = start.told.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [NoticeKind::Damaged], "{of}");
    // "cache.key.unreadable-1.2" sorts before "cache.unreadable-1.key".
    aside.reverse();
    assert_eq!(aside.len(), 2, "{of}");
    for (path, harm) in aside.iter().zip(harms) {
        assert!(start.told[0].1.contains(&path.display().to_string()), "{of}");
        assert!(std::fs::read(path).unwrap() == harm, "{of}");
        std::fs::remove_file(path).unwrap();
    }
    assert!(folder.start().key == start.key, "{of}: a third key");
    false
}

#[test]
fn the_same_harm_to_both_is_told_and_never_another_key() {
    let folder = Folder::new(Keyring::File);
    let key = folder.start().key;
    let [whole, _] = folder.texts();
    let (mut read, mut tried) = (0, 0);
    // All cuts, and of each byte another bit.
    for (i, (of, harm)) in every_harm(&whole).enumerate() {
        let Some(harm) = harm.filter(|_| i >= whole.len() * 8 || i % 9 == 0) else { continue };
        tried += 1;
        read += usize::from(both_harmed(&folder, &key, [&harm, &harm], &of));
    }
    // What was made anew each time is as long, and none of it is the key that these bytes once said.
    assert!(tried > 200, "only {tried}");
    assert!((1..=3).contains(&read), "{read} of {tried} were read");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_harm_to_both_gives_the_key_or_words(
        flips in proptest::collection::vec((0..2_usize, any::<prop::sample::Index>(), 0..8_u8), 0..6),
        cuts in [prop::option::of(any::<prop::sample::Index>()), prop::option::of(any::<prop::sample::Index>())],
    ) {
        let folder = Folder::new(Keyring::File);
        let key = folder.start().key;
        let mut texts = folder.texts();
        let [whole, _] = texts.clone();
        for (copy, at, bit) in flips {
            let at = at.index(whole.len());
            texts[copy][at] ^= 1 << bit;
        }
        for (text, cut) in texts.iter_mut().zip(cuts) {
            if let Some(cut) = cut {
                text.truncate(cut.index(whole.len()));
            }
        }
        let one_is_whole = texts.contains(&whole);
        for (copy, text) in texts.iter().enumerate() {
            folder.put(copy, Some(text));
        }
        let start = folder.start();
        if one_is_whole {
            prop_assert!(start.key == key);
        }
        if start.key == key {
            prop_assert_eq!(start.told, []);
            prop_assert_eq!(folder.texts(), [whole.clone(), whole]);
        } else {
            prop_assert_eq!(start.told.len(), 1);
            prop_assert_eq!(start.told[0].0, NoticeKind::Damaged);
            for text in texts {
                let names = folder.names();
                let mut aside = names.iter().filter(|name| name.contains("unreadable"));
                prop_assert!(aside.any(|n| std::fs::read(folder.dir.path().join(n)).unwrap() == text));
            }
        }
    }
}

/// The form before there were two copies.
fn unchecked(byte: u8) -> (Vec<u8>, MasterKey) {
    let text = format!("soegaki cache key 1 file {}\n", format!("{byte:02x}").repeat(32));
    (text.into_bytes(), Zeroizing::new([byte; 32]))
}

#[test]
fn a_key_of_the_old_form_is_read_and_written_anew() {
    let folder = Folder::new(Keyring::File);
    let (text, key) = unchecked(0xc3);
    folder.put(0, Some(&text));
    for round in 0..2 {
        let start = folder.start();
        assert!(start.key == key);
        assert_eq!(start.told, [], "round {round}");
        let [first, second] = folder.texts();
        assert!(first == second && first != text, "round {round}");
    }
    let [whole, _] = folder.texts();
    for copy in 0..2 {
        folder.survives(&whole, &key, copy, None, "gone");
    }
}

#[test]
fn an_upgrade_may_be_stopped_or_refused_anywhere() {
    // Two copies of four steps.
    for only_once in [false, true] {
        for stop in 1..=9 {
            let folder = Folder::new(Keyring::File);
            let (text, key) = unchecked(0x3c);
            folder.put(0, Some(&text));
            let count = AtomicI64::new(0);
            let before = move |_: Step| {
                let step = count.fetch_add(1, Ordering::Relaxed) + 1;
                let refused = if only_once { step == stop } else { step >= stop };
                if refused { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            };
            let disk = Disk { before: Arc::new(before), ..Disk::default() };
            let (got, told) = folder.try_start(&disk);
            assert!(got.unwrap() == key, "stopped at {stop}");
            assert_eq!(told, [], "stopped at {stop}");
            // The second is never ahead of the first: then a flip in the first would go unseen.
            let [first, second] = folder.paths();
            assert!(!second.exists() || std::fs::read(first).unwrap() != text, "stopped at {stop}");
            let start = folder.start();
            assert!(start.key == key && start.told.is_empty(), "stopped at {stop}");
            let [first, second] = folder.texts();
            assert!(first == second, "stopped at {stop}");
        }
    }
}

#[test]
fn the_first_counts_and_another_key_is_never_written_over() {
    let folder = Folder::new(Keyring::File);
    let key = folder.start().key;
    let [whole, _] = folder.texts();
    let (old, old_key) = unchecked(0x11);
    // Somebody puts an old key back.
    folder.put(0, Some(&old));
    let start = folder.start();
    assert!(start.key == old_key && start.key != key);
    assert_eq!(start.told, []);
    assert_eq!(std::fs::read(folder.dir.path().join("cache.key.other-1.2")).unwrap(), whole);
    let [first, second] = folder.texts();
    assert!(first == second);
}

#[test]
fn keyring_files_that_are_gone_do_not_cost_the_key_in_it() {
    let folder = Folder::new(Keyring::Auto);
    let key = folder.start().key;
    let [whole, _] = folder.texts();
    for harm in [None, Some(&b"soegaki cachf key 1 keyring\n"[..])] {
        for copy in 0..2 {
            folder.put(copy, harm);
        }
        let start = folder.start();
        assert!(start.key == key);
        let kinds: Vec<_> = start.told.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, vec![NoticeKind::Damaged; usize::from(harm.is_some())]);
        assert_eq!(folder.texts(), [whole.clone(), whole.clone()]);
    }
}

#[cfg(unix)]
#[test]
fn a_copy_that_cannot_be_read_costs_nothing_and_is_not_given_up() {
    let folder = Folder::new(Keyring::File);
    let key = folder.start().key;
    let [whole, _] = folder.texts();
    let blocked = |copy: usize| {
        // A folder in its place: to be opened, not to be read, whoever runs this.
        folder.put(copy, None);
        std::fs::create_dir(&folder.paths()[copy]).unwrap();
        close_to_others(&folder.paths()[copy]);
    };
    for copy in 0..2 {
        blocked(copy);
        let start = folder.start();
        assert!(start.key == key);
        assert_eq!(start.told, []);
        std::fs::remove_dir(&folder.paths()[copy]).unwrap();
        folder.put(copy, Some(&whole));
    }
    blocked(0);
    folder.put(1, Some(b"damaged"));
    let (refused, told) = folder.try_start(&Disk::default());
    assert!(matches!(refused, Err(KeyError::Io(_))));
    assert_eq!(told, []);
    assert_eq!(std::fs::read(&folder.paths()[1]).unwrap(), b"damaged", "left where it is");
}

#[cfg(unix)]
#[test]
fn the_key_files_are_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    drop(desk.open());
    let paths = ["cache.key", "cache.key.2"].map(|name| desk.dir.path().join(name));
    let mode = |of: &Path| std::fs::metadata(of).unwrap().permissions().mode() & 0o777;
    for open in [&paths[..1], &paths[1..], &paths[..]] {
        for path in open {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        let run = desk.open();
        assert_eq!(run.kinds(), [NoticeKind::KeyFileWasOpen]);
        assert!(paths.iter().all(|path| mode(path) == 0o600));
    }
    // One that is written anew, too.
    std::fs::write(&paths[0], "damaged").unwrap();
    assert_eq!(desk.open().kinds(), []);
    assert_eq!(mode(&paths[0]), 0o600);
}

#[test]
fn unsent_entries_outlive_either_key_file() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    for of in 0..5 {
        run.confirm(pulse(&of.to_string()));
    }
    assert!(run.settle(LIMIT));
    let rows = run.outbox().rows.clone();
    assert_eq!(rows.len(), 5);
    drop(run);
    let paths = ["cache.key", "cache.key.2"].map(|name| desk.dir.path().join(name));
    for path in &paths {
        let mut bytes = std::fs::read(path).unwrap();
        bytes[40] ^= 4;
        std::fs::write(path, bytes).unwrap();
        let run = desk.open();
        assert_eq!(run.kinds(), []);
        assert_eq!(run.outbox().rows, rows);
    }
    let whole = std::fs::read(&paths[0]).unwrap();
    for text in ["", "hello", "soegaki cache key 1 file 00", &"x".repeat(500)] {
        for path in &paths {
            std::fs::write(path, text).unwrap();
        }
        let run = desk.open();
        assert_eq!(run.kinds(), [NoticeKind::Damaged, NoticeKind::WrongKey], "{text:?}");
        assert_eq!(run.outbox().rows.len(), 0);
        drop(run);
        for name in ["cache.unreadable-1.key", "cache.key.unreadable-1.2"] {
            let aside = desk.dir.path().join(name);
            assert_eq!(std::fs::read_to_string(&aside).unwrap(), text);
            std::fs::remove_file(aside).unwrap();
        }
        // Whoever finds the key has everything back.
        std::fs::write(&paths[0], &whole).unwrap();
        std::fs::rename(desk.dir.path().join("cache.other-key-1.redb"), desk.file()).unwrap();
        let run = desk.open();
        assert_eq!(run.outbox().rows, rows);
        drop(run);
        std::fs::remove_file(desk.dir.path().join("cache.key.other-1.2")).unwrap();
    }
}
