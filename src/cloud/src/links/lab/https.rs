//! Messages over HTTPS: an order is posted and answered at once; results are fetched one by one and acknowledged.

use exchange::hl7v2::Charset;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, StatusCode};
use settings::HttpsUrl;

use crate::config::LabLink;
use crate::links::line::Failure;
use crate::links::{LinkError, line, tls};

/// Larger than any message of results, pictures in it included.
const LARGEST_MESSAGE: usize = 16 * 1024 * 1024;

/// A laboratory's service.
pub(super) struct Https {
    http: reqwest::Client,
    base_url: String,
}

impl Https {
    pub(super) fn new(settings: &LabLink, base_url: &HttpsUrl) -> Result<Self, LinkError> {
        let institution = settings.institution.as_str();
        let tls =
            tls::client(institution, settings.ca.as_ref(), settings.client_identity.as_ref())?;
        let password = settings.secret()?;
        let user = settings.user.as_ref().map(|user| (user.as_str(), &password));
        let cannot = |what| LinkError::Setup { institution: institution.to_owned(), what };
        let http = line::client(&tls, settings.timeout.get(), user).map_err(cannot)?;
        Ok(Self { http, base_url: base_url.as_str().to_owned() })
    }

    /// Posts an order; the answer's bytes.
    pub(super) async fn order(&self, message: Vec<u8>, set: Charset) -> Result<Vec<u8>, Failure> {
        let answer = self.post("orders", message, set).await?;
        answer.ok_or_else(|| Failure::garbled("an order without an answer"))
    }

    /// The next message that waits, if any.
    pub(super) async fn result(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.call(self.http.get(format!("{}/results", self.base_url))).await
    }

    /// Says what became of a message.
    pub(super) async fn acknowledge(&self, message: Vec<u8>, set: Charset) -> Result<(), Failure> {
        self.post("results/ack", message, set).await.map(drop)
    }

    async fn post(
        &self,
        path: &str,
        message: Vec<u8>,
        set: Charset,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let content = format!("application/hl7-v2; charset={}", set.mime());
        let request = self.http.post(format!("{}/{path}", self.base_url));
        self.call(request.header(CONTENT_TYPE, content).body(message)).await
    }

    /// The body of an answer that has one. What a laboratory refuses it says in HL7, whatever the status.
    async fn call(&self, request: RequestBuilder) -> Result<Option<Vec<u8>>, Failure> {
        let response = request.send().await.map_err(|e| Failure::of_transport(&e))?;
        let status = response.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Failure::refused(&format!("HTTP {}", status.as_u16())));
        }
        let bytes = line::body(response, LARGEST_MESSAGE).await?;
        if !status.is_success() && !bytes.starts_with(b"MSH") {
            return Err(Failure::garbled(&format!("HTTP {}", status.as_u16())));
        }
        Ok((!bytes.is_empty() && status != StatusCode::NO_CONTENT).then_some(bytes))
    }
}
