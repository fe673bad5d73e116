//! Papers that were given to a printer, on record with who, which copy and why.

use api::entries::EntryResult;
use api::papers::PrintRecord;
use clinical::PatientNumber;
use uuid::Uuid;

use super::audit::Entry;
use super::sql::{self, args};
use super::tx::Tx;
use super::{Actor, Store, StoreError, Tenant};

/// Longest name of a printer, longest reason.
const LONGEST: usize = 200;

/// A record of a print.
pub(super) struct Judged {
    record: PrintRecord,
}

/// Says whether a record can be taken. Writes nothing.
pub(super) async fn judge(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    record: &PrintRecord,
) -> Result<Judged, StoreError> {
    let shown = |text: &str| text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if record.copy == 0 || !shown(&record.printer) || !shown(&record.reason) {
        let text = "copies count from 1; printer and reason have up to 200 characters";
        return Err(StoreError::Invalid(text.to_owned()));
    }
    if let Some(number) = &record.patient {
        tx.one(
            "SELECT 1 FROM patients WHERE institution_id = $1 AND canonical = $2",
            args![tenant, number.canonical()],
        )
        .await?
        .ok_or(StoreError::NotFound("patient"))?;
    }
    Ok(Judged { record: record.clone() })
}

/// What the log says of a print.
pub(super) fn audit_of(record: &PrintRecord, more: &str) -> Result<Entry, StoreError> {
    let detail = format!(
        "paper={} job={} copy={}{more}",
        sql::word(&record.paper)?,
        record.job,
        record.copy
    );
    let (kind, id) = match &record.patient {
        Some(number) => ("patient", number.as_str()),
        None => ("paper", ""),
    };
    Ok(Entry::new("paper.print", kind, id).with(detail))
}

impl Judged {
    pub(super) fn result() -> EntryResult {
        EntryResult::Printed
    }

    pub(super) fn canonical(&self) -> String {
        self.record.patient.as_ref().map(PatientNumber::canonical).unwrap_or_default()
    }

    /// The record and its audit row.
    pub(super) async fn store(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO print_records (institution_id, id, canonical, at, body) \
             VALUES ($1, $2, $3, $4, $5)",
            args![
                actor.tenant,
                id.to_string(),
                self.canonical(),
                stamp,
                sql::to_json(&self.record)?,
            ],
        )
        .await?;
        tx.audit(actor, audit_of(&self.record, "")?)
    }
}

/// Whether the record of a print stands as it was confirmed.
pub(super) async fn is_kept(
    store: &Store,
    tenant: Tenant,
    id: Uuid,
    record: &PrintRecord,
) -> Result<bool, StoreError> {
    let row = store
        .database()
        .one(
            "SELECT body FROM print_records WHERE institution_id = $1 AND id = $2",
            args![tenant, id.to_string()],
        )
        .await?;
    let kept = row.and_then(|row| sql::json::<PrintRecord>(&row, 0, "print_records.body").ok());
    Ok(kept.as_ref() == Some(record))
}
