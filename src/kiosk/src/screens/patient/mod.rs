//! The patient's page: what endangers, the profile, basics, insurance, receptions.

mod basics;
mod cards;
mod item;
mod lab;
mod safety;
mod touch;

use clinical::SafetyRemark;
use clinical::profile::from_remark;
use clinical::profile::taken_over;
use egui::{RichText, Ui};

use crate::app::form::FormKind;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::app::opened::{Opened, Shown};
use crate::screens::lab_order;
use crate::screens::receptions::StateChooser;
use crate::screens::settle::{SettleChooser, first_rival};
use crate::screens::sign_in::detail_words;
use crate::theme::tokens::{colors, compact, size, space};
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::pager::Pager;
use crate::widgets::patient_strip::danger_words;
use crate::widgets::{banner, names, profile};

pub use basics::{combination_words, date_words};
use lab::OrderChooser;
use touch::TouchChooser;

/// The screen's state.
#[derive(Default)]
pub struct PatientPage {
    over: Option<Over>,
    pager: Pager,
}

/// A chooser over the page.
enum Over {
    State(StateChooser),
    /// F2: which form?
    Record(Chooser),
    /// Which remark of the receipt computer?
    Remark(Chooser),
    /// F9: which version?
    Settle(SettleChooser),
    /// A lab order was touched.
    Order(OrderChooser),
    /// A card was touched: what about what stands there?
    Touch(TouchChooser),
}

/// The remarks of the receipt computer that have a place in the profile and are not there yet.
pub fn open_remarks<'a>(desk: &Desk, opened: &'a Opened) -> Vec<&'a SafetyRemark> {
    let Some(patient) = opened.patient() else { return Vec::new() };
    let items = opened.profile(&desk.outbox);
    let mut open: Vec<&SafetyRemark> = Vec::new();
    for remark in &patient.safety {
        let new = from_remark(remark).is_some() && !taken_over(&items, remark);
        if new && !open.contains(&remark) {
            open.push(remark);
        }
    }
    open
}

impl PatientPage {
    /// Whether a chooser stands over the page.
    pub fn chooses(&self) -> bool {
        self.over.is_some()
    }

    /// Forgets what belonged to another patient.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let Some(opened) = &desk.opened else { return false };
        let reception = desk.day.of_patient(&opened.number);
        match command {
            Command::NextState => reception.is_some_and(|r| desk.day.can_step(r)),
            Command::ChooseState => reception.is_some_and(|r| desk.day.can_change(r)),
            Command::Record | Command::LabOrder | Command::Sticker => desk.may_record(),
            Command::Settle => {
                desk.may_record() && first_rival(&opened.profile(&desk.outbox)).is_some()
            }
            Command::Help
            | Command::Find
            | Command::List
            | Command::History
            | Command::Results
            | Command::Confirmations
            | Command::Outbox
            | Command::SignOut => true,
            Command::Choose => self.chooses(),
            _ => false,
        }
    }

    /// Draws the page under the strip.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let covered = self.over.is_some();
        let mut wish =
            pressed.filter(|_| !covered).and_then(|command| self.key(desk, opened, command));
        let settle = rivals_line(ui, desk, opened);
        if settle && self.over.is_none() {
            self.over = SettleChooser::new(desk, opened).map(Over::Settle);
        }
        drafts_line(ui, desk);
        let mut touched = None;
        self.pager.show(ui, "patient", pressed.filter(|_| !covered), |ui| {
            // In little room what is well comes last.
            let last = compact(ui.ctx()) && is_fresh(desk, opened);
            if !last {
                source_line(ui, desk, opened);
            }
            touched = cards::show(ui, desk, opened);
            if last {
                source_line(ui, desk, opened);
            }
        });
        match touched {
            Some(cards::Touched::Card(items)) if self.over.is_none() => {
                self.over = TouchChooser::new(desk, opened, items).map(Over::Touch);
            }
            Some(cards::Touched::Order(order)) if self.over.is_none() => {
                self.over = Some(Over::Order(OrderChooser::new(opened, order)));
            }
            Some(cards::Touched::TakeOver) if self.over.is_none() => {
                wish = self.take_over(desk, opened).or(wish);
            }
            Some(cards::Touched::Wish(intent)) => wish = Some(intent),
            _ => {}
        }
        // The key that opened a chooser is not its answer.
        let pressed = pressed.filter(|_| covered);
        self.choosers(ui, desk, opened, pressed).or(wish)
    }

    fn key(&mut self, desk: &Desk, opened: &Opened, command: Command) -> Option<Intent> {
        let reception = desk.day.of_patient(&opened.number);
        match (command, reception) {
            (Command::List | Command::Back | Command::Confirm, _) => return Some(Intent::List),
            (Command::Find, _) => return Some(Intent::Find),
            (Command::History, _) => return Some(Intent::OpenHistory(None)),
            (Command::Results, _) => return Some(Intent::OpenResults(None)),
            (Command::LabOrder, _) if desk.may_record() => return Some(Intent::OpenLabOrder),
            (Command::Sticker, _) if desk.may_record() => {
                return Some(Intent::PrintSticker(opened.number.clone()));
            }
            (Command::Confirmations, _) => return Some(Intent::OpenConfirmations),
            (Command::Outbox, _) => return Some(Intent::OpenOutbox),
            (Command::NextState, Some(r)) => {
                let next = desk.day.shown_state(r).next();
                return next.map(|to| Intent::ChangeState { key: r.key.clone(), to });
            }
            (Command::ChooseState, Some(r)) => {
                self.over = Some(Over::State(StateChooser::new(desk, r)));
            }
            (Command::Record, _) => self.over = Some(Over::Record(Chooser::default())),
            (Command::Settle, _) => {
                self.over = SettleChooser::new(desk, opened).map(Over::Settle);
            }
            _ => {}
        }
        None
    }

    /// Takes over what the receipt computer remarks: one remark needs no choosing.
    fn take_over(&mut self, desk: &Desk, opened: &Opened) -> Option<Intent> {
        match open_remarks(desk, opened).as_slice() {
            [] => None,
            [only] => Some(Intent::TakeOver((*only).clone())),
            _ => {
                self.over = Some(Over::Remark(Chooser::default()));
                None
            }
        }
    }

    fn choosers(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let (close, wish) = match self.over.as_mut()? {
            Over::State(chooser) => chooser.show(ui, desk, pressed),
            Over::Order(chooser) => chooser.show(ui, desk, opened, pressed),
            Over::Record(chooser) => match record(ui, desk, opened, chooser, pressed) {
                Recorded::Open => (false, None),
                Recorded::Left => (true, None),
                Recorded::Form(kind) => (true, Some(Intent::OpenForm(kind, None))),
                Recorded::Remarks => {
                    self.over = None;
                    ui.ctx().request_repaint();
                    return self.take_over(desk, opened);
                }
            },
            Over::Remark(chooser) => take_over(ui, desk, opened, chooser, pressed),
            Over::Settle(chooser) => chooser.show(ui, desk, opened, pressed),
            Over::Touch(chooser) => chooser.show(ui, desk, opened, pressed),
        };
        if close {
            self.over = None;
        }
        wish
    }
}

