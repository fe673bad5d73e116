//! The hand behind the scenes of the laboratory.

use std::sync::Arc;

use clinical::lab::{LabReport, ToldPatient};
use clinical::{PersonName, Sex};
use exchange::hl7v2::{AckMessage, Charset, OrderedSpecimen, OrderedTest};

use super::analyser::Fate;
use super::books::{Books, HeardMessage, Parcel, Way};
use super::course::{Stage, course};
use crate::receipt::door::Lines;

/// What a demo or a test does to the laboratory.
#[derive(Clone)]
pub struct LabControl {
    books: Arc<Books>,
    lines: Arc<Lines>,
}

impl LabControl {
    pub(super) fn new(books: Arc<Books>, lines: Arc<Lines>) -> Self {
        Self { books, lines }
    }

    /// What happens to the next specimens that are ordered, in their order; after that the seed decides again.
    pub fn next_fates(&self, fates: impl IntoIterator<Item = Fate>) {
        self.books.state().fates.extend(fates);
    }

    /// Everything that was ordered so far and comes later is due up to that stage at once.
    pub fn reach(&self, stage: Stage) {
        self.books.state().reached = Some(stage);
    }

    /// Everything is due at once: partial, full and corrected reports, one after the other.
    pub fn finish_now(&self) {
        self.reach(Stage::Corrected);
    }

    /// The next order is refused in these words.
    pub fn refuse_next(&self, words: &str) {
        self.books.state().refuse_next = Some(words.to_owned());
    }

    /// Switches the laboratory off, or on again: connections are cut, the courier stays at home.
    pub fn down(&self, down: bool) {
        self.books.state().down = down;
        self.lines.set_down(down);
    }

    /// A report of somebody whom the clinic does not know, from a specimen that it never sent.
    pub fn send_report_for_unknown_patient(&self) {
        let name = PersonName {
            kanji: "迷子　検体".to_owned(),
            kana: "マイゴ　ケンタイ".to_owned(),
        };
        self.send_report(&ToldPatient {
            number: "99999".to_owned(),
            name,
            birth_date: jiff::civil::Date::new(1950, 1, 1).ok(),
            sex: Some(Sex::Female),
        });
    }

    /// A report of this patient from a specimen that the clinic never sent.
    pub fn send_report(&self, patient: &ToldPatient) {
        let mut state = self.books.state();
        let specimen = stray_specimen(&self.books);
        let now = self.books.now();
        let told =
            course(self.books.seed, patient, &specimen, Fate::default(), "L9999999", |_| now);
        let reports: Vec<LabReport> = told.into_iter().map(|(_, report)| report).collect();
        self.books.post(&mut state, Way::Https, Charset::Utf8, reports);
    }

    /// Reports a specimen under another patient, as a mixed-up tube would be. Says whether the specimen is known and
    /// still has something to tell.
    pub fn mix_up(&self, specimen: &str, patient: &ToldPatient) -> bool {
        let mut state = self.books.state();
        let Some(job) = state.jobs.get_mut(specimen) else { return false };
        job.patient = patient.clone();
        for (_, report) in &mut job.left {
            report.patient = patient.clone();
        }
        !job.left.is_empty()
    }

    /// Offers the message that was acknowledged last once more, byte by byte. Says whether there was one.
    pub fn send_again(&self) -> bool {
        let mut state = self.books.state();
        let Some(last) = state.delivered.last() else { return false };
        let (control_id, bytes, way) = (last.control_id.clone(), last.bytes.clone(), last.way);
        state.parcels.push_back(Parcel { control_id, bytes, way });
        true
    }

    /// Offers any bytes as a result message; `control_id` is what an acknowledgement must name.
    pub fn send_bytes(&self, control_id: &str, bytes: Vec<u8>) {
        let (control_id, way) = (control_id.to_owned(), Way::Https);
        self.books.state().parcels.push_back(Parcel { control_id, bytes, way });
    }

    /// Orders and cancellations as they came, with what they were answered.
    pub fn heard(&self) -> Vec<HeardMessage> {
        self.books.state().heard.clone()
    }

    /// Result messages that were delivered, byte by byte.
    pub fn delivered(&self) -> Vec<Vec<u8>> {
        self.books.state().delivered.iter().map(|parcel| parcel.bytes.clone()).collect()
    }

    /// The clinic's acknowledgements.
    pub fn acks(&self) -> Vec<AckMessage> {
        self.books.state().acks.clone()
    }

    /// What the clinic said of results that it could not use.
    pub fn refused(&self) -> Vec<String> {
        self.books.state().refused.clone()
    }

    /// How many result messages wait to be fetched and acknowledged, and how many reports are still to come.
    pub fn left(&self) -> (usize, usize) {
        let state = self.books.state();
        let jobs = state.jobs.values().filter(|job| !job.cancelled);
        (state.parcels.len(), jobs.map(|job| job.left.len()).sum())
    }

    /// Specimens that the laboratory has, in the order of their coming.
    pub fn specimens(&self) -> Vec<String> {
        self.books.state().order.clone()
    }
}

/// Well formed, and from a terminal that no clinic has.
fn stray_specimen(books: &Books) -> OrderedSpecimen {
    let day = books.now().date();
    let number = clinical::lab::SpecimenNumber::new(day, 99, 999).map(String::from);
    let number = number.unwrap_or_default();
    let tests = ["K", "CRE"].into_iter().filter_map(codes::labs::by_key).map(|item| OrderedTest {
        placer: format!("{number}01"),
        code: clinical::lab::LabCode { jlac10: item.jlac10.clone(), local: item.key.clone() },
        name: item.name.clone(),
        abbr: item.abbr.clone(),
    });
    OrderedSpecimen {
        material: Some("023".to_owned()),
        material_name: "血清".to_owned(),
        container: "serum".to_owned(),
        container_name: String::new(),
        collected_at: Some(books.now()),
        tests: tests.collect(),
        number,
    }
}
