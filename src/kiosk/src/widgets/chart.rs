//! A chart of one item over time: the reference band, the points, what is marked. It stands still: nothing in it
//! drags or zooms.

use clinical::calendar;
use egui::{Color32, Id, Rangef, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo};
use egui_plot::{
    Axis, AxisHints, GridMark, HLine, Line, MarkerShape, Plot, PlotPoint, PlotPoints, Points, Span,
    VLine,
};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

use crate::i18n::Lang;
use crate::theme::tokens::{Colors, colors, regular, size, stroke};

/// How a point stands to the reference range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Within.
    Within,
    /// Above.
    Above,
    /// Below.
    Below,
    /// Abnormal without a direction.
    Beside,
}

/// A point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When.
    pub at: DateTime,
    /// How much.
    pub value: f64,
    /// Only a limit was told (`<0.5`): the point is hollow.
    pub limit: bool,
    /// How it stands to the reference range, by the laboratory's word.
    pub standing: Standing,
}

/// What is drawn.
pub struct Chart<'a> {
    /// Names the chart among others, so that none inherits another's place.
    pub name: &'a str,
    /// In any order.
    pub points: &'a [Point],
    /// The reference range; either side may be open.
    pub band: (Option<f64>, Option<f64>),
    /// Which point is marked.
    pub marked: Option<usize>,
    /// What it shows, for those who hear it.
    pub words: &'a str,
    /// Language of the days.
    pub lang: Lang,
}

/// Most marks on the time axis.
const MARKS: usize = 7;
/// Room for one of them.
const MARK: f32 = 92.0;

/// Draws the chart into a rectangle; the point nearest to a touch.
pub fn show(ui: &mut Ui, rect: Rect, chart: &Chart<'_>) -> Option<usize> {
    let c = colors(ui);
    let heard = ui.interact(rect, Id::unique(("chart", chart.name)), Sense::hover());
    heard.widget_info(|| WidgetInfo::labeled(Role::Image, true, chart.words));
    let (from, to) = span(chart.points);
    let (low, high) = scale(chart);
    let most = ((rect.width() / MARK) as usize).clamp(2, MARKS);
    let marks = dates(from, to, most);
    let spread = (to - from) / marks.len().max(1) as f64;
    let days: Vec<GridMark> =
        marks.iter().map(|(value, _)| GridMark { value: *value, step_size: spread }).collect();
    let lang = chart.lang;
    let named = move |mark: GridMark| {
        let found = marks.iter().find(|(value, _)| (value - mark.value).abs() < 1e-6);
        found.map_or_else(String::new, |(_, day)| day_words(*day, to - from, lang))
    };
    let axis = |axis: AxisHints<'static>| {
        axis.label("")
            .tick_label_color(c.soft)
            .tick_label_font(regular(size::SMALL))
            // Never faded: what is written can be read.
            .label_spacing(Rangef::new(0.0, 0.1))
    };
    let plot = Plot::new(("chart", chart.name))
        .width(rect.width())
        .height(rect.height())
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_crosshair(false)
        .show_x(false)
        .show_y(false)
        .sense(Sense::CLICK)
        .grid_color(c.line)
        .x_grid_spacer(move |_| days.clone())
        .y_grid_spacer(|input| values(input.bounds))
        .custom_x_axes(vec![
            axis(AxisHints::new_x()).min_thickness(24.0).formatter(move |mark, _| named(mark)),
        ])
        .custom_y_axes(vec![
            axis(AxisHints::new_y()).min_thickness(56.0).formatter(|mark, _| figure(&mark)),
        ]);
    let drawn = ui
        .scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            plot.show(ui, |plot| {
                plot.set_plot_bounds_x(from..=to);
                plot.set_plot_bounds_y(low..=high);
                band(plot, c, chart.band, (low, high));
                if let Some(point) = chart.marked.and_then(|i| chart.points.get(i)) {
                    let line = VLine::new("marked", moment(point.at)).color(c.indigo);
                    plot.vline(line.width(stroke::EDGE).allow_hover(false));
                }
                lines(plot, c, chart);
            })
        })
        .inner;
    let touch =
        drawn.response.clicked().then(|| drawn.response.interact_pointer_pos()).flatten()?;
    let x = |point: &Point| {
        drawn.transform.position_from_point(&PlotPoint::new(moment(point.at), point.value)).x
    };
    let far = |point: &Point| (x(point) - touch.x).abs();
    let nearest = chart.points.iter().enumerate().min_by(|a, b| far(a.1).total_cmp(&far(b.1)));
    nearest.map(|(i, _)| i)
}

