//! `soegaki demo`: a clinic's morning in one process.
//!
//! Receipt computer and cloud run on a thread of their own, on free loopback ports over TLS, and are spoken to
//! as they would be anywhere else; the window knows nothing of it but the accounts to show. The window opens
//! at once and says that it is connecting until the cloud is up.

mod before;
pub mod clock;
pub mod line;
pub mod servers;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ::sandbox::certificates::Authority;
use ::sandbox::clinic::{INSTITUTION_CODE, STAFF};
use ::sandbox::lab::Pace;

use crate::app::{App, DemoAccount, DemoInfo};
use crate::cli::{DemoArgs, say};
use crate::config::{Config, Keyring, PrinterConfig, Scale};
use crate::play;
use crate::window::{Started, WindowError};
use ::settings::{FilePath, InvalidValue};
use clock::DemoClock;
use line::{Near, Plug};
use servers::{Servers, Wanted};

/// Patients of the demo's clinic.
pub const PATIENTS: usize = 3000;
/// Receptions of its day.
pub const RECEPTIONS: usize = 80;

/// The demo's printers.
const LABELS: &str = "ラベル";
const SHEETS: &str = "用紙";

/// How long the demo's laboratory takes.
const PACE: Pace = Pace {
    partial: Duration::from_secs(20),
    full: Duration::from_mins(1),
    corrected: Duration::from_mins(2),
};

/// Why the demo could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No folder, no port, no thread.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's words.
        source: std::io::Error,
    },
    /// No certificate.
    #[error(transparent)]
    Certificate(#[from] ::sandbox::CertificateError),
    /// A setting of the demo is refused.
    #[error("a setting of the demo is refused: {0}")]
    Setting(String),
}

/// Turns the system's words into ours.
fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> DemoError {
    move |source| DemoError::System { what, source }
}

/// A demo that is set up: servers under way, workers started, the window still to come.
pub struct Demo {
    /// The window's parts.
    pub started: Started,
    /// The terminal, to be switched on again.
    pub terminal: Terminal,
    /// The other half.
    pub servers: Servers,
    /// The hand on the plug of the line.
    pub plug: Plug,
    /// Everybody's clock.
    pub clock: DemoClock,
    /// Goes when the demo ends, where no folder was named.
    pub folder: Option<tempfile::TempDir>,
}

/// The demo's terminal: what it takes to switch it on, any number of times.
#[derive(Clone)]
pub struct Terminal {
    config: Config,
    clock: DemoClock,
}

impl Terminal {
    /// Switches it on: workers and channels, with the window still to come.
    pub fn start(&self) -> std::io::Result<Started> {
        let clock = self.clock;
        let lang = self.config.window.lang;
        Started::with_clock(
            self.config.clone(),
            lang,
            Some(accounts()),
            Arc::new(move || clock.now()),
        )
    }
}

/// How large the synthetic clinic is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Patients.
    pub patients: usize,
    /// Receptions of the day.
    pub receptions: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self { patients: PATIENTS, receptions: RECEPTIONS }
    }
}

impl Demo {
    /// Sets a demo up.
    pub fn set_up(args: &DemoArgs, size: Size) -> Result<Self, DemoError> {
        let (folder, temporary) = folder(args)?;
        let clock = DemoClock::begin(today());
        let near = Near::bind().map_err(system("no port on 127.0.0.1 can be had"))?;
        let authority = Authority::new("Soegaki demo")?;
        let identity = authority.server(&["localhost", "127.0.0.1"])?;
        let config = settings(args, &near, authority.ca_pem(), &folder)?;
        let plug = Plug::new();
        let terminal = Terminal { config, clock };
        let started = terminal.start().map_err(system("the terminal's worker could not start"))?;
        let servers = Servers::start(Wanted {
            seed: args.seed,
            patients: size.patients,
            receptions: size.receptions,
            folder,
            identity,
            clock,
            near,
            plug: plug.clone(),
            // A script says itself when results come.
            pace: args.play.is_none().then_some(PACE),
        })
        .map_err(system("the thread of the demo's servers could not start"))?;
        Ok(Self { started, terminal, servers, plug, clock, folder: temporary })
    }
}

