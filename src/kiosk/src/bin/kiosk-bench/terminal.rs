//! Windows in processes of their own.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use egui::Key;
use egui::accesskit::Role;
use kiosk::app::App;
use kiosk::cli::DemoArgs;
use kiosk::config::Lang;
use kiosk::demo::{Demo, Size};
use kiosk::play::hands::{Hands, Wedge};
use kiosk::play::report::{memory_mb, process_age_ms};
use kiosk::play::stage::{Link, Stage};
use kiosk::window::Started;
use sandbox::clinic::STAFF;
use serde::{Deserialize, Serialize};

use crate::line::{self, Clinic};

/// First argument of such a process; then what it measures, then the clinic.
pub(crate) const CHILD: &str = "--window";
/// Start of a window with nothing in it.
pub(crate) const BARE: &str = "bare";
/// Start of the demo, servers in the process.
pub(crate) const DEMO: &str = "demo";
/// Start of a terminal.
pub(crate) const START: &str = "start";
/// Work at a terminal.
const DESK: &str = "desk";

/// Only a wrong program waits that long.
const LONG: Duration = Duration::from_mins(1);
/// Scans of each kind.
const SCANS: usize = 30;
/// How long nothing is done.
const IDLE: Duration = Duration::from_secs(10);

/// What came of the work at a terminal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AtDesk {
    pub(crate) cache_ms: Vec<f64>,
    pub(crate) cache_frames: Vec<f64>,
    pub(crate) cloud_ms: Vec<f64>,
    pub(crate) idle_frames: f64,
    /// What asked for them.
    pub(crate) idle_causes: Vec<String>,
    pub(crate) resident_mb: f64,
    pub(crate) peak_mb: f64,
}

/// Starts a window several times; milliseconds from the start of the process to the first frame presented.
pub(crate) fn starts(
    what: &str,
    clinic: Option<&Clinic>,
    count: usize,
) -> Result<Vec<f64>, String> {
    // The first one reads the program from the disk.
    run(what, clinic)?;
    (0..count)
        .map(|_| run(what, clinic)?.trim().parse().map_err(|e| format!("{what}: {e}")))
        .collect()
}

/// Works at a terminal.
pub(crate) fn desk(clinic: &Clinic) -> Result<AtDesk, String> {
    serde_json::from_str(&run(DESK, Some(clinic))?).map_err(|e| e.to_string())
}

