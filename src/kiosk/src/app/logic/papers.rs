//! Papers: what goes to a printer, that it is put on record, and what a person must know of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::entries::{Entry, EntryContent};
use api::papers::{PaperKind, PrintRecord};
use clinical::lab::{LabAct, LabEntry, SpecimenNumber};
use clinical::{PatientNumber, PersonName, Sex};
use jiff::Timestamp;
use jiff::civil::Date;
use paper::queue::{State, Why};
use paper::{ChartSticker, DayRow, DaySheet, LabPatient, PageSize, Paper, ResultsSheet};
use uuid::Uuid;

use crate::app::day::ListSource;
use crate::app::intent::Intent;
use crate::app::model::Tone;
use crate::app::opened::{Opened, Shown};
use crate::app::records::{Saving, Task};
use crate::app::{App, Route};
use crate::client::Ticket;
use crate::local::{Confirm, RowPatient};
use crate::printing::{PrintEvent, PrintOrder, PrintOutcome, ToPrint, printer_words, why_words};
use crate::widgets::patient_strip::danger_texts;

/// Why labels were not given to a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLabels {
    NoPrinter,
    UnderWay,
    WantsReason,
    NoName,
    Cancelled,
    Gone,
}

impl NoLabels {
    fn words(self) -> &'static str {
        match self {
            Self::NoPrinter => "papers.no_label_printer",
            Self::UnderWay => "papers.under_way",
            Self::WantsReason => "papers.wants_reason",
            Self::NoName => "papers.no_name",
            Self::Cancelled => "lab.was_cancelled",
            Self::Gone => "lab.gone",
        }
    }

    /// Said with the word that the order itself is safe.
    pub(super) fn after_order(self) -> &'static str {
        match self {
            Self::NoPrinter => "lab.ordered_no_printer",
            _ => "lab.ordered_no_labels",
        }
    }
}

impl App {
    /// Does what a screen wants of papers.
    pub(super) fn paper_wish(&mut self, ctx: &egui::Context, wish: Intent) {
        match wish {
            Intent::PrintLabels { number, order, tubes, reason } => {
                self.labels_wanted(&number, order, &tubes, &reason);
            }
            Intent::PrintSticker(number) => self.print_sticker(&number, false),
            Intent::PrintResults { number, orders, size } => {
                self.print_results(&number, &orders, size);
            }
            Intent::PrintDaySheet => self.print_day_sheet(),
            Intent::OpenPrinting if self.desk.session.is_some() => {
                self.screens.printing.clear();
                self.prints.look();
                self.go(ctx, Route::Printing);
            }
            Intent::RetryPrint(id) => self.retry_print(id),
            Intent::CancelPrint(id) => self.prints.cancel(id),
            Intent::SettlePrint { id, printed } => self.prints.settle(id, printed),
            Intent::TestPrint(printer) => self.prints.test_print(&printer),
            Intent::Reprint { id, reason } => self.reprint(id, &reason),
            _ => {}
        }
    }

