//! One screen alone on a stage: what it draws of what the desk knows, and what it wants at each key.

use std::sync::Arc;

use api::lab::PatientLab;
use api::patients::PatientView;
use api::session::SessionInfo;
use clinical::lab::{
    Done, Flag, LabCode, LabOrder, LabResult, ReferenceRange, ResultStatus, ResultValue,
};
use clinical::{PatientNumber, Staff};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kiosk::app::intent::Intent;
use kiosk::app::keys::Command;
use kiosk::app::opened::{Opened, Shown};
use kiosk::app::{Clock, Desk};
use kiosk::client::Ticket;
use kiosk::config::{self, Lang, Theme};
use paper::Paper;
use paper::printers::PrinterState;
use uuid::Uuid;

use crate::support::{NOW, director, directors_session, number, view, words_of};

/// A screen with the desk that it shows.
pub struct Stage<S> {
    pub harness: Harness<'static, Held<S>>,
}

/// What is drawn.
pub struct Held<S> {
    pub desk: Desk,
    pub screen: S,
    show: fn(&mut S, &mut egui::Ui, &Desk, Option<Command>) -> Option<Intent>,
    pressed: Option<Command>,
    wishes: Vec<Intent>,
}

/// How large the window is, what status line and strip take of it, and how it looks.
#[derive(Clone, Copy)]
pub struct Look {
    pub lang: Lang,
    pub theme: Theme,
    pub size: (f32, f32),
    pub head: f32,
}

/// A screen of 1280×800 at 100 %.
pub const LARGE: Look =
    Look { lang: Lang::Ja, theme: Theme::Light, size: (1280.0, 800.0), head: 190.0 };
/// The same at 200 %.
pub const SMALL: Look =
    Look { lang: Lang::Ja, theme: Theme::Contrast, size: (640.0, 400.0), head: 176.0 };

/// A desk of the practitioner.
pub fn desk(look: Look) -> Desk {
    let clock = Clock::from_fn(|| NOW.parse().unwrap());
    let mut desk = Desk::new(look.lang, config::Desk::Consulting, clock, None);
    desk.session = Some(directors_session());
    desk
}

/// Somebody else sits at it.
pub fn with_session(mut desk: Desk, session: SessionInfo) -> Desk {
    desk.session = Some(session);
    desk
}

/// A patient is open, with these orders and results.
pub fn with_lab(mut desk: Desk, lab: PatientLab) -> Desk {
    let view = PatientView { lab, ..view("01873", "厚労　太郎", "コウロウ　タロウ") };
    let shown = Shown::Fresh(Box::new(view));
    let mut opened = Opened::new(number("01873"), Ticket::default(), NOW.parse().unwrap(), shown);
    opened.asked_at = None;
    desk.opened = Some(opened);
    desk
}

/// A printer for results is there.
pub fn with_printer(mut desk: Desk, state: PrinterState) -> Desk {
    let printer = printer("カルテ室", state, vec![Paper::Results, Paper::DaySheet]);
    let view = kiosk::printing::PrintView { printers: vec![printer], ..Default::default() };
    desk.prints = Arc::new(view);
    desk
}

/// A printer.
pub fn printer(
    name: &str,
    state: PrinterState,
    papers: Vec<Paper>,
) -> kiosk::printing::PrinterView {
    kiosk::printing::PrinterView {
        name: name.to_owned(),
        place: "queue".to_owned(),
        is_folder: false,
        state,
        detail: String::new(),
        papers,
    }
}

