//! A scanned code that opens nothing: the code large, why, and what to do.

use egui::{Label, RichText, Ui};

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, UnknownCard, WhyUnknown};
use crate::theme::tokens::{bold, colors, size, space};
use crate::widgets::button;
use crate::widgets::text::running;

/// Whether the command can be done now.
pub fn can(command: Command) -> bool {
    matches!(
        command,
        Command::Help | Command::CopyCode | Command::Find | Command::List | Command::SignOut
    )
}

/// Draws the screen.
pub fn show(
    ui: &mut Ui,
    desk: &Desk,
    card: &UnknownCard,
    pressed: Option<Command>,
) -> Option<Intent> {
    let mut wish = match pressed {
        Some(Command::List | Command::Back | Command::Confirm) => Some(Intent::List),
        Some(Command::Find) => Some(Intent::Find),
        Some(Command::CopyCode) => Some(Intent::Copy(card.code.clone())),
        _ => None,
    };
    let (what, todo) = match card.why {
        WhyUnknown::NoPattern => ("unknown.no_pattern", "unknown.no_pattern_todo"),
        WhyUnknown::CheckDigit => ("unknown.check_digit", "unknown.check_digit_todo"),
        WhyUnknown::Garbled => ("unknown.garbled", "unknown.garbled_todo"),
        WhyUnknown::NotRegistered => ("unknown.not_registered", "unknown.not_registered_todo"),
        WhyUnknown::NoTube => ("unknown.no_tube", "unknown.no_tube_todo"),
        WhyUnknown::TubeUnasked => ("unknown.tube_unasked", "unknown.tube_unasked_todo"),
    };
    let c = colors(ui);
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.spacing_mut().item_spacing.y = space::GAP;
            ui.add_space((ui.available_height() * 0.14).min(90.0));
            ui.label(RichText::new(desk.t("unknown.title")).size(size::BODY).color(c.soft));
            let code = crate::widgets::names::drawable(ui, &card.code).text;
            ui.add(Label::new(RichText::new(code).font(bold(size::NUMBER))).wrap());
            ui.add(Label::new(RichText::new(desk.t(what)).font(bold(size::NAME))).wrap());
            ui.add(Label::new(running(desk.t(todo), size::BODY)).wrap());
            ui.add_space(space::SMALL);
            if button::button(ui, desk.t("unknown.copy"), false, true).clicked() {
                wish = Some(Intent::Copy(card.code.clone()));
            }
        });
    });
    wish
}
