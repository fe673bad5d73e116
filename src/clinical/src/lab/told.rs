//! What the laboratory tells of an order: answers to it, and results. Only the cloud hears a laboratory; terminals get
//! what follows.

use jiff::Timestamp;
use uuid::Uuid;

use super::item::LabCode;
use super::order::{AtLab, Done, LabOrder, OrderedItem, Reported, Tube, TubeState};
use super::report::{LabReport, ReportedResult, TrayReport};
use super::result::{LabResult, ResultStatus};
use super::specimen::SpecimenNumber;
use crate::calendar::CLINIC_ZONE;
use crate::patient::PatientNumber;

/// In which message a report came, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The stored message.
    pub report: Uuid,
    /// When it was stored.
    pub received_at: Timestamp,
}

/// What a report changed among the results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// New ones.
    pub added: Vec<Uuid>,
    /// Earlier ones that are replaced now.
    pub replaced: Vec<Uuid>,
    /// Earlier ones that name another neighbour in the line of corrections now; what stands is the same.
    pub rejoined: Vec<Uuid>,
}

impl Taken {
    /// Every result that is new or that changed.
    pub fn touched(&self) -> Vec<Uuid> {
        [self.added.as_slice(), &self.replaced, &self.rejoined].concat()
    }
}

impl LabCode {
    /// What two results have in common that are of one item: analyte, identification, material and kind of result
    /// of JLAC10, or the local code. The method of measuring changes with a laboratory's machines and does not part
    /// them.
    pub fn series_key(&self) -> String {
        let parted = self.jlac10.as_deref().filter(|code| code.len() == 17 && code.is_ascii());
        parted.map_or_else(|| self.local.clone(), |code| format!("{}{}", &code[..12], &code[15..]))
    }
}

impl ResultStatus {
    /// What it means for an ordered item.
    fn reported(self) -> Reported {
        match self {
            Self::Preliminary => Reported::Preliminary,
            Self::Final | Self::Corrected => Reported::Final,
            Self::Cancelled => Reported::Cancelled,
        }
    }
}

impl LabOrder {
    /// The laboratory has the order of a tube. Whether that was news.
    pub fn lab_accepted(&mut self, tube: &SpecimenNumber, time: Timestamp, filler: &str) -> bool {
        let on_its_way =
            |tube: &Tube| matches!(tube.lab, AtLab::Sent { .. } | AtLab::Refused { .. });
        self.lab_says(tube, on_its_way, AtLab::Accepted { time, filler: filler.to_owned() })
    }

    /// The laboratory does not take a tube. Whether that was news; not after results.
    pub fn lab_refused(&mut self, tube: &SpecimenNumber, time: Timestamp, why: &str) -> bool {
        let told = |item: &OrderedItem| {
            item.tube.as_ref() == Some(tube) && item.reported != Reported::NotYet
        };
        if self.items.iter().any(told) {
            return false;
        }
        let there = |tube: &Tube| matches!(tube.lab, AtLab::Sent { .. } | AtLab::Accepted { .. });
        self.lab_says(tube, there, AtLab::Refused { time, why: why.to_owned() })
    }

    fn lab_says(
        &mut self,
        number: &SpecimenNumber,
        may: impl Fn(&Tube) -> bool,
        lab: AtLab,
    ) -> bool {
        let tube = self.tubes.iter_mut().find(|tube| tube.number == *number && may(tube));
        let Some(tube) = tube else { return false };
        tube.lab = lab;
        self.touch();
        true
    }

    /// The laboratory's answer to a cancellation. Whether that was news.
    pub fn lab_cancel_answer(&mut self, agreed: bool) -> bool {
        let Some(cancelled) = self.cancelled.as_mut() else { return false };
        let news = cancelled.lab_agreed != Some(agreed);
        cancelled.lab_agreed = Some(agreed);
        if news {
            self.touch();
        }
        news
    }

    /// Tubes of which the laboratory was told and that it has not refused: it must hear of a cancellation.
    pub fn at_lab(&self) -> impl Iterator<Item = &Tube> {
        self.tubes
            .iter()
            .filter(|tube| matches!(tube.lab, AtLab::Sent { .. } | AtLab::Accepted { .. }))
    }

