//! Text fields.

use egui::{Frame, Id, Margin, Response, Stroke, TextEdit, Ui, Vec2};

use super::button::focus_ring;
use crate::theme::tokens::{colors, regular, size, space, stroke};

/// Whatever has the keyboard gives it up.
pub fn leave(ui: &Ui) {
    if let Some(focused) = ui.memory(egui::Memory::focused) {
        ui.memory_mut(|m| m.surrender_focus(focused));
    }
}

/// A text field of one line.
pub struct Field<'a> {
    /// Its own name among the widgets; the app knows the fields by it.
    pub id: Id,
    /// Accessible name.
    pub label: &'a str,
    /// The caption that shows the same name, if there is one.
    pub caption: Option<Id>,
    /// Shown while empty.
    pub hint: &'a str,
    /// Dots instead of letters.
    pub password: bool,
    /// False switches the input method off: IDs, numbers, passwords.
    pub ime: bool,
    /// Width.
    pub width: f32,
}

impl Field<'_> {
    /// Draws it.
    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        self.show_up_to(ui, text, 128)
    }

    /// Draws it; it takes this many characters.
    pub fn show_up_to(self, ui: &mut Ui, text: &mut String, most: usize) -> Response {
        let c = colors(ui);
        let frame = Frame::NONE
            .fill(c.card)
            .stroke(Stroke::new(stroke::FIELD, c.ink))
            .inner_margin(Margin::symmetric(16, 8));
        let edit = TextEdit::singleline(text)
            .id(self.id)
            .font(regular(size::BODY))
            .text_color(c.ink)
            .hint_text(egui::RichText::new(self.hint).color(c.soft).size(size::BODY))
            .password(self.password)
            .char_limit(most)
            .return_key(None)
            .frame(frame)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(Vec2::new(self.width, space::TOUCH))
            .desired_width(self.width);
        let response = ui.add(edit);
        let response = if let Some(caption) = self.caption {
            response.labelled_by(caption)
        } else {
            // Its hint would name it otherwise, and change with the room there is.
            let name = |node: &mut egui::accesskit::Node| node.set_label(self.label);
            ui.ctx().accesskit_node_builder(response.id, name);
            response
        };
        if response.has_focus() && !self.ime {
            ui.ctx().output_mut(|o| o.ime = None);
        }
        focus_ring(ui, &response);
        response
    }
}
