//! A short list of numbered options over the screen: digit key, arrows and Enter, or a touch.

use egui::{
    Align, Frame, Label, Margin, Rect, RichText, Role, Sense, Stroke, Ui, Vec2, WidgetInfo,
};

use super::{pick, text};
use crate::app::keys::Command;
use crate::theme::tokens::{bold, colors, compact, regular, size, space, stroke};

/// An option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its words; a second line stands small below the first.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Whether it is in force now.
    pub current: bool,
}

/// What came of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still open.
    Open,
    /// This option.
    Chosen(usize),
    /// Left without choosing.
    Left,
}

/// Where the arrows stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chooser {
    at: usize,
}

impl Chooser {
    /// Begins on the option in force, or on the first that can be chosen.
    pub fn on(choices: &[Choice]) -> Self {
        let current = choices.iter().position(|c| c.current && c.enabled);
        let first = choices.iter().position(|c| c.enabled);
        Self { at: current.or(first).unwrap_or(0) }
    }

    /// Draws it over everything, under its title; the words of the way out stand below the options.
    pub fn show(
        &mut self,
        ui: &Ui,
        (title, leave): (&str, &str),
        choices: &[Choice],
        pressed: Option<Command>,
    ) -> Outcome {
        if let Some(outcome) = self.keys(choices, pressed) {
            return outcome;
        }
        let c = colors(ui);
        let plan = Plan::of(ui, choices);
        let frame = Frame::NONE
            .fill(c.card)
            .stroke(Stroke::new(stroke::FIELD, c.ink))
            .inner_margin(Margin::same(plan.margin as i8));
        let left = shade(ui, plan.work);
        // An area remembers its size: each length has its own, else a long list stands in a short one's room.
        let area = egui::Area::new(egui::Id::unique(("chooser", choices.len())))
            .order(egui::Order::Foreground)
            .constrain_to(plan.work)
            .pivot(egui::Align2::CENTER_CENTER)
            .fixed_pos(plan.work.center());
        let drawn = area.show(ui.ctx(), |ui| {
            frame
                .show(ui, |ui| {
                    ui.set_width(plan.whole());
                    ui.spacing_mut().item_spacing = Vec2::new(space::EDGE, 0.0);
                    let mut out = plan.tight && way_out_beside(ui, title, leave, plan.whole());
                    if !plan.tight {
                        ui.add(Label::new(RichText::new(title).font(bold(size::BODY))).wrap());
                        ui.add_space(space::SMALL);
                    }
                    let chosen = self.options(ui, title, choices, &plan);
                    if !plan.tight {
                        out = way_out(ui, leave);
                    }
                    (chosen, out)
                })
                .inner
        });
        match drawn.inner {
            (Some(i), _) => Outcome::Chosen(i),
            (None, out) if out || left => Outcome::Left,
            _ => Outcome::Open,
        }
    }

    /// The options; the one that was touched.
    fn options(self, ui: &mut Ui, title: &str, choices: &[Choice], plan: &Plan) -> Option<usize> {
        let mut chosen = None;
        let area = egui::ScrollArea::vertical()
            .id_salt(title)
            .min_scrolled_height(plan.high)
            .max_height(plan.high);
        area.show(ui, |ui| {
            ui.horizontal_top(|ui| {
                for (column, part) in choices.chunks(plan.rows).enumerate() {
                    ui.vertical(|ui| {
                        ui.set_width(plan.wide.min(ui.available_width()));
                        for (i, choice) in part.iter().enumerate() {
                            let i = column * plan.rows + i;
                            if row(ui, i, choice, i == self.at) {
                                chosen = Some(i);
                            }
                        }
                    });
                }
            });
        });
        chosen
    }

    fn keys(&mut self, choices: &[Choice], pressed: Option<Command>) -> Option<Outcome> {
        let enabled = |i: usize| choices.get(i).is_some_and(|c| c.enabled);
        match pressed? {
            Command::Back => Some(Outcome::Left),
            Command::Confirm | Command::Choose if enabled(self.at) => {
                Some(Outcome::Chosen(self.at))
            }
            Command::Digit(n) if enabled(usize::from(n) - 1) => {
                Some(Outcome::Chosen(usize::from(n) - 1))
            }
            Command::Up => {
                self.at = (0..self.at).rev().find(|i| enabled(*i)).unwrap_or(self.at);
                None
            }
            Command::Down => {
                self.at = (self.at + 1..choices.len()).find(|i| enabled(*i)).unwrap_or(self.at);
                None
            }
            _ => None,
        }
    }
}

/// Room for both lines of a choice beside its digit.
fn width(ui: &Ui, choice: &Choice) -> f32 {
    let (main, small) = choice.label.split_once('\n').unwrap_or((&choice.label, ""));
    let ink = colors(ui).ink;
    let main = text::line(ui, main, bold(size::BODY), ink, f32::INFINITY).size().x;
    let small = text::line(ui, small, regular(size::SMALL), ink, f32::INFINITY).size().x;
    main.max(small) + 48.0 + space::GAP
}

/// How the options are laid out: in so many columns that none has to be scrolled to, where that can be.
struct Plan {
    /// What the chooser lies over.
    work: Rect,
    /// Little room: the way out stands beside the title.
    tight: bool,
    margin: f32,
    columns: usize,
    rows: usize,
    /// Of a column.
    wide: f32,
    /// Of the options in sight.
    high: f32,
}

