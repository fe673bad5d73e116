//! The laboratory company: takes orders strictly, and tells results after a while.
//!
//! Two ways lead to it, with the same rules behind both: HTTPS (`POST /orders`, `GET /results`, `POST /results/ack`)
//! with Basic authentication and a client certificate, and a folder in which each message is a file with a `.FLG` that
//! says it is whole. [`LabControl`] is the hand behind the scenes.

mod analyser;
mod books;
mod control;
mod counter;
mod course;
mod folder;
mod front;
mod past;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use exchange::hl7v2::ResultKind;
use tokio::task::JoinHandle;

use crate::SandboxError;
use crate::certificates::Authority;
use crate::clinic::FACILITY;
use crate::receipt::SandboxClock;
use crate::receipt::door::{self, Door, Lines};

pub use analyser::Fate;
pub use books::HeardMessage;
pub use control::LabControl;
pub use course::{Stage, course};
pub use past::past_reports;

use books::Books;

/// MSH-3 of the laboratory.
pub const APPLICATION: &str = "LIS";
/// MSH-4 of the laboratory.
pub const LABORATORY: &str = "LABCENTER";

/// How a laboratory company works, and where.
#[derive(Clone)]
pub struct LabConfig {
    /// Values and fates grow from it.
    pub seed: u64,
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The clinic's name at the laboratory.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The ten digits of the clinic that it works for; others are turned away.
    pub clinic: String,
    /// How long a specimen takes; `None` leaves that to [`LabControl::reach`].
    pub pace: Option<Pace>,
    /// In which of the two messages results are told.
    pub results: ResultKind,
    /// A folder with `orders` and `results` beside HTTPS; made if missing.
    pub folder: Option<PathBuf>,
    /// The clock that the laboratory's messages go by.
    pub clock: SandboxClock,
}

/// How long after the order each stage is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Some results.
    pub partial: Duration,
    /// All results.
    pub full: Duration,
    /// A correction.
    pub corrected: Duration,
}

impl Default for LabConfig {
    fn default() -> Self {
        let now = jiff::tz::offset(9).to_datetime(jiff::Timestamp::now());
        Self {
            seed: 1,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            user: "soegaki".to_owned(),
            password: "demo-laboratory".to_owned(),
            clinic: FACILITY.to_owned(),
            pace: Some(Pace {
                partial: Duration::from_secs(30),
                full: Duration::from_mins(2),
                corrected: Duration::from_mins(4),
            }),
            results: ResultKind::BySpecimen,
            folder: None,
            clock: SandboxClock::new(now, 1.0),
        }
    }
}

/// All that a client must know to reach the laboratory.
#[derive(Clone)]
pub struct LabAccess {
    /// `https://127.0.0.1:PORT`; `/orders`, `/results` and `/results/ack` follow.
    pub base_url: String,
    /// For Basic authentication.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The authority that signed the server's certificate.
    pub ca_pem: String,
    /// The clinic's client certificate with its key.
    pub client_identity_pem: String,
}

impl std::fmt::Debug for LabAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabAccess").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// A running laboratory. Dropping it closes everything at once; [`LabCompany::stop`] also waits for that.
pub struct LabCompany {
    /// What a client must know.
    pub access: LabAccess,
    /// Behind the scenes.
    pub control: LabControl,
    lines: Arc<Lines>,
    handle: axum_server::Handle<SocketAddr>,
    server: Option<JoinHandle<()>>,
    courier: Option<JoinHandle<()>>,
}

impl LabCompany {
    /// Opens the laboratory.
    pub async fn start(config: LabConfig) -> Result<Self, SandboxError> {
        let bound = |source| SandboxError::Bind { address: config.bind, source };
        let listener = std::net::TcpListener::bind(config.bind).map_err(bound)?;
        listener.set_nonblocking(true).map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;

        let authority = Authority::new("Soegaki laboratory authority")?;
        let ip = address.ip().to_string();
        let server = authority.server(&["localhost", "127.0.0.1", &ip])?;
        let client = authority.client("Soegaki laboratory client")?;
        let tls = door::tls(&authority, &server)?;

        let lines = Arc::<Lines>::default();
        let books = Arc::new(Books::new(&config));
        let courier = match &config.folder {
            None => None,
            Some(path) => Some(folder::open(path, Arc::clone(&books)).await?),
        };
        let credentials = STANDARD.encode(format!("{}:{}", config.user, config.password));
        let router = front::router(Arc::clone(&books), format!("Basic {credentials}"));
        let handle = axum_server::Handle::new();
        let server = axum_server::from_tcp(listener)
            .map_err(bound)?
            .handle(handle.clone())
            .acceptor(Door::new(tls, Arc::clone(&lines)))
            .serve(router.into_make_service());
        let server = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the sandbox's laboratory stopped listening");
            }
        });
        let access = LabAccess {
            base_url: format!("https://{address}"),
            user: config.user,
            password: config.password,
            ca_pem: authority.ca_pem(),
            client_identity_pem: client.to_pem(),
        };
        let control = LabControl::new(books, Arc::clone(&lines));
        Ok(Self { access, control, lines, handle, server: Some(server), courier })
    }

    /// Closes all connections and waits until the last one is gone.
    pub async fn stop(mut self) {
        self.close();
        for task in [self.server.take(), self.courier.take()].into_iter().flatten() {
            // The only error is that the task was aborted: gone is gone.
            let _ = task.await;
        }
    }

    fn close(&self) {
        if let Some(courier) = &self.courier {
            courier.abort();
        }
        self.lines.set_down(true);
        self.handle.shutdown();
    }
}

impl Drop for LabCompany {
    fn drop(&mut self) {
        self.close();
    }
}
