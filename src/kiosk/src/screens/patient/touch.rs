//! A card was touched: which of its items, and what is to be done with it?

use clinical::PatientNumber;
use clinical::profile::Item;
use egui::Ui;
use uuid::Uuid;

use super::with_draft;
use crate::app::form::FormKind;
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::screens::entry::Reasons;
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::{names, profile};

/// The choosers behind a touched card.
pub(super) struct TouchChooser {
    number: PatientNumber,
    items: Vec<Uuid>,
    chosen: Option<Uuid>,
    chooser: Chooser,
    reasons: Option<Reasons>,
}

/// What can be done with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Confirm,
    Correct,
    Withdraw,
    History,
}

impl Deed {
    fn words(self) -> &'static str {
        match self {
            Self::Confirm => "key.confirm_item",
            Self::Correct => "key.correct",
            Self::Withdraw => "key.withdraw",
            Self::History => "key.history",
        }
    }
}

impl TouchChooser {
    /// Opens; a single item needs no choosing.
    pub(super) fn new(desk: &Desk, opened: &Opened, items: Vec<Uuid>) -> Option<Self> {
        if !desk.may_record() || items.is_empty() {
            return None;
        }
        let chosen = if let [only] = items.as_slice() { Some(*only) } else { None };
        let number = opened.number.clone();
        Some(Self { number, items, chosen, chooser: Chooser::default(), reasons: None })
    }

    /// Draws it; whether to close it, and what was chosen.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> (bool, Option<Intent>) {
        let items = opened.profile(&desk.outbox);
        let find = |id: Uuid| items.iter().find(|item| item.id == id);
        if !opened.is(&self.number) {
            return (true, None);
        }
        if let Some(id) = self.chosen {
            return find(id).map_or((true, None), |item| self.deeds(ui, desk, item, pressed));
        }
        let own: Vec<&Item> = self.items.iter().filter_map(|id| find(*id)).collect();
        self.which(ui, desk, &own, pressed)
    }

    fn which(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        items: &[&Item],
        pressed: Option<Command>,
    ) -> (bool, Option<Intent>) {
        let choices: Vec<Choice> = items
            .iter()
            .map(|item| Choice {
                label: names::drawable(ui, &profile::words(desk, &item.content.value)).text,
                enabled: true,
                current: false,
            })
            .collect();
        let words = (desk.t("record.which_item"), desk.t("chooser.leave"));
        match self.chooser.show(ui, words, &choices, pressed) {
            Outcome::Open => (choices.is_empty(), None),
            Outcome::Left => (true, None),
            Outcome::Chosen(i) => {
                self.chosen = items.get(i).map(|item| item.id);
                self.chooser = Chooser::default();
                ui.ctx().request_repaint();
                (false, None)
            }
        }
    }

    fn deeds(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        item: &Item,
        pressed: Option<Command>,
    ) -> (bool, Option<Intent>) {
        let (number, id, base) = (self.number.clone(), item.id, item.head);
        if let Some(reasons) = &mut self.reasons {
            let (close, reason) = reasons.show(ui, desk, pressed);
            let withdraw = |reason| Intent::WithdrawItem { number, item: id, base, reason };
            return (close, reason.map(withdraw));
        }
        let mut deeds = vec![Deed::Correct, Deed::Withdraw, Deed::History];
        if item.awaits && desk.may_confirm() {
            deeds.insert(0, Deed::Confirm);
        }
        let choices: Vec<Choice> = deeds
            .iter()
            .map(|deed| Choice {
                label: match deed {
                    Deed::Correct => with_draft(desk, FormKind::of(item.kind()), Some(id)),
                    deed => desk.t(deed.words()).to_owned(),
                },
                // A withdrawal is not withdrawn; another content brings the item back.
                enabled: *deed != Deed::Withdraw || item.withdrawal.is_none(),
                current: false,
            })
            .collect();
        let title = names::drawable(ui, &profile::words(desk, &item.content.value)).text;
        let words = (title.as_str(), desk.t("chooser.leave"));
        let deed = match self.chooser.show(ui, words, &choices, pressed) {
            Outcome::Open => return (false, None),
            Outcome::Left => return (true, None),
            Outcome::Chosen(i) => deeds.get(i),
        };
        match deed {
            Some(Deed::Confirm) => (true, Some(Intent::ConfirmItem { number, item: id, base })),
            Some(Deed::Correct) => {
                (true, Some(Intent::OpenForm(FormKind::of(item.kind()), Some(id))))
            }
            Some(Deed::Withdraw) => {
                self.reasons = Some(Reasons::new(""));
                ui.ctx().request_repaint();
                (false, None)
            }
            Some(Deed::History) => (true, Some(Intent::OpenHistory(Some(id)))),
            None => (true, None),
        }
    }
}
