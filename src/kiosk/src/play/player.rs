//! Plays a script step by step: does, looks, takes a picture, writes down.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use egui::ColorImage;
use egui::accesskit::Role;

use super::hands::{Hands, ScanEnd, Wedge};
use super::outages::Outages;
use super::report::{
    Budget, Fine, Machine, Outcome, Report, Scan, Step, memory_mb, process_age_ms,
};
use super::scene::Morning;
use super::screen::Screen;
use super::stage::{Frame, Link};
use super::{lab, morning, records};
use crate::cli::DemoArgs;
use crate::config::{Lang, Theme};
use crate::demo::line::Plug;
use crate::demo::servers::Servers;
use crate::i18n;

/// Limits are generous: only a wrong program waits that long.
pub const LONG: Duration = Duration::from_secs(30);
/// A screen counts as settled after this long without a change.
const QUIET: Duration = Duration::from_millis(180);

/// Why a step did not show what it promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why(pub String);

/// A step's own code.
pub type Act = fn(&mut Morning<'_>) -> Result<(), Why>;

/// A step of a script.
pub struct Plan {
    /// What it is called in the report.
    pub name: &'static str,
    /// At which desk.
    pub desk: &'static str,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// What is done and looked for.
    pub act: Act,
}

/// The one who plays.
pub struct Player {
    /// The window.
    pub link: Link,
    /// Fingers, pointer, scanner.
    pub hands: Hands,
    lang: Lang,
    only: Option<String>,
    outages: Option<u64>,
    out: PathBuf,
    report: Report,
    /// When the step's promise was kept; set by the step where that is before its end.
    kept: Option<Instant>,
    /// When what the step measures began, where that is not the step's own beginning.
    since: Option<Instant>,
}

impl Player {
    /// For a play as the command line says.
    pub fn new(link: Link, args: &DemoArgs, out: &Path) -> Self {
        let theme = match args.theme {
            Theme::Light => "light",
            Theme::Contrast => "contrast",
        };
        let lang = match args.lang {
            Lang::Ja => "ja",
            Lang::En => "en",
        };
        let report = Report {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: jiff::Timestamp::now().to_string(),
            lang: lang.to_owned(),
            scale: i64::from(args.scale),
            theme: theme.to_owned(),
            seed: args.seed,
            machine: Machine::here(),
            cold_start_ms: None,
            peak_rss_mb: None,
            steps: Vec::new(),
            scans: Vec::new(),
            outages: Vec::new(),
            outcome: Outcome::Fine(Fine::Ok),
        };
        Self {
            hands: Hands::new(link.clone()),
            link,
            lang: args.lang,
            only: args.only.clone(),
            outages: args.outages,
            out: out.to_owned(),
            report,
            kept: None,
            since: None,
        }
    }

    /// Plays the whole morning and writes the report.
    pub fn play(mut self, servers: &Servers, plug: &Plug) -> Outcome {
        let outcome = match self.try_play(servers, plug) {
            Ok(()) => Outcome::Fine(Fine::Ok),
            Err((failed, why)) => Outcome::Failed { failed, why: why.0 },
        };
        self.report.peak_rss_mb = memory_mb("VmHWM");
        self.report.outcome = outcome.clone();
        match self.report.write(&self.out) {
            Ok(()) => outcome,
            Err(e) => Outcome::Failed { failed: "report".to_owned(), why: e.to_string() },
        }
    }

    fn try_play(&mut self, servers: &Servers, plug: &Plug) -> Result<(), (String, Why)> {
        let at = |step: &'static str| move |why| (step.to_owned(), why);
        self.cold_start().map_err(at("cold start"))?;
        let world = servers.world(LONG * 4).map_err(Why).map_err(at("servers"))?;
        let outages = self.outages.map(|seed| Outages::begin(seed, plug.clone()));
        let mut scene = Morning::new(self, world, plug.clone());
        let mut number = 0;
        let mut result = Ok(());
        for plan in morning::SCRIPT.iter().chain(records::SCRIPT).chain(lab::SCRIPT) {
            if scene.player.leaves_out(plan.name) {
                continue;
            }
            number += 1;
            result = run_step(&mut scene, plan, number, outages.is_some());
            if result.is_err() {
                break;
            }
        }
        if let Some(outages) = outages {
            self.report.outages = outages.end();
        }
        if number == 0 && result.is_ok() {
            return Err(("--only".to_owned(), Why("no step is so called".to_owned())));
        }
        result
    }

    /// Without signing in nothing can be played.
    fn leaves_out(&self, name: &str) -> bool {
        let only = self.only.as_ref();
        name != "sign in" && only.is_some_and(|w| !name.to_lowercase().contains(&w.to_lowercase()))
    }

    fn cold_start(&mut self) -> Result<(), Why> {
        let label = self.t("sign_in.login").to_owned();
        let usable = |s: &Screen| {
            s.role_called(Role::TextInput, &label).is_some_and(|field| !field.disabled)
        };
        let frame = self.link.wait_frame(0, LONG * 2, usable).ok_or_else(|| {
            Why("the window did not come up with the field for the ID".to_owned())
        })?;
        let ago = frame.shown.map(|shown| shown.elapsed().as_millis());
        let ago = ago.and_then(|ago| u64::try_from(ago).ok());
        self.report.cold_start_ms =
            process_age_ms().zip(ago).map(|(age, ago)| age.saturating_sub(ago));
        Ok(())
    }

    /// Words of the screen.
    pub fn t(&self, key: &'static str) -> &'static str {
        i18n::t(self.lang, key)
    }

    /// The part of words before their first value: what can be looked for whatever the value is.
    pub fn head(&self, key: &'static str) -> &'static str {
        let words = self.t(key);
        words.split('{').find(|part| !part.trim().is_empty()).unwrap_or(words).trim()
    }

    /// The part of words after their last value.
    pub fn tail(&self, key: &'static str) -> &'static str {
        let words = self.t(key);
        words.rsplit('}').next().unwrap_or(words).trim()
    }

    /// The part of words between their first two values.
    pub fn middle(&self, key: &'static str) -> &'static str {
        let words = self.t(key);
        let after = words.split_once('}').map_or(words, |(_, after)| after);
        after.split('{').next().unwrap_or(after).trim()
    }

    /// Words with their values.
    pub fn fill(&self, key: &'static str, values: &[(&str, &str)]) -> String {
        i18n::fill(self.lang, key, values)
    }

    /// Where pictures and papers go.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The latest screen.
    pub fn screen(&self) -> Screen {
        self.link.latest().map(|f| Screen::clone(&f.screen)).unwrap_or_default()
    }

    /// Waits until the screen shows what fits, from the present frame on.
    pub fn see(&self, what: &str, fits: impl FnMut(&Screen) -> bool) -> Result<Frame, Why> {
        self.see_within(LONG, what, fits)
    }

    /// The same with another limit.
    pub fn see_within(
        &self,
        limit: Duration,
        what: &str,
        fits: impl FnMut(&Screen) -> bool,
    ) -> Result<Frame, Why> {
        let from = self.link.frames().saturating_sub(1);
        self.see_from(from, limit, what, fits)
    }

    /// The same from an earlier frame on.
    pub fn see_from(
        &self,
        from: u64,
        limit: Duration,
        what: &str,
        fits: impl FnMut(&Screen) -> bool,
    ) -> Result<Frame, Why> {
        self.link.wait_frame(from, limit, fits).ok_or_else(|| {
            Why(format!("within {} s the screen did not show {what}", limit.as_secs()))
        })
    }

    /// The step's promise is kept as of this frame; what follows is for the picture only.
    pub fn keep(&mut self, frame: &Frame) {
        self.kept = frame.shown;
    }

    /// The same, measured from a moment of its own.
    pub fn keep_since(&mut self, since: Instant, frame: &Frame) {
        self.since = Some(since);
        self.keep(frame);
    }

    /// Scans, and waits for what shows the patient.
    pub fn scan(
        &mut self,
        kind: &str,
        source: &str,
        code: &str,
        wedge: Wedge,
        shows: impl FnMut(&Screen) -> bool,
    ) -> Result<Frame, Why> {
        let ScanEnd { at, frame } = self.hands.scan(code, wedge);
        let seen = self.see_from(frame, LONG, "the patient of the card", shows)?;
        let shown = seen.shown.unwrap_or(seen.begun);
        let ms = shown.saturating_duration_since(at).as_secs_f64() * 1000.0;
        self.report.scans.push(Scan {
            kind: kind.to_owned(),
            source: source.to_owned(),
            ms_to_paint: (ms * 10.0).round() / 10.0,
            frames: seen.number.saturating_sub(frame),
        });
        self.keep(&seen);
        Ok(seen)
    }

    fn picture(&self, file: &str) -> Result<(), Why> {
        let ctx = self.link.context().ok_or_else(|| Why("there is no window".to_owned()))?;
        let (send, receive) = channel();
        ctx.request_screenshot(move |image| {
            // A play given up meanwhile needs no picture.
            let _ = send.send(image);
        });
        ctx.request_repaint();
        let image = receive
            .recv_timeout(LONG)
            .map_err(|_| Why("the window gave no picture of itself".to_owned()))?;
        save(&image, &self.out.join(file)).map_err(|e| Why(format!("{file}: {e}")))
    }
}

/// Plays one step and writes it down.
fn run_step(
    scene: &mut Morning<'_>,
    plan: &Plan,
    number: usize,
    outages: bool,
) -> Result<(), (String, Why)> {
    let failed = |why| (plan.name.to_owned(), why);
    let slug: String = plan.name.chars().map(|c| if c == ' ' { '-' } else { c }).collect();
    // With the line cut at random, a person tries again; without, once must do.
    let tries = if outages { 6 } else { 1 };
    let mut result = Ok(());
    for _ in 0..tries {
        scene.home().map_err(failed)?;
        let player = &mut *scene.player;
        (player.hands.keys, player.hands.touches) = (0, 0);
        (player.kept, player.since) = (None, None);
        let began = Instant::now();
        result = (plan.act)(scene);
        let player = &mut *scene.player;
        if result.is_ok() {
            let kept = player.kept.unwrap_or_else(Instant::now);
            let ms = kept.saturating_duration_since(player.since.unwrap_or(began)).as_millis();
            let ms = u64::try_from(ms).unwrap_or(u64::MAX);
            player.link.settle(QUIET, LONG);
            let screenshot = format!("{number:02}-{slug}.png");
            player.picture(&screenshot).map_err(failed)?;
            let (keys, touches) = (player.hands.keys, player.hands.touches);
            let within = plan.budget.map(|budget| {
                budget.touches.is_none_or(|most| keys + touches <= most)
                    && budget.ms.is_none_or(|most| ms <= most)
            });
            player.report.steps.push(Step {
                name: plan.name.to_owned(),
                desk: plan.desk,
                ms,
                keys,
                touches,
                budget: plan.budget,
                within_budget: within,
                screenshot,
            });
            println!("{number:02} {} ({ms} ms)", plan.name);
            return Ok(());
        }
    }
    let player = &mut *scene.player;
    let _ = player.picture(&format!("{number:02}-{slug}-failed.png"));
    eprintln!("on the screen then:\n{}", player.screen().words());
    result.map_err(failed)
}

fn save(image: &ColorImage, file: &Path) -> Result<(), image::ImageError> {
    let [width, height] = image.size;
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    image::save_buffer(file, &bytes, size(width), size(height), image::ExtendedColorType::Rgb8)
}
