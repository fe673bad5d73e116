//! Time, network and trouble: what happens next is drawn from a seed and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ErrorCode;
use api::entries::Receipt;
use api::event::{Event, EventKind};
use clinical::{ReceptionKey, Role, Staff};
use jiff::{SignedDuration, Timestamp};
use kiosk::local::outbox::{NextToSend, OutboxRow, RowState};
use uuid::Uuid;

use crate::oracle::Oracle;
use crate::rng::Rng;
use crate::server::{Server, Stream, reception};
use crate::terminal::{Answer, Person, Task, Terminal};
use crate::{people, signers};

/// Until here people work and trouble comes; then all comes back, and everything must come to rest.
pub const DAY_ENDS: u64 = 60_000;
const REST_BY: u64 = DAY_ENDS + 900_000;
const GIVE_UP_CALL: u64 = 4_000;
const DAY_MS: i64 = 86_400_000;

/// A rule broken on purpose, to see that it is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    Nothing,
    /// The row leaves the outbox on whatever answer comes.
    DropsOnAnyReply,
    /// A receipt for other bytes is taken for one.
    TakesAnyReceipt,
    /// 保存しました is said before the disk has it.
    TellsBeforeSync,
    /// The newest row goes first.
    SendsNewestFirst,
    /// An event whose content could not be read counts as done.
    SkipsUnreadEvents,
    /// The cloud stores an id again.
    CloudForgetsIds,
    /// The cloud's receipt goes out before its commit.
    CloudAnswersBeforeCommit,
}

/// What a PUT is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    Receipt(Box<Receipt>),
    Refusal(ErrorCode),
}

/// A message or a process as it was when something was sent to it.
#[derive(Debug, Clone, Copy)]
pub struct To {
    pub t: usize,
    boot: u32,
    link: u32,
    call: u64,
}

enum What {
    Act(usize),
    Disk { t: usize, boot: u32 },
    Pump { t: usize, boot: u32 },
    Put(To, Arc<OutboxRow>),
    Commit { to: To, epoch: u32, row: Arc<OutboxRow> },
    PutReply(To, Arc<OutboxRow>, Reply),
    PutTimeout(To, Uuid),
    Follow { t: usize, boot: u32 },
    Get(To, Task),
    GetReply(To, Answer),
    GetTimeout(To),
    Subscribe(To, i64),
    Told(To, Event),
    Look(To),
    Trouble,
    LinkUp(usize),
    Start(usize),
    StartServer,
    Rest,
}

pub struct World {
    pub rng: Rng,
    pub broken: Broken,
    pub now: u64,
    queue: BTreeMap<(u64, u64), What>,
    count: u64,
    pub calls: u64,
    pub server: Server,
    pub terminals: Vec<Terminal>,
    pub oracle: Oracle,
    pub keys: Vec<ReceptionKey>,
    /// What happened, in words; kept only where somebody will read it.
    pub trace: Option<Vec<String>>,
}

/// What a run was like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub entries: usize,
    pub stored: usize,
    pub sends: u64,
    pub troubles: u64,
    pub given_up: usize,
}

