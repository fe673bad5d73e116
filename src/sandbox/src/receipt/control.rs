//! The hand behind the scenes: what a demo or a test does to the receipt computer.

use std::sync::Arc;
use std::time::Duration;

use clinical::{Patient, PersonName, Reception, ReceptionKey, ReceptionState, SafetyRemark};
use jiff::civil::{Date, Time};

use super::books::Line;
use super::clock::SandboxClock;
use super::counter::{Pointer, Wanted};
use super::refusal::Refusal;
use super::shared::{Shared, Trouble};

/// Why something could not be done behind the scenes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No such number in the register.
    #[error("the receipt computer has no patient of that number")]
    UnknownPatient,
    /// The number is in use.
    #[error("the receipt computer has a patient of that number already")]
    NumberTaken,
    /// No such reception today, or it is not in the state for that.
    #[error("the receipt computer has no such reception in that state")]
    NoSuchReception,
    /// The receipt computer's own checks refused.
    #[error("refused by the receipt computer: {code} {message}")]
    Refused {
        /// As an API answer would carry it.
        code: &'static str,
        /// As an API answer would carry it.
        message: &'static str,
    },
}

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { code: refusal.code, message: refusal.message }
    }
}

/// A reception to make at the receipt computer's own screen. Empty fields take the first of the system list,
/// no time takes the clock's.
#[derive(Debug, Clone, Default)]
pub struct Accept {
    /// Patient number; empty for a walk-in.
    pub patient: String,
    /// The walk-in's name; ignored beside a number.
    pub name: String,
    /// 受付時刻.
    pub time: Option<Time>,
    /// 診療科, two digits.
    pub department: String,
    /// 担当医, five digits.
    pub physician: String,
    /// 診療内容, two digits.
    pub content: String,
    /// 保険組合せ番号; empty takes the last visit's.
    pub combination: String,
    /// 予約時刻.
    pub appointment: Option<Time>,
}

