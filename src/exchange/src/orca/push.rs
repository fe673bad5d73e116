//! Push notices (PUSH通知) over WebSocket, JSON. Nothing is sent twice: after a cut the lists must be asked.

use clinical::PatientNumber;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde_json::{Value, json};

use super::error::{OrcaError, loggable};
use super::fields::clock;
use super::json;
use super::node::Node;
use super::notes::{Notes, Warning};
use super::person;

/// Subscribes to every event.
pub const ALL_EVENTS: &str = "*";

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Wants events of that name, or [`ALL_EVENTS`].
    Subscribe {
        /// Chosen by the client, comes back in the answer.
        request: String,
        /// `patient_accept`, or [`ALL_EVENTS`].
        event: String,
    },
    /// Wants no more.
    Unsubscribe {
        /// Chosen by the client, comes back in the answer.
        request: String,
        /// As given by [`Notice::Subscribed`].
        subscription: String,
    },
}

/// What the receipt computer sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Answer to [`Command::Subscribe`].
    Subscribed {
        /// The client's request.
        request: String,
        /// Names the subscription from now on.
        subscription: String,
    },
    /// Answer to [`Command::Unsubscribe`].
    Unsubscribed {
        /// The client's request.
        request: String,
        /// The subscription that has ended.
        subscription: String,
    },
    /// Something happened.
    Event {
        /// Which subscription it is for.
        subscription: String,
        /// What happened.
        event: Event,
    },
    /// A command was refused.
    Error {
        /// The command.
        command: String,
        /// The client's request.
        request: String,
        /// `INTERNAL_ERROR`, `NO_SUCH_SUBSCRIPTION`, `INVALID_PARAMS`, `PARSE_ERROR`.
        code: String,
        /// In words.
        reason: String,
    },
    /// A command of a later version.
    Other,
}

/// Something that happened in the receipt computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// 1 to 65535, wraps.
    pub id: u32,
    /// Tells two deliveries of one event apart from two events.
    pub uuid: String,
    /// Operator who caused it.
    pub user: String,
    /// When.
    pub time: Option<Timestamp>,
    /// What.
    pub body: Body,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `patient_accept`: a reception came, changed or went.
    Accept(Accept),
    /// `patient_information`: a patient was registered, changed or deleted.
    Information(Information),
    /// `patient_account`: a bill was closed or changed.
    Account(Account),
    /// An event that nobody here needs.
    Other {
        /// Its name.
        event: String,
    },
}

/// Whether something came, changed or went (`Patient_Mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `add`.
    Add,
    /// `modify`, and whatever a later version may say.
    Modify,
    /// `delete`.
    Delete,
}

impl Mode {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Modify => "modify",
            Self::Delete => "delete",
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "add" => Self::Add,
            "delete" => Self::Delete,
            _ => Self::Modify,
        }
    }
}

/// Body of `patient_accept`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// Came, changed or went.
    pub mode: Mode,
    /// `None` for a walk-in.
    pub patient: Option<PatientNumber>,
    /// Day of the reception.
    pub date: Option<Date>,
    /// Its time.
    pub time: Option<Time>,
    /// 受付ID.
    pub id: String,
    /// Code of the department.
    pub department: String,
    /// Code of the physician.
    pub physician: String,
    /// Insurance combination.
    pub insurance_combination: String,
}

/// Body of `patient_information`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Information {
    /// Came, changed or went.
    pub mode: Mode,
    /// Who.
    pub patient: Option<PatientNumber>,
    /// Day of the change.
    pub date: Option<Date>,
    /// Its time.
    pub time: Option<Time>,
}

/// Body of `patient_account`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Came, changed or went.
    pub mode: Mode,
    /// Who.
    pub patient: Option<PatientNumber>,
    /// Day of the visit that was billed.
    pub date: Option<Date>,
    /// One per department and combination.
    pub bills: Vec<Bill>,
}

