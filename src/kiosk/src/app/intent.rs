//! What a screen wants. Screens only say it; [`super::App`] does it.

use clinical::{PatientNumber, ReceptionKey, ReceptionState};
use zeroize::Zeroizing;

/// A wish of the person at the screen.
#[derive(Debug, Clone)]
pub enum Intent {
    /// Sign in.
    SignIn {
        /// ID.
        login: String,
        /// Password.
        password: Zeroizing<String>,
    },
    /// Sign out.
    SignOut,
    /// Open a patient.
    Open(PatientNumber),
    /// Back to the reception list.
    List,
    /// Back to the reception list with the search field ready.
    Find,
    /// Search over all patients; an empty text ends the search.
    Search(String),
    /// Change a reception's state.
    ChangeState {
        /// Which.
        key: ReceptionKey,
        /// To what.
        to: ReceptionState,
    },
    /// Try the line now.
    Reconnect,
    /// Put a text on the clipboard.
    Copy(String),
    /// Say something (a key of the locale files).
    Tell(&'static str),
    /// Take the topmost notice away.
    Dismiss,
}
