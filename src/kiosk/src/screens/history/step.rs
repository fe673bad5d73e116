//! One version of an item, as a card.

use clinical::profile::{Act, Outcome};
use egui::{Color32, Label, RichText, Ui};

use super::past::{PastItem, Step};
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, size, space};
use crate::widgets::card::{card, remark};
use crate::widgets::text::running;
use crate::widgets::{changes, names, profile};

/// Draws the versions of an item.
pub fn show(ui: &mut Ui, desk: &Desk, item: &PastItem, wide: f32) {
    ui.spacing_mut().item_spacing.y = space::SMALL;
    for step in &item.steps {
        one(ui, desk, step, wide);
    }
}

fn one(ui: &mut Ui, desk: &Desk, step: &Step, wide: f32) {
    let version = &step.version;
    let title = format!(
        "{}　{}",
        desk.t(act_key(step)),
        profile::author(&version.author, version.entry.on_behalf_of.as_ref())
    );
    let at = changes::moment(desk, version.entered_at);
    card(ui, &title, &at, wide, |ui| {
        let c = colors(ui);
        match &version.entry.act {
            Act::Record { value, source } => {
                let words = names::drawable(ui, &profile::words(desk, value)).text;
                ui.add(Label::new(running(words, size::BODY).font(bold(size::BODY))).wrap());
                match step.before.as_ref().filter(|before| *before != value) {
                    Some(before) => changes::show(ui, desk, before, value),
                    None => {
                        for note in profile::notes(desk, value) {
                            remark(ui, &names::drawable(ui, &note).text);
                        }
                    }
                }
                remark(ui, desk.t(profile::source_key(*source)));
            }
            Act::Withdraw | Act::Confirm | Act::Keep => {
                if let Some(before) = &step.before {
                    let words = names::drawable(ui, &profile::words(desk, before)).text;
                    remark(ui, &words);
                }
            }
        }
        if !version.entry.reason.trim().is_empty() {
            remark(ui, &desk.fill("record.reason", &[("reason", &version.entry.reason)]));
        }
        match step.outcome {
            None => mark(ui, desk.unsent_words(&[version.id]), c.amber),
            Some(Outcome::Rival) => mark(ui, desk.t("history.was_rival"), c.amber),
            Some(Outcome::Overtaken) => mark(ui, desk.t("history.was_overtaken"), c.soft),
            Some(Outcome::Stands) => {}
        }
        if !version.terminal.is_empty() {
            let words = desk.fill("history.terminal", &[("terminal", &version.terminal)]);
            ui.label(RichText::new(words).size(size::SMALL).color(c.soft));
        }
    });
}

fn mark(ui: &mut Ui, words: &str, color: Color32) {
    ui.add(Label::new(RichText::new(words).font(bold(size::LINE)).color(color)).wrap());
}

/// What was done: a first content is recorded, a later one corrects.
fn act_key(step: &Step) -> &'static str {
    match &step.version.entry.act {
        Act::Record { .. } if step.version.entry.settles.is_some() => "act.choose",
        Act::Record { .. } if step.version.entry.base.is_some() => "act.correct",
        Act::Record { .. } => "act.record",
        Act::Withdraw => "act.withdraw",
        Act::Confirm => "act.confirm",
        Act::Keep => "act.keep",
    }
}
