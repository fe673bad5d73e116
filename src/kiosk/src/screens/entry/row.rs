//! One field of a form: its name, where it is typed or chosen, its unit or echo, and what is wrong with it.

use clinical::calendar::{both, parse_date};
use clinical::profile::{Item, ProfileValue};
use egui::{Align, Rect, RichText, Sense, Ui, Vec2};

use super::fields::{Shape, Spec};
use super::form::{Work, id_of};
use super::read::{self, Wrong};
use super::words;
use crate::app::model::Desk;
use crate::theme::tokens::{colors, compact, regular, size, space};
use crate::widgets::field::Field;
use crate::widgets::{choice, text};

/// Most characters of a field: the cloud takes no more in a note.
const LONGEST: usize = 1000;

impl Work {
    /// Draws all fields, no wider than `wide`.
    pub(super) fn rows(&mut self, ui: &mut Ui, desk: &Desk, wide: f32) {
        ui.spacing_mut().item_spacing.y = space::SMALL;
        // Room for the ring around the first field.
        ui.add_space(6.0);
        for spec in self.specs(desk) {
            self.row(ui, desk, spec, wide);
        }
        ui.add_space(space::SMALL);
    }

    fn row(&mut self, ui: &mut Ui, desk: &Desk, spec: Spec, wide: f32) {
        let head = if compact(ui.ctx()) { 96.0 } else { 132.0 };
        let room = wide - head - space::GAP;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::GAP;
            caption(ui, desk.t(spec.name), head);
            ui.vertical(|ui| {
                ui.set_width(room);
                ui.spacing_mut().item_spacing.y = 4.0;
                match spec.shape {
                    Shape::Choice(_) | Shape::Proxy => self.choice(ui, desk, spec, room),
                    _ => self.typed(ui, desk, spec, room),
                }
                if let Some(wrong) = self.wrong_with(ui, desk, spec) {
                    let red = colors(ui).red;
                    let words = words::wrong(desk, wrong);
                    let text = RichText::new(words).size(size::LINE).color(red);
                    ui.add(egui::Label::new(text).wrap());
                }
                if compact(ui.ctx()) {
                    self.suggestions_of(ui, desk, spec, room);
                }
            });
        });
    }

    fn choice(&mut self, ui: &mut Ui, desk: &Desk, spec: Spec, room: f32) {
        let options = Self::options(desk, spec.shape);
        let current = options.iter().position(|(name, _)| name == self.answers.get(spec.name));
        let words: Vec<String> = options.into_iter().map(|(_, words)| words).collect();
        let label = desk.t(spec.name);
        let shown = choice::show(ui, id_of(spec.name), label, &words, current, room);
        if let Some(n) = shown.chosen {
            let now = ui.input(|input| input.time);
            self.choose(desk, spec, n, now);
        }
        self.follow(ui, spec, &shown.response);
    }

    fn typed(&mut self, ui: &mut Ui, desk: &Desk, spec: Spec, room: f32) {
        let width = match spec.shape {
            Shape::Number(_) | Shape::Pressure | Shape::Clock => 168.0,
            Shape::Day => 230.0,
            _ => room - 4.0,
        };
        let ime = matches!(spec.shape, Shape::Text | Shape::Lookup(_));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::GAP;
            let field = Field {
                id: id_of(spec.name),
                label: desk.t(spec.name),
                caption: None,
                hint: hint(desk, spec.shape),
                password: false,
                ime,
                width: width.min(room - 4.0),
            };
            let before = self.answers.get(spec.name).to_owned();
            let mut text = before.clone();
            let response = field.show_up_to(ui, &mut text, LONGEST);
            if text != before {
                let now = ui.input(|input| input.time);
                self.answers.set(spec.name, text);
                self.changed(spec.name, now);
                // What stands in a field during a conversion is not yet meant.
                if !desk.composing {
                    self.look_up(desk, spec.name);
                }
            } else if matches!(spec.shape, Shape::Lookup(_)) {
                self.look_up_late(desk, spec.name);
            }
            self.follow(ui, spec, &response);
            let (soft, note) = (colors(ui).soft, self.note(desk, spec, compact(ui.ctx())));
            if !note.is_empty() {
                let text = RichText::new(note).size(size::CHIP).color(soft);
                ui.add(egui::Label::new(text).truncate());
            }
        });
    }

    /// After a conversion has ended, what it left is looked up.
    fn look_up_late(&mut self, desk: &Desk, field: &'static str) {
        let text = self.answers.text(field);
        let stale = self.looked_up.as_ref().is_none_or(|looked_up| {
            let picked = looked_up.picked.and_then(|i| looked_up.found.get(i));
            let own = picked.map_or(looked_up.typed.as_str(), |s| s.text.as_str());
            looked_up.field != field || own != text
        });
        if stale && !desk.composing && self.at == Some(field) {
            self.look_up(desk, field);
        }
    }

    fn follow(&mut self, ui: &Ui, spec: Spec, response: &egui::Response) {
        if response.has_focus() && self.at != Some(spec.name) {
            self.at = Some(spec.name);
            // With room for what is wrong with it, below.
            let mut rect = response.rect.expand(space::SMALL);
            rect.max.y += size::LINE;
            ui.scroll_to_rect(rect, None);
        }
    }

    /// What stands behind a field: the unit and what was measured last, a day in both calendars.
    fn note(&self, desk: &Desk, spec: Spec, narrow: bool) -> String {
        match spec.shape {
            Shape::Number(unit) => self.with_last(desk, spec, desk.t(unit), narrow),
            Shape::Pressure => self.with_last(desk, spec, desk.t("unit.mmhg"), narrow),
            Shape::Day => {
                let typed = self.answers.get(spec.name);
                parse_date(typed, desk.today()).map(both).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    fn with_last(&self, desk: &Desk, spec: Spec, unit: &str, narrow: bool) -> String {
        match self.last.get(spec.name) {
            Some(last) => {
                let last = desk.fill("entry.last", &[("value", last)]);
                // The last value has its unit with it.
                if narrow { last } else { format!("{unit}　{last}") }
            }
            None => unit.to_owned(),
        }
    }

    /// What is wrong with a field: what saving has found, or what cannot be read and is no longer typed at.
    fn wrong_with(&self, ui: &Ui, desk: &Desk, spec: Spec) -> Option<Wrong> {
        if let Some(wrong) = self.mistakes.get(spec.name) {
            return Some(*wrong);
        }
        let text = self.answers.get(spec.name);
        if text.trim().is_empty() || ui.memory(|m| m.has_focus(id_of(spec.name))) {
            return None;
        }
        match spec.shape {
            Shape::Day => parse_date(text, desk.today()).err().map(Wrong::Day),
            Shape::Clock => read::clock(text).is_none().then_some(Wrong::NotATime),
            Shape::Pressure => read::pressure(text).is_none().then_some(Wrong::NotAPressure),
            Shape::Number("unit.per_minute" | "unit.times") => {
                read::whole(text).is_none().then_some(Wrong::NotWhole)
            }
            Shape::Number(_) => read::tenths(text).is_none().then_some(Wrong::NotANumber),
            _ => None,
        }
    }
}

fn hint(desk: &Desk, shape: Shape) -> &'static str {
    match shape {
        Shape::Pressure => desk.t("entry.pressure_hint"),
        Shape::Day => desk.t("entry.day_hint"),
        Shape::Clock => desk.t("entry.clock_hint"),
        _ => "",
    }
}

/// The field's name before it, at the height of its text. The field itself carries it for assistive technology.
fn caption(ui: &mut Ui, words: &str, wide: f32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, space::TOUCH), Sense::hover());
    let soft = colors(ui).soft;
    let one = text::line(ui, words, regular(size::LINE), soft, f32::INFINITY);
    if one.size().x <= wide {
        text::paint(ui, rect, Align::Min, words, regular(size::LINE), soft);
        return;
    }
    let font = regular(size::SMALL);
    let galley = ui.painter().layout(words.to_owned(), font, soft, wide);
    let top = rect.center().y - galley.size().y / 2.0;
    let place = Rect::from_min_size(egui::pos2(rect.left(), top), galley.size());
    ui.painter().galley(place.min, galley, soft);
}

/// The latest value of each kind of measurement in words, by the name of its field.
pub(super) fn last_values(desk: &Desk, items: &[Item]) -> Vec<(&'static str, String)> {
    let mut last: Vec<(&'static str, String)> = Vec::new();
    for item in items {
        let ProfileValue::Measurement(m) = &item.content.value else { continue };
        let field = super::fields::measured(item.kind());
        if last.iter().all(|(own, _)| *own != field) {
            let value = crate::widgets::profile::measured(desk, m.value);
            let day = desk.local(m.measured_at).date();
            let day = crate::widgets::profile::short_day(desk, day);
            last.push((field, format!("{value}（{day}）")));
        }
    }
    last
}
