//! Where the morning stands: who is at the clinic, and what the rows of the list mean.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use clinical::{Patient, PatientNumber, Reception, ReceptionState, Sex, kana};
use egui::accesskit::Role;
use egui::{Key, Modifiers};

use super::player::{LONG, Player, Why};
use super::screen::{Screen, Seen};
use super::stage::Frame;
use crate::demo::line::Plug;
use crate::demo::servers::World;

/// What the script needs to know while it plays.
pub struct Morning<'a> {
    /// Who plays.
    pub player: &'a mut Player,
    /// The world outside.
    pub(super) world: World,
    /// The hand on the plug of the line.
    pub(super) plug: Plug,
    /// Somebody with no reception today, whose name nobody shares.
    stranger: Option<Patient>,
    /// Who signed in last, by the digit on the sign-in screen.
    seat: Option<Key>,
    /// Who came while the line was cut.
    pub(super) came_meanwhile: Option<Patient>,
}

/// A row of the list, as far as its order goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Whose reading is not known stands at the end.
    pub(super) kana: (bool, String),
    pub(super) physician: String,
    pub(super) state: ReceptionState,
    pub(super) time: jiff::civil::Time,
}

impl<'a> Morning<'a> {
    /// The curtain rises.
    pub fn new(player: &'a mut Player, world: World, plug: Plug) -> Self {
        Self { player, world, plug, stranger: None, seat: None, came_meanwhile: None }
    }

    /// Whether a screen asks for a password.
    pub(super) fn asks_password(&self) -> impl Fn(&Screen) -> bool + use<> {
        let password = self.player.t("sign_in.password");
        move |s: &Screen| {
            s.things.iter().any(|t| t.role == Role::PasswordInput || t.label == password)
        }
    }

    pub(super) fn signed_in(&self) -> bool {
        !self.asks_password()(&self.player.screen())
    }

    /// Signs in with the account of this digit, and waits for the reception list.
    pub(super) fn sign_in_as(&mut self, digit: Key) -> Result<Frame, Why> {
        self.seat = Some(digit);
        let player = &mut *self.player;
        let submit = format!("F11 {}", player.t("key.sign_in"));
        let from = player.hands.press(digit);
        player.see_from(from, LONG, "the account filled in", |s| {
            s.called(&submit).is_some_and(|key| !key.disabled)
        })?;
        let from = player.hands.press(Key::Enter);
        let list = format!("F8 {}", player.t("key.confirmations"));
        player.see_from(from, LONG, "the reception list", |s| {
            Self::field(s).is_some() && s.things.iter().any(|t| t.label.starts_with(&list))
        })
    }

    /// Puts a person at the desk who may sit there already.
    pub(super) fn person_once(&mut self, digit: Key) -> Result<(), Why> {
        if self.signed_in() && self.seat == Some(digit) { Ok(()) } else { self.person(digit) }
    }

    /// Puts another person at the desk.
    pub(super) fn person(&mut self, digit: Key) -> Result<(), Why> {
        if self.signed_in() {
            let out = self.asks_password();
            let from = self.player.hands.press(Key::F12);
            self.player.see_from(from, LONG, "the sign-in screen", out)?;
        }
        self.sign_in_as(digit).map(drop)
    }

    /// Goes to the plain reception list, from wherever it is.
    pub fn home(&mut self) -> Result<(), Why> {
        if !self.signed_in() {
            return Ok(());
        }
        let field = Self::field;
        let found = [self.player.head("list.found_today"), self.player.t("list.searching")];
        let plain = |s: &Screen| {
            field(s).is_some_and(|f| f.value.is_empty() && !f.focused)
                && !found.iter().any(|words| s.says(words))
        };
        for _ in 0..6 {
            // From a tube of somebody else only the main key leads on.
            let stopped = self.player.screen().says(self.player.t("wrong_tube.title"));
            let key = if stopped { Key::F11 } else { Key::Escape };
            let from = self.player.hands.press(key);
            let link = &self.player.link;
            if link.wait_frame(from, Duration::from_millis(1_500), plain).is_some() {
                return Ok(());
            }
        }
        Err(Why("Esc did not lead back to the reception list".to_owned()))
    }

    /// Finds the search field on a screen: the list has no other field.
    pub(super) fn field(screen: &Screen) -> Option<&Seen> {
        screen.all(Role::TextInput).next()
    }

