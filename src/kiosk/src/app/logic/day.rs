//! The day's list and its receptions' states.

use api::entries::EntryContent;
use api::receptions::{ReceptionList, StateChange};
use clinical::{Reception, ReceptionKey, ReceptionState};

use crate::app::App;
use crate::app::day::{Day, ListSource};
use crate::app::model::Tone;
use crate::app::records::Task;
use crate::client::Request;
use crate::local::RowPatient;

/// The day's list is written to the terminal's store at most this often.
const KEEP_EVERY_SECONDS: u64 = 10;

impl App {
    pub(super) fn list_came(&mut self, list: ReceptionList) {
        if self.desk.session.is_none() {
            return;
        }
        if list.date != self.desk.day.date {
            self.desk.day = Day::new(list.date);
        }
        self.event_seq = list.event_seq;
        self.desk.link = Some(list.link.clone());
        self.cache.remember_list(list.clone());
        self.list_changed = None;
        self.desk.day.set(list.receptions, ListSource::Live);
        self.lay_outbox_over();
        self.ask_what_may_be_old();
    }

    pub(super) fn put_reception(&mut self, reception: Reception) {
        if self.desk.session.is_none() {
            return;
        }
        self.desk.day.put(reception);
        self.list_changed.get_or_insert(self.desk.moment);
    }

    /// At midnight the list of the new day is followed.
    pub(super) fn next_day(&mut self) {
        let today = self.desk.today();
        if today == self.today {
            return;
        }
        self.today = today;
        if self.desk.session.is_some() {
            self.desk.day = Day::new(today);
            self.lay_outbox_over();
            self.send(Request::FollowDay(today));
            self.lab_of_new_day();
        }
    }

    pub(super) fn keep_list(&mut self) {
        let Some(since) = self.list_changed else { return };
        if self.desk.seconds_since(since) < KEEP_EVERY_SECONDS {
            return;
        }
        self.list_changed = None;
        if let (ListSource::Live, Some(link)) = (self.desk.day.source, self.desk.link.clone()) {
            self.cache.remember_list(ReceptionList {
                date: self.desk.day.date,
                receptions: self.desk.day.rows.iter().map(|r| r.reception.clone()).collect(),
                event_seq: self.event_seq,
                link,
            });
        }
    }

    /// A change builds on the state that the screen shows, also where the cloud does not have that one yet.
    pub(super) fn change_state(&mut self, key: &ReceptionKey, to: ReceptionState) {
        if !self.desk.may_record() {
            let words = self.desk.t("failure.forbidden").to_owned();
            self.desk.tell(Tone::Danger, words, String::new());
            return;
        }
        let day = &self.desk.day;
        let Some(reception) = day.find(key) else { return };
        let seen = day.shown_state(reception);
        if !day.can_change(reception) || !seen.may_become(to) {
            return;
        }
        let patient =
            RowPatient { number: reception.patient.clone(), name: reception.name.clone() };
        let change = StateChange { key: key.clone(), state: to, seen };
        let content = EntryContent::ReceptionState { change };
        self.confirm(Task::State { key: key.clone(), to }, patient, vec![content], None, None);
    }
}