impl World {
    pub fn new(seed: u64, broken: Broken) -> Self {
        let mut rng = Rng::new(seed);
        let mut server = Server::default();
        server.alive = true;
        server.forgets_ids = broken == Broken::CloudForgetsIds;
        let date = jiff::civil::date(2026, 11, 22);
        let keys: Vec<ReceptionKey> =
            ["00001", "00002"].map(|id| ReceptionKey { date, id: id.to_owned() }).into();
        for (at, key) in keys.iter().enumerate() {
            server.receptions.insert(key.clone(), reception(key, people::PATIENTS[at]));
        }
        for patient in people::PATIENTS {
            server.patients.insert(patient.to_owned(), Vec::new());
        }
        let roles = [Role::Practitioner, Role::Receptionist, Role::Nurse];
        let terminals = 2 + rng.below(2);
        let terminals: Vec<Terminal> = (0..terminals)
            .map(|t| {
                let at_work = (0..2).map(|p| {
                    let who = if p == 0 { t } else { rng.below(roles.len()) };
                    let staff = Staff {
                        account: Uuid::from_u128(who as u128 + 1),
                        name: String::new(),
                        role: roles[who],
                    };
                    let signer = Arc::clone(&signers()[t * 2 + p]);
                    // Who has not signed in here since the key was made is not known to the cloud.
                    if rng.chance(75) {
                        server.keys.insert(signer.public_key(), staff.clone());
                    }
                    Person { staff, signer }
                });
                Terminal::new(at_work.collect())
            })
            .collect();
        let mut world = Self {
            rng,
            broken,
            now: 0,
            queue: BTreeMap::new(),
            count: 0,
            calls: 0,
            server,
            oracle: Oracle::new(terminals.len()),
            terminals,
            keys,
            trace: None,
        };
        for t in 0..world.terminals.len() {
            world.at(0, What::Follow { t, boot: 0 });
            let soon = world.rng.between(100, 3000);
            world.at(soon, What::Act(t));
        }
        let soon = world.rng.between(500, 5000);
        world.at(soon, What::Trouble);
        world.at(DAY_ENDS, What::Rest);
        world
    }

    /// Runs to rest; the error says what was found.
    pub fn run(&mut self) -> Result<Tally, String> {
        while let Some(((time, _), what)) = self.queue.pop_first() {
            self.now = time;
            let rest = matches!(what, What::Rest);
            self.happen(what);
            self.oracle.look(&self.terminals, &self.server)?;
            if rest {
                let last = self.server.last_event();
                if self.terminals.iter().all(|t| t.is_at_rest(last)) {
                    self.oracle.judge(&self.terminals, &self.server)?;
                    return Ok(self.oracle.tally(&self.server, self.calls));
                }
                if self.now > REST_BY {
                    return Err(format!("it does not come to rest: {}", self.unrest()));
                }
            }
        }
        Err("nothing more happens".to_owned())
    }

    fn unrest(&self) -> String {
        let last = self.server.last_event();
        let of = |(t, terminal): (usize, &Terminal)| {
            let (unsent, follower) = (terminal.outbox.rows().count(), &terminal.follower);
            format!("terminal {t}: {unsent} rows, event {} of {last}", follower.seq)
        };
        self.terminals.iter().enumerate().map(of).collect::<Vec<_>>().join("; ")
    }

    fn is_day(&self) -> bool {
        self.now < DAY_ENDS
    }

    fn at(&mut self, time: u64, what: What) {
        self.count += 1;
        self.queue.insert((time, self.count), what);
    }

    fn after(&mut self, low: u64, high: u64, what: What) {
        let time = self.now + self.rng.between(low, high);
        self.at(time, what);
    }

