//! Messages with results: each stored once, byte for byte; what fits its order goes to it, the rest waits in the tray
//! for a person. Nothing is guessed, nothing is lost.

use api::entries::EntryResult;
use api::lab::{TrayDecision, TrayEntry};
use clinical::lab::{Done, LabOrder, LabReport, Mismatch, SpecimenNumber, TrayReport};
use clinical::{Patient, PatientNumber};
use uuid::Uuid;

use super::orders;
use super::results;
use crate::store::audit::Entry;
use crate::store::entry_keys::EntryAuthor;
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::writer::Work;
use crate::store::{Actor, Store, StoreError, Tenant};

/// A message with results, as a laboratory sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabMessage {
    /// The laboratory's name in the settings.
    pub lab: String,
    /// The message's own name (MSH-10); empty where it has none.
    pub control_id: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it tells, one for each specimen.
    pub reports: Vec<LabReport>,
}

/// What the clinic knows that a report may be about; for [`MatchRule`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// The order that has a tube with the report's specimen number, and its patient.
    pub specimen: Option<(LabOrder, Patient)>,
    /// The patient with the number that the report tells.
    pub by_number: Option<Patient>,
}

/// Says whether a report belongs to the order of its specimen number (`None`), or why a person must decide. Pure: it
/// runs inside the transaction. Without [`Known::specimen`] it must name a reason.
pub type MatchRule = fn(&LabReport, &Known) -> Option<Mismatch>;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// False when the same bytes under the same name were stored before: nothing was changed.
    pub stored: bool,
    /// Another message of the laboratory has the same name: worth a line in the program's log.
    pub namesake: bool,
    /// Reports that went to their orders.
    pub matched: u32,
    /// Reports that wait for a person.
    pub tray: u32,
    /// New results.
    pub results: u32,
}

struct Take {
    actor: Actor,
    message: LabMessage,
    hash: String,
    rule: MatchRule,
}

impl Work for Take {
    type Output = Taken;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant())
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Taken, StoreError> {
        let mut taken = Taken::default();
        let known = tx
            .all(
                "SELECT hash FROM lab_messages \
                 WHERE institution_id = $1 AND lab = $2 AND control_id = $3",
                args![
                    self.actor.tenant(),
                    self.message.lab.as_str(),
                    self.message.control_id.as_str()
                ],
            )
            .await?;
        let mut kept = false;
        for row in &known {
            kept |= sql::text(row, 0)? == self.hash;
        }
        if kept && (self.message.reports.is_empty() || self.has_reports(tx).await?) {
            return Ok(taken);
        }
        taken.stored = true;
        taken.namesake = !kept && !known.is_empty() && !self.message.control_id.is_empty();
        if !kept {
            self.keep(tx).await?;
        }
        for (part, report) in (0..).zip(&self.message.reports) {
            self.report(tx, part, report, &mut taken).await?;
        }
        Ok(taken)
    }
}

impl Take {
    /// Whether the message was understood when it was stored: what an earlier program could not read, and a later one
    /// can, is read when it comes again.
    async fn has_reports(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let row = tx
            .one(
                "SELECT 1 FROM lab_reports WHERE institution_id = $1 AND lab = $2 \
                 AND control_id = $3 AND hash = $4 LIMIT 1",
                args![
                    self.actor.tenant(),
                    self.message.lab.as_str(),
                    self.message.control_id.as_str(),
                    self.hash.as_str(),
                ],
            )
            .await?;
        Ok(row.is_some())
    }

