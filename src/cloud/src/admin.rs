//! What the command line of `soegaki-cloud` does with a store. Passwords come from standard input or a file,
//! never from the arguments, which every user of the machine can read.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use api::session::Role;
use jiff::tz::Offset;
use zeroize::Zeroizing;

use crate::accounts::{Accounts, SessionLimits, login};
use crate::clock::Clock;
use crate::store::audit::{AuditRow, Noted, Verdict};
use crate::store::{Account, Actor, Institution, NewAccount, Records, Store, StoreError};

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was given cannot be used; the text says what would be right.
    #[error("{0}")]
    Usage(String),
    /// Standard input or the password file cannot be read.
    #[error("{what}: {error}")]
    Read {
        /// Which.
        what: String,
        /// Why.
        error: std::io::Error,
    },
}

/// Opens a store whose schema is this program's.
pub async fn open(url: &str) -> Result<Store, AdminError> {
    let store = Store::open(url, Clock::system()).await?;
    store.check_schema().await?;
    Ok(store)
}

/// The address of a database as it may stand among the arguments: without a password.
pub fn without_password(url: &str) -> Result<&str, AdminError> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let user = place.split('/').next().and_then(|host| host.rsplit_once('@')).map(|(user, _)| user);
    let named = query.split('&').any(|pair| pair.starts_with("password="));
    if named || user.is_some_and(|user| user.contains(':')) {
        return Err(AdminError::Usage(
            "every user of this machine can read a command's arguments: leave the password out of \
             --database and put the whole URL into the file named by database.url_file, or use \
             PGPASSWORD or .pgpass"
                .to_owned(),
        ));
    }
    Ok(url)
}

/// Brings the schema of a database to this program's version and says so in one line.
pub async fn migrate(url: &str) -> Result<String, AdminError> {
    let store = Store::open(url, Clock::system()).await?;
    let (before, after) = store.migrate().await?;
    let engine = store.engine();
    store.close().await;
    Ok(if before == after {
        format!("{engine}: schema version {after}, nothing to do")
    } else {
        format!("{engine}: schema version {before} → {after}")
    })
}

/// The institution of that code.
pub async fn institution(store: &Store, code: &str) -> Result<Institution, AdminError> {
    store.institution(code).await?.ok_or_else(|| {
        AdminError::Usage(format!(
            "there is no institution {code}; add it with `soegaki-cloud institution add`"
        ))
    })
}

/// Adds an institution; `offset` such as `+09:00`.
pub async fn add_institution(
    store: &Store,
    code: &str,
    name: &str,
    offset: &str,
) -> Result<Institution, AdminError> {
    Ok(store.add_institution(code, name, parse_offset(offset)?).await?)
}

/// `+09:00`, `-05:30`.
pub fn parse_offset(text: &str) -> Result<Offset, AdminError> {
    let wrong = || AdminError::Usage(format!("{text} is not an offset; write it as +09:00"));
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str, most: i32| -> Option<i32> {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| digits && *n <= most)
    };
    let (Some(hours), Some(minutes)) = (number(hours, 14), number(minutes, 59)) else {
        return Err(wrong());
    };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).map_err(|_| wrong())
}

/// Adds an account.
pub async fn account_add(
    store: &Store,
    code: &str,
    login_text: &str,
    display_name: &str,
    role: &str,
    password: Zeroizing<String>,
) -> Result<Account, AdminError> {
    let institution = institution(store, code).await?;
    let login = parse_login(login_text)?;
    let role = Role::parse(role).ok_or_else(|| {
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        AdminError::Usage(format!("{role} is not a role; one of {}", all.join(", ")))
    })?;
    let display_name = display_name.trim();
    if display_name.is_empty() || display_name.chars().any(char::is_control) {
        return Err(AdminError::Usage("the name shown is empty or not printable".to_owned()));
    }
    let password_hash = hash(store, &login, password).await?;
    let new = NewAccount { login, display_name: display_name.to_owned(), role, password_hash };
    Ok(store.add_account(&operator(&institution), &new).await?)
}

/// All accounts of an institution.
pub async fn account_list(store: &Store, code: &str) -> Result<Vec<Account>, AdminError> {
    Ok(store.accounts(institution(store, code).await?.tenant).await?)
}

