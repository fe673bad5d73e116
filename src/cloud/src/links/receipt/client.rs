//! Calls to the receipt computer's API, with the patience that it needs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use exchange::orca::acceptlstv2::{self, Row};
use exchange::orca::pusheventgetv2;
use exchange::orca::system01lstv2::{self, List};
use exchange::orca::{ApiResult, OrcaError, Outcome, patientgetv2, patientlst1v2, patientlst2v2};
use jiff::civil::{Date, DateTime};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use rustls::ClientConfig;

use super::failure::{self, CallError, Failure};
use crate::config::ReceiptLink;
use crate::links::{LinkError, line};

/// Pauses before a call is tried again when the line failed or the answer was not of the protocol.
const LINE_PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
/// Pauses before a call is tried again when another terminal held the patient.
const LOCK_PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// Larger than any answer: 1,500 receptions are about 5 MB.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// The receipt computer's documentation names 500, 1,000 and 1,500 rows a page in different versions: after
/// a page of full hundreds the next one is asked for.
const PAGE_STEP: usize = 100;

/// One institution's receipt computer.
pub(super) struct Client {
    http: reqwest::Client,
    base_url: String,
    /// While the link is down each call is a probe: one try, no patience.
    down: AtomicBool,
    /// Places of the last answer of each endpoint that could not be used.
    unusable: Mutex<HashMap<&'static str, usize>>,
}

/// An endpoint's answer in the one shape that the retries look at.
trait Answer: Sized {
    fn read(bytes: &[u8]) -> Result<Self, OrcaError>;
    fn result(&self) -> (&ApiResult, Outcome);
    /// How many places of the answer could not be used.
    fn warnings(&self) -> usize;
}

macro_rules! answers {
    ($($module:ident),*) => {$(
        impl Answer for $module::Reply {
            fn read(bytes: &[u8]) -> Result<Self, OrcaError> {
                $module::read_reply(bytes)
            }
            fn result(&self) -> (&ApiResult, Outcome) {
                (&self.result, self.outcome())
            }
            fn warnings(&self) -> usize {
                self.warnings.len()
            }
        }
    )*};
}
answers!(acceptlstv2, patientgetv2, patientlst1v2, patientlst2v2, pusheventgetv2, system01lstv2);

struct Call<'a> {
    /// For the log: the endpoint without its query.
    name: &'static str,
    method: Method,
    target: &'a str,
    content: &'static str,
    body: String,
}

impl<'a> Call<'a> {
    fn post(name: &'static str, target: &'a str, body: String) -> Self {
        Self { name, method: Method::POST, target, content: "application/xml; charset=UTF-8", body }
    }
}

/// A day's receptions.
pub(super) struct DayList {
    pub(super) rows: Vec<Row>,
    /// When the receipt computer wrote it, by its own clock.
    pub(super) at: Option<DateTime>,
}

/// Numbers of patients that are new or changed in a range of days, or that there are too many to tell.
pub(super) enum Changed {
    Rows(Vec<patientlst1v2::Row>),
    TooMany,
}

impl Client {
    pub(super) fn new(settings: &ReceiptLink, tls: &Arc<ClientConfig>) -> Result<Self, LinkError> {
        let password = settings.secret()?;
        let user = Some((settings.user.as_str(), &password));
        let http = line::client(tls, settings.timeout.get(), user).map_err(|what| {
            LinkError::Setup { institution: settings.institution.to_string(), what }
        })?;
        let base_url = settings.base_url.to_string();
        Ok(Self { http, base_url, down: AtomicBool::new(false), unusable: Mutex::default() })
    }

