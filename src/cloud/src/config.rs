//! Settings of the service: `config/cloud.toml`, where every setting stands with its default.

mod lab;
mod values;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use settings::{
    BindAddr, FilePath, HttpsUrl, InvalidValue, Secret, SettingsError, Text, Within, WssUrl,
};
use zeroize::Zeroizing;

pub use lab::{LabCharset, LabLink};
use values::read_secret;
pub use values::{DatabaseUrl, Lasting, Pem};

/// Settings of the service.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where terminals connect.
    pub listen: Listen,
    /// Where the records are kept.
    pub database: Database,
    /// How long a sign-in lasts.
    pub session: Session,
    /// What the service writes about its own work.
    pub log: Log,
    /// Links to receipt computers, one an institution.
    pub receipt: Vec<ReceiptLink>,
    /// Links to laboratory companies, one an institution.
    pub lab: Vec<LabLink>,
}

/// Where terminals connect. TLS 1.3 always; there is no plain HTTP.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    pub address: BindAddr,
    /// The server's certificate, then those that signed it.
    pub certificate: Pem,
    /// Its private key.
    pub private_key: Pem,
    /// Largest body of a request in bytes. Never smaller than the longest entry, which would be refused for good.
    pub body_limit: Within<32_768, 1_048_576>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: BindAddr::from(std::net::SocketAddr::from(([127, 0, 0, 1], 8443))),
            certificate: Pem::File("tls/server.pem".into()),
            private_key: Pem::File("tls/server.key".into()),
            body_limit: Within::clamped(65_536),
        }
    }
}

/// Where the records are kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://USER@HOST/NAME`.
    pub url: DatabaseUrl,
    /// Reads the whole URL from a file instead, since it may hold a password.
    pub url_file: Option<FilePath>,
    /// Whether `serve` brings the tables up to date first. SQLite is always brought up to date.
    pub migrate_at_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        let url = DatabaseUrl(Zeroizing::new("sqlite:soegaki.sqlite3".to_owned()));
        Self { url, url_file: None, migrate_at_start: false }
    }
}

/// How long a sign-in lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// Ends after this long without a request.
    pub idle: Lasting<60, 86_400>,
    /// Ends after this long whatever happens.
    pub absolute: Lasting<60, 86_400>,
}

impl Default for Session {
    fn default() -> Self {
        Self { idle: Lasting::secs(1800), absolute: Lasting::secs(43_200) }
    }
}

/// What the service writes about its own work. It never holds a patient's data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// One line of text or one JSON object an event.
    pub format: LogFormat,
    /// From which level on.
    pub level: LogLevel,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For eyes.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// From which level on the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Faults of the service.
    Error,
    /// And what a person should look at.
    Warn,
    /// And every request.
    #[default]
    Info,
    /// And every exchange with an outside service.
    Debug,
}

/// Link to one institution's receipt computer (日レセ / WebORCA).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLink {
    /// Code of the institution in this service.
    pub institution: Text,
    /// Base of its API, `/api` included where it has that.
    pub base_url: HttpsUrl,
    /// Its push service; without it the list is only polled.
    #[serde(default)]
    pub push_url: Option<WssUrl>,
    /// Sent as `X-GINBEE-TENANT-ID`, which a push service on the clinic's own premises wants.
    #[serde(default)]
    pub push_tenant: Option<Text>,
    /// User of the API.
    pub user: Text,
    /// The user's password or API key; prefer `password_file`.
    #[serde(default)]
    pub password: Option<Secret>,
    /// File that holds nothing but the password.
    #[serde(default)]
    pub password_file: Option<FilePath>,
    /// Certificates that may have signed the receipt computer's; the operating system's own when absent.
    #[serde(default)]
    pub ca: Option<Pem>,
    /// Our certificate and its private key, together as PEM.
    #[serde(default)]
    pub client_identity: Option<Pem>,
    /// Longest wait for one answer.
    #[serde(default = "thirty_seconds")]
    pub timeout: Lasting<1, 120>,
    /// The reception list is read at least this often, push or not.
    #[serde(default = "thirty_seconds")]
    pub reconcile_every: Lasting<1, 120>,
    /// First day on which a patient may have been registered: the import of all patients begins there.
    #[serde(default = "patients_since")]
    pub patients_since: jiff::civil::Date,
}

fn thirty_seconds() -> Lasting<1, 120> {
    Lasting::secs(30)
}

fn patients_since() -> jiff::civil::Date {
    jiff::civil::date(1990, 1, 1)
}

