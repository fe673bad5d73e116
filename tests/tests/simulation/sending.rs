//! Saving and sending: disk, outbox, the cloud's transaction and its answer.

use std::sync::Arc;

use api::ErrorCode;
use kiosk::local::outbox::{NextToSend, OutboxRow, RowState};
use uuid::Uuid;

use crate::world::{Broken, GIVE_UP_CALL, Reply, To, What, World, short};

impl World {
    /// What has gathered goes to the disk.
    pub fn save(&mut self, t: usize) {
        let now = self.clock(t);
        let terminal = &mut self.terminals[t];
        if terminal.begin_batch(now) {
            let boot = terminal.boot;
            self.after(1, 120, What::Disk { t, boot });
        }
    }

    pub fn committed(&mut self, t: usize) {
        let (saved, ended) = self.terminals[t].end_batch();
        for id in saved {
            self.oracle.told(t, id);
        }
        for id in ended {
            self.oracle.given_up(t, id);
        }
        self.save(t);
        self.pump(t);
    }

    pub fn pump(&mut self, t: usize) {
        if self.terminals[t].sending.is_some() {
            return;
        }
        let clock = self.clock(t);
        let next = match (self.broken, self.terminals[t].outbox.next(clock)) {
            (Broken::SendsNewestFirst, NextToSend::Row(_)) => {
                let rows = self.terminals[t].outbox.rows();
                let last = rows.filter(|row| row.state == RowState::Waiting).last().cloned();
                last.map_or(NextToSend::Nothing, NextToSend::Row)
            }
            (_, next) => next,
        };
        match next {
            NextToSend::Row(row) => {
                let to = self.to(t);
                self.note(|| format!("terminal {t} sends {}", short(row.id)));
                self.oracle.sent(row.id);
                self.terminals[t].sending = Some((to.call, row.id));
                let up = self.terminals[t].link_up;
                self.carry(to, || What::Put(to, Arc::clone(&row)));
                let until = if up { GIVE_UP_CALL } else { 50 };
                self.at(self.now + until, What::PutTimeout(to, row.id));
            }
            NextToSend::Wait(until) => {
                let wait = until.duration_since(clock).as_millis().clamp(1, 10_000);
                let at = self.now + u64::try_from(wait).expect("at least one");
                let terminal = &mut self.terminals[t];
                if terminal.pump_at.is_none_or(|planned| planned > at) {
                    terminal.pump_at = Some(at);
                    let boot = terminal.boot;
                    self.at(at, What::Pump { t, boot });
                }
            }
            NextToSend::Nothing => {}
        }
    }

    pub fn put(&mut self, to: To, row: Arc<OutboxRow>) {
        if !self.server.alive {
            return;
        }
        if self.is_day() && self.rng.chance(5) {
            let refusal = Reply::Refusal(ErrorCode::Unavailable);
            return self.carry(to, || What::PutReply(to, Arc::clone(&row), refusal.clone()));
        }
        if self.broken == Broken::CloudAnswersBeforeCommit {
            let now = self.server_clock();
            let mut not_yet = self.server.clone();
            let put = not_yet.put(&row.body, &row.public_key, &row.signature, now);
            if let Ok(receipt) = put {
                let reply = Reply::Receipt(Box::new(receipt));
                self.carry(to, || What::PutReply(to, Arc::clone(&row), reply.clone()));
            }
        }
        let epoch = self.server.epoch;
        self.after(1, 40, What::Commit { to, epoch, row });
    }

    pub fn commit(&mut self, to: To, epoch: u32, row: &Arc<OutboxRow>) {
        if !self.server.alive || self.server.epoch != epoch {
            return;
        }
        let (before, now) = (self.server.last_event(), self.server_clock());
        let put = self.server.put(&row.body, &row.public_key, &row.signature, now);
        self.note(|| {
            let what = put.as_ref().map(|_| "stored").map_err(|code| format!("{code:?}"));
            format!("cloud: {} {what:?}", short(row.id))
        });
        for event in self.server.backlog(before) {
            self.tell_all(&event);
        }
        if self.is_day() && self.rng.chance(2) {
            return self.crash_server();
        }
        let mut reply = match put {
            Ok(receipt) => Reply::Receipt(Box::new(receipt)),
            Err(code) => Reply::Refusal(code),
        };
        if let Reply::Receipt(receipt) = &mut reply
            && self.is_day()
            && self.rng.chance(2)
        {
            self.note(|| format!("the receipt for {} is garbled", short(row.id)));
            self.oracle.garbled += 1;
            receipt.hash = api::proof::hash(b"other bytes");
        }
        self.carry(to, || What::PutReply(to, Arc::clone(row), reply.clone()));
    }

    pub fn put_timeout(&mut self, to: To, id: Uuid) {
        if self.terminals[to.t].sending == Some((to.call, id)) {
            self.terminals[to.t].sending = None;
            let (now, jitter) = (self.clock(to.t), self.rng.unit());
            self.terminals[to.t].outbox.line_failed(now, jitter);
            self.pump(to.t);
        }
    }

    pub fn put_reply(&mut self, to: To, row: &OutboxRow, reply: Reply) {
        let t = to.t;
        let awaited = self.terminals[t].sending == Some((to.call, row.id));
        // An answer that nobody waits for any more is mostly dropped with its line; a receipt is one even then.
        if !awaited && (matches!(reply, Reply::Refusal(_)) || self.rng.chance(50)) {
            return;
        }
        let (now, jitter) = (self.clock(t), self.rng.unit());
        let broken = self.broken;
        if let Reply::Receipt(receipt) = &reply
            && (receipt.id, &receipt.hash) == (row.id, &row.hash)
        {
            self.oracle.receipted(t, row.id);
        }
        self.note(|| format!("terminal {t}: {} {}", short(row.id), words(&reply)));
        let terminal = &mut self.terminals[t];
        match reply {
            _ if broken == Broken::DropsOnAnyReply => {
                terminal.outbox.remove(row.id);
            }
            Reply::Receipt(receipt) => {
                let taken = match broken {
                    Broken::TakesAnyReceipt => terminal.outbox.remove(receipt.id).ok_or(()),
                    _ => terminal.outbox.received(&receipt).map_err(drop),
                };
                match taken {
                    Ok(row) => {
                        if let Some(patient) = terminal.merge(&row, &receipt) {
                            terminal.follower.owed.insert(patient, self.calls);
                        }
                    }
                    Err(()) if awaited => terminal.outbox.failed(row.id, now, jitter),
                    Err(()) => {}
                }
            }
            Reply::Refusal(ErrorCode::EntryKeyUnknown) => {
                terminal.outbox.key_unknown(row.id);
                self.oracle.disturbed(t, row);
            }
            Reply::Refusal(
                ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::ReceiptUnavailable,
            ) => terminal.outbox.failed(row.id, now, jitter),
            Reply::Refusal(code) => {
                terminal.outbox.refused(row.id, code, String::new(), now);
                self.oracle.disturbed(t, row);
            }
        }
        let terminal = &mut self.terminals[t];
        terminal.dirty.insert(row.id);
        if awaited {
            terminal.sending = None;
        }
        self.save(t);
        self.pump(t);
        self.advance(t);
    }
}

fn words(reply: &Reply) -> String {
    match reply {
        Reply::Receipt(receipt) => {
            format!("receipt {:?}", receipt.result).chars().take(60).collect()
        }
        Reply::Refusal(code) => format!("{code:?}"),
    }
}
