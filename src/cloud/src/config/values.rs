//! Values of the settings that check themselves while they are read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use settings::{FilePath, InvalidValue, Period, Secret};
use zeroize::Zeroizing;

use super::ConfigError;

pub(super) fn read_secret(path: &Path) -> Result<Secret, ConfigError> {
    let text = read_file(path)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, ConfigError> {
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })
}

/// PEM text: the path of a file, or the text itself where it begins with `-----BEGIN`.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    /// In a file.
    File(PathBuf),
    /// Right here.
    Text(Zeroizing<String>),
}

impl Pem {
    /// PEM text that a program already holds.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Zeroizing::new(text.into()))
    }

    /// The text, from wherever it is kept.
    pub fn read(&self) -> Result<Zeroizing<String>, ConfigError> {
        let path = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::File(path) => path,
        };
        let text = read_file(path)?;
        if text.contains("-----BEGIN") {
            return Ok(text);
        }
        let what = "this is not PEM text; it must hold lines like -----BEGIN CERTIFICATE-----";
        Err(ConfigError::Content { path: path.clone(), what: what.to_owned() })
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Text(_) => f.write_str("PEM text"),
        }
    }
}

impl FromStr for Pem {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        if text.trim_start().starts_with("-----BEGIN") {
            return Ok(Self::text(text));
        }
        let path: FilePath = text.parse()?;
        Ok(Self::File(path.as_path().to_owned()))
    }
}

/// URL of the database; may hold a password and is therefore never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub(super) Zeroizing<String>);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.split(':').next().unwrap_or_default())
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            // Like every path of the settings it starts from the settings file's folder.
            let path: FilePath = path.parse()?;
            return Ok(Self(Zeroizing::new(format!("sqlite:{}", path.as_path().display()))));
        }
        let known = ["postgres://", "postgresql://"];
        if known.iter().any(|start| text.len() > start.len() && text.starts_with(start)) {
            return Ok(Self(Zeroizing::new(text.to_owned())));
        }
        Err(InvalidValue::new(
            "is not a database URL",
            "write e.g. \"sqlite:soegaki.sqlite3\" or \"postgres://soegaki@localhost/soegaki\"",
        ))
    }
}

/// A length of time of at least `LEAST` and at most `MOST` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lasting<const LEAST: u64, const MOST: u64>(Period);

impl<const LEAST: u64, const MOST: u64> Lasting<LEAST, MOST> {
    /// From seconds, brought within the bounds.
    pub fn secs(secs: u64) -> Self {
        Self(Period::from_secs(secs.clamp(LEAST, MOST)))
    }

    /// The length.
    pub fn get(self) -> Duration {
        self.0.get()
    }
}

impl<const LEAST: u64, const MOST: u64> FromStr for Lasting<LEAST, MOST> {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let period: Period = text.parse()?;
        if (Duration::from_secs(LEAST)..=Duration::from_secs(MOST)).contains(&period.get()) {
            return Ok(Self(period));
        }
        let (least, most) = (spell(LEAST), spell(MOST));
        Err(InvalidValue::new(
            format!("is not between {least} and {most}"),
            format!("write e.g. \"{most}\""),
        ))
    }
}

fn spell(seconds: u64) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

macro_rules! from_text {
    ($name:ty $(, const $bound:ident)*) => {
        impl<'de, $(const $bound: u64),*> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
from_text!(Pem);
from_text!(DatabaseUrl);
from_text!(Lasting<LEAST, MOST>, const LEAST, const MOST);
