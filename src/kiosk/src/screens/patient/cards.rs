//! The cards of the patient's page and where each of them stands: the same place for every patient.

use clinical::SafetyKind;
use clinical::profile::{
    InfectionResult, Item, MeasurementValue, ProfileKind as K, ProfileValue, Tenths,
};
use egui::{Sense, Ui};
use uuid::Uuid;

use super::basics;
use super::item::{self, Line};
use super::{lab, open_remarks, safety};
use crate::app::intent::Intent;
use crate::app::model::Desk;
use crate::app::opened::{Opened, Shown};
use crate::theme::tokens::space;
use crate::widgets::card::{card, remark};
use crate::widgets::{names, profile};

/// So many items of a card are listed; the history has them all.
const MOST: usize = 5;

/// Somebody has touched the page.
pub(super) enum Touched {
    /// A card with these items.
    Card(Vec<Uuid>),
    /// A button with a wish of its own.
    Wish(Intent),
    /// What the receipt computer remarks is to be taken over.
    TakeOver,
    /// A lab order.
    Order(Uuid),
}

/// Draws the cards in one or three columns.
pub(super) fn show(ui: &mut Ui, desk: &Desk, opened: &Opened) -> Option<Touched> {
    let room = ui.available_width();
    let columns: usize = if room > 1000.0 { 3 } else { 1 };
    let wide = (room - space::GAP * (columns - 1) as f32) / columns as f32;
    let items = opened.profile(&desk.outbox);
    let page = Page { desk, opened, items: &items, wide };
    ui.spacing_mut().item_spacing = egui::vec2(space::GAP, space::GAP);
    let mut touched = None;
    if columns == 1 {
        for part in [
            Page::safety,
            Page::lab,
            Page::vitals,
            Page::infections,
            Page::past,
            Page::vaccinations,
        ] {
            touched = part(&page, ui).or(touched);
        }
        page.receipt_computer(ui);
        page.basics(ui);
        return touched;
    }
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(wide);
            touched = page.safety(ui).or(touched.take());
            page.receptions(ui);
            page.insurance(ui);
        });
        ui.vertical(|ui| {
            ui.set_width(wide);
            for part in [Page::lab, Page::vitals] {
                touched = part(&page, ui).or(touched.take());
            }
        });
        ui.vertical(|ui| {
            ui.set_width(wide);
            for part in [Page::infections, Page::past, Page::vaccinations] {
                touched = part(&page, ui).or(touched.take());
            }
            page.basics(ui);
        });
    });
    touched
}

struct Page<'a> {
    desk: &'a Desk,
    opened: &'a Opened,
    items: &'a [Item],
    wide: f32,
}

impl<'a> Page<'a> {
    /// Room inside a card.
    fn room(&self) -> f32 {
        self.wide - 34.0
    }