/// Runs the demo as the command line says.
pub fn run(args: &DemoArgs) -> ExitCode {
    let demo = match Demo::set_up(args, Size::default()) {
        Ok(demo) => demo,
        Err(e) => {
            eprintln!("デモを開始できません。");
            eprintln!("The demo cannot start: {e}");
            return ExitCode::FAILURE;
        }
    };
    match args.play.clone() {
        Some(out) => play::run(demo, args, &out),
        None => say(watch(demo)),
    }
}

/// The window for a person; somebody comes to the counter now and then.
fn watch(demo: Demo) -> Result<(), WindowError> {
    let Demo { started, servers, folder, .. } = demo;
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let bustle = std::thread::spawn(move || {
        // Errors of the servers have been told on the terminal; the window says what it sees.
        let Ok(world) = servers.world(Duration::from_mins(1)) else {
            let _ = left.recv();
            return;
        };
        let mut who = world.clinic.patients().iter().step_by(37).skip(1).cycle();
        while left
            .recv_timeout(Duration::from_secs(25))
            .is_err_and(|e| e == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            if let Some(patient) = who.next() {
                // Who is here already is refused by the receipt computer, as it should be.
                let _ = world.control.accept(patient.number.as_str());
            }
        }
        drop(servers);
    });
    let outcome = started.run(App::new);
    drop(leave);
    let _ = bustle.join();
    drop(folder);
    outcome
}

fn folder(args: &DemoArgs) -> Result<(PathBuf, Option<tempfile::TempDir>), DemoError> {
    if let Some(folder) = &args.data {
        std::fs::create_dir_all(folder).map_err(system("the data folder cannot be made"))?;
        let folder = folder.canonicalize().map_err(system("the data folder is not there"))?;
        return Ok((folder, None));
    }
    let made = tempfile::Builder::new().prefix("soegaki-demo-").tempdir();
    let made = made.map_err(system("no temporary folder can be made"))?;
    Ok((made.path().to_owned(), Some(made)))
}

/// The terminal's settings in the demo.
fn settings(
    args: &DemoArgs,
    near: &Near,
    ca_pem: String,
    folder: &std::path::Path,
) -> Result<Config, DemoError> {
    let refused = |e: InvalidValue| DemoError::Setting(e.what);
    let institution = INSTITUTION_CODE.parse().map_err(refused)?;
    let mut config = Config { institution, ..Config::default() };
    config.server.url = format!("https://{}", near.address).parse().map_err(refused)?;
    config.server.ca_pem = Some(ca_pem);
    config.window.lang = args.lang;
    config.window.theme = args.theme;
    config.window.scale = Scale::clamped(i64::from(args.scale));
    // A demo leaves nothing in the user's keyring.
    config.local.keyring = Keyring::File;
    printers(&mut config, args.play.as_deref().unwrap_or(folder)).map_err(refused)?;
    let local = folder.join("terminal").display().to_string();
    config.local.dir = Some(local.parse().map_err(refused)?);
    Ok(config)
}

/// The demo prints into a folder: labels and stickers, and sheets, as two printers would.
fn printers(config: &mut Config, folder: &std::path::Path) -> Result<(), InvalidValue> {
    let folder = FilePath::new(folder.join("papers"));
    for name in [LABELS, SHEETS] {
        let (name, folder) = (name.parse()?, Some(folder.clone()));
        config.printers.push(PrinterConfig { name, spooler: None, folder, tray: None });
    }
    let papers = &mut config.papers;
    papers.label.printer = Some(LABELS.parse()?);
    papers.sticker.printer = Some(LABELS.parse()?);
    papers.results.printer = Some(SHEETS.parse()?);
    papers.day_sheet.printer = Some(SHEETS.parse()?);
    Ok(())
}

fn accounts() -> DemoInfo {
    let shown = |person: &::sandbox::clinic::StaffAccount| DemoAccount {
        login: person.login.to_owned(),
        password: person.password.to_owned(),
        display_name: person.display_name.to_owned(),
    };
    DemoInfo { accounts: STAFF.iter().map(shown).collect() }
}

/// The day in Japan.
pub fn today() -> jiff::civil::Date {
    clock::OFFSET.to_datetime(jiff::Timestamp::now()).date()
}
