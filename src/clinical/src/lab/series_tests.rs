use jiff::civil::date;
use uuid::Uuid;

use super::super::samples::{at, at_the_lab, report, told};
use super::super::{Arrival, LabResult, ReferenceRange, ResultStatus, ResultValue};
use super::*;

/// A result of an item with a value, taken on a day of November.
fn result(id: u128, n: u32, value: &str, day: Option<i8>) -> LabResult {
    let mut results = Vec::new();
    let mut report = report(1, vec![told(n, value, ResultStatus::Final)]);
    report.collected_at = day.map(|day| date(2026, 11, day).at(9, 0, 0, 0));
    report.specimen = format!("extern{id}");
    let arrival = Arrival { report: Uuid::nil(), received_at: at(0) };
    at_the_lab().take_report(&mut results, &report, arrival, || Uuid::from_u128(id));
    results.remove(0)
}

#[test]
fn one_row_an_item_in_the_order_of_the_first_time_newest_first_within() {
    let results = [
        result(1, 2, "20", Some(3)),
        result(2, 3, "(-)", Some(3)),
        result(3, 2, "<18", Some(9)),
        result(4, 2, "25", Some(1)),
        result(5, 1, "7", Some(2)),
    ];
    let rows = series(&results);
    let ids = |row: &Series<'_>| row.results.iter().map(|r| r.id.as_u128()).collect::<Vec<_>>();
    assert_eq!(rows.iter().map(ids).collect::<Vec<_>>(), [vec![5], vec![3, 1, 4], vec![2]]);
    let points = rows[1].points();
    let shown: Vec<_> = points.iter().map(|p| (p.value, p.comparator)).collect();
    assert_eq!(
        shown,
        [(25.0, Comparator::Equal), (20.0, Comparator::Equal), (18.0, Comparator::Less)]
    );
    assert!(points.is_sorted_by_key(|point| point.at));
    assert!(rows[2].points().is_empty(), "words are no points");
    assert_eq!(rows[0].key, "TEST1", "without JLAC10 the local code");
}

#[test]
fn the_method_does_not_part_a_row() {
    let mut other = result(2, 2, "21", Some(4));
    other.code.jlac10 = other.code.jlac10.map(|code| format!("{}999{}", &code[..12], &code[15..]));
    let results = [result(1, 2, "20", Some(3)), other];
    assert_eq!(series(&results).len(), 1);
    let mut other = result(2, 2, "21", Some(4));
    other.code.jlac10 = other.code.jlac10.map(|code| format!("{}11", &code[..15]));
    let results = [result(1, 2, "20", Some(3)), other];
    assert_eq!(series(&results).len(), 2, "another kind of result is another row");
}

#[test]
fn what_is_replaced_or_cancelled_is_no_point() {
    let mut replaced = result(1, 2, "20", Some(3));
    replaced.replaced_by = Some(Uuid::from_u128(2));
    let mut cancelled = result(3, 2, "22", Some(5));
    cancelled.status = ResultStatus::Cancelled;
    let results = [replaced, result(2, 2, "21", Some(3)), cancelled];
    let rows = series(&results);
    assert_eq!(rows[0].results.len(), 2);
    assert_eq!(rows[0].points().len(), 1);
}

#[test]
fn without_a_time_the_arrival_counts_and_the_newest_range_is_the_band() {
    let mut arrived = result(1, 2, "20", None);
    arrived.collected_at = None;
    arrived.received_at = at(0);
    assert_eq!(arrived.taken_at(), jiff::tz::offset(9).to_datetime(at(0)));
    arrived.range = ReferenceRange(String::new());
    let mut older = result(2, 2, "20", Some(1));
    older.range = ReferenceRange("10-40".to_owned());
    older.value = ResultValue("19".to_owned());
    let results = [arrived, older];
    assert_eq!(series(&results)[0].band(), (Some(10.0), Some(40.0)));
}
