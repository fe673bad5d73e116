//! Outbox, cloud and event stream together under a simulated network, by the thousand.
//!
//! Nothing here does I/O or reads a clock: each run follows from its seed. The terminals' outbox, their merging of
//! receipts and the rule of versions are the real ones; disk, network, cloud and people are small models that
//! do their worst. `SOEGAKI_SEED=…` tells one run again, step by step; `SOEGAKI_SCHEDULES=…` sets how many
//! are run, `SOEGAKI_FIRST_SEED=…` from where.

mod following;
mod oracle;
mod people;
mod rng;
mod sending;
mod server;
mod tally;
mod terminal;
mod trouble;
mod world;

use std::sync::{Arc, LazyLock};

use api::proof::Signer;
use tally::Tally;
use world::{Broken, World};

/// Runs when nothing else is said.
const SCHEDULES: u64 = 2000;

/// The keys of all people on all terminals. Making one needs the system's chance, so they are made once; nothing
/// depends on what they are.
fn signers() -> &'static [Arc<Signer>] {
    static SIGNERS: LazyLock<Vec<Arc<Signer>>> = LazyLock::new(|| {
        (0..6).map(|_| Arc::new(Signer::generate().expect("random bytes").0)).collect()
    });
    &SIGNERS
}

fn number_from(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}

fn run(seed: u64, broken: Broken) -> Result<Tally, String> {
    World::new(seed, broken).run()
}

/// One run told step by step.
fn tell(seed: u64) {
    let mut world = World::new(seed, Broken::Nothing);
    world.trace = Some(Vec::new());
    let outcome = world.run();
    for line in world.trace.unwrap_or_default() {
        println!("{line}");
    }
    println!("seed {seed}: {outcome:?}");
    assert!(outcome.is_ok(), "seed {seed}: {outcome:?}");
}

#[test]
fn nothing_is_lost_doubled_or_out_of_order() {
    if let Some(seed) = number_from("SOEGAKI_SEED") {
        return tell(seed);
    }
    let schedules = number_from("SOEGAKI_SCHEDULES").unwrap_or(SCHEDULES);
    let first = number_from("SOEGAKI_FIRST_SEED").unwrap_or(0);
    let halves = [0, 1].map(|half| {
        std::thread::spawn(move || {
            (first + half..first + schedules).step_by(2).fold(Tally::default(), |sum, seed| {
                sum + run(seed, Broken::Nothing).unwrap_or_else(|what| {
                    panic!(
                        "seed {seed}: {what}\nagain, step by step: \
                         SOEGAKI_SEED={seed} cargo test -p e2e --test simulation nothing_is_lost"
                    )
                })
            })
        })
    });
    let sum = halves.map(|half| half.join().expect("a schedule failed; its seed stands above"));
    let sum = sum[0] + sum[1];
    println!(
        "{schedules} schedules with {} troubles: {} entries confirmed, {} found exactly once, {} taken back or \
         mended after a refusal; lost 0, doubled 0",
        sum.troubles, sum.entries, sum.stored, sum.given_up
    );
    println!("{sum:?}");
    assert!(sum.stored > sum.entries / 2, "most of what is confirmed arrives: {sum:?}");
    if schedules >= SCHEDULES {
        let Tally { rivals, given_up, stuck, repeated, resets, garbled, troubles, .. } = sum;
        let met = [rivals, given_up, stuck, repeated, resets, garbled, troubles];
        assert!(met.iter().all(|count| *count > 100), "everything is met: {sum:?}");
    }
}

#[test]
fn a_seed_tells_the_same_run_again() {
    for seed in 0..5 {
        let traces = [0, 1].map(|_| {
            let mut world = World::new(seed, Broken::Nothing);
            world.trace = Some(Vec::new());
            world.run().unwrap();
            world.trace.unwrap_or_default()
        });
        assert!(traces[0].len() > 20, "{:?}", traces[0]);
        assert_eq!(traces[0], traces[1]);
    }
}

/// Runs until the broken rule is noticed; what the oracle said.
#[track_caller]
fn noticed(broken: Broken, words: &str) {
    let found = (0..400).find_map(|seed| run(seed, broken).err());
    let found = found.unwrap_or_else(|| panic!("{broken:?} is not noticed"));
    assert!(found.contains(words), "{broken:?}: {found}");
}

#[test]
fn a_row_dropped_on_any_reply_is_noticed() {
    noticed(Broken::DropsOnAnyReply, "without its receipt");
}

#[test]
fn a_receipt_for_other_bytes_taken_for_one_is_noticed() {
    noticed(Broken::TakesAnyReceipt, "without its receipt");
}

#[test]
fn saved_said_too_early_is_noticed() {
    noticed(Broken::TellsBeforeSync, "is lost");
}

#[test]
fn the_newest_first_is_noticed() {
    noticed(Broken::SendsNewestFirst, "out of order");
}

#[test]
fn an_event_skipped_is_noticed() {
    noticed(Broken::SkipsUnreadEvents, "shows");
}

#[test]
fn a_cloud_that_forgets_ids_is_noticed() {
    noticed(Broken::CloudForgetsIds, "stored twice");
}

#[test]
fn a_receipt_before_the_commit_is_noticed() {
    noticed(Broken::CloudAnswersBeforeCommit, "is lost");
}
