//! The keys of the order form, and the choosers over it.

use clinical::lab::LabSet;
use egui::Ui;

use super::FORM;
use super::naming::{Named, Naming, may_change, refill};
use super::options::proxy_id;
use super::search::search_id;
use super::work::{Over, Work};
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::{field, names};

/// How far a page key moves.
const PAGE: usize = 5;

fn choice(label: String, enabled: bool) -> Choice {
    Choice { label, enabled, current: false }
}

impl Work {
    /// Does what a key says.
    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let now = ui.input(|input| input.time);
        if !desk.is_saving(&self.number, FORM) {
            self.came_back(now);
        }
        let searching = !self.text.trim().is_empty();
        match pressed? {
            Command::Back if searching => self.end_search(),
            Command::Back if self.question.is_some() => self.question = None,
            Command::Back | Command::Leave => return Some(Intent::Leave),
            Command::OrderLab => return self.order(desk, opened),
            Command::Confirm if searching => self.take_found(now),
            // Enter in a field is no order: only where nothing is being typed.
            Command::Confirm if ui.memory(|m| m.focused().is_none()) => {
                return self.order(desk, opened);
            }
            Command::Confirm => self.leave_field(ui),
            Command::Down => self.step(1),
            Command::Up => self.step(-1),
            Command::PageDown => self.step(PAGE.cast_signed()),
            Command::PageUp => self.step(-PAGE.cast_signed()),
            Command::Digit(n) => self.digit(ui, desk, usize::from(n) - 1, now),
            Command::Results => return Some(Intent::OpenResults(None)),
            Command::Urgent => {
                self.content.urgent = !self.content.urgent;
                self.changed(now);
            }
            Command::Fasting => {
                self.content.fasting = !self.content.fasting;
                self.changed(now);
            }
            Command::CollectOn => self.ask_day(ui, desk),
            Command::KeepSet => self.cover(ui, Over::Sets(Chooser::default())),
            Command::DropDraft => self.cover(ui, Over::Drop(Chooser::default())),
            _ => {}
        }
        None
    }

    /// Moves among what was found.
    fn step(&mut self, by: isize) {
        if let Some(last) = self.found.len().checked_sub(1) {
            let at = self.picked.unwrap_or(0).saturating_add_signed(by);
            self.picked = Some(at.min(last));
        }
    }

    fn leave_field(&mut self, ui: &Ui) {
        field::leave(ui);
        self.focus = None;
    }

    fn digit(&mut self, ui: &Ui, desk: &Desk, n: usize, now: f64) {
        if ui.memory(|m| m.has_focus(proxy_id())) {
            self.choose_proxy(desk, n, now);
            return;
        }
        self.toggle_set(&desk.lab.sets, n, now);
    }

    /// Puts a chooser over the form. The field gives the keys up, or digits would be typed into it.
    pub(super) fn cover(&mut self, ui: &Ui, over: Over) {
        self.leave_field(ui);
        self.over = Some(over);
        self.fresh = true;
    }

    /// Draws what stands over the form.
    pub(super) fn choosers(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        // The key that opened it is not its answer.
        let pressed = if std::mem::take(&mut self.fresh) { None } else { pressed };
        let now = ui.input(|input| input.time);
        let mut over = self.over.take()?;
        let leave = desk.t("chooser.leave");
        let (outcome, wish) = match &mut over {
            Over::Naming(_) => {
                self.over = Some(over);
                return None;
            }
            Over::Day(chooser) => {
                let title = desk.t("lab_order.day_title");
                let outcome = chooser.show(ui, (title, leave), &self.days(desk), pressed);
                if let Outcome::Chosen(n) = outcome {
                    self.choose_day(desk, n, now);
                }
                (outcome, None)
            }
            Over::Drop(chooser) => {
                let choices = ["entry.drop_yes", "entry.drop_no"]
                    .map(|key| choice(desk.t(key).to_owned(), true));
                let title = desk.t("lab_order.drop_title");
                let outcome = chooser.show(ui, (title, leave), &choices, pressed);
                (outcome, (outcome == Outcome::Chosen(0)).then(|| self.drop_draft()))
            }
            Over::Sets(chooser) => {
                let outcome = self.sets_menu(ui, desk, chooser, pressed);
                (outcome, None)
            }
            Over::Replace(chooser) => self.which_set(ui, desk, chooser, pressed, true),
            Over::Remove(chooser) => self.which_set(ui, desk, chooser, pressed, false),
        };
        if outcome == Outcome::Open {
            self.over = Some(over);
        }
        wish
    }

    /// F7: what about the sets? The answer opens the next chooser.
    fn sets_menu(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        chooser: &mut Chooser,
        pressed: Option<Command>,
    ) -> Outcome {
        let some = !self.items().is_empty();
        let mine = desk.lab.sets.iter().any(|set| may_change(desk, set));
        let words = |key| desk.t(key).to_owned();
        let choices = [
            choice(words("lab_set.new"), some),
            choice(words("lab_set.replace"), some && mine),
            choice(words("lab_set.remove"), mine),
        ];
        let title = (desk.t("lab_set.what"), desk.t("chooser.leave"));
        let outcome = chooser.show(ui, title, &choices, pressed);
        let next = match outcome {
            Outcome::Chosen(0) => Some(Over::Naming(Naming::new(desk))),
            Outcome::Chosen(1) => Some(Over::Replace(Chooser::default())),
            Outcome::Chosen(2) => Some(Over::Remove(Chooser::default())),
            _ => None,
        };
        if next.is_some() {
            self.over = next;
            self.fresh = true;
            ui.ctx().request_repaint();
        }
        outcome
    }

    /// Which of the sets is replaced or removed?
    fn which_set(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        chooser: &mut Chooser,
        pressed: Option<Command>,
        replace: bool,
    ) -> (Outcome, Option<Intent>) {
        let sets: Vec<&LabSet> = desk.lab.sets.iter().filter(|set| may_change(desk, set)).collect();
        let choices: Vec<Choice> =
            sets.iter().map(|set| choice(names::drawable(ui, &set.name).text, true)).collect();
        let key = if replace { "lab_set.replace_which" } else { "lab_set.remove_which" };
        let outcome = chooser.show(ui, (desk.t(key), desk.t("chooser.leave")), &choices, pressed);
        let Outcome::Chosen(n) = outcome else { return (outcome, None) };
        let wish = sets.get(n).map(|set| {
            if replace {
                self.made_of(set);
                refill(set, &self.content.keys)
            } else {
                self.content.sets.retain(|id| *id != set.id);
                Intent::RemoveSet(set.id)
            }
        });
        (outcome, wish)
    }

    /// What is chosen is now this set.
    fn made_of(&mut self, set: &LabSet) {
        self.content.sets = vec![set.id];
        self.content.single.clear();
    }

    /// Draws the panel for a set's name, in place of the form.
    pub(super) fn naming(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let pressed = if std::mem::take(&mut self.fresh) { None } else { pressed };
        let Some(Over::Naming(naming)) = &mut self.over else { return None };
        match naming.show(ui, desk, &self.content.keys, pressed) {
            Named::Open => None,
            Named::Left => {
                self.over = None;
                self.leave_field(ui);
                None
            }
            Named::Keep(set) => {
                self.over = None;
                self.leave_field(ui);
                self.made_of(&set);
                Some(Intent::KeepSet(set))
            }
        }
    }

    /// The draft, once the person has paused for a moment.
    pub(super) fn due_draft(&mut self, ui: &Ui) -> Option<Intent> {
        let wait = self.draft_in(ui.input(|input| input.time))?;
        if wait > 0.0 {
            ui.ctx().request_repaint_after_secs(wait as f32);
            return None;
        }
        let content = self.take_draft()?;
        Some(Intent::KeepDraft { form: FORM.to_owned(), content })
    }

    /// Whether a bare digit is the key of a set: not while something is being typed.
    pub(super) fn takes_digits(&self, focused: Option<egui::Id>) -> bool {
        match focused {
            None => true,
            Some(id) if id == search_id() => self.text.trim().is_empty(),
            Some(id) => id == proxy_id(),
        }
    }
}
