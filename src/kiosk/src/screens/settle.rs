//! Choosing between two versions of an item: both in full, with who wrote them and when.

use clinical::profile::{Act, Item, Version};
use clinical::{PatientNumber, Staff};
use egui::Ui;
use jiff::Timestamp;
use uuid::Uuid;

use crate::app::intent::{Choice as Decision, Intent};
use crate::app::keys::Command;
use crate::app::model::Desk;
use crate::app::opened::Opened;
use crate::widgets::chooser::{Choice, Chooser, Outcome};
use crate::widgets::profile;

/// The chooser for one rival of one item.
pub struct SettleChooser {
    number: PatientNumber,
    item: Uuid,
    rival: Uuid,
    chooser: Chooser,
}

/// The first item about which somebody must choose, with the version that waits for it.
pub fn first_rival(items: &[Item]) -> Option<(&Item, &Version)> {
    items.iter().find_map(|item| Some((item, item.rivals.first()?)))
}

impl SettleChooser {
    /// Opens on what stands; `None` where nobody has to choose.
    pub fn new(desk: &Desk, opened: &Opened) -> Option<Self> {
        let items = opened.profile(&desk.outbox);
        let (item, rival) = first_rival(&items)?;
        let chooser = Chooser::on(&choices(desk, item, rival));
        Some(Self { number: opened.number.clone(), item: item.id, rival: rival.id, chooser })
    }

    /// Draws it; whether to close it, and what was chosen.
    pub fn show(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        opened: &Opened,
        pressed: Option<Command>,
    ) -> (bool, Option<Intent>) {
        let items = opened.profile(&desk.outbox);
        let item = items.iter().find(|item| item.id == self.item);
        let rival = item.and_then(|item| item.rivals.iter().find(|r| r.id == self.rival));
        // Settled meanwhile, or another patient came.
        let (Some(item), Some(rival), true) = (item, rival, opened.is(&self.number)) else {
            return (true, None);
        };
        let what = profile::caption(desk, &item.content.value);
        let title = desk.fill("settle.title", &[("what", what)]);
        let words = (title.as_str(), desk.t("chooser.leave"));
        let choice = match self.chooser.show(ui, words, &choices(desk, item, rival), pressed) {
            Outcome::Open => return (false, None),
            Outcome::Left => return (true, None),
            Outcome::Chosen(0) => Decision::Standing { rival: self.rival },
            Outcome::Chosen(_) => Decision::Rival { rival: self.rival },
        };
        let (number, item) = (self.number.clone(), self.item);
        (true, Some(Intent::Settle { number, item, choice }))
    }
}

/// What stands first, then the rival; the one that the signed-in person has written is called so.
fn choices(desk: &Desk, item: &Item, rival: &Version) -> Vec<Choice> {
    let content = &item.content;
    let (stands, by) = match &item.withdrawal {
        Some(deed) => (desk.t("record.withdrawn").to_owned(), (&deed.author, deed.entered_at)),
        None => (profile::value(desk, &content.value), (&content.author, content.entered_at)),
    };
    let other = match &rival.entry.act {
        Act::Record { value, .. } => profile::value(desk, value),
        _ => desk.t("record.withdrawn").to_owned(),
    };
    let may = desk.session.as_ref().is_some_and(|s| item.may_put_away(s.role, rival));
    let mut first = words(desk, &stands, by);
    if !may {
        first = format!("{first}　{}", desk.t("settle.practitioner_only"));
    }
    vec![
        Choice { label: first, enabled: may, current: false },
        Choice {
            label: words(desk, &other, (&rival.author, rival.entered_at)),
            enabled: true,
            current: false,
        },
    ]
}

/// The content over its author: `自分の記録` where the signed-in person has written it.
fn words(desk: &Desk, what: &str, (author, at): (&Staff, Timestamp)) -> String {
    let own = desk.session.as_ref().is_some_and(|s| s.account_id == author.account);
    let key = if own { "settle.own" } else { "settle.other" };
    let by = desk.fill(key, &[("who", &author.name), ("time", &desk.clock_words(at))]);
    format!("{what}\n{by}")
}