fn run(what: &str, clinic: Option<&Clinic>) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut command = Command::new(program);
    command.args([CHILD, what]);
    if let Some(clinic) = clinic {
        let ca = clinic.folder.path().join("ca.pem");
        std::fs::write(&ca, &clinic.ca_pem).map_err(|e| e.to_string())?;
        command.args([&clinic.url, &ca.display().to_string()]);
        command.arg(clinic.folder.path().join("terminal"));
        command.args(clinic.numbers(SCANS));
    }
    let output = command.stderr(std::process::Stdio::null()).output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        return Err(format!("a window for \"{what}\" ended with {}: {said}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

/// A process of its own.
pub(crate) fn child(args: &[String]) -> Result<(), String> {
    let outcome = match args {
        [what] if what == BARE => bare(),
        [what] if what == DEMO => {
            let demo = Demo::set_up(&DemoArgs::default(), Size::default());
            let demo = demo.map_err(|e| e.to_string())?;
            let Demo { started, servers, folder, .. } = demo;
            let outcome = started.run(|cc, parts| Probe::new(App::new(cc, parts)));
            // The servers may still be starting. They are waited for, so that their folder goes for good.
            drop(servers);
            drop(folder);
            outcome.map_err(|e| e.to_string())
        }
        [what, url, ca, folder, numbers @ ..] => {
            let ca = std::fs::read_to_string(ca).map_err(|e| e.to_string())?;
            let config = line::terminal(url, ca, std::path::Path::new(folder))?;
            let started = Started::new(config, Lang::Ja, None).map_err(|e| e.to_string())?;
            if what == START {
                let outcome = started.run(|cc, parts| Probe::new(App::new(cc, parts)));
                outcome.map_err(|e| e.to_string())
            } else {
                work(started, numbers.to_vec())
            }
        }
        _ => Err("what is to be measured?".to_owned()),
    };
    if let Err(e) = &outcome {
        println!("{e}");
    }
    outcome
}

fn bare() -> Result<(), String> {
    struct Bare;
    impl eframe::App for Bare {
        fn ui(&mut self, _: &mut egui::Ui, _: &mut eframe::Frame) {}
    }
    let options = kiosk::window::native_options(&kiosk::config::Config::default());
    let build: eframe::AppCreator<'_> = Box::new(|_| Ok(Box::new(Probe::new(Bare))));
    eframe::run_native("bare", options, build).map_err(|e| e.to_string())
}

/// Says when the first frame has been presented, and closes the window.
struct Probe<A> {
    program: A,
    frames: u32,
}

impl<A> Probe<A> {
    fn new(program: A) -> Self {
        Self { program, frames: 0 }
    }
}

impl<A: eframe::App> eframe::App for Probe<A> {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.program.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.program.ui(ui, frame);
        ui.ctx().request_repaint();
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, raw: &mut egui::RawInput) {
        self.frames += 1;
        // The second frame begins when the first has been presented.
        if self.frames == 2 {
            println!("{}", process_age_ms().unwrap_or_default());
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        self.program.raw_input_hook(ctx, raw);
    }
}

fn work(started: Started, numbers: Vec<String>) -> Result<(), String> {
    let link = Link::default();
    let hands = Hands::new(link.clone());
    let seen = link.clone();
    let worker = std::thread::spawn(move || {
        let outcome = at_desk(&seen, hands, &numbers);
        seen.close();
        outcome
    });
    let stage = link.clone();
    let outcome =
        started.run(move |cc, parts| Stage::new(App::new(cc, parts), &cc.egui_ctx, stage));
    link.gone();
    let done = worker.join().map_err(|_| "the worker at the desk fell over".to_owned())?;
    outcome.map_err(|e| e.to_string())?;
    println!("{}", serde_json::to_string(&done?).map_err(|e| e.to_string())?);
    Ok(())
}

fn at_desk(link: &Link, mut hands: Hands, numbers: &[String]) -> Result<AtDesk, String> {
    let field =
        |s: &kiosk::play::screen::Screen| s.focus().is_some_and(|f| f.role == Role::TextInput);
    link.wait_frame(0, LONG, field).ok_or("no sign-in field")?;
    let person = STAFF[0];
    hands.write(person.login);
    hands.press(Key::Tab);
    hands.write(person.password);
    let from = hands.press(Key::Enter);
    link.wait_frame(from, LONG, |s| s.says(person.display_name)).ok_or("no sign-in")?;
    let mut done = AtDesk {
        cache_ms: Vec::new(),
        cache_frames: Vec::new(),
        cloud_ms: Vec::new(),
        idle_frames: 0.0,
        idle_causes: Vec::new(),
        resident_mb: 0.0,
        peak_mb: 0.0,
    };
    let basics = kiosk::i18n::t(Lang::Ja, "card.basics");
    for again in [false, true] {
        for number in numbers {
            link.settle(Duration::from_millis(150), LONG);
            let end = hands.scan(number, Wedge::Plain);
            let page =
                |s: &kiosk::play::screen::Screen| s.called(number).is_some() && s.says(basics);
            let frame = link.wait_frame(end.frame, LONG, page).ok_or("no patient page")?;
            let shown = frame.shown.unwrap_or_else(Instant::now);
            let ms = shown.saturating_duration_since(end.at).as_secs_f64() * 1000.0;
            if again {
                done.cache_ms.push(ms);
                done.cache_frames.push(frame.number.saturating_sub(end.frame) as f64);
            } else {
                done.cloud_ms.push(ms);
            }
        }
    }
    (done.idle_frames, done.idle_causes) = idle(link)?;
    done.resident_mb = memory_mb("VmRSS").unwrap_or_default() as f64;
    done.peak_mb = memory_mb("VmHWM").unwrap_or_default() as f64;
    Ok(done)
}

/// Frames that nobody asked for, and who did. The clock on the screen moves once a minute; that frame is not
/// idle's fault, so a stretch without it is taken.
fn idle(link: &Link) -> Result<(f64, Vec<String>), String> {
    link.settle(Duration::from_secs(2), LONG);
    for _ in 0..3 {
        // The play itself asks for the frame that tells of the last one's presentation.
        sleep(Duration::from_millis(200));
        let before = link.frames();
        let screen = |link: &Link| link.latest().map(|f| f.screen);
        let was = screen(link);
        sleep(IDLE);
        if screen(link) == was {
            let frames = link.frames().saturating_sub(before) as f64;
            let causes = link.context().map(|ctx| ctx.repaint_causes()).unwrap_or_default();
            let causes = causes.iter().map(ToString::to_string).collect();
            return Ok((frames, if frames > 0.0 { causes } else { Vec::new() }));
        }
    }
    Err("the screen never stood still for 10 s".to_owned())
}
