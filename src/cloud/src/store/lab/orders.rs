//! Orders: versions are added, the order follows from them and from the laboratory's words.

use api::EventKind;
use api::entries::EntryResult;
use clinical::PatientNumber;
use clinical::lab::{
    Arrival, Done, LabAct, LabEntry, LabOrder, LabOrderState, LabOutcome, LabReport, LabRequest,
    LabResult, LabRuleBroken, LabVersion, SpecimenNumber, TrayReport,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use uuid::Uuid;

use super::outgoing::{self, LabAnswer};
use super::results;
use crate::store::audit::Entry;
use crate::store::entry_keys::EntryAuthor;
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::{Actor, StoreError, Tenant, accounts};

/// What a laboratory has told, or a person has decided about what it told, as the order keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub(in crate::store) enum Word {
    /// It answered to a message.
    Answered {
        /// When.
        at: Timestamp,
        /// What.
        answer: LabAnswer,
    },
    /// The order stands for a report that nobody had ordered.
    Begun {
        /// Which.
        report: Uuid,
        /// Whose it is.
        patient: PatientNumber,
        /// Who said so.
        decided: Done,
    },
    /// Results came.
    Reported {
        /// In which report.
        report: Uuid,
        /// When they were stored.
        at: Timestamp,
        /// Names for the report's results, in its order; those that were known already leave theirs unused.
        named: Vec<Uuid>,
    },
}

/// An order that is made from its rows, with its results.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::store) struct Made {
    pub(in crate::store) order: Option<LabOrder>,
    pub(in crate::store) results: Vec<LabResult>,
}

impl Made {
    /// Applies a version. On an error nothing is changed.
    pub(in crate::store) fn apply(
        &mut self,
        version: &LabVersion,
    ) -> Result<LabOutcome, LabRuleBroken> {
        let mut orders: Vec<LabOrder> = self.order.take().into_iter().collect();
        let outcome = LabOrder::apply_with_results(&mut orders, &mut self.results, version);
        self.order = orders.pop();
        outcome
    }

    /// Takes a word; `report` gives the reports that it may name. `None` when the word does not fit.
    pub(in crate::store) fn hear(
        &mut self,
        word: &Word,
        report: impl Fn(Uuid) -> Option<TrayReport>,
    ) -> Option<()> {
        match word {
            Word::Begun { report: id, patient, decided } => {
                let report = report(*id).filter(|_| self.order.is_none())?;
                self.order = Some(LabOrder::of_report(&report, patient, decided.clone()));
            }
            Word::Answered { at, answer } => hear(self.order.as_mut()?, answer, *at),
            Word::Reported { report: id, at, named } => {
                let report = report(*id)?;
                let arrival = Arrival { report: *id, received_at: *at };
                take(self.order.as_mut()?, &mut self.results, &report.report, arrival, named);
            }
        }
        Some(())
    }
}

/// Takes a laboratory's answer.
pub(super) fn hear(order: &mut LabOrder, answer: &LabAnswer, at: Timestamp) {
    match answer {
        LabAnswer::Tubes(tubes) => {
            for tube in tubes {
                match &tube.taken {
                    Ok(filler) => order.lab_accepted(&tube.number, at, filler),
                    Err(why) => order.lab_refused(&tube.number, at, why),
                };
            }
        }
        LabAnswer::Cancelled { agreed, .. } => {
            order.lab_cancel_answer(*agreed);
        }
    }
}

/// Takes a report, its results under these names.
pub(super) fn take(
    order: &mut LabOrder,
    results: &mut Vec<LabResult>,
    report: &LabReport,
    arrival: Arrival,
    named: &[Uuid],
) -> clinical::lab::Taken {
    let mut names = named.iter().copied();
    order.take_report(results, report, arrival, || names.next().unwrap_or_default())
}

/// The order as it stands.
pub(super) async fn load(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: Uuid,
) -> Result<Option<LabOrder>, StoreError> {
    let row = tx
        .one(
            "SELECT body FROM lab_orders WHERE institution_id = $1 AND id = $2",
            args![tenant, id.to_string()],
        )
        .await?;
    row.map(|row| sql::json(&row, 0, "lab_orders.body")).transpose()
}

/// Keeps the order as it stands; `results` are all of it.
pub(super) async fn save(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    order: &LabOrder,
    results: &[LabResult],
) -> Result<(), StoreError> {
    let state = order.state();
    let waits: Vec<&LabResult> = results.iter().filter(|result| results::waits(result)).collect();
    let since = waits.iter().map(|result| result.received_at).min();
    let unsent = order.cancelled.is_none()
        && order.tubes.iter().any(|tube| tube.is_drawn() && tube.is_here());
    let closed = matches!(state, LabOrderState::Confirmed | LabOrderState::Cancelled);
    tx.exec(
        "INSERT INTO lab_orders (institution_id, id, canonical, ordered, collect_on, state, \
         revision, tubes, unsent, open, unconfirmed, alarm, waits_since, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (institution_id, id) DO UPDATE SET state = excluded.state, \
         revision = excluded.revision, unsent = excluded.unsent, open = excluded.open, \
         unconfirmed = excluded.unconfirmed, alarm = excluded.alarm, \
         waits_since = excluded.waits_since, body = excluded.body",
        args![
            tenant,
            order.id.to_string(),
            order.patient.canonical(),
            sql::stamp(order.ordered.time),
            order.collect_on,
            sql::word(&state)?,
            i64::from(order.revision),
            i64::try_from(order.tubes.len()).unwrap_or(i64::MAX),
            i64::from(unsent),
            i64::from(!closed || !waits.is_empty()),
            i64::from(order.unconfirmed),
            i64::from(waits.iter().any(|result| result.flag.is_panic())),
            since.map(sql::stamp).unwrap_or_default(),
            sql::to_json(order)?,
        ],
    )
    .await?;
    Ok(())
}

