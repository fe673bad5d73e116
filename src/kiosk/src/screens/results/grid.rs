//! The results as a table: items × days. Made once for what is known, not for each frame.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use api::lab::PatientLab;
use clinical::lab::series::Point;
use clinical::lab::{Comparator, LabResult, series};
use jiff::civil::{Date, DateTime};
use uuid::Uuid;

/// No result.
const NONE: u32 = u32::MAX;

/// A column: what one order gave on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// When the specimen was taken, or the result came where that was not told; the latest of the column.
    pub at: DateTime,
    /// The order.
    pub order: Uuid,
}

impl Column {
    /// The day.
    pub fn day(&self) -> Date {
        self.at.date()
    }
}

/// A row: an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What its results have in common.
    pub key: String,
    /// Lowest and highest normal value.
    pub band: (Option<f64>, Option<f64>),
    /// Those of its results that are numbers, oldest first.
    pub points: Vec<Figure>,
    /// Its results among all, newest first.
    results: Vec<usize>,
}

/// A result that is a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Its name.
    pub id: Uuid,
    /// When the specimen was taken.
    pub at: DateTime,
    /// The number, or the limit beyond which it lies.
    pub value: f64,
    /// What stands before the number.
    pub comparator: Comparator,
}

/// The table.
pub struct Grid {
    lab: Arc<PatientLab>,
    /// Newest first.
    pub columns: Vec<Column>,
    /// In the order of the catalogue, but for what asks to be looked at.
    pub lines: Vec<Line>,
    cells: Vec<u32>,
    places: HashMap<Uuid, usize>,
}

impl Grid {
    /// Of what is known. Lines with something of which `first` holds stand on top: there is something to look at.
    pub fn new(lab: Arc<PatientLab>, first: impl Fn(&LabResult) -> bool) -> Self {
        let places: HashMap<Uuid, usize> =
            lab.results.iter().enumerate().map(|(i, result)| (result.id, i)).collect();
        let mut rows = series(&lab.results);
        // Panic values first, then the other abnormal ones, then the rest.
        rows.sort_by_key(|row| {
            let urgent = row.results.iter().filter(|result| first(result));
            urgent.map(|result| u8::from(!result.flag.is_panic())).min().unwrap_or(2)
        });
        let lines: Vec<Line> = rows
            .into_iter()
            .map(|row| Line {
                band: row.band(),
                points: row.points().into_iter().map(figure).collect(),
                results: row.results.iter().filter_map(|r| places.get(&r.id).copied()).collect(),
                key: row.key,
            })
            .collect();
        let columns = columns(&lab, &lines);
        let width = columns.len();
        let mut cells = vec![NONE; width * lines.len()];
        for (line, row) in lines.iter().enumerate() {
            for place in &row.results {
                let result = &lab.results[*place];
                let (day, order) = (result.taken_at().date(), result.order);
                // Of two that stand for the same item, each has a column.
                let free = columns.iter().enumerate().find(|(i, column)| {
                    let fits = column.order == order && column.day() == day;
                    fits && cells[line * width + i] == NONE
                });
                if let (Some((column, _)), Ok(value)) = (free, u32::try_from(*place)) {
                    cells[line * width + column] = value;
                }
            }
        }
        Self { lab, columns, lines, cells, places }
    }

    /// Whether it shows this.
    pub fn is_of(&self, lab: &Arc<PatientLab>) -> bool {
        Arc::ptr_eq(&self.lab, lab)
    }

    /// The result in a cell.
    pub fn cell(&self, line: usize, column: usize) -> Option<&LabResult> {
        if column >= self.columns.len() {
            return None;
        }
        let place = *self.cells.get(line * self.columns.len() + column)?;
        self.lab.results.get(usize::try_from(place).ok()?)
    }

    /// The latest result of a line.
    pub fn latest(&self, line: usize) -> Option<&LabResult> {
        self.lab.results.get(*self.lines.get(line)?.results.first()?)
    }

    /// Where a result stands: line and column.
    pub fn place(&self, id: Uuid) -> Option<(usize, usize)> {
        let place = u32::try_from(*self.places.get(&id)?).ok()?;
        let at = self.cells.iter().position(|cell| *cell == place)?;
        Some((at / self.columns.len(), at % self.columns.len()))
    }

    /// The results of a line, newest first, each with its column.
    pub fn line(&self, line: usize) -> impl DoubleEndedIterator<Item = (usize, &LabResult)> {
        (0..self.columns.len()).filter_map(move |column| Some((column, self.cell(line, column)?)))
    }

    /// What a result replaced, the latest first.
    pub fn replaced(&self, result: &LabResult) -> Vec<&LabResult> {
        let mut chain = Vec::new();
        let mut next = result.replaces;
        // Bounded, since a chain comes from outside.
        while let Some(place) = next.and_then(|id| self.places.get(&id))
            && chain.len() < self.lab.results.len()
        {
            let before = &self.lab.results[*place];
            chain.push(before);
            next = before.replaces;
        }
        chain
    }
}

fn figure(point: Point<'_>) -> Figure {
    let Point { at, value, comparator, result } = point;
    Figure { id: result.id, at, value, comparator }
}

/// The columns, newest first.
fn columns(lab: &PatientLab, lines: &[Line]) -> Vec<Column> {
    let mut found: HashMap<(Date, Uuid), (DateTime, usize)> = HashMap::new();
    for line in lines {
        let mut own: HashMap<(Date, Uuid), usize> = HashMap::new();
        for place in &line.results {
            let result = &lab.results[*place];
            let at = result.taken_at();
            let key = (at.date(), result.order);
            let times = own.entry(key).or_default();
            *times += 1;
            let known = found.entry(key).or_insert((at, 0));
            *known = (known.0.max(at), known.1.max(*times));
        }
    }
    let columns = found.into_iter();
    let mut columns: Vec<Column> =
        columns.flat_map(|((_, order), (at, times))| vec![Column { at, order }; times]).collect();
    columns.sort_by_key(|column| Reverse((column.at, column.order)));
    columns
}

/// What of an order waits for a practitioner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    /// Which order.
    pub order: Uuid,
    /// The latest moment among its results.
    pub at: DateTime,
    /// All of them, those that must be looked at first.
    pub results: Vec<Uuid>,
    /// How many of them must be looked at one by one: the first so many.
    pub abnormal: usize,
}

/// What waits, the newest order first.
pub fn unconfirmed(results: &[LabResult]) -> Vec<Unconfirmed> {
    let mut orders: HashMap<Uuid, Vec<&LabResult>> = HashMap::new();
    for result in results.iter().filter(|r| r.stands() && r.confirmed.is_none()) {
        orders.entry(result.order).or_default().push(result);
    }
    let mut waiting: Vec<Unconfirmed> = orders
        .into_iter()
        .map(|(order, mut results)| {
            results.sort_by_key(|result| (!result.is_abnormal(), !result.flag.is_panic()));
            Unconfirmed {
                order,
                at: results.iter().map(|result| result.taken_at()).max().unwrap_or_default(),
                abnormal: results.iter().filter(|result| result.is_abnormal()).count(),
                results: results.into_iter().map(|result| result.id).collect(),
            }
        })
        .collect();
    waiting.sort_by_key(|one| Reverse((one.at, one.order)));
    waiting
}
