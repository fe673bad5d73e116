//! The fonts shipped with the program: BIZ UDPGothic, and behind it, in every family, a fallback for the kanji
//! of names that it lacks. They are compiled in once, with the papers.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};
use paper::fonts::{BOLD as BOLD_FACE, FALLBACK, REGULAR};

use super::tokens::BOLD;

/// All families. No font of the operating system is used: a name looks the same on every terminal.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [("regular", REGULAR), ("bold", BOLD_FACE), ("fallback", FALLBACK)] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let family = |first: &str| vec![first.to_owned(), "fallback".to_owned()];
    fonts.families.insert(FontFamily::Proportional, family("regular"));
    fonts.families.insert(FontFamily::Monospace, family("regular"));
    fonts.families.insert(FontFamily::Name(BOLD.into()), family("bold"));
    fonts
}
