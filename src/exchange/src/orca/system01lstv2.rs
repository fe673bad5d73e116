//! `system01lstv2` (システム管理情報): departments, physicians and staff, the hospital, 診療内容.

use clinical::{Address, Department, MedicalContent};
use jiff::civil::{Date, DateTime};

use super::error::OrcaError;
use super::fields::Fields;
use super::node::{Message, Node};
use super::notes::{Notes, Warning, asked_date};
use super::result::{self, ApiResult, Endpoint, Head, Outcome};
use super::xml;

/// Path under the base address.
pub const PATH: &str = "api01rv2/system01lstv2";
const REQUEST: &str = "system01_managereq";
const DEPARTMENTS: &str = "departmentres";
const STAFF: &str = "physicianres";
const HOSPITAL: &str = "system1001res";
const CONTENTS: &str = "medicalinfres";

/// Which list (`Request_Number`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `01` 診療科.
    Departments,
    /// `02` ドクター.
    Physicians,
    /// `03` その他の職員.
    Staff,
    /// `04` 医療機関基本情報.
    Hospital,
    /// `06` 診療内容.
    Contents,
}

impl List {
    /// The request number.
    pub fn code(self) -> &'static str {
        match self {
            Self::Departments => "01",
            Self::Physicians => "02",
            Self::Staff => "03",
            Self::Hospital => "04",
            Self::Contents => "06",
        }
    }

    /// The list behind the number.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Departments, Self::Physicians, Self::Staff, Self::Hospital, Self::Contents]
            .into_iter()
            .find(|list| list.code() == code)
    }
}

/// Which list, as of when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which.
    pub list: List,
    /// Valid on that day; today if none.
    pub date: Option<Date>,
}

/// A member of the staff (職員).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member {
    /// Five digits, the first `1` for a doctor.
    pub code: String,
    /// Kanji.
    pub name: String,
    /// Katakana.
    pub kana: String,
    /// 麻薬施用者免許証番号, blank if none.
    pub narcotics_licence: String,
    /// Codes of the departments, up to five.
    pub departments: Vec<String>,
}

/// The hospital or clinic (医療機関).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hospital {
    /// 都道府県番号, two digits.
    pub prefecture: String,
    /// 点数表: `1` 医科.
    pub point_list: String,
    /// 医療機関コード, seven digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Who runs it (管理者).
    pub administrator: String,
    /// Where it is.
    pub address: Address,
    /// Telephone.
    pub phone: String,
    /// Fax.
    pub fax: String,
    /// 院外処方区分: `1` prescriptions are filled outside.
    pub outside_class: String,
}

/// What the answer lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// For [`List::Departments`].
    Departments(Vec<Department>),
    /// For [`List::Physicians`] and [`List::Staff`].
    Staff(Vec<Member>),
    /// For [`List::Hospital`].
    Hospital(Box<Hospital>),
    /// For [`List::Contents`].
    Contents(Vec<MedicalContent>),
}

