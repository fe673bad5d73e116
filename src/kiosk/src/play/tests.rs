//! The engine against a small program without a window of the system.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Context, Key, RawInput, Rect, vec2};

use super::hands::{Hands, Wedge as Kind};
use super::report::{Fine, Machine, Outcome, Report};
use super::screen::Screen;
use super::stage::{Link, Stage};
use crate::scan::{Scanner, Wedge};

/// Only a wrong program waits that long.
const LONG: Duration = Duration::from_secs(20);

/// A program with a field, a button and a line that says what was scanned.
#[derive(Default)]
struct Small {
    name: String,
    pressed: usize,
    f5: usize,
    scans: Vec<String>,
}

impl Small {
    fn ui(&mut self, ui: &mut egui::Ui) {
        egui::CentralPanel::default().show(ui, |ui| {
            let label = ui.label("名前");
            ui.text_edit_singleline(&mut self.name).labelled_by(label.id);
            if ui.button("押す").clicked() {
                self.pressed += 1;
            }
            ui.add_enabled(false, egui::Button::new("使えない"));
            self.f5 += usize::from(ui.input(|i| i.key_pressed(Key::F5)));
            ui.label(format!("{} 回", self.pressed));
            ui.label(format!("F5 {} 回", self.f5));
            ui.label(format!("読み取り {}", self.scans.join("・")));
        });
    }
}

