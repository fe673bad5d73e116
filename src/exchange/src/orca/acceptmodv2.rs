//! `acceptmodv2` (受付登録・取消・照会): accept a patient, take it back, give a walk-in a number, ask.

use clinical::{Department, InsuranceCombination, PatientNumber, Physician};
use jiff::civil::{Date, DateTime, Time};

use super::acceptlstv2::{department, physician};
use super::error::OrcaError;
use super::fields::Fields;
use super::node::{Message, Node};
use super::notes::{Notes, Warning, asked_date, asked_time};
use super::person::{self, Person};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::{insurance, xml};

/// Path under the base address.
pub const PATH: &str = "orca11/acceptmodv2";
const REQUEST: &str = "acceptreq";
const RECORD: &str = "acceptres";

/// What to do (`Request_Number`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `00`: ask for the reception and the code of its consultation fee.
    Query,
    /// `01`: accept.
    Add,
    /// `02`: take back.
    Cancel,
    /// `03`: give a walk-in's reception its patient number.
    SetPatient,
}

impl Action {
    /// The request number.
    pub fn code(self) -> &'static str {
        match self {
            Self::Query => "00",
            Self::Add => "01",
            Self::Cancel => "02",
            Self::SetPatient => "03",
        }
    }

    /// The action behind the number.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Query, Self::Add, Self::Cancel, Self::SetPatient]
            .into_iter()
            .find(|action| action.code() == code)
    }
}

/// What to do with which reception. What is `None` the receipt computer fills in and warns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What to do.
    pub action: Action,
    /// Who; a walk-in has only a name.
    pub patient: Option<PatientNumber>,
    /// Name of a walk-in, at most 25 full-width characters.
    pub name: Option<String>,
    /// Day; today if none.
    pub date: Option<Date>,
    /// Time; now if none.
    pub time: Option<Time>,
    /// 受付ID, for all but [`Action::Add`].
    pub id: Option<String>,
    /// Code of the department; required for [`Action::Add`].
    pub department: Option<String>,
    /// Code of the physician; required for [`Action::Add`].
    pub physician: Option<String>,
    /// Code of the 診療内容; the appointment's or the first of the list if none.
    pub content: Option<String>,
    /// Insurance combination; the one used last if none.
    pub insurance_combination: Option<String>,
}

impl Request {
    /// An action with nothing else said yet.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            patient: None,
            name: None,
            date: None,
            time: None,
            id: None,
            department: None,
            physician: None,
            content: None,
            insurance_combination: None,
        }
    }
}

/// The consultation fee that the receipt computer would charge (診察料); a suggestion without exclusion checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// 診療種別区分, three digits.
    pub class: String,
    /// Its name: 再診.
    pub class_name: String,
    /// 診療行為コード, nine digits.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// When the receipt computer answered.
    pub at: Option<DateTime>,
    /// What it said. `K1`..`K3` mean done, with something filled in.
    pub result: ApiResult,
    /// The receipt computer's warnings in its own words.
    pub messages: Vec<String>,
    /// Day of the reception.
    pub date: Option<Date>,
    /// Its time.
    pub time: Option<Time>,
    /// Its number.
    pub id: Option<String>,
    /// 診療科.
    pub department: Department,
    /// 担当医.
    pub physician: Physician,
    /// Code of the 診療内容.
    pub content: String,
    /// Who.
    pub person: Option<Person>,
    /// The patient's combinations, the one of this visit first.
    pub insurance: Vec<InsuranceCombination>,
    /// For [`Action::Query`].
    pub fee: Option<Fee>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// A refusal: the result and nothing else.
    pub fn refused(at: Option<DateTime>, result: ApiResult) -> Self {
        Self {
            at,
            result,
            messages: Vec::new(),
            date: None,
            time: None,
            id: None,
            department: Department::default(),
            physician: Physician::default(),
            content: String::new(),
            person: None,
            insurance: Vec::new(),
            fee: None,
            warnings: Vec::new(),
        }
    }

    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::AcceptMod)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let given = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = request.patient.as_ref().map_or("", PatientNumber::as_str);
    let insurance = Fields::new()
        .filled("Insurance_Combination_Number", &given(&request.insurance_combination));
    let fields = Fields::new()
        .text("Request_Number", request.action.code())
        .text("Patient_ID", number)
        .filled("WholeName", &given(&request.name))
        .text("Acceptance_Date", &request.date.map(|d| d.to_string()).unwrap_or_default())
        .text("Acceptance_Time", &request.time.map(super::fields::clock).unwrap_or_default())
        .text("Acceptance_Id", &given(&request.id))
        .text("Department_Code", &given(&request.department))
        .text("Physician_Code", &given(&request.physician))
        .text("Medical_Information", &given(&request.content))
        .record("HealthInsurance_Information", insurance);
    xml::write_request(&fields.message(REQUEST))
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    let action = Action::parse(body.text("Request_Number"))
        .ok_or_else(|| OrcaError::bad("Request_Number", "unknown"))?;
    let patient = match body.text("Patient_ID") {
        "" => None,
        text => Some(
            PatientNumber::parse(text)
                .map_err(|_| OrcaError::bad("Patient_ID", "no patient number"))?,
        ),
    };
    Ok(Request {
        action,
        patient,
        name: body.filled("WholeName"),
        date: asked_date(&body, "Acceptance_Date")?,
        time: asked_time(&body, "Acceptance_Time")?,
        id: body.filled("Acceptance_Id"),
        department: body.filled("Department_Code"),
        physician: body.filled("Physician_Code"),
        content: body.filled("Medical_Information"),
        insurance_combination: body
            .get("HealthInsurance_Information")
            .and_then(|node| node.filled("Insurance_Combination_Number")),
    })
}

