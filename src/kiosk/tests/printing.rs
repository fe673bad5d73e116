//! Printing from the window's handle to the printers: folders that are looked into, and a spooler played by the test.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clinical::lab::{
    AtLab, Container, Done, LabCode, LabOrder, OrderedItem, Reported, SpecimenNumber, Tube,
    TubeState,
};
use clinical::{PatientNumber, PersonName, Role, Sex, Staff};
use jiff::Timestamp;
use jiff::civil::date;
use kiosk::config::{Config, Keyring, Lang};
use kiosk::local::{self, Disk, RowPatient};
use kiosk::printing::{
    self, Doors, Handle, PrintEvent, PrintOrder, PrintOutcome, PrintView, Settings, ToPrint, door,
};
use paper::printers::{
    Body, Document, JobNumber, JobState, Options, PrinterInfo, PrinterState, Spooler, SubmitError,
};
use paper::queue::{State, Why};
use paper::{ChartSticker, DaySheet, LabPatient, Paper};
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, StorageBackend};
use uuid::Uuid;

const NAME: &str = "検査　花子";

fn patient() -> LabPatient {
    LabPatient {
        number: PatientNumber::parse("00123").unwrap(),
        name: PersonName { kanji: NAME.to_owned(), kana: "ケンサ　ハナコ".to_owned() },
        birth_date: Some(date(1955, 4, 1)),
        sex: Sex::Female,
    }
}

fn number(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(date(2026, 11, 22), 1, serial).unwrap()
}

fn lab_order() -> LabOrder {
    let tube = |serial| Tube {
        number: number(serial),
        container: Container {
            key: format!("tube{serial}"),
            name: "EDTA-2K".to_owned(),
            colour: "紫".to_owned(),
            rgb: String::new(),
            volume: None,
        },
        material: None,
        specimen: "全血".to_owned(),
        labels: 0,
        state: TubeState::Planned,
        lab: AtLab::Here,
    };
    let item = |serial, abbr: &str| OrderedItem {
        code: LabCode { jlac10: None, local: abbr.to_owned() },
        name: abbr.to_owned(),
        abbr: abbr.to_owned(),
        unit: String::new(),
        procedure: None,
        tube: Some(number(serial)),
        reported: Reported::NotYet,
    };
    let by =
        Staff { account: Uuid::from_u128(1), name: "院長".to_owned(), role: Role::Practitioner };
    LabOrder {
        id: Uuid::from_u128(2),
        patient: patient().number,
        revision: 1,
        versions: Vec::new(),
        ordered: Done { by, time: at(0) },
        on_behalf_of: None,
        collect_on: date(2026, 11, 22),
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items: vec![item(1, "CBC"), item(2, "AST")],
        tubes: vec![tube(1), tube(2)],
        cancelled: None,
        unconfirmed: 0,
        confirmed_once: false,
    }
}

fn order(id: u128, what: ToPrint) -> PrintOrder {
    let whose = RowPatient { number: Some(patient().number), name: patient().name };
    PrintOrder {
        id: Uuid::from_u128(id),
        what,
        copy: 1,
        reason: String::new(),
        patient: Some(whose),
        by: Some(Uuid::from_u128(1)),
    }
}

fn labels(id: u128) -> PrintOrder {
    let tubes = vec![number(1), number(2)];
    order(id, ToPrint::Labels { order: Box::new(lab_order()), tubes, patient: patient() })
}

fn sticker(id: u128) -> PrintOrder {
    let LabPatient { number, name, birth_date, sex } = patient();
    order(id, ToPrint::Sticker { sticker: ChartSticker { number, name, birth_date, sex } })
}

fn day_sheet(id: u128) -> PrintOrder {
    let sheet = DaySheet {
        clinic: "試験医院".to_owned(),
        date: date(2026, 11, 22),
        as_of: at(0),
        own_copy: true,
        printed_at: at(0),
        rows: Vec::new(),
    };
    PrintOrder { patient: None, ..order(id, ToPrint::DaySheet { sheet: Box::new(sheet) }) }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_305_600 + second).unwrap()
}

