//! What an input method makes of a scan, and the way back where there is only one.

use unicode_normalization::UnicodeNormalization;

/// The digits' keys under JIS kana input (かな入力), in the order 0 to 9.
const KANA_DIGITS: &str = "わぬふあうえおやゆよ";

/// The payload in ASCII and whether something in it stayed past repair.
///
/// Romaji input leaves digits and punctuation full-width, which NFKC takes back; letters become kana of
/// several keys each and are lost. Under kana input every digit is one kana of its own: a payload of those
/// alone is digits again. Anything else is left as it came, since a guess might open the wrong patient.
pub(super) fn repair(arrived: &str) -> (String, bool) {
    let folded: String = arrived
        .nfkc()
        .filter(|c| !c.is_control())
        .map(|c| match c {
            'ー' | '‐' | '‑' | '–' | '—' | '―' | '−' => '-',
            c => c,
        })
        .collect();
    let folded = folded.trim().to_owned();
    if folded.is_ascii() {
        return (folded, false);
    }
    let digits: Option<String> = folded
        .chars()
        .map(|c| {
            let place = KANA_DIGITS.chars().position(|kana| kana == c)?;
            char::from_digit(u32::try_from(place).ok()?, 10)
        })
        .collect();
    match digits {
        Some(digits) => (digits, false),
        None => (folded, true),
    }
}
