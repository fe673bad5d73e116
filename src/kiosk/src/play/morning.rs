//! A receptionist's morning, step by step.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use clinical::search::SearchKeys;
use clinical::{Patient, PatientNumber, Reception, ReceptionState, Sex, calendar, kana};
use egui::accesskit::Role;
use egui::{Key, Modifiers};

use super::hands::Wedge;
use super::player::{LONG, Plan, Player, Why};
use super::report::Budget;
use super::screen::{Screen, Seen};
use crate::demo::line::{Cut, Plug};
use crate::demo::servers::World;

const RECEPTION: &str = "reception";

const fn step(
    name: &'static str,
    budget: Option<Budget>,
    act: fn(&mut Morning<'_>) -> Result<(), Why>,
) -> Plan {
    Plan { name, desk: RECEPTION, budget, act }
}

const fn most(touches: Option<u32>, ms: Option<u64>) -> Option<Budget> {
    Some(Budget { touches, ms })
}

/// The morning.
pub const SCRIPT: &[Plan] = &[
    step("sign in", most(Some(2), None), sign_in),
    step("reception list fills", None, list_fills),
    step("arrival appears live", most(None, Some(2_000)), arrival),
    step("sort by kana", most(Some(1), None), |m| m.sorted(Key::F3, |a, b| a.kana <= b.kana)),
    step("sort by physician", most(Some(1), None), |m| {
        m.sorted(Key::F5, |a, b| a.physician <= b.physician)
    }),
    step("sort by state", most(Some(1), None), |m| m.sorted(Key::F8, |a, b| a.state <= b.state)),
    step("sort by time", most(Some(1), None), |m| m.sorted(Key::F2, |a, b| a.time <= b.time)),
    step("search kanji", None, search_kanji),
    step("search kana", None, search_kana),
    step("search romaji", None, search_romaji),
    step("search number", None, search_number),
    step("search birth date and sex", None, search_birth_date),
    step("scan card NW-7 from the cloud", most(Some(0), None), scan_nw7),
    step("scan card Code128 from the cache", most(None, Some(1_000)), scan_code128),
    step("scan card QR with the input method on", most(Some(0), None), scan_qr),
    step("unknown card", most(Some(0), None), unknown_card),
    step("state change", most(Some(2), None), state_change),
    step("line cut", None, line_cut),
    step("line restored", None, line_restored),
];

/// The demo's patient whom the pictures tell of: allergies, and a reception this morning.
const TARO: &str = "01873";

/// What the script needs to know while it plays.
pub struct Morning<'a> {
    /// Who plays.
    pub player: &'a mut Player,
    world: World,
    plug: Plug,
    /// Somebody with no reception today, whose name nobody shares.
    stranger: Option<Patient>,
    /// Who came while the line was cut.
    came_meanwhile: Option<Patient>,
}

/// A row of the list, as far as its order goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    kana: String,
    physician: String,
    state: ReceptionState,
    time: jiff::civil::Time,
}

impl<'a> Morning<'a> {
    /// The curtain rises.
    pub fn new(player: &'a mut Player, world: World, plug: Plug) -> Self {
        Self { player, world, plug, stranger: None, came_meanwhile: None }
    }

    fn signed_in(&self) -> bool {
        let password = self.player.t("sign_in.password");
        !self
            .player
            .screen()
            .things
            .iter()
            .any(|s| s.role == Role::PasswordInput || s.label == password)
    }

    /// Goes to the plain reception list, from wherever it is.
    pub fn home(&mut self) -> Result<(), Why> {
        if !self.signed_in() {
            return Ok(());
        }
        let field = self.field();
        let found = [self.player.head("list.found_today"), self.player.t("list.searching")];
        let plain = |s: &Screen| {
            field(s).is_some_and(|f| f.value.is_empty() && !f.focused)
                && !found.iter().any(|words| s.says(words))
        };
        for _ in 0..6 {
            let from = self.player.hands.press(Key::Escape);
            let link = &self.player.link;
            if link.wait_frame(from, Duration::from_millis(1_500), plain).is_some() {
                return Ok(());
            }
        }
        Err(Why("Esc did not lead back to the reception list".to_owned()))
    }

    /// Finds the search field on a screen.
    fn field(&self) -> impl Fn(&Screen) -> Option<&Seen> + Copy + use<> {
        let names = [self.player.t("list.search"), self.player.t("list.search_hint")];
        move |s: &Screen| s.all(Role::TextInput).find(|f| names.contains(&f.label.as_str()))
    }

    /// Where the list ends and the key bar begins.
    fn list_end(screen: &Screen) -> f32 {
        let bar = screen.things.iter().find(|s| s.label.starts_with("F1 "));
        bar.map_or(f32::INFINITY, |key| key.rect.top())
    }

    /// The patient of that number in the synthetic clinic.
    fn patient(&self, number: &str) -> Result<Patient, Why> {
        let number = PatientNumber::parse(number).map_err(|e| Why(e.to_string()))?;
        let patient = self.world.clinic.patient(&number).cloned();
        patient.ok_or_else(|| Why(format!("the synthetic clinic has no patient {number}")))
    }

