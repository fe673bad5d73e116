//! Reports of which it is not known whose they are: as written beside the patients whom they may mean, and the
//! questions by which a person decides.

use api::lab::{TrayDecision, TrayEntry, TrayRow};
use api::patients::PatientHit;
use clinical::PatientNumber;
use clinical::lab::{LabReport, Mismatch};
use egui::{Align, Label, Role, Sense, Ui, Vec2, WidgetInfo};
use jiff::civil::Date;
use uuid::Uuid;

use super::compare::{Comparison, Same, compare};
use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::screens::patient::date_words;
use crate::theme::tokens::{bold, colors, regular, size, space};
use crate::widgets::card::{card, remark};
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::names;
use crate::widgets::pick::{self, Mark, Row};
use crate::widgets::text::{self, running};

/// What is asked about a report.
pub enum Question {
    /// Whose it is.
    Whose {
        /// Which report.
        report: Uuid,
        /// Where the arrows stand.
        chooser: Chooser,
    },
    /// Whether it really is this patient's, though something differs.
    Sure {
        /// Which report.
        report: Uuid,
        /// Whose.
        number: PatientNumber,
        /// Where the arrows stand.
        chooser: Chooser,
    },
    /// Why it is nobody's.
    Why {
        /// Which report.
        report: Uuid,
        /// Where the arrows stand.
        chooser: Chooser,
    },
}

/// Room for the name of a field.
const CAPTION: f32 = 104.0;

/// Reasons for setting a report aside, as keys of their words.
const REASONS: [&str; 4] = [
    "lab_inbox.aside_elsewhere",
    "lab_inbox.aside_twice",
    "lab_inbox.aside_test",
    "lab_inbox.aside_other",
];

/// Whom a report may mean: whom the cloud found, and the patient who is opened.
fn candidates(desk: &Desk, row: &TrayRow) -> Vec<PatientHit> {
    let mut all = row.candidates.clone();
    if let Some(opened) = &desk.opened
        && let Some(name) = opened.name()
        && !all.iter().any(|hit| opened.is(&hit.number))
    {
        let (sex, birth_date) = opened.person();
        let (number, name) = (opened.number.clone(), name.clone());
        all.push(PatientHit { number, name, birth_date, sex, last_visit: None });
    }
    all
}

/// The order of the report's specimen, where it is known to be this patient's.
fn order_of(desk: &Desk, row: &TrayRow, number: &PatientNumber) -> Option<Uuid> {
    let named = row.report.order?;
    let canonical = number.canonical();
    let day = desk.lab.day_orders().iter().map(|row| &row.order);
    let waiting = desk.lab.inbox.shown.waiting.iter().map(|waiting| &waiting.order);
    let lab = desk.patient_lab();
    let own = lab.orders.iter();
    let fits = day
        .chain(waiting)
        .chain(own)
        .any(|order| order.id == named && order.patient.canonical() == canonical);
    fits.then_some(named)
}

fn find(desk: &Desk, report: Uuid) -> Option<&TrayRow> {
    desk.lab.inbox.shown.tray.iter().find(|row| row.report.id == report)
}

impl Question {
    /// Whose it is; `None` where nobody comes into question.
    pub fn whose(desk: &Desk, row: &TrayRow) -> Option<Self> {
        let choices = whose_choices(desk, row);
        let chooser = Chooser::on(&choices);
        (!choices.is_empty()).then_some(Self::Whose { report: row.report.id, chooser })
    }

    /// Why it is nobody's.
    pub fn why(desk: &Desk, row: &TrayRow) -> Self {
        Self::Why { report: row.report.id, chooser: Chooser::on(&why_choices(desk)) }
    }

    /// Draws it; what is still asked, and what was decided.
    pub fn show(
        self,
        ui: &Ui,
        desk: &Desk,
        pressed: Option<Command>,
    ) -> (Option<Self>, Option<Intent>) {
        let leave = desk.t("chooser.leave");
        match self {
            Self::Whose { report, mut chooser } => {
                let Some(row) = find(desk, report) else { return (None, None) };
                let hits = candidates(desk, row);
                let choices = whose_choices(desk, row);
                let words = (desk.t("lab_inbox.ask_whose"), leave);
                match chooser.show(ui, words, &choices, pressed) {
                    Outcome::Open => (Some(Self::Whose { report, chooser }), None),
                    Outcome::Left => (None, None),
                    Outcome::Chosen(i) => match hits.get(i) {
                        Some(hit) if compare(&row.report.report.patient, hit).differs() => {
                            let chooser = Chooser::on(&sure_choices(desk, row, hit));
                            let number = hit.number.clone();
                            (Some(Self::Sure { report, number, chooser }), None)
                        }
                        Some(hit) => (None, Some(assign(desk, row, &hit.number))),
                        None => (None, None),
                    },
                }
            }
            Self::Sure { report, number, mut chooser } => {
                let Some(row) = find(desk, report) else { return (None, None) };
                let hits = candidates(desk, row);
                let Some(hit) = hits.iter().find(|hit| hit.number == number) else {
                    return (None, None);
                };
                let choices = sure_choices(desk, row, hit);
                let words = (desk.t("lab_inbox.ask_sure"), leave);
                match chooser.show(ui, words, &choices, pressed) {
                    Outcome::Open => (Some(Self::Sure { report, number, chooser }), None),
                    Outcome::Chosen(1) => (None, Some(assign(desk, row, &number))),
                    Outcome::Chosen(_) | Outcome::Left => (None, None),
                }
            }
            Self::Why { report, mut chooser } => {
                if find(desk, report).is_none() {
                    return (None, None);
                }
                let choices = why_choices(desk);
                let words = (desk.t("lab_inbox.ask_why"), leave);
                match chooser.show(ui, words, &choices, pressed) {
                    Outcome::Open => (Some(Self::Why { report, chooser }), None),
                    Outcome::Left => (None, None),
                    Outcome::Chosen(i) => {
                        let decide = |reason: &Choice| {
                            let reason = reason.label.clone();
                            let decision = TrayDecision::SetAside { reason };
                            Intent::DecideTray(TrayEntry { report, decision })
                        };
                        (None, choices.get(i).map(decide))
                    }
                }
            }
        }
    }
}