    async fn keep(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        use base64::Engine as _;
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO lab_messages (institution_id, lab, control_id, hash, at, message) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![
                self.actor.tenant(),
                self.message.lab.as_str(),
                self.message.control_id.as_str(),
                self.hash.as_str(),
                stamp,
                base64::engine::general_purpose::STANDARD.encode(&self.message.bytes),
            ],
        )
        .await?;
        Ok(())
    }

    async fn report(
        &self,
        tx: &mut Tx<'_>,
        part: i64,
        report: &LabReport,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let tenant = self.actor.tenant();
        let known = known(tx, tenant, report).await?;
        let why = (self.rule)(report, &known);
        let (why, order) = match (why, known.specimen) {
            (None, Some((order, _))) => (None, Some(order)),
            // A rule that names no reason where there is no order would lose the report.
            (None, None) => (Some(Mismatch::UnknownSpecimen), None),
            (Some(why), specimen) => (Some(why), specimen.map(|(order, _)| order)),
        };
        let id = Uuid::now_v7();
        let row = TrayReport {
            id,
            lab: self.message.lab.clone(),
            received_at: tx.now(),
            why: why.unwrap_or(Mismatch::UnknownSpecimen),
            order: order.as_ref().map(|order| order.id),
            report: report.clone(),
        };
        let content = self.store(tx, part, &row, why).await?;
        let (None, Some(mut order)) = (why, order) else {
            taken.tray += 1;
            let why = sql::word(&row.why)?;
            let detail = format!("report={id} why={why} content={content}");
            let entry = Entry::new("lab.tray", "report", id.to_string()).with(detail);
            tx.audit(&self.actor, entry)?;
            return tx.event(tenant, &api::EventKind::LabTrayChanged);
        };
        let new = results::add(tx, tenant, &mut order, id, report).await?;
        taken.matched += 1;
        taken.results += new;
        let detail = format!("order={} report={id} new={new} content={content}", order.id);
        let entry = Entry::new("lab.report", "patient", order.patient.as_str());
        tx.audit(&self.actor, entry.with(detail))?;
        if new > 0 {
            orders::tell(tx, tenant, &order)?;
        }
        Ok(())
    }

    /// Keeps the report; gives what the log notes of its content.
    async fn store(
        &self,
        tx: &mut Tx<'_>,
        part: i64,
        row: &TrayReport,
        why: Option<Mismatch>,
    ) -> Result<String, StoreError> {
        let body = sql::to_json(row)?;
        let content = super::verify::content(&body);
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO lab_reports (institution_id, id, lab, control_id, hash, part, state, \
             why, order_id, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            args![
                self.actor.tenant(),
                row.id.to_string(),
                self.message.lab.as_str(),
                self.message.control_id.as_str(),
                self.hash.as_str(),
                part,
                if why.is_some() { "tray" } else { "taken" },
                why.map(|why| sql::word(&why)).transpose()?.unwrap_or_default(),
                row.order.map(|id| id.to_string()).unwrap_or_default(),
                stamp,
                body,
            ],
        )
        .await?;
        Ok(content)
    }
}

/// What the clinic knows that the report may be about.
async fn known(tx: &mut Tx<'_>, tenant: Tenant, report: &LabReport) -> Result<Known, StoreError> {
    let mut known = Known::default();
    if let Ok(number) = SpecimenNumber::parse(report.specimen.trim()) {
        let row = tx
            .one(
                "SELECT o.body, p.body FROM specimens s JOIN lab_orders o \
                 ON o.institution_id = s.institution_id AND o.id = s.order_id JOIN patients p \
                 ON p.institution_id = o.institution_id AND p.canonical = o.canonical \
                 WHERE s.institution_id = $1 AND s.number = $2",
                args![tenant, number.as_str()],
            )
            .await?;
        if let Some(row) = row {
            let order = sql::json(&row, 0, "lab_orders.body")?;
            known.specimen = Some((order, sql::json(&row, 1, "patients.body")?));
        }
    }
    if let Ok(number) = PatientNumber::parse(report.patient.number.trim()) {
        known.by_number = patient(tx, tenant, &number).await?;
    }
    Ok(known)
}

/// The patient with a number in any padding.
pub(super) async fn patient(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    number: &PatientNumber,
) -> Result<Option<Patient>, StoreError> {
    let row = tx
        .one(
            "SELECT body FROM patients WHERE institution_id = $1 AND canonical = $2",
            args![tenant, number.canonical()],
        )
        .await?;
    row.map(|row| sql::json(&row, 0, "patients.body")).transpose()
}

/// A decision about a report in the tray and what becomes of it.
pub(in crate::store) struct Judged {
    report: TrayReport,
    /// Whether it takes effect.
    applied: bool,
    to: To,
    done: Done,
}

enum To {
    Order(Box<LabOrder>),
    /// An order that stands for the report.
    New(Box<LabOrder>),
    Aside,
}

/// Longest name of a message that is kept; HL7 has room for 20 characters, careless writers for some more.
const LONGEST_CONTROL_ID: usize = 100;
/// Longest reason.
const LONGEST_REASON: usize = 200;

