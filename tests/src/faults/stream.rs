//! What persons enter, grown from a seed: new items, corrections, withdrawals, confirmations, changes of state, for
//! several patients in turn. The next entry builds on what the terminal itself has seen saved, as on a screen.

use std::collections::BTreeMap;

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::receptions::StateChange;
use clinical::profile::{
    Abo, Act, Allergen, Allergy, AllergyCategory, BloodType, Infection, InfectionKind,
    InfectionResult, Item, Measurement, MeasurementValue, PastHistory, ProfileEntry, ProfileValue,
    Rh, Severity, Source, Tenths, Vaccination, Version, needs_confirmation,
};
use clinical::{ReceptionKey, ReceptionState, Role};
use jiff::Timestamp;
use sandbox::clinic::Prng;
use uuid::Uuid;

use super::clinic::{Patient, Person, Plan};
use super::journal::Journal;

/// The persons in front of one terminal.
pub struct Stream {
    dice: Prng,
    plan: Plan,
    terminal: String,
    /// Of each patient, by place in the plan.
    items: Vec<Vec<Item>>,
    states: BTreeMap<ReceptionKey, ReceptionState>,
}

/// What is confirmed next.
#[derive(Debug, Clone)]
pub struct Next {
    /// Who confirms, by place in the plan.
    pub person: usize,
    /// About whom, by place in the plan.
    pub patient: usize,
    /// What.
    pub content: EntryContent,
}

impl Stream {
    /// Goes on where a journal ends.
    pub fn new(seed: u64, plan: Plan, terminal: &str, journal: &Journal) -> Self {
        let items = vec![Vec::new(); plan.patients.len()];
        let dice = Prng::of(seed, journal.tried.len() as u64 + 1);
        let states = BTreeMap::new();
        let mut stream = Self { dice, plan, terminal: terminal.to_owned(), items, states };
        for tried in journal.tried.iter().filter(|tried| journal.saved.contains(&tried.entry.id)) {
            stream.saved(&tried.entry, tried.author);
        }
        stream
    }

    /// What is confirmed at this moment.
    pub fn next(&mut self, now: Timestamp) -> Next {
        let patient = self.below(self.plan.patients.len());
        let person = self.below(self.plan.people.len());
        if self.dice.chance(15) {
            return self.state(person, patient);
        }
        let known = self.items[patient].len();
        if known > 0 && self.dice.chance(50) {
            let at = self.below(known);
            let item = self.items[patient][at].clone();
            return self.follow_up(person, patient, &item, now);
        }
        let value = self.value(now);
        self.record(person, patient, value)
    }

    /// The screen has called it saved: what comes next may build on it.
    pub fn saved(&mut self, entry: &Entry, author: Uuid) {
        match &entry.content {
            EntryContent::ReceptionState { change } => {
                self.states.insert(change.key.clone(), change.state);
            }
            EntryContent::Profile { entry: of } => {
                let Some(at) = self.plan.patients.iter().position(|p| p.number == of.patient)
                else {
                    return;
                };
                let Some(person) = self.plan.people.iter().find(|p| p.staff.account == author)
                else {
                    return;
                };
                let version = Version {
                    id: entry.id,
                    entry: of.clone(),
                    author: person.staff.clone(),
                    terminal: self.terminal.clone(),
                    entered_at: entry.entered_at,
                    stored_at: None,
                };
                // What builds on an entry of which nobody knows whether it was saved goes its own way.
                let _ = Item::apply(&mut self.items[at], &version);
            }
            // This stream confirms nothing else.
            _ => {}
        }
    }

    /// The cloud has told how the item stands: corrections build on that, as on a page that was read anew.
    pub fn received(&mut self, entry: &Entry, receipt: &Receipt) {
        let (EntryContent::Profile { entry }, EntryResult::Profile { item, .. }) =
            (&entry.content, &receipt.result)
        else {
            return;
        };
        let Some(at) = self.plan.patients.iter().position(|p| p.number == entry.patient) else {
            return;
        };
        // Later entries of this terminal may still be on their way; then its own view is the newer one.
        let mut items = self.items[at].iter_mut();
        if let Some(own) = items.find(|own| own.id == item.id && own.head == receipt.id) {
            *own = Item::clone(item);
        }
    }

    /// Somebody of the plan.
    pub fn person(&self, at: usize) -> &Person {
        &self.plan.people[at]
    }

