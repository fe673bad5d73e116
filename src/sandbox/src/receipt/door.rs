//! The TLS door: who comes in, and how a connection is broken on purpose.
//!
//! An HTTP server never leaves a request without an answer. The receipt computer does, and lines break; so each
//! connection's stream carries a switch that swallows what is written, or cuts the line.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use axum::{Extension, Router};
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures_util::task::AtomicWaker;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::SandboxError;
use crate::certificates::{Authority, Identity};

// Zero, where every switch begins, is an open line.
const SILENT: u8 = 1;
const CUT: u8 = 2;

/// The switch of one connection.
#[derive(Clone, Default)]
pub(crate) struct Switch(Arc<SwitchState>);

#[derive(Default)]
struct SwitchState {
    state: AtomicU8,
    reader: AtomicWaker,
}

impl Switch {
    /// From here on nothing that is written arrives; the connection ends in good order, but empty.
    pub(crate) fn silence(&self) {
        self.0.state.store(SILENT, Ordering::Release);
    }

    fn is(&self, state: u8) -> bool {
        self.0.state.load(Ordering::Acquire) == state
    }
}

impl SwitchState {
    fn cut(&self) {
        self.state.store(CUT, Ordering::Release);
        self.reader.wake();
    }
}

/// All connections, and whether the door is open.
#[derive(Default)]
pub(crate) struct Lines {
    inner: Mutex<Switches>,
}

#[derive(Default)]
struct Switches {
    down: bool,
    open: Vec<Weak<SwitchState>>,
}

impl Lines {
    /// Cuts every connection; while down, no new one gets past the door.
    pub(crate) fn set_down(&self, down: bool) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.down = down;
        if down {
            for line in inner.open.drain(..).filter_map(|line| line.upgrade()) {
                line.cut();
            }
        }
    }

    fn admit(&self) -> Option<Switch> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.down {
            return None;
        }
        inner.open.retain(|line| line.strong_count() > 0);
        let line = Switch::default();
        inner.open.push(Arc::downgrade(&line.0));
        Some(line)
    }
}

/// Lets a client in: the TLS handshake with its certificate, then the switch.
#[derive(Clone)]
pub(crate) struct Door {
    tls: RustlsAcceptor,
    lines: Arc<Lines>,
}

impl Door {
    pub(crate) fn new(tls: Arc<ServerConfig>, lines: Arc<Lines>) -> Self {
        Self { tls: RustlsAcceptor::new(RustlsConfig::from_config(tls)), lines }
    }
}

type TlsStream = <RustlsAcceptor as Accept<TcpStream, ()>>::Stream;

impl Accept<TcpStream, Router> for Door {
    type Stream = Switched<TlsStream>;
    type Service = Router;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Router)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: Router) -> Self::Future {
        let line = self.lines.admit();
        let tls = self.tls.clone();
        Box::pin(async move {
            let Some(line) = line else {
                return Err(io::ErrorKind::ConnectionRefused.into());
            };
            stream.set_nodelay(true)?;
            let (stream, _) = tls.accept(stream, ()).await?;
            let service = service.layer(Extension(line.clone()));
            Ok((Switched { stream, line }, service))
        })
    }
}

/// A stream with a switch.
pub(crate) struct Switched<S> {
    stream: S,
    line: Switch,
}

impl<S: AsyncRead + Unpin> AsyncRead for Switched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Registered before the state is looked at: a cut in between wakes this task again.
        self.line.0.reader.register(cx.waker());
        if self.line.is(CUT) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Switched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.line.is(CUT) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.line.is(SILENT) {
            return Poll::Ready(Ok(buf.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// TLS 1.2 and 1.3, and nobody without a certificate of `authority`.
pub(crate) fn tls(
    authority: &Authority,
    server: &Identity,
) -> Result<Arc<ServerConfig>, SandboxError> {
    let failed = |error: &dyn std::fmt::Display| SandboxError::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(authority.ca_pem().as_bytes());
    roots.add(ca.map_err(|e| failed(&e))?).map_err(|e| failed(&e))?;
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|e| failed(&e))?;
    let certificate =
        CertificateDer::from_pem_slice(server.cert_pem.as_bytes()).map_err(|e| failed(&e))?;
    let key = PrivateKeyDer::from_pem_slice(server.key_pem.as_bytes()).map_err(|e| failed(&e))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(&e))?
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate], key)
        .map_err(|e| failed(&e))?;
    // One request at a time on a line: only so can a single request be left without an answer.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
