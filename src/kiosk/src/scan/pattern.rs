//! Patterns of patient cards, as configured.

use std::str::FromStr;

use ::settings::{InvalidValue, Within};
use serde::Deserialize;

use super::check::CheckDigit;

/// One kind of patient card, `[[scanner.cards]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct CardPattern {
    /// What the clinic calls it.
    pub name: String,
    /// Which bars or squares it is printed in.
    pub symbology: Symbology,
    /// What the payload looks like: characters that stand for themselves and `{number:5}`, `{number:4-8}`,
    /// `{check}`, `{skip:3}`.
    pub pattern: Template,
    /// How `{check}` is computed; there exactly when the pattern holds it.
    pub check: Option<CheckDigit>,
    /// From which characters it is computed; without it, from the number under the rules for digits and from
    /// everything under those of Code39 and NW-7, as those define it.
    pub covers: Option<Covers>,
    /// Digits of a number on the clinic's paper charts: what the card carries is brought to this width by
    /// adding or dropping leading zeros. Without it the number is taken as it stands.
    pub width: Option<Within<1, 20>>,
}

impl Default for CardPattern {
    fn default() -> Self {
        Self {
            name: "診察券".to_owned(),
            symbology: Symbology::Any,
            pattern: Template(vec![Part::Number { least: 4, most: 10 }]),
            check: None,
            covers: None,
            width: None,
        }
    }
}

/// As in the file.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    name: String,
    symbology: Symbology,
    pattern: Template,
    check: Option<CheckDigit>,
    covers: Option<Covers>,
    width: Option<Within<1, 20>>,
}

impl Default for Written {
    fn default() -> Self {
        let CardPattern { name, symbology, pattern, check, covers, width } = CardPattern::default();
        Self { name, symbology, pattern, check, covers, width }
    }
}

impl TryFrom<Written> for CardPattern {
    type Error = InvalidValue;

    fn try_from(written: Written) -> Result<Self, InvalidValue> {
        let Written { name, symbology, pattern, check, covers, width } = written;
        match (pattern.has_check(), check) {
            (true, None) => Err(InvalidValue::new(
                "has {check} in its pattern but does not say how to compute it",
                "add check = \"mod10w3\", \"luhn\", \"mod11\", \"mod16\" or \"mod43\"",
            )),
            (false, Some(_)) => Err(InvalidValue::new(
                "has a check digit but no place for it",
                "put {check} into the pattern, e.g. \"{number:5}{check}\"",
            )),
            _ => Ok(Self { name, symbology, pattern, check, covers, width }),
        }
    }
}

/// From which characters of a payload its check digit is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Covers {
    /// The patient number alone.
    Number,
    /// Everything but the check digit itself.
    All,
}

/// Kind of symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Symbology {
    /// Whatever the scanner reads.
    #[default]
    Any,
    /// Code39.
    Code39,
    /// NW-7 (Codabar), whose start and stop characters A to D are dropped.
    Nw7,
    /// Code128.
    Code128,
    /// QR code.
    Qr,
}

/// The shape of a payload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(pub(super) Vec<Part>);

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Characters that stand for themselves.
    Literal(String),
    /// Digits of the patient number.
    Number { least: usize, most: usize },
    /// The check digit.
    Check,
    /// Characters of any kind that say nothing about the patient number.
    Skip { least: usize, most: usize },
}

/// What a payload gave under a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) number: String,
    pub(super) check: Option<char>,
    /// The payload without its check digit.
    pub(super) rest: String,
}

const HINT: &str = "write e.g. \"{number:5}{check}\" or \"P-{number:4-8}\"";
const LONGEST_NUMBER: usize = 20;
const LONGEST_SKIP: usize = 200;

