//! Records that are never lost: entered, confirmed, entered while the line is cut, carried over a restart, arrived.

use std::time::Duration;

use egui::Key;
use egui::accesskit::Role;

use super::hands::Wedge;
use super::morning::TARO;
use super::player::{LONG, Plan, Player, Why};
use super::report::Budget;
use super::scene::Morning;
use super::screen::Screen;
use crate::demo::line::Cut;

const RECEPTION: &str = "reception";
const CONSULTING: &str = "consulting";

/// The demo's accounts, by their digit on the sign-in screen.
const PRACTITIONER: Key = Key::Num3;

/// What is entered with the line whole, and what with the line cut.
const WEIGHT: &str = "68.4";
const WEIGHT_LATER: &str = "67.9";
const PRESSURE: &str = "152/88";

const fn touches(most: u32) -> Budget {
    Budget { touches: Some(most), ms: None }
}

/// The steps.
pub const SCRIPT: &[Plan] = &[
    Plan { name: "profile entry", desk: RECEPTION, budget: None, act: profile_entry },
    Plan {
        name: "red band from an allergy",
        desk: RECEPTION,
        // Beside the letters: F2, 2, Enter, F11.
        budget: Some(touches(4)),
        act: red_band,
    },
    Plan { name: "proxy entry waits", desk: CONSULTING, budget: None, act: waits },
    Plan {
        name: "proxy entry confirmed",
        desk: CONSULTING,
        budget: Some(touches(1)),
        act: confirmed,
    },
    Plan { name: "history names both", desk: CONSULTING, budget: Some(touches(1)), act: history },
    Plan { name: "entry offline", desk: CONSULTING, budget: None, act: offline },
    Plan { name: "restart while cut", desk: CONSULTING, budget: None, act: restart },
    Plan { name: "all arrived", desk: CONSULTING, budget: None, act: arrived },
];

pub(super) fn says(player: &Player, key: &'static str) -> impl Fn(&Screen) -> bool + use<> {
    let words = player.t(key);
    move |s: &Screen| s.says(words)
}

impl Morning<'_> {
    /// Opens the patient of the pictures by card.
    pub(super) fn taro(&mut self) -> Result<(), Why> {
        let patient = self.patient(TARO)?;
        let page = self.page_of(&patient);
        let end = self.player.hands.scan(&format!("A{}A", patient.number), Wedge::Plain);
        self.player.see_from(end.frame, LONG, "the patient of the card", page)?;
        Ok(())
    }

    /// F2 and a digit: the form whose first field is so called.
    fn form(&mut self, digit: Key, first: &'static str) -> Result<(), Why> {
        let player = &mut *self.player;
        let which = says(player, "record.which");
        let from = player.hands.press(Key::F2);
        player.see_from(from, LONG, "the choice of forms", which)?;
        let from = player.hands.press(digit);
        player.see_from(from, LONG, "the form, ready to be typed into", ready(player, first))?;
        Ok(())
    }

    /// F11, until the screen says that it is kept and shows the patient's page with these words.
    fn save(&mut self, words: &str) -> Result<(), Why> {
        let player = &mut *self.player;
        let kept = [player.t("save.kept"), player.t("save.kept_cut")];
        let from = player.hands.press(Key::F11);
        let frame = player.see_from(from, LONG, "that it is kept", |s| {
            kept.iter().any(|k| s.says(k))
                && !s.things.iter().any(|t| t.focused && t.role == Role::TextInput)
        })?;
        player.keep(&frame);
        self.look(Key::PageDown, &[words])
    }

    /// Looks for words on the page, further on where the window is small.
    fn look(&mut self, further: Key, words: &[&str]) -> Result<(), Why> {
        let shows = |s: &Screen| words.iter().all(|words| s.says(words));
        let player = &mut *self.player;
        let mut from = player.link.frames().saturating_sub(1);
        for _ in 0..12 {
            if player.link.wait_frame(from, Duration::from_millis(400), shows).is_some() {
                return Ok(());
            }
            from = player.hands.press(further);
        }
        Err(Why(format!("the page does not show {words:?}")))
    }

    /// Types a measurement: each Enter goes to the next field.
    fn weigh(&mut self, weight: &str, pressure: Option<&str>) -> Result<(), Why> {
        self.form(Key::Num1, "field.height")?;
        let player = &mut *self.player;
        let from = player.hands.press(Key::Enter);
        player.see_from(from, LONG, "the next field", ready(player, "field.weight"))?;
        player.hands.write(weight);
        if let Some(pressure) = pressure {
            let from = player.hands.press(Key::Enter);
            player.see_from(from, LONG, "the next field", ready(player, "field.blood_pressure"))?;
            player.hands.write(pressure);
        }
        let typed = pressure.unwrap_or(weight).to_owned();
        player.see("what was typed", move |s| s.focus().is_some_and(|f| f.value == typed))?;
        self.save(weight)
    }
}

/// Whether the field so called has the keyboard.
fn ready(player: &Player, field: &'static str) -> impl Fn(&Screen) -> bool + use<> {
    let label = player.t(field);
    move |s: &Screen| s.focus().is_some_and(|f| f.label.starts_with(label))
}