    /// Labels are printed once it is sure who sits there.
    fn labels_wanted(
        &mut self,
        number: &PatientNumber,
        order: Uuid,
        tubes: &[SpecimenNumber],
        reason: &str,
    ) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        if !self.is_identified(number) {
            return;
        }
        if let Err(why) = self.print_labels(number, order, tubes, reason) {
            self.tell_key(Tone::Waiting, why.words());
        }
    }

    /// Gives labels of tubes to the printer. A tube that has a label already gets another one only for a reason.
    pub(super) fn print_labels(
        &mut self,
        number: &PatientNumber,
        order: Uuid,
        tubes: &[SpecimenNumber],
        reason: &str,
    ) -> Result<(), NoLabels> {
        let Some(order) = self.lab_order(number, order) else { return Err(NoLabels::Gone) };
        if order.cancelled.is_some() {
            return Err(NoLabels::Cancelled);
        }
        // Each label bears its own count: tubes that were printed differently often go to the printer apart.
        let mut copies: BTreeMap<u32, Vec<SpecimenNumber>> = BTreeMap::new();
        for tube in order.tubes.iter().filter(|tube| tubes.contains(&tube.number)) {
            copies.entry(tube.labels + 1).or_default().push(tube.number.clone());
        }
        let Some(most) = copies.keys().next_back().copied() else {
            return Err(NoLabels::Gone);
        };
        if self.desk.prints.printer_of(Paper::Label).is_none() {
            return Err(NoLabels::NoPrinter);
        }
        if self.labels_under_way(order.id, tubes) {
            return Err(NoLabels::UnderWay);
        }
        let reason = reason.trim().to_owned();
        if most > 1 && reason.is_empty() {
            return Err(NoLabels::WantsReason);
        }
        let patient = self.lab_patient(number);
        // A tube whose label names nobody is nobody's tube.
        if patient.name == PersonName::default() {
            return Err(NoLabels::NoName);
        }
        let row = self.lab_row_patient(number);
        for (copy, tubes) in copies {
            let (order, patient) = (Box::new(order.clone()), patient.clone());
            let what = ToPrint::Labels { order, tubes, patient };
            self.print(what, copy, reason.clone(), Some(row.clone()));
        }
        Ok(())
    }

    /// A paper that did not come out is tried again as the same copy. Labels are not where that would be one too many:
    /// others were printed in their place meanwhile, or the order was taken back.
    fn retry_print(&mut self, id: Uuid) {
        let Some(job) = self.desk.prints.job(id) else { return };
        let order = Arc::clone(&job.order);
        // Of what the spooler gave up, the record tells already.
        let recorded =
            matches!(&job.state, State::Failed { why: Why::GivenUp | Why::NotPrinted, .. });
        if let ToPrint::Labels { order: known, tubes, .. } = &order.what
            && let Some(known) = self.lab_order(&known.patient, known.id)
        {
            let own = known.tubes.iter().filter(|tube| tubes.contains(&tube.number));
            let counted = if recorded { order.copy } else { order.copy.saturating_sub(1) };
            if known.cancelled.is_some() {
                return self.tell_key(Tone::Danger, NoLabels::Cancelled.words());
            }
            if own.map(|tube| tube.labels).max().is_some_and(|labels| labels > counted) {
                return self.tell_key(Tone::Waiting, "papers.printed_meanwhile");
            }
        }
        self.prints.retry(id);
    }

    /// Whether one of these labels is on its way to the printer, or nobody knows whether it came out.
    fn labels_under_way(&self, of: Uuid, tubes: &[SpecimenNumber]) -> bool {
        // The printing thread may be busy when a key is pressed twice.
        let given = self
            .given_labels
            .iter()
            .any(|(_, order, own)| *order == of && own.iter().any(|tube| tubes.contains(tube)));
        given
            || self.desk.prints.jobs.iter().any(|job| match &job.order.what {
                ToPrint::Labels { order, tubes: own, .. } if order.id == of => {
                    let open = match &job.state {
                        State::Waiting { .. } | State::Handing | State::Unknown { .. } => true,
                        // Handed over, and the entry that says so is not kept yet.
                        State::HandedOver { .. } => self.is_recording(job.id()),
                        _ => false,
                    };
                    open && own.iter().any(|tube| tubes.contains(tube))
                }
                _ => false,
            })
    }

    fn is_recording(&self, job: Uuid) -> bool {
        self.desk.saving.iter().any(|saving| saving.what == Task::Print { job })
    }

    fn print(&mut self, what: ToPrint, copy: u32, reason: String, patient: Option<RowPatient>) {
        let by = self.desk.session.as_ref().map(|session| session.account_id);
        let id = Uuid::now_v7();
        if let ToPrint::Labels { order, tubes, .. } = &what {
            self.given_labels.push((id, order.id, tubes.clone()));
        }
        self.prints.print(PrintOrder { id, what, copy, reason, patient, by });
    }

    /// Whom a paper is about, as far as this terminal knows.
    fn lab_patient(&self, number: &PatientNumber) -> LabPatient {
        let (name, sex, birth_date) = self.person(number);
        LabPatient { number: self.spelled(number), name, birth_date, sex }
    }

    /// The number as the chart has it, where that is known.
    fn spelled(&self, number: &PatientNumber) -> PatientNumber {
        let opened = self.desk.opened.as_ref().filter(|opened| opened.is(number));
        opened.map_or_else(|| number.clone(), |opened| opened.number.clone())
    }

    fn person(&self, number: &PatientNumber) -> (PersonName, Sex, Option<Date>) {
        let opened = self.desk.opened.as_ref().filter(|opened| opened.is(number));
        if let Some(opened) = opened
            && let Some(name) = opened.name()
        {
            let (sex, birth) = opened.person();
            return (name.clone(), sex, birth);
        }
        if let Some(known) = self.cache.known_patient(number) {
            let patient = known.view.patient;
            return (patient.name, patient.sex, patient.birth_date);
        }
        if let Some(reception) = self.desk.day.of_patient(number) {
            return (reception.name.clone(), reception.sex, reception.birth_date);
        }
        let own = |other: &PatientNumber| other.canonical() == number.canonical();
        let row = self.desk.lab.day.rows.iter().find(|row| own(&row.order.patient));
        if let Some(row) = row {
            return (row.name.clone(), row.sex, row.birth_date);
        }
        let hit = self.desk.search.hits.iter().find(|hit| own(&hit.number));
        hit.map_or((PersonName::default(), Sex::Unknown, None), |hit| {
            (hit.name.clone(), hit.sex, hit.birth_date)
        })
    }

    fn has_printer(&mut self, paper: Paper) -> bool {
        let has = self.desk.prints.printer_of(paper).is_some();
        if !has {
            self.tell_key(Tone::Waiting, "papers.no_printer");
        }
        has
    }

    /// Says that a paper is being printed; where its printer is in no state to, that too.
    fn say_given(&mut self, paper: Paper) {
        if !self.say_printer(paper) {
            self.tell_key(Tone::Done, "papers.given");
        }
    }

    /// Says what keeps a paper's printer from printing now; false where nothing does.
    pub(super) fn say_printer(&mut self, paper: Paper) -> bool {
        let printer = self.desk.prints.printer_of(paper).filter(|p| !p.state.is_good());
        let Some(printer) = printer else { return false };
        let state = printer_words(self.desk.lang, printer.state);
        let text = self.desk.fill("papers.given_but", &[("state", state)]);
        self.desk.tell(Tone::Waiting, text, String::new());
        true
    }

    /// How many copies of a paper this terminal knows of.
    fn copies(&self, what: &ToPrint) -> u32 {
        let same = self.desk.prints.jobs.iter().filter(|job| job.order.what == *what);
        same.map(|job| job.order.copy).max().unwrap_or(0)
    }

    /// Prints a sticker; as the `first` of a new patient only where this terminal has not printed one.
    fn print_sticker(&mut self, number: &PatientNumber, first: bool) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        if !self.has_printer(Paper::Sticker) {
            return;
        }
        let LabPatient { number, name, birth_date, sex } = self.lab_patient(number);
        if name == PersonName::default() {
            return self.tell_key(Tone::Waiting, "papers.no_name");
        }
        let row = RowPatient { number: Some(number.clone()), name: name.clone() };
        let what = ToPrint::Sticker { sticker: ChartSticker { number, name, birth_date, sex } };
        if first && self.copies(&what) > 0 {
            return;
        }
        // The same key again is a reprint: counted, and on record as one.
        let copy = self.copies(&what) + 1;
        let reason = if copy > 1 { self.desk.t("papers.again_by_key") } else { "" };
        self.print(what, copy, reason.to_owned(), Some(row));
        self.say_given(Paper::Sticker);
    }

    fn print_results(&mut self, number: &PatientNumber, orders: &[Uuid], size: PageSize) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        if !self.has_printer(Paper::Results) {
            return;
        }
        let here = self.desk.opened.as_ref().is_some_and(|opened| opened.is(number));
        if !here {
            return self.tell_key(Tone::Danger, "save.other_patient");
        }
        let lab = self.desk.patient_lab();
        let wanted = lab.results.iter().filter(|r| orders.is_empty() || orders.contains(&r.order));
        let results: Vec<_> = wanted.cloned().collect();
        if results.is_empty() {
            return self.tell_key(Tone::Waiting, "papers.no_results");
        }
        let sheet = ResultsSheet {
            clinic: self.clinic(),
            patient: self.lab_patient(number),
            results,
            printed_at: self.desk.moment,
        };
        let row = self.lab_row_patient(number);
        let what = ToPrint::Results { sheet: Box::new(sheet), size: Some(size) };
        self.print(what, 1, String::new(), Some(row));
        self.say_given(Paper::Results);
    }

    fn clinic(&self) -> String {
        let session = self.desk.session.as_ref();
        session.map(|session| session.institution.clone()).unwrap_or_default()
    }

    /// The day as this terminal has it, also while the line is cut.
    fn print_day_sheet(&mut self) {
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        if !self.has_printer(Paper::DaySheet) {
            return;
        }
        let desk = &self.desk;
        let as_of = match (desk.day.source, &desk.cut) {
            (ListSource::Kept { at }, _) => at,
            (_, Some((since, _))) => *since,
            _ => desk.moment,
        };
        let own_copy = desk.is_cut() || matches!(desk.day.source, ListSource::Kept { .. });
        let rows = desk.day.rows.iter().map(|row| {
            let mut reception = row.reception.clone();
            reception.state = desk.day.shown_state(&row.reception);
            let dangers = reception.patient.as_ref().and_then(|number| self.dangers(number));
            DayRow { reception, dangers }
        });
        let sheet = DaySheet {
            clinic: self.clinic(),
            date: desk.day.date,
            as_of,
            own_copy,
            printed_at: desk.moment,
            rows: rows.collect(),
        };
        if sheet.rows.is_empty() {
            return self.tell_key(Tone::Waiting, "papers.empty_day");
        }
        self.print(ToPrint::DaySheet { sheet: Box::new(sheet) }, 1, String::new(), None);
        self.say_given(Paper::DaySheet);
    }

    /// The red bands of a patient in words; `None` where this terminal does not know them all.
    fn dangers(&self, number: &PatientNumber) -> Option<Vec<String>> {
        let known = self.cache.known_patient(number).filter(|known| known.view.whole)?;
        let shown = Shown::Kept { view: Box::new(known.view), at: known.stored_at };
        let opened = Opened::new(number.clone(), Ticket::default(), known.stored_at, shown);
        Some(danger_texts(&self.desk, &opened))
    }

    /// The same paper again, as another copy.
    fn reprint(&mut self, id: Uuid, reason: &str) {
        let reason = reason.trim().to_owned();
        let Some(job) = self.desk.prints.job(id) else { return };
        let order = Arc::clone(&job.order);
        if reason.is_empty() {
            return self.tell_key(Tone::Waiting, "papers.wants_reason");
        }
        if !self.desk.may_record() {
            return self.tell_key(Tone::Danger, "failure.forbidden");
        }
        let copy = self.copies(&order.what) + 1;
        if let ToPrint::Labels { order: known, tubes, .. } = &order.what {
            // By the order as it stands now: what was cancelled gets no more labels.
            let (number, known, tubes) = (known.patient.clone(), known.id, tubes.clone());
            let done = if self.lab_order(&number, known).is_some() {
                self.print_labels(&number, known, &tubes, &reason)
            } else {
                self.print(order.what.clone(), copy, reason, order.patient.clone());
                Ok(())
            };
            match done {
                Ok(()) => self.tell_key(Tone::Done, "papers.given"),
                Err(why) => self.tell_key(Tone::Waiting, why.words()),
            }
            return;
        }
        self.print(order.what.clone(), copy, reason, order.patient.clone());
        self.tell_key(Tone::Done, "papers.given");
    }

    /// Looks at the printers once a frame.
    pub(super) fn follow_prints(&mut self) {
        self.desk.prints = self.prints.view();
        let prints = &self.desk.prints;
        self.given_labels.retain(|(job, ..)| prints.job(*job).is_none());
        for outcome in self.prints.outcomes() {
            self.print_outcome(&outcome);
        }
    }

    fn print_outcome(&mut self, outcome: &PrintOutcome) {
        let about = outcome.order.patient.as_ref().map(|patient| patient.name.kanji.clone());
        let key = match (&outcome.event, &about) {
            (PrintEvent::HandedOver, _) => return self.record_print(outcome),
            (PrintEvent::Printed, _) => return,
            (PrintEvent::Failed(_), Some(_)) => "papers.failed",
            (PrintEvent::Failed(_), None) => "papers.failed_page",
            (PrintEvent::Unknown, Some(_)) => "papers.unknown",
            (PrintEvent::Unknown, None) => "papers.unknown_page",
        };
        if self.desk.session.is_none() {
            return;
        }
        let what = self.desk.t(paper_words(&outcome.order.what));
        let name = about.unwrap_or_default();
        let mut text = self.desk.fill(key, &[("what", what), ("name", &name)]);
        if let PrintEvent::Failed(why) = &outcome.event {
            text.push_str(&why_words(self.desk.lang, why));
        }
        self.desk.tell(Tone::Danger, text, String::new());
    }

    /// A printer has a paper: that is put on record in the name of who asked for it, under the job's own name, so that
    /// it stands once however often it is told.
    fn record_print(&mut self, outcome: &PrintOutcome) {
        let order = &outcome.order;
        let (Some(author), Some(content)) = (order.by, record_of(outcome)) else {
            return self.prints.acknowledge(order.id);
        };
        let task = Task::Print { job: order.id };
        if self.is_recording(order.id) {
            return;
        }
        // The same bytes each time it is told.
        let made_at = self.prints.view().job(order.id).map(|job| job.made_at);
        let entered_at: Timestamp = made_at.unwrap_or(self.desk.moment);
        let entry = Entry { id: order.id, entered_at, content: content.clone() };
        let patient = order.patient.clone().unwrap_or_default();
        self.cache.confirm(Confirm {
            author,
            entry,
            patient: patient.clone(),
            draft: None,
            replaces: None,
        });
        let open = vec![(order.id, content)];
        self.desk.saving.push(Saving { what: task, patient, open, kept: Vec::new(), lost: None });
    }

    /// A new patient's chart wants a sticker: offered once, at the reception desk, or printed where the settings say so.
    pub(super) fn offer_sticker(&mut self) {
        let desk = &self.desk;
        let Some(opened) = &desk.opened else { return };
        let Some(view) = opened.view().filter(|view| view.whole) else { return };
        let today = desk.today();
        let first = view.patient.first_visit.is_none_or(|first| first == today)
            && view.patient.last_visit.is_none_or(|last| last == today);
        let new = first && view.receptions.iter().all(|reception| reception.key.date == today);
        let canonical = opened.number.canonical();
        if !new
            || view.receptions.is_empty()
            || desk.kind != crate::config::Desk::Reception
            || desk.prints.printer_of(Paper::Sticker).is_none()
            || !self.offered.insert(canonical)
        {
            return;
        }
        if desk.prints.first_sticker && desk.may_record() {
            let number = opened.number.clone();
            return self.print_sticker(&number, true);
        }
        let name = view.patient.name.kanji.clone();
        let text = self.desk.fill("papers.first_sticker", &[("name", &name)]);
        self.desk.tell(Tone::Info, text, String::new());
    }
}

