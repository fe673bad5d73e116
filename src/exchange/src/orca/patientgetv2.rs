//! `patientgetv2` (患者基本情報): one patient by number. The request is a GET; its "body" is the query.

use clinical::{Patient, PatientNumber};
use jiff::civil::DateTime;

use super::error::OrcaError;
use super::node::Message;
use super::notes::{Notes, Warning};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::{patient, xml};

/// Path under the base address.
pub const PATH: &str = "api01rv2/patientgetv2";
const RECORD: &str = "patientinfores";

/// Whom to look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// With or without leading zeros.
    pub number: PatientNumber,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// When the receipt computer answered.
    pub at: Option<DateTime>,
    /// What it said.
    pub result: ApiResult,
    /// `None` when there is no such patient.
    pub patient: Option<Patient>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::PatientGet)
    }
}

/// The query, without question mark.
pub fn write_request(request: &Request) -> String {
    // A patient number is letters, digits and hyphens: nothing to escape.
    format!("id={}", request.number)
}

/// Reads the query. Other parameters (`class`, `format`) are left to the caller.
pub fn read_request(query: &[u8]) -> Result<Request, OrcaError> {
    let query =
        std::str::from_utf8(query).map_err(|e| OrcaError::NotUtf8 { at: e.valid_up_to() })?;
    let id = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("id="))
        .ok_or_else(|| OrcaError::bad("id", "missing"))?;
    let number = PatientNumber::parse(id).map_err(|_| OrcaError::bad("id", "no patient number"))?;
    Ok(Request { number })
}

/// Writes the answer.
pub fn write_reply(reply: &Reply) -> String {
    let mut fields = result::head(reply.at, &reply.result).text("Reskey", "Patient Info");
    if let Some(patient) = &reply.patient {
        fields = fields.record("Patient_Information", patient::write(patient));
    }
    xml::write_reply(&fields.message(RECORD))
}

/// Reads the answer.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let body = Message::read(bytes)?.expect(&[RECORD])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let patient = body
        .get("Patient_Information")
        .filter(|node| !node.is_blank())
        .and_then(|node| notes.within("Patient_Information", |notes| patient::read(notes, node)));
    Ok(Reply { at: head.at, result: head.result, patient, warnings: notes.into_warnings() })
}
