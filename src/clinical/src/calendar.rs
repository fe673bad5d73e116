//! Dates in both calendars: 和暦 (era years) and 西暦, written and read; age.
//!
//! The eras are data (`data/eras.csv`). Which era a date belongs to is judged by the day, never by the year.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;
use unicode_normalization::UnicodeNormalization;

/// Why a text is not a date. No text carries the date itself: it may be a patient's birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Nothing but blanks.
    #[error("the date is empty")]
    Empty,
    /// Not written in a way that is understood.
    #[error(
        "the date is not understood; write it like 6.11.22, S23.4.5, 昭和23年4月5日, 1948-04-05 or 19480405"
    )]
    Unreadable,
    /// Month 13, 30 February, year 0.
    #[error("there is no such day in the calendar")]
    NoSuchDay,
    /// 昭和64年 ended after seven days; 平成40年 never came.
    #[error("the day lies outside {era} ({first} to {last})")]
    OutsideEra {
        /// The era's name.
        era: &'static str,
        /// Its first day.
        first: Date,
        /// Its last day.
        last: Date,
    },
}

/// One era (元号).
#[derive(Debug, Clone, Copy)]
struct Era {
    letter: char,
    digit: char,
    name: &'static str,
    first: Date,
    last: Option<Date>,
}

/// Newest first. A damaged line is left out; a test holds the file to being whole.
static ERAS: LazyLock<Vec<Era>> = LazyLock::new(|| {
    let mut eras: Vec<Era> =
        include_str!("../data/eras.csv").lines().filter_map(read_era).collect();
    eras.sort_by_key(|era| std::cmp::Reverse(era.first));
    eras
});

fn read_era(line: &'static str) -> Option<Era> {
    let fields: Vec<&'static str> = line.split(',').map(str::trim).collect();
    let [letter, digit, name, first, last] = fields[..] else { return None };
    Some(Era {
        letter: letter.chars().next()?,
        digit: digit.chars().next()?,
        name,
        first: first.parse().ok()?,
        last: if last.is_empty() { None } else { Some(last.parse().ok()?) },
    })
}

impl Era {
    fn of(day: Date) -> Option<&'static Self> {
        ERAS.iter().find(|era| era.first <= day)
    }

    /// Year within the era, 1 for 元年.
    fn year_of(&self, day: Date) -> i16 {
        day.year() - self.first.year() + 1
    }

    fn date(&self, year: i16, month: i8, day: i8) -> Result<Date, DateError> {
        if year < 1 {
            return Err(DateError::NoSuchDay);
        }
        let western = self.first.year().checked_add(year - 1).ok_or(DateError::NoSuchDay)?;
        let date = Date::new(western, month, day).map_err(|_| DateError::NoSuchDay)?;
        let last = self.last.unwrap_or(Date::MAX);
        if date < self.first || date > last {
            return Err(DateError::OutsideEra { era: self.name, first: self.first, last });
        }
        Ok(date)
    }
}

/// 和暦 in words: `昭和30年3月4日`, `令和元年5月1日`. Before the first era: `1850年1月1日`.
pub fn wareki(d: Date) -> String {
    let (month, day) = (d.month(), d.day());
    match Era::of(d) {
        Some(era) => match era.year_of(d) {
            1 => format!("{}元年{month}月{day}日", era.name),
            year => format!("{}{year}年{month}月{day}日", era.name),
        },
        None => format!("{}年{month}月{day}日", d.year()),
    }
}

/// 和暦 for narrow columns: `S30.3.4`. Before the first era: `1850.1.1`.
pub fn wareki_short(d: Date) -> String {
    let (month, day) = (d.month(), d.day());
    match Era::of(d) {
        Some(era) => format!("{}{}.{month}.{day}", era.letter, era.year_of(d)),
        None => format!("{}.{month}.{day}", d.year()),
    }
}

/// Both calendars: `昭和30年3月4日（1955-03-04）`.
pub fn both(d: Date) -> String {
    format!("{}（{d}）", wareki(d))
}

