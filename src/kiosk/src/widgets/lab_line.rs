//! One lab result on one line: its short name, H or L, the value, the unit. Out of range is a letter and a weight,
//! not only a colour.

use std::collections::HashSet;

use clinical::calendar;
use clinical::lab::{LabResult, ResultStatus, series};
use egui::{Align, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use jiff::civil::Date;

use crate::app::model::Desk;
use crate::i18n::Lang;
use crate::theme::tokens::{bold, colors, regular, size, space};
use crate::widgets::{names, text};

/// Height of the line.
const LINE: f32 = 31.0;

/// The day of a result: on which the specimen was taken, else on which the result came.
pub fn day(desk: &Desk, result: &LabResult) -> Date {
    let came = || desk.local(result.received_at);
    result.collected_at.unwrap_or_else(came).date()
}

/// `11月1日`, with the year where it is another.
pub fn day_words(desk: &Desk, date: Date) -> String {
    match desk.lang {
        Lang::Ja if date.year() == desk.today().year() => {
            format!("{}月{}日", date.month(), date.day())
        }
        Lang::Ja => calendar::wareki(date),
        Lang::En => date.to_string(),
    }
}

/// The latest result of each item, newest first.
pub fn latest(results: &[LabResult]) -> Vec<&LabResult> {
    let newest: HashSet<uuid::Uuid> = series(results)
        .iter()
        .filter_map(|series| series.results.first())
        .map(|result| result.id)
        .collect();
    results.iter().filter(|result| newest.contains(&result.id)).collect()
}

/// The value with the letter before it: `H 7.1`; in words where there is none.
fn value_words(desk: &Desk, result: &LabResult) -> String {
    let mark = result.flag.mark();
    let value = match result.status {
        ResultStatus::Cancelled => desk.t("lab_order.cancelled_result"),
        _ => result.value.0.as_str(),
    };
    if mark.is_empty() { value.to_owned() } else { format!("{mark} {value}") }
}

/// Draws the line no wider than `wide`.
pub fn show(ui: &mut Ui, desk: &Desk, result: &LabResult, wide: f32) {
    let c = colors(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, LINE), Sense::hover());
    let name = names::drawable(ui, &result.abbr).text;
    let value = names::drawable(ui, &value_words(desk, result)).text;
    let unit = names::drawable(ui, &result.unit).text;
    let mut marks = Vec::new();
    if result.status == ResultStatus::Preliminary {
        marks.push(desk.t("lab_order.preliminary"));
    }
    if result.replaces.is_some() {
        marks.push(desk.t("lab_order.corrected"));
    }
    let said = [name.as_str(), &value, &unit].into_iter().chain(marks.iter().copied());
    let said = said.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    let (panic, abnormal) = (result.flag.is_panic(), result.is_abnormal());
    let ink = match (panic, abnormal) {
        (true, _) => c.on_indigo,
        (false, true) => c.red,
        (false, false) => c.ink,
    };
    let font = if abnormal { bold(size::BODY) } else { regular(size::BODY) };
    let measure = |words: &str, font| text::line(ui, words, font, ink, f32::INFINITY).size().x;
    let unit_wide = measure(&unit, regular(size::SMALL));
    let unit_wide = if unit.is_empty() { 0.0 } else { unit_wide + 6.0 };
    text::paint(
        ui,
        rect.translate(Vec2::new(0.0, 3.0)),
        Align::Max,
        &unit,
        regular(size::SMALL),
        c.soft,
    );
    let before = rect.with_max_x(rect.right() - unit_wide);
    let value_wide = measure(&value, font.clone()).min(before.width() * 0.6);
    let place = before.with_min_x(before.right() - value_wide);
    if panic {
        let ground = Rect::from_center_size(place.center(), Vec2::new(value_wide + 12.0, 28.0));
        ui.painter().rect_filled(ground, 0.0, c.red);
    }
    text::paint(ui, place, Align::Max, &value, font, ink);
    let left = rect.with_max_x(place.left() - space::SMALL);
    let end = text::paint(ui, left, Align::Min, &name, regular(size::BODY), c.ink);
    let rest = left.with_min_x(end.right() + space::SMALL);
    text::paint(ui, rest, Align::Min, &marks.join("・"), bold(size::SMALL), c.amber);
}
