//! `pusheventgetv2` (PUSH通知一括取得): the push events of the last days, JSON both ways, cloud only.

use jiff::civil::{DateTime, Time};
use serde_json::json;

use super::error::OrcaError;
use super::json;
use super::node::{Message, Node};
use super::notes::{self, Notes, Warning};
use super::push::{self, Event};
use super::result::{self, ApiResult, Endpoint, Outcome};

/// Path under the base address.
pub const PATH: &str = "api01rv2/pusheventgetv2";
const REQUEST: &str = "pusheventgetv2req";

/// Which events; each part may be left out. Times are local and count minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Name of the event.
    pub event: Option<String>,
    /// Operator.
    pub user: Option<String>,
    /// From.
    pub start: Option<DateTime>,
    /// To.
    pub end: Option<DateTime>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// `00` where the receipt computer just answers with the events.
    pub result: ApiResult,
    /// The events, oldest first as given.
    pub events: Vec<Event>,
    /// What could not be used. Not written.
    pub warnings: Vec<Warning>,
}

impl Reply {
    /// What the result means here.
    pub fn outcome(&self) -> Outcome {
        self.result.outcome(Endpoint::PushEvents)
    }
}

/// Writes the request.
pub fn write_request(request: &Request) -> String {
    let minute = |at: DateTime| format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute());
    let mut fields = serde_json::Map::new();
    let given = [
        ("event", request.event.clone()),
        ("user", request.user.clone()),
        ("start_time", request.start.map(minute)),
        ("end_time", request.end.map(minute)),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value.into());
        }
    }
    json!({ REQUEST: fields }).to_string()
}

/// Reads the request.
pub fn read_request(bytes: &[u8]) -> Result<Request, OrcaError> {
    let body = json::read(bytes)?.expect(&[REQUEST])?;
    Ok(Request {
        event: body.filled("event"),
        user: body.filled("user"),
        start: moment(&body, "start_time")?,
        end: moment(&body, "end_time")?,
    })
}

/// `YYYY-MM-DD HH:MM`, or the date alone.
fn moment(node: &Node, name: &str) -> Result<Option<DateTime>, OrcaError> {
    let text = node.text(name);
    let (day, clock) = text.split_once(' ').unwrap_or((text, ""));
    let day = notes::date(day).map_err(|reason| OrcaError::bad(name, reason))?;
    let clock = notes::time(clock.trim()).map_err(|reason| OrcaError::bad(name, reason))?;
    Ok(day.map(|day| day.to_datetime(clock.unwrap_or(Time::midnight()))))
}

/// Writes the answer: the events, or an error.
pub fn write_reply(reply: &Reply) -> String {
    if reply.outcome() == Outcome::Ok {
        let rows = reply.events.iter().map(|event| json!({"data": push::event_json(event)}));
        serde_json::Value::Array(rows.collect()).to_string()
    } else {
        json!({"error": {"code": reply.result.code, "message": reply.result.message}}).to_string()
    }
}

/// Reads the answer. Rows that are no events are left out with a warning.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, OrcaError> {
    let Message { record, body } = json::read(bytes)?;
    if record == "error" {
        return Ok(refused(&body));
    }
    let Node::Array(rows) = &body else {
        let result = result::read_result(&body);
        return if result.code.is_empty() {
            Err(OrcaError::WrongRecord { expected: "array of events", found: "another".to_owned() })
        } else {
            Ok(Reply { result, events: Vec::new(), warnings: Vec::new() })
        };
    };
    if let Some(error) = rows.iter().find_map(|row| row.get("error")) {
        return Ok(refused(error));
    }
    let mut notes = Notes::default();
    let mut events = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let event = notes.within(format!("[{}]", at + 1), |notes| {
            push::read_event(notes, row.get("data").unwrap_or(row))
        });
        match event {
            Ok(event) => events.push(event),
            Err(_) => notes.warn(&format!("[{}]", at + 1), "row without an event left out"),
        }
    }
    Ok(Reply { result: ApiResult::ok(), events, warnings: notes.into_warnings() })
}

fn refused(error: &Node) -> Reply {
    let result = ApiResult::new(error.text("code"), error.text("message"));
    Reply { result, events: Vec::new(), warnings: Vec::new() }
}
