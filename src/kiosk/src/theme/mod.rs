//! The look, in one place: type scale, colours, heights, spacing. Nothing else in the program names a colour
//! or a size of its own.

pub mod fonts;
pub mod style;
pub mod tokens;

pub use style::install;
pub use tokens::{Colors, Kind, bold, colors, regular};
