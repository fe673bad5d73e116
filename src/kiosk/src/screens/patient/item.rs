//! One item of the profile on a card: what, how much; since when, from where and by whom; what it waits for.

use clinical::profile::{CareLevelCertificate, Item, ProfileKind, ProfileValue};
use egui::{Align, Color32, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use uuid::Uuid;

use crate::app::intent::Intent;
use crate::app::model::Desk;
use crate::theme::tokens::{bold, colors, regular, size, space};
use crate::widgets::{button, names, profile, text};

/// Height of a line of text.
const LINE: f32 = 31.0;
/// Height of a line of small text.
const SMALL: f32 = 22.0;

/// What a line says.
pub(super) struct Line {
    /// Stands at the left, in soft ink, where the value stands at the right.
    pub(super) caption: String,
    /// The value.
    pub(super) value: String,
    /// Its unit, small behind it.
    pub(super) unit: String,
    /// In red.
    pub(super) danger: bool,
    /// Day, source, author.
    pub(super) meta: String,
    /// What it waits for.
    pub(super) marks: Vec<String>,
}

/// What of the item is not with the cloud yet.
fn unsent(item: &Item) -> Vec<Uuid> {
    let content = (item.content.version, item.content.stored_at);
    let deeds = item.confirmation.iter().chain(&item.withdrawal);
    let deeds = deeds.map(|deed| (deed.version, deed.stored_at));
    let rivals = item.rivals.iter().map(|rival| (rival.id, rival.stored_at));
    let all = [content].into_iter().chain(deeds).chain(rivals);
    all.filter(|(_, stored_at)| stored_at.is_none()).map(|(version, _)| version).collect()
}

/// What the item still waits for, in words.
pub(super) fn marks(desk: &Desk, item: &Item) -> Vec<String> {
    let mut marks = Vec::new();
    if item.awaits && item.withdrawal.is_some() {
        marks.push(desk.t("record.withdrawal_awaits").to_owned());
    } else if item.awaits {
        marks.push(desk.t("record.awaits").to_owned());
    }
    let unsent = unsent(item);
    if !unsent.is_empty() {
        marks.push(desk.unsent_words(&unsent).to_owned());
    }
    if !item.rivals.is_empty() {
        let n = (item.rivals.len() + 1).to_string();
        marks.push(desk.fill("record.versions", &[("n", &n)]));
    }
    marks
}

/// Day and author of what stands, with the source unless the card tells it.
fn meta(desk: &Desk, item: &Item, with_source: bool) -> String {
    let content = &item.content;
    let at = desk.local(content.value.happened_at(content.entered_at));
    let day = match &content.value {
        ProfileValue::Measurement(_) if at.date() == desk.today() => {
            format!("{}:{:02}", at.hour(), at.minute())
        }
        ProfileValue::CareLevel(certificate) => valid_words(desk, certificate),
        _ => profile::short_day(desk, at.date()),
    };
    let mut parts = vec![day];
    if with_source {
        parts.push(desk.t(profile::source_key(content.source)).to_owned());
    }
    parts.push(profile::author(&content.author, content.on_behalf_of.as_ref()));
    if let Some(confirmation) = &item.confirmation
        && content.on_behalf_of.as_ref().is_none_or(|s| s.account != confirmation.author.account)
    {
        let name = &confirmation.author.name;
        parts.push(desk.fill("record.confirmed_by", &[("name", name)]));
    }
    parts.join(" ")
}

/// Until when a certificate holds; that it has run out, or does not hold yet.
fn valid_words(desk: &Desk, certificate: &CareLevelCertificate) -> String {
    let (key, day) = match certificate.valid_to {
        Some(to) if to < desk.today() => ("record.expired", to),
        _ if desk.today() < certificate.valid_from => ("record.begins", certificate.valid_from),
        Some(to) => ("record.valid_to", to),
        None => ("record.valid_from", certificate.valid_from),
    };
    desk.fill(key, &[("date", &profile::short_day(desk, day))])
}

/// The line of an item.
pub(super) fn line(desk: &Desk, item: &Item, with_source: bool) -> Line {
    let value = &item.content.value;
    let measured = item.kind().is_measurement()
        || matches!(item.kind(), ProfileKind::BloodType | ProfileKind::CareLevel);
    let danger = item.kind().is_danger();
    let (caption, words) = match (measured, danger) {
        (true, _) => (profile::caption(desk, value).to_owned(), profile::value(desk, value)),
        (false, true) => (String::new(), profile::words(desk, value)),
        (false, false) => (String::new(), profile::value(desk, value)),
    };
    let (words, unit) = match value {
        ProfileValue::Measurement(_) => match words.rsplit_once(' ') {
            Some((figure, unit)) => (figure.to_owned(), unit.to_owned()),
            None => (words, String::new()),
        },
        _ => (words, String::new()),
    };
    Line {
        caption,
        value: words,
        unit,
        danger,
        meta: meta(desk, item, with_source),
        marks: marks(desk, item),
    }
}

/// Draws a line no wider than `wide`, with what it waits for below.
pub(super) fn draw(ui: &mut Ui, line: &Line, wide: f32) {
    lines(ui, line, wide);
    tags(ui, &line.marks, wide);
}

fn lines(ui: &mut Ui, line: &Line, wide: f32) {
    let c = colors(ui);
    let ink = if line.danger { c.red } else { c.ink };
    let value = names::drawable(ui, &line.value).text;
    let meta_wide =
        text::line(ui, &line.meta, regular(size::SMALL), c.soft, f32::INFINITY).size().x;
    let figure =
        if line.unit.is_empty() { value.clone() } else { format!("{value} {}", line.unit) };
    let said = [line.caption.as_str(), &figure, &line.meta, &line.marks.join("　")];
    let said = said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("　");
    let drawn = if line.caption.is_empty() {
        text_line(ui, (&value, ink), (&line.meta, meta_wide), wide)
    } else {
        figure_line(ui, line, (&value, ink), meta_wide, wide)
    };
    // The painted words, once, for assistive technology.
    drawn.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
}

/// Words that may wrap, with day and author behind them or below.
fn text_line(
    ui: &mut Ui,
    (words, ink): (&str, Color32),
    (meta, meta_wide): (&str, f32),
    wide: f32,
) -> egui::Response {
    let one = text::line(ui, words, regular(size::BODY), ink, f32::INFINITY);
    let soft = colors(ui).soft;
    if one.size().x + space::GAP + meta_wide <= wide {
        let (rect, response) = ui.allocate_exact_size(Vec2::new(wide, LINE), Sense::hover());
        text::paint(ui, rect, Align::Min, words, regular(size::BODY), ink);
        text::paint(ui, rect, Align::Max, meta, regular(size::SMALL), soft);
        return response;
    }
    let galley = ui.painter().layout(words.to_owned(), regular(size::BODY), ink, wide);
    let size = Vec2::new(wide, galley.size().y.max(LINE) + SMALL);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().galley(rect.min, galley, ink);
    let below = rect.with_min_y(rect.bottom() - SMALL);
    text::paint(ui, below, Align::Min, meta, regular(size::SMALL), soft);
    response
}

/// A caption at the left, the figure at the right, day and author between or below.
fn figure_line(
    ui: &mut Ui,
    line: &Line,
    (value, ink): (&str, Color32),
    meta_wide: f32,
    wide: f32,
) -> egui::Response {
    let c = colors(ui);
    let measure = |ui: &Ui, words: &str| {
        text::line(ui, words, regular(size::BODY), ink, f32::INFINITY).size().x
    };
    let unit = text::line(ui, &line.unit, regular(size::SMALL), c.soft, f32::INFINITY).size().x;
    let unit = if line.unit.is_empty() { 0.0 } else { unit + 6.0 };
    let (head, figure) = (measure(ui, &line.caption), measure(ui, value) + unit);
    let fits = head + figure + meta_wide + 2.0 * space::SMALL <= wide;
    let size = Vec2::new(wide, if fits { LINE } else { LINE + SMALL });
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let top = rect.with_max_y(rect.top() + LINE);
    text::paint(ui, top, Align::Min, &line.caption, regular(size::BODY), c.ink);
    let before_unit = top.with_max_x(top.right() - unit);
    text::paint(ui, before_unit, Align::Max, value, regular(size::BODY), ink);
    let behind = top.translate(Vec2::new(0.0, 3.0));
    text::paint(ui, behind, Align::Max, &line.unit, regular(size::SMALL), c.soft);
    let place = if fits {
        Rect::from_min_max(
            egui::pos2(top.left() + head + space::SMALL, top.top() + 3.0),
            egui::pos2(top.right() - figure - space::SMALL, top.bottom() + 3.0),
        )
    } else {
        rect.with_min_y(top.bottom())
    };
    let align = if fits { Align::Min } else { Align::Max };
    text::paint(ui, place, align, &line.meta, regular(size::SMALL), c.soft);
    response
}

/// What it waits for, in amber.
fn tags(ui: &mut Ui, marks: &[String], wide: f32) {
    if marks.is_empty() {
        return;
    }
    let c = colors(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, 26.0), Sense::hover());
    let mut x = rect.left();
    for mark in marks {
        let galley = text::line(ui, mark, bold(size::SMALL), c.amber, rect.right() - x);
        let size = Vec2::new(galley.size().x + 12.0, 24.0);
        let place = Rect::from_min_size(egui::pos2(x, rect.top()), size);
        ui.painter().rect_filled(place, 0.0, c.amber_soft);
        text::paint(ui, place, Align::Center, mark, bold(size::SMALL), c.amber);
        x += size.x + space::SMALL;
    }
}

/// An item on a card; the wish of a practitioner who has touched its button.
pub(super) fn show(
    ui: &mut Ui,
    desk: &Desk,
    item: &Item,
    line: &Line,
    wide: f32,
) -> Option<Intent> {
    lines(ui, line, wide);
    if let Some(before) = &item.before {
        let words = profile::value(desk, &before.value);
        let words = desk.fill("record.before", &[("value", &names::drawable(ui, &words).text)]);
        crate::widgets::card::remark(ui, &words);
    }
    if !item.awaits || !desk.may_confirm() {
        tags(ui, &line.marks, wide);
        return None;
    }
    let number = desk.opened.as_ref()?.number.clone();
    let words = desk.t("key.confirm_item");
    let ink = colors(ui).ink;
    let button_wide = text::line(ui, words, regular(size::CHIP), ink, f32::INFINITY).size().x;
    let room = wide - button_wide - 2.0 * space::EDGE - space::SMALL;
    let pressed = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::SMALL;
        tags(ui, &line.marks, room);
        button::button(ui, words, false, true).clicked()
    });
    pressed.inner.then(|| Intent::ConfirmItem { number, item: item.id, base: item.head })
}
