mod damage;
mod disk;
mod format;
mod key;
#[cfg(target_os = "linux")]
mod keyring;
mod lab;
mod outbox;
mod people;
mod power;
mod store;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::receptions::{LinkState, LinkStatus};
use clinical::{Patient, PersonName, Sex};
use jiff::civil::date;

use super::cipher::MasterKey;
use super::key::Ring;
use super::worker::Worker;
use super::*;

const LIMIT: Duration = Duration::from_mins(1);
const MORNING: i64 = 1_795_305_600; // 2026-11-22T09:00:00+09:00

/// A keyring in memory.
#[derive(Clone, Default)]
struct TestRing {
    key: Arc<Mutex<Option<MasterKey>>>,
    silent: Arc<AtomicBool>,
}

impl Ring for TestRing {
    fn get(&self) -> Result<Option<MasterKey>, String> {
        if self.silent.load(Ordering::Relaxed) {
            return Err("no session bus".to_owned());
        }
        Ok(self.key.lock().unwrap().clone())
    }

    fn set(&self, key: &MasterKey) -> Result<(), String> {
        self.get()?;
        *self.key.lock().unwrap() = Some(key.clone());
        Ok(())
    }
}

/// A terminal's folder over several runs of the program.
struct Desk {
    dir: tempfile::TempDir,
    ring: TestRing,
    now: Arc<AtomicI64>,
    patients: usize,
    institution: &'static str,
    keyring: Keyring,
}

