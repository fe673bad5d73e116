//! The window: takes what the worker sends, runs what the screens want, draws.
//!
//! `logic/` writes what the desk knows, `ui.rs` only draws and collects wishes.

pub mod day;
pub mod form;
pub mod intent;
pub mod keys;
pub mod lab;
mod logic;
pub mod model;
pub mod opened;
pub mod parts;
pub mod records;
pub mod route;
mod ui;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use api::entries::EntryContent;
use clinical::PatientNumber;
use clinical::lab::SpecimenNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use crate::client::{Request, Ticket, Update};
use crate::local;
use crate::printing;
use crate::scan::{Cards, Wedge};
use crate::screens::confirmations::ConfirmationList;
use crate::screens::entry::EntryForm;
use crate::screens::help::Help;
use crate::screens::history::HistoryScreen;
use crate::screens::lab_inbox::InboxScreen;
use crate::screens::lab_order::LabOrderForm;
use crate::screens::outbox::OutboxScreen;
use crate::screens::patient::PatientPage;
use crate::screens::printing::PrintingScreen;
use crate::screens::receptions::Receptions;
use crate::screens::results::ResultsScreen;
use crate::screens::samples::SamplesScreen;
use crate::screens::sign_in::SignIn;
use crate::screens::specimens::SpecimensScreen;

pub use model::Desk;
pub use parts::{Clock, DemoAccount, DemoInfo, Parts};
pub use route::Route;

/// The window's state.
pub struct App {
    requests: UnboundedSender<Request>,
    updates: Receiver<Update>,
    cache: local::Handle,
    prints: printing::Handle,
    desk: Desk,
    route: Route,
    screens: Screens,
    help: bool,
    wedge: Wedge,
    cards: Cards,
    next_ticket: u64,
    /// Today as of the last frame; at midnight the next day's list is asked for.
    today: Date,
    /// Sequence number of the list, for the terminal's store.
    event_seq: i64,
    /// Set when the day's list has changed since it was last kept.
    list_changed: Option<Timestamp>,
    /// The screens to come back to, the nearest last.
    behind: Vec<route::Behind>,
    /// Whose form is open, and its draft's name.
    form: Option<OpenForm>,
    /// What of a patient's form is kept while the rest of it could not be, by canonical number and form.
    partly: HashMap<(String, String), Vec<EntryContent>>,
    /// What somebody must still be told of an entry.
    news: Vec<logic::News>,
    /// Which copies of patients lack something.
    outdated: logic::Outdated,
    /// Whose card was scanned last.
    last_card: Option<PatientNumber>,
    /// That another patient's card was scanned last has been said: whose, before whose order, and when.
    warned_card: Option<(PatientNumber, PatientNumber, Timestamp)>,
    /// A scanned tube about which the cloud is asked.
    asked_tube: Option<(Ticket, SpecimenNumber)>,
    /// Sent with one key, and not said yet.
    sent_tubes: usize,
    /// Labels given to the printing thread that it has not shown yet: job, order and tubes.
    given_labels: Vec<(Uuid, Uuid, Vec<SpecimenNumber>)>,
    /// New patients for whose charts a sticker was offered.
    offered: HashSet<String>,
    scale_percent: u16,
    scale_file: Option<PathBuf>,
}

/// The form on the screen.
struct OpenForm {
    number: PatientNumber,
    name: String,
}

impl OpenForm {
    /// Whose form of what name it is, however the number is padded.
    fn key(&self) -> (String, String) {
        (self.number.canonical(), self.name.clone())
    }
}

#[derive(Default)]
struct Screens {
    sign_in: SignIn,
    receptions: Receptions,
    patient: PatientPage,
    entry: EntryForm,
    history: HistoryScreen,
    confirmations: ConfirmationList,
    outbox: OutboxScreen,
    lab_order: LabOrderForm,
    samples: SamplesScreen,
    specimens: SpecimensScreen,
    results: ResultsScreen,
    lab_inbox: InboxScreen,
    printing: PrintingScreen,
    help: Help,
}

impl App {
    /// For eframe.
    pub fn new(cc: &eframe::CreationContext<'_>, parts: Parts) -> Self {
        Self::headless(&cc.egui_ctx, parts)
    }

    /// Without a window of the system: for tests and measurements. Draw with [`App::frame`].
    pub fn headless(ctx: &egui::Context, parts: Parts) -> Self {
        crate::theme::install(ctx, parts.config.window.theme);
        let kept = parts.scale_file.as_deref().and_then(logic::kept_scale);
        let scale_percent = kept.unwrap_or_else(|| logic::percent(&parts.config));
        ctx.set_zoom_factor(f32::from(scale_percent) / 100.0);
        let desk = Desk::new(parts.lang, parts.config.desk, parts.clock, parts.demo);
        Self {
            requests: parts.requests,
            updates: parts.updates,
            cache: parts.cache,
            prints: parts.prints,
            today: desk.today(),
            desk,
            route: Route::default(),
            screens: Screens::default(),
            help: false,
            wedge: Wedge::new(parts.config.scanner.clone()),
            cards: Cards::new(parts.config.scanner.cards.clone()),
            next_ticket: 0,
            event_seq: 0,
            list_changed: None,
            behind: Vec::new(),
            form: None,
            partly: HashMap::new(),
            news: Vec::new(),
            outdated: logic::Outdated::default(),
            last_card: None,
            warned_card: None,
            asked_tube: None,
            sent_tubes: 0,
            given_labels: Vec::new(),
            offered: HashSet::new(),
            scale_percent,
            scale_file: parts.scale_file,
        }
    }

    /// What the desk knows.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Which screen is open.
    pub fn route(&self) -> Route {
        self.route
    }

    /// Scale in per cent.
    pub fn scale_percent(&self) -> u16 {
        self.scale_percent
    }

    /// Takes card scans, and keys that belong to an input method, out of the input before any widget sees it.
    pub fn hook(&mut self, ctx: &egui::Context, raw: &mut egui::RawInput, now: Instant) {
        // A menu or the help over a field takes the keys.
        let in_field = ctx.text_edit_focused() && !self.is_covered();
        if let Some(scanned) = self.wedge.take(raw, now, in_field) {
            self.desk.tick();
            self.scanned(ctx, &scanned);
            ctx.request_repaint();
        }
        // egui itself takes Esc for leaving a field, before any frame; it must not see the input method's.
        let focused = ctx.memory(|m| m.focused().is_some());
        self.input_method(focused, &mut raw.events);
        if let Some(pause) = self.wedge.wake_after(now) {
            ctx.request_repaint_after(pause);
        }
    }

    /// One frame: what came in, then the drawing, then what the person wants.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        let began = Instant::now();
        self.take_updates(ui.ctx());
        self.draw(ui);
        self.schedule(ui.ctx());
        self.wedge.frame_took(began.elapsed());
        // Asked again here: what the hook asked is forgotten where egui draws a frame twice.
        if let Some(pause) = self.wedge.wake_after(Instant::now()) {
            ui.ctx().request_repaint_after(pause);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_updates(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.frame(ui);
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, raw: &mut egui::RawInput) {
        self.hook(ctx, raw, Instant::now());
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
