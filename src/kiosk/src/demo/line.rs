//! The line between terminal and cloud, with a hand on the plug.
//!
//! The near end is bound before the cloud is up, so that the terminal knows its address at once; connections
//! made early wait for the far end, as behind a router that is still starting.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Carries.
    Whole,
    /// The switch has lost power: open connections break, new ones are refused.
    Broken,
    /// The cable is pulled somewhere behind the switch: everything goes silent, nothing says so.
    Silent,
}

/// The near end, bound and not yet served.
pub struct Near {
    listener: std::net::TcpListener,
    /// Where the terminal connects.
    pub address: SocketAddr,
}

/// The hand on the plug; clones hold the same one.
#[derive(Clone)]
pub struct Plug {
    cut: Arc<watch::Sender<Cut>>,
    far: Arc<watch::Sender<Option<SocketAddr>>>,
}

impl Near {
    /// Takes a free port on loopback.
    pub fn bind() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Carries connections from now on; call within a runtime.
    pub fn serve(self, plug: Plug) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener)?;
        tokio::spawn(async move {
            loop {
                if let Ok((near, _)) = listener.accept().await {
                    tokio::spawn(carry(near, plug.cut.subscribe(), plug.far.subscribe()));
                }
            }
        });
        Ok(())
    }
}

impl Default for Plug {
    fn default() -> Self {
        Self::new()
    }
}

impl Plug {
    /// A whole line without a far end.
    pub fn new() -> Self {
        let (cut, _) = watch::channel(Cut::Whole);
        let (far, _) = watch::channel(None);
        Self { cut: Arc::new(cut), far: Arc::new(far) }
    }

    /// The far end is up at this address.
    pub fn reach(&self, far: SocketAddr) {
        self.far.send_replace(Some(far));
    }

    /// Cuts or mends.
    pub fn set(&self, cut: Cut) {
        self.cut.send_replace(cut);
    }

    /// How the line is.
    pub fn state(&self) -> Cut {
        *self.cut.borrow()
    }
}

/// Carries one connection until one end closes or the line breaks.
async fn carry(
    near: TcpStream,
    mut cut: watch::Receiver<Cut>,
    mut far: watch::Receiver<Option<SocketAddr>>,
) {
    let broken = |cut: &Cut| *cut == Cut::Broken;
    if broken(&cut.borrow()) {
        reset(near);
        return;
    }
    let connect = async {
        let address = *far.wait_for(Option::is_some).await.ok()?;
        let mut open = cut.clone();
        open.wait_for(|cut| *cut == Cut::Whole).await.ok()?;
        TcpStream::connect(address?).await.ok()
    };
    let mut watch_connect = cut.clone();
    let far = tokio::select! {
        far = connect => far,
        _ = watch_connect.wait_for(broken) => None,
    };
    let Some(far) = far else {
        reset(near);
        return;
    };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    {
        let out = pump(&near, &far, cut.clone());
        let back = pump(&far, &near, cut.clone());
        tokio::select! {
            // One end has gone: so does the other, as behind a router that forgets the connection.
            () = out => return,
            () = back => return,
            _ = cut.wait_for(broken) => {}
        }
    }
    reset(near);
    reset(far);
}

/// Moves bytes one way while the line is whole.
async fn pump(from: &TcpStream, to: &TcpStream, mut cut: watch::Receiver<Cut>) {
    let mut buffer = vec![0_u8; 16 * 1024];
    loop {
        if cut.wait_for(|cut| *cut == Cut::Whole).await.is_err() || from.readable().await.is_err() {
            return;
        }
        if *cut.borrow() != Cut::Whole {
            continue;
        }
        match from.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                if write_all(to, &buffer[..length]).await.is_err() {
                    return;
                }
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

async fn write_all(to: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Ends a connection as a dead switch does: without a goodbye.
fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
    drop(stream);
}

#[cfg(test)]
mod tests;
