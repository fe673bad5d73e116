//! Patients as the receipt computer knows them, mirrored.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use api::EventKind;
use api::patients::PatientView;
use clinical::profile::{Item, SHOWN_PER_KIND, shown};
use clinical::search::SearchKeys;
use clinical::{Patient, PatientNumber, kana};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::audit::Entry;
use super::lab;
use super::search;
use super::sql::{self, Args, args};
use super::tx::{Inserts, Tx};
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// Patients in one work: few enough that a desk's change does not wait long behind a first load.
const CHUNK: usize = 128;
/// Receptions on a patient's first page.
const RECEPTIONS: usize = 20;

static PATIENTS: LazyLock<Inserts> = LazyLock::new(|| {
    Inserts::new(
        "INSERT INTO patients (institution_id, canonical, number, body, body_hash, fetched_at, whole) \
         VALUES ",
        7,
        " ON CONFLICT (institution_id, canonical) DO UPDATE SET number = excluded.number, \
         body = excluded.body, body_hash = excluded.body_hash, fetched_at = excluded.fetched_at, \
         whole = excluded.whole",
    )
});

static SEARCH: LazyLock<Inserts> = LazyLock::new(|| {
    Inserts::new(
        "INSERT INTO patient_search (institution_id, canonical, kana_key, kanji, sounds, birth, sex) \
         VALUES ",
        7,
        " ON CONFLICT (institution_id, canonical) DO UPDATE SET kana_key = excluded.kana_key, \
         kanji = excluded.kanji, sounds = excluded.sounds, birth = excluded.birth, \
         sex = excluded.sex",
    )
});

/// What [`Store::upsert_patients`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upserted {
    /// Not known before.
    pub added: usize,
    /// Known with other data.
    pub changed: usize,
    /// Known as they are; only the time of fetching is new.
    pub same: usize,
}

/// A patient ready to be stored.
struct Ready {
    number: PatientNumber,
    row: Args,
    search: Args,
    hash: String,
}

impl Ready {
    fn new(
        tenant: Tenant,
        patient: &Patient,
        fetched_at: &str,
        whole: bool,
    ) -> Result<Self, StoreError> {
        let canonical = patient.number.canonical();
        let body = sql::to_json(patient)?;
        let whole = i64::from(whole);
        // Becoming whole is a change even where nothing more is told: now the silence means something.
        let hash = hex::encode(Sha256::digest(format!("{whole}{body}").as_bytes()));
        let keys = SearchKeys::of(&patient.number, &patient.name);
        let birth = patient.birth_date.map(|day| day.to_string()).unwrap_or_default();
        Ok(Self {
            number: patient.number.clone(),
            row: args![
                tenant,
                canonical.as_str(),
                patient.number.as_str(),
                body,
                hash.as_str(),
                fetched_at,
                whole,
            ],
            search: args![
                tenant,
                canonical,
                hex::encode(kana::sort_key(&patient.name.kana)),
                search::kanji_column(&keys),
                search::sounds_column(&keys),
                birth,
                sql::to_json(&patient.sex)?,
            ],
            hash,
        })
    }
}

struct Upsert {
    actor: Actor,
    /// By canonical number: no row twice in one statement.
    patients: BTreeMap<String, Ready>,
    /// Who is known stays as he is.
    only_new: bool,
}

impl Upsert {
    async fn known(&self, tx: &mut Tx<'_>) -> Result<HashMap<String, String>, StoreError> {
        let mut args = args![self.actor.tenant];
        let list = sql::list(&mut args, self.patients.keys().map(String::as_str));
        let text = format!(
            "SELECT canonical, body_hash FROM patients \
             WHERE institution_id = $1 AND canonical IN ({list})"
        );
        // Constants and numbered places only.
        let rows = tx.all(AssertSqlSafe(text).into_sql_str(), args).await?;
        rows.iter()
            .map(|row| Ok((sql::text(row, 0)?.to_owned(), sql::text(row, 1)?.to_owned())))
            .collect()
    }
}

