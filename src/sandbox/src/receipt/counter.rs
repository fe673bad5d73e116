//! The reception counter: accepting, taking back, naming and closing a visit.
//!
//! The checks come in the order of the receipt computer's manual, since a request that is wrong in two ways
//! is answered with the first.

use clinical::{InsuranceCombination, Patient, PatientNumber};
use jiff::civil::{Date, Time};

use super::books::{Books, Line, Record, State, Visit};
use super::push::Notice;
use super::refusal::{Refusal, accept, common};

/// 受付ID has five digits.
const LAST_ID: u32 = 99_999;

/// What a reception is to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Patient number; empty for a walk-in with a name alone.
    pub(crate) patient: String,
    pub(crate) name: String,
    /// `None` is today.
    pub(crate) date: Option<Date>,
    /// `None` is now.
    pub(crate) time: Option<Time>,
    pub(crate) department: String,
    pub(crate) physician: String,
    /// Empty takes the first of the list.
    pub(crate) content: String,
    pub(crate) insurance: WantedInsurance,
    pub(crate) appointment: Option<Time>,
    /// Typed at the receipt computer's own screen, which holds the patient itself: no lock stands in its way.
    pub(crate) at_screen: bool,
}

/// How a request names the insurance; all empty takes the last visit's.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedInsurance {
    pub(crate) combination: String,
    pub(crate) class: String,
    pub(crate) insurer: String,
    /// Class and payer number of each public expense.
    pub(crate) public: Vec<(String, String)>,
}

/// A reception that stands now, and what was filled in for the asker.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) line: Line,
    pub(crate) filled: Vec<(&'static str, &'static str)>,
}

/// How a request points at a reception.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pointer {
    pub(crate) patient: String,
    pub(crate) date: Option<Date>,
    pub(crate) time: Option<Time>,
    pub(crate) id: String,
    pub(crate) department: String,
    pub(crate) combination: String,
    /// As in [`Wanted`].
    pub(crate) at_screen: bool,
}

impl Books {
    /// 受付登録.
    pub(crate) fn accept(&self, wanted: &Wanted) -> Result<Accepted, Refusal> {
        let now = self.clock.now();
        let mut state = self.state();
        let record = patient_for(&state, wanted)?;
        let content = self.place(wanted)?;
        let date = wanted.date.unwrap_or_else(|| now.date());
        if let Some(record) = record {
            refuse_twice(&state, date, &record.patient.number, wanted)?;
        }
        let combination = match record {
            Some(record) => choose(record, &wanted.insurance, date)?,
            None => None,
        };
        let number = record.map(|record| record.patient.number.clone());
        let day = state.days.entry(date).or_default();
        if day.last_id >= LAST_ID {
            return Err(accept::FULL);
        }
        day.last_id += 1;
        let visit = Visit {
            date,
            id: day.last_id,
            walk_in: if number.is_none() { wanted.name.clone() } else { String::new() },
            patient: number,
            time: wanted.time.unwrap_or_else(|| whole_second(now.time())),
            department: wanted.department.clone(),
            physician: wanted.physician.clone(),
            content,
            combination,
            appointment: wanted.appointment,
            accounted: None,
        };
        day.visits.push(visit.clone());
        remember_combination(&mut state, &visit);
        self.tell(now, &Notice::accept("add", &visit));
        Ok(Accepted { line: self.line(&state, &visit), filled: filled_in(wanted) })
    }

    /// 受付取消.
    pub(crate) fn cancel(&self, pointer: &Pointer) -> Result<Line, Refusal> {
        let now = self.clock.now();
        let mut state = self.state();
        let id = parse_id(&pointer.id)?;
        let date = pointer.date.unwrap_or_else(|| now.date());
        if !pointer.patient.is_empty() {
            state.record(&pointer.patient).ok_or(accept::NO_PATIENT)?;
            if !pointer.at_screen {
                refuse_locked(&state, &pointer.patient)?;
            }
        }
        let found = state.visits(date).iter().find(|visit| visit.id == id).cloned();
        let visit = found.ok_or(accept::NOTHING_TO_DELETE)?;
        if !same_patient(visit.patient.as_ref(), &pointer.patient) {
            return Err(accept::OTHER_PATIENT);
        }
        // A name alone does not tell who it is: the time must be right as well.
        if visit.patient.is_none() && pointer.time.is_some_and(|time| time != visit.time) {
            return Err(accept::BAD_TIME);
        }
        if visit.accounted.is_some() {
            return Err(accept::CANNOT_DELETE);
        }
        let line = self.line(&state, &visit);
        if let Some(day) = state.days.get_mut(&date) {
            day.visits.retain(|visit| visit.id != id);
        }
        self.tell(now, &Notice::accept("delete", &visit));
        Ok(line)
    }

