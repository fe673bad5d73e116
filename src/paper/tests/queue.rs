//! The print queue: nothing is printed twice without a person, and nothing is lost, wherever the program stops.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use paper::printers::{JobNumber, JobState, SubmitError};
use paper::queue::{Act, Job, Queue, Shelf, ShelfError, State, Why};
use proptest::prelude::*;
use uuid::Uuid;

/// A disk that can refuse, and that keeps what it took.
#[derive(Default)]
struct Disk {
    kept: BTreeMap<Uuid, Job<u32>>,
    refuses: bool,
    /// A refused write may have arrived all the same.
    refused_arrive: bool,
}

impl Shelf<u32> for Disk {
    fn load(&mut self) -> Result<Vec<Job<u32>>, ShelfError> {
        Ok(self.kept.values().cloned().collect())
    }

    fn put(&mut self, job: &Job<u32>) -> Result<(), ShelfError> {
        if !self.refuses || self.refused_arrive {
            self.kept.insert(job.id, job.clone());
        }
        if self.refuses { Err(ShelfError("full".to_owned())) } else { Ok(()) }
    }

    fn remove(&mut self, ids: &[Uuid]) -> Result<(), ShelfError> {
        if self.refuses {
            return Err(ShelfError("full".to_owned()));
        }
        for id in ids {
            self.kept.remove(id);
        }
        Ok(())
    }
}

/// Where the program stops within a handing over.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Crash {
    Never,
    BeforeSubmit,
    Submitted,
    /// The spooler has it and does not say so.
    SubmittedSilently,
    /// The program goes on, and the disk refuses from then on.
    DiskFull,
}

/// What the spooler does with a document.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Takes {
    Yes,
    YesWithoutNumber,
    NotThere,
    Refuses,
    UncertainTaken,
    UncertainNot,
}

#[derive(Debug, Clone)]
enum Op {
    Add,
    Work(Takes, Crash),
    Crash,
    Heard(usize, JobState),
    Act(usize, Act),
    Later(i64),
    Disk(bool, bool),
    ForgetBooks,
    Sweep,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let takes = prop_oneof![
        4 => Just(Takes::Yes),
        1 => Just(Takes::YesWithoutNumber),
        1 => Just(Takes::NotThere),
        1 => Just(Takes::Refuses),
        1 => Just(Takes::UncertainTaken),
        1 => Just(Takes::UncertainNot),
    ];
    let crash = prop_oneof![
        3 => Just(Crash::Never),
        1 => Just(Crash::BeforeSubmit),
        1 => Just(Crash::Submitted),
        1 => Just(Crash::SubmittedSilently),
        1 => Just(Crash::DiskFull),
    ];
    let word = prop_oneof![
        Just(JobState::Pending),
        Just(JobState::Held),
        Just(JobState::Done),
        Just(JobState::GivenUp),
        Just(JobState::Forgotten),
    ];
    let act = prop_oneof![
        Just(Act::Retry),
        Just(Act::Cancel),
        any::<bool>().prop_map(|printed| Act::Settle { printed }),
    ];
    let op = prop_oneof![
        3 => Just(Op::Add),
        6 => (takes, crash).prop_map(|(takes, crash)| Op::Work(takes, crash)),
        2 => Just(Op::Crash),
        3 => (0..8usize, word).prop_map(|(at, word)| Op::Heard(at, word)),
        3 => (0..8usize, act).prop_map(|(at, act)| Op::Act(at, act)),
        2 => (1..100_000i64).prop_map(Op::Later),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(on, arrive)| Op::Disk(on, arrive)),
        1 => Just(Op::ForgetBooks),
        1 => Just(Op::Sweep),
    ];
    prop::collection::vec(op, 1..60)
}

/// What really happened to a job.
#[derive(Default, Debug)]
struct Truth {
    /// The disk had it when it was added: it must not be lost.
    promised: bool,
    /// How often the spooler took it.
    taken: u32,
    /// How often a person asked for it: once by printing it, then by trying again.
    asked: u32,
    /// A person said that the paper is there.
    seen: bool,
    given_up: bool,
    gone: bool,
}

