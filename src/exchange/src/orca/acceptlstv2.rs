//! `acceptlstv2` (受付一覧): the receptions of a day.

use clinical::{
    Department, InsuranceCombination, MedicalContent, Physician, Reception, ReceptionKey,
    ReceptionState,
};
use jiff::civil::{Date, DateTime, Time};

use super::error::OrcaError;
use super::fields::Fields;
use super::node::{Message, Node};
use super::notes::{Notes, Warning, asked_date};
use super::person::{self, Person};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::{insurance, xml};

/// Path under the base address.
pub const PATH: &str = "api01rv2/acceptlstv2";
/// WebORCA lists this many at most; [`Request::offset`] asks for the next ones.
pub const PAGE: usize = 1500;
const REQUEST: &str = "acceptlstreq";
const RECORD: &str = "acceptlstres";
/// Order number of a row that nobody has moved.
const UNMOVED: u32 = 9999;

/// Which receptions, as the query parameter `class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `01`: not paid yet.
    Open,
    /// `02`: paid.
    Paid,
    /// `03`: all.
    All,
}

impl Class {
    /// Value of the query parameter.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "01",
            Self::Paid => "02",
            Self::All => "03",
        }
    }

    /// The class behind the parameter.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Open, Self::Paid, Self::All].into_iter().find(|class| class.code() == code)
    }
}

/// Path and query of a request.
pub fn target(class: Class) -> String {
    format!("{PATH}?class={}", class.code())
}

/// Which day, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The day.
    pub date: Date,
    /// Code of a department, or all.
    pub department: Option<String>,
    /// Code of a physician, or all.
    pub physician: Option<String>,
    /// Code of a 診療内容, or all.
    pub content: Option<String>,
    /// In the order of the receipt computer's own screen ([`Class::Open`] only).
    pub screen_order: bool,
    /// Rows to skip, for the pages after the first (WebORCA, [`Class::All`] only).
    pub offset: Option<u32>,
}

impl Request {
    /// All of a day.
    pub fn of(date: Date) -> Self {
        Self {
            date,
            department: None,
            physician: None,
            content: None,
            screen_order: false,
            offset: None,
        }
    }
}

/// A reception as the receipt computer lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 受付ID, five digits.
    pub id: String,
    /// When accepted.
    pub time: Time,
    /// 診療科.
    pub department: Department,
    /// 担当医.
    pub physician: Physician,
    /// Code of the 診療内容; its name is in `system01lstv2`.
    pub content: String,
    /// When the bill was closed.
    pub paid_at: Option<Time>,
    /// When appointed.
    pub appointment: Option<Time>,
    /// Who; without a number for a walk-in.
    pub person: Person,
    /// The combination that this visit is billed to.
    pub insurance: Option<InsuranceCombination>,
    /// New place on the receipt computer's screen, if somebody moved this row there.
    pub moved_to: Option<u32>,
}

