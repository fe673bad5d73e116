//! Everything that comes out of a printer: forms and labels as PDF, picture and ZPL.
//!
//! [`Engine`] draws. A form is a Typst template in `assets/forms` that is filled with plain data; text from outside is
//! data and never becomes part of a template. A label is laid out on the printer's own dot grid and drawn once: PDF,
//! picture and ZPL come from the same drawing.

mod bitmap;
pub mod day_sheet;
mod engine;
mod error;
pub mod fonts;
pub mod label;
pub mod printers;
pub mod queue;
pub mod results;
mod text;
mod world;

pub use bitmap::Bitmap;
pub use day_sheet::{DayRow, DaySheet};
pub use engine::{Engine, Paper, Rendered};
pub use error::{PaperError, PaperWarning};
pub use label::{ChartSticker, Dpi, LabPatient, LabelSpec, Symbology, TubeLabel};
pub use results::{PageSize, ResultsSheet};