    fn of(&self, kinds: &[K]) -> Vec<&'a Item> {
        self.items.iter().filter(|item| kinds.contains(&item.kind())).collect()
    }

    /// A card with items: touching it asks what is to be done with them.
    fn touchable(
        &self,
        ui: &mut Ui,
        (title, source): (&'static str, &str),
        items: &[&Item],
        content: impl FnOnce(&mut Ui) -> Option<Touched>,
    ) -> Option<Touched> {
        let desk = self.desk;
        let touchable = !items.is_empty() && desk.may_record();
        // The card lies below the buttons in it.
        let sense = if touchable { Sense::CLICK } else { Sense::hover() };
        let builder = egui::UiBuilder::new().id_salt(title).sense(sense);
        let mut wish = None;
        let response = ui
            .scope_builder(builder, |ui| {
                card(ui, desk.t(title), source, self.wide, |ui| wish = content(ui));
            })
            .response;
        if touchable {
            let words = desk.fill("record.touch", &[("card", desk.t(title))]);
            let info = || egui::WidgetInfo::labeled(egui::Role::Button, true, &words);
            response.widget_info(info);
        }
        match wish {
            Some(touched) => Some(touched),
            None if touchable && response.clicked() => {
                Some(Touched::Card(items.iter().map(|item| item.id).collect()))
            }
            None => None,
        }
    }

    fn safety(&self, ui: &mut Ui) -> Option<Touched> {
        let items: Vec<&Item> = self.items.iter().filter(|i| safety::is_safety(i)).collect();
        self.touchable(ui, ("card.safety", ""), &items, |ui| {
            safety::show(ui, self.desk, self.opened, &items, self.room())
        })
    }

    fn vitals(&self, ui: &mut Ui) -> Option<Touched> {
        let kinds = [K::BloodPressure, K::Pulse, K::Temperature, K::Height, K::Weight];
        let latest = |kind: K| self.items.iter().find(|item| item.kind() == kind);
        let mut items: Vec<&Item> = kinds.into_iter().filter_map(latest).collect();
        items.extend(latest(K::BloodType));
        items.extend(self.care_level());
        items.extend(self.care_levels_to_come());
        let source = self.source(&items);
        self.touchable(ui, ("card.profile", &source), &items, |ui| {
            let mut wish = None;
            for item in &items {
                let line = item::line(self.desk, item, source.is_empty());
                wish = wish.or(item::show(ui, self.desk, item, &line, self.room()));
                if item.kind() == K::Weight {
                    self.mass_index(ui);
                }
            }
            wish.map(Touched::Wish)
        })
    }

    fn lab(&self, ui: &mut Ui) -> Option<Touched> {
        Some(match lab::show(ui, self.desk, self.opened, self.wide)? {
            lab::Touched::Results => Touched::Wish(Intent::OpenResults(None)),
            lab::Touched::Order(order) => Touched::Order(order),
            lab::Touched::Begin => Touched::Wish(Intent::OpenLabOrder),
        })
    }

    /// The certificate in force, else the latest.
    fn care_level(&self) -> Option<&'a Item> {
        let today = self.desk.today();
        let mut all = self.items.iter().filter(|item| item.kind() == K::CareLevel);
        let in_force = all.clone().find(|item| match &item.content.value {
            ProfileValue::CareLevel(c) => {
                c.valid_from <= today && c.valid_to.is_none_or(|to| today <= to)
            }
            _ => false,
        });
        in_force.or_else(|| all.next())
    }

    /// Certificates that begin after the one that is shown as in force, the nearest last.
    fn care_levels_to_come(&self) -> Vec<&'a Item> {
        let (today, shown) = (self.desk.today(), self.care_level().map(|item| item.id));
        let to_come = |item: &&Item| match &item.content.value {
            ProfileValue::CareLevel(c) => today < c.valid_from && Some(item.id) != shown,
            _ => false,
        };
        self.items.iter().filter(to_come).collect()
    }

    /// BMI of the latest height and weight.
    fn mass_index(&self, ui: &mut Ui) {
        let latest = |kind: K| {
            let item = self.items.iter().find(|item| item.kind() == kind)?;
            match &item.content.value {
                ProfileValue::Measurement(m) => Some(m.value),
                _ => None,
            }
        };
        let (Some(MeasurementValue::Height(height)), Some(MeasurementValue::Weight(weight))) =
            (latest(K::Height), latest(K::Weight))
        else {
            return;
        };
        let Some(index) = body_mass_index(height, weight) else { return };
        let line = Line {
            caption: self.desk.t("profile.bmi").to_owned(),
            value: index.to_string(),
            unit: String::new(),
            danger: false,
            meta: self.desk.t("profile.computed").to_owned(),
            marks: Vec::new(),
        };
        item::draw(ui, &line, self.room());
    }

    fn infections(&self, ui: &mut Ui) -> Option<Touched> {
        let mut items = self.of(&[K::Infection]);
        // Under many negative results no positive one may be lost.
        items.sort_by_key(|item| is_negative(item));
        let remarks = open_remarks(self.desk, self.opened);
        let remarks: Vec<_> =
            remarks.into_iter().filter(|r| r.kind == SafetyKind::Infection).collect();
        let source = if remarks.is_empty() { self.source(&items) } else { String::new() };
        self.touchable(ui, ("card.infections", &source), &items, |ui| {
            let wish = self.list(ui, &items, source.is_empty());
            for remark in &remarks {
                safety::remark_line(ui, self.desk, remark, self.room());
            }
            wish.map(Touched::Wish)
        })
    }

    fn past(&self, ui: &mut Ui) -> Option<Touched> {
        self.plain(ui, "card.past", &[K::PastHistory, K::Disability])
    }

    fn vaccinations(&self, ui: &mut Ui) -> Option<Touched> {
        self.plain(ui, "card.vaccinations", &[K::Vaccination])
    }

    fn plain(&self, ui: &mut Ui, title: &'static str, kinds: &[K]) -> Option<Touched> {
        let items = self.of(kinds);
        let source = self.source(&items);
        self.touchable(ui, (title, &source), &items, |ui| {
            self.list(ui, &items, source.is_empty()).map(Touched::Wish)
        })
    }

    fn list(&self, ui: &mut Ui, items: &[&Item], with_source: bool) -> Option<Intent> {
        let mut wish = None;
        for item in items.iter().take(MOST) {
            let line = item::line(self.desk, item, with_source);
            wish = wish.or(item::show(ui, self.desk, item, &line, self.room()));
            if let ProfileValue::PastHistory(past) = &item.content.value
                && let Some(term) = profile::term(self.desk, past.onset, past.ended)
            {
                remark(ui, &term);
            }
            let note = match &item.content.value {
                ProfileValue::PastHistory(past) => past.note.as_str(),
                ProfileValue::Infection(infection) => infection.note.as_str(),
                _ => "",
            };
            if !note.is_empty() {
                remark(ui, &names::drawable(ui, note).text);
            }
        }
        if items.len() > MOST {
            let more = (items.len() - MOST).to_string();
            remark(ui, &self.desk.fill("record.more", &[("n", &more)]));
        }
        wish
    }

    /// The source that all items share; that there are none; empty where they have several.
    fn source(&self, items: &[&Item]) -> String {
        let Some(first) = items.first().map(|item| item.content.source) else {
            let known = self.opened.view().is_some();
            return self
                .desk
                .t(if known { "record.nothing" } else { "record.not_read" })
                .to_owned();
        };
        let same = items.iter().all(|item| item.content.source == first);
        if same { self.desk.t(profile::source_key(first)).to_owned() } else { String::new() }
    }

    fn receipt_computer(&self, ui: &mut Ui) {
        self.receptions(ui);
        self.insurance(ui);
    }

    fn receptions(&self, ui: &mut Ui) {
        match (self.opened.view(), &self.opened.shown) {
            (Some(view), _) => basics::receptions(ui, self.desk, view, self.wide),
            (None, Shown::Basics(reception)) => {
                card(ui, self.desk.t("card.today"), "", self.wide, |ui| {
                    basics::reception_line(ui, self.desk, reception);
                });
            }
            _ => {}
        }
    }

    fn insurance(&self, ui: &mut Ui) {
        if let Some(view) = self.opened.view() {
            basics::insurance(ui, self.desk, view, self.wide);
        }
    }

    fn basics(&self, ui: &mut Ui) {
        if let Some(patient) = self.opened.patient() {
            basics::basics(ui, self.desk, patient, self.wide);
        }
    }
}