    /// Somebody with no reception today whose name and birth date are nobody else's; always the same one.
    fn stranger(&mut self) -> Result<Patient, Why> {
        if let Some(patient) = &self.stranger {
            return Ok(patient.clone());
        }
        let found = self.nobody_here(&HashSet::new())?;
        self.stranger = Some(found.clone());
        Ok(found)
    }

    fn nobody_here(&self, besides: &HashSet<String>) -> Result<Patient, Why> {
        let mut count = std::collections::HashMap::<String, usize>::new();
        let bare = |p: &Patient| p.name.kana.replace(char::is_whitespace, "");
        for patient in self.world.clinic.patients() {
            *count.entry(bare(patient)).or_default() += 1;
        }
        let here: HashSet<String> = self
            .world
            .control
            .receptions()
            .into_iter()
            .filter_map(|r| r.patient.map(|n| n.canonical()))
            .collect();
        let fits = |p: &&Patient| {
            let number = p.number.canonical();
            !p.test_patient
                && !p.deceased
                && p.sex != Sex::Unknown
                && p.birth_date.is_some()
                && count.get(&bare(p)) == Some(&1)
                && !here.contains(&number)
                && !besides.contains(&number)
        };
        // From the middle of the register, where numbers have lost their many zeros.
        let patients = self.world.clinic.patients();
        let found = patients.iter().skip(patients.len() / 2).find(fits);
        found.cloned().ok_or_else(|| Why("the synthetic clinic has nobody for this".to_owned()))
    }

    /// Rows of receptions on the screen, from the top, with what they stand for.
    fn rows(&self, screen: &Screen) -> Vec<(Seen, Reception)> {
        let receptions = self.world.control.receptions();
        let of = |row: &Seen| {
            receptions.iter().find(|r| {
                let number = r.patient.as_ref().map(PatientNumber::as_str);
                let number = number.unwrap_or(self.player.t("list.unregistered"));
                row.label.starts_with(&format!("{number} {} ", r.name.kanji))
            })
        };
        let rows = screen
            .buttons_above(Self::list_end(screen))
            .filter(|s| !s.label.ends_with(self.hit_mark()));
        rows.filter_map(|row| Some((row.clone(), of(row)?.clone()))).collect()
    }

    fn hit_mark(&self) -> &'static str {
        self.player.t("list.hit_mark")
    }

    /// The state that a row says.
    fn state_said(&self, row: &Seen) -> Option<ReceptionState> {
        let words = [
            (ReceptionState::Waiting, "state.waiting"),
            (ReceptionState::InConsultation, "state.in_consultation"),
            (ReceptionState::InExamination, "state.in_examination"),
            (ReceptionState::AwaitingPayment, "state.awaiting_payment"),
            (ReceptionState::Done, "state.done"),
            (ReceptionState::Cancelled, "state.cancelled"),
        ];
        let said = |key| row.label.contains(&format!(" {}", self.player.t(key)));
        words.into_iter().filter(|(_, key)| said(key)).map(|(state, _)| state).last()
    }

    fn places(&self, screen: &Screen) -> Vec<Place> {
        let place = |(row, reception): (Seen, Reception)| {
            Some(Place {
                kana: kana::sort_key(&reception.name.kana),
                physician: reception.physician.code,
                state: self.state_said(&row)?,
                time: reception.time,
            })
        };
        self.rows(screen).into_iter().filter_map(place).collect()
    }

    /// Sorts with one key and looks whether the rows stand in that order.
    fn sorted(&mut self, key: Key, in_order: fn(&Place, &Place) -> bool) -> Result<(), Why> {
        let from = self.player.hands.press(key);
        let frame = self.player.see_from(from, LONG, "the rows in that order", |screen| {
            let places = self.places(screen);
            places.len() >= 3 && places.is_sorted_by(in_order)
        })?;
        self.player.keep(&frame);
        Ok(())
    }

    /// Types into the search with `write` and waits for the patient among all.
    fn search(&mut self, patient: &Patient, write: impl Fn(&mut Player)) -> Result<(), Why> {
        let wanted = format!("{} {} {}", patient.number, patient.name.kanji, self.hit_mark());
        // The cloud may still be reading the patients in; somebody who finds nobody tries again.
        let until = Instant::now() + LONG * 6;
        let field = self.field();
        loop {
            let player = &mut *self.player;
            (player.hands.keys, player.hands.touches) = (0, 0);
            let from = player.hands.press(Key::F4);
            player.see_from(from, LONG, "the search field ready", |s| {
                field(s).is_some_and(|f| f.focused)
            })?;
            let from = player.link.frames();
            write(player);
            let shown =
                |s: &Screen| s.buttons_above(Self::list_end(s)).any(|row| row.label == wanted);
            match player.link.wait_frame(from, Duration::from_secs(6), shown) {
                Some(frame) => {
                    player.keep(&frame);
                    return Ok(());
                }
                None if Instant::now() < until => self.home()?,
                None => return Err(Why("the patient was not found".to_owned())),
            }
        }
    }

    /// Whether the patient page shows this patient with what only the whole record tells.
    fn page_of(&self, patient: &Patient) -> impl Fn(&Screen) -> bool + use<> {
        let number = patient.number.to_string();
        let kanji = patient.name.kanji.clone();
        let basics = self.player.t("card.basics");
        let dangers: Vec<String> = patient.dangers().map(|d| d.text.clone()).collect();
        move |s: &Screen| {
            s.called(&number).is_some()
                && s.says(&kanji)
                && s.says(basics)
                && dangers.iter().all(|text| s.says(text))
        }
    }

    fn line_says(&self, key: &'static str) -> impl Fn(&Screen) -> bool + use<> {
        let words = self.player.t(key);
        move |s: &Screen| s.says(words)
    }
}

