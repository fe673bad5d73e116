//! What the list leaves out.

use clinical::{Physician, ReceptionState};

use crate::app::model::Desk;
use crate::widgets::chooser::Choice;
use crate::widgets::state;

/// What the list leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Code of the only physician to show.
    pub physician: Option<String>,
    /// The only state to show.
    pub state: Option<ReceptionState>,
}

impl Filter {
    /// The physician in force, for the chip.
    pub fn physician_words(&self, desk: &Desk) -> String {
        let options = physician_options(desk);
        let chosen = self.physician.as_ref();
        let name = chosen.and_then(|code| options.iter().find(|p| p.code == *code));
        let words = name.map_or(desk.t("filter.all"), |p| p.name.as_str());
        desk.fill("filter.physician", &[("physician", words)])
    }

    /// Everything to filter by in one list: nobody left out, then the physicians, then the states.
    pub fn all(&self, desk: &Desk) -> Vec<Choice> {
        let (physicians, states) = (self.physicians(desk), self.states(desk));
        let nobody = Choice {
            label: desk.t("filter.all").to_owned(),
            enabled: true,
            current: *self == Self::default(),
        };
        let rest = physicians.into_iter().skip(1).chain(states.into_iter().skip(1));
        std::iter::once(nobody).chain(rest).collect()
    }

    /// Puts a choice of [`Filter::all`] in force.
    pub fn choose(&mut self, desk: &Desk, choice: usize) {
        let physicians = physician_options(desk);
        match choice.checked_sub(1) {
            None => *self = Self::default(),
            Some(i) => match physicians.get(i) {
                Some(physician) => self.physician = Some(physician.code.clone()),
                None => self.state = filter_states().nth(i - physicians.len()),
            },
        }
    }

    /// The physicians to choose from, all first.
    pub fn physicians(&self, desk: &Desk) -> Vec<Choice> {
        let chosen = self.physician.as_ref();
        let all = desk.t("filter.all").to_owned();
        let mut choices = vec![Choice { label: all, enabled: true, current: chosen.is_none() }];
        choices.extend(physician_options(desk).into_iter().map(|p| {
            let current = chosen == Some(&p.code);
            Choice { label: p.name, enabled: true, current }
        }));
        choices
    }

    /// The states to choose from, all first.
    pub fn states(&self, desk: &Desk) -> Vec<Choice> {
        let all = desk.t("filter.all").to_owned();
        let current = self.state.is_none();
        let mut choices = vec![Choice { label: all, enabled: true, current }];
        choices.extend(filter_states().map(|state| Choice {
            label: desk.t(state::words(state)).to_owned(),
            enabled: true,
            current: self.state == Some(state),
        }));
        choices
    }
}

/// The physicians to filter by: the clinic's list and whoever else stands in today's receptions.
pub fn physician_options(desk: &Desk) -> Vec<Physician> {
    let mut all = desk.reference.physicians.clone();
    for row in &desk.day.rows {
        let physician = &row.reception.physician;
        if !physician.code.is_empty() && !all.iter().any(|p| p.code == physician.code) {
            all.push(physician.clone());
        }
    }
    all
}

/// The states to filter by.
pub fn filter_states() -> impl Iterator<Item = ReceptionState> {
    ReceptionState::DESK.into_iter().chain([ReceptionState::Cancelled])
}
