//! A terminal's settings: `kiosk.toml`. Every setting has a default; the shipped file shows them all.

pub mod places;
mod printers;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use settings::{ExistingFile, FilePath, HttpsUrl, SettingsError, Text, Within};

pub use crate::scan::{CardPattern, Scanner};
pub use printers::{
    DaySheetPaper, FirstSticker, LabelForm, LabelPaper, PAPERS, Papers, PrinterConfig,
    ResultsPaper, StickerPaper,
};

/// All settings of a terminal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The institution's code in the service.
    pub institution: Text,
    /// This terminal's name, for the audit log.
    pub terminal: Text,
    /// Where the terminal stands.
    pub desk: Desk,
    /// The cloud.
    pub server: Server,
    /// How the window looks.
    pub window: Window,
    /// The card scanner, and what the cards carry.
    pub scanner: Scanner,
    /// What the terminal keeps.
    pub local: Local,
    /// The printers.
    pub printers: Vec<PrinterConfig>,
    /// Which paper goes where.
    pub papers: Papers,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            institution: text("clinic"),
            terminal: text("受付1"),
            desk: Desk::default(),
            server: Server::default(),
            window: Window::default(),
            scanner: Scanner::default(),
            local: Local::default(),
            printers: Vec::new(),
            papers: Papers::default(),
        }
    }
}

impl Config {
    /// Reads and checks a settings file.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = settings::read_text(path)?;
        Self::parse(&text, path)
    }

    /// Reads and checks the text of a settings file.
    pub fn parse(text: &str, file: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let file = file.as_ref();
        let config: Self = settings::parse(text, file)?;
        if config.scanner.prefix.as_ref().is_some_and(|key| config.scanner.suffix.contains(key)) {
            return Err(SettingsError::at_key(
                file,
                text,
                &["scanner", "prefix"],
                "'scanner.prefix' is one of 'scanner.suffix'",
                "set the scanner to two different keys, e.g. prefix = \"F13\", suffix = [\"Enter\"]",
            ));
        }
        if let Some(why) = config.server.ca_trouble() {
            return Err(SettingsError::at_key(
                file,
                text,
                &["server", "ca"],
                format!("'server.ca' names a file that holds no certificate ({why})"),
                "give a PEM file, with a line -----BEGIN CERTIFICATE----- in it",
            ));
        }
        printers::check(&config.printers, &config.papers, file, text)?;
        Ok(config)
    }
}

/// Which desk the terminal stands on: a word in the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    /// 受付.
    #[default]
    Reception,
    /// 診察室.
    Consulting,
    /// 採血台.
    Samples,
}

/// Where the cloud is and how it is known to be the right one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Its address.
    pub url: HttpsUrl,
    /// PEM file with the authority that the cloud's certificate must come from; without it, the authorities
    /// that the operating system trusts.
    pub ca: Option<ExistingFile>,
    /// The same as text, set by the program where it starts the cloud itself; wins over the file.
    #[serde(skip)]
    pub ca_pem: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        let url = "https://localhost:8443".parse().expect("a literal address");
        Self { url, ca: None, ca_pem: None }
    }
}

impl Server {
    /// The authority's certificates as text; `None` to trust those that the operating system trusts.
    pub fn ca_pem(&self) -> std::io::Result<Option<String>> {
        if self.ca_pem.is_some() {
            return Ok(self.ca_pem.clone());
        }
        self.ca.as_ref().map(|file| std::fs::read_to_string(file.as_path())).transpose()
    }

    /// What is wrong with the authority's file, if something is.
    fn ca_trouble(&self) -> Option<String> {
        let pem = match self.ca_pem() {
            Ok(pem) => pem?,
            Err(e) => return Some(e.to_string()),
        };
        match reqwest::Certificate::from_pem_bundle(pem.as_bytes()) {
            Ok(certificates) if certificates.is_empty() => Some("none found".to_owned()),
            Ok(_) => None,
            Err(e) => Some(e.to_string()),
        }
    }
}

/// How the window looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Window {
    /// Language of the screens.
    pub lang: Lang,
    /// Size of everything in percent, until somebody at this terminal chooses another.
    pub scale: Scale,
    /// Colours.
    pub theme: Theme,
    /// Without frame, over the whole screen.
    pub fullscreen: bool,
}

/// Percent of the designed size.
pub type Scale = Within<100, 200>;

impl Default for Window {
    fn default() -> Self {
        Self {
            lang: Lang::default(),
            scale: Scale::clamped(100),
            theme: Theme::default(),
            fullscreen: false,
        }
    }
}

/// Language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

/// Colours of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Ink on paper white.
    #[default]
    Light,
    /// Highest contrast.
    Contrast,
}

/// What the terminal keeps, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Local {
    /// Folder of the cache; without it the user's own data folder, see [`places::data_dir`].
    pub dir: Option<FilePath>,
    /// Patients kept, the latest opened; older ones are dropped.
    pub patients: Patients,
    /// Whether the key may be kept in the operating system's keyring; otherwise it is a file that the user
    /// alone can read.
    pub keyring: Keyring,
}

/// How many patients the cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Patients(pub Within<0, 2000>);

impl Default for Patients {
    fn default() -> Self {
        Self(Within::clamped(300))
    }
}

/// Where the key of the cache is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyring {
    /// In the keyring where there is one, else in a file.
    #[default]
    Auto,
    /// In a file.
    File,
}

impl Local {
    /// The folder to use.
    pub fn folder(&self) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.as_path().to_owned()).or_else(places::data_dir)
    }
}

fn text(literal: &str) -> Text {
    literal.parse().expect("a literal name")
}

#[cfg(test)]
mod tests;
