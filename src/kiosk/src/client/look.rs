//! Looks at the cloud: whether it is there, and what its clock says.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::call::Cloud;
use super::lamp::Lamp;
use super::message::Failure;
use super::pause::Pause;

/// One look: lights the lamp and compares the clocks.
pub(super) async fn once(cloud: &Cloud, lamp: &Lamp) -> Result<(), Failure> {
    let before = lamp.now();
    let health = cloud.health().await?;
    lamp.up();
    lamp.compare(health.now, before, lamp.now());
    Ok(())
}

/// Looks while nobody is signed in.
pub(super) async fn now_and_then(cloud: Cloud, lamp: Lamp, retry: Arc<Notify>) {
    let mut pause = Pause::new(cloud.limits.first_pause, cloud.limits.longest_pause);
    loop {
        let sleep = match once(&cloud, &lamp).await {
            Ok(()) => {
                pause.reset();
                cloud.limits.look
            }
            Err(failure) => {
                lamp.down(failure);
                pause.take()
            }
        };
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = retry.notified() => {}
        }
    }
}

/// During a session the event stream lights the lamp; the clocks are still compared.
pub(super) async fn compare_clocks(cloud: Cloud, lamp: Lamp) {
    const ROUNDS: u32 = 15;
    loop {
        let before = lamp.now();
        let pause = match cloud.health().await {
            Ok(health) => {
                lamp.compare(health.now, before, lamp.now());
                cloud.limits.look * ROUNDS
            }
            Err(_) => cloud.limits.look.min(Duration::from_mins(1)),
        };
        tokio::time::sleep(pause).await;
    }
}
