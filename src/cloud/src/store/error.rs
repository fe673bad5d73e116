//! What can go wrong in the store. No text here ever holds a patient's data.

use clinical::Reception;

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No such thing in this institution.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Somebody else changed the reception first; this is how it stands now.
    #[error("the reception was changed by somebody else")]
    Conflict(Box<Reception>),
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
            Self::NotFound(_) | Self::Conflict(_) | Self::Invalid(_) | Self::SessionExpired
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
                // 57P0x: the server goes down or comes up; 08xxx: connection; 53xxx: out of connections or
                // space; 40001/40P01: a lost race; 55P03/57014/25P03: one of our own limits on waiting.
                // SQLite 5 and its extended codes: another process holds the file.
                let busy_file = code.parse::<u32>().is_ok_and(|c| code.len() < 5 && c & 0xff == 5);
                let passing = ["40001", "40P01", "55P03", "57014", "25P03"].contains(&code.as_str());
                let away = ["57P", "08", "53"].iter().any(|class| code.starts_with(class));
                if busy_file || passing || (away && code.len() == 5) {
                    Self::Unavailable(text)
                } else {
                    Self::Database(text)
                }
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
