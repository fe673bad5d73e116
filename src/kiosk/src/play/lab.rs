//! The sample desk: a sticker on the chart, the usual set ordered, tubes labelled, scanned and sent, a wrong one stopped,
//! results seen and on the chart.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ::sandbox::lab::{Fate, Stage};
use clinical::lab::SpecimenNumber;
use clinical::{Patient, chart_code};
use egui::{Key, Modifiers};

use super::hands::Wedge;
use super::morning::TARO;
use super::player::{LONG, Plan, Why};
use super::records::says;
use super::report::Budget;
use super::scene::Morning;
use super::screen::Screen;

const RECEPTION: &str = "reception";
const CONSULTING: &str = "consulting";
const SAMPLES: &str = "samples";

/// The demo's accounts, by their digit on the sign-in screen.
const RECEPTIONIST: Key = Key::Num1;
const NURSE: Key = Key::Num2;
const PRACTITIONER: Key = Key::Num3;

/// Somebody else whose blood is drawn this morning.
const HAJIME: &str = "00127";
/// Tubes of the usual set: serum, EDTA, fluoride.
const TUBES: usize = 3;

/// How often a paper's folder is looked into.
const GLANCE: Duration = Duration::from_millis(50);

/// Most keys and touches of a step; `FREE` where they do not count.
const FREE: u32 = u32::MAX;

const fn step(name: &'static str, desk: &'static str, most: u32, act: super::player::Act) -> Plan {
    let budget = if most == FREE { None } else { Some(Budget { touches: Some(most), ms: None }) };
    Plan { name, desk, budget, act }
}

/// The steps.
pub const SCRIPT: &[Plan] = &[
    step("sticker printed", RECEPTION, 1, sticker),
    step("sticker scanned", RECEPTION, 0, sticker_scanned),
    step("day sheet printed", RECEPTION, 1, day_sheet),
    step("lab order usual set", CONSULTING, 3, usual_set),
    step("labels printed", CONSULTING, 1, labels),
    step("lab order for another", CONSULTING, 3, for_another),
    step("samples of the day", SAMPLES, 1, samples),
    step("tube scanned 1", SAMPLES, 0, first_tube),
    step("wrong tube stops", SAMPLES, 0, wrong_tube),
    step("tube scanned 2", SAMPLES, 0, next_tube),
    step("tube scanned 3", SAMPLES, 0, next_tube),
    step("batch sent", SAMPLES, 1, batch),
    step("results arrive", CONSULTING, FREE, results_arrive),
    step("results confirmed", CONSULTING, FREE, results_confirmed),
    step("results corrected", CONSULTING, FREE, results_corrected),
    step("result chart", CONSULTING, 2, result_chart),
    step("results printed", CONSULTING, 1, results_printed),
];

/// The specimen numbers on the screen, in reading order.
fn numbers(screen: &Screen) -> Vec<SpecimenNumber> {
    let mut seen = BTreeSet::new();
    let words = screen.things.iter().flat_map(|thing| [&thing.label, &thing.value]);
    let digits = words.flat_map(|text| text.split(|c: char| !c.is_ascii_digit()));
    digits
        .filter_map(|run| SpecimenNumber::parse(run).ok())
        .filter(|number| seen.insert(number.clone()))
        .collect()
}

