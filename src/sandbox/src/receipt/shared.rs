//! What all connections of one receipt computer share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::books::Books;
use super::door::Lines;

/// What may go wrong with a receipt computer or the line to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trouble {
    /// All is well.
    #[default]
    None,
    /// Switched off or unreachable: every connection is cut, none is let in.
    Down,
    /// Every API answer comes that much later.
    Slow(Duration),
    /// The API answers with bytes that are neither XML nor text.
    Garbage,
    /// A gateway in between answers with its error page.
    HtmlErrorPage,
    /// Operator and password are no longer accepted.
    RefuseAuth,
}

/// Books, lines, troubles.
pub(crate) struct Shared {
    pub(crate) books: Arc<Books>,
    pub(crate) lines: Arc<Lines>,
    /// The `Authorization` header that opens the API.
    pub(crate) authorization: String,
    trouble: Mutex<Trouble>,
    requests: Mutex<HashMap<String, u64>>,
}

impl Shared {
    pub(crate) fn new(books: Books, authorization: String) -> Self {
        Self {
            books: Arc::new(books),
            lines: Arc::default(),
            authorization,
            trouble: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    pub(crate) fn trouble(&self) -> Trouble {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_trouble(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        self.lines.set_down(trouble == Trouble::Down);
    }

    pub(crate) fn count(&self, path: &str) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry(path.to_owned()).or_default() += 1;
    }

    pub(crate) fn requests_to(&self, path: &str) -> u64 {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.get(path).copied().unwrap_or_default()
    }
}
