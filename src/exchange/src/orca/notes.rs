//! Reading values out of nodes, and noting what could not be used.

use jiff::civil::{Date, Time};

use super::error::OrcaError;
use super::node::Node;
pub use crate::warning::Warning;

/// Collects warnings while a message is read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    place: Vec<String>,
    list: Vec<Warning>,
}

impl Notes {
    pub fn into_warnings(self) -> Vec<Warning> {
        self.list
    }

    /// Reads something inside `name`.
    pub fn within<T>(&mut self, name: impl Into<String>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(name.into());
        let value = read(self);
        self.place.pop();
        value
    }

    /// Reads each row of an array field.
    pub fn rows<T>(
        &mut self,
        node: &Node,
        name: &str,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        node.rows(name)
            .enumerate()
            .filter_map(|(at, row)| {
                self.within(format!("{name}[{}]", at + 1), |notes| read(notes, row))
            })
            .collect()
    }

    pub fn warn(&mut self, name: &str, reason: &str) {
        let mut place = self.place.join("/");
        if !place.is_empty() && !name.is_empty() {
            place.push('/');
        }
        place.push_str(name);
        self.list.push(Warning { place, reason: reason.to_owned() });
    }

    /// A date field; what is no date is noted and `None`.
    pub fn date(&mut self, node: &Node, name: &str) -> Option<Date> {
        date(node.text(name)).unwrap_or_else(|reason| {
            self.warn(name, reason);
            None
        })
    }

    /// A birth date: nobody alive was born before 1850.
    pub fn birth_date(&mut self, node: &Node, name: &str) -> Option<Date> {
        let date = self.date(node, name)?;
        if date.year() < 1850 {
            self.warn(name, "an impossible birth date");
            return None;
        }
        Some(date)
    }

    /// A time field; what is no time is noted and `None`.
    pub fn time(&mut self, node: &Node, name: &str) -> Option<Time> {
        time(node.text(name)).unwrap_or_else(|reason| {
            self.warn(name, reason);
            None
        })
    }

    /// A count, padded with zeros or blanks.
    pub fn count(&mut self, node: &Node, name: &str) -> Option<u32> {
        let text = node.text(name);
        if text.is_empty() {
            return None;
        }
        let count = text.parse().ok();
        if count.is_none() {
            self.warn(name, "not a count");
        }
        count
    }
}

/// `YYYY-MM-DD` or `YYYYMMDD`. Blank, all zeros and all nines are "none", and so is the far end 9999-12-31.
pub(crate) fn date(text: &str) -> Result<Option<Date>, &'static str> {
    let digits: Vec<u8> = match text.as_bytes() {
        [] => return Ok(None),
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => [y, &[*m1, *m2, *d1, *d2]].concat(),
        plain if plain.len() == 8 => plain.to_vec(),
        _ => return Err("not a date"),
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err("not a date");
    }
    if digits.iter().all(|d| *d == b'0') || digits.starts_with(b"9999") {
        return Ok(None);
    }
    let number = |part: &[u8]| part.iter().fold(0_i16, |n, d| n * 10 + i16::from(d - b'0'));
    let small = |part: &[u8]| i8::try_from(number(part)).unwrap_or(0);
    let year = number(&digits[..4]);
    if year == 0 {
        return Err("an impossible date");
    }
    Date::new(year, small(&digits[4..6]), small(&digits[6..]))
        .map(Some)
        .map_err(|_| "an impossible date")
}

/// `HH:MM:SS` or `HH:MM`; blank is "none".
pub(crate) fn time(text: &str) -> Result<Option<Time>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = [0_i8; 3];
    let mut given = 0;
    for part in text.split(':') {
        let two_digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if given == 3 || !two_digits {
            return Err("not a time");
        }
        parts[given] = part.parse().map_err(|_| "not a time")?;
        given += 1;
    }
    if given < 2 {
        return Err("not a time");
    }
    Time::new(parts[0], parts[1], parts[2], 0).map(Some).map_err(|_| "an impossible time")
}

/// A date field of a request; `None` when blank.
pub(crate) fn asked_date(node: &Node, name: &str) -> Result<Option<Date>, OrcaError> {
    date(node.text(name)).map_err(|reason| OrcaError::bad(name, reason))
}

/// A time field of a request; `None` when blank.
pub(crate) fn asked_time(node: &Node, name: &str) -> Result<Option<Time>, OrcaError> {
    time(node.text(name)).map_err(|reason| OrcaError::bad(name, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn dates_as_the_receipt_computer_writes_them() {
        assert_eq!(date("2017-06-28"), Ok(Some(day(2017, 6, 28))));
        assert_eq!(date("20170628"), Ok(Some(day(2017, 6, 28))));
        for none in ["", "0000-00-00", "00000000", "9999-12-31", "99999999"] {
            assert_eq!(date(none), Ok(None), "{none}");
        }
        for wrong in ["1975-02-30", "1975-13-01", "0000-01-01", "1975-00-10"] {
            assert_eq!(date(wrong), Err("an impossible date"), "{wrong}");
        }
        for wrong in ["1975/02/03", "75-02-03", "昭和50年", "1975-2-3", "abcd-ef-gh", "２０１７"]
        {
            assert_eq!(date(wrong), Err("not a date"), "{wrong}");
        }
    }

    #[test]
    fn times_as_the_receipt_computer_writes_them() {
        assert_eq!(time("08:44:05"), Ok(Some(Time::constant(8, 44, 5, 0))));
        assert_eq!(time("08:44"), Ok(Some(Time::constant(8, 44, 0, 0))));
        assert_eq!(time(""), Ok(None));
        assert_eq!(time("24:00:00"), Err("an impossible time"));
        for wrong in ["8", "8:4", "08:44:05:01", "０８:４４", "+8:+4"] {
            assert_eq!(time(wrong), Err("not a time"), "{wrong}");
        }
    }

    #[test]
    fn places_are_paths() {
        let row = Node::Record(vec![("BirthDate".into(), Node::string("1975-02-30"))]);
        let list = Node::Record(vec![("L".into(), Node::Array(vec![row]))]);
        let mut notes = Notes::default();
        notes.rows(&list, "L", |notes, row| notes.birth_date(row, "BirthDate"));
        let warnings = notes.into_warnings();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].place, "L[1]/BirthDate");
    }
}
