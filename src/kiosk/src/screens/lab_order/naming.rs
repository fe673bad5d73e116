//! A name for the chosen items, so that next time they are one key: a set of one's own, or of the whole clinic.

use clinical::lab::LabSet;
use egui::{Id, Label, RichText, Ui};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, size, space};
use crate::widgets::field::Field;
use crate::widgets::{button, choice, names};

/// Longest name, so that it stands whole on its button.
const LONGEST: usize = 20;

/// The field of the name.
pub(super) fn name_id() -> Id {
    Id::unique("lab set name")
}

pub(super) fn whose_id() -> Id {
    Id::unique("lab set owner")
}

/// The panel that asks for the name.
pub(super) struct Naming {
    name: String,
    /// For the practitioner alone, else for the clinic.
    own: bool,
    unnamed: bool,
    focus: bool,
}

/// What came of a frame.
pub(super) enum Named {
    /// Still open.
    Open,
    /// Left without a name.
    Left,
    /// This set is to be kept.
    Keep(LabSet),
}

impl Naming {
    pub(super) fn new(desk: &Desk) -> Self {
        Self { name: String::new(), own: desk.may_confirm(), unnamed: false, focus: true }
    }

    /// Draws it.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        keys: &[String],
        pressed: Option<Command>,
    ) -> Named {
        ui.label(RichText::new(desk.t("lab_set.title")).font(bold(size::TITLE)));
        ui.add_space(space::SMALL);
        let items = keys.iter().filter_map(|key| codes::labs::by_key(key));
        let items: Vec<&str> = items.map(|item| item.abbr.as_str()).collect();
        let items = names::drawable(ui, &items.join("、")).text;
        ui.add(Label::new(RichText::new(items).size(size::CHIP)).wrap());
        ui.add_space(space::SMALL);
        let field = Field {
            id: name_id(),
            label: desk.t("lab_set.name"),
            caption: None,
            hint: desk.t("lab_set.hint"),
            password: false,
            ime: true,
            width: 420.0_f32.min(ui.available_width() - 8.0),
        };
        let response = field.show_up_to(ui, &mut self.name, LONGEST);
        if std::mem::take(&mut self.focus) {
            response.request_focus();
        }
        self.told(ui, desk);
        self.whose(ui, desk, pressed);
        ui.add_space(space::SMALL);
        let (keep, leave) = ui
            .horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::GAP;
                let keep = button::button(ui, desk.t("lab_set.keep"), true, true).clicked();
                (keep, button::button(ui, desk.t("chooser.leave"), false, true).clicked())
            })
            .inner;
        let done = matches!(pressed, Some(Command::Confirm | Command::Choose)) && !desk.composing;
        if leave || pressed == Some(Command::Back) {
            return Named::Left;
        }
        if keep || done { self.keep(desk, keys) } else { Named::Open }
    }

    fn told(&self, ui: &mut Ui, desk: &Desk) {
        let c = colors(ui);
        if self.unnamed && self.name.trim().is_empty() {
            let words = RichText::new(desk.t("lab_set.unnamed")).size(size::CHIP).color(c.red);
            ui.add(Label::new(words).wrap());
        } else if self.same(desk).is_some() {
            let words = RichText::new(desk.t("lab_set.replaces")).size(size::CHIP).color(c.amber);
            ui.add(Label::new(words).wrap());
        }
        ui.add_space(space::SMALL);
    }

    /// For whom: a practitioner's own sets, or everybody's.
    fn whose(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) {
        if !desk.may_confirm() {
            let words = RichText::new(desk.t("lab_set.for_clinic")).size(size::CHIP);
            ui.add(Label::new(words.color(colors(ui).soft)).wrap());
            return;
        }
        let options = [desk.t("lab_set.own").to_owned(), desk.t("lab_set.clinic").to_owned()];
        let current = usize::from(!self.own);
        let wide = ui.available_width();
        let label = desk.t("lab_set.whose");
        let shown = choice::show(ui, whose_id(), label, &options, Some(current), wide);
        let digit = match pressed {
            Some(Command::Digit(n @ 1..=2)) if shown.response.has_focus() => {
                Some(usize::from(n) - 1)
            }
            _ => None,
        };
        if let Some(n) = shown.chosen.or(digit) {
            self.own = n == 0;
        }
    }

    fn owner(&self, desk: &Desk) -> Option<Uuid> {
        let account = desk.session.as_ref().map(|session| session.account_id);
        account.filter(|_| self.own && desk.may_confirm())
    }

    /// The set that already has the name.
    fn same<'a>(&self, desk: &'a Desk) -> Option<&'a LabSet> {
        let (name, owner) = (self.name.trim(), self.owner(desk));
        desk.lab.sets.iter().find(|set| set.name == name && set.owner == owner)
    }

    fn keep(&mut self, desk: &Desk, keys: &[String]) -> Named {
        let name = self.name.trim();
        if name.is_empty() {
            self.unnamed = true;
            self.focus = true;
            return Named::Open;
        }
        let last = desk.lab.sets.iter().map(|set| set.place).max().unwrap_or(0);
        let same = self.same(desk);
        Named::Keep(LabSet {
            id: same.map_or_else(Uuid::now_v7, |set| set.id),
            name: name.to_owned(),
            owner: self.owner(desk),
            place: same.map_or(last.saturating_add(1), |set| set.place),
            items: keys.to_vec(),
        })
    }
}

/// Whether the signed-in person may change a set.
pub(super) fn may_change(desk: &Desk, set: &LabSet) -> bool {
    match set.owner {
        None => desk.may_record(),
        Some(owner) => {
            desk.may_confirm() && desk.session.as_ref().is_some_and(|s| s.account_id == owner)
        }
    }
}

/// The wish to put other items into a set.
pub(super) fn refill(set: &LabSet, keys: &[String]) -> Intent {
    Intent::KeepSet(LabSet { items: keys.to_vec(), ..set.clone() })
}
