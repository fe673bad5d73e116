//! The thread that prints.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use paper::printers::{JobNumber, PrinterInfo, PrinterState};
use paper::queue::{Act, Job, Queue, ShelfError, State, Why};
use paper::{Engine, Paper, PaperError};
use uuid::Uuid;

use super::doors::{Doors, place};
use super::render::{Drawn, draw, title};
use super::shelf::{Parcel, StoreShelf};
use super::view::{JobView, PrintEvent, PrintOrder, PrintOutcome, PrintView, PrinterView, ToPrint};
use super::{Settings, Shared};
use crate::config::{FirstSticker, PAPERS, PrinterConfig};
use crate::local;

/// So often a disk that refuses is tried again.
const DISK_PAUSE: Duration = Duration::from_secs(5);
/// So often the printers are looked at while nothing is printed.
const GLANCE: Duration = Duration::from_secs(30);

/// What is asked of the worker.
pub(super) enum Task {
    Print(Box<PrintOrder>),
    Acknowledge(Uuid),
    Act(Uuid, Act),
    Look,
    Settled(Sender<()>),
}

pub(super) struct Worker {
    settings: Settings,
    shelf: StoreShelf,
    clock: local::Clock,
    doors: Doors,
    shared: Arc<Shared>,
    queue: Queue<Parcel>,
    /// Jobs of earlier runs have been taken up.
    loaded: bool,
    /// Made with the first paper: reading the fonts takes a moment.
    engine: Option<Engine>,
    states: Vec<PrinterInfo>,
    looked: Option<Instant>,
    asked: Option<Instant>,
    trouble: Option<String>,
    missing_glyphs: BTreeMap<Uuid, usize>,
    /// Whose being handed over has been told in this run.
    told: BTreeSet<Uuid>,
}