/// A terminal's store in a folder, its clock, and printing over it.
struct Terminal {
    folder: PathBuf,
    second: Arc<AtomicI64>,
    printing: Handle,
}

impl Terminal {
    fn open(folder: &Path, settings: &str, doors: Doors) -> Self {
        Self::open_on(folder, settings, doors, Disk::default())
    }

    fn open_on(folder: &Path, settings: &str, doors: Doors, disk: Disk) -> Self {
        let settings = Settings::of(&Config::parse(settings, folder.join("kiosk.toml")).unwrap());
        let second = Arc::new(AtomicI64::new(0));
        let held = Arc::clone(&second);
        let clock: local::Clock = Arc::new(move || at(held.load(Ordering::SeqCst)));
        let store = local::Settings {
            folder: folder.join("store"),
            institution: "clinic".to_owned(),
            patients: 10,
            keyring: Keyring::File,
        };
        let cache = local::Handle::open_on(store, Arc::new(|| ()), Arc::clone(&clock), disk);
        let printing = Handle::open_with(settings, cache, Arc::new(|| ()), clock, doors);
        Self { folder: folder.to_owned(), second, printing }
    }

    fn settled(&self) -> Arc<PrintView> {
        assert!(self.printing.settled(Duration::from_mins(2)));
        self.printing.view()
    }

    fn state(&self, id: u128) -> State {
        let view = self.printing.view();
        view.job(Uuid::from_u128(id)).map(|job| job.state.clone()).expect("no such job")
    }

