//! Store files cut short, with bits flipped, with pages of zeros; and an old copy of the store put back.

use std::path::Path;

use sandbox::clinic::Prng;

use crate::faults::Fault;
use crate::faults::journal::Journal;
use crate::faults::report::Outcome;
use crate::faults::stage::{LONG, Run, Stage, expect};
use crate::proxy::Weather;

/// Entries in the store that is damaged.
const ENTRIES: &str = "40";

/// What is done to a file.
#[derive(Debug, Clone, Copy)]
enum Harm {
    CutShort,
    FlipBit,
    FlipBits,
    ZeroPage,
    Garbage,
    Key,
}

impl Harm {
    const ALL: [Self; 6] =
        [Self::CutShort, Self::FlipBit, Self::FlipBits, Self::ZeroPage, Self::Garbage, Self::Key];

    fn about(self) -> &'static str {
        match self {
            Self::CutShort => "cut short at any length",
            Self::FlipBit => "one bit flipped",
            Self::FlipBits => "up to 61 bits flipped",
            Self::ZeroPage => "a page of zeros",
            Self::Garbage => "a page of garbage",
            Self::Key => "one bit of a key file flipped",
        }
    }

    fn do_to(self, store: &Path, dice: &mut Prng) -> Result<(), Fault> {
        let file = match self {
            Self::Key => store.join(if dice.below(2) == 0 { "cache.key" } else { "cache.key.2" }),
            _ => store.join("cache.redb"),
        };
        let mut bytes = std::fs::read(&file)?;
        let any = |dice: &mut Prng, length: usize| {
            usize::try_from(dice.below(length as u64)).unwrap_or(0)
        };
        let flips = match self {
            Self::FlipBit | Self::Key => 1,
            Self::FlipBits => 2 + any(dice, 60),
            _ => 0,
        };
        for _ in 0..flips {
            let at = any(dice, bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
        let (page, length) = (4096, bytes.len());
        match self {
            Self::CutShort => bytes.truncate(any(dice, length)),
            Self::ZeroPage => {
                let at = any(dice, length / page) * page;
                bytes[at..at + page].fill(0);
            }
            Self::Garbage => {
                let at = any(dice, length / page) * page;
                bytes[at..at + page].fill_with(|| dice.next().to_le_bytes()[0]);
            }
            Self::FlipBit | Self::FlipBits | Self::Key => {}
        }
        std::fs::write(&file, bytes)?;
        Ok(())
    }
}

/// Many copies of a store full of unsent entries, each damaged in another way. What the next start finds must be
/// real; where something is missing the person must be told, and the damaged file must still be there.
pub fn files(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let master = "master".to_owned();
    stage.sign_in(&master)?;
    stage.proxy.set(Weather::Dead);
    let mut terminal = stage.start_terminal(&master, &["--count", ENTRIES, "--seed", "5"])?;
    expect(terminal.wait_line("ENTERED", LONG)?, &master, "did not get through")?;
    terminal.finish(LONG)?;
    let saved = stage.journal(&master)?;
    let mut dice = Prng::of(run.seed, 0x11);
    let mut tally = [(0, 0); Harm::ALL.len()];
    let trials = run.size(480, 18);
    for trial in 0..trials {
        let which = trial % Harm::ALL.len();
        let harm = Harm::ALL[which];
        let name = format!("copy{trial}");
        let folder = stage.clinic.terminal_folder(&name);
        copy_folder(&stage.clinic.terminal_folder(&master), &folder)?;
        harm.do_to(&folder.join("store"), &mut dice)?;
        stage.note(|out| out.others += 1);
        let what = format!("{name} ({harm:?})");
        let after = look_into(&stage, &name)?;
        let (here, lost) = compare(&saved, &after, &what, &folder, &stage);
        if matches!(harm, Harm::Key) && lost > 0 {
            let text = format!("{what}: the other key file should have saved {lost} entries");
            stage.note(|out| out.wrong.push(text));
        }
        tally[which] = (tally[which].0 + here, tally[which].1 + lost);
        if trial + 1 < trials && lost == 0 {
            std::fs::remove_dir_all(&folder)?;
        }
    }
    stage.note(|out| {
        let entries = saved.saved.len();
        out.told.push(format!("{trials} damaged copies of a store with {entries} unsent entries"));
        for (harm, (found, missing)) in Harm::ALL.iter().zip(tally) {
            out.lost_and_told += missing;
            let of = harm.about();
            out.told.push(format!("{of}: {found} entries found again, {missing} not, and told"));
        }
    });
    // A damaged copy and the whole store both send what they have: what is in both arrives once.
    let last = format!("copy{}", trials - 1);
    stage.drain(&[last])?;
    stage.finish(&[master])
}

/// Starts a terminal with a dead line, which says what its store holds.
fn look_into(stage: &Stage, name: &str) -> Result<Journal, Fault> {
    let mut terminal = stage.start_terminal(name, &[])?;
    expect(terminal.wait_line("ENTERED", LONG)?, name, "did not open the damaged store")?;
    terminal.finish(LONG)?;
    stage.journal(name)
}

/// How many of the saved entries are still there, and how many are not.
fn compare(
    saved: &Journal,
    after: &Journal,
    what: &str,
    folder: &Path,
    stage: &Stage,
) -> (usize, usize) {
    let wrong = |text: String| stage.note(|out| out.wrong.push(format!("{what}: {text}")));
    for (id, state) in &after.left {
        let real = saved.tried.iter().find(|tried| tried.entry.id == *id);
        if !real.is_some_and(|tried| state.ends_with(&tried.hash)) {
            wrong(format!("entry {id} was found that nobody confirmed so"));
        }
    }
    let found = saved.saved.iter().filter(|id| after.left.contains_key(id)).count();
    let missing = saved.saved.len() - found;
    if missing > 0 {
        let told = ["Damaged", "WrongKey"];
        let said = after.notices.iter().any(|n| told.iter().any(|start| n.starts_with(start)));
        if !said {
            wrong(format!("{missing} entries are gone and nobody was told"));
        }
        let names = std::fs::read_dir(folder.join("store")).into_iter().flatten().flatten();
        let aside = names.filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            !["cache.redb", "cache.key", "cache.key.2", "cache.lock"].contains(&name.as_str())
        });
        if aside.count() == 0 {
            wrong("the damaged file was not set aside".to_owned());
        }
    }
    (found, missing)
}

