//! Results over time.

use std::collections::HashMap;

use jiff::civil::DateTime;

use super::result::{Comparator, LabResult, ResultStatus};
use crate::calendar::CLINIC_ZONE;

/// The results of one item over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series<'a> {
    /// What the results have in common ([`super::LabCode::series_key`]).
    pub key: String,
    /// Newest first; only results that stand.
    pub results: Vec<&'a LabResult>,
}

/// A result as a chart shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<'a> {
    /// When the specimen was taken.
    pub at: DateTime,
    /// The number; of a value beyond a limit, the limit.
    pub value: f64,
    /// Whether the value itself lies beyond.
    pub comparator: Comparator,
    /// The result.
    pub result: &'a LabResult,
}

/// Groups results (newest first) by item: the items in the order in which they came first, so that they keep their
/// places over the years; newest first within.
pub fn series(results: &[LabResult]) -> Vec<Series<'_>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows: Vec<Series<'_>> = Vec::new();
    for result in results.iter().rev().filter(|result| result.stands()) {
        let key = result.code.series_key();
        let place = *places.entry(key.clone()).or_insert_with(|| {
            rows.push(Series { key, results: Vec::new() });
            rows.len() - 1
        });
        rows[place].results.push(result);
    }
    for row in &mut rows {
        row.results
            .sort_by_key(|result| std::cmp::Reverse((result.taken_at(), result.received_at)));
    }
    rows
}

impl<'a> Series<'a> {
    /// The numbers, oldest first; words and what has no value are left out.
    pub fn points(&self) -> Vec<Point<'a>> {
        self.results.iter().rev().filter_map(|result| result.point()).collect()
    }

    /// Lowest and highest normal value by the newest result that names one.
    pub fn band(&self) -> (Option<f64>, Option<f64>) {
        let bounds = self.results.iter().map(|result| result.range.bounds());
        bounds.into_iter().find(|bounds| *bounds != (None, None)).unwrap_or_default()
    }
}

impl LabResult {
    /// When the specimen was taken; when the result came, where nobody told.
    pub fn taken_at(&self) -> DateTime {
        self.collected_at.unwrap_or_else(|| CLINIC_ZONE.to_datetime(self.received_at))
    }

    fn point(&self) -> Option<Point<'_>> {
        let (comparator, value) = self.value.number()?;
        let counts = self.status != ResultStatus::Cancelled;
        counts.then(|| Point { at: self.taken_at(), value, comparator, result: self })
    }
}

#[cfg(test)]
#[path = "series_tests.rs"]
mod tests;
