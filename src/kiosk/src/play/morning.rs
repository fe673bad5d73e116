//! A receptionist's morning, step by step.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use clinical::search::SearchKeys;
use clinical::{ReceptionState, Sex, calendar};
use egui::accesskit::Role;
use egui::{Key, Modifiers};

use super::hands::Wedge;
use super::player::{LONG, Plan, Player, Why};
use super::report::Budget;
use super::scene::Morning;
use super::screen::Screen;
use super::stage::Frame;
use crate::demo::line::Cut;

const RECEPTION: &str = "reception";

const fn step(
    name: &'static str,
    budget: Option<Budget>,
    act: fn(&mut Morning<'_>) -> Result<(), Why>,
) -> Plan {
    Plan { name, desk: RECEPTION, budget, act }
}

const fn touches(most: u32) -> Budget {
    Budget { touches: Some(most), ms: None }
}

const fn millis(most: u64) -> Budget {
    Budget { touches: None, ms: Some(most) }
}

/// The morning.
pub const SCRIPT: &[Plan] = &[
    step("window opens", None, window_opens),
    step("sign in", Some(touches(2)), sign_in),
    step("reception list fills", None, list_fills),
    step("arrival appears live", Some(millis(2_000)), arrival),
    step("sort by kana", Some(touches(1)), |m| {
        m.sorted(Modifiers::COMMAND, Key::Num2, |a, b| a.kana <= b.kana)
    }),
    step("sort by physician", Some(touches(1)), |m| {
        m.sorted(Modifiers::COMMAND, Key::Num3, |a, b| a.physician <= b.physician)
    }),
    step("sort by state", Some(touches(1)), |m| {
        m.sorted(Modifiers::COMMAND, Key::Num4, |a, b| a.state <= b.state)
    }),
    step("sort by time", Some(touches(1)), |m| {
        // Who has paid and gone stands below.
        m.sorted(Modifiers::COMMAND, Key::Num1, |a, b| {
            (a.state.has_gone(), a.time) <= (b.state.has_gone(), b.time)
        })
    }),
    step("search kanji", None, search_kanji),
    step("search kana", None, search_kana),
    step("search romaji", None, search_romaji),
    step("search number", None, search_number),
    step("search birth date and sex", None, search_birth_date),
    step("scan card NW-7 from the cloud", Some(touches(0)), scan_nw7),
    step("scan card Code128 from the cache", Some(millis(1_000)), scan_code128),
    step("scan card QR with the input method on", Some(touches(0)), scan_qr),
    step("unknown card", Some(touches(0)), unknown_card),
    step("state change", Some(touches(2)), state_change),
    step("line cut", None, line_cut),
    step("line restored", None, line_restored),
];

/// The demo's patient whom the pictures tell of: allergies, and a reception this morning.
pub(super) const TARO: &str = "01873";

fn window_opens(m: &mut Morning<'_>) -> Result<(), Why> {
    let up = m.line_says("lamp.up");
    let id = m.player.t("sign_in.login");
    let frame = m.player.see_within(LONG * 2, "the field for the ID and the line up", |s| {
        up(s) && s.role_called(Role::TextInput, id).is_some()
    })?;
    m.player.keep(&frame);
    Ok(())
}

fn sign_in(m: &mut Morning<'_>) -> Result<(), Why> {
    if m.signed_in() {
        return Ok(());
    }
    let up = m.line_says("lamp.up");
    m.player.see_within(LONG * 2, "the line up", up)?;
    let frame = m.sign_in_as(Key::Num1)?;
    m.player.keep(&frame);
    Ok(())
}

fn list_fills(m: &mut Morning<'_>) -> Result<(), Why> {
    let up = m.line_says("lamp.up");
    // A narrow window says of the receipt computer only what is wrong.
    let troubles = ["link.starting", "link.unreachable", "link.refused", "link.garbled"]
        .map(|k| m.player.t(k));
    let frame = m.player.see_within(LONG * 2, "today's receptions", |screen| {
        let rows = m.rows(screen);
        let all = m.world.control.receptions();
        // As many as the receipt computer has, or a screenful.
        let sound = up(screen) && !troubles.iter().any(|words| screen.says(words));
        sound && !rows.is_empty() && (rows.len() == all.len() || rows.len() >= 3)
    })?;
    m.player.keep(&frame);
    Ok(())
}

/// Looks for the row of somebody who may just have come: at the end of the list, then upwards, since who has gone
/// stands below.
fn look_for(player: &mut Player, here: &str) -> Option<Frame> {
    let shows =
        |s: &Screen| s.buttons_above(Morning::list_end(s)).any(|row| row.label.starts_with(here));
    let mut from = player.hands.press_with(Modifiers::COMMAND, Key::End);
    for _ in 0..4 {
        let seen = player.link.wait_frame(from, Duration::from_millis(250), shows);
        if seen.is_some() {
            return seen;
        }
        from = player.hands.press(Key::PageUp);
    }
    None
}

fn arrival(m: &mut Morning<'_>) -> Result<(), Why> {
    let besides = m.stranger()?.number.canonical();
    let patient = m.nobody_here(&HashSet::from([besides]))?;
    let here = format!("{} {} ", patient.number, patient.name.kanji);
    m.player.hands.press_with(Modifiers::COMMAND, Key::Num1);
    m.player.hands.press_with(Modifiers::COMMAND, Key::End);
    m.player.link.settle(Duration::from_millis(300), LONG);
    let before = Instant::now();
    m.world
        .control
        .accept(patient.number.as_str())
        .map_err(|e| Why(format!("the receipt computer did not accept the patient: {e}")))?;
    let until = before + LONG;
    while Instant::now() < until {
        if let Some(frame) = look_for(m.player, &here) {
            m.player.keep_since(before, &frame);
            return Ok(());
        }
    }
    Err(Why("the patient accepted at the receipt computer did not appear".to_owned()))
}

fn hiragana(kana: &str) -> String {
    let down = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        c => c,
    };
    kana.chars().map(down).collect()
}