/// A bill in [`Account`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Insurance combination.
    pub insurance_combination: String,
    /// Code of the department.
    pub department: String,
    /// Code of the physician.
    pub physician: String,
    /// 伝票番号.
    pub invoice: String,
}

impl Body {
    /// Name of the event.
    pub fn name(&self) -> &str {
        match self {
            Self::Accept(_) => "patient_accept",
            Self::Information(_) => "patient_information",
            Self::Account(_) => "patient_account",
            Self::Other { event } => event,
        }
    }
}

/// Writes a command.
pub fn write_command(command: &Command) -> String {
    match command {
        Command::Subscribe { request, event } => {
            json!({"command": "subscribe", "req.id": request, "event": event})
        }
        Command::Unsubscribe { request, subscription } => {
            json!({"command": "unsubscribe", "req.id": request, "sub.id": subscription})
        }
    }
    .to_string()
}

/// Reads a command.
pub fn read_command(bytes: &[u8]) -> Result<Command, OrcaError> {
    let body = json::read(bytes)?.body;
    let needed =
        |name: &'static str| body.filled(name).ok_or_else(|| OrcaError::bad(name, "missing"));
    match body.text("command") {
        "subscribe" => {
            Ok(Command::Subscribe { request: needed("req.id")?, event: needed("event")? })
        }
        "unsubscribe" => {
            Ok(Command::Unsubscribe { request: needed("req.id")?, subscription: needed("sub.id")? })
        }
        _ => Err(OrcaError::bad("command", "neither subscribe nor unsubscribe")),
    }
}

/// Writes a notice.
pub fn write_notice(notice: &Notice) -> String {
    match notice {
        Notice::Subscribed { request, subscription } => {
            json!({"command": "subscribed", "req.id": request, "sub.id": subscription})
        }
        Notice::Unsubscribed { request, subscription } => {
            json!({"command": "unsubscribed", "req.id": request, "sub.id": subscription})
        }
        Notice::Event { subscription, event } => {
            json!({"command": "event", "sub.id": subscription, "data": event_json(event)})
        }
        Notice::Error { command, request, code, reason } => {
            json!({"command": "error", "for": command, "req.id": request, "code": code, "reason": reason})
        }
        Notice::Other => json!({"command": "other"}),
    }
    .to_string()
}

/// Reads a notice, with what of an event could not be used.
pub fn read_notice(bytes: &[u8]) -> Result<(Notice, Vec<Warning>), OrcaError> {
    let body = json::read(bytes)?.body;
    let mut notes = Notes::default();
    let text = |name: &str| body.text(name).to_owned();
    let notice = match body.text("command") {
        "subscribed" => {
            Notice::Subscribed { request: text("req.id"), subscription: text("sub.id") }
        }
        "unsubscribed" => {
            Notice::Unsubscribed { request: text("req.id"), subscription: text("sub.id") }
        }
        "event" => {
            let data = body.get("data").ok_or_else(|| OrcaError::bad("data", "missing"))?;
            let event = notes.within("data", |notes| read_event(notes, data))?;
            Notice::Event { subscription: text("sub.id"), event }
        }
        "error" => Notice::Error {
            command: text("for"),
            request: text("req.id"),
            code: text("code"),
            reason: text("reason"),
        },
        // Some events come without an envelope.
        "" if body.get("event").is_some() => {
            Notice::Event { subscription: String::new(), event: read_event(&mut notes, &body)? }
        }
        "" => return Err(OrcaError::bad("command", "missing")),
        _ => Notice::Other,
    };
    Ok((notice, notes.into_warnings()))
}

pub(crate) fn event_json(event: &Event) -> Value {
    let time = event.time.map(write_time).unwrap_or_default();
    json!({
        "id": event.id,
        "uuid": event.uuid,
        "event": event.body.name(),
        "user": event.user,
        "time": time,
        "body": body_json(&event.body),
    })
}

