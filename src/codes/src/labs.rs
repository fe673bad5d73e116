//! Specimen tests (検体検査) as a clinic orders them, with their containers.
//!
//! A hundred that clinics order most. Codes are JLAC10 (JP-CLINS and hospitals' published tables), reference ranges are
//! the JCCLS's and a hospital's: for showing what is usual, never for judging a result, which carries the laboratory's
//! own range. Items without a JLAC10 code keep the clinic's own key alone, and their row says so. That glucose,
//! triglycerides and insulin are taken fasting, the readings, and which tube a disputed item shares are this project's
//! own judgement; a laboratory's guide (検査案内) has the last word.

use std::collections::HashMap;
use std::sync::LazyLock;

use clinical::lab::{Container, LabItem, Procedure};
use clinical::lookup::LookupKeys;
use serde::Deserialize;

use crate::table::Table;

const FILE: &str = include_str!("../data/labs.csv");
const CONTAINERS: &str = include_str!("../data/containers.csv");

/// Materials (材料) by JLAC10 that the table uses.
const MATERIALS: [(&str, &str); 5] =
    [("001", "尿"), ("015", "便"), ("019", "全血"), ("022", "血漿"), ("023", "血清")];

#[derive(Debug, Deserialize)]
struct Row {
    key: String,
    name: String,
    abbr: String,
    kana: String,
    jlac10: Option<String>,
    unit: String,
    reference_range: String,
    material: Option<String>,
    specimen: String,
    container: String,
    fasting: u8,
    procedure_code: String,
    procedure_name: String,
    points: u32,
    source: String,
}

#[derive(Debug, Deserialize)]
struct ContainerRow {
    key: String,
    name: String,
    colour: String,
    rgb: String,
    volume_tenths: Option<u32>,
    source: String,
}

struct Labs {
    items: Vec<LabItem>,
    sources: Vec<String>,
    by_key: HashMap<String, usize>,
    found: Table<usize>,
}

static CONTAINER_ROWS: LazyLock<Vec<ContainerRow>> =
    LazyLock::new(|| Table::<ContainerRow>::read(CONTAINERS, |_| Vec::new()).into_rows().collect());

static CONTAINER_LIST: LazyLock<Vec<Container>> = LazyLock::new(|| {
    let rows = CONTAINER_ROWS.iter();
    rows.map(|row| Container {
        key: row.key.clone(),
        name: row.name.clone(),
        colour: row.colour.clone(),
        rgb: row.rgb.clone(),
        volume: row.volume_tenths,
    })
    .collect()
});

static LABS: LazyLock<Labs> = LazyLock::new(|| {
    let rows: Vec<Row> = Table::read(FILE, |_: &Row| Vec::new()).into_rows().collect();
    let items: Vec<LabItem> = rows.iter().map(item).collect();
    // What no tube is drawn for cannot be ordered here.
    let orderable = (0..rows.len()).filter(|at| items[*at].container.is_some());
    let found = Table::of(orderable, |at| {
        let row = &rows[*at];
        // The key in letters alone as well: `A1C`, `U_PRO`.
        vec![
            LookupKeys::of(&row.name, &row.kana),
            LookupKeys::of(&row.abbr, ""),
            LookupKeys::of(&row.key.replace('_', " "), ""),
        ]
    });
    let by_key = items.iter().enumerate().map(|(at, item)| (item.key.clone(), at)).collect();
    Labs { sources: rows.into_iter().map(|row| row.source).collect(), items, by_key, found }
});

fn item(row: &Row) -> LabItem {
    LabItem {
        key: row.key.clone(),
        name: row.name.clone(),
        abbr: row.abbr.clone(),
        jlac10: row.jlac10.clone(),
        unit: row.unit.clone(),
        reference_range: row.reference_range.clone(),
        material: row.material.clone(),
        specimen: row.specimen.clone(),
        container: container(&row.container).cloned(),
        fasting: row.fasting != 0,
        procedure: Some(Procedure {
            code: row.procedure_code.clone(),
            name: row.procedure_name.clone(),
            points: row.points,
        }),
    }
}

/// All items, those included that cannot be ordered since no tube is drawn for them.
pub fn all() -> &'static [LabItem] {
    &LABS.items
}

/// Items that can be ordered and that what was typed may mean, the likeliest first; none for blanks.
pub fn find(text: &str, limit: usize) -> Vec<&'static LabItem> {
    LABS.found.find(text, limit).into_iter().map(|at| &LABS.items[*at]).collect()
}

/// The item with a key.
pub fn by_key(key: &str) -> Option<&'static LabItem> {
    LABS.by_key.get(key).map(|at| &LABS.items[*at])
}

/// The item with a JLAC10 code.
pub fn by_jlac10(code: &str) -> Option<&'static LabItem> {
    LABS.items.iter().find(|item| item.jlac10.as_deref() == Some(code))
}

/// Where an item's row comes from.
pub fn source(key: &str) -> Option<&'static str> {
    LABS.by_key.get(key).map(|at| LABS.sources[*at].as_str())
}

/// All containers.
pub fn containers() -> &'static [Container] {
    &CONTAINER_LIST
}

/// The container with a key.
pub fn container(key: &str) -> Option<&'static Container> {
    CONTAINER_LIST.iter().find(|container| container.key == key)
}

/// Where a container's row comes from.
pub fn container_source(key: &str) -> Option<&'static str> {
    CONTAINER_ROWS.iter().find(|row| row.key == key).map(|row| row.source.as_str())
}

/// The name of a JLAC10 material, where the table uses it: 血清 for `023`.
pub fn material_name(code: &str) -> Option<&'static str> {
    MATERIALS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

#[cfg(test)]
#[path = "labs_tests.rs"]
mod tests;