    /// Takes a report: `results` are all that the order has so far, and get the new ones. A result of the same specimen
    /// and item replaces the one that stood; the same once more is not stored again. What was final before it was
    /// corrected may come late (a message on another way, a report that waited for a person): it never takes the
    /// correction's place, but is kept as what the correction replaced. `name` names new results.
    pub fn take_report(
        &mut self,
        results: &mut Vec<LabResult>,
        report: &LabReport,
        arrival: Arrival,
        mut name: impl FnMut() -> Uuid,
    ) -> Taken {
        let before = results.len();
        let standing: Vec<usize> = (0..before).filter(|at| results[*at].stands()).collect();
        let key_of = |told: &ReportedResult| self.code_of(&told.code).series_key();
        let keys: Vec<String> = report.results.iter().map(key_of).collect();
        let known_keys: Vec<String> =
            results.iter().map(|result| result.code.series_key()).collect();
        let mut taken = Taken::default();
        for (at, told) in report.results.iter().enumerate() {
            let mut made = self.result_of(report, told, arrival, name());
            let same = |results: &[LabResult], other: usize| {
                known_keys[other] == keys[at] && results[other].specimen == made.specimen
            };
            // A laboratory may tell an item in several parts; part follows part.
            let part = keys[..at].iter().filter(|key| **key == keys[at]).count();
            let mut stood = standing.iter().copied().filter(|at| same(results, *at));
            let replaces = stood.nth(part);
            let again = replaces.is_some_and(|at| says_the_same(&results[at], &made));
            let late = made.status == ResultStatus::Final
                && replaces.is_some_and(|at| results[at].status == ResultStatus::Corrected);
            // What was preliminary, or final until it was corrected, does not come back when an old message is sent
            // again.
            let outdated = (late || made.status == ResultStatus::Preliminary)
                && (0..before).any(|at| same(results, at) && says_the_same(&results[at], &made));
            if again || outdated {
                continue;
            }
            if let (true, Some(at)) = (late, replaces) {
                taken.rejoined.extend(join_before(results, at, &mut made));
            } else if let Some(at) = replaces {
                made.replaces = Some(results[at].id);
                results[at].replaced_by = Some(made.id);
                taken.replaced.push(results[at].id);
            }
            taken.added.push(made.id);
            results.push(made);
        }
        if !taken.added.is_empty() {
            self.hear(report, results, arrival);
        }
        taken
    }

    fn hear(&mut self, report: &LabReport, results: &[LabResult], arrival: Arrival) {
        for item in &mut self.items {
            let key = item.code.series_key();
            let fits = |result: &&LabResult| result.stands() && result.code.series_key() == key;
            if let Some(result) = results.iter().rfind(fits) {
                item.reported = result.status.reported();
            }
        }
        // Whoever tells results has the tube, whether an answer to the order came or not.
        let drawn = |tube: &&mut Tube| tube.number.as_str() == report.specimen && tube.is_drawn();
        for tube in self.tubes.iter_mut().filter(drawn) {
            if !matches!(tube.lab, AtLab::Accepted { .. }) {
                let filler = report.filler.clone();
                tube.lab = AtLab::Accepted { time: arrival.received_at, filler };
            }
        }
        self.recount(results);
        self.touch();
    }

    /// Counts the results that stand and wait; `results` are all of the order.
    pub fn recount(&mut self, results: &[LabResult]) {
        let mine = || results.iter().filter(|result| result.order == self.id);
        let waiting = mine().filter(|result| result.stands() && result.confirmed.is_none()).count();
        let once = mine().any(|result| result.confirmed.is_some());
        self.unconfirmed = u32::try_from(waiting).unwrap_or(u32::MAX);
        self.confirmed_once |= once;
    }

