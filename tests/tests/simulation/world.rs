//! Time, network and trouble: what happens next is drawn from a seed and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ErrorCode;
use api::entries::Receipt;
use api::event::Event;
use clinical::{ReceptionKey, Role, Staff};
use jiff::Timestamp;
use kiosk::local::outbox::OutboxRow;
use uuid::Uuid;

use crate::oracle::Oracle;
use crate::rng::Rng;
use crate::server::{Server, reception};
use crate::tally::Tally;
use crate::terminal::{Answer, Person, Task, Terminal};
use crate::{people, signers};

/// Until here people work and trouble comes; then all comes back, and everything must come to rest.
pub const DAY_ENDS: u64 = 60_000;
const REST_BY: u64 = DAY_ENDS + 900_000;
pub const GIVE_UP_CALL: u64 = 4_000;

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
    pub boot: u32,
    pub link: u32,
    pub call: u64,
}

pub enum What {
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
                    let calls = usize::try_from(self.calls).expect("few enough");
                    return Ok(self.oracle.tally(&self.server, calls));
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

    pub fn is_day(&self) -> bool {
        self.now < DAY_ENDS
    }

    pub fn at(&mut self, time: u64, what: What) {
        self.count += 1;
        self.queue.insert((time, self.count), what);
    }

    pub fn after(&mut self, low: u64, high: u64, what: What) {
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

    pub fn to(&mut self, t: usize) -> To {
        self.calls += 1;
        let terminal = &self.terminals[t];
        To { t, boot: terminal.boot, link: terminal.link, call: self.calls }
    }

    /// A message over the network: it may be lost, come late, come twice, and it is lost when the line is cut.
    pub fn carry(&mut self, to: To, message: impl Fn() -> What) {
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

    pub fn arrives(&self, to: To) -> bool {
        let terminal = &self.terminals[to.t];
        terminal.link_up && terminal.link == to.link
    }

    /// Whether an answer finds the program that asked.
    pub fn finds(&self, to: To) -> bool {
        let terminal = &self.terminals[to.t];
        self.arrives(to) && terminal.alive && terminal.boot == to.boot
    }

    pub fn runs(&self, t: usize, boot: u32) -> bool {
        self.terminals[t].alive && self.terminals[t].boot == boot
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Act(t) if self.is_day() => {
                if self.terminals[t].alive {
                    people::act(self, t);
                }
                self.after(100, 6000, What::Act(t));
            }
            What::Disk { t, boot } if self.runs(t, boot) => self.committed(t),
            What::Pump { t, boot } if self.runs(t, boot) => {
                self.terminals[t].pump_at = None;
                self.pump(t);
            }
            What::Put(to, row) if self.arrives(to) => self.put(to, row),
            What::Commit { to, epoch, row } => self.commit(to, epoch, &row),
            What::PutReply(to, row, reply) if self.finds(to) => self.put_reply(to, &row, reply),
            What::PutTimeout(to, id) if self.runs(to.t, to.boot) => self.put_timeout(to, id),
            What::Follow { t, boot } if self.runs(t, boot) => self.follow(t),
            What::Get(to, task) if self.arrives(to) => self.get(to, &task),
            What::GetReply(to, answer) if self.finds(to) => self.got(to, answer),
            What::GetTimeout(to) if self.runs(to.t, to.boot) => self.get_timeout(to),
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
}

fn clock(ms: u64, off: i64) -> Timestamp {
    const START: i64 = 1_795_305_600; // 2026-11-22T00:00:00Z
    let ms = i64::try_from(ms).expect("a short day") + off;
    Timestamp::from_millisecond(START * 1000 + ms).expect("within the calendar")
}

pub fn short(id: Uuid) -> String {
    id.to_string()[..4].to_owned()
}