impl Morning<'_> {
    fn papers(&self) -> PathBuf {
        self.player.out().join("papers")
    }

    /// Files of one kind that have been printed.
    fn printed(&self, kind: &str) -> BTreeSet<String> {
        let mark = format!("-{kind}-");
        let files = std::fs::read_dir(self.papers()).into_iter().flatten().flatten();
        let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains(&mark)).collect()
    }

    /// Waits for a paper of that kind with that ending, besides those that were there.
    fn comes_out(&self, kind: &str, end: &str, before: &BTreeSet<String>) -> Result<String, Why> {
        let until = Instant::now() + LONG;
        while Instant::now() < until {
            let now = self.printed(kind);
            if let Some(new) =
                now.iter().find(|name| name.ends_with(end) && !before.contains(*name))
            {
                return Ok(new.clone());
            }
            std::thread::sleep(GLANCE);
        }
        Err(Why(format!("no {kind} came out of the printer")))
    }

    /// Writes down what has left for the laboratory.
    fn keep_sent(&self) -> Result<usize, Why> {
        let folder = self.player.out().join("sent");
        let wrong = |e: std::io::Error| Why(format!("{}: {e}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(wrong)?;
        let heard = self.world.lab.heard();
        for (at, message) in heard.iter().enumerate() {
            let file = folder.join(format!("lab-{:02}.hl7", at + 1));
            std::fs::write(file, &message.bytes).map_err(wrong)?;
        }
        Ok(heard.len())
    }

    /// From the open patient: F4, 1, F11.
    fn order_usual(&mut self) -> Result<(), Why> {
        let player = &mut *self.player;
        (player.hands.keys, player.hands.touches) = (0, 0);
        let (search, ordered) =
            (says(player, "lab_order.search"), says(player, "lab.ordered_printing"));
        let chosen = player.middle("lab_order.total");
        let from = player.hands.press(Key::F4);
        player.see_from(from, LONG, "the sets", search)?;
        let from = player.hands.press(Key::Num1);
        player.see_from(from, LONG, "the items of the set", |s| s.says(chosen))?;
        let from = player.hands.press(Key::F11);
        let frame = player.see_from(from, LONG, "that it is ordered", ordered)?;
        player.keep(&frame);
        Ok(())
    }

    /// The tubes of a patient, whose card is scanned at the sample desk.
    fn at_the_desk(&mut self, patient: &Patient) -> Result<Vec<SpecimenNumber>, Why> {
        self.person_once(NURSE)?;
        let player = &mut *self.player;
        let title = says(player, "samples.title");
        let from = player.hands.press(Key::F2);
        player.see_from(from, LONG, "the day's samples", title)?;
        // A narrow window says what is next instead of how the person was identified.
        let (asks, tubes) =
            (says(player, "specimens.do_identify"), player.middle("specimens.count"));
        let number = patient.number.to_string();
        let end = player.hands.scan(&format!("A{number}A"), Wedge::Plain);
        player.see_from(end.frame, LONG, "the tubes of the card's patient", |s| {
            s.called(&number).is_some() && s.says(tubes) && !asks(s)
        })?;
        let frame = self.player.see("the tubes", |s| numbers(s).len() >= TUBES)?;
        Ok(numbers(&frame.screen))
    }

    fn draw(&mut self, tube: &SpecimenNumber, drawn: usize) -> Result<(), Why> {
        let player = &mut *self.player;
        let all = TUBES.to_string();
        let words =
            player.fill("specimens.count", &[("all", all.as_str()), ("n", &drawn.to_string())]);
        let end = player.hands.scan(&format!("A{tube}A"), Wedge::Plain);
        let frame = player.see_from(end.frame, LONG, "one more drawn", |s| s.says(&words))?;
        player.keep(&frame);
        Ok(())
    }
}

fn sticker(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(RECEPTIONIST)?;
    m.taro()?;
    let before = m.printed("sticker");
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    let given = says(m.player, "papers.given");
    let from = m.player.hands.press(Key::F5);
    let frame = m.player.see_from(from, LONG, "that it is being printed", given)?;
    m.player.keep(&frame);
    m.comes_out("sticker", ".png", &before).map(drop)
}

fn sticker_scanned(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(RECEPTIONIST)?;
    let patient = m.patient(TARO)?;
    let page = m.page_of(&patient);
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    m.player.scan(
        "chart sticker",
        "cache",
        &chart_code::write(&patient.number),
        Wedge::Plain,
        page,
    )?;
    Ok(())
}

fn day_sheet(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(RECEPTIONIST)?;
    m.home()?;
    let before = m.printed("day-sheet");
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    let given = says(m.player, "papers.given");
    let from = m.player.hands.press(Key::F9);
    let frame = m.player.see_from(from, LONG, "that it is being printed", given)?;
    m.player.keep(&frame);
    m.comes_out("day-sheet", ".pdf", &before).map(drop)
}

fn usual_set(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    m.taro()?;
    m.order_usual()
}

/// What came out, and what the screen of the printers says of it.
fn labels(m: &mut Morning<'_>) -> Result<(), Why> {
    m.comes_out("label", ".zpl", &BTreeSet::new())?;
    m.comes_out("label", ".png", &BTreeSet::new())?;
    let player = &mut *m.player;
    (player.hands.keys, player.hands.touches) = (0, 0);
    let (title, printed) = (says(player, "printing.title"), player.t("printing.handed_over"));
    let from = player.hands.press_with(Modifiers::COMMAND, Key::P);
    let frame =
        player.see_from(from, LONG, "the labels printed", |s| title(s) && s.says(printed))?;
    player.keep(&frame);
    Ok(())
}

fn for_another(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    let patient = m.patient(HAJIME)?;
    let page = m.page_of(&patient);
    let end = m.player.hands.scan(&format!("A{}A", patient.number), Wedge::Plain);
    m.player.see_from(end.frame, LONG, "the patient of the card", page)?;
    m.order_usual()
}

fn samples(m: &mut Morning<'_>) -> Result<(), Why> {
    let names = [m.patient(TARO)?.name.kanji, m.patient(HAJIME)?.name.kanji];
    m.person_once(NURSE)?;
    m.home()?;
    let player = &mut *m.player;
    (player.hands.keys, player.hands.touches) = (0, 0);
    let title = says(player, "samples.title");
    let from = player.hands.press(Key::F2);
    let frame = player.see_from(from, LONG, "both patients' samples", |s| {
        title(s) && names.iter().all(|name| s.says(name))
    })?;
    player.keep(&frame);
    Ok(())
}

fn first_tube(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.patient(TARO)?;
    let tubes = m.at_the_desk(&patient)?;
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    m.draw(&tubes[0], 1)
}

/// A tube of somebody else on the desk: nothing goes on until it is put aside.
fn wrong_tube(m: &mut Morning<'_>) -> Result<(), Why> {
    let (own, other) = (m.patient(TARO)?, m.patient(HAJIME)?);
    let theirs = m.at_the_desk(&other)?;
    m.home()?;
    m.at_the_desk(&own)?;
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    let player = &mut *m.player;
    let title = says(player, "wrong_tube.title");
    let end = player.hands.scan(&format!("A{}A", theirs[0]), Wedge::Plain);
    let frame = player.see_from(end.frame, LONG, "the red screen with both names", |s| {
        title(s) && s.says(&own.name.kanji) && s.says(&other.name.kanji)
    })?;
    player.keep(&frame);
    // Nothing but F11 leads on.
    let title = says(player, "wrong_tube.title");
    let stays = player.hands.press(Key::F2);
    player.see_from(stays, LONG, "the red screen still", title)?;
    (player.hands.keys, player.hands.touches) = (0, 0);
    Ok(())
}

/// The next tube that is not drawn yet.
fn next_tube(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.patient(TARO)?;
    let tubes = m.at_the_desk(&patient)?;
    let drawn = (1..=TUBES).rev().find(|n| {
        let all = TUBES.to_string();
        let words =
            m.player.fill("specimens.count", &[("all", all.as_str()), ("n", &n.to_string())]);
        m.player.screen().says(&words)
    });
    let drawn = drawn.unwrap_or(0);
    let Some(tube) = tubes.get(drawn) else {
        return Err(Why("every tube is drawn already".to_owned()));
    };
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    m.draw(tube, drawn + 1)
}

fn batch(m: &mut Morning<'_>) -> Result<(), Why> {
    // Part of the results comes first; one is a panic value, and one is corrected in the end.
    let fate = Fate { partial: true, corrected: true, panic: true, ..Fate::default() };
    m.world.lab.next_fates([fate, fate, fate]);
    let patient = m.patient(TARO)?;
    m.at_the_desk(&patient)?;
    let player = &mut *m.player;
    (player.hands.keys, player.hands.touches) = (0, 0);
    let sent = player.fill("lab.sent", &[("n", &TUBES.to_string())]);
    let from = player.hands.press(Key::F9);
    let frame = player.see_from(from, LONG, "that they are sent", |s| s.says(&sent))?;
    player.keep(&frame);
    let until = Instant::now() + LONG;
    while m.keep_sent()? == 0 {
        if Instant::now() > until {
            return Err(Why("the laboratory has heard nothing".to_owned()));
        }
        std::thread::sleep(GLANCE);
    }
    Ok(())
}

/// The laboratory tells all it has; what is urgent says so by itself.
fn results_arrive(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    m.home()?;
    m.world.lab.reach(Stage::Full);
    let name = m.patient(TARO)?.name.kanji;
    let player = &mut *m.player;
    let (title, panic) = (says(player, "lab_inbox.title"), player.tail("lab.panic"));
    player.see_within(LONG * 2, "the word about a panic value", |s| s.says(panic))?;
    let from = player.hands.press(Key::F3);
    let frame = player
        .see_from(from, LONG * 2, "the results in the inbox", |s| title(s) && s.says(&name))?;
    player.keep(&frame);
    Ok(())
}

/// Each abnormal one is looked at, then all are confirmed.
fn results_confirmed(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    m.taro()?;
    let player = &mut *m.player;
    let title = says(player, "results.title");
    let from = player.hands.press(Key::F3);
    player.see_from(from, LONG, "the results", title)?;
    // The key is there for as long as something waits.
    let key = format!("F11 {}", player.t("key.confirm_results"));
    let waits = move |s: &Screen| s.called(&key).is_some_and(|key| !key.disabled);
    player.see_within(LONG, "that they wait for the practitioner", &waits)?;
    // The walk: an abnormal value a key.
    for _ in 0..40 {
        let before = player.screen().words();
        let from = player.hands.press(Key::F11);
        let frame = player.see_from(from, LONG, "the next abnormal value, or the end", |s| {
            s.words() != before || !waits(s)
        })?;
        if !waits(&frame.screen) {
            player.keep(&frame);
            return Ok(());
        }
    }
    Err(Why("after forty keys the results still wait".to_owned()))
}

fn results_corrected(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    m.taro()?;
    m.world.lab.finish_now();
    let player = &mut *m.player;
    let corrected = says(player, "results.corrected");
    let title = says(player, "results.title");
    let from = player.hands.press(Key::F3);
    player.see_from(from, LONG, "the results", title)?;
    let frame = player.see_within(LONG * 2, "a corrected result", corrected)?;
    player.keep(&frame);
    Ok(())
}

fn result_chart(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    m.taro()?;
    let player = &mut *m.player;
    (player.hands.keys, player.hands.touches) = (0, 0);
    let (title, latest) = (says(player, "results.title"), player.head("results.latest"));
    let from = player.hands.press(Key::F3);
    player.see_from(from, LONG, "the results", title)?;
    let from = player.hands.press(Key::F2);
    let frame = player
        .see_from(from, LONG, "the chart with the latest value in words", |s| s.says(latest))?;
    player.keep(&frame);
    Ok(())
}

fn results_printed(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person_once(PRACTITIONER)?;
    m.taro()?;
    let before = m.printed("results");
    let player = &mut *m.player;
    let title = says(player, "results.title");
    let given = says(player, "papers.given");
    let from = player.hands.press(Key::F3);
    player.see_from(from, LONG, "the results", title)?;
    (player.hands.keys, player.hands.touches) = (0, 0);
    let from = player.hands.press(Key::F5);
    let frame = player.see_from(from, LONG, "that it is being printed", given)?;
    player.keep(&frame);
    m.comes_out("results", ".pdf", &before).map(drop)
}
