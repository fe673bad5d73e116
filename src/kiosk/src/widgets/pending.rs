//! What a page cannot promise while its answer is on the way, or did not come.

use egui::{RichText, Ui};
use jiff::Timestamp;

use super::banner;
use crate::app::model::{Desk, Tone};
use crate::client::Failure;
use crate::theme::tokens::{colors, size, space};

/// A question whose answer a page shows.
pub struct Pending<'a> {
    /// Why there is no newer answer.
    pub failure: Option<&'a Failure>,
    /// Since when one is waited for.
    pub asked_at: Option<Timestamp>,
    /// Whether an earlier answer stands.
    pub answered: bool,
}

/// Words for it (keys of the locale files).
pub struct Words {
    /// What stands is an earlier answer.
    pub old: &'static str,
    /// What stands is the terminal's own.
    pub here_only: &'static str,
    /// The first answer is on its way.
    pub loading: &'static str,
}

/// Says it; nothing where there is nothing to say.
pub fn show(ui: &mut Ui, desk: &Desk, pending: &Pending<'_>, words: &Words) {
    if let Some(failure) = pending.failure {
        let key = if pending.answered { words.old } else { words.here_only };
        let text = format!("{}{}", desk.t(key), desk.failure_words(failure));
        banner::show(ui, Tone::Waiting, &text, "", None);
    } else if let Some(since) = pending.asked_at.filter(|since| desk.waits_long(*since)) {
        let seconds = desk.seconds_since(since).to_string();
        let text = desk.fill("patient.waiting_long", &[("seconds", &seconds)]);
        banner::show(ui, Tone::Waiting, &text, "", None);
    } else if pending.asked_at.is_some() && !pending.answered {
        let words = RichText::new(desk.t(words.loading)).size(size::LINE);
        ui.label(words.color(colors(ui).soft));
        ui.add_space(space::SMALL);
    }
}