    fn wait_for(&self, what: &str, ready: impl Fn(&Self) -> bool) {
        let until = Instant::now() + Duration::from_mins(2);
        while !ready(self) {
            assert!(Instant::now() < until, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The names in the folder that a printer of the settings is.
    fn written(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.join("prints")) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn events(outcomes: &[PrintOutcome]) -> Vec<(u128, PrintEvent)> {
    outcomes.iter().map(|o| (o.order.id.as_u128(), o.event.clone())).collect()
}

const FOLDER: &str = "
[[printers]]
name = \"控え\"
folder = \"prints\"
[papers.label]
printer = \"控え\"
[papers.sticker]
printer = \"控え\"
form = \"pdf\"
[papers.day_sheet]
printer = \"控え\"
";

#[test]
fn papers_come_out_in_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = Terminal::open(dir.path(), FOLDER, Doors::of_this_machine());
    terminal.printing.print(labels(1));
    terminal.printing.print(sticker(2));
    terminal.printing.print(day_sheet(3));
    terminal.printing.print(labels(1));
    terminal.printing.test_print("控え");
    let view = terminal.settled();
    assert_eq!(
        terminal.written(),
        [
            "01-label-00123-1.png",
            "01-label-00123-2.png",
            "01-label-00123.zpl",
            "02-sticker-00123.pdf",
            "02-sticker-00123.png",
            "03-day-sheet-2026-11-22.pdf",
            "03-day-sheet-2026-11-22.png",
            "04-test-__.png",
            "04-test-__.zpl",
        ]
    );
    let zpl = std::fs::read(dir.path().join("prints/01-label-00123.zpl")).unwrap();
    assert!(zpl.starts_with(b"^XA") && zpl.windows(3).filter(|w| w == b"^XZ").count() == 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let mode = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().mode() & 0o777;
        assert_eq!((mode("prints"), mode("prints/01-label-00123.zpl")), (0o700, 0o600));
    }
    let handed: Vec<_> = events(&terminal.printing.outcomes());
    assert_eq!(handed, [1, 2, 3].map(|id| (id, PrintEvent::HandedOver)));
    assert_eq!(view.jobs.len(), 4, "newest first");
    assert_eq!(view.jobs[3].id(), Uuid::from_u128(1));
    let printer = view.printer_of(Paper::Label).unwrap();
    assert_eq!(
        (printer.name.as_str(), printer.is_folder, printer.state),
        ("控え", true, PrinterState::Ready)
    );
    assert_eq!(printer.papers, [Paper::Label, Paper::Sticker, Paper::DaySheet]);
    assert!(view.printer_of(Paper::Results).is_none());
    assert!(matches!(terminal.state(1), State::HandedOver { job: None, .. }));
    terminal.printing.settle(Uuid::from_u128(1), true);
    terminal.settled();
    assert!(matches!(terminal.state(1), State::Printed { .. }));
    assert_eq!(events(&terminal.printing.outcomes()), [(1, PrintEvent::Printed)]);
}

#[test]
fn the_store_tells_nobody_whose_papers_wait() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = Terminal::open(dir.path(), FOLDER, Doors::of_this_machine());
    terminal.printing.print(labels(1));
    terminal.settled();
    let bytes = std::fs::read(dir.path().join("store/cache.redb")).unwrap();
    for secret in [NAME.as_bytes(), number(1).as_str().as_bytes(), b"EDTA"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn a_job_is_on_record_once_and_told_until_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = Terminal::open(dir.path(), FOLDER, Doors::of_this_machine());
    terminal.printing.print(labels(1));
    terminal.printing.print(labels(2));
    terminal.settled();
    assert_eq!(terminal.printing.outcomes().len(), 2);
    terminal.printing.acknowledge(Uuid::from_u128(1));
    terminal.settled();
    drop(terminal);
    let terminal = Terminal::open(dir.path(), FOLDER, Doors::of_this_machine());
    let view = terminal.settled();
    assert_eq!(view.jobs.len(), 2, "kept for the screen and for a reprint");
    assert_eq!(events(&terminal.printing.outcomes()), [(2, PrintEvent::HandedOver)]);
    terminal.second.store(25 * 3600, Ordering::SeqCst);
    assert!(terminal.settled().jobs.is_empty(), "a day later they are gone");
    drop(terminal);
    let terminal = Terminal::open(dir.path(), FOLDER, Doors::of_this_machine());
    assert!(terminal.settled().jobs.is_empty());
}

#[test]
fn without_a_printer_the_words_say_what_to_do_and_the_paper_can_be_printed_later() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = Terminal::open(dir.path(), "", Doors::of_this_machine());
    assert!(terminal.printing.view().printers.is_empty());
    terminal.printing.print(labels(1));
    terminal.settled();
    let told = terminal.printing.outcomes();
    assert_eq!(events(&told), [(1, PrintEvent::Failed(Why::NoPrinter))]);
    assert!(printing::why_words(Lang::Ja, &Why::NoPrinter).contains("設定"));
    drop(terminal);
    let terminal = Terminal::open(dir.path(), FOLDER, Doors::of_this_machine());
    terminal.settled();
    terminal.printing.retry(Uuid::from_u128(1));
    terminal.settled();
    assert_eq!(terminal.written().len(), 3);
    assert_eq!(events(&terminal.printing.outcomes()), [(1, PrintEvent::HandedOver)]);
}

/// A spooler whose printers do as the test says.
#[derive(Default)]
struct Played {
    got: Vec<(String, String, Options, Vec<u8>)>,
    gone: bool,
    jobs: BTreeMap<u64, JobState>,
    cancelled: Vec<u64>,
}

struct PlayedSpooler {
    played: Arc<Mutex<Played>>,
    /// Told when a document has arrived; the answer to that lets the program go on.
    gate: Option<(Sender<()>, Receiver<()>)>,
}

impl Spooler for PlayedSpooler {
    fn list(&mut self) -> Vec<PrinterInfo> {
        let gone = self.played.lock().unwrap().gone;
        let state = if gone { PrinterState::Offline } else { PrinterState::Ready };
        vec![PrinterInfo { name: "zebra".to_owned(), state, detail: String::new() }]
    }

    fn submit(
        &mut self,
        printer: &str,
        document: &Document<'_>,
        options: &Options,
    ) -> Result<Option<JobNumber>, SubmitError> {
        let number = {
            let mut played = self.played.lock().unwrap();
            if played.gone {
                return Err(SubmitError::NotThere("switched off".to_owned()));
            }
            let bytes = match document.body {
                Body::Raw(bytes) | Body::Pdf(bytes) => bytes.to_vec(),
            };
            let title = document.title.to_owned();
            played.got.push((printer.to_owned(), title, options.clone(), bytes));
            let number = played.got.len() as u64;
            played.jobs.insert(number, JobState::Pending);
            number
        };
        if let Some((arrived, go_on)) = &self.gate {
            arrived.send(()).unwrap();
            let _ = go_on.recv();
        }
        Ok(Some(JobNumber(number)))
    }

    fn job(&mut self, _: &str, number: JobNumber, _: &str) -> JobState {
        let played = self.played.lock().unwrap();
        played.jobs.get(&number.0).copied().unwrap_or(JobState::Forgotten)
    }

    fn find(&mut self, _: &str, _: &str) -> Option<JobNumber> {
        None
    }

    fn cancel(&mut self, _: &str, number: JobNumber) {
        let mut played = self.played.lock().unwrap();
        played.cancelled.push(number.0);
        played.jobs.insert(number.0, JobState::GivenUp);
    }
}

const ZEBRA: &str = "
[[printers]]
name = \"ラベル\"
spooler = \"zebra\"
tray = \"Roll1\"
[papers.label]
printer = \"ラベル\"
width = 60
[papers.sticker]
printer = \"ラベル\"
tray = \"Roll2\"
";

fn played() -> (Arc<Mutex<Played>>, Doors) {
    let played: Arc<Mutex<Played>> = Arc::default();
    let spooler = PlayedSpooler { played: Arc::clone(&played), gate: None };
    (played, Doors::with_system(Box::new(spooler)))
}

#[test]
fn the_spoolers_word_is_told_as_it_comes() {
    let dir = tempfile::tempdir().unwrap();
    let (played, doors) = played();
    let terminal = Terminal::open(dir.path(), ZEBRA, doors);
    terminal.printing.print(labels(1));
    terminal.printing.print(sticker(2));
    terminal.settled();
    {
        let played = played.lock().unwrap();
        let (printer, title, options, bytes) = &played.got[0];
        assert_eq!(printer, "zebra");
        assert!(title.starts_with("Soegaki label ") && title.ends_with("01"), "{title}");
        assert!(!title.contains("123"), "a title stands in books that others can read: {title}");
        assert_eq!(options.tray.as_deref(), Some("Roll1"));
        assert!(bytes.starts_with(b"^XA"));
        assert_eq!(played.got[1].2.tray.as_deref(), Some("Roll2"));
    }
    assert!(matches!(
        terminal.state(1),
        State::HandedOver { job: Some(JobNumber(1)), held: false, .. }
    ));
    played.lock().unwrap().jobs.insert(1, JobState::Held);
    terminal.printing.look();
    terminal.settled();
    assert!(matches!(terminal.state(1), State::HandedOver { held: true, .. }));
    played.lock().unwrap().jobs.insert(1, JobState::Done);
    terminal.printing.look();
    terminal.settled();
    assert!(matches!(terminal.state(1), State::Printed { .. }));
    terminal.printing.cancel(Uuid::from_u128(2));
    terminal.settled();
    assert_eq!(played.lock().unwrap().cancelled, [2]);
    assert!(matches!(terminal.state(2), State::Failed { why: Why::GivenUp, .. }));
    assert_eq!(
        events(&terminal.printing.outcomes()),
        [
            (1, PrintEvent::HandedOver),
            (2, PrintEvent::HandedOver),
            (1, PrintEvent::Printed),
            (2, PrintEvent::Failed(Why::GivenUp)),
        ]
    );
}

#[test]
fn the_spooler_is_asked_by_itself_while_something_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let (played, doors) = played();
    let terminal = Terminal::open(dir.path(), ZEBRA, doors);
    terminal.printing.print(labels(1));
    terminal.settled();
    played.lock().unwrap().jobs.insert(1, JobState::Done);
    terminal.wait_for("the printer's word", |t| matches!(t.state(1), State::Printed { .. }));
}

#[test]
fn a_printer_that_is_off_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let (played, doors) = played();
    played.lock().unwrap().gone = true;
    let terminal = Terminal::open(dir.path(), ZEBRA, doors);
    terminal.printing.print(labels(1));
    let view = terminal.settled();
    assert!(matches!(
        terminal.state(1),
        State::Waiting { tries: 1, why: Some(Why::NotThere { .. }), .. }
    ));
    assert_eq!(view.printers[0].state, PrinterState::Offline);
    assert!(terminal.printing.outcomes().is_empty(), "nothing has happened yet");
    played.lock().unwrap().gone = false;
    terminal.second.store(10, Ordering::SeqCst);
    terminal.wait_for("the next try", |t| matches!(t.state(1), State::HandedOver { .. }));
    assert_eq!(played.lock().unwrap().got.len(), 1);
}

