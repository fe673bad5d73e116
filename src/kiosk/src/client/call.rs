//! Single questions to the cloud.

use std::sync::Arc;
use std::time::Duration;

use api::entries::{KEY_HEADER, Receipt, SIGNATURE_HEADER};
use api::lab::{LabDay, LabDayOrder, LabDayQuery, LabInbox, LabSets, PatientLab};
use api::patients::{PatientQuery, PatientSearch, PatientView};
use api::profile::{Confirmations, History, StaffList};
use api::receptions::{ReceptionList, ReceptionQuery, Reference};
use api::routes;
use api::session::{Health, SignIn, SignedIn};
use clinical::lab::SpecimenNumber;
use clinical::{PatientNumber, Reception, ReceptionKey};
use futures_util::StreamExt;
use jiff::civil::Date;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::{Zeroize, Zeroizing};

use super::message::{Failure, FailureKind};
use super::{Limits, Settings};
use crate::local::OutboxRow;

/// Larger than any answer of the contract.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The cloud, as nobody in particular.
#[derive(Clone)]
pub(super) struct Cloud {
    http: Client,
    url: Arc<str>,
    pub(super) limits: Limits,
}

/// The cloud, as the person signed in.
#[derive(Clone)]
pub(super) struct Caller {
    cloud: Cloud,
    bearer: HeaderValue,
}

/// A failure with the cloud's own words, if it said any.
pub(super) struct Refusal {
    pub(super) failure: Failure,
    pub(super) message: String,
}

impl Cloud {
    pub(super) fn new(settings: &Settings) -> Result<Self, Failure> {
        // Another part of the process may have chosen a provider already, and that one serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let limits = settings.limits.clone();
        let mut http = Client::builder()
            .user_agent(concat!("soegaki/", env!("CARGO_PKG_VERSION")))
            .tls_version_min(reqwest::tls::Version::TLS_1_3)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            // The settings file alone says where requests go.
            .no_proxy()
            .connect_timeout(limits.connect)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(10))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .http2_keep_alive_while_idle(true);
        if let Some(pem) = &settings.ca_pem {
            let certificates = Certificate::from_pem_bundle(pem.as_bytes())?;
            if certificates.is_empty() {
                return Err(Failure::new(FailureKind::Untrusted, "no certificate in the CA file"));
            }
            http = http.tls_certs_only(certificates);
        }
        let http = http
            .build()
            .map_err(|e| Failure::new(FailureKind::Untrusted, Failure::from(e).detail))?;
        Ok(Self { http, url: settings.url.as_str().into(), limits })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(super) async fn health(&self) -> Result<Health, Failure> {
        self.answer("health", self.request(Method::GET, routes::HEALTH)).await
    }

    /// Begins a session. The password is wiped here; what the network library has buffered is not in reach.
    pub(super) async fn sign_in(&self, mut sign_in: SignIn) -> Result<SignedIn, Failure> {
        let body = serde_json::to_vec(&sign_in);
        sign_in.password.zeroize();
        let body = body.map_err(|e| Failure::not_the_contract("sign-in", &e))?;
        let request = self
            .request(Method::POST, routes::SESSIONS)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        self.answer("sign-in", request).await
    }

    /// Sends an entry as it was confirmed, byte for byte. Needs no session: the entry is signed.
    pub(super) async fn send_entry(&self, row: &OutboxRow) -> Result<Receipt, Refusal> {
        let path = routes::fill(routes::ENTRY, &[&row.id.to_string()]);
        let request = self
            .request(Method::PUT, &path)
            .header(CONTENT_TYPE, "application/json")
            .header(KEY_HEADER, &row.public_key)
            .header(SIGNATURE_HEADER, &row.signature)
            .body(row.body.to_vec());
        let body = self.body("entry", request).await?;
        serde_json::from_slice(&body).map_err(|e| Failure::not_the_contract("entry", &e).into())
    }

    pub(super) fn with_token(&self, token: String) -> Result<Caller, Failure> {
        let token = Zeroizing::new(token);
        let text = Zeroizing::new(format!("Bearer {}", &*token));
        let mut bearer = HeaderValue::from_str(&text)
            .map_err(|_| Failure::new(FailureKind::Garbled, "token"))?;
        bearer.set_sensitive(true);
        Ok(Caller { cloud: self.clone(), bearer })
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        what: &str,
        request: RequestBuilder,
    ) -> Result<T, Failure> {
        let body = self.body(what, request).await.map_err(|refusal| refusal.failure)?;
        serde_json::from_slice(&body).map_err(|e| Failure::not_the_contract(what, &e))
    }

    async fn body(&self, what: &str, request: RequestBuilder) -> Result<Vec<u8>, Refusal> {
        let whole = async {
            let response = request.header(ACCEPT, "application/json").send().await?;
            let status = response.status();
            let body = limited_body(what, response).await?;
            Ok::<_, Failure>((status, body))
        };
        let (status, body) = tokio::time::timeout(self.limits.answer, whole)
            .await
            .unwrap_or_else(|_| Err(Failure::timed_out(what)))?;
        if status.is_success() { Ok(body) } else { Err(refusal(what, status, &body)) }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, message: String::new() }
    }
}

