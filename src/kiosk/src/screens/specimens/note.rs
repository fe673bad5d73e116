//! Why a tube could not be drawn, in words.

use egui::{Id, Label, RichText, Ui};

use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, size, space};
use crate::widgets::button;
use crate::widgets::field::Field;

/// Most characters.
const LONGEST: usize = 100;

/// The field.
pub fn note_id() -> Id {
    Id::unique("not drawn note")
}

/// The panel that asks for the words.
#[derive(Default)]
pub struct Note {
    text: String,
    begun: bool,
    empty: bool,
}

/// What came of a frame.
pub enum Noted {
    /// Still open.
    Open,
    /// Left without words.
    Left,
    /// These words.
    Said(String),
}

impl Note {
    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Noted {
        ui.label(RichText::new(desk.t("specimens.note_title")).font(bold(size::TITLE)));
        ui.add_space(space::SMALL);
        let field = Field {
            id: note_id(),
            label: desk.t("specimens.note"),
            caption: None,
            hint: desk.t("specimens.note_hint"),
            password: false,
            ime: true,
            width: 620.0_f32.min(ui.available_width() - 8.0),
        };
        let response = field.show_up_to(ui, &mut self.text, LONGEST);
        if !std::mem::replace(&mut self.begun, true) {
            response.request_focus();
        }
        if self.empty && self.text.trim().is_empty() {
            let words = RichText::new(desk.t("specimens.note_empty")).size(size::CHIP);
            ui.add(Label::new(words.color(colors(ui).red)).wrap());
        }
        ui.add_space(space::SMALL);
        let (done, leave) = ui
            .horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::GAP;
                let done = button::button(ui, desk.t("key.choose"), true, true).clicked();
                (done, button::button(ui, desk.t("chooser.leave"), false, true).clicked())
            })
            .inner;
        if leave || pressed == Some(Command::Back) {
            return Noted::Left;
        }
        let key = matches!(pressed, Some(Command::Confirm | Command::Choose)) && !desk.composing;
        if !(done || key) {
            return Noted::Open;
        }
        let words = self.text.trim();
        self.empty = words.is_empty();
        if self.empty { Noted::Open } else { Noted::Said(words.to_owned()) }
    }
}
