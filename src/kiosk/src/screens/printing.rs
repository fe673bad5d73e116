//! 印刷の状況: what was given to the printers and what is honestly known of it, and the printers. What is marked says
//! below what happened and what can be done.

mod words;

use egui::{Label, RichText, Ui, UiBuilder};
use paper::queue::State;
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::printing::{JobView, PrinterView, ToPrint, printer_words};
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::card::{card, remark};
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::pick::{self, Mark, Row};
use crate::widgets::text::running;
use crate::widgets::{banner, names};

/// The part of the width that the jobs take.
const LIST: f32 = 0.58;

/// Why a paper is printed once more, as keys of their words.
const REASONS: [&str; 4] =
    ["printing.damaged", "printing.misplaced", "printing.lost", "printing.other"];

/// The screen's state.
#[derive(Default)]
pub struct PrintingScreen {
    selected: Option<Uuid>,
    at: usize,
    reveal: bool,
    question: Option<(Question, Chooser)>,
}

/// What is asked over the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Why this job is printed once more.
    Reprint(Uuid),
    /// Whether paper came out.
    Settle(Uuid),
    /// On which printer to print a test page.
    Test,
}

impl PrintingScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a chooser stands over the screen.
    pub fn chooses(&self) -> bool {
        self.question.is_some()
    }

    fn current<'a>(&self, desk: &'a Desk) -> Option<&'a JobView> {
        desk.prints.job(self.selected?)
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let job = self.current(desk);
        match command {
            Command::Help | Command::SignOut | Command::Leave | Command::Outbox => true,
            Command::Reprint => job.is_some_and(can_be_reprinted),
            Command::RetryPrint => job.is_some_and(|job| {
                matches!(job.state, State::Failed { .. } | State::Waiting { .. })
            }),
            Command::CancelPrint => job.is_some_and(|job| can_be_cancelled(&job.state)),
            Command::SettlePrint => job.is_some_and(|job| wants_a_look(&job.state)),
            Command::TestPrint => !desk.prints.printers.is_empty(),
            _ => false,
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let before = self.selected;
        self.follow(desk);
        if before != self.selected {
            // The keys were drawn by what was marked before.
            ui.ctx().request_repaint();
        }
        let was_over = self.chooses();
        let mut wish = if was_over { None } else { self.keys(desk, pressed) };
        title(ui, desk);
        if let Some(trouble) = &desk.prints.trouble {
            banner::show(ui, Tone::Danger, desk.t("printing.trouble"), trouble, None);
        }
        if compact(ui.ctx()) {
            self.jobs(ui, desk);
        } else {
            let whole = ui.available_rect_before_wrap();
            let edge = whole.left() + (whole.width() * LIST).round();
            let left = whole.with_max_x(edge - space::EDGE / 2.0);
            let right = whole.with_min_x(edge + space::EDGE / 2.0);
            ui.scope_builder(UiBuilder::new().max_rect(left), |ui| self.jobs(ui, desk));
            ui.scope_builder(UiBuilder::new().max_rect(right), |ui| printers(ui, desk));
        }
        if self.question.is_some() {
            wish = self.ask(ui, desk, pressed.filter(|_| was_over)).or(wish);
        }
        wish
    }

    /// Keeps a job marked; at first one that waits for a person.
    fn follow(&mut self, desk: &Desk) {
        let jobs = &desk.prints.jobs;
        if let Some(at) = jobs.iter().position(|job| Some(job.id()) == self.selected) {
            self.at = at;
            return;
        }
        let wants = jobs.iter().position(JobView::wants_person);
        self.at = match (self.selected, wants) {
            (None, Some(wants)) => wants,
            _ => self.at.min(jobs.len().saturating_sub(1)),
        };
        self.selected = jobs.get(self.at).map(JobView::id);
        self.reveal = true;
    }

    fn keys(&mut self, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let jobs = &desk.prints.jobs;
        if let Some(to) = pick::moved(pressed, self.at, jobs.len()) {
            self.at = to;
            self.selected = jobs.get(to).map(JobView::id);
            self.reveal = true;
            return None;
        }
        let command = pressed?;
        match command {
            Command::Leave | Command::Back | Command::Confirm => return Some(Intent::Leave),
            Command::Outbox => return Some(Intent::OpenOutbox),
            _ if !self.can(desk, command) => return None,
            _ => {}
        }
        match command {
            Command::RetryPrint => Some(Intent::RetryPrint(self.selected?)),
            Command::CancelPrint => Some(Intent::CancelPrint(self.selected?)),
            Command::Reprint => self.begin(desk, Question::Reprint(self.selected?)),
            Command::SettlePrint => self.begin(desk, Question::Settle(self.selected?)),
            Command::TestPrint => match desk.prints.printers.as_slice() {
                [only] => Some(Intent::TestPrint(only.name.clone())),
                _ => self.begin(desk, Question::Test),
            },
            _ => None,
        }
    }

    fn begin(&mut self, desk: &Desk, question: Question) -> Option<Intent> {
        self.question = Some((question, Chooser::on(&choices(desk, question))));
        None
    }

    fn ask(&mut self, ui: &Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        let (question, chooser) = self.question.as_mut()?;
        let question = *question;
        let job = match question {
            Question::Reprint(id) | Question::Settle(id) => desk.prints.job(id),
            Question::Test => None,
        };
        // What it was about has changed meanwhile.
        let holds = match question {
            Question::Reprint(_) => job.is_some_and(can_be_reprinted),
            Question::Settle(_) => job.is_some_and(|job| wants_a_look(&job.state)),
            Question::Test => true,
        };
        if !holds {
            self.question = None;
            return None;
        }
        let what = job.map(|job| words::what(desk, job)).unwrap_or_default();
        let what = names::drawable(ui, &what).text;
        let title = match question {
            Question::Reprint(_) => desk.fill("printing.ask_reprint", &[("what", &what)]),
            Question::Settle(_) => desk.fill("printing.ask_settle", &[("what", &what)]),
            Question::Test => desk.t("printing.ask_test").to_owned(),
        };
        let choices = choices(desk, question);
        let outcome = chooser.show(ui, (&title, desk.t("chooser.leave")), &choices, pressed);
        if outcome != Outcome::Open {
            self.question = None;
        }
        let Outcome::Chosen(chosen) = outcome else { return None };
        match question {
            Question::Reprint(id) => {
                let reason = choices.get(chosen)?.label.clone();
                Some(Intent::Reprint { id, reason })
            }
            Question::Settle(id) => Some(Intent::SettlePrint { id, printed: chosen == 0 }),
            Question::Test => {
                desk.prints.printers.get(chosen).map(|p| Intent::TestPrint(p.name.clone()))
            }
        }
    }

    fn jobs(&mut self, ui: &mut Ui, desk: &Desk) {
        let jobs = &desk.prints.jobs;
        if jobs.is_empty() {
            let words = RichText::new(desk.t("printing.none")).size(size::BODY);
            ui.add(Label::new(words.color(colors(ui).soft)).wrap());
            return;
        }
        let below = if compact(ui.ctx()) { 56.0 } else { 132.0 };
        let high = (ui.available_height() - below - space::GAP).max(pick::ROW);
        let reveal = std::mem::take(&mut self.reveal);
        let area = egui::ScrollArea::vertical().id_salt("jobs").auto_shrink([false, true]);
        area.max_height(high).show_rows(ui, pick::ROW, jobs.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for i in range {
                let Some(job) = jobs.get(i) else { break };
                if row(ui, desk, job, i == self.at, reveal && i == self.at) {
                    self.at = i;
                    self.selected = Some(job.id());
                }
            }
        });
        ui.add_space(space::SMALL);
        if let Some(job) = self.current(desk) {
            advice(ui, desk, job);
        }
    }
}

