//! Listening to the receipt computer's push. It may lose events and repeat them, so an event is only a reason
//! to read; after each reconnect what was missed is asked for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use exchange::orca::push::{self, ALL_EVENTS, Body, Command, Event, Mode, Notice};
use futures_util::{SinkExt, StreamExt};
use jiff::ToSpan;
use jiff::civil::DateTime;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

use super::Base;
use super::failure::refused_certificate;
use super::patients::Patients;
use crate::config::ReceiptLink;

const EVENTS: [&str; 3] = ["patient_accept", "patient_information", "patient_account"];
const TENANT: HeaderName = HeaderName::from_static("x-ginbee-tenant-id");
const CONNECT_WAIT: Duration = Duration::from_secs(15);
const PING_EVERY: Duration = Duration::from_secs(25);
/// Nothing heard, not even the answer to a ping: the line is dead.
const SILENCE: Duration = Duration::from_secs(70);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// A connection that held this long was a good one.
const GOOD: Duration = Duration::from_secs(30);
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// Events remembered, to know repetitions by their uuid.
const REMEMBERED: usize = 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where to listen.
pub(super) struct Push {
    url: String,
    tenant: Option<String>,
    tls: Arc<ClientConfig>,
}

impl Push {
    /// `None` where the settings name no push service.
    pub(super) fn new(settings: &ReceiptLink, tls: Arc<ClientConfig>) -> Option<Self> {
        let url = settings.push_url.as_ref()?.to_string();
        let tenant = settings.push_tenant.as_ref().map(ToString::to_string);
        Some(Self { url, tenant, tls })
    }

    async fn connect(&self) -> Result<Socket, String> {
        let mut request = self.url.as_str().into_client_request().map_err(|e| words(&e))?;
        if let Some(tenant) = &self.tenant {
            let value = HeaderValue::from_str(tenant).map_err(|e| e.to_string())?;
            request.headers_mut().insert(TENANT, value);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let connector = Connector::Rustls(Arc::clone(&self.tls));
        let connecting = tokio_tungstenite::connect_async_tls_with_config(
            request,
            Some(config),
            true,
            Some(connector),
        );
        match tokio::time::timeout(CONNECT_WAIT, connecting).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(error)) => Err(words(&error)),
            Err(_) => Err("no connection in time".to_owned()),
        }
    }
}

/// An error without anything out of a message.
fn words(error: &Error) -> String {
    if let Some(why) = refused_certificate(error) {
        return why;
    }
    match error {
        Error::Http(response) => format!("HTTP {}", response.status().as_u16()),
        Error::Io(e) => format!("the line broke ({:?})", e.kind()),
        Error::Tls(_) => "TLS failed".to_owned(),
        Error::Url(_) | Error::HttpFormat(_) => "the address cannot be used".to_owned(),
        Error::Capacity(_) => "a message larger than any event".to_owned(),
        _ => "not the push protocol".to_owned(),
    }
}

/// Listens for ever.
pub(super) async fn run(base: Arc<Base>, patients: Arc<Patients>, push: Push) {
    let mut listener = Listener { base, patients, seen: VecDeque::new(), heard: None };
    let mut pause = FIRST_PAUSE;
    let mut told = false;
    loop {
        let began = Instant::now();
        let why = match push.connect().await {
            Ok(socket) => {
                told = false;
                tracing::info!(institution = %listener.base.institution, "push connected");
                let why = listener.listen(socket).await;
                listener.base.push_is_up.store(false, Ordering::Relaxed);
                listener.heard = listener.base.their_clock();
                why
            }
            Err(why) => why,
        };
        if !told {
            tracing::warn!(institution = %listener.base.institution, %why, "push is away");
            told = true;
        }
        pause = if began.elapsed() >= GOOD { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        if !listener.base.pause(jittered(pause)).await {
            return;
        }
    }
}

/// Between three quarters and five quarters, so that many clinics do not come back in the same moment.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [128_u8];
    // Without randomness the pause is the plain one.
    let _ = getrandom::fill(&mut byte);
    pause.mul_f64(0.75 + f64::from(byte[0]) / 512.0)
}

