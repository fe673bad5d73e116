//! ZPL: a label as one picture.
//!
//! Everything is in the picture (`^GFA`), text and symbol alike: few printers hold a Japanese font, ZPL's own Codabar
//! has only some of the ratios, and so every printer prints the same dots that the preview shows. The picture is
//! written in hexadecimal with ZPL's own shortening of repeats, which every ZPL II printer and most that imitate one read;
//! `:Z64:` would be smaller, but needs newer firmware.

use std::fmt::Write;

use crate::bitmap::{Bitmap, INK};

/// One `^XA…^XZ` for each label.
pub(crate) fn write(pages: &[Bitmap]) -> Vec<u8> {
    let mut zpl = String::new();
    for page in pages {
        label(page, &mut zpl);
    }
    zpl.into_bytes()
}

fn label(page: &Bitmap, zpl: &mut String) {
    let across = page.width.div_ceil(8);
    let total = across * page.height;
    // Writing into a text does not fail.
    let _ = write!(
        zpl,
        "^XA\n^PW{}\n^LL{}\n^LH0,0\n^FO0,0^GFA,{total},{total},{across},\n",
        page.width, page.height
    );
    let mut last = String::new();
    for y in 0..page.height {
        let row = row(page.row(y), across);
        if row == last {
            zpl.push(':');
        } else {
            shorten(&row, zpl);
            last = row;
        }
    }
    zpl.push_str("\n^FS\n^PQ1\n^XZ\n");
}

/// A row in hexadecimal, filled up to whole bytes.
fn row(dots: &[u8], across: u32) -> String {
    let mut hex = String::with_capacity(across as usize * 2);
    for four in dots.chunks(4) {
        let bits = four.iter().fold(0, |bits, luma| bits << 1 | usize::from(*luma < INK));
        // A row ends with fewer than four dots where its width is no multiple.
        hex.push(char::from(b"0123456789ABCDEF"[bits << (4 - four.len())]));
    }
    while hex.len() < across as usize * 2 {
        hex.push('0');
    }
    hex
}

/// Writes a row with its repeats counted: G to Y for 1 to 19, g to z for 20 to 400 in twenties; `,` fills up with
/// zeros and `!` with ones.
fn shorten(row: &str, zpl: &mut String) {
    let bytes = row.as_bytes();
    let mut at = 0;
    for run in bytes.chunk_by(|a, b| a == b) {
        at += run.len();
        let digit = char::from(run[0]);
        if at == bytes.len() && (digit == '0' || digit == 'F') {
            zpl.push(if digit == '0' { ',' } else { '!' });
            return;
        }
        let mut left = run.len();
        while left > 0 {
            let (twenties, ones) = ((left / 20).min(20), left % 20);
            if left == 1 {
                zpl.push(digit);
                left = 0;
                continue;
            }
            if twenties > 0 {
                zpl.push(char::from(b'f' + u8::try_from(twenties).unwrap_or(0)));
            }
            let ones = if twenties == 20 { 0 } else { ones };
            if ones > 0 {
                zpl.push(char::from(b'F' + u8::try_from(ones).unwrap_or(0)));
            }
            zpl.push(digit);
            left -= twenties * 20 + ones;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{shorten, write};
    use crate::bitmap::Bitmap;

    /// Reads what `shorten` writes, by the words of the ZPL manual.
    fn lengthen(text: &str, digits: usize) -> String {
        let mut row = String::new();
        let mut count = 0;
        for c in text.chars() {
            match c {
                'G'..='Y' => count += c as usize - 'F' as usize,
                'g'..='z' => count += (c as usize - 'f' as usize) * 20,
                ',' => row.extend(std::iter::repeat_n('0', digits - row.len())),
                '!' => row.extend(std::iter::repeat_n('F', digits - row.len())),
                digit => {
                    row.extend(std::iter::repeat_n(digit, count.max(1)));
                    count = 0;
                }
            }
        }
        row
    }

    proptest! {
        #[test]
        fn what_is_shortened_reads_the_same(
            runs in prop::collection::vec(("[0-9A-F]", 1_usize..450), 0..12),
        ) {
            let row: String = runs.iter().map(|(digit, times)| digit.repeat(*times)).collect();
            let mut short = String::new();
            shorten(&row, &mut short);
            prop_assert_eq!(lengthen(&short, row.len()), row);
        }
    }

    #[test]
    fn a_small_picture_is_written_as_the_manual_says() {
        // Nine dots a row: a full row twice, then one with only the last dot.
        let mut luma = vec![0; 18];
        luma.extend([255; 8]);
        luma.push(0);
        let page = Bitmap { width: 9, height: 3, dpi: 203, luma };
        let zpl = String::from_utf8(write(&[page])).unwrap();
        assert_eq!(zpl, "^XA\n^PW9\n^LL3\n^LH0,0\n^FO0,0^GFA,6,6,2,\nHF8,:H08,\n^FS\n^PQ1\n^XZ\n");
    }
}
