//! Why a paper cannot be made, and what should be known about one that was.

use serde::{Deserialize, Serialize};

/// Why a paper cannot be made. No text names a patient.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PaperError {
    /// The label in the settings is no size that a label printer has.
    #[error(
        "a label of {width_mm} x {height_mm} mm cannot be printed; set a width of 15 to 110 and a height of 15 to 160 mm"
    )]
    LabelSize {
        /// As set.
        width_mm: f32,
        /// As set.
        height_mm: f32,
    },
    /// The symbol does not fit with bars that a scanner reads.
    #[error(
        "the {symbol} symbol needs a label of at least {needs_mm:.0} mm, this one has {has_mm:.0} mm; use a wider label or another symbology"
    )]
    SymbolTooWide {
        /// Which symbol.
        symbol: &'static str,
        /// What it needs, rounded up.
        needs_mm: f32,
        /// What there is.
        has_mm: f32,
    },
    /// The texts do not fit in the smallest type that can be read.
    #[error(
        "the label is too small for its texts; use a larger label or order fewer tests at once"
    )]
    TextTooLong,
    /// There is nothing to print.
    #[error("there is nothing to print")]
    Nothing,
    /// A code cannot hold the value.
    #[error("the value cannot be written as a {symbol} symbol")]
    Unencodable {
        /// Which symbol.
        symbol: &'static str,
    },
    /// The form itself is at fault; the place in it is told, never what was filled in.
    #[error("the form {form} is at fault near line {line}; please tell the makers")]
    Form {
        /// Which form.
        form: &'static str,
        /// Where in it; 0 where that is not known.
        line: usize,
    },
    /// The fonts that are compiled in cannot be read.
    #[error("the built-in fonts cannot be read; the program is damaged, install it again")]
    Fonts,
}

/// What should be known about a paper that was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum PaperWarning {
    /// A character (外字) that no font here has was printed as 〓. The kana stand beside the name.
    MissingGlyph {
        /// Its number, `U+E123`.
        code: String,
    },
}