    pub(super) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    /// All receptions of a day, paid ones with the time of payment, and the receipt computer's clock.
    pub(super) async fn receptions(&self, day: Date) -> Result<DayList, CallError> {
        let target = acceptlstv2::target(acceptlstv2::Class::All);
        let mut request = acceptlstv2::Request::of(day);
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let body = acceptlstv2::write_request(&request);
            let reply: acceptlstv2::Reply =
                self.call(Call::post("acceptlstv2", &target, body)).await?;
            if reply.date.is_some_and(|date| date != day) {
                return Err(Failure::garbled("the list of another day").into());
            }
            if leaves_out_a_row(&reply) {
                return Err(Failure::garbled("a reception without its number").into());
            }
            let full = !reply.rows.is_empty() && reply.rows.len().is_multiple_of(PAGE_STEP);
            let before = rows.len();
            for row in reply.rows {
                // Whether the offset counts from 0 or from 1 is written nowhere: a row may come twice.
                if !rows.iter().rev().any(|known| known.id == row.id) {
                    rows.push(row);
                }
            }
            if !full || rows.len() == before {
                return Ok(DayList { rows, at: reply.at });
            }
            request.offset = u32::try_from(rows.len()).ok();
        }
    }

    /// All that is known about a patient; `None` for an unknown number.
    pub(super) async fn patient(
        &self,
        number: &clinical::PatientNumber,
    ) -> Result<Option<clinical::Patient>, CallError> {
        let request = patientgetv2::Request { number: number.clone() };
        let target = format!("{}?{}", patientgetv2::PATH, patientgetv2::write_request(&request));
        let reply: patientgetv2::Reply = self
            .call(Call {
                name: "patientgetv2",
                method: Method::GET,
                target: &target,
                content: "",
                body: String::new(),
            })
            .await?;
        Ok(reply.patient.filter(|p| p.number.canonical() == number.canonical()))
    }

    /// Who is new or changed from `start` to `end`, both included.
    pub(super) async fn changed(&self, start: Date, end: Date) -> Result<Changed, CallError> {
        let target = patientlst1v2::target(patientlst1v2::Class::Changed);
        let body = patientlst1v2::write_request(&patientlst1v2::Request {
            start: Some(start),
            end: Some(end),
            with_test_patients: true,
        });
        match self.call::<patientlst1v2::Reply>(Call::post("patientlst1v2", &target, body)).await {
            Ok(reply) => Ok(Changed::Rows(reply.rows)),
            Err(CallError::Rejected { code }) if code == "10" => Ok(Changed::TooMany),
            Err(error) => Err(error),
        }
    }

    /// What is told about up to a hundred patients at once; numbers that are unknown there are left out.
    pub(super) async fn basics(
        &self,
        numbers: &[clinical::PatientNumber],
    ) -> Result<Vec<clinical::Patient>, CallError> {
        let request = patientlst2v2::Request { numbers: numbers.to_vec() };
        let body = patientlst2v2::write_request(&request);
        let call = Call::post("patientlst2v2", patientlst2v2::TARGET, body);
        Ok(self.call::<patientlst2v2::Reply>(call).await?.patients)
    }

    /// One of the clinic's own lists.
    pub(super) async fn system_list(
        &self,
        list: List,
        day: Date,
    ) -> Result<system01lstv2::Content, CallError> {
        let target = format!("{}?class={}", system01lstv2::PATH, list.code());
        let body = system01lstv2::write_request(&system01lstv2::Request { list, date: Some(day) });
        let call = Call::post("system01lstv2", &target, body);
        Ok(self.call::<system01lstv2::Reply>(call).await?.content)
    }

    /// What was pushed since a moment of the receipt computer's clock.
    pub(super) async fn pushed_since(
        &self,
        start: DateTime,
    ) -> Result<Vec<exchange::orca::push::Event>, CallError> {
        let body = pusheventgetv2::write_request(&pusheventgetv2::Request {
            event: None,
            user: None,
            start: Some(start),
            end: None,
        });
        let mut call = Call::post("pusheventgetv2", pusheventgetv2::PATH, body);
        call.content = "application/json; charset=UTF-8";
        Ok(self.call::<pusheventgetv2::Reply>(call).await?.events)
    }

    /// Calls until there is an answer to go by. Everything here only reads, so trying again does no harm.
    async fn call<A: Answer>(&self, call: Call<'_>) -> Result<A, CallError> {
        let mut line = LINE_PAUSES.iter();
        let mut lock = LOCK_PAUSES.iter();
        loop {
            let error = match self.once::<A>(&call).await {
                Ok(answer) => {
                    tracing::debug!(call = call.name, "receipt call answered");
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let pause = match &error {
                CallError::Locked => lock.next(),
                CallError::Failed(_) if self.down.load(Ordering::Relaxed) => None,
                CallError::Failed(failure) if failure.passing() => {
                    if failure.took_all_the_time() {
                        line.next();
                    }
                    line.next()
                }
                CallError::Rejected { .. } | CallError::Failed(_) => None,
            };
            tracing::debug!(call = call.name, %error, again = pause.is_some(), "receipt call");
            match pause {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(error),
            }
        }
    }

    /// Logs how many places of an answer were left out, once: the list comes every thirty seconds.
    fn tell_unusable(&self, call: &'static str, places: usize) {
        let mut told = self.unusable.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(call, places).unwrap_or(0) != places && places > 0 {
            tracing::warn!(call, places, "parts of an answer could not be used");
        }
    }

    async fn once<A: Answer>(&self, call: &Call<'_>) -> Result<A, CallError> {
        let url = format!("{}/{}", self.base_url, call.target);
        let mut request = self.http.request(call.method.clone(), url);
        if !call.body.is_empty() {
            request = request.header(CONTENT_TYPE, call.content).body(call.body.clone());
        }
        let response = request.send().await.map_err(|e| Failure::of_transport(&e))?;
        let status = response.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Failure::refused(&format!("HTTP {}", status.as_u16())).into());
        }
        if !status.is_success() {
            return Err(Failure::garbled(&format!("HTTP {}", status.as_u16())).into());
        }
        let bytes = line::body(response, LARGEST_ANSWER).await?;
        let answer = A::read(&bytes).map_err(|e| Failure::garbled(&e.to_string()))?;
        self.tell_unusable(call.name, answer.warnings());
        let (result, outcome) = answer.result();
        match outcome {
            Outcome::Ok | Outcome::Warning | Outcome::None => Ok(answer),
            Outcome::Locked => Err(CallError::Locked),
            Outcome::Auth => Err(Failure::refused("its user is not known there").into()),
            Outcome::Invalid => Err(CallError::Rejected { code: failure::code(&result.code) }),
        }
    }
}

