//! What `config/kiosk.toml` says about the scanner.

use std::str::FromStr;
use std::time::Duration;

use ::settings::{InvalidValue, Within};
use egui::Key;
use serde::Deserialize;

use super::pattern::CardPattern;

/// The scanner's settings, `[scanner]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scanner {
    /// Keys that follow each other within this many milliseconds may be a scan.
    pub max_gap_ms: Within<10, 200>,
    /// A burst shorter than this is typing; behind the prefix, nothing is.
    pub min_length: Within<2, 40>,
    /// What the scanner is programmed to send first: a key (`F13`, `Ctrl+B`) or a character. With it, typed
    /// text need not be held back to find out whether it is a scan.
    pub prefix: Option<Mark>,
    /// What the scanner sends last; any of them ends a scan. With none, the pause behind the code does.
    pub suffix: Vec<Mark>,
    /// What the codes look like; the first that fits counts.
    pub cards: Vec<CardPattern>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            max_gap_ms: Within::clamped(35),
            min_length: Within::clamped(4),
            prefix: None,
            suffix: vec![Mark::key(Key::Enter), Mark::key(Key::Tab)],
            cards: vec![CardPattern::default()],
        }
    }
}

impl Scanner {
    /// [`Scanner::max_gap_ms`] as a duration.
    pub fn max_gap(&self) -> Duration {
        Duration::from_millis(self.max_gap_ms.as_u64())
    }
}

/// A prefix or suffix of the scanner: a key, with or without Ctrl, or a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Mark {
    /// A key.
    Key {
        /// Which.
        key: Key,
        /// Whether Ctrl is held, as scanners send control characters: STX is Ctrl+B.
        ctrl: bool,
    },
    /// A character.
    Character(char),
}

impl Mark {
    /// A plain key.
    pub fn key(key: Key) -> Self {
        Self::Key { key, ctrl: false }
    }

    pub(super) fn character(self) -> Option<char> {
        match self {
            Self::Character(c) => Some(c),
            Self::Key { .. } => None,
        }
    }
}

impl FromStr for Mark {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        const HINT: &str = "write e.g. \"F13\", \"Ctrl+B\" or \"~\"";
        if text.is_empty() {
            return Err(InvalidValue::new("is empty", HINT));
        }
        if let Some(name) = text.strip_prefix("Ctrl+") {
            let key = Key::from_name(name)
                .ok_or_else(|| InvalidValue::new("names no key after Ctrl+", HINT))?;
            return Ok(Self::Key { key, ctrl: true });
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if c.is_alphanumeric() => {
                Err(InvalidValue::new("is a character that codes themselves hold", HINT))
            }
            (Some(c), None) => Ok(Self::Character(c)),
            _ => Key::from_name(text)
                .map(Self::key)
                .ok_or_else(|| InvalidValue::new("is neither a key nor one character", HINT)),
        }
    }
}

impl TryFrom<String> for Mark {
    type Error = InvalidValue;
    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}
