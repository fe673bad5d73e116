//! Opening the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

use crate::app::{App, Clock, DemoInfo, Parts};
use crate::client;
use crate::config::{Config, Lang};
use crate::local;
use crate::printing;

/// Wakes a window that may not be open yet: the workers start before it, so that they work while it opens.
#[derive(Clone, Default)]
pub struct Waker(Arc<OnceLock<egui::Context>>);

impl Waker {
    /// From now on [`Waker::wake`] repaints this window. Its first frame comes without being asked for.
    pub fn set(&self, ctx: &egui::Context) {
        // A second window in the process would be a mistake of the caller; the first one stays.
        let _ = self.0.set(ctx.clone());
    }

    /// Asks for a repaint.
    pub fn wake(&self) {
        if let Some(ctx) = self.0.get() {
            ctx.request_repaint();
        }
    }
}

/// Why no window came up.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// No screen, no driver, or the system refused.
    #[error("{0}")]
    NoWindow(String),
    /// The window was there and broke down.
    #[error("the window broke down")]
    Lost,
    /// A worker could not start.
    #[error("the program's worker could not start: {0}")]
    NoWorker(#[from] std::io::Error),
}

/// The window's size, frame and renderer by the terminal's settings.
pub fn native_options(config: &Config) -> eframe::NativeOptions {
    let viewport = egui::ViewportBuilder::default()
        .with_title("Soegaki")
        .with_app_id("soegaki")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([960.0, 600.0])
        .with_fullscreen(config.window.fullscreen)
        .with_decorations(!config.window.fullscreen);
    eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        // Glyphs come from the shipped fonts alone, so that every terminal shows the same.
        system_font_fallback: false,
        ..Default::default()
    }
}

/// Workers and channels of a terminal, started, with its window still to come.
pub struct Started {
    /// For [`App::new`].
    pub parts: Parts,
    worker: client::Worker,
    waker: Waker,
}

impl Started {
    /// Starts the worker that talks to the cloud and the terminal's cache.
    pub fn new(config: Config, lang: Lang, demo: Option<DemoInfo>) -> std::io::Result<Self> {
        Self::with_clock(config, lang, demo, Arc::new(Timestamp::now))
    }

    /// [`Started::new`] by another clock than the system's.
    pub fn with_clock(
        config: Config,
        lang: Lang,
        demo: Option<DemoInfo>,
        now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> std::io::Result<Self> {
        let waker = Waker::default();
        let wake = waker.clone();
        let settings =
            client::Settings { clock: Arc::clone(&now), ..client::Settings::from_config(&config)? };
        let folder = config.local.folder();
        let scale_file = folder.as_ref().map(|folder| folder.join("scale"));
        let patients = config.local.patients.0.as_usize();
        let cache = match folder {
            Some(folder) => {
                let wake = waker.clone();
                let settings = local::Settings {
                    folder,
                    institution: config.institution.as_str().to_owned(),
                    patients,
                    keyring: config.local.keyring,
                };
                local::Handle::open_at(settings, Arc::new(move || wake.wake()), Arc::clone(&now))
            }
            None => local::Handle::in_memory(patients),
        };
        let print_wake = waker.clone();
        let prints = printing::Handle::open(
            printing::Settings::of(&config),
            cache.clone(),
            Arc::new(move || print_wake.wake()),
            Arc::clone(&now),
        );
        let (requests, updates, worker) =
            client::spawn(settings, cache.clone(), move || wake.wake())?;
        let clock = Clock::from_fn(move || now());
        let parts =
            Parts { requests, updates, cache, prints, config, demo, lang, clock, scale_file };
        Ok(Self { parts, worker, waker })
    }

    /// Opens the window and comes back when it is closed. `build` makes the program from its parts; it is
    /// [`App::new`] but for who looks over the program's shoulder, as the play does.
    pub fn run<A: eframe::App + 'static>(
        self,
        build: impl FnOnce(&eframe::CreationContext<'_>, Parts) -> A,
    ) -> Result<(), WindowError> {
        let Self { parts, worker, waker } = self;
        let cache = parts.cache.clone();
        let options = native_options(&parts.config);
        let run = || {
            eframe::run_native(
                "Soegaki",
                options,
                Box::new(|cc| {
                    waker.set(&cc.egui_ctx);
                    Ok(Box::new(build(cc, parts)))
                }),
            )
        };
        // The window library panics where the display dies under it. The session is ended and the cache is
        // finished all the same.
        let outcome = catch_unwind(AssertUnwindSafe(run));
        // With the program went the sender of requests: the worker ends the session and itself. What it could
        // not send any more stays in the outbox.
        worker.finish();
        cache.settle(Duration::from_secs(2));
        match outcome {
            Ok(outcome) => outcome.map_err(|e| WindowError::NoWindow(e.to_string())),
            Err(_) => Err(WindowError::Lost),
        }
    }
}

/// Opens the window of a terminal and comes back when it is closed.
pub fn open(config: Config, lang: Lang) -> Result<(), WindowError> {
    Started::new(config, lang, None)?.run(App::new)
}
