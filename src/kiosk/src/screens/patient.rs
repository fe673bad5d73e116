//! The patient's page: basics, insurance, safety remarks, receptions.

use api::patients::PatientView;
use clinical::{InsuranceCombination, Patient, PublicExpense, Reception, calendar};
use egui::{RichText, Ui};
use jiff::civil::Date;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::app::opened::{Opened, Shown};
use crate::i18n::Lang;
use crate::screens::receptions::StateChooser;
use crate::screens::sign_in::detail_words;
use crate::theme::tokens::{colors, size, space};
use crate::widgets::card::{card, entry, pair, remark};
use crate::widgets::pager::Pager;
use crate::widgets::patient_strip::danger_words;
use crate::widgets::text::running;
use crate::widgets::{banner, names, state};

/// The screen's state.
#[derive(Default)]
pub struct PatientPage {
    chooser: Option<StateChooser>,
    pager: Pager,
}

impl PatientPage {
    /// Whether a chooser stands over the page.
    pub fn chooses(&self) -> bool {
        self.chooser.is_some()
    }

    /// Forgets what belonged to another patient.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        let reception = desk.opened.as_ref().and_then(|o| desk.day.of_patient(&o.number));
        match command {
            Command::NextState => reception.is_some_and(|r| desk.day.can_step(r)),
            Command::ChooseState => reception.is_some_and(|r| desk.day.can_change(r)),
            Command::Help | Command::Find | Command::List | Command::SignOut => true,
            Command::Choose => self.chooses(),
            _ => false,
        }
    }

    /// Draws the page under the strip.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> Option<Intent> {
        let mut wish = None;
        let reception = desk.day.of_patient(&opened.number);
        if self.chooser.is_none() {
            wish = match (pressed, reception) {
                (Some(Command::List | Command::Back | Command::Confirm), _) => Some(Intent::List),
                (Some(Command::Find), _) => Some(Intent::Find),
                (Some(Command::NextState), Some(r)) => desk
                    .day
                    .shown_state(r)
                    .next()
                    .map(|to| Intent::ChangeState { key: r.key.clone(), to }),
                (Some(Command::ChooseState), Some(r)) => {
                    self.chooser = Some(StateChooser::new(desk, r));
                    None
                }
                _ => None,
            };
        }
        let moves = pressed.filter(|_| self.chooser.is_none());
        self.pager.show(ui, "patient", moves, |ui| {
            source_line(ui, desk, opened);
            cards(ui, desk, opened);
        });
        let opened_now = pressed == Some(Command::ChooseState);
        if let Some(chooser) = &mut self.chooser {
            let (close, chosen) = chooser.show(ui, desk, pressed.filter(|_| !opened_now));
            wish = chosen.or(wish);
            if close {
                self.chooser = None;
            }
        }
        wish
    }
}

/// Where the data on the page comes from and how old it is; what is still on its way.
fn source_line(ui: &mut Ui, desk: &Desk, opened: &Opened) {
    if let Some(failure) = &opened.failure {
        let what = match &opened.shown {
            Shown::Kept { at, .. } => desk.fill(
                "patient.failed_kept",
                &[("time", &desk.clock_words(*at)), ("age", &desk.age_words(*at))],
            ),
            Shown::Fresh(view) => {
                desk.fill("patient.failed_fresh", &[("time", &desk.clock_words(view.fetched_at))])
            }
            Shown::Basics(_) | Shown::Nothing => desk.t("patient.failed").to_owned(),
        };
        let text = format!("{what}{}", desk.failure_words(failure));
        banner::show(ui, Tone::Danger, &text, &detail_words(desk, &failure.detail), None);
        return;
    }
    match (&opened.shown, opened.asked_at) {
        (_, Some(since)) if desk.waits_long(since) => {
            let seconds = desk.seconds_since(since).to_string();
            let text = desk.fill("patient.waiting_long", &[("seconds", &seconds)]);
            banner::show(ui, Tone::Waiting, &text, "", None);
        }
        (Shown::Kept { at, .. }, _) => {
            let (time, age) = (desk.clock_words(*at), desk.age_words(*at));
            let text = desk.fill("patient.kept", &[("time", &time), ("age", &age)]);
            banner::show(ui, Tone::Waiting, &text, "", None);
        }
        (Shown::Basics(_) | Shown::Nothing, _) => {
            banner::show(ui, Tone::Waiting, desk.t("patient.pending"), "", None);
        }
        (Shown::Fresh(view), _) => {
            let (time, age) = (desk.clock_words(view.fetched_at), desk.age_words(view.fetched_at));
            let text = desk.fill("patient.fresh", &[("time", &time), ("age", &age)]);
            let soft = colors(ui).soft;
            ui.label(RichText::new(text).size(size::LINE).color(soft));
            ui.add_space(space::SMALL);
        }
    }
}

