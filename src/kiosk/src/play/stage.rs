//! Where the play stands: around the real program, between it and the window system.
//!
//! What a hand does goes in where the window system's events go in, before the program's own input hook; what
//! is seen is the tree that a frame gives to assistive technology. Nothing else passes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use egui::{Context, Event, FullOutput, RawInput, Rect, Vec2};

use super::screen::Screen;

/// Frames remembered.
const KEPT: usize = 240;

/// The line between the play's own thread and the window; clones are one.
#[derive(Clone, Default)]
pub struct Link {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ctx: Option<Context>,
    waiting: Vec<Event>,
    frames: VecDeque<Frame>,
    /// Number of the next frame.
    next: u64,
    window: Option<Rect>,
    closed: bool,
    /// The window closes to be opened again.
    restarting: bool,
    /// Windows so far.
    windows: u32,
}

/// One frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Counted from 0.
    pub number: u64,
    /// What it shows.
    pub screen: Arc<Screen>,
    /// When its input was taken.
    pub begun: Instant,
    /// When the window came back from presenting it; `None` while it has not.
    pub shown: Option<Instant>,
}

impl Link {
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives events to the window, as its next input. Returns the number of the frame that takes them in at
    /// the latest.
    pub fn give(&self, events: impl IntoIterator<Item = Event>) -> u64 {
        let mut state = self.state();
        state.waiting.extend(events);
        let number = state.next;
        let ctx = state.ctx.clone();
        drop(state);
        if let Some(ctx) = ctx {
            ctx.request_repaint();
        }
        number
    }

    /// The window's context, once there is a window.
    pub fn context(&self) -> Option<Context> {
        self.state().ctx.clone()
    }

    /// The latest frame.
    pub fn latest(&self) -> Option<Frame> {
        self.state().frames.back().cloned()
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.state().next
    }