/// Whether all that is said of an infection is that there is none.
fn is_negative(item: &Item) -> bool {
    let negative = |value: &ProfileValue| match value {
        ProfileValue::Infection(infection) => infection.result == InfectionResult::Negative,
        _ => false,
    };
    item.rivals.is_empty()
        && negative(&item.content.value)
        && item.before.as_ref().is_none_or(|before| negative(&before.value))
}

/// Weight by the square of the height, to one decimal place.
fn body_mass_index(height: Tenths, weight: Tenths) -> Option<Tenths> {
    // In tenths of a kilogram and of a centimetre: 10⁶ · weight / height² is the index in tenths.
    let square = u64::from(height.0) * u64::from(height.0);
    let index = (u64::from(weight.0) * 1_000_000 + square / 2).checked_div(square)?;
    u32::try_from(index).ok().map(Tenths)
}

#[cfg(test)]
mod tests {
    use super::body_mass_index;
    use clinical::profile::Tenths;

    #[test]
    fn the_body_mass_index_is_rounded_to_a_tenth() {
        assert_eq!(body_mass_index(Tenths(1650), Tenths(684)), Some(Tenths(251)));
        assert_eq!(body_mass_index(Tenths(1700), Tenths(600)), Some(Tenths(208)));
        assert_eq!(body_mass_index(Tenths(0), Tenths(600)), None);
    }
}
