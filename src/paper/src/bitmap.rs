//! A drawn page.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Darker is ink, for a printer that knows only black.
pub(crate) const INK: u8 = 128;

/// A drawn page in shades of grey, as the printer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    /// Dots a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Dots an inch.
    pub dpi: u32,
    /// Row by row from the top, 0 is black and 255 is paper.
    pub luma: Vec<u8>,
}

impl Bitmap {
    /// Whether a dot is printed, for a printer that knows only black.
    pub fn is_ink(&self, x: u32, y: u32) -> bool {
        x < self.width && self.row(y).get(x as usize).is_some_and(|luma| *luma < INK)
    }

    /// A row of dots; empty below the last.
    pub(crate) fn row(&self, y: u32) -> &[u8] {
        let (begin, width) = (y as usize * self.width as usize, self.width as usize);
        self.luma.get(begin..begin + width).unwrap_or_default()
    }

    /// As a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        // Writing to memory fails only for sizes that do not fit the pixels, which a bitmap's do.
        let _ = PngEncoder::new(&mut file).write_image(
            &self.luma,
            self.width,
            self.height,
            ExtendedColorType::L8,
        );
        file
    }
}