/// The reference band: shaded, with a line on each side that there is.
fn band(
    plot: &mut egui_plot::PlotUi<'_>,
    c: &Colors,
    (from, to): (Option<f64>, Option<f64>),
    (low, high): (f64, f64),
) {
    if from.is_none() && to.is_none() {
        return;
    }
    let clear = Stroke::new(0.0, Color32::TRANSPARENT);
    let range = from.unwrap_or(low)..=to.unwrap_or(high);
    // A name would be written into the band.
    plot.span(Span::new("", range).axis(Axis::Y).fill(c.indigo_soft).border(clear));
    for (name, side) in [("from", from), ("to", to)] {
        if let Some(value) = side {
            plot.hline(
                HLine::new(name, value).color(c.soft).width(stroke::HAIR).allow_hover(false),
            );
        }
    }
}

/// The line from point to point, and the points: filled, or hollow where only a limit was told.
fn lines(plot: &mut egui_plot::PlotUi<'_>, c: &Colors, chart: &Chart<'_>) {
    let place = |point: &Point| [moment(point.at), point.value];
    let mut way: Vec<[f64; 2]> = chart.points.iter().map(place).collect();
    way.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let line = Line::new("way", PlotPoints::from(way)).color(c.soft).width(stroke::FIELD);
    plot.line(line.allow_hover(false));
    for (i, point) in chart.points.iter().enumerate() {
        let (shape, color) = match point.standing {
            Standing::Within => (MarkerShape::Circle, c.indigo),
            Standing::Above => (MarkerShape::Up, c.red),
            Standing::Below => (MarkerShape::Down, c.red),
            Standing::Beside => (MarkerShape::Diamond, c.red),
        };
        let marked = chart.marked == Some(i);
        let radius = if marked { 10.0 } else { 7.0 };
        let mark = |name: String, filled: bool, color: Color32, radius: f32| {
            Points::new(name, PlotPoints::from(vec![place(point)]))
                .shape(shape)
                .color(color)
                .filled(filled)
                .radius(radius)
                .allow_hover(false)
        };
        if point.limit {
            // The ground shows through the line below.
            plot.points(mark(format!("hollow {i}"), true, c.paper, radius));
        }
        plot.points(mark(format!("point {i}"), !point.limit, color, radius));
    }
}

/// Days since the beginning of the century.
fn moment(at: DateTime) -> f64 {
    let hours = date(2000, 1, 1).until(at.date()).map_or(0, |span| span.get_days());
    f64::from(hours) + f64::from(at.hour()) / 24.0 + f64::from(at.minute()) / 1440.0
}

/// The days shown, with air on both sides.
fn span(points: &[Point]) -> (f64, f64) {
    let days = points.iter().map(|point| moment(point.at));
    let (from, to) = days
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), day| (from.min(day), to.max(day)));
    if from > to {
        return (0.0, 1.0);
    }
    let air = ((to - from) * 0.06).max(3.0);
    (from - air, to + air)
}

/// The values shown: all points and both sides of the band, with air above and below.
fn scale(chart: &Chart<'_>) -> (f64, f64) {
    let values = chart.points.iter().map(|point| point.value);
    let all = values.chain(chart.band.0).chain(chart.band.1).filter(|value| value.is_finite());
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return (0.0, 1.0);
    }
    let air = if high > low { (high - low) * 0.15 } else { (high.abs() * 0.2).max(0.5) };
    // No measured amount is below nothing; an air that says so would be read as one.
    let bottom = if low >= 0.0 { (low - air).max(0.0) } else { low - air };
    (bottom, high + air)
}

/// Round values, a handful.
fn values((low, high): (f64, f64)) -> Vec<GridMark> {
    let wish = (high - low) / 5.0;
    if !wish.is_finite() || wish <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(wish.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= wish);
    let step = step.unwrap_or(wish);
    let first = (low / step).ceil();
    (0..=12)
        .map(|n| (first + f64::from(n)) * step)
        .take_while(|value| *value <= high)
        .map(|value| GridMark { value, step_size: step })
        .collect()
}