#[test]
fn after_a_crash_in_the_middle_a_person_is_asked_and_nothing_is_printed_twice() {
    let dir = tempfile::tempdir().unwrap();
    let played: Arc<Mutex<Played>> = Arc::default();
    let (arrived, has_arrived) = channel();
    let (go_on, may_go_on) = channel();
    let spooler = PlayedSpooler { played: Arc::clone(&played), gate: Some((arrived, may_go_on)) };
    let terminal = Terminal::open(dir.path(), ZEBRA, Doors::with_system(Box::new(spooler)));
    terminal.printing.print(labels(1));
    has_arrived.recv_timeout(Duration::from_mins(2)).unwrap();
    // The spooler has it and the program does not know yet: what is on the disk at this moment is what a crash leaves.
    let crashed = dir.path().join("crashed");
    std::fs::create_dir_all(crashed.join("store")).unwrap();
    for entry in std::fs::read_dir(dir.path().join("store")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), crashed.join("store").join(entry.file_name())).unwrap();
    }
    go_on.send(()).unwrap();
    drop(terminal);

    let (again, doors) = self::played();
    let terminal = Terminal::open(&crashed, ZEBRA, doors);
    let view = terminal.settled();
    assert!(matches!(terminal.state(1), State::Unknown { .. }), "{view:?}");
    assert!(view.jobs[0].wants_person());
    assert_eq!(events(&terminal.printing.outcomes()), [(1, PrintEvent::Unknown)]);
    terminal.printing.retry(Uuid::from_u128(1));
    terminal.settled();
    assert!(again.lock().unwrap().got.is_empty(), "not before somebody has looked");
    terminal.printing.settle(Uuid::from_u128(1), false);
    terminal.settled();
    assert_eq!(again.lock().unwrap().got.len(), 1);
    assert_eq!(again.lock().unwrap().got[0].3, played.lock().unwrap().got[0].3, "the same labels");
}

