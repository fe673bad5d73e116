//! Check digits of patient cards.

use serde::Deserialize;

use super::pattern::Covers;

/// How a card's check digit is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckDigit {
    /// モジュラス10 ウェイト3: digits weighted 3, 1, 3, … from the right.
    Mod10w3,
    /// Luhn (モジュラス10 ウェイト2 with the digits of products added).
    Luhn,
    /// モジュラス11: weights 2 to 7 from the right, 10 and 11 written as 0.
    Mod11,
    /// モジュラス16 over all NW-7 characters, start and stop included.
    Mod16,
    /// モジュラス43 over all Code39 characters.
    Mod43,
}

const NW7: &str = "0123456789-$:/.+ABCD";
const CODE39: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

impl CheckDigit {
    /// What the rule's own definition covers.
    pub(super) fn usual_cover(self) -> Covers {
        match self {
            Self::Mod10w3 | Self::Luhn | Self::Mod11 => Covers::Number,
            Self::Mod16 | Self::Mod43 => Covers::All,
        }
    }

    /// Whether the start and stop characters of NW-7 take part.
    pub(super) fn covers_start_stop(self) -> bool {
        self == Self::Mod16
    }

    /// The character that belongs behind `data`; `None` when `data` holds a character that the rule does not
    /// know.
    pub fn compute(self, data: &str) -> Option<char> {
        match self {
            Self::Mod10w3 => weighted(data, |place| if place % 2 == 0 { 3 } else { 1 })
                .map(|sum| digit((10 - sum % 10) % 10)),
            Self::Luhn => luhn(data),
            Self::Mod11 => weighted(data, |place| 2 + (place % 6) as u32).map(|sum| {
                let rest = 11 - sum % 11;
                digit(if rest >= 10 { 0 } else { rest })
            }),
            Self::Mod16 => positions(data, NW7).and_then(|sum| nth(NW7, (16 - sum % 16) % 16)),
            Self::Mod43 => positions(data, CODE39).and_then(|sum| nth(CODE39, sum % 43)),
        }
    }
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

fn nth(alphabet: &str, place: usize) -> Option<char> {
    alphabet.chars().nth(place)
}

fn positions(data: &str, alphabet: &str) -> Option<usize> {
    data.chars().map(|c| alphabet.chars().position(|a| a == c.to_ascii_uppercase())).sum()
}

fn weighted(data: &str, weight: impl Fn(usize) -> u32) -> Option<u32> {
    data.chars().rev().enumerate().map(|(place, c)| Some(c.to_digit(10)? * weight(place))).sum()
}

fn luhn(data: &str) -> Option<char> {
    let sum: u32 = data
        .chars()
        .rev()
        .enumerate()
        .map(|(place, c)| {
            let value = c.to_digit(10)? * if place % 2 == 0 { 2 } else { 1 };
            Some(value / 10 + value % 10)
        })
        .sum::<Option<u32>>()?;
    Some(digit((10 - sum % 10) % 10))
}
