//! `patientlst2v2` (複数患者情報): up to 100 patients by number.

use clinical::{Patient, PatientNumber};
use jiff::civil::DateTime;

use super::error::OrcaError;
use super::fields::Fields;
use super::node::{Message, Node};
use super::notes::{Notes, Warning};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::{Basics, patient, person, xml};

/// Path under the base address.
pub const PATH: &str = "api01rv2/patientlst2v2";
/// Path and query of a request; there is only one class.
pub const TARGET: &str = "api01rv2/patientlst2v2?class=01";
/// At most this many numbers in one request.
pub const MAX_NUMBERS: usize = 100;
const REQUEST: &str = "patientlst2req";
const RECORD: &str = "patientlst2res";
/// What stands in the place of a name when the number is not known there.
const UNKNOWN: &str = "患者番号がありません";

/// Whom to look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Not more than [`MAX_NUMBERS`].
    pub numbers: Vec<PatientNumber>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// When the receipt computer answered.
    pub at: Option<DateTime>,
    /// What it said.
    pub result: ApiResult,
    /// How many it found.
    pub count: Option<u32>,
    /// The patients found.
    pub patients: Vec<Patient>,
    /// The numbers it does not know.
    pub unknown: Vec<PatientNumber>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::PatientList2)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let rows =
        request.numbers.iter().map(|number| Fields::new().text("Patient_ID", number.as_str()));
    xml::write_request(&Fields::new().array("Patient_ID_Information", rows).message(REQUEST))
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    let numbers = body
        .rows("Patient_ID_Information")
        .map(|row| PatientNumber::parse(row.text("Patient_ID")))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| OrcaError::bad("Patient_ID", "no patient number"))?;
    if numbers.len() > MAX_NUMBERS {
        return Err(OrcaError::bad("Patient_ID_Information", "more than 100 numbers"));
    }
    Ok(Request { numbers })
}

/// Writes the answer; of the patients, what [`Basics`] holds.
pub fn write_reply(reply: &Reply) -> String {
    let mut fields = result::head(reply.at, &reply.result).text("Reskey", "Patient Info");
    if let Some(count) = reply.count {
        fields = fields
            .text("Target_Patient_Count", &format!("{count:03}"))
            .text("No_Target_Patient_Count", &format!("{:03}", reply.unknown.len()));
    }
    let unknown = reply
        .unknown
        .iter()
        .map(|number| Fields::new().text("Patient_ID", number.as_str()).text("WholeName", UNKNOWN));
    let day = reply.at.map(DateTime::date);
    let rows = reply.patients.iter().map(|patient| Basics::of(patient, day).write()).chain(unknown);
    xml::write_reply(&fields.array("Patient_Information", rows).message(RECORD))
}

enum Row {
    Found(Box<Patient>),
    Unknown(PatientNumber),
}

/// Reads the answer.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let body = Message::read(bytes)?.expect(&[RECORD])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let count = notes.count(&body, "Target_Patient_Count");
    let mut patients = Vec::new();
    let mut unknown = Vec::new();
    for row in notes.rows(&body, "Patient_Information", read_row) {
        match row {
            Row::Found(patient) => patients.push(*patient),
            Row::Unknown(number) => unknown.push(number),
        }
    }
    let warnings = notes.into_warnings();
    Ok(Reply { at: head.at, result: head.result, count, patients, unknown, warnings })
}

fn read_row(notes: &mut Notes, node: &Node) -> Option<Row> {
    if node.text("WholeName") == UNKNOWN {
        return person::number(node, notes).map(Row::Unknown);
    }
    let patient = patient::read(notes, node).map(|patient| Row::Found(Box::new(patient)));
    if patient.is_none() {
        notes.warn("Patient_ID", "row without a patient number left out");
    }
    patient
}