/// Handle to a running receipt computer; clones act on the same one.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The clinic's clock: hold it, set it, let it run.
    pub fn clock(&self) -> SandboxClock {
        self.shared.books.clock.clone()
    }

    /// Changes how fast the clinic's clock runs; 0.0 holds it.
    pub fn set_clock_rate(&self, rate: f64) {
        self.shared.books.clock.set_rate(rate);
    }

    /// Accepts a patient now; gives the reception's number (受付ID).
    pub fn accept(&self, patient: &str) -> Result<String, ControlError> {
        self.accept_as(Accept { patient: patient.to_owned(), ..Accept::default() })
    }

    /// Accepts someone of whom there is only a name (未登録).
    pub fn accept_walk_in(&self, name: &str) -> Result<String, ControlError> {
        self.accept_as(Accept { name: name.to_owned(), ..Accept::default() })
    }

    /// Accepts with everything as wished.
    pub fn accept_as(&self, accept: Accept) -> Result<String, ControlError> {
        let lists = &self.shared.books.lists;
        let or_first = |wish: String, first: Option<&String>| {
            if wish.is_empty() { first.cloned().unwrap_or_default() } else { wish }
        };
        let department = or_first(accept.department, lists.departments.first().map(|d| &d.code));
        let physician = or_first(accept.physician, lists.physicians.first().map(|p| &p.code));
        let mut wanted = Wanted {
            patient: accept.patient,
            name: accept.name,
            time: accept.time,
            department,
            physician,
            content: accept.content,
            appointment: accept.appointment,
            at_screen: true,
            ..Wanted::default()
        };
        wanted.insurance.combination = accept.combination;
        Ok(self.shared.books.accept(&wanted)?.line.visit.id_text())
    }

    /// Gives a walk-in's reception its patient number.
    pub fn assign(&self, id: &str, patient: &str) -> Result<(), ControlError> {
        let line = self.line(id).ok_or(ControlError::NoSuchReception)?;
        let wanted = Wanted {
            patient: patient.to_owned(),
            date: Some(line.visit.date),
            time: Some(line.visit.time),
            department: line.visit.department,
            physician: line.visit.physician,
            content: line.visit.content,
            at_screen: true,
            ..Wanted::default()
        };
        self.shared.books.assign(id, &wanted)?;
        Ok(())
    }

    /// Takes a reception of today back (受付取消).
    pub fn cancel(&self, id: &str) -> Result<(), ControlError> {
        let line = self.line(id).ok_or(ControlError::NoSuchReception)?;
        let patient = line.visit.patient.map(String::from).unwrap_or_default();
        let id = id.to_owned();
        self.shared.books.cancel(&Pointer {
            patient,
            id,
            at_screen: true,
            ..Pointer::default()
        })?;
        Ok(())
    }

    /// Closes the bill of a reception of today (会計済).
    pub fn finish(&self, id: &str) -> Result<(), ControlError> {
        let now = self.shared.books.clock.now();
        let id = self.line(id).ok_or(ControlError::NoSuchReception)?.visit.id;
        let done = self.shared.books.account(now.date(), id, now.time());
        if done { Ok(()) } else { Err(ControlError::NoSuchReception) }
    }

    /// Opens a closed bill again.
    pub fn reopen(&self, id: &str) -> Result<(), ControlError> {
        let date = self.shared.books.clock.now().date();
        let id = self.line(id).ok_or(ControlError::NoSuchReception)?.visit.id;
        if self.shared.books.reopen(date, id) { Ok(()) } else { Err(ControlError::NoSuchReception) }
    }

    /// What stands in the reception table of today, by number. State is waiting or done: finer states are not
    /// the receipt computer's business.
    pub fn receptions(&self) -> Vec<Reception> {
        self.receptions_of(self.shared.books.clock.now().date())
    }

    /// The same for any day.
    pub fn receptions_of(&self, date: Date) -> Vec<Reception> {
        self.shared.books.lines(date).into_iter().map(reception).collect()
    }

    /// The patient as the register has the person now.
    pub fn patient(&self, number: &str) -> Option<Patient> {
        self.shared.books.state().record(number).map(|record| record.patient.clone())
    }

    /// Registers a new patient.
    pub fn register_patient(&self, patient: Patient) -> Result<(), ControlError> {
        if self.shared.books.register(patient) { Ok(()) } else { Err(ControlError::NumberTaken) }
    }

    /// Changes anything but the number of a patient, as an operator would.
    pub fn change_patient(
        &self,
        number: &str,
        change: impl FnOnce(&mut Patient),
    ) -> Result<(), ControlError> {
        known(self.shared.books.change(number, change))
    }

    /// Changes a patient's name.
    pub fn rename_patient(&self, number: &str, name: PersonName) -> Result<(), ControlError> {
        self.change_patient(number, |patient| patient.name = name)
    }

    /// Changes a patient's safety remarks.
    pub fn set_safety(&self, number: &str, remarks: Vec<SafetyRemark>) -> Result<(), ControlError> {
        self.change_patient(number, |patient| patient.safety = remarks)
    }

    /// Another terminal opens the patient: the API answers 90 for that long.
    pub fn lock_patient(&self, number: &str, span: Duration) -> Result<(), ControlError> {
        known(self.shared.books.lock(number, span))
    }

    /// The other terminal closes the patient.
    pub fn unlock_patient(&self, number: &str) {
        self.shared.books.unlock(number);
    }

    /// Makes the line or the receipt computer behave badly until the next call.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.shared.set_trouble(trouble);
    }

    /// Drops all push sockets, without a word. What happens until they are back is not told again.
    pub fn drop_push(&self) {
        self.shared.books.hub.drop_all();
    }

    /// The next `count` push events reach nobody; pusheventgetv2 still knows them.
    pub fn lose_push(&self, count: usize) {
        self.shared.books.hub.lose(count);
    }

    /// How many push sockets are open.
    pub fn push_listeners(&self) -> usize {
        self.shared.books.hub.listeners()
    }

    /// How many requests came to that path, such as `/api01rv2/acceptlstv2`, answered or not.
    pub fn requests_to(&self, path: &str) -> u64 {
        self.shared.requests_to(path)
    }

    fn line(&self, id: &str) -> Option<Line> {
        let date = self.shared.books.clock.now().date();
        self.shared.books.lines(date).into_iter().find(|line| line.visit.id_text() == id)
    }
}

fn known(found: bool) -> Result<(), ControlError> {
    if found { Ok(()) } else { Err(ControlError::UnknownPatient) }
}

fn reception(line: Line) -> Reception {
    let person = line.person();
    let state = match line.visit.accounted {
        Some(_) => ReceptionState::Done,
        None => ReceptionState::Waiting,
    };
    Reception {
        key: ReceptionKey { date: line.visit.date, id: line.visit.id_text() },
        patient: person.number,
        name: person.name,
        birth_date: person.birth_date,
        sex: person.sex,
        time: line.visit.time,
        appointment: line.visit.appointment,
        paid_at: line.visit.accounted,
        department: line.department,
        physician: line.physician,
        content: line.content,
        insurance_combination: line.visit.combination,
        state,
        revision: 0,
    }
}