impl Desk {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            ring: TestRing::default(),
            now: Arc::new(AtomicI64::new(MORNING)),
            patients: 300,
            institution: "demo",
            keyring: Keyring::File,
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("cache.redb")
    }

    /// Runs the worker on a thread that can be waited for.
    fn open_with(&self, disk: Disk) -> Run {
        let now = Arc::clone(&self.now);
        let clock = move || Timestamp::from_second(now.load(Ordering::Relaxed)).unwrap();
        let shared = Handle::shared(self.patients, Arc::new(|| ()), Arc::new(clock));
        let settings = Settings {
            folder: self.dir.path().to_owned(),
            institution: self.institution.to_owned(),
            patients: self.patients,
            keyring: self.keyring,
        };
        let ring = Box::new(self.ring.clone());
        let worker = Worker::with(settings, Arc::clone(&shared), disk, ring);
        let (jobs, inbox) = channel();
        let thread = std::thread::spawn(move || worker.run(&inbox));
        let handle = Handle { shared, jobs: Some(jobs) };
        assert!(handle.settle(LIMIT));
        Run { handle: Some(handle), thread: Some(thread) }
    }

    fn open(&self) -> Run {
        self.open_with(Disk::default())
    }

    /// The database is on a disk in memory; in its place lies something, so that it does not count as gone.
    fn beside_memory(&self) {
        std::fs::write(self.file(), "in memory").unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// One run of the program.
struct Run {
    handle: Option<Handle>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl std::ops::Deref for Run {
    type Target = Handle;
    fn deref(&self) -> &Handle {
        self.handle.as_ref().unwrap()
    }
}

impl Run {
    fn kinds(&self) -> Vec<NoticeKind> {
        self.notices().into_iter().map(|notice| notice.kind).collect()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        drop(self.handle.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || std::thread::panicking());
        }
    }
}

fn number(text: &str) -> PatientNumber {
    text.to_owned().try_into().unwrap()
}

fn view(of: &str) -> PatientView {
    let patient = Patient {
        number: number(of),
        name: PersonName {
            kanji: "標準　花子".to_owned(),
            kana: "ヒョウジュン　ハナコ".to_owned(),
        },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Female,
        householder: String::new(),
        address: clinical::Address::default(),
        phones: vec!["000-0000-1234".to_owned()],
        insurance: vec![],
        safety: vec![],
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    };
    PatientView {
        patient,
        receptions: vec![],
        fetched_at: Timestamp::UNIX_EPOCH,
        whole: true,
        profile: vec![],
        lab: api::lab::PatientLab::default(),
    }
}

fn list(day: Date) -> ReceptionList {
    let link = LinkStatus { state: LinkState::Up, last_success: None };
    ReceptionList { date: day, receptions: vec![], event_seq: 7, link }
}

const TODAY: Date = date(2026, 11, 22);

#[test]
fn what_was_seen_is_there_after_a_restart_with_its_age() {
    let desk = Desk::new();
    let run = desk.open();
    assert_eq!(run.known_patient(&number("00127")), None);
    run.remember_patient(view("00127"));
    run.remember_list(list(TODAY));
    assert!(run.known_patient(&number("127")).is_some(), "known at once, with any zeros");
    assert!(run.settle(LIMIT));
    assert_eq!(run.kinds(), []);
    drop(run);
    desk.now.fetch_add(3600, Ordering::Relaxed);
    let run = desk.open();
    let known = run.known_patient(&number("00127")).unwrap();
    assert_eq!(known.view, view("00127"));
    assert_eq!(known.stored_at.as_second(), MORNING);
    let (kept, at) = run.last_list(TODAY).unwrap();
    assert_eq!((kept, at.as_second()), (list(TODAY), MORNING));
    assert_eq!(run.last_list(date(2026, 11, 21)), None);
    assert_eq!(run.kinds(), []);
    assert_eq!(desk.names(), ["cache.key", "cache.key.2", "cache.lock", "cache.redb"]);
}

#[test]
fn nothing_readable_is_in_the_file() {
    let desk = Desk::new();
    let run = desk.open();
    for patient in 0..40 {
        run.remember_patient(view(&format!("{:05}", 48_127 + patient)));
    }
    run.remember_list(list(TODAY));
    assert!(run.settle(LIMIT));
    drop(run);
    let bytes = std::fs::read(desk.file()).unwrap();
    assert!(bytes.len() > 40 * 1024);
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
    assert!(holds(b"patients"), "the search finds what is there");
    for text in [
        "標準",
        "花子",
        "ヒョウジュン",
        "1955-03-04",
        "48127",
        "000-0000-1234",
        "demo",
        "2026-11-22",
    ] {
        assert!(!holds(text.as_bytes()), "{text} is in the file");
    }
}

#[test]
fn the_oldest_go_when_it_is_full() {
    let mut desk = Desk::new();
    desk.patients = 3;
    let run = desk.open();
    for of in ["1", "2", "3"] {
        run.remember_patient(view(of));
        desk.now.fetch_add(1, Ordering::Relaxed);
    }
    run.remember_patient(view("1"));
    desk.now.fetch_add(1, Ordering::Relaxed);
    run.remember_patient(view("4"));
    let known = |run: &Run| ["1", "2", "3", "4"].map(|of| run.known_patient(&number(of)).is_some());
    assert_eq!(known(&run), [true, false, true, true]);
    assert!(run.settle(LIMIT));
    drop(run);
    assert_eq!(known(&desk.open()), [true, false, true, true]);
    // A smaller limit takes effect at the next start, on disk too.
    desk.patients = 1;
    assert_eq!(known(&desk.open()), [false, false, false, true]);
    desk.patients = 3;
    assert_eq!(known(&desk.open()), [false, false, false, true]);
}

#[test]
fn lists_of_other_days_do_not_stay() {
    let desk = Desk::new();
    let run = desk.open();
    for day in [date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21), TODAY] {
        run.remember_list(list(day));
        desk.now.fetch_add(1, Ordering::Relaxed);
    }
    assert_eq!(run.last_list(date(2026, 11, 19)), None, "three lists are enough");
    assert!(run.last_list(date(2026, 11, 20)).is_some());
    assert!(run.settle(LIMIT));
    drop(run);
    desk.now.fetch_add(24 * 3600, Ordering::Relaxed);
    let run = desk.open();
    assert_eq!(run.last_list(TODAY), None, "yesterday's list was kept");
    drop(run);
    desk.now.store(MORNING, Ordering::Relaxed);
    assert_eq!(desk.open().last_list(TODAY), None, "it was hidden, not removed");
    // A program that runs through the night.
    let run = desk.open();
    run.remember_list(list(TODAY));
    desk.now.fetch_add(24 * 3600, Ordering::Relaxed);
    run.remember_list(list(date(2026, 11, 23)));
    assert_eq!(run.last_list(TODAY), None);
}

