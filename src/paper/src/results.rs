//! The sheet of test results (検査結果) that is glued into a paper chart.

use std::collections::HashMap;

use clinical::calendar::{self, CLINIC_ZONE};
use clinical::lab::{LabResult, ResultStatus, series};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::PaperError;
use crate::label::LabPatient;

/// Sizes of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum PageSize {
    /// 105 × 148 mm.
    A6,
    /// 148 × 210 mm.
    #[default]
    A5,
    /// 210 × 297 mm.
    A4,
}

impl PageSize {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::A6, Self::A5, Self::A4];

    /// As CUPS and Typst name it, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::A6 => "A6",
            Self::A5 => "A5",
            Self::A4 => "A4",
        }
    }

    /// How many dates stand beside one another on a results sheet; older ones are left out, and counted.
    pub fn dates(self) -> usize {
        match self {
            Self::A6 => 3,
            Self::A5 => 5,
            Self::A4 => 7,
        }
    }
}

/// What stands on a results sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsSheet {
    /// Name of the clinic.
    pub clinic: String,
    /// Whose results.
    pub patient: LabPatient,
    /// The results, those that were replaced included: they are told beside the corrected ones.
    pub results: Vec<LabResult>,
    /// The moment of printing.
    pub printed_at: Timestamp,
}

/// `2026/11/22 09:53` by the clinic's wall clock.
pub(crate) fn moment(at: Timestamp) -> String {
    wall(CLINIC_ZONE.to_datetime(at))
}

fn wall(at: DateTime) -> String {
    at.strftime("%Y/%m/%d %H:%M").to_string()
}

/// One collection of specimens: what was taken on a day for an order stands under one date.
type Collection = (Date, Uuid);

fn collection(result: &LabResult) -> Collection {
    (result.taken_at().date(), result.order)
}

pub(crate) fn data(sheet: &ResultsSheet, size: PageSize) -> Result<Value, PaperError> {
    let mut columns = columns(&sheet.results);
    if columns.is_empty() {
        return Err(PaperError::Nothing);
    }
    let omitted = columns.len().saturating_sub(size.dates());
    columns.truncate(size.dates());
    let mut notes = Vec::new();
    let (rows, unconfirmed) = rows(&sheet.results, &columns, &mut notes);
    let heads: Vec<Value> = columns
        .iter()
        .map(|(_, first)| {
            let (date, time) = (first.date(), first.time());
            json!({
                "year": date.year().to_string(),
                "day": format!("{}/{}", date.month(), date.day()),
                "time": time.strftime("%H:%M").to_string(),
            })
        })
        .collect();
    let patient = &sheet.patient;
    let printed = CLINIC_ZONE.to_datetime(sheet.printed_at);
    Ok(json!({
        "size": size.name(),
        "clinic": sheet.clinic,
        "number": patient.number,
        "kana": patient.name.kana,
        "kanji": patient.name.kanji,
        "sex_age": patient.sex_age(printed.date()),
        "birth": patient.birth_date.map(calendar::both).unwrap_or_default(),
        "printed_at": wall(printed),
        "columns": heads,
        "rows": rows,
        "notes": notes,
        "omitted": omitted,
        "unconfirmed": unconfirmed,
    }))
}

/// The collections, newest first, each with the moment of its first specimen.
fn columns(results: &[LabResult]) -> Vec<(Collection, DateTime)> {
    let mut first: HashMap<Collection, DateTime> = HashMap::new();
    for result in results.iter().filter(|result| result.stands()) {
        let at = result.taken_at();
        first.entry(collection(result)).and_modify(|known| *known = at.min(*known)).or_insert(at);
    }
    let mut columns: Vec<_> = first.into_iter().collect();
    columns.sort_by_key(|((_, order), at)| std::cmp::Reverse((*at, *order)));
    columns
}

/// The rows of the table, and whether some of it no practitioner has confirmed.
fn rows(
    results: &[LabResult],
    columns: &[(Collection, DateTime)],
    notes: &mut Vec<String>,
) -> (Vec<Value>, bool) {
    let replaced: HashMap<Uuid, &LabResult> =
        results.iter().filter_map(|r| Some((r.replaced_by?, r))).collect();
    let mut unconfirmed = false;
    let mut rows = Vec::new();
    for row in series(results) {
        let shown = |r: &&&LabResult| columns.iter().any(|(column, _)| *column == collection(r));
        let Some(newest) = row.results.iter().find(shown) else { continue };
        let range = row.results.iter().find(|r| !r.range.0.is_empty());
        let unit = row.results.iter().find(|r| !r.unit.is_empty());
        let cells: Vec<Vec<Value>> = columns
            .iter()
            .map(|(column, _)| {
                let here = row.results.iter().filter(|r| collection(r) == *column);
                here.map(|result| {
                    unconfirmed |= result.confirmed.is_none();
                    cell(result, &replaced, notes)
                })
                .collect()
            })
            .collect();
        rows.push(json!({
            "name": newest.name,
            "range": range.map_or("", |r| r.range.0.as_str()),
            "unit": unit.map_or("", |r| r.unit.as_str()),
            "cells": cells,
        }));
    }
    (rows, unconfirmed)
}

fn cell(
    result: &LabResult,
    replaced: &HashMap<Uuid, &LabResult>,
    notes: &mut Vec<String>,
) -> Value {
    let mut remarks = Vec::new();
    let earlier = corrected(result, replaced);
    let corrected = result.status == ResultStatus::Corrected || !earlier.is_empty();
    if corrected {
        remarks.push(if earlier.is_empty() {
            "訂正された値です".to_owned()
        } else {
            format!("訂正（前の値 {}）", earlier.join("、"))
        });
    }
    remarks.extend(result.comments.iter().filter(|comment| !comment.trim().is_empty()).cloned());
    let note = (!remarks.is_empty()).then(|| {
        let date = result.taken_at().strftime("%Y/%m/%d").to_string();
        notes.push(format!("{} {date}　{}", result.name, remarks.join("／")));
        notes.len()
    });
    let cancelled = result.status == ResultStatus::Cancelled;
    json!({
        "value": if cancelled { "中止" } else { result.value.0.as_str() },
        "mark": if cancelled { "" } else { result.flag.mark() },
        "panic": result.flag.is_panic() && !cancelled,
        "preliminary": result.status == ResultStatus::Preliminary,
        "corrected": corrected,
        "note": note,
    })
}

/// The values that a correction took back, latest first. A preliminary value that became final was not wrong.
fn corrected(result: &LabResult, replaced: &HashMap<Uuid, &LabResult>) -> Vec<String> {
    let mut earlier = Vec::new();
    let mut at = result;
    // No longer than there are results, should they name one another in a ring.
    for _ in 0..replaced.len() {
        let Some(before) = replaced.get(&at.id) else { break };
        let wrong = matches!(before.status, ResultStatus::Final | ResultStatus::Corrected);
        if wrong && (before.value != result.value || before.flag != result.flag) {
            let text = format!("{} {}", before.value.0, before.flag.mark());
            earlier.push(text.trim().to_owned());
        }
        at = before;
    }
    earlier
}

/// A page that shows whether a printer is set rightly.
pub(crate) fn test_data(printer: &str, size: PageSize, at: Timestamp) -> Value {
    json!({"size": size.name(), "printer": printer, "printed_at": moment(at)})
}