/// What came of the chooser of forms.
enum Recorded {
    Open,
    Left,
    Form(FormKind),
    /// What the receipt computer remarks is to be taken over.
    Remarks,
}

/// F2: one of the nine forms, or what the receipt computer remarks where the profile does not say it yet.
fn record(
    ui: &Ui,
    desk: &Desk,
    opened: &Opened,
    chooser: &mut Chooser,
    pressed: Option<Command>,
) -> Recorded {
    let mut choices: Vec<Choice> =
        FormKind::ALL.into_iter().map(|kind| choice(with_draft(desk, kind, None))).collect();
    if !open_remarks(desk, opened).is_empty() {
        choices.push(choice(desk.t("record.take_over").to_owned()));
    }
    let words = (desk.t("record.which"), desk.t("chooser.leave"));
    match chooser.show(ui, words, &choices, pressed) {
        Outcome::Open => Recorded::Open,
        Outcome::Left => Recorded::Left,
        Outcome::Chosen(i) => {
            FormKind::ALL.get(i).copied().map_or(Recorded::Remarks, Recorded::Form)
        }
    }
}

/// One of the remarks.
fn take_over(
    ui: &Ui,
    desk: &Desk,
    opened: &Opened,
    chooser: &mut Chooser,
    pressed: Option<Command>,
) -> (bool, Option<Intent>) {
    let remarks = open_remarks(desk, opened);
    let choices: Vec<Choice> = remarks
        .iter()
        .map(|remark| choice(names::drawable(ui, &danger_words(desk, remark)).text))
        .collect();
    let words = (desk.t("record.take_over_which"), desk.t("chooser.leave"));
    match chooser.show(ui, words, &choices, pressed) {
        Outcome::Open => (choices.is_empty(), None),
        Outcome::Left => (true, None),
        Outcome::Chosen(i) => {
            (true, remarks.get(i).map(|remark| Intent::TakeOver((*remark).clone())))
        }
    }
}

/// The form's words; that something was left in it.
fn with_draft(desk: &Desk, kind: FormKind, correct: Option<uuid::Uuid>) -> String {
    let words = desk.t(if correct.is_some() { "key.correct" } else { kind.words() });
    if desk.drafts.contains(&kind.draft(correct)) {
        desk.fill("record.with_draft", &[("form", words)])
    } else {
        words.to_owned()
    }
}

