//! A window with a worker played by the test, and synthetic persons.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use api::ErrorCode;
use api::entries::{EntryContent, EntryResult, Receipt};
use api::lab::PatientLab;
use api::patients::{PatientHit, PatientView};
use api::profile::StaffList;
use api::receptions::{LinkState, LinkStatus, ReceptionList, StateChange};
use api::session::{Role, SessionInfo};
use clinical::{
    Address, Department, HealthInsurance, InsuranceCombination, MedicalContent, Patient,
    PatientNumber, PersonName, Physician, Reception, ReceptionKey, ReceptionState, SafetyKind,
    SafetyRemark, Sex, Staff,
};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use jiff::Timestamp;
use jiff::civil::{Date, Time, date, time};
use kiosk::app::{App, Clock, DemoAccount, DemoInfo, Parts};
use kiosk::client::{Failure, FailureKind, Line, Request, Ticket, Update};
use kiosk::config::{self, Config, Keyring, Lang, Scale, Theme};
use kiosk::local::{self, Disk, Handle, OutboxRow};
use kiosk::printing;
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, StorageBackend};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;
use zeroize::Zeroizing;

/// 9:42 on a Sunday in Japan.
pub const NOW: &str = "2026-11-22T00:42:00Z";

/// The day.
pub fn today() -> Date {
    date(2026, 11, 22)
}

/// How the window is set up.
pub struct Setup {
    pub lang: Lang,
    pub scale: i64,
    pub theme: Theme,
    pub demo: bool,
    pub known: Vec<PatientView>,
    /// Instead of one that forgets.
    pub cache: Option<Handle>,
    /// Where the terminal stands.
    pub desk: config::Desk,
    /// A printer for every paper, which writes into this folder.
    pub printer: Option<PathBuf>,
    /// A new patient's sticker is printed by itself.
    pub first_sticker: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            lang: Lang::Ja,
            scale: 100,
            theme: Theme::Light,
            demo: false,
            known: Vec::new(),
            cache: None,
            desk: config::Desk::Reception,
            printer: None,
            first_sticker: false,
        }
    }
}

impl Setup {
    /// Logical size of the window: what a 1280×800 screen holds at this scale.
    pub fn size(&self) -> egui::Vec2 {
        egui::vec2(1280.0, 800.0) * 100.0 / self.scale as f32
    }
}

/// The window and the test's ends of its channels.
pub struct Bench {
    pub harness: Harness<'static, App>,
    pub cache: Handle,
    updates: Sender<Update>,
    requests: UnboundedReceiver<Request>,
    clock: Arc<Mutex<Timestamp>>,
    pace: Instant,
    /// The folder of the terminal's store; goes with the bench.
    _folder: Option<TempDir>,
}

/// All words on a window's screen.
pub fn words_of<S>(harness: &Harness<'_, S>) -> String {
    let mut words = Vec::new();
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        words.extend(node.label());
        words.extend(node.value());
    }
    words.join("\n")
}

impl Bench {
    /// Signed out.
    pub fn new(setup: &Setup) -> Self {
        let (updates, inbox) = std::sync::mpsc::channel();
        let (outbox, requests) = tokio::sync::mpsc::unbounded_channel();
        let clock = Arc::new(Mutex::new(NOW.parse::<Timestamp>().unwrap()));
        let (cache, folder) = if let Some(cache) = setup.cache.clone() {
            (cache, None)
        } else {
            let folder = tempfile::tempdir().unwrap();
            let cache = store(folder.path(), &clock);
            // That a key has been made is told once; here it is of no interest.
            assert!(cache.settle(Duration::from_mins(1)));
            cache.notices();
            (cache, Some(folder))
        };
        for view in &setup.known {
            cache.remember_patient(view.clone());
        }
        let mut config = Config::default();
        config.window.scale = Scale::clamped(setup.scale);
        config.window.theme = setup.theme;
        config.desk = setup.desk;
        let held = Arc::clone(&clock);
        let prints = match &setup.printer {
            Some(folder) => printing::Handle::open(
                printers(folder, setup.first_sticker),
                cache.clone(),
                Arc::new(|| ()),
                Arc::new(move || *held.lock().unwrap()),
            ),
            None => printing::Handle::idle(),
        };
        let account = |login: &str, name: &str| DemoAccount {
            login: login.to_owned(),
            password: "himitsu".to_owned(),
            display_name: name.to_owned(),
        };
        let accounts = vec![account("uketsuke", "受付係"), account("kango", "看護師")];
        let held = Arc::clone(&clock);
        let parts = Parts {
            requests: outbox,
            updates: inbox,
            cache: cache.clone(),
            prints,
            config,
            demo: setup.demo.then_some(DemoInfo { accounts }),
            lang: setup.lang,
            clock: Clock::from_fn(move || *held.lock().unwrap()),
            scale_file: None,
        };
        // The harness makes its own context; that one is set up below.
        let app = App::headless(&egui::Context::default(), parts);
        let theme = setup.theme;
        let harness = Harness::builder()
            .with_size(setup.size())
            // The disk may answer in the midst of it.
            .with_max_steps(24)
            .with_context_setup(move |ctx| kiosk::theme::install(ctx, theme))
            .build_ui_state(|ui, app: &mut App| app.frame(ui), app);
        let pace = Instant::now();
        let mut bench = Self { harness, cache, updates, requests, clock, pace, _folder: folder };
        bench.run();
        bench
    }

