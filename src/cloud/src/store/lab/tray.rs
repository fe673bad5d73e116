//! What waits for a person: results that nobody has confirmed, and reports that fit no order.

use std::collections::{HashMap, HashSet};

use api::lab::{LabInbox, LabWaiting, TrayRow};
use api::patients::PatientHit;
use clinical::lab::{LabOrder, LabReport, LabResult, TrayReport};
use clinical::search::SearchKeys;
use clinical::{Patient, PatientNumber, PersonName};
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, SqlSafeStr};
use uuid::Uuid;

use crate::store::audit::Entry;
use crate::store::sql::{self, args};
use crate::store::{Actor, Store, StoreError, Tenant};

/// Most orders, and most reports, in one list.
const WAITING: i64 = 200;
/// Most patients that a report may mean.
const CANDIDATES: usize = 5;

/// Whether two names may be one person's: kanji or kana are the same in the spelling of
/// [`clinical::search`]. What one side does not tell cannot disagree; nothing told at all agrees.
pub fn names_agree(told: &PersonName, known: &PersonName) -> bool {
    let keys = |name: &PersonName| {
        // The number plays no part in names.
        let number = PatientNumber::parse("0").ok()?;
        let keys = SearchKeys::of(&number, name);
        Some((keys.kanji.replace(' ', ""), keys.kana.replace(' ', "")))
    };
    let (Some(told), Some(known)) = (keys(told), keys(known)) else { return false };
    let pairs = [(&told.0, &known.0), (&told.1, &known.1)];
    let mut both = pairs.into_iter().filter(|(one, other)| !one.is_empty() && !other.is_empty());
    let told_something = !told.0.is_empty() || !told.1.is_empty();
    !told_something || both.any(|(one, other)| one == other)
}

fn hit(patient: Patient) -> PatientHit {
    PatientHit {
        number: patient.number,
        name: patient.name,
        birth_date: patient.birth_date,
        sex: patient.sex,
        last_visit: patient.last_visit,
    }
}

/// Patients whom the reports may mean.
#[derive(Default)]
struct Candidates {
    by_number: HashMap<String, Patient>,
    by_birth: HashMap<Date, Vec<Patient>>,
}

impl Candidates {
    /// Whoever has the number, then those with the name and birth date.
    fn of(&self, report: &LabReport) -> Vec<PatientHit> {
        let told = &report.patient;
        let number = PatientNumber::parse(told.number.trim()).ok();
        let numbered = number.and_then(|number| self.by_number.get(&number.canonical()));
        let named = !told.name.kanji.trim().is_empty() || !told.name.kana.trim().is_empty();
        let born = told.birth_date.filter(|_| named).and_then(|day| self.by_birth.get(&day));
        let like = born.into_iter().flatten().filter(|p| names_agree(&told.name, &p.name));
        let mut seen = HashSet::new();
        numbered
            .into_iter()
            .chain(like)
            .filter(|patient| seen.insert(patient.number.canonical()))
            .take(CANDIDATES)
            .cloned()
            .map(hit)
            .collect()
    }
}

impl Store {
    /// What came from laboratories and waits for a person.
    pub async fn lab_inbox(&self, actor: &Actor) -> Result<LabInbox, StoreError> {
        let tenant = actor.tenant;
        let waiting = self.waiting(tenant).await?;
        let row = self
            .database()
            .one(
                "SELECT COUNT(*) FROM lab_orders WHERE institution_id = $1 AND waits_since <> ''",
                args![tenant],
            )
            .await?;
        let total = row.as_ref().map_or(Ok(0), |row| sql::int(row, 0))?;
        let tray = self.tray(tenant).await?;
        let labs = self.lab_links(tenant).await?;
        let mut shown: Vec<&str> = waiting.iter().map(|one| one.number.as_str()).collect();
        shown.extend(tray.iter().flat_map(|row| &row.candidates).map(|hit| hit.number.as_str()));
        shown.sort_unstable();
        shown.dedup();
        let entry = Entry::new("lab.inbox", "patients", "").with(shown.join(" "));
        self.record(actor, entry).await?;
        // Two reads: what came or went in between must not make the sum smaller than the list.
        let listed = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        let total = u32::try_from(total).unwrap_or(u32::MAX).max(listed);
        Ok(LabInbox { waiting, total, tray, labs })
    }

    async fn waiting(&self, tenant: Tenant) -> Result<Vec<LabWaiting>, StoreError> {
        let rows = self
            .database()
            .all(
                "SELECT o.body, p.body FROM lab_orders o JOIN patients p \
                 ON p.institution_id = o.institution_id AND p.canonical = o.canonical \
                 WHERE o.institution_id = $1 AND o.waits_since <> '' \
                 ORDER BY o.alarm DESC, o.waits_since, o.id LIMIT $2",
                args![tenant, WAITING],
            )
            .await?;
        let mut waiting = Vec::with_capacity(rows.len());
        for row in &rows {
            let order: LabOrder = sql::json(row, 0, "lab_orders.body")?;
            let patient: Patient = sql::json(row, 1, "patients.body")?;
            waiting.push(LabWaiting {
                number: patient.number,
                name: patient.name,
                birth_date: patient.birth_date,
                sex: patient.sex,
                order,
                results: Vec::new(),
            });
        }
        let mut results = self.waiting_results(tenant, &waiting).await?;
        for one in &mut waiting {
            one.results = results.remove(&one.order.id).unwrap_or_default();
        }
        Ok(waiting)
    }

