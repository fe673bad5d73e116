//! Printing: the thread that makes papers, keeps the queue and talks to the printers.
//!
//! The window asks through [`Handle`], which never waits, and looks at a [`PrintView`]. Jobs lie encrypted in the
//! terminal's store with the data that their papers are made from, until a day after they are done.

pub mod door;
mod doors;
mod render;
mod shelf;
mod view;
mod words;
mod worker;

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use paper::queue::Act;
use uuid::Uuid;

use crate::config::{Config, Papers, PrinterConfig};
use crate::local;

pub use doors::Doors;
pub use view::{JobView, PrintEvent, PrintOrder, PrintOutcome, PrintView, PrinterView, ToPrint};
pub use words::{paper_words, printer_words, why_words};
use worker::{Task, Worker};

/// What the terminal's settings say about printing.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The printers.
    pub printers: Vec<PrinterConfig>,
    /// Which paper goes where.
    pub papers: Papers,
}

impl Settings {
    /// Out of a terminal's settings.
    pub fn of(config: &Config) -> Self {
        Self { printers: config.printers.clone(), papers: config.papers.clone() }
    }
}

/// What window and worker share.
struct Shared {
    view: Mutex<Arc<PrintView>>,
    outcomes: Mutex<Vec<PrintOutcome>>,
    wake: local::Wake,
}

/// What is behind a lock stays whole even where a panic passed by.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Printing as the window holds it; clones are the same. Nothing here waits.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    tasks: Option<Sender<Task>>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("running", &self.tasks.is_some()).finish_non_exhaustive()
    }
}

impl Handle {
    /// Starts printing in the background with the printers of this machine. `wake` is called at each change.
    pub fn open(
        settings: Settings,
        cache: local::Handle,
        wake: local::Wake,
        clock: local::Clock,
    ) -> Self {
        Self::open_with(settings, cache, wake, clock, Doors::of_this_machine())
    }

    /// [`Handle::open`] with other doors to the printers, for tests.
    pub fn open_with(
        settings: Settings,
        cache: local::Handle,
        wake: local::Wake,
        clock: local::Clock,
        doors: Doors,
    ) -> Self {
        let shared = Shared::new(worker::first_view(&settings), wake);
        let (tasks, inbox) = channel();
        let behind = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("printing".to_owned());
        let run = move || Worker::new(settings, cache, clock, doors, behind).run(&inbox);
        match thread.spawn(run) {
            Ok(_) => Self { shared, tasks: Some(tasks) },
            Err(e) => {
                let view = PrintView { trouble: Some(e.to_string()), ..PrintView::default() };
                shared.show(view);
                Self { shared, tasks: None }
            }
        }
    }

    /// Printing that does nothing, for tests of screens.
    pub fn idle() -> Self {
        Self { shared: Shared::new(PrintView::default(), Arc::new(|| ())), tasks: None }
    }

    /// Prints a paper as soon as its printer takes it. An id that is known already is not printed again.
    pub fn print(&self, order: PrintOrder) {
        self.send(Task::Print(Box::new(order)));
    }

    /// What there is to see.
    pub fn view(&self) -> Arc<PrintView> {
        Arc::clone(&lock(&self.shared.view))
    }

    /// Takes what has happened since the last call.
    pub fn outcomes(&self) -> Vec<PrintOutcome> {
        std::mem::take(&mut *lock(&self.shared.outcomes))
    }

    /// A job's [`PrintEvent::HandedOver`] is on record and need not be told again.
    pub fn acknowledge(&self, id: Uuid) {
        self.send(Task::Acknowledge(id));
    }

    /// Tries a failed job again, or a waiting one at once.
    pub fn retry(&self, id: Uuid) {
        self.send(Task::Act(id, Act::Retry));
    }

    /// Takes a job back as far as its printer has not got it.
    pub fn cancel(&self, id: Uuid) {
        self.send(Task::Act(id, Act::Cancel));
    }

    /// A person looked at the printer: whether the paper is there. If not, an unknown job is printed again.
    pub fn settle(&self, id: Uuid, printed: bool) {
        self.send(Task::Act(id, Act::Settle { printed }));
    }

    /// Prints a test page on a printer of the settings.
    pub fn test_print(&self, printer: &str) {
        self.send(Task::Print(Box::new(PrintOrder {
            id: Uuid::now_v7(),
            what: ToPrint::Test { printer: printer.to_owned() },
            copy: 1,
            reason: String::new(),
            patient: None,
            by: None,
        })));
    }

    /// Asks the printers for their state now: a person looks at them.
    pub fn look(&self) {
        self.send(Task::Look);
    }

    /// Waits until everything asked so far has been done as far as it can be now, at most as long as given. For the
    /// end of the program and for tests, never from a frame.
    pub fn settled(&self, limit: std::time::Duration) -> bool {
        let Some(tasks) = &self.tasks else { return true };
        let (done, wait) = channel();
        tasks.send(Task::Settled(done)).is_ok() && wait.recv_timeout(limit).is_ok()
    }

    fn send(&self, task: Task) {
        if let Some(tasks) = &self.tasks {
            // The worker lives as long as its handles.
            let _ = tasks.send(task);
        }
    }
}

impl Shared {
    fn new(view: PrintView, wake: local::Wake) -> Arc<Self> {
        Arc::new(Self { view: Mutex::new(Arc::new(view)), outcomes: Mutex::default(), wake })
    }

    /// Shows a picture where it differs from the last one; its version follows from that one's.
    fn show(&self, view: PrintView) {
        let mut shown = lock(&self.view);
        let view = PrintView { version: shown.version, ..view };
        if **shown == view {
            return;
        }
        *shown = Arc::new(PrintView { version: view.version + 1, ..view });
        drop(shown);
        (self.wake)();
    }

    fn tell(&self, outcome: PrintOutcome) {
        lock(&self.outcomes).push(outcome);
        (self.wake)();
    }
}