    /// Signed in, the line up, six receptions in the list.
    pub fn signed_in() -> Self {
        Self::signed_in_with(&Setup::default(), receptions())
    }

    /// Signed in with this list.
    pub fn signed_in_with(setup: &Setup, list: Vec<Reception>) -> Self {
        let mut bench = Self::new(setup);
        bench.give(Update::Line(Line::Up));
        bench.sign_in(session());
        bench.give(Update::Receptions(list_of(list)));
        bench.asked();
        bench
    }

    /// Somebody signs in with the line up, as the worker does it.
    pub fn sign_in(&mut self, who: SessionInfo) {
        // As the worker does it: the cloud gives digits for specimen numbers to a store with a name.
        self.cache.store_id();
        if self.cache.entry_key(&who.login).is_some() {
            let password = Zeroizing::new("himitsu".to_owned());
            self.cache.remember_person(&who.login, who.clone(), password);
            self.cache.remember_staff(staff());
        }
        self.give(Update::SignedIn(who));
    }

    /// Frames until something is so; what the store does on its own thread takes its time.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut so: impl FnMut(&mut Self) -> bool) {
        let began = Instant::now();
        loop {
            self.run();
            if so(self) {
                return;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "never: {what}\n{}", self.words());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for words on the screen.
    #[track_caller]
    pub fn until_sees(&mut self, words: &str) {
        self.until(words, |bench| bench.words().contains(words));
    }

    /// Waits until everything confirmed is in the outbox: its rows.
    #[track_caller]
    pub fn kept(&mut self, count: usize) -> Vec<Arc<OutboxRow>> {
        self.until("kept", |bench| {
            bench.harness.state().desk().saving.is_empty()
                && bench.harness.state().desk().outbox.rows.len() == count
        });
        self.harness.state().desk().outbox.rows.clone()
    }

    /// The state that the latest row of the outbox sets, once so many rows are kept.
    #[track_caller]
    pub fn change(&mut self, count: usize) -> (Arc<OutboxRow>, StateChange) {
        let rows = self.kept(count);
        let row = rows.last().unwrap();
        match &row.entry.content {
            EntryContent::ReceptionState { change } => (Arc::clone(row), change.clone()),
            _ => panic!("{row:?}"),
        }
    }

    /// The cloud has stored a row, and the worker passes its receipt on.
    pub fn receipt(&mut self, row: &OutboxRow, result: EntryResult) {
        let stored_at = NOW.parse().unwrap();
        let receipt = Receipt { id: row.id, hash: row.hash.clone(), stored_at, result };
        self.cache.received(&receipt).unwrap();
        self.give(Update::Receipt(Box::new(receipt), Box::new(row.clone())));
    }

    /// The cloud refuses a row.
    pub fn refuse(&mut self, row: &OutboxRow, code: ErrorCode) {
        self.cache.refused(row.id, code, "req-42");
        let message = "req-42".to_owned();
        self.give(Update::EntryRefused { id: row.id, code, message });
    }

    /// The worker says something.
    pub fn give(&mut self, update: Update) {
        self.updates.send(update).unwrap();
        self.run();
    }

    /// Frames until nothing moves.
    pub fn run(&mut self) {
        self.harness.run();
    }

    /// Time goes by on the wall, and a frame is drawn.
    pub fn pass(&mut self, span: Duration) {
        *self.clock.lock().unwrap() += span;
        self.run();
    }

    /// Presses a key.
    pub fn key(&mut self, key: egui::Key) {
        self.harness.key_press(key);
        self.run();
    }

    /// Presses a key with Ctrl.
    pub fn ctrl(&mut self, key: egui::Key) {
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, key);
        self.run();
    }

