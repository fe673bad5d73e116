//! The cable between terminal and cloud, which a test can pull, squeeze and put back.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cable {
    Whole,
    /// Connections break and none is taken.
    Cut,
    /// Bytes stop, nobody says a word.
    Silent,
}

#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) addr: SocketAddr,
    cable: Arc<watch::Sender<Cable>>,
}

impl Line {
    pub(crate) async fn to(cloud: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (cable, state) = watch::channel(Cable::Whole);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if *state.borrow() == Cable::Cut {
                    continue;
                }
                let state = state.clone();
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect(cloud).await {
                        join(near, far, state).await;
                    }
                });
            }
        });
        Self { addr, cable: Arc::new(cable) }
    }

    pub(crate) fn cut(&self) {
        self.cable.send_replace(Cable::Cut);
    }

    pub(crate) fn silence(&self) {
        self.cable.send_replace(Cable::Silent);
    }

    pub(crate) fn mend(&self) {
        self.cable.send_replace(Cable::Whole);
    }
}

async fn join(near: TcpStream, far: TcpStream, state: watch::Receiver<Cable>) {
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let up = carry(near_in, far_out, state.clone());
    let down = carry(far_in, near_out, state.clone());
    let mut watched = state;
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = watched.wait_for(|cable| *cable == Cable::Cut) => {}
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut state: watch::Receiver<Cable>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(read) = from.read(&mut buffer).await else { return };
        if read == 0 {
            return;
        }
        // What went into a silent line is lost to both ends until it is mended, then TCP brings it.
        if state.wait_for(|cable| *cable != Cable::Silent).await.is_err()
            || to.write_all(&buffer[..read]).await.is_err()
        {
            return;
        }
    }
}
