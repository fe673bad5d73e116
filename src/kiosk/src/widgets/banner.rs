//! A band across the screen that says what happened and what to do.

use egui::text::LayoutJob;
use egui::{Color32, Rect, Role, Sense, TextFormat, Ui, Vec2, WidgetInfo};

use super::button;
use crate::app::model::Tone;
use crate::theme::tokens::{Colors, bold, colors, compact, regular, size, space, stroke};

fn look(c: &Colors, tone: Tone) -> (Color32, Color32) {
    match tone {
        Tone::Danger => (c.red, c.red_soft),
        Tone::Waiting => (c.amber, c.amber_soft),
        Tone::Info | Tone::Done => (c.indigo, c.indigo_soft),
    }
}

/// Draws the band; true when its button was pressed.
pub fn show(ui: &mut Ui, tone: Tone, text: &str, detail: &str, action: Option<&str>) -> bool {
    let (ink, ground) = look(colors(ui), tone);
    let left = stroke::BAR + space::GAP;
    let wide = action.map_or(0.0, |words| {
        let galley = super::text::line(ui, words, bold(size::CHIP), ink, f32::INFINITY);
        galley.size().x + 2.0 * space::EDGE + space::GAP
    });
    let room = (ui.available_width() - left - wide - space::SMALL).max(80.0);
    let layout = |words: &str, big: f32| {
        let format = TextFormat {
            font_id: regular(big),
            color: ink,
            line_height: Some((big * 1.35).round()),
            ..TextFormat::default()
        };
        let mut job = LayoutJob::single_section(words.to_owned(), format);
        job.wrap.max_width = room;
        ui.painter().layout_job(job)
    };
    let big = if compact(ui.ctx()) { size::LINE } else { size::CHIP };
    let main = layout(text, big);
    let small = (!detail.is_empty()).then(|| layout(detail, size::SMALL));
    let small_height = small.as_ref().map_or(0.0, |galley| galley.size().y);
    let least = if action.is_some() { space::TOUCH + space::SMALL } else { 40.0 };
    let height = (main.size().y + small_height + space::SMALL).max(least);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, 0.0, ground);
    let bar = rect.with_max_x(rect.left() + stroke::BAR);
    ui.painter().rect_filled(bar, 0.0, ink);
    let top = rect.center().y - f32::midpoint(main.size().y, small_height);
    let at = egui::pos2(rect.left() + left, top);
    let below = at + Vec2::new(0.0, main.size().y);
    ui.painter().galley(at, main, ink);
    if let Some(galley) = small {
        let place = Rect::from_min_size(below, galley.size());
        let note = ui.interact(place, response.id.with("detail"), Sense::hover());
        note.widget_info(|| WidgetInfo::labeled(Role::Label, true, detail));
        ui.painter().galley(below, galley, ink);
    }
    let pressed = action.is_some_and(|words| {
        let size = Vec2::new(wide - space::GAP, space::TOUCH);
        let corner = egui::pos2(rect.right() - size.x - 4.0, rect.center().y - size.y / 2.0);
        button::placed(ui, Rect::from_min_size(corner, size), response.id, words).clicked()
    });
    ui.add_space(space::SMALL);
    pressed
}