/// Writes the answer.
pub fn write_reply(reply: &Reply) -> String {
    let messages =
        reply.messages.iter().map(|text| Fields::new().text("Api_Warning_Message", text));
    let mut fields = result::head(reply.at, &reply.result)
        .array("Api_Warning_Message_Information", messages)
        .text("Reskey", "Acceptance_Info")
        .date("Acceptance_Date", reply.date)
        .time("Acceptance_Time", reply.time)
        .filled("Acceptance_Id", reply.id.as_deref().unwrap_or_default())
        .filled("Department_Code", &reply.department.code)
        .filled("Department_WholeName", &reply.department.name)
        .filled("Physician_Code", &reply.physician.code)
        .filled("Physician_WholeName", &reply.physician.name)
        .filled("Medical_Information", &reply.content);
    if let Some(person) = &reply.person {
        let insurance = reply.insurance.iter().map(insurance::write_combination);
        let patient = person::write(person).array("HealthInsurance_Information", insurance);
        fields = fields.record("Patient_Information", patient);
    }
    if let Some(fee) = &reply.fee {
        let code =
            Fields::new().text("Medication_Code", &fee.code).filled("Medication_Name", &fee.name);
        let fee = Fields::new()
            .text("Medical_Class", &fee.class)
            .filled("Medical_Class_Name", &fee.class_name)
            .record("Medication_Info", code);
        fields = fields.record("Medical_Info", fee);
    }
    xml::write_reply(&fields.message(RECORD))
}

/// Reads the answer. The combinations stand inside the patient or beside it, depending on the version.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let body = Message::read(bytes)?.expect(&[RECORD])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let patient = body.get("Patient_Information").filter(|node| !node.is_blank());
    let mut insurance = patient.map_or_else(Vec::new, |node| {
        notes.within("Patient_Information", |notes| insurance::shown(notes, node))
    });
    if insurance.is_empty() {
        insurance = insurance::shown(&mut notes, &body);
    }
    let messages = notes
        .rows(&body, "Api_Warning_Message_Information", |_, row| row.filled("Api_Warning_Message"));
    Ok(Reply {
        at: head.at,
        result: head.result,
        messages,
        date: notes.date(&body, "Acceptance_Date"),
        time: notes.time(&body, "Acceptance_Time"),
        id: body.filled("Acceptance_Id"),
        department: department(&body),
        physician: physician(&body),
        content: body.text("Medical_Information").to_owned(),
        person: patient
            .map(|node| notes.within("Patient_Information", |notes| person::read(node, notes))),
        insurance,
        fee: body.get("Medical_Info").and_then(fee),
        warnings: notes.into_warnings(),
    })
}

fn fee(node: &Node) -> Option<Fee> {
    let medication = node.get("Medication_Info").or_else(|| node.get("Medication_info"))?;
    Some(Fee {
        class: node.text("Medical_Class").to_owned(),
        class_name: node.text("Medical_Class_Name").to_owned(),
        code: medication.filled("Medication_Code")?,
        name: medication.text("Medication_Name").to_owned(),
    })
}