impl ReceiptLink {
    /// A link with every optional setting at its default.
    pub fn new(
        institution: &str,
        base_url: &str,
        user: &str,
        password: &str,
    ) -> Result<Self, InvalidValue> {
        Ok(Self {
            institution: institution.parse()?,
            base_url: base_url.parse()?,
            push_url: None,
            push_tenant: None,
            user: user.parse()?,
            password: Some(Secret::new(password.to_owned())),
            password_file: None,
            ca: None,
            client_identity: None,
            timeout: thirty_seconds(),
            reconcile_every: thirty_seconds(),
            patients_since: patients_since(),
        })
    }

    /// The password, from wherever it is kept.
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        match (&self.password, &self.password_file) {
            (Some(secret), _) => Ok(secret.clone()),
            (None, Some(path)) => read_secret(path.as_path()),
            (None, None) => Ok(Secret::new(String::new())),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read or a value in it is wrong: says where, and what would be right.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A file named by a setting cannot be read.
    #[error("{path}: {source}; check that the file is there and that this user may read it")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file named by a setting holds something else.
    #[error("{path}: {what}", path = path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong, what would be right.
        what: String,
    },
    /// Values that are right alone are wrong together.
    #[error("{key}: {what}; {hint}", key = .0.key.join("."), what = .0.what, hint = .0.hint)]
    Rule(Rule),
}

/// A rule between settings that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Path of the setting to change.
    pub key: Vec<&'static str>,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub hint: &'static str,
}

impl Config {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = settings::read_text(path)?;
        let config: Self = settings::parse(&text, path)?;
        match config.check() {
            Err(ConfigError::Rule(rule)) => {
                Err(SettingsError::at_key(path, &text, &rule.key, rule.what, rule.hint).into())
            }
            Err(other) => Err(other),
            Ok(()) => Ok(config),
        }
    }

    /// Settings of a service for this machine alone, on a free port: for a demonstration or a test that
    /// makes its own certificate (PEM texts) and database.
    pub fn on_loopback(
        database: &str,
        certificate: &str,
        private_key: &str,
    ) -> Result<Self, InvalidValue> {
        let mut config = Self::default();
        config.listen.address = "127.0.0.1:0".parse()?;
        config.listen.certificate = Pem::text(certificate);
        config.listen.private_key = Pem::text(private_key);
        config.database.url = database.parse()?;
        config.database.migrate_at_start = true;
        Ok(config)
    }

    /// The database's URL of a file, for commands that need nothing else of it.
    pub fn read_database_url(path: &Path) -> Result<Zeroizing<String>, ConfigError> {
        settings::read::<Self>(path)?.database_url()
    }

    /// Checks what a single value cannot tell: values that must fit together, files that must be there.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.rules().map_err(ConfigError::Rule)?;
        self.listen.certificate.read()?;
        self.listen.private_key.read()?;
        self.database_url()?;
        for link in &self.receipt {
            link.secret()?;
            for pem in [&link.ca, &link.client_identity].into_iter().flatten() {
                pem.read()?;
            }
        }
        self.lab.iter().try_for_each(LabLink::check_files)
    }

    fn rules(&self) -> Result<(), Rule> {
        let broken =
            |key: &[&'static str], what: String, hint| Err(Rule { key: key.to_vec(), what, hint });
        if self.session.idle > self.session.absolute {
            let what = "is longer than session.absolute".to_owned();
            let hint = "write e.g. idle = \"30m\" and absolute = \"12h\"";
            return broken(&["session", "idle"], format!("'idle' {what}"), hint);
        }
        for (n, link) in self.receipt.iter().enumerate() {
            let name = link.institution.as_str();
            if self.receipt.iter().take(n).any(|other| other.institution == link.institution) {
                let what = format!("two links name the institution '{name}'");
                return broken(&["receipt", "institution"], what, "keep one of them");
            }
            if link.password.is_some() == link.password_file.is_some() {
                let what = format!("the link of '{name}' wants exactly one password");
                let hint =
                    "write password_file = \"/etc/soegaki/receipt.password\" and no password";
                return broken(&["receipt", "password_file"], what, hint);
            }
        }
        lab::rules(&self.lab)
    }

    /// The database's URL, from wherever it is kept.
    pub fn database_url(&self) -> Result<Zeroizing<String>, ConfigError> {
        let Some(path) = &self.database.url_file else { return Ok(self.database.url.0.clone()) };
        let secret = read_secret(path.as_path())?;
        let url: DatabaseUrl = secret.expose().parse().map_err(|wrong: InvalidValue| {
            let what = format!("{}; {}", wrong.what, wrong.hint);
            ConfigError::Content { path: path.as_path().to_owned(), what }
        })?;
        Ok(url.0)
    }
}

#[cfg(test)]
mod tests;
