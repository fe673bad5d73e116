//! A TCP proxy that is as bad as a line can be: it cuts, stalls, delays, half-closes and swallows replies, each
//! connection as the seed says. What goes through it is TLS, so it sees bytes and no requests; a swallowed reply
//! makes the sender ask again, which is how a request comes twice.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sandbox::clinic::Prng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What a connection goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Carried as it is.
    Whole,
    /// Broken without a goodbye after some bytes.
    Cut,
    /// Silent for a while after some bytes, then carried on.
    Stall,
    /// Every piece comes late.
    Delay,
    /// The terminal's half is closed towards the cloud after some bytes; answers still come.
    HalfCloseNear,
    /// The cloud's half is closed towards the terminal after some bytes; requests still arrive.
    HalfCloseFar,
    /// Requests arrive; answers are thrown away after some bytes, then the connection breaks.
    Swallow,
}

impl Fate {
    /// All that is bad.
    pub const BAD: [Self; 6] = [
        Self::Cut,
        Self::Stall,
        Self::Delay,
        Self::HalfCloseNear,
        Self::HalfCloseFar,
        Self::Swallow,
    ];

    /// As in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Cut => "cut",
            Self::Stall => "stalled",
            Self::Delay => "delayed",
            Self::HalfCloseNear => "half-closed by the terminal",
            Self::HalfCloseFar => "half-closed by the cloud",
            Self::Swallow => "replies swallowed",
        }
    }
}

/// How bad the line is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    /// Every connection is carried as it is.
    #[default]
    Fair,
    /// So many connections of a hundred meet a fate.
    Storm {
        /// Of a hundred.
        percent: u64,
    },
    /// Open connections break and new ones are refused.
    Dead,
}

/// How many connections met which fate, as it happened and not as it was planned.
#[derive(Debug, Default)]
pub struct Counts {
    connections: AtomicU64,
    refused: AtomicU64,
    nobody: AtomicU64,
    met: [AtomicU64; Fate::BAD.len()],
}