/// Whether the list holds a row that cannot be told from others. Whatever it is, the list without it would
/// look like a cancellation.
fn leaves_out_a_row(reply: &acceptlstv2::Reply) -> bool {
    reply.warnings.iter().any(|warning| warning.place.ends_with("/Acceptance_Id"))
}

#[cfg(test)]
mod tests {
    use super::{acceptlstv2, leaves_out_a_row};

    fn list(id: &str) -> acceptlstv2::Reply {
        let row = |id: &str| {
            format!(
                "<Acceptlst_Information_child type=\"record\">\
                 <Acceptance_Time type=\"string\">09:00:00</Acceptance_Time>\
                 <Acceptance_Id type=\"string\">{id}</Acceptance_Id>\
                 </Acceptlst_Information_child>"
            )
        };
        let blank = "<Acceptlst_Information_child type=\"record\"></Acceptlst_Information_child>";
        let text = format!(
            "<xmlio2><acceptlstres type=\"record\"><Api_Result type=\"string\">00</Api_Result>\
             <Acceptlst_Information type=\"array\">{}{}{blank}</Acceptlst_Information>\
             </acceptlstres></xmlio2>",
            row("00001"),
            row(id),
        );
        acceptlstv2::read_reply(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_list_with_a_nameless_row_is_not_a_list() {
        assert!(!leaves_out_a_row(&list("00002")));
        let lacking = list("");
        assert_eq!(lacking.rows.len(), 1);
        assert!(leaves_out_a_row(&lacking));
    }
}