fn assign(desk: &Desk, row: &TrayRow, number: &PatientNumber) -> Intent {
    let order = order_of(desk, row, number);
    let decision = TrayDecision::Assign { patient: number.clone(), order };
    Intent::DecideTray(TrayEntry { report: row.report.id, decision })
}

fn choice(label: String) -> Choice {
    Choice { label, enabled: true, current: false }
}

fn whose_choices(desk: &Desk, row: &TrayRow) -> Vec<Choice> {
    let told = &row.report.report.patient;
    let label = |hit: &PatientHit| {
        let compared = compare(told, hit);
        let what = if compared.differs() {
            desk.fill("lab_inbox.differs", &[("what", &differences(desk, compared))])
        } else {
            desk.t("lab_inbox.agrees").to_owned()
        };
        choice(format!("{}　{}\n{what}", hit.number, hit.name.kanji))
    };
    candidates(desk, row).iter().map(label).collect()
}

fn sure_choices(desk: &Desk, row: &TrayRow, hit: &PatientHit) -> Vec<Choice> {
    let differs = differences(desk, compare(&row.report.report.patient, hit));
    let differs = desk.fill("lab_inbox.differs", &[("what", &differs)]);
    let who = format!("{} {}", hit.number, hit.name.kanji);
    let yes = desk.fill("lab_inbox.sure_yes", &[("who", &who)]);
    // A slip of Enter leaves everything as it is.
    vec![choice(desk.t("lab_inbox.sure_no").to_owned()), choice(format!("{yes}\n{differs}"))]
}

fn why_choices(desk: &Desk) -> Vec<Choice> {
    REASONS.map(|key| choice(desk.t(key).to_owned())).into()
}

/// `氏名・生年月日`.
fn differences(desk: &Desk, compared: Comparison) -> String {
    let fields = [
        (compared.number, "lab_inbox.number"),
        (compared.name, "lab_inbox.name"),
        (compared.birth, "lab_inbox.birth"),
        (compared.sex, "lab_inbox.sex"),
    ];
    let differing = fields.into_iter().filter(|(same, _)| *same == Same::No);
    differing.map(|(_, key)| desk.t(key)).collect::<Vec<_>>().join("・")
}

/// Key of the words for why it waits.
fn why(mismatch: Mismatch) -> &'static str {
    match mismatch {
        Mismatch::OtherPatient => "lab_inbox.other_patient",
        Mismatch::UnknownSpecimen => "lab_inbox.unknown_specimen",
        Mismatch::NameDiffers => "lab_inbox.name_differs",
        Mismatch::UnknownPatient => "lab_inbox.unknown_patient",
    }
}

/// Draws the row; true when it was touched.
pub fn row(ui: &mut Ui, desk: &Desk, row: &TrayRow, marked: bool, reveal: bool) -> bool {
    let told = &row.report.report.patient;
    let number = if told.number.trim().is_empty() {
        desk.t("lab_inbox.no_number")
    } else {
        told.number.trim()
    };
    let written =
        if told.name.kanji.trim().is_empty() { &told.name.kana } else { &told.name.kanji };
    let main = names::drawable(ui, &format!("{number}　{written}")).text;
    let at = desk.clock_words(row.report.received_at);
    let below = names::drawable(ui, &format!("{}　{at}", row.report.lab)).text;
    let mark = Some((desk.t(why(row.report.why)), Mark::Waits));
    let shown = Row { main: main.trim(), below: &below, mark, struck: false };
    pick::row(ui, &shown, marked, reveal).clicked()
}

