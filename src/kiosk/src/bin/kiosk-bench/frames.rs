//! What a frame costs the processor: laying out and tessellating, without the rasterising, which is the
//! graphics card's work on a terminal and drowns everything else under software GL.

use std::time::{Duration, Instant};

use egui::{Context, Event, Key, Modifiers, RawInput, Rect, vec2};
use kiosk::app::{App, Route};
use kiosk::config::Lang;
use kiosk::window::Started;
use sandbox::clinic::STAFF;

use crate::line::Clinic;

/// Only a wrong program waits that long.
const LONG: Duration = Duration::from_mins(1);
/// A screen's pace.
const FRAME: Duration = Duration::from_millis(16);
/// Frames with the list.
const LIST: usize = 1_000;

/// Costs of frames in milliseconds.
pub(crate) struct Measured {
    pub(crate) receptions: usize,
    pub(crate) list_ms: Vec<f64>,
    pub(crate) search_ms: Vec<f64>,
}

/// A window without a window, and what its frames cost.
pub(crate) struct Bench {
    ctx: Context,
    app: App,
    began: Instant,
    /// Milliseconds of each frame.
    pub(crate) costs: Vec<f64>,
}

fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    vec![event(true), event(false)]
}

/// Nanoseconds that this thread has been on a processor, as of its last sleep: the system counts it up only
/// when it takes the thread off. `None` where it does not tell.
fn busy_nanos() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok()
}

impl Bench {
    pub(crate) fn new(ctx: Context, app: App) -> Self {
        Self { ctx, app, began: Instant::now(), costs: Vec::new() }
    }

    pub(crate) fn frame(&mut self, events: Vec<Event>) {
        let mut raw = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, vec2(1280.0, 800.0))),
            time: Some(self.began.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        let start = Instant::now();
        let before = busy_nanos();
        self.app.hook(&self.ctx, &mut raw, start);
        let output = self.ctx.run_ui(raw, |ui| self.app.frame(ui));
        let shapes = self.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        std::hint::black_box(&shapes);
        output.drop_without_applying_deltas();
        let elapsed = start.elapsed();
        std::thread::sleep(FRAME.saturating_sub(elapsed).max(Duration::from_millis(1)));
        // By the clock where the system does not tell: too much on a busy machine, never too little.
        let spent = busy_nanos().zip(before).map(|(after, before)| after.saturating_sub(before));
        let spent = spent.map_or(elapsed, Duration::from_nanos);
        self.costs.push(spent.as_secs_f64() * 1000.0);
    }

    pub(crate) fn until(&mut self, what: &str, done: impl Fn(&App) -> bool) -> Result<(), String> {
        let limit = Instant::now() + LONG;
        while !done(&self.app) {
            if Instant::now() > limit {
                return Err(format!("no {what}"));
            }
            self.frame(Vec::new());
        }
        Ok(())
    }

    /// At a person's pace: five frames a stroke.
    fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.frame(vec![Event::Text(c.to_string())]);
            for _ in 0..4 {
                self.frame(Vec::new());
            }
        }
    }

    pub(crate) fn press(&mut self, which: Key) {
        self.frame(key(which, Modifiers::NONE));
    }

    /// As fast as a scanner types.
    pub(crate) fn scan(&mut self, code: &str) {
        self.pause();
        for c in code.chars() {
            let which = Key::from_name(&c.to_string()).unwrap_or(Key::Num0);
            let mut events = key(which, Modifiers::NONE);
            events.insert(1, Event::Text(c.to_string()));
            self.hook(events);
        }
        self.hook(key(Key::Enter, Modifiers::NONE));
        self.pause();
    }

    /// Events without a frame.
    fn hook(&mut self, events: Vec<Event>) {
        let mut raw = RawInput { events, ..RawInput::default() };
        self.app.hook(&self.ctx, &mut raw, Instant::now());
    }

    /// Long enough that what was typed before does not count as part of a code.
    fn pause(&mut self) {
        std::thread::sleep(Duration::from_millis(400));
        self.frame(Vec::new());
    }
}

/// Measures with the whole program but the window.
pub(crate) fn measure(clinic: &Clinic, words: &[String]) -> Result<Measured, String> {
    let clock = clinic.clock;
    let now = std::sync::Arc::new(move || clock.now());
    let started = Started::with_clock(clinic.terminal()?, Lang::Ja, None, now);
    let ctx = Context::default();
    let app = App::headless(&ctx, started.map_err(|e| e.to_string())?.parts);
    let mut bench = Bench::new(ctx, app);
    bench.frame(Vec::new());
    bench.frame(Vec::new());
    bench.write(STAFF[0].login);
    bench.press(Key::Tab);
    bench.write(STAFF[0].password);
    bench.press(Key::Enter);
    bench.until("sign-in", |app| app.route() == Route::Receptions)?;
    bench.until("reception list", |app| app.desk().day.total() > 0)?;
    let receptions = bench.app.desk().day.total();
    bench.costs.clear();
    let sorts = [Key::Num2, Key::Num3, Key::Num4, Key::Num1];
    for i in 0..LIST {
        match i % 50 {
            0 => bench.frame(key(sorts[(i / 50) % sorts.len()], Modifiers::COMMAND)),
            n if n % 5 == 0 => bench.press(Key::PageDown),
            n => {
                let place = egui::pos2(200.0 + n as f32 * 7.0, 220.0 + n as f32 * 9.0);
                bench.frame(vec![Event::PointerMoved(place)]);
            }
        }
    }
    let list_ms = std::mem::take(&mut bench.costs);
    for word in words {
        bench.press(Key::F4);
        bench.write(word);
        bench.until("answer", |app| app.desk().search.asked_at.is_none())?;
        bench.press(Key::Escape);
    }
    Ok(Measured { receptions, list_ms, search_ms: bench.costs })
}
