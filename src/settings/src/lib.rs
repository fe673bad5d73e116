//! Reading settings files (TOML) so that a wrong one is refused with the place and the remedy.
//!
//! A settings struct derives `Deserialize` with `#[serde(default, deny_unknown_fields)]` and uses the value
//! types of [`value`] for what plain types cannot check. [`read`] and [`parse`] then give either the struct
//! or a [`SettingsError`] that reads `config/kiosk.toml:12:9: 'poll' is not a length of time; write e.g. "30s"`.

mod error;
mod explain;
mod locate;
pub mod value;

use std::path::Path;

use serde::de::DeserializeOwned;

pub use error::SettingsError;
pub use locate::Position;
pub use value::{
    BindAddr, ExistingFile, FilePath, HttpsUrl, InvalidValue, Period, Secret, Text, Within, WssUrl,
};

/// Largest settings file; a bigger one is surely another file.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Reads a settings file. Relative paths in it are taken from the file's own folder.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, SettingsError> {
    parse(&read_text(path)?, path)
}

/// Reads the text of a settings file, for callers who check further (see [`SettingsError::at_key`]).
pub fn read_text(path: &Path) -> Result<String, SettingsError> {
    let whole = |what: String, hint: &str| SettingsError::whole_file(path, what, hint);
    let meta = std::fs::metadata(path).map_err(|e| {
        whole(format!("the file cannot be read ({e})"), "check the path and the file's permissions")
    })?;
    if !meta.is_file() || meta.len() > LARGEST_FILE {
        return Err(whole(
            "this is not a settings file".to_owned(),
            "give the path of a TOML file such as config/kiosk.toml",
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| {
        whole(format!("the file cannot be read ({e})"), "check the path and the file's permissions")
    })?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let head = String::from_utf8_lossy(&e.as_bytes()[..good]).into_owned();
        SettingsError::at_offset(
            path,
            &head,
            good,
            "the text is not UTF-8 from here on".to_owned(),
            "save the file as UTF-8",
        )
    })?;
    // Windows editors put a byte-order mark in front.
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

/// Reads settings from a text; `file` names it in errors and gives the folder that relative paths start from.
pub fn parse<T: DeserializeOwned>(text: &str, file: impl AsRef<Path>) -> Result<T, SettingsError> {
    let file = file.as_ref();
    let _base = value::BaseFolder::enter(file.parent().unwrap_or(Path::new("")));
    toml::from_str(text).map_err(|e| explain::explain(&e, text, file))
}

/// The text with every commented setting switched on: `#name = value` and `#[table]` (no blank after the
/// mark) lose the mark, prose (`# …`) stays. A program's tests use it to keep the shipped file, which shows
/// each setting with its default, equal to the defaults in the code.
pub fn uncommented(text: &str) -> String {
    let switched = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '[') => {
            rest.to_owned()
        }
        _ => line.to_owned(),
    };
    text.lines().map(|line| switched(line) + "\n").collect()
}

#[cfg(test)]
mod tests;
