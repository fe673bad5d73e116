//! Each phase once, small, and a lying terminal that must be found out.

use std::path::Path;

use e2e::faults::clinic::Programs;
use e2e::faults::phases;
use e2e::faults::stage::{LONG, Run, Stage};

fn run(folder: &Path) -> Run {
    let seed = std::env::var("SOEGAKI_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(41);
    Run {
        programs: Programs {
            terminal: env!("CARGO_BIN_EXE_terminal").into(),
            torture: env!("CARGO_BIN_EXE_torture").into(),
        },
        seed,
        folder: folder.to_owned(),
        long: false,
    }
}

/// Runs a phase, says what it did, and keeps its files where it failed.
fn phase(key: &str) {
    let folder = tempfile::tempdir().unwrap();
    let phase = phases::ALL.iter().find(|phase| phase.key == key).unwrap();
    let outcome = phase.run(&run(folder.path()));
    println!("{outcome:#?}");
    if !outcome.is_clean() {
        let kept = folder.keep();
        panic!("{}: {:#?}\nfiles: {}", phase.about, outcome.wrong, kept.display());
    }
    let harm = outcome.kills_of_terminals + outcome.kills_of_cloud + outcome.cuts + outcome.others;
    assert!(harm > 0, "nothing was done");
    assert!(outcome.saved > 0 && outcome.once == outcome.saved, "{outcome:#?}");
}

macro_rules! phases {
    ($($name:ident: $key:literal,)*) => {
        $(
            #[test]
            fn $name() {
                phase($key);
            }
        )*

        #[test]
        fn every_phase_is_here() {
            let here = [$($key),*];
            let all: Vec<&str> = phases::ALL.iter().map(|phase| phase.key).collect();
            assert_eq!(all, here);
        }
    };
}

phases! {
    kills_at_steps_of_the_disk: "steps",
    kills_in_the_first_run: "fresh",
    kills_at_random: "kiosk",
    kills_of_the_cloud: "cloud",
    kills_of_the_cloud_on_postgres: "cloud-pg",
    kills_of_both: "both",
    a_line_as_bad_as_can_be: "line",
    postgres_stops: "postgres",
    clocks_jump: "clocks",
    disks_are_full: "full",
    the_kernel_refuses: "kernel",
    stores_are_damaged: "damage",
    an_old_copy_is_put_back: "restored",
}

/// A terminal that says "saved" before its store has the entry, killed at one step after the other: the judge must
/// see it. Otherwise all of the above would prove nothing.
#[test]
fn a_terminal_that_lies_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::open(&run(folder.path()), "a liar", None).unwrap();
    let name = "liar".to_owned();
    stage.sign_in(&name).unwrap();
    for step in 1.. {
        let step = step.to_string();
        let options = ["--lie", "--count", "1", "--seed", &step, "--stop-at", &step, "--leave"];
        let mut liar = stage.start_terminal(&name, &options).unwrap();
        let (which, _) = liar.wait_any(&["AT ", "END"], LONG).unwrap().unwrap();
        if which == 1 {
            liar.finish(LONG).unwrap();
            break;
        }
        stage.kill_terminal(liar);
    }
    let verdict = stage.judge(&[name]).unwrap();
    assert!(!verdict.lost.is_empty(), "{verdict:#?}");
    // What was built on an entry that never was is refused, and stands on the screen.
    assert_eq!(verdict.once + verdict.lost.len() + verdict.refused.len(), verdict.told);
    assert!(verdict.phantom.is_empty() && verdict.doubled.is_empty(), "{verdict:#?}");
}
