//! Allergies and contraindications: the clinic's own records, and what the receipt computer remarks.

use api::patients::PatientView;
use clinical::profile::{Item, ProfileKind};
use clinical::{SafetyKind, SafetyRemark};
use egui::Ui;

use super::cards::Touched;
use super::item::{self, Line};
use super::open_remarks;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::theme::tokens::size;
use crate::widgets::button;
use crate::widgets::card::remark;
use crate::widgets::patient_strip::danger_words;
use crate::widgets::text::running;

/// The card's content.
pub(super) fn show(
    ui: &mut Ui,
    desk: &Desk,
    opened: &Opened,
    items: &[&Item],
    wide: f32,
) -> Option<Touched> {
    let mut wish = None;
    for item in items {
        let line = item::line(desk, item, true);
        wish = wish.or(item::show(ui, desk, item, &line, wide));
    }
    let open = open_remarks(desk, opened);
    let said = |r: &&SafetyRemark| r.kind != SafetyKind::Infection;
    let comments = opened.patient().into_iter().flat_map(|p| &p.safety);
    let comments = comments.filter(|r| r.kind == SafetyKind::Comment);
    let remarks: Vec<&SafetyRemark> = open.iter().copied().filter(said).chain(comments).collect();
    for r in &remarks {
        remark_line(ui, desk, r, wide);
    }
    let mut touched = None;
    if !open.is_empty() && desk.may_record() {
        let words = desk.t("record.take_over");
        if button::button(ui, words, false, true).clicked() {
            touched = Some(Touched::TakeOver);
        }
    }
    match opened.view() {
        Some(PatientView { whole: false, .. }) => {
            ui.add(egui::Label::new(running(desk.t("safety.unread"), size::BODY)).wrap());
        }
        Some(view) if view.patient.safety.is_empty() => remark(ui, desk.t("safety.none")),
        Some(_) => {}
        None => remark(ui, desk.t("strip.safety_pending")),
    }
    touched.or(wish.map(Touched::Wish))
}

/// What the receipt computer remarks, as it stands there.
pub(super) fn remark_line(ui: &mut Ui, desk: &Desk, remark: &SafetyRemark, wide: f32) {
    let line = Line {
        caption: String::new(),
        value: danger_words(desk, remark),
        unit: String::new(),
        danger: remark.kind.is_danger(),
        meta: desk.t("source.receipt_computer").to_owned(),
        marks: Vec::new(),
    };
    item::draw(ui, &line, wide);
}

/// Whether the item belongs on this card.
pub(super) fn is_safety(item: &Item) -> bool {
    matches!(item.kind(), ProfileKind::Allergy | ProfileKind::Contraindication)
}
