//! 採血・検体: the opened patient's tubes. Labels are printed and tubes drawn only after it is sure who sits here: by the
//! scanned card, or because the person has said name and birth date.

mod note;
mod rows;
mod told;
mod tubes;

use std::collections::VecDeque;

use clinical::PatientNumber;
use clinical::lab::{LabOrder, NotDrawn, SpecimenNumber};
use egui::{Id, Ui};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::theme::tokens::compact;
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::{pick, tube};
use note::{Note, Noted};
use rows::Marked;
use tubes::{Label, Own};

/// Why a label is printed again.
const REASONS: [&str; 4] = [
    "specimens.reason_spoilt",
    "specimens.reason_misplaced",
    "specimens.reason_lost",
    "specimens.reason_other",
];

/// What stands over the tubes.
enum Over {
    /// F7: why could it not be drawn?
    NotDrawn(SpecimenNumber, Chooser),
    /// The same in words.
    Note(SpecimenNumber, Note),
    /// Why print these again?
    Reprint(Vec<SpecimenNumber>, Chooser),
}

/// The screen's state.
#[derive(Default)]
pub struct SpecimensScreen {
    /// Whose tubes were shown last.
    of: Option<PatientNumber>,
    selected: Option<SpecimenNumber>,
    /// The person has marked this one, and it stays marked.
    by_hand: bool,
    reveal: bool,
    over: Option<Over>,
    /// The chooser was opened in this frame.
    fresh: bool,
    /// What is left to do, one wish a frame.
    after: VecDeque<Intent>,
}

impl SpecimensScreen {
    /// As at the start.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a chooser stands over the screen.
    pub fn chooses(&self) -> bool {
        self.over.is_some()
    }

    /// Whether this widget is a field of the screen: Enter there is no press of a button.
    pub fn owns(&self, id: Id) -> bool {
        matches!(self.over, Some(Over::Note(..))) && id == note::note_id()
    }

    /// A tube was scanned: it is marked.
    pub fn scanned(&mut self, tube: &SpecimenNumber) {
        self.selected = Some(tube.clone());
        self.by_hand = false;
        self.reveal = true;
        self.over = None;
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let Some(opened) = &desk.opened else { return false };
        let orders = tubes::orders(desk, opened);
        let all = tubes::all(&orders);
        let may = desk.may_record();
        let marked = tubes::find(&all, self.selected.as_ref());
        let open = marked.is_some_and(|own| own.is_open());
        match command {
            Command::Help
            | Command::SignOut
            | Command::Samples
            | Command::Results
            | Command::Outbox => true,
            Command::Choose => self.over.is_some(),
            Command::Identify => may && opened.identified.is_none(),
            Command::PrintLabels => may && all.iter().any(Own::is_open),
            Command::ReprintLabel | Command::NotDrawn => may && open,
            Command::Draw => may && open && marked.is_some_and(|own| !own.tube.is_drawn()),
            Command::ResetTube => may && open && marked.is_some_and(|own| !own.is_planned()),
            Command::SendTubes => may && all.iter().any(is_unsent),
            _ => false,
        }
    }

