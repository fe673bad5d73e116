//! Names with characters that no font has (外字).

use egui::Ui;

use crate::theme::tokens::{regular, size};

/// Stands for a character that can't be drawn; typesetters know it as ゲタ.
const GETA: char = '〓';

/// A name as it can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawable {
    /// With `〓` for each character that no font has.
    pub text: String,
    /// Whether there is one; then it must be said.
    pub has_gaiji: bool,
}

/// Looks for characters that no font has.
pub fn drawable(ui: &Ui, name: &str) -> Drawable {
    let font = regular(size::BODY);
    let mut has_gaiji = false;
    let text = ui.ctx().fonts_mut(|fonts| {
        let mut known = |c: char| c.is_whitespace() || is_selector(c) || fonts.has_glyph(&font, c);
        name.chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .map(|c| {
                if known(c) {
                    c
                } else {
                    has_gaiji = true;
                    GETA
                }
            })
            .collect()
    });
    Drawable { text, has_gaiji }
}

/// Variation selectors choose a form of the character before them and draw nothing themselves.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}
