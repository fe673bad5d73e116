//! The one error of this crate.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::locate::{self, Position};

/// Why a settings file is refused: where, what is wrong, what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    file: PathBuf,
    position: Option<Position>,
    what: String,
    hint: String,
}

impl SettingsError {
    /// The file as a whole is wrong.
    pub fn whole_file(file: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: file.to_owned(), position: None, what: what.into(), hint: hint.into() }
    }

    /// A rule between several settings is broken: `key` is the path of the one to change, as in
    /// `["receipt", "user"]`. `text` is the file's text; a key that it does not hold is placed at its table.
    pub fn at_key(
        file: &Path,
        text: &str,
        key: &[&str],
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let position = locate::key(text, key).map(|offset| Position::of(text, offset));
        Self { file: file.to_owned(), position, what: what.into(), hint: hint.into() }
    }

    pub(crate) fn at_offset(
        file: &Path,
        text: &str,
        offset: usize,
        what: String,
        hint: impl Into<String>,
    ) -> Self {
        let position = Some(Position::of(text, offset));
        Self { file: file.to_owned(), position, what, hint: hint.into() }
    }

    /// The file as it was named.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Line and column, when one place can be named.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// What is wrong.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What would be right.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}
