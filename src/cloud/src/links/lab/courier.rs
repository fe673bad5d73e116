//! Orders and cancellations on their way out, and what the laboratory answers.

use std::sync::Arc;

use clinical::Patient;
use clinical::lab::ToldPatient;
use exchange::hl7v2::{
    self, AnswerMessage, Hl7Error, Incoming, OrderControl, OrderMessage, Problem, Verdict, Written,
};

use super::health::Way;
use super::{Base, Carrier};
use crate::jobs::{Courier, Delivery};
use crate::links::line::Failure;
use crate::store::StoreError;
use crate::store::lab::{LabAnswer, LabMessageKind, LabTask, Outgoing, TubeAnswer};

/// How our message's own name (MSH-10) begins; the row's number follows.
const CONTROL: &str = "SGK";
/// "Application internal error": the laboratory's own trouble, not the message's (HL7 table 0357).
const INTERNAL_ERROR: &str = "207";

/// Carries one institution's rows.
pub(super) struct LabCourier {
    base: Arc<Base>,
}

impl LabCourier {
    pub(super) fn new(base: Arc<Base>) -> Self {
        Self { base }
    }
}

impl Courier for LabCourier {
    async fn carry(&self, outgoing: &Outgoing) -> Result<Delivery, StoreError> {
        let base = &self.base;
        let Some(task) = base.store.lab_task(&base.actor, outgoing).await? else {
            base.store.outgoing_delivered(base.tenant, outgoing.seq).await?;
            base.health.forget(Way::Out);
            return Ok(Delivery::Done);
        };
        let written = match base.write(&task) {
            Ok(written) => written,
            // Trying again would not mend it; a person can.
            Err(error) => {
                base.store.outgoing_refused(&base.actor, &task, &unwritable(&error)).await?;
                base.health.forget(Way::Out);
                return Ok(Delivery::Done);
            }
        };
        if !written.lost.is_empty() {
            let (institution, count) = (&base.institution, written.lost.len());
            tracing::info!(institution, count, "characters that the laboratory's set lacks");
        }
        let sent = base.send(&task, written).await;
        match base.noted(Way::Out, sent).await? {
            Err(failure) => Ok(Delivery::Failed(failure.to_string())),
            Ok(None) => {
                base.store.outgoing_delivered(base.tenant, outgoing.seq).await?;
                Ok(Delivery::Done)
            }
            Ok(Some(answer)) => base.answered(&task, &answer).await,
        }
    }
}

impl Base {
    fn write(&self, task: &LabTask) -> Result<Written, Hl7Error> {
        let head = self.head(control_id(&task.outgoing), self.charset);
        let control = match task.what {
            LabMessageKind::New => OrderControl::New,
            LabMessageKind::Cancel => OrderControl::Cancel,
        };
        let clinic = self.clinic.clone();
        OrderMessage::of(head, control, &task.order, &task.tubes, told(&task.patient), clinic)
            .write()
    }

    /// Hands a message over; the answer, where one comes at once.
    async fn send(
        &self,
        task: &LabTask,
        written: Written,
    ) -> Result<Option<AnswerMessage>, Failure> {
        let https = match &self.carrier {
            Carrier::Folder(folder) => {
                let at = self.wall(task.outgoing.at);
                folder.order(at, task.outgoing.seq, &written.bytes).await?;
                return Ok(None);
            }
            Carrier::Https(https) => https,
        };
        let bytes = https.order(written.bytes, self.charset).await?;
        let heard = hl7v2::read(&bytes).map_err(|e| Failure::garbled(&e.to_string()))?;
        let answer = match heard.value {
            Incoming::Answer(answer) => answer,
            Incoming::Ack(ack) => plain(ack),
            Incoming::Order(_) | Incoming::Results(_) => {
                return Err(Failure::garbled("no answer to the order"));
            }
        };
        // Who could not read the order at all may not know what it answers to.
        let ours = answer.to == control_id(&task.outgoing);
        let unread = answer.to.is_empty() && answer.verdict != Verdict::Accepted;
        if !(ours || unread) {
            return Err(Failure::garbled("an answer to another order"));
        }
        Ok(Some(answer))
    }

    /// Tells the store what the laboratory answered.
    pub(super) async fn answered(
        &self,
        task: &LabTask,
        answer: &AnswerMessage,
    ) -> Result<Delivery, StoreError> {
        if is_passing(answer.verdict, &answer.problems) {
            return Ok(Delivery::Failed("the laboratory has trouble of its own".to_owned()));
        }
        if answer.verdict != Verdict::Accepted && answer.specimens.is_empty() {
            let words = answer.words();
            self.store.outgoing_refused(&self.actor, task, &words).await?;
        } else {
            let meant = meant(task, answer);
            self.store.lab_answer(&self.actor, &task.outgoing, &meant).await?;
        }
        Ok(Delivery::Done)
    }
}

/// What an answer means for the order.
fn meant(task: &LabTask, answer: &AnswerMessage) -> LabAnswer {
    if task.what == LabMessageKind::Cancel {
        return LabAnswer::Cancelled { agreed: answer.cancelled(), why: answer.words() };
    }
    let tube = |number: &clinical::lab::SpecimenNumber| TubeAnswer {
        number: number.clone(),
        taken: match answer.tube(number.as_str()) {
            hl7v2::TubeAnswer::Accepted { filler, .. } => Ok(filler),
            hl7v2::TubeAnswer::Refused { why } => Err(why),
        },
    };
    LabAnswer::Tubes(task.tubes.iter().map(tube).collect())
}

/// Whether the laboratory could not look at the message for reasons of its own.
fn is_passing(verdict: Verdict, problems: &[Problem]) -> bool {
    verdict == Verdict::Rejected && problems.iter().any(|problem| problem.code == INTERNAL_ERROR)
}

/// A plain acknowledgement says the same as an answer that names no tube.
pub(super) fn plain(ack: hl7v2::AckMessage) -> AnswerMessage {
    AnswerMessage {
        head: ack.head,
        to: ack.to,
        verdict: ack.verdict,
        text: ack.text,
        problems: ack.problems,
        patient: None,
        specimens: Vec::new(),
    }
}

fn told(patient: &Patient) -> ToldPatient {
    ToldPatient {
        number: patient.number.to_string(),
        name: patient.name.clone(),
        birth_date: patient.birth_date,
        sex: Some(patient.sex),
    }
}

/// Names the message: the same each time that it is sent.
fn control_id(outgoing: &Outgoing) -> String {
    format!("{CONTROL}{:012}", outgoing.seq)
}

/// The row that a message of ours was, by its own name.
pub(super) fn row_of(control_id: &str) -> Option<i64> {
    control_id.strip_prefix(CONTROL)?.parse().ok()
}

fn unwritable(error: &Hl7Error) -> String {
    format!("依頼の電文を作れません。患者の登録内容を確かめてください。({error})")
}
