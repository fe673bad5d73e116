//! Sending what waits in the outbox, one entry after the other, whoever is signed in.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use api::ErrorCode;
use api::entries::{EntryResult, Receipt};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::call::{Cloud, Refusal};
use super::follow::Revisions;
use super::lamp::Lamp;
use super::message::{Failure, FailureKind, Update};
use super::port::Port;
use crate::local::{Handle, NextToSend, OutboxRow};

pub(super) struct Sender {
    pub(super) cloud: Cloud,
    pub(super) cache: Handle,
    pub(super) port: Port,
    pub(super) lamp: Lamp,
    pub(super) revisions: Revisions,
    /// Somebody wants it sent now.
    pub(super) wish: Arc<Notify>,
    /// Tells the follower that the line works.
    pub(super) retry: Arc<Notify>,
    /// True when the program ends: what can go still goes, nothing is waited for.
    pub(super) closing: watch::Receiver<bool>,
}

/// What a failure means for what is sent next.
enum Fate {
    /// The cloud will never take this entry.
    Refused(ErrorCode),
    /// The cloud does not know the key.
    KeyUnknown,
    /// This patient's entries wait a while.
    Later,
    /// Everything waits a while.
    AllLater,
}

/// What has been told, so that it is told once.
#[derive(Default)]
struct Told {
    delayed: HashMap<Uuid, FailureKind>,
    /// The lamp is out by our word.
    dimmed: bool,
}

impl Sender {
    /// Sends until the program ends. The outbox says what goes when; pauses after failures are its own.
    pub(super) async fn run(mut self) {
        let changed = self.cache.outbox_changed();
        let mut told = Told::default();
        loop {
            // Registered before the look, so that what comes in between is not slept over.
            let mut news = pin!(changed.notified());
            news.as_mut().enable();
            let now = self.lamp.now();
            let sleep = match self.cache.next_to_send(now) {
                NextToSend::Row(row) => {
                    self.deliver(&row, &mut told).await;
                    continue;
                }
                // The clock may be set meanwhile; looking again costs nothing.
                NextToSend::Wait(until) => Duration::try_from(until.duration_since(now))
                    .unwrap_or_default()
                    .clamp(Duration::from_millis(1), self.cloud.limits.longest_pause),
                NextToSend::Nothing => Duration::MAX,
            };
            if *self.closing.borrow() {
                return;
            }
            tokio::select! {
                () = news => {}
                () = tokio::time::sleep(sleep) => {}
                () = self.lamp.came_up() => self.cache.send_now(),
                () = self.wish.notified() => self.cache.send_now(),
                // Its other end lives as long as the loop.
                _ = self.closing.changed() => {}
            }
        }
    }

    /// Sends one entry and tells the outbox what became of it.
    async fn deliver(&self, row: &OutboxRow, told: &mut Told) {
        let (failure, message, fate) = match self.cloud.send_entry(row).await {
            Ok(receipt) => match self.received(row, receipt) {
                Ok(()) => {
                    told.delayed.remove(&row.id);
                    self.brighten(told);
                    return;
                }
                Err(failure) => (failure, String::new(), Fate::Later),
            },
            Err(Refusal { failure, message }) => {
                let fate = fate(&failure);
                (failure, message, fate)
            }
        };
        match fate {
            Fate::Refused(code) => {
                self.cache.refused(row.id, code, message.clone());
                self.port.tell(Update::EntryRefused { id: row.id, code, message });
                told.delayed.remove(&row.id);
            }
            Fate::KeyUnknown => self.cache.key_unknown(row.id),
            Fate::Later => {
                self.cache.failed(row.id);
                // What cannot be read may not be the cloud's: it says nothing of the line.
                let unreadable = failure.kind == FailureKind::Garbled;
                self.delayed(row.id, failure, told);
                if unreadable {
                    return;
                }
            }
            Fate::AllLater => {
                self.cache.line_failed();
                if matches!(failure.kind, FailureKind::Refused { .. }) {
                    self.delayed(row.id, failure, told);
                } else {
                    told.dimmed = true;
                    self.lamp.down(failure);
                }
                return;
            }
        }
        self.brighten(told);
    }

    /// Takes a receipt in. One that does not name the entry and its very bytes is none.
    fn received(&self, row: &OutboxRow, receipt: Receipt) -> Result<(), Failure> {
        let wrong =
            |why: &str| Failure::new(FailureKind::Garbled, format!("entry {}: {why}", row.id));
        // The store compares the bytes.
        if receipt.id != row.id {
            return Err(wrong("a receipt for another entry"));
        }
        self.cache.received(&receipt).map_err(|e| wrong(&e.to_string()))?;
        if let EntryResult::ReceptionState { reception, .. } = &receipt.result {
            self.revisions.learn(reception);
        }
        self.port.tell(Update::Receipt(Box::new(receipt), Box::new(row.clone())));
        Ok(())
    }

    fn delayed(&self, id: Uuid, failure: Failure, told: &mut Told) {
        if told.delayed.insert(id, failure.kind.clone()).as_ref() != Some(&failure.kind) {
            self.port.tell(Update::EntryDelayed { id, failure });
        }
    }

    fn brighten(&self, told: &mut Told) {
        if std::mem::take(&mut told.dimmed) {
            self.lamp.up();
            self.retry.notify_waiters();
        }
    }
}

fn fate(failure: &Failure) -> Fate {
    match failure.kind {
        FailureKind::Refused { code, .. } => match code {
            ErrorCode::Invalid
            | ErrorCode::Forbidden
            | ErrorCode::NotFound
            | ErrorCode::TooLarge => Fate::Refused(code),
            ErrorCode::EntryKeyUnknown => Fate::KeyUnknown,
            ErrorCode::Internal | ErrorCode::ReceiptUnavailable => Fate::Later,
            ErrorCode::Unavailable
            | ErrorCode::BadCredentials
            | ErrorCode::AccountLocked
            | ErrorCode::SessionExpired => Fate::AllLater,
        },
        // One answer that cannot be read must not stand in the way of all the other patients' entries.
        FailureKind::Garbled => Fate::Later,
        _ => Fate::AllLater,
    }
}
