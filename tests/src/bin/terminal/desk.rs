//! The persons at the terminal, and what they see on its screen.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use api::entries::Entry;
use api::proof;
use e2e::faults::Fault;
use e2e::faults::clinic::{CODE, Plan};
use e2e::faults::disk::Troubles;
use e2e::faults::journal::{Journal, Pen};
use e2e::faults::stream::{Next, Stream};
use jiff::{SignedDuration, Timestamp};
use kiosk::client::{self, Limits, Request, Update, Worker};
use kiosk::config::Keyring;
use kiosk::local::{Confirm, Handle, Kept, NextToSend, NotKept, RowPatient, RowState, Settings};
use sandbox::clinic::Prng;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use crate::Arguments;

/// Longer than the store may take for one entry, or a sign-in with the line up, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two looks at what is left when nothing has woken us.
const LOOK: Duration = Duration::from_millis(100);

/// What the person gave as orders.
enum Order {
    Clock(i64),
    Full(bool),
    End,
}

struct Desk<'a> {
    arguments: &'a Arguments,
    troubles: Troubles,
    clock: Arc<AtomicI64>,
    pen: Pen,
    store: Handle,
    requests: UnboundedSender<Request>,
    updates: Receiver<Update>,
    woken: Receiver<()>,
    orders: Receiver<Order>,
    stream: Stream,
    /// What is on its way to the cloud.
    entries: HashMap<Uuid, Entry>,
    kept: Vec<Kept>,
    sign_ins: Vec<Update>,
    ended: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Fault> {
    e2e::install_crypto();
    let plan: Plan = serde_json::from_slice(&std::fs::read(&arguments.plan)?)?;
    std::fs::create_dir_all(&arguments.folder)?;
    let path = arguments.folder.join("journal");
    let journal = Journal::read(&path)?;
    let mut pen = Pen::open(&path)?;
    pen.line("RUN")?;
    let clock = Arc::new(AtomicI64::new(0));
    let troubles = Troubles::new(
        arguments.stop_at.map(|at| (at, arguments.stop)),
        arguments.full_every,
        arguments.power,
    );
    let orders = listen()?;
    let (wake, woken) = channel();
    let store = open(arguments, &troubles, &clock, wake.clone());
    let settings = worker_settings(arguments, &plan, &clock);
    let (requests, updates, worker) = client::spawn(settings, store.clone(), move || {
        let _ = wake.send(());
    })?;
    let stream = Stream::new(arguments.seed, plan, &arguments.name, &journal);
    let mut desk = Desk {
        arguments,
        troubles,
        clock,
        pen,
        store,
        requests,
        updates,
        woken,
        orders,
        stream,
        entries: HashMap::new(),
        kept: Vec::new(),
        sign_ins: Vec::new(),
        ended: false,
    };
    desk.work()?;
    desk.leave(worker)
}

fn listen() -> Result<Receiver<Order>, Fault> {
    let (sender, orders) = channel();
    std::thread::Builder::new().name("orders".to_owned()).spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { break };
            let order = match line.split_once(' ') {
                Some(("clock", seconds)) => seconds.parse().ok().map(Order::Clock),
                Some(("full", how)) => Some(Order::Full(how == "on")),
                _ => None,
            };
            if let Some(order) = order
                && sender.send(order).is_err()
            {
                return;
            }
        }
        let _ = sender.send(Order::End);
    })?;
    Ok(orders)
}

fn clock_of(moved: &Arc<AtomicI64>) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let moved = Arc::clone(moved);
    Arc::new(move || {
        let step = SignedDuration::from_secs(moved.load(Ordering::SeqCst));
        Timestamp::now().checked_add(step).unwrap_or(Timestamp::UNIX_EPOCH)
    })
}

