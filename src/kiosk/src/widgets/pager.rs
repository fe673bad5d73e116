//! A page longer than the screen, which the keyboard moves too.

use egui::{ScrollArea, Ui};

use crate::app::keys::Command;
use crate::theme::tokens::space;

/// What an arrow key moves.
const STEP: f32 = space::TOUCH;

/// Where the page stands. A new one begins at the top, whatever stood there before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pager {
    /// From the top, what is seen, and the whole; nothing before the first frame.
    stood: Option<(f32, f32, f32)>,
}

impl Pager {
    /// Draws the page, moved by the command when it is one that moves.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        name: &str,
        pressed: Option<Command>,
        content: impl FnOnce(&mut Ui),
    ) {
        let mut area = ScrollArea::vertical().id_salt(name).auto_shrink(false);
        if let Some(offset) = self.moved(pressed) {
            area = area.vertical_scroll_offset(offset);
        }
        let drawn = area.show(ui, content);
        let offset = drawn.state.clamped_offset().y;
        self.stood = Some((offset, drawn.inner_rect.height(), drawn.content_size.y));
    }

    /// Where to scroll; `None` leaves it to the wheel and the touch.
    fn moved(self, pressed: Option<Command>) -> Option<f32> {
        let Some((offset, seen, whole)) = self.stood else { return Some(0.0) };
        // A line of the page before stays in sight, so that the eye finds on.
        let page = (seen - STEP).max(STEP);
        let to = match pressed? {
            Command::Up => offset - STEP,
            Command::Down => offset + STEP,
            Command::PageUp => offset - page,
            Command::PageDown => offset + page,
            Command::First => 0.0,
            Command::Last => whole,
            _ => return None,
        };
        Some(to.clamp(0.0, (whole - seen).max(0.0)))
    }
}
