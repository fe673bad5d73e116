//! What laboratories must hear: rows of `outgoing` for the service [`SERVICE`], made in the transaction that causes
//! them, delivered by `jobs`, and the laboratory's answers.
//!
//! How a delivery goes: [`Store::next_outgoing`] gives the next row whose turn it is (the rows of one order keep their
//! order), [`Store::lab_task`] what it says (read when it is sent, and on record as read). Then one of
//! [`Store::lab_answer`], [`Store::outgoing_delivered`] (no answer is expected here, as from a folder; the answer comes
//! with a later file), [`Store::outgoing_failed`] (try again) or [`Store::outgoing_refused`] (it makes no sense to try
//! again).

use clinical::Patient;
use clinical::lab::{AtLab, Done, LabAct, LabOrder, LabVersion, SpecimenNumber};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::orders::{self, Word};
use super::results;
use crate::store::accounts::uuid;
use crate::store::audit::Entry;
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::writer::Work;
use crate::store::{Actor, Store, StoreError, Tenant};

/// `outgoing.service` of laboratories.
pub const SERVICE: &str = "lab";
/// How `outgoing.subject` begins; the order's id follows.
const SUBJECT: &str = "order/";
/// Longest text of another's error that is kept.
const LONGEST: usize = 500;

/// Something that a service outside must hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number in the institution.
    pub seq: i64,
    /// What it is about: `order/…`.
    pub subject: String,
    /// The entry that caused it.
    pub cause: Uuid,
    /// When it was stored.
    pub at: Timestamp,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// What is to be told to a laboratory.
#[derive(Debug, Clone, PartialEq)]
pub struct LabTask {
    /// The row.
    pub outgoing: Outgoing,
    /// New (NW) or cancelled (CA).
    pub what: LabMessageKind,
    /// The tubes that it is about, in the order's order; never empty.
    pub tubes: Vec<SpecimenNumber>,
    /// The order as it stands.
    pub order: LabOrder,
    /// Whose.
    pub patient: Patient,
    /// The entry that caused it.
    pub version: LabVersion,
}

/// What a message to a laboratory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabMessageKind {
    /// These tubes come (ORC-1 `NW`).
    New,
    /// The order is taken back (ORC-1 `CA`).
    Cancel,
}

/// What a laboratory answered to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", content = "answer", rename_all = "snake_case")]
pub enum LabAnswer {
    /// To a new order: each tube.
    Tubes(Vec<TubeAnswer>),
    /// To a cancellation: whether it could stop the tests.
    Cancelled {
        /// Whether it could.
        agreed: bool,
        /// In its words; mostly empty.
        why: String,
    },
}

/// What a laboratory says of one tube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TubeAnswer {
    /// Which.
    pub number: SpecimenNumber,
    /// The laboratory's own number (empty where it gave none), or why it does not take the tube.
    pub taken: Result<String, String>,
}

/// The row that a change of an order causes.
pub(super) async fn queue(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    order: Uuid,
    cause: Uuid,
) -> Result<(), StoreError> {
    let stamp = tx.stamp().to_owned();
    tx.exec(
        "INSERT INTO outgoing (institution_id, seq, service, subject, cause, state, at) \
         SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, 'waiting', $5 FROM outgoing \
         WHERE institution_id = $1",
        args![tenant, SERVICE, format!("{SUBJECT}{order}"), cause.to_string(), stamp],
    )
    .await?;
    Ok(())
}

fn read(row: &sqlx::any::AnyRow) -> Result<Outgoing, StoreError> {
    Ok(Outgoing {
        seq: sql::int(row, 0)?,
        subject: sql::text(row, 1)?.to_owned(),
        cause: uuid(row, 2, "outgoing.cause")?,
        at: sql::parse_stamp(sql::text(row, 3)?, "outgoing.at")?,
        tries: u32::try_from(sql::int(row, 4)?).unwrap_or(u32::MAX),
    })
}

fn order_of(subject: &str) -> Result<Uuid, StoreError> {
    let id = subject.strip_prefix(SUBJECT).and_then(|id| id.parse().ok());
    id.ok_or_else(|| StoreError::Damaged("outgoing.subject".to_owned()))
}

/// What others say may be long and hold anything; it is kept for people to read.
fn cut(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// A turn of a row's state.
enum Turn {
    Delivered,
    Failed { next_try: Timestamp, why: String },
}

struct Move {
    tenant: Tenant,
    seq: i64,
    turn: Turn,
}

impl Work for Move {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (state, next_try, why) = match &self.turn {
            Turn::Delivered => ("delivered", 0, String::new()),
            Turn::Failed { next_try, why } => ("waiting", next_try.as_millisecond(), cut(why)),
        };
        tx.exec(
            "UPDATE outgoing SET state = $3, tries = tries + 1, next_try_ms = $4, error = $5 \
             WHERE institution_id = $1 AND seq = $2 AND state = 'waiting'",
            args![self.tenant, self.seq, state, next_try, why],
        )
        .await?;
        Ok(())
    }
}

