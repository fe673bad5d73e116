//! The cloud as a process: the service itself with a clock that can be set wrong.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cloud::clock::Clock;
use cloud::config::Config;
use e2e::faults::Fault;
use jiff::{SignedDuration, Timestamp};

/// How often the held clock is set on.
const TICK: Duration = Duration::from_millis(2);

/// Serves until standard input ends.
pub fn run(config: &Path) -> Result<(), Fault> {
    e2e::install_crypto();
    let config = Config::read(config)?;
    cloud::logs::install(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Clock::held(Timestamp::now());
        let moved = Arc::new(AtomicI64::new(0));
        tokio::spawn(tick(clock.clone(), Arc::clone(&moved)));
        let running = cloud::serve(config, clock).await?;
        println!("LISTEN {}", running.addr);
        // Standard input can only be waited for by a thread.
        tokio::task::spawn_blocking(move || listen(&moved)).await?;
        running.stop().await;
        Ok(())
    })
}

async fn tick(clock: Clock, moved: Arc<AtomicI64>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        let step = SignedDuration::from_secs(moved.load(Ordering::SeqCst));
        clock.set(Timestamp::now().checked_add(step).unwrap_or(Timestamp::UNIX_EPOCH));
    }
}

fn listen(moved: &AtomicI64) {
    for line in std::io::stdin().lines() {
        let Ok(line) = line else { return };
        if let Some(seconds) = line.strip_prefix("clock ").and_then(|text| text.parse().ok()) {
            moved.store(seconds, Ordering::SeqCst);
        }
    }
}