#[test]
fn clearing_clears_the_disk() {
    let desk = Desk::new();
    let run = desk.open();
    run.remember_patient(view("00127"));
    run.remember_list(list(TODAY));
    run.clear();
    assert_eq!(run.known_patient(&number("00127")), None);
    run.remember_patient(view("00128"));
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    assert_eq!(run.known_patient(&number("00127")), None);
    assert_eq!(run.last_list(TODAY), None);
    assert!(run.known_patient(&number("00128")).is_some());
}

#[test]
fn another_institution_sees_nothing_of_it() {
    let mut desk = Desk::new();
    let run = desk.open();
    run.remember_patient(view("00127"));
    assert!(run.settle(LIMIT));
    drop(run);
    desk.institution = "other";
    assert_eq!(desk.open().known_patient(&number("00127")), None);
    desk.institution = "demo";
    assert_eq!(desk.open().known_patient(&number("00127")), None, "it was hidden, not removed");
}

fn filled() -> (Desk, Vec<u8>) {
    let desk = Desk::new();
    let run = desk.open();
    for of in 1..30 {
        run.remember_patient(view(&of.to_string()));
    }
    run.remember_list(list(TODAY));
    assert!(run.settle(LIMIT));
    drop(run);
    let bytes = std::fs::read(desk.file()).unwrap();
    (desk, bytes)
}

#[test]
fn a_cut_file_is_set_aside_and_the_work_goes_on() {
    let (desk, bytes) = filled();
    for (round, length) in
        [0, 1, 100, 4096, bytes.len() / 2, bytes.len() - 1].into_iter().enumerate()
    {
        std::fs::write(desk.file(), &bytes[..length]).unwrap();
        let run = desk.open();
        let kinds = run.kinds();
        assert_eq!(kinds, [NoticeKind::Damaged], "{length}");
        let aside = desk.dir.path().join(format!("cache.damaged-{}.redb", round + 1));
        assert_eq!(std::fs::read(aside).unwrap().len(), length, "kept as it was");
        run.remember_patient(view("00500"));
        assert!(run.settle(LIMIT));
        drop(run);
        let run = desk.open();
        assert!(run.known_patient(&number("00500")).is_some(), "{length}");
        assert_eq!(run.kinds(), []);
    }
}

#[test]
fn flipped_bits_never_show_a_wrong_patient() {
    let (desk, bytes) = filled();
    let mut noticed = 0;
    // A prime step meets headers, pages, keys and contents alike.
    for at in (0..bytes.len()).step_by(5_003) {
        let mut bent = bytes.clone();
        bent[at] ^= 0x10;
        std::fs::write(desk.file(), &bent).unwrap();
        let run = desk.open();
        for of in 1..30 {
            let of = of.to_string();
            if let Some(known) = run.known_patient(&number(&of)) {
                assert_eq!(known.view, view(&of), "byte {at}");
            }
        }
        let kinds = run.kinds();
        noticed += usize::from(!kinds.is_empty());
        run.remember_patient(view("00500"));
        assert!(run.settle(LIMIT));
        assert!(run.kinds().is_empty(), "byte {at}");
        drop(run);
        assert!(desk.open().known_patient(&number("00500")).is_some(), "byte {at}");
    }
    assert!(noticed > 5, "only {noticed} were noticed");
}

