//! Whether lab records are what people have signed and laboratories have sent: each version's entry, each order and its
//! results as their rows make them, each report's content as the log noted it, each message's bytes.

use std::collections::{BTreeSet, HashMap};

use api::entries::{Entry, EntryContent};
use clinical::lab::{LabAct, LabEntry, LabOrder, LabOutcome, LabResult, LabVersion, TrayReport};
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::orders::{Made, Word};
use crate::store::sql::{self, args};
use crate::store::verify::{Fault, PAGE};
use crate::store::{Store, StoreError, Tenant};

/// What was looked at, and what is wrong.
#[derive(Default)]
pub(in crate::store) struct Found {
    pub(in crate::store) versions: u64,
    pub(in crate::store) orders: u64,
    pub(in crate::store) results: u64,
    pub(in crate::store) faults: Vec<Fault>,
}

impl Found {
    fn fault(&mut self, what: String, why: &'static str) {
        self.faults.push(Fault { what, why });
    }
}

/// All rows about one order, of one moment.
#[derive(Default)]
struct Rows {
    versions: Vec<(String, Row)>,
    order: Option<String>,
    results: Vec<String>,
    specimens: BTreeSet<String>,
    reports: HashMap<Uuid, TrayReport>,
}

/// A row of `lab_versions`, with the signed entry and who signed it; both empty for a laboratory's word.
struct Row {
    seq: i64,
    outcome: String,
    body: String,
    entry: String,
    account: String,
}

/// Checks all orders, reports and messages of an institution.
pub(in crate::store) async fn verify(store: &Store, tenant: Tenant) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut last = String::new();
    loop {
        let rows = store
            .database()
            .all(
                "SELECT id FROM (SELECT id FROM lab_orders WHERE institution_id = $1 \
                 UNION SELECT order_id FROM lab_versions WHERE institution_id = $1 \
                 UNION SELECT order_id FROM lab_results WHERE institution_id = $1) AS known \
                 WHERE id > $2 ORDER BY id LIMIT $3",
                args![tenant, last.as_str(), PAGE],
            )
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            sql::text(row, 0)?.clone_into(&mut last);
            let rows = read(store, tenant, &last).await?;
            order(&mut found, &last, &rows);
        }
    }
    messages(store, tenant, &mut found).await?;
    log(store, tenant, &mut found).await?;
    Ok(found)
}

/// In one statement, so that all rows are those of one moment.
async fn read(store: &Store, tenant: Tenant, order: &str) -> Result<Rows, StoreError> {
    let rows = store
        .database()
        .all(
            "SELECT 0 AS part, v.seq AS seq, v.id AS id, v.outcome AS outcome, v.body AS body, \
             COALESCE(e.body, '') AS entry, COALESCE(e.account_id, '') AS account \
             FROM lab_versions v LEFT JOIN entries e \
             ON e.institution_id = v.institution_id AND e.id = v.entry_id \
             WHERE v.institution_id = $1 AND v.order_id = $2 UNION ALL \
             SELECT 1, 0, id, '', body, '', '' FROM lab_orders \
             WHERE institution_id = $1 AND id = $2 UNION ALL \
             SELECT 2, seq, id, '', body, '', '' FROM lab_results \
             WHERE institution_id = $1 AND order_id = $2 UNION ALL \
             SELECT 3, 0, number, '', '', '', '' FROM specimens \
             WHERE institution_id = $1 AND order_id = $2 UNION ALL \
             SELECT 4, 0, id, '', body, '', '' FROM lab_reports \
             WHERE institution_id = $1 AND order_id = $2 ORDER BY part, seq, id",
            args![tenant, order],
        )
        .await?;
    let mut all = Rows::default();
    for row in &rows {
        let (id, body) = (sql::text(row, 2)?.to_owned(), sql::text(row, 4)?.to_owned());
        match sql::int(row, 0)? {
            0 => all.versions.push((id, version_row(row, body)?)),
            1 => all.order = Some(body),
            2 => all.results.push(body),
            3 => {
                all.specimens.insert(id);
            }
            _ => {
                if let (Ok(id), Ok(report)) = (id.parse(), serde_json::from_str(&body)) {
                    all.reports.insert(id, report);
                }
            }
        }
    }
    Ok(all)
}

fn version_row(row: &AnyRow, body: String) -> Result<Row, StoreError> {
    Ok(Row {
        seq: sql::int(row, 1)?,
        outcome: sql::text(row, 3)?.to_owned(),
        body,
        entry: sql::text(row, 5)?.to_owned(),
        account: sql::text(row, 6)?.to_owned(),
    })
}

fn order(found: &mut Found, id: &str, rows: &Rows) {
    found.orders += 1;
    let mut made = Made::default();
    for (place, (name, row)) in (1..).zip(&rows.versions) {
        let why = if row.seq != place {
            Some("the row before it is missing")
        } else if let Ok(word) = serde_json::from_str::<Word>(&row.body) {
            let fits = row.entry.is_empty() && row.outcome.is_empty();
            let heard = fits.then(|| made.hear(&word, |id| rows.reports.get(&id).cloned()));
            (heard.flatten().is_none()).then_some("the laboratory's word does not fit the order")
        } else {
            found.versions += 1;
            version(&mut made, name, row)
        };
        if let Some(why) = why {
            found.fault(format!("lab version {name}"), why);
        }
    }
    let stored: Option<LabOrder> =
        rows.order.as_ref().and_then(|body| serde_json::from_str(body).ok());
    if stored.is_none() || stored != made.order {
        found.fault(format!("lab order {id}"), "the order is not what its versions make it");
    }
    let tubes = made.order.iter().flat_map(|order| &order.tubes);
    let tubes: BTreeSet<String> = tubes.map(|tube| tube.number.to_string()).collect();
    if tubes != rows.specimens {
        found.fault(format!("lab order {id}"), "its tubes are not those of its versions");
    }
    let results: Vec<LabResult> =
        rows.results.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
    found.results += rows.results.len() as u64;
    if results.len() != rows.results.len() || results != made.results {
        found.fault(format!("lab order {id}"), "its results are not what the reports make them");
    }
}