impl Work for Upsert {
    type Output = Upserted;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Upserted, StoreError> {
        let known = self.known(tx).await?;
        let mut done = Upserted::default();
        let mut rows = Vec::with_capacity(self.patients.len());
        let mut search = Vec::new();
        for (canonical, ready) in &self.patients {
            if self.only_new && known.contains_key(canonical) {
                done.same += 1;
                continue;
            }
            rows.push(ready.row.clone());
            let what = match known.get(canonical) {
                Some(hash) if *hash == ready.hash => {
                    done.same += 1;
                    continue;
                }
                Some(_) => {
                    done.changed += 1;
                    "changed"
                }
                None => {
                    done.added += 1;
                    "added"
                }
            };
            search.push(ready.search.clone());
            let number = ready.number.clone();
            let entry = Entry::new("patient.sync", "patient", number.as_str()).with(what);
            tx.audit(&self.actor, entry)?;
            tx.event(self.actor.tenant, &EventKind::PatientChanged { number })?;
        }
        tx.insert(&PATIENTS, rows).await?;
        tx.insert(&SEARCH, search).await?;
        Ok(done)
    }
}

impl Store {
    /// Keeps patients as the receipt computer gave them at `fetched_at`. An event each for those that are
    /// new or changed.
    pub async fn upsert_patients(
        &self,
        actor: &Actor,
        patients: &[Patient],
        fetched_at: Timestamp,
    ) -> Result<Upserted, StoreError> {
        self.put_patients(actor, patients, fetched_at, false).await
    }

    /// Keeps those that are not known yet, as [`PatientView::whole`] says, and leaves the others as they are: what a
    /// list tells about a patient never takes the place of a whole record, whoever stored it in whichever moment.
    pub async fn add_patients(
        &self,
        actor: &Actor,
        patients: &[Patient],
        fetched_at: Timestamp,
    ) -> Result<Upserted, StoreError> {
        self.put_patients(actor, patients, fetched_at, true).await
    }

    async fn put_patients(
        &self,
        actor: &Actor,
        patients: &[Patient],
        fetched_at: Timestamp,
        only_new: bool,
    ) -> Result<Upserted, StoreError> {
        let fetched_at = sql::stamp(fetched_at);
        let mut total = Upserted::default();
        for chunk in patients.chunks(CHUNK) {
            let ready = chunk.iter().map(|patient| {
                let ready = Ready::new(actor.tenant, patient, &fetched_at, !only_new)?;
                Ok((patient.number.canonical(), ready))
            });
            let patients = ready.collect::<Result<BTreeMap<_, _>, StoreError>>()?;
            let done = self.write(Upsert { actor: actor.clone(), patients, only_new }).await?;
            total.added += done.added;
            total.changed += done.changed;
            total.same += done.same;
        }
        Ok(total)
    }

    /// A patient, by number in any padding, and when the cloud got it.
    pub async fn patient(
        &self,
        actor: &Actor,
        number: &PatientNumber,
    ) -> Result<(Patient, Timestamp), StoreError> {
        let row = self
            .database()
            .one(
                "SELECT body, fetched_at FROM patients \
                 WHERE institution_id = $1 AND canonical = $2",
                args![actor.tenant, number.canonical()],
            )
            .await?;
        self.record_read(actor, number, row.is_some()).await?;
        let row = row.ok_or(StoreError::NotFound("patient"))?;
        let fetched_at = sql::parse_stamp(sql::text(&row, 1)?, "patients.fetched_at")?;
        Ok((sql::json(&row, 0, "patients.body")?, fetched_at))
    }

