//! Entries in words: what was confirmed, what became of it.

use api::ErrorCode;
use api::entries::EntryContent;
use clinical::profile::Act;

use super::{profile, state};
use crate::app::Desk;

/// What was confirmed: `血圧　152/88 mmHg`, `状態　診察中`.
pub fn what(desk: &Desk, content: &EntryContent) -> String {
    match content {
        EntryContent::ReceptionState { change } => {
            let to = desk.t(state::words(change.state));
            desk.fill("entry_words.state", &[("state", to)])
        }
        EntryContent::Profile { entry } => match &entry.act {
            Act::Record { value, .. } => profile::words(desk, value),
            Act::Withdraw => desk.t("entry_words.withdraw").to_owned(),
            Act::Confirm => desk.t("entry_words.confirm").to_owned(),
            Act::Keep => desk.t("entry_words.keep").to_owned(),
        },
    }
}

/// Why the cloud refuses an entry, and what to do.
pub fn refusal(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Forbidden => "refusal.forbidden",
        ErrorCode::NotFound => "refusal.not_found",
        ErrorCode::TooLarge => "refusal.too_large",
        _ => "refusal.invalid",
    }
}