    /// Where the list ends and the key bar begins.
    pub(super) fn list_end(screen: &Screen) -> f32 {
        let bar = screen.things.iter().find(|s| s.label.starts_with("F1 "));
        bar.map_or(f32::INFINITY, |key| key.rect.top())
    }

    /// The patient of that number in the synthetic clinic.
    pub(super) fn patient(&self, number: &str) -> Result<Patient, Why> {
        let number = PatientNumber::parse(number).map_err(|e| Why(e.to_string()))?;
        let patient = self.world.clinic.patient(&number).cloned();
        patient.ok_or_else(|| Why(format!("the synthetic clinic has no patient {number}")))
    }

    /// Somebody with no reception today whose name and birth date are nobody else's; always the same one.
    pub(super) fn stranger(&mut self) -> Result<Patient, Why> {
        if let Some(patient) = &self.stranger {
            return Ok(patient.clone());
        }
        let found = self.nobody_here(&HashSet::new())?;
        self.stranger = Some(found.clone());
        Ok(found)
    }

    pub(super) fn nobody_here(&self, besides: &HashSet<String>) -> Result<Patient, Why> {
        let mut count = HashMap::<String, usize>::new();
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
    pub(super) fn rows(&self, screen: &Screen) -> Vec<(Seen, Reception)> {
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

    pub(super) fn hit_mark(&self) -> &'static str {
        self.player.t("list.hit_mark")
    }

    /// The state that a row says.
    pub(super) fn state_said(&self, row: &Seen) -> Option<ReceptionState> {
        let words = [
            (ReceptionState::Waiting, "state.waiting"),
            (ReceptionState::InConsultation, "state.in_consultation"),
            (ReceptionState::InExamination, "state.in_examination"),
            (ReceptionState::AwaitingPayment, "state.awaiting_payment"),
            (ReceptionState::Done, "state.done"),
            (ReceptionState::Cancelled, "state.cancelled"),
        ];
        let said = |key| row.label.contains(&format!(" {}", self.player.t(key)));
        words.into_iter().rev().find(|(_, key)| said(key)).map(|(state, _)| state)
    }

    pub(super) fn places(&self, screen: &Screen) -> Vec<Place> {
        let place = |(row, reception): (Seen, Reception)| {
            Some(Place {
                kana: (reception.name.kana.trim().is_empty(), kana::sort_key(&reception.name.kana)),
                physician: reception.physician.code,
                state: self.state_said(&row)?,
                time: reception.time,
            })
        };
        self.rows(screen).into_iter().filter_map(place).collect()
    }

    /// Sorts with one key and looks whether the rows stand in that order.
    pub(super) fn sorted(
        &mut self,
        modifiers: Modifiers,
        key: Key,
        in_order: fn(&Place, &Place) -> bool,
    ) -> Result<(), Why> {
        let from = self.player.hands.press_with(modifiers, key);
        let frame = self.player.see_from(from, LONG, "the rows in that order", |screen| {
            let places = self.places(screen);
            places.len() >= 2 && places.is_sorted_by(in_order)
        })?;
        self.player.keep(&frame);
        Ok(())
    }

    /// Types into the search with `write` and waits for the patient among all.
    pub(super) fn search(
        &mut self,
        patient: &Patient,
        write: impl Fn(&mut Player),
    ) -> Result<(), Why> {
        let wanted = format!("{} {} {}", patient.number, patient.name.kanji, self.hit_mark());
        // The cloud may still be reading the patients in; somebody who finds nobody tries again.
        let until = Instant::now() + LONG * 6;
        let field = Self::field;
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
    pub(super) fn page_of(&self, patient: &Patient) -> impl Fn(&Screen) -> bool + use<> {
        let number = patient.number.to_string();
        let kanji = patient.name.kanji.clone();
        // Without the whole record the strip says so; a narrow window has no room for more.
        let unsure = ["strip.safety_pending", "strip.safety_unknown"].map(|k| self.player.t(k));
        let dangers: Vec<String> = patient.dangers().map(|d| d.text.clone()).collect();
        move |s: &Screen| {
            s.called(&number).is_some()
                && s.says(&kanji)
                && !unsure.iter().any(|words| s.says(words))
                && dangers.iter().all(|text| s.says(text))
        }
    }

    pub(super) fn line_says(&self, key: &'static str) -> impl Fn(&Screen) -> bool + use<> {
        let words = self.player.t(key);
        move |s: &Screen| s.says(words)
    }
}
