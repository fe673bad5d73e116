//! Messages on their way in: fetched one by one, taken by the store, then acknowledged or put away. A message whose
//! acknowledgement is lost comes again, and is known by then.

use std::sync::Arc;

use clinical::lab::LabReport;
use exchange::hl7v2::{
    self, AckMessage, AnswerMessage, Head, Heard, Hl7Error, Incoming, Problem, Verdict,
};

use super::courier::{plain, row_of};
use super::folder::{Folder, Letter};
use super::health::Way;
use super::https::Https;
use super::matching;
use super::{Base, Carrier};
use crate::jobs::Delivery;
use crate::links::line::Failure;
use crate::store::StoreError;
use crate::store::lab::LabMessage;
use crate::store::lab::outgoing::SERVICE;

/// "Data type error": what stands in a message is not what should (HL7 table 0357).
const DATA_ERROR: &str = "102";
/// Most messages in one round; the rest comes with the next.
const MOST: usize = 1000;

/// What became of a message.
enum Fate {
    /// It is in the store, or was before.
    Taken,
    /// It cannot be used; why, in words for people.
    Unusable(String),
}

/// Asks for messages for ever.
pub(super) async fn run(base: Arc<Base>) {
    loop {
        if let Err(error) = round(&base).await {
            let institution = &base.institution;
            tracing::error!(institution, cause = %error, "results could not be stored");
        }
        tokio::time::sleep(base.poll_every).await;
    }
}

/// Fetches until nothing is left or something fails.
async fn round(base: &Base) -> Result<(), StoreError> {
    let mut last = Vec::new();
    for _ in 0..MOST {
        let more = match &base.carrier {
            Carrier::Https(https) => base.fetch(https, &mut last).await?,
            Carrier::Folder(folder) => base.pick_up(folder).await?,
        };
        if !more {
            return Ok(());
        }
    }
    Ok(())
}

impl Base {
    /// Fetches one message; whether to ask for another. `last` is the one before it in this round.
    async fn fetch(&self, https: &Https, last: &mut Vec<u8>) -> Result<bool, StoreError> {
        let Ok(Some(bytes)) = self.noted(Way::In, https.result().await).await? else {
            return Ok(false);
        };
        // A laboratory that offers what was acknowledged just now is not asked again at once, and again.
        let stuck = bytes == *last;
        last.clone_from(&bytes);
        let heard = hl7v2::read(&bytes);
        let (head, event) = self.answered_by(&bytes, heard.as_ref().ok());
        let fate = self.take(bytes, heard).await?;
        let (verdict, text) = match fate {
            Fate::Taken => (Verdict::Accepted, String::new()),
            Fate::Unusable(words) => (Verdict::Error, words),
        };
        let problems = match verdict {
            Verdict::Accepted => Vec::new(),
            _ => vec![Problem {
                code: DATA_ERROR.to_owned(),
                text: text.clone(),
                ..Problem::default()
            }],
        };
        let to = head.to;
        let ack = AckMessage { head: head.ours, event, to, verdict, text, problems };
        let acknowledged = match ack.write() {
            Ok(written) => https.acknowledge(written.bytes, ack.head.charset).await,
            // Without its name the message cannot be acknowledged, and will come again.
            Err(_) => Err(Failure::garbled("a message without a control id")),
        };
        Ok(self.noted(Way::In, acknowledged).await?.is_ok() && !stuck)
    }

    /// Reads one file; whether to look for another.
    async fn pick_up(&self, folder: &Folder) -> Result<bool, StoreError> {
        let found = self.noted(Way::In, folder.next().await).await?;
        let Ok(Some(letter)) = found else { return Ok(false) };
        let moved = match self.opened(&letter).await? {
            Fate::Taken => folder.done(&letter).await,
            Fate::Unusable(words) => folder.trouble(&letter, &words).await,
        };
        Ok(self.noted(Way::In, moved).await?.is_ok())
    }

    async fn opened(&self, letter: &Letter) -> Result<Fate, StoreError> {
        match &letter.bytes {
            Ok(bytes) => self.take(bytes.clone(), hl7v2::read(bytes)).await,
            Err(words) => Ok(Fate::Unusable(words.clone())),
        }
    }