impl Plan {
    fn of(ui: &Ui, choices: &[Choice]) -> Self {
        let tight = compact(ui.ctx());
        // Over the work alone: the key bar below stays in use. In little room over the patient strip too.
        let mut work = ui.clip_rect();
        if tight {
            work.min.y = work.min.y.min(ui.ctx().content_rect().top() + space::TOUCH);
        }
        let margin = if tight { 10.0 } else { space::EDGE };
        let least = if tight { 120.0 } else { 400.0 };
        let most = work.width() - 2.0 * margin - space::EDGE;
        let wide = choices.iter().map(|choice| width(ui, choice)).fold(least, f32::max).min(most);
        let head = if tight { 4.0 } else { 60.0 };
        let room = (work.height() - 2.0 * margin - space::TOUCH - head).max(space::TOUCH);
        let rows_of = |columns: usize| choices.len().div_ceil(columns).max(1);
        let fits = |columns: usize| columns as f32 * (wide + space::EDGE) <= most + space::EDGE;
        let sufficient = |columns: &usize| rows_of(*columns) as f32 * space::TOUCH <= room;
        let possible = (1..=3).filter(|columns| fits(*columns));
        let columns = possible.clone().find(sufficient).or(possible.max()).unwrap_or(1);
        let rows = rows_of(columns);
        let high = (rows as f32 * space::TOUCH).min(room);
        Self { work, tight, margin, columns, rows, wide, high }
    }

    /// Width of all columns.
    fn whole(&self) -> f32 {
        let wide = self.columns as f32 * (self.wide + space::EDGE) - space::EDGE;
        if self.tight { wide.max(400.0).min(self.work.width() - 3.0 * self.margin) } else { wide }
    }
}

/// The title with the way out beside it; true when touched.
fn way_out_beside(ui: &mut Ui, title: &str, leave: &str, wide: f32) -> bool {
    let c = colors(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(wide, space::TOUCH), Sense::hover());
    let out = text::line(ui, leave, regular(size::CHIP), c.indigo, f32::INFINITY).size().x;
    let out = rect.with_min_x(rect.right() - out - 2.0 * space::SMALL);
    let head = rect.with_max_x(out.left() - space::SMALL);
    let titled = ui.interact(head, ui.scope_id().with("title"), Sense::hover());
    titled.widget_info(|| WidgetInfo::labeled(Role::Label, true, title));
    text::fit(ui, head, title, size::BODY, c.ink);
    let response = ui.interact(out, ui.scope_id().with("leave"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, leave));
    if response.hovered() {
        ui.painter().rect_filled(out, 0.0, c.indigo_soft);
    }
    text::paint(ui, out, Align::Center, leave, regular(size::CHIP), c.indigo);
    response.clicked()
}

/// Darkens what is below and takes its touches; true when touched.
fn shade(ui: &Ui, work: Rect) -> bool {
    let ink = colors(ui).ink.gamma_multiply(0.3);
    let area = egui::Area::new(egui::Id::unique("chooser shade"))
        .order(egui::Order::Middle)
        .fixed_pos(work.min)
        .constrain(false);
    area.show(ui.ctx(), |ui| {
        let (rect, response) = ui.allocate_exact_size(work.size(), Sense::CLICK);
        ui.painter().rect_filled(rect, 0.0, ink);
        response.clicked()
    })
    .inner
}

/// Leaves without choosing, by touch; true when touched.
fn way_out(ui: &mut Ui, words: &str) -> bool {
    let c = colors(ui);
    let size = Vec2::new(ui.available_width(), space::TOUCH);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, c.indigo_soft);
    }
    let place = rect.with_min_x(rect.left() + 48.0);
    text::paint(ui, place, Align::Min, words, regular(size::BODY), c.indigo);
    response.clicked()
}

fn row(ui: &mut Ui, i: usize, choice: &Choice, here: bool) -> bool {
    let c = colors(ui);
    let sense = if choice.enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), space::TOUCH), sense);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, choice.enabled, choice.current, &choice.label)
    });
    if here {
        pick::marked(ui, rect);
        if ui.clip_rect().intersect(rect).height() < rect.height() {
            ui.scroll_to_rect(rect, None);
        }
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(stroke::HAIR, c.line));
    let ink = if choice.enabled { c.ink } else { c.faint };
    if i < 9 {
        let place = Rect::from_min_size(rect.min, Vec2::new(44.0, rect.height()));
        text::paint(ui, place, Align::Center, &(i + 1).to_string(), regular(size::LINE), c.soft);
    }
    let font = if choice.current { bold(size::BODY) } else { regular(size::BODY) };
    let mut place = rect.with_min_x(rect.left() + 48.0);
    let (main, small) = choice.label.split_once('\n').unwrap_or((&choice.label, ""));
    if !small.is_empty() {
        let below = place.with_min_y(rect.bottom() - 24.0).translate(Vec2::new(0.0, -2.0));
        let soft = if choice.enabled { c.soft } else { c.faint };
        text::paint(ui, below, Align::Min, small, regular(size::SMALL), soft);
        place.max.y = below.top();
    }
    let label = if choice.current { format!("✓ {main}") } else { main.to_owned() };
    text::paint(ui, place, Align::Min, &label, font, ink);
    response.clicked()
}