struct World {
    queue: Queue<u32>,
    disk: Disk,
    now: Timestamp,
    books: BTreeMap<Uuid, JobNumber>,
    truth: BTreeMap<Uuid, Truth>,
    numbers: u64,
}

impl World {
    fn new() -> Self {
        Self {
            queue: Queue::default(),
            disk: Disk::default(),
            now: Timestamp::from_second(1_795_000_000).unwrap(),
            books: BTreeMap::new(),
            truth: BTreeMap::new(),
            numbers: 0,
        }
    }

    fn restart(&mut self) {
        self.queue = Queue::default();
        let books = &self.books;
        let find = |job: &Job<u32>| books.get(&job.id).copied();
        // A disk that is full still reads.
        let _ = self.queue.load(&mut self.disk, find, self.now);
        let left: Vec<Uuid> = self.queue.jobs().iter().map(|job| job.id).collect();
        for (id, truth) in &mut self.truth {
            if !left.contains(id) && !truth.promised {
                truth.gone = true;
            }
        }
    }

    fn nth(&self, at: usize) -> Option<Uuid> {
        self.queue.jobs().get(at).map(|job| job.id)
    }

    fn submit(&mut self, id: Uuid, takes: Takes) -> Result<Option<JobNumber>, SubmitError> {
        if matches!(takes, Takes::Yes | Takes::YesWithoutNumber | Takes::UncertainTaken) {
            self.truth.get_mut(&id).unwrap().taken += 1;
            self.numbers += 1;
            self.books.insert(id, JobNumber(self.numbers));
        }
        match takes {
            Takes::Yes => Ok(Some(JobNumber(self.numbers))),
            Takes::YesWithoutNumber => Ok(None),
            Takes::NotThere => Err(SubmitError::NotThere("off".to_owned())),
            Takes::Refuses => Err(SubmitError::Refused("no".to_owned())),
            Takes::UncertainTaken | Takes::UncertainNot => {
                Err(SubmitError::Uncertain("?".to_owned()))
            }
        }
    }

    fn work(&mut self, takes: Takes, crash: Crash) {
        // As the worker does: nothing new is begun while the disk lacks something.
        if self.queue.keep_rest(&mut self.disk).is_err() {
            return;
        }
        let Some(id) = self.queue.due(self.now).map(|job| job.id) else { return };
        let Ok(tries) = self.queue.begin(&mut self.disk, id) else { return };
        if crash == Crash::BeforeSubmit {
            return self.restart();
        }
        let told = self.submit(id, takes);
        match crash {
            Crash::Never | Crash::BeforeSubmit => {}
            Crash::Submitted => return self.restart(),
            Crash::SubmittedSilently => {
                self.books.clear();
                return self.restart();
            }
            Crash::DiskFull => (self.disk.refuses, self.disk.refused_arrive) = (true, false),
        }
        let _ = self.queue.finish(&mut self.disk, id, told, tries, self.now);
    }

    fn act(&mut self, at: usize, act: Act) {
        let Some(id) = self.nth(at) else { return };
        let before = self.queue.job(id).unwrap().state.clone();
        let _ = self.queue.act(&mut self.disk, id, act, self.now);
        let after = self.queue.job(id).unwrap().state.clone();
        let truth = self.truth.get_mut(&id).unwrap();
        match act {
            Act::Settle { printed: true } if before != after => truth.seen = true,
            Act::Retry | Act::Settle { printed: false }
                if matches!(after, State::Waiting { .. })
                    && !matches!(before, State::Waiting { .. }) =>
            {
                truth.asked += 1;
            }
            _ => {}
        }
    }

