//! A sandbox with a held clock, and a client that knows no more than [`ReceiptAccess`].

use std::error::Error;
use std::time::Duration;

use jiff::civil::{Date, Time};
use reqwest::{Certificate, Identity, Method, StatusCode};
use sandbox::{ReceiptAccess, Sandbox, SandboxConfig};

pub const TODAY: Date = Date::constant(2026, 11, 24);

/// A held clock at nine, nobody there yet.
pub fn config() -> SandboxConfig {
    SandboxConfig {
        seed: 7,
        patients: 60,
        receptions: 0,
        today: TODAY,
        day_start: Time::constant(9, 0, 0, 0),
        clock_rate: 0.0,
        ..SandboxConfig::default()
    }
}

pub async fn start() -> Sandbox {
    Sandbox::start(config()).await.unwrap()
}

/// Number of the `at`th patient of the clinic.
pub fn number(sandbox: &Sandbox, at: usize) -> String {
    sandbox.clinic.patients()[at].number.to_string()
}

/// A provider for clients that look for the process's own.
pub fn provider() {
    // Another test of this process was first: fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub fn builder(access: &ReceiptAccess) -> reqwest::ClientBuilder {
    provider();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(access.ca_pem.as_bytes()).unwrap()])
        .timeout(Duration::from_mins(1))
}

pub fn identity(pem: &str) -> Identity {
    Identity::from_pem(pem.as_bytes()).unwrap()
}

pub struct Client {
    pub http: reqwest::Client,
    pub access: ReceiptAccess,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub content_type: String,
    pub allow: String,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// Text of the first element of that name, found without any of our own readers.
    pub fn field(&self, name: &str) -> &str {
        let text = self.text();
        let open = format!("<{name} type=\"string\">");
        let Some(start) = text.find(&open) else { return "" };
        let rest = &text[start + open.len()..];
        &rest[..rest.find('<').unwrap()]
    }

    pub fn code(&self) -> &str {
        self.field("Api_Result")
    }

    pub fn count(&self, name: &str) -> usize {
        self.text().matches(&format!("<{name} ")).count()
    }
}

impl Client {
    pub fn new(access: &ReceiptAccess) -> Self {
        let http = builder(access).identity(identity(&access.client_identity_pem)).build().unwrap();
        Self { http, access: access.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/{path}", self.access.base_url))
            .basic_auth(&self.access.user, Some(&self.access.password))
    }

    pub async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await.unwrap()
    }

    /// Posts a record of string fields.
    pub async fn post(&self, path: &str, record: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_xml(path, &xml(record, fields)).await.unwrap()
    }

    pub async fn post_xml(&self, path: &str, body: &str) -> Result<Reply, reqwest::Error> {
        let request = self.request(Method::POST, path);
        send(request.header("content-type", "application/xml").body(body.to_owned())).await
    }

    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        let reply = send(request.body(body.to_string())).await.unwrap();
        assert!(reply.content_type.starts_with("application/json"), "{}", reply.content_type);
        serde_json::from_slice(&reply.bytes).unwrap()
    }

    pub async fn accept(&self, fields: &[(&str, &str)]) -> Reply {
        self.post("orca11/acceptmodv2", "acceptreq", fields).await
    }

    pub async fn list(&self, class: &str, fields: &[(&str, &str)]) -> Reply {
        self.post(&format!("api01rv2/acceptlstv2?class={class}"), "acceptlstreq", fields).await
    }
}

pub async fn send(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    let header = |name: &str| {
        response.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (content_type, allow) = (header("content-type"), header("allow"));
    let status = response.status();
    Ok(Reply { status, content_type, allow, bytes: response.bytes().await?.to_vec() })
}

/// A record as a request, written by hand so that no code of ours stands on both sides.
pub fn xml(record: &str, fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| format!("<{name} type=\"string\">{value}</{name}>");
    let body = fields.iter().map(field).collect::<Vec<_>>().concat();
    format!("<data><{record} type=\"record\">{body}</{record}></data>")
}

/// An error with everything under it.
pub fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

/// Waits for something that happens on another task.
pub async fn until(what: &str, mut true_now: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if true_now() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("did not happen: {what}");
}
