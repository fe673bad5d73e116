//! The day as it was planned: patients come, and their bills are closed, as the clinic's clock goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Time};

use super::books::Books;
use super::counter::Wanted;
use crate::clinic::{PlannedVisit, Visitor};

/// What happens to the visit of that place in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Arrive(usize),
    Bill(usize),
}

/// The plan, and how far it has been played.
pub(crate) struct Day {
    date: Date,
    plan: Vec<PlannedVisit>,
    steps: Vec<(Time, Step)>,
    next: usize,
    /// Number given to each visit that was accepted.
    accepted: BTreeMap<usize, u32>,
}

impl Day {
    pub(crate) fn new(date: Date, plan: Vec<PlannedVisit>) -> Self {
        let mut steps: Vec<_> = plan
            .iter()
            .enumerate()
            .flat_map(|(at, visit)| {
                [(visit.arrive_at, Step::Arrive(at)), (visit.billed_at, Step::Bill(at))]
            })
            .collect();
        steps.sort_unstable();
        Self { date, plan, steps, next: 0, accepted: BTreeMap::new() }
    }

    /// Plays everything that is due by the clinic's clock.
    pub(crate) fn catch_up(&mut self, books: &Books) {
        let now = books.clock.now();
        while let Some(&(time, step)) = self.steps.get(self.next) {
            if self.date.to_datetime(time) > now {
                return;
            }
            self.next += 1;
            match step {
                Step::Arrive(at) => self.arrive(books, at),
                Step::Bill(at) => {
                    if let Some(&id) = self.accepted.get(&at) {
                        // Already closed or taken back by hand: the plan gives way.
                        books.account(self.date, id, time);
                    }
                }
            }
        }
    }

    fn arrive(&mut self, books: &Books, at: usize) {
        let Some(visit) = self.plan.get(at) else { return };
        let (patient, name) = match &visit.visitor {
            Visitor::Registered(number) => (number.as_str().to_owned(), String::new()),
            Visitor::WalkIn { name } => (String::new(), name.clone()),
        };
        let mut wanted = Wanted {
            patient,
            name,
            date: Some(self.date),
            time: Some(visit.arrive_at),
            department: visit.department.code.clone(),
            physician: visit.physician.code.clone(),
            content: visit.content.code.clone(),
            appointment: visit.appointment,
            at_screen: true,
            ..Wanted::default()
        };
        wanted.insurance.combination = visit.combination.clone().unwrap_or_default();
        match books.accept(&wanted) {
            Ok(accepted) => {
                self.accepted.insert(at, accepted.line.visit.id);
            }
            // Accepted by hand before, or the clinic has changed since: not an event worth stopping for.
            Err(refusal) => tracing::debug!(code = refusal.code, "a planned visit was refused"),
        }
    }

    /// Plays to the end of the plan.
    pub(crate) async fn play(mut self, books: Arc<Books>) {
        while let Some(&(time, _)) = self.steps.get(self.next) {
            books.clock.until(self.date.to_datetime(time)).await;
            self.catch_up(&books);
        }
    }
}
