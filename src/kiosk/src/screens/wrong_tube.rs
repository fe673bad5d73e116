//! 別の患者さんの管: everything stops until the tube is put away. The whole window is red, and says in words whose tube
//! it is and who sits at the desk.

use clinical::{PatientNumber, PersonName};
use egui::text::LayoutJob;
use egui::{
    Color32, FontId, Rect, Role, Sense, Stroke, StrokeKind, TextFormat, Ui, Vec2, WidgetInfo,
};

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::lab::WrongTube;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};
use crate::widgets::{names, text};

/// Size of the title.
const HUGE: f32 = 64.0;
/// Size of the names.
const NAMES: f32 = 44.0;

/// Draws the screen.
pub fn show(
    ui: &mut Ui,
    desk: &Desk,
    wrong: &WrongTube,
    pressed: Option<Command>,
) -> Option<Intent> {
    let screen = ui.ctx().content_rect();
    let ground = screen.with_max_y(screen.bottom() - space::KEYS);
    // Over the status line too; the key bar alone stays, since one key works.
    let area = egui::Area::new(egui::Id::unique("wrong tube"))
        .order(egui::Order::Foreground)
        .fixed_pos(ground.min);
    let touched = area
        .show(ui.ctx(), |ui| {
            let (ground, _) = ui.allocate_exact_size(ground.size(), Sense::hover());
            ui.painter().rect_filled(ground, 0.0, colors(ui).red);
            let edge = if compact(ui.ctx()) { 14.0 } else { 40.0 };
            draw(ui, desk, wrong, ground.shrink(edge))
        })
        .inner;
    let key = matches!(pressed, Some(Command::Understood | Command::Confirm));
    (touched || key).then_some(Intent::AcknowledgeWrongTube)
}

/// Whose tube it is, who sits at the desk, what to do; true when the button was touched.
fn draw(ui: &Ui, desk: &Desk, wrong: &WrongTube, room: Rect) -> bool {
    let c = colors(ui);
    let white = c.on_indigo;
    let narrow = compact(ui.ctx());
    let known = wrong.other.is_some() || wrong.asked.is_some();
    let title = desk.t(if known { "wrong_tube.title" } else { "wrong_tube.title_unknown" });
    let todo = desk.t(if known { "wrong_tube.todo" } else { "wrong_tube.todo_unknown" });
    let mut top = room.top();
    top += line(ui, room, top, title, bold(fitting(ui, title, room.width())), white);
    top += if narrow { 4.0 } else { 22.0 };
    let person = |who: &(PatientNumber, PersonName)| words_of(ui, who);
    let other = match (&wrong.other, wrong.asked) {
        (Some(other), _) => person(other),
        (None, Some(_)) => desk.t("wrong_tube.asking").to_owned(),
        (None, None) => desk.t("wrong_tube.nobody").to_owned(),
    };
    let (small, big) = if narrow { (size::LINE, size::BODY) } else { (size::BODY, NAMES) };
    let number = desk.fill("wrong_tube.scanned", &[("number", wrong.scanned.as_str())]);
    top += line(ui, room, top, &number, regular(small), white);
    top += line(ui, room, top, &other, bold(big), white);
    top += if narrow { 4.0 } else { 16.0 };
    if let Some(opened) = &wrong.opened {
        top += line(ui, room, top, desk.t("wrong_tube.opened"), regular(small), white);
        top += line(ui, room, top, &person(opened), bold(big), white);
        top += if narrow { 4.0 } else { 22.0 };
    }
    line(ui, room, top, todo, bold(if narrow { size::LINE } else { size::TITLE }), white);
    understood(ui, room, desk.t("key.understood"), (white, c.red))
}

/// `01873　コウロウ タロウ　厚労 太郎`.
fn words_of(ui: &Ui, (number, name): &(PatientNumber, PersonName)) -> String {
    let kana = names::drawable(ui, &name.kana).text;
    let kanji = names::drawable(ui, &name.kanji).text;
    let parts = [number.as_str(), kanji.trim(), kana.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("　")
}

/// The largest size in which the title stands on one line.
fn fitting(ui: &Ui, words: &str, wide: f32) -> f32 {
    let fits = |size: &f32| {
        text::line(ui, words, bold(*size), Color32::WHITE, f32::INFINITY).size().x <= wide
    };
    let steps = [HUGE, size::NUMBER, size::STRIP_NAME, 30.0];
    let most = if compact(ui.ctx()) { size::STRIP_NAME } else { HUGE };
    steps.into_iter().filter(|size| *size <= most).find(fits).unwrap_or(size::TITLE)
}

/// Words that wrap; how high they are.
fn line(ui: &Ui, room: Rect, top: f32, words: &str, font: FontId, ink: Color32) -> f32 {
    let format = TextFormat {
        line_height: Some((font.size * 1.3).round()),
        font_id: font,
        color: ink,
        ..TextFormat::default()
    };
    let mut job = LayoutJob::single_section(words.to_owned(), format);
    job.wrap.max_width = room.width();
    let galley = ui.painter().layout_job(job);
    let place = Rect::from_min_size(egui::pos2(room.left(), top), galley.size());
    let response = ui.interact(place, ui.scope_id().with(words), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().galley(place.min, galley, ink);
    place.height()
}

/// The one button, white on red; true when touched.
fn understood(ui: &Ui, room: Rect, words: &str, (ground, ink): (Color32, Color32)) -> bool {
    let wide = text::line(ui, words, bold(size::TITLE), ink, f32::INFINITY).size().x;
    let high = if compact(ui.ctx()) { space::TOUCH } else { space::MAIN };
    let wish = Vec2::new(wide + 4.0 * space::EDGE, high);
    let place = Rect::from_min_max(room.max - wish, room.max);
    let response = ui.interact(place, ui.scope_id().with("understood"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    let edge = Stroke::new(stroke::FIELD, ground);
    ui.painter().rect(place, 0.0, ground, edge, StrokeKind::Outside);
    text::paint(ui, place, egui::Align::Center, words, bold(size::TITLE), ink);
    response.clicked()
}