/// Whether the paper may be printed once more: it is, or may be, on paper already.
fn can_be_reprinted(job: &JobView) -> bool {
    let printed = matches!(job.state, State::Printed { .. } | State::HandedOver { .. });
    printed && !matches!(job.order.what, ToPrint::Test { .. })
}

/// Whether it may be taken back: nothing came out, or the spooler can still stop it.
fn can_be_cancelled(state: &State) -> bool {
    match state {
        State::Waiting { .. } | State::Failed { .. } => true,
        State::HandedOver { job, forgotten, .. } => job.is_some() && !forgotten,
        _ => false,
    }
}

/// Whether only a person who looks at the printer can tell.
fn wants_a_look(state: &State) -> bool {
    match state {
        State::Unknown { .. } => true,
        State::HandedOver { job, forgotten, .. } => job.is_none() || *forgotten,
        _ => false,
    }
}

fn choices(desk: &Desk, question: Question) -> Vec<Choice> {
    let choice = |label: String| Choice { label, enabled: true, current: false };
    match question {
        Question::Reprint(_) => REASONS.map(|key| choice(desk.t(key).to_owned())).into(),
        Question::Settle(id) => {
            // What is not known to have left is printed by itself when a person says that it did not come out.
            let again =
                desk.prints.job(id).is_some_and(|job| matches!(job.state, State::Unknown { .. }));
            let not = if again { "printing.not_there_again" } else { "printing.not_there" };
            ["printing.is_there", not].map(|key| choice(desk.t(key).to_owned())).into()
        }
        Question::Test => {
            let label = |printer: &PrinterView| {
                let state = printer_words(desk.lang, printer.state);
                choice(format!("{}\n{state}", printer.name))
            };
            desk.prints.printers.iter().map(label).collect()
        }
    }
}