impl<S: 'static> Stage<S> {
    /// Sets the stage and draws.
    pub fn new(
        look: Look,
        desk: Desk,
        screen: S,
        show: fn(&mut S, &mut egui::Ui, &Desk, Option<Command>) -> Option<Intent>,
    ) -> Self {
        let theme = look.theme;
        let held = Held { desk, screen, show, pressed: None, wishes: Vec::new() };
        let harness = Harness::builder()
            .with_size(egui::vec2(look.size.0, look.size.1))
            .with_max_steps(24)
            .with_context_setup(move |ctx| kiosk::theme::install(ctx, theme))
            .build_ui_state(
                move |ui, held: &mut Held<S>| {
                    egui::Panel::top("head").exact_size(look.head).show(ui, |_| ());
                    egui::Panel::bottom("keys").exact_size(76.0).show(ui, |_| ());
                    egui::CentralPanel::default().show(ui, |ui| {
                        let pressed = held.pressed.take();
                        let wish = (held.show)(&mut held.screen, ui, &held.desk, pressed);
                        held.wishes.extend(wish);
                    });
                },
                held,
            );
        let mut stage = Self { harness };
        stage.harness.run();
        stage
    }

    /// Frames for longer than a glance.
    pub fn rest(&mut self) {
        for _ in 0..60 {
            self.harness.step();
        }
        self.harness.run();
    }

    /// A key; what the screen wants then.
    pub fn press(&mut self, command: Command) -> Vec<Intent> {
        self.harness.state_mut().pressed = Some(command);
        self.harness.step();
        self.harness.run();
        std::mem::take(&mut self.harness.state_mut().wishes)
    }

    /// What was wanted since the last call.
    pub fn wishes(&mut self) -> Vec<Intent> {
        self.harness.run();
        std::mem::take(&mut self.harness.state_mut().wishes)
    }

    /// Changes what the desk knows, and draws.
    pub fn change(&mut self, change: impl FnOnce(&mut Desk)) {
        change(&mut self.harness.state_mut().desk);
        self.harness.run();
    }

    /// All words on the screen.
    pub fn words(&self) -> String {
        words_of(&self.harness)
    }

    /// Whether these words stand on the screen.
    #[track_caller]
    pub fn sees(&self, words: &str) {
        let all = self.words();
        assert!(all.contains(words), "not on the screen: {words}\n---\n{all}");
    }

    /// Whether these words do not stand on the screen.
    #[track_caller]
    pub fn misses(&self, words: &str) {
        let all = self.words();
        assert!(!all.contains(words), "on the screen: {words}\n---\n{all}");
    }

    /// The labels of what is marked.
    pub fn marked(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        let marked =
            nodes.filter(|n| n.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
        marked.filter_map(|n| n.accesskit_node().label()).collect()
    }
}

/// An item of the catalogue as results name it.
#[derive(Clone, Copy)]
pub struct Item {
    pub key: &'static str,
    pub unit: &'static str,
    pub range: &'static str,
}

pub const K: Item = Item { key: "K", unit: "mmol/L", range: "3.6-4.8" };
pub const A1C: Item = Item { key: "HbA1c", unit: "%", range: "4.9-6.0" };
pub const CRP: Item = Item { key: "CRP", unit: "mg/dL", range: "<0.14" };
pub const HBS: Item = Item { key: "HBs抗原", unit: "", range: "(-)" };

/// A name.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A final result that nobody has confirmed.
pub fn result(n: u128, item: Item, value: &str, flag: Flag, day: Date) -> LabResult {
    LabResult {
        id: id(n),
        patient: number("01873"),
        order: order_of(day),
        report: id(77),
        specimen: "261122010018".to_owned(),
        code: LabCode { jlac10: None, local: item.key.to_owned() },
        name: item.key.to_owned(),
        abbr: item.key.to_owned(),
        value: ResultValue(value.to_owned()),
        unit: item.unit.to_owned(),
        range: ReferenceRange(item.range.to_owned()),
        flag,
        status: ResultStatus::Final,
        collected_at: Some(day.at(9, 53, 0, 0)),
        received_at: NOW.parse().unwrap(),
        comments: Vec::new(),
        replaces: None,
        replaced_by: None,
        confirmed: None,
    }
}

/// The order to which the results of a day belong.
pub fn order_of(day: Date) -> Uuid {
    let since = u128::from(day.year().unsigned_abs()) * 1000;
    id(since + u128::from(day.day_of_year().unsigned_abs()))
}

/// The same, seen by the practitioner.
pub fn confirmed(mut result: LabResult) -> LabResult {
    result.confirmed = Some(Done { by: director(), time: NOW.parse().unwrap() });
    result
}

/// All of a patient's results, with their orders.
pub fn lab(results: Vec<LabResult>) -> PatientLab {
    let mut orders: Vec<LabOrder> = Vec::new();
    for result in &results {
        if !orders.iter().any(|order| order.id == result.order) {
            orders.push(LabOrder { id: result.order, ..order(days().0, 1) });
        }
    }
    PatientLab { orders, results, whole: true }
}

/// An order that stands for a day's results.
pub fn order(day: Date, unconfirmed: u32) -> LabOrder {
    LabOrder {
        id: order_of(day),
        patient: number("01873"),
        revision: 1,
        ordered: Done { by: director(), time: NOW.parse::<Timestamp>().unwrap() },
        on_behalf_of: None::<Staff>,
        collect_on: day,
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items: Vec::new(),
        tubes: Vec::new(),
        cancelled: None,
        unconfirmed,
        confirmed_once: false,
        versions: Vec::new(),
    }
}

/// The day of the tests and one before.
pub fn days() -> (Date, Date) {
    (date(2026, 11, 20), date(2026, 8, 21))
}

/// A number as text.
pub fn patient(text: &str) -> PatientNumber {
    number(text)
}
