//! What can go wrong in the store. No text here ever holds a patient's data.

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No such thing in this institution.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The person may not do this; the text says what.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The request breaks a rule; the text says which.
    #[error("{0}")]
    Invalid(String),
    /// No such session, or it is past one of its limits, or its account is disabled.
    #[error("the session has ended")]
    SessionExpired,
    /// The database cannot be reached or is too busy; nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The database's schema is not this program's.
    #[error(
        "the database has schema version {have}, this program needs {want}; run `soegaki-cloud migrate`"
    )]
    Schema {
        /// Found there; 0 for an empty database.
        have: i64,
        /// Needed.
        want: i64,
    },
    /// A stored row cannot be read; the text names table and column, not the content.
    #[error("stored data cannot be read: {0}")]
    Damaged(String),
    /// Any other error of the database; nothing was changed.
    #[error("database: {0}")]
    Database(String),
}

impl StoreError {
    /// Whether the answer was decided by rule, with the database in good order.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotFound(_) | Self::Forbidden(_) | Self::Invalid(_) | Self::SessionExpired
        )
    }

    /// Whether trying once more on a fresh connection may help.
    pub(crate) fn is_connection(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(e) => {
                // The message names tables and constraints; the values are in `detail`, which stays out.
                let code = e.code().unwrap_or_default().into_owned();
                let text = format!("{} ({code})", e.message());
                if is_passing(&code) { Self::Unavailable(text) } else { Self::Database(text) }
            }
            sqlx::Error::Io(e) => Self::Unavailable(e.to_string()),
            sqlx::Error::Tls(e) => Self::Unavailable(e.to_string()),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable("no connection".to_owned())
            }
            sqlx::Error::ColumnDecode { index, .. } => Self::Damaged(format!("column {index}")),
            sqlx::Error::Configuration(e) => Self::Invalid(format!("database address: {e}")),
            other => Self::Database(other.to_string()),
        }
    }
}

/// Whether an error of this code says nothing about the statement, only about the moment.
/// `PostgreSQL`: 57P0x, the server goes down or comes up; 08xxx, connection; 53xxx, out of connections or space;
/// 40001 and 40P01, a lost race; 55P03, 57014 and 25P03, one of our own limits on waiting.
/// `SQLite`: 5 and its extended codes, another process holds the file.
fn is_passing(code: &str) -> bool {
    if code.len() < 5 {
        return code.parse::<u32>().is_ok_and(|code| code & 0xff == 5);
    }
    ["57P", "08", "53"].iter().any(|class| code.starts_with(class))
        || ["40001", "40P01", "55P03", "57014", "25P03"].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn a_moments_trouble_is_told_from_a_fault() {
        for passing in ["57P01", "08006", "53300", "40P01", "55P03", "57014", "5", "517"] {
            assert!(is_passing(passing), "{passing}");
        }
        for fault in ["23505", "42P01", "22021", "", "1555", "2067", "11", "13"] {
            assert!(!is_passing(fault), "{fault}");
        }
    }
}
