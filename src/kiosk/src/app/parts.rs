//! What the window is made of: channels to the worker, the terminal's store, its settings, a clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use tokio::sync::mpsc::UnboundedSender;

use crate::client::{Request, Update};
use crate::config::{Config, Lang};
use crate::local::Handle;
use crate::printing;

/// Everything that the window needs from outside.
pub struct Parts {
    /// To the worker.
    pub requests: UnboundedSender<Request>,
    /// From the worker, which calls [`egui::Context::request_repaint`] after each.
    pub updates: Receiver<Update>,
    /// What the terminal remembers.
    pub cache: Handle,
    /// The printers.
    pub prints: printing::Handle,
    /// How the terminal is set up.
    pub config: Config,
    /// With the demo alone: accounts to show on the sign-in screen.
    pub demo: Option<DemoInfo>,
    /// Language of the screen; the command line may overrule the settings.
    pub lang: Lang,
    /// The terminal's clock.
    pub clock: Clock,
    /// Where the scale chosen with Ctrl +/- is kept; `None` forgets it with the window.
    pub scale_file: Option<PathBuf>,
}

/// What the demo shows on the sign-in screen.
#[derive(Debug, Clone, Default)]
pub struct DemoInfo {
    /// Accounts of synthetic persons, at most nine.
    pub accounts: Vec<DemoAccount>,
}

/// A demo account.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    /// ID.
    pub login: String,
    /// Password.
    pub password: String,
    /// Name as shown.
    pub display_name: String,
}

/// A clock that tests can hold, with the clinic's offset from UTC.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    offset: Offset,
}

impl Clock {
    /// The terminal's clock, in Japan's time.
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now)
    }

    /// A clock of one's own, in Japan's time.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), offset: Offset::constant(9) }
    }

    /// The same clock at another offset.
    #[must_use]
    pub fn at_offset(self, offset: Offset) -> Self {
        Self { offset, ..self }
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// A moment as the clinic's clock on the wall shows it.
    pub fn local(&self, moment: Timestamp) -> DateTime {
        moment.to_zoned(TimeZone::fixed(self.offset)).datetime()
    }
}
