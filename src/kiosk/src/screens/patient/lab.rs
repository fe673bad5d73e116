//! 検査 on the patient's page: the latest results, and the orders that are under way.

use clinical::PatientNumber;
use clinical::lab::{LabOrder, LabOrderState, LabResult};
use egui::{Align, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::theme::tokens::{colors, regular, size, space, stroke};
use crate::widgets::card::{card, remark};
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::{lab_line, names, text, tube};

/// So many results are listed; the screen of results has them all.
const RESULTS: usize = 5;
/// So many orders are listed.
const ORDERS: usize = 3;

/// Somebody has touched the card.
pub(super) enum Touched {
    /// To the results.
    Results,
    /// One of the orders.
    Order(Uuid),
    /// To a new order.
    Begin,
}

/// Why an order is taken back.
const REASONS: [&str; 4] = [
    "lab_order.cancel_slip",
    "lab_order.cancel_twice",
    "lab_order.cancel_patient",
    "lab_order.cancel_not_needed",
];

/// Draws the card.
pub(super) fn show(ui: &mut Ui, desk: &Desk, opened: &Opened, wide: f32) -> Option<Touched> {
    let lab = opened.lab(&desk.outbox);
    let shown = latest_day(desk, &lab.results);
    let open: Vec<&LabOrder> = lab.orders.iter().filter(|order| is_under_way(order)).collect();
    let title = match shown.first() {
        Some(result) => {
            let day = lab_line::day_words(desk, lab_line::day(desk, result));
            desk.fill("lab_order.card_of", &[("day", &day)])
        }
        None => desk.t("lab_order.card").to_owned(),
    };
    let source = source(desk, opened, &lab.results, &shown);
    let target = if shown.is_empty() { Touched::Begin } else { Touched::Results };
    let able = !shown.is_empty() || desk.may_record();
    // The card lies below the orders in it.
    let sense = if able { Sense::CLICK } else { Sense::hover() };
    let builder = egui::UiBuilder::new().id_salt("lab card").sense(sense);
    let mut touched = None;
    let response = ui
        .scope_builder(builder, |ui| {
            card(ui, &title, &source, wide, |ui| {
                let room = wide - 34.0;
                for result in shown.iter().take(RESULTS) {
                    lab_line::show(ui, desk, result, room);
                }
                if shown.len() > RESULTS {
                    let n = (shown.len() - RESULTS).to_string();
                    remark(ui, &desk.fill("lab_order.more_results", &[("n", &n)]));
                }
                for order in open.iter().take(ORDERS) {
                    if order_line(ui, desk, order, room) {
                        touched = Some(Touched::Order(order.id));
                    }
                }
                if open.len() > ORDERS {
                    let n = (open.len() - ORDERS).to_string();
                    remark(ui, &desk.fill("lab_order.more_orders", &[("n", &n)]));
                }
            });
        })
        .response;
    if able {
        let key = match target {
            Touched::Begin => "key.lab_order",
            _ => "lab_order.to_results",
        };
        let words = desk.t(key);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    }
    touched.or_else(|| (able && response.clicked()).then_some(target))
}

/// The standing results of the latest day, those out of range first.
fn latest_day<'a>(desk: &Desk, results: &'a [LabResult]) -> Vec<&'a LabResult> {
    let standing = || results.iter().filter(|result| result.stands());
    let Some(day) = standing().map(|result| lab_line::day(desk, result)).max() else {
        return Vec::new();
    };
    let mut shown: Vec<_> =
        standing().filter(|result| lab_line::day(desk, result) == day).collect();
    shown.sort_by_key(|result| (!result.flag.is_panic(), !result.is_abnormal()));
    shown
}

/// Whether the card has to show the order: until a practitioner has seen its results.
fn is_under_way(order: &LabOrder) -> bool {
    !matches!(order.state(), LabOrderState::Confirmed | LabOrderState::Cancelled)
        && !order.tubes.is_empty()
}

/// Whether a practitioner has seen the results; that there are none.
fn source(desk: &Desk, opened: &Opened, all: &[LabResult], shown: &[&LabResult]) -> String {
    if shown.is_empty() {
        let known = opened.view().is_some();
        return desk.t(if known { "lab_order.no_results" } else { "record.not_read" }).to_owned();
    }
    let waits = all.iter().filter(|result| result.stands() && result.confirmed.is_none()).count();
    if waits == 0 {
        return desk.t("lab_order.seen").to_owned();
    }
    desk.fill("lab_order.unseen", &[("n", &waits.to_string())])
}

