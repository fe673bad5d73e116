//! The patient strip: who is this? The chart's number very large, the name, and the red bands.

use clinical::profile::{Item, taken_over};
use clinical::{Patient, SafetyKind, SafetyRemark, Sex, calendar};
use egui::{Frame, Label, Layout, Margin, RichText, Ui};

use super::names::drawable;
use super::profile;
use super::text::running;
use crate::app::model::Desk;
use crate::app::opened::{Opened, Shown};
use crate::i18n::Lang;
use crate::theme::tokens::{bold, colors, compact, size, space, stroke};

/// Draws the strip of the opened patient.
pub fn show(ui: &mut Ui, desk: &Desk, opened: &Opened) {
    let c = colors(ui);
    let narrow = compact(ui.ctx());
    ui.spacing_mut().item_spacing = egui::vec2(28.0, 0.0);
    ui.horizontal(|ui| {
        number(ui, desk, opened, narrow);
        name(ui, desk, opened, narrow);
        if !narrow {
            ui.with_layout(Layout::top_down(egui::Align::Max), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add_space(12.0);
                let (birth, insurance) = who(desk, opened);
                ui.label(running(birth, size::CHIP));
                ui.add(Label::new(running(insurance, size::CHIP)).wrap());
            });
        }
    });
    if narrow {
        ui.add_space(4.0);
        let (birth, insurance) = who(desk, opened);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(18.0, 0.0);
            ui.label(RichText::new(birth).size(size::LINE).color(c.ink));
            ui.label(RichText::new(insurance).size(size::LINE).color(c.ink));
        });
    }
    bands(ui, desk, opened);
}

fn number(ui: &mut Ui, desk: &Desk, opened: &Opened, narrow: bool) {
    let soft = colors(ui).soft;
    let big = if narrow { size::STRIP_NAME } else { size::NUMBER };
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(RichText::new(desk.t("strip.number")).size(size::SMALL).color(soft));
        ui.label(RichText::new(opened.number.as_str()).font(bold(big)));
    });
}

fn name(ui: &mut Ui, desk: &Desk, opened: &Opened, narrow: bool) {
    let soft = colors(ui).soft;
    let big = if narrow { size::TITLE } else { size::STRIP_NAME };
    let Some(name) = opened.name() else {
        ui.label(RichText::new(desk.t("patient.loading")).size(size::BODY).color(soft));
        return;
    };
    let kanji = drawable(ui, &name.kanji);
    let kana = drawable(ui, &name.kana);
    let (sex, birth) = opened.person();
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(RichText::new(&kana.text).size(size::LINE).color(soft));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            let shown = if kanji.text.trim().is_empty() { &kana.text } else { &kanji.text };
            ui.label(RichText::new(shown).font(bold(big)));
            let mid = if narrow { size::CHIP } else { size::NAME };
            ui.label(RichText::new(sex_and_age(desk, sex, birth)).size(mid));
            for mark in marks(desk, opened, kanji.has_gaiji, &name.kana) {
                tag(ui, &mark, false);
            }
        });
    });
}

/// `男　71歳`.
pub fn sex_and_age(desk: &Desk, sex: Sex, birth: Option<jiff::civil::Date>) -> String {
    let sex = match sex {
        Sex::Male => desk.t("sex.male"),
        Sex::Female => desk.t("sex.female"),
        Sex::Unknown => desk.t("sex.unknown"),
    };
    match birth.and_then(|birth| calendar::age(birth, desk.today())) {
        Some(age) => desk.fill("strip.sex_age", &[("sex", sex), ("age", &age.to_string())]),
        None => sex.to_owned(),
    }
}

/// What must be known before this person is taken for somebody else.
fn marks(desk: &Desk, opened: &Opened, gaiji: bool, kana: &str) -> Vec<String> {
    let mut marks = Vec::new();
    if gaiji {
        marks.push(desk.t("mark.gaiji"));
    }
    if desk.day.has_namesake(kana) {
        marks.push(desk.t("mark.namesake"));
    }
    if opened.patient().is_some_and(|p| p.test_patient) {
        marks.push(desk.t("mark.test_patient"));
    }
    if opened.patient().is_some_and(|p| p.deceased) {
        marks.push(desk.t("mark.deceased"));
    }
    marks.into_iter().map(str::to_owned).collect()
}

/// Birth date in both calendars, insurance.
fn who(desk: &Desk, opened: &Opened) -> (String, String) {
    let birth = match opened.person().1 {
        Some(date) => {
            let era = match desk.lang {
                Lang::Ja => calendar::wareki(date),
                Lang::En => calendar::wareki_short(date),
            };
            desk.fill("strip.birth", &[("era", &era), ("date", &date.to_string())])
        }
        None => desk.t("strip.no_birth").to_owned(),
    };
    let insurance = match opened.view() {
        Some(view) if view.whole => insurance_line(desk, &view.patient),
        _ => desk.t("strip.insurance_unread").to_owned(),
    };
    (birth, insurance)
}

fn insurance_line(desk: &Desk, patient: &Patient) -> String {
    let Some(now) = patient.insurance_on(desk.today()) else {
        return desk.t("strip.no_insurance").to_owned();
    };
    let mut words = crate::screens::patient::combination_words(desk, now);
    if let Some(day) = now.checked_on {
        let day = format!("{}/{}", day.month(), day.day());
        words.push('　');
        words.push_str(&desk.fill("strip.checked", &[("date", &day)]));
    }
    words
}

