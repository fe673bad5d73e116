//! The status line: where, when, how the lines are, who.

use api::receptions::LinkState;
use clinical::calendar;
use egui::{Color32, Label, Layout, RichText, Role, Sense, Stroke, Ui, WidgetInfo};

use super::text;

use crate::app::model::Desk;
use crate::client::Line;
use crate::config;
use crate::i18n::Lang;
use crate::theme::tokens::{bold, colors, compact, regular, size, stroke};

/// Draws the line; whether the lamp was touched.
pub fn show(ui: &mut Ui, desk: &Desk) -> bool {
    let mut touched = false;
    if compact(ui.ctx()) {
        ui.spacing_mut().item_spacing = egui::vec2(14.0, 0.0);
        // What may be long stands last, where it is cut before anything else is.
        split(
            ui,
            |ui| {
                when(ui, desk);
                place(ui, desk);
            },
            |ui| {
                who(ui, desk);
                touched = lines(ui, desk);
            },
        );
    } else {
        ui.spacing_mut().item_spacing = egui::vec2(24.0, 0.0);
        split(
            ui,
            |ui| {
                place(ui, desk);
                when(ui, desk);
            },
            |ui| {
                who(ui, desk);
                touched = lines(ui, desk);
            },
        );
    }
    touched
}

/// Left part and right part; the right one is drawn first, from the edge.
fn split(ui: &mut Ui, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
        right(ui);
        ui.with_layout(Layout::left_to_right(egui::Align::Center), left);
    });
}

fn small(ui: &mut Ui, text: impl Into<String>, color: Color32) {
    ui.add(Label::new(RichText::new(text).size(size::LINE).color(color)).truncate());
}

fn place(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    if let Some(session) = &desk.session {
        let name = RichText::new(&session.institution).font(bold(size::LINE)).color(c.ink);
        ui.add(Label::new(name).truncate());
    } else {
        ui.label(RichText::new(desk.t("app.name")).font(bold(size::LINE)).color(c.ink));
    }
    let words = match desk.kind {
        config::Desk::Reception => "desk.reception",
        config::Desk::Consulting => "desk.consulting",
        config::Desk::Samples => "desk.samples",
    };
    small(ui, desk.t(words), c.soft);
}

fn when(ui: &mut Ui, desk: &Desk) {
    let now = desk.now();
    let date = now.date();
    let time = format!("{}:{:02}", now.hour(), now.minute());
    let text = match desk.lang {
        Lang::Ja if compact(ui.ctx()) => {
            let (era, day) = (calendar::wareki_short(date), calendar::weekday_ja(date));
            format!("{era}（{day}） {time}")
        }
        Lang::En if compact(ui.ctx()) => format!("{date}  {time}"),
        Lang::Ja => {
            let (era, day) = (calendar::wareki(date), calendar::weekday_ja(date));
            format!("{era}（{day}） {date}　{time}")
        }
        Lang::En => format!("{date} ({})  {time}", calendar::wareki_short(date)),
    };
    small(ui, text, colors(ui).soft);
}

fn who(ui: &mut Ui, desk: &Desk) {
    if let Some(session) = &desk.session {
        small(ui, session.display_name.clone(), colors(ui).soft);
    }
}

/// The lamp: what is really unsent, and whether the line is there.
fn lamps(desk: &Desk) -> Vec<(String, Tone)> {
    let refused = desk.outbox.refused();
    let waiting = desk.outbox.unsent() - refused;
    let n = waiting.to_string();
    let some = |empty: &'static str, waits: &'static str| match waiting {
        0 => desk.t(empty).to_owned(),
        _ => desk.fill(waits, &[("n", &n)]),
    };
    let mut lamps = vec![match desk.line {
        Line::Connecting => (some("lamp.connecting", "lamp.connecting_n"), Tone::Quiet),
        Line::Down { .. } => (some("lamp.down", "lamp.down_n"), Tone::Bad),
        Line::Up if waiting > 0 => (desk.fill("lamp.waiting", &[("n", &n)]), Tone::Waits),
        Line::Up => (desk.t("lamp.up").to_owned(), Tone::Good),
    }];
    if refused > 0 {
        let n = refused.to_string();
        lamps.push((desk.fill("lamp.refused", &[("n", &n)]), Tone::Bad));
    }
    lamps
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Good,
    Quiet,
    Waits,
    Bad,
}

/// The lamp and, only once somebody is signed in, the receipt computer. Whether the lamp was touched: it leads to
/// what is unsent.
fn lines(ui: &mut Ui, desk: &Desk) -> bool {
    let c = colors(ui);
    let mut touched = false;
    for (words, tone) in lamps(desk) {
        let color = match tone {
            Tone::Good => c.green,
            Tone::Quiet => c.soft,
            Tone::Waits => c.amber,
            Tone::Bad => c.red,
        };
        touched |= lamp(ui, &words, color);
    }
    let told = desk.link.as_ref().filter(|link| {
        // In a narrow window only what is wrong is told.
        desk.line == Line::Up && !(compact(ui.ctx()) && link.state == LinkState::Up)
    });
    if let Some(link) = told {
        let (key, color) = match link.state {
            LinkState::Starting => ("link.starting", c.soft),
            LinkState::Up => ("link.up", c.soft),
            LinkState::Unreachable => ("link.unreachable", c.red),
            LinkState::Refused => ("link.refused", c.red),
            LinkState::Garbled => ("link.garbled", c.red),
        };
        small(ui, desk.t(key), color);
    }
    touched
}

/// Text that is touched; as high as the line that it stands in, so that a finger finds it.
fn lamp(ui: &mut Ui, words: &str, color: Color32) -> bool {
    let galley = text::line(ui, words, regular(size::LINE), color, ui.available_width());
    let wish = egui::vec2(galley.size().x, ui.max_rect().height().max(galley.size().y));
    let (rect, response) = ui.allocate_exact_size(wish, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    let at = egui::pos2(rect.left(), rect.center().y - galley.size().y / 2.0);
    let line = egui::Rect::from_min_size(at, galley.size());
    ui.painter().galley(at, galley, color);
    if response.hovered() {
        ui.painter().hline(line.x_range(), line.bottom(), Stroke::new(stroke::EDGE, color));
    }
    response.clicked()
}