    /// Touches what bears these words.
    #[track_caller]
    pub fn touch(&mut self, label: &str) {
        use egui_kittest::kittest::Queryable;
        self.harness.get_by_label(label).click();
        self.run();
    }

    /// Presses a key as the system sends it, through the window's raw input.
    pub fn raw_key(&mut self, key: egui::Key) {
        self.pace += Duration::from_secs(2);
        let ctx = self.harness.ctx.clone();
        let events = vec![press(key, true)];
        let mut raw = egui::RawInput { events, ..egui::RawInput::default() };
        self.harness.state_mut().hook(&ctx, &mut raw, self.pace);
        self.harness.input_mut().events.extend(raw.events);
        self.harness.step();
    }

    /// Types a text, a key at a time.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.harness.event(egui::Event::Text(c.to_string()));
        }
        self.run();
    }

    /// Lets the frames go on until the search has begun.
    pub fn settle(&mut self) {
        self.harness.run_steps(20);
        self.run();
    }

    /// What was asked of the worker since the last call.
    pub fn asked(&mut self) -> Vec<Request> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }

    /// The ticket of the latest question after a patient.
    pub fn open_ticket(&mut self) -> Ticket {
        let tickets: Vec<Ticket> = self
            .asked()
            .into_iter()
            .filter_map(|r| match r {
                Request::OpenPatient { ticket, .. } => Some(ticket),
                _ => None,
            })
            .collect();
        *tickets.last().expect("the patient was asked for")
    }

    /// The scanner sends a code, through the window's raw input as from a keyboard; one frame is drawn.
    pub fn scan(&mut self, code: &str) {
        let ctx = self.harness.ctx.clone();
        let mut left = Vec::new();
        let mut hook = |app: &mut App, events: Vec<egui::Event>, now: Instant| {
            let mut raw = egui::RawInput { events, ..egui::RawInput::default() };
            app.hook(&ctx, &mut raw, now);
            left.append(&mut raw.events);
        };
        // A pause before, so that what was typed last does not count as part of the code.
        self.pace += Duration::from_secs(2);
        for c in code.chars() {
            self.pace += Duration::from_millis(5);
            let key = egui::Key::from_name(&c.to_string()).unwrap_or(egui::Key::Num0);
            let events = vec![press(key, true), egui::Event::Text(c.to_string())];
            hook(self.harness.state_mut(), events, self.pace);
            hook(self.harness.state_mut(), vec![press(key, false)], self.pace);
        }
        self.pace += Duration::from_millis(5);
        hook(self.harness.state_mut(), vec![press(egui::Key::Enter, true)], self.pace);
        hook(self.harness.state_mut(), vec![press(egui::Key::Enter, false)], self.pace);
        self.pace += Duration::from_secs(2);
        hook(self.harness.state_mut(), Vec::new(), self.pace);
        // Nothing that could write or press anything comes through.
        let leaked = left
            .iter()
            .any(|e| matches!(e, egui::Event::Text(_) | egui::Event::Key { pressed: true, .. }));
        assert!(!leaked, "a scan leaked into the window: {left:?}");
        self.harness.step();
    }

    /// All words on the screen.
    pub fn words(&self) -> String {
        words_of(&self.harness)
    }

    /// Whether these words stand on the screen.
    #[track_caller]
    pub fn sees(&self, words: &str) {
        let all = self.words();
        assert!(all.contains(words), "not on the screen: {words}\n---\n{all}");
    }

    /// Whether these words do not stand on the screen.
    #[track_caller]
    pub fn misses(&self, words: &str) {
        let all = self.words();
        assert!(!all.contains(words), "on the screen: {words}\n---\n{all}");
    }

    /// The labels of the list's rows, from top to bottom: those that begin with a chart number.
    pub fn rows(&self) -> Vec<String> {
        let mut rows: Vec<(f32, String)> = self
            .harness
            .root()
            .children_recursive()
            .filter_map(|node| {
                let label = node.accesskit_node().label()?.clone();
                let row = label.len() > 6
                    && label.bytes().take(5).all(|b| b.is_ascii_digit())
                    && label.as_bytes()[5] == b' ';
                row.then(|| (node.rect().top(), label))
            })
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().map(|(_, label)| label).collect()
    }

    /// The labels of the marked rows.
    pub fn marked(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        let marked =
            nodes.filter(|n| n.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
        marked
            .filter_map(|n| n.accesskit_node().label())
            .filter(|l| l.as_bytes()[0].is_ascii_digit())
            .collect()
    }

    /// The key of the bar that so begins: whether it can be used.
    pub fn key_enabled(&self, label: &str) -> bool {
        use egui_kittest::kittest::Queryable;
        !self.harness.get_by_label(label).accesskit_node().is_disabled()
    }
}