    /// Somebody of the plan.
    pub fn patient(&self, at: usize) -> &Patient {
        &self.plan.patients[at]
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.dice.below(bound as u64)).unwrap_or(0)
    }

    fn state(&mut self, person: usize, patient: usize) -> Next {
        let key = self.plan.patients[patient].reception.clone();
        let seen = self.states.get(&key).copied().unwrap_or(ReceptionState::Waiting);
        let others: Vec<ReceptionState> =
            ReceptionState::DESK.into_iter().filter(|to| seen.may_become(*to)).collect();
        let state = self.dice.pick(&others);
        let content = EntryContent::ReceptionState { change: StateChange { key, state, seen } };
        Next { person, patient, content }
    }

    /// A correction, a withdrawal, or a confirmation of what waits.
    fn follow_up(&mut self, person: usize, patient: usize, item: &Item, now: Timestamp) -> Next {
        let doctor = self.plan.people.iter().position(|p| p.staff.role == Role::Practitioner);
        let (person, act, reason) = match doctor {
            Some(doctor) if item.awaits && self.dice.chance(70) => (doctor, Act::Confirm, ""),
            _ if !item.is_gone() && self.dice.chance(25) => (person, Act::Withdraw, "入力誤り"),
            _ => {
                let value = self.other_value(&item.content.value, now);
                (person, Act::Record { value, source: Source::Clinic }, "訂正")
            }
        };
        self.profile(person, patient, item.id, Some(item.head), act, reason)
    }

    fn record(&mut self, person: usize, patient: usize, value: ProfileValue) -> Next {
        let item = match &value {
            ProfileValue::BloodType(_) => ProfileEntry::BLOOD_TYPE,
            _ => Uuid::now_v7(),
        };
        let base = self.items[patient].iter().find(|known| known.id == item).map(|i| i.head);
        let act = Act::Record { value, source: Source::Clinic };
        self.profile(person, patient, item, base, act, "")
    }

    fn profile(
        &self,
        person: usize,
        patient: usize,
        item: Uuid,
        base: Option<Uuid>,
        act: Act,
        reason: &str,
    ) -> Next {
        let role = self.plan.people[person].staff.role;
        let kind = match &act {
            Act::Record { value, .. } => Some(value.kind()),
            _ => self.items[patient].iter().find(|known| known.id == item).map(Item::kind),
        };
        let doctor = self.plan.people.iter().find(|p| p.staff.role == Role::Practitioner);
        let on_behalf_of = doctor
            .filter(|_| kind.is_some_and(|kind| needs_confirmation(role, kind)))
            .map(|doctor| doctor.staff.clone());
        let entry = ProfileEntry {
            patient: self.plan.patients[patient].number.clone(),
            item,
            base,
            act,
            on_behalf_of,
            reason: reason.to_owned(),
            settles: None,
        };
        Next { person, patient, content: EntryContent::Profile { entry } }
    }

    /// Another content of the same kind.
    fn other_value(&mut self, value: &ProfileValue, now: Timestamp) -> ProfileValue {
        loop {
            let other = self.value(now);
            if other.kind() == value.kind() {
                return other;
            }
        }
    }

    fn value(&mut self, now: Timestamp) -> ProfileValue {
        let mut number = |low, high| self.dice.between(low, high).unsigned_abs();
        let small = |number: u64| u16::try_from(number).unwrap_or(1);
        let tenths = |number: u64| Tenths(u32::try_from(number).unwrap_or(1));
        let measured = |value| ProfileValue::Measurement(Measurement { value, measured_at: now });
        match number(0, 9) {
            0 => measured(MeasurementValue::Height(tenths(number(1_400, 1_900)))),
            1 => measured(MeasurementValue::Weight(tenths(number(400, 900)))),
            2 => measured(MeasurementValue::Pulse(small(number(55, 95)))),
            3 => measured(MeasurementValue::Temperature(tenths(number(355, 390)))),
            4 => ProfileValue::BloodType(BloodType {
                abo: Some([Abo::A, Abo::B, Abo::O, Abo::Ab][small(number(0, 3)) as usize]),
                rh: Some([Rh::Positive, Rh::Negative][small(number(0, 1)) as usize]),
            }),
            5 => ProfileValue::Allergy(Allergy {
                category: AllergyCategory::Drug,
                allergen: Allergen { text: format!("薬剤{}", number(1, 999)), jfagy: None },
                severity: Some(Severity::High),
                reaction: "発疹".to_owned(),
                onset: None,
                informant: None,
            }),
            6 => ProfileValue::PastHistory(PastHistory {
                text: format!("既往{}", number(1, 999)),
                onset: None,
                ended: None,
                note: "あ".repeat(small(number(0, 400)) as usize),
            }),
            7 => ProfileValue::Infection(Infection {
                kind: InfectionKind::Hbv,
                name: String::new(),
                result: InfectionResult::Negative,
                tested_on: Some(jiff::civil::date(2026, 1, 1 + (small(number(0, 27)) as i8))),
                note: String::new(),
            }),
            8 => ProfileValue::Vaccination(Vaccination {
                vaccine: "インフルエンザ".to_owned(),
                lot: format!("L{}", number(100, 999)),
                given_on: jiff::civil::date(2025, 11, 4),
                dose: Some(1),
            }),
            _ => measured(MeasurementValue::BloodPressure {
                systolic: small(number(95, 180)),
                diastolic: small(number(50, 90)),
            }),
        }
    }
}
