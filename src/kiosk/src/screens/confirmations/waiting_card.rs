//! What waits, in full: the content, who entered it when and in whose name, and what it changes.

use api::profile::Waiting;
use clinical::profile::Recorded;
use egui::{Label, RichText, Ui};

use super::order::by;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, size, space};
use crate::widgets::card::{card, entry, remark};
use crate::widgets::text::running;
use crate::widgets::{changes, names, profile};

/// Draws the card.
pub fn show(ui: &mut Ui, desk: &Desk, waiting: &Waiting, wide: f32) {
    let item = &waiting.item;
    let content = &item.content;
    let title = desk.t(profile::kind_key(item.kind()));
    card(ui, title, desk.t(profile::source_key(content.source)), wide, |ui| {
        let c = colors(ui);
        if let Some(deed) = &item.withdrawal {
            let words = RichText::new(desk.t("confirmations.asks_withdrawal"));
            ui.add(Label::new(words.font(bold(size::CHIP)).color(c.amber)).wrap());
            reason(ui, desk, &deed.reason);
            ui.add_space(space::SMALL);
        }
        value(ui, desk, content);
        if item.withdrawal.is_none() {
            reason(ui, desk, &content.reason);
        }
        ui.add_space(space::SMALL);
        let (who, at, whose) = by(item);
        entry(ui, desk.t("confirmations.entered_by"), &who.name);
        entry(ui, desk.t("confirmations.entered_at"), &changes::moment(desk, at));
        if let Some(staff) = whose {
            entry(ui, desk.t("confirmations.on_behalf_of"), &staff.name);
        }
        if let Some(before) = item.before.as_ref().filter(|_| item.withdrawal.is_none()) {
            ui.add_space(space::SMALL);
            ui.separator();
            remark(ui, desk.t("confirmations.changes"));
            changes::show(ui, desk, &before.value, &content.value);
        }
        if item.content.stored_at.is_none() {
            let words = RichText::new(desk.unsent_words(&[item.content.version]))
                .size(size::LINE)
                .color(c.amber);
            ui.add(Label::new(words).wrap());
        }
        if !item.rivals.is_empty() {
            let words = RichText::new(desk.t("record.has_rivals")).size(size::LINE).color(c.amber);
            ui.add(Label::new(words).wrap());
        }
    });
}

fn value(ui: &mut Ui, desk: &Desk, content: &Recorded) {
    let words = format!(
        "{}　{}",
        profile::caption(desk, &content.value),
        profile::value(desk, &content.value)
    );
    let words = names::drawable(ui, &words).text;
    ui.add(Label::new(running(words, size::NAME).font(bold(size::NAME))).wrap());
    for note in profile::notes(desk, &content.value) {
        let note = names::drawable(ui, &note).text;
        ui.add(Label::new(running(note, size::CHIP)).wrap());
    }
}

fn reason(ui: &mut Ui, desk: &Desk, reason: &str) {
    if !reason.trim().is_empty() {
        remark(ui, &desk.fill("record.reason", &[("reason", reason)]));
    }
}