fn search_kanji(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.stranger()?;
    let bare = |text: &str| text.replace(char::is_whitespace, "");
    let (reading, kanji) = (hiragana(&bare(&patient.name.kana)), bare(&patient.name.kanji));
    m.search(&patient, |player| player.hands.compose(&reading, &kanji))
}

fn search_kana(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.stranger()?;
    let kana = hiragana(&patient.name.kana);
    m.search(&patient, |player| {
        for (i, word) in kana.split_whitespace().enumerate() {
            if i > 0 {
                player.hands.write(" ");
            }
            player.hands.compose(word, word);
        }
    })
}

fn search_romaji(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.stranger()?;
    let romaji = SearchKeys::of(&patient.number, &patient.name).romaji;
    m.search(&patient, |player| player.hands.write(&romaji))
}

fn search_number(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.stranger()?;
    // As a person types it: without the zeros in front.
    let number = patient.number.canonical();
    m.search(&patient, |player| player.hands.write(&number))
}

fn search_birth_date(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.stranger()?;
    let birth = patient.birth_date.ok_or_else(|| Why("without a birth date".to_owned()))?;
    let typed = calendar::wareki_short(birth);
    let (reading, sex) = match patient.sex {
        Sex::Male => ("おとこ", "男"),
        _ => ("おんな", "女"),
    };
    m.search(&patient, |player| {
        player.hands.write(&typed);
        player.hands.write(" ");
        player.hands.compose(reading, sex);
    })
}

fn scan_nw7(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.patient(TARO)?;
    let page = m.page_of(&patient);
    // A narrow window says of the data's age only what is wrong with it.
    let stale = ["patient.kept", "patient.pending"].map(|key| m.player.head(key));
    let code = format!("A{}A", patient.number);
    let shows = move |s: &Screen| page(s) && !stale.iter().any(|words| s.says(words));
    m.player.scan("NW-7", "cloud", &code, Wedge::Plain, shows)?;
    Ok(())
}

/// The card of a patient seen before, scanned into the middle of typing: the page comes from the cache, and
/// nothing of the code lands in the field.
fn scan_code128(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.patient(TARO)?;
    let page = m.page_of(&patient);
    let field = Morning::field;
    let from = m.player.hands.press(Key::F4);
    let focused = |s: &Screen| field(s).is_some_and(|f| f.focused);
    m.player.see_from(from, LONG, "the search field ready", focused)?;
    m.player.hands.write("ya");
    let typed = |s: &Screen| field(s).is_some_and(|f| f.value == "ya");
    m.player.see("what was typed", typed)?;
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    let before = m.player.link.frames();
    let began = Instant::now();
    let code = format!("]C1{}", patient.number);
    let frame = m.player.scan("Code128", "cache", &code, Wedge::Plain, page)?;
    m.player.keep_since(began, &frame);
    let leaked = |s: &Screen| field(s).is_some_and(|f| !f.value.is_empty() && f.value != "ya");
    if m.player.link.any_since(before, leaked) {
        return Err(Why("part of the code landed in the search field".to_owned()));
    }
    Ok(())
}

