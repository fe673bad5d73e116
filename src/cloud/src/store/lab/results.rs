//! Results: rows are added; a row changes only where another result replaces it or a practitioner confirms it.

use clinical::calendar::day_of;
use clinical::lab::{Arrival, LabOrder, LabReport, LabResult};
use jiff::civil::DateTime;
use uuid::Uuid;

use super::orders::{self, Word};
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::{StoreError, Tenant};

/// Whether it stands and no practitioner has confirmed it.
pub(super) fn waits(result: &LabResult) -> bool {
    result.stands() && result.confirmed.is_none()
}

/// All results of an order, in the order in which they were stored.
pub(super) async fn load(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    order: Uuid,
) -> Result<Vec<LabResult>, StoreError> {
    tx.all(
        "SELECT body FROM lab_results WHERE institution_id = $1 AND order_id = $2 ORDER BY seq",
        args![tenant, order.to_string()],
    )
    .await?
    .iter()
    .map(|row| sql::json(row, 0, "lab_results.body"))
    .collect()
}

/// Keeps those of an order's results that are named, as they stand.
pub(super) async fn save(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    results: &[LabResult],
    named: &[Uuid],
) -> Result<(), StoreError> {
    for (seq, result) in (0..).zip(results) {
        if named.contains(&result.id) {
            save_one(tx, tenant, seq, result).await?;
        }
    }
    Ok(())
}

async fn save_one(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    seq: i64,
    result: &LabResult,
) -> Result<(), StoreError> {
    let day = result.collected_at.map_or_else(|| day_of(result.received_at), DateTime::date);
    tx.exec(
        "INSERT INTO lab_results (institution_id, id, canonical, order_id, seq, report_id, \
         day, stands, waits, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (institution_id, id) DO UPDATE SET stands = excluded.stands, \
         waits = excluded.waits, body = excluded.body",
        args![
            tenant,
            result.id.to_string(),
            result.patient.canonical(),
            result.order.to_string(),
            seq,
            result.report.to_string(),
            day,
            i64::from(result.stands()),
            i64::from(waits(result)),
            sql::to_json(result)?,
        ],
    )
    .await?;
    Ok(())
}

/// Takes a stored report into an order and keeps both. How many results are new; what is known changes nothing.
pub(super) async fn add(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    order: &mut LabOrder,
    report: Uuid,
    told: &LabReport,
) -> Result<u32, StoreError> {
    let mut results = load(tx, tenant, order.id).await?;
    let named: Vec<Uuid> = told.results.iter().map(|_| Uuid::now_v7()).collect();
    let at = tx.now();
    let arrival = Arrival { report, received_at: at };
    let taken = orders::take(order, &mut results, told, arrival, &named);
    if taken.added.is_empty() {
        return Ok(0);
    }
    orders::save(tx, tenant, order, &results).await?;
    orders::add_word(tx, tenant, order.id, &Word::Reported { report, at, named }).await?;
    save(tx, tenant, &results, &taken.touched()).await?;
    Ok(u32::try_from(taken.added.len()).unwrap_or(u32::MAX))
}