    /// 受付更新: gives a name-only reception its patient number.
    pub(crate) fn assign(&self, id: &str, wanted: &Wanted) -> Result<Accepted, Refusal> {
        let now = self.clock.now();
        let mut state = self.state();
        let id = parse_id(id)?;
        if wanted.patient.is_empty() {
            return Err(accept::NO_ID);
        }
        let (number, combination);
        let date = wanted.date.ok_or(accept::BAD_DATE)?;
        let time = wanted.time.ok_or(accept::BAD_TIME)?;
        {
            let record = patient_for(&state, wanted)?.ok_or(accept::NO_PATIENT)?;
            number = record.patient.number.clone();
            combination = choose(record, &wanted.insurance, date)?;
        }
        let content = self.place(wanted)?;
        let visit = state.visit_mut(date, id).ok_or(accept::NO_RECEPTION)?;
        if visit.patient.is_some() {
            return Err(accept::OTHER_PATIENT);
        }
        if visit.time != time {
            return Err(accept::BAD_TIME);
        }
        visit.patient = Some(number);
        visit.walk_in = String::new();
        visit.department.clone_from(&wanted.department);
        visit.physician.clone_from(&wanted.physician);
        visit.content = content;
        visit.combination = combination;
        let visit = visit.clone();
        remember_combination(&mut state, &visit);
        self.tell(now, &Notice::accept("modify", &visit));
        Ok(Accepted { line: self.line(&state, &visit), filled: Vec::new() })
    }

    /// 受付照会: the reception that fits, open ones before paid ones.
    pub(crate) fn query(&self, pointer: &Pointer) -> Result<Line, Refusal> {
        let now = self.clock.now();
        let state = self.state();
        if pointer.patient.is_empty() {
            return Err(accept::NO_ID);
        }
        state.record(&pointer.patient).ok_or(accept::NO_PATIENT)?;
        let date = pointer.date.unwrap_or_else(|| now.date());
        let id = if pointer.id.is_empty() { None } else { Some(parse_id(&pointer.id)?) };
        let fits = |visit: &&Visit| {
            visit.patient.is_some()
                && same_patient(visit.patient.as_ref(), &pointer.patient)
                && id.is_none_or(|id| visit.id == id)
                && (pointer.department.is_empty() || visit.department == pointer.department)
                && (pointer.combination.is_empty()
                    || visit.combination.as_deref() == Some(pointer.combination.as_str()))
        };
        let rank = |visit: &&Visit| {
            (visit.accounted.is_some(), pointer.time.is_some_and(|time| time != visit.time))
        };
        let found = state.visits(date).iter().filter(fits).min_by_key(rank);
        found.map(|visit| self.line(&state, visit)).ok_or(accept::NO_RECEPTION)
    }

    /// 会計: closes the bill of a reception. False when there is none, or it is closed already.
    pub(crate) fn account(&self, date: Date, id: u32, at: Time) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(visit) = state.visit_mut(date, id).filter(|visit| visit.accounted.is_none())
        else {
            return false;
        };
        visit.accounted = Some(whole_second(at));
        let visit = visit.clone();
        if let Some(number) = &visit.patient
            && let Some(record) = state.record_mut(number.as_str())
        {
            record.patient.last_visit = Some(date);
            record.patient.first_visit.get_or_insert(date);
        }
        self.tell(now, &Notice::account("add", &visit, now));
        true
    }

    /// The clerk opens a closed bill again.
    pub(crate) fn reopen(&self, date: Date, id: u32) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(visit) = state.visit_mut(date, id).filter(|visit| visit.accounted.is_some())
        else {
            return false;
        };
        visit.accounted = None;
        let visit = visit.clone();
        self.tell(now, &Notice::account("delete", &visit, now));
        true
    }

    /// Checks department, physician and content; gives the content that holds.
    fn place(&self, wanted: &Wanted) -> Result<String, Refusal> {
        if wanted.department.is_empty() {
            return Err(accept::DEPARTMENT_MISSING);
        }
        if wanted.physician.is_empty() {
            return Err(accept::PHYSICIAN_MISSING);
        }
        self.lists.department(&wanted.department).ok_or(accept::NO_DEPARTMENT)?;
        self.lists.physician(&wanted.physician).ok_or(accept::NO_PHYSICIAN)?;
        if wanted.content.is_empty() {
            return Ok(self.lists.contents.first().map(|c| c.code.clone()).unwrap_or_default());
        }
        let content = self.lists.content(&wanted.content).ok_or(accept::NO_CONTENT)?;
        Ok(content.code.clone())
    }
}