fn scan_qr(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.stranger()?;
    let page = m.page_of(&patient);
    let code = patient.number.to_string();
    m.player.scan("QR", "cloud", &code, Wedge::InputMethod, page)?;
    Ok(())
}

fn unknown_card(m: &mut Morning<'_>) -> Result<(), Why> {
    const JAN: &str = "4901234567894";
    let words = m.player.t("unknown.no_pattern");
    let end = m.player.hands.scan(JAN, Wedge::Plain);
    let frame = m.player.see_from(end.frame, LONG, "the code and why it opens nothing", |s| {
        s.called(JAN).is_some() && s.says(words)
    })?;
    m.player.keep(&frame);
    Ok(())
}

fn state_change(m: &mut Morning<'_>) -> Result<(), Why> {
    let screen = m.player.screen();
    // Who came last: the first ones may pay and go in this very moment.
    let waiting = m.rows(&screen).into_iter().rfind(|(row, reception)| {
        reception.patient.is_some() && m.state_said(row) == Some(ReceptionState::Waiting)
    });
    let (row, reception) = if let Some(found) = waiting {
        found
    } else {
        // All on this screenful are further; those who came last still wait.
        m.player.hands.press_with(Modifiers::COMMAND, Key::End);
        m.player.link.settle(Duration::from_millis(300), LONG);
        let screen = m.player.screen();
        let mut rows = m.rows(&screen).into_iter();
        let found = rows.find(|(row, _)| m.state_said(row) == Some(ReceptionState::Waiting));
        found.ok_or_else(|| Why("nobody in the list waits".to_owned()))?
    };
    let number = reception.patient.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = format!("{number} {} ", reception.name.kanji);
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    let from = m.player.hands.touch(row.middle());
    m.player.see_from(from, LONG, "the touched row chosen", |s| {
        s.things.iter().any(|t| t.label.starts_with(&name) && t.chosen)
    })?;
    let before = Instant::now();
    let from = m.player.hands.press(Key::F6);
    let wanted = m.player.t("state.in_consultation");
    let pending = m.player.t("state.pending_mark");
    let frame = m.player.see_from(from, LONG, "the new state, confirmed by the cloud", |s| {
        let row = s.things.iter().find(|t| t.label.starts_with(&name));
        row.is_some_and(|t| t.label.contains(wanted) && !t.label.contains(pending))
    })?;
    m.player.keep_since(before, &frame);
    Ok(())
}

/// With the line cut, the list stays and says how old it is, and a known patient's card still opens.
fn line_cut(m: &mut Morning<'_>) -> Result<(), Why> {
    let down = m.line_says("lamp.down");
    let stale = ["stale.cut", "stale.cut_short"].map(|key| m.player.head(key));
    let old = |s: &Screen| stale.iter().any(|words| s.says(words));
    m.plug.set(Cut::Broken);
    let frame = m.player.see_within(LONG * 2, "that the line is down", |s| down(s) && old(s))?;
    m.player.keep(&frame);
    // Somebody comes meanwhile; nobody here can know.
    let besides = m.stranger()?.number.canonical();
    let patient = m.nobody_here(&HashSet::from([besides]))?;
    m.world
        .control
        .accept(patient.number.as_str())
        .map_err(|e| Why(format!("the receipt computer did not accept the patient: {e}")))?;
    m.came_meanwhile = Some(patient);
    let kept = m.player.screen();
    if m.rows(&kept).is_empty() {
        return Err(Why("the list went away with the line".to_owned()));
    }
    Ok(())
}

fn line_restored(m: &mut Morning<'_>) -> Result<(), Why> {
    if m.came_meanwhile.is_none() {
        line_cut(m)?;
    }
    let patient = m.came_meanwhile.clone().ok_or_else(|| Why("nobody came".to_owned()))?;
    let before = Instant::now();
    m.plug.set(Cut::Whole);
    let up = m.line_says("lamp.up");
    let frame = m.player.see_within(LONG * 2, "that the line is up again", up)?;
    m.player.keep_since(before, &frame);
    let here = format!("{} {} ", patient.number, patient.name.kanji);
    let until = Instant::now() + LONG;
    while Instant::now() < until {
        if look_for(m.player, &here).is_some() {
            return Ok(());
        }
    }
    Err(Why("who came while the line was cut did not appear".to_owned()))
}
