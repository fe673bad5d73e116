//! `patientlst3v2` (患者情報検索): patients by the beginning of their name, kanji or kana.
//!
//! The answer bears the record name of `patientlst2v2`, but its insurances are not combinations; whoever
//! needs those asks `patientgetv2`.

use clinical::Sex;
use jiff::civil::{Date, DateTime};

use super::error::OrcaError;
use super::fields::Fields;
use super::node::Message;
use super::notes::{Notes, Warning, asked_date};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::{Basics, person, xml};

/// Path under the base address.
pub const PATH: &str = "api01rv2/patientlst3v2";
/// Path and query of a request; there is only one class.
pub const TARGET: &str = "api01rv2/patientlst3v2?class=01";
const REQUEST: &str = "patientlst3req";
const RECORD: &str = "patientlst2res";

/// Whom to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Beginning of the kanji or kana name; required. `*` is a wildcard.
    pub name: String,
    /// Born on or after.
    pub born_from: Option<Date>,
    /// Born on or before.
    pub born_to: Option<Date>,
    /// [`Sex::Unknown`] does not narrow.
    pub sex: Sex,
    /// Admitted (`true`), not admitted (`false`), or either.
    pub admitted: Option<bool>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// When the receipt computer answered.
    pub at: Option<DateTime>,
    /// What it said. 100 hits or more are refused.
    pub result: ApiResult,
    /// How many it says it found.
    pub count: Option<u32>,
    /// The patients.
    pub found: Vec<Basics>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::PatientList3)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let day = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    let in_out = match request.admitted {
        Some(true) => "1",
        Some(false) => "2",
        None => "",
    };
    let fields = Fields::new()
        .text("WholeName", &request.name)
        .text("Birth_StartDate", &day(request.born_from))
        .text("Birth_EndDate", &day(request.born_to))
        .text("Sex", person::sex_code(request.sex))
        .text("InOut", in_out);
    xml::write_request(&fields.message(REQUEST))
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    let name = body.filled("WholeName").ok_or_else(|| OrcaError::bad("WholeName", "missing"))?;
    let sex = match body.text("Sex") {
        text @ ("" | "1" | "2") => person::sex(text),
        _ => return Err(OrcaError::bad("Sex", "neither 1 nor 2")),
    };
    let admitted = match body.text("InOut") {
        "" => None,
        "1" => Some(true),
        "2" => Some(false),
        _ => return Err(OrcaError::bad("InOut", "neither 1 nor 2")),
    };
    let born_from = asked_date(&body, "Birth_StartDate")?;
    let born_to = asked_date(&body, "Birth_EndDate")?;
    Ok(Request { name, born_from, born_to, sex, admitted })
}

/// Writes the answer.
pub fn write_reply(reply: &Reply) -> String {
    let mut fields = result::head(reply.at, &reply.result).text("Reskey", "Patient Info");
    if let Some(count) = reply.count {
        fields = fields.text("Target_Patient_Count", &format!("{count:03}"));
    }
    let fields = fields.array("Patient_Information", reply.found.iter().map(Basics::write));
    xml::write_reply(&fields.message(RECORD))
}

/// Reads the answer.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let body = Message::read(bytes)?.expect(&[RECORD])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let count = notes.count(&body, "Target_Patient_Count");
    let found = notes.rows(&body, "Patient_Information", Basics::read);
    Ok(Reply { at: head.at, result: head.result, count, found, warnings: notes.into_warnings() })
}