/// Name of a paper.
fn paper_words(what: &ToPrint) -> &'static str {
    match what {
        ToPrint::Labels { .. } => "papers.label",
        ToPrint::Sticker { .. } => "papers.sticker",
        ToPrint::Results { .. } => "papers.results",
        ToPrint::DaySheet { .. } => "papers.day_sheet",
        ToPrint::Test { .. } => "papers.test",
    }
}

/// What is put on record of a print; `None` for a page about nobody.
fn record_of(outcome: &PrintOutcome) -> Option<EntryContent> {
    let order = &outcome.order;
    let paper = match &order.what {
        ToPrint::Labels { order: of, tubes, .. } => {
            let act = LabAct::Labels {
                tubes: tubes.clone(),
                copy: order.copy,
                printer: outcome.printer.clone(),
                reason: order.reason.clone(),
            };
            let entry = LabEntry { patient: of.patient.clone(), order: of.id, act };
            return Some(EntryContent::Lab { entry });
        }
        ToPrint::Sticker { .. } => PaperKind::Sticker,
        ToPrint::Results { .. } => PaperKind::Results,
        ToPrint::DaySheet { .. } => PaperKind::DaySheet,
        ToPrint::Test { .. } => return None,
    };
    let record = PrintRecord {
        job: order.id,
        paper,
        patient: order.patient.as_ref().and_then(|patient| patient.number.clone()),
        copy: order.copy,
        printer: outcome.printer.clone(),
        reason: order.reason.clone(),
    };
    Some(EntryContent::Printed { record })
}