fn bands(ui: &mut Ui, desk: &Desk, opened: &Opened) {
    let texts = band_texts(desk, opened);
    if texts.is_empty() {
        return;
    }
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(12.0, 6.0);
        let shown = fitting(ui, &texts, if compact(ui.ctx()) { 2 } else { 4 });
        for (text, danger) in &texts[..shown] {
            tag(ui, text, *danger);
        }
        if shown < texts.len() {
            let n = (texts.len() - shown).to_string();
            tag(ui, &desk.fill("strip.more_dangers", &[("n", &n)]), true);
        }
    });
}

/// How many of the bands fit into so many rows, with room for the words that say how many more there are: the
/// bands must not leave the work without any.
fn fitting(ui: &Ui, texts: &[(String, bool)], rows: usize) -> usize {
    let room = ui.available_width();
    let ink = colors(ui).ink;
    let (mut row, mut x) = (1, 0.0);
    for (i, (text, _)) in texts.iter().enumerate() {
        let text = drawable(ui, text).text;
        let words = super::text::line(ui, &text, bold(size::CHIP), ink, f32::INFINITY).size().x;
        let wide = words + stroke::BAR + space::GAP + 14.0 + 12.0;
        if x > 0.0 && x + wide > room {
            (row, x) = (row + 1, 0.0);
        }
        let last = i + 1 == texts.len();
        let more = if row == rows && !last { MORE } else { 0.0 };
        if i > 0 && (row > rows || x + wide + more > room) {
            return i;
        }
        x += wide;
    }
    texts.len()
}

/// Room for the words that say how many more there are.
const MORE: f32 = 190.0;

/// What stands in the bands, and whether in red: the profile with what waits in the outbox, then what the receipt
/// computer remarks and the profile does not say yet.
fn band_texts(desk: &Desk, opened: &Opened) -> Vec<(String, bool)> {
    let items = opened.profile(&desk.outbox);
    let known = match (&opened.shown, opened.view()) {
        (_, Some(view)) => (!view.whole).then_some(("strip.safety_unknown", true)),
        // Never let silence pass for "no allergies".
        (Shown::Nothing | Shown::Basics(_), _) if opened.failure.is_some() => {
            Some(("strip.safety_unknown", true))
        }
        _ => Some(("strip.safety_pending", false)),
    };
    let mut texts: Vec<(String, bool)> = Vec::new();
    texts.extend(known.map(|(key, danger)| (desk.t(key).to_owned(), danger)));
    // While the answer is on its way, the page says so; without one, this must not be overlooked.
    if opened.outdated && opened.failure.is_some() {
        texts.push((desk.t("strip.outdated").to_owned(), true));
    }
    for danger in items.iter().flat_map(Item::dangers) {
        let mut words = profile::words(desk, danger.value);
        if !danger.confirmed {
            words.push_str(desk.t("strip.awaits"));
        }
        texts.push((words, true));
    }
    for remark in opened.patient().into_iter().flat_map(Patient::dangers) {
        let words = (danger_words(desk, remark), true);
        if !taken_over(&items, remark) && !texts.contains(&words) {
            texts.push(words);
        }
    }
    texts
}

/// What endangers a patient, in words, for a paper.
pub fn danger_texts(desk: &Desk, opened: &Opened) -> Vec<String> {
    band_texts(desk, opened)
        .into_iter()
        .filter(|(_, danger)| *danger)
        .map(|(text, _)| text)
        .collect()
}

/// A remark of the receipt computer: `アレルギー　ペニシリン系`.
pub fn danger_words(desk: &Desk, remark: &SafetyRemark) -> String {
    let kind = match remark.kind {
        SafetyKind::Contraindication => desk.t("safety.contraindication"),
        SafetyKind::Allergy => desk.t("safety.allergy"),
        SafetyKind::Infection => desk.t("safety.infection"),
        SafetyKind::Comment => desk.t("safety.comment"),
    };
    format!("{kind}　{}", remark.text)
}

fn tag(ui: &mut Ui, text: &str, danger: bool) {
    let c = colors(ui);
    let (ink, ground) = if danger { (c.red, c.red_soft) } else { (c.amber, c.amber_soft) };
    let left = stroke::BAR as i8 + space::GAP as i8;
    let frame =
        Frame::NONE.fill(ground).inner_margin(Margin { left, right: 14, top: 4, bottom: 4 });
    let font = bold(if danger { size::CHIP } else { size::LINE });
    let shown = drawable(ui, text).text;
    // What does not fit beside the others begins a row, rather than standing in a narrow column at its end.
    let wide = super::text::line(ui, &shown, font.clone(), ink, f32::INFINITY).size().x;
    if wide + f32::from(left) + 14.0 > ui.available_size_before_wrap().x {
        ui.end_row();
    }
    let response = frame
        .show(ui, |ui| ui.add(Label::new(RichText::new(shown).font(font).color(ink)).wrap()))
        .response;
    let bar = response.rect.with_max_x(response.rect.left() + stroke::BAR);
    ui.painter().rect_filled(bar, 0.0, ink);
}