    /// A patient's first page, by number in any padding.
    pub async fn patient_view(
        &self,
        actor: &Actor,
        number: &PatientNumber,
    ) -> Result<PatientView, StoreError> {
        // Of the same moment all come, and the rule of `shown` chooses among them.
        let latest = i64::try_from(SHOWN_PER_KIND).unwrap_or(i64::MAX);
        // One statement for all, since this is the read that everything waits for after a scan.
        let rows = self
            .database()
            .all(
                "SELECT body, fetched_at, whole FROM patients \
                 WHERE institution_id = $1 AND canonical = $2 UNION ALL SELECT * FROM ( \
                 SELECT body, '' AS fetched_at, 0 AS whole FROM receptions \
                 WHERE institution_id = $1 AND canonical = $2 \
                 ORDER BY day DESC, id DESC LIMIT 20) AS newest \
                 UNION ALL SELECT i.body, '-' AS fetched_at, 0 AS whole FROM ( \
                 SELECT item, page, RANK() OVER (PARTITION BY kind ORDER BY happened DESC) \
                 AS place FROM items \
                 WHERE institution_id = $1 AND canonical = $2 AND page > 0) AS latest \
                 JOIN items i ON i.institution_id = $1 AND i.canonical = $2 \
                 AND i.item = latest.item WHERE latest.page = 2 OR latest.place <= $3 \
                 UNION ALL SELECT body, 'order' AS fetched_at, 0 AS whole FROM lab_orders \
                 WHERE institution_id = $1 AND id IN (SELECT id FROM lab_orders \
                 WHERE institution_id = $1 AND canonical = $2 AND open = 1 \
                 UNION SELECT order_id FROM lab_results WHERE institution_id = $1 \
                 AND canonical = $2 AND day >= (SELECT MIN(day) FROM ( \
                 SELECT DISTINCT day FROM lab_results WHERE institution_id = $1 \
                 AND canonical = $2 ORDER BY day DESC LIMIT 3) AS days)) \
                 UNION ALL SELECT body, 'result' AS fetched_at, 0 AS whole FROM lab_results \
                 WHERE institution_id = $1 AND canonical = $2 AND day >= ( \
                 SELECT MIN(day) FROM (SELECT DISTINCT day FROM lab_results \
                 WHERE institution_id = $1 AND canonical = $2 \
                 ORDER BY day DESC LIMIT 3) AS days)",
                args![actor.tenant, number.canonical(), latest],
            )
            .await?;
        let mut found = None;
        let mut receptions: Vec<clinical::Reception> = Vec::with_capacity(RECEPTIONS);
        let mut items: Vec<Item> = Vec::new();
        let (mut orders, mut results) = (Vec::new(), Vec::new());
        for row in &rows {
            match sql::text(row, 1)? {
                "order" => orders.push(sql::json(row, 0, "lab_orders.body")?),
                "result" => results.push(sql::json(row, 0, "lab_results.body")?),
                "" => receptions.push(sql::json(row, 0, "receptions.body")?),
                "-" => items.push(sql::json(row, 0, "items.body")?),
                at => {
                    let at = sql::parse_stamp(at, "patients.fetched_at")?;
                    let whole = sql::int(row, 2)? != 0;
                    found = Some((sql::json::<Patient>(row, 0, "patients.body")?, at, whole));
                }
            }
        }
        self.record_read(actor, number, found.is_some()).await?;
        let (patient, fetched_at, whole) = found.ok_or(StoreError::NotFound("patient"))?;
        receptions
            .sort_by(|a, b| (b.key.date, b.time, &b.key.id).cmp(&(a.key.date, a.time, &a.key.id)));
        let profile = shown(items, SHOWN_PER_KIND);
        Ok(PatientView {
            patient,
            receptions,
            fetched_at,
            whole,
            profile,
            lab: lab::sorted(orders, results, false),
        })
    }

    async fn record_read(
        &self,
        actor: &Actor,
        number: &PatientNumber,
        found: bool,
    ) -> Result<(), StoreError> {
        let entry = Entry::new("patient.read", "patient", number.as_str());
        self.record(actor, if found { entry } else { entry.with("not found") }).await
    }

    /// Canonical numbers of all known patients, for the link. No content, so no audit row.
    pub async fn known_patients(&self, tenant: Tenant) -> Result<Vec<String>, StoreError> {
        self.database()
            .all("SELECT canonical FROM patients WHERE institution_id = $1", args![tenant])
            .await?
            .iter()
            .map(|row| sql::text(row, 0).map(str::to_owned))
            .collect()
    }

    /// When the cloud got the patient; `None` for an unknown one. For the link; no content, no audit row.
    pub async fn patient_fetched_at(
        &self,
        tenant: Tenant,
        number: &PatientNumber,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.database()
            .one(
                "SELECT fetched_at FROM patients WHERE institution_id = $1 AND canonical = $2",
                args![tenant, number.canonical()],
            )
            .await?
            .map(|row| sql::parse_stamp(sql::text(&row, 0)?, "patients.fetched_at"))
            .transpose()
    }
}