    /// Of each order the results that wait, and those that they replaced.
    async fn waiting_results(
        &self,
        tenant: Tenant,
        orders: &[LabWaiting],
    ) -> Result<HashMap<Uuid, Vec<LabResult>>, StoreError> {
        let mut by_order: HashMap<Uuid, Vec<LabResult>> = HashMap::new();
        if orders.is_empty() {
            return Ok(by_order);
        }
        let ids: Vec<String> = orders.iter().map(|one| one.order.id.to_string()).collect();
        let mut args = args![tenant];
        let list = sql::list(&mut args, ids.iter().map(String::as_str));
        let text = format!(
            "SELECT body, waits FROM lab_results WHERE institution_id = $1 \
             AND order_id IN ({list}) AND (waits = 1 OR stands = 0) ORDER BY order_id, seq DESC"
        );
        // Constants and numbered places only.
        let rows = self.database().all(AssertSqlSafe(text).into_sql_str(), args).await?;
        // The later comes first: who replaced a result has been seen before it.
        let mut shown: HashSet<Uuid> = HashSet::new();
        for row in &rows {
            let result: LabResult = sql::json(row, 0, "lab_results.body")?;
            let replaced = result.replaced_by.is_some_and(|by| shown.contains(&by));
            if sql::int(row, 1)? == 1 || replaced {
                shown.insert(result.id);
                by_order.entry(result.order).or_default().push(result);
            }
        }
        for results in by_order.values_mut() {
            results.reverse();
        }
        Ok(by_order)
    }

    async fn tray(&self, tenant: Tenant) -> Result<Vec<TrayRow>, StoreError> {
        let rows = self
            .database()
            .all(
                "SELECT body FROM lab_reports WHERE institution_id = $1 AND state = 'tray' \
                 ORDER BY at, id LIMIT $2",
                args![tenant, WAITING],
            )
            .await?;
        let reports: Vec<TrayReport> = rows
            .iter()
            .map(|row| sql::json(row, 0, "lab_reports.body"))
            .collect::<Result<_, _>>()?;
        let candidates = self.candidates(tenant, &reports).await?;
        let row = |report: TrayReport| {
            let candidates = candidates.of(&report.report);
            TrayRow { report, candidates }
        };
        Ok(reports.into_iter().map(row).collect())
    }

    async fn candidates(
        &self,
        tenant: Tenant,
        reports: &[TrayReport],
    ) -> Result<Candidates, StoreError> {
        let told = || reports.iter().map(|report| &report.report.patient);
        let numbers: HashSet<String> = told()
            .filter_map(|told| PatientNumber::parse(told.number.trim()).ok())
            .map(|number| number.canonical())
            .collect();
        let births: HashSet<String> =
            told().filter_map(|told| told.birth_date).map(|day| day.to_string()).collect();
        let mut found = Candidates::default();
        if !numbers.is_empty() {
            let mut args = args![tenant];
            let list = sql::list(&mut args, numbers.iter().map(String::as_str));
            let text = format!(
                "SELECT body FROM patients WHERE institution_id = $1 AND canonical IN ({list})"
            );
            for row in self.database().all(AssertSqlSafe(text).into_sql_str(), args).await? {
                let patient: Patient = sql::json(&row, 0, "patients.body")?;
                found.by_number.insert(patient.number.canonical(), patient);
            }
        }
        if !births.is_empty() {
            let mut args = args![tenant];
            let list = sql::list(&mut args, births.iter().map(String::as_str));
            let text = format!(
                "SELECT p.body FROM patient_search s JOIN patients p \
                 ON p.institution_id = s.institution_id AND p.canonical = s.canonical \
                 WHERE s.institution_id = $1 AND s.birth IN ({list}) \
                 ORDER BY s.kana_key, s.canonical"
            );
            for row in self.database().all(AssertSqlSafe(text).into_sql_str(), args).await? {
                let patient: Patient = sql::json(&row, 0, "patients.body")?;
                let Some(day) = patient.birth_date else { continue };
                found.by_birth.entry(day).or_default().push(patient);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::names_agree;
    use clinical::PersonName;

    fn name(kanji: &str, kana: &str) -> PersonName {
        PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() }
    }

    #[test]
    fn one_person_in_many_spellings() {
        let known = name("髙橋　花子", "タカハシ　ハナコ");
        for (kanji, kana) in [
            ("高橋花子", ""),
            ("", "ﾀｶﾊｼ ﾊﾅｺ"),
            ("高橋　花子", "タカハシ　ハナコ"),
            ("高槗　花子", "たかはし はなこ"),
            ("", ""),
        ] {
            assert!(names_agree(&name(kanji, kana), &known), "{kanji} {kana}");
        }
        for (kanji, kana) in [("高橋　花江", "タカハシ　ハナエ"), ("", "タカハシ"), ("見本", "")]
        {
            assert!(!names_agree(&name(kanji, kana), &known), "{kanji} {kana}");
        }
        assert!(!names_agree(&name("", "ミホン"), &name("見本", "")), "nothing to compare");
    }
}
