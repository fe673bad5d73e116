//! What stands above the list: its title, and how old it is when nothing keeps it new.

use api::receptions::LinkState;
use clinical::ReceptionState;
use egui::{RichText, Ui};

use crate::app::day::ListSource;
use crate::app::intent::Intent;
use crate::app::model::{Desk, Tone};
use crate::screens::sign_in::detail_words;
use crate::theme::tokens::{bold, colors, compact, size};
use crate::widgets::banner;

/// The title with its counts.
pub(super) fn title(ui: &mut Ui, desk: &Desk) {
    let c = colors(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(desk.t("list.title")).font(bold(size::TITLE)));
        ui.label(RichText::new(counts(desk)).size(size::CHIP).color(c.soft));
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
        let what = if desk.day.source == ListSource::Empty {
            desk.t("stale.cut_empty").to_owned()
        } else {
            desk.fill("stale.cut", &[("time", &time), ("age", &age)])
        };
        let (text, detail) = if compact(ui.ctx()) {
            (what, String::new())
        } else {
            let text = format!("{what}{}", desk.failure_words(failure));
            (text, detail_words(desk, &failure.detail))
        };
        let action = Some(desk.t("key.reconnect"));
        return banner::show(ui, Tone::Danger, &text, &detail, action).then_some(Intent::Reconnect);
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

/// `待ち 6・診察中 1・本日 23 名`.
fn counts(desk: &Desk) -> String {
    let inside = desk.day.count(ReceptionState::InConsultation)
        + desk.day.count(ReceptionState::InExamination);
    let values = [
        ("waiting", desk.day.count(ReceptionState::Waiting).to_string()),
        ("inside", inside.to_string()),
        ("all", desk.day.total().to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    desk.fill("list.counts", &values)
}