/// A laboratory's answer.
struct Answer {
    actor: Actor,
    order: Uuid,
    /// The row that is done with it.
    seq: i64,
    told: LabAnswer,
    /// Whether the laboratory refused the message as a whole.
    refused: String,
}

impl Work for Answer {
    type Output = bool;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant())
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let tenant = self.actor.tenant();
        let mut order =
            orders::load(tx, tenant, self.order).await?.ok_or(StoreError::NotFound("lab order"))?;
        let state = if self.refused.is_empty() { "delivered" } else { "refused" };
        tx.exec(
            "UPDATE outgoing SET state = $3, tries = tries + 1, error = $4 \
             WHERE institution_id = $1 AND seq = $2",
            args![tenant, self.seq, state, cut(&self.refused)],
        )
        .await?;
        let (at, before) = (tx.now(), order.revision);
        orders::hear(&mut order, &self.told, at);
        if order.revision == before {
            return Ok(false);
        }
        let results = results::load(tx, tenant, order.id).await?;
        orders::save(tx, tenant, &order, &results).await?;
        let word = Word::Answered { at, answer: self.told.clone() };
        orders::add_word(tx, tenant, order.id, &word).await?;
        let (action, detail) = self.detail();
        let detail = format!("order={}{detail}", order.id);
        tx.audit(&self.actor, Entry::new(action, "patient", order.patient.as_str()).with(detail))?;
        orders::tell(tx, tenant, &order)?;
        Ok(true)
    }
}

impl Answer {
    /// For the log: numbers alone, never the laboratory's words.
    fn detail(&self) -> (&'static str, String) {
        match &self.told {
            LabAnswer::Tubes(tubes) => {
                let list = |taken: bool| {
                    let of = tubes.iter().filter(|tube| tube.taken.is_ok() == taken);
                    of.map(|tube| tube.number.as_str()).collect::<Vec<_>>().join(",")
                };
                ("lab.answer", format!(" taken={} refused={}", list(true), list(false)))
            }
            LabAnswer::Cancelled { agreed, .. } => ("lab.answer", format!(" cancelled={agreed}")),
        }
    }
}

impl Store {
    /// What comes next for a service: the oldest row whose turn it is. A row that waits for its next try holds back the
    /// later ones about the same subject alone.
    pub async fn next_outgoing(
        &self,
        tenant: Tenant,
        service: &str,
    ) -> Result<Option<Outgoing>, StoreError> {
        let now = self.clock().now().as_millisecond();
        let row = self
            .database()
            .one(
                "SELECT o.seq, o.subject, o.cause, o.at, o.tries FROM outgoing o \
                 WHERE o.institution_id = $1 AND o.service = $2 AND o.state = 'waiting' \
                 AND o.next_try_ms <= $3 AND NOT EXISTS (SELECT 1 FROM outgoing e \
                 WHERE e.institution_id = $1 AND e.service = $2 AND e.state = 'waiting' \
                 AND e.subject = o.subject AND e.seq < o.seq) ORDER BY o.seq LIMIT 1",
                args![tenant, service, now],
            )
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The row with that number, whatever its state.
    pub async fn outgoing(
        &self,
        tenant: Tenant,
        service: &str,
        seq: i64,
    ) -> Result<Option<Outgoing>, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT seq, subject, cause, at, tries FROM outgoing \
                 WHERE institution_id = $1 AND service = $2 AND seq = $3",
                args![tenant, service, seq],
            )
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// When the next row of a service may be tried; `None` while none waits.
    pub async fn next_try(
        &self,
        tenant: Tenant,
        service: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT COUNT(*), COALESCE(MIN(o.next_try_ms), 0) FROM outgoing o \
                 WHERE o.institution_id = $1 AND o.service = $2 AND o.state = 'waiting' \
                 AND NOT EXISTS (SELECT 1 FROM outgoing e WHERE e.institution_id = $1 \
                 AND e.service = $2 AND e.state = 'waiting' AND e.subject = o.subject \
                 AND e.seq < o.seq)",
                args![tenant, service],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        if sql::int(&row, 0)? == 0 {
            return Ok(None);
        }
        let at = Timestamp::from_millisecond(sql::int(&row, 1)?);
        at.map(Some).map_err(|_| StoreError::Damaged("outgoing.next_try_ms".to_owned()))
    }

