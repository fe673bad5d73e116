//! Tubes and lab orders in words and colour. The colour of a cap never stands without its name.

use clinical::lab::{AtLab, Container, LabOrder, LabOrderState, NotDrawn, Tube, TubeState};
use egui::{Color32, Rect, Stroke, StrokeKind, Ui, Vec2};

use crate::app::model::Desk;
use crate::theme::tokens::{Colors, bold, colors, named, size, stroke};
use crate::widgets::text;

/// Width of a swatch for its height.
const SHAPE: f32 = 0.7;

/// `紫　EDTA-2K`, or the name alone where the cap has no colour.
pub fn container_words(container: &Container) -> String {
    if container.colour.is_empty() {
        container.name.clone()
    } else {
        format!("{}　{}", container.colour, container.name)
    }
}

/// `2 mL`, `2.5 mL`; empty where it does not matter.
pub fn volume_words(container: &Container) -> String {
    match container.volume {
        None => String::new(),
        Some(tenths) if tenths % 10 == 0 => format!("{} mL", tenths / 10),
        Some(tenths) => format!("{}.{} mL", tenths / 10, tenths % 10),
    }
}

/// Paints the cap's colour, centred in `rect`; a vessel without one is an empty frame.
pub fn swatch(ui: &Ui, rect: Rect, container: &Container) {
    let c = colors(ui);
    let high = rect.height();
    let place = Rect::from_center_size(rect.center(), Vec2::new((high * SHAPE).round(), high));
    let ground = named(&container.rgb).unwrap_or(c.card);
    ui.painter().rect(place, 0.0, ground, Stroke::new(stroke::EDGE, c.ink), StrokeKind::Inside);
}

/// Key of an order's state.
pub fn order_state(state: LabOrderState) -> &'static str {
    match state {
        LabOrderState::Ordered => "samples.ordered",
        LabOrderState::Collected => "samples.collected",
        LabOrderState::Sent => "samples.sent",
        LabOrderState::InProgress => "samples.in_progress",
        LabOrderState::PartlyReported => "samples.partly_reported",
        LabOrderState::Reported => "samples.reported",
        LabOrderState::Confirmed => "samples.confirmed",
        LabOrderState::Cancelled => "samples.cancelled",
    }
}

/// Key of a reason why a tube was not drawn.
pub fn not_drawn(reason: NotDrawn) -> &'static str {
    match reason {
        NotDrawn::Difficult => "specimens.difficult",
        NotDrawn::Declined => "specimens.declined",
        NotDrawn::Unwell => "specimens.unwell",
        NotDrawn::NotFasting => "specimens.not_fasting",
        NotDrawn::NoMaterial => "specimens.no_material",
        NotDrawn::Other => "specimens.other",
    }
}

/// How a badge looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing has happened.
    Plain,
    /// Somebody has to do something now.
    Waits,
    /// It is done.
    Good,
    /// It is on its way.
    Going,
    /// Something is wrong.
    Wrong,
}

/// What a tube's badge says; `next` is the tube that is to be drawn now.
pub fn state_words(desk: &Desk, tube: &Tube, next: bool) -> (String, Look) {
    let at = |key: &'static str, time| desk.fill(key, &[("time", &desk.clock_words(time))]);
    match (&tube.lab, &tube.state) {
        (AtLab::Sent { done }, _) => (at("specimens.sent_at", done.time), Look::Going),
        (AtLab::Accepted { .. }, _) => (desk.t("samples.in_progress").to_owned(), Look::Going),
        (AtLab::Refused { .. }, _) => (desk.t("specimens.refused").to_owned(), Look::Wrong),
        (AtLab::Here, TubeState::Drawn { done, .. }) => {
            (at("specimens.drawn_at", done.time), Look::Good)
        }
        (AtLab::Here, TubeState::NotDrawn { .. }) => {
            (desk.t("specimens.not_drawn").to_owned(), Look::Waits)
        }
        (AtLab::Here, TubeState::Planned) if next => {
            (desk.t("specimens.next").to_owned(), Look::Waits)
        }
        (AtLab::Here, TubeState::Planned) => (desk.t("specimens.planned").to_owned(), Look::Plain),
    }
}

/// What an order's badge looks like.
pub fn order_look(order: &LabOrder) -> Look {
    if order.cancelled.is_none()
        && order.tubes.iter().any(|tube| matches!(tube.lab, AtLab::Refused { .. }))
    {
        return Look::Wrong;
    }
    match order.state() {
        LabOrderState::Ordered | LabOrderState::Cancelled => Look::Plain,
        LabOrderState::Collected | LabOrderState::PartlyReported | LabOrderState::Reported => {
            Look::Waits
        }
        LabOrderState::Sent | LabOrderState::InProgress => Look::Going,
        LabOrderState::Confirmed => Look::Good,
    }
}

fn shades(c: &Colors, look: Look) -> (Color32, Color32, Color32) {
    match look {
        Look::Plain => (c.card, c.line, c.ink),
        Look::Waits => (c.amber_soft, c.amber, c.amber),
        Look::Good => (c.card, c.green, c.green),
        Look::Going => (c.indigo_soft, c.indigo, c.indigo),
        Look::Wrong => (c.red_soft, c.red, c.red),
    }
}

/// Paints a badge at the left of `rect`, as wide as its words, smaller where they would not fit.
pub fn badge(ui: &Ui, rect: Rect, words: &str, look: Look) -> Rect {
    let (ground, edge, ink) = shades(colors(ui), look);
    let measure = |size: &f32| text::line(ui, words, bold(*size), ink, f32::INFINITY).size().x;
    let steps = [size::KEY, size::LINE, size::HEAD];
    let fitting = steps.into_iter().find(|size| measure(size) + 16.0 <= rect.width());
    let size = fitting.unwrap_or(size::SMALL);
    let wide = (measure(&size) + 20.0).max(104.0).min(rect.width());
    let place = Rect::from_min_size(
        egui::pos2(rect.left(), (rect.center().y - 17.5).round()),
        Vec2::new(wide, 35.0),
    );
    ui.painter().rect(place, 0.0, ground, Stroke::new(stroke::EDGE, edge), StrokeKind::Inside);
    let inner = place.shrink2(Vec2::new(4.0, 0.0));
    text::paint(ui, inner, egui::Align::Center, words, bold(size), ink);
    place
}

/// Whether a tube is drawn and waits for being sent.
pub fn is_unsent(tube: &Tube) -> bool {
    tube.is_drawn() && tube.is_here()
}

/// How many tubes of an order are drawn, or known not to be.
pub fn decided(order: &LabOrder) -> usize {
    order.tubes.iter().filter(|tube| tube.state != TubeState::Planned).count()
}

#[cfg(test)]
mod tests {
    use super::{container_words, volume_words};
    use clinical::lab::Container;

    fn container(colour: &str, volume: Option<u32>) -> Container {
        Container {
            key: "edta".to_owned(),
            name: "EDTA-2K".to_owned(),
            colour: colour.to_owned(),
            rgb: String::new(),
            volume,
        }
    }

    #[test]
    fn a_vessel_is_named_with_its_colour_and_its_volume() {
        let purple = container("紫", Some(20));
        assert_eq!(container_words(&purple), "紫　EDTA-2K");
        assert_eq!(volume_words(&purple), "2 mL");
        let cup = container("", Some(25));
        assert_eq!(container_words(&cup), "EDTA-2K");
        assert_eq!(volume_words(&cup), "2.5 mL");
        assert_eq!(volume_words(&container("", None)), "");
    }
}
