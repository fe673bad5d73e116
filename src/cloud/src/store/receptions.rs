//! Receptions: what the receipt computer says of a day, and what the desk changes.

use std::collections::BTreeMap;

use api::EventKind;
use api::entries::EntryResult;
use api::receptions::{ReceptionList, StateChange};
use clinical::reception::merged_state;
use clinical::{PatientNumber, Reception, ReceptionKey, ReceptionState};
use jiff::civil::Date;

use super::audit::Entry;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// What [`Store::reconcile_day`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Not known before.
    pub added: usize,
    /// Known otherwise; those that came back after a cancellation count here.
    pub changed: usize,
    /// No longer in the receipt computer's list.
    pub cancelled: usize,
    /// As they were.
    pub same: usize,
}

impl Reconciled {
    /// Whether anything is new.
    pub fn is_change(&self) -> bool {
        self.added + self.changed + self.cancelled > 0
    }
}

fn object(key: &ReceptionKey) -> String {
    format!("{}/{}", key.date, key.id)
}

/// What cannot be a number of the receipt computer is not looked for and stays out of the log.
fn checked(key: &ReceptionKey) -> Result<(), StoreError> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if (1..=20).contains(&key.id.len()) && key.id.bytes().all(good) {
        Ok(())
    } else {
        Err(StoreError::NotFound("reception"))
    }
}

fn patient_of(reception: &Reception) -> &str {
    reception.patient.as_ref().map_or("", |number| number.as_str())
}

async fn save(tx: &mut Tx<'_>, tenant: Tenant, reception: &Reception) -> Result<(), StoreError> {
    let canonical = reception.patient.as_ref().map(PatientNumber::canonical).unwrap_or_default();
    tx.exec(
        "INSERT INTO receptions (institution_id, day, id, canonical, revision, body) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (institution_id, day, id) \
         DO UPDATE SET canonical = excluded.canonical, revision = excluded.revision, \
         body = excluded.body",
        args![
            tenant,
            reception.key.date,
            reception.key.id.as_str(),
            canonical,
            reception.revision,
            sql::to_json(reception)?,
        ],
    )
    .await?;
    tx.event(
        tenant,
        &EventKind::ReceptionChanged { key: reception.key.clone(), revision: reception.revision },
    )
}

struct Reconcile {
    actor: Actor,
    day: Date,
    /// By id.
    list: BTreeMap<String, Reception>,
}

impl Reconcile {
    async fn known(&self, tx: &mut Tx<'_>) -> Result<BTreeMap<String, Reception>, StoreError> {
        let rows = tx
            .all(
                "SELECT body FROM receptions WHERE institution_id = $1 AND day = $2",
                args![self.actor.tenant, self.day],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let reception: Reception = sql::json(row, 0, "receptions.body")?;
                Ok((reception.key.id.clone(), reception))
            })
            .collect()
    }

    async fn store(
        &self,
        tx: &mut Tx<'_>,
        reception: &Reception,
        what: &str,
    ) -> Result<(), StoreError> {
        save(tx, self.actor.tenant, reception).await?;
        let detail =
            format!("{what} revision={} patient={}", reception.revision, patient_of(reception));
        let entry = Entry::new("reception.sync", "reception", object(&reception.key)).with(detail);
        tx.audit(&self.actor, entry)
    }
}

/// The reception as it must stand after the receipt computer's word; `None` when it stands so already.
fn reconciled(known: Option<&Reception>, told: &Reception) -> Option<Reception> {
    let paid_now = told.paid_at.is_some();
    let (desk, was_paid, revision) = match known {
        Some(known) => (known.state, known.paid_at.is_some(), known.revision),
        None => (ReceptionState::Waiting, false, 0),
    };
    let mut next = told.clone();
    next.state = merged_state(desk, was_paid, paid_now);
    next.revision = revision;
    if known == Some(&next) {
        return None;
    }
    next.revision += 1;
    Some(next)
}

impl Work for Reconcile {
    type Output = Reconciled;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Reconciled, StoreError> {
        let known = self.known(tx).await?;
        let mut done = Reconciled::default();
        for (id, told) in &self.list {
            let before = known.get(id);
            let Some(next) = reconciled(before, told) else {
                done.same += 1;
                continue;
            };
            if before.is_some() {
                done.changed += 1;
                self.store(tx, &next, "changed").await?;
            } else {
                done.added += 1;
                self.store(tx, &next, "added").await?;
            }
        }
        for (id, gone) in known {
            if self.list.contains_key(&id) {
                continue;
            }
            if gone.state == ReceptionState::Cancelled {
                done.same += 1;
                continue;
            }
            done.cancelled += 1;
            let revision = gone.revision + 1;
            let gone = Reception { state: ReceptionState::Cancelled, revision, ..gone };
            self.store(tx, &gone, "cancelled").await?;
        }
        Ok(done)
    }
}

/// A change at the desk and what becomes of it.
pub(super) struct Judged {
    change: StateChange,
    applied: bool,
    /// Whether it makes another state of the reception.
    moves: bool,
    /// As it stands afterwards.
    reception: Reception,
}

