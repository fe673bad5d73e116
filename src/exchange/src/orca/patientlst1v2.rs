//! `patientlst1v2` (患者番号一覧): who is new or changed in a range of days.

use clinical::PatientNumber;
use jiff::civil::{Date, DateTime, Time};

use super::error::OrcaError;
use super::fields::Fields;
use super::node::{Message, Node};
use super::notes::{Notes, Warning, asked_date};
use super::person::{self, Person};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::xml;

/// Path under the base address.
pub const PATH: &str = "api01rv2/patientlst1v2";
const REQUEST: &str = "patientlst1req";
const RECORD: &str = "patientlst1res";

/// Which patients, as the query parameter `class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `01`: new and changed.
    Changed,
    /// `02`: new only.
    New,
}

impl Class {
    /// Value of the query parameter.
    pub fn code(self) -> &'static str {
        match self {
            Self::Changed => "01",
            Self::New => "02",
        }
    }

    /// The class behind the parameter.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Changed, Self::New].into_iter().find(|class| class.code() == code)
    }
}

/// Path and query of a request.
pub fn target(class: Class) -> String {
    format!("{PATH}?class={}", class.code())
}

/// The range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// First day; none means the receipt computer's today.
    pub start: Option<Date>,
    /// Last day; none means without end.
    pub end: Option<Date>,
    /// Whether test patients are listed too.
    pub with_test_patients: bool,
}

/// A patient in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The patient's number.
    pub number: PatientNumber,
    /// Name, birth date, sex (and the number once more).
    pub person: Person,
    /// When the patient was registered.
    pub created: Option<Date>,
    /// Day of the last change.
    pub updated: Option<Date>,
    /// Time of the last change.
    pub updated_at: Option<Time>,
    /// Test patient.
    pub test_patient: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// When the receipt computer answered.
    pub at: Option<DateTime>,
    /// What it said. 1,000 hits or more are refused: ask for a shorter range.
    pub result: ApiResult,
    /// How many it says it found.
    pub count: Option<u32>,
    /// The patients.
    pub rows: Vec<Row>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::PatientList1)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let day = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    let fields = Fields::new()
        .text("Base_StartDate", &day(request.start))
        .text("Base_EndDate", &day(request.end))
        // 1 leaves test patients out.
        .text("Contain_TestPatient_Flag", if request.with_test_patients { "0" } else { "1" });
    xml::write_request(&fields.message(REQUEST))
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    let with_test_patients = match body.text("Contain_TestPatient_Flag") {
        "0" => true,
        "1" => false,
        _ => return Err(OrcaError::bad("Contain_TestPatient_Flag", "neither 0 nor 1")),
    };
    Ok(Request {
        start: asked_date(&body, "Base_StartDate")?,
        end: asked_date(&body, "Base_EndDate")?,
        with_test_patients,
    })
}

/// Writes the answer.
pub fn write_reply(reply: &Reply) -> String {
    let mut fields = result::head(reply.at, &reply.result).text("Reskey", "Patient Info");
    if let Some(count) = reply.count {
        fields = fields.text("Target_Patient_Count", &format!("{count:04}"));
    }
    let fields = fields.array("Patient_Information", reply.rows.iter().map(write_row));
    xml::write_reply(&fields.message(RECORD))
}

fn write_row(row: &Row) -> Fields {
    let person = Person { number: Some(row.number.clone()), ..row.person.clone() };
    person::write(&person)
        .date("CreateDate", row.created)
        .date("UpdateDate", row.updated)
        .time("UpdateTime", row.updated_at)
        .text("TestPatient_Flag", if row.test_patient { "1" } else { "0" })
}

/// Reads the answer. Rows without a usable number are left out with a warning.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let body = Message::read(bytes)?.expect(&[RECORD])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let count = notes.count(&body, "Target_Patient_Count");
    let rows = notes.rows(&body, "Patient_Information", read_row);
    Ok(Reply { at: head.at, result: head.result, count, rows, warnings: notes.into_warnings() })
}

fn read_row(notes: &mut Notes, node: &Node) -> Option<Row> {
    let person = person::read(node, notes);
    let Some(number) = person.number.clone() else {
        notes.warn("Patient_ID", "row without a patient number left out");
        return None;
    };
    Some(Row {
        number,
        person,
        created: notes.date(node, "CreateDate"),
        updated: notes.date(node, "UpdateDate"),
        updated_at: notes.time(node, "UpdateTime"),
        test_patient: node.text("TestPatient_Flag") == "1",
    })
}