    /// How many rows of a service wait.
    pub async fn undelivered(&self, tenant: Tenant, service: &str) -> Result<u32, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT COUNT(*) FROM outgoing \
                 WHERE institution_id = $1 AND service = $2 AND state = 'waiting'",
                args![tenant, service],
            )
            .await?;
        let count = row.as_ref().map_or(Ok(0), |row| sql::int(row, 0))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The row was handed over; no answer belongs to it, or it comes by itself later.
    pub async fn outgoing_delivered(&self, tenant: Tenant, seq: i64) -> Result<(), StoreError> {
        self.write(Move { tenant, seq, turn: Turn::Delivered }).await
    }

    /// The row could not be handed over and is tried again at that moment. `why` is for people; no patient's data.
    pub async fn outgoing_failed(
        &self,
        tenant: Tenant,
        seq: i64,
        next_try: Timestamp,
        why: &str,
    ) -> Result<(), StoreError> {
        let turn = Turn::Failed { next_try, why: why.to_owned() };
        self.write(Move { tenant, seq, turn }).await
    }

    /// The other side will never take the message: it is done, and its tubes are refused with these words (or the
    /// cancellation was not agreed to).
    pub async fn outgoing_refused(
        &self,
        actor: &Actor,
        task: &LabTask,
        why: &str,
    ) -> Result<(), StoreError> {
        let why = cut(why);
        let answer = match task.what {
            LabMessageKind::New => {
                let refused = |number: &SpecimenNumber| TubeAnswer {
                    number: number.clone(),
                    taken: Err(why.clone()),
                };
                LabAnswer::Tubes(task.tubes.iter().map(refused).collect())
            }
            LabMessageKind::Cancel => LabAnswer::Cancelled { agreed: false, why: why.clone() },
        };
        let refused = if why.is_empty() { "refused".to_owned() } else { why };
        let (order, seq) = (task.order.id, task.outgoing.seq);
        self.write(Answer { actor: actor.clone(), order, seq, told: answer, refused })
            .await
            .map(drop)
    }

    /// What the row says, with the patient; the look at the patient's data is on record under `actor`. `None` when
    /// there is nothing to tell any more: mark it delivered.
    pub async fn lab_task(
        &self,
        actor: &Actor,
        outgoing: &Outgoing,
    ) -> Result<Option<LabTask>, StoreError> {
        let order = order_of(&outgoing.subject)?;
        let row = self
            .database()
            .one(
                "SELECT o.body, p.body, v.body FROM lab_orders o JOIN patients p \
                 ON p.institution_id = o.institution_id AND p.canonical = o.canonical \
                 JOIN lab_versions v ON v.institution_id = o.institution_id AND v.entry_id = $3 \
                 WHERE o.institution_id = $1 AND o.id = $2",
                args![actor.tenant(), order.to_string(), outgoing.cause.to_string()],
            )
            .await?
            .ok_or(StoreError::NotFound("lab order"))?;
        let order: LabOrder = sql::json(&row, 0, "lab_orders.body")?;
        let patient: Patient = sql::json(&row, 1, "patients.body")?;
        let version: LabVersion = sql::json(&row, 2, "lab_versions.body")?;
        let detail = format!("order={} message={}", order.id, outgoing.seq);
        let entry = Entry::new("lab.tell", "patient", patient.number.as_str()).with(detail);
        self.record(actor, entry).await?;
        let Some((what, tubes)) = told(&order, &version) else { return Ok(None) };
        let outgoing = outgoing.clone();
        Ok(Some(LabTask { outgoing, what, tubes, order, patient, version }))
    }

    /// What the laboratory answered to a row, which is done with it. The order, its event and the audit row are one
    /// transaction. Whether anything is new; the same answer twice is no error.
    pub async fn lab_answer(
        &self,
        actor: &Actor,
        outgoing: &Outgoing,
        answer: &LabAnswer,
    ) -> Result<bool, StoreError> {
        let (order, seq) = (order_of(&outgoing.subject)?, outgoing.seq);
        let (actor, told) = (actor.clone(), answer.clone());
        self.write(Answer { actor, order, seq, told, refused: String::new() }).await
    }
}

/// What is left to tell of a version: the tubes that it sent and nobody has answered for, or those that a laboratory
/// knows of.
fn told(order: &LabOrder, version: &LabVersion) -> Option<(LabMessageKind, Vec<SpecimenNumber>)> {
    let sent = AtLab::Sent { done: Done::of(version) };
    let (what, tubes): (_, Vec<_>) = match &version.entry.act {
        LabAct::Send { .. } => {
            let mine = order.tubes.iter().filter(|tube| tube.lab == sent);
            (LabMessageKind::New, mine.collect())
        }
        LabAct::Cancel { .. } => (LabMessageKind::Cancel, order.at_lab().collect()),
        _ => return None,
    };
    let tubes: Vec<_> = tubes.into_iter().map(|tube| tube.number.clone()).collect();
    (!tubes.is_empty()).then_some((what, tubes))
}
