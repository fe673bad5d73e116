//! What stands above the list: its title, and how old it is when nothing keeps it new.

use api::ErrorCode;
use api::receptions::LinkState;
use clinical::ReceptionState;
use egui::{Label, RichText, Ui};

use crate::app::day::ListSource;
use crate::app::intent::Intent;
use crate::app::model::{Desk, Tone};
use crate::client::{Failure, FailureKind};
use crate::screens::sign_in::detail_words;
use crate::theme::tokens::{bold, colors, compact, size, space};
use crate::widgets::banner;

/// The title with its counts, and whose state became what.
pub(super) fn title(ui: &mut Ui, desk: &Desk, told: Option<&str>) {
    let c = colors(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(desk.t("list.title")).font(bold(size::TITLE)));
        ui.label(RichText::new(counts(desk)).size(size::CHIP).color(c.soft));
        if let Some(told) = told {
            ui.add_space(space::GAP);
            let words = RichText::new(told).font(bold(size::CHIP)).color(c.indigo);
            ui.add(Label::new(words).truncate());
        }
    });
}

/// Says how old the list is when nothing keeps it new.
pub(super) fn stale(ui: &mut Ui, desk: &Desk) -> Option<Intent> {
    let at = |moment| (desk.clock_words(moment), desk.age_words(moment));
    if let Some((since, failure)) = &desk.cut {
        let as_of = match desk.day.source {
            ListSource::Kept { at } => at,
            ListSource::Live | ListSource::Empty => *since,
        };
        let (time, age) = at(as_of);
        // The small print gives way to the list on a small screen; what happened and what to do do not.
        let narrow = compact(ui.ctx());
        let what = if desk.day.source == ListSource::Empty {
            desk.t("stale.cut_empty").to_owned()
        } else {
            let key = match (narrow, desk.offline) {
                (true, _) => "stale.cut_short",
                (false, true) => "stale.offline",
                (false, false) => "stale.cut",
            };
            desk.fill(key, &[("time", &time), ("age", &age)])
        };
        let (why, detail) = if narrow {
            (short_words(desk, failure), String::new())
        } else {
            (desk.failure_words(failure), detail_words(desk, &failure.detail))
        };
        let text = format!("{what}{why}");
        let action = Some(desk.t("key.reconnect"));
        // Work goes on while the line is cut: that is waiting, not danger.
        let tone = if failure.is_of_the_line() { Tone::Waiting } else { Tone::Danger };
        return banner::show(ui, tone, &text, &detail, action).then_some(Intent::Reconnect);
    }
    if let ListSource::Kept { at: stored } = desk.day.source {
        let (time, age) = at(stored);
        let text = desk.fill("stale.kept", &[("time", &time), ("age", &age)]);
        banner::show(ui, Tone::Waiting, &text, "", None);
    } else if let (false, Some(link)) = (desk.link_is_good(), &desk.link) {
        let key = match link.state {
            LinkState::Refused => "stale.link_refused",
            LinkState::Garbled => "stale.link_garbled",
            _ => "stale.link_unreachable",
        };
        let since = match link.last_success {
            Some(moment) => {
                let (time, age) = at(moment);
                desk.fill("stale.link_as_of", &[("time", &time), ("age", &age)])
            }
            None => desk.t("stale.link_never").to_owned(),
        };
        let text = format!("{}{since}", desk.t(key));
        banner::show(ui, Tone::Waiting, &text, "", None);
    }
    None
}

/// What happened and what to do, in few words.
fn short_words(desk: &Desk, failure: &Failure) -> String {
    let key = match &failure.kind {
        FailureKind::Unreachable => "failure_short.unreachable",
        FailureKind::Untrusted => "failure_short.untrusted",
        FailureKind::TimedOut => "failure_short.timed_out",
        FailureKind::Garbled => "failure_short.garbled",
        FailureKind::Refused { code: ErrorCode::Unavailable, .. } => "failure_short.unavailable",
        FailureKind::Refused { code: ErrorCode::Internal, .. } => "failure_short.internal",
        FailureKind::Refused { .. } | FailureKind::NotKnownHere | FailureKind::TooLongOffline => {
            return desk.failure_words(failure);
        }
    };
    desk.t(key).to_owned()
}

/// `待ち 6・診察中 1・検査中 2・本日 23 名`; who is examined only when there is somebody.
fn counts(desk: &Desk) -> String {
    let inside = desk.day.count(ReceptionState::InConsultation);
    let examined = desk.day.count(ReceptionState::InExamination);
    let values = [
        ("waiting", desk.day.count(ReceptionState::Waiting).to_string()),
        ("inside", inside.to_string()),
        ("examined", examined.to_string()),
        ("all", desk.day.total().to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let key = if examined > 0 { "list.counts_examined" } else { "list.counts" };
    desk.fill(key, &values)
}
