//! Disks without room: refused at every so manieth step, full for a while, and full by the kernel's own word.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sandbox::clinic::Prng;

use super::kills::{at_work, still_there};
use crate::faults::Fault;
use crate::faults::journal::Journal;
use crate::faults::process::Process;
use crate::faults::report::Outcome;
use crate::faults::stage::{LONG, Run, Stage, expect};

/// How many entries the screen called not saved.
fn count_refusals(stage: &Stage, names: &[String]) -> Result<u64, Fault> {
    let mut sum = 0;
    for name in names {
        sum += stage.journal(name)?.not_saved.len() as u64;
    }
    Ok(sum)
}

/// Every so manieth step of the disk is refused, for many numbers; then a disk that is full for a while.
pub fn disks(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let every = "every".to_owned();
    stage.sign_in(&every)?;
    let numbers: Vec<u64> = run.size((2..=60).collect(), vec![2, 3, 5, 7, 13, 40]);
    for number in &numbers {
        let number = number.to_string();
        let options = ["--count", "8", "--seed", &number, "--full-every", &number];
        let mut terminal = stage.start_terminal(&every, &options)?;
        expect(terminal.wait_line("ENTERED", LONG)?, &every, "did not get through")?;
        terminal.finish(LONG)?;
    }
    let names = ["a".to_owned(), "b".to_owned()];
    let mut terminals = at_work(&stage, &names, run.seed)?;
    let mut dice = Prng::of(run.seed, 0x10);
    for _ in 0..run.size(40, 3) {
        for terminal in &mut terminals {
            terminal.order("full on");
        }
        // So long that somebody has tried to save.
        for (terminal, name) in terminals.iter_mut().zip(&names) {
            expect(terminal.wait_line("NOTSAVED", LONG)?, name, "never had a full disk")?;
        }
        std::thread::sleep(Duration::from_millis(dice.below(100)));
        for terminal in &mut terminals {
            terminal.order("full off");
        }
        // With room again it saves again, without anybody's help.
        for (terminal, name) in terminals.iter_mut().zip(&names) {
            expect(terminal.wait_line("SAVED", LONG)?, name, "did not save with room again")?;
        }
    }
    still_there(&mut terminals, &names)?;
    for (terminal, name) in terminals.into_iter().zip(&names) {
        terminal.finish(LONG).map_err(|e| format!("{name}: {e}"))?;
    }
    let names = [every, names[0].clone(), names[1].clone()];
    let refused = count_refusals(&stage, &names)?;
    stage.note(|out| {
        out.others += refused;
        out.told.push(format!("{refused} entries were told not to be saved, as the disk was full"));
        if refused == 0 {
            out.wrong.push("no disk was ever full".to_owned());
        }
    });
    stage.finish(&names)
}

/// Limits that the kernel sets: the size of a file, and a file system without room.
pub fn by_the_kernel(run: &Run, about: &str) -> Result<Outcome, Fault> {
    let stage = Stage::open(run, about, None)?;
    let small = "small".to_owned();
    let mut names = Vec::new();
    for share in run.size(vec![95, 80, 65, 50, 35, 90, 60, 40], vec![50]) {
        // Each time a new one: its journal, too, must stay below the limit.
        let limited = format!("limited{}", names.len());
        stage.sign_in(&limited)?;
        let folder = stage.clinic.terminal_folder(&limited);
        let store = std::fs::metadata(folder.join("store").join("cache.redb"))?.len();
        let blocks = (store * share / 100 / 512).to_string();
        // A write past the limit is refused; without the trap the kernel would end the program.
        let script = r#"trap '' XFSZ; ulimit -f "$1"; shift; exec "$@""#;
        let mut command = Command::new("sh");
        command.args(["-c", script, "limit", &blocks]);
        stage.clinic.add_terminal(&mut command, &limited, &["--count", "6", "--seed", &blocks]);
        let mut terminal = Process::spawn(&limited, &mut command, &folder.join("errors"))?;
        expect(terminal.wait_line("ENTERED", LONG)?, &limited, "did not get through")?;
        terminal.finish(LONG)?;
        names.push(limited);
    }
    match on_a_small_disk(&stage, &small, run.size(120, 12))? {
        None => names.push(small),
        Some(why) => {
            stage.note(|out| out.told.push(format!("SKIPPED the small file system: {why}")));
        }
    }
    let refused = count_refusals(&stage, &names)?;
    stage.note(|out| {
        out.others += refused;
        out.told
            .push(format!("{refused} entries were told not to be saved, as the kernel refused"));
        if refused == 0 {
            out.wrong.push("the kernel never refused".to_owned());
        }
    });
    stage.finish(&names)
}

/// A terminal whose store lies on a file system of its own, which is filled to the last byte and emptied again. Gives
/// the reason where this user may not make one.
fn on_a_small_disk(stage: &Stage, name: &str, count: usize) -> Result<Option<String>, Fault> {
    let folder = stage.clinic.terminal_folder(name);
    std::fs::create_dir_all(folder.join("store"))?;
    // A namespace of its own lets a user mount what nobody else sees; it goes with the last program in it, so the
    // store is carried out of it in the end.
    let script = r#"
        store="$1/store"; kept="$1/kept"; count="$2"; shift 2
        mount -t tmpfs -o size=8m tmpfs "$store" || { echo "SKIPPED no mount"; exit 0; }
        "$@" --sign-in --leave || exit 1
        cat /dev/zero > "$store/ballast" 2> /dev/null
        "$@" --count "$count" --leave || exit 1
        rm "$store/ballast"
        "$@" --count 5 || exit 1
        cp -a "$store" "$kept" || exit 1
        echo DONE
        cat > /dev/null
    "#;
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "small"]);
    command.arg(&folder).arg(count.to_string());
    stage.clinic.add_terminal(&mut command, name, &["--hurry"]);
    let mut terminal = match Process::spawn(name, &mut command, &folder.join("errors")) {
        Ok(terminal) => terminal,
        Err(why) => return Ok(Some(why.to_string())),
    };
    match terminal.wait_any(&["SKIPPED", "RUN"], LONG)? {
        Some((1, _)) => {}
        Some((_, why)) => return Ok(Some(why)),
        None => return Ok(Some(last_words(&folder.join("errors")))),
    }
    for _ in 0..3 {
        expect(terminal.wait_line("DRAINED", LONG)?, name, "did not get through")?;
    }
    // The end of its input ends the last terminal of the script, and then the script.
    terminal.finish(LONG)?;
    std::fs::remove_dir_all(folder.join("store"))?;
    std::fs::rename(folder.join("kept"), folder.join("store"))?;
    let journal = Journal::read(&folder.join("journal"))?;
    if journal.not_saved.is_empty() {
        return Err("the small file system was never full".into());
    }
    Ok(None)
}

fn last_words(errors: &Path) -> String {
    let text = std::fs::read_to_string(errors).unwrap_or_default();
    text.lines().last().unwrap_or("this user may not").to_owned()
}