/// New entries that were begun and not saved, and the way back to them.
fn drafts_line(ui: &mut Ui, desk: &Desk) {
    let left = FormKind::ALL.into_iter().filter(|kind| desk.drafts.contains(&kind.draft(None)));
    let left: Vec<&str> = left.map(|kind| desk.t(kind.words())).collect();
    if desk.drafts.iter().any(|form| form == lab_order::FORM) && desk.may_record() {
        banner::show(ui, Tone::Waiting, desk.t("lab_order.draft"), "", None);
    }
    if !left.is_empty() && desk.may_record() {
        let text = desk.fill("record.drafts", &[("forms", &left.join("、"))]);
        banner::show(ui, Tone::Waiting, &text, "", None);
    }
}

fn choice(label: String) -> Choice {
    Choice { label, enabled: true, current: false }
}

/// Two records of one thing: somebody has to choose. True when the button was touched.
fn rivals_line(ui: &mut Ui, desk: &Desk, opened: &Opened) -> bool {
    let items = opened.profile(&desk.outbox);
    let Some((item, _)) = first_rival(&items) else { return false };
    let what = profile::caption(desk, &item.content.value);
    let text = desk.fill("record.rivals", &[("what", what)]);
    let action = desk.may_record().then(|| desk.t("record.rivals_choose"));
    banner::show(ui, Tone::Waiting, &text, "", action)
}

/// Whether all there is was just read.
fn is_fresh(desk: &Desk, opened: &Opened) -> bool {
    let waits = opened.asked_at.is_some_and(|since| desk.waits_long(since));
    opened.failure.is_none() && !waits && matches!(opened.shown, Shown::Fresh(_))
}

/// While the line is cut: of when the page is. `None` where nothing is known of what endangers the patient.
fn cut_words(desk: &Desk, opened: &Opened) -> Option<String> {
    match &opened.shown {
        Shown::Kept { at, .. } => {
            let (time, age) = (desk.clock_words(*at), desk.age_words(*at));
            Some(desk.fill("patient.cut_kept", &[("time", &time), ("age", &age)]))
        }
        Shown::Fresh(view) => {
            let (time, age) = (desk.clock_words(view.fetched_at), desk.age_words(view.fetched_at));
            Some(desk.fill("patient.cut_kept", &[("time", &time), ("age", &age)]))
        }
        Shown::Basics(_) | Shown::Nothing => None,
    }
}

/// Where the data on the page comes from and how old it is; what is still on its way.
fn source_line(ui: &mut Ui, desk: &Desk, opened: &Opened) {
    if let Some(failure) = &opened.failure {
        let cut = failure.is_of_the_line();
        if let Some(text) = cut.then(|| cut_words(desk, opened)).flatten() {
            banner::show(ui, Tone::Waiting, &text, "", None);
            return;
        }
        let what = match &opened.shown {
            Shown::Kept { at, .. } => desk.fill(
                "patient.failed_kept",
                &[("time", &desk.clock_words(*at)), ("age", &desk.age_words(*at))],
            ),
            Shown::Fresh(view) => {
                desk.fill("patient.failed_fresh", &[("time", &desk.clock_words(view.fetched_at))])
            }
            Shown::Basics(_) | Shown::Nothing => desk.t("patient.failed").to_owned(),
        };
        let text = format!("{what}{}", desk.failure_words(failure));
        banner::show(ui, Tone::Danger, &text, &detail_words(desk, &failure.detail), None);
        return;
    }
    match (&opened.shown, opened.asked_at) {
        (_, Some(since)) if desk.waits_long(since) => {
            let seconds = desk.seconds_since(since).to_string();
            let text = desk.fill("patient.waiting_long", &[("seconds", &seconds)]);
            banner::show(ui, Tone::Waiting, &text, "", None);
        }
        (Shown::Kept { at, .. }, _) => {
            let (time, age) = (desk.clock_words(*at), desk.age_words(*at));
            let text = desk.fill("patient.kept", &[("time", &time), ("age", &age)]);
            banner::show(ui, Tone::Waiting, &text, "", None);
        }
        (Shown::Basics(_) | Shown::Nothing, _) => {
            banner::show(ui, Tone::Waiting, desk.t("patient.pending"), "", None);
        }
        (Shown::Fresh(view), _) => {
            let (time, age) = (desk.clock_words(view.fetched_at), desk.age_words(view.fetched_at));
            let text = desk.fill("patient.fresh", &[("time", &time), ("age", &age)]);
            let soft = colors(ui).soft;
            ui.label(RichText::new(text).size(size::LINE).color(soft));
            ui.add_space(space::SMALL);
        }
    }
}
