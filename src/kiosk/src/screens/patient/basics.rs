//! What the receipt computer knows of the patient: address, insurance, receptions.

use api::patients::PatientView;
use clinical::{InsuranceCombination, Patient, PublicExpense, Reception, calendar};
use egui::Ui;
use jiff::civil::Date;

use crate::app::model::Desk;
use crate::i18n::Lang;
use crate::widgets::card::{card, entry, inline, pair, remark};
use crate::widgets::profile::{day as day_words, term};
use crate::widgets::{names, state};

/// So many receptions are listed.
const RECEPTIONS: usize = 4;

/// A date in the calendar of the screen's language, with the other one.
pub fn date_words(desk: &Desk, date: Date) -> String {
    match desk.lang {
        Lang::Ja => calendar::both(date),
        Lang::En => format!("{date} ({})", calendar::wareki_short(date)),
    }
}

/// Address, telephone, visits.
pub(super) fn basics(ui: &mut Ui, desk: &Desk, patient: &Patient, wide: f32) {
    card(ui, desk.t("card.basics"), desk.t("card.source"), wide, |ui| {
        let mut any = false;
        let mut put = |ui: &mut Ui, key: &'static str, value: &str| {
            if !value.trim().is_empty() {
                any = true;
                let value = names::drawable(ui, value).text;
                inline(ui, desk.t(key), &value);
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
        let day = |date: Option<Date>| date.map(|d| day_words(desk, d)).unwrap_or_default();
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

/// All combinations that are registered.
pub(super) fn insurance(ui: &mut Ui, desk: &Desk, view: &PatientView, wide: f32) {
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
                inline(ui, desk.t("insurance.insurer"), &h.insurer_number);
                let number =
                    if h.symbol.is_empty() { format!("{}{branch}", h.number) } else { number };
                inline(ui, desk.t("insurance.symbol_number"), &number);
            }
            for public in &combination.public {
                public_expense(ui, desk, public);
            }
            if let Some(term) = term(desk, combination.valid_from, combination.valid_to) {
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

/// The latest receptions.
pub(super) fn receptions(ui: &mut Ui, desk: &Desk, view: &PatientView, wide: f32) {
    card(ui, desk.t("card.receptions"), "", wide, |ui| {
        if view.receptions.is_empty() {
            remark(ui, desk.t("receptions.none"));
        }
        for reception in view.receptions.iter().take(RECEPTIONS) {
            // The live list is newer than the page.
            let live = desk.day.find(&reception.key).unwrap_or(reception);
            reception_line(ui, desk, live);
        }
        if view.receptions.len() > RECEPTIONS {
            let more = (view.receptions.len() - RECEPTIONS).to_string();
            remark(ui, &desk.fill("receptions.more", &[("n", &more)]));
        }
    });
}

/// One reception: when, its state, what for.
pub(super) fn reception_line(ui: &mut Ui, desk: &Desk, reception: &Reception) {
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