/// Says what becomes of a decision. Writes nothing.
pub(in crate::store) async fn judge(
    tx: &mut Tx<'_>,
    author: &EntryAuthor,
    entry: &TrayEntry,
    entered_at: jiff::Timestamp,
) -> Result<Judged, StoreError> {
    let tenant = author.actor.tenant();
    let row = tx
        .one(
            "SELECT state, body FROM lab_reports WHERE institution_id = $1 AND id = $2",
            args![tenant, entry.report.to_string()],
        )
        .await?
        .ok_or(StoreError::NotFound("report"))?;
    let report: TrayReport = sql::json(&row, 1, "lab_reports.body")?;
    let applied = sql::text(&row, 0)? == "tray";
    let done = Done { by: author.staff.clone(), time: entered_at };
    let to = match &entry.decision {
        TrayDecision::SetAside { reason } => {
            let long = reason.chars().count() > LONGEST_REASON;
            if reason.trim().is_empty() || long || reason.chars().any(char::is_control) {
                let text = "setting a report aside wants a reason of 1 to 200 characters";
                return Err(StoreError::Invalid(text.to_owned()));
            }
            To::Aside
        }
        TrayDecision::Assign { patient: number, order } => {
            let patient =
                patient(tx, tenant, number).await?.ok_or(StoreError::NotFound("patient"))?;
            match order {
                Some(id) => {
                    let order = orders::load(tx, tenant, *id).await?;
                    let order = order.ok_or(StoreError::NotFound("lab order"))?;
                    if order.patient.canonical() != patient.number.canonical() {
                        let text = "the lab order is another patient's";
                        return Err(StoreError::Invalid(text.to_owned()));
                    }
                    To::Order(Box::new(order))
                }
                None => {
                    To::New(Box::new(LabOrder::of_report(&report, &patient.number, done.clone())))
                }
            }
        }
    };
    Ok(Judged { report, applied, to, done })
}

impl Judged {
    pub(in crate::store) fn result(&self) -> EntryResult {
        EntryResult::LabTray { applied: self.applied }
    }

    pub(in crate::store) fn canonical(&self) -> String {
        match &self.to {
            To::Order(order) | To::New(order) => order.patient.canonical(),
            To::Aside => String::new(),
        }
    }

    /// The report's new state and, where it was assigned, its results with their order; the event and the audit row.
    pub(in crate::store) async fn store(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let (tenant, report) = (actor.tenant(), self.report.id);
        if !self.applied {
            let entry = Entry::new("lab.tray_conflict", "report", report.to_string());
            return tx.audit(actor, entry);
        }
        let (state, order) = match &self.to {
            To::Order(order) | To::New(order) => ("assigned", order.id.to_string()),
            To::Aside => ("aside", String::new()),
        };
        tx.exec(
            "UPDATE lab_reports SET state = $3, order_id = $4 \
             WHERE institution_id = $1 AND id = $2",
            args![tenant, report.to_string(), state, order],
        )
        .await?;
        match &self.to {
            To::Aside => {
                tx.audit(actor, Entry::new("lab.set_aside", "report", report.to_string()))?;
            }
            To::Order(order) | To::New(order) => {
                let mut order = order.as_ref().clone();
                if matches!(self.to, To::New(_)) {
                    orders::begin_of_report(tx, tenant, &order, &self.done).await?;
                }
                let new = results::add(tx, tenant, &mut order, report, &self.report.report).await?;
                let detail = format!("order={} report={report} new={new}", order.id);
                let entry = Entry::new("lab.assign", "patient", order.patient.as_str());
                tx.audit(actor, entry.with(detail))?;
                orders::tell(tx, tenant, &order)?;
            }
        }
        tx.event(tenant, &api::EventKind::LabTrayChanged)
    }
}

/// What the log says of the same decision sent again.
pub(in crate::store) fn repeated(entry: &TrayEntry) -> Entry {
    let told = Entry::new("lab.tray_repeated", "report", entry.report.to_string());
    match &entry.decision {
        TrayDecision::Assign { patient, .. } => told.with(format!("patient={patient}")),
        TrayDecision::SetAside { .. } => told,
    }
}

impl Store {
    /// Keeps a message with results: each report goes to its order where `rule` says so, else into the tray. The
    /// same bytes under the same name are stored once. Everything is one transaction, audit rows and events included.
    pub async fn take_lab_message(
        &self,
        actor: &Actor,
        mut message: LabMessage,
        rule: MatchRule,
    ) -> Result<Taken, StoreError> {
        let hash = api::proof::hash(&message.bytes);
        // A name that no database can keep must not hold up the message.
        let name = message.control_id.chars().filter(|c| !c.is_control());
        message.control_id = name.take(LONGEST_CONTROL_ID).collect();
        self.write(Take { actor: actor.clone(), message, hash, rule }).await
    }
}