/// Adds what a laboratory told; the order itself is saved by the caller before.
pub(super) async fn add_word(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    order: Uuid,
    word: &Word,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO lab_versions (institution_id, order_id, seq, id, outcome, body) \
         SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, $3, '', $4 FROM lab_versions \
         WHERE institution_id = $1 AND order_id = $2",
        args![tenant, order.to_string(), Uuid::now_v7().to_string(), sql::to_json(word)?],
    )
    .await?;
    Ok(())
}

/// Keeps a new order that stands for a report.
pub(super) async fn begin_of_report(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    order: &LabOrder,
    decided: &Done,
) -> Result<(), StoreError> {
    save(tx, tenant, order, &[]).await?;
    let (patient, decided) = (order.patient.clone(), decided.clone());
    add_word(tx, tenant, order.id, &Word::Begun { report: order.id, patient, decided }).await
}

/// Tells that the order changed.
pub(super) fn tell(tx: &mut Tx<'_>, tenant: Tenant, order: &LabOrder) -> Result<(), StoreError> {
    tx.event(tenant, &EventKind::LabChanged { number: order.patient.clone(), order: order.id })
}

/// An entry about an order, as it came.
pub(in crate::store) struct Told<'a> {
    pub(in crate::store) id: Uuid,
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) entry: &'a LabEntry,
    /// The clinic's day on which it was confirmed.
    pub(in crate::store) day: Date,
}

/// A version and what becomes of it.
pub(in crate::store) struct Judged {
    version: LabVersion,
    outcome: LabOutcome,
    order: LabOrder,
    /// All results of the order, as they stand afterwards.
    results: Vec<LabResult>,
    /// Those that it changed.
    confirmed: Vec<Uuid>,
}

/// Says what becomes of an entry, or why it cannot be taken. Writes nothing.
pub(in crate::store) async fn judge(
    tx: &mut Tx<'_>,
    author: &EntryAuthor,
    told: Told<'_>,
) -> Result<Judged, StoreError> {
    let tenant = author.actor.tenant;
    let number = super::reports::patient(tx, tenant, &told.entry.patient)
        .await?
        .ok_or(StoreError::NotFound("patient"))?
        .number;
    // The number as the receipt computer writes it, whatever padding a terminal used.
    let mut entry = LabEntry { patient: number, ..told.entry.clone() };
    if let LabAct::Order { request } = &mut entry.act {
        request.check(told.day).map_err(|error| StoreError::Invalid(error.to_string()))?;
        let wanted = author.staff.role != clinical::Role::Practitioner;
        let named = request.on_behalf_of.as_ref();
        request.on_behalf_of = accounts::principal(tx, author, named, wanted).await?;
        unknown(tx, tenant, request).await?;
    }
    let order = load(tx, tenant, entry.order).await?;
    let results = match order {
        Some(_) => results::load(tx, tenant, entry.order).await?,
        None => Vec::new(),
    };
    if let LabAct::ConfirmResults { results: named } = &entry.act {
        let known = |id: &Uuid| results.iter().any(|result| result.id == *id);
        if !named.iter().all(known) {
            return Err(StoreError::Invalid("the lab order has no such result".to_owned()));
        }
    }
    let version = LabVersion {
        id: told.id,
        entry,
        author: author.staff.clone(),
        terminal: author.actor.terminal.to_string(),
        entered_at: told.at,
        stored_at: Some(tx.now()),
    };
    let before = results.clone();
    let mut made = Made { order, results };
    let outcome = made.apply(&version).map_err(|broken| match broken {
        LabRuleBroken::NotAPractitioner => {
            StoreError::Forbidden("only a practitioner confirms results")
        }
        LabRuleBroken::NoSuchOrder => StoreError::NotFound("lab order"),
        broken => StoreError::Invalid(broken.to_string()),
    })?;
    let order = made.order.ok_or(StoreError::NotFound("lab order"))?;
    let changed = made.results.iter().zip(&before).filter(|(now, was)| now != was);
    let confirmed = changed.map(|(now, _)| now.id).collect();
    Ok(Judged { version, outcome, order, results: made.results, confirmed })
}

