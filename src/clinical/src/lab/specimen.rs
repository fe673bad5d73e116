//! Specimen numbers (検体番号).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Number on a tube's label, twelve digits: two of the year, month and day on which it was given, the two of the
/// terminal ([station](SpecimenNumber::new)), three counted on that terminal that day, and a check digit by ISO/IEC 7064
/// MOD 11,10. Unique in the clinic without asking anybody: terminals number while the line is cut.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "261122010018", pattern = "^[0-9]{12}$")]
pub struct SpecimenNumber(String);

/// Why a text is not a specimen number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpecimenNumberError {
    /// Not twelve digits.
    #[error("a specimen number has twelve digits")]
    Length,
    /// The first six are no day.
    #[error("the first six digits of a specimen number are a day")]
    Day,
    /// The last digit does not fit the others.
    #[error("the check digit of the specimen number is wrong")]
    CheckDigit,
    /// The terminal has given all 999 numbers of the day.
    #[error("this terminal has used up its specimen numbers of the day")]
    Exhausted,
}

impl SpecimenNumber {
    /// The number `serial` (1 to 999) that the terminal `station` (0 to 99) gives on a day.
    pub fn new(day: Date, station: u8, serial: u32) -> Result<Self, SpecimenNumberError> {
        if station > 99 || !(1..=999).contains(&serial) {
            return Err(SpecimenNumberError::Exhausted);
        }
        let year = day.year().rem_euclid(100);
        let body = format!("{year:02}{:02}{:02}{station:02}{serial:03}", day.month(), day.day());
        let check = check_digit(&body);
        Ok(Self(format!("{body}{check}")))
    }

    /// Reads a number; the digits as they are, nothing around them.
    pub fn parse(text: &str) -> Result<Self, SpecimenNumberError> {
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SpecimenNumberError::Length);
        }
        let two = |at: usize| text[at..at + 2].parse::<i8>().unwrap_or_default();
        Date::new(2000 + i16::from(two(0)), two(2), two(4))
            .map_err(|_| SpecimenNumberError::Day)?;
        let (body, check) = text.split_at(11);
        if check != check_digit(body).to_string() {
            return Err(SpecimenNumberError::CheckDigit);
        }
        Ok(Self(text.to_owned()))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day on which it was given, in this century.
    pub fn day(&self) -> Option<Date> {
        let two = |at: usize| self.0[at..at + 2].parse::<i8>().unwrap_or_default();
        Date::new(2000 + i16::from(two(0)), two(2), two(4)).ok()
    }

    /// Station and serial.
    pub fn given(&self) -> (u8, u32) {
        (self.0[6..8].parse().unwrap_or_default(), self.0[8..11].parse().unwrap_or_default())
    }
}

/// ISO/IEC 7064 MOD 11,10 over digits.
fn check_digit(digits: &str) -> u32 {
    let product = digits.bytes().fold(10, |product, b| {
        let sum = (product + u32::from(b - b'0')) % 10;
        (if sum == 0 { 10 } else { sum } * 2) % 11
    });
    (11 - product) % 10
}

impl std::fmt::Display for SpecimenNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SpecimenNumber {
    type Error = SpecimenNumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<SpecimenNumber> for String {
    fn from(number: SpecimenNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
#[path = "specimen_tests.rs"]
mod tests;