/// A printer for every paper that writes files.
fn printers(folder: &Path, first_sticker: bool) -> printing::Settings {
    let papers = ["label", "sticker", "results", "day_sheet"]
        .map(|paper| format!("[papers.{paper}]\nprinter = \"紙\"\n"));
    let text = format!(
        "[[printers]]\nname = \"紙\"\nfolder = '{}'\n{}",
        folder.display(),
        papers.concat()
    );
    let first = if first_sticker { "print" } else { "offer" };
    let sticker = "[papers.sticker]\n";
    let text = text.replace(sticker, &format!("{sticker}first = \"{first}\"\n"));
    printing::Settings::of(&Config::parse(&text, "kiosk.toml").unwrap())
}

fn press(key: egui::Key, pressed: bool) -> egui::Event {
    egui::Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    }
}

/// A store of the terminal in a folder of its own.
pub fn store(folder: &Path, clock: &Arc<Mutex<Timestamp>>) -> Handle {
    store_on(folder, clock, Disk::default())
}

/// The same with its database on files that the test has a hand in, at the moment of all tests.
pub fn store_over<B: StorageBackend>(
    folder: &Path,
    under: impl Fn(FileBackend) -> B + Send + Sync + 'static,
) -> Handle {
    let open = move |path: &Path| -> Result<Database, DatabaseError> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = FileBackend::new(options.open(path).map_err(redb::StorageError::from)?)?;
        Database::builder().create_with_backend(under(file))
    };
    let disk = Disk { database: Arc::new(open), ..Disk::default() };
    store_on(folder, &Arc::new(Mutex::new(NOW.parse().unwrap())), disk)
}

fn store_on(folder: &Path, clock: &Arc<Mutex<Timestamp>>, disk: Disk) -> Handle {
    let settings = local::Settings {
        folder: folder.to_owned(),
        institution: "demo".to_owned(),
        patients: 300,
        keyring: Keyring::File,
    };
    let held = Arc::clone(clock);
    Handle::open_on(settings, Arc::new(|| ()), Arc::new(move || *held.lock().unwrap()), disk)
}

/// The practitioner.
pub fn director() -> Staff {
    Staff { account: uuid::Uuid::from_u128(7), name: "院長".to_owned(), role: Role::Practitioner }
}

/// Who works at the clinic.
pub fn staff() -> StaffList {
    StaffList { staff: vec![director()] }
}

/// A session of the practitioner.
pub fn directors_session() -> SessionInfo {
    SessionInfo {
        account_id: director().account,
        login: "incho".to_owned(),
        display_name: "院長".to_owned(),
        role: Role::Practitioner,
        ..session()
    }
}

/// The receptionist as records name the person.
pub fn clerk() -> Staff {
    let session = session();
    Staff { account: session.account_id, name: session.display_name, role: session.role }
}

/// A session of the receptionist.
pub fn session() -> SessionInfo {
    SessionInfo {
        institution: "標準診療所".to_owned(),
        account_id: uuid::Uuid::nil(),
        login: "uketsuke".to_owned(),
        display_name: "受付係".to_owned(),
        role: Role::Receptionist,
        station: Some(1),
        idle_limit_seconds: 900,
        expires_at: "2026-11-22T10:00:00Z".parse().unwrap(),
    }
}

/// A failure with small print.
pub fn failure(kind: FailureKind) -> Failure {
    Failure { kind, detail: "req-42".to_owned() }
}