/// A number that is on another tube is a mistake of the terminal's counting: nothing is stored under it.
async fn unknown(tx: &mut Tx<'_>, tenant: Tenant, request: &LabRequest) -> Result<(), StoreError> {
    let mut args = args![tenant];
    let list = sql::list(&mut args, request.tubes.iter().map(|tube| tube.number.as_str()));
    if list.is_empty() {
        return Ok(());
    }
    let text = format!(
        "SELECT number FROM specimens WHERE institution_id = $1 AND number IN ({list}) LIMIT 1"
    );
    // Constants and numbered places only.
    match tx.one(AssertSqlSafe(text).into_sql_str(), args).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Invalid(
            "a specimen number of the lab order is on another tube; order again, with new labels"
                .to_owned(),
        )),
    }
}

impl Judged {
    pub(in crate::store) fn result(&self) -> EntryResult {
        EntryResult::Lab { outcome: self.outcome, order: Box::new(self.order.clone()) }
    }

    pub(in crate::store) fn canonical(&self) -> String {
        self.order.patient.canonical()
    }

    /// The version, the order as it stands now, its tubes or results, the event, the audit row and what the laboratory
    /// must hear of it.
    pub(in crate::store) async fn store(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let (tenant, id) = (actor.tenant, self.version.id.to_string());
        let done = self.outcome == LabOutcome::Done;
        if done {
            save(tx, tenant, &self.order, &self.results).await?;
        }
        tx.exec(
            "INSERT INTO lab_versions (institution_id, order_id, seq, id, entry_id, outcome, \
             body) SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, $3, $3, $4, $5 FROM lab_versions \
             WHERE institution_id = $1 AND order_id = $2",
            args![
                tenant,
                self.order.id.to_string(),
                id,
                sql::word(&self.outcome)?,
                sql::to_json(&self.version)?,
            ],
        )
        .await?;
        if done {
            self.effects(tx, tenant).await?;
            tell(tx, tenant, &self.order)?;
        }
        tx.audit(actor, self.audit()?)
    }

    async fn effects(&self, tx: &mut Tx<'_>, tenant: Tenant) -> Result<(), StoreError> {
        match &self.version.entry.act {
            LabAct::Order { .. } => self.number(tx, tenant).await,
            LabAct::ConfirmResults { .. } => {
                results::save(tx, tenant, &self.results, &self.confirmed).await
            }
            LabAct::Send { .. } => self.queue(tx, tenant).await,
            LabAct::Cancel { .. } if self.order.at_lab().next().is_some() => {
                self.queue(tx, tenant).await
            }
            _ => Ok(()),
        }
    }

    async fn number(&self, tx: &mut Tx<'_>, tenant: Tenant) -> Result<(), StoreError> {
        let order = self.order.id.to_string();
        for tube in &self.order.tubes {
            tx.exec(
                "INSERT INTO specimens (institution_id, number, order_id) VALUES ($1, $2, $3)",
                args![tenant, tube.number.as_str(), order.as_str()],
            )
            .await?;
        }
        Ok(())
    }

    async fn queue(&self, tx: &mut Tx<'_>, tenant: Tenant) -> Result<(), StoreError> {
        outgoing::queue(tx, tenant, self.order.id, self.version.id).await
    }

    fn audit(&self) -> Result<Entry, StoreError> {
        let action = match self.outcome {
            LabOutcome::Overtaken => "lab.overtaken",
            LabOutcome::Done => match &self.version.entry.act {
                LabAct::Order { .. } => "lab.order",
                LabAct::Labels { .. } => "lab.labels",
                LabAct::Draw { .. } => "lab.draw",
                LabAct::NotDrawn { .. } => "lab.not_drawn",
                LabAct::Reset { .. } => "lab.reset",
                LabAct::Send { .. } => "lab.send",
                LabAct::Cancel { .. } => "lab.cancel",
                LabAct::ConfirmResults { .. } => "lab.confirm",
            },
        };
        let detail = format!(
            "order={} version={} outcome={}{}",
            self.order.id,
            self.version.id,
            sql::word(&self.outcome)?,
            what(&self.version.entry.act)
        );
        Ok(Entry::new(action, "patient", self.order.patient.as_str()).with(detail))
    }
}

/// What the log says of the same entry sent again.
pub(in crate::store) fn repeated(entry: &LabEntry, version: Uuid) -> Entry {
    let detail = format!("order={} version={version}", entry.order);
    Entry::new("lab.repeated", "patient", entry.patient.as_str()).with(detail)
}

/// Numbers of an act, for the log.
fn what(act: &LabAct) -> String {
    let list = |tubes: &[SpecimenNumber]| {
        tubes.iter().map(SpecimenNumber::as_str).collect::<Vec<_>>().join(",")
    };
    match act {
        LabAct::Order { .. } | LabAct::Cancel { .. } => String::new(),
        LabAct::Labels { tubes, copy, .. } => format!(" tubes={} copy={copy}", list(tubes)),
        LabAct::Draw { tube, .. } | LabAct::NotDrawn { tube, .. } | LabAct::Reset { tube } => {
            format!(" tubes={tube}")
        }
        LabAct::Send { tubes } => format!(" tubes={}", list(tubes)),
        LabAct::ConfirmResults { results } => format!(" results={}", results.len()),
    }
}
