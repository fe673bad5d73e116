//! Choosing a state for a reception.

use clinical::{Reception, ReceptionKey, ReceptionState};
use egui::Ui;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::{names, state};

/// The chooser for one reception.
pub struct StateChooser {
    key: ReceptionKey,
    chooser: Chooser,
}

impl StateChooser {
    /// Opens on the state in force.
    pub fn new(desk: &Desk, reception: &Reception) -> Self {
        let choices = choices(desk, desk.day.shown_state(reception));
        Self { key: reception.key.clone(), chooser: Chooser::on(&choices) }
    }

    /// Draws it; whether to close it, and what was chosen.
    pub fn show(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> (bool, Option<Intent>) {
        let Some(reception) = desk.day.find(&self.key) else { return (true, None) };
        let shown = desk.day.shown_state(reception);
        let name = names::drawable(ui, &reception.name.kanji).text;
        let title = desk.fill("state.choose_title", &[("name", &name)]);
        let words = (title.as_str(), desk.t("chooser.leave"));
        match self.chooser.show(ui, words, &choices(desk, shown), pressed) {
            Outcome::Open => (false, None),
            Outcome::Left => (true, None),
            Outcome::Chosen(i) => {
                let to = ReceptionState::DESK.get(i).copied();
                let to = to.filter(|to| shown.may_become(*to));
                (true, to.map(|to| Intent::ChangeState { key: self.key.clone(), to }))
            }
        }
    }
}

fn choices(desk: &Desk, now: ReceptionState) -> Vec<Choice> {
    ReceptionState::DESK
        .into_iter()
        .map(|to| Choice {
            label: desk.t(state::words(to)).to_owned(),
            enabled: now == to || now.may_become(to),
            current: now == to,
        })
        .collect()
}
