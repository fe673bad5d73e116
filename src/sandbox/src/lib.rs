//! The outside world on loopback, for the demo and for tests.
//!
//! [`Sandbox::start`] opens a synthetic clinic's receipt computer on a free port: its API over HTTPS with Basic
//! authentication and a client certificate, and its push over WebSocket. It is strict where the real one is
//! strict. What stands in [`ReceiptAccess`] is all that a client may know; [`Control`] is the hand behind the
//! scenes that accepts a patient, breaks the line or sets the clock.
//!
//! [`LabCompany::start`] opens the laboratory company in the same way: orders in, results out after a while, over HTTPS
//! and through a folder.

pub mod certificates;
pub mod clinic;
pub mod lab;
pub mod receipt;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use jiff::civil::{Date, Time};

pub use certificates::{Authority, CertificateError, Identity};
pub use clinic::Clinic;
pub use lab::{LabAccess, LabCompany, LabConfig, LabControl};
pub use receipt::{Accept, Control, ControlError, ReceiptAccess, SandboxClock, Trouble};

/// What kind of clinic to open, and where.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Everything synthetic grows from it: the same seed gives the same clinic and the same day.
    pub seed: u64,
    /// How many patients the clinic has.
    pub patients: usize,
    /// How many of them come today; 0 leaves the day to [`Control`].
    pub receptions: usize,
    /// The day to play.
    pub today: Date,
    /// What the clinic's clock shows at start; who came earlier that day is already there.
    pub day_start: Time,
    /// How fast the clinic's clock runs: 1.0 real time, 60.0 a minute a second, 0.0 held.
    pub clock_rate: f64,
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Operator of the receipt computer whose name and password a client sends.
    pub user: String,
    /// That operator's password.
    pub password: String,
    /// How many rows a reception list gives in one answer; WebORCA gives 1500.
    pub list_rows: usize,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            patients: 3000,
            receptions: 80,
            today: receipt::today_in_japan(),
            day_start: Time::constant(8, 30, 0, 0),
            clock_rate: 1.0,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            user: "soegaki".to_owned(),
            password: "demo-receipt-computer".to_owned(),
            list_rows: exchange::orca::acceptlstv2::PAGE,
        }
    }
}

/// Why the sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No certificates, no line.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The TLS side refused what was made for it.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
    /// The clinic could not be generated.
    #[error("the synthetic clinic could not be generated: {0}")]
    Clinic(String),
    /// A folder could not be made.
    #[error("{path}: cannot be used as the laboratory's folder: {source}")]
    Folder {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// Where it should have listened.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// A running sandbox. Dropping it closes everything at once; [`Sandbox::stop`] also waits for that.
pub struct Sandbox {
    /// What a client must know to reach the receipt computer.
    pub receipt: ReceiptAccess,
    /// Behind the scenes.
    pub control: Control,
    /// The clinic as it was generated; later changes live in the receipt computer alone.
    pub clinic: Arc<Clinic>,
    running: receipt::Running,
}

impl Sandbox {
    /// Generates the clinic and opens its receipt computer.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        receipt::start(config).await
    }

    /// Closes all connections and waits until the last one is gone.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