    /// Draws the screen.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        if self.of.as_ref().is_none_or(|of| !opened.is(of)) {
            self.clear();
            self.of = Some(opened.number.clone());
        }
        if let Some(next) = self.after.pop_front() {
            ui.ctx().request_repaint();
            return Some(next);
        }
        let orders = tubes::orders(desk, opened);
        let all = tubes::all(&orders);
        self.follow(desk, &all);
        if matches!(self.over, Some(Over::Note(..))) {
            return self.note(ui, desk, &all, pressed);
        }
        let covered = self.over.is_some();
        let mut wish = self.keys(desk, opened, &all, pressed.filter(|_| !covered));
        wish = self.draw(ui, desk, opened, &orders, &all).or(wish);
        let chosen = self.choosers(ui, desk, &all, pressed.filter(|_| covered));
        if !self.after.is_empty() {
            ui.ctx().request_repaint();
        }
        wish.or(chosen)
    }

    fn draw(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        orders: &[LabOrder],
        all: &[Own<'_>],
    ) -> Option<Intent> {
        let narrow = compact(ui.ctx());
        told::title(ui, desk, opened, all);
        if all.is_empty() {
            told::nothing(ui, desk, opened);
            return None;
        }
        let whole = ui.available_rect_before_wrap();
        let foot = if narrow { 0.0 } else { 96.0 };
        let (upper, lower) = whole.split_top_bottom_at_y(whole.bottom() - foot);
        let marked = Marked { number: self.selected.as_ref(), reveal: self.reveal };
        let touched = ui
            .scope_builder(egui::UiBuilder::new().max_rect(upper), |ui| {
                rows::show(ui, desk, orders, marked)
            })
            .inner;
        self.reveal = false;
        if let Some(number) = touched {
            self.selected = Some(number);
            self.by_hand = true;
        }
        let can = self.can(desk, Command::Draw);
        let mut wish = None;
        if narrow {
            return None;
        }
        ui.scope_builder(egui::UiBuilder::new().max_rect(lower), |ui| {
            if told::instructions(ui, desk, opened, all, can) {
                wish = self.draw_tube(desk, opened, all);
            }
        });
        wish
    }

    /// Keeps a tube marked: the next that is to be drawn, unless the person has marked another one.
    fn follow(&mut self, desk: &Desk, all: &[Own<'_>]) {
        let marked = tubes::find(all, self.selected.as_ref());
        let waits = marked.is_some_and(|own| own.is_planned());
        if waits || (self.by_hand && marked.is_some()) {
            return;
        }
        self.by_hand = false;
        let today = |own: &&Own<'_>| own.is_planned() && own.order.collect_on <= desk.today();
        let next = all.iter().find(today).or_else(|| all.iter().find(|own| own.is_planned()));
        let stays = marked.as_ref().or(all.first());
        let to = next.or(stays).map(|own| own.tube.number.clone());
        if to != self.selected {
            self.selected = to;
            self.reveal = true;
        }
    }

    fn keys(
        &mut self,
        desk: &Desk,
        opened: &Opened,
        all: &[Own<'_>],
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let at = all.iter().position(|own| Some(&own.tube.number) == self.selected.as_ref());
        if let Some(to) = pick::moved(pressed, at.unwrap_or(0), all.len()) {
            self.selected = Some(all[to].tube.number.clone());
            self.by_hand = true;
            self.reveal = true;
            return None;
        }
        let pressed = pressed?;
        match pressed {
            Command::Samples => return Some(Intent::OpenSamples),
            Command::Back | Command::Leave => return Some(Intent::Leave),
            Command::Outbox => return Some(Intent::OpenOutbox),
            Command::Results => return Some(Intent::OpenResults(None)),
            Command::Identify if self.can(desk, Command::Identify) => {
                return Some(Intent::IdentifySpoken);
            }
            Command::SendTubes if self.can(desk, pressed) => return Some(Intent::SendTubes),
            Command::Draw | Command::Confirm if self.can(desk, Command::Draw) => {
                return self.draw_tube(desk, opened, all);
            }
            Command::PrintLabels if self.can(desk, pressed) => {
                return self.print(desk, opened, all);
            }
            _ => {}
        }
        let own = tubes::find(all, self.selected.as_ref()).filter(|_| self.can(desk, pressed))?;
        let number = own.tube.number.clone();
        match pressed {
            Command::ReprintLabel if opened.identified.is_none() => {
                return Some(Intent::Tell("specimens.identify_first"));
            }
            Command::ReprintLabel if tubes::label(desk, own) == Label::None => {
                return print_of(own.order, vec![number], String::new());
            }
            Command::ReprintLabel => self.cover(Over::Reprint(vec![number], Chooser::default())),
            Command::NotDrawn => self.cover(Over::NotDrawn(number, Chooser::default())),
            Command::ResetTube => {
                self.by_hand = true;
                return Some(Intent::ResetTube {
                    number: own.order.patient.clone(),
                    order: own.order.id,
                    tube: number,
                });
            }
            _ => {}
        }
        None
    }

    fn cover(&mut self, over: Over) {
        self.over = Some(over);
        self.fresh = true;
    }

    /// F11: the marked tube is drawn.
    fn draw_tube(&mut self, desk: &Desk, opened: &Opened, all: &[Own<'_>]) -> Option<Intent> {
        let own = tubes::find(all, self.selected.as_ref())?;
        if opened.identified.is_none() {
            return Some(Intent::Tell("specimens.identify_first"));
        }
        if !self.can(desk, Command::Draw) {
            return None;
        }
        self.by_hand = false;
        Some(Intent::Draw {
            number: own.order.patient.clone(),
            order: own.order.id,
            tube: own.tube.number.clone(),
        })
    }

    /// F3: the labels that nobody has printed, else all of them again.
    fn print(&mut self, desk: &Desk, opened: &Opened, all: &[Own<'_>]) -> Option<Intent> {
        if opened.identified.is_none() {
            return Some(Intent::Tell("specimens.identify_first"));
        }
        let fresh = tubes::unprinted(desk, all);
        if fresh.is_empty() {
            let open = all.iter().filter(|own| own.is_open());
            let numbers = open.map(|own| own.tube.number.clone()).collect();
            self.cover(Over::Reprint(numbers, Chooser::default()));
            return None;
        }
        self.print_all(&fresh, "")
    }

    /// The wishes to print labels, one for each order.
    fn print_all(&mut self, tubes: &[Own<'_>], reason: &str) -> Option<Intent> {
        let mut orders: Vec<(&LabOrder, Vec<SpecimenNumber>)> = Vec::new();
        for own in tubes {
            let number = own.tube.number.clone();
            match orders.iter_mut().find(|(order, _)| order.id == own.order.id) {
                Some((_, numbers)) => numbers.push(number),
                None => orders.push((own.order, vec![number])),
            }
        }
        let wishes = orders
            .into_iter()
            .filter_map(|(order, numbers)| print_of(order, numbers, reason.to_owned()));
        self.after.extend(wishes);
        self.after.pop_front()
    }

    fn choosers(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        all: &[Own<'_>],
        pressed: Option<Command>,
    ) -> Option<Intent> {
        // The key that opened it is not its answer.
        let pressed = if std::mem::take(&mut self.fresh) { None } else { pressed };
        let leave = desk.t("chooser.leave");
        let choice = |key| Choice { label: desk.t(key).to_owned(), enabled: true, current: false };
        match self.over.take()? {
            Over::NotDrawn(number, mut chooser) => {
                let choices: Vec<Choice> =
                    NotDrawn::ALL.into_iter().map(|why| choice(tube::not_drawn(why))).collect();
                let title = desk.t("specimens.why_not_drawn");
                match chooser.show(ui, (title, leave), &choices, pressed) {
                    Outcome::Open => self.over = Some(Over::NotDrawn(number, chooser)),
                    Outcome::Left => {}
                    Outcome::Chosen(n) => match NotDrawn::ALL.get(n) {
                        Some(NotDrawn::Other) => {
                            self.cover(Over::Note(number, Note::default()));
                            ui.ctx().request_repaint();
                        }
                        Some(reason) => {
                            return self.not_drawn(all, &number, *reason, String::new());
                        }
                        None => {}
                    },
                }
                None
            }
            Over::Reprint(numbers, mut chooser) => {
                let choices = REASONS.map(choice);
                let title = desk.t("specimens.why_again");
                match chooser.show(ui, (title, leave), &choices, pressed) {
                    Outcome::Open => self.over = Some(Over::Reprint(numbers, chooser)),
                    Outcome::Left => {}
                    Outcome::Chosen(n) => {
                        let own: Vec<Own<'_>> = all
                            .iter()
                            .filter(|own| numbers.contains(&own.tube.number))
                            .copied()
                            .collect();
                        return self.print_all(&own, desk.t(REASONS.get(n)?));
                    }
                }
                None
            }
            over @ Over::Note(..) => {
                self.over = Some(over);
                None
            }
        }
    }

    fn not_drawn(
        &mut self,
        all: &[Own<'_>],
        number: &SpecimenNumber,
        reason: NotDrawn,
        note: String,
    ) -> Option<Intent> {
        let own = tubes::find(all, Some(number))?;
        self.by_hand = false;
        Some(Intent::NotDrawn {
            number: own.order.patient.clone(),
            order: own.order.id,
            tube: number.clone(),
            reason,
            note,
        })
    }

    /// Why in words, in place of the tubes.
    fn note(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        all: &[Own<'_>],
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let pressed = if std::mem::take(&mut self.fresh) { None } else { pressed };
        let Some(Over::Note(number, note)) = &mut self.over else { return None };
        match note.show(ui, desk, pressed) {
            Noted::Open => None,
            Noted::Left => {
                self.over = None;
                None
            }
            Noted::Said(words) => {
                let number = number.clone();
                self.over = None;
                self.not_drawn(all, &number, NotDrawn::Other, words)
            }
        }
    }
}

/// Whether a tube is drawn and waits for being sent.
fn is_unsent(own: &Own<'_>) -> bool {
    own.order.cancelled.is_none() && tube::is_unsent(own.tube)
}

/// The wish to print labels of one order.
fn print_of(order: &LabOrder, tubes: Vec<SpecimenNumber>, reason: String) -> Option<Intent> {
    let id: Uuid = order.id;
    (!tubes.is_empty()).then(|| Intent::PrintLabels {
        number: order.patient.clone(),
        order: id,
        tubes,
        reason,
    })
}