fn body_json(body: &Body) -> Value {
    let number = |patient: &Option<PatientNumber>| patient.as_ref().map(ToString::to_string);
    let day = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    let time = |time: Option<Time>| time.map(clock).unwrap_or_default();
    match body {
        Body::Accept(accept) => json!({
            "Patient_Mode": accept.mode.word(),
            "Patient_ID": number(&accept.patient).unwrap_or_default(),
            "Accept_Date": day(accept.date),
            "Accept_Time": time(accept.time),
            "Accept_Id": accept.id,
            "Department_Code": accept.department,
            "Physician_Code": accept.physician,
            "Insurance_Combination_Number": accept.insurance_combination,
        }),
        Body::Information(information) => json!({
            "Patient_Mode": information.mode.word(),
            "Patient_ID": number(&information.patient).unwrap_or_default(),
            "Information_Date": day(information.date),
            "Information_Time": time(information.time),
        }),
        Body::Account(account) => json!({
            "Patient_Mode": account.mode.word(),
            "Patient_ID": number(&account.patient).unwrap_or_default(),
            "Perform_Date": day(account.date),
            "Medical_Information": account.bills.iter().map(|bill| json!({
                "Insurance_Combination_Number": bill.insurance_combination,
                "Department_Code": bill.department,
                "Physician_Code": bill.physician,
                "Invoice_Number": bill.invoice,
            })).collect::<Vec<_>>(),
        }),
        Body::Other { .. } => json!({}),
    }
}

/// The receipt computer lives in Japan and writes its offset without a colon.
fn write_time(time: Timestamp) -> String {
    const JAPAN: jiff::tz::Offset = jiff::tz::Offset::constant(9);
    let local = JAPAN.to_datetime(time);
    format!("{}T{}+0900", local.date(), clock(local.time()))
}

fn read_time(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text).ok().or_else(|| text.parse().ok())
}

pub(crate) fn read_event(notes: &mut Notes, node: &Node) -> Result<Event, OrcaError> {
    let name = node.filled("event").ok_or_else(|| OrcaError::bad("event", "missing"))?;
    let time = node.text("time");
    let when = read_time(time);
    if when.is_none() && !time.is_empty() {
        notes.warn("time", "not a time");
    }
    let empty = Node::Record(Vec::new());
    let body = node.get("body").unwrap_or(&empty);
    Ok(Event {
        id: notes.count(node, "id").unwrap_or_default(),
        uuid: node.text("uuid").to_owned(),
        user: node.text("user").to_owned(),
        time: when,
        body: notes.within("body", |notes| read_body(notes, &name, body)),
    })
}

fn read_body(notes: &mut Notes, event: &str, body: &Node) -> Body {
    let text = |name: &str| body.text(name).to_owned();
    let mode = Mode::parse(body.text("Patient_Mode"));
    match event {
        "patient_accept" => Body::Accept(Accept {
            mode,
            patient: person::number(body, notes),
            date: notes.date(body, "Accept_Date"),
            time: notes.time(body, "Accept_Time"),
            id: text("Accept_Id"),
            department: text("Department_Code"),
            physician: text("Physician_Code"),
            insurance_combination: text("Insurance_Combination_Number"),
        }),
        "patient_information" => Body::Information(Information {
            mode,
            patient: person::number(body, notes),
            date: notes.date(body, "Information_Date"),
            time: notes.time(body, "Information_Time"),
        }),
        "patient_account" => Body::Account(Account {
            mode,
            patient: person::number(body, notes),
            date: notes.date(body, "Perform_Date"),
            bills: body.rows("Medical_Information").map(read_bill).collect(),
        }),
        other => Body::Other { event: loggable(other) },
    }
}

fn read_bill(node: &Node) -> Bill {
    let text = |name: &str| node.text(name).to_owned();
    Bill {
        insurance_combination: text("Insurance_Combination_Number"),
        department: text("Department_Code"),
        physician: text("Physician_Code"),
        invoice: text("Invoice_Number"),
    }
}