#[test]
fn a_label_that_cannot_be_made_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let narrow = ZEBRA.replace("width = 60", "width = 20\nheight = 20");
    let (played, doors) = played();
    let terminal = Terminal::open(dir.path(), &narrow, doors);
    terminal.printing.print(labels(1));
    terminal.settled();
    let State::Failed { why, .. } = terminal.state(1) else { panic!("{:?}", terminal.state(1)) };
    let words = printing::why_words(Lang::Ja, &why);
    assert!(matches!(why, Why::NotMade { .. }) && !words.contains(NAME), "{words}");
    assert!(played.lock().unwrap().got.is_empty());
}

#[test]
fn the_command_line_lists_and_tests() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::parse(
        &format!("{ZEBRA}\n[[printers]]\nname = \"控え\"\nfolder = \"prints\"\n"),
        dir.path().join("kiosk.toml"),
    )
    .unwrap();
    let settings = Settings::of(&config);
    let (played, mut doors) = played();
    let listed = door::list(&settings, Some(Path::new("kiosk.toml")), &mut doors, Lang::Ja);
    assert!(listed.ok);
    for words in [
        "  zebra  使えます",
        "kiosk.toml",
        "  ラベル → zebra  使えます",
        "検体ラベル / カルテシール",
        "  控え → ",
    ] {
        assert!(listed.text.contains(words), "{words}: {}", listed.text);
    }
    let printed = door::test(&settings, "ラベル", &mut doors, Lang::Ja);
    assert!(printed.ok && printed.text.contains("渡しました"), "{}", printed.text);
    assert!(played.lock().unwrap().got[0].3.starts_with(b"^XA"));
    let printed = door::test(&settings, "控え", &mut doors, Lang::Ja);
    assert!(printed.ok, "{}", printed.text);
    assert!(dir.path().join("prints/01-test-__.pdf").exists());
    let unknown = door::test(&settings, "ない", &mut doors, Lang::Ja);
    assert!(!unknown.ok && unknown.text.contains("ラベル, 控え"), "{}", unknown.text);
    played.lock().unwrap().gone = true;
    let off = door::test(&settings, "ラベル", &mut doors, Lang::En);
    assert!(!off.ok && off.text.contains("switched off"), "{}", off.text);
}