struct Listener {
    base: Arc<Base>,
    patients: Arc<Patients>,
    seen: VecDeque<String>,
    /// What the receipt computer's clock showed when the last connection ended.
    heard: Option<DateTime>,
}

impl Listener {
    /// Until the connection ends; says why it did.
    async fn listen(&mut self, mut socket: Socket) -> String {
        let mut wanted = EVENTS.len();
        let mut all = false;
        for (n, event) in EVENTS.iter().enumerate() {
            if let Err(error) = subscribe(&mut socket, n, event).await {
                return words(&error);
            }
        }
        let mut last = Instant::now();
        let mut pings = tokio::time::interval(PING_EVERY);
        pings.reset();
        loop {
            let message = tokio::select! {
                message = socket.next() => message,
                _ = pings.tick() => {
                    if last.elapsed() > SILENCE {
                        return "nothing was heard any more".to_owned();
                    }
                    if let Err(error) = socket.send(Message::Ping(Bytes::default())).await {
                        return words(&error);
                    }
                    continue;
                }
            };
            let text = match message {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(_))) | None => return "closed by the other side".to_owned(),
                Some(Err(error)) => return words(&error),
                Some(Ok(_)) => {
                    last = Instant::now();
                    continue;
                }
            };
            last = Instant::now();
            match push::read_notice(text.as_bytes()) {
                Ok((Notice::Subscribed { .. }, _)) => {
                    wanted = wanted.saturating_sub(1);
                    if wanted == 0 {
                        self.connected().await;
                    }
                }
                Ok((Notice::Event { event, .. }, _)) => self.take(&event),
                Ok((Notice::Error { code, .. }, _)) => {
                    let code = super::failure::code(&code);
                    tracing::warn!(institution = %self.base.institution, code, "push subscription");
                    // A service that does not know one of the names is asked for all that it has.
                    if !all {
                        (all, wanted) = (true, 1);
                        if let Err(error) = subscribe(&mut socket, EVENTS.len(), ALL_EVENTS).await {
                            return words(&error);
                        }
                    }
                }
                Ok((Notice::Unsubscribed { .. } | Notice::Other, _)) => {}
                Err(error) => {
                    let institution = &self.base.institution;
                    tracing::warn!(institution, %error, "a push that could not be read");
                    // It may have been any change.
                    self.base.list_changed(None);
                }
            }
        }
    }

    /// Subscribed: from here on nothing is lost; what was, is asked for.
    async fn connected(&mut self) {
        self.base.push_is_up.store(true, Ordering::Relaxed);
        self.base.list_changed(None);
        let Some(heard) = self.heard.take() else { return };
        // Some of this time the line was dead without anybody knowing it.
        let since = heard.saturating_sub(5.minutes());
        match self.base.client.pushed_since(since).await {
            Ok(events) => events.iter().for_each(|event| self.take(event)),
            Err(error) => {
                // Only the cloud has it; elsewhere the changed patients are asked for by day.
                tracing::debug!(institution = %self.base.institution, %error, "missed pushes");
                self.base.read_changes.notify_one();
            }
        }
    }

    fn take(&mut self, event: &Event) {
        if !event.uuid.is_empty() {
            if self.seen.contains(&event.uuid) {
                return;
            }
            if self.seen.len() >= REMEMBERED {
                self.seen.pop_front();
            }
            self.seen.push_back(event.uuid.clone());
        }
        tracing::debug!(institution = %self.base.institution, event = event.body.name(), "push");
        match &event.body {
            Body::Accept(accept) => self.base.list_changed(accept.date),
            Body::Account(account) => self.base.list_changed(account.date),
            Body::Information(information) => {
                if let (Some(number), true) =
                    (&information.patient, information.mode != Mode::Delete)
                {
                    self.patients.changed(number);
                }
                // The list carries names too.
                self.base.list_changed(None);
            }
            Body::Other { .. } => {}
        }
    }
}

async fn subscribe(socket: &mut Socket, n: usize, event: &str) -> Result<(), Error> {
    let request = format!("soegaki-{n}");
    let command = push::write_command(&Command::Subscribe { request, event: event.to_owned() });
    socket.send(Message::text(command)).await
}