impl Counts {
    fn count(&self, fate: Fate) {
        if let Some(at) = Fate::BAD.iter().position(|bad| *bad == fate) {
            self.met[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Connections taken.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Connections refused or broken while the line was dead.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Connections that found no cloud at the other end.
    pub fn nobody(&self) -> u64 {
        self.nobody.load(Ordering::Relaxed)
    }

    /// How often a fate struck.
    pub fn of(&self, fate: Fate) -> u64 {
        let at = Fate::BAD.iter().position(|bad| *bad == fate);
        at.map_or(0, |at| self.met[at].load(Ordering::Relaxed))
    }

    /// All fates that struck.
    pub fn bad(&self) -> u64 {
        Fate::BAD.iter().map(|fate| self.of(*fate)).sum()
    }
}

/// The running proxy; it ends when dropped.
pub struct Proxy {
    /// Where the terminals connect.
    pub address: SocketAddr,
    /// What happened.
    pub counts: Arc<Counts>,
    weather: Arc<watch::Sender<Weather>>,
    far: Arc<watch::Sender<Option<SocketAddr>>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Proxy {
    /// Listens on a free port of loopback; connections wait until [`Proxy::reach`] names the cloud.
    pub fn start(seed: u64) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("proxy")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let weather = Arc::new(watch::Sender::new(Weather::Fair));
        let far = Arc::new(watch::Sender::new(None));
        let line = Line {
            seed,
            counts: Arc::clone(&counts),
            weather: Arc::clone(&weather),
            far: Arc::clone(&far),
        };
        runtime.spawn(accept(listener, line));
        Ok(Self { address, counts, weather, far, runtime: Some(runtime) })
    }

    /// The cloud is at this address now; open connections to the former one are left to break by themselves.
    pub fn reach(&self, far: SocketAddr) {
        self.far.send_replace(Some(far));
    }

    /// Changes the weather. [`Weather::Dead`] breaks what is open; fair weather ends the troubles of open
    /// connections too.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[derive(Clone)]
struct Line {
    seed: u64,
    counts: Arc<Counts>,
    weather: Arc<watch::Sender<Weather>>,
    far: Arc<watch::Sender<Option<SocketAddr>>>,
}

async fn accept(listener: TcpListener, line: Line) {
    loop {
        // An error here is one connection's, or a moment without file descriptors.
        let Ok((near, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = line.counts.connections.fetch_add(1, Ordering::Relaxed);
        let mut dice = Prng::of(line.seed, number);
        let fate = match *line.weather.borrow() {
            Weather::Storm { percent } if dice.chance(percent) => dice.pick(&Fate::BAD),
            _ => Fate::Whole,
        };
        tokio::spawn(carry(near, Plan::roll(fate, &mut dice), line.clone()));
    }
}

/// What will happen to one connection.
#[derive(Debug, Clone, Copy)]
struct Plan {
    fate: Fate,
    /// Towards the cloud, or towards the terminal.
    upstream: bool,
    /// After so many bytes of that direction.
    after: u64,
    /// For so long.
    pause: Duration,
}

impl Plan {
    fn roll(fate: Fate, dice: &mut Prng) -> Self {
        // From within the TLS handshake to some dozens of requests later, small numbers oftener.
        let magnitude = dice.between(6, 15);
        let after = dice.below(1 << magnitude);
        let pause = match fate {
            Fate::Delay => dice.between(5, 80),
            _ => dice.between(200, 2_500),
        };
        let upstream = match fate {
            Fate::HalfCloseNear => true,
            Fate::HalfCloseFar | Fate::Swallow => false,
            _ => dice.chance(50),
        };
        Self { fate, upstream, after, pause: Duration::from_millis(pause.unsigned_abs()) }
    }

    fn is_due(self, upstream: bool, moved: u64, struck: bool) -> bool {
        // A stall comes once; what follows it flows.
        let again = !(struck && self.fate == Fate::Stall);
        self.fate != Fate::Whole && self.upstream == upstream && moved > self.after && again
    }
}

/// How a pump ended.
enum End {
    /// One side closed its half, and so did we towards the other.
    Closed,
    /// The connection is to break now.
    Break,
}

async fn carry(near: TcpStream, plan: Plan, line: Line) {
    let mut weather = line.weather.subscribe();
    let dead = |now: &Weather| *now == Weather::Dead;
    let mut far_address = line.far.subscribe();
    let far = async {
        let address = *far_address.wait_for(Option::is_some).await.ok()?;
        TcpStream::connect(address?).await.ok()
    };
    let (far, missed) = tokio::select! {
        far = far => (far, &line.counts.nobody),
        _ = weather.wait_for(dead) => (None, &line.counts.refused),
    };
    let Some(far) = far else {
        missed.fetch_add(1, Ordering::Relaxed);
        let _ = near.set_zero_linger();
        return;
    };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let both = async {
        let out = pump(&mut near_read, &mut far_write, plan, true, &line);
        let back = pump(&mut far_read, &mut near_write, plan, false, &line);
        tokio::pin!(out, back);
        let (first, outwards) =
            tokio::select! { end = &mut out => (end, true), end = &mut back => (end, false) };
        match (first, outwards) {
            (End::Break, _) => End::Break,
            (End::Closed, true) => back.await,
            (End::Closed, false) => out.await,
        }
    };
    let end = tokio::select! {
        end = both => end,
        _ = weather.wait_for(dead) => {
            line.counts.refused.fetch_add(1, Ordering::Relaxed);
            End::Break
        }
    };
    if matches!(end, End::Break) {
        // Without linger, closing is a reset and not a goodbye.
        let _ = (near_read.as_ref().set_zero_linger(), far_read.as_ref().set_zero_linger());
    }
}

/// Moves bytes one way until that way ends.
async fn pump(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    plan: Plan,
    upstream: bool,
    line: &Line,
) -> End {
    let mut weather = line.weather.subscribe();
    let mut moved = 0_u64;
    let mut struck = false;
    let mut buffer = vec![0_u8; 16 * 1024];
    loop {
        let length = match from.read(&mut buffer).await {
            Ok(0) => {
                let _ = to.shutdown().await;
                return End::Closed;
            }
            Ok(length) => length,
            Err(_) => return End::Break,
        };
        moved += length as u64;
        let fair = *weather.borrow() == Weather::Fair;
        if !fair && plan.is_due(upstream, moved, struck) {
            if !struck {
                struck = true;
                line.counts.count(plan.fate);
            }
            if let Some(end) = strike(plan, from, to, &mut weather).await {
                return end;
            }
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return End::Break;
        }
    }
}

/// Does what is planned; `None` when the connection goes on.
async fn strike(
    plan: Plan,
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    weather: &mut watch::Receiver<Weather>,
) -> Option<End> {
    let end = match plan.fate {
        Fate::Whole => return None,
        Fate::Stall | Fate::Delay => {
            let over = weather.wait_for(|now| *now == Weather::Fair);
            let _ = tokio::time::timeout(plan.pause, over).await;
            return None;
        }
        Fate::Cut => return Some(End::Break),
        Fate::Swallow => End::Break,
        Fate::HalfCloseNear | Fate::HalfCloseFar => {
            let _ = to.shutdown().await;
            End::Closed
        }
    };
    // What the sender still says goes to nobody.
    let mut buffer = [0_u8; 1024];
    let silence = async { while matches!(from.read(&mut buffer).await, Ok(1..)) {} };
    let _ = tokio::time::timeout(plan.pause, silence).await;
    Some(end)
}
