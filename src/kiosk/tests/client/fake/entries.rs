//! How the fake cloud takes entries: once each, signed, with a receipt, unless a test wants it otherwise.

use std::collections::{HashMap, VecDeque};

use api::entries::{Entry, EntryContent, EntryResult, KEY_HEADER, Receipt, SIGNATURE_HEADER};
use api::{ErrorCode, proof};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use clinical::Staff;
use clinical::lab::{LabOrder, LabVersion};
use clinical::profile::{Item, Version};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Fake, error};

/// What goes wrong with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is stored, and the line breaks within the answer.
    LoseAnswer,
    /// It is stored, and the receipt names other bytes.
    OtherHash,
    /// It is stored, and the receipt names another entry.
    OtherId,
    /// Something that is not this contract answers.
    Page,
    /// Nothing is stored.
    Refuse(u16, ErrorCode),
}

/// What has come.
#[derive(Default)]
pub(crate) struct Entries {
    /// Every request, in its order.
    pub(crate) tries: Vec<Uuid>,
    /// What was stored, in its order, with the person whose key signed it.
    pub(crate) stored: Vec<(Entry, Staff)>,
    /// For the next requests, one each.
    pub(crate) faults: VecDeque<Fault>,
    /// For all requests after those.
    pub(crate) always: Option<Fault>,
    /// For the requests about one entry.
    pub(crate) refused: HashMap<Uuid, (u16, ErrorCode)>,
    /// The answer to this entry is none of the contract, each time; it is stored.
    pub(crate) odd: Option<Uuid>,
    /// Whose key is whose.
    pub(crate) keys: HashMap<String, Staff>,
    receipts: HashMap<Uuid, Receipt>,
    items: HashMap<String, Vec<Item>>,
}

impl Entries {
    /// The ids of what was stored.
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.stored.iter().map(|(entry, _)| entry.id).collect()
    }
}

pub(super) async fn put(
    State(fake): State<Fake>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    fake.lock().seen.push("PUT entry".to_owned());
    let fault = {
        let mut inner = fake.lock();
        inner.entries.tries.push(id);
        let always = inner.entries.always;
        let refused =
            inner.entries.refused.get(&id).map(|(status, code)| Fault::Refuse(*status, *code));
        let odd = (inner.entries.odd == Some(id)).then_some(Fault::Page);
        refused.or(odd).or_else(|| inner.entries.faults.pop_front()).or(always)
    };
    super::gate(&fake).await;
    match fault {
        Some(Fault::Refuse(status, code)) => return error(status, code),
        Some(Fault::Page) => return (StatusCode::OK, "<html>welcome</html>").into_response(),
        _ => {}
    }
    let receipt = match store(&fake, id, &headers, &body) {
        Ok(receipt) => receipt,
        Err((status, code)) => return error(status, code),
    };
    let receipt = match fault {
        Some(Fault::OtherHash) => Receipt { hash: proof::hash(b"other bytes"), ..receipt },
        Some(Fault::OtherId) => Receipt { id: Uuid::now_v7(), ..receipt },
        Some(Fault::LoseAnswer) => {
            // A body that fails breaks the stream before its end.
            let broken = tokio_stream::iter([
                Ok("{".to_owned()),
                Err(std::io::Error::other("the line breaks here")),
            ]);
            return Response::new(Body::from_stream(broken));
        }
        _ => receipt,
    };
    Json(receipt).into_response()
}

fn store(
    fake: &Fake,
    id: Uuid,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Receipt, (u16, ErrorCode)> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (key, signature) = (text(KEY_HEADER), text(SIGNATURE_HEADER));
    assert!(headers.get("authorization").is_none(), "an entry needs no session");
    let Some(author) = fake.lock().entries.keys.get(key).cloned() else {
        return Err((401, ErrorCode::EntryKeyUnknown));
    };
    let invalid = (422, ErrorCode::Invalid);
    let entry: Entry = serde_json::from_slice(body).map_err(|_| invalid)?;
    if !proof::verify(key, body, signature) || entry.id != id {
        return Err(invalid);
    }
    let known = fake.lock().entries.receipts.get(&id).cloned();
    if let Some(receipt) = known {
        return if receipt.hash == proof::hash(body) { Ok(receipt) } else { Err(invalid) };
    }
    let result = match &entry.content {
        EntryContent::ReceptionState { change } => {
            let current = fake.lock().receptions.get(&change.key).cloned();
            let current = current.ok_or((404, ErrorCode::NotFound))?;
            let applied = current.state == change.seen;
            if applied {
                fake.put_on(change.key.date, &change.key.id, change.state);
            }
            let reception = fake.lock().receptions[&change.key].clone();
            EntryResult::ReceptionState { applied, reception: Box::new(reception) }
        }
        EntryContent::Profile { entry: version } => {
            let version = Version {
                id,
                entry: version.clone(),
                author: author.clone(),
                terminal: "受付1".to_owned(),
                entered_at: entry.entered_at,
                stored_at: Some(Timestamp::now()),
            };
            let (number, item) = (version.entry.patient.clone(), version.entry.item);
            let mut inner = fake.lock();
            let items = inner.entries.items.entry(number.canonical()).or_default();
            let outcome = Item::apply(items, &version).map_err(|_| invalid)?;
            let stands = items.iter().find(|i| i.id == item).unwrap().clone();
            drop(inner);
            fake.tell(api::EventKind::ProfileChanged { number, item });
            EntryResult::Profile { outcome, item: Box::new(stands) }
        }
        EntryContent::Lab { entry: version } => {
            let version = LabVersion {
                id,
                entry: version.clone(),
                author: author.clone(),
                terminal: "受付1".to_owned(),
                entered_at: entry.entered_at,
                stored_at: Some(Timestamp::now()),
            };
            let (number, order) = (version.entry.patient.clone(), version.entry.order);
            let mut inner = fake.lock();
            let outcome = LabOrder::apply(&mut inner.lab.orders, &version).map_err(|_| invalid)?;
            let stands = inner.lab.orders.iter().find(|own| own.id == order).unwrap().clone();
            drop(inner);
            fake.tell(api::EventKind::LabChanged { number, order });
            EntryResult::Lab { outcome, order: Box::new(stands) }
        }
        EntryContent::LabSet { .. } => {
            fake.tell(api::EventKind::LabSetsChanged);
            EntryResult::LabSet
        }
        EntryContent::LabTray { .. } => {
            fake.tell(api::EventKind::LabTrayChanged);
            EntryResult::LabTray { applied: true }
        }
        EntryContent::Printed { .. } => EntryResult::Printed,
    };
    let receipt = Receipt { id, hash: proof::hash(body), stored_at: Timestamp::now(), result };
    let mut inner = fake.lock();
    inner.entries.stored.push((entry, author));
    inner.entries.receipts.insert(id, receipt.clone());
    Ok(receipt)
}