fn open(
    arguments: &Arguments,
    troubles: &Troubles,
    clock: &Arc<AtomicI64>,
    wake: std::sync::mpsc::Sender<()>,
) -> Handle {
    let settings = Settings {
        folder: arguments.folder.join("store"),
        institution: CODE.to_owned(),
        patients: 50,
        keyring: Keyring::File,
    };
    let wake = Arc::new(move || {
        let _ = wake.send(());
    });
    Handle::open_on(settings, wake, clock_of(clock), troubles.disk())
}

fn worker_settings(arguments: &Arguments, plan: &Plan, clock: &Arc<AtomicI64>) -> client::Settings {
    client::Settings {
        url: plan.url.clone(),
        ca_pem: Some(plan.ca_pem.clone()),
        institution: CODE.to_owned(),
        terminal: arguments.name.clone(),
        limits: Limits {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(3),
            stall: Duration::from_secs(4),
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_millis(200),
            farewell: Duration::from_millis(300),
            ..Limits::default()
        },
        clock: clock_of(clock),
    }
}

impl Desk<'_> {
    fn work(&mut self) -> Result<(), Fault> {
        if self.arguments.sign_in {
            self.sign_in(1)?;
            self.sign_in(0)?;
        }
        if self.arguments.stay {
            self.ask_in(0)?;
        }
        let mut dice = Prng::of(self.arguments.seed, 0x5041_5553);
        for _ in 0..self.arguments.count {
            if self.ended {
                return Ok(());
            }
            let next = self.stream.next(self.now());
            self.enter(&next)?;
            if self.arguments.hurry {
                self.requests.send(Request::SendNow)?;
            }
            if self.arguments.pause > 0 {
                let pause = Duration::from_millis(dice.below(self.arguments.pause + 1));
                self.look(pause)?;
            }
        }
        self.pen.line("ENTERED")?;
        self.drain()
    }

    fn now(&self) -> Timestamp {
        clock_of(&self.clock)()
    }

    /// One entry: confirmed, and waited for until the screen says what became of it.
    fn enter(&mut self, next: &Next) -> Result<(), Fault> {
        let (id, now) = (Uuid::now_v7(), self.now());
        let entry = Entry { id, entered_at: now, content: next.content.clone() };
        let author = self.stream.person(next.person).staff.account;
        let body = serde_json::to_string(&entry)?;
        self.pen.line(&format!("TRY {author} {} {body}", proof::hash(body.as_bytes())))?;
        if self.arguments.lie {
            self.pen.line(&format!("SAVED {id}"))?;
        }
        let patient = self.stream.patient(next.patient);
        self.entries.insert(id, entry.clone());
        self.store.confirm(Confirm {
            author,
            entry: entry.clone(),
            patient: RowPatient {
                number: Some(patient.number.clone()),
                name: patient.name.clone(),
            },
            draft: None,
            replaces: None,
        });
        let end = Instant::now() + PATIENCE;
        let kept = loop {
            if let Some(at) = self.kept.iter().position(|kept| kept.id() == id) {
                break self.kept.swap_remove(at);
            }
            if Instant::now() > end {
                return Err(format!("the store says nothing about {id}").into());
            }
            self.look(LOOK)?;
        };
        match kept {
            Kept::Saved { .. } => {
                if !self.arguments.lie {
                    self.pen.line(&format!("SAVED {id}"))?;
                }
                self.stream.saved(&entry, author);
            }
            Kept::NotSaved { why, detail, .. } => {
                self.pen.line(&format!("NOTSAVED {id} {why:?} {detail}"))?;
                if why == NotKept::NoKey {
                    self.sign_in(next.person)?;
                }
            }
        }
        Ok(())
    }

    /// Signs somebody in, again and again until the answer is yes, and out again: from then on the person can sign
    /// here. With a dead line this waits for it, unless the terminal knows the person.
    fn sign_in(&mut self, at: usize) -> Result<(), Fault> {
        let person = self.stream.person(at).clone();
        let end = Instant::now() + PATIENCE;
        while !self.ended && Instant::now() < end {
            self.sign_ins.clear();
            self.ask_in(at)?;
            while self.sign_ins.is_empty() && !self.ended && Instant::now() < end {
                self.look(LOOK)?;
            }
            let word = match self.sign_ins.pop() {
                Some(Update::SignedIn(_)) => "online",
                Some(Update::SignedInOffline(_)) => "offline",
                other => {
                    if let Some(Update::SignInFailed(failure)) = other {
                        eprintln!("sign-in of {}: {failure:?}", person.login);
                    }
                    self.look(LOOK)?;
                    continue;
                }
            };
            self.store.settle(PATIENCE);
            self.pen.line(&format!("SIGNED {word} {}", person.login))?;
            self.requests.send(Request::SignOut)?;
            return self.look(Duration::ZERO);
        }
        Ok(())
    }

    fn ask_in(&self, person: usize) -> Result<(), Fault> {
        let person = self.stream.person(person);
        let (login, password) = (person.login.clone(), person.password.clone().into());
        Ok(self.requests.send(Request::SignIn { login, password })?)
    }

    /// Waits until the outbox is empty, then for the order to end.
    fn drain(&mut self) -> Result<(), Fault> {
        let mut told = false;
        // What is on disk must have been read.
        self.store.settle(PATIENCE);
        while !self.ended {
            let outbox = self.store.outbox();
            // What waits behind a refused entry of the same item stays with it.
            let goes_on = self.store.next_to_send(self.now()) != NextToSend::Nothing;
            let unsigned = outbox.rows.iter().find(|row| row.state == RowState::NeedsSignIn);
            if let Some(row) = unsigned {
                let author = row.author.account;
                let person = (0..2).find(|at| self.stream.person(*at).staff.account == author);
                self.sign_in(person.unwrap_or(0))?;
            } else if !goes_on && self.store.settle(PATIENCE) {
                if !told {
                    told = true;
                    self.look(Duration::ZERO)?;
                    self.pen.line("DRAINED")?;
                }
                if self.arguments.leave {
                    return Ok(());
                }
            } else {
                told = false;
            }
            if self.arguments.hurry {
                self.requests.send(Request::SendNow)?;
            }
            self.look(LOOK)?;
        }
        Ok(())
    }

    /// Sees what the screen shows now, or waits for something new at most so long.
    fn look(&mut self, limit: Duration) -> Result<(), Fault> {
        match self.woken.recv_timeout(limit) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err("the kiosk's workers are gone".into());
            }
        }
        while self.woken.try_recv().is_ok() {}
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Clock(seconds) => self.clock.store(seconds, Ordering::SeqCst),
                Order::Full(full) => self.troubles.set_full(full),
                Order::End => self.ended = true,
            }
        }
        for notice in self.store.notices() {
            let (kind, detail) = (notice.kind, notice.detail.replace('\n', " "));
            self.pen.line(&format!("NOTICE {kind:?} {} {detail}", notice.unsent))?;
        }
        self.kept.extend(self.store.kept());
        while let Ok(update) = self.updates.try_recv() {
            match update {
                Update::Receipt(receipt, _) => {
                    self.pen.line(&format!("SENT {}", receipt.id))?;
                    if let Some(entry) = self.entries.remove(&receipt.id) {
                        self.stream.received(&entry, &receipt);
                    }
                }
                Update::EntryRefused { id, code, message } => {
                    self.pen.line(&format!("REFUSED {id} {code:?} {message}"))?;
                }
                Update::SignedIn(_) | Update::SignedInOffline(_) | Update::SignInFailed(_) => {
                    self.sign_ins.push(update);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What is still here, then the end.
    fn leave(mut self, worker: Worker) -> Result<(), Fault> {
        drop(self.requests);
        worker.finish();
        self.store.settle(PATIENCE);
        for row in &self.store.outbox().rows {
            let hash = proof::hash(&row.body);
            self.pen.line(&format!("LEFT {} {:?} {hash}", row.id, row.state))?;
        }
        self.pen.line(&format!("REFUSALS {}", self.troubles.refusals()))?;
        self.pen.line("END")?;
        Ok(())
    }
}