impl Content {
    /// An empty list of that kind, as it stands in a refusal.
    pub fn empty(list: List) -> Self {
        match list {
            List::Departments => Self::Departments(Vec::new()),
            List::Physicians | List::Staff => Self::Staff(Vec::new()),
            List::Hospital => Self::Hospital(Box::default()),
            List::Contents => Self::Contents(Vec::new()),
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
    /// The list.
    pub content: Content,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::SystemList)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let fields = Fields::new()
        .text("Request_Number", request.list.code())
        .text("Base_Date", &request.date.map(|d| d.to_string()).unwrap_or_default());
    xml::write_request(&fields.message(REQUEST))
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = xml::read_strict(bytes)?.expect(&[REQUEST])?;
    let list = List::parse(body.text("Request_Number"))
        .ok_or_else(|| OrcaError::bad("Request_Number", "unknown"))?;
    Ok(Request { list, date: asked_date(&body, "Base_Date")? })
}

/// Writes the answer.
pub fn write_reply(reply: &Reply) -> String {
    let fields = result::head(reply.at, &reply.result)
        .text("Reskey", "Patient Info")
        .date("Base_Date", reply.date);
    let message = match &reply.content {
        Content::Departments(rows) => fields
            .array("Department_Information", rows.iter().map(write_department))
            .message(DEPARTMENTS),
        Content::Staff(rows) => {
            fields.array("Physician_Information", rows.iter().map(write_member)).message(STAFF)
        }
        Content::Hospital(hospital) => {
            fields.record("Medical_Information", write_hospital(hospital)).message(HOSPITAL)
        }
        Content::Contents(rows) => {
            fields.array("Medicalinf_Information", rows.iter().map(write_content)).message(CONTENTS)
        }
    };
    xml::write_reply(&message)
}

fn write_department(department: &Department) -> Fields {
    Fields::new()
        .text("Code", &department.code)
        .text("WholeName", &department.name)
        .text("Receipt_Code", &department.code)
}

fn write_member(member: &Member) -> Fields {
    let mut fields = Fields::new()
        .text("Code", &member.code)
        .text("WholeName", &member.name)
        .filled("WholeName_inKana", &member.kana)
        .filled("Drug_Permission_Id", &member.narcotics_licence);
    for (at, code) in member.departments.iter().take(5).enumerate() {
        fields = fields.text(&format!("Department_Code{}", at + 1), code);
    }
    fields
}

fn write_hospital(hospital: &Hospital) -> Fields {
    let address = Fields::new()
        .filled("WholeAddress", &format!("{}{}", hospital.address.line1, hospital.address.line2))
        .filled("Address_ZipCode", &hospital.address.postal_code)
        .filled("PhoneNumber", &hospital.phone)
        .filled("FaxNumber", &hospital.fax);
    Fields::new()
        .filled("Prefectures_Number", &hospital.prefecture)
        .filled("Point_list", &hospital.point_list)
        .filled("Institution_Code", &hospital.code)
        .filled("Institution_WholeName", &hospital.name)
        .filled("Administrator_WholeName", &hospital.administrator)
        .filled("Outside_Class", &hospital.outside_class)
        .record("Address_Information", address)
}

fn write_content(content: &MedicalContent) -> Fields {
    Fields::new()
        .text("Medical_Information", &content.code)
        .text("Medical_Information_Name", &content.name)
        .text("Medical_Information_Name2", &content.name)
}

/// Reads the answer; the record says which list it is.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let message = Message::read(bytes)?;
    let record = message.record.clone();
    let body = message.expect(&[DEPARTMENTS, STAFF, HOSPITAL, CONTENTS])?;
    let mut notes = Notes::default();
    let head = Head::read(&body, &mut notes);
    let date = notes.date(&body, "Base_Date");
    let content = match record.as_str() {
        DEPARTMENTS => Content::Departments(
            body.rows("Department_Information").filter_map(read_department).collect(),
        ),
        STAFF => {
            Content::Staff(body.rows("Physician_Information").filter_map(read_member).collect())
        }
        HOSPITAL => Content::Hospital(Box::new(
            body.get("Medical_Information").map(read_hospital).unwrap_or_default(),
        )),
        _ => Content::Contents(
            body.rows("Medicalinf_Information").filter_map(read_content).collect(),
        ),
    };
    Ok(Reply { at: head.at, result: head.result, date, content, warnings: notes.into_warnings() })
}

fn read_department(node: &Node) -> Option<Department> {
    Some(Department { code: node.filled("Code")?, name: node.text("WholeName").to_owned() })
}

fn read_member(node: &Node) -> Option<Member> {
    Some(Member {
        code: node.filled("Code")?,
        name: node.text("WholeName").to_owned(),
        kana: node.text("WholeName_inKana").to_owned(),
        narcotics_licence: node.text("Drug_Permission_Id").to_owned(),
        departments: (1..=5).filter_map(|n| node.filled(&format!("Department_Code{n}"))).collect(),
    })
}

fn read_hospital(node: &Node) -> Hospital {
    let take = |name: &str| node.text(name).to_owned();
    let address = node.get("Address_Information");
    let inner = |name: &str| address.map_or("", |node| node.text(name)).to_owned();
    Hospital {
        prefecture: take("Prefectures_Number"),
        point_list: take("Point_list"),
        code: take("Institution_Code"),
        name: take("Institution_WholeName"),
        administrator: take("Administrator_WholeName"),
        address: Address {
            postal_code: inner("Address_ZipCode"),
            line1: inner("WholeAddress"),
            line2: String::new(),
        },
        phone: inner("PhoneNumber"),
        fax: inner("FaxNumber"),
        outside_class: take("Outside_Class"),
    }
}

fn read_content(node: &Node) -> Option<MedicalContent> {
    let name = node
        .filled("Medical_Information_Name")
        .or_else(|| node.filled("Medical_Information_Name2"))
        .unwrap_or_default();
    Some(MedicalContent { code: node.filled("Medical_Information")?, name })
}
