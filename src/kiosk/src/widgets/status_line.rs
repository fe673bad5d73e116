//! The status line: where, when, how the lines are, who.

use api::receptions::LinkState;
use clinical::calendar;
use egui::{Color32, Label, Layout, RichText, Ui};

use crate::app::model::Desk;
use crate::client::Line;
use crate::config;
use crate::i18n::Lang;
use crate::theme::tokens::{bold, colors, compact, size};

/// Draws the line.
pub fn show(ui: &mut Ui, desk: &Desk) {
    if compact(ui.ctx()) {
        ui.spacing_mut().item_spacing = egui::vec2(14.0, 0.0);
        ui.with_layout(Layout::top_down(egui::Align::Min), |ui| {
            ui.allocate_ui(egui::vec2(ui.available_width(), 24.0), |ui| {
                split(ui, |ui| place(ui, desk), |ui| lines(ui, desk));
            });
            ui.allocate_ui(egui::vec2(ui.available_width(), 24.0), |ui| {
                split(ui, |ui| when(ui, desk), |ui| who(ui, desk));
            });
        });
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
                lines(ui, desk);
            },
        );
    }
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

/// The lamp and, only once somebody is signed in, the receipt computer.
fn lines(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    let (key, color) = match desk.line {
        Line::Connecting => ("lamp.connecting", c.soft),
        Line::Up => ("lamp.up", c.green),
        Line::Down { .. } => ("lamp.down", c.red),
    };
    small(ui, desk.t(key), color);
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
}
