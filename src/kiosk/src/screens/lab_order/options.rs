//! 至急, 絶食, 採取日, comment, and in whose name.

use clinical::calendar::both;
use egui::{Id, Label, RichText, Ui, Vec2};

use super::work::{Day, Over, Work, Wrong};
use crate::app::intent::Intent;
use crate::app::model::{Desk, Tone};
use crate::app::opened::Opened;
use crate::screens::entry::practitioners;
use crate::theme::tokens::{colors, size, space};
use crate::widgets::chooser::{Choice, Chooser};
use crate::widgets::field::Field;
use crate::widgets::{banner, button, choice, names, profile};

/// Most characters of a comment: the message to the laboratory takes no more.
const LONGEST: usize = 200;

/// The field of the comment.
pub(super) fn comment_id() -> Id {
    Id::unique("lab order comment")
}

/// The field of the day.
pub(super) fn day_id() -> Id {
    Id::unique("lab order day")
}

/// The row of the practitioners.
pub(super) fn proxy_id() -> Id {
    Id::unique("lab order proxy")
}

impl Work {
    /// The day in words: `採取日 今日`.
    fn day_words(&self, desk: &Desk) -> String {
        let day = match (&self.content.day, self.collect_on(desk)) {
            (Day::Today, _) => desk.t("lab_order.today").to_owned(),
            (Day::Tomorrow, _) => desk.t("lab_order.tomorrow").to_owned(),
            (Day::Typed(_), Ok(day)) => profile::short_day(desk, day),
            (Day::Typed(_), Err(_)) => desk.t("lab_order.day_open").to_owned(),
        };
        desk.fill("lab_order.collect_on", &[("day", &day)])
    }