fn title(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    let open = desk.prints.jobs.iter().filter(|job| job.wants_person()).count();
    ui.horizontal(|ui| {
        let big = if compact(ui.ctx()) { size::CHIP } else { size::TITLE };
        ui.label(RichText::new(desk.t("printing.title")).font(bold(big)));
        if open > 0 {
            let words = desk.fill("printing.wants", &[("n", &open.to_string())]);
            ui.label(RichText::new(words).font(bold(size::LINE)).color(c.red));
        }
    });
    ui.add_space(space::SMALL);
}

/// One job: what, whose; when, where; what is known.
fn row(ui: &mut Ui, desk: &Desk, job: &JobView, marked: bool, reveal: bool) -> bool {
    let main = names::drawable(ui, &words::what(desk, job)).text;
    let mut below = format!("{}　{}", desk.clock_words(job.made_at), job.printer);
    if job.order.copy > 1 {
        below.push('　');
        below.push_str(&desk.fill("printing.copy", &[("n", &job.order.copy.to_string())]));
    }
    let mark = match job.state {
        State::Failed { .. } | State::Unknown { .. } => Mark::Wrong,
        State::Waiting { .. } | State::Handing => Mark::Waits,
        State::HandedOver { held, .. } => {
            if held {
                Mark::Waits
            } else {
                Mark::Quiet
            }
        }
        State::Printed { .. } | State::Cancelled { .. } => Mark::Quiet,
    };
    let state = desk.t(words::state(&job.state));
    let struck = matches!(job.state, State::Cancelled { .. });
    let row = Row { main: &main, below: below.trim(), mark: Some((state, mark)), struck };
    pick::row(ui, &row, marked, reveal).clicked()
}

/// What is known of the marked job, and what to do.
fn advice(ui: &mut Ui, desk: &Desk, job: &JobView) {
    let text = words::advice(desk, &job.state);
    if matches!(job.state, State::Failed { .. } | State::Unknown { .. }) {
        banner::show(ui, Tone::Danger, &text, "", None);
    } else {
        ui.add(Label::new(running(text, size::CHIP)).wrap());
    }
    if job.missing_glyphs > 0 {
        let n = job.missing_glyphs.to_string();
        remark(ui, &desk.fill("printing.missing_glyphs", &[("n", &n)]));
    }
    if !job.order.reason.is_empty() {
        let reason = names::drawable(ui, &job.order.reason).text;
        remark(ui, &desk.fill("printing.reason", &[("reason", &reason)]));
    }
}

/// The printers: what each can do now, and which papers go to it.
fn printers(ui: &mut Ui, desk: &Desk) {
    let wide = ui.available_width();
    if desk.prints.printers.is_empty() {
        card(ui, desk.t("printing.printers"), "", wide, |ui| {
            remark(ui, desk.t("printing.no_printers"));
        });
        return;
    }
    egui::ScrollArea::vertical().id_salt("printers").auto_shrink(false).show(ui, |ui| {
        let wide = wide - ui.spacing().scroll.allocated_width();
        for printer in &desk.prints.printers {
            let papers = printer.papers.iter().map(|paper| desk.t(words::paper(*paper)));
            let papers = papers.collect::<Vec<_>>().join("・");
            card(ui, &printer.name, &papers, wide, |ui| {
                let c = colors(ui);
                let state = printer_words(desk.lang, printer.state);
                let good = printer.state.is_good();
                let font = if good { crate::theme::regular(size::CHIP) } else { bold(size::CHIP) };
                let ink = if good { c.ink } else { c.red };
                ui.add(Label::new(running(state, size::CHIP).font(font).color(ink)).wrap());
                if !good && !printer.detail.trim().is_empty() {
                    remark(ui, &names::drawable(ui, printer.detail.trim()).text);
                }
                if printer.is_folder {
                    remark(ui, desk.t("printing.folder"));
                }
            });
            ui.add_space(space::SMALL);
        }
    });
}