/// With as many decimals as the steps have.
fn figure(mark: &GridMark) -> String {
    let decimals = (-mark.step_size.log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{:.decimals$}", mark.value)
}

/// Where the time axis is marked: days in a short time, first days of months in a longer one.
fn dates(from: f64, to: f64, most: usize) -> Vec<(f64, Date)> {
    let day = |place: f64| date(2000, 1, 1).checked_add((place as i64).days()).ok();
    let (Some(first), Some(last)) = (day(from.ceil()), day(to.floor())) else {
        return Vec::new();
    };
    let at = |day: Date| moment(day.at(0, 0, 0, 0));
    if to - from < 90.0 {
        let step = ((to - from) / most as f64).ceil().max(1.0) as i64;
        return steps(first, last, most + 1, |day| day.checked_add(step.days()).ok())
            .map(|day| (at(day), day))
            .collect();
    }
    let months = (to - from) / 30.44;
    let step = [1_i64, 2, 3, 6, 12, 24, 60]
        .into_iter()
        .find(|step| months / *step as f64 <= most as f64)
        .unwrap_or(120);
    // January, or as near to it as the steps come.
    let begin = i64::from(first.month() - 1) / step.min(12) * step.min(12);
    let begin = first.first_of_month().checked_sub((i64::from(first.month() - 1) - begin).months());
    let Ok(begin) = begin else { return Vec::new() };
    steps(begin, last, most + 3, |day| day.checked_add(step.months()).ok())
        .map(|day| (at(day), day))
        .filter(|(place, _)| *place >= from)
        .collect()
}

fn steps(
    first: Date,
    last: Date,
    most: usize,
    next: impl Fn(Date) -> Option<Date>,
) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), move |day| next(*day))
        .take_while(move |day| *day <= last)
        .take(most)
}

/// `11/22`, or `R8.11` where the time is long.
fn day_words(day: Date, length: f64, lang: Lang) -> String {
    if length < 90.0 {
        return format!("{}/{}", day.month(), day.day());
    }
    match lang {
        Lang::Ja => {
            let short = calendar::wareki_short(day);
            short.rsplit_once('.').map_or_else(|| short.clone(), |(month, _)| month.to_owned())
        }
        Lang::En => format!("{}-{:02}", day.year(), day.month()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Chart, Point, Standing, dates, day_words, figure, moment, scale, span, values};
    use crate::i18n::Lang;
    use egui_plot::GridMark;
    use jiff::civil::{DateTime, date};

    fn point(at: DateTime, value: f64) -> Point {
        Point { at, value, limit: false, standing: Standing::Within }
    }

    fn chart(points: &[Point], band: (Option<f64>, Option<f64>)) -> Chart<'_> {
        Chart { name: "K", points, band, marked: None, words: "", lang: Lang::Ja }
    }

    #[test]
    fn all_points_and_the_band_lie_within() {
        let points = [
            point(date(2021, 11, 20).at(9, 0, 0, 0), 4.1),
            point(date(2026, 11, 22).at(9, 53, 0, 0), 6.8),
        ];
        let (low, high) = scale(&chart(&points, (Some(3.6), Some(4.8))));
        assert!(low < 3.6 && high > 6.8 && low >= 0.0, "{low} {high}");
        let (from, to) = span(&points);
        assert!(from < moment(points[0].at) && to > moment(points[1].at));
        // A single point, and one at nothing.
        let (low, high) = scale(&chart(&points[..1], (None, None)));
        assert!(low < 4.1 && high > 4.1);
        let none = [point(date(2026, 11, 22).at(9, 0, 0, 0), 0.0)];
        let (low, high) = scale(&chart(&none, (None, None)));
        assert!(low <= 0.0 && high > low);
        assert!(span(&[]).0 < span(&[]).1);
    }

    #[test]
    fn the_axis_names_few_days_and_all_of_them_in_sight() {
        for (length, most) in
            [(6.0, 7), (40.0, 7), (200.0, 7), (700.0, 5), (1826.0, 7), (1826.0, 2), (9000.0, 4)]
        {
            let from = moment(date(2021, 11, 20).at(0, 0, 0, 0));
            let marks = dates(from, from + length, most);
            assert!(!marks.is_empty() && marks.len() <= most + 2, "{length}: {marks:?}");
            for (place, day) in &marks {
                assert!(*place >= from && *place <= from + length, "{length}: {day}");
                assert!((moment(day.at(0, 0, 0, 0)) - place).abs() < 1e-9);
            }
            assert!(marks.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert_eq!(day_words(date(2026, 11, 1), 1800.0, Lang::Ja), "R8.11");
        assert_eq!(day_words(date(2026, 11, 1), 30.0, Lang::Ja), "11/1");
        assert_eq!(day_words(date(2026, 1, 1), 1800.0, Lang::En), "2026-01");
    }

    #[test]
    fn values_are_round_and_written_with_their_decimals() {
        let words = |marks: Vec<GridMark>| marks.iter().map(figure).collect::<Vec<_>>();
        assert_eq!(words(values((3.4, 7.2))), ["4", "5", "6", "7"]);
        assert_eq!(words(values((0.0, 0.9))), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(words(values((90.0, 160.0))), ["100", "120", "140", "160"]);
        assert!(values((1.0, 1.0)).is_empty());
    }
}
