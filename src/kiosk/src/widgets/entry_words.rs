//! Entries in words: what was confirmed, what became of it.

use api::ErrorCode;
use api::entries::EntryContent;
use api::lab::TrayDecision;
use api::papers::PaperKind;
use clinical::lab::{LabAct, LabSetAct};
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
        EntryContent::Lab { entry } => lab(desk, &entry.act),
        EntryContent::LabSet { entry } => match &entry.act {
            LabSetAct::Keep { set } => {
                desk.fill("entry_words.lab_set_keep", &[("name", &set.name)])
            }
            LabSetAct::Remove => desk.t("entry_words.lab_set_remove").to_owned(),
        },
        EntryContent::LabTray { entry } => match &entry.decision {
            TrayDecision::Assign { patient, .. } => {
                desk.fill("entry_words.lab_tray_assign", &[("number", patient.as_str())])
            }
            TrayDecision::SetAside { .. } => desk.t("entry_words.lab_tray_aside").to_owned(),
        },
        EntryContent::Printed { record } => {
            let paper = desk.t(paper(record.paper));
            let values = [("paper", paper), ("n", &record.copy.to_string())];
            let again = record.copy > 1;
            let key = if again { "entry_words.lab_reprinted" } else { "entry_words.lab_printed" };
            desk.fill(key, &values)
        }
    }
}

/// What was done to a lab order: `採取　261122010018`.
fn lab(desk: &Desk, act: &LabAct) -> String {
    let count = |key: &str, n: usize| desk.fill(key, &[("n", &n.to_string())]);
    match act {
        LabAct::Order { request } => {
            let first = || request.items.first().map_or("", |item| &item.abbr);
            let what = if request.set_name.is_empty() { first() } else { &request.set_name };
            let n = request.items.len().to_string();
            desk.fill("entry_words.lab_order", &[("what", what), ("n", &n)])
        }
        LabAct::Labels { tubes, copy: 1, .. } => count("entry_words.lab_labels", tubes.len()),
        LabAct::Labels { tubes, .. } => count("entry_words.lab_labels_again", tubes.len()),
        LabAct::Draw { tube, .. } => desk.fill("entry_words.lab_draw", &[("tube", tube.as_str())]),
        LabAct::NotDrawn { tube, .. } => {
            desk.fill("entry_words.lab_not_drawn", &[("tube", tube.as_str())])
        }
        LabAct::Reset { tube } => desk.fill("entry_words.lab_reset", &[("tube", tube.as_str())]),
        LabAct::Send { tubes } => count("entry_words.lab_send", tubes.len()),
        LabAct::Cancel { .. } => desk.t("entry_words.lab_cancel").to_owned(),
        LabAct::ConfirmResults { results } => count("entry_words.lab_confirm", results.len()),
    }
}

/// Key of a paper's words.
fn paper(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::Sticker => "entry_words.lab_paper_sticker",
        PaperKind::Results => "entry_words.lab_paper_results",
        PaperKind::DaySheet => "entry_words.lab_paper_day_sheet",
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