/// Disables or enables an account; its sessions end.
pub async fn account_set_disabled(
    store: &Store,
    code: &str,
    login: &str,
    disabled: bool,
) -> Result<(), AdminError> {
    let institution = institution(store, code).await?;
    let actor = operator(&institution);
    Ok(store.set_account_disabled(&actor, &parse_login(login)?, disabled).await?)
}

/// Sets a new password; the account's sessions end.
pub async fn account_password(
    store: &Store,
    code: &str,
    login: &str,
    password: Zeroizing<String>,
) -> Result<(), AdminError> {
    let institution = institution(store, code).await?;
    let login = parse_login(login)?;
    if store.account(institution.tenant, &login).await?.is_none() {
        return Err(StoreError::NotFound("account").into());
    }
    let hash = hash(store, &login, password).await?;
    Ok(store.set_password_hash(&operator(&institution), &login, &hash).await?)
}

/// Forgets the wrong passwords of a login.
pub async fn account_unlock(store: &Store, code: &str, login: &str) -> Result<(), AdminError> {
    let institution = institution(store, code).await?;
    Ok(store.unlock_account(&operator(&institution), &parse_login(login)?).await?)
}

/// Verifies the audit log of one institution, or of all.
pub async fn audit_verify(
    store: &Store,
    code: Option<&str>,
    noted: Option<&Noted>,
) -> Result<Vec<(Institution, Verdict)>, AdminError> {
    let institutions = match code {
        Some(code) => vec![institution(store, code).await?],
        None => store.institutions().await?,
    };
    if noted.is_some() && institutions.len() != 1 {
        return Err(AdminError::Usage(
            "a noted row belongs to one institution; say which".to_owned(),
        ));
    }
    let mut verdicts = Vec::with_capacity(institutions.len());
    for institution in institutions {
        let verdict = store.audit_verify(institution.tenant, noted).await?;
        verdicts.push((institution, verdict));
    }
    Ok(verdicts)
}

/// Verifies the records of one institution, or of all: what people have signed, and what follows from it.
pub async fn records_verify(
    store: &Store,
    code: Option<&str>,
) -> Result<Vec<(Institution, Records)>, AdminError> {
    let institutions = match code {
        Some(code) => vec![institution(store, code).await?],
        None => store.institutions().await?,
    };
    let mut found = Vec::with_capacity(institutions.len());
    for institution in institutions {
        let records = store.records_verify(institution.tenant).await?;
        found.push((institution, records));
    }
    Ok(found)
}

/// One line for what was found and one for each fault named: `demo: true, 310 entries,
/// 280 versions, 95 items, 12 lab orders, 48 lab results`.
pub fn records_lines(institution: &Institution, records: &Records) -> Vec<String> {
    let whole = records.is_whole();
    let sums = format!(
        "{}: {whole}, {} entries, {} versions, {} items, {} lab orders, {} lab results",
        institution.code,
        records.entries,
        records.versions,
        records.items,
        records.orders,
        records.results
    );
    let mut lines = vec![if whole { sums } else { format!("{sums}, {} faults", records.faults) }];
    lines.extend(records.named.iter().map(|fault| format!("  {}: {}", fault.what, fault.why)));
    lines
}

/// Rows of the audit log after number `after`.
pub async fn audit_rows(
    store: &Store,
    code: &str,
    after: i64,
    limit: u32,
) -> Result<Vec<AuditRow>, AdminError> {
    Ok(store.audit_rows(institution(store, code).await?.tenant, after, limit).await?)
}

/// `SEQ:HASH` as `audit verify` printed it at an earlier time.
pub fn parse_noted(text: &str) -> Result<Noted, AdminError> {
    let noted = text.split_once(':').and_then(|(seq, hash)| {
        let hex = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let seq = seq.parse().ok().filter(|seq| *seq >= 1 && hex)?;
        Some(Noted { seq, hash: hash.to_ascii_lowercase() })
    });
    noted.ok_or_else(|| {
        AdminError::Usage(
            "a noted row is written as NUMBER:HASH, the hash with 64 digits".to_owned(),
        )
    })
}

/// One line for a verdict: `demo: true, 1203 rows, 1203:9f…` or `demo: false, row 17: …`.
pub fn verdict_line(institution: &Institution, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Whole { rows, hash } => {
            format!("{}: true, {rows} rows, {rows}:{hash}", institution.code)
        }
        Verdict::Broken { seq, why } => format!("{}: false, row {seq}: {why}", institution.code),
    }
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordSource<'a> {
    /// Standard input: typed (not shown where the terminal allows that), or the first line of a pipe.
    Input,
    /// The first line of a file.
    File(&'a Path),
}

