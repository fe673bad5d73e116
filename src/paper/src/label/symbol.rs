//! Symbols on the dot grid of a label printer.

use barcoders::sym::{codabar::Codabar, code128::Code128, tf::TF};
use clinical::lab::SpecimenNumber;
use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

use super::{Dpi, LabelSpec, Symbology};
use crate::error::PaperError;

/// Modules of paper before and behind a linear symbol.
const QUIET: u32 = 10;
/// Modules of paper around a 2D code.
const QR_QUIET: u32 = 4;

/// The bars of a linear symbol in dots from the label's left edge: where each begins and how wide it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bars {
    /// Where each bar begins, and its width.
    pub bars: Vec<(u32, u32)>,
    /// Where the quiet zone begins, and where it ends.
    pub zone: (u32, u32),
}

/// Widths in dots of what is narrow and what is wide. Narrow is 0.25 mm on both grids; wide is as near to three times
/// that as the label allows, and never less than two and a half times.
fn widths(dpi: Dpi) -> (u32, &'static [u32]) {
    match dpi {
        Dpi::D203 => (2, &[6, 5]),
        Dpi::D300 => (3, &[9, 8]),
    }
}

/// The bars of a specimen number, in the middle of the label.
pub fn bars(number: &SpecimenNumber, spec: &LabelSpec) -> Result<Bars, PaperError> {
    let (width, _) = spec.size()?;
    let symbol = spec.symbology.name();
    let runs = runs(&modules(number.as_str(), spec.symbology)?);
    let (narrow, wide) = widths(spec.dpi);
    // CODE128 has bars of one to four modules, the others only narrow and wide ones.
    let dots = |run: u32, wide: u32| match (spec.symbology, run) {
        (Symbology::Code128, run) => run * narrow,
        (_, 1) => narrow,
        _ => wide,
    };
    let length = |wide: u32| runs.iter().map(|run| dots(*run, wide)).sum::<u32>();
    let quiet = QUIET * narrow;
    let fits = wide.iter().find(|wide| length(**wide) + 2 * quiet <= width);
    let Some(wide) = fits else {
        let least = wide.last().map_or(0, |wide| length(*wide)) + 2 * quiet;
        let needs_mm = (least as f32 * 25.4 / spec.dpi.dots() as f32).ceil();
        return Err(PaperError::SymbolTooWide { symbol, needs_mm, has_mm: spec.width_mm });
    };
    let begin = (width - length(*wide)) / 2;
    let mut at = begin;
    let mut bars = Vec::with_capacity(runs.len() / 2 + 1);
    for (index, run) in runs.iter().enumerate() {
        let dots = dots(*run, *wide);
        if index % 2 == 0 {
            bars.push((at, dots));
        }
        at += dots;
    }
    Ok(Bars { bars, zone: (begin - quiet, at + quiet) })
}

/// Modules, 1 for a bar.
fn modules(digits: &str, symbology: Symbology) -> Result<Vec<u8>, PaperError> {
    let modules = match symbology {
        // A is the usual start and stop sign; scanners leave it out or tell it by their setting.
        Symbology::Nw7 => Codabar::new(format!("A{digits}A")).map(|code| code.encode()),
        // Ć stands for code set C, two digits a sign.
        Symbology::Code128 => Code128::new(format!("\u{0106}{digits}")).map(|code| code.encode()),
        Symbology::Itf => TF::interleaved(digits).map(|code| code.encode()),
    };
    modules.map_err(|_| PaperError::Unencodable { symbol: symbology.name() })
}

/// Lengths of bars and gaps by turns, beginning with a bar.
fn runs(modules: &[u8]) -> Vec<u32> {
    modules
        .chunk_by(|a, b| a == b)
        .skip_while(|run| run.first() == Some(&0))
        .map(|run| u32::try_from(run.len()).unwrap_or(u32::MAX))
        .collect()
}

/// A 2D code in dots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Square {
    /// Dots a side, quiet zone included.
    pub side: u32,
    /// Dots a module.
    pub module: u32,
    /// Dark runs: left, top and width in dots; each is one module high.
    pub runs: Vec<(u32, u32, u32)>,
}

/// A QR code with medium correction that fills at most `side` dots, with modules of at least `least` dots.
pub fn qr(text: &str, side: u32, least: u32, spec: &LabelSpec) -> Result<Square, PaperError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| PaperError::Unencodable { symbol: "QR" })?;
    let modules = u32::try_from(code.width()).unwrap_or(u32::MAX);
    let across = modules + 2 * QR_QUIET;
    let module = side / across;
    if module < least {
        let mm = |dots: u32| dots as f32 * 25.4 / spec.dpi.dots() as f32;
        return Err(PaperError::SymbolTooWide {
            symbol: "QR",
            needs_mm: mm(across * least).ceil(),
            has_mm: mm(side),
        });
    }
    let colors = code.to_colors();
    let mut runs = Vec::new();
    for (y, row) in (QR_QUIET..).zip(colors.chunks(code.width())) {
        let mut x = QR_QUIET;
        for run in row.chunk_by(|a, b| a == b) {
            let length = u32::try_from(run.len()).unwrap_or(0);
            if run.first() == Some(&Color::Dark) {
                runs.push((x * module, y * module, length * module));
            }
            x += length;
        }
    }
    Ok(Square { side: across * module, module, runs })
}