    /// Takes a message of any kind.
    async fn take(
        &self,
        bytes: Vec<u8>,
        heard: Result<Heard<Incoming>, Hl7Error>,
    ) -> Result<Fate, StoreError> {
        let heard = match heard {
            Ok(heard) => heard,
            Err(error) => {
                let institution = &self.institution;
                tracing::warn!(institution, why = %error, "a message could not be read");
                let control_id = control_id_of(&bytes);
                self.keep(bytes, control_id, Vec::new()).await?;
                return Ok(Fate::Unusable(format!("電文を読めません: {error}")));
            }
        };
        if !heard.warnings.is_empty() {
            let (institution, places) = (&self.institution, heard.warnings.len());
            tracing::info!(institution, places, "parts of a message were doubtful");
        }
        match heard.value {
            Incoming::Results(message) => {
                self.keep(bytes, message.head.control_id, message.reports).await?;
                Ok(Fate::Taken)
            }
            Incoming::Answer(answer) => self.heard_answer(&answer).await,
            Incoming::Ack(ack) => self.heard_answer(&plain(ack)).await,
            Incoming::Order(_) => Ok(Fate::Unusable("依頼の電文は受け取れません".to_owned())),
        }
    }

    /// Stores a message with results, or one that nobody could read: its bytes are kept as they are.
    async fn keep(
        &self,
        bytes: Vec<u8>,
        control_id: String,
        reports: Vec<LabReport>,
    ) -> Result<(), StoreError> {
        let message = LabMessage { lab: self.lab.clone(), control_id, bytes, reports };
        let taken = self.store.take_lab_message(&self.actor, message, matching::rule).await?;
        let institution = &self.institution;
        if taken.namesake {
            tracing::warn!(institution, "the laboratory used a message's name again");
        }
        let (matched, tray, results) = (taken.matched, taken.tray, taken.results);
        tracing::info!(institution, stored = taken.stored, matched, tray, results, "a message");
        Ok(())
    }

    /// An answer that came by itself: its order is the one whose message it names.
    async fn heard_answer(&self, answer: &AnswerMessage) -> Result<Fate, StoreError> {
        let unknown = || Fate::Unusable("どの依頼への返事か分かりません".to_owned());
        let Some(seq) = row_of(&answer.to) else { return Ok(unknown()) };
        let Some(row) = self.store.outgoing(self.tenant, SERVICE, seq).await? else {
            return Ok(unknown());
        };
        // What has been answered already has nothing left to be told.
        if let Some(task) = self.store.lab_task(&self.actor, &row).await?
            && let Delivery::Failed(why) = self.answered(&task, answer).await?
            && matches!(self.carrier, Carrier::Folder(_))
        {
            // A file is not left again by itself: a person can send the tubes once more.
            let words = answer.words();
            let why = if words.is_empty() { why } else { words };
            self.store.outgoing_refused(&self.actor, &task, &why).await?;
        }
        Ok(Fate::Taken)
    }

    /// The head of our acknowledgement of a message, and the event that it names.
    fn answered_by(&self, bytes: &[u8], heard: Option<&Heard<Incoming>>) -> (Answered, String) {
        let at = self.clock.now();
        let name = format!("A{:015}", at.as_millisecond());
        let (theirs, event) = match heard.map(|heard| &heard.value) {
            Some(Incoming::Results(message)) => (Some(&message.head), message.event()),
            Some(Incoming::Answer(message)) => (Some(&message.head), "O34"),
            Some(Incoming::Order(message)) => (Some(&message.head), "O33"),
            Some(Incoming::Ack(message)) => (Some(&message.head), "R22"),
            None => (None, "R22"),
        };
        let charset = theirs.map_or(self.charset, |head| head.charset);
        let mut ours = self.head(name, charset);
        if let Some(head) = theirs {
            ours.receiver = head.sender.clone();
        }
        let to = theirs.map_or_else(|| control_id_of(bytes), |head| head.control_id.clone());
        (Answered { ours, to }, event.to_owned())
    }
}

/// The head of an acknowledgement.
struct Answered {
    ours: Head,
    /// Control id of the message that is acknowledged.
    to: String,
}

/// The name of a message that could not be read otherwise: the tenth field of its first line.
fn control_id_of(bytes: &[u8]) -> String {
    let text = hl7v2::decode(bytes).text;
    let line = text.split(['\r', '\n']).find(|line| line.starts_with("MSH")).unwrap_or_default();
    let Some(separator) = line.chars().nth(3) else { return String::new() };
    let field = line.split(separator).nth(9).unwrap_or_default();
    field.chars().filter(char::is_ascii_graphic).take(50).collect()
}
