//! What the desks read about lab orders and results; each look is on record.

use api::lab::{LabDay, LabDayOrder, PatientLab};
use clinical::lab::{LabOrder, LabResult, SpecimenNumber};
use clinical::{Patient, PatientNumber};
use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp};
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::store::audit::Entry;
use crate::store::sql::{self, args};
use crate::store::{Actor, Store, StoreError};

/// How long drawn tubes that were not sent stay on the desk's list.
const UNSENT_DAYS: i64 = 30;

fn day_order(row: &AnyRow) -> Result<LabDayOrder, StoreError> {
    let order: LabOrder = sql::json(row, 0, "lab_orders.body")?;
    let patient: Patient = sql::json(row, 1, "patients.body")?;
    let (name, birth_date, sex) = (patient.name, patient.birth_date, patient.sex);
    Ok(LabDayOrder { name, birth_date, sex, order })
}

/// Orders and results in the order of [`PatientLab`].
pub(in crate::store) fn sorted(
    mut orders: Vec<LabOrder>,
    mut results: Vec<LabResult>,
    whole: bool,
) -> PatientLab {
    orders.sort_by_key(|order| std::cmp::Reverse((order.ordered.time, order.id)));
    let taken = |result: &LabResult| -> (DateTime, Timestamp, Uuid) {
        let zone = clinical::calendar::CLINIC_ZONE;
        let at = result.collected_at.unwrap_or_else(|| zone.to_datetime(result.received_at));
        (at, result.received_at, result.id)
    };
    results.sort_by_key(|result| std::cmp::Reverse(taken(result)));
    PatientLab { orders, results, whole }
}

impl Store {
    /// What the sample desk has to do on a day: orders to be collected on it, and those of the 30 days before or of later
    /// days with drawn tubes that have not been sent; in the order of ordering.
    pub async fn lab_day(&self, actor: &Actor, date: Date) -> Result<LabDay, StoreError> {
        let since = date.saturating_sub(Span::new().days(UNSENT_DAYS));
        let rows = self
            .database()
            .all(
                "SELECT o.body, p.body FROM ( \
                 SELECT id FROM lab_orders WHERE institution_id = $1 AND collect_on = $2 \
                 AND tubes > 0 UNION SELECT id FROM lab_orders WHERE institution_id = $1 \
                 AND unsent = 1 AND collect_on >= $3) AS due \
                 JOIN lab_orders o ON o.institution_id = $1 AND o.id = due.id JOIN patients p \
                 ON p.institution_id = $1 AND p.canonical = o.canonical ORDER BY o.ordered, o.id",
                args![actor.tenant, date, since],
            )
            .await?;
        let orders = rows.iter().map(day_order).collect::<Result<Vec<_>, _>>()?;
        let mut shown: Vec<&str> = orders.iter().map(|one| one.order.patient.as_str()).collect();
        shown.sort_unstable();
        shown.dedup();
        let entry = Entry::new("lab.day", "lab orders", date.to_string()).with(shown.join(" "));
        self.record(actor, entry).await?;
        Ok(LabDay { date, orders })
    }

    /// One order with its patient.
    pub async fn lab_order(&self, actor: &Actor, id: Uuid) -> Result<LabDayOrder, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT o.body, p.body FROM lab_orders o JOIN patients p \
                 ON p.institution_id = o.institution_id AND p.canonical = o.canonical \
                 WHERE o.institution_id = $1 AND o.id = $2",
                args![actor.tenant, id.to_string()],
            )
            .await?;
        self.one_order(actor, row.as_ref(), &format!("order={id}")).await
    }

    /// The order to which a specimen number belongs, with its patient.
    pub async fn lab_specimen(
        &self,
        actor: &Actor,
        number: &SpecimenNumber,
    ) -> Result<LabDayOrder, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT o.body, p.body FROM specimens s JOIN lab_orders o \
                 ON o.institution_id = s.institution_id AND o.id = s.order_id JOIN patients p \
                 ON p.institution_id = o.institution_id AND p.canonical = o.canonical \
                 WHERE s.institution_id = $1 AND s.number = $2",
                args![actor.tenant, number.as_str()],
            )
            .await?;
        self.one_order(actor, row.as_ref(), &format!("specimen={number}")).await
    }

    async fn one_order(
        &self,
        actor: &Actor,
        row: Option<&AnyRow>,
        asked: &str,
    ) -> Result<LabDayOrder, StoreError> {
        let found = row.map(day_order).transpose()?;
        let number = found.as_ref().map_or("", |found| found.order.patient.as_str());
        let entry = Entry::new("lab.read", "patient", number);
        let not_found = format!("{asked} not found");
        let entry = entry.with(if found.is_some() { asked } else { not_found.as_str() });
        self.record(actor, entry).await?;
        found.ok_or(StoreError::NotFound("lab order"))
    }

    /// A patient's orders and results since a day, by number in any padding; those that are open or wait are there
    /// whatever their age.
    pub async fn patient_lab(
        &self,
        actor: &Actor,
        number: &PatientNumber,
        since: Date,
    ) -> Result<PatientLab, StoreError> {
        let rows = self
            .database()
            .all(
                "SELECT 'p' AS kind, '' AS body FROM patients \
                 WHERE institution_id = $1 AND canonical = $2 UNION ALL \
                 SELECT 'o', body FROM lab_orders WHERE institution_id = $1 AND canonical = $2 \
                 AND (collect_on >= $3 OR open = 1) UNION ALL \
                 SELECT 'r', body FROM lab_results WHERE institution_id = $1 AND canonical = $2 \
                 AND (day >= $3 OR waits = 1)",
                args![actor.tenant, number.canonical(), since],
            )
            .await?;
        let entry = Entry::new("lab.patient", "patient", number.as_str());
        let known = rows.iter().any(|row| sql::text(row, 0).is_ok_and(|kind| kind == "p"));
        self.record(actor, if known { entry } else { entry.with("not found") }).await?;
        if !known {
            return Err(StoreError::NotFound("patient"));
        }
        let (mut orders, mut results) = (Vec::new(), Vec::new());
        for row in &rows {
            match sql::text(row, 0)? {
                "o" => orders.push(sql::json(row, 1, "lab_orders.body")?),
                "r" => results.push(sql::json(row, 1, "lab_results.body")?),
                _ => {}
            }
        }
        Ok(sorted(orders, results, true))
    }
}
