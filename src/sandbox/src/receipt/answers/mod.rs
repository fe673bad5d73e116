//! What the endpoints answer. Reading is strict: a request without its type attributes gets no answer at all.

mod events;
mod lists;
mod patients;
mod reception_list;
mod receptions;

use std::collections::HashMap;

use exchange::orca::{Fields, Node, OrcaError, xml2};
use jiff::civil::{Date, Time};

pub(crate) use exchange::orca::Endpoint;

use super::books::Books;
use super::refusal::{Refusal, common};

/// What goes back over the line.
pub(crate) enum Answer {
    Xml(String),
    Json(String),
    /// The line is closed without a byte.
    Nothing,
}

/// Why a request is not even looked at.
enum Unread {
    /// The receipt computer falls silent.
    Silent,
    Refused(Refusal),
}

impl From<Refusal> for Unread {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The endpoint behind a path under `/api`.
pub(crate) fn endpoint_of(path: &str) -> Option<Endpoint> {
    let path = path.trim_start_matches('/');
    Endpoint::ALL.into_iter().find(|endpoint| endpoint.path().trim_start_matches('/') == path)
}

/// The one method that it takes.
pub(crate) fn method(endpoint: Endpoint) -> &'static str {
    if endpoint == Endpoint::PatientGet { "GET" } else { "POST" }
}

/// The one content type that it takes; `None` where there is no body.
pub(crate) fn content_type(endpoint: Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::PatientGet => None,
        Endpoint::PushEvents => Some("application/json"),
        _ => Some("application/xml"),
    }
}

/// Answers a request in good form.
pub(crate) fn answer(
    books: &Books,
    endpoint: Endpoint,
    query: &HashMap<String, String>,
    body: &[u8],
) -> Answer {
    let class = query.get("class").map_or("", String::as_str);
    let read = |record| read(body, record);
    let answered = match endpoint {
        Endpoint::PushEvents => return Answer::Json(events::answer(books, body).to_string()),
        Endpoint::PatientGet => {
            Ok(patients::get(books, query.get("id").map_or("", String::as_str)))
        }
        Endpoint::PatientList1 => {
            read("patientlst1req").map(|node| patients::changed(books, class, &node))
        }
        Endpoint::PatientList2 => {
            read("patientlst2req").map(|node| patients::batch(books, class, &node))
        }
        Endpoint::PatientList3 => {
            read("patientlst3req").map(|node| patients::search(books, class, &node))
        }
        Endpoint::AcceptList => read("acceptlstreq")
            .and_then(|node| only(node, &reception_list::FIELDS))
            .map(|node| reception_list::answer(books, class, &node)),
        Endpoint::AcceptMod => {
            read("acceptreq").map(|node| receptions::answer(books, class, &node))
        }
        Endpoint::SystemList => {
            read("system01_managereq").map(|node| lists::answer(books, class, &node))
        }
    };
    match answered {
        Ok(Ok(text)) => Answer::Xml(text),
        Ok(Err(refusal)) | Err(Unread::Refused(refusal)) => refuse(books, endpoint, refusal),
        Err(Unread::Silent) => Answer::Nothing,
    }
}

/// The answer that holds a code and nothing else.
pub(crate) fn refuse(books: &Books, endpoint: Endpoint, refusal: Refusal) -> Answer {
    let Refusal { code, message } = refusal;
    let record = match endpoint {
        Endpoint::PatientGet => "patientinfores",
        Endpoint::PatientList1 => "patientlst1res",
        Endpoint::PatientList2 | Endpoint::PatientList3 => "patientlst2res",
        Endpoint::AcceptList => "acceptlstres",
        Endpoint::AcceptMod => "acceptres",
        // The record depends on the list; a refusal comes in the first one's.
        Endpoint::SystemList => "departmentres",
        // Codes of push and of the forms have four digits.
        Endpoint::PushEvents => {
            return Answer::Json(events::error(&format!("{code:0>4}"), message).to_string());
        }
    };
    let now = books.clock.now();
    let fields = Fields::new()
        .date("Information_Date", Some(now.date()))
        .time("Information_Time", Some(now.time()))
        .text("Api_Result", code)
        .text("Api_Result_Message", message);
    Answer::Xml(xml2::write_reply(&fields.message(record)))
}

/// The request's record, strictly.
fn read(body: &[u8], record: &str) -> Result<Node, Unread> {
    match xml2::read_strict(body) {
        Ok(message) if message.record == record => Ok(message.body),
        Ok(_) => Err(common::WRONG.into()),
        Err(OrcaError::WrongType { .. }) => Err(Unread::Silent),
        Err(_) => Err(common::UNREADABLE.into()),
    }
}

/// Refuses fields that the record does not have: the real one breaks on them.
fn only(node: Node, names: &[&str]) -> Result<Node, Unread> {
    match &node {
        Node::Record(fields) if fields.iter().all(|(name, _)| names.contains(&name.as_str())) => {
            Ok(node)
        }
        _ => Err(Unread::Silent),
    }
}

/// An optional `YYYY-MM-DD`.
fn date(text: &str) -> Result<Option<Date>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let shaped = text.len() == 10 && text.bytes().filter(u8::is_ascii_digit).count() == 8;
    if !shaped {
        return Err(());
    }
    Date::strptime("%Y-%m-%d", text).map(Some).map_err(|_| ())
}

/// An optional `HH:MM:SS`.
fn time(text: &str) -> Result<Option<Time>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    Time::strptime("%H:%M:%S", text).map(Some).map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar_in_one_spelling() {
        assert_eq!(date(""), Ok(None));
        assert_eq!(date("2026-02-28"), Ok(Some(Date::constant(2026, 2, 28))));
        for text in ["2026-02-30", "2026-2-28", "20260228", "2026/02/28", "あ"] {
            assert_eq!(date(text), Err(()), "{text}");
        }
        assert_eq!(time("09:05:00"), Ok(Some(Time::constant(9, 5, 0, 0))));
        assert_eq!(time("25:00:00"), Err(()));
    }

    #[test]
    fn every_endpoint_is_found_by_its_path() {
        for endpoint in Endpoint::ALL {
            let path = format!("/{}", endpoint.path().trim_start_matches('/'));
            assert_eq!(endpoint_of(&path), Some(endpoint));
        }
        assert_eq!(endpoint_of("/api01rv2/nothingv2"), None);
    }
}