    fn run(&mut self, op: &Op) {
        match *op {
            Op::Add => {
                let id = Uuid::from_u128(self.truth.len() as u128 + 1);
                let printer = format!("p{}", self.truth.len() % 2);
                let job = Job::new(id, self.now, printer, 0);
                let promised = self.queue.add(&mut self.disk, job).is_ok();
                self.truth.insert(id, Truth { promised, asked: 1, ..Truth::default() });
            }
            Op::Work(takes, crash) => self.work(takes, crash),
            Op::Crash => self.restart(),
            Op::Heard(at, word) => {
                let Some(id) = self.nth(at) else { return };
                let open = self.queue.open_jobs().any(|(job, _)| job.id == id);
                let _ = self.queue.heard(&mut self.disk, id, word, self.now);
                if open && word == JobState::GivenUp {
                    self.truth.get_mut(&id).unwrap().given_up = true;
                }
            }
            Op::Act(at, act) => self.act(at, act),
            Op::Later(seconds) => self.now += SignedDuration::from_secs(seconds),
            Op::Disk(refuses, arrive) => {
                (self.disk.refuses, self.disk.refused_arrive) = (refuses, arrive);
            }
            Op::ForgetBooks => self.books.clear(),
            Op::Sweep => {
                let before: Vec<Uuid> = self.queue.jobs().iter().map(|job| job.id).collect();
                let may: Vec<Uuid> = self
                    .queue
                    .jobs()
                    .iter()
                    .filter(|job| job.may_go(self.now))
                    .map(|job| job.id)
                    .collect();
                let _ = self.queue.sweep(&mut self.disk, self.now);
                for id in before {
                    if self.queue.job(id).is_none() {
                        assert!(may.contains(&id), "swept too early");
                        self.truth.get_mut(&id).unwrap().gone = true;
                    }
                }
            }
        }
    }