    fn result_of(
        &self,
        report: &LabReport,
        told: &ReportedResult,
        arrival: Arrival,
        id: Uuid,
    ) -> LabResult {
        let item = self.item_of(&told.code);
        let name = item.map_or(&told.name, |item| &item.name);
        let abbr = item.map_or(name, |item| &item.abbr);
        LabResult {
            id,
            patient: self.patient.clone(),
            order: self.id,
            report: arrival.report,
            specimen: report.specimen.clone(),
            code: self.code_of(&told.code),
            name: name.clone(),
            abbr: if abbr.is_empty() { name.clone() } else { abbr.clone() },
            value: told.value.clone(),
            unit: told.unit.clone(),
            range: told.range.clone(),
            flag: told.flag,
            status: told.status,
            collected_at: report.collected_at.or_else(|| self.drawn_at(&report.specimen)),
            received_at: arrival.received_at,
            comments: report.comments.iter().chain(&told.comments).cloned().collect(),
            replaces: None,
            replaced_by: None,
            confirmed: None,
        }
    }

    /// The ordered item that a laboratory's code means: by the same code, else by the only item that differs in
    /// nothing but the method.
    fn item_of(&self, code: &LabCode) -> Option<&OrderedItem> {
        let exact = |item: &&OrderedItem| match (&item.code.jlac10, &code.jlac10) {
            (Some(ordered), Some(told)) => ordered == told,
            _ => item.code.local == code.local,
        };
        let like = |item: &&OrderedItem| item.code.series_key() == code.series_key();
        let mut alike = self.items.iter().filter(like);
        let only = alike.next().filter(|_| alike.next().is_none());
        self.items.iter().find(exact).or(only)
    }

    fn code_of(&self, code: &LabCode) -> LabCode {
        self.item_of(code).map_or(code, |item| &item.code).clone()
    }

    fn drawn_at(&self, specimen: &str) -> Option<jiff::civil::DateTime> {
        let tube = self.tubes.iter().find(|tube| tube.number.as_str() == specimen)?;
        match &tube.state {
            TubeState::Drawn { done, .. } => Some(CLINIC_ZONE.to_datetime(done.time)),
            TubeState::Planned | TubeState::NotDrawn { .. } => None,
        }
    }

    fn touch(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }

    /// The order that stands for a report nobody had ordered, under the report's id; the report itself is taken
    /// afterwards ([`LabOrder::take_report`]).
    pub fn of_report(report: &TrayReport, patient: &PatientNumber, decided: Done) -> Self {
        let mut items: Vec<OrderedItem> = Vec::new();
        for told in &report.report.results {
            if items.iter().any(|item| item.code.series_key() == told.code.series_key()) {
                continue;
            }
            items.push(OrderedItem {
                code: told.code.clone(),
                name: told.name.clone(),
                abbr: told.name.clone(),
                unit: told.unit.clone(),
                procedure: None,
                tube: None,
                reported: Reported::NotYet,
            });
        }
        let moment = report.report.collected_at.or(report.report.reported_at);
        let moment = moment.unwrap_or_else(|| CLINIC_ZONE.to_datetime(report.received_at));
        Self {
            id: report.id,
            patient: patient.clone(),
            revision: 1,
            versions: Vec::new(),
            ordered: decided,
            on_behalf_of: None,
            collect_on: moment.date(),
            urgent: false,
            fasting: false,
            comment: String::new(),
            set_name: String::new(),
            items,
            tubes: Vec::new(),
            cancelled: None,
            unconfirmed: 0,
            confirmed_once: false,
        }
    }
}

/// Puts a result that came late into the line of corrections, just before the one that stands; gives those that name
/// another neighbour now.
fn join_before(results: &mut [LabResult], standing: usize, late: &mut LabResult) -> Vec<Uuid> {
    let stands = results[standing].id;
    late.replaces = results[standing].replaces.replace(late.id);
    late.replaced_by = Some(stands);
    let mut changed = vec![stands];
    if let Some(before) = results.iter_mut().find(|result| late.replaces == Some(result.id)) {
        before.replaced_by = Some(late.id);
        changed.push(before.id);
    }
    changed
}

/// Whether two results of an item say the same in every respect.
fn says_the_same(one: &LabResult, other: &LabResult) -> bool {
    (&one.value, &one.unit, &one.range, one.flag, one.status, &one.comments)
        == (&other.value, &other.unit, &other.range, other.flag, other.status, &other.comments)
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;