impl Row {
    /// The reception that the row tells of. The receipt computer knows only "open" and "paid"; `names` are
    /// the 診療内容 of `system01lstv2`.
    pub fn reception(&self, date: Date, names: &[MedicalContent]) -> Reception {
        let name = names.iter().find(|c| c.code == self.content).map(|c| c.name.clone());
        Reception {
            key: ReceptionKey { date, id: self.id.clone() },
            patient: self.person.number.clone(),
            name: self.person.name.clone(),
            birth_date: self.person.birth_date,
            sex: self.person.sex,
            time: self.time,
            appointment: self.appointment,
            paid_at: self.paid_at,
            department: self.department.clone(),
            physician: self.physician.clone(),
            content: MedicalContent { code: self.content.clone(), name: name.unwrap_or_default() },
            insurance_combination: self
                .insurance
                .as_ref()
                .map(|c| c.number.clone())
                .filter(|number| !number.is_empty()),
            state: if self.paid_at.is_some() {
                ReceptionState::Done
            } else {
                ReceptionState::Waiting
            },
            revision: 0,
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// When the receipt computer answered.
    pub at: Option<DateTime>,
    /// What it said.
    pub result: ApiResult,
    /// The day asked for.
    pub date: Option<Date>,
    /// The receptions.
    pub rows: Vec<Row>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::AcceptList)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let code = |code: &Option<String>| code.clone().unwrap_or_default();
    let mut fields = Fields::new()
        .text("Acceptance_Date", &request.date.to_string())
        .text("Department_Code", &code(&request.department))
        .text("Physician_Code", &code(&request.physician))
        .text("Medical_Information", &code(&request.content))
        .text("Display_Order_Sort", if request.screen_order { "True" } else { "" });
    if let Some(offset) = request.offset {
        fields = fields.text("Sel_Offset", &offset.to_string());
    }
    xml::write_request(&fields.message(REQUEST))
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    let date = asked_date(&body, "Acceptance_Date")?
        .ok_or_else(|| OrcaError::bad("Acceptance_Date", "missing"))?;
    let offset = match body.text("Sel_Offset") {
        "" => None,
        text => Some(text.parse().map_err(|_| OrcaError::bad("Sel_Offset", "not a number"))?),
    };
    Ok(Request {
        date,
        department: body.filled("Department_Code"),
        physician: body.filled("Physician_Code"),
        content: body.filled("Medical_Information"),
        screen_order: body.text("Display_Order_Sort") == "True",
        offset,
    })
}

/// Writes the answer.
pub fn write_reply(reply: &Reply) -> String {
    let fields = result::head(reply.at, &reply.result)
        .text("Reskey", "Patient Info")
        .date("Acceptance_Date", reply.date)
        .array("Acceptlst_Information", reply.rows.iter().map(write_row));
    xml::write_reply(&fields.message(RECORD))
}

fn write_row(row: &Row) -> Fields {
    let mut fields = Fields::new()
        .time("Acceptance_Time", Some(row.time))
        .text("Acceptance_Id", &row.id)
        .text("Department_Code", &row.department.code)
        .filled("Department_WholeName", &row.department.name)
        .text("Physician_Code", &row.physician.code)
        .filled("Physician_WholeName", &row.physician.name)
        .filled("Medical_Information", &row.content)
        // Spelt so by the receipt computer.
        .text("Claim_Infometion", "0")
        .time("Account_Time", row.paid_at)
        .time("Appointment_Time", row.appointment)
        .record("Patient_Information", person::write(&row.person));
    if let Some(insurance) = &row.insurance {
        fields =
            fields.record("HealthInsurance_Information", insurance::write_combination(insurance));
    }
    let place = row.moved_to.unwrap_or(UNMOVED);
    let order = Fields::new()
        .text("Display_Order_Number", &place.to_string())
        .filled("Display_Order_Mark", if row.moved_to.is_some() { "True" } else { "" });
    fields.record("Display_Order", order)
}

/// Reads the answer. A row without a reception number is left out with a warning.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let body = Message::read(bytes)?.expect(&[RECORD])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let date = notes.date(&body, "Acceptance_Date");
    let rows = notes.rows(&body, "Acceptlst_Information", read_row);
    Ok(Reply { at: head.at, result: head.result, date, rows, warnings: notes.into_warnings() })
}

fn read_row(notes: &mut Notes, node: &Node) -> Option<Row> {
    let Some(id) = node.filled("Acceptance_Id") else {
        notes.warn("Acceptance_Id", "row without a reception number left out");
        return None;
    };
    let time = notes.time(node, "Acceptance_Time").unwrap_or_else(|| {
        notes.warn("Acceptance_Time", "no time of acceptance, shown as 00:00");
        Time::midnight()
    });
    let empty = Node::Record(Vec::new());
    let patient = node.get("Patient_Information").unwrap_or(&empty);
    let insurance = node.get("HealthInsurance_Information").filter(|node| !node.is_blank());
    // Once anybody has moved a row, all rows are numbered; the mark tells the moved ones.
    let order = node.get("Display_Order").filter(|o| o.text("Display_Order_Mark") == "True");
    let moved_to = order.and_then(|order| {
        notes.within("Display_Order", |notes| notes.count(order, "Display_Order_Number"))
    });
    Some(Row {
        id,
        time,
        department: department(node),
        physician: physician(node),
        content: node.text("Medical_Information").to_owned(),
        paid_at: notes.time(node, "Account_Time"),
        appointment: notes.time(node, "Appointment_Time"),
        person: notes.within("Patient_Information", |notes| person::read(patient, notes)),
        insurance: insurance.map(|node| {
            notes.within("HealthInsurance_Information", |notes| insurance::combination(notes, node))
        }),
        moved_to,
    })
}

pub(crate) fn department(node: &Node) -> Department {
    Department {
        code: node.text("Department_Code").to_owned(),
        name: node.text("Department_WholeName").to_owned(),
    }
}

pub(crate) fn physician(node: &Node) -> Physician {
    Physician {
        code: node.text("Physician_Code").to_owned(),
        name: node.text("Physician_WholeName").to_owned(),
    }
}