/// Draws all of it: why it waits, what the laboratory wrote, and each candidate compared with it.
pub fn full(ui: &mut Ui, desk: &Desk, row: &TrayRow, wide: f32) {
    let c = colors(ui);
    let report = &row.report.report;
    let words = running(desk.t(why_long(row.report.why)), size::CHIP).font(bold(size::CHIP));
    ui.add(Label::new(words.color(c.amber)).wrap());
    ui.add_space(space::SMALL);
    let lab = names::drawable(ui, &row.report.lab).text;
    card(ui, desk.t("lab_inbox.as_written"), &lab, wide, |ui| {
        let told = &report.patient;
        let mut put = |key: &'static str, value: &str| {
            let value = value.trim();
            let value = if value.is_empty() { desk.t("lab_inbox.untold") } else { value };
            let value = names::drawable(ui, value).text;
            crate::widgets::card::inline(ui, desk.t(key), &value);
        };
        put("lab_inbox.number", &told.number);
        put("lab_inbox.name", &format!("{}　{}", told.name.kanji, told.name.kana));
        put("lab_inbox.birth", &birth(desk, told.birth_date));
        put("lab_inbox.specimen", &report.specimen);
        let at = report.collected_at.map(|at| date_words(desk, at.date())).unwrap_or_default();
        put("lab_inbox.collected", &at);
    });
    let hits = candidates(desk, row);
    if hits.is_empty() {
        ui.add_space(space::GAP);
        remark(ui, desk.t("lab_inbox.nobody"));
    }
    for hit in &hits {
        ui.add_space(space::GAP);
        candidate(ui, desk, report, hit, wide);
    }
    ui.add_space(space::GAP);
    let n = report.results.len().to_string();
    card(ui, &desk.fill("lab_inbox.values", &[("n", &n)]), "", wide, |ui| {
        results(ui, desk, report);
    });
}

/// The longer words for why it waits.
fn why_long(mismatch: Mismatch) -> &'static str {
    match mismatch {
        Mismatch::OtherPatient => "lab_inbox.other_patient_long",
        Mismatch::UnknownSpecimen => "lab_inbox.unknown_specimen_long",
        Mismatch::NameDiffers => "lab_inbox.name_differs_long",
        Mismatch::UnknownPatient => "lab_inbox.unknown_patient_long",
    }
}

fn birth(desk: &Desk, date: Option<Date>) -> String {
    date.map(|date| date_words(desk, date)).unwrap_or_default()
}

fn results(ui: &mut Ui, desk: &Desk, report: &LabReport) {
    let value = |result: &clinical::lab::ReportedResult| {
        let text = format!("{} {} {}", result.name, result.value.0, result.flag.mark());
        text.trim_end().to_owned()
    };
    let all = report.results.iter().map(value).collect::<Vec<_>>().join("・");
    let all = names::drawable(ui, &all).text;
    ui.add(Label::new(running(all, size::LINE)).wrap());
    for comment in report.comments.iter().filter(|comment| !comment.trim().is_empty()) {
        let comment = names::drawable(ui, comment).text;
        remark(ui, &desk.fill("results.comment", &[("comment", &comment)]));
    }
}

/// A patient of the clinic, each field with whether it is the same.
fn candidate(ui: &mut Ui, desk: &Desk, report: &LabReport, hit: &PatientHit, wide: f32) {
    let compared = compare(&report.patient, hit);
    let opened = desk.opened.as_ref().is_some_and(|opened| opened.is(&hit.number));
    let source = if opened { desk.t("lab_inbox.opened") } else { "" };
    let title = desk.fill("lab_inbox.candidate", &[("number", hit.number.as_str())]);
    card(ui, &title, source, wide, |ui| {
        let name = format!("{}　{}", hit.name.kanji, hit.name.kana);
        let sex = crate::widgets::patient_strip::sex_and_age(desk, hit.sex, hit.birth_date);
        let lines = [
            ("lab_inbox.number", hit.number.to_string(), compared.number),
            ("lab_inbox.name", name, compared.name),
            ("lab_inbox.birth", birth(desk, hit.birth_date), compared.birth),
            ("lab_inbox.sex", sex, compared.sex),
        ];
        for (key, value, same) in lines {
            line(ui, desk, desk.t(key), &value, same);
        }
    });
}

fn line(ui: &mut Ui, desk: &Desk, caption: &str, value: &str, same: Same) {
    let c = colors(ui);
    let words = match same {
        Same::Yes => desk.t("lab_inbox.same"),
        Same::No => desk.t("lab_inbox.different"),
        Same::Untold => "",
    };
    let value = names::drawable(ui, value.trim()).text;
    let wish = Vec2::new(ui.available_width(), 32.0);
    let (rect, response) = ui.allocate_exact_size(wish, Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("{caption} {value} {words}").trim())
    });
    let (ink, font) = match same {
        Same::No => (c.red, bold(size::CHIP)),
        _ => (c.ink, regular(size::CHIP)),
    };
    let left = rect.with_max_x(rect.left() + CAPTION);
    text::paint(ui, left, Align::Min, caption, regular(size::SMALL), c.soft);
    let mark = if same == Same::No { c.red } else { c.soft };
    let end = text::paint(ui, rect, Align::Max, words, bold(size::SMALL), mark);
    let middle = rect.with_min_x(left.right()).with_max_x(end.left() - space::SMALL);
    text::paint(ui, middle, Align::Min, &value, font, ink);
}