/// The patient named, or `None` for a name alone.
fn patient_for<'a>(state: &'a State, wanted: &Wanted) -> Result<Option<&'a Record>, Refusal> {
    if wanted.patient.is_empty() {
        let named = !wanted.name.trim().is_empty();
        return if named { Ok(None) } else { Err(accept::NO_ID) };
    }
    let record = state.record(&wanted.patient).ok_or(accept::NO_PATIENT)?;
    if !wanted.at_screen {
        refuse_locked(state, &wanted.patient)?;
    }
    Ok(Some(record))
}

fn filled_in(wanted: &Wanted) -> Vec<(&'static str, &'static str)> {
    let mut filled = Vec::new();
    if wanted.date.is_none() {
        filled.push(("K1", "受付日を自動設定しました"));
    }
    if wanted.time.is_none() {
        filled.push(("K2", "受付時間を自動設定しました"));
    }
    if wanted.content.is_empty() {
        filled.push(("K3", "診療内容情報を自動設定しました"));
    }
    filled
}

fn refuse_locked(state: &State, number: &str) -> Result<(), Refusal> {
    if state.is_locked(number) { Err(common::LOCKED) } else { Ok(()) }
}

fn refuse_twice(
    state: &State,
    date: Date,
    number: &PatientNumber,
    wanted: &Wanted,
) -> Result<(), Refusal> {
    let twice = state.visits(date).iter().any(|visit| {
        visit.patient.as_ref() == Some(number)
            && visit.accounted.is_none()
            && visit.department == wanted.department
            && visit.physician == wanted.physician
    });
    if twice { Err(accept::TWICE) } else { Ok(()) }
}

fn same_patient(held: Option<&PatientNumber>, given: &str) -> bool {
    match (held, PatientNumber::parse(given)) {
        (Some(held), Ok(given)) => held.canonical() == given.canonical(),
        (None, _) => given.is_empty(),
        (Some(_), Err(_)) => false,
    }
}

fn parse_id(text: &str) -> Result<u32, Refusal> {
    let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(accept::BAD_ID)
}

fn whole_second(time: Time) -> Time {
    time.with().subsec_nanosecond(0).build().unwrap_or(time)
}

fn remember_combination(state: &mut State, visit: &Visit) {
    if let Some(number) = &visit.patient
        && let Some(record) = state.record_mut(number.as_str())
    {
        record.last_combination.clone_from(&visit.combination);
    }
}

/// The combination that the request names, or that of the last visit, or the first valid one.
fn choose(
    record: &Record,
    wanted: &WantedInsurance,
    date: Date,
) -> Result<Option<String>, Refusal> {
    let patient = &record.patient;
    if !wanted.combination.is_empty() {
        let found = patient.insurance.iter().find(|c| c.number == wanted.combination);
        return found.map(|c| Some(c.number.clone())).ok_or(accept::NO_COMBINATION);
    }
    let by_health = !(wanted.class.is_empty() && wanted.insurer.is_empty());
    if by_health || !wanted.public.is_empty() {
        return by_words(patient, wanted, by_health).map(Some);
    }
    if let Some(last) = &record.last_combination {
        return Ok(Some(last.clone()));
    }
    Ok(patient.insurance_on(date).or(patient.insurance.first()).map(|c| c.number.clone()))
}

fn by_words(
    patient: &Patient,
    wanted: &WantedInsurance,
    by_health: bool,
) -> Result<String, Refusal> {
    let health = |c: &&InsuranceCombination| {
        !by_health
            || c.health.as_ref().is_some_and(|h| {
                (wanted.class.is_empty() || h.class == wanted.class)
                    && (wanted.insurer.is_empty() || h.insurer_number == wanted.insurer)
            })
    };
    let public = |c: &&InsuranceCombination| {
        wanted.public.iter().all(|(class, payer)| {
            c.public.iter().any(|p| {
                (class.is_empty() || p.class == *class)
                    && (payer.is_empty() || p.payer_number == *payer)
            })
        })
    };
    if !patient.insurance.iter().any(|c| health(&c)) {
        return Err(accept::NO_INSURANCE);
    }
    if !patient.insurance.iter().any(|c| public(&c)) {
        return Err(accept::NO_PUBLIC_EXPENSE);
    }
    let found = patient.insurance.iter().find(|c| health(c) && public(c));
    found.map(|c| c.number.clone()).ok_or(accept::NO_COMBINATION)
}