    fn check(&self) {
        for (id, truth) in &self.truth {
            assert!(truth.taken <= truth.asked, "printed twice silently: {truth:?}");
            let Some(job) = self.queue.job(*id) else {
                assert!(truth.gone, "lost: {truth:?}");
                continue;
            };
            let claims_printed =
                matches!(job.state, State::Printed { .. } | State::HandedOver { .. });
            assert!(!claims_printed || truth.taken > 0 || truth.seen, "{job:?} {truth:?}");
            // Whoever was never asked again and printed must not be told that nothing was.
            let claims_not = matches!(
                job.state,
                State::Waiting { .. }
                    | State::Failed {
                        why: Why::NotThere { .. } | Why::Refused { .. } | Why::Stale,
                        ..
                    }
            );
            assert!(!(claims_not && truth.taken > 0 && truth.asked == 1), "{job:?} {truth:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_printed_twice_silently(ops in ops()) {
        let mut world = World::new();
        for op in ops {
            world.run(&op);
            world.check();
        }
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn one_job(disk: &mut Disk) -> (Queue<u32>, Uuid) {
    let mut queue = Queue::default();
    let id = Uuid::from_u128(7);
    queue.add(disk, Job::new(id, at(0), "label".to_owned(), 1)).unwrap();
    (queue, id)
}

#[test]
fn a_job_goes_from_waiting_to_printed() {
    let mut disk = Disk::default();
    let (mut queue, id) = one_job(&mut disk);
    assert_eq!(queue.due(at(0)).map(|job| job.id), Some(id));
    let tries = queue.begin(&mut disk, id).unwrap();
    assert_eq!(disk.kept[&id].state, State::Handing, "on disk before the spooler is called");
    assert!(queue.due(at(0)).is_none());
    queue.finish(&mut disk, id, Ok(Some(JobNumber(3))), tries, at(1)).unwrap();
    assert_eq!(queue.open_jobs().map(|(_, number)| number).collect::<Vec<_>>(), [JobNumber(3)]);
    assert!(queue.heard(&mut disk, id, JobState::Held, at(2)).unwrap());
    assert!(matches!(queue.job(id).unwrap().state, State::HandedOver { held: true, .. }));
    assert!(!queue.heard(&mut disk, id, JobState::Held, at(3)).unwrap(), "no news");
    assert!(queue.heard(&mut disk, id, JobState::Done, at(4)).unwrap());
    assert_eq!(disk.kept[&id].state, State::Printed { at: at(4) });
    queue.sweep(&mut disk, at(4 + 86_000)).unwrap();
    assert_eq!(disk.kept.len(), 1);
    queue.sweep(&mut disk, at(4 + 87_000)).unwrap();
    assert!(disk.kept.is_empty() && queue.jobs().is_empty());
}

#[test]
fn a_printer_that_is_off_is_tried_again_and_then_left_to_a_person() {
    let mut disk = Disk::default();
    let (mut queue, id) = one_job(&mut disk);
    let mut second = 0;
    let mut tries = 0;
    while let Some(due) = queue.next_due() {
        second = second.max(due.as_second() - at(0).as_second());
        let before = queue.begin(&mut disk, id).unwrap();
        assert_eq!(before, tries);
        tries += 1;
        let off = Err(SubmitError::NotThere("off".to_owned()));
        queue.finish(&mut disk, id, off, before, at(second)).unwrap();
        assert!(tries < 100, "endless");
    }
    assert_eq!((tries, second), (5, 260));
    assert!(
        matches!(&queue.job(id).unwrap().state, State::Failed { why: Why::NotThere { detail }, .. } if detail == "off")
    );
    assert!(queue.act(&mut disk, id, Act::Retry, at(300)).unwrap());
    assert_eq!(queue.due(at(300)).map(|job| job.id), Some(id));
}

#[test]
fn jobs_of_one_printer_keep_their_order_and_do_not_hold_back_others() {
    let mut disk = Disk::default();
    let mut queue = Queue::default();
    for (n, printer) in [(1, "a"), (2, "a"), (3, "b")] {
        let job = Job::new(Uuid::from_u128(n), at(0), printer.to_owned(), 0);
        queue.add(&mut disk, job).unwrap();
    }
    let first = Uuid::from_u128(1);
    let tries = queue.begin(&mut disk, first).unwrap();
    let off = Err(SubmitError::NotThere("off".to_owned()));
    queue.finish(&mut disk, first, off, tries, at(0)).unwrap();
    assert_eq!(queue.due(at(0)).map(|job| job.id), Some(Uuid::from_u128(3)));
    assert_eq!(queue.due(at(10)).map(|job| job.id), Some(first));
}

#[test]
fn after_a_crash_a_person_is_asked_unless_the_spooler_knows() {
    for found in [None, Some(JobNumber(9))] {
        let mut disk = Disk::default();
        let (mut queue, id) = one_job(&mut disk);
        queue.begin(&mut disk, id).unwrap();
        let mut queue_after = Queue::default();
        queue_after.load(&mut disk, |_| found, at(60)).unwrap();
        let state = &queue_after.job(id).unwrap().state;
        match found {
            None => assert_eq!(*state, State::Unknown { at: at(60) }),
            Some(number) => {
                assert!(matches!(state, State::HandedOver { job: Some(n), .. } if *n == number));
            }
        }
        assert_eq!(disk.kept[&id].state, *state, "written down at once");
    }
}

#[test]
fn a_person_settles_what_is_unknown() {
    for printed in [true, false] {
        let mut disk = Disk::default();
        let (mut queue, id) = one_job(&mut disk);
        queue.begin(&mut disk, id).unwrap();
        let mut queue = Queue::default();
        queue.load(&mut disk, |_| None, at(60)).unwrap();
        assert!(
            !queue.act(&mut disk, id, Act::Retry, at(61)).unwrap(),
            "not without having looked"
        );
        assert!(queue.act(&mut disk, id, Act::Settle { printed }, at(62)).unwrap());
        assert_eq!(queue.due(at(62)).is_some(), !printed);
    }
}

#[test]
fn nothing_is_printed_that_the_disk_has_not_taken() {
    let mut disk = Disk { refuses: true, ..Disk::default() };
    let mut queue = Queue::default();
    let id = Uuid::from_u128(7);
    assert!(queue.add(&mut disk, Job::new(id, at(0), "label".to_owned(), 1)).is_err());
    assert!(!queue.is_kept());
    assert!(queue.begin(&mut disk, id).is_err());
    assert!(matches!(queue.job(id).unwrap().state, State::Waiting { .. }));
    disk.refuses = false;
    queue.keep_rest(&mut disk).unwrap();
    assert!(queue.is_kept() && disk.kept.contains_key(&id));
}

#[test]
fn labels_of_yesterday_are_not_sprung_on_anybody() {
    let mut disk = Disk::default();
    let (_, id) = one_job(&mut disk);
    let mut queue = Queue::default();
    queue.load(&mut disk, |_| None, at(13 * 3600)).unwrap();
    assert!(matches!(queue.job(id).unwrap().state, State::Failed { why: Why::Stale, .. }));
    assert!(queue.act(&mut disk, id, Act::Retry, at(13 * 3600)).unwrap());
}