fn cards(ui: &mut Ui, desk: &Desk, opened: &Opened) {
    let room = ui.available_width();
    let columns: usize = if room > 1000.0 { 3 } else { 1 };
    let wide = (room - space::GAP * (columns - 1) as f32) / columns as f32;
    let Some(view) = opened.view() else {
        if let Shown::Basics(reception) = &opened.shown {
            card(ui, desk.t("card.today"), "", wide, |ui| reception_line(ui, desk, reception));
        }
        return;
    };
    let patient = &view.patient;
    let groups: [&dyn Fn(&mut Ui); 3] = [
        &|ui| {
            safety(ui, desk, view, wide);
            receptions(ui, desk, view, wide);
        },
        &|ui| insurance(ui, desk, view, wide),
        &|ui| basics(ui, desk, patient, wide),
    ];
    ui.spacing_mut().item_spacing = egui::vec2(space::GAP, space::GAP);
    if columns == 1 {
        for group in groups {
            group(ui);
        }
    } else {
        ui.horizontal_top(|ui| {
            for group in groups {
                ui.vertical(|ui| {
                    ui.set_width(wide);
                    group(ui);
                });
            }
        });
    }
}

/// A date in the calendar of the screen's language, with the other one.
pub fn date_words(desk: &Desk, date: Date) -> String {
    match desk.lang {
        Lang::Ja => calendar::both(date),
        Lang::En => format!("{date} ({})", calendar::wareki_short(date)),
    }
}

fn basics(ui: &mut Ui, desk: &Desk, patient: &Patient, wide: f32) {
    card(ui, desk.t("card.basics"), desk.t("card.source"), wide, |ui| {
        let mut any = false;
        let mut put = |ui: &mut Ui, key: &'static str, value: &str| {
            if !value.trim().is_empty() {
                any = true;
                let value = names::drawable(ui, value).text;
                entry(ui, desk.t(key), &value);
            }
        };
        let home = &patient.address;
        let postal = match home.postal_code.split_at_checked(3) {
            Some((head, tail)) if tail.len() == 4 => format!("〒{head}-{tail}\n"),
            _ => String::new(),
        };
        if !home.line1.is_empty() || !home.line2.is_empty() {
            let address = format!("{postal}{}{}", home.line1, home.line2);
            put(ui, "basics.address", &address);
        }
        put(ui, "basics.phone", &patient.phones.join("\n"));
        put(ui, "basics.householder", &patient.householder);
        let day = |date: Option<Date>| date.map(|d| date_words(desk, d)).unwrap_or_default();
        put(ui, "basics.first_visit", &day(patient.first_visit));
        put(ui, "basics.last_visit", &day(patient.last_visit));
        if !any {
            remark(ui, desk.t("basics.none"));
        }
    });
}

/// `国保 本人 3割`.
pub fn combination_words(desk: &Desk, combination: &InsuranceCombination) -> String {
    let mut words: Vec<String> = Vec::new();
    if let Some(health) = &combination.health {
        words.push(health.name.clone());
        match health.insured_self {
            Some(true) => words.push(desk.t("insurance.insured").to_owned()),
            Some(false) => words.push(desk.t("insurance.dependant").to_owned()),
            None => {}
        }
    }
    words.extend(combination.public.iter().map(|p| p.name.clone()));
    if words.is_empty() {
        words.push(desk.t("insurance.own_cost").to_owned());
    }
    if let Some(percent) = combination.share_percent {
        words.push(if percent % 10 == 0 && desk.lang == Lang::Ja {
            desk.fill("insurance.tenths", &[("n", &(percent / 10).to_string())])
        } else {
            format!("{percent}%")
        });
    }
    words.join(" ")
}