/// Runs [`Small`] on a thread of its own, reactive as a window is.
struct Running {
    link: Link,
    stop: Arc<AtomicBool>,
    wake: Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn start() -> Self {
        let (link, stop) = (Link::default(), Arc::new(AtomicBool::new(false)));
        let (wake, woken) = channel();
        let (stage_link, stage_stop, ctx_wake) = (link.clone(), Arc::clone(&stop), wake.clone());
        let thread = std::thread::spawn(move || {
            let ctx = Context::default();
            let due = Arc::new(Mutex::new(Instant::now()));
            let next = Arc::clone(&due);
            ctx.set_request_repaint_callback(move |info| {
                let at = Instant::now() + info.delay.min(LONG);
                let mut due = next.lock().unwrap();
                *due = (*due).min(at);
                let _ = ctx_wake.send(());
            });
            let mut stage = Stage::new(Small::default(), &ctx, stage_link);
            let mut wedge = Wedge::new(Scanner::default());
            let began = Instant::now();
            while !stage_stop.load(Ordering::SeqCst) {
                let pause = due.lock().unwrap().saturating_duration_since(Instant::now());
                if !pause.is_zero() {
                    let _ = woken.recv_timeout(pause);
                    continue;
                }
                *due.lock().unwrap() = Instant::now() + LONG;
                let mut raw = RawInput {
                    screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, vec2(600.0, 400.0))),
                    time: Some(began.elapsed().as_secs_f64()),
                    ..RawInput::default()
                };
                stage.take_input(&mut raw);
                let now = Instant::now();
                if let Some(scan) = wedge.take(&mut raw, now, ctx.text_edit_focused()) {
                    stage.program_mut().scans.push(scan.text);
                }
                if let Some(after) = wedge.wake_after(now) {
                    ctx.request_repaint_after(after);
                }
                let output = ctx.run_ui(raw, |ui| stage.program_mut().ui(ui));
                output.drop_without_applying_deltas();
            }
        });
        Self { link, stop, wake, thread: Some(thread) }
    }

    fn hands(&self) -> Hands {
        Hands::new(self.link.clone())
    }

    fn sees(&self, from: u64, fits: impl FnMut(&Screen) -> bool) -> bool {
        self.link.wait_frame(from, LONG, fits).is_some()
    }

    fn enter_field(&self, hands: &mut Hands) {
        assert!(self.sees(0, |s| s.role_called(Role::TextInput, "名前").is_some()));
        let screen = self.link.latest().unwrap().screen;
        let field = screen.role_called(Role::TextInput, "名前").unwrap();
        let from = hands.touch(field.middle());
        assert!(self.sees(from, |s| s.focus().is_some_and(|f| f.label == "名前")));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(ctx) = self.link.context() {
            ctx.request_repaint();
        }
        let _ = self.wake.send(());
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

#[test]
fn what_the_hands_do_arrives_and_what_the_screen_shows_is_seen() {
    let window = Running::start();
    let mut hands = window.hands();
    window.enter_field(&mut hands);
    hands.write("ab1");
    hands.compose("やま", "山");
    let from = window.link.frames();
    assert!(window.sees(from - 1, |s| {
        s.role_called(Role::TextInput, "名前").is_some_and(|f| f.value == "ab1山")
    }));
    let screen = window.link.latest().unwrap().screen;
    assert!(screen.called("使えない").unwrap().disabled);
    let from = hands.touch(screen.called("押す").unwrap().middle());
    assert!(window.sees(from, |s| s.says("1 回")));
    let from = hands.press(Key::F5);
    assert!(window.sees(from, |s| s.called("F5 1 回").is_some()));
    assert_eq!((hands.keys, hands.touches), (3 + 6 + 1, 2));
}

#[test]
fn a_scan_is_seen_and_never_lands_in_the_field() {
    let window = Running::start();
    let mut hands = window.hands();
    window.enter_field(&mut hands);
    hands.write("ya");
    let before = window.link.frames();
    let end = hands.scan("A01873B", Kind::Plain);
    assert!(window.sees(end.frame, |s| s.called("読み取り A01873B").is_some()));
    let end = hands.scan("00942", Kind::InputMethod);
    assert!(window.sees(end.frame, |s| s.called("読み取り A01873B・00942").is_some()));
    let leaked =
        |s: &Screen| s.role_called(Role::TextInput, "名前").is_some_and(|f| f.value != "ya");
    assert!(!window.link.any_since(before, leaked));
}

#[test]
fn what_is_not_shown_is_given_up_and_said() {
    let window = Running::start();
    assert!(window.sees(0, |s| s.says("名前")));
    let never = |s: &Screen| s.says("そんなものはない");
    assert!(window.link.wait_frame(0, Duration::from_millis(200), never).is_none());
    window.link.gone();
    let began = Instant::now();
    assert!(window.link.wait_frame(0, LONG, never).is_none());
    assert!(began.elapsed() < LONG, "a closed window is not waited for");
}

#[test]
fn a_screen_settles_once_nothing_changes() {
    let window = Running::start();
    let mut hands = window.hands();
    window.enter_field(&mut hands);
    hands.write("abc");
    let typed =
        |s: &Screen| s.role_called(Role::TextInput, "名前").is_some_and(|f| f.value == "abc");
    assert!(window.sees(0, typed));
    assert!(window.link.settle(Duration::from_millis(100), LONG));
    assert!(typed(&window.link.latest().unwrap().screen));
    assert!(!window.link.settle(LONG, Duration::from_millis(100)), "not still for that long yet");
}

#[test]
fn the_report_says_ok_or_what_went_wrong() {
    let mut report = Report {
        version: "1".into(),
        started: "2026-11-22T00:00:00Z".into(),
        lang: "ja".into(),
        scale: 100,
        theme: "light".into(),
        seed: 1,
        machine: Machine::here(),
        cold_start_ms: Some(250),
        peak_rss_mb: Some(120),
        steps: Vec::new(),
        scans: Vec::new(),
        outages: Vec::new(),
        outcome: Outcome::Fine(Fine::Ok),
    };
    let folder = tempfile::tempdir().unwrap();
    let read = |report: &Report| -> serde_json::Value {
        report.write(folder.path()).unwrap();
        let text = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(read(&report)["outcome"], "ok");
    report.outcome = Outcome::Failed { failed: "sign in".into(), why: "no field".into() };
    let value = read(&report);
    assert_eq!(value["outcome"]["failed"], "sign in");
    assert!(value["machine"]["cores"].as_u64().unwrap() > 0);
}