    /// Switches the terminal off and on again, and waits until its window is there.
    pub fn restart(&self, limit: Duration) -> bool {
        let before = {
            let mut state = self.state();
            state.restarting = true;
            state.windows
        };
        self.close();
        let until = Instant::now() + limit;
        let mut state = self.state();
        while state.windows == before && !state.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.pause(state, left);
        }
        !state.closed
    }

    /// Whether the window that has just closed is to be opened again.
    pub fn is_restarting(&self) -> bool {
        self.state().restarting
    }

    /// Closes the window, as its own button would.
    pub fn close(&self) {
        if let Some(ctx) = self.context() {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            ctx.request_repaint();
        }
    }

    /// The window is gone, or never came: nothing is waited for any more, unless it is coming back.
    pub fn gone(&self) {
        let mut state = self.state();
        state.closed = !state.restarting;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Whether any frame from number `from` on fits.
    pub fn any_since(&self, from: u64, mut fits: impl FnMut(&Screen) -> bool) -> bool {
        self.state().frames.iter().filter(|f| f.number >= from).any(|f| fits(&f.screen))
    }

    /// Whether the window is gone.
    pub fn closed(&self) -> bool {
        self.state().closed
    }

    /// Size of the window in points.
    pub fn window(&self) -> Option<Vec2> {
        self.state().window.map(|rect| rect.size())
    }

    /// Waits for a frame from number `from` on that fits and has been presented.
    pub fn wait_frame(
        &self,
        from: u64,
        limit: Duration,
        mut fits: impl FnMut(&Screen) -> bool,
    ) -> Option<Frame> {
        let until = Instant::now() + limit;
        let mut looked_at = from;
        let mut state = self.state();
        loop {
            // Only what has been presented is final: a frame may be laid out in several passes.
            for frame in state.frames.iter().skip_while(|f| f.number < from) {
                if frame.shown.is_none() {
                    break;
                }
                if frame.number < looked_at {
                    continue;
                }
                looked_at = frame.number + 1;
                if fits(&frame.screen) {
                    return Some(frame.clone());
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.closed {
                return None;
            }
            state = self.pause(state, left);
        }
    }

    /// Waits until what is presented has stayed the same for `quiet`.
    pub fn settle(&self, quiet: Duration, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut state = self.state();
        loop {
            let now = Instant::now();
            let shown: Vec<&Frame> = state.frames.iter().filter(|f| f.shown.is_some()).collect();
            let since = shown.last().and_then(|last| {
                let same = shown.iter().rev().take_while(|f| f.screen == last.screen);
                same.last().and_then(|f| f.shown)
            });
            if since.is_some_and(|since| now.saturating_duration_since(since) >= quiet) {
                return true;
            }
            if now >= until || state.closed {
                return false;
            }
            state = self.pause(state, until - now);
        }
    }

    /// Sleeps until something changes, a moment at most.
    fn pause<'a>(&'a self, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
        const GLANCE: Duration = Duration::from_millis(30);
        let waited = self.shared.changed.wait_timeout(state, most.min(GLANCE));
        let (state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        // That the last frame was presented is known from the next one's beginning, so ask for one.
        let unfinished = state.frames.back().is_some_and(|f| f.shown.is_none());
        if let (true, true, Some(ctx)) = (result.timed_out(), unfinished, state.ctx.clone()) {
            drop(state);
            ctx.request_repaint();
            return self.state();
        }
        state
    }
}

/// The program with the play around it.
pub struct Stage<A> {
    program: A,
    link: Link,
}

impl<A> Stage<A> {
    /// Puts the program on the stage.
    pub fn new(program: A, ctx: &Context, link: Link) -> Self {
        ctx.enable_accesskit();
        ctx.add_plugin(Watcher { link: link.clone() });
        let mut state = link.state();
        state.ctx = Some(ctx.clone());
        // What an earlier window showed is no longer on the screen.
        state.frames.clear();
        state.waiting.clear();
        state.restarting = false;
        state.windows += 1;
        drop(state);
        Self { program, link }
    }

    /// The program itself.
    pub fn program_mut(&mut self) -> &mut A {
        &mut self.program
    }

    /// Takes in what the hands did; call before the program's own input hook.
    pub fn take_input(&mut self, raw: &mut RawInput) {
        let now = Instant::now();
        let mut state = self.link.state();
        for frame in &mut state.frames {
            frame.shown.get_or_insert(now);
        }
        raw.events.append(&mut state.waiting);
        if let Some(rect) = raw.screen_rect {
            state.window = Some(rect);
        }
        let number = state.next;
        state.next += 1;
        let screen = state.frames.back().map(|f| Arc::clone(&f.screen)).unwrap_or_default();
        state.frames.push_back(Frame { number, screen, begun: now, shown: None });
        if state.frames.len() > KEPT {
            state.frames.pop_front();
        }
        drop(state);
        self.link.shared.changed.notify_all();
    }
}

impl<A: eframe::App> eframe::App for Stage<A> {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        self.program.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.program.ui(ui, frame);
    }

    fn raw_input_hook(&mut self, ctx: &Context, raw: &mut RawInput) {
        self.take_input(raw);
        self.program.raw_input_hook(ctx, raw);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.program.save(storage);
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        self.link.gone();
        self.program.on_exit(gl);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.program.clear_color(visuals)
    }

    fn persist_egui_memory(&self) -> bool {
        self.program.persist_egui_memory()
    }
}

/// Sees each frame on its way out.
struct Watcher {
    link: Link,
}

impl egui::Plugin for Watcher {
    fn debug_name(&self) -> &'static str {
        "play"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let window = ctx.content_rect();
        let Some(update) = &output.platform_output.accesskit_update else { return };
        let screen = Screen::of(update, window);
        let mut state = self.link.state();
        // A second pass of the same frame comes by here too; the last one is what is painted.
        let screen = Arc::new(screen);
        let before = state.frames.iter().rev().nth(1);
        let changed = before.is_none_or(|before| before.screen != screen);
        if let Some(frame) = state.frames.back_mut() {
            frame.screen = screen;
        }
        drop(state);
        if changed {
            // One frame more, whose beginning tells when this one was presented.
            ctx.request_repaint();
        }
    }
}