fn sign_in(m: &mut Morning<'_>) -> Result<(), Why> {
    if m.signed_in() {
        return Ok(());
    }
    let up = m.line_says("lamp.up");
    m.player.see_within(LONG * 2, "the line up", up)?;
    let player = &mut *m.player;
    let from = player.hands.press(Key::Num1);
    let submit = format!("F11 {}", player.t("key.sign_in"));
    player.see_from(from, LONG, "the first account filled in", |s| {
        s.called(&submit).is_some_and(|key| !key.disabled)
    })?;
    let from = player.hands.press(Key::Enter);
    let field = m.field();
    let frame = m.player.see_from(from, LONG, "the reception list", |s| field(s).is_some())?;
    m.player.keep(&frame);
    Ok(())
}

fn list_fills(m: &mut Morning<'_>) -> Result<(), Why> {
    let up = m.line_says("link.up");
    let frame = m.player.see_within(LONG * 2, "today's receptions", |screen| {
        let rows = m.rows(screen);
        let all = m.world.control.receptions();
        // As many as the receipt computer has, or a screenful.
        up(screen) && !rows.is_empty() && (rows.len() == all.len() || rows.len() >= 4)
    })?;
    m.player.keep(&frame);
    Ok(())
}

fn arrival(m: &mut Morning<'_>) -> Result<(), Why> {
    let besides = m.stranger()?.number.canonical();
    let patient = m.nobody_here(&HashSet::from([besides]))?;
    let end = |player: &mut Player| player.hands.press_with(Modifiers::COMMAND, Key::End);
    let here = format!("{} {} ", patient.number, patient.name.kanji);
    let shows =
        |s: &Screen| s.buttons_above(Morning::list_end(s)).any(|row| row.label.starts_with(&here));
    m.player.hands.press(Key::F2);
    end(m.player);
    m.player.link.settle(Duration::from_millis(300), LONG);
    let before = Instant::now();
    m.world
        .control
        .accept(patient.number.as_str())
        .map_err(|e| Why(format!("the receipt computer did not accept the patient: {e}")))?;
    // The list grows at its end; whoever waits for somebody looks there.
    let until = before + LONG;
    while Instant::now() < until {
        let from = end(m.player);
        if let Some(frame) = m.player.link.wait_frame(from, Duration::from_millis(250), shows) {
            m.player.keep_since(before, &frame);
            m.player.hands.press_with(Modifiers::COMMAND, Key::End);
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
    let fresh = m.player.head("patient.fresh");
    let code = format!("A{}A", patient.number);
    let shows = move |s: &Screen| page(s) && s.says(fresh);
    m.player.scan("NW-7", "cloud", &code, Wedge::Plain, shows)?;
    Ok(())
}

/// The card of a patient seen before, scanned into the middle of typing: the page comes from the cache, and
/// nothing of the code lands in the field.
fn scan_code128(m: &mut Morning<'_>) -> Result<(), Why> {
    let patient = m.patient(TARO)?;
    let page = m.page_of(&patient);
    let field = m.field();
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
    let waiting = m.rows(&screen).into_iter().find(|(row, reception)| {
        reception.patient.is_some() && m.state_said(row) == Some(ReceptionState::Waiting)
    });
    let (row, reception) = match waiting {
        Some(found) => found,
        // All on this screenful are further; those who came last still wait.
        None => {
            m.player.hands.press_with(Modifiers::COMMAND, Key::End);
            m.player.link.settle(Duration::from_millis(300), LONG);
            let screen = m.player.screen();
            let found = m
                .rows(&screen)
                .into_iter()
                .find(|(row, _)| m.state_said(row) == Some(ReceptionState::Waiting));
            found.ok_or_else(|| Why("nobody in the list waits".to_owned()))?
        }
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
    let stale = m.player.head("stale.cut");
    m.plug.set(Cut::Broken);
    let frame =
        m.player.see_within(LONG * 2, "that the line is down", |s| down(s) && s.says(stale))?;
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
        let from = m.player.hands.press_with(Modifiers::COMMAND, Key::End);
        let shows = |s: &Screen| {
            s.buttons_above(Morning::list_end(s)).any(|row| row.label.starts_with(&here))
        };
        if m.player.link.wait_frame(from, Duration::from_millis(250), shows).is_some() {
            return Ok(());
        }
    }
    Err(Why("who came while the line was cut did not appear".to_owned()))
}
