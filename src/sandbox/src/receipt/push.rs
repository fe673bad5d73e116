//! Push: what the receipt computer tells of by itself.
//!
//! An event goes to whoever listens at that moment and is never sent again; who was away asks
//! pusheventgetv2, which keeps about seven days.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use clinical::PatientNumber;
use jiff::ToSpan;
use jiff::civil::DateTime;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

use super::books::Visit;

/// How many events a slow listener may lag before it loses some.
const BACKLOG: usize = 4096;
const KEPT_DAYS: i64 = 7;

/// The events that can be subscribed to.
pub(crate) const EVENTS: [&str; 10] = [
    "patient_accept",
    "patient_information",
    "patient_account",
    "patient_hospital_stay",
    "accept",
    "account",
    "print001",
    "receive_medicalreq",
    "user_event",
    "*",
];

/// What an event says.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    event: &'static str,
    body: Value,
}

impl Notice {
    /// `patient_accept`: a reception was added, modified or deleted.
    pub(crate) fn accept(mode: &str, visit: &Visit) -> Self {
        let body = json!({
            "Patient_Mode": mode,
            "Patient_ID": number(visit.patient.as_ref()),
            "Accept_Date": visit.date.to_string(),
            "Accept_Time": visit.time.strftime("%H:%M:%S").to_string(),
            "Accept_Id": visit.id_text(),
            "Department_Code": visit.department,
            "Physician_Code": visit.physician,
            "Insurance_Combination_Number": visit.combination.as_deref().unwrap_or("0000"),
        });
        Self { event: "patient_accept", body }
    }

    /// `patient_information`: a patient's data was added or modified.
    pub(crate) fn patient(mode: &str, patient: &PatientNumber, at: DateTime) -> Self {
        let body = json!({
            "Patient_Mode": mode,
            "Patient_ID": patient.as_str(),
            "Information_Date": at.date().to_string(),
            "Information_Time": at.strftime("%H:%M:%S").to_string(),
        });
        Self { event: "patient_information", body }
    }

    /// `patient_account`: a bill was closed or opened again.
    pub(crate) fn account(mode: &str, visit: &Visit, at: DateTime) -> Self {
        let body = json!({
            "Patient_Mode": mode,
            "Patient_ID": number(visit.patient.as_ref()),
            "Information_Date": at.date().to_string(),
            "Information_Time": at.strftime("%H:%M:%S").to_string(),
            "Perform_Date": visit.date.to_string(),
            "Medical_Information": [{
                "Insurance_Combination_Number": visit.combination.as_deref().unwrap_or("0000"),
                "Department_Code": visit.department,
                "Physician_Code": visit.physician,
                "Invoice_Number": format!("{:07}", visit.id),
            }],
        });
        Self { event: "patient_account", body }
    }
}

fn number(patient: Option<&PatientNumber>) -> &str {
    patient.map_or("", PatientNumber::as_str)
}

/// An event as it was sent.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) user: String,
    pub(crate) at: DateTime,
    /// The `data` of the message.
    pub(crate) data: Value,
}

/// Gives out events and keeps them for those who ask later.
pub(crate) struct Hub {
    log: Mutex<Log>,
    live: broadcast::Sender<Arc<Event>>,
    cut: watch::Sender<u64>,
}

#[derive(Default)]
struct Log {
    last_id: u16,
    kept: VecDeque<Arc<Event>>,
    to_lose: usize,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            log: Mutex::default(),
            live: broadcast::Sender::new(BACKLOG),
            cut: watch::Sender::new(0),
        }
    }
}

impl Hub {
    /// Sends an event and keeps it. Numbers run from 1 to 65535 and begin again.
    pub(crate) fn emit(&self, at: DateTime, user: &str, notice: &Notice) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.last_id = log.last_id.checked_add(1).unwrap_or(1);
        let data = json!({
            "id": log.last_id,
            "uuid": uuid::Uuid::new_v4().to_string(),
            "event": notice.event,
            "user": user,
            "time": at.strftime("%Y-%m-%dT%H:%M:%S+0900").to_string(),
            "body": notice.body,
        });
        let event = Arc::new(Event { name: notice.event, user: user.to_owned(), at, data });
        log.kept.push_back(Arc::clone(&event));
        if let Ok(oldest) = at.checked_sub(KEPT_DAYS.days()) {
            log.kept.retain(|event| event.at >= oldest);
        }
        if log.to_lose > 0 {
            log.to_lose -= 1;
            return;
        }
        // Nobody listening is no error: that event is then only in the log.
        let _ = self.live.send(event);
    }

    /// Events that fit, oldest first.
    pub(crate) fn since(&self, fits: impl Fn(&Event) -> bool) -> Vec<Arc<Event>> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.kept.iter().filter(|event| fits(event)).cloned().collect()
    }

    /// Events from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Event>> {
        self.live.subscribe()
    }

    /// How many sockets listen.
    pub(crate) fn listeners(&self) -> usize {
        self.live.receiver_count()
    }

    /// Changes whenever all sockets are to be dropped.
    pub(crate) fn cuts(&self) -> watch::Receiver<u64> {
        self.cut.subscribe()
    }

    /// Drops all sockets.
    pub(crate) fn drop_all(&self) {
        self.cut.send_modify(|times| *times += 1);
    }

    /// The next `count` events reach nobody, though they are kept.
    pub(crate) fn lose(&self, count: usize) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).to_lose = count;
    }

    #[cfg(test)]
    fn set_last_id(&self, id: u16) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).last_id = id;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn notice() -> Notice {
        let number = PatientNumber::parse("00127").unwrap();
        Notice::patient("modify", &number, date(2026, 11, 24).at(9, 0, 0, 0))
    }

    #[test]
    fn numbers_wrap_after_65535_and_never_are_zero() {
        let hub = Hub::default();
        hub.set_last_id(u16::MAX - 1);
        let mut live = hub.listen();
        for _ in 0..3 {
            hub.emit(date(2026, 11, 24).at(9, 0, 0, 0), "jimu", &notice());
        }
        let ids: Vec<_> =
            (0..3).map(|_| live.try_recv().unwrap().data["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, [65535, 1, 2]);
    }

    #[test]
    fn what_is_older_than_a_week_is_gone() {
        let hub = Hub::default();
        for day in 1..=10 {
            hub.emit(date(2026, 11, day).at(9, 0, 0, 0), "jimu", &notice());
        }
        let kept = hub.since(|_| true);
        assert_eq!(kept.len(), 8);
        assert_eq!(kept[0].at, date(2026, 11, 3).at(9, 0, 0, 0));
    }

    #[test]
    fn a_lost_event_is_in_the_log_alone() {
        let hub = Hub::default();
        let mut live = hub.listen();
        hub.lose(1);
        hub.emit(date(2026, 11, 24).at(9, 0, 0, 0), "jimu", &notice());
        assert!(live.try_recv().is_err());
        hub.emit(date(2026, 11, 24).at(9, 0, 1, 0), "jimu", &notice());
        assert_eq!(live.try_recv().unwrap().data["id"], 2);
        assert_eq!(hub.since(|_| true).len(), 2);
    }
}