/// A file on a disk with room for so many more writes.
#[derive(Debug)]
struct Scarce {
    file: FileBackend,
    room: Arc<AtomicI64>,
}

impl Scarce {
    fn take(&self) -> std::io::Result<()> {
        match self.room.fetch_sub(1, Ordering::SeqCst) {
            left if left > 0 => Ok(()),
            _ => Err(std::io::ErrorKind::StorageFull.into()),
        }
    }
}

impl StorageBackend for Scarce {
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.take()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.take()?;
        self.file.write(offset, data)
    }
}

const PLENTY: i64 = i64::MAX / 2;

fn scarce(room: &Arc<AtomicI64>) -> Disk {
    let room = Arc::clone(room);
    let database = move |path: &Path| -> Result<Database, DatabaseError> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = FileBackend::new(options.open(path).map_err(redb::StorageError::from)?)?;
        Database::builder().create_with_backend(Scarce { file, room: Arc::clone(&room) })
    };
    Disk { database: Arc::new(database), ..Disk::default() }
}

#[test]
fn a_disk_that_fills_up_neither_loses_a_paper_nor_prints_it_twice() {
    let (mut waited, mut printed) = (0, 0);
    for writes in (0..).step_by(3) {
        let dir = tempfile::tempdir().unwrap();
        let room = Arc::new(AtomicI64::new(PLENTY));
        let (got, doors) = played();
        let terminal = Terminal::open_on(dir.path(), ZEBRA, doors, scarce(&room));
        terminal.settled();
        room.store(writes, Ordering::SeqCst);
        terminal.printing.print(labels(1));
        let view = terminal.settled();
        let before = got.lock().unwrap().got.len();
        if view.trouble.is_none() {
            assert_eq!(before, 1);
            printed += 1;
            if printed == 2 {
                break;
            }
        } else if writes % 2 == 0 {
            // The disk has room again: the paper comes out by itself.
            waited += 1;
            room.store(PLENTY, Ordering::SeqCst);
            terminal.wait_for("room", |t| t.settled().trouble.is_none());
            assert!(matches!(terminal.state(1), State::HandedOver { .. }));
            assert_eq!(got.lock().unwrap().got.len(), 1);
        } else {
            // The program ends with the disk full.
            drop(terminal);
            let (again, doors) = played();
            let terminal = Terminal::open(dir.path(), ZEBRA, doors);
            terminal.settled();
            let after = again.lock().unwrap().got.len();
            assert!(before + after <= 1, "printed twice at {writes}");
            let view = terminal.printing.view();
            let known = view.job(Uuid::from_u128(1)).map(|job| job.state.clone());
            // What the spooler has is never told as not printed.
            let silent = matches!(known, None | Some(State::Waiting { .. } | State::Failed { .. }));
            assert!(before == 0 || !silent, "{writes}: {known:?}");
        }
        assert!(writes < 600, "never enough: {waited}");
    }
    assert!(waited > 0);
}