/// A store is put back as it was before some of its entries were sent, as after a restored backup: they are sent
/// again, and the cloud has them once. What is in it was entered with a dead line, by people signed in without it.
pub fn an_old_copy(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let name = "restored".to_owned();
    stage.sign_in(&name)?;
    let folder = stage.clinic.terminal_folder(&name);
    for round in 0..run.size(20_u64, 2) {
        let seed = run.seed.wrapping_add(round).to_string();
        stage.proxy.set(Weather::Dead);
        let options = ["--sign-in", "--count", "15", "--seed", &seed];
        let mut terminal = stage.start_terminal(&name, &options)?;
        for _ in 0..2 {
            let signed = terminal.wait_line("SIGNED offline", LONG)?;
            expect(signed, &name, "let nobody in with a dead line")?;
        }
        expect(terminal.wait_line("ENTERED", LONG)?, &name, "did not get through")?;
        terminal.finish(LONG)?;
        let copy = folder.join("copy");
        copy_folder(&folder.join("store"), &copy)?;
        stage.proxy.set(Weather::Fair);
        let options = ["--count", "5", "--seed", &seed, "--leave", "--hurry"];
        let mut terminal = stage.start_terminal(&name, &options)?;
        expect(terminal.wait_line("DRAINED", LONG)?, &name, "did not send everything")?;
        terminal.finish(LONG)?;
        std::fs::remove_dir_all(folder.join("store"))?;
        std::fs::rename(&copy, folder.join("store"))?;
        stage.note(|out| out.others += 1);
        stage.drain(std::slice::from_ref(&name))?;
    }
    stage.finish(&[name])
}

/// Copies a folder with what is in it.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
