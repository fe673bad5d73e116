//! What changed between two contents, and who did what when.

use clinical::calendar;
use clinical::profile::{Difference, ProfileValue, differences};
use egui::text::LayoutJob;
use egui::{FontId, Label, Stroke, TextFormat, Ui};
use jiff::Timestamp;

use super::profile::{field_key, field_value};
use crate::app::Desk;
use crate::i18n::Lang;
use crate::theme::tokens::{bold, colors, regular, size, stroke};

/// A moment in both calendars: `R8.11.22（2026-11-22） 9:42`.
pub fn moment(desk: &Desk, at: Timestamp) -> String {
    let at = desk.local(at);
    let (day, time) = (at.date(), format!("{}:{:02}", at.hour(), at.minute()));
    match desk.lang {
        Lang::Ja => format!("{}（{day}） {time}", calendar::wareki_short(day)),
        Lang::En => format!("{day} ({}) {time}", calendar::wareki_short(day)),
    }
}

/// Draws what differs, a line a field: the name, the old value struck through, an arrow, the new value bold.
pub fn show(ui: &mut Ui, desk: &Desk, old: &ProfileValue, new: &ProfileValue) {
    for difference in differences(old, new) {
        line(ui, desk, &difference);
    }
}

fn line(ui: &mut Ui, desk: &Desk, difference: &Difference) {
    let c = colors(ui);
    let side = |value: &Option<clinical::profile::FieldValue>| match value {
        Some(value) => field_value(desk, difference.field, value),
        None => desk.t("changes.nothing").to_owned(),
    };
    let (old, new) = (side(&difference.old), side(&difference.new));
    let mut job = LayoutJob::default();
    let mut put = |text: &str, font: FontId, color, struck: bool| {
        let strikethrough = if struck { Stroke::new(stroke::EDGE, color) } else { Stroke::NONE };
        let format = TextFormat {
            line_height: Some((font.size * 1.4).round()),
            font_id: font,
            color,
            strikethrough,
            ..TextFormat::default()
        };
        job.append(text, 0.0, format);
    };
    put(desk.t(field_key(difference.field)), regular(size::LINE), c.soft, false);
    put("　", regular(size::LINE), c.soft, false);
    put(&old, regular(size::CHIP), c.soft, difference.old.is_some());
    put(" → ", regular(size::CHIP), c.soft, false);
    put(&new, bold(size::CHIP), c.ink, false);
    ui.add(Label::new(job).wrap());
}
