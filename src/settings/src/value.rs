//! Values that check themselves while they are read, so that the error names the line.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Parts what is wrong from what would be right in the one text that a reader's error can carry.
pub(crate) const MARK: char = '\u{1f}';

thread_local! {
    static BASE: RefCell<PathBuf> = const { RefCell::new(PathBuf::new()) };
}

/// While it lives, relative paths read on this thread start from its folder: a reader's value types are
/// given nothing but the text, and only here can a missing file still be told with its line.
pub(crate) struct BaseFolder(PathBuf);

impl BaseFolder {
    pub(crate) fn enter(folder: &Path) -> Self {
        Self(BASE.with(|base| base.replace(folder.to_owned())))
    }
}

impl Drop for BaseFolder {
    fn drop(&mut self) {
        BASE.with(|base| base.replace(std::mem::take(&mut self.0)));
    }
}

/// Why a text is not such a value: what is wrong ("is not …") and what would be right ("write e.g. …").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{MARK}{hint}")]
pub struct InvalidValue {
    /// Continues a sentence that begins with the setting's name: `is not a length of time`.
    pub what: String,
    /// `write e.g. "30s"`.
    pub hint: String,
}

impl InvalidValue {
    /// For value types of other rooms: `#[serde(try_from = "String")]` with this as the error.
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

fn text_of<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    String::deserialize(d)
}

macro_rules! from_text {
    ($type:ty) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                text_of(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Address of a service over HTTPS, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpsUrl(String);

/// Address of a WebSocket over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WssUrl(String);

impl HttpsUrl {
    /// The address without a slash at its end, so that paths beginning with one can be put behind it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WssUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for WssUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks as far as a slip of the hand goes; the network library has the last word.
fn checked_url(text: &str, scheme: &str, example: &str) -> Result<String, InvalidValue> {
    let hint = || format!("write e.g. \"{example}\"");
    let Some(rest) = text.strip_prefix(scheme) else {
        return Err(InvalidValue::new(format!("does not begin with {scheme}"), hint()));
    };
    let host_and_port = rest.split('/').next().unwrap_or_default();
    if host_and_port.contains('@') {
        return Err(InvalidValue::new(
            "holds a user name",
            "user and password have settings of their own",
        ));
    }
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.contains(']') => (host, Some(port)),
        _ => (host_and_port, None),
    };
    let host_ok =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(c));
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p > 0));
    if !host_ok || !port_ok || text.contains(['?', '#']) || text.contains(char::is_whitespace) {
        return Err(InvalidValue::new("is not an address of a service", hint()));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

impl FromStr for HttpsUrl {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        checked_url(text, "https://", "https://cloud.example.jp:8443").map(Self)
    }
}
from_text!(HttpsUrl);

impl FromStr for WssUrl {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        checked_url(text, "wss://", "wss://receipt.example.jp:9400/ws").map(Self)
    }
}
from_text!(WssUrl);

/// A length of time: `"500ms"`, `"30s"`, `"5m"`, `"12h"`, `"90d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

impl Period {
    /// From milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// From seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// As the standard library's type.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for Period {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let wrong = || {
            InvalidValue::new(
                "is not a length of time",
                "write e.g. \"30s\" (ms, s, m, h or d after a whole number)",
            )
        };
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
        let millis = match text[digits..].trim_start() {
            "ms" => Some(number),
            "s" => number.checked_mul(1000),
            "m" => number.checked_mul(60_000),
            "h" => number.checked_mul(3_600_000),
            "d" => number.checked_mul(86_400_000),
            _ => None,
        };
        millis.map(Self::from_millis).ok_or_else(wrong)
    }
}
from_text!(Period);

/// Address and port to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindAddr(SocketAddr);

impl BindAddr {
    /// As the standard library's type.
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}

impl From<SocketAddr> for BindAddr {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl FromStr for BindAddr {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        text.parse().map(Self).map_err(|_| {
            InvalidValue::new(
                "is not an address and port to listen on",
                "write e.g. \"0.0.0.0:8443\" (numbers, no host name)",
            )
        })
    }
}
from_text!(BindAddr);

/// A path; a relative one starts from the settings file's folder. Need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath(PathBuf);

impl FilePath {
    /// Takes the path as it is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path to open.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for FilePath {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        if text.trim().is_empty() || text.contains('\0') {
            return Err(InvalidValue::new(
                "is not a path",
                "write e.g. \"/etc/soegaki/ca.pem\", or remove the line",
            ));
        }
        Ok(Self(BASE.with(|base| base.borrow().join(text))))
    }
}
from_text!(FilePath);

/// A file that is there and can be read; relative as with [`FilePath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingFile(PathBuf);

impl ExistingFile {
    /// Takes the path as it is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path to open.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for ExistingFile {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let FilePath(path) = text.parse()?;
        let readable =
            std::fs::File::open(&path).and_then(|file| file.metadata()).map(|meta| meta.is_file());
        match readable {
            Ok(true) => Ok(Self(path)),
            Ok(false) => Err(InvalidValue::new(
                format!("is not a file ({})", path.display()),
                "write the path of a file",
            )),
            Err(e) => Err(InvalidValue::new(
                format!("names a file that cannot be read ({}: {e})", path.display()),
                "check the path; a relative one starts from this settings file's folder",
            )),
        }
    }
}
from_text!(ExistingFile);

/// A password or the like: never shown, wiped from memory at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over the text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        text_of(d).map(Self::new)
    }
}

/// A name: at least one visible character, at most 100, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text without blanks around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(InvalidValue::new("is empty", "write a text between the quotes"));
        }
        if trimmed.chars().count() > 100 || trimmed.contains(char::is_control) {
            return Err(InvalidValue::new(
                "is not a name",
                "write at most 100 characters on one line",
            ));
        }
        Ok(Self(trimmed.to_owned()))
    }
}
from_text!(Text);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A whole number between two bounds, both allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Within<const LEAST: i64, const MOST: i64>(i64);

impl<const LEAST: i64, const MOST: i64> Within<LEAST, MOST> {
    /// The number, brought within the bounds when it is outside; for numbers from code and command lines.
    pub const fn clamped(number: i64) -> Self {
        if number < LEAST {
            Self(LEAST)
        } else if number > MOST {
            Self(MOST)
        } else {
            Self(number)
        }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number for counting things; nothing below zero.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }

    /// The number for counting things; nothing below zero.
    pub fn as_u64(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }
}

impl<'de, const LEAST: i64, const MOST: i64> Deserialize<'de> for Within<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(d)?;
        if (LEAST..=MOST).contains(&number) {
            return Ok(Self(number));
        }
        Err(serde::de::Error::custom(InvalidValue::new(
            format!("is not between {LEAST} and {MOST}"),
            format!("write a whole number from {LEAST} to {MOST}"),
        )))
    }
}