    pub fn note(&mut self, words: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{now:>6} {}", words()));
        }
    }

    pub fn server_clock(&self) -> Timestamp {
        clock(self.now, 0)
    }

    pub fn clock(&self, t: usize) -> Timestamp {
        clock(self.now, self.terminals[t].clock_off)
    }

    fn to(&mut self, t: usize) -> To {
        self.calls += 1;
        let terminal = &self.terminals[t];
        To { t, boot: terminal.boot, link: terminal.link, call: self.calls }
    }

    /// A message over the network: it may be lost, come late, come twice, and it is lost when the line is cut.
    fn carry(&mut self, to: To, message: impl Fn() -> What) {
        if !self.terminals[to.t].link_up || self.terminals[to.t].link != to.link {
            return;
        }
        let day = self.is_day();
        if day && self.rng.chance(6) {
            return;
        }
        let late = day && self.rng.chance(6);
        let copies = if day && self.rng.chance(4) { 2 } else { 1 };
        for _ in 0..copies {
            self.after(1, if late { 2 * GIVE_UP_CALL } else { 60 }, message());
        }
    }

    fn arrives(&self, to: To) -> bool {
        let terminal = &self.terminals[to.t];
        terminal.link_up && terminal.link == to.link
    }

    /// Whether an answer finds the program that asked.
    fn finds(&self, to: To) -> bool {
        let terminal = &self.terminals[to.t];
        self.arrives(to) && terminal.alive && terminal.boot == to.boot
    }

    fn runs(&self, t: usize, boot: u32) -> bool {
        self.terminals[t].alive && self.terminals[t].boot == boot
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Act(t) => {
                if self.is_day() {
                    if self.terminals[t].alive {
                        people::act(self, t);
                    }
                    self.after(100, 6000, What::Act(t));
                }
            }
            What::Disk { t, boot } if self.runs(t, boot) => self.committed(t),
            What::Pump { t, boot } if self.runs(t, boot) => {
                self.terminals[t].pump_at = None;
                self.pump(t);
            }
            What::Put(to, row) if self.arrives(to) => self.put(to, row),
            What::Commit { to, epoch, row } => self.commit(to, epoch, row),
            What::PutReply(to, row, reply) if self.finds(to) => self.put_reply(to, &row, reply),
            What::PutTimeout(to, id) if self.runs(to.t, to.boot) => {
                if self.terminals[to.t].sending == Some((to.call, id)) {
                    self.terminals[to.t].sending = None;
                    let (now, jitter) = (self.clock(to.t), self.rng.unit());
                    self.terminals[to.t].outbox.line_failed(now, jitter);
                    self.pump(to.t);
                }
            }
            What::Follow { t, boot } if self.runs(t, boot) => self.follow(t),
            What::Get(to, task) if self.arrives(to) => self.get(to, &task),
            What::GetReply(to, answer) if self.finds(to) => {
                let terminal = &mut self.terminals[to.t];
                if terminal.follower.reading == Some(to.call) {
                    terminal.follower.reading = None;
                    terminal.follower.tasks.pop_front();
                    terminal.take(answer);
                    self.advance(to.t);
                }
            }
            What::GetTimeout(to) if self.runs(to.t, to.boot) => {
                if self.terminals[to.t].follower.reading == Some(to.call) {
                    if self.broken == Broken::SkipsUnreadEvents
                        && self.terminals[to.t].follower.loaded
                    {
                        self.terminals[to.t].follower.reading = None;
                        self.terminals[to.t].follower.tasks.pop_front();
                        return self.advance(to.t);
                    }
                    self.line_is_broken(to.t);
                }
            }
            What::Subscribe(to, after) if self.arrives(to) => self.subscribe(to, after),
            What::Told(to, event) if self.finds(to) => self.told(to, &event),
            What::Look(to) if self.runs(to.t, to.boot) => self.look_at_stream(to),
            What::Trouble => self.trouble(),
            What::LinkUp(t) => self.terminals[t].link_up = true,
            What::Start(t) => self.start(t),
            What::StartServer => self.server.alive = true,
            What::Rest => self.rest(),
            _ => {}
        }
    }

    // ---- saving and sending

    /// What has gathered goes to the disk.
    pub fn save(&mut self, t: usize) {
        let now = self.clock(t);
        let terminal = &mut self.terminals[t];
        if terminal.begin_batch(now) {
            let boot = terminal.boot;
            self.after(1, 120, What::Disk { t, boot });
        }
    }

    fn committed(&mut self, t: usize) {
        let (saved, ended) = self.terminals[t].end_batch();
        saved.into_iter().for_each(|id| self.oracle.told(t, id));
        ended.into_iter().for_each(|id| self.oracle.given_up(t, id));
        self.save(t);
        self.pump(t);
    }

    fn pump(&mut self, t: usize) {
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
                self.terminals[t].sending = Some((to.call, row.id));
                let up = self.terminals[t].link_up;
                self.carry(to, || What::Put(to, Arc::clone(&row)));
                let until = if up { GIVE_UP_CALL } else { 50 };
                self.at(self.now + until, What::PutTimeout(to, row.id));
            }
            NextToSend::Wait(until) => {
                let wait = until.duration_since(clock).as_millis().clamp(1, 10_000);
                let at = self.now + u64::try_from(wait).unwrap();
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

    fn put(&mut self, to: To, row: Arc<OutboxRow>) {
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

    fn commit(&mut self, to: To, epoch: u32, row: Arc<OutboxRow>) {
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
            receipt.hash = api::proof::hash(b"other bytes");
        }
        self.carry(to, || What::PutReply(to, Arc::clone(&row), reply.clone()));
    }

    fn put_reply(&mut self, to: To, row: &OutboxRow, reply: Reply) {
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
                    Ok(row) => terminal.merge(&row, &receipt),
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
    }

    // ---- following

    fn follow(&mut self, t: usize) {
        let follower = &mut self.terminals[t].follower;
        if follower.conn.is_some() || follower.reading.is_some() {
            return;
        }
        follower.tasks.clear();
        if !follower.loaded {
            follower.tasks.push_back(Task::List);
            let patients = people::PATIENTS.map(|patient| Task::Patient(patient.to_owned()));
            follower.tasks.extend(patients);
            follower.tasks.push_back(Task::Loaded);
            return self.advance(t);
        }
        let to = self.to(t);
        let follower = &mut self.terminals[t].follower;
        follower.conn = Some(to.call);
        follower.taken = follower.seq;
        let after = follower.seq;
        self.carry(to, || What::Subscribe(to, after));
        self.at(self.now + GIVE_UP_CALL, What::Look(to));
    }

    fn advance(&mut self, t: usize) {
        loop {
            let follower = &mut self.terminals[t].follower;
            if follower.reading.is_some() {
                return;
            }
            match follower.tasks.front().cloned() {
                None => return,
                Some(Task::Reached(seq)) => {
                    follower.seq = seq;
                    follower.tasks.pop_front();
                }
                Some(Task::Loaded) => {
                    follower.loaded = true;
                    follower.tasks.pop_front();
                    return self.follow(t);
                }
                Some(task) => {
                    let to = self.to(t);
                    self.terminals[t].follower.reading = Some(to.call);
                    self.carry(to, || What::Get(to, task.clone()));
                    self.at(self.now + GIVE_UP_CALL, What::GetTimeout(to));
                    return;
                }
            }
        }
    }

    fn get(&mut self, to: To, task: &Task) {
        if !self.server.alive {
            return;
        }
        let answer = match task {
            Task::List => Answer::List {
                receptions: self.server.receptions.values().cloned().collect(),
                seq: self.server.last_event(),
            },
            Task::Patient(patient) => {
                let items = self.server.profile(patient);
                Answer::Patient { patient: patient.clone(), items }
            }
            Task::Reception(key) => {
                Answer::Reception(Box::new(self.server.receptions[key].clone()))
            }
            Task::Reached(_) | Task::Loaded => return,
        };
        self.carry(to, || What::GetReply(to, answer.clone()));
    }

    fn subscribe(&mut self, to: To, after: i64) {
        let waits = self.terminals[to.t].follower.conn == Some(to.call);
        let twice = self.server.streams.iter().any(|stream| stream.conn == to.call);
        if !self.server.alive || !waits || twice {
            return;
        }
        let To { t: terminal, boot, link, call: conn } = to;
        self.server.streams.push(Stream { terminal, boot, conn, link, last: self.now });
        let at = self.server.streams.len() - 1;
        for event in self.server.backlog(after) {
            self.tell(at, &event);
        }
    }

    fn tell_all(&mut self, event: &Event) {
        for at in 0..self.server.streams.len() {
            self.tell(at, event);
        }
    }

    /// Within a stream nothing is lost and nothing overtakes, until the line is cut.
    fn tell(&mut self, at: usize, event: &Event) {
        let delay = self.rng.between(1, 80);
        let stream = &mut self.server.streams[at];
        stream.last = stream.last.max(self.now + delay);
        let Stream { terminal: t, boot, conn: call, link, last } = *stream;
        self.at(last, What::Told(To { t, boot, link, call }, event.clone()));
    }

    fn told(&mut self, to: To, event: &Event) {
        let follower = &mut self.terminals[to.t].follower;
        if follower.conn != Some(to.call)
            || event.kind != EventKind::Reset && event.seq <= follower.taken
        {
            return;
        }
        if event.kind == EventKind::Reset || event.seq != follower.taken + 1 {
            follower.loaded = false;
            return self.line_is_broken(to.t);
        }
        follower.taken = event.seq;
        match &event.kind {
            EventKind::ProfileChanged { number, .. } => {
                follower.tasks.push_back(Task::Patient(number.canonical()));
            }
            EventKind::ReceptionChanged { key, .. } => {
                follower.tasks.push_back(Task::Reception(key.clone()));
            }
            _ => {}
        }
        follower.tasks.push_back(Task::Reached(event.seq));
        self.advance(to.t);
    }

    /// No sign of life is a sign too.
    fn look_at_stream(&mut self, to: To) {
        if self.terminals[to.t].follower.conn != Some(to.call) {
            return;
        }
        let stands = self.server.alive && self.server.streams.iter().any(|s| s.conn == to.call);
        if stands && self.arrives(to) {
            self.at(self.now + GIVE_UP_CALL, What::Look(to));
        } else {
            self.line_is_broken(to.t);
        }
    }

    fn line_is_broken(&mut self, t: usize) {
        let follower = &mut self.terminals[t].follower;
        follower.reading = None;
        follower.tasks.clear();
        if let Some(conn) = follower.conn.take() {
            self.server.streams.retain(|stream| stream.conn != conn);
        }
        let boot = self.terminals[t].boot;
        self.after(100, 2000, What::Follow { t, boot });
    }

    // ---- trouble and rest

    fn trouble(&mut self) {
        if !self.is_day() {
            return;
        }
        self.oracle.troubles += 1;
        let t = self.rng.below(self.terminals.len());
        match self.rng.below(10) {
            0..=3 => {
                self.note(|| format!("line of terminal {t} is cut"));
                self.terminals[t].link_up = false;
                self.terminals[t].link += 1;
                self.after(50, 15_000, What::LinkUp(t));
            }
            4..=5 => self.crash_terminal(t),
            6..=7 => self.crash_server(),
            8 => {
                self.crash_server();
                self.crash_terminal(t);
            }
            _ => {
                let off = [DAY_MS, -DAY_MS, 0][self.rng.below(3)];
                self.note(|| format!("clock of terminal {t} is {off} ms off"));
                self.terminals[t].clock_off = off;
            }
        }
        self.after(500, 9000, What::Trouble);
    }

    fn crash_terminal(&mut self, t: usize) {
        if self.terminals[t].alive {
            self.note(|| format!("terminal {t} loses power"));
            let landed = self.rng.chance(50);
            for id in self.terminals[t].crash(landed) {
                self.oracle.given_up(t, id);
            }
            self.after(100, 15_000, What::Start(t));
        }
    }

    fn start(&mut self, t: usize) {
        self.terminals[t].start();
        let boot = self.terminals[t].boot;
        self.at(self.now, What::Follow { t, boot });
        self.pump(t);
    }

    fn crash_server(&mut self) {
        if self.server.alive {
            self.note(|| "the cloud loses power".to_owned());
            self.server.alive = false;
            self.server.epoch += 1;
            self.server.streams.clear();
            self.after(100, 10_000, What::StartServer);
        }
    }

    /// All is well again; people see to what was refused.
    fn rest(&mut self) {
        for t in 0..self.terminals.len() {
            self.terminals[t].link_up = true;
            self.terminals[t].clock_off = 0;
            if self.terminals[t].alive && self.server.alive {
                people::see_to_the_rest(self, t);
                self.terminals[t].outbox.hurry();
                self.pump(t);
            }
        }
        self.at(self.now + 1000, What::Rest);
    }
}

fn clock(ms: u64, off: i64) -> Timestamp {
    let start: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    let ms = i64::try_from(ms).unwrap() + off;
    start.checked_add(SignedDuration::from_millis(ms)).unwrap()
}

pub fn short(id: Uuid) -> String {
    id.to_string()[..4].to_owned()
}

fn words(reply: &Reply) -> String {
    match reply {
        Reply::Receipt(receipt) => {
            format!("receipt {:?}", receipt.result).chars().take(60).collect()
        }
        Reply::Refusal(code) => format!("{code:?}"),
    }
}