impl FromStr for Template {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            if open > 0 {
                parts.push(Part::Literal(rest[..open].to_owned()));
            }
            let close = rest[open..]
                .find('}')
                .ok_or_else(|| InvalidValue::new("has a { without its }", HINT))?;
            parts.push(part(&rest[open + 1..open + close])?);
            rest = &rest[open + close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        let numbers = parts.iter().filter(|p| matches!(p, Part::Number { .. })).count();
        if numbers != 1 {
            return Err(InvalidValue::new("must hold {number} exactly once", HINT));
        }
        if parts.iter().filter(|p| matches!(p, Part::Check)).count() > 1 {
            return Err(InvalidValue::new("holds {check} more than once", HINT));
        }
        Ok(Self(parts))
    }
}

impl TryFrom<String> for Template {
    type Error = InvalidValue;
    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

fn part(text: &str) -> Result<Part, InvalidValue> {
    let (name, range) = text.split_once(':').map_or((text, None), |(n, r)| (n, Some(r)));
    match (name, range) {
        ("check", None) => Ok(Part::Check),
        ("number", range) => {
            let (least, most) = bounds(range, LONGEST_NUMBER)?;
            Ok(Part::Number { least, most })
        }
        ("skip", range) => {
            let (least, most) = bounds(range, LONGEST_SKIP)?;
            Ok(Part::Skip { least, most })
        }
        _ => Err(InvalidValue::new(
            format!("holds {{{text}}}, which is none of {{number}}, {{check}}, {{skip}}"),
            HINT,
        )),
    }
}

fn bounds(range: Option<&str>, longest: usize) -> Result<(usize, usize), InvalidValue> {
    let Some(range) = range else { return Ok((1, longest)) };
    let (least, most) = range.split_once('-').unwrap_or((range, range));
    match (least.parse(), most.parse()) {
        (Ok(least), Ok(most)) if (1..=most).contains(&least) && most <= longest => {
            Ok((least, most))
        }
        _ => Err(InvalidValue::new(
            format!("holds the length {range}, which is not within 1 to {longest}"),
            HINT,
        )),
    }
}

impl Template {
    /// All ways in which `payload` fits, the longest number first.
    pub(super) fn fits(&self, payload: &str) -> Vec<Fit> {
        let chars: Vec<char> = payload.chars().collect();
        let mut found = Vec::new();
        let empty = Fit { number: String::new(), check: None, rest: String::new() };
        descend(&self.0, &chars, empty, &mut found);
        found
    }

    /// Whether a check digit is looked for.
    pub fn has_check(&self) -> bool {
        self.0.contains(&Part::Check)
    }
}

fn descend(parts: &[Part], chars: &[char], so_far: Fit, found: &mut Vec<Fit>) {
    let Some((part, parts)) = parts.split_first() else {
        if chars.is_empty() {
            found.push(so_far);
        }
        return;
    };
    match part {
        Part::Literal(text) => {
            let literal: Vec<char> = text.chars().collect();
            // Scanners differ in the case they send; a card's mark is the same in both.
            let same = chars.len() >= literal.len()
                && literal.iter().zip(chars).all(|(a, b)| a.eq_ignore_ascii_case(b));
            if same {
                let mut next = so_far;
                next.rest.extend(&chars[..literal.len()]);
                descend(parts, &chars[literal.len()..], next, found);
            }
        }
        Part::Check => {
            if let Some((check, chars)) = chars.split_first() {
                let next = Fit { check: Some(*check), ..so_far };
                descend(parts, chars, next, found);
            }
        }
        Part::Number { least, most } => {
            let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
            for length in (*least..=digits.min(*most)).rev() {
                let mut next = so_far.clone();
                next.number.extend(&chars[..length]);
                next.rest.extend(&chars[..length]);
                descend(parts, &chars[length..], next, found);
            }
        }
        Part::Skip { least, most } => {
            for length in (*least..=chars.len().min(*most)).rev() {
                let mut next = so_far.clone();
                next.rest.extend(&chars[..length]);
                descend(parts, &chars[length..], next, found);
            }
        }
    }
}