/// Reads a password. Waits for the keyboard, so it is not for a task of the runtime.
pub fn read_password(source: PasswordSource<'_>) -> Result<Zeroizing<String>, AdminError> {
    let line = match source {
        PasswordSource::File(path) => {
            let read = || first_line(std::io::BufReader::new(std::fs::File::open(path)?));
            read().map_err(|error| AdminError::Read { what: path.display().to_string(), error })?
        }
        PasswordSource::Input => {
            let input = std::io::stdin();
            let _hidden = input.is_terminal().then(Hidden::new);
            first_line(input.lock())
                .map_err(|error| AdminError::Read { what: "standard input".to_owned(), error })?
        }
    };
    if line.is_empty() {
        return Err(AdminError::Usage("the password is empty".to_owned()));
    }
    Ok(line)
}

fn first_line(reader: impl BufRead) -> std::io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(256));
    reader.take(1024).read_line(&mut line)?;
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    Ok(line)
}

/// Asks for a password and keeps it off the screen while this lives, where `stty` is there to do so.
struct Hidden;

impl Hidden {
    fn new() -> Self {
        eprint!("password: ");
        let _ = std::io::stderr().flush();
        Self::stty("-echo");
        Self
    }

    fn stty(how: &str) {
        let _ = std::process::Command::new("stty").arg(how).status();
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        Self::stty("echo");
        eprintln!();
    }
}

/// The person at the command line, by the operating system's word.
fn operator(institution: &Institution) -> Actor {
    let user = ["SUDO_USER", "USER", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(|| "operator".to_owned());
    Actor::operator(institution.tenant, &user)
}

fn parse_login(text: &str) -> Result<String, AdminError> {
    login(text).ok_or_else(|| {
        AdminError::Usage("an ID is 1 to 64 of a-z, 0-9, '.', '_', '-', '@'".to_owned())
    })
}

async fn hash(
    store: &Store,
    login: &str,
    password: Zeroizing<String>,
) -> Result<String, AdminError> {
    let accounts = Accounts::new(store.clone(), SessionLimits::default());
    Ok(accounts.hash(login, password).await?)
}

#[cfg(test)]
mod tests {
    use super::{PasswordSource, parse_noted, parse_offset, read_password, without_password};

    #[test]
    fn a_password_among_the_arguments_is_refused() {
        for good in [
            "sqlite:/var/lib/a:b@c.db",
            "postgres://soegaki@db:5432/soegaki?sslmode=verify-full",
            "postgres:///soegaki?host=/run/postgresql",
        ] {
            assert_eq!(without_password(good).unwrap(), good);
        }
        for bad in [
            "postgres://soegaki:hidden@db/soegaki",
            "postgresql://soegaki:hidden@db",
            "postgres://db/soegaki?sslmode=require&password=hidden",
            "postgres://soegaki:hid@den@db/soegaki",
        ] {
            let words = without_password(bad).unwrap_err().to_string();
            assert!(words.contains("url_file") && !words.contains("hid"), "{words}");
        }
    }

    #[test]
    fn offsets() {
        assert_eq!(parse_offset("+09:00").unwrap().seconds(), 32_400);
        assert_eq!(parse_offset("-05:30").unwrap().seconds(), -19_800);
        for wrong in ["", "9", "+9:00", "+09", "09:00", "+15:00", "+09:60", "+0a:00", "あ09:00"] {
            assert!(parse_offset(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn noted_rows() {
        let hash = "ab".repeat(32);
        let noted = parse_noted(&format!("12:{hash}")).unwrap();
        assert_eq!((noted.seq, noted.hash), (12, hash.clone()));
        for wrong in ["", "12", "12:ab", &format!("0:{hash}"), &format!("x:{hash}")] {
            assert!(parse_noted(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_file_gives_its_first_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, "correct-horse-7\r\nsecond\n").unwrap();
        let password = read_password(PasswordSource::File(&path)).unwrap();
        assert_eq!(password.as_str(), "correct-horse-7");
        std::fs::write(&path, "\n").unwrap();
        assert!(read_password(PasswordSource::File(&path)).is_err());
        assert!(read_password(PasswordSource::File(&dir.path().join("none"))).is_err());
    }
}