/// A refusal of the cloud.
pub fn refused(code: ErrorCode, retry_after_seconds: Option<u64>) -> Failure {
    failure(FailureKind::Refused { code, retry_after_seconds })
}

/// A patient number.
pub fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).unwrap()
}

/// A link to the receipt computer.
pub fn link(state: LinkState, last_success: &str) -> LinkStatus {
    LinkStatus { state, last_success: Some(last_success.parse().unwrap()) }
}

/// The day's list.
pub fn list_of(receptions: Vec<Reception>) -> ReceptionList {
    ReceptionList { date: today(), receptions, event_seq: 7, link: link(LinkState::Up, NOW) }
}

/// A reception.
pub fn reception(
    id: u32,
    patient: &str,
    (kanji, kana): (&str, &str),
    at: Time,
    physician: u32,
    state: ReceptionState,
) -> Reception {
    Reception {
        key: ReceptionKey { date: today(), id: format!("{id:05}") },
        patient: PatientNumber::parse(patient).ok(),
        name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
        birth_date: Some(date(1942, 3, 4)),
        sex: Sex::Male,
        time: at,
        appointment: None,
        paid_at: None,
        department: Department { code: "01".to_owned(), name: "内科".to_owned() },
        physician: Physician {
            code: format!("1000{physician}"),
            name: format!("医師　{}", ["", "一郎", "二郎"][physician as usize]),
        },
        content: MedicalContent { code: "01".to_owned(), name: "診察".to_owned() },
        insurance_combination: None,
        state,
        revision: 1,
    }
}

/// Six receptions of a morning.
pub fn receptions() -> Vec<Reception> {
    use ReceptionState as S;
    let r = reception;
    vec![
        r(1, "00127", ("処方　元", "ショホウ　ハジメ"), time(8, 31, 0, 0), 1, S::InConsultation),
        r(2, "01873", ("厚労　太郎", "コウロウ　タロウ"), time(8, 44, 0, 0), 1, S::Waiting),
        r(3, "00942", ("患者　和子", "カンジャ　カズコ"), time(9, 5, 0, 0), 2, S::Waiting),
        r(4, "02210", ("診療　和広", "シンリョウ　カズヒロ"), time(9, 12, 0, 0), 2, S::Waiting),
        r(5, "00388", ("連携　理子", "レンケイ　リコ"), time(9, 20, 0, 0), 1, S::AwaitingPayment),
        r(6, "", ("検査　和夫", "ケンサ　カズオ"), time(9, 30, 0, 0), 1, S::Waiting),
    ]
}

/// A patient with an allergy and an insurance.
pub fn view(number_text: &str, kanji: &str, kana: &str) -> PatientView {
    let health = HealthInsurance {
        class: "060".to_owned(),
        name: "国保".to_owned(),
        insurer_number: "138057".to_owned(),
        symbol: "12".to_owned(),
        number: "3456".to_owned(),
        branch: "01".to_owned(),
        insured_self: Some(true),
    };
    PatientView {
        patient: Patient {
            number: number(number_text),
            name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
            birth_date: Some(date(1955, 3, 4)),
            sex: Sex::Male,
            householder: kanji.to_owned(),
            address: Address {
                postal_code: "1234567".to_owned(),
                line1: "架空県架空市一丁目".to_owned(),
                line2: "２−３".to_owned(),
            },
            phones: vec!["03-0000-0001".to_owned()],
            insurance: vec![InsuranceCombination {
                number: "0001".to_owned(),
                health: Some(health),
                share_percent: Some(30),
                checked_on: Some(today()),
                ..InsuranceCombination::default()
            }],
            safety: vec![SafetyRemark {
                kind: SafetyKind::Allergy,
                text: format!("{kanji}のペニシリン"),
                drug_code: None,
            }],
            first_visit: None,
            last_visit: Some(date(2026, 10, 25)),
            test_patient: false,
            deceased: false,
        },
        receptions: Vec::new(),
        fetched_at: "2026-11-22T00:40:00Z".parse().unwrap(),
        whole: true,
        profile: Vec::new(),
        lab: PatientLab::default(),
    }
}

/// A search hit.
pub fn hit(number_text: &str, kanji: &str, kana: &str) -> PatientHit {
    PatientHit {
        number: number(number_text),
        name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Female,
        last_visit: Some(date(2026, 10, 25)),
    }
}