/// What is wrong with a version, given what came before it; applies it.
fn version(made: &mut Made, name: &str, row: &Row) -> Option<&'static str> {
    const NOT_ITS_ENTRY: &str = "the version is not the entry of its name";
    let Ok(version) = serde_json::from_str::<LabVersion>(&row.body) else {
        return Some("the version cannot be read");
    };
    let outcome: Option<LabOutcome> = sql::from_word(&row.outcome, "lab_versions.outcome").ok();
    let applied = made.apply(&version).ok();
    let signed: Option<Entry> = serde_json::from_str(&row.entry).ok();
    let signed = signed.filter(|signed| {
        signed.id == version.id
            && signed.entered_at == version.entered_at
            && version.id.to_string() == name
    });
    let Some(EntryContent::Lab { entry }) = signed.map(|signed| signed.content) else {
        return Some(NOT_ITS_ENTRY);
    };
    if !is_of(&version, entry) {
        Some(NOT_ITS_ENTRY)
    } else if version.author.account.to_string() != row.account {
        Some("the version names another author than the one who signed")
    } else if applied.is_none() || applied != outcome {
        Some("the rule of lab orders gives another outcome")
    } else {
        None
    }
}

/// The padding of the patient's number, and the name in which it was entered, are by the cloud's own word.
fn is_of(version: &LabVersion, mut entry: LabEntry) -> bool {
    if entry.patient.canonical() != version.entry.patient.canonical() {
        return false;
    }
    entry.patient.clone_from(&version.entry.patient);
    if let (LabAct::Order { request }, LabAct::Order { request: kept }) =
        (&mut entry.act, &version.entry.act)
    {
        request.on_behalf_of.clone_from(&kept.on_behalf_of);
    }
    entry == version.entry
}

/// Each message's bytes have the hash under which it is kept.
async fn messages(store: &Store, tenant: Tenant, found: &mut Found) -> Result<(), StoreError> {
    use base64::Engine as _;
    let mut last = String::new();
    loop {
        // All of a hash at once: the same bytes may have come from two laboratories.
        let rows = store
            .database()
            .all(
                "SELECT hash, message FROM lab_messages WHERE institution_id = $1 AND hash IN ( \
                 SELECT DISTINCT hash FROM lab_messages WHERE institution_id = $1 \
                 AND hash > $2 ORDER BY hash LIMIT $3) ORDER BY hash",
                args![tenant, last.as_str(), PAGE / 10],
            )
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            sql::text(row, 0)?.clone_into(&mut last);
            let bytes = base64::engine::general_purpose::STANDARD.decode(sql::text(row, 1)?);
            if !bytes.is_ok_and(|bytes| api::proof::hash(&bytes) == last) {
                let what = format!("lab message {last}");
                found.fault(what, "the message was changed: its hash is another");
            }
        }
    }
}

/// Every version that the log names is there, and every report with the content that the log noted.
async fn log(store: &Store, tenant: Tenant, found: &mut Found) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let rows = store
            .database()
            .all(
                "SELECT a.seq, a.action, a.detail FROM audit a WHERE a.institution_id = $1 \
                 AND a.seq > $2 AND a.action IN ('lab.order', 'lab.labels', 'lab.draw', \
                 'lab.not_drawn', 'lab.reset', 'lab.send', 'lab.cancel', 'lab.confirm', \
                 'lab.overtaken', 'lab.report', 'lab.tray') ORDER BY a.seq LIMIT $3",
                args![tenant, last, PAGE],
            )
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            last = sql::int(row, 0)?;
            let detail = sql::text(row, 2)?;
            let told = |key: &str| detail.split(' ').find_map(|part| part.strip_prefix(key));
            let report = matches!(sql::text(row, 1)?, "lab.report" | "lab.tray");
            let fits = if report {
                let body = body_of(store, tenant, told("report=").unwrap_or_default()).await?;
                body.is_some_and(|body| Some(content(&body).as_str()) == told("content="))
            } else {
                has_version(store, tenant, told("version=").unwrap_or_default()).await?
            };
            if !fits {
                let why = if report {
                    "the report that it names is missing, or is another"
                } else {
                    "the version that it names is missing"
                };
                found.fault(format!("audit row {last}"), why);
            }
        }
    }
}

/// What the log notes of a report's content.
pub(super) fn content(body: &str) -> String {
    api::proof::hash(body.as_bytes())
}

async fn body_of(store: &Store, tenant: Tenant, id: &str) -> Result<Option<String>, StoreError> {
    let row = store
        .database()
        .one(
            "SELECT body FROM lab_reports WHERE institution_id = $1 AND id = $2",
            args![tenant, id],
        )
        .await?;
    row.map(|row| sql::text(&row, 0).map(str::to_owned)).transpose()
}

/// Whether an entry about a lab order has its version.
pub(in crate::store) async fn has_version(
    store: &Store,
    tenant: Tenant,
    id: &str,
) -> Result<bool, StoreError> {
    let row = store
        .database()
        .one(
            "SELECT 1 FROM lab_versions WHERE institution_id = $1 AND entry_id = $2",
            args![tenant, id],
        )
        .await?;
    Ok(row.is_some())
}
