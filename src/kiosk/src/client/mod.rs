//! The worker that talks to the cloud: one thread, one connection, no waiting in the window.
//!
//! [`spawn`] starts it; [`Request`]s go in, [`Update`]s come out. The worker ends when the last sender of
//! requests is dropped, and ends the session in the cloud with it. What waits in the terminal's outbox is sent
//! by a task of its own, whoever is signed in.

mod call;
mod failure;
mod follow;
mod lamp;
mod look;
pub mod message;
mod pause;
mod port;
mod sender;
mod session;
mod sign_in;
mod sse;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::config::Config;
use crate::local::Handle;

pub use message::{Failure, FailureKind, Line, Request, Ticket, Update};

/// How long the worker waits for what.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For a connection to stand.
    pub connect: Duration,
    /// For a whole answer.
    pub answer: Duration,
    /// For the next sign of life on the event stream; the cloud sends one every 10 s.
    pub stall: Duration,
    /// Before the second try of a broken line; doubled with each further one.
    pub first_pause: Duration,
    /// Between tries at most.
    pub longest_pause: Duration,
    /// Between looks at the cloud while nobody is signed in, and between comparisons of the clocks.
    pub look: Duration,
    /// For the goodbyes at the end of the program.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            stall: Duration::from_secs(25),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
            look: Duration::from_mins(1),
            farewell: Duration::from_secs(2),
        }
    }
}

/// What the worker needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Address of the cloud, without a slash at its end.
    pub url: String,
    /// The authority that the cloud's certificate must come from, PEM; `None` for those that the operating
    /// system trusts.
    pub ca_pem: Option<String>,
    /// The institution's name in the service.
    pub institution: String,
    /// This terminal's name.
    pub terminal: String,
    /// How long to wait.
    pub limits: Limits,
    /// The terminal's clock.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Settings {
    /// From the terminal's settings; reads the authority's file.
    pub fn from_config(config: &Config) -> std::io::Result<Self> {
        Ok(Self {
            url: config.server.url.as_str().to_owned(),
            ca_pem: config.server.ca_pem()?,
            institution: config.institution.as_str().to_owned(),
            terminal: config.terminal.as_str().to_owned(),
            limits: Limits::default(),
            clock: Arc::new(Timestamp::now),
        })
    }
}

/// The running worker.
pub struct Worker {
    thread: Option<std::thread::JoinHandle<()>>,
    ended: Receiver<()>,
    limit: Duration,
}

impl Worker {
    /// Waits for the worker to say goodbye, after the last sender of requests is dropped. Gives up after a
    /// few seconds: a program must end even when the line is dead. Whether it ended.
    pub fn finish(mut self) -> bool {
        // The sender in the thread is dropped when the thread ends, in whatever way.
        let ended = !matches!(
            self.ended.recv_timeout(self.limit),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout)
        );
        if ended && let Some(thread) = self.thread.take() {
            return thread.join().is_ok();
        }
        ended
    }
}

/// Starts the worker. `cache` is the terminal's store: its outbox is sent, and it knows who may work while the
/// line is cut. `wake` is called after each update; the window asks for a repaint in it.
pub fn spawn(
    settings: Settings,
    cache: Handle,
    wake: impl Fn() + Send + Sync + 'static,
) -> std::io::Result<(UnboundedSender<Request>, Receiver<Update>, Worker)> {
    let (requests, inbox) = unbounded_channel();
    let (updates, window) = channel();
    let (alive, ended) = channel();
    let limit = settings.limits.farewell + Duration::from_secs(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let port = port::Port::new(updates, Arc::new(wake));
    let thread = std::thread::Builder::new().name("cloud".to_owned()).spawn(move || {
        let _alive = alive;
        runtime.block_on(worker::run(settings, cache, port, inbox));
        // Name resolution may hang in the system's library on a thread of its own.
        runtime.shutdown_timeout(Duration::from_millis(100));
    })?;
    Ok((requests, window, Worker { thread: Some(thread), ended, limit }))
}