/// What an order is called: its set, else its first items.
fn order_words(order: &LabOrder) -> String {
    if order.set_name.is_empty() {
        let items = order.items.iter().map(|item| item.abbr.as_str());
        items.collect::<Vec<_>>().join("、")
    } else {
        order.set_name.clone()
    }
}

/// One order: when, what, how far; true when touched.
fn order_line(ui: &mut Ui, desk: &Desk, order: &LabOrder, wide: f32) -> bool {
    let c = colors(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, space::TOUCH), Sense::CLICK);
    let when = desk.clock_words(order.ordered.time);
    let what = names::drawable(ui, &order_words(order)).text;
    let state = desk.t(tube::order_state(order.state()));
    let urgent = if order.urgent { desk.t("key.urgent") } else { "" };
    let said = [urgent, &when, &what, state].into_iter().filter(|part| !part.is_empty());
    let said = desk.fill("lab_order.order", &[("what", &said.collect::<Vec<_>>().join("　"))]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, c.indigo_soft);
    }
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(stroke::HAIR, c.line));
    let badge = 120.0_f32.min(wide * 0.4);
    let right = rect.with_min_x(rect.right() - badge);
    tube::badge(ui, right, state, tube::order_look(order));
    let left = rect.with_max_x(right.left() - space::SMALL);
    let (upper, lower) = left.split_top_bottom_at_y(rect.center().y);
    let head = if urgent.is_empty() { when } else { format!("{when}　{urgent}") };
    text::paint(ui, upper, Align::Min, &head, regular(size::SMALL), c.soft);
    let place = Rect::from_min_max(lower.min, lower.max - Vec2::new(0.0, 3.0));
    text::paint(ui, place, Align::Min, &what, regular(size::CHIP), c.ink);
    crate::widgets::button::focus_ring(ui, &response);
    response.clicked()
}

/// An order was touched: what is to be done with it?
pub(super) struct OrderChooser {
    number: PatientNumber,
    order: Uuid,
    chooser: Chooser,
    /// Why it is taken back.
    reasons: Option<Chooser>,
}

impl OrderChooser {
    /// Opens.
    pub(super) fn new(opened: &Opened, order: Uuid) -> Self {
        let number = opened.number.clone();
        Self { number, order, chooser: Chooser::default(), reasons: None }
    }

    /// Draws it; whether to close it, and what was chosen.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> (bool, Option<Intent>) {
        let lab = opened.lab(&desk.outbox);
        let order = lab.orders.iter().find(|order| order.id == self.order);
        // Gone meanwhile, or another patient came.
        let (Some(order), true) = (order, opened.is(&self.number)) else { return (true, None) };
        let choice =
            |key, enabled| Choice { label: desk.t(key).to_owned(), enabled, current: false };
        let leave = desk.t("chooser.leave");
        if let Some(reasons) = &mut self.reasons {
            let choices = REASONS.map(|key| choice(key, true));
            let title = desk.t("lab_order.cancel_why");
            return match reasons.show(ui, (title, leave), &choices, pressed) {
                Outcome::Open => (false, None),
                Outcome::Left => (true, None),
                Outcome::Chosen(n) => (true, REASONS.get(n).map(|key| self.cancel(desk, key))),
            };
        }
        let told = lab.results.iter().any(|result| result.order == order.id);
        let choices = [
            choice("lab_order.to_tubes", true),
            choice("lab_order.to_results", told),
            choice("lab_order.cancel", desk.may_record() && order.may_cancel().is_ok()),
        ];
        let title = names::drawable(ui, &order_words(order)).text;
        match self.chooser.show(ui, (&title, leave), &choices, pressed) {
            Outcome::Open => (false, None),
            Outcome::Left => (true, None),
            Outcome::Chosen(0) => (true, Some(Intent::OpenSpecimens(self.number.clone()))),
            Outcome::Chosen(1) => (true, Some(Intent::OpenResults(Some(self.order)))),
            Outcome::Chosen(_) => {
                self.reasons = Some(Chooser::default());
                ui.ctx().request_repaint();
                (false, None)
            }
        }
    }

    fn cancel(&self, desk: &Desk, reason: &'static str) -> Intent {
        let reason = desk.t(reason).to_owned();
        Intent::CancelOrder { number: self.number.clone(), order: self.order, reason }
    }
}
