//! The receipt computer (日レセ, WebORCA) as a clinic reaches it: API under `/api`, push at `/ws`.
//!
//! [`Control`] changes its books from behind; `front` answers requests; `day` plays the planned day on
//! [`SandboxClock`]; `door` is TLS and the broken line.

mod answers;
mod books;
mod clock;
mod control;
mod counter;
mod day;
pub(crate) mod door;
mod front;
mod push;
mod refusal;
mod shared;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clinical::{Department, MedicalContent};
use exchange::orca::system01lstv2::{Hospital, Member};
use jiff::civil::Date;
use tokio::task::JoinHandle;

use crate::certificates::Authority;
use crate::clinic::{self, Clinic};
use crate::{Sandbox, SandboxConfig, SandboxError};

pub use clock::SandboxClock;
pub use control::{Accept, Control, ControlError};
pub use shared::Trouble;

use books::{Books, Lists};
use day::Day;
use door::Door;
use shared::Shared;

/// Seven digits of an institution that does not exist.
const INSTITUTION_CODE: &str = "9900001";
/// The operator at the receipt computer's own screen, in whose name events are told.
const CLERK: &str = "jimu01";

/// All that a client must know to reach the receipt computer.
#[derive(Clone)]
pub struct ReceiptAccess {
    /// `https://127.0.0.1:PORT/api`; the endpoints' paths follow.
    pub base_url: String,
    /// `wss://127.0.0.1:PORT/ws`.
    pub push_url: String,
    /// Operator for Basic authentication.
    pub user: String,
    /// The operator's password.
    pub password: String,
    /// The authority that signed the server's certificate.
    pub ca_pem: String,
    /// The tenant's client certificate with its key.
    pub client_identity_pem: String,
}

impl std::fmt::Debug for ReceiptAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptAccess").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Today by the clock on a wall in Japan.
pub fn today_in_japan() -> Date {
    jiff::tz::offset(9).to_datetime(jiff::Timestamp::now()).date()
}

/// Server and day of a started sandbox; dropping it ends both.
pub(crate) struct Running {
    shared: Arc<Shared>,
    handle: axum_server::Handle<SocketAddr>,
    server: Option<JoinHandle<()>>,
    day: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(mut self) {
        self.close();
        if let Some(server) = self.server.take() {
            // The only error is that the task was aborted: gone is gone.
            let _ = server.await;
        }
    }

    fn close(&self) {
        self.day.abort();
        self.shared.lines.set_down(true);
        self.handle.shutdown();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.close();
    }
}

/// Generates the clinic, opens the door, starts the day.
pub(crate) async fn start(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
    let bound = |source| SandboxError::Bind { address: config.bind, source };
    let listener = std::net::TcpListener::bind(config.bind).map_err(bound)?;
    listener.set_nonblocking(true).map_err(bound)?;
    let address = listener.local_addr().map_err(bound)?;

    let authority = Authority::new("Soegaki sandbox authority")?;
    let ip = address.ip().to_string();
    let server = authority.server(&["localhost", "127.0.0.1", &ip])?;
    let client = authority.client("Soegaki sandbox tenant")?;
    let tls = door::tls(&authority, &server)?;

    let clinic = grow(&config).await?;
    let clock = SandboxClock::new(config.today.to_datetime(config.day_start), config.clock_rate);
    let patients = clinic.patients().iter().cloned();
    let books = Books::new(patients, lists(), clock, CLERK.to_owned(), config.list_rows);
    let credentials = STANDARD.encode(format!("{}:{}", config.user, config.password));
    let shared = Arc::new(Shared::new(books, format!("Basic {credentials}")));

    let plan = clinic::plan(config.seed, &clinic, config.today, config.receptions);
    let mut day = Day::new(config.today, plan);
    day.catch_up(&shared.books);

    let handle = axum_server::Handle::new();
    let server = axum_server::from_tcp(listener)
        .map_err(bound)?
        .handle(handle.clone())
        .acceptor(Door::new(tls, Arc::clone(&shared.lines)))
        .serve(front::router(Arc::clone(&shared)).into_make_service());
    let server = tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the sandbox's receipt computer stopped listening");
        }
    });
    let day = tokio::spawn(day.play(Arc::clone(&shared.books)));

    let receipt = ReceiptAccess {
        base_url: format!("https://{address}/api"),
        push_url: format!("wss://{address}/ws"),
        user: config.user,
        password: config.password,
        ca_pem: authority.ca_pem(),
        client_identity_pem: client.to_pem(),
    };
    let control = Control::new(Arc::clone(&shared));
    let running = Running { shared, handle, server: Some(server), day };
    Ok(Sandbox { receipt, control, clinic, running })
}

/// A large clinic takes a while: not on the runtime's own threads.
async fn grow(config: &SandboxConfig) -> Result<Arc<Clinic>, SandboxError> {
    let (seed, patients, today) = (config.seed, config.patients, config.today);
    tokio::task::spawn_blocking(move || Arc::new(Clinic::generate(seed, patients, today)))
        .await
        .map_err(|error| SandboxError::Clinic(error.to_string()))
}

fn lists() -> Lists {
    let text = str::to_owned;
    Lists {
        hospital: Hospital {
            prefecture: text("99"),
            point_list: text("1"),
            code: text(INSTITUTION_CODE),
            name: text(clinic::INSTITUTION_NAME),
            outside_class: text("1"),
            ..Hospital::default()
        },
        departments: clinic::DEPARTMENTS
            .iter()
            .map(|(code, name)| Department { code: text(code), name: text(name) })
            .collect(),
        physicians: clinic::PHYSICIANS
            .iter()
            .map(|(code, name, kana)| Member {
                code: text(code),
                name: text(name),
                kana: text(kana),
                narcotics_licence: String::new(),
                departments: clinic::DEPARTMENTS.iter().map(|(code, _)| text(code)).collect(),
            })
            .collect(),
        contents: clinic::CONTENTS
            .iter()
            .map(|(code, name)| MedicalContent { code: text(code), name: text(name) })
            .collect(),
    }
}