/// Letters are not counted among the keys of a form.
fn compose(player: &mut Player, reading: &str, wanted: &str) -> Result<(), Why> {
    let beside = player.hands.keys;
    player.hands.compose(reading, wanted);
    player.hands.keys = beside;
    player.see("what was typed", |s| s.focus().is_some_and(|f| f.value == wanted))?;
    Ok(())
}

fn profile_entry(m: &mut Morning<'_>) -> Result<(), Why> {
    m.taro()?;
    m.weigh(WEIGHT, Some(PRESSURE))
}

fn red_band(m: &mut Morning<'_>) -> Result<(), Why> {
    m.taro()?;
    (m.player.hands.keys, m.player.hands.touches) = (0, 0);
    m.form(Key::Num2, "field.allergen")?;
    let player = &mut *m.player;
    compose(player, "せふぇむけい", "セフェム系")?;
    let from = player.hands.press(Key::Enter);
    player.see_from(from, LONG, "the field of the reaction", ready(player, "field.reaction"))?;
    compose(player, "ほっしん", "発疹")?;
    m.save("セフェム系")
}

/// The practitioner sits down: what the clerk entered waits.
fn waits(m: &mut Morning<'_>) -> Result<(), Why> {
    m.person(PRACTITIONER)?;
    list(m)?;
    let player = &mut *m.player;
    let frame = player.see("what the clerk has entered", |s| s.says("セフェム系"))?;
    player.keep(&frame);
    Ok(())
}

fn list(m: &mut Morning<'_>) -> Result<(), Why> {
    let player = &mut *m.player;
    let sender = says(player, "confirmations.entered_by");
    let from = player.hands.press(Key::F8);
    player.see_from(from, LONG, "the list of what waits", sender)?;
    Ok(())
}

/// One key each, until nothing waits.
fn confirmed(m: &mut Morning<'_>) -> Result<(), Why> {
    list(m)?;
    // One key to count: the last one.
    for _ in 0..8 {
        let player = &mut *m.player;
        (player.hands.keys, player.hands.touches) = (0, 0);
        let (none, kept) = (says(player, "confirmations.none"), player.tail("confirmations.kept"));
        let (writing, before) = (says(player, "confirmations.writing"), player.screen().words());
        let from = player.hands.press(Key::F11);
        let frame = player.see_from(from, LONG, "the next one, or that none is left", |s| {
            none(s) || (s.says(kept) && !writing(s) && s.words() != before)
        })?;
        if none(&frame.screen) {
            player.keep(&frame);
            return Ok(());
        }
    }
    Err(Why("after eight confirmations something still waits".to_owned()))
}

fn history(m: &mut Morning<'_>) -> Result<(), Why> {
    m.taro()?;
    let player = &mut *m.player;
    (player.hands.keys, player.hands.touches) = (0, 0);
    let act = says(player, "act.confirm");
    let from = player.hands.press(Key::F9);
    let frame = player.see_from(from, LONG, "the clerk's entry and the confirmation", |s| {
        act(s) && s.says("受付係") && s.says("院長")
    })?;
    player.keep(&frame);
    Ok(())
}

fn offline(m: &mut Morning<'_>) -> Result<(), Why> {
    // Who was never opened here cannot be known without the line.
    m.taro()?;
    let down = m.line_says("lamp.down");
    m.plug.set(Cut::Broken);
    m.player.see_within(LONG * 2, "that the line is down", down)?;
    m.taro()?;
    m.weigh(WEIGHT_LATER, None)?;
    let unsent = m.player.t("record.unsent");
    m.look(Key::PageDown, &[WEIGHT_LATER, unsent])
}

/// The terminal is switched off and on with the line cut: the person signs in, and what was entered is there.
fn restart(m: &mut Morning<'_>) -> Result<(), Why> {
    if m.plug.state() == Cut::Whole {
        offline(m)?;
    }
    if !m.player.link.restart(LONG) {
        return Err(Why("the window did not come back".to_owned()));
    }
    let down = m.line_says("lamp.down");
    m.player.see_within(LONG * 2, "that the line is down", down)?;
    m.person(PRACTITIONER)?;
    m.taro()?;
    // What was entered before the restart is there, marked as unsent.
    let unsent = m.player.t("record.unsent");
    m.look(Key::PageDown, &[WEIGHT_LATER, unsent])
}

fn arrived(m: &mut Morning<'_>) -> Result<(), Why> {
    m.plug.set(Cut::Whole);
    let up = m.player.t("lamp.up");
    // The bare lamp: nothing waits any more.
    m.player.see_within(LONG * 2, "that all has arrived", |s| s.called(up).is_some())?;
    let player = &mut *m.player;
    let none = says(player, "outbox.none");
    let from = player.hands.press(Key::F10);
    player.see_from(from, LONG, "that nothing is unsent", none)?;
    m.home()?;
    m.taro()?;
    let player = &mut *m.player;
    let here = says(player, "history.here_only");
    let from = player.hands.press(Key::F9);
    let loaded = |s: &Screen| !here(s) && s.says("セフェム系");
    let frame = player.see_from(from, LONG, "the cloud's history", loaded)?;
    player.keep(&frame);
    // The latest first.
    m.look(Key::ArrowDown, &[WEIGHT_LATER])?;
    m.look(Key::ArrowDown, &[WEIGHT])
}