/// Day of the week in one character: `日`.
pub fn weekday_ja(d: Date) -> &'static str {
    match d.weekday() {
        Weekday::Sunday => "日",
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
    }
}

/// The clinic's time zone (日本標準時): nine hours ahead, no summer time.
pub const CLINIC_ZONE: Offset = jiff::tz::offset(9);

/// The clinic's day at a moment.
pub fn day_of(moment: Timestamp) -> Date {
    CLINIC_ZONE.to_datetime(moment).date()
}

/// Age in full years on a day; `None` before birth. Who was born on 29 February turns older on 1 March in a
/// common year.
pub fn age(birth: Date, on: Date) -> Option<u16> {
    if on < birth {
        return None;
    }
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    let years = on.year() - birth.year() - i16::from(!had_birthday);
    u16::try_from(years).ok()
}

/// Reads a date as a receptionist types it, full-width or not:
/// `6.11.22` (the era of `today`), `S23.4.5`, `S230405`, `昭和23年4月5日`, `3230405` (era digit), `19480405`,
/// `1948-04-05`, `1948/4/5`, `1948年4月5日`. The first year of an era is `1` or `元`.
pub fn parse_date(text: &str, today: Date) -> Result<Date, DateError> {
    let text: String =
        text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    for era in ERAS.iter() {
        let rest = text.strip_prefix(era.name).or_else(|| text.strip_prefix(era.letter));
        if let Some(rest) = rest {
            return read_in_era(era, rest);
        }
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return read_digits(&text);
    }
    let (year, month, day) = split_parts(&text)?;
    if is_western_year(year) {
        return western(number(year)?, number(month)?, number(day)?);
    }
    let era = Era::of(today).ok_or(DateError::Unreadable)?;
    era.date(era_year(year)?, number(month)?, number(day)?)
}

/// Whether a year stands for itself. Three digits are neither an era's year nor one a living person remembers.
fn is_western_year(year: &str) -> bool {
    year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())
}

fn western(year: i16, month: i8, day: i8) -> Result<Date, DateError> {
    if year < 1 {
        return Err(DateError::NoSuchDay);
    }
    Date::new(year, month, day).map_err(|_| DateError::NoSuchDay)
}

fn read_in_era(era: &Era, rest: &str) -> Result<Date, DateError> {
    if rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_digit()) {
        return era.date(number(&rest[..2])?, number(&rest[2..4])?, number(&rest[4..])?);
    }
    let (year, month, day) = split_parts(rest)?;
    era.date(era_year(year)?, number(month)?, number(day)?)
}

fn read_digits(digits: &str) -> Result<Date, DateError> {
    match digits.len() {
        8 => western(number(&digits[..4])?, number(&digits[4..6])?, number(&digits[6..])?),
        7 => {
            let era = ERAS
                .iter()
                .find(|era| digits.starts_with(era.digit))
                .ok_or(DateError::Unreadable)?;
            read_in_era(era, &digits[1..])
        }
        _ => Err(DateError::Unreadable),
    }
}

/// Three parts, however they are parted.
fn split_parts(text: &str) -> Result<(&str, &str, &str), DateError> {
    let text = text.strip_suffix('日').unwrap_or(text);
    let is_mark = |c: char| {
        matches!(
            c,
            '.' | '/' | '-' | ',' | '、' | '。' | '・' | '年' | '月' | '−' | '‐' | '–' | 'ー'
        )
    };
    let mut parts = text.split(is_mark);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day), None) => Ok((year, month, day)),
        _ => Err(DateError::Unreadable),
    }
}

fn era_year(text: &str) -> Result<i16, DateError> {
    if text == "元" { Ok(1) } else { number(text) }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, DateError> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DateError::Unreadable);
    }
    // Digits alone fail only by being too large for a year, month or day.
    text.parse().map_err(|_| DateError::NoSuchDay)
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
