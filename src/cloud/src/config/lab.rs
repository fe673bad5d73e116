//! Settings of the links to laboratory companies.

use exchange::hl7v2::Charset;
use serde::Deserialize;
use settings::{FilePath, HttpsUrl, InvalidValue, Secret, Text};

use super::values::read_secret;
use super::{ConfigError, Lasting, Pem, Rule};

/// Link to one institution's laboratory company (検査会社): over HTTPS, or by files in a folder.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabLink {
    /// Code of the institution in this service.
    pub institution: Text,
    /// Name of the laboratory as people here read it.
    pub name: Text,
    /// The clinic's ten digits of the 医療機関コード with prefecture and kind, by which the laboratory knows it.
    pub facility: Text,
    /// The laboratory's own code (MSH-6), where it wants one.
    #[serde(default)]
    pub lab_code: Option<Text>,
    /// How our messages are written; the laboratory's say it themselves.
    #[serde(default)]
    pub charset: LabCharset,
    /// Base of its service, for messages over HTTPS.
    #[serde(default)]
    pub base_url: Option<HttpsUrl>,
    /// Folder with `orders` and `results` in it, for messages as files.
    #[serde(default)]
    pub folder: Option<FilePath>,
    /// User at its service.
    #[serde(default)]
    pub user: Option<Text>,
    /// The user's password; prefer `password_file`.
    #[serde(default)]
    pub password: Option<Secret>,
    /// File that holds nothing but the password.
    #[serde(default)]
    pub password_file: Option<FilePath>,
    /// Certificates that may have signed the laboratory's; the operating system's own when absent.
    #[serde(default)]
    pub ca: Option<Pem>,
    /// Our certificate and its private key, together as PEM.
    #[serde(default)]
    pub client_identity: Option<Pem>,
    /// Longest wait for one answer.
    #[serde(default = "thirty_seconds")]
    pub timeout: Lasting<1, 120>,
    /// Results are asked for this often.
    #[serde(default = "one_minute")]
    pub poll_every: Lasting<1, 3_600>,
}

/// How messages to a laboratory are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabCharset {
    /// UTF-8: carries every name.
    #[default]
    Utf8,
    /// ISO-2022-JP with JIS X 0208 (ISO IR87), which older laboratories want: what it lacks becomes 〓.
    Jis,
}

impl From<LabCharset> for Charset {
    fn from(charset: LabCharset) -> Self {
        match charset {
            LabCharset::Utf8 => Self::Utf8,
            LabCharset::Jis => Self::Jis,
        }
    }
}

fn thirty_seconds() -> Lasting<1, 120> {
    Lasting::secs(30)
}

fn one_minute() -> Lasting<1, 3_600> {
    Lasting::secs(60)
}

impl LabLink {
    /// A link over HTTPS with every optional setting at its default.
    pub fn https(
        institution: &str,
        name: &str,
        facility: &str,
        base_url: &str,
    ) -> Result<Self, InvalidValue> {
        let base_url = Some(base_url.parse()?);
        Ok(Self { base_url, ..Self::new(institution, name, facility)? })
    }

    /// A link by files with every optional setting at its default.
    pub fn files(
        institution: &str,
        name: &str,
        facility: &str,
        folder: impl Into<std::path::PathBuf>,
    ) -> Result<Self, InvalidValue> {
        let folder = Some(FilePath::new(folder));
        Ok(Self { folder, ..Self::new(institution, name, facility)? })
    }

    fn new(institution: &str, name: &str, facility: &str) -> Result<Self, InvalidValue> {
        Ok(Self {
            institution: institution.parse()?,
            name: name.parse()?,
            facility: facility.parse()?,
            lab_code: None,
            charset: LabCharset::default(),
            base_url: None,
            folder: None,
            user: None,
            password: None,
            password_file: None,
            ca: None,
            client_identity: None,
            timeout: thirty_seconds(),
            poll_every: one_minute(),
        })
    }

    /// The password, from wherever it is kept; empty without one.
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        match (&self.password, &self.password_file) {
            (Some(secret), _) => Ok(secret.clone()),
            (None, Some(path)) => read_secret(path.as_path()),
            (None, None) => Ok(Secret::new(String::new())),
        }
    }

    /// Whether the laboratory could not tell the two apart.
    fn shares_its_door(&self, other: &Self) -> bool {
        let folder = self.folder.is_some() && self.folder == other.folder;
        let service = self.base_url.is_some() && self.base_url == other.base_url;
        folder
            || (service && self.user == other.user && self.client_identity == other.client_identity)
    }

    pub(super) fn check_files(&self) -> Result<(), ConfigError> {
        self.secret()?;
        for pem in [&self.ca, &self.client_identity].into_iter().flatten() {
            pem.read()?;
        }
        Ok(())
    }
}

/// Rules between the settings of the links.
pub(super) fn rules(links: &[LabLink]) -> Result<(), Rule> {
    for (n, link) in links.iter().enumerate() {
        let name = link.institution.as_str();
        let broken =
            |key: &'static str, what: String, hint| Err(Rule { key: vec!["lab", key], what, hint });
        if links.iter().take(n).any(|other| other.institution == link.institution) {
            let what = format!("two laboratories name the institution '{name}'");
            return broken("institution", what, "keep one of them");
        }
        if let Some(other) = links.iter().take(n).find(|other| link.shares_its_door(other)) {
            let other = other.institution.as_str();
            let what = format!("'{name}' and '{other}' would fetch each other's results");
            let hint = "give each institution a folder, or a user at the laboratory, of its own";
            return broken(if link.folder.is_some() { "folder" } else { "base_url" }, what, hint);
        }
        let facility = link.facility.as_str();
        if facility.len() != 10 || !facility.bytes().all(|b| b.is_ascii_digit()) {
            let what = format!("the facility of '{name}' is not of ten digits");
            let hint = "write prefecture (2), kind (1) and 医療機関コード (7), e.g. \"1311234567\"";
            return broken("facility", what, hint);
        }
        if link.base_url.is_some() == link.folder.is_some() {
            let what = format!("the laboratory of '{name}' wants either base_url or folder");
            return broken("base_url", what, "write one of the two");
        }
        let secrets =
            usize::from(link.password.is_some()) + usize::from(link.password_file.is_some());
        if secrets != usize::from(link.user.is_some()) {
            let what =
                format!("the laboratory of '{name}' wants a user and one password, or neither");
            let hint = "write user and password_file = \"/etc/soegaki/lab.password\"";
            return broken("user", what, hint);
        }
    }
    Ok(())
}
