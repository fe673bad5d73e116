//! The code on a chart sticker (カルテシール): what a scanner reads from the folder of a paper chart.

use crate::patient::PatientNumber;

/// Every sticker's code begins so.
pub const PREFIX: &str = "SGK";

/// The code of a patient's sticker: [`PREFIX`], the number in capitals, and two check characters by ISO/IEC 7064 MOD
/// 1271-36 over the number without hyphens. Only `0-9A-Z-`, which every keyboard layout types alike.
pub fn write(number: &PatientNumber) -> String {
    let number = number.as_str().to_ascii_uppercase();
    let check = check_characters(&number);
    format!("{PREFIX}{number}{check}")
}

/// Why a text is no sticker's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChartCodeError {
    /// It does not begin as one.
    #[error("not the code of a chart sticker")]
    Other,
    /// The check characters do not fit.
    #[error("the check characters of the chart sticker are wrong")]
    Check,
}

/// Reads a sticker's code, in letters of any case.
pub fn read(text: &str) -> Result<PatientNumber, ChartCodeError> {
    let text = text.to_ascii_uppercase();
    let rest = text.strip_prefix(PREFIX).ok_or(ChartCodeError::Other)?;
    let at = rest.len().checked_sub(2).filter(|at| rest.is_char_boundary(*at));
    let (number, check) = rest.split_at(at.ok_or(ChartCodeError::Check)?);
    let read = PatientNumber::parse(number).map_err(|_| ChartCodeError::Check)?;
    let fits = read.as_str() == number && check_characters(number) == check;
    if fits { Ok(read) } else { Err(ChartCodeError::Check) }
}

const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// ISO/IEC 7064 MOD 1271-36; anything but letters and digits does not count.
fn check_characters(text: &str) -> String {
    let sum =
        text.chars().filter_map(|c| c.to_digit(36)).fold(0, |sum, digit| (sum + digit) * 36 % 1271);
    // The two check characters stand for the next two places.
    let check = (1272 - sum * 36 % 1271) % 1271;
    let letter = |digit: u32| char::from(ALPHABET[(digit % 36) as usize]);
    [letter(check / 36), letter(check)].iter().collect()
}

#[cfg(test)]
#[path = "chart_code_tests.rs"]
mod tests;