/// Says what becomes of a change at the desk: it is made where the state that the person saw still stands. Writes
/// nothing.
pub(super) async fn judge(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    change: &StateChange,
) -> Result<Judged, StoreError> {
    checked(&change.key)?;
    if change.state == ReceptionState::Cancelled {
        return Err(StoreError::Invalid("only the receipt computer cancels".to_owned()));
    }
    let row = tx
        .one(
            "SELECT body FROM receptions WHERE institution_id = $1 AND day = $2 AND id = $3",
            args![tenant, change.key.date, change.key.id.as_str()],
        )
        .await?
        .ok_or(StoreError::NotFound("reception"))?;
    let mut reception: Reception = sql::json(&row, 0, "receptions.body")?;
    let stands = reception.state == change.state;
    let moves = reception.state == change.seen && reception.state.may_become(change.state);
    if moves {
        reception.state = change.state;
        reception.revision += 1;
    }
    Ok(Judged { change: change.clone(), applied: stands || moves, moves, reception })
}

/// What the log says of a change.
pub(super) fn audit_of(
    change: &StateChange,
    reception: &Reception,
    action: &'static str,
    more: &str,
) -> Result<Entry, StoreError> {
    let detail = format!(
        "state={} revision={} patient={}{more}",
        sql::word(&change.state)?,
        reception.revision,
        patient_of(reception)
    );
    Ok(Entry::new(action, "reception", object(&change.key)).with(detail))
}

impl Judged {
    pub(super) fn result(&self) -> EntryResult {
        let reception = Box::new(self.reception.clone());
        EntryResult::ReceptionState { applied: self.applied, reception }
    }

    pub(super) fn canonical(&self) -> String {
        self.reception.patient.as_ref().map(PatientNumber::canonical).unwrap_or_default()
    }

    /// The reception, its event and the audit row; a change that was too late is on record too, since its receipt
    /// shows the reception.
    pub(super) async fn store(&self, tx: &mut Tx<'_>, actor: &Actor) -> Result<(), StoreError> {
        if self.moves {
            save(tx, actor.tenant, &self.reception).await?;
        }
        let (action, more) = match (self.applied, self.moves) {
            (false, _) => ("reception.conflict", ""),
            (true, false) => ("reception.change", " unchanged"),
            (true, true) => ("reception.change", ""),
        };
        tx.audit(actor, audit_of(&self.change, &self.reception, action, more)?)
    }
}

impl Store {
    /// Takes the receipt computer's whole list of a day: adds, changes, and cancels what is no longer in it.
    /// The desk's finer state stays where the receipt computer does not overrule it. One event each for what
    /// is really new. `state` and `revision` of the list's rows do not count.
    pub async fn reconcile_day(
        &self,
        actor: &Actor,
        day: Date,
        receptions: Vec<Reception>,
    ) -> Result<Reconciled, StoreError> {
        if receptions.iter().any(|reception| reception.key.date != day) {
            return Err(StoreError::Invalid("the list holds another day's reception".to_owned()));
        }
        if receptions.iter().any(|reception| checked(&reception.key).is_err()) {
            return Err(StoreError::Invalid("the list holds an impossible number".to_owned()));
        }
        let list = receptions.into_iter().map(|r| (r.key.id.clone(), r)).collect();
        self.write(Reconcile { actor: actor.clone(), day, list }).await
    }

    /// All receptions of a day, in the order of time, then id.
    pub async fn reception_list(
        &self,
        actor: &Actor,
        day: Date,
    ) -> Result<ReceptionList, StoreError> {
        // Before the list: whatever is stored later comes by event, perhaps once more, never not at all.
        let event_seq = self.event_head(actor.tenant).await?;
        let rows = self
            .database()
            .all(
                "SELECT body FROM receptions WHERE institution_id = $1 AND day = $2",
                args![actor.tenant, day],
            )
            .await?;
        let mut receptions = rows
            .iter()
            .map(|row| sql::json::<Reception>(row, 0, "receptions.body"))
            .collect::<Result<Vec<_>, _>>()?;
        receptions.sort_by(|a, b| (a.time, &a.key.id).cmp(&(b.time, &b.key.id)));
        let link = self.link_status(actor.tenant).await?;
        let shown: Vec<&str> =
            receptions.iter().map(patient_of).filter(|number| !number.is_empty()).collect();
        let entry =
            Entry::new("reception.list", "receptions", day.to_string()).with(shown.join(" "));
        self.record(actor, entry).await?;
        Ok(ReceptionList { date: day, receptions, event_seq, link })
    }

    /// One reception.
    pub async fn reception(
        &self,
        actor: &Actor,
        key: &ReceptionKey,
    ) -> Result<Reception, StoreError> {
        checked(key)?;
        let row = self
            .database()
            .one(
                "SELECT body FROM receptions \
                 WHERE institution_id = $1 AND day = $2 AND id = $3",
                args![actor.tenant, key.date, key.id.as_str()],
            )
            .await?;
        let reception =
            row.map(|row| sql::json::<Reception>(&row, 0, "receptions.body")).transpose()?;
        let detail = reception
            .as_ref()
            .map_or("not found".to_owned(), |found| format!("patient={}", patient_of(found)));
        let entry = Entry::new("reception.read", "reception", object(key)).with(detail);
        self.record(actor, entry).await?;
        reception.ok_or(StoreError::NotFound("reception"))
    }
}