impl Worker {
    pub(super) fn new(
        settings: Settings,
        cache: local::Handle,
        clock: local::Clock,
        doors: Doors,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            settings,
            shelf: StoreShelf(cache),
            clock,
            doors,
            shared,
            queue: Queue::default(),
            loaded: false,
            engine: None,
            states: Vec::new(),
            looked: None,
            asked: None,
            trouble: None,
            missing_glyphs: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    /// Works until the last handle is gone.
    pub(super) fn run(mut self, inbox: &Receiver<Task>) {
        self.work();
        self.show();
        loop {
            let first = match self.pause() {
                Some(pause) => match inbox.recv_timeout(pause) {
                    Ok(task) => Some(task),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                None => match inbox.recv() {
                    Ok(task) => Some(task),
                    Err(_) => return,
                },
            };
            let mut settled = Vec::new();
            for task in first.into_iter().chain(inbox.try_iter()) {
                match task {
                    Task::Settled(done) => settled.push(done),
                    task => self.take(task),
                }
            }
            self.work();
            self.show();
            for done in settled {
                // Who asked may have stopped waiting.
                let _ = done.send(());
            }
        }
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Until when there is nothing to do by itself; `None` for as long as nobody asks for anything.
    fn pause(&self) -> Option<Duration> {
        let mut next = (!self.settings.printers.is_empty()).then_some(GLANCE);
        let mut sooner = |pause: Duration| next = Some(next.map_or(pause, |next| next.min(pause)));
        if self.trouble.is_some() {
            sooner(DISK_PAUSE);
        } else if let Some(due) = self.queue.next_due() {
            let wait = due.duration_since(self.now());
            sooner(Duration::try_from(wait).unwrap_or_default().max(Duration::from_millis(200)));
        }
        if let Some(pause) = self.asking_pause() {
            sooner(pause);
        }
        next
    }

    /// How often the spooler is asked: often at first, seldom for what a stopped printer holds.
    fn asking_pause(&self) -> Option<Duration> {
        let now = self.now();
        let age = |job: &Job<Parcel>| match job.state {
            State::HandedOver { at, .. } => now.duration_since(at).as_secs(),
            _ => i64::MAX,
        };
        self.queue.open_jobs().map(|(job, _)| age(job)).min().map(|youngest| match youngest {
            ..10 => Duration::from_secs(1),
            10..300 => Duration::from_secs(4),
            _ => GLANCE,
        })
    }

    fn take(&mut self, task: Task) {
        match task {
            Task::Print(order) => self.add(*order),
            Task::Acknowledge(id) => {
                let kept = self.queue.note(&mut self.shelf, id, |parcel| parcel.on_record = true);
                self.noted(&kept);
            }
            Task::Act(id, act) => self.act(id, act),
            Task::Look => (self.looked, self.asked) = (None, None),
            // Answered by the caller when everything else is done.
            Task::Settled(_) => {}
        }
    }

    fn add(&mut self, order: PrintOrder) {
        let printer = self.printer_for(&order.what);
        // A test page is nobody's paper and goes on no record.
        let on_record = matches!(order.what, ToPrint::Test { .. });
        let (id, now) = (order.id, self.now());
        let parcel = Parcel { order: Arc::new(order), on_record };
        let kept = self.queue.add(&mut self.shelf, Job::new(id, now, printer, parcel));
        self.noted(&kept);
    }

    fn act(&mut self, id: Uuid, act: Act) {
        let Some(job) = self.queue.job(id) else { return };
        if let (Act::Cancel, State::HandedOver { job: Some(number), forgotten: false, .. }) =
            (act, &job.state)
        {
            let number = *number;
            if let Some(printer) = self.printer(&job.printer).cloned() {
                let (spooler, place) = self.doors.of(&printer);
                spooler.cancel(place, number);
                self.asked = None;
            }
            return;
        }
        let printer = self.printer_for(&job.data.order.what);
        let readdressed = self.queue.readdress(&mut self.shelf, id, &printer);
        let now = self.now();
        let before = self.queue.job(id).map(|job| job.state.clone());
        let kept = self.queue.act(&mut self.shelf, id, act, now).map(|_| ());
        self.noted(&readdressed.and(kept));
        self.tell_change(id, before.as_ref());
    }

    /// Name of the printer that a paper goes to; empty where there is none.
    fn printer_for(&self, what: &ToPrint) -> String {
        let named = match (what, what.paper()) {
            (ToPrint::Test { printer }, _) => Some(printer.as_str()),
            (_, Some(paper)) => self.settings.papers.printer_of(paper),
            _ => None,
        };
        named.unwrap_or_default().to_owned()
    }

    fn printer(&self, name: &str) -> Option<&PrinterConfig> {
        self.settings.printers.iter().find(|printer| printer.name.as_str() == name)
    }

    /// A disk that refuses is told until it takes everything.
    fn noted(&mut self, kept: &Result<(), ShelfError>) {
        if let Err(error) = kept {
            self.trouble = Some(error.0.clone());
        }
    }

    /// Does everything that can be done now.
    fn work(&mut self) {
        if !self.load() {
            return;
        }
        match self.queue.keep_rest(&mut self.shelf) {
            Ok(()) => self.trouble = None,
            Err(error) => return self.noted(&Err(error)),
        }
        while self.trouble.is_none() {
            let now = self.now();
            let Some(job) = self.queue.due(now) else { break };
            let (id, order, printer) = (job.id, Arc::clone(&job.data.order), job.printer.clone());
            self.hand_over(id, &order, &printer);
        }
        let due = self.asking_pause();
        if due.is_some_and(|pause| self.asked.is_none_or(|at| at.elapsed() >= pause)) {
            self.ask();
        }
        if self.looked.is_none_or(|at| at.elapsed() >= GLANCE) {
            self.look();
        }
        let now = self.now();
        let swept = self.queue.sweep(&mut self.shelf, now);
        self.noted(&swept);
    }

    /// Takes up what an earlier run has left.
    fn load(&mut self) -> bool {
        if self.loaded {
            return true;
        }
        let now = self.now();
        let Self { queue, shelf, doors, settings, .. } = self;
        let find = |job: &Job<Parcel>| find(doors, &settings.printers, job);
        match queue.load(shelf, find, now) {
            Ok(()) => {
                self.loaded = true;
                let ids: Vec<Uuid> = self.queue.jobs().iter().map(|job| job.id).collect();
                for id in ids {
                    self.tell_found(id);
                }
                true
            }
            Err(error) => {
                self.noted(&Err(error));
                false
            }
        }
    }

    fn hand_over(&mut self, id: Uuid, order: &PrintOrder, printer: &str) {
        let now = self.now();
        let before = Some(State::FRESH);
        let Some(config) = self.printer(printer).cloned() else {
            let failed = self.queue.fail(&mut self.shelf, id, Why::NoPrinter, now);
            self.noted(&failed);
            return self.tell_change(id, before.as_ref());
        };
        let drawn = match self.draw(order, &config) {
            Ok(drawn) => drawn,
            Err(error) => {
                let why = Why::NotMade { detail: error };
                let failed = self.queue.fail(&mut self.shelf, id, why, now);
                self.noted(&failed);
                return self.tell_change(id, before.as_ref());
            }
        };
        self.missing_glyphs.insert(id, drawn.rendered.warnings.len());
        // From here on a crash leaves a job of which nobody knows whether it was printed, and says so.
        let tries = match self.queue.begin(&mut self.shelf, id) {
            Ok(tries) => tries,
            Err(error) => return self.noted(&Err(error)),
        };
        let (spooler, place) = self.doors.of(&config);
        let told =
            drawn.with_document(|document, options| spooler.submit(place, document, options));
        if let Err(error) = &told {
            tracing::warn!(printer, %error, "not printed");
        }
        let now = self.now();
        let finished = self.queue.finish(&mut self.shelf, id, told, tries, now);
        self.noted(&finished);
        self.looked = None;
        self.tell_change(id, before.as_ref());
    }

    /// Makes the paper. A fault in a form must not end all printing.
    fn draw(&mut self, order: &PrintOrder, printer: &PrinterConfig) -> Result<Drawn, String> {
        let now = self.now();
        let words = |error: PaperError| error.to_string();
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => Engine::new().map_err(words)?,
        };
        let papers = &self.settings.papers;
        let work = AssertUnwindSafe(|| draw(&mut engine, order, printer, papers, now));
        match catch_unwind(work) {
            Ok(drawn) => {
                self.engine = Some(engine);
                drawn.map_err(words)
            }
            Err(_) => Err("the form broke down; please tell the makers".to_owned()),
        }
    }

    /// Asks the spoolers about the jobs that they have.
    fn ask(&mut self) {
        let open: Vec<(Uuid, String, String, JobNumber)> = self
            .queue
            .open_jobs()
            .map(|(job, number)| (job.id, job.printer.clone(), title(&job.data.order), number))
            .collect();
        for (id, printer, title, number) in open {
            let before = self.queue.job(id).map(|job| job.state.clone());
            let Some(config) = self.printer(&printer).cloned() else { continue };
            let (spooler, place) = self.doors.of(&config);
            let word = spooler.job(place, number, &title);
            let now = self.now();
            let heard = self.queue.heard(&mut self.shelf, id, word, now).map(|_| ());
            self.noted(&heard);
            self.tell_change(id, before.as_ref());
        }
        self.asked = Some(Instant::now());
    }

    fn look(&mut self) {
        self.states = self.doors.states(&self.settings.printers);
        self.looked = Some(Instant::now());
    }

    /// Tells what is new about a job.
    fn tell_change(&mut self, id: Uuid, before: Option<&State>) {
        let Some(job) = self.queue.job(id).filter(|job| Some(&job.state) != before) else { return };
        let events = events(job, before, self.told.contains(&id));
        self.tell(id, events);
    }

    /// Tells what is still to be told about a job of an earlier run.
    fn tell_found(&mut self, id: Uuid) {
        let Some(job) = self.queue.job(id) else { return };
        let events = match &job.state {
            State::Unknown { .. } => vec![PrintEvent::Unknown],
            State::HandedOver { .. } | State::Printed { .. } if !job.data.on_record => {
                vec![PrintEvent::HandedOver]
            }
            _ => Vec::new(),
        };
        self.tell(id, events);
    }

    fn tell(&mut self, id: Uuid, events: Vec<PrintEvent>) {
        let Some(job) = self.queue.job(id) else { return };
        for event in events {
            if event == PrintEvent::HandedOver {
                self.told.insert(id);
            }
            let (order, printer) = (Arc::clone(&job.data.order), job.printer.clone());
            self.shared.tell(PrintOutcome { order, printer, event });
        }
    }

    fn show(&self) {
        let printers = printer_views(&self.settings, &self.states);
        let view = |job: &Job<Parcel>| JobView {
            order: Arc::clone(&job.data.order),
            made_at: job.made_at,
            printer: job.printer.clone(),
            state: job.state.clone(),
            missing_glyphs: self.missing_glyphs.get(&job.id).copied().unwrap_or(0),
        };
        let jobs = self.queue.jobs().iter().rev().map(view).collect();
        let trouble = self.trouble.clone();
        let first_sticker = prints_first_sticker(&self.settings);
        self.shared.show(PrintView { version: 0, jobs, printers, trouble, first_sticker });
    }
}

/// What to tell about a job whose state has changed.
fn events(job: &Job<Parcel>, before: Option<&State>, told: bool) -> Vec<PrintEvent> {
    let with_printer = matches!(job.state, State::HandedOver { .. } | State::Printed { .. });
    let mut events = Vec::new();
    if with_printer && !job.data.on_record && !told {
        events.push(PrintEvent::HandedOver);
    }
    match &job.state {
        State::Printed { .. } => events.push(PrintEvent::Printed),
        State::Failed { why, .. } => events.push(PrintEvent::Failed(why.clone())),
        State::Unknown { .. } if !matches!(before, Some(State::Unknown { .. })) => {
            events.push(PrintEvent::Unknown);
        }
        _ => {}
    }
    events
}

/// Asks the spooler of a job's printer whether it has one with its title.
fn find(doors: &mut Doors, printers: &[PrinterConfig], job: &Job<Parcel>) -> Option<JobNumber> {
    let printer = printers.iter().find(|printer| printer.name.as_str() == job.printer)?;
    let (spooler, place) = doors.of(printer);
    spooler.find(place, &title(&job.data.order))
}

/// The printers of the settings, with what is known of each.
pub(super) fn printer_views(settings: &Settings, states: &[PrinterInfo]) -> Vec<PrinterView> {
    let papers = |name: &str| -> Vec<Paper> {
        let goes = |(paper, _): &(Paper, &str)| settings.papers.printer_of(*paper) == Some(name);
        PAPERS.iter().filter(|paper| goes(paper)).map(|(paper, _)| *paper).collect()
    };
    let view = |(at, printer): (usize, &PrinterConfig)| PrinterView {
        name: printer.name.as_str().to_owned(),
        place: place(printer).to_owned(),
        is_folder: printer.folder.is_some(),
        state: states.get(at).map_or(PrinterState::Unknown, |info| info.state),
        detail: states.get(at).map(|info| info.detail.clone()).unwrap_or_default(),
        papers: papers(printer.name.as_str()),
    };
    settings.printers.iter().enumerate().map(view).collect()
}

/// What can be seen before anything has been asked.
pub(super) fn first_view(settings: &Settings) -> PrintView {
    let first_sticker = prints_first_sticker(settings);
    PrintView { printers: printer_views(settings, &[]), first_sticker, ..PrintView::default() }
}

fn prints_first_sticker(settings: &Settings) -> bool {
    settings.papers.sticker.first == FirstSticker::Print
}
