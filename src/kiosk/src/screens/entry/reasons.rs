//! Taking an item back: why?

use egui::Ui;

use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::widgets::chooser::{Choice, Chooser, Outcome};

/// The usual reasons.
const REASONS: [&str; 4] =
    ["withdraw.slip", "withdraw.other_patient", "withdraw.denied", "withdraw.ruled_out"];

/// Chooses the reason of a withdrawal: one of the usual ones, or what was written.
#[derive(Debug, Default)]
pub struct Reasons {
    chooser: Chooser,
    written: String,
}

impl Reasons {
    /// Opens; `written` is what the person has written as the reason, if anything.
    pub fn new(written: &str) -> Self {
        Self { chooser: Chooser::default(), written: written.trim().to_owned() }
    }

    /// Draws it: whether to close it, and the reason chosen.
    pub fn show(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> (bool, Option<String>) {
        let mut reasons: Vec<String> = REASONS.iter().map(|key| desk.t(key).to_owned()).collect();
        if !self.written.is_empty() {
            reasons.insert(0, self.written.clone());
        }
        let choices: Vec<Choice> = reasons
            .iter()
            .map(|label| Choice { label: label.clone(), enabled: true, current: false })
            .collect();
        let words = (desk.t("withdraw.title"), desk.t("chooser.leave"));
        match self.chooser.show(ui, words, &choices, pressed) {
            Outcome::Open => (false, None),
            Outcome::Left => (true, None),
            Outcome::Chosen(i) => (true, reasons.into_iter().nth(i)),
        }
    }
}