#[test]
fn a_file_of_another_key_is_set_aside() {
    let (desk, _) = filled();
    let key = desk.dir.path().join("cache.key");
    let old_key = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    std::fs::remove_file(desk.dir.path().join("cache.key.2")).unwrap();
    let run = desk.open();
    assert_eq!(run.kinds(), [NoticeKind::WrongKey]);
    assert_eq!(run.known_patient(&number("1")), None);
    drop(run);
    // Whoever finds the old key has everything back.
    std::fs::write(&key, old_key).unwrap();
    std::fs::rename(desk.dir.path().join("cache.other-key-1.redb"), desk.file()).unwrap();
    assert_eq!(desk.open().known_patient(&number("1")).unwrap().view, view("1"));
}

#[test]
fn a_second_window_keeps_nothing_and_harms_nothing() {
    let desk = Desk::new();
    let first = desk.open();
    first.remember_patient(view("1"));
    assert!(first.settle(LIMIT));
    let second = desk.open();
    assert_eq!(second.kinds(), [NoticeKind::InUse]);
    second.remember_patient(view("2"));
    assert!(second.known_patient(&number("2")).is_some());
    assert!(second.settle(LIMIT));
    drop((first, second));
    let run = desk.open();
    assert!(run.known_patient(&number("1")).is_some());
    assert_eq!(run.known_patient(&number("2")), None);
}

#[test]
fn the_keyring_keeps_the_key_where_there_is_one() {
    let mut desk = Desk::new();
    desk.keyring = Keyring::Auto;
    let run = desk.open();
    run.remember_patient(view("1"));
    assert!(run.settle(LIMIT));
    assert_eq!(run.kinds(), []);
    drop(run);
    let said = std::fs::read_to_string(desk.dir.path().join("cache.key")).unwrap();
    assert_eq!(said, "soegaki cache key 1 keyring\n");
    assert!(desk.open().known_patient(&number("1")).is_some());

    // Locked today, back tomorrow: nothing is set aside meanwhile.
    desk.ring.silent.store(true, Ordering::Relaxed);
    let run = desk.open();
    assert_eq!(run.kinds(), [NoticeKind::KeyringSilent]);
    run.remember_patient(view("2"));
    assert!(run.settle(LIMIT));
    assert_eq!(run.kinds(), [], "told once");
    drop(run);
    desk.ring.silent.store(false, Ordering::Relaxed);
    let run = desk.open();
    assert!(run.known_patient(&number("1")).is_some());
    drop(run);

    // Emptied: what was encrypted is lost, a new cache begins.
    *desk.ring.key.lock().unwrap() = None;
    let run = desk.open();
    assert_eq!(run.kinds(), [NoticeKind::WrongKey]);
    run.remember_patient(view("3"));
    assert!(run.settle(LIMIT));
    drop(run);
    assert!(desk.open().known_patient(&number("3")).is_some());
}

#[test]
fn without_a_keyring_the_key_is_in_a_file_and_that_is_told_once() {
    let mut desk = Desk::new();
    desk.keyring = Keyring::Auto;
    desk.ring.silent.store(true, Ordering::Relaxed);
    let run = desk.open();
    assert_eq!(run.kinds(), [NoticeKind::KeyInFile]);
    run.remember_patient(view("1"));
    assert!(run.settle(LIMIT));
    drop(run);
    // The decision stays when a keyring appears.
    desk.ring.silent.store(false, Ordering::Relaxed);
    let run = desk.open();
    assert_eq!(run.kinds(), []);
    assert!(run.known_patient(&number("1")).is_some());
    assert!(desk.ring.key.lock().unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let blocked = dir.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    let settings = Settings {
        folder: blocked.join("cache"),
        institution: "demo".to_owned(),
        patients: 3,
        keyring: Keyring::File,
    };
    let handle = Handle::open(settings, || ());
    handle.remember_patient(view("1"));
    assert!(handle.settle(LIMIT));
    assert!(handle.known_patient(&number("1")).is_some());
    let kinds: Vec<NoticeKind> = handle.notices().into_iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [NoticeKind::NoFolder]);
}
