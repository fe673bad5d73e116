//! 代行入力: in whose name somebody writes who is no practitioner.

use api::entries::EntryContent;
use clinical::profile::{Act, ProfileEntry, ProfileKind, ProfileValue, Source, needs_confirmation};
use clinical::{Role, SafetyRemark, Staff};
use uuid::Uuid;

use crate::app::model::Desk;
use crate::app::opened::Opened;

/// Nobody can be named as the practitioner without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoProxy;

/// Whether what the signed-in person enters waits for a practitioner.
pub fn is_needed(desk: &Desk, kind: ProfileKind) -> bool {
    desk.session.as_ref().is_some_and(|session| needs_confirmation(session.role, kind))
}

/// The practitioners that can be named.
pub fn practitioners(desk: &Desk) -> Vec<&Staff> {
    desk.staff.staff.iter().filter(|staff| staff.role == Role::Practitioner).collect()
}

/// The practitioner to begin with: the physician of today's reception if one of them has that name, else the
/// only one there is.
pub fn likely(desk: &Desk, opened: &Opened) -> Option<Staff> {
    let all = practitioners(desk);
    if let [only] = all.as_slice() {
        return Some((*only).clone());
    }
    let physician = &desk.day.of_patient(&opened.number)?.physician.name;
    let wanted = bare(physician);
    let mut fitting = all.into_iter().filter(|staff| {
        let own = bare(&staff.name);
        !own.is_empty() && !wanted.is_empty() && (own.contains(&wanted) || wanted.contains(&own))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.clone())
}

fn bare(name: &str) -> String {
    clinical::search::fold(name).chars().filter(|c| !c.is_whitespace()).collect()
}

/// In whose name the signed-in person writes about the opened patient: [`likely`], where the content needs a
/// practitioner's word. `Ok(None)` where none is needed, `Err` where the person has to choose first.
pub fn proxy_for(
    desk: &Desk,
    opened: &Opened,
    kind: ProfileKind,
) -> Result<Option<Staff>, NoProxy> {
    if !is_needed(desk, kind) {
        return Ok(None);
    }
    likely(desk, opened).map(Some).ok_or(NoProxy)
}

/// The entry that takes a remark of the receipt computer over into the profile; `None` where it holds nothing
/// that has a place there.
pub fn take_over(
    desk: &Desk,
    opened: &Opened,
    remark: &SafetyRemark,
) -> Result<Option<EntryContent>, NoProxy> {
    let Some(value) = codes::content_of(remark) else { return Ok(None) };
    let on_behalf_of = proxy_for(desk, opened, value.kind())?;
    let entry = ProfileEntry {
        patient: opened.number.clone(),
        item: new_item(&value),
        base: None,
        act: Act::Record { value, source: Source::ReceiptComputer },
        on_behalf_of,
        reason: String::new(),
        settles: None,
    };
    Ok(Some(EntryContent::Profile { entry }))
}

/// A name for an item that is begun.
pub fn new_item(value: &ProfileValue) -> Uuid {
    match value {
        ProfileValue::BloodType(_) => ProfileEntry::BLOOD_TYPE,
        _ => Uuid::now_v7(),
    }
}