    /// What is touched most, beside each other.
    pub(super) fn switches(&mut self, ui: &mut Ui, desk: &Desk) {
        let now = ui.input(|input| input.time);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::new(space::SMALL, 6.0);
            if button::chip(ui, desk.t("key.urgent"), self.content.urgent).clicked() {
                self.content.urgent = !self.content.urgent;
                self.changed(now);
            }
            if button::chip(ui, desk.t("key.fasting"), self.content.fasting).clicked() {
                self.content.fasting = !self.content.fasting;
                self.changed(now);
            }
            let other = self.content.day != Day::Today;
            if button::chip(ui, &self.day_words(desk), other).clicked() {
                self.ask_day(ui, desk);
            }
        });
        self.day_field(ui, desk);
    }

    /// F6: when?
    pub(super) fn ask_day(&mut self, ui: &Ui, desk: &Desk) {
        let chooser = Chooser::on(&self.days(desk));
        self.cover(ui, Over::Day(chooser));
    }

    /// The days offered.
    pub(super) fn days(&self, desk: &Desk) -> Vec<Choice> {
        let day = &self.content.day;
        let choice =
            |key, current| Choice { label: desk.t(key).to_owned(), enabled: true, current };
        vec![
            choice("lab_order.today", *day == Day::Today),
            choice("lab_order.tomorrow", *day == Day::Tomorrow),
            choice("lab_order.week", false),
            choice("lab_order.four_weeks", false),
            choice("lab_order.other_day", matches!(day, Day::Typed(_))),
        ]
    }

    /// A day was chosen.
    pub(super) fn choose_day(&mut self, desk: &Desk, n: usize, now: f64) {
        let later = |days: i64| {
            let day = desk.today().checked_add(jiff::Span::new().days(days));
            day.map(|day| Day::Typed(day.to_string())).unwrap_or_default()
        };
        self.content.day = match n {
            0 => Day::Today,
            1 => Day::Tomorrow,
            2 => later(7),
            3 => later(28),
            _ => {
                self.focus = Some(day_id());
                match &self.content.day {
                    Day::Typed(text) => Day::Typed(text.clone()),
                    _ => Day::Typed(String::new()),
                }
            }
        };
        self.changed(now);
    }

    /// What is typed or chosen more rarely.
    pub(super) fn details(&mut self, ui: &mut Ui, desk: &Desk, wide: f32) {
        self.proxy_row(ui, desk, wide);
        let field = Field {
            id: comment_id(),
            label: desk.t("lab_order.comment"),
            caption: None,
            hint: desk.t("lab_order.comment_hint"),
            password: false,
            ime: true,
            width: wide - 4.0,
        };
        let before = self.content.comment.clone();
        field.show_up_to(ui, &mut self.content.comment, LONGEST);
        if self.content.comment != before {
            let now = ui.input(|input| input.time);
            self.changed(now);
        }
    }

    fn day_field(&mut self, ui: &mut Ui, desk: &Desk) {
        let read = self.collect_on(desk).map(both).unwrap_or_default();
        let Day::Typed(text) = &mut self.content.day else { return };
        let before = text.clone();
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::GAP;
            let field = Field {
                id: day_id(),
                label: desk.t("lab_order.day"),
                caption: None,
                hint: desk.t("entry.day_hint"),
                password: false,
                ime: false,
                width: 200.0,
            };
            field.show(ui, text);
            let words = RichText::new(read).size(size::CHIP).color(colors(ui).soft);
            ui.add(Label::new(words).wrap());
        });
        if *text != before {
            let now = ui.input(|input| input.time);
            self.changed(now);
        }
    }

    fn proxy_row(&mut self, ui: &mut Ui, desk: &Desk, wide: f32) {
        let all = practitioners(desk);
        if desk.may_confirm() || all.len() < 2 {
            return;
        }
        let words: Vec<String> = all.iter().map(|staff| staff.name.clone()).collect();
        let own = self.content.proxy.clone();
        let current = all.iter().position(|staff| staff.account.to_string() == own);
        ui.label(RichText::new(desk.t("field.proxy")).size(size::LINE).color(colors(ui).soft));
        let label = desk.t("field.proxy");
        let shown = choice::show(ui, proxy_id(), label, &words, current, wide - 4.0);
        if let Some(staff) = shown.chosen.and_then(|n| all.get(n)) {
            self.content.proxy = staff.account.to_string();
            let now = ui.input(|input| input.time);
            self.changed(now);
        }
    }

    /// A practitioner by number, where the keys stand on that row.
    pub(super) fn choose_proxy(&mut self, desk: &Desk, n: usize, now: f64) {
        if let Some(staff) = practitioners(desk).get(n) {
            self.content.proxy = staff.account.to_string();
            self.changed(now);
        }
    }

    /// What hinders the order, or has to be answered first. It stands where it cannot scroll away.
    pub(super) fn asked(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Intent> {
        if let Some(wrong) = self.wrong {
            let tone = if wrong == Wrong::Empty { Tone::Waiting } else { Tone::Danger };
            banner::show(ui, tone, desk.t(wrong.words()), "", None);
        }
        self.question.as_ref()?;
        let text =
            desk.fill("lab_order.again_ask", &[("items", &self.again_words(ui, desk, opened))]);
        let yes = desk.t("lab_order.again_yes");
        let again = banner::show(ui, Tone::Waiting, &text, "", Some(yes));
        if again { self.order(desk, opened) } else { None }
    }

    /// Names of the chosen items that are ordered for the same day already.
    fn again_words(&self, ui: &Ui, desk: &Desk, opened: &Opened) -> String {
        let lab = opened.lab(&desk.outbox);
        let mut items: Vec<&str> = Vec::new();
        for item in self.again(desk, &lab.orders) {
            if !items.contains(&item.abbr.as_str()) {
                items.push(&item.abbr);
            }
        }
        names::drawable(ui, &items.join("、")).text
    }

    /// What is good to know before it is confirmed.
    pub(super) fn hints(&mut self, ui: &mut Ui, desk: &Desk, opened: &Opened) {
        let again = self.again_words(ui, desk, opened);
        if !again.is_empty() && self.question.is_none() {
            let text = desk.fill("lab_order.again", &[("items", &again)]);
            banner::show(ui, Tone::Waiting, &text, "", None);
        }
        let fasting = self.wants_fasting();
        if !fasting.is_empty() && !self.content.fasting {
            let items = names::drawable(ui, &fasting.join("、")).text;
            let text = desk.fill("lab_order.ask_fasting", &[("items", &items)]);
            let yes = desk.t("lab_order.is_fasting");
            if banner::show(ui, Tone::Info, &text, "", Some(yes)) {
                self.content.fasting = true;
                let now = ui.input(|input| input.time);
                self.changed(now);
            }
        }
        if let Some(at) = self.restored {
            let text = desk.fill("entry.restored", &[("time", &desk.clock_words(at))]);
            banner::show(ui, Tone::Info, &text, "", None);
        }
    }
}
