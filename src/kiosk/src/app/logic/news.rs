//! What a person must know of an entry of theirs: that somebody else was first. It is told to the person who
//! confirmed the entry, as soon as that one is signed in and there is room on the screen.

use api::entries::{EntryContent, EntryResult, Receipt};
use clinical::lab::{LabAct, LabOutcome};
use clinical::profile::{Act, Item, Outcome};
use clinical::{PatientNumber, Reception, ReceptionState};
use uuid::Uuid;

use crate::app::App;
use crate::app::model::{MOST_NOTICES, Tone};
use crate::local::OutboxRow;
use crate::widgets::{profile, state};

/// What became of an entry otherwise than its author thinks.
pub(in crate::app) struct News {
    author: Uuid,
    entry: Uuid,
    /// Whom the entry is about.
    name: String,
    about: About,
}

enum About {
    /// Two versions stand side by side.
    Rival(PatientNumber, Box<Item>),
    /// What was confirmed had changed before.
    ConfirmedLate(Box<Item>),
    /// A reception's state was not set.
    Conflict(ReceptionState, Box<Reception>),
    /// Nothing was done to a lab order.
    LabOvertaken(Box<EntryContent>),
    /// Somebody else had decided about a report.
    TrayTaken,
}

impl News {
    /// `None` where all went as the author thinks.
    pub(super) fn of(receipt: &Receipt, row: &OutboxRow) -> Option<Self> {
        let about = match (&receipt.result, &row.entry.content) {
            (EntryResult::Profile { outcome, item }, EntryContent::Profile { entry }) => {
                match (outcome, &entry.act) {
                    (Outcome::Rival, _) => About::Rival(entry.patient.clone(), item.clone()),
                    (Outcome::Overtaken, Act::Confirm) => About::ConfirmedLate(item.clone()),
                    // The same content twice, or a choice that somebody else has made: nothing is to be done.
                    (Outcome::Stands | Outcome::Overtaken, _) => return None,
                }
            }
            (
                EntryResult::ReceptionState { applied: false, reception },
                EntryContent::ReceptionState { change },
            ) => About::Conflict(change.state, reception.clone()),
            (
                EntryResult::Lab { outcome: LabOutcome::Overtaken, .. },
                EntryContent::Lab { entry },
            ) => match &entry.act {
                // Who prints and who sees asks for nothing that somebody else could have done otherwise.
                LabAct::Labels { .. } | LabAct::ConfirmResults { .. } => return None,
                _ => About::LabOvertaken(Box::new(row.entry.content.clone())),
            },
            (EntryResult::LabTray { applied: false }, _) => About::TrayTaken,
            _ => return None,
        };
        let (author, name) = (row.author.account, row.patient.name.kanji.clone());
        Some(Self { author, entry: row.id, name, about })
    }
}

impl App {
    /// Takes what a receipt says that somebody must know. Who is at the desk now may not be the author, and the
    /// author may not come back: both are told.
    pub(super) fn take_news(&mut self, news: News) {
        let here = self.desk.session.as_ref().map(|session| session.account_id);
        if here.is_some_and(|account| account != news.author) {
            self.tell_one(&news);
        }
        self.news.push(news);
    }

    /// Somebody has signed in: the open choices about what that person has written, from the terminal's store,
    /// since the receipt may have come while the program was not running or nobody was here.
    pub(super) fn gather_news(&mut self) {
        let Some(account) = self.desk.session.as_ref().map(|session| session.account_id) else {
            return;
        };
        let mut open = Vec::new();
        for known in self.cache.known_patients() {
            for item in &known.view.profile {
                let own = item.rivals.iter().filter(|rival| rival.author.account == account);
                open.extend(own.map(|rival| {
                    let patient = &known.view.patient;
                    let about = About::Rival(patient.number.clone(), Box::new(item.clone()));
                    let name = patient.name.kanji.clone();
                    (rival.entered_at, News { author: account, entry: rival.id, name, about })
                }));
            }
        }
        open.retain(|(_, news)| self.news.iter().all(|known| known.entry != news.entry));
        open.sort_by_key(|(at, news)| (*at, news.entry));
        self.news.extend(open.into_iter().map(|(_, news)| news));
    }

    /// Tells the signed-in person as much as there is room for, in the order in which it came.
    pub(super) fn tell_news(&mut self) {
        let Some(account) = self.desk.session.as_ref().map(|session| session.account_id) else {
            return;
        };
        while self.desk.notices.len() < MOST_NOTICES
            && let Some(at) = self.news.iter().position(|news| news.author == account)
        {
            let news = self.news.remove(at);
            self.tell_one(&news);
        }
    }

    fn tell_one(&mut self, news: &News) {
        if let About::LabOvertaken(content) = &news.about {
            let what = crate::widgets::entry_words::what(&self.desk, content);
            let values = [("name", news.name.as_str()), ("what", what.as_str())];
            let text = self.desk.fill("lab.overtaken", &values);
            return self.desk.tell(Tone::Danger, text, String::new());
        }
        if let About::TrayTaken = &news.about {
            return self.tell_key(Tone::Waiting, "lab.tray_taken");
        }
        if let About::Conflict(wanted, stands) = &news.about {
            let (wanted, stands) =
                (self.desk.t(state::words(*wanted)), self.desk.t(state::words(stands.state)));
            let values = [("name", news.name.as_str()), ("wanted", wanted), ("stands", stands)];
            let text = self.desk.fill("change.conflict", &values);
            self.desk.tell(Tone::Danger, text, String::new());
            return;
        }
        let (key, item) = match &news.about {
            About::Rival(number, item) => {
                if self.is_settled(number, item.id, news.entry) {
                    return;
                }
                let here = self.desk.opened.as_ref().is_some_and(|o| o.is(number));
                (if here { "record.rival_here" } else { "record.rival" }, item)
            }
            About::ConfirmedLate(item) => ("record.confirm_late", item),
            About::Conflict(..) | About::LabOvertaken(_) | About::TrayTaken => return,
        };
        let desk = &self.desk;
        let (who, stands) =
            item.withdrawal.as_ref().map_or(
                (&item.content.author, profile::value(desk, &item.content.value)),
                |deed| (&deed.author, desk.t("record.withdrawn").to_owned()),
            );
        let values = [
            ("name", news.name.as_str()),
            ("what", profile::caption(desk, &item.content.value)),
            ("who", who.name.as_str()),
            ("stands", stands.as_str()),
        ];
        let text = desk.fill(key, &values);
        self.desk.tell(Tone::Waiting, text, String::new());
    }

    /// Whether somebody has chosen meanwhile, as far as this terminal knows.
    fn is_settled(&self, number: &PatientNumber, item: Uuid, rival: Uuid) -> bool {
        let known = self.cache.known_patient(number);
        let items = known.map(|known| known.view.profile).unwrap_or_default();
        let item = items.iter().find(|own| own.id == item);
        item.is_some_and(|item| item.rivals.iter().all(|own| own.id != rival))
    }
}
