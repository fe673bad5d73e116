//! Puts the service together and takes it apart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use jiff::SignedDuration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::accounts::{Accounts, SessionLimits};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::http::{self, tls};
use crate::links::{LinkError, Links};
use crate::store::{Engine, Retention, Store, StoreError};

/// Requests under way get this long to end when the service stops.
const GRACE: Duration = Duration::from_secs(10);
/// Longest wait for the head of a request.
const HEAD_WAIT: Duration = Duration::from_secs(20);

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A link cannot be set up.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}; is the port taken by another program?")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

/// The service at work.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Its records.
    pub store: Store,
    handle: Handle<SocketAddr>,
    server: JoinHandle<std::io::Result<()>>,
    stopping: watch::Sender<bool>,
    links: Arc<Links>,
    housekeeping: JoinHandle<()>,
}

impl Running {
    /// Takes no more connections, lets requests under way end, ends the streams and the links, closes the
    /// store.
    pub async fn stop(self) {
        let _ = self.stopping.send(true);
        self.handle.graceful_shutdown(Some(GRACE));
        let _ = self.server.await;
        self.links.stop().await;
        let _ = self.housekeeping.await;
        self.store.close().await;
        tracing::info!("stopped");
    }
}

/// Opens the store (its tables brought up to date where the settings say so), starts the links and answers
/// terminals.
pub async fn serve(config: Config, clock: Clock) -> Result<Running, StartError> {
    config.check()?;
    let acceptor = tls::acceptor(&config.listen)?;
    let store = Store::open(&config.database_url()?, clock.clone()).await?;
    match start(&config, clock, &store, acceptor).await {
        Ok(running) => Ok(running),
        Err(error) => {
            store.close().await;
            Err(error)
        }
    }
}

async fn start(
    config: &Config,
    clock: Clock,
    store: &Store,
    acceptor: tls::Acceptor,
) -> Result<Running, StartError> {
    if store.engine() == Engine::Sqlite || config.database.migrate_at_start {
        store.migrate().await?;
    }
    store.check_schema().await?;
    let limits = SessionLimits {
        idle: SignedDuration::try_from(config.session.idle.get()).unwrap_or_default(),
        absolute: SignedDuration::try_from(config.session.absolute.get()).unwrap_or_default(),
    };
    let (listener, addr) = listen(config.listen.address.get())?;
    let server = axum_server::from_tcp(listener)
        .map_err(|source| StartError::Listen { address: addr, source })?;
    let links = Arc::new(Links::start(store, &clock, config).await?);
    let (stopping, stopped) = watch::channel(false);
    let housekeeping = tokio::spawn(keep_house(store.clone(), stopped.clone()));
    let router = http::router(http::Shared {
        store: store.clone(),
        accounts: Accounts::new(store.clone(), limits),
        links: Arc::clone(&links),
        clock,
        body_limit: config.listen.body_limit.as_usize(),
        ended: Arc::new(Notify::new()),
        stopping: stopped,
    });
    let handle = Handle::new();
    let mut server = server
        .acceptor(acceptor)
        .handle(handle.clone())
        .first_request_timeout(HEAD_WAIT)
        .accept_error_handler(|_, error| tracing::debug!(%error, "a connection was not taken"));
    server.http_builder().http1().header_read_timeout(HEAD_WAIT);
    server
        .http_builder()
        .http2()
        .max_concurrent_streams(64)
        .keep_alive_interval(Duration::from_secs(20));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(server.serve(service));
    tracing::info!(%addr, engine = %store.engine(), links = config.receipt.len() + config.lab.len(), "serving");
    let store = store.clone();
    Ok(Running { addr, store, handle, server, stopping, links, housekeeping })
}

/// Removes what is past its time, once an hour.
async fn keep_house(store: Store, mut stopping: watch::Receiver<bool>) {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        if let Err(error) = store.prune(Retention::default()).await {
            tracing::warn!(cause = %error, "old rows could not be removed");
        }
    }
}

fn listen(address: SocketAddr) -> Result<(std::net::TcpListener, SocketAddr), StartError> {
    let cannot = |source| StartError::Listen { address, source };
    let listener = std::net::TcpListener::bind(address).map_err(cannot)?;
    let addr = listener.local_addr().map_err(cannot)?;
    Ok((listener, addr))
}