fn insurance(ui: &mut Ui, desk: &Desk, view: &PatientView, wide: f32) {
    let patient = &view.patient;
    card(ui, desk.t("card.insurance"), desk.t("card.source"), wide, |ui| {
        if patient.insurance.is_empty() {
            let key = if view.whole { "insurance.none" } else { "insurance.unread" };
            remark(ui, desk.t(key));
        }
        for (i, combination) in patient.insurance.iter().enumerate() {
            if i > 0 {
                ui.separator();
            }
            let covers = combination.covers(desk.today());
            let mark = if covers { "" } else { desk.t("insurance.expired") };
            pair(ui, &combination_words(desk, combination), mark);
            if let Some(h) = &combination.health {
                let branch =
                    if h.branch.is_empty() { String::new() } else { format!("（{}）", h.branch) };
                let number = format!("{}・{}{branch}", h.symbol, h.number);
                entry(ui, desk.t("insurance.insurer"), &h.insurer_number);
                let number =
                    if h.symbol.is_empty() { format!("{}{branch}", h.number) } else { number };
                entry(ui, desk.t("insurance.symbol_number"), &number);
            }
            for public in &combination.public {
                public_expense(ui, desk, public);
            }
            if let Some(term) = term_words(desk, combination.valid_from, combination.valid_to) {
                remark(ui, &term);
            }
        }
    });
}

fn public_expense(ui: &mut Ui, desk: &Desk, public: &PublicExpense) {
    let title = desk.fill("insurance.public", &[("name", &public.name)]);
    let numbers = desk.fill(
        "insurance.public_numbers",
        &[("payer", &public.payer_number), ("recipient", &public.recipient_number)],
    );
    entry(ui, &title, &numbers);
}

fn term_words(desk: &Desk, from: Option<Date>, to: Option<Date>) -> Option<String> {
    let words = |d: Date| match desk.lang {
        Lang::Ja => calendar::wareki(d),
        Lang::En => d.to_string(),
    };
    match (from, to) {
        (None, None) => None,
        (Some(from), None) => Some(desk.fill("insurance.since", &[("from", &words(from))])),
        (None, Some(to)) => Some(desk.fill("insurance.until", &[("to", &words(to))])),
        (Some(from), Some(to)) => {
            Some(desk.fill("insurance.term", &[("from", &words(from)), ("to", &words(to))]))
        }
    }
}

fn safety(ui: &mut Ui, desk: &Desk, view: &PatientView, wide: f32) {
    let patient = &view.patient;
    card(ui, desk.t("card.safety"), desk.t("card.source"), wide, |ui| {
        if !view.whole {
            ui.add(egui::Label::new(running(desk.t("safety.unread"), size::BODY)).wrap());
        } else if patient.safety.is_empty() {
            remark(ui, desk.t("safety.none"));
        }
        let c = colors(ui);
        for item in &patient.safety {
            let ink = if item.kind.is_danger() { c.red } else { c.ink };
            let words = names::drawable(ui, &danger_words(desk, item)).text;
            let text = running(words, size::BODY).color(ink);
            ui.add(egui::Label::new(text).wrap());
        }
    });
}

fn receptions(ui: &mut Ui, desk: &Desk, view: &PatientView, wide: f32) {
    card(ui, desk.t("card.receptions"), "", wide, |ui| {
        if view.receptions.is_empty() {
            remark(ui, desk.t("receptions.none"));
        }
        for reception in view.receptions.iter().take(8) {
            // The live list is newer than the page.
            let live = desk.day.find(&reception.key).unwrap_or(reception);
            reception_line(ui, desk, live);
        }
        if view.receptions.len() > 8 {
            let more = (view.receptions.len() - 8).to_string();
            remark(ui, &desk.fill("receptions.more", &[("n", &more)]));
        }
    });
}

fn reception_line(ui: &mut Ui, desk: &Desk, reception: &Reception) {
    let (date, time) = (reception.key.date, reception.time);
    let day = if date == desk.today() {
        desk.t("receptions.today").to_owned()
    } else {
        match desk.lang {
            Lang::Ja => calendar::wareki_short(date),
            Lang::En => date.to_string(),
        }
    };
    let when = format!("{day} {}:{:02}", time.hour(), time.minute());
    let shown = desk.day.shown_state(reception);
    let pending = desk.day.changes.contains_key(&reception.key);
    let mut words = desk.t(state::words(shown)).to_owned();
    if pending {
        words = desk.fill("state.pending", &[("state", &words)]);
    }
    pair(ui, &when, &words);
    let about = [&reception.department.name, &reception.physician.name, &reception.content.name];
    let about: Vec<&str> =
        about.into_iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
    if !about.is_empty() {
        remark(ui, &about.join("・"));
    }
}