async fn limited_body(what: &str, response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let mut portions = response.bytes_stream();
    while let Some(portion) = portions.next().await {
        body.extend_from_slice(&portion?);
        if body.len() > LARGEST_ANSWER {
            return Err(Failure::new(FailureKind::Garbled, format!("{what}: endless answer")));
        }
    }
    Ok(body)
}

fn refusal(what: &str, status: StatusCode, body: &[u8]) -> Refusal {
    match serde_json::from_slice::<api::ErrorBody>(body) {
        Ok(said) => Refusal {
            failure: Failure::new(
                FailureKind::Refused {
                    code: said.code,
                    retry_after_seconds: said.retry_after_seconds,
                },
                format!("{what}: {} {}", status.as_u16(), said.request_id),
            ),
            message: said.message,
        },
        Err(_) => Failure::new(FailureKind::Garbled, format!("{what}: {}", status.as_u16())).into(),
    }
}

impl Caller {
    pub(super) fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.cloud.request(method, path).header(AUTHORIZATION, self.bearer.clone())
    }

    async fn get<T: DeserializeOwned>(
        &self,
        what: &str,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, Failure> {
        self.cloud.answer(what, self.request(Method::GET, path).query(query)).await
    }

    pub(super) async fn reference(&self) -> Result<Reference, Failure> {
        self.get("reference", routes::REFERENCE, &()).await
    }

    pub(super) async fn receptions(&self, date: Option<Date>) -> Result<ReceptionList, Failure> {
        self.get("receptions", routes::RECEPTIONS, &ReceptionQuery { date }).await
    }

    pub(super) async fn reception(&self, key: &ReceptionKey) -> Result<Reception, Failure> {
        let path = routes::fill(routes::RECEPTION, &[&key.date.to_string(), &key.id]);
        self.get("reception", &path, &()).await
    }

    pub(super) async fn patient(&self, number: &PatientNumber) -> Result<PatientView, Failure> {
        self.get("patient", &routes::fill(routes::PATIENT, &[&number.to_string()]), &()).await
    }

    pub(super) async fn search(&self, text: String) -> Result<PatientSearch, Failure> {
        self.get("search", routes::PATIENTS, &PatientQuery { q: text, limit: Some(200) }).await
    }

    pub(super) async fn history(&self, number: &PatientNumber) -> Result<History, Failure> {
        let path = routes::fill(routes::PATIENT_HISTORY, &[&number.to_string()]);
        self.get("history", &path, &()).await
    }

    pub(super) async fn confirmations(&self) -> Result<Confirmations, Failure> {
        self.get("confirmations", routes::CONFIRMATIONS, &()).await
    }

    pub(super) async fn lab_day(&self, date: Date) -> Result<LabDay, Failure> {
        self.get("lab-day", routes::LAB_DAY, &LabDayQuery { date: Some(date) }).await
    }

    pub(super) async fn patient_lab(&self, number: &PatientNumber) -> Result<PatientLab, Failure> {
        let path = routes::fill(routes::PATIENT_LAB, &[&number.to_string()]);
        self.get("patient-lab", &path, &()).await
    }

    pub(super) async fn lab_inbox(&self) -> Result<LabInbox, Failure> {
        self.get("lab-inbox", routes::LAB_INBOX, &()).await
    }

    pub(super) async fn lab_sets(&self) -> Result<LabSets, Failure> {
        self.get("lab-sets", routes::LAB_SETS, &()).await
    }

    pub(super) async fn lab_specimen(
        &self,
        number: &SpecimenNumber,
    ) -> Result<LabDayOrder, Failure> {
        let path = routes::fill(routes::LAB_SPECIMEN, &[number.as_str()]);
        self.get("lab-specimen", &path, &()).await
    }

    pub(super) async fn staff(&self) -> Result<StaffList, Failure> {
        self.get("staff", routes::STAFF, &()).await
    }

    pub(super) async fn sign_out(&self) -> Result<(), Failure> {
        let request = self.request(Method::DELETE, routes::SESSION);
        self.cloud.body("sign-out", request).await.map(drop).map_err(|refusal| refusal.failure)
    }

    /// Opens the event stream behind a number.
    pub(super) async fn events(&self, after: i64) -> Result<Response, Failure> {
        let request = self
            .request(Method::GET, routes::EVENTS)
            .query(&[("after", after)])
            .header(ACCEPT, "text/event-stream");
        let opened = async {
            let response = request.send().await?;
            let status = response.status();
            if !status.is_success() {
                let body = limited_body("events", response).await?;
                return Err(refusal("events", status, &body).failure);
            }
            let kind = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
            if !kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
                return Err(Failure::new(FailureKind::Garbled, "events: not an event stream"));
            }
            Ok(response)
        };
        tokio::time::timeout(self.cloud.limits.answer, opened)
            .await
            .unwrap_or_else(|_| Err(Failure::timed_out("events")))
    }
}
